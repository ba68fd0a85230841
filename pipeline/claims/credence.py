"""Credence: whether a claim is confirmed, asserted or alleged, by all that the article tells of its speakers.

The rules say what kind of speaker stands behind a claim. Who is named without a land, by a rank or an office
alone, is often beyond them. Here what they found is weighed together with how the speaker, the last actor and
the land of the dateline stand to the claim; the weights are learned from labelled articles (weights.yaml).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pipeline.claims.judgement import status
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.speakers import hear, is_named
from pipeline.claims.units import Sentence
from pipeline.claims.voices import Voice

STATUSES: Final = ("confirmed", "asserted", "alleged")
MARGIN: Final = 0.1  # of likelihood, by which another status must be likelier than that of the rules
HEARD: Final = 2  # voices that are looked at
TELLING: Final = ("role", "speaker", "pron", "telling", "utterance", "outlet", "thing", "time", "det")
AROUND: Final = ("hidden", "telling", "utterance", "fiction", "outlet", "voice", "speaker")
BIAS: Final = "bias"
Marks = frozenset[str]


def marks_of(one: Candidate, n: int, scene: Scene) -> Marks:
    """Return what tells how sure a claim of sentence `n` is."""
    return frozenset((*_as_judged(one, n), *_speakers(one, scene), *_sentence(one)))


def _as_judged(one: Candidate, n: int) -> Iterator[str]:
    yield f"by rule {one.epistemic}"
    yield f"type {one.type}"
    yield f"act {one.act}"
    yield f"change {one.change}"
    yield f"realis {one.realis}"
    yield f"second {one.second}"
    yield f"quoted {one.quoted}"
    yield f"hedged {one.hedged}"
    yield f"field {one.sentence.field}"
    yield f"sentence {min(n, 4)}"
    yield from (f"mod {mod}" for mod in one.mods)
    yield from (f"rule {rule.split(' (')[0]}" for rule in one.rules)


def _speakers(one: Candidate, scene: Scene) -> Iterator[str]:
    yield f"voices {min(3, len(one.voices))}"
    last = one.context.actor
    last_is = _stand(last.principal, one, scene) if last is not None else "none"
    written = _stand(scene.dateline, one, scene) if scene.dateline else "none"
    if not one.voices:
        yield from (f"unsaid from {written}", f"unsaid {one.type}", f"unsaid {one.change}")
    for i, voice in enumerate(one.voices[:HEARD]):
        kind = hear(voice, one, scene).kind or "outlet"
        yield from (f"{i} {kind}", f"{i} {voice.kind}", f"{i} {kind} {one.type}", f"{i} {voice.kind} {kind}")
        yield f"{i} carried {voice.carried}"
        yield from _speaker(i, voice, one, scene, last_is, written)


def _speaker(i: int, voice: Voice, one: Candidate, scene: Scene, last_is: str, written: str) -> Iterator[str]:
    """Yield what the words for a speaker are, and for whom it speaks."""
    stand = "none"
    for unit in voice.speaker:
        yield from (f"{i} {kind} {value}" for kind in TELLING for value in unit.values(kind))
        if unit.entity is not None and unit.entity.kind != "weapon":
            yield f"{i} kind {unit.entity.kind}"
            hand = scene.world.hand(unit.entity)
            if hand is not None and stand == "none":
                stand = _stand(hand.principal, one, scene)
    named = is_named([u for u in voice.speaker if not u.punct])
    yield from (f"{i} is {stand}", f"{i} is {stand} {one.type}", f"{i} is {stand} named {named}")
    yield from (f"{i} is {stand} last {last_is}", f"{i} is {stand} from {written}")
    yield f"{i} is {stand} last {last_is} named {named}"


def _sentence(one: Candidate) -> Iterator[str]:
    for unit in one.sentence.units:
        yield from (f"told {kind} {value}" for kind in AROUND for value in unit.values(kind))


def _stand(ident: str, one: Candidate, scene: Scene) -> str:
    """Say how somebody stands to a claim."""
    if one.hand is not None and ident in (one.hand.principal, one.hand.executor):
        return "principal"
    if ident == one.recipient:
        return "recipient"
    if ident == one.theatre:
        return "theatre"
    if scene.world.belligerent(ident, one.theatre or ""):
        return "party"
    return "at war" if ident in scene.world.wars else "other"


def judge_again(
    claims: Iterable[Candidate],
    sentences: Sequence[Sentence],
    scene: Scene,
    weights: Mapping[str, Mapping[str, float]],
) -> None:
    """Change how sure claims are where another status is likelier than that of the rules."""
    numbers = {id(s): n for n, s in enumerate(sentences)}
    for one in claims:
        now = status(one.epistemic, one.realis, one.change)  # type: ignore[arg-type]
        if now not in STATUSES:
            continue
        best = likeliest(marks_of(one, numbers[id(one.sentence)], scene), now, weights)
        if best != now:
            one.epistemic = _axis(best, one, scene)
            one.rules.append(f"{best} by its speakers")


def likeliest(marks: Marks, by_rule: str, weights: Mapping[str, Mapping[str, float]]) -> str:
    """Return the likeliest status; that of the rules unless another is likelier by MARGIN."""
    likely = _likelihoods(marks, weights)
    best = max(STATUSES, key=lambda each: likely[each])
    return best if likely[best] >= likely[by_rule] + MARGIN else by_rule


def _likelihoods(marks: Marks, weights: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return how likely each status is."""
    logits = {
        each: own.get(BIAS, 0.0) + math.fsum(own.get(mark, 0.0) for mark in marks)
        for each, own in weights.items()
    }
    top = max(logits.values())
    heights = {each: math.exp(logit - top) for each, logit in logits.items()}
    total = sum(heights.values())
    return {each: height / total for each, height in heights.items()}


def _axis(best: str, one: Candidate, scene: Scene) -> str:
    if best != "confirmed":
        return best
    found = any(hear(voice, one, scene).kind == "un_panel" for voice in one.voices)
    return "found" if found else "acknowledged"
