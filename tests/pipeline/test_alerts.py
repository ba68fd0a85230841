"""Who is told, and whether at once: the last section of the ontology, row by row."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest

from pipeline.alerts import decide, digest_end, heard
from pipeline.ids import derive
from pipeline.knowledge import load
from pipeline.types import InvolvementType, Send
from tests.alerting import decision, reader
from tests.claims_builder import article

KNOWLEDGE = load()
LEARNED = datetime(2026, 1, 2, tzinfo=UTC)
AT_ONCE_TYPES = (
    "troops", "strikes", "mercenaries", "foreign_fighters", "training", "arms", "materiel", "funding",
    "intelligence", "sanctuary", "base",
)  # fmt: skip
DIGEST_TYPES = ("peace_operation", "political_backing", "unspecified_support")
AT_ONCE_STEPS = (
    "new", "reactivated", "rank:2", "rank:3", "rank:4", "rank:5", "occurred", "denied", "ending", "ended",
    "interdicted", "retracted",
)  # fmt: skip
DIGEST_STEPS = (
    "rank:1", "quantity:people:1000", "facet:equipment:bayraktar-tb2", "facet:executor:wagner-group",
    "facet:embargo", "recipient:lna", "sister:materiel", "families:2", "families:5",
)  # fmt: skip


def channels(*decisions, readers=None):
    """Return the channel of every alert of `decisions`."""
    return [
        each.channel
        for one in decisions
        for each in decide(one, [reader()] if readers is None else readers, KNOWLEDGE)
    ]


@pytest.mark.parametrize("step", AT_ONCE_STEPS)
@pytest.mark.parametrize("type", AT_ONCE_TYPES)
def test_news_of_a_type_that_goes_at_once_goes_at_once(type, step):
    assert channels(decision(f"LY|RU|{type}|lna", step)) == ["now"]


@pytest.mark.parametrize("step", DIGEST_STEPS)
@pytest.mark.parametrize("type", AT_ONCE_TYPES)
def test_details_wait_for_the_digest(type, step):
    assert channels(decision(f"LY|RU|{type}|lna", step)) == ["digest"]


@pytest.mark.parametrize("step", [*AT_ONCE_STEPS[:-1], *DIGEST_STEPS])
@pytest.mark.parametrize("type", DIGEST_TYPES)
def test_every_step_of_the_other_types_waits_for_the_digest(type, step):
    assert channels(decision(f"LY|RU|{type}|lna", step)) == ["digest"]


@pytest.mark.parametrize("type", get_args(InvolvementType))
def test_a_retraction_goes_at_once_whatever_the_type_and_though_it_brings_no_rank(type):
    assert channels(decision(f"LY|RU|{type}|lna", "retracted", rank=0, epistemic="retracted")) == ["now"]


def test_a_retraction_is_made_for_everyone_and_heard_by_those_who_were_told():
    readers = [reader(id="turkey", actors=("TR",)), reader(id="all"), reader(id="late", since=LEARNED)]
    told = decide(decision("LY|RU|arms|lna"), readers, KNOWLEDGE)
    back = decide(decision("LY|RU|arms|lna", "retracted", rank=0, epistemic="retracted"), readers, KNOWLEDGE)
    assert [each.subscriber for each in told] == ["all"]
    assert [each.subscriber for each in back] == ["turkey", "all", "late"]
    assert [(each.subscriber, each.step) for each in heard([*told, *back])] == [
        ("all", "new"), ("all", "retracted"),
    ]  # fmt: skip
    assert not list(heard(back))


@pytest.mark.parametrize("realis", ["occurred", "ongoing"])
def test_a_signed_pact_goes_at_once(realis):
    assert channels(decision("LY|TR|pact|gna", "new", realis=realis)) == ["now"]


@pytest.mark.parametrize("realis", ["planned", "promised", "threatened", "requested", "authorised"])
def test_a_pact_that_is_not_signed_waits(realis):
    assert channels(decision("LY|TR|pact|gna", "new", realis=realis, rank=1)) == ["digest"]


def test_a_detail_of_a_signed_pact_waits():
    assert channels(decision("LY|TR|pact|gna", "families:2")) == ["digest"]


@pytest.mark.parametrize("step", ["repeat", "background"])
@pytest.mark.parametrize("type", get_args(InvolvementType))
def test_repeats_and_background_never_alert(type, step):
    assert channels(decision(f"LY|RU|{type}|lna", step)) == []


@pytest.mark.parametrize("step", ["new", "reactivated", "denied", "families:2"])
def test_rank_0_never_alerts_even_if_someone_asks_for_it(step):
    assert channels(decision(step=step, rank=0), readers=[reader(min_rank=0)]) == []


def test_a_backfilled_article_never_alerts():
    assert channels(decision(of=article(backfill=True))) == []


def test_the_type_of_the_matched_key_decides_where_mere_support_ends_something_worse():
    ended = decision("LY|RU|unspecified_support|lna", "ended", matched="LY|RU|arms|lna", change="end")
    assert channels(ended) == ["now"]
    assert channels(ended, readers=[reader(types=("arms",))]) == ["now"]


# Filters


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, True),
        ({"theatres": ("LY", "SD")}, True),
        ({"theatres": ("SD",)}, False),
        ({"theatres": ()}, False),
        ({"actors": ("RU",)}, True),
        ({"actors": ("wagner-group",)}, True),
        ({"actors": ("TR",)}, False),
        ({"actors": ("lna",)}, False),  # who benefits is no actor
        ({"types": ("mercenaries",)}, True),
        ({"types": ("arms", "base")}, False),
        ({"min_rank": 3}, True),
        ({"min_rank": 4}, False),
        ({"min_confidence": 0.9}, True),
        ({"min_confidence": 0.91}, False),
        ({"theatres": ("LY",), "actors": ("RU",), "types": ("arms",)}, False),  # all must match
    ],
)
def test_an_alert_passes_every_filter(filters, told):
    one = decision("LY|RU|mercenaries|lna", executor="wagner-group", rank=3)
    assert bool(channels(one, readers=[reader(**filters)])) == told


def test_a_filter_that_names_what_the_claim_lacks_does_not_match():
    unnamed = decision("LY|RU|mercenaries|lna")  # nobody carries it out
    assert channels(unnamed, readers=[reader(actors=("wagner-group",))]) == []


def test_ordinary_subscribers_hear_of_plans_but_not_of_what_the_extractor_doubts():
    assert channels(decision(rank=1, realis="planned")) == ["now"]
    assert channels(decision(confidence=0.59)) == []
    assert channels(decision(confidence=0.6)) == ["now"]


def test_only_articles_fetched_after_since_alert():
    one = decision()
    fetched = one.claim.article.fetched_at
    assert channels(one, readers=[reader(since=fetched)]) == []
    assert channels(one, readers=[reader(since=fetched - timedelta(microseconds=1))]) == ["now"]


# The record


def test_each_subscriber_gets_an_alert_of_the_same_decision():
    one = decision(step="rank:4")
    first, second = decide(one, [reader(id="a"), reader(id="b", language="id")], KNOWLEDGE)
    assert (first.subscriber, second.subscriber) == ("a", "b")
    assert first.id == derive("a", one.matched_key, one.period, "rank:4") != second.id
    assert first.decision == one
    assert (first.story, first.period, first.step) == (one.story, one.period, one.step)


def test_an_alert_names_no_address():
    (told,) = decide(decision(), [reader(to="secret@example.org")], KNOWLEDGE)
    assert b"secret" not in msgspec.json.encode(told)


def test_the_same_step_is_one_alert_for_ever_and_another_step_another():
    def ids(one):
        return {each.id for each in decide(one, [reader()], KNOWLEDGE)}

    again = decision(of=article("another", published_at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert ids(decision()) == ids(again)
    assert ids(decision()) != ids(decision(step="denied"))
    assert ids(decision()) != ids(msgspec.structs.replace(decision(), period="2026-09-01"))


def test_an_alert_for_now_is_due_when_its_article_was_fetched():
    (told,) = decide(decision(), [reader()], KNOWLEDGE)
    assert told.due == told.decision.claim.article.fetched_at


def test_an_alert_for_the_digest_is_due_when_its_day_ends():
    (told,) = decide(decision(step="families:2"), [reader()], KNOWLEDGE)
    assert told.due == datetime(2026, 1, 2, tzinfo=UTC)
    assert digest_end(datetime(2025, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert digest_end(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 2, tzinfo=UTC)


# Learning


@pytest.mark.parametrize(("step", "number"), [("new", 0), ("denied", 0), ("families:2", 0), ("rank:4", 1)])
def test_while_learning_only_rank_rises_alert(step, number):
    assert len(decide(decision(step=step), [reader()], KNOWLEDGE, LEARNED)) == number


def test_a_rise_told_beside_a_denial_alerts_while_learning():
    assert decide(decision(step="denied", deltas=("rank:3",)), [reader()], KNOWLEDGE, LEARNED)


def test_learning_ends():
    told = decision(of=article("late", fetched_at=LEARNED))
    assert decide(told, [reader()], KNOWLEDGE, LEARNED)


# When


def test_the_first_rule_that_fits_says_when():
    rules = (
        Send(when="never", types=("political_backing",)),
        Send(when="hourly", steps=("families", "quantity")),
        Send(when="now", types=("unspecified_support",)),
    )
    one = reader(send=rules)

    def told(*case):
        return [
            (each.channel, each.due.isoformat()[:16]) for each in decide(decision(*case), [one], KNOWLEDGE)
        ]

    assert told("LY|TR|political_backing|gna") == []
    assert told("LY|RU|arms|lna", "families:2") == [("digest", "2026-01-01T07:00")]
    assert told("LY|RU|unspecified_support|lna") == [("now", "2026-01-01T06:05")]
    assert told("LY|RU|arms|lna", "facet:embargo") == [("digest", "2026-01-02T00:00")]
    assert told("LY|RU|arms|lna") == [("now", "2026-01-01T06:05")]
