"""The second look at an article: what likelihood may hold back, set free or make a claim of, and what not."""

from collections.abc import Sequence

import msgspec
import pytest

from pipeline import claims
from pipeline.claims import extraction, weighing
from pipeline.claims.reading import vocabulary_of
from pipeline.claims.scene import AT_HOME
from pipeline.knowledge import Weights
from pipeline.types import Claim
from tests import evaluation
from tests.pipeline.hand_weights import NEWS, REST, UNSURE, article, known, made

SENT = "Rwanda sent soldiers to Mozambique."
DRONES = {
    "en": "Turkey sent drones to Libya.",
    "id": "Turki mengirim drone ke Libya.",
    "fr": "La Turquie a envoyé des drones en Libye.",
    "es": "Turquía envió drones a Libia.",
    "ru": "Турция отправила беспилотники в Ливию.",
    "tr": "Türkiye Libya'ya drone gönderdi.",
    "ar": "أرسلت تركيا طائرات مسيرة إلى ليبيا.",
}
YES = made([9.0])
NO = made([-9.0])
AS_CLAIMED = made([("claimed", 0.5, 1, 2), -9.0, 9.0])
BLIND = -2.9  # a bias by which no pairing is promising, though not hopeless: only what the frames bound


def told(found: Sequence[Claim]) -> set[tuple[str, str, str, str]]:
    return {(one.supporter.principal, one.type, one.theatre, one.status) for one in found}


def by_weights(text: str, weights: Weights | None, lang: str = "en") -> tuple[Claim, ...]:
    return claims.extract(article(text, lang), known(weights))


def second_reading(text: str, weights: Weights, lang: str = "en") -> list[Claim]:
    """Return the claims of pairs that the frames claim nothing of."""
    frames = {(one.supporter.principal, one.type) for one in by_weights(text, None, lang)}
    found = by_weights(text, weights, lang)
    return [one for one in found if (one.supporter.principal, one.type) not in frames]


# What becomes of claims


def test_what_is_unlikely_is_held_back() -> None:
    assert told(by_weights(NEWS, None))
    examined = claims.examine(article(NEWS), known(NO))
    assert examined.claims == ()
    frames = claims.examine(article(NEWS), known(None))
    for one, before in zip(examined.candidates, frames.candidates, strict=True):
        assert one.held is not None
        assert one.held.startswith("unlikely") if before.held is None else one.held == before.held


def test_what_the_frames_were_not_sure_enough_of_is_set_free() -> None:
    (before,) = claims.examine(article(UNSURE + REST), known(None)).candidates
    assert before.held == "not sure enough"
    weights = made([1.0], bias=BLIND)
    assert told(by_weights(UNSURE + REST, weights)) == {("RU", "funding", "CF", "asserted")}
    assert by_weights(UNSURE + REST, made([-1.0], bias=BLIND)) == ()


def test_what_is_as_likely_as_the_frames_say_is_told_as_they_do() -> None:
    frames = by_weights(NEWS, None)
    assert frames
    weighed = by_weights(NEWS, AS_CLAIMED)
    assert told(weighed) == told(frames)
    assert {one.evidence for one in weighed} == {one.evidence for one in frames}


def released(reason: str) -> bool:
    """Say whether certainty frees a claim of the frames that they hold back for a reason."""
    know = known(made([9.0], bias=BLIND))
    vocabulary = vocabulary_of(know, "en")
    assert vocabulary is not None
    read = extraction.bound(article(SENT + REST), know, vocabulary)
    (one,) = read.candidates
    one.held = reason
    return weighing.reweigh([one], [], read.second, read.sentences, read.scene) == [one]


@pytest.mark.parametrize("reason", ["not sure enough", "no place told", "in a condition"])
def test_certainty_frees_what_was_held_in_doubt(reason: str) -> None:
    assert released(reason)


@pytest.mark.parametrize(
    "reason",
    [
        AT_HOME, "rule 1: not foreign", "rule 2: no conflict", "rule 4: negated",
        "rule 4: warned, urged or banned", "outdone: the sentence tells it better", "context: a fact check",
    ],
)  # fmt: skip
def test_certainty_overrules_no_firm_rule(reason: str) -> None:
    assert not released(reason)


FIRM = {
    "Russia did not send weapons to Libya.": ("RU", "arms"),
    "Russia never gave rifles to the rebels in Libya.": ("RU", "arms"),
    "The UN found no evidence that Russia sent weapons to Libya.": ("RU", "arms"),
    "Rwandan soldiers marched in Kigali.": ("RW", "troops"),
    "The Syrian army deployed soldiers in Aleppo.": ("SY", "troops"),
    "The Mozambican army sent soldiers to Cabo Delgado.": ("MZ", "troops"),
    "Brazil sent soldiers to Chile.": ("BR", "troops"),
}


@pytest.mark.parametrize("text", FIRM)
def test_no_article_claims_what_a_rule_holds_back(text: str) -> None:
    assert FIRM[text] not in {pair[:2] for pair in told(by_weights(text + REST, YES))}


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Poland has ruled out sending soldiers to Ukraine, the prime minister said.", ("PL", "troops")),
        ("The Danish army has taken tanks out of service, a paper in Syria wrote.", ("DK", "troops")),
    ],
)
def test_what_a_rule_holds_back_is_not_made_of_another_pairing(text: str, pair: tuple[str, str]) -> None:
    assert pair not in {found[:2] for found in told(by_weights(text + REST, YES))}


def test_what_its_supporter_denies_stays_denied() -> None:
    found = told(by_weights("Russia denied sending weapons to Libya." + REST, YES))
    assert ("RU", "arms", "LY", "denied") in found
    assert {status for *_, status in found} == {"denied"}


def test_what_a_third_party_denies_is_no_claim() -> None:
    found = by_weights("Germany denied that Russia had sent weapons to Libya." + REST, YES)
    assert "RU" not in {one.supporter.principal for one in found}


@pytest.mark.parametrize("text", [NEWS, *(text + REST for text in FIRM)])
def test_a_theatre_never_supports_itself(text: str) -> None:
    examined = claims.examine(article(text), known(YES))
    assert examined.scene is not None
    for one in examined.claims:
        assert one.supporter.principal != one.theatre
        assert examined.scene.world.foreign(one.supporter.principal, one.theatre)


# When nothing is weighed


def text_of(sentences: int) -> str:
    return SENT + "".join(REST.replace(". ", ".| ").split("|")[: sentences - 1])


@pytest.mark.parametrize("weights", [YES, NO])
def test_an_article_of_few_sentences_is_not_weighed(weights: Weights) -> None:
    for sentences in range(1, weighing.LEAST_SENTENCES):
        frames = by_weights(text_of(sentences), None)
        assert told(frames) == {("RW", "troops", "MZ", "asserted")}
        assert by_weights(text_of(sentences), weights) == frames
    assert by_weights(text_of(weighing.LEAST_SENTENCES), weights) != frames


def test_without_weights_claims_are_those_of_the_frames() -> None:
    know = known(None)
    vocabulary = vocabulary_of(know, "en")
    assert vocabulary is not None
    kept = extraction.bound(article(NEWS), know, vocabulary).kept
    pairs = {(one.hand.principal, one.type, one.theatre) for one in kept if one.hand is not None}
    found = claims.extract(article(NEWS), know)
    assert {pair[:3] for pair in told(found)} == pairs
    assert found == by_weights(NEWS, made(base=-9.0)), "nor is anything weighed without trees"
    assert not any(one.second for one in claims.examine(article(NEWS), know).candidates)


# What holds of every claim


def test_an_article_is_read_alike_whatever_was_read_before() -> None:
    for weights in (YES, AS_CLAIMED, evaluation.knowledge().weights):
        know = known(weights)
        first = claims.extract(article(NEWS), know)
        claims.extract(article(UNSURE + " Russian soldiers are in Mali." + REST), know)
        assert claims.extract(article(NEWS), know) == first
        assert claims.extract(article(NEWS), known(weights)) == first


LONG = "Turkey sent drones to Libya, " + "a witness in the town of Misrata told it, " * 17 + "and left."
TEXTS = [("en", NEWS), ("en", LONG + REST), *((lang, text + REST) for lang, text in DRONES.items())]


@pytest.mark.parametrize(("lang", "text"), TEXTS, ids=lambda each: each[:12])
def test_a_claim_of_the_second_reading_is_proven_and_as_sure_as_it_is_likely(lang: str, text: str) -> None:
    found = second_reading(text, made([0.5], base=0.5), lang)
    assert found
    for one in found:
        quote, start, end = one.evidence.quote, one.evidence.start, one.evidence.end
        assert one.evidence.field == "text"
        assert text[start:end] == quote
        assert 15 <= len(quote) <= 600
        assert one.confidence == 0.73  # of 1 logit


def test_a_claim_of_the_second_reading_survives_the_wire() -> None:
    for one in second_reading(NEWS, YES):
        assert msgspec.json.decode(msgspec.json.encode(one), type=Claim) == one
