import msgspec
import pytest

from agents import replay as module
from agents.replay import Replay, needed
from tests.fakes import GIVEN, ROWS, raw


def sent(machine, *values):
    return [record for value in values for record in machine.carry(value)]


def test_the_whole_topology_runs_in_memory():
    machine = Replay(GIVEN, ROWS)
    records = sent(machine, raw("RU"), raw("RU", id="a2"))
    decisions = [msgspec.json.decode(each.value) for each in records if each.topic == "news.decisions"]
    alerts = [each for each in records if each.topic == "news.alerts"]
    assert [each["decision"] for each in decisions] == ["NEW", "REPEAT"]
    assert len(alerts) == 1


def test_the_memory_is_empty_at_the_start():
    first, second = sent(Replay(GIVEN, ROWS), raw("RU")), sent(Replay(GIVEN, ROWS), raw("RU"))
    assert first == second


def test_bad_input_is_dead_and_the_rest_goes_on():
    records = sent(Replay(GIVEN, ROWS), b"{", raw("RU"))
    topics = [each.topic for each in records]
    assert topics == ["news.dead", *(each.topic for each in sent(Replay(GIVEN, ROWS), raw("RU")))]
    assert "news.alerts" in topics


@pytest.mark.parametrize(
    ("topic", "last"),
    [
        ("news.clean", "clean"),
        ("news.claims", "claims"),
        ("news.outcomes", "claims"),
        ("news.decisions", "novelty"),
        ("news.alerts", "alerts"),
        ("news.dead", "alerts"),
    ],
)
def test_only_the_rows_it_takes_are_run(topic, last):
    assert needed(topic)[-1].name == last


def test_records_come_out_in_input_order(monkeypatch):
    monkeypatch.setattr(module, "needed", lambda topic: ROWS)
    lines = [raw("RU", id="b") + b"\n", b"\n", raw("TR", id="a")]
    values = [msgspec.json.decode(each) for each in module.replay(lines, "news.claims", GIVEN)]
    assert [each["article"]["id"] for each in values] == ["b", "a"]
