"""Pairings: how an actor and a word of support stand to each other in a sentence, as marks to be weighed.

The frames bind what they are sure of. Beside them every actor of a sentence is paired with every cue of it,
and described by marks that no language owns: what the cue is, which act governs it, who is its subject, how
far apart they are, what stands between. `likelihood` weighs them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.claims.judgement import modality
from pipeline.claims.objects import is_passive
from pipeline.claims.phrases import agent_phrase, ways_of
from pipeline.claims.scene import Scene
from pipeline.claims.subjects import subjects_left
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.world import Hand

REACH: Final = 9  # units between a thing and the act that gives it a type
DISTANCES: Final = (1, 2, 4, 7, 12, 20)
ROLES: Final = frozenset({"thing", "act", "deed", "rel", "det", "num", "pron", "poss", "aux", "conj",
                          "particle", "backer"})  # fmt: skip
VALUED: Final = frozenset({"mod", "mood", "speaker", "role", "bound"})  # kinds of marks that differ by value
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
    """An actor beside a cue. `marks` describe the two, `around` everything else in the sentence."""

    hand: Hand
    mention: Unit
    cue: Cue
    sentence: Sentence
    marks: Marks
    around: Marks


def pairings(sentence: Sentence, n: int, total: int, scene: Scene) -> Iterator[Pairing]:
    """Yield the pairings of the sentence at `n` of `total`."""
    units = sentence.units
    actors = [
        (unit, hand)
        for unit in units
        if unit.entity is not None
        and unit.entity.kind != "weapon"
        and (hand := scene.world.hand(unit.entity)) is not None
    ]
    found = list(cues(units, scene.frames)) if actors else []
    if not found:
        return
    around = _around(sentence, n, total, len({hand.principal for _, hand in actors}))
    left = MAX_PAIRINGS
    grammars: dict[int, _Grammar] = {}
    for cue in found:
        at = cue.act.at
        if at not in grammars:
            grammars[at] = _grammar(cue.act, units, scene.order)
        told = _told_of(cue, grammars[at], units)
        nearest = max((u.at for u, _ in actors if u.at < at), default=None)
        next_one = min((u.at for u, _ in actors if u.at > at), default=None)
        for unit, hand in actors:
            near = "near" if unit.at == nearest else "nearR" if unit.at == next_one else "far"
            yield Pairing(hand, unit, cue, sentence, _marks(unit, cue, units, told, near), around)
            left -= 1
            if not left:
                return


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


def _grammar(act: Unit, units: list[Unit], order: str) -> _Grammar:
    subjects = subjects_left(units, act.at) if act.has("act") else []
    marks = frozenset(f"m {mod}" for mod in modality(units, act.at, order))
    return _Grammar(marks, _members(subjects), _members(agent_phrase(units, act.at)))


def _told_of(cue: Cue, grammar: _Grammar, units: list[Unit]) -> _Told:
    act = cue.act
    name = cue.act_name.split(":")[-1]
    marks = {f"t {cue.type}", f"cue {cue.kind}", f"t {cue.type} cue {cue.kind}"}
    marks |= {f"act {cue.act_kind}:{name}", f"t {cue.type} act {name}", f"cue {cue.kind} act {name}"}
    marks |= {f"own {mod}" for mod in cue.unit.values("mod")}
    passive = act.has("act") and is_passive(units, act.at, name)
    if passive:
        marks.add("passive")
    if act.verb:
        marks.add("verb")
    return _Told(grammar.marks | marks, grammar.marks, grammar, passive, name)


def _members(phrases: list[Unit]) -> frozenset[int]:
    return frozenset(id(u) for np in phrases for u in (np, *np.nationality))


def _marks(unit: Unit, cue: Cue, units: list[Unit], told: _Told, near: str) -> Marks:
    """Return how a mention stands to a cue."""
    act = cue.act
    side = "L" if unit.at < act.at else "R"
    far = side + _bucket(unit.at - act.at)
    owner = any(n is unit for n in cue.unit.nationality)
    subject, agent = id(unit) in told.grammar.subjects, id(unit) in told.grammar.agents
    role = "owner" if owner else "agent" if agent else "subject" if subject else "none"
    name, passive = told.act, told.passive
    kind = unit.entity.kind if unit.entity else ""
    out = {f"d {far}", f"dk {'L' if unit.at < cue.unit.at else 'R'}{_bucket(unit.at - cue.unit.at)}"}
    out |= {role, f"{role} act {name}", f"{role} d {far}", f"{role} {near} {passive}", near}
    out |= {f"kind {kind}", f"{role} kind {kind}", f"t {cue.type} kind {kind}"}
    out |= {f"case {unit.case}", f"{role} case {unit.case}", f"act {name} case {unit.case}"}
    out |= {f"{mark} {role}" for mark in told.modal}
    for way in ways_of(units, unit) or ("-",):
        out |= {f"way {way}", f"way {way} act {name}", f"way {way} {role}", f"way {way} {side}"}
    flags = {
        "subject": subject, "other subject": not subject and bool(told.grammar.subjects),
        "agent": agent, "other agent": not agent and bool(told.grammar.agents), "passive": passive,
        "owner": owner, "other owner": not owner and bool(cue.unit.nationality), "where": unit.where,
        "same clause": unit.clause == act.clause, "verb": act.verb,
    }  # fmt: skip
    out |= {f"{flag} {side}" for flag, true in flags.items() if true}
    out |= {flag for flag, true in flags.items() if true}
    out |= _between(unit, act, units)
    if unit.speaking:
        out.add("speaking")
    if unit.made or cue.unit.maker:
        out.add("maker")
    if unit.aside != cue.unit.aside:
        out.add("aside")
    if unit.head is not None and unit.head is not cue.unit:
        out.add("owns another")
    return told.marks | out


def _between(unit: Unit, act: Unit, units: list[Unit]) -> set[str]:
    between = units[min(unit.at, act.at) + 1 : max(unit.at, act.at)]
    verbs, actors, stops = (
        min(3, sum(u.verb for u in between)),
        min(3, sum(u.actor for u in between)),
        min(3, sum(u.low in ",;:" for u in between)),
    )
    return {f"verbs {verbs}", f"actors {actors}", f"stops {stops}"}


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
