"""What a person takes back: an update for those who got the claim, whatever the order."""

from itertools import permutations

import msgspec
import pytest

from pipeline.knowledge import load
from pipeline.novelty import judge, withdrawn
from pipeline.types import Correction
from tests.claims_builder import MADE_BY, article, claim, day

TOLD = claim(of=article("a1", published_at=day(0)), epistemic="alleged")


def correction(of=TOLD, **fields):
    told = {"made_by": MADE_BY, "id": "c", "kind": "retract", "story": of.story, "claim": of}
    return Correction(**(told | {"reason": "the outlet says it was wrong"} | fields))


def fold(*claims):
    state, found = None, []
    for one in claims:
        decision, state = judge(one, state, load())
        found.append(decision)
    return found, state


def test_a_retraction_is_an_update_with_its_reason():
    (new, taken), _ = fold(TOLD, withdrawn(correction()))
    assert (new.decision, taken.decision, taken.step) == ("NEW", "UPDATE", "retracted")
    assert taken.reason == "it is taken back (the outlet says it was wrong)"
    assert (taken.matched_key, taken.period) == (new.matched_key, new.period)


def test_a_retraction_told_twice_is_a_repeat():
    taken = withdrawn(correction())
    assert [each.step for each in fold(TOLD, taken, taken)[0]] == ["new", "retracted", "repeat"]


def test_a_retraction_survives_a_replay_in_any_order():
    later = claim(of=article("a2", published_at=day(3)), epistemic="alleged")
    states = {fold(*each)[1] for each in permutations([TOLD, later, withdrawn(correction())])}
    assert len(states) == 1


def test_what_is_told_again_after_a_retraction_is_not_new():
    again = claim(of=article("a2", published_at=day(3)), epistemic="alleged")
    assert fold(TOLD, withdrawn(correction()), again)[0][-1].decision in ("UPDATE", "REPEAT")


def test_what_was_backfilled_is_taken_back_silently():
    old = claim(of=article("a1", published_at=day(0), backfill=True))
    assert [each.decision for each in fold(old, withdrawn(correction(old)))[0]] == ["BACKGROUND"] * 2


def test_a_mute_takes_nothing_back():
    assert withdrawn(correction(kind="mute", claim=None, subscriber="desk")) is None


def test_the_record_has_the_key_and_the_pair_of_the_contract():
    assert (correction().key, correction().pair) == (TOLD.id, "LY|RU")
    mute = correction(kind="mute", claim=None, subscriber="desk")
    assert (mute.key, mute.pair) == ("LY|RU|arms|desk", "LY|RU")


def test_a_claim_that_nobody_took_back_says_nothing_of_it():
    assert b"correction" not in msgspec.json.encode(TOLD)
    assert b'"correction":"x"' in msgspec.json.encode(withdrawn(correction(reason="x")))


@pytest.mark.parametrize("event", [None, "2025-12-20"])
def test_a_retraction_stands_in_the_spell_of_its_claim(event):
    told = claim(of=article("a1", published_at=day(0)), event=event)
    (new, taken), _ = fold(told, withdrawn(correction(told)))
    assert new.period == taken.period == (event or "2026-01-01")
