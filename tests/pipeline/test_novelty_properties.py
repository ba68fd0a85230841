"""What holds for any reports in any order."""

from datetime import timedelta
from functools import reduce
from random import Random

import pytest
from courlan import clean_url
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.knowledge import load
from pipeline.novelty import judge
from pipeline.novelty.memory import LIMIT
from pipeline.novelty.mention import _url, mark
from tests.claims_builder import article, claim, day

pytestmark = pytest.mark.long

WORDS = [f"word{number}" for number in range(60)]
TEXTS = [
    " ".join(WORDS),
    " ".join([*WORDS[:-1], "other"]),  # a near-duplicate of the first
    " ".join(reversed(WORDS)),
    "too short",
]
# Windows of 90 days and more, so that within 100 days, with ends on two of them, no key has five spells.
TYPES = ("arms", "materiel", "mercenaries", "foreign_fighters", "funding")
RECIPIENTS = ("", "lna", "gna")
END_DAYS = ("2026-01-21", "2026-03-02")
EPISTEMIC = ("alleged", "asserted", "found", "acknowledged", "denied", "retracted")
REALIS = ("occurred", "ongoing", "planned", "hypothetical")


@st.composite
def articles(draw):
    """Draw one article. What an id and a text have in common is the same each time they are drawn."""
    number, text = draw(st.integers(0, 7)), draw(st.integers(0, 3))
    published = None if number == 7 else day(10 * number + text)
    return article(
        f"a{number}",
        source=f"outlet{number % 4}.example",
        wire="reuters" if number in (2, 5) else None,
        url=f"https://news.example/{number % 6}" if number % 2 else None,
        text=TEXTS[text] if number % 3 else f"{TEXTS[text]} of {number}",
        published_at=published,
        fetched_at=(published or day(0)) + timedelta(hours=100 if number == 6 else 1),
        backfill=number == 4,
    )


@st.composite
def claims(draw, key=None):
    ends = draw(st.integers(0, 7)) == 0
    facts = {
        "epistemic": draw(st.sampled_from(EPISTEMIC)),
        "realis": "occurred" if ends else draw(st.sampled_from(REALIS)),
        "change": "end" if ends else draw(st.sampled_from(("start", "continue", "decrease", "interdicted"))),
        "event": draw(st.sampled_from(END_DAYS if ends else (None, "2026-01-05", "2026-01-28"))),
        "quantity": draw(st.sampled_from((None, (35, "people"), (100, "people"), (14, "items")))),
        "executor": draw(st.sampled_from((None, "wagner-group"))),
        "personnel_origin": draw(st.sampled_from((None, "SY", "TD"))),
        "equipment": draw(st.sampled_from(((), ("mig-29",), ("mig-29", "il-76")))),
        "own": draw(st.booleans()),
        "disputed": draw(st.booleans()),
    }
    if key:
        return claim(key, of=draw(articles()), **facts)
    key = f"LY|RU|{draw(st.sampled_from(TYPES))}|{draw(st.sampled_from(RECIPIENTS))}"
    if draw(st.integers(0, 5)) == 0:
        key = f"LY|RU|unspecified_support|{draw(st.sampled_from(RECIPIENTS))}"
        facts |= {"epistemic": "denied", "event": "2026-01-05", "realis": "occurred", "change": "continue"}
    return claim(key, of=draw(articles()), **facts)


def fold(several, state=None):
    return reduce(lambda known, one: judge(one, known, load())[1], several, state)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(claims(), min_size=1, max_size=12).flatmap(
        lambda all: st.tuples(st.just(all), st.permutations(all))
    )
)
def test_any_order_leaves_the_same_state(orders):
    one, other = orders
    assert fold(one) == fold(other)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(claims("LY|RU|arms|lna"), min_size=2, max_size=6).flatmap(
        lambda all: st.tuples(st.just(all), st.permutations(all))
    )
)
def test_any_order_of_one_keys_events_leaves_the_same_state(orders):
    one, other = orders
    assert fold(one) == fold(other)


@settings(max_examples=100, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=10), st.data())
def test_repeats_change_nothing_and_alert_nobody(several, data):
    state = fold(several)
    for one in data.draw(st.lists(st.sampled_from(several), max_size=15)):
        decision, after = judge(one, state, load())
        assert decision.decision in ("REPEAT", "BACKGROUND"), decision
        assert after == state


@settings(max_examples=60, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=10))
def test_a_replay_from_nothing_makes_the_same_decisions(several):
    def replay():
        state = None
        for one in several:
            decision, state = judge(one, state, load())
            yield decision

    assert list(replay()) == list(replay())


@settings(max_examples=60, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=12))
def test_a_step_of_a_key_is_reached_once_in_its_period(several):
    """Ids of alerts are made of matched key, period and step: in order of publication each is told once."""
    told, state = set(), None
    for one in sorted(several, key=lambda one: (one.article.published_at or day(0), one.id)):
        decision, state = judge(one, state, load())
        if decision.decision in ("NEW", "REACTIVATED"):
            assert (decision.matched_key, decision.period, decision.step) not in told
            told.add((decision.matched_key, decision.period, decision.step))


@settings(max_examples=40, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=12))
def test_a_decision_says_what_was_reached_once(several):
    state = None
    for one in several:
        decision, state = judge(one, state, load())
        steps = [decision.step, *decision.deltas]
        assert len(set(steps)) == len(steps)
        assert (decision.decision in ("REPEAT", "BACKGROUND")) == (decision.step in ("repeat", "background"))
        assert decision.reason
        assert len(state) <= LIMIT


def crowd(random, number):
    """Return more reports than are remembered, of more spells, details and families than are kept."""
    texts = [" ".join(random.choices(WORDS, k=30)) for _ in range(30)]
    for index in range(number):
        published = day(random.randrange(1500) if index % 2 else 3 * index)
        reprint = random.random() < 0.4
        text = random.choice(texts) if reprint else f"{index} " * 8
        of = article(f"a{index}", source=f"outlet{random.randrange(12)}", published_at=published, text=text)
        kinds = ("strikes", "arms", "materiel", "troops", "unspecified_support")
        yield claim(
            f"LY|RU|{random.choice(kinds)}|{random.choice(RECIPIENTS)}",
            of=of,
            epistemic=random.choice(EPISTEMIC),
            realis=random.choice(REALIS),
            change=random.choice(("start", "continue", "end", "interdicted")),
            own=random.random() < 0.5,
            executor=f"x{random.randrange(40)}",
            equipment=(f"w{random.randrange(40)}",),
            quantity=(random.randrange(1, 5000), random.choice(("people", "items"))),
        )


@pytest.mark.parametrize("seed", range(4))
def test_beyond_every_cap_nothing_is_told_again(seed):
    random = Random(seed)
    several = list(crowd(random, 300))
    state = fold(several)
    for one in random.sample(several, len(several)):
        decision, state = judge(one, state, load())
        assert decision.decision in ("REPEAT", "BACKGROUND"), decision
        assert len(state) <= LIMIT


@settings(max_examples=1000, deadline=None)
@given(
    st.text("ab1.-", min_size=1, max_size=8),
    st.text("abZ9/._-", max_size=14),
    st.sampled_from(["", "z", "?a=1", "#top", "/", "A"]),
)
def test_an_address_taken_as_it_stands_is_one_that_courlan_leaves_as_it_is(host, path, end):
    url = f"https://{host}/{path}{end}"
    assert _url(url) == mark(clean_url(url) or url)
