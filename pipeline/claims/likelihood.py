"""Likelihood: how likely it is that an article claims this involvement of this actor.

Two steps, both learned from labelled articles (weights.yaml): every pairing of an actor with a cue is weighed
by its marks; then a pair of principal and type is judged by the weights of its pairings, by those of its
rivals in the article, and by what the frames made of it. No mark names a country, a group or a word.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.claims.pairings import Cue, Pairing
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence
from pipeline.claims.world import Hand
from pipeline.knowledge import Weights

NOTHING: Final = -4.0  # the weight of a pair that no sentence pairs
HOPELESS: Final = -3.0  # logits; below, the trees never make a claim of what the frames did not claim
Traits = dict[str, float]


@dataclass(slots=True, eq=False)
class Pair:
    """A principal and a type in one article. `weights` are those of its pairings, the highest first."""

    hand: Hand
    type: str
    weights: list[float] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    claimed: list[Candidate] = field(default_factory=list)
    theatre: str = ""
    likelihood: float = 0.0

    @property
    def best(self) -> float:
        return self.weights[0] if self.weights else NOTHING


def weigh(one: Pairing, weights: Weights, around: float) -> float:
    """Return the weight of a pairing, in logits; `around` is that of its cue and the rest of its sentence.

    Every mark weighs in itself, and for the type that the cue tells of.
    """
    get = weights.of_type(one.cue.type).get
    return weights.bias + around + math.fsum(get(mark, 0.0) for mark in one.marks)


def pairs_of(
    weighed: Iterable[tuple[Pairing, float]],
    candidates: Iterable[Candidate],
    claimed: Iterable[Candidate],
    scene: Scene,
) -> list[Pair]:
    """Return the pairs of an article that could be claims, with the theatre each would have."""
    pairs: dict[tuple[str, str], Pair] = {}

    def pair(hand: Hand, type_: str) -> Pair:
        return pairs.setdefault((hand.principal, type_), Pair(hand, type_))

    for pairing, weight in weighed:
        pair(pairing.hand, pairing.cue.type).weights.append(weight)
    for one in candidates:
        if one.hand is not None:
            pair(one.hand, one.type).candidates.append(one)
    for one in claimed:
        if one.hand is not None:
            pair(one.hand, one.type).claimed.append(one)
    found = []
    for each in pairs.values():
        each.weights.sort(reverse=True)
        theatre = _theatre(each, scene)
        if theatre is not None:
            each.theatre = theatre
            found.append(each)
    return found


def _theatre(pair: Pair, scene: Scene) -> str | None:
    """Return where a pair's claim would be: as its candidates say, else where most of the article is."""
    principal = pair.hand.principal
    if pair.claimed:
        return pair.claimed[0].theatre
    for one in pair.candidates:
        if one.theatre and scene.world.foreign(principal, one.theatre):
            return one.theatre
    lands = [*scene.theatres, *sorted(scene.weights, key=lambda land: -scene.weights[land])]
    return next((t for t in lands if t != principal and scene.world.foreign(principal, t)), None)


@dataclass(slots=True)
class Told:
    """Who is named how often and where first in an article of `size` sentences; how much is told of war."""

    size: int
    times: Counter[str]
    first: dict[str, int]
    lead: set[str]
    war: int = 0  # words of war
    armed: int = 0  # mentions of armed groups


def told_of(sentences: Sequence[Sentence], scene: Scene) -> Told:
    out = Told(len(sentences), Counter(), {}, set())
    for n, sentence in enumerate(sentences):
        for unit in sentence.units:
            out.war += "war" in unit.tags
            if unit.entity is None or unit.entity.kind == "weapon":
                continue
            hand = scene.world.hand(unit.entity)
            if hand is not None:
                out.armed += scene.world.armed(hand.principal)
                out.times[hand.principal] += 1
                out.first.setdefault(hand.principal, n)
                if sentence.lead:
                    out.lead.add(hand.principal)
    return out


def traits_of(pairs: Sequence[Pair], told: Told, scene: Scene) -> list[Traits]:
    """Return what the second step judges each pair by."""
    total = max(1, sum(told.times.values()))
    rivals = _Rivals(pairs)
    return [
        {**_weights(pair, rivals), **_place(pair, told, total, scene), **_frames(pair), **rivals.claims(pair)}
        for pair in pairs
    ]


class _Rivals:
    """What the other pairs of an article weigh and claim, by principal, by type and in all."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Keep the two best weights of each kind, as a pair is judged beside the others."""
        self.best: dict[str, tuple[float, float]] = defaultdict(lambda: (NOTHING, NOTHING))
        self.claimed: Counter[str] = Counter()
        for pair in pairs:
            for kind in _kinds(pair):
                first, second = self.best[kind]
                if pair.weights:
                    self.best[kind] = max(first, pair.best), max(second, min(first, pair.best))
                self.claimed[kind] += bool(pair.claimed)

    def beside(self, pair: Pair, kind: str) -> float:
        """Return the best weight of its kind but for its own."""
        first, second = self.best[kind]
        return second if pair.weights and pair.best == first else first

    def claims(self, pair: Pair) -> Traits:
        own = bool(pair.claimed)
        of_it, of_type, of_all = (float(self.claimed[kind] - own) for kind in _kinds(pair))
        return {"claimed others": min(5.0, of_all), "claimed of it": of_it, "claimed of type": of_type}


def _kinds(pair: Pair) -> tuple[str, str, str]:
    return f"of {pair.hand.principal}", f"type {pair.type}", "all"


def _weights(pair: Pair, rivals: _Rivals) -> Traits:
    of_it, of_type, of_all = (rivals.beside(pair, kind) for kind in _kinds(pair))
    return {
        f"type {pair.type}": 1.0,
        "weight": pair.best,
        "second weight": pair.weights[1] if len(pair.weights) > 1 else NOTHING,
        "pairings": float(min(5, len(pair.weights))),
        "unpaired": float(not pair.weights),
        "its best": of_it,
        "best of type": of_type,
        "best of article": of_all,
    }


def _place(pair: Pair, told: Told, total: int, scene: Scene) -> Traits:
    principal, theatre = pair.hand.principal, pair.theatre
    parties = scene.world.parties
    top = scene.theatres[0] if scene.theatres else None
    known = scene.world.known(principal, theatre)
    return {
        "times": float(min(8, told.times[principal])),
        "share": told.times[principal] / total,
        "in lead": float(principal in told.lead),
        "state": float(scene.world.is_state(principal)),
        "first": told.first.get(principal, told.size) / max(1, told.size),
        "theatres": float(min(4, len(scene.theatres))),
        "in top theatre": float(theatre == top),
        "is top theatre": float(principal == top),
        "own war": float(principal in scene.weights),
        "party somewhere": float(any(principal in parties.get(land, ()) for land in scene.weights)),
        "party there": float(principal in parties.get(theatre, ())),
        "foreign": float(scene.world.foreign(principal, theatre)),
        "at war there": float(theatre in scene.theatres),
        "sentences": float(min(30, told.size)),
        "war": float(min(5, told.war)),
        "armed": float(min(5, told.armed)),
        "known": float(bool(known)),
        "known type": float(pair.type in known),
    }


def _frames(pair: Pair) -> Traits:
    """Return what the frames made of a pair: claimed, or held back and why."""
    out: Traits = {"confidence": max((c.confidence for c in pair.claimed), default=0.0)}
    if pair.claimed:
        out["claimed"] = out[f"claimed {pair.type}"] = 1.0
    for one in pair.candidates:
        if one.held is None:
            out["free"] = 1.0
        else:
            out["held"] = out[f"held {one.held}"] = 1.0
        for rule in one.rules:
            out[f"rule {rule.split(' (')[0]}"] = 1.0
    return out


def judge(pairs: Sequence[Pair], told: Told, scene: Scene, weights: Weights) -> None:
    """Write into each pair how likely its claim is; the hopeless are not looked at."""
    for pair, traits in zip(pairs, traits_of(pairs, told, scene), strict=True):
        if pair.claimed or pair.best >= HOPELESS:
            pair.likelihood = likelihood(traits, weights)


def likelihood(traits: Traits, weights: Weights) -> float:
    """Return the likelihood that the trees give, 0 to 1."""
    total = weights.base
    get = traits.get
    for node in weights.grown:
        while node.__class__ is tuple:
            name, most, left, right = node
            node = left if get(name, 0.0) <= most else right
        total += node
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def gathered(pairings: Iterable[Pairing], weights: Weights) -> list[tuple[Pairing, float]]:
    """Weigh the pairings of one sentence; a cue, and what surrounds all of its type, are weighed once."""
    out: list[tuple[Pairing, float]] = []
    around: dict[str, float] = {}
    cue: Cue | None = None
    told = 0.0
    for one in pairings:
        get = weights.of_type(one.cue.type).get
        if one.cue.type not in around:
            around[one.cue.type] = math.fsum(get(mark, 0.0) for mark in one.around)
        if one.cue is not cue:
            cue, told = one.cue, math.fsum(get(mark, 0.0) for mark in one.told)
        out.append((one, weigh(one, weights, around[one.cue.type] + told)))
    return out
