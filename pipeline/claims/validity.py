"""Validity: which candidates are held back, and by which rule of ontology.md."""

from collections import Counter
from typing import Final

from pipeline.claims.phrases import is_local
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence, Unit

SHORT: Final = 3  # sentences; so little text need not say much of a match to be about it
SURE_ENOUGH: Final = 0.5  # below, a candidate is held back


SPECIFIC: Final = "unspecified_support"
PERSONNEL: Final = frozenset({"troops", "mercenary", "fighter", "trainer", "peacekeeper", "people"})


def _checks(sentence: Sentence) -> bool:
    """Say whether a sentence is of a fact check, no denial by a party: "Asmara called it a fabrication"."""
    if not any(u.has("factcheck") for u in sentence.units):
        return False
    if sentence.field == "title":
        return True
    parties = [u for u in sentence.units if u.actor and not u.of_kind("weapon")]
    if any(u.speaking for u in parties):
        return False
    return not parties or any(u.has("thing") or u.has("deed") or u.has("act") for u in sentence.units)


def hold_civilian(sentences: list[Sentence], candidates: list[Candidate]) -> None:
    """Hold everything back where the article is about sport, film, business or a labour strike."""
    if any(_checks(s) for s in sentences[:4]):
        for one in candidates:
            if one.epistemic != "retracted" or not _own_words(one):
                one.held = one.held or "context: a fact check"
    civil: Counter[str] = Counter()
    war: set[str] = set()
    for sentence in sentences:
        for unit in sentence.units:
            if "civil" in unit.tags:
                civil.update(set(unit.values("civil")))
            if "war" in unit.tags:
                war.add(unit.low)
    if not civil:
        return
    most = civil.most_common(1)[0][1]
    if (most >= 3 and most > 2 * len(war)) or (most >= 2 and not war and len(sentences) <= SHORT):
        told = civil.most_common(1)[0][0] == "business"
        for one in candidates:
            if not (told and is_outright(one)):
                one.held = one.held or "context: not a war"


def _own_words(one: Candidate) -> bool:
    """Say whether a sentence tells what the outlet itself wrote: who takes that back checks no others."""
    units = one.sentence.units
    own = any(u.has("outlet") or u.has("pron", "first") for u in units)
    return own and not any(u.has("factcheck") for u in units)


def is_outright(one: Candidate) -> bool:
    """Say whether a claim stands by itself whatever the article is about: who, what and to whom are told."""
    military = one.thing is not None and any(one.thing.has("thing", kind) for kind in MARTIAL)
    return military and one.where is not None and one.hand is not None and one.confidence >= OUTRIGHT


OUTRIGHT: Final = 0.85
RELIEF: Final = 4  # words of relief that make an article one about relief, if arms are told of less
BRIEF: Final = 5  # sentences, the title among them
RELIEF_IN_BRIEF: Final = 2  # and in so short an article
RELIEVING: Final = ("materiel", "arms", "funding", "troops", SPECIFIC, "training")  # relief looks like it
DRILLED: Final = ("troops", "training", "arms")
ARMED: Final = ("weapon", "fighter", "mercenary", "military_aid")


def hold_relief(sentences: list[Sentence], candidates: list[Candidate], scene: Scene) -> None:
    """Hold soldiers and supplies back where the article is about relief and the sentence names no arms."""
    things = Counter(v for s in sentences for u in s.units if "thing" in u.tags for v in u.values("thing"))
    least = RELIEF if len(sentences) > BRIEF else RELIEF_IN_BRIEF
    if things["civil"] < least:
        return
    carriers = sum(_carrier(u, scene) for s in sentences for u in s.units)
    arms = sum(things[kind] for kind in ARMED) - carriers
    if things["civil"] <= 2 * arms:
        return
    for one in candidates:
        armed = any(_armed(u) and not _carrier(u, scene) for u in one.sentence.units)
        if not armed and one.type in RELIEF_LIKE:
            one.held = one.held or "context: relief"


RELIEF_LIKE: Final = ("troops", "materiel", "arms", "base", SPECIFIC)


def _armed(unit: Unit) -> bool:
    return any(unit.has("thing", kind) for kind in ARMED)


def _carrier(unit: Unit, scene: Scene) -> bool:
    """Say whether a weapon is an aircraft that carries: relief comes in them as well."""
    if unit.entity is None or unit.entity.kind != "weapon":
        return unit.entity is None and unit.has("thing", "plane") and _armed(unit)
    entry = scene.world.entry("weapon", unit.entity.id)
    return entry is not None and "transport-aircraft" in (entry.id, entry.of)


def _lifts(unit: Unit, scene: Scene) -> bool:
    """Say whether a helicopter or aircraft for transport is told: people are rescued with them."""
    if _carrier(unit, scene):
        return True
    entry = scene.world.entry("weapon", unit.entity.id) if unit.entity is not None else None
    return entry is not None and "helicopter" in (entry.id, entry.of)


def hold_exercise(sentences: list[Sentence], candidates: list[Candidate]) -> None:
    """Hold back who is there in an article about an exercise, unless another sentence tells the place."""
    drills = [s for s in sentences if any(u.has("thing", "exercise") for u in s.units)]
    if len(drills) < 2 or not any(s.lead for s in drills):
        return
    for one in candidates:
        there = one.where is not None and is_local(one.sentence.units, one.where, ("in", "to"))
        there = there and one.sentence not in drills
        if not there and one.type in ("troops", "training", "arms", "strikes", "peace_operation"):
            one.held = one.held or "context: an exercise"


def validate(candidates: list[Candidate], scene: Scene, sentences: list[Sentence]) -> None:
    hold_relief(sentences, candidates, scene)
    hold_exercise(sentences, candidates)
    fighting = sum("war" in u.tags for s in sentences for u in s.units) >= 2
    for one in candidates:
        if one.held is None:
            one.held = fault(one, scene, fighting)


def fault(one: Candidate, scene: Scene, fighting: bool) -> str | None:
    """Return the first rule that a candidate fails, None for none; the order is that of the ontology."""
    if one.hand is None:
        return "no principal"
    if one.theatre is None:
        own = scene.world.home(one.hand.principal) in scene.theatres
        return "rule 1: no war but its own" if own else "rule 2: no war that could be its theatre"
    return (
        not_foreign(one, one.hand.principal, one.theatre, scene)
        or out_of_part(one, one.hand.principal, scene)
        or no_war(one, one.hand.principal, one.theatre, scene, fighting)
        or no_support(one, scene)
        or ("not sure enough" if one.confidence < SURE_ENOUGH else None)
    )


def not_foreign(one: Candidate, principal: str, theatre: str, scene: Scene) -> str | None:
    """Rule 1: who is no outsider, or one of two that fight each other."""
    if not scene.foreign(principal, theatre):
        return "rule 1: not foreign"
    fights = 1 not in scene.without and one.type in ("strikes", "troops")
    if fights and scene.world.enemies(principal, theatre):
        return "rule 1: at war with each other"
    if one.act == "" and party_named(one, scene):
        return "rule 1: a party, no more than named"
    return None


def out_of_part(one: Candidate, principal: str, scene: Scene) -> str | None:
    """Name what a body of states, or a group that a state stands behind, does not do."""
    if principal == "un" and one.type in ("political_backing", SPECIFIC, "strikes", "arms"):
        return "the UN takes no side"
    if _forces_of_a_party(one, principal, scene):
        return "rule 1: the forces of a party"
    if principal in BODIES and one.type in ("mercenaries", "foreign_fighters"):
        return "a body of states hires nobody"
    if principal in BODIES and one.type == "base":
        return "a mission's own base"
    if one.type == SPECIFIC and turned_round(one, scene):
        return "rule 5: backed by whom it backs"
    return None


def _forces_of_a_party(one: Candidate, principal: str, scene: Scene) -> bool:
    """Say whether the people told are a side of that war, whom nobody else sends there."""
    thing = one.thing.entity if one.thing is not None else None
    if thing is None or thing.kind != "group" or one.theatre is None or one.change == "end":
        return False
    hand = scene.world.hand(thing)
    own = hand is not None and principal in (hand.principal, hand.executor)
    return not own and scene.world.belligerent(thing.id, one.theatre)


def no_war(one: Candidate, principal: str, theatre: str, scene: Scene, fighting: bool) -> str | None:
    """Rules 2 and 5: no conflict there, or the article is about the principal's own."""
    home = scene.world.home(principal)
    told = one.where is not None and is_local(one.sentence.units, one.where)
    own = scene.weights.get(home or "", 0) > 6 + 2 * scene.weights.get(theatre, 0)
    if 5 not in scene.without and home and not told and own:
        return "rule 5: the war is the principal's own"
    party = bool(one.recipient and scene.world.armed(one.recipient))
    if 2 not in scene.without and theatre not in scene.world.wars and not party and not fighting:
        return "rule 2: no conflict"
    return None


def no_support(one: Candidate, scene: Scene) -> str | None:
    """Name what looks like military support and is relief, an exercise, or money for something else."""
    near = around(one) if one.sentence.units else []
    if one.type == "base" and one.act == "" and _left(one):
        return "a place of departure"
    armed = one.type == "arms" and one.thing is not None and one.thing.has("thing", "weapon")
    armed = armed and one.thing is not None and not _lifts(one.thing, scene)
    if one.type in RELIEVING and not armed and any(u.has("thing", "civil") and not u.speaking for u in near):
        return "humanitarian"
    if one.type in DRILLED and any(u.has("thing", "exercise") for u in near):
        return "an exercise"
    sum_only = one.type == "funding" and one.thing is not None and one.thing.has("thing", "sum")
    if sum_only and not martial(one, scene):
        return "money without a fighting purpose"
    return None


def _left(one: Candidate) -> bool:
    """Say whether a base is where somebody sets out from: "took off from a Jordanian base"."""
    for unit in one.sentence.units[max(0, one.trigger.at - 4) : one.trigger.at][::-1]:
        if unit.has("rel"):
            return unit.has("rel", "from") and not unit.has("rel", "of")
        if not (unit.has("det") or (unit.entity is not None and unit.entity.kind == "demonym")):
            return False
    return False


def turned_round(one: Candidate, scene: Scene) -> bool:
    """Say whether a group is told to back a state that stands behind it: a word order turned round."""
    group = scene.world.group(one.hand.principal) if one.hand is not None else None
    return group is not None and one.theatre in group.sponsors and one.theatre not in group.theatres


def party_named(one: Candidate, scene: Scene) -> bool:
    """Say whether a group is only named, by a presence in a land where it is not known to fight."""
    if one.hand is None or one.thing is None or one.thing.entity is None or one.hand.executor:
        return False
    group = scene.world.group(one.hand.principal)
    return group is not None and group.country != one.theatre and one.theatre not in group.theatres


def waive(one: Candidate, scene: Scene) -> None:
    """Free a candidate that a switched-off rule of `judgement` holds back."""
    if one.held is not None and any(one.held.startswith(f"rule {n}:") for n in scene.without):
        one.held = None


def outdo(candidates: list[Candidate], kept: list[Candidate], why: str) -> list[Candidate]:
    """Note on those that `kept` leaves out why they are no claims; return `kept`."""
    left = set(map(id, kept))
    for one in candidates:
        if id(one) not in left:
            one.held = f"outdone: {why}"
    return kept


BODIES: Final = ("un", "au", "eu", "ecowas", "sadc", "eac")
MARTIAL: Final = ("weapon", "troops", "fighter", "mercenary", "trainer", "military_aid", "materiel")


def martial(one: Candidate, scene: Scene) -> bool:
    """Say whether the sentence tells that money is for forces, arms or an armed side."""
    for unit in one.sentence.units:
        if unit.has("role", "side") or any(unit.has("thing", kind) for kind in MARTIAL):
            return True
        if unit.entity is not None and unit.entity.kind == "group" and scene.world.armed(unit.entity.id):
            return True
    return False


def around(one: Candidate) -> list[Unit]:
    i = one.trigger.at
    return one.sentence.units[max(0, i - 3) : i + 7]


HIRING: Final = ("hire", "recruit", "fund")  # those who are paid are hired


def distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Keep one candidate for each sentence, theatre, principal, type and polarity."""
    best: dict[tuple[object, ...], Candidate] = {}
    for one in candidates:
        principal = one.hand.principal if one.hand else ""
        key = (id(one.sentence), one.theatre, principal, one.type, one.epistemic == "denied")
        ends = one.act in ("withdraw", "cease") and key in best and best[key].act in ("", "present", "fight")
        if key not in best or weight(one) > weight(best[key]) or ends:
            best[key] = one
        elif _hired_before(best[key]) and one.act in ("present", "fight") and one.realis == "ongoing":
            best[key].realis, best[key].change = one.realis, one.change  # hired then, they are there now
    return one_people(list(best.values()))


def _hired_before(one: Candidate) -> bool:
    """Say whether a participle tells the hiring: "men hired by X are fighting"."""
    return one.act in HIRING and one.trigger.voice() != "act"


def weight(one: Candidate) -> tuple[bool, float]:
    """Rank mentions in one sentence: who leaves is told as leaving, not as being there."""
    leaves = one.act == "withdraw" and one.change == "end" and one.confidence >= SURE_ENOUGH
    return leaves and one.type not in ("arms", "materiel"), one.confidence


def one_people(candidates: list[Candidate]) -> list[Candidate]:
    """Let the same people in one sentence be one type: the hired fight and die as mercenaries."""
    seen: dict[tuple[int, int, str], Candidate] = {}
    hired: dict[tuple[int, int], str] = {}  # who hires the people told
    out = []
    for one in sorted(candidates, key=lambda c: (c.act != "hire", c.act != "recruit", -c.confidence)):
        if one.thing is None or one.hand is None or one.thing.value("thing") not in PERSONNEL:
            out.append(one)
            continue
        key = (id(one.sentence), id(one.thing), one.hand.principal)
        hirer = hired.setdefault(key[:2], key[2]) if one.act in ("hire", "recruit") else hired.get(key[:2])
        if hirer not in (None, key[2]) and one.agent is one.thing:
            continue  # "recruited 300 Colombians to fight": they fight for who recruits them
        if key not in seen or seen[key].type == one.type or one.epistemic == "denied":
            seen.setdefault(key, one)
            out.append(one)
    return out


def one_contingent(kept: list[Candidate]) -> list[Candidate]:
    """Let soldiers of a state that contributes to a mission be that contingent, unless told apart."""
    sent = {
        (c.theatre, c.hand.principal)
        for c in kept
        if c.hand and c.type == "peace_operation" and c.hand.principal.isupper() and c.realis != "historical"
    }
    for one in kept:
        apart = any(u.has("mod", "apart") for u in one.sentence.units)
        if one.hand and one.type == "troops" and (one.theatre, one.hand.principal) in sent and not apart:
            one.type = "peace_operation" if one.realis != "historical" else one.type
    return kept


def specific_only(kept: list[Candidate]) -> list[Candidate]:
    """Drop support in general where the same principal is told to give something specific."""
    specific = {
        (c.theatre, c.hand.principal)
        for c in kept
        if c.hand and c.type != SPECIFIC and c.epistemic != "denied"
    }
    return [c for c in kept if c.type != SPECIFIC or c.epistemic == "denied" or not c.hand
            or (c.theatre, c.hand.principal) not in specific]  # fmt: skip


def sponsored_only(kept: list[Candidate]) -> list[Candidate]:
    """Drop people told by their nationality alone where another mention names who hired or sent them."""
    hired = {(c.theatre, c.origin) for c in kept if c.origin}
    same = {(id(c.sentence), id(c.thing), c.theatre, c.origin) for c in kept if c.origin and c.thing}
    return [c for c in kept if not c.hand or c.origin
            or not (((c.theatre, c.hand.principal) in hired and c.type in ("mercenaries", "foreign_fighters"))
            or (id(c.sentence), id(c.thing), c.theatre, c.hand.principal) in same)]  # fmt: skip


PEOPLE: Final = ("foreign_fighters", "mercenaries", "troops")
EXCHANGED: Final = ("pact", "arms", "materiel", "training", "troops", "funding", "intelligence")


def hirers_only(kept: list[Candidate]) -> list[Candidate]:
    """Drop people told by their nationality in a sentence that tells who hires or recruits them."""
    hirers = {
        (id(c.sentence), c.theatre)
        for c in kept
        if c.type in PEOPLE and not _told_by_people(c) and any(map(_hires, c.sentence.units))
    }
    return [
        c
        for c in kept
        if c.type not in PEOPLE or (id(c.sentence), c.theatre) not in hirers or not _told_by_people(c)
    ]


def _hires(unit: Unit) -> bool:
    return any(unit.has("act", act) for act in HIRING[:2])


def _told_by_people(one: Candidate) -> bool:
    return one.agent is not None and one.agent.of_kind("demonym")


def one_way(kept: list[Candidate]) -> list[Candidate]:
    """Of two that are told to give the same to each other in one sentence, keep what is surer."""
    best: dict[tuple[int, str, frozenset[str]], Candidate] = {}
    for one in sorted(kept, key=lambda c: -c.confidence):
        if one.type in EXCHANGED and one.hand is not None and one.theatre is not None:
            best.setdefault((id(one.sentence), one.type, frozenset((one.hand.principal, one.theatre))), one)
    return [
        c
        for c in kept
        if c.type not in EXCHANGED
        or c.hand is None
        or c.theatre is None
        or best[id(c.sentence), c.type, frozenset((c.hand.principal, c.theatre))].hand == c.hand
    ]
