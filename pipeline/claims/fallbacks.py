"""Fallbacks: frames that need less grammar than an act with its own subject and object.

A company that is hired, soldiers who learn abroad, contributors to a mission, a departure whose owner is all
that is told, and acts whose actor the sentence before has named.
"""

from collections.abc import Iterator

from pipeline.claims.hands import first_actor, hands_named, hands_of
from pipeline.claims.phrases import is_local, stops
from pipeline.claims.places import HITTING, country_of, place
from pipeline.claims.roles import refine
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.subjects import subjects_left, subjects_of
from pipeline.claims.targets import target_of
from pipeline.claims.units import STATES, Sentence, Unit
from pipeline.claims.world import Hand

MOVING = ("recruit", "hire", "transfer", "deploy", "receive", "carry", "present")
GOING = ("withdraw", "deploy")
ANNOUNCED = ("transfer", "deploy", "arrive", "receive", "present", "enter", "withdraw")
INHERITING = ("transfer", "deploy", "conduct", "launch", "strike", "train", "fund", "extend", "withdraw")


def hired(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    """Read an act whose object is a company of fighters: "Mali hired Wagner", "mendatangkan Wagner"."""
    if act not in MOVING or not sentence.units[i].verb:
        return
    for unit in sentence.units[i + 1 : i + 8]:
        if stops(unit) or (unit.verb and unit.has("act")) or unit.has("rel", "by") or unit.has("rel", "to"):
            return
        if unit.entity is not None and unit.entity.kind in ("company", "group"):
            hand = scene.world.hand(unit.entity)
            if hand is None or not hand.executor:
                continue
            kind = refine("troops", unit, hand, scene)
            if kind != "mercenaries":
                continue
            one = Candidate(sentence, sentence.units[i], act, kind, hand, None, agent=unit)
            place(one, i, scene)
            if one.theatre is None:
                hosts = [h.principal for np in subjects_left(sentence.units, i) for h in hands_of(np, scene)]
                one.theatre = next((t for h in hosts if (t := scene.world.theatre_of(h))), None)
            elif one.where is None and act not in ("recruit", "hire"):
                one.held = "no place told"
            yield one
            return


def _martial(unit: Unit) -> bool:
    told = any(unit.has("thing", kind) for kind in ("weapon", "troops", "fighter", "trainer"))
    return told or unit.has("war") or unit.has("role", "side")


def schooled(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read that a side's soldiers learn abroad: who trains them is the place, else the state that says it."""
    units = sentence.units
    both = units[i].has("act", "train") and scene.order == "svo"
    transitive = both and target_of(units, i, False, False) is not None
    for np in subjects_left(units, i)[: not transitive]:
        if np.has("thing", "people") and not any(_martial(u) for u in units):
            continue  # "mahasiswa belajar di"
        pupils = {h.principal for h in hands_of(np, scene)}
        places = [
            u
            for u in units
            if u.where and u.head is None and not u.speaking and is_local(units, u, ("in", "to"))
        ]
        places += [n for u in units[i + 1 : i + 8] if u.has("thing", "school") for n in u.nationality]
        hosts = [h for u in places for h in hands_named(u, scene)]
        if not hosts and scene.speaker is not None and any(u.speaking and u.actor for u in units):
            hosts = [scene.speaker]
        np.used = True
        for hand in [h for h in hosts if h.principal not in pupils][:1]:
            one = Candidate(sentence, units[i], "train", "training", hand, None, agent=None, side=np)
            place(one, i, scene)
            yield one


def gone(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    """Read a departure or presence whose owner is a bare state: "kepergian Prancis", "France's departure"."""
    unit = sentence.units[i]
    if unit.verb or act not in GOING or unit.has("thing"):
        return
    owned = unit.has("pron", "own") or (bool(i) and sentence.units[i - 1].has("pron", "own"))
    for np in unit.nationality[:1] or (subjects_left(sentence.units, i)[:1] if owned else []):
        for hand in hands_named(np, scene):
            if np.entity is None or np.entity.kind not in STATES:
                continue
            one = Candidate(sentence, unit, act, "troops", hand, None, agent=np)
            place(one, i, scene)
            one.weigh(0.2 if act == "withdraw" else 0.3, "its owner only")
            named = " " in unit.low  # "kehadiran militer"
            if act == "deploy" and not named and not any(_martial(u) for u in sentence.units):
                one.weigh(0.3, "nothing of an army")
            if one.where is None and act == "deploy":
                one.held = "no place told"
            yield one


def sheltered(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read that a side lives on a state's soil: "bersembunyi di Pakistan", "is headquartered in Chad"."""
    units = sentence.units
    near = units[max(0, i - 5) : i][::-1] if scene.order == "sov" else _where_told(units[i + 1 : i + 9])
    land = next((u for u in near if u.where and (scene.order != "sov" or u.case == "in")), None)
    subjects = subjects_of(units, i, scene) if scene.order == "vso" else subjects_left(units, i)
    guests = [h for np in subjects for h in hands_of(np, scene)]
    rebels = any(np.has("role", "side") for np in subjects)
    for hand in hands_named(land, scene) if land is not None else []:
        if rebels and not guests:
            yield from _unnamed_guests(sentence, i, land, hand, scene)
        for guest in guests[:1]:
            theatre = scene.world.theatre_of(guest.principal, scene.theatres)
            armed = scene.world.armed(guest.principal)
            if theatre is None or not (armed or rebels) or theatre == hand.principal:
                continue
            if scene.world.home(guest.principal) == hand.principal:
                continue
            one = Candidate(sentence, units[i], "use", "sanctuary", hand, theatre, agent=land)
            one.recipient, one.sided, one.where = guest.principal if armed else None, True, land
            yield one


def _where_told(behind: list[Unit]) -> list[Unit]:
    """Return the units behind a verb up to the next clause: "at camps outside Monrovia"."""
    end = next((n for n, u in enumerate(behind) if stops(u) or (u.verb and u.has("act"))), len(behind))
    return behind[:end]


def _unnamed_guests(
    sentence: Sentence, i: int, land: Unit | None, hand: Hand, scene: Scene
) -> Iterator[Candidate]:
    """Read that rebels whom nobody names live abroad: those of the war that the article is about."""
    theatre = next(iter(scene.theatres), None)
    if theatre is not None and scene.dominant and scene.foreign(hand.principal, theatre):
        one = Candidate(sentence, sentence.units[i], "use", "sanctuary", hand, theatre, agent=land)
        one.sided, one.where = True, land
        one.weigh(0.1, "the war of the article")
        yield one


def camps(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read an armed side's camp on foreign soil: "the rebels' camps in Chad"."""
    units, thing = sentence.units, sentence.units[i]
    if not (thing.has("thing", "base") or thing.has("thing", "soil")):
        return
    land = next((u for u in units[i + 1 : i + 8] if u.where and is_local(units, u, ("in",))), None)
    if land is None or any(u.punct or u.verb for u in units[i + 1 : land.at]):
        return
    owners = [h for n in thing.nationality for h in hands_named(n, scene)]
    for hand in hands_named(land, scene):
        for guest in [h for h in owners if not scene.world.is_state(h.principal)][:1]:
            theatre = scene.world.theatre_of(guest.principal, scene.theatres)
            if theatre is None or not scene.world.armed(guest.principal) or theatre == hand.principal:
                continue
            if scene.world.home(guest.principal) == hand.principal or guest.executor:
                continue
            one = Candidate(sentence, thing, "use", "sanctuary", hand, theatre, agent=land, thing=thing)
            one.recipient, one.sided, one.where = guest.principal, True, land
            one.weigh(0.2, "a camp")
            thing.used = True
            yield one


def lent_only(found: list[Candidate]) -> None:
    """Hold back what is done from lent soil as an act of its owner: "let its land be used to send arms"."""
    lent = {(c.hand.principal, c.trigger.at) for c in found if c.type == "sanctuary" and c.hand}
    for one in found:
        told = one.hand is not None and any(
            who == one.hand.principal and at < one.trigger.at for who, at in lent
        )
        if told and one.type in ("arms", "materiel", "strikes"):
            one.held = "from lent soil"
        if (
            one.act == "arrive"
            and one.type == "materiel"
            and any(c.hand == one.hand and c.type != one.type and c.held is None for c in found)
        ):
            one.held = "only the carrier"
        carried = (c for c in found if c.act == "carry" and c.hand == one.hand and c.held is None)
        if one.type == "troops" and one.thing is not None and one.thing.has("thing", "weapon"):
            one.held = "only the carrier" if any(carried) else one.held


def enlisted_only(found: list[Candidate]) -> None:
    """Hold back where people are hired, if it is told where they fight: "hired in X, sent to Y"."""
    for one in found:
        if one.act in ("recruit", "hire") and one.thing is not None:
            fights = (
                c for c in found if c.thing is one.thing and c.act not in (one.act, "") and c.hand == one.hand
            )
            if any(c.theatre not in (None, one.theatre) and c.held is None for c in fights):
                one.held = one.held or "where they were hired"


SENDING = ("transfer", "recruit", "hire", "deploy", "carry", "enlist", "fight")


RECRUITED = ("mercenaries", "foreign_fighters")


def hired_at_home(one: Candidate, scene: Scene) -> None:
    """Name the people's own state where a party to the war hires them ("Afghans hired by Baku")."""
    if one.type not in RECRUITED or one.hand is None or one.thing is None:
        return
    hirer = one.hand.principal
    home = scene.world.theatre_of(hirer, scene.theatres)
    owners = [h for n in one.thing.nationality for h in hands_named(n, scene) if h.principal != hirer]
    firm = bool(owners and owners[0].executor) and home == hirer  # a state at war that hires a company
    if one.theatre is not None and scene.foreign(hirer, one.theatre) and not firm:
        return
    if home is None or not owners or not scene.foreign(owners[0].principal, home):
        return
    one.hand, one.theatre, one.held = owners[0], home, None
    one.agent, one.origin = one.thing, owners[0].principal
    one.type = refine("mercenaries", one.thing, one.hand, scene) if firm else one.type
    one.recipient = hirer if scene.world.belligerent(hirer, home) else None


def at_home(one: Candidate, scene: Scene) -> bool:
    """Say whether soldiers of a state at war, of which the article tells most, are likeliest at home."""
    if one.hand is None or one.type != "troops" or one.act not in ("", "killed", "fall"):
        return False
    own = scene.weights.get(one.hand.principal, 0)
    there = one.where is not None and one.where.start > one.trigger.start and not _at_a_border(one)
    return not there and own > 0 and own >= scene.weights.get(one.theatre or "", 0)


def _at_a_border(one: Candidate) -> bool:
    """Say whether a place only tells whose border is near: "near the Algerian border"."""
    where, units = one.where, one.sentence.units
    if where is None or where not in units or not where.at:
        return False
    return units[where.at - 1].has("border") or any(
        u.has("border") for u in units[where.at + 1 : where.at + 2]
    )


def paid(sentence: Sentence, found: list[Candidate]) -> None:
    """Read people of whom a sentence tells the pay as hired, and their pay as no help to a side."""
    if any(u.has("paid") for u in sentence.units):
        for one in found:
            if one.type == "foreign_fighters" and one.thing is not None and one.thing.has("thing", "people"):
                one.type = "mercenaries"
    sent = [c for c in found if c.type in ("foreign_fighters", "mercenaries") and c.act in SENDING]
    sent = [c for c in sent if c.thing is not None and c.thing.entity is None and c.hand is not None]
    if not sent:
        return
    pays = [c for c in found if c.type == "funding" and (c.side is None or c.side in [s.thing for s in sent])]
    if not pays and not any(u.has("thing", "money") or u.has("thing", "sum") for u in sentence.units):
        return
    for one in sent:
        one.type = "mercenaries"
    for one in pays:
        one.held = one.held or "the pay of who is sent"


def are_hired(units: list[Unit], i: int, target: Unit, scene: Scene) -> bool:
    """Say whether those paid fight for it: mercenaries, or men told to be in another land than theirs."""
    if target.has("thing", "mercenary"):
        return True
    people = target.has("thing", "fighter") or target.has("thing", "people") or target.of_kind("demonym")
    homes = {country_of(n, scene) for n in (target, *target.nationality)} - {None}
    if not (units[i].has("paid") and people and homes):
        return False
    lands = (u for u in units[i + 1 : i + 20] if u.where and u.head is None and is_local(units, u, ("in",)))
    return any(country_of(u, scene) not in {None, *homes} for u in lands)


def contributors(sentence: Sentence, found: list[Candidate], scene: Scene) -> Iterator[Candidate]:
    """Read a state's people or ships that serve in a mission of others: a peace operation of its own."""
    units = sentence.units
    missions = [u for u in units if u.entity is not None and u.entity.kind == "mission"]
    for mission in missions[:1]:
        entry = scene.world.entry("mission", mission.entity.id) if mission.entity else None
        if entry is None or entry.country is None or entry.of is None or scene.world.is_state(entry.of):
            continue
        for np in units:
            if np.speaking or np is mission or np.maker or not np.nationality or np.has("deed"):
                continue
            if not any(
                np.has("thing", kind) for kind in ("troops", "weapon", "people", "peacekeeper", "trainer")
            ):
                continue
            for hand in [h for n in np.nationality for h in hands_named(n, scene)]:
                told = any(c.hand is not None and c.hand.principal == hand.principal for c in found)
                if told or hand.principal == entry.country or not scene.world.is_state(hand.principal):
                    continue
                if scene.contributors is not None and hand.principal not in scene.contributors:
                    continue
                one = Candidate(sentence, np, "present", "peace_operation", hand, entry.country, thing=np)
                one.where = mission
                one.weigh(0.1, "serves in a mission")
                found.append(one)
                yield one


def inherit(one: Candidate, i: int, scene: Scene) -> None:
    """Give an act without an actor that of the last claim of its paragraph, if it is an outsider."""
    last = scene.last
    told = announced(one, i, scene) if one.hand is None else None
    hand = told or (last.hand if last is not None else scene.subject or scene.author)
    if one.hand is not None or hand is None or not (told or _may_inherit(one, i, last)):
        return
    trial = Candidate(
        one.sentence, one.trigger, one.act, one.type, hand, None, thing=one.thing, side=one.side
    )
    place(trial, i, scene)
    if trial.theatre is None or trial.held or not scene.foreign(hand.principal, trial.theatre):
        return
    others = outsiders(one.sentence.units, trial, scene)
    if len(others) > 1:
        return
    hand = others[0] if others else hand
    same = last is not None and one.type == last.type and trial.theatre == last.theatre
    placed = trial.where is not None and (last is not None or told is not None or one.act == "launch")
    own = last is None and hand == scene.author and one.act in HITTING  # a document tells of its author
    if trial.recipient is None and not same and not placed and not own:
        return
    one.hand, one.theatre, one.where = hand, trial.theatre, trial.where
    one.recipient = one.recipient or trial.recipient
    one.sided = one.sided or trial.sided
    one.rules = [*trial.rules, *one.rules]
    one.confidence = min(trial.confidence, 0.8)
    one.weigh(0.15, "actor of the last claim")


def announced(one: Candidate, i: int, scene: Scene) -> Hand | None:
    """Return who acts before the colon that tells what: "Paris goes further: six guns go to Kyiv".

    A name alone before a colon only says it ("Paris: …"), and so does a verb of speech.
    """
    units = one.sentence.units
    colon = next((j for j in range(i - 1, 1, -1) if units[j].low == ":"), 0)
    before = units[:colon]
    if one.act not in ANNOUNCED or not one.trigger.verb or any(u.has("voice") for u in before):
        return None
    if not any(_predicates(u) for u in before):
        return None
    subjects = [np for np in subjects_left(units, i) if np.at > colon and one.act != "receive"]
    if any(np.actor or np.has("role", "side") or np.has("role", "many") for np in subjects):
        return None
    return first_actor(before, scene)


def _predicates(unit: Unit) -> bool:
    """Say whether a word may be what is told of the subject: an act, or no word of ours."""
    plain = not unit.tags and unit.entity is None and not unit.punct
    return plain or (unit.verb and unit.has("act"))


def outsiders(units: list[Unit], one: Candidate, scene: Scene) -> list[Hand]:
    """Return who else in the sentence could have done it: neither place, side nor last actor."""
    out: list[Hand] = []
    for unit in units:
        if not unit.actor or is_local(units, unit, ("to", "in", "from", "against")):
            continue
        for hand in hands_named(unit, scene):
            state = scene.world.is_state(hand.principal) and hand.principal != one.recipient
            same = one.hand is not None and one.hand.principal == hand.principal
            if same:
                return []
            if state and hand not in out and scene.foreign(hand.principal, one.theatre or ""):
                out.append(hand)
    return out


def _may_inherit(one: Candidate, i: int, last: Candidate | None) -> bool:
    """Say whether an act leaves its actor to the sentences before: no subject but a bare force or weapon."""
    if not one.trigger.verb or one.act not in INHERITING:
        return False
    subjects = subjects_left(one.sentence.units, i)
    if any(np.has("role", "side") or np.has("role", "many") or np.actor for np in subjects):
        return False
    if one.act == "strike":
        return any(np.has("thing", "weapon") for np in subjects)
    if one.act == "train":
        return one.side is not None and not subjects
    if one.act == "fund":
        return one.side is not None and one.side.entity is not None
    if one.act in ("deploy", "withdraw", "extend"):
        return last is not None and one.type == last.type
    return (
        one.thing is not None
        and not one.thing.has("thing", "money")
        and not one.thing.has("thing", "fighter")
    )
