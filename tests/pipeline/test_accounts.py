"""What a person is told of claims and of what was held back, and what the validity rules hold."""

import pytest

from pipeline import claims
from pipeline.claims.accounts import accounts, compared
from tests import evaluation

pytestmark = pytest.mark.long


def told(sentence, date="2026-02-01", without=()):
    article = evaluation.sentence_article(sentence, "en", date)
    know = evaluation.knowledge()
    return accounts(claims.examine(article, know, without), article, know)


def test_a_claim_is_told_in_roles_cues_and_rules():
    one, *_ = told("Iran may send dozens of drones to Ethiopia's army, an analyst said.")
    assert (one.number, one.held) == (1, None)
    roles, cues = dict(one.roles), dict(one.cues)
    assert {"principal": "IR", "theatre": "ET", "recipient": "ET"}.items() <= roles.items()
    assert roles["quantity"].endswith("(“dozens of”)")
    assert "(expert)" in roles["speakers"]
    assert (cues["trigger"], cues["hypothetical"], cues["say"]) == ("send", "may", "said")
    assert cues["act"] == "transfer (active)"
    assert dict(one.rules)["status"].startswith("hypothetical: ")


# A sentence that the rule alone holds back, and what it would be.
RULES = {
    1: ("Congolese soldiers are fighting in Goma, a spokesman said.", "CD", "troops"),
    2: ("Russia sent soldiers to Iceland, officials said on Monday.", "RU", "troops"),
    4: ("Iran was warned not to send drones to Ethiopia's army.", "IR", "arms"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_can_be_switched_off(rule):
    sentence, principal, kind = RULES[rule]
    usual = told(sentence)
    held = [one for one in usual if (one.held or "").startswith(f"rule {rule}:")]
    assert (dict(held[0].roles)["principal"], held[0].type) == (principal, kind)
    others = told(sentence, without={1, 2, 3, 4, 5} - {rule})
    assert [one for one in others if (one.held or "").startswith(f"rule {rule}:")]
    free = compared(told(sentence, without={rule}), usual)
    found = [one for one in free if one.number and dict(one.rules).get("else held back") == held[0].held]
    assert (found[0].claim.supporter.principal, found[0].claim.type) == (principal, kind)


def test_proof_can_be_switched_off():
    short = "Turks arm LNA."  # 14 characters
    assert [one.held for one in told(short)] == ["rule 3: no quote that is long enough"]
    (one,) = told(short, without={3})
    assert one.claim.evidence.quote == short


def test_roles_before_order_can_be_switched_off():
    article = "Turkey is backed by Libya. " + "Fighting went on in Libya and in Tripoli, Libya. " * 10
    (usual,) = told(article)
    assert usual.held.startswith("rule 5:")
    (free,) = compared(told(article, without={5}), (usual,))
    assert (free.number, free.claim.supporter.principal, free.claim.theatre) == (1, "LY", "TR")
    assert dict(free.rules)["else held back"] == usual.held


def test_every_candidate_of_every_labelled_article_has_its_account():
    know = evaluation.knowledge()
    for article in evaluation.articles("labelled"):
        for without in ((), (1, 2, 3, 4, 5)):
            examined = claims.examine(article, know, without)
            found = accounts(examined, article, know)
            assert len(found) == len(examined.candidates)
            assert [a.number for a in found if a.number] == list(range(1, len(examined.claims) + 1))
            assert all(bool(a.number) is (a.held is None) for a in found)


def test_switching_nothing_off_changes_nothing():
    for article in evaluation.articles("labelled"):
        know = evaluation.knowledge()
        assert claims.examine(article, know, ()).claims == claims.extract(article, know)
