from datetime import UTC, datetime

import msgspec
import orjson
import pytest

from agents import chain
from agents.chain import Incoming
from agents.stage import chains
from pipeline.types import Article, Claim, Outcome
from tests.fakes import GIVEN, MADE_BY, NOON, ROWS, raw

TEXT = chains(ROWS)


def run(value, topic="news.raw", **fields):
    fields = {"timestamp": NOON, **fields}
    return chain.run(TEXT[topic], Incoming(topic=topic, value=value, **fields), GIVEN)


def sent(trip, topic):
    return [record for record in trip.records if record.topic == topic]


def outcome(trip):
    [record] = sent(trip, "news.outcomes")
    return msgspec.json.decode(record.value, type=Outcome)


def test_one_record_runs_through_all_rows():
    trip = run(raw())
    assert [record.topic for record in trip.records] == [
        "news.clean",
        "news.labelled",
        "news.tagged",
        "news.claims",
        "news.outcomes",
    ]
    assert (trip.outcome, trip.stage) == ("ok", "claims")
    assert [name for name, _ in trip.seconds] == ["clean", "language", "entities", "claims"]


def test_keys_are_those_of_the_contract():
    trip = run(raw("RU and TR"))
    keys = {(record.topic, record.key) for record in trip.records}
    assert keys == {
        ("news.clean", b"a1"),
        ("news.labelled", b"a1"),
        ("news.tagged", b"a1"),
        ("news.claims", b"LY|RU"),
        ("news.claims", b"LY|TR"),
        ("news.outcomes", b"a1"),
    }


def test_headers_are_cloudevents_and_the_trace_passes_through():
    trip = run(raw(fetched_at="2019-12-22T10:00:00+07:00"), headers=(("traceparent", b"00-1"), ("x", b"y")))
    [clean] = sent(trip, "news.clean")
    assert dict(clean.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"a1",
        "ce_type": b"article/1",
        "ce_source": b"condotta/clean",
        "ce_time": b"2019-12-22T03:00:00Z",
        "content-type": b"application/json",
        "traceparent": b"00-1",
        "carried": b"claims",
    }


def test_only_what_the_chain_carried_is_marked():
    trip = run(raw())
    carried = {record.topic: dict(record.headers).get("carried") for record in trip.records}
    assert carried == {
        "news.clean": b"claims",
        "news.labelled": b"claims",
        "news.tagged": b"claims",
        "news.claims": None,
        "news.outcomes": None,
    }


def test_an_ok_outcome_tells_the_number_of_claims():
    found = outcome(run(raw("RU and TR")))
    assert (found.article, found.outcome, found.stage, found.claims) == ("a1", "ok", "claims", 2)


def test_a_rejection_ends_in_an_outcome_alone():
    trip = run(raw(""))
    assert [record.topic for record in trip.records] == ["news.outcomes"]
    assert outcome(trip).reason == trip.reason == "too-short"
    assert outcome(trip).outcome == "rejected"


def test_a_dead_letter_of_a_chain_holds_its_source_and_names_the_stage():
    value = raw("bug")
    trip = run(value, key=b"k", partition=3, offset=14, headers=(("traceparent", b"00-1"), ("stage", b"old")))
    [dead] = sent(trip, "news.dead")
    assert (dead.key, dead.value) == (b"k", value)
    assert dict(dead.headers) == {
        "traceparent": b"00-1",
        "stage": b"claims",
        "topic": b"news.raw",
        "partition": b"3",
        "offset": b"14",
        "error": b"ZeroDivisionError: a bug",
        "attempts": b"1",
    }
    assert [name for name, _ in dead.headers].count("stage") == 1
    assert (outcome(trip).outcome, outcome(trip).stage) == ("dead", "claims")


@pytest.mark.parametrize(
    ("value", "reason", "article"),
    [
        (b"{", "Input data was truncated", None),
        (b"\xff\xfe", "JSON is malformed", None),
        (b'{"body": "\xff", "id": "a"}', "the text is not UTF-8", None),
        (b"[]", "Expected `object`, got `array`", None),
        (b"", "the record is empty", None),
        (None, "the record is empty", None),
        (b"[" * 100_000, "Expected `object`, got `array`", None),
        (raw(body=None), "missing required field `body`", "a1"),
        (orjson.dumps({"id": "a", "body": 1}), "Expected `str`, got `int` - at `$.body`", "a"),
        (raw(content_type="x"), "Invalid enum value 'x' - at `$.content_type`", "a1"),
        (raw(published_at="soon"), "Invalid RFC3339 encoded datetime - at `$.published_at`", "a1"),
    ],
)
def test_what_is_no_record_is_dead_with_a_plain_reason(value, reason, article):
    trip = run(value)
    assert (trip.outcome, trip.stage) == ("dead", "clean")
    assert reason in trip.reason
    assert sent(trip, "news.dead")[0].value == (value or b"")
    assert [msgspec.json.decode(each.value)["article"] for each in sent(trip, "news.outcomes")] == (
        [article] if article else []
    )


def test_a_record_that_grows_too_large_is_dead():
    trip = run(raw("grow"))
    assert (trip.outcome, trip.stage) == ("dead", "entities")
    assert "is above" in trip.reason


def test_a_dead_letter_that_does_not_fit_tells_where_its_bytes_are():
    trip = run(b" " * chain.MAX_RECORD, key=b"k")
    [dead] = sent(trip, "news.dead")
    assert dead.value == b""
    assert dict(dead.headers)["left-out"] == str(chain.MAX_RECORD).encode()


def test_headers_of_any_size_make_no_dead_letter_too_large():
    headers = (("traceparent", b"x" * 100_000), ("y", b"y" * chain.MAX_RECORD))
    [dead] = sent(run(b"{", headers=headers), "news.dead")
    assert set(dict(dead.headers)) == {"stage", "topic", "partition", "offset", "error", "attempts"}
    [clean] = sent(run(raw(), headers=headers), "news.clean")
    assert "traceparent" not in dict(clean.headers)


def test_the_brokers_time_stands_in_for_fetched_at():
    [clean] = sent(run(raw()), "news.clean")
    assert msgspec.json.decode(clean.value, type=Article).fetched_at == NOON


@pytest.mark.parametrize(
    ("published", "fetched"),
    [("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)), (None, chain.EPOCH)],
)
def test_a_replay_takes_the_publication_or_the_epoch(published, fetched):
    [clean] = sent(run(raw(published_at=published), timestamp=None), "news.clean")
    assert msgspec.json.decode(clean.value, type=Article).fetched_at == fetched


def test_the_same_record_makes_the_same_bytes():
    first, second = run(raw("RU bug"), timestamp=None), run(raw("RU bug"), timestamp=None)
    assert first.records == second.records


@pytest.mark.parametrize("topic", ["news.raw", "news.tagged"])
def test_the_header_backfill_counts_as_the_field(topic):
    value = raw() if topic == "news.raw" else sent(run(raw()), topic)[0].value
    trip = run(value, topic, headers=(("backfill", b"1"),))
    [claim] = sent(trip, "news.claims")
    assert msgspec.json.decode(claim.value, type=Claim).article.backfill is True


def test_a_chain_can_begin_at_any_row():
    tagged = sent(run(raw()), "news.tagged")[0]
    trip = run(tagged.value, "news.tagged", key=tagged.key)
    assert [record.topic for record in trip.records] == ["news.claims", "news.outcomes"]
    assert sent(trip, "news.claims") == sent(run(raw()), "news.claims")


def test_what_dies_between_rows_is_known_by_its_key():
    trip = run(b"{", "news.labelled", key=b"a1")
    assert outcome(trip).article == "a1"
    assert outcome(trip).stage == "entities"


def test_stages_after_claims_write_no_outcome():
    trip = run(b"{", "news.decisions", key=b"LY|RU")
    assert [record.topic for record in trip.records] == ["news.dead"]


def test_a_transient_error_is_worth_another_attempt_as_long_as_patience_lasts():
    record = Incoming(topic="news.raw", value=raw("flaky"))
    trip = chain.run(TEXT["news.raw"], record, GIVEN, attempts=1, patience=2)
    assert (trip.outcome, trip.records) == ("again", ())
    trip = chain.run(TEXT["news.raw"], record, GIVEN, attempts=2, patience=2)
    assert trip.outcome == "dead"
    assert dict(sent(trip, "news.dead")[0].headers)["attempts"] == b"2"


def test_a_long_error_is_cut_and_stands_in_one_line():
    trip = chain.bury(Incoming(topic="news.raw", value=b"{"), "clean", "x", MADE_BY)
    assert trip.outcome == "dead"
    assert chain._said(ValueError("a\nb" * 1000)).count("\n") == 0
    assert len(chain._said(ValueError("a\nb" * 1000))) == chain.MAX_ERROR


class TestFold:
    fold = ROWS[4]

    def claims(self, body="RU RU"):
        return [
            Incoming(topic="news.claims", key=each.key, value=each.value)
            for each in sent(run(raw(body)), "news.claims")
        ]

    def test_a_fold_remembers_by_key(self):
        memory = {}
        names = []
        for record in self.claims("RU TR RU"):
            trip = chain.fold(self.fold, record, memory.get, GIVEN)
            memory.update([trip.memory])
            names.append(msgspec.json.decode(trip.records[0].value)["decision"])
        assert names == ["NEW", "NEW", "REPEAT"]
        assert set(memory) == {b"LY|RU", b"LY|TR"}

    def test_what_cannot_be_read_is_dead_and_changes_nothing(self):
        trip = chain.fold(self.fold, Incoming(topic="news.claims", value=b"{}"), {}.get, GIVEN)
        assert (trip.outcome, trip.stage, trip.memory) == ("dead", "novelty", None)
        assert [record.topic for record in trip.records] == ["news.dead"]

    def test_a_bug_is_dead_and_changes_nothing(self):
        trip = chain.fold(self.fold, self.claims()[0], lambda key: b"not JSON", GIVEN)
        assert (trip.outcome, trip.memory) == ("dead", None)
