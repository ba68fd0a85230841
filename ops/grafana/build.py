"""Write the dashboards as Grafana's JSON: `python -m ops.grafana.build`. The SDK's types check what stands in them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    geomap,
    heatmap,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import geomap as maps
from grafana_foundation_sdk.models import heatmap as heat
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from ops.grafana.panels import BOARDS, COLORS, WIDTH, Board, Panel, Variable

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = models.DataSourceRef(type_val="prometheus", uid="condotta-prometheus")
GREEN, ORANGE, RED = "green", "orange", "red"
DEPLOYS = (
    "count by (version, knowledge) (condotta_release)"
    " unless count by (version, knowledge) (condotta_release offset 2m)"
)
REBALANCES = "sum by (instance) (increase(condotta_rebalances_total[1m])) > 0"


def build(board: Board) -> models.Dashboard:
    """Lay the rows out on the grid, in order."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.says)
        .tags(["condotta"])
        .refresh("10s")
        .time(board.span, "now")
        .timezone("utc")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(_link())
        .annotation(_annotation("Deploys", DEPLOYS, "blue"))
        .annotation(_annotation("Rebalances", REBALANCES, "orange"))
    )
    for variable in board.variables:
        made.with_variable(_variable(variable))
    top = 0
    for row in board.rows:
        made.with_row(dashboard.Row(row.title).grid_pos(models.GridPos(1, WIDTH, 0, top)))
        for panel, place in placed(row.panels, top + 1):
            made.with_panel(_panel(panel).grid_pos(place))
            top = max(top, place.y + place.h)
    return made.build()


def placed(panels: tuple[Panel, ...], top: int) -> Iterator[tuple[Panel, models.GridPos]]:
    """Put panels from left to right; one that does not fit begins a line."""
    x, y, line = 0, top, 0
    for panel in panels:
        if x + panel.width > WIDTH:
            x, y, line = 0, y + line, 0
        yield panel, models.GridPos(panel.height, panel.width, x, y)
        x, line = x + panel.width, max(line, panel.height)


def _panel(panel: Panel) -> Any:
    made = (
        _KINDS[panel.kind](panel)
        .title(panel.title)
        .description(panel.says)
        .datasource(SOURCE)
        .unit(panel.unit)
        .thresholds(_thresholds(panel))
    )
    for place, (query, legend) in enumerate(panel.queries):
        made.with_target(_target(panel, query, legend, "ABCDEFGHIJ"[place]))
    return made


def _target(panel: Panel, query: str, legend: str, ref: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().expr(query).ref_id(ref).legend_format(legend)
    if panel.kind in ("table", "map"):
        return made.instant().format(PromQueryFormat.TABLE)
    if panel.kind in ("stat", "flow", "bars"):
        return made.instant()
    return made.range().format(
        PromQueryFormat.HEATMAP if panel.kind == "heatmap" else PromQueryFormat.TIME_SERIES
    )


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [models.Threshold(None, GREEN)]
    if panel.limits and panel.least:
        high, low = panel.limits
        steps = [models.Threshold(None, RED), models.Threshold(low, ORANGE), models.Threshold(high, GREEN)]
    elif panel.limits:
        low, high = panel.limits
        steps += [models.Threshold(low, ORANGE)] if low != high else []
        steps.append(models.Threshold(high, RED))
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _lines(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .line_width(1)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
        )
    )
    if panel.limits:
        made.thresholds_style(common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED))
    return made.fill_opacity(8).min(0)


def _stacked(panel: Panel) -> timeseries.Panel:
    made = _lines(panel).fill_opacity(40).stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL))
    for name, color in COLORS.items():
        fixed = {"mode": "fixed", "fixedColor": color}
        made.override_by_name(name, [models.DynamicConfigValue(id_val="color", value=fixed)])
    return made


def _stat(_: Panel) -> stat.Panel:
    return stat.Panel().color_mode(kinds.BigValueColorMode.BACKGROUND).no_value("–")


def _flow(_: Panel) -> stat.Panel:
    return (
        stat.Panel()
        .orientation(kinds.VizOrientation.VERTICAL)
        .text_mode(kinds.BigValueTextMode.VALUE_AND_NAME)
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .no_value("0")
    )


def _heatmap(_: Panel) -> heatmap.Panel:
    return (
        heatmap.Panel()
        .color(heatmap.HeatmapColorOptions().mode(heat.HeatmapColorMode.SCHEME).scheme("Oranges").steps(32))
        .cell_gap(1)
    )


def _table(_: Panel) -> table.Panel:
    hidden = {"Time": True, "__name__": True, "job": True}
    tidy = models.DataTransformerConfig(id_val="organize", options={"excludeByName": hidden})
    return table.Panel().with_transformation(tidy)


def _map(_: Panel) -> geomap.Panel:
    """Circles at the countries, placed by Grafana's own list of their codes."""
    circle = maps.MapLayerOptions if hasattr(maps, "MapLayerOptions") else kinds.MapLayerOptions
    place = kinds.FrameGeometrySource(
        mode=kinds.FrameGeometrySourceMode.LOOKUP,
        lookup="theatre",
        gazetteer="public/gazetteer/countries.json",
    )
    style = {
        "size": {"field": "Value", "fixed": 6, "min": 4, "max": 30},
        "color": {"fixed": "orange"},
        "opacity": 0.6,
    }
    layer = circle(
        type_val="markers", name="Claims", location=place, config={"style": style, "showLegend": False}
    )
    view = maps.MapViewConfig(id_val="coords", lat=18, lon=30, zoom=2)
    return geomap.Panel().layers([_Built(layer)]).view(_Built(view))


class _Built:
    """A model where the SDK asks for its builder."""

    def __init__(self, model: Any) -> None:
        self.build = lambda: model


def _bars(_: Panel) -> bargauge.Panel:
    return (
        bargauge.Panel()
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .min(0)
        .decimals(0)
    )


_KINDS = {
    "lines": _lines,
    "stacked": _stacked,
    "stat": _stat,
    "flow": _flow,
    "heatmap": _heatmap,
    "table": _table,
    "map": _map,
    "bars": _bars,
}


def _link() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("Condotta")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags(["condotta"])
        .keep_time(True)
    )


def _annotation(name: str, query: str, color: str) -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery().name(name).datasource(SOURCE).expr(query).enable(True).icon_color(color)
    )


def _variable(variable: Variable) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(variable.name)
        .label(variable.label)
        .query(variable.query)
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .include_all(True)
        .all_value(".*")
        .multi(True)
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def written(board: Board) -> str:
    return JSONEncoder(sort_keys=True, indent=1).encode(build(board)) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for board in BOARDS:
        (FOLDER / f"{board.uid}.json").write_text(written(board), "utf-8")
        json.loads(written(board))


if __name__ == "__main__":
    main()
