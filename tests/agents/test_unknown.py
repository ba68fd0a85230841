"""A newer release adds fields: this one ignores them, and keeps them where it writes a record on."""

import msgspec
import orjson
import pytest
from msgspec import Struct

from agents import chain, unknown
from agents.chain import Incoming
from agents.stage import chains
from tests.fakes import GIVEN, NOON, ROWS, raw


class Inner(Struct):
    b: int


class Outer(Struct):
    a: int
    inner: Inner | None = None


def test_what_is_beyond_a_record_is_found_where_it_stands():
    told = {"a": 1, "new": [1], "inner": {"b": 2, "c": {"d": 3}}}
    value = msgspec.convert(told, Outer)
    assert unknown.beyond(told, value) == {"new": [1], "inner": {"c": {"d": 3}}}
    assert unknown.beyond({"a": 1, "inner": None}, Outer(a=1)) == {}


def test_what_is_written_stands_before_what_was_unknown():
    target = {"a": 1, "inner": {"b": 2}, "none": None}
    kept = {"a": 9, "new": 1, "inner": {"b": 9, "c": 3}, "none": {"x": 1}}
    assert unknown.graft(target, kept) == {"a": 1, "inner": {"b": 2, "c": 3}, "none": None, "new": 1}


def later(value, **more):
    """Return a record as a newer release would write it."""
    told = orjson.loads(value)
    told["future"] = {"x": [1, 2]}
    told["made_by"]["build"] = "n+1"
    return orjson.dumps(told | more)


def sent(trip, topic):
    return [orjson.loads(each.value) for each in trip.records if each.topic == topic]


def carried(topic, value):
    return chain.run(chains(ROWS)[topic], Incoming(topic=topic, value=value, timestamp=NOON), GIVEN)


@pytest.fixture
def made():
    """Return one record of each topic, as this release makes it."""
    trip = carried("news.raw", raw())
    found = {each.topic: each.value for each in trip.records}
    judged = chain.fold(ROWS[4], Incoming(topic="news.claims", value=found["news.claims"]), {}.get, GIVEN)
    return found | {each.topic: each.value for each in judged.records}


def test_an_article_of_a_newer_release_keeps_its_fields_through_the_rows(made):
    trip = carried("news.clean", later(made["news.clean"]))
    assert trip.outcome == "ok"
    for topic in ("news.labelled", "news.tagged"):
        (found,) = sent(trip, topic)
        assert found["future"] == {"x": [1, 2]}
        assert found["made_by"]["build"] == "n+1"
        assert found["language"] == {"code": "en", "confidence": 1.0}
    assert "future" not in sent(trip, "news.claims")[0]


def test_a_claim_keeps_them_inside_its_decision_and_a_decision_inside_its_alert(made):
    record = Incoming(topic="news.claims", value=later(made["news.claims"]))
    trip = chain.fold(ROWS[4], record, {}.get, GIVEN)
    (decision,) = sent(trip, "news.decisions")
    assert decision["claim"]["future"] == {"x": [1, 2]}
    assert "future" not in decision
    trip = carried("news.decisions", later(made["news.decisions"]))
    (alert,) = sent(trip, "news.alerts")
    assert alert["decision"]["future"] == {"x": [1, 2]}


def test_without_unknown_fields_the_bytes_are_those_of_before(made):
    trip = carried("news.clean", made["news.clean"])
    assert [each.value for each in trip.records if each.topic == "news.tagged"] == [made["news.tagged"]]


def test_a_state_keeps_what_a_newer_release_wrote_into_it():
    before = b'{"schema":"pair/1.1","reports":[],"wisdom":{"a":1}}'
    after = b'{"schema":"pair/1","reports":[1]}'
    assert orjson.loads(unknown.state(before, after)) == {
        "schema": "pair/1",
        "reports": [1],
        "wisdom": {"a": 1},
    }
    assert unknown.state(None, after) == after
    assert unknown.state(b"[1]", b"[2]") == b"[2]"


@pytest.mark.parametrize("odd", [b"1" * 400, b"[" * 900 + b"]" * 900, b'"\\ud800"'])
def test_odd_unknown_fields_end_nothing(made, odd):
    value = made["news.clean"][:-1] + b',"odd":' + odd + b"}"
    assert carried("news.clean", value).outcome in ("ok", "dead")
    assert not carried("news.clean", value).fault
