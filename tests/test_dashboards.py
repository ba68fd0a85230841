"""The dashboards: made of the panels, tied to metrics that exist, each panel said in a sentence."""

import json
import re

import pytest
from prometheus_client import CollectorRegistry

from agents.metrics import Metrics
from agents.monitor import Gauges
from agents.topology import ROWS
from agents.usage import Usage
from ops.grafana.build import FOLDER, written
from ops.grafana.panels import BOARDS, STAGES, WIDTH
from ops.watch.live import queries
from tests.test_rules import RULES

JSON = {board.uid: json.loads(written(board)) for board in BOARDS}
PANELS = [(uid, panel) for uid, board in JSON.items() for panel in board["panels"] if panel["type"] != "row"]
NAME = re.compile(r"\bcondotta_[a-z_]+[a-z]\b")
RECORDED = re.compile(r"\bcondotta:[a-z_:0-9]+")
SUFFIX = re.compile(r"_(total|bucket|sum|count)$")


def metrics():
    """Return the names of everything that workers and the monitor export."""
    worker, monitor = CollectorRegistry(), CollectorRegistry()
    Metrics.on(worker)
    Gauges(monitor)
    families = [*worker.collect(), *monitor.collect(), *Usage().collect()]
    return {family.name for family in families}


def asked():
    """Return every query of a panel, an annotation, a variable or a rule."""
    shown = [query for board in JSON.values() for _, query in queries(board)]
    variables = [each["query"] for board in JSON.values() for each in board["templating"].get("list", [])]
    return [*shown, *variables, *(rule["expr"] for rule in RULES)]


def named(query):
    known = metrics()
    names = NAME.findall(query)
    return {name if name in known else SUFFIX.sub("", name) for name in names}


def test_every_metric_is_on_a_panel_or_in_a_rule():
    assert metrics() - {name for query in asked() for name in named(query)} == set()


def test_every_query_names_metrics_that_exist():
    assert {name for query in asked() for name in named(query)} - metrics() == set()
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    used = {name for query in asked() for name in RECORDED.findall(query)}
    assert used == recorded


def test_the_files_are_what_the_panels_say():
    for board in BOARDS:
        path = FOLDER / f"{board.uid}.json"
        assert path.read_text("utf-8") == written(board), f"run python -m ops.grafana.build ({path.name})"
    assert {path.stem for path in FOLDER.glob("*.json")} == set(JSON)


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=[panel["title"] for _, panel in PANELS])
def test_every_panel_has_a_sentence_a_unit_and_thresholds(uid, panel):
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == "condotta-prometheus"


@pytest.mark.parametrize("uid", JSON)
def test_panels_fill_the_grid_and_lie_on_no_other(uid):
    cells = set()
    for panel in JSON[uid]["panels"]:
        at = panel["gridPos"]
        own = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not own & cells, panel["title"]
        assert at["x"] + at["w"] <= WIDTH
        cells |= own


@pytest.mark.parametrize("uid", JSON)
def test_dashboards_are_linked_and_show_deploys_and_rebalances(uid):
    board = JSON[uid]
    assert board["links"][0]["tags"] == ["condotta"] == board["tags"]
    assert {each["name"] for each in board["annotations"]["list"]} == {"Deploys", "Rebalances"}


def test_the_flow_is_in_the_order_of_the_stages():
    assert list(STAGES) == [row.name for row in ROWS]


def test_no_panel_shows_single_records():
    assert not [query for query in asked() if re.search(r"\b(article|url|claim|subscriber|source)=", query)]
