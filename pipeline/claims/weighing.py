"""Weighing: the second look at an article, by likelihood, after the frames have bound what they could.

A claim of the frames that is unlikely is held back. A likely one that they held back for want of certainty is
set free, and one that they did not bind at all is made of the pairing that tells it best: placed, judged and
checked by the same rules as any other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from pipeline.claims.likelihood import Pair, gathered, judge, pairs_of, told_of
from pipeline.claims.pairings import Pairing, pairings
from pipeline.claims.places import place
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence
from pipeline.knowledge import Weights

LEAST_SENTENCES: Final = 2  # one sentence alone tells too little around a claim to doubt the frames by it
MAX_WEIGHED: Final = 4_000  # of one article; a long one has 500, a list of all names there are is cut here
PROMISING: Final = -1.5  # logits; a pairing of less weight is never the best telling of a likely claim
NEARLY: Final = 0.15  # how likely what is shown as held back must be
FIRM: Final = (  # no likelihood overrules rules of validity, and what is settled as no claim
    "rule", "outdone", "context: a fact check", "context: relief", "denied by a third party", "humanitarian",
    "from lent soil", "the UN takes no side", "fired, not given", "borne, not given", "only the carrier",
    "evacuees",
)  # fmt: skip
SETTLED: Final = ("from lent soil", "the UN takes no side")  # true of the pair, wherever it is told
SECOND: Final = "second reading"


class Reading:
    """The pairings of an article of `size` sentences, weighed, and the candidates of the promising ones."""

    def __init__(self, weights: Weights | None, size: int) -> None:
        """Prepare a second reading; none is made without weights, or of an article too short for it."""
        able = weights is not None and bool(weights.trees) and size >= LEAST_SENTENCES
        self.weights = weights if able else None
        self.size = size
        self.weighed: list[tuple[Pairing, float]] = []
        self.candidates: list[Candidate] = []
        self.left = MAX_WEIGHED
        self.weight: dict[int, float] = {}  # by id of a candidate
        self.near: set[int] = set()  # ids of candidates that were nearly claims

    def add(self, sentence: Sentence, n: int, scene: Scene) -> list[Candidate]:
        """Weigh the pairings of the sentence at `n`; return new candidates, of the promising ones."""
        if self.weights is None:
            return []
        found = gathered(islice(pairings(sentence, n, self.size, scene), self.left), self.weights)
        self.weighed += found
        self.left -= len(found)
        best: dict[tuple[str, str], tuple[float, Pairing]] = {}
        for one, weight in found:
            key = one.hand.principal, one.cue.type
            if weight >= PROMISING and (key not in best or weight > best[key][0]):
                best[key] = weight, one
        made = []
        for weight, one in best.values():
            candidate = _candidate(one, scene)
            self.weight[id(candidate)] = weight
            made.append(candidate)
        self.candidates += made
        return made

    def by_key(self) -> dict[tuple[str, str], list[Candidate]]:
        """Return the candidates by principal and type."""
        out: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
        for one in self.candidates:
            if one.hand is not None:
                out[one.hand.principal, one.type].append(one)
        return out

    def worth_telling(self, kept: list[Candidate]) -> list[Candidate]:
        """Return the candidates of this reading that became claims, or nearly did."""
        ids = {id(one) for one in kept} | self.near
        return [one for one in self.candidates if id(one) in ids]


def _candidate(one: Pairing, scene: Scene) -> Candidate:
    cue = one.cue
    thing = cue.unit if "thing" in cue.unit.tags else None
    act = cue.act_name.split(":")[-1] if cue.act_kind or thing is None else ""
    out = Candidate(
        one.sentence, cue.act, act, cue.type, one.hand, None, thing=thing, agent=one.mention, second=True,
    )  # fmt: skip
    place(out, cue.act.at, scene)
    return out


def reweigh(
    candidates: list[Candidate],
    kept: list[Candidate],
    reading: Reading,
    sentences: Sequence[Sentence],
    scene: Scene,
) -> list[Candidate]:
    """Return the likely claims: of `kept`, of what was held back, and of the second reading."""
    weights = reading.weights
    if weights is None:
        return kept
    pairs = pairs_of(reading.weighed, candidates, kept, scene)
    judge(pairs, told_of(sentences, scene), scene, weights)
    made = reading.by_key()
    out: list[Candidate] = []
    for pair in pairs:
        best = None if pair.claimed or pair.likelihood < NEARLY else _best(pair, made, reading.weight, scene)
        unlikely = f"unlikely ({pair.likelihood:.2f})"
        if pair.likelihood < (weights.least if pair.claimed else weights.fresh):
            for one in pair.claimed:
                one.held = unlikely
            if best is not None and best.second:
                best.held = unlikely
                reading.near.add(id(best))
        elif pair.claimed:
            for one in pair.claimed:
                one.confidence = (one.confidence + pair.likelihood) / 2
            out += pair.claimed
        elif best is not None:
            best.held = None
            best.confidence = pair.likelihood
            best.rules.append(f"{SECOND} ({pair.likelihood:.2f})")
            out.append(best)
    return out


def _best(
    pair: Pair, made: Mapping[tuple[str, str], list[Candidate]], weight: Mapping[int, float], scene: Scene
) -> Candidate | None:
    """Return the candidate that tells a pair best, or None where a firm rule speaks against each."""
    if any(one.held is not None and one.held.startswith(SETTLED) for one in pair.candidates):
        return None
    held = [one for one in pair.candidates if _may_be(one, scene)]
    if held:
        return max(held, key=lambda one: one.confidence)
    firm = {id(one.sentence) for one in pair.candidates if one.held is not None and one.held.startswith(FIRM)}
    second = made.get((pair.hand.principal, pair.type), ())
    free = [
        one for one in second if one.held is None and id(one.sentence) not in firm and _may_be(one, scene)
    ]
    return max(free, key=lambda one: weight[id(one)], default=None)


def _may_be(one: Candidate, scene: Scene) -> bool:
    if one.held is not None and one.held.startswith(FIRM):
        return False
    return bool(one.theatre and one.hand and scene.foreign(one.hand.principal, one.theatre))
