"""Nationals: people told by their nationality alone, "two Malaysians", "the Ugandans of the mission".

And soldiers that a state owns up to, whose nationality is the speaker's.
"""

from collections.abc import Iterator

from pipeline.claims.hands import hands_of
from pipeline.claims.phrases import agent_phrase, is_local
from pipeline.claims.places import place
from pipeline.claims.roles import refine
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.subjects import subjects_left, subjects_of
from pipeline.claims.units import NUMBER, Sentence, Unit
from pipeline.claims.vocabulary import Tag
from pipeline.claims.whereabouts import hirers_seat
from pipeline.claims.world import Hand

PEOPLE = ("troops", "fighter", "mercenary", "trainer")


def as_people(units: list[Unit], scene: Scene) -> None:
    """Let counted nationals be people who can be recruited and fight: "290 Romanians".

    Not where the verb stands last: cases tell there who does what.
    """
    if scene.order == "sov":
        return
    for np in units:
        entity = np.entity
        if entity is None or entity.kind != "demonym" or np.head is not None or np.made or np.verb:
            continue
        before = units[max(0, np.at - 2) : np.at]
        told = any(u.has("num") or NUMBER.fullmatch(u.low) for u in before)
        if told and _counted(units, np) and scene.world.hand(entity) is not None:
            np.tags = {**np.tags, "thing": (Tag("thing", "people", "noun"),)}
            np.nationality = [np]


SENT = ("transfer", "carry", "deploy", "recruit", "hire")


def sent(units: list[Unit], i: int) -> Unit | None:
    """Return rebels or a people of another land who are sent or hired: "flew Syrian rebels to Libya".

    They are fighters from then on.
    """
    if not units[i].verb:
        return None
    for one in units[i + 1 : i + 6]:
        rebels = one.has("role", "side") and one.shaped("plural") and any(
            n.of_kind("demonym") for n in one.nationality
        )  # fmt: skip
        martial = any(u.has("war") or u.has("act", "fight") for u in units[one.at + 1 : one.at + 9])
        people = martial and one.of_kind("demonym") and one.head is None and one.shaped("plural")
        if rebels or people:
            behind = units[one.at + 1 : one.at + 4]
            led = next((u for u in behind if u.has("rel") or u.punct or u.verb or u.noun), None)
            hired = any(units[i].has("act", act) for act in ("recruit", "hire"))
            if not hired and (led is None or not led.has("rel", "to") or led.has("rel", "with")):
                return None
            one.tags = {**one.tags, "thing": (Tag("thing", "fighter", "noun"),)}
            one.nationality = one.nationality or [one]
            return one
        if one.verb or one.punct or one.has("rel") or one.noun:
            return None
    return None


def nationals(sentence: Sentence, found: list[Candidate], scene: Scene) -> Iterator[Candidate]:
    """Yield what the bare nationals of a sentence are there as."""
    units = sentence.units
    fallen = next((u for u in units if u.has("fallen")), None)
    for one in _armies(sentence, found, scene):
        found.append(one)
        yield one
    for np in units:
        if fallen is not None and np.has("thing", "people") and np.nationality and _sided(sentence):
            yield from _among(sentence, np, fallen, found, scene)
            continue
        entity = np.entity
        if entity is None or entity.kind != "demonym" or np.head is not None or np.made or np.speaking:
            continue
        hand = scene.world.hand(entity)
        if hand is None or not _counted(units, np):
            continue
        whole = _belongs_to(units, np)
        if whole is not None:
            yield from _members(sentence, np, whole, hand, found, scene)
        elif (act := _serving(units, np, scene)) is not None:
            if not any(c.trigger is act and c.hand == hand and c.held is None for c in found):
                yield from _volunteers(sentence, np, act, hand, scene)
        elif fallen is not None:
            one = Candidate(sentence, fallen, "", "foreign_fighters", hand, None, agent=np)
            place(one, np.at, scene)
            if one.theatre is not None and scene.foreign(hand.principal, one.theatre):
                one.weigh(0.2, "nationals among the fighters")
                yield one


MARCHING = ("fight", "withdraw", "arrive", "enter", "present", "intervene")


def _armies(sentence: Sentence, found: list[Candidate], scene: Scene) -> Iterator[Candidate]:
    """Read "the Ugandans hold the airport": all of a nation's people there are its army."""
    units = sentence.units
    for np in units:
        act = _marches(units, np)
        hands = hands_of(np, scene) if act is not None else []
        for hand in hands[:1]:
            if act is None or any(c.hand is not None and c.hand.principal == hand.principal for c in found):
                continue
            what = next(a for a in act.values("act") if a in MARCHING)
            one = Candidate(sentence, act, what, "troops", hand, None, agent=np)
            place(one, act.at, scene)
            if one.where is not None and is_local(units, one.where, ("in", "from", "to")):
                one.weigh(0.15, "its people")
                yield one


def _marches(units: list[Unit], np: Unit) -> Unit | None:
    """Return the verb that "the Ugandans" are the subject of, where armies do so."""
    people = np.of_kind("demonym") and np.head is None and not np.speaking
    before = units[np.at - 1] if np.at else None
    article = before is not None and before.has("det") and np.shaped("plural")
    bare = np.has("peoples") and np.case in ("", "nom", "of") and (before is None or _opens(before))
    if not people or not (article or bare):
        return None
    for one in units[np.at + 1 : np.at + 4]:
        if bare and one.entity is not None and one.case in ("in", "from", "to"):
            continue  # "Fransızlar Mali'den çekildi"
        if one.verb and one.has("act"):
            marching = any(act in MARCHING for act in one.values("act"))
            return one if marching and one.finite and not one.has("aux", "have") else None
        if not (one.has("aux") or one.has("mod") or one.shaped("adverb")):
            return None
    return None


def _opens(before: Unit) -> bool:
    """Say whether a noun may follow that is neither counted nor described, in languages without articles."""
    plain = before.punct or before.has("conj") or before.has("bound") or before.has("time")
    return plain or (before.entity is not None and before.case in ("in", "from"))


SERVING = ("fight", "fall", "enlist", "join", "recruit", "hire", "killed")
HIRING = ("recruit", "hire")
SENDING = ("transfer", "deploy", "carry")
LEADING = frozenset({"num", "det", "rel", "conj", "bound"})  # what may stand before a noun, no adjective
MARTIAL = ("troops", "fighter", "mercenary")


def _is_plural(np: Unit) -> bool:
    """Say whether a nationality has the ending of a people."""
    return np.shaped("plural") or np.has("peoples")


def _serving(units: list[Unit], np: Unit, scene: Scene) -> Unit | None:
    """Return the verb by which a number of nationals fight, fall or are hired; None where none tells it.

    With the definite article a people is meant as often as its army: "the French fight in the north".
    """
    ahead = units[max(0, np.at - 4) : np.at]
    some = any(u.has("num") or u.has("some") or NUMBER.fullmatch(u.low) for u in ahead)
    led = ahead[-1] if ahead else None
    noun = (
        led is None
        or led.verb
        or led.punct
        or bool(led.tags.keys() & LEADING)
        or bool(NUMBER.fullmatch(led.low))
    )
    counted = scene.order == "vso" and led is not None and bool(led.has("num") or NUMBER.fullmatch(led.low))
    if not (_is_plural(np) or counted) or not noun or (led is not None and led.has("det") and not some):
        return None
    for unit in (*units[np.at + 1 : np.at + 12], *units[max(0, np.at - 8) : np.at][::-1]):
        if unit.at < np.at and unit.verb and any(unit.has("act", act) for act in SENDING):
            sent = not any(u.punct or u.verb for u in units[unit.at + 1 : np.at])
            behind = units[np.at + 1 : np.at + 4]
            if led is not None and led.has("rel", "to") and any(u.has("thing", "weapon") for u in behind):
                return None  # "aux Saoudiens des canons": who gets them
            return unit if sent and of_war(units, scene) else None
        if unit.verb and any(unit.has("act", act) for act in SERVING):
            hired = any(unit.has("act", act) for act in HIRING)
            mine = subjects_left(units, unit.at)[:1] == [np] if unit.at > np.at and not hired else hired
            mine = mine or (unit.at < np.at and not any(u.punct for u in units[unit.at : np.at]))
            return unit if mine and (hired or of_war(units, scene)) else None
        if unit.at > np.at and (unit.low == ";" or unit.has("bound", "contrast")):
            return None
    return None


def of_war(units: list[Unit], scene: Scene) -> bool:
    """Say whether a sentence tells of an army or a fight: people die of other things as well."""
    return any(
        "war" in u.tags
        or "battle" in u.tags
        or u.has("institution")
        or u.has("role", "side") or u.has("fallen")
        or (u.entity and (hand := scene.world.hand(u.entity)) and scene.world.armed(hand.principal))
        or any(u.has("thing", kind) for kind in MARTIAL)
        for u in units
    )  # fmt: skip


def _volunteers(sentence: Sentence, np: Unit, act: Unit, hand: Hand, scene: Scene) -> Iterator[Candidate]:
    """Read nationals who fight: for pay, if it is told, for whoever hires them, if that is an outsider."""
    units = sentence.units
    hired = any(act.has("act", kind) for kind in HIRING)
    firm = any(u.has("firm") for u in units[act.at + 1 : act.at + 5])
    paid = hired and (act.has("act", "hire") or firm)
    paid = paid or any(u.has("paid") or u.has("thing", "money") or u.has("thing", "mercenary") for u in units)
    kind = "mercenaries" if paid else "foreign_fighters"
    sent = any(act.has("act", kind) for kind in SENDING)
    by = (agent_phrase(units, act.at) or subjects_of(units, act.at, scene)) if hired or sent else []
    hirers = [h for one in by if one is not np for h in hands_of(one, scene)]
    if hired and not hirers and (seat := hirers_seat(units, act.at)) is not None:
        hirers = hands_of(seat, scene)
    if hired and not hirers and (sender := _sender(units, np)) is not None:
        hirers = [h for one in subjects_of(units, sender.at, scene) for h in hands_of(one, scene)]
    for owner in (*hirers[:1], *([] if sent else [hand])):
        one = Candidate(sentence, act, act.value("act"), kind, owner, None, agent=np)
        place(one, act.at, scene)
        one.weigh(0.15, "nationals told by their number")
        if one.where is not None and _only_related(units, one.where):
            continue
        if one.theatre is not None and scene.foreign(owner.principal, one.theatre):
            one.origin = hand.principal if owner is not hand else None
            yield one
            return


def _sender(units: list[Unit], np: Unit) -> Unit | None:
    """Return the verb of sending whose object the people at `np` are."""
    for unit in units[max(0, np.at - 8) : np.at][::-1]:
        if unit.punct or unit.has("bound"):
            return None
        if unit.verb and unit.has("act"):
            return unit if any(unit.has("act", act) for act in SENDING) else None
    return None


def _only_related(units: list[Unit], where: Unit) -> bool:
    """Say whether a state is told as somebody's, no place of the fight: "a firm tied to Ankara"."""
    told = where.entity is not None and where.entity.kind in ("country", "capital")
    return (
        told and is_local(units, where, ("with", "from")) and not is_local(units, where, ("in", "to", "for"))
    )


def _sided(sentence: Sentence) -> bool:
    return sentence.sided or any(u.entity is not None and u.entity.kind == "group" for u in sentence.units)


def _among(
    sentence: Sentence, np: Unit, fallen: Unit, found: list[Candidate], scene: Scene
) -> Iterator[Candidate]:
    """Read people of a land told to be among the fighters: "warga Uganda berada di barisan"."""
    told = any(c.thing is np and c.hand is not None for c in found)
    for hand in [] if told else hands_of(np, scene)[:1]:
        one = Candidate(sentence, fallen, "", "foreign_fighters", hand, None, agent=np, thing=np)
        place(one, np.at, scene)
        if one.theatre is not None and scene.foreign(hand.principal, one.theatre):
            one.weigh(0.2, "nationals among the fighters")
            yield one


def _counted(units: list[Unit], np: Unit) -> bool:
    """Say whether a nationality stands for people: a plural, or one of them: "Serbs", "an Indonesian"."""
    after = units[np.at + 1] if np.at + 1 < len(units) else None
    if after is not None and not (after.punct or after.has("rel") or after.has("conj") or after.has("mod")
                                  or after.has("aux") or after.has("bound") or after.verb):  # fmt: skip
        return False
    before = units[max(0, np.at - 3) : np.at]
    return _is_plural(np) or any(u.has("num") or u.has("det") or u.low.isdigit() for u in before)


def _belongs_to(units: list[Unit], np: Unit) -> Unit | None:
    """Return the company, group or mission right behind that they belong to: "the Russians of Wagner"."""
    behind = units[np.at + 1 : np.at + 6]
    if not behind or not (
        behind[0].has("rel", "of") or behind[0].has("rel", "in") or behind[0].has("rel", "from")
    ):
        return None
    for unit in behind[1:]:
        if unit.verb or unit.punct or unit.has("rel"):
            return None
        if unit.entity is not None and unit.entity.kind in ("company", "group", "mission"):
            return unit
    return None


def _members(
    sentence: Sentence, np: Unit, whole: Unit, hand: Hand, found: list[Candidate], scene: Scene
) -> Iterator[Candidate]:
    entity = whole.entity
    if entity is None:
        return
    entry = scene.world.entry(entity.kind, entity.id)
    if entity.kind == "mission":
        if (
            entry is None
            or entry.of is None
            or scene.world.is_state(entry.of)
            or hand.principal == entry.country
        ):
            return
        one = Candidate(sentence, np, "present", "peace_operation", hand, entry.country, thing=np)
        one.where = whole
        one.weigh(0.1, "serves in a mission")
        yield one
        return
    owner = scene.world.hand(entity)
    if owner is None or refine("troops", whole, owner, scene) != "mercenaries":
        return
    one = Candidate(sentence, np, "present", "mercenaries", owner, None, agent=whole)
    act = next((u.at for u in sentence.units[whole.at + 1 : whole.at + 8] if u.verb and u.has("act")), np.at)
    place(one, act, scene)
    one.weigh(0.1, "of a company")
    for other in found:
        if other.agent is np and other.hand is not None and other.hand.principal == owner.principal:
            other.held = other.held or "told of their company"
    yield one


def owned_up(sentence: Sentence, found: list[Candidate], scene: Scene) -> Iterator[Candidate]:
    """Read "X confirmed 200 soldiers": who admits forces of no nationality admits its own."""
    units = sentence.units
    for unit in units:
        if not (unit.verb and (unit.has("voice", "confirm"))):
            continue
        thing = _admitted(units, unit.at)
        if thing is None or any(c.thing is thing and c.hand is not None for c in found):
            continue
        for np in subjects_left(units, unit.at)[:1]:
            for hand in hands_of(np, scene)[:1]:
                one = Candidate(sentence, thing, "present", refine("troops", thing, hand, scene), hand, None,
                                thing=thing, agent=np)  # fmt: skip
                place(one, thing.at, scene)
                one.weigh(0.1, "owned up to")
                yield one


def _admitted(units: list[Unit], at: int) -> Unit | None:
    for unit in units[at + 1 : at + 6]:
        if unit.verb or unit.punct or unit.has("bound") or unit.actor:
            return None
        if any(unit.has("thing", kind) for kind in PEOPLE):
            return None if unit.nationality else unit
    return None
