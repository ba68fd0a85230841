"""The yardstick of the chaos runs sees what is lost, altered, and told twice."""

import msgspec
import pytest

from agents.chain import Incoming
from agents.replay import Replay
from ops.chaos import __main__ as chaos
from ops.chaos import load, yardstick
from ops.chaos.yardstick import Found, judge

ARTICLES = list(load.articles(60))


@pytest.fixture(scope="module")
def given():
    return chaos.given()


@pytest.fixture(scope="module")
def expected(given):
    return yardstick.expected(ARTICLES, given)


@pytest.fixture
def found(given):
    """Return what an undisturbed run leaves, each alert in a mail of its own."""
    machine = Replay(given)
    sent = [each for article in ARTICLES for each in machine.carry(article)]

    def of(topic):
        return [Incoming(topic=topic, key=each.key, value=each.value) for each in sent if each.topic == topic]

    alerts = {msgspec.json.decode(each.value)["id"] for each in of("news.alerts")}
    return Found(
        claims={0: of("news.claims")},
        outcomes=of("news.outcomes"),
        alerts=of("news.alerts"),
        dead=[],
        states=dict(machine.memories["novelty"]),
        mails=[[each] for each in alerts],
    )


def test_an_undisturbed_run_is_well(found, expected, given):
    said = judge(found, expected, given)
    assert said.well
    assert said.alerts > 20
    assert said.pairs > 5


def test_repeats_in_topics_are_counted_and_allowed(found, expected, given):
    found.claims[0].append(found.claims[0][0])
    found.outcomes.append(found.outcomes[0])
    said = judge(found, expected, given)
    assert said.well
    assert (said.repeats["news.claims"], said.repeats["news.outcomes"]) == (1, 1)


@pytest.mark.parametrize("topic", ["claims", "outcomes", "alerts"])
def test_what_is_lost_is_seen(found, expected, given, topic):
    records = found.claims[0] if topic == "claims" else getattr(found, topic)
    records.pop()
    said = judge(found, expected, given)
    assert said.lost[f"news.{topic}"] > 0
    assert not said.well


def test_a_state_that_differs_is_seen(found, expected, given):
    found.states[next(iter(found.states))] = b"{}"
    assert judge(found, expected, given).states == 1


def test_an_alert_in_no_mail_or_in_two_is_seen(found, expected, given):
    lost = found.mails.pop()
    assert judge(found, expected, given).unmailed == 1
    found.mails += [lost, lost]
    said = judge(found, expected, given)
    assert (said.unmailed, said.twice) == (0, 1)


def test_a_dead_letter_is_more_than_there_should_be(found, expected, given):
    found.dead.append(Incoming(topic="news.dead"))
    assert not judge(found, expected, given).well


def test_the_load_is_always_the_same():
    assert list(load.articles(60)) == ARTICLES
