"""Soil: whose territory, ports and camps a side is let use, or uses."""

from collections.abc import Iterator

from pipeline.claims.hands import hands_of
from pipeline.claims.objects import is_passive, things_left
from pipeline.claims.phrases import agent_phrase, is_owned, stops
from pipeline.claims.places import is_side, place
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.subjects import accused, subjects_left, subjects_of
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.world import Hand


def bind(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    """Read that a state lets a side use its soil, or that a side uses it."""
    units = sentence.units
    near = units[max(0, i - 14) : i][::-1] if scene.order == "sov" else units[i + 1 : i + 14]
    soils = [u for u in near if u.has("thing", "soil") or u.has("thing", "base")]
    soil = soils[0] if soils else None
    if act == "use" and soil is not None and not soil.nationality:
        soil = next((u for u in soils if u.nationality), soil)  # "has camps in Tindouf, on Algerian soil"
    if act == "allow" and units[i].has("act", "transfer") and not _is_given(near, soil):
        return
    if units[i].voice() == "pass" and act in ("use", "allow"):
        yield from _lent(sentence, i, act, soil, scene)
        return
    if act in ("host", "allow"):
        yield from _hosted(sentence, i, act, soil, scene)
    elif act != "allow" and soil is not None:
        yield from _used(sentence, i, act, soil, scene)


def _is_given(near: list[Unit], soil: Unit | None) -> bool:
    """Say whether soil is itself what is given: "gave them a base", no "pictures of camps"."""
    if soil is None or soil.entity is not None:
        return False
    before = near[: near.index(soil)]
    thing = next((n for n, u in enumerate(before) if u.has("thing")), len(before))
    return not any(u.has("rel", "of") for u in before[thing:])


def _lent(sentence: Sentence, i: int, act: str, soil: Unit | None, scene: Scene) -> Iterator[Candidate]:
    """Read passives: "its soil was used by X", "X was allowed to use a base in Y"."""
    units = sentence.units
    if act == "use":
        soil = next(
            (t for t in things_left(units, i) if t.has("thing", "soil") or t.has("thing", "base")), None
        )
        guests = agent_phrase(units, i)
    else:
        guests = subjects_left(units, i)
    if soil is None:
        return
    near = next((u for u in units[soil.at + 1 : soil.at + 5] if u.where), None)
    owner = next(iter(soil.nationality), None) or near or (soil if is_owned(units, soil) else None)
    sides = [h for np in guests for h in hands_of(np, scene)]
    for hand in hands_of(owner, scene) if owner is not None else []:
        one = Candidate(sentence, units[i], act, "sanctuary", hand, None, agent=owner, thing=soil)
        one.side = guests[0] if guests else None
        one.sided = True
        theatres = [t for h in sides if (t := scene.world.theatre_of(h.principal, scene.theatres))]
        one.theatre = next((t for t in theatres if scene.world.foreign(hand.principal, t)), None)
        if one.theatre is None:
            place(one, i, scene)
        if sides and all(h.principal != hand.principal for h in sides):
            yield one
        elif not sides and act == "use" and _for_a_side(units, i, scene):
            one.weigh(0.1, "a side without a name")
            yield one


def _for_a_side(units: list[Unit], i: int, scene: Scene) -> bool:
    """Say whether soil is used by a side of no name, or to bring arms somewhere: "dipakai pemberontak"."""
    for one in units[i + 1 : i + 9]:
        if one.has("bound") or one.low == ";":
            return False
        if is_guest(one, scene) or any(one.has("thing", kind) for kind in ("weapon", "fighter", "mercenary")):
            return True
    return False


def _hosted(sentence: Sentence, i: int, act: str, soil: Unit | None, scene: Scene) -> Iterator[Candidate]:
    units = sentence.units
    near = units[max(0, i - 10) : i] if scene.order == "sov" else units[i + 1 : i + 10]
    guests = [u for u in near if is_guest(u, scene) or u.has("thing", "fighter")]
    if soil is None and (not guests or (act == "allow" and not _stays(units, i, guests[0].at))):
        return
    blamed = accused(units, i) if scene.order == "vso" and not units[i].verb else []
    for np in blamed or subjects_of(units, i, scene):
        for hand in hands_of(np, scene):
            one = Candidate(sentence, units[i], act, "sanctuary", hand, None, agent=np, thing=soil)
            one.side = guests[0] if guests else None
            place(one, i, scene)
            if not guests:
                one.weigh(0.2, "no guest")
            yield one


def _stays(units: list[Unit], i: int, at: int) -> bool:
    """Say whether the guest at `at` is let stay or work somewhere: "letting fighters rest in the valley"."""
    if any(u.has("thing") or u.has("rel") for u in units[i + 1 : at]):
        return False
    after = units[at + 1 : at + 7]
    verb = next(
        (
            n
            for n, u in enumerate(after)
            if u.has("act", "shelter") or (u.low.isalpha() and not u.has("rel") and not u.has("conj"))
        ),
        None,
    )
    if verb is None or after[verb].actor or after[verb].has("det"):
        return False
    placed = after[verb].has("act", "shelter") and after[verb].has("rel", "in")  # "berkemah di"
    return placed or any(u.has("rel", "in") or u.has("rel", "from") for u in after[verb + 1 :])


def is_guest(unit: Unit, scene: Scene) -> bool:
    """Say whether a mention is a side that needs somebody's soil, no statesman."""
    if unit.entity is not None and unit.entity.kind == "leader":
        hand = scene.world.hand(unit.entity)
        return hand is not None and scene.world.armed(hand.principal)
    return is_side(unit, scene)


def _used(sentence: Sentence, i: int, act: str, soil: Unit, scene: Scene) -> Iterator[Candidate]:
    units = sentence.units
    owner = next(iter(soil.nationality), None)
    owner = owner or _land_behind(units, soil) or (soil if is_owned(units, soil) else None)
    if owner is None and scene.order == "sov":
        owner = next((u for u in units[max(0, soil.at - 3) : soil.at] if u.where and u.case == "in"), None)
    subjects = subjects_of(units, i, scene) if scene.order == "vso" else subjects_left(units, i)
    if any(np.has("thing", "civil") for np in subjects):
        return  # refugees
    side = any(u.has("role", "side") for u in (*subjects, *units[max(0, i - 4) : i]))
    guests = [g for np in subjects for g in hands_of(np, scene)]
    owns = any(units[i].has("act", act) for act in ("present", "build"))  # "dispose de": states have bases
    if not owns and soil.has("thing", "base") and guests and owner is not None:
        yield from _visited(sentence, i, soil, owner, subjects[0], guests[0], scene)
    if owns and not side and not any(scene.world.armed(g.principal) for g in guests):
        return
    for hand in hands_of(owner, scene) if owner is not None else []:
        one = Candidate(sentence, units[i], act, "sanctuary", hand, None, agent=owner, thing=soil)
        one.sided = True
        if guests:
            guest = guests[0].principal
            one.theatre = scene.world.theatre_of(guest, scene.theatres)
            one.recipient = guest if scene.world.armed(guest) else None
        elif side or (act in ("strike", "launch") and is_passive(units, i, act)):
            place(one, i, scene)
        if one.theatre and one.theatre != hand.principal:
            yield one


def _visited(
    sentence: Sentence, i: int, soil: Unit, owner: Unit, np: Unit, guest: Hand, scene: Scene
) -> Iterator[Candidate]:
    """Read that a state uses bases in a land at war: "US troops may use seven bases in Colombia"."""
    for hand in hands_of(owner, scene)[:1]:
        land = hand.principal
        if not scene.world.is_state(guest.principal) or land not in scene.world.wars:
            continue
        if scene.foreign(guest.principal, land) and np.has("thing"):
            one = Candidate(sentence, sentence.units[i], "use", "base", guest, land, agent=np, thing=soil)
            one.where = owner
            yield one


def _land_behind(units: list[Unit], soil: Unit) -> Unit | None:
    """Return the land that soil lies in: "safe havens across the border in Pakistan"."""
    joined = False  # to another noun: "bases and stores of arms in"
    for one in units[soil.at + 1 : soil.at + 8]:
        if one.where:
            return one
        if one.verb or one.punct or (one.noun and not joined) or one.has("bound"):
            return None
        joined = joined or one.has("conj")
    return None


def is_from(units: list[Unit], i: int) -> bool:
    """Say whether an attack is told to come "from bases in X"."""
    for j in range(i + 1, min(len(units), i + 12)):
        if stops(units[j]):
            return False
        if units[j].has("rel", "from"):
            return any(u.has("thing", "base") or u.has("thing", "soil") for u in units[j + 1 : j + 4])
    return False
