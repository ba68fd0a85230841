"""What everyone knows: remembered in silence, so that the first days tell only what is more."""

from datetime import date, timedelta
from random import Random

import msgspec
import pytest

from pipeline.alerts import decide
from pipeline.errors import KnowledgeError
from pipeline.knowledge import HERE, load
from pipeline.novelty import background, judge
from pipeline.types import Subscriber
from tests.claims_builder import article, claim, day

DAY = date(2026, 1, 1)
KNOWN = background(load(), DAY)
ANYONE = (Subscriber(id="desk", to="desk@news.example", min_confidence=0.0),)


def fold(*claims):
    """Return the decisions on claims of any pairs, and the memory of each pair."""
    states, found = {}, []
    for one in claims:
        decision, states[one.pair] = judge(one, states.get(one.pair), load())
        found.append(decision)
    return found, states


def told(key, **fields):
    """Return a claim of the second day."""
    return claim(key, of=article("outlet", published_at=day(1)), realis="ongoing", **fields)


def known(key):
    return next(one for one in KNOWN if one.key == key)


def test_it_is_remembered_and_nobody_is_told():
    decisions, _ = fold(*KNOWN)
    assert len(KNOWN) > 200
    assert {each.decision for each in decisions} == {"BACKGROUND"}
    assert not [alert for each in decisions for alert in decide(each, ANYONE, load())]


def test_an_outlet_that_tells_it_the_day_after_is_no_news():
    _, states = fold(*KNOWN)
    for one in KNOWN:
        again = told(one.key, epistemic=one.epistemic, executor=one.supporter.executor)
        assert judge(again, states[one.pair], load())[0].decision == "REPEAT", one.key


def test_without_it_day_one_would_alert():
    assert fold(told("LY|RU|mercenaries|lna", epistemic="found"))[0][0].decision == "NEW"


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"epistemic": "acknowledged"}, "rank:5"),
        ({"epistemic": "found", "change": "end"}, "ended"),
        ({"epistemic": "found", "executor": "africa-corps"}, "facet:executor:africa-corps"),
    ],
)
def test_what_is_more_is_told(fields, step):
    assert fold(*KNOWN, told("LY|RU|mercenaries|lna", **fields))[0][-1].step == step


def test_what_is_not_known_is_new():
    assert fold(*KNOWN, told("LY|RU|strikes|lna"))[0][-1].step == "new"


def test_a_denial_of_what_is_known_to_be_denied_is_no_news():
    assert fold(*KNOWN, told("LY|RU|mercenaries|lna", epistemic="denied"))[0][-1].step == "repeat"


def test_it_corroborates_nothing():
    decisions, _ = fold(known("LY|TR|troops|gna"), told("LY|TR|troops|gna"))
    assert [each.families for each in decisions] == [0, 1]


@pytest.mark.long
def test_any_order_and_any_repetition_leave_the_same_memory():
    shuffled = [*KNOWN, *KNOWN]
    Random(3).shuffle(shuffled)
    assert fold(*shuffled)[1] == fold(*KNOWN)[1]


@pytest.mark.long
def test_the_same_day_gives_the_same_records_and_a_later_one_keeps_them_known():
    assert msgspec.json.encode(background(load(), DAY)) == msgspec.json.encode(KNOWN)
    later = background(load(), DAY + timedelta(days=170))
    assert {one.article.id for one in later} >= {one.article.id for one in KNOWN if one.type == "arms"}
    assert not {one.id for one in later} & {one.id for one in KNOWN}
    much_later = claim("LY|TR|troops|gna", of=article("a9", published_at=day(300)), realis="ongoing")
    assert fold(*KNOWN, much_later)[0][-1].step == "reactivated"
    assert fold(*KNOWN, *later, much_later)[0][-1].decision == "REPEAT"


def test_every_claim_has_its_proof():
    assert len({one.id for one in KNOWN}) == len(KNOWN)
    for one in KNOWN:
        assert 15 <= len(one.evidence.quote) <= 600
        assert (one.evidence.start, one.evidence.end) == (0, len(one.evidence.quote))
        assert one.attribution[0].speaker in one.evidence.quote


def test_a_belligerent_is_no_outsider():
    keys = {one.key for one in KNOWN}
    assert not any(key.startswith("UA|RU|") for key in keys)
    assert not any(key.split("|")[0] == key.split("|")[1] for key in keys)
    assert {"ML|un|peace_operation|", "SD|AE|arms|rsf", "SD|AE|unspecified_support|rsf"} - keys == {
        "ML|un|peace_operation|"  # over since 2023
    }


def copied(folder, line):
    for path in HERE.rglob("*"):
        to = folder / path.relative_to(HERE)
        if path.suffix in (".yaml", ".txt"):
            to.parent.mkdir(parents=True, exist_ok=True)
            to.symlink_to(path)
    (folder / "background.yaml").unlink()
    (folder / "background.yaml").write_text(line)
    return folder


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- {theatre: LY, principal: XQ, type: arms, since: 2019, source: s}", "nothing is known of 'XQ'"),
        ("- {theatre: LY, principal: RU, type: guns, since: 2019, source: s}", "guns"),
        ("- {theatre: LY, principal: RU, type: arms, since: 2019}", "source"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, line, why):
    with pytest.raises(KnowledgeError, match=f"background.yaml: entry 1: .*{why}"):
        load(copied(tmp_path, line))
