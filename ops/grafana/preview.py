"""Draw every panel of the dashboards from a live Prometheus: same queries, same grid, one HTML page and pictures.

`python -m ops.grafana.preview [MINUTES]` starts Kafka, a worker, the monitor and Prometheus, lets articles flow,
and writes ops/grafana/preview/. Grafana itself is not needed: what is drawn are the JSON files it gets.
"""

import base64
import html
import io
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pygal_maps_world

mpl.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from agents.broker import Broker
from agents.guard import Guard
from ops.grafana.build import FOLDER
from ops.grafana.panels import COLORS
from ops.watch.live import Live, expand

OUT = Path(__file__).parent / "preview"
COLUMN, LINE = 62, 34  # pixels of a cell of the grid
PALETTE = (
    "#73bf69",
    "#5794f2",
    "#f2cc0c",
    "#ff780a",
    "#b877d9",
    "#56d2d2",
    "#f2495c",
    "#ca95e5",
    "#8ab8ff",
    "#c8f2c2",
)
STATES = {"green": "#2e7d4f", "orange": "#c9730a", "red": "#b3303f"}
INK, FAINT, PAPER = "#d8d9da", "#4a4e57", "#181b1f"
Ask = Callable[..., Any]

plt.rcParams.update({
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "axes.edgecolor": FAINT, "axes.labelcolor": INK,
    "text.color": INK, "xtick.color": INK, "ytick.color": INK, "grid.color": "#2c3036", "font.size": 8,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 7,
})  # fmt: skip


DPI = 130


def amount(value: float, unit: str) -> str:
    """Write a value as a person reads it."""
    if math.isnan(value):
        return "–"
    if unit == "percentunit":
        return f"{value:.1%}" if value else "0 %"
    if unit == "s":
        return _seconds(value)
    if unit == "bytes":
        return _scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB"))
    if unit == "reqps":
        return f"{value:.3g}/s"
    return f"{value:.3g}" if abs(value) < 1000 else _scaled(value, 1000, ("", "k", "M", "G", "T"))


def _seconds(value: float) -> str:
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return f"{value * 1000:.3g} ms" if value else "0 s"


def _scaled(value: float, base: int, names: tuple[str, ...]) -> str:
    power = min(len(names) - 1, int(math.log(abs(value), base))) if abs(value) >= 1 else 0
    return f"{value / base**power:.3g} {names[power]}".strip()


def legend(pattern: str, labels: dict[str, str]) -> str:
    """Fill {{label}} as Grafana does; without a pattern the labels themselves."""
    if pattern:
        return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), pattern).strip() or "value"
    return ", ".join(value for name, value in labels.items() if name != "__name__") or "value"


class Picture:
    """One panel, drawn from what Prometheus answers."""

    def __init__(self, panel: dict[str, Any], ask: Ask, end: float, span: float) -> None:
        self.panel = panel
        self.ask = ask
        self.end, self.span = end, span
        self.unit = panel["fieldConfig"]["defaults"].get("unit", "short")
        self.steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        place = panel["gridPos"]
        self.width, self.height = place["w"] * COLUMN - 8, place["h"] * LINE - 8 - 24

    def svg(self) -> str:
        """Return the picture as an <img>, or the empty panel's words."""
        kind = self.panel["type"]
        if kind == "table":
            return self._table()
        if kind == "stat":
            return self._stat()
        figure, axes = plt.subplots(figsize=(self.width / 100, self.height / 100), dpi=DPI)
        drawn = {"heatmap": self._heatmap, "geomap": self._map, "bargauge": self._bars}.get(
            kind, self._lines
        )(axes)
        buffer = io.BytesIO()
        figure.tight_layout(pad=0.4)
        figure.savefig(buffer, format="png", dpi=DPI)  # another one would move the ticks
        plt.close(figure)
        if not drawn:
            return '<div class="none">No data</div>'
        return f'<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'

    def series(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return (name, times, values) of every target."""
        found = []
        step = max(2, int(self.span / 120))
        for target in self.panel["targets"]:
            answer = self.ask(
                "query_range",
                query=expand(target["expr"]),
                start=self.end - self.span,
                end=self.end,
                step=step,
            )
            for each in answer["result"]:
                times, values = zip(*each["values"], strict=True)
                name = legend(target.get("legendFormat", ""), each["metric"])
                found.append((name, np.array(times), np.array(values, dtype=float)))
        return found

    def now(self) -> list[tuple[str, dict[str, str], float]]:
        found = []
        for target in self.panel["targets"]:
            for each in self.ask("query", query=expand(target["expr"]), time=self.end)["result"]:
                name = legend(target.get("legendFormat", ""), each["metric"])
                found.append((name, each["metric"], float(each["value"][1])))
        return found

    def state(self, value: float) -> str:
        color = "green"
        for step in self.steps:
            if step["value"] is None or value >= step["value"]:
                color = step["color"]
        return STATES[color]

    def _lines(self, axes: Axes) -> bool:
        found = self.series()
        if not found:
            return False
        stacked = self.panel["fieldConfig"]["defaults"]["custom"].get("stacking", {}).get("mode") == "normal"
        if stacked:
            self._stack(axes, found)
        else:
            for place, (name, times, values) in enumerate(found):
                axes.plot(_moments(times), values, color=PALETTE[place % 10], linewidth=1.2, label=name)
        self._limits(axes)
        self._axes(axes)
        self._legend(axes, [name for name, *_ in found])
        return True

    def _stack(self, axes: Axes, found: list[tuple[str, np.ndarray, np.ndarray]]) -> None:
        times = np.unique(np.concatenate([each for _, each, _ in found]))
        rows = np.zeros((len(found), len(times)))
        for row, (_, own, values) in zip(rows, found, strict=True):
            row[np.searchsorted(times, own)] = np.nan_to_num(values)
        colors = [COLORS.get(name, PALETTE[place % 10]) for place, (name, *_) in enumerate(found)]
        axes.stackplot(_moments(times), rows, labels=[name for name, *_ in found], colors=colors, alpha=0.65)

    def _limits(self, axes: Axes) -> None:
        top = axes.get_ylim()[1]
        for step in self.steps:
            if step["value"] and step["value"] <= 3 * top:
                axes.axhline(step["value"], color=STATES[step["color"]], linestyle="--", linewidth=1)

    def _axes(self, axes: Axes) -> None:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0] if axes.get_ylim()[0] < -1 else 0))
        axes.grid(visible=True, linewidth=0.6)
        axes.yaxis.set_major_formatter(lambda value, _: amount(value, self.unit))
        axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
        axes.xaxis.set_major_locator(dates.AutoDateLocator(minticks=2, maxticks=6))
        axes.margins(x=0)

    def _legend(self, axes: Axes, names: list[str]) -> None:
        columns = max(1, min(len(names), int(self.width / (18 + 5.2 * max(map(len, names))))))
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=columns, handlelength=1, columnspacing=1
        )

    def _heatmap(self, axes: Axes) -> bool:
        found = sorted(
            ((float(name), times, values) for name, times, values in self.series()), key=lambda each: each[0]
        )
        if not found:
            return False
        times = np.unique(np.concatenate([times for _, times, _ in found]))
        rows = np.zeros((len(found), len(times)))
        for row, (_, own, values) in zip(rows, found, strict=True):
            row[np.searchsorted(times, own)] = np.nan_to_num(values)
        cells = np.diff(rows, axis=0, prepend=0).clip(0)
        edges = _moments(np.append(times, times[-1] + (times[1] - times[0] if len(times) > 1 else 15)))
        axes.pcolormesh(edges, np.arange(len(found) + 1), np.where(cells > 0, cells, np.nan), cmap="Oranges")
        axes.set_yticks(
            np.arange(len(found)) + 1, [amount(each, "s") if each < math.inf else "∞" for each, *_ in found]
        )
        axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
        return True

    def _bars(self, axes: Axes) -> bool:
        found = sorted(self.now(), key=lambda each: each[2])
        if not found:
            return False
        axes.barh([name for name, *_ in found], [value for *_, value in found], color=PALETTE[1], height=0.7)
        for place, (*_, value) in enumerate(found):
            axes.text(value, place, f" {amount(round(value), self.unit)}", va="center", fontsize=8)
        axes.xaxis.set_visible(False)
        axes.margins(x=0.12, y=0.02)
        axes.spines["bottom"].set_visible(False)
        return True

    def _map(self, axes: Axes) -> bool:
        centres = {}
        for code, outlines in countries().items():
            for outline in outlines:
                axes.fill(
                    outline[:, 0], -outline[:, 1], facecolor="#2b3038", edgecolor="#454b55", linewidth=0.4
                )
            largest = max(outlines, key=lambda each: np.ptp(each[:, 0]) * np.ptp(each[:, 1]))
            centres[code] = (largest.min(0) + largest.max(0)) / 2
        found = [(labels.get("theatre", ""), value) for _, labels, value in self.now()]
        most = max((value for _, value in found), default=1)
        for theatre, value in found:
            if theatre.lower() in centres:
                x, y = centres[theatre.lower()]
                axes.scatter(x, -y, s=30 + 500 * value / most, color="#ff9830", alpha=0.6, linewidths=0)
                axes.text(x, -y, f"{theatre} {value:.0f}", ha="center", va="center", fontsize=7)
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set_xlim(80, 2330)
        axes.set_ylim(-1010, -110)
        return bool(found)

    def _table(self) -> str:
        rows = self.now()
        if not rows:
            return '<div class="none">Nothing, which is well</div>'
        hidden = {"__name__", "job"}
        heads = [
            name
            for name in dict.fromkeys(name for _, labels, _ in rows for name in labels)
            if name not in hidden
        ]
        lines = [
            "".join(f"<td>{html.escape(labels.get(name, ''))}</td>" for name in heads)
            + f"<td class=value>{amount(value, self.unit) if value < 1e7 else f'{value:.0f}'}</td>"
            for _, labels, value in rows
        ]
        head = "".join(f"<th>{name}</th>" for name in (*heads, "Value"))
        return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"

    def _stat(self) -> str:
        found = self.now()
        if not found:
            return '<div class="none">–</div>'
        boxes = [
            f'<div class="box" style="background:{self.state(value)}"><b>{amount(value, self.unit)}</b>'
            f"<span>{html.escape(name) if len(found) > 1 else ''}</span></div>"
            for name, _, value in found
        ]
        return f'<div class="boxes">{"".join(boxes)}</div>'


def _moments(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[s]")


def countries() -> dict[str, list[np.ndarray]]:
    """Read the outlines of countries out of pygal's map: of each curve its end points."""
    text = (Path(pygal_maps_world.__file__).parent / "worldmap.svg").read_text("utf-8")
    found: dict[str, list[np.ndarray]] = {}
    for code, body in re.findall(r'<g class="(\w\w) country[^>]*>(.*?)</g>', text, re.DOTALL):
        outlines = [each for path in re.findall(r' d="([^"]+)"', body) for each in _outlines(path)]
        found[code] = [each for each in outlines if len(each) > 2] or [np.zeros((1, 2))]
    return found


def _outlines(path: str) -> list[np.ndarray]:
    found: list[list[tuple[float, float]]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        numbers = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?", rest)]
        size = {"c": 6, "s": 4, "q": 4, "h": 1, "v": 1}.get(command.lower(), 2)
        for place in range(0, len(numbers) - size + 1, size):
            part = numbers[place : place + size]
            dx, dy = {"h": (part[-1], 0.0), "v": (0.0, part[-1])}.get(command.lower(), tuple(part[-2:]))
            base = (x, y) if command.islower() else (0.0, 0.0)
            x = base[0] + dx if command.lower() != "v" else x
            y = base[1] + dy if command.lower() != "h" else y
            if command.lower() == "m" and place == 0:
                found.append([])
            found[-1].append((x, y))
        if command.lower() == "z" and found and found[-1]:
            x, y = found[-1][0]
    return [np.array(each) for each in found if each]


STYLE = """
body{background:#111217;color:#d8d9da;font:13px/1.35 Inter,"DejaVu Sans",sans-serif;margin:0;padding:10px}
h1{font-size:19px;margin:22px 4px 2px} p.says{margin:0 4px 8px;color:#9a9ca3}
.grid{position:relative} .panel,.row{position:absolute;box-sizing:border-box}
.row{font-weight:600;padding:8px 4px 0} .panel{padding:4px}
.in{background:#181b1f;border:1px solid #25282e;border-radius:3px;height:100%;overflow:hidden;padding:3px}
.in h2{font-size:12.5px;font-weight:600;margin:2px 5px 3px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
img{width:100%;display:block} .none{color:#8e9199;text-align:center;padding:14px}
.boxes{display:flex;gap:4px;height:calc(100% - 24px)}
.box{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;border-radius:3px;color:#fff}
.box b{font-size:21px} .box span{font-size:12px;opacity:.9}
table{border-collapse:collapse;width:100%;font-size:11.5px} th{text-align:left;color:#8ab8ff;font-weight:600}
td,th{padding:2px 6px;border-bottom:1px solid #25282e} td.value{text-align:right}
"""


def drawn(board: dict[str, Any], ask: Ask, end: float, span: float) -> str:
    """Return a dashboard as HTML on the grid of its JSON."""
    cells, bottom = [], 0
    for panel in board["panels"]:
        at = panel["gridPos"]
        style = f"left:{at['x'] * COLUMN}px;top:{at['y'] * LINE}px;width:{at['w'] * COLUMN}px;height:{at['h'] * LINE}px"
        bottom = max(bottom, (at["y"] + at["h"]) * LINE)
        title = html.escape(panel["title"])
        if panel["type"] == "row":
            cells.append(f'<div class="row" style="{style}">{title}</div>')
            continue
        says, picture = html.escape(panel["description"]), Picture(panel, ask, end, span).svg()
        cells.append(
            f'<div class="panel" style="{style}"><div class="in" title="{says}"><h2>{title}</h2>{picture}</div></div>'
        )
    head = f"<h1 id={board['uid']}>{board['title']}</h1><p class=says>{html.escape(board['description'])}</p>"
    return f'{head}<div class="grid" style="height:{bottom}px;width:{24 * COLUMN}px">{"".join(cells)}</div>'


def page(*parts: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><title>Condotta</title><style>{STYLE}</style>{"".join(parts)}\n'


def boards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"), key=_order)]


def _order(path: Path) -> int:
    return ["condotta-pipeline", "condotta-news", "condotta-mail"].index(path.stem)


def write(ask: Ask, out: Path, span: float) -> None:
    """Draw all dashboards into `out`: one page, and a picture of each."""
    out.mkdir(parents=True, exist_ok=True)
    end = time.time()
    parts = [(board["uid"], drawn(board, ask, end, span), _height(board)) for board in boards()]
    (out / "index.html").write_text(page(*(part for _, part, _ in parts)), "utf-8")
    for uid, part, height in parts:
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder) / "page.html"
            alone.write_text(page(part), "utf-8")
            screenshot(alone, out / f"{uid}-dashboard.png", 24 * COLUMN + 24, height)


def _height(board: dict[str, Any]) -> int:
    return 90 + LINE * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])


def screenshot(source: Path, target: Path, width: int, height: int) -> None:
    command = [
        shutil.which("chromium") or "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={width},{height}", f"--screenshot={target}", f"--user-data-dir={source.parent / 'profile'}",
        source.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def main(minutes: float) -> None:
    with Guard() as guard, Broker(guard.folder / "kafka", spawn=guard.spawn) as broker:
        folder = guard.folder / "live"
        folder.mkdir()
        with Live(broker, "", folder) as live:
            print("waiting for the worker", flush=True)
            live.until(lambda: live.value("sum(condotta_ready)") == len(live.ports), 240)
            live.feed(4)
            print(f"articles flow for {minutes:g} minutes", flush=True)
            time.sleep(minutes * 60)
            write(live.ask, OUT, min(3600.0, minutes * 60 + 30))
            print(f"fires now: {sorted(live.firing()) or 'nothing'}; {OUT / 'index.html'}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
