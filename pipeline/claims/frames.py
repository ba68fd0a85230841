"""Frames: which act binds which thing, actor, place and side into a candidate for a claim.

A candidate is found by one rule for all languages: the act's class and the class of its thing give the
type; the agent is the subject of an active act, the agent phrase of a passive one, else what the thing
says of itself ("Russian mercenaries"); the theatre is where the act goes, else whose side is helped, else
where the article is. What fails a rule is kept with the reason, so that `explain` can show it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.claims.units import STATES, Sentence, Unit
from pipeline.claims.voices import Voice
from pipeline.claims.world import Hand, World

YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True, eq=False)
class Candidate:
    """A claim in the making. `held` names the rule that keeps it back."""

    sentence: Sentence
    trigger: Unit
    act: str  # class of the act, "" for mere presence
    type: str
    hand: Hand | None
    theatre: str | None
    thing: Unit | None = None
    recipient: str | None = None
    origin: str | None = None
    agent: Unit | None = None
    where: Unit | None = None
    side: Unit | None = None
    sided: bool = False  # some side is told, known or not
    change: str = ""
    realis: str = ""
    epistemic: str = ""
    hedged: bool = False
    denied: bool = False
    fewer: bool = False
    voices: list[Voice] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.9
    held: str | None = None

    def weigh(self, loss: float, rule: str) -> None:
        self.confidence -= loss
        self.rules.append(rule)


@dataclass(slots=True)
class Scene:
    """What the article has told so far: the last theatre, actor and group."""

    world: World
    frames: Mapping[str, Any]
    theatres: list[str]  # by weight, see `weights`
    weights: Mapping[str, int]  # theatre -> how much the article speaks of it
    theatre: str | None = None
    recent: str | None = None  # the last theatre spoken of in this paragraph
    dominant: bool = False  # most of the article is about the first theatre
    past: list[list[Unit]] = field(default_factory=list)  # units of the sentences before, the latest last
    group: Hand | None = None
    soldiers: Hand | None = None
    speaker: Hand | None = None
    units: list[Unit] = field(default_factory=list)
    order: str = "svo"

    @property
    def last(self) -> Hand | None:
        """The last actor told before this sentence."""
        for units in self.past[:-9:-1]:
            if (hand := first_actor(units, self)) is not None:
                return hand
        return None


def bind(sentence: Sentence, scene: Scene) -> Iterator[Candidate]:
    """Yield the candidates of a sentence, in text order."""
    units = sentence.units
    for i, unit in enumerate(units):
        if unit.glued and unit.has("compound"):
            yield from _compound(sentence, i, scene)
            continue
        kind = "act" if unit.verb and unit.has("act") else "deed"
        for act in dict.fromkeys(unit.values(kind)):
            for one in _act(sentence, i, act, scene):
                yield one
                yield from _elsewhere(one, scene)
    for i, unit in enumerate(units):
        if unit.has("thing") and not unit.verb and not unit.used:
            yield from _presence(sentence, i, scene)


def _elsewhere(one: Candidate, scene: Scene) -> Iterator[Candidate]:
    """Repeat a candidate for further theatres of one list: "to Mali, Burkina Faso and Niger"."""
    units = one.sentence.units
    if one.where is None or one.theatre is None or one.hand is None or one.where not in units:
        return
    at = one.where.at
    last = at
    for j in range(at + 1, min(len(units), at + 10)):
        unit = units[j]
        if unit.low == "," or unit.has("conj") or unit.has("det"):
            continue
        if not (unit.where and unit.head is None and _joined(units, last, j)):
            return
        theatre = _theatre(unit, one.hand.principal, [], scene, True)
        if theatre and theatre != one.theatre and scene.world.foreign(one.hand.principal, theatre):
            twin = replace(
                one, theatre=theatre, where=unit, recipient=None, rules=[*one.rules, "one of a list"]
            )
            _recipient(twin, [unit], scene)
            yield twin
        last = j


# Acts -------------------------------------------------------------------------------------------------


def _act(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    types: Mapping[str, str] = scene.frames["types"].get(act, {})
    passive = _passive(sentence.units, i, act)
    if act in ("use", "host", "allow") or (act in ("conduct", "strike") and _from_soil(sentence.units, i)):
        yield from _soil(sentence, i, act, passive, scene)
        if act in ("use", "host", "allow"):
            return
    if act in ("withdraw", "reduce", "cease"):
        _left_behind(sentence.units, i)
    things = [
        t
        for t in _things(sentence.units, i, passive, act, scene.order)
        if t.value("thing") in types or _types(t, types)
    ]
    if act == "sign":
        yield from _pact(sentence, i, things, scene)
        return
    if things:
        for thing in things:
            yield from _with_thing(sentence, i, act, thing, types, passive, scene)
        return
    if act in scene.frames["direct"]:
        yield from _direct(sentence, i, act, passive, scene)
    elif act in ("fight", "withdraw", "arrive") or (act == "cease" and _presence_told(sentence.units, i)):
        yield from _bare(sentence, i, act, scene)


def _left_behind(units: list[Unit], i: int) -> None:
    """Free the places that people leave from their nationality: "withdrew fighters from Syria"."""
    for unit in units[max(0, i - 12) : i + 12]:
        at = unit.at if unit.nationality else 0
        for mention in list(unit.nationality):
            if (
                mention in units
                and mention.at > at
                and any(u.has("rel", "from") for u in units[at + 1 : mention.at])
            ):
                unit.nationality.remove(mention)
                mention.head = None


def _presence_told(units: list[Unit], i: int) -> bool:
    """Say whether what ends is somebody's presence: "ended its deployment"."""
    return any(u.has("deed", "deploy") or u.has("deed", "train") for u in units[i + 1 : i + 5])


def _types(thing: Unit, types: Mapping[str, str]) -> str | None:
    return next((types[v] for v in thing.values("thing") if v in types), None)


def _with_thing(
    sentence: Sentence, i: int, act: str, thing: Unit, types: Mapping[str, str], passive: bool, scene: Scene
) -> Iterator[Candidate]:
    units, unit = sentence.units, sentence.units[i]
    kind = _types(thing, types)
    if kind is None:
        return
    agents, rule, loss = _agents(sentence, i, act, thing, passive, scene)
    fellows = [a for a, _ in agents if a is not None]
    for agent, hand in agents or [(None, None)]:
        one = Candidate(
            sentence, unit, act, _refined(kind, thing, hand, scene), hand, None, thing=thing, agent=agent
        )
        if rule:
            one.weigh(loss, rule)
        if act == "carry" and kind == "materiel" and _same_hand(thing, hand, scene):
            one.type = _refined(scene.frames["types"]["transfer"][thing.value("thing")], thing, hand, scene)
        if one.type == "troops" and any(u.has("thing", "peacekeeper") for u in units):
            one.type = "peace_operation"  # a contributor's contingent
        _origin(one, thing, scene)
        _place(one, i, scene, fellows)
        yield one
    thing.used = kind != "peace_operation"  # the mandating body has a claim of its own


def _same_hand(thing: Unit, hand: Hand | None, scene: Scene) -> bool:
    """Say whether what is carried is the carrier's own, or nobody's in particular."""
    owners = [h for n in thing.nationality for h in _hands_of(n, scene)]
    return not owners or (hand is not None and any(h.principal == hand.principal for h in owners))


def _direct(sentence: Sentence, i: int, act: str, passive: bool, scene: Scene) -> Iterator[Candidate]:
    """Acts whose object is the side helped or the place hit: arm, train, fund, strike, back, recognise."""
    units, unit = sentence.units, sentence.units[i]
    noun = not unit.verb
    kind = scene.frames["direct"][act]
    target = _target(units, i, passive, noun)
    agents, rule, loss = _agents(sentence, i, act, None, passive, scene)
    fellows = [a for a, _ in agents if a is not None]
    for agent, hand in agents or [(None, None)]:
        one = Candidate(sentence, unit, act, kind, hand, None, agent=agent, side=target)
        if agent is not None and agent.has("thing") and act in ("back", "fight", "strike"):
            fighting = scene.frames["types"]["fight"]
            if act == "back" and (t := _types(agent, fighting)):
                one.type, one.thing = _refined(t, agent, hand, scene), agent
                _origin(one, agent, scene)
        if rule:
            one.weigh(loss, rule)
        for told in (target, agent):
            if told is not None and told.has("thing"):
                told.used = True
        _place(one, i, scene, fellows)
        if target is None and act != "strike":
            one.weigh(0.45, "no object")
        elif act == "train" and target is not None and not _trainable(target):
            one.weigh(0.45, "no soldiers")
        yield one


def _trainable(target: Unit) -> bool:
    kinds = ("group", "leader")
    return (
        target.has("thing")
        or target.has("role")
        or (target.entity is not None and target.entity.kind in kinds)
    )


def _bare(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    """Somebody fights, arrives or leaves: the subject itself is what is there."""
    unit = sentence.units[i]
    types = scene.frames["types"]["withdraw" if act in ("withdraw", "cease") else "fight"]
    for np in _subjects(sentence.units, i):
        kind = _types(np, types) if np.has("thing") else None
        for hand in _hands(np, scene):
            if kind is None:
                if act == "arrive" or not (np.entity and np.entity.kind in ("group", "company")):
                    continue
                group = scene.world.group(hand.executor) if hand.executor else None
                kind = (
                    "troops"
                    if group and group.nature != "pmc"
                    else "mercenaries"
                    if group
                    else "foreign_fighters"
                )
            one = Candidate(sentence, unit, act, _refined(kind, np, hand, scene), hand, None, agent=np)
            one.thing = np if np.has("thing") else None
            if one.thing is not None:
                _origin(one, np, scene)
            _place(one, i, scene)
            yield one


def _pact(sentence: Sentence, i: int, things: list[Unit], scene: Scene) -> Iterator[Candidate]:
    units, unit = sentence.units, sentence.units[i]
    if not things and not any(u.has("thing", "pact") for u in units):
        return
    near = things or [u for u in units if u.has("thing", "pact")]
    parties: list[tuple[Unit, Hand]] = []
    for np in units:
        if np.actor and not np.speaking and abs(np.at - i) <= 25:
            parties += [
                (np, h) for h in _hands(np, scene) if h.principal not in [p[1].principal for p in parties]
            ]
    if len(parties) < 2 and scene.last and all(h.principal != scene.last.principal for _, h in parties):
        parties += [(unit, scene.last)]
    ids = [h.principal for _, h in parties]
    ranked = [*(t for t in scene.theatres if t in ids), *ids]
    theatre = next((t for t in ranked if t in scene.world.wars and scene.world.is_state(t)), None)
    if theatre is None:
        sides = [scene.world.theatre_of(x) for x in ids if scene.world.armed(x)]
        theatre = next((s for s in sides if s), None)
    if theatre is None:
        return
    for np, hand in parties:
        if hand.principal == theatre or not scene.world.is_state(hand.principal):
            continue
        if not scene.world.foreign(hand.principal, theatre):
            continue
        one = Candidate(sentence, unit, "sign", "pact", hand, theatre, thing=near[0], agent=np)
        one.recipient = _state_side(theatre, units, scene)
        one.sided = True
        near[0].used = True
        yield one
        return


def _state_side(theatre: str, units: list[Unit], scene: Scene) -> str | None:
    for unit in units:
        if unit.entity and (side := scene.world.recipient(unit.entity, theatre)):
            return side
    return scene.world.split[theatre][0] if theatre in scene.world.split else theatre


def _soil(sentence: Sentence, i: int, act: str, passive: bool, scene: Scene) -> Iterator[Candidate]:
    """A state lets a side use its soil, or a side uses it."""
    units = sentence.units
    soil = next((u for u in units[i + 1 : i + 14] if u.has("thing", "soil") or u.has("thing", "base")), None)
    if act in ("host", "allow"):
        if act == "allow" and soil is None:
            return
        guests = [u for u in units[i + 1 : i + 10] if _side_like(u, scene) or u.has("thing", "fighter")]
        if soil is None and not guests:
            return
        for np in _subjects(units, i):
            for hand in _hands(np, scene):
                one = Candidate(sentence, units[i], act, "sanctuary", hand, None, agent=np, thing=soil)
                one.side = guests[0] if guests else None
                _place(one, i, scene)
                if not guests:
                    one.weigh(0.2, "no guest")
                yield one
        return
    if soil is None:
        return
    owner = next(iter(soil.nationality), None)
    at = soil.at
    owner = owner or next((u for u in units[at + 1 : at + 5] if u.where), None)
    if owner is None:
        return
    subjects = _subjects(units, i)
    for hand in _hands(owner, scene):
        guests = [g for np in subjects for g in _hands(np, scene)]
        if not guests and any(u.has("role", "side") for u in (*subjects, *units[max(0, i - 4) : i])):
            one = Candidate(sentence, units[i], act, "sanctuary", hand, None, agent=owner, thing=soil)
            one.sided = True
            _place(one, i, scene)
            yield one
        for guest in guests[:1]:
            theatre = scene.world.theatre_of(guest.principal, scene.theatres)
            if theatre and theatre != hand.principal:
                one = Candidate(sentence, units[i], act, "sanctuary", hand, theatre, agent=owner, thing=soil)
                one.recipient = guest.principal if scene.world.armed(guest.principal) else None
                one.sided = True
                yield one


def _from_soil(units: list[Unit], i: int) -> bool:
    """Say whether an attack is told to come "from bases in X"."""
    for j in range(i + 1, min(len(units), i + 12)):
        if _stops(units[j]):
            return False
        if units[j].has("rel", "from"):
            return any(u.has("thing", "base") or u.has("thing", "soil") for u in units[j + 1 : j + 4])
    return False


def _compound(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read "X-backed Y": a standing relation, told in passing."""
    units, unit = sentence.units, sentence.units[i]
    if not i or not units[i - 1].actor:
        return
    typed = {"armed": "arms", "trained": "training", "funded": "funding", "financed": "funding", "supplied": "arms",
             "equipped": "arms"}.get(unit.low, "unspecified_support")  # fmt: skip
    backed = next((u for u in units[i + 1 : i + 6] if u.actor or u.has("role") or u.has("thing")), None)
    for hand in _hands(units[i - 1], scene):
        one = Candidate(sentence, unit, "compound", typed, hand, None, agent=units[i - 1], side=backed)
        one.weigh(0.15, "in passing")
        _place(one, i, scene)
        yield one


def _presence(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read "Russian mercenaries in Libya": a thing that is somewhere, without any act."""
    thing = sentence.units[i]
    kind = _types(thing, scene.frames["presence"])
    if kind is None or thing.maker or thing.speaking:
        return
    mission = thing.entity is not None and thing.entity.kind == "mission"
    owners = [thing] if mission else thing.nationality
    hands = _merged([h for n in owners for h in _hands_of(n, scene)])
    for hand in hands[:1] if kind != "peace_operation" else hands:
        one = Candidate(sentence, thing, "", _refined(kind, thing, hand, scene), hand, None, thing=thing)
        one.agent = owners[0]
        _origin(one, thing, scene)
        _place(one, i, scene)
        there = (
            one.where is not None
            and one.where.start > thing.start
            and local(sentence.units, one.where, ("in",))
        )
        one.weigh(0.1 if there or kind == "peace_operation" else 0.3, "presence only")
        if not there and (
            thing.has("role", "state") or (hand.executor is None and scene.world.armed(hand.principal))
        ):
            one.held = "an army at home"
        yield one


# Roles ------------------------------------------------------------------------------------------------


def _passive(units: list[Unit], i: int, act: str) -> bool:
    unit = units[i]
    voice = unit.voice("act")
    if voice == "pass":
        return True
    if voice not in ("both", "part") or not unit.verb:
        return False
    for back in units[max(0, i - 4) : i][::-1]:
        if back.has("aux", "be"):
            return True
        if back.has("aux", "have"):
            return False
        if not (back.has("mod") or back.has("aux") or back.low.endswith("ly") or back.low == "also"):
            break
    if i + 1 < len(units) and any(u.has("rel", "by") for u in units[i + 1 : i + 3]):
        return True
    before = next((u for u in units[:i][::-1] if not (u.low == ",")), None)
    inert = voice == "part" or (before is not None and before.has("thing") and not before.actor)
    rest = _right_things(units, i)
    return bool(inert and not rest and i + 1 < len(units) and units[i + 1].has("rel"))


def _stops(unit: Unit) -> bool:
    return unit.low in (";", ":", "—", "–") or unit.has("bound") or (unit.has("voice") and unit.verb)


def _right_things(units: list[Unit], i: int) -> list[Unit]:
    """Return the things right of an act that are its objects: the first, and what is joined to it."""
    out: list[Unit] = []
    for j in range(i + 1, min(len(units), i + 22)):
        one = units[j]
        if _stops(one) or (one.verb and one.has("act") and not one.glued):
            break
        if one.has("rel", "to") or one.has("rel", "for") or one.has("rel", "in"):
            if out:
                break
            continue
        if one.has("thing"):
            if out and not _joined(units, out[-1].at, j):
                if units[j - 1] is out[-1] or units[j - 1].has("made"):
                    continue
                break
            if not _governed(units, i, j):
                out.append(one)
    return out


def _governed(units: list[Unit], i: int, j: int) -> bool:
    """Say whether the thing at `j` hangs on a preposition ("from bases in")."""
    for one in units[max(i + 1, j - 4) : j][::-1]:
        if one.has("rel"):
            return not one.has("rel", "with") and not one.has("rel", "of")
        if one.verb or one.punct or one.has("thing") or one.has("conj"):
            return False
    return False


def _joined(units: list[Unit], a: int, b: int) -> bool:
    """Say whether two things stand in one list."""
    between = units[a + 1 : b]
    return any(u.low == "," or u.has("conj") for u in between) and not any(
        u.verb or u.has("rel", "to") or u.has("rel", "in") or u.has("rel", "by") for u in between
    )


def _left_things(units: list[Unit], i: int, cased: bool = False) -> list[Unit]:
    """Return the thing nearest on the left in the clause, with what is joined to it.

    Subjects of passives stand there, and the objects of languages that put the verb last (`cased`).
    """
    out: list[Unit] = []
    for j in range(i - 1, max(-1, i - 25), -1):
        one = units[j]
        if one.low in (";", ":") or (one.has("bound") and not one.has("bound", "relative")):
            break
        if one.verb and one.has("act") and not _reduced(units, j) and out:
            break
        if one.has("thing") and (cased or not _prepped(units, j)):
            if out and not _joined(units, j, out[-1].at):
                break
            out.append(one)
    return out


def _reduced(units: list[Unit], j: int) -> bool:
    """Say whether the act at `j` is a reduced relative ("fighters recruited by Turkey have been flown")."""
    return units[j].voice("act") in ("both", "part", "pass") and any(
        u.has("rel", "by") for u in units[j + 1 : j + 3]
    )


SPOTS = 8  # mentions looked at on each side of an act; more are another clause's

# Acts whose thing may stand before them: "soldiers stay", "the drones they bought", "senjata yang dikirim".
LEFTWARD = ("present", "withdraw", "transfer", "receive", "sell", "share", "carry")


def _things(units: list[Unit], i: int, passive: bool, act: str, order: str) -> list[Unit]:
    unit = units[i]
    if not unit.verb:
        return _noun_things(units, i)
    if passive or act in ("arrive", "fight"):
        return _left_things(units, i) or (_right_things(units, i) if passive else [])
    if order == "sov":
        return _left_things(units, i, cased=True)
    right = _right_things(units, i)
    if not right and act in LEFTWARD:
        return _left_things(units, i)
    return right


def _noun_things(units: list[Unit], i: int) -> list[Unit]:
    """Return the things of an event noun: "arms shipments", "shipment of arms", "pengiriman senjata"."""
    unit = units[i]
    if unit.has("thing"):
        return [unit]
    before = units[i - 1] if i else None
    if before is not None and before.has("thing") and not before.verb:
        return [before]
    out: list[Unit] = []
    for j in range(i + 1, min(len(units), i + 9)):
        one = units[j]
        if one.has("thing") and not one.verb:
            if out and not _joined(units, out[-1].at, j):
                break
            out.append(one)
        elif (
            one.verb
            or _stops(one)
            or (one.punct
            and one.low != ",")
            or (one.has("rel")
            and not one.has("rel", "of"))
        ):
            break
    return out


def _prepped(units: list[Unit], k: int) -> bool:
    """Say whether the noun phrase that ends at `k` hangs on a preposition, a postposition or a case."""
    if (units[k].case and units[k].case != "of") or (k + 1 < len(units) and units[k + 1].has("post")):
        return True
    for j in range(k - 1, max(-1, k - 7), -1):
        one = units[j]
        if one.has("time") or YEAR.fullmatch(one.low):
            return False
        if one.has("det") and j and units[k].low not in ("'s",):
            return units[j - 1].has("rel")
        if one.has("rel"):
            if one.has("rel", "of") and j and not (units[j - 1].noun or units[j - 1].actor):
                continue
            return True
        if one.verb or one.has("bound") or one.has("conj") or one.punct or one.has("voice"):
            return False
        if (
            (one.actor or one.noun)
            and one.head is None
            and one not in units[k].nationality
            and not one.has("thing")
        ):
            return False
    return False


def _subjects(units: list[Unit], i: int) -> list[Unit]:
    """Return the noun phrases in subject position of the act at `i`, joined ones together."""
    relative = False
    for j in range(i - 1, -1, -1):
        one = units[j]
        if one.low in (";",) or one.has("bound", "contrast") or one.has("bound", "time"):
            return []
        if one.has("bound", "relative"):
            relative = True
            continue
        np = _phrase(one)
        if np is None:
            continue
        at = np.at
        if relative or not _prepped(units, at):
            if np.speaking and not np.has("pron") and not _complement(units, at, i):
                pass
            return [np, *_coordinates(units, min(at, j))]
    return []


def _ordered_subjects(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the subjects where the language puts them: behind the verb first, where the verb comes first."""
    if scene.order != "vso":
        return _subjects(units, i)
    direct = units[i - 1] if i else None
    if direct is not None and _phrase(direct) is not None and not _prepped(units, i - 1):
        return _subjects(units, i)
    for j in range(i + 1, min(len(units), i + 6)):
        one = units[j]
        if one.has("rel") or _stops(one) or one.verb:
            break
        if (np := _phrase(one)) is not None:
            return _list_after(units, j - 1)
    return _subjects(units, i)


def _complement(units: list[Unit], a: int, b: int) -> bool:
    return any(u.has("bound", "complement") for u in units[a:b])


def _phrase(unit: Unit) -> Unit | None:
    """Return the noun phrase a unit heads or belongs to, None if it is none that can act."""
    if unit.head is not None:
        return unit.head
    if unit.actor or (not unit.verb and (unit.has("role") or (unit.has("thing") and unit.nationality))):
        return unit
    if not unit.verb and any(unit.has("thing", kind) for kind in ("fighter", "mercenary", "civil")):
        return unit
    if any(unit.has("pron", kind) for kind in ("state", "first", "group", "soldier")):
        return unit
    return None


def _own_phrase(units: list[Unit], np: Unit) -> bool:
    """Say whether a bare role is somebody's own: "its army"."""
    at = np.at if np in units else 0
    return any(u.has("pron", "own") for u in units[max(0, at - 3) : at + 1])


def _coordinates(units: list[Unit], at: int) -> list[Unit]:
    """Return further phrases joined to the left: "Egypt, the UAE and Russia"."""
    out: list[Unit] = []
    joined = False
    for j in range(at - 1, -1, -1):
        one = units[j]
        if one.low == "," or one.has("conj"):
            joined = True
        elif one.has("det"):
            continue
        elif joined and one.actor and one.head is None:
            if _prepped(units, j) and not any(u.has("conj") for u in units[j:at]):
                break
            out.append(one)
            joined = False
        else:
            break
    return out


def _agents(
    sentence: Sentence, i: int, act: str, thing: Unit | None, passive: bool, scene: Scene
) -> tuple[list[tuple[Unit | None, Hand | None]], str, float]:
    """Return who acts, by which rule, and what that rule costs in confidence."""
    units, unit = sentence.units, sentence.units[i]
    if act == "receive" and unit.verb:
        return _resolved(_behind(units, i, "from") or _owners(units, thing), scene), "", 0.0
    if act in ("killed", "seize"):
        return _resolved(thing.nationality if thing else [], scene), "", 0.0
    if not unit.verb:
        return _noun_agents(units, i, thing, scene)
    if passive:
        by = _by(units, i)
        if by:
            return _resolved(by, scene), "", 0.0
        own = _owners(units, thing)
        if own:
            return _resolved(own, scene), "whose it is", 0.05
        away = _behind(units, i, "from")
        return _resolved(away, scene), "where it comes from", 0.15
    if (
        act in ("arrive", "fight", "present")
        and thing is not None
        and thing.value("thing") in scene.frames["personnel"]
    ):
        if act != "present" or thing.at < i:
            own = _owners(units, thing)
            return _resolved(own, scene), "", 0.0
    phrases = _ordered_subjects(units, i, scene)
    subjects = _resolved(phrases, scene)
    if subjects or phrases:
        return subjects, "" if subjects else "an agent of the place", 0.0
    own = _owners(units, thing)
    if own:
        return _resolved(own, scene), "whose it is", 0.1
    return [], "no agent", 0.3


def _noun_agents(
    units: list[Unit], i: int, thing: Unit | None, scene: Scene
) -> tuple[list[tuple[Unit | None, Hand | None]], str, float]:
    unit = units[i]
    for found, rule, loss in (
        (_by(units, i), "", 0.0),
        (unit.nationality, "", 0.0),
        (_behind(units, i, "from"), "", 0.0),
        (thing.nationality if thing is not None and not thing.maker else [], "whose it is", 0.05),
        (_subjects(units, i), "subject of the sentence", 0.1 if _light(units, i) else 0.45),
    ):
        hands = _resolved(found, scene)
        if hands:
            return hands, rule, loss
    return [], "no agent", 0.3


LIGHT = ("conduct", "transfer", "receive", "cease", "raise", "reduce", "withdraw", "sign")
ANNOUNCED = ("authorised", "planned", "promised")


def _light(units: list[Unit], i: int) -> bool:
    """Say whether the verb in front of an event noun leaves its subject the agent ("carried out a strike")."""
    for one in units[max(0, i - 12) : i][::-1]:
        if any(one.has("mod", mod) for mod in ANNOUNCED):
            return True
        if one.verb and one.has("act"):
            return any(v in LIGHT for v in one.values("act"))
        if one.verb and one.has("voice"):
            return one.has("voice", "say") and not units[i].has("deed", "strike")
        if one.has("bound") or one.low == ";":
            return False
    return False


def _owners(units: list[Unit], thing: Unit | None) -> list[Unit]:
    """Return who sent a thing, from what stands at it: "recruited by Turkey", else its nationality."""
    if thing is None or thing.maker:
        return []
    at = thing.at
    for j in range(at + 1, min(len(units), at + 4)):
        if units[j].verb and units[j].voice("act") in ("both", "part", "pass"):
            by = _by(units, j)
            if by:
                return by
    if not thing.nationality and _own_phrase(units, thing):
        return [thing]
    return thing.nationality


def _by(units: list[Unit], i: int) -> list[Unit]:
    """Return the agent phrase behind a passive act or an event noun."""
    after = units[i + 1] if i + 1 < len(units) else None
    if (
        units[i].voice("act") == "pass"
        and after is not None
        and _phrase(after) is not None
        and not after.has("pron")
    ):
        return _list_after(units, i)
    for j in range(i - 1, max(-1, i - 12), -1):
        if units[j].has("post", "by"):
            np = next((p for u in units[max(0, j - 3) : j][::-1] if (p := _phrase(u)) is not None), None)
            return [np] if np is not None else []
        if _stops(units[j]):
            break
    for j in range(i + 1, min(len(units), i + 16)):
        one = units[j]
        if one.has("rel", "by"):
            return _list_after(units, j)
        if _stops(one) or (one.verb and one.has("act")):
            return []
    return []


def _behind(units: list[Unit], i: int, relator: str) -> list[Unit]:
    for j in range(i + 1, min(len(units), i + 16)):
        if units[j].has("rel", relator):
            return _list_after(units, j)
        if _stops(units[j]):
            return []
    return []


def _list_after(units: list[Unit], j: int) -> list[Unit]:
    """Return the actors of the list behind a relator: "by Egypt, the UAE and Russian mercenaries"."""
    out: list[Unit] = []
    gap = 0
    joined = False
    for one in units[j + 1 : j + 22]:
        np = _phrase(one)
        if np is not None:
            if np not in out:
                out.append(np)
            gap = 0
        elif one.low == "," or one.has("conj"):
            joined = joined or one.has("conj")
            gap = 0
        elif one.verb or (one.has("rel") and not one.has("rel", "of")) or one.has("bound") or one.has("voice") or one.punct:
            break
        else:
            gap += 1
            if gap > 3:
                break
    return out if joined else out[:1]


def _resolved(phrases: list[Unit], scene: Scene) -> list[tuple[Unit | None, Hand | None]]:
    out: list[tuple[Unit | None, Hand | None]] = []
    for np in phrases:
        for hand in _hands(np, scene):
            if all(h != hand for _, h in out):
                out.append((np, hand))
    return out


def _hands(np: Unit, scene: Scene) -> list[Hand]:
    """Return for whom a phrase acts; a pronoun stands for the last actor."""
    if np.actor:
        return _hands_of(np, scene)
    if np.nationality:
        return _merged([h for n in np.nationality for h in _hands_of(n, scene)])[:1]
    if np.has("pron", "group"):
        return [scene.group] if scene.group else []
    if np.has("pron", "first"):
        return [scene.speaker] if scene.speaker else []
    owned = (np.has("role", "state") or np.has("thing")) and _own_phrase(scene.units, np)
    if np.has("pron", "state") or np.has("pron", "soldier") or owned:
        hand = _antecedent(np, scene)
        return [hand] if hand else []
    return []


def _antecedent(np: Unit, scene: Scene) -> Hand | None:
    """Return whom a pronoun or a bare role stands for: the first actor before it, else the last one told."""
    units = scene.units
    if np in units:
        earlier = units[: np.at]
        if (hand := first_actor(earlier, scene)) is not None:
            return hand
    return scene.last


def first_actor(units: list[Unit], scene: Scene) -> Hand | None:
    """Return the first actor that hangs on no preposition."""
    for j, one in enumerate(units):
        np = _phrase(one)
        if np is None or np.has("pron") or (np.has("role") and not np.nationality):
            continue
        if not _prepped(units, np.at if np in units else j):
            hands = [h for m in ([np] if np.actor else np.nationality) for h in _hands_of(m, scene)]
            if hands:
                return _merged(hands)[0]
    return None


def _hands_of(np: Unit, scene: Scene) -> list[Hand]:
    hand = scene.world.hand(np.entity) if np.entity else None
    return [hand] if hand else []


def _merged(hands: list[Hand]) -> list[Hand]:
    """Join a state and its executor: "Russian Wagner mercenaries" is one hand."""
    executors = {h.principal: h for h in hands if h.executor}
    out: list[Hand] = []
    for hand in hands:
        hand = executors.get(hand.principal, hand)
        if hand not in out:
            out.append(hand)
    return sorted(out, key=lambda h: h.executor is None)


def _refined(kind: str, thing: Unit, hand: Hand | None, scene: Scene) -> str:
    """Correct troops of a company to mercenaries, those of a group to foreign fighters, of a body to peacekeepers."""
    if kind in ("troops", "training") and hand is not None and scene.world.entry("body", hand.principal):
        return "peace_operation" if kind == "troops" else kind
    if kind == "peace_operation" and thing.entity is not None and thing.entity.kind == "mission" and hand:
        if scene.world.is_state(hand.principal):
            return "troops"  # Barkhane is France's own operation
    if kind == "troops" and hand is not None:
        group = scene.world.group(hand.executor) if hand.executor else None
        if group is not None and group.nature == "pmc":
            return "mercenaries"
        if (
            not hand.executor
            and not scene.world.is_state(hand.principal)
            and scene.world.armed(hand.principal)
        ):
            return "foreign_fighters"
    if kind == "foreign_fighters" and hand is not None and hand.executor:
        group = scene.world.group(hand.executor)
        if group is not None and group.nature == "pmc":
            return "mercenaries"
    return kind


def _origin(one: Candidate, thing: Unit, scene: Scene) -> None:
    """Note the people's nationality where it is not the sponsor's."""
    if thing.value("thing") not in scene.frames["personnel"] or thing.maker:
        return
    for mention in thing.nationality:
        hand = scene.world.hand(mention.entity) if mention.entity else None
        if (
            hand
            and mention.entity
            and mention.entity.kind in STATES
            and one.hand
            and hand.principal != one.hand.principal
        ):
            one.origin = hand.principal


# Where and for whom -----------------------------------------------------------------------------------


def _target(units: list[Unit], i: int, passive: bool, noun: bool) -> Unit | None:
    """Return the object of a direct act: a side, an actor or a place."""
    if passive:
        subjects = _subjects(units, i)
        if subjects:
            return subjects[0]
        for j in range(i - 1, -1, -1):
            if units[j].where or units[j].has("role", "side"):
                return units[j]
        return None
    for j in range(i + 1, min(len(units), i + 14)):
        one = units[j]
        if _stops(one) or (one.verb and one.has("act")):
            return None
        if one.has("rel", "by") or one.has("rel", "from"):
            return None
        if one.entity is not None and one.entity.kind != "weapon":
            return one.head or one
        if (
            one.has("role")
            or one.has("thing", "fighter")
            or one.has("thing", "troops")
            or one.has("pron", "country")
        ):
            return one
    return None


def _place(one: Candidate, i: int, scene: Scene, fellows: Sequence[Unit] = ()) -> None:
    """Find theatre and recipient of a candidate: the act's own places first, the article's last."""
    units = one.sentence.units
    if one.thing is not None and one.thing.entity is not None and one.thing.entity.kind == "mission":
        entry = scene.world.entry("mission", one.thing.entity.id)
        one.theatre, one.where = (entry.country if entry else None), one.thing
        if one.theatre:
            return
    actors = [*fellows, *([one.agent] if one.agent else [])]
    skip = {id(a) for a in actors} | {id(n) for a in actors for n in a.nationality}
    if one.thing is not None and one.act not in ("killed",):
        skip |= {id(n) for n in one.thing.nationality}
    principal = one.hand.principal if one.hand else None
    spots = _spots(units, i, one, skip)
    _recipient(one, spots, scene)
    named = [s for s in (_country(u, scene) for u in spots) if s]
    for unit in spots:
        near = unit is one.side or local(units, unit)
        theatre = _theatre(unit, principal, named, scene, near)
        if theatre and not (near or theatre in scene.theatres[:2]):
            continue
        if theatre and principal and scene.world.foreign(principal, theatre):
            one.theatre, one.where = theatre, unit
            break
    if one.theatre is None and one.recipient:
        one.theatre = scene.world.theatre_of(one.recipient, [*named, *scene.theatres])
    if one.theatre is None:
        _context(one, scene)
    _recipient(one, spots, scene)
    if one.recipient == principal:
        one.recipient = None


def _context(one: Candidate, scene: Scene) -> None:
    """Fall back on the theatre the article is about; not for those who are at war at home themselves."""
    principal = one.hand.principal if one.hand else None
    if principal and scene.world.armed(principal):
        return
    if principal in scene.theatres:
        one.weigh(0.1, "at war itself")
    for theatre, loss, rule in (
        *((t, 0.1, "the war of the article") for t in scene.theatres[:1] if scene.dominant),
        *((t, 0.05, "the speaker's war") for t in _speakers_wars(one, scene)),
        *((t, 0.1, "theatre of the paragraph") for t in [scene.recent] if t),
        *((t, 0.15, "theatre of the last claim") for t in [scene.theatre] if t),
        *((t, 0.15, "theatre of title and lead") for t in scene.theatres),
    ):
        if principal and scene.world.foreign(principal, theatre):
            one.theatre = theatre
            one.weigh(loss, rule)
            return


def _speakers_wars(one: Candidate, scene: Scene) -> list[str]:
    """Return the countries at war whose people speak in the sentence."""
    spoken = [u.entity.id for u in one.sentence.units if u.speaking and u.entity is not None and u.where]
    return [ident for ident in spoken if ident in scene.world.wars]


def _spots(units: list[Unit], i: int, one: Candidate, skip: set[int]) -> list[Unit]:
    """Return the mentions that may tell the place or the side, best first, at most SPOTS on each hand."""
    right: list[Unit] = []
    for unit in units[i + 1 :]:
        if unit.low == ";" or unit.has("bound", "contrast") or (unit.has("voice") and unit.verb):
            break
        if unit.entity is not None and _spot(unit, skip):
            right.append(unit)
            if len(right) == SPOTS:
                break
    left = [u for u in units[max(0, i - 60) : i][::-1] if u.entity is not None and _spot(u, skip)][:SPOTS]
    if one.side is not None:
        first = [u for u in (one.side, *one.side.nationality) if _spot(u, skip)]
        return [*first, *(u for u in (*right, *left) if u not in first)]
    ranks = {id(u): _spot_rank(units, u, side) for side, us in ((True, right), (False, left)) for u in us}
    return sorted((*right, *left), key=lambda u: ranks[id(u)])


def _spot(unit: Unit, skip: set[int]) -> bool:
    return id(unit) not in skip and not unit.speaking and not unit.made and (unit.where or unit.actor)


def _spot_rank(units: list[Unit], unit: Unit, right: bool) -> int:
    """Prefer places behind "to" and "in" on the right, then any on the right, then the left."""
    return (0 if local(units, unit) else 1) + (0 if right else 2)


def local(units: list[Unit], unit: Unit, ways: tuple[str, ...] = ("to", "in", "for", "with", "from")) -> bool:
    """Say whether a mention stands behind a word of place, direction or benefit."""
    at = unit.at
    if unit.case in ways or any(u.has("post", way) for u in units[at + 1 : at + 2] for way in ways):
        return True
    for one in units[max(0, at - 5) : at][::-1]:
        if one.has("rel"):
            return any(one.has("rel", way) for way in ways)
        if one.verb or one.punct or one.has("bound"):
            return False
    return False


def _country(unit: Unit, scene: Scene) -> str | None:
    if unit.entity is None:
        return None
    if unit.entity.kind == "mission":
        entry = scene.world.entry("mission", unit.entity.id)
        return entry.country if entry else None
    hand = scene.world.hand(unit.entity)
    ident = unit.entity.id if unit.where else hand.principal if hand else None
    return ident if ident and scene.world.is_state(ident) else None


def _theatre(unit: Unit, principal: str | None, named: list[str], scene: Scene, near: bool) -> str | None:
    if unit.entity is None:
        return None
    if unit.entity.kind in ("group", "leader", "company"):
        hand = scene.world.hand(unit.entity)
        if hand is None or hand.executor or hand.principal == principal:
            return None
        return scene.world.theatre_of(hand.principal, named, loose=near or scene.world.armed(hand.principal))
    country = _country(unit, scene)
    if country is None or country == principal:
        return None
    if country in scene.world.wars and not scene.world.abroad(country):
        return country
    return scene.world.theatre_of(country, [*named, *scene.theatres], loose=near)


def _side_like(unit: Unit, scene: Scene) -> bool:
    return bool(unit.has("role", "side") or (unit.entity and unit.entity.kind in ("group", "leader")))


def _recipient(one: Candidate, spots: list[Unit], scene: Scene) -> None:
    """Name the side that benefits: the object of help, else who the act is for."""
    if one.recipient is not None or one.type in ("strikes", "peace_operation"):
        return
    units = one.sentence.units
    for unit in spots:
        if unit.entity is None:
            continue
        ahead = [u for u in units[max(0, unit.at - 5) : unit.at]]
        for_side = any(u.has("rel", "for") or u.has("rel", "with") for u in ahead)
        against = any(u.has("rel", "against") for u in ahead[-3:])
        if against:
            one.sided = True
            continue
        theatre = one.theatre or scene.world.theatre_of(
            unit.entity.id if unit.where else _principal(unit, scene) or ""
        )
        if theatre is None:
            continue
        side = scene.world.recipient(unit.entity, theatre)
        governmental = unit.head is not None and unit.head.has("role", "state")
        if side is None and governmental and unit.entity.id == theatre and theatre in scene.world.split:
            side = scene.world.split[theatre][0]
        if side is None or (one.hand and side == one.hand.principal):
            continue
        known = not scene.world.is_state(side)
        direct = unit is one.side or (one.side is not None and unit in one.side.nationality)
        if known or for_side or governmental or direct:
            one.recipient, one.sided = side, True
            return
    if any(u.has("role", "side") for u in units):
        one.sided = True


def _principal(unit: Unit, scene: Scene) -> str | None:
    hand = scene.world.hand(unit.entity) if unit.entity else None
    return hand.principal if hand else None
