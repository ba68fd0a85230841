"""Pairings: how an actor and a word of support stand to each other in a sentence, as marks to be weighed.

The frames bind what they are sure of. Beside them every actor of a sentence is paired with every cue of it,
and described by marks that no language owns: what the cue is, which act governs it, who is its subject, how
far apart they are, what stands between. `likelihood` weighs them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from pipeline.claims.judgement import modality_of
from pipeline.claims.objects import is_passive
from pipeline.claims.phrases import agent_phrase, ways_of
from pipeline.claims.scene import Scene
from pipeline.claims.subjects import subjects_of
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.world import Hand

REACH: Final = 9  # units between a thing and the act that gives it a type
DISTANCES: Final = (1, 2, 4, 7, 12, 20)
ROLES: Final = frozenset({"thing", "act", "deed", "rel", "det", "num", "pron", "poss", "aux", "conj",
                          "particle", "backer"})  # fmt: skip
VALUED: Final = frozenset({"mod", "mood", "speaker", "role", "bound"})  # kinds of marks that differ by value
NEAR: Final = 7  # units from an act within which another actor may be its receiver
MAX_OTHERS: Final = 12  # actors of a sentence that are looked at beside the one that is paired
MAX_PAIRINGS: Final = 400  # of one sentence; a list of a thousand names is not weighed to its end

Marks = frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """A word that may tell of a type: `unit` itself, and the act that governs it, if there is one."""

    unit: Unit
    type: str
    kind: str  # what it is read from: "thing:weapon", "direct:train", "loose:enter", "backer"
    act: Unit
    act_kind: str  # "act", "deed", or "" where nothing governs the cue
    act_name: str


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """An actor beside a cue. `marks` describe the two, `told` the cue, `around` all else in the sentence."""

    hand: Hand
    mention: Unit
    cue: Cue
    sentence: Sentence
    marks: Marks
    told: Marks
    around: Marks


@dataclass(frozen=True, slots=True, eq=False)
class _Actor:
    """A mention of an actor: how it stands to the wars of the article, and what leads to it."""

    unit: Unit
    hand: Hand
    stand: str
    ways: tuple[str, ...]


def pairings(sentence: Sentence, n: int, total: int, scene: Scene) -> Iterator[Pairing]:
    """Yield the pairings of the sentence at `n` of `total`."""
    units = sentence.units
    actors = _actors(units, scene)
    found = list(cues(units, scene.frames)) if actors else []
    if not found:
        return
    around = _around(sentence, n, total, len({one.hand.principal for one in actors}))
    left = MAX_PAIRINGS
    grammars: dict[int, _Grammar] = {}
    between = _Between(units)
    for cue in found:
        at = cue.act.at
        if at not in grammars:
            grammars[at] = _grammar(cue.act, sentence, scene)
        told = _told_of(cue, grammars[at], units)
        nearest = max((one.unit.at for one in actors if one.unit.at < at), default=None)
        next_one = min((one.unit.at for one in actors if one.unit.at > at), default=None)
        beside = _Beside(cue.act, actors, between)
        for one in actors:
            near = "near" if one.unit.at == nearest else "nearR" if one.unit.at == next_one else "far"
            marks = _marks(one, cue, told, near, beside)
            yield Pairing(one.hand, one.unit, cue, sentence, marks, told.marks, around)
            left -= 1
            if not left:
                return


def _actors(units: list[Unit], scene: Scene) -> list[_Actor]:
    """Return who could act: all that are named, and an office without a land as that of the dateline."""
    out = []
    here = Hand(scene.dateline) if scene.dateline and scene.world.is_state(scene.dateline) else None
    for unit in units:
        if unit.entity is None:
            hand = here if unit.has("role", "state") and not unit.nationality else None
        else:
            hand = scene.world.hand(unit.entity) if unit.entity.kind != "weapon" else None
        if hand is not None:
            ways = tuple(ways_of(units, unit)) or ("-",)
            out.append(_Actor(unit, hand, stand_of(hand.principal, scene), ways))
    return out


def stand_of(principal: str, scene: Scene) -> str:
    """Say how an actor stands to the wars an article tells of: a land at war, a party, or an outsider."""
    if principal in scene.weights:
        return "home" if principal in scene.theatres else "named"
    parties = scene.world.parties
    if any(principal in parties.get(land, ()) for land in scene.theatres):
        return "party"
    return "elsewhere" if any(principal in parties.get(land, ()) for land in scene.weights) else "outsider"


def cues(units: list[Unit], frames: Mapping[str, Any]) -> Iterator[Cue]:
    """Yield every word that may tell of a type."""
    for unit in units:
        for kind, type_ in _types(unit, frames):
            found = _governor(unit, units, type_, frames) if kind.startswith("thing") else None
            if found is not None:
                yield Cue(unit, type_, kind, *found)
            else:
                yield Cue(unit, type_, kind, unit, "", "none" if kind.startswith("thing") else kind)


def _types(unit: Unit, frames: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield how a word is read, and the type this may tell of; of two readings for one type the first."""
    if not unit.tags:
        return
    acts = (*unit.values("act"), *unit.values("deed"))
    read = [
        (f"thing:{thing}", type_)
        for thing in unit.values("thing")
        for type_ in frames["things"].get(thing, ())
    ]
    read += [(f"direct:{act}", frames["direct"][act]) for act in acts if act in frames["direct"]]
    read += [("direct:words", "political_backing")] if "back" in acts else []
    read += [(f"loose:{act}", frames["loose"][act]) for act in acts if act in frames["loose"]]
    read += [("backer", "unspecified_support")] if unit.has("backer") else []
    seen: set[str] = set()
    for kind, type_ in read:
        if type_ not in seen:
            seen.add(type_)
            yield kind, type_


def _governor(
    unit: Unit, units: list[Unit], type_: str, frames: Mapping[str, Any]
) -> tuple[Unit, str, str] | None:
    """Return the nearest act that does to this thing what gives it its type."""
    best: tuple[int, Unit, str, str] | None = None
    things = unit.values("thing")
    for other in units[max(0, unit.at - REACH) : unit.at + REACH + 1]:
        if other is unit:
            continue
        for kind in ("act", "deed"):
            for act in other.values(kind):
                types = frames["types"].get(act)
                if types is None or not any(types.get(thing) == type_ for thing in things):
                    continue
                far = abs(other.at - unit.at) + 2 * (other.clause != unit.clause)
                far += 3 * (other.has("act") and not other.verb)
                if best is None or far < best[0]:
                    best = far, other, kind, act
    return best[1:] if best else None


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What is known of an act whoever it is paired with: its modality, and its subjects and agents, by id."""

    marks: Marks
    subjects: frozenset[int]
    agents: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a cue whoever it is paired with."""

    marks: Marks
    modal: Marks
    grammar: _Grammar
    passive: bool
    act: str


def _grammar(act: Unit, sentence: Sentence, scene: Scene) -> _Grammar:
    units = sentence.units
    subjects = subjects_of(units, act.at, scene) if act.has("act") else []
    marks = frozenset(f"m {mod}" for mod in modality_of(sentence, act.at, scene.order))
    return _Grammar(marks, _members(subjects), _members(agent_phrase(units, act.at)))


def _told_of(cue: Cue, grammar: _Grammar, units: list[Unit]) -> _Told:
    act = cue.act
    name = cue.act_name.split(":")[-1]
    marks = {f"cue {cue.kind}", f"act {cue.act_kind}:{name}", f"cue {cue.kind} act {name}"}
    marks |= {f"own {mod}" for mod in cue.unit.values("mod")}
    passive = act.has("act") and is_passive(units, act.at, name)
    return _Told(grammar.marks | marks, grammar.marks, grammar, passive, name)


def _members(phrases: list[Unit]) -> frozenset[int]:
    return frozenset(id(u) for np in phrases for u in (np, *np.nationality))


def _marks(one: _Actor, cue: Cue, told: _Told, near: str, beside: "_Beside") -> Marks:
    """Return how a mention stands to a cue."""
    act, unit, stand = cue.act, one.unit, one.stand
    side = "L" if unit.at < act.at else "R"
    far = side + _bucket(unit.at - act.at)
    owner = any(n is unit for n in cue.unit.nationality)
    subject, agent = id(unit) in told.grammar.subjects, id(unit) in told.grammar.agents
    role = "owner" if owner else "agent" if agent else "subject" if subject else "none"
    name, passive = told.act, told.passive
    kind = unit.entity.kind if unit.entity else "office"
    out = {f"d {far}", f"dk {'L' if unit.at < cue.unit.at else 'R'}{_bucket(unit.at - cue.unit.at)}"}
    out |= {role, f"{role} act {name}", f"{role} d {far}", f"{role} {near} {passive}", near}
    out |= {f"kind {kind}", f"{role} kind {kind}"}
    out |= {f"is {stand}", f"is {stand} {role}", f"is {stand} act {name}", f"is {stand} {near} {role}"}
    out |= {f"case {unit.case}", f"{role} case {unit.case}", f"act {name} case {unit.case}"}
    out |= {f"{mark} {role}" for mark in told.modal}
    for way in one.ways:
        out |= {f"way {way}", f"way {way} act {name}", f"way {way} {role}", f"way {way} {side}"}
        out.add(f"is {stand} way {way}")
    flags = {
        "subject": subject, "other subject": not subject and bool(told.grammar.subjects),
        "agent": agent, "other agent": not agent and bool(told.grammar.agents), "passive": passive,
        "owner": owner, "other owner": not owner and bool(cue.unit.nationality), "where": unit.where,
        "same clause": unit.clause == act.clause, "verb": act.verb,
    }  # fmt: skip
    out |= {f"{flag} {side}" for flag, true in flags.items() if true}
    out |= {flag for flag, true in flags.items() if true}
    out |= beside.between.marks(unit, act)
    if unit.speaking:
        out.add("speaking")
    if unit.made or cue.unit.maker:
        out.add("maker")
    if unit.aside != cue.unit.aside:
        out.add("aside")
    if unit.head is not None and unit.head is not cue.unit:
        out.add("owns another")
    return beside.marks(one, role) | out


class _Beside:
    """What the other actors of a sentence are to an act: who stands where may receive what is done."""

    def __init__(self, act: Unit, actors: list[_Actor], between: "_Between") -> None:
        """Keep the first actors; a list of a thousand names says nothing more."""
        self.act = act
        self.between = between
        self.actors = actors[:MAX_OTHERS]
        self.known: dict[tuple[str, str, str], Marks] = {}

    def marks(self, one: _Actor, role: str) -> Marks:
        """Return the marks of all that are not the one that is paired, in its role."""
        key = one.hand.principal, one.stand, role
        if key not in self.known:
            others = [other for other in self.actors if other.hand.principal != one.hand.principal]
            self.known[key] = frozenset(self._marks(others, one.stand, role))
        return self.known[key] | {f"between {self._others_between(one)} {role}"}

    def _marks(self, others: list[_Actor], stand: str, role: str) -> Iterator[str]:
        if not others:
            yield "nobody else"
            yield f"nobody else is {stand}"
        for one in others:
            side = "L" if one.unit.at < self.act.at else "R"
            near = "near" if abs(one.unit.at - self.act.at) <= NEAR else "far"
            yield from (f"o {one.stand}", f"o {one.stand} is {stand}", f"o {one.stand} {side} {near} {role}")
            for way in one.ways:
                yield from (f"o {one.stand} way {way}", f"o {one.stand} way {way} {near}")
                yield f"o way {way} {near} {side} {role}"
            if one.unit.case:
                yield f"o {one.stand} case {one.unit.case}"

    def _others_between(self, one: _Actor) -> int:
        """Count the others between an actor and the act, three for more."""
        low, high = sorted((one.unit.at, self.act.at))
        mine = one.hand.principal
        return min(3, sum(low < u.unit.at < high and u.hand.principal != mine for u in self.actors))


class _Between:
    """How many verbs, actors and stops stand between two units: of each the count up to every unit."""

    def __init__(self, units: list[Unit]) -> None:
        """Count once; every pairing of the sentence asks."""
        self.counts = {
            "verbs": [0, *accumulate(u.verb for u in units)],
            "actors": [0, *accumulate(u.actor for u in units)],
            "stops": [0, *accumulate(u.low in ",;:" for u in units)],
        }

    def marks(self, unit: Unit, act: Unit) -> set[str]:
        start, end = min(unit.at, act.at) + 1, max(unit.at, act.at)
        return {
            f"{name} {min(3, upto[end] - upto[start]) if end > start else 0}"
            for name, upto in self.counts.items()
        }


def _bucket(distance: int) -> str:
    away = abs(distance)
    return next((str(most) for most in DISTANCES if away <= most), "far")


def _around(sentence: Sentence, n: int, total: int, actors: int) -> Marks:
    """Return what a sentence holds, whoever is paired with what in it."""
    out = {f"third {3 * n // max(1, total)}", f"others {min(4, actors - 1)}"}
    for unit in sentence.units:
        for kind, tags in unit.tags.items():
            if kind in ("thing", "act", "deed"):
                out |= {f"s {'thing' if kind == 'thing' else 'act'} {tag.value}" for tag in tags}
            elif kind not in ROLES:
                out |= {f"s {kind} {tag.value}" for tag in tags} if kind in VALUED else {f"s {kind}"}
    if sentence.field == "title":
        out.add("title")
    if sentence.lead:
        out.add("lead")
    if not any(u.verb for u in sentence.units):
        out.add("no verb")
    return frozenset(out)
