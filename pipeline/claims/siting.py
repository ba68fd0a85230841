"""Siting: in which war of an article a claim belongs, where it tells of several.

The frames put a candidate where its own sentence says, or where most of the article is. Here every land at
war that the article names is weighed against the others by marks of how it stands to the claim, with weights
learned from labelled articles (weights.yaml); the heaviest is the theatre. No mark names a country or a word.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.claims.phrases import is_local, ways_of
from pipeline.claims.places import ONE_OF_LIST, country_of, name_recipient, speakers_wars, spots_of
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.validity import fault

MOST: Final = 8  # lands that are weighed for one candidate
DISTANCES: Final = (1, 3, 6, 10, 16)
UNPLACED: Final = ("rule 1: no war but its own", "rule 2: no war that could be its theatre")
SITED: Final = "sited"
CROSSED: Final = frozenset({"placed", "here", "helps 0", "helps 2", "known", "title"})
Marks = frozenset[str]


@dataclass(slots=True)
class Land:
    """A land at war in an article: where it is told of, and what the candidates make of it."""

    mentions: dict[int, list[Unit]] = field(default_factory=lambda: defaultdict(list))  # by sentence
    title: bool = False
    lead: bool = False
    groups: set[int] = field(default_factory=set)  # sentences that name a party at home there


@dataclass(slots=True)
class Map:
    """The lands at war that an article tells of, and how its candidates are placed among them."""

    lands: dict[str, Land]
    number: dict[int, int]  # of a sentence, by its id
    helps: Counter[str]  # claims by principal
    told: Counter[str]  # claims whose own sentence places them there
    placed: Counter[str]  # claims placed there by any rule
    total: int
    last: list[str | None]  # the land spoken of last before each sentence
    next: list[str | None]  # and next behind it


def map_of(sentences: Sequence[Sentence], claims: Iterable[Candidate], scene: Scene) -> Map:
    """Return where an article plays; `claims` are what the frames made of it."""
    lands: dict[str, Land] = {}
    last: list[str | None] = []
    spoken: list[list[str]] = []
    recent: str | None = None
    for n, sentence in enumerate(sentences):
        last.append(recent)
        spoken.append([])
        for unit in sentence.units:
            for ident in _lands(unit, scene):
                land = lands.setdefault(ident, Land())
                land.mentions[n].append(unit)
                land.title |= sentence.field == "title"
                land.lead |= sentence.lead and sentence.field != "title"
                if unit.of_kind("group"):
                    land.groups.add(n)
                spoken[n].append(ident)
                recent = ident
    after: list[str | None] = [next(iter(s), None) for s in spoken[1:]] + [None]
    helps: Counter[str] = Counter()
    told: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for one in claims:
        if one.hand is not None and one.theatre:
            helps[one.hand.principal] += 1
            placed[one.theatre] += 1
            told[one.theatre] += _told_there(one)
    total = max(1, sum(scene.weights.values()))
    numbers = {id(s): n for n, s in enumerate(sentences)}
    return Map(lands, numbers, helps, told, placed, total, last, after)


def _lands(unit: Unit, scene: Scene) -> Iterator[str]:
    """Yield the lands at war that a mention stands for: itself, or a party's home."""
    if unit.entity is None or unit.entity.kind in ("weapon", "body"):
        return
    land = country_of(unit, scene)
    if land is None and unit.of_kind("group"):
        land = scene.world.theatre_of(unit.entity.id)
    if land is not None and land in scene.world.wars:
        yield land


def _told_there(one: Candidate) -> bool:
    return one.where is not None and is_local(one.sentence.units, one.where)


def options(one: Candidate, scene: Scene) -> list[str]:
    """Return the lands where a candidate could be: its own first, then by how much is told of them."""
    lands = sorted(scene.weights, key=lambda land: (-scene.weights[land], land))
    found = dict.fromkeys([*([one.theatre] if one.theatre else []), *lands])
    return [land for land in found if one.hand and scene.foreign(one.hand.principal, land)][:MOST]


def marks_of(one: Candidate, land: str, scene: Scene, map_: Map) -> Marks:
    """Return how a land stands to a candidate."""
    out = {
        *_as_placed(one, land),
        *_in_article(one, land, scene, map_),
        *_in_sentence(one, land, scene, map_),
    }
    crossed = [f"{first} & {second}" for first in out & CROSSED for second in out]
    return frozenset((*out, *crossed))


def _as_placed(one: Candidate, land: str) -> Iterator[str]:
    if land != one.theatre:
        return
    if one.where is not None:
        how = "local" if _told_there(one) else "side" if one.where is one.side else "spot"
    else:
        how = next(
            (rule.split(" (")[0] for rule in one.rules[::-1] if " war" in rule or "theatre" in rule),
            "recipient",
        )
    yield "placed"
    yield f"placed {how}"
    yield f"placed {how} {one.type}"
    yield f"placed second {one.second}"


def _in_article(one: Candidate, land: str, scene: Scene, map_: Map) -> Iterator[str]:
    principal = one.hand.principal if one.hand else ""
    rank = scene.theatres.index(land) if land in scene.theatres else "none"
    yield f"rank {rank}"
    yield f"share {round(4 * scene.weights.get(land, 0) / map_.total)}"
    yield f"least {min(3, scene.weights.get(land, 0))}"
    if land in scene.outside:
        yield "outside"
    if land == scene.dateline:
        yield "dateline"
    if land not in scene.world.wars:
        yield "at peace"
    if land in scene.missions:
        yield f"mission {one.type == 'peace_operation'}"
    own = land == one.theatre
    mine = one.held is None and not one.second
    yield f"helps {min(2, map_.helps[land])}"
    yield f"told {min(2, map_.told[land] - (own and mine and _told_there(one)))}"
    yield f"others placed {min(2, map_.placed[land] - (own and mine))}"
    known = scene.world.known(principal, land)
    if known:
        yield "known"
    if one.type in known:
        yield "known type"
    if one.recipient and scene.world.home(one.recipient) == land:
        yield "recipient's"
    if scene.world.armed(principal):
        group = scene.world.group(principal)
        if group is not None and land in group.theatres:
            yield "group's theatre"
    place = map_.lands.get(land)
    if place is not None:
        if place.title:
            yield "title"
        if place.lead:
            yield "lead"
        yield f"sentences {min(4, len(place.mentions))}"


def _in_sentence(one: Candidate, land: str, scene: Scene, map_: Map) -> Iterator[str]:
    n = map_.number[id(one.sentence)]
    if map_.last[n] == land:
        yield "last"
    if map_.next[n] == land:
        yield "next"
    if land in speakers_wars(one, scene):
        yield "speaker's"
    place = map_.lands.get(land)
    mentions = place.mentions.get(n, []) if place is not None else []
    if not mentions:
        away = min((abs(n - m) for m in place.mentions), default=9) if place is not None else 9
        yield f"away {min(4, away)}"
        return
    yield "here"
    yield f"here {one.type}"
    if place is not None and n in place.groups:
        yield "group here"
    units = one.sentence.units
    nearest = min(mentions, key=lambda u: abs(u.at - one.trigger.at))
    for unit in mentions:
        side = "L" if unit.at < one.trigger.at else "R"
        away = abs(unit.at - one.trigger.at)
        far = next((str(most) for most in DISTANCES if away <= most), "far")
        kind = unit.entity.kind if unit.entity is not None else ""
        if unit is nearest:
            yield f"d {side}{far}"
            yield f"kind {kind}"
            yield f"kind {kind} {one.type}"
            yield f"clause {unit.clause == one.trigger.clause}"
        for way in ways_of(units, unit) or ("-",):
            yield f"way {way}"
            yield f"way {way} {side}"
            yield f"way {way} {one.type}"
        if unit is one.side or (one.side is not None and unit in one.side.nationality):
            yield "side"
        if one.thing is not None and unit in one.thing.nationality:
            yield "owns the thing"
        elif unit.head is not None:
            yield "owns"
        if unit.speaking:
            yield "speaking"
        if one.agent is not None and (unit is one.agent or unit in one.agent.nationality):
            yield "agent"


def movable(one: Candidate) -> bool:
    """Say whether a candidate's theatre is open: not where a mission or a list of lands gives it."""
    if one.hand is None or ONE_OF_LIST in one.rules:
        return False
    if any(unit is not None and unit.of_kind("mission") for unit in (one.thing, one.where)):
        return False
    return one.held is None or one.held in UNPLACED


def site(
    candidates: Iterable[Candidate],
    claims: Sequence[Candidate],
    sentences: Sequence[Sentence],
    scene: Scene,
    weights: Mapping[str, float],
) -> None:
    """Move candidates to the land that outweighs the others."""
    open_ = [one for one in candidates if movable(one) and options(one, scene) not in ([], [one.theatre])]
    if not open_:
        return
    map_ = map_of(sentences, claims, scene)
    best = {id(one): _best(one, scene, map_, weights) for one in open_}
    fighting = sum("war" in u.tags for s in sentences for u in s.units) >= 2
    for one in open_:
        if best[id(one)] != one.theatre:
            _move(one, best[id(one)], scene, map_)
            one.held = fault(one, scene, fighting)


def _best(one: Candidate, scene: Scene, map_: Map, weights: Mapping[str, float]) -> str:
    get = weights.get
    return max(
        options(one, scene),
        key=lambda land: math.fsum(get(mark, 0.0) for mark in marks_of(one, land, scene, map_)),
    )


def _move(one: Candidate, land: str, scene: Scene, map_: Map) -> None:
    """Put a candidate where it belongs, and name the side that it helps there."""
    units, at = one.sentence.units, one.trigger.at
    mentions = map_.lands[land].mentions.get(map_.number[id(one.sentence)], []) if land in map_.lands else []
    one.theatre, one.recipient, one.sided = land, None, False
    one.where = min((u for u in mentions if u.where), key=lambda u: abs(u.at - at), default=None)
    agent = [one.agent, *one.agent.nationality] if one.agent is not None else []
    name_recipient(one, spots_of(units, at, one, {id(unit) for unit in agent}), scene)
    if one.hand is not None and one.recipient == one.hand.principal:
        one.recipient = None
    one.rules.append(SITED)
