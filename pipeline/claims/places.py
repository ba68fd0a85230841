"""Places: in which war a candidate belongs, and which side it helps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.claims.lookalikes import is_across, is_own_border
from pipeline.claims.objects import are_joined
from pipeline.claims.phrases import is_local, is_opposed
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Unit
from pipeline.claims.ways import is_bordered, is_entered, is_given_to, is_left_behind, is_meant, is_passed

ONE_OF_LIST = "one of a list"


def elsewhere(one: Candidate, scene: Scene) -> Iterator[Candidate]:
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
        if not (unit.where and unit.head is None and are_joined(units, last, j)):
            return
        theatre = theatre_at(unit, one.hand.principal, [], scene, True)
        if theatre and theatre != one.theatre and scene.foreign(one.hand.principal, theatre):
            twin = replace(one, theatre=theatre, where=unit, recipient=None, rules=[*one.rules, ONE_OF_LIST])
            name_recipient(twin, [unit], scene)
            yield twin
        last = j


HITTING = ("strike", "launch", "conduct")
SPOTS = 8  # mentions looked at on each side of an act; more are another clause's


def place(one: Candidate, i: int, scene: Scene, fellows: Sequence[Unit] = ()) -> None:
    """Find theatre and recipient of a candidate: the act's own places first, the article's last."""
    units = one.sentence.units
    if one.thing is not None and one.thing.entity is not None and one.thing.entity.kind == "mission":
        entry = scene.world.entry("mission", one.thing.entity.id)
        one.theatre, one.where = (entry.country if entry else None), one.thing
        if one.theatre:
            return
    principal = one.hand.principal if one.hand else None
    last = scene.order == "sov" and units[i].verb
    spots = spots_of(units, i, one, _named_already(one, fellows), last)
    if one.type in ("arms", "materiel", "funding") and one.side is None:
        spots.sort(key=lambda u: not is_meant(units, u, i))
    name_recipient(one, spots, scene)
    named = [s for s in (country_of(u, scene) for u in spots) if s]
    _place_at(one, i, spots, named, scene)
    if one.theatre is None and one.recipient and one.recipient not in scene.outside:
        one.theatre = scene.world.theatre_at_home(one.recipient, named)
        one.theatre = one.theatre or scene.world.theatre_of(one.recipient, [*named, *scene.theatres])
    if one.theatre is None:
        place_by_context(one, scene)
    name_recipient(one, spots, scene)
    if one.recipient == principal:
        one.recipient = None


def _named_already(one: Candidate, fellows: Sequence[Unit]) -> set[int]:
    """Return the mentions that tell who acts, or whose people or things it is, and so no place."""
    actors = [*fellows, *([one.agent] if one.agent else [])]
    skip = {id(a) for a in actors} | {id(n) for a in actors for n in a.nationality}
    if one.thing is not None and one.act not in ("killed",):
        skip |= {
            id(n) for n in (one.thing, *one.thing.nationality) if n.of_kind("demonym") or n is not one.thing
        }
    return skip


def _is_near(one: Candidate, i: int, unit: Unit) -> bool:
    """Say whether a mention belongs to the act: its side, what is behind "in" or "to", or its object."""
    units = one.sentence.units
    near = unit is one.side or (one.side is not None and unit in one.side.nationality)
    near = near or (one.type == "strikes" and is_local(units, unit, ("against",)))
    return near or is_local(units, unit) or is_given_to(units, i, unit) or is_entered(units, i, unit)


def _place_at(one: Candidate, i: int, spots: Sequence[Unit], named: list[str], scene: Scene) -> None:
    """Place a candidate at the first mention that can be its theatre; hold it where that is its own land."""
    units = one.sentence.units
    principal = one.hand.principal if one.hand else None
    for unit in spots:
        if unit is not one.side and is_across(units, unit):
            one.held = one.held or ("at its own border" if principal and is_own_border(units, unit) else None)
            continue
        if unit is not one.side and _wrong_way(one, units, unit):
            continue
        near = _is_near(one, i, unit)
        if near and _is_enemy(one, unit, scene):
            one.held = one.held or "rule 1: at war with each other"
            break
        theatre = theatre_at(unit, principal, named, scene, near)
        if theatre is None and unit.at > i and _is_at_home(one, unit, scene):
            one.held = one.held or "rule 1: not foreign"
            break
        adjective = unit.head is None and unit.entity is not None and unit.entity.kind == "demonym"
        if theatre and not (near or theatre in scene.theatres[: 1 if adjective else 2]):
            continue
        if theatre in scene.outside and not is_local(units, unit, ("in", "to")):
            continue
        if theatre and principal and scene.foreign(principal, theatre):
            one.theatre, one.where = theatre, unit
            break
        if (
            theatre
            and principal
            and near
            and unit.where
            and unit.at > i
            and _has_home(principal, theatre, scene)
        ):
            one.held = one.held or "rule 1: not foreign"  # the act goes to its own war, or to its own home
            break


def _is_enemy(one: Candidate, unit: Unit, scene: Scene) -> bool:
    """Say whether soldiers or jets go to the land of an enemy, wherever that war is said to be."""
    land = country_of(unit, scene) if one.type in ("strikes", "troops") and one.hand is not None else None
    return land is not None and one.hand is not None and scene.world.enemies(one.hand.principal, land)


LONG = 16  # weight of all mentions from which an article says what war it is about
OWN = 7  # weight of mentions from which the war of the article may be the principal's own


def place_by_context(one: Candidate, scene: Scene) -> None:
    """Fall back on the theatre the article is about; not for those who are at war at home themselves."""
    principal = one.hand.principal if one.hand else None
    if principal and scene.world.armed(principal):
        home = scene.world.home(principal)
        group = scene.world.group(principal)
        for theatre in (scene.recent, *scene.theatres[:1]):
            if theatre and theatre != home and group and theatre in group.theatres:
                one.theatre = theatre
                one.weigh(0.15, "where the group fights abroad")
                return
        return
    if principal in scene.theatres:
        one.weigh(0.1, "at war itself")
    others = [n for t, n in scene.weights.items() if t != principal]
    own = scene.weights.get(principal or "", 0)
    if own >= OWN and own >= 2 * max(others, default=0) and sum(scene.weights.values()) >= LONG:
        return  # the article's war is its own
    most = max(scene.weights.values(), default=0)
    for theatre, loss, rule in (
        *((t, 0.1, "the war of the article") for t in scene.theatres[:1] if scene.dominant),
        *((t, 0.05, "the speaker's war") for t in speakers_wars(one, scene)),
        *((t, 0.1, "theatre of the paragraph") for t in [scene.recent] if t),
        *((t, 0.15, "theatre of the last claim") for t in [scene.theatre]
          if t and scene.weights.get(t, 0) * 2 >= most),
        *((t, 0.15, "theatre of title and lead") for t in scene.theatres),
    ):  # fmt: skip
        if principal and theatre not in scene.outside and scene.foreign(principal, theatre):
            one.theatre = theatre
            one.weigh(loss, rule)
            if one.type == "strikes" and one.side is None and rule != "the war of the article":
                one.weigh(0.2, "where it struck is not told")
            return


LEAVING = ("withdraw", "cease", "reduce")


def _wrong_way(one: Candidate, units: list[Unit], unit: Unit) -> bool:
    """Say whether a mention is where people or things come from, or, if they leave, where they go."""
    if one.act in LEAVING:
        return is_local(units, unit, ("to",)) and not is_local(units, unit, ("in",))  # "au Mali" is both
    return is_left_behind(units, unit) or is_bordered(units, unit)


def speakers_wars(one: Candidate, scene: Scene) -> list[str]:
    """Return the countries at war whose people speak in the sentence."""
    units = one.sentence.units
    spoken = [
        u.entity.id
        for u in units
        if u.speaking and u.entity is not None and u.where and not is_local(units, u)
    ]
    return [ident for ident in spoken if ident in scene.world.wars]


def spots_of(units: list[Unit], i: int, one: Candidate, skip: set[int], last: bool = False) -> list[Unit]:
    """Return the mentions that may tell the place or the side, best first, at most SPOTS on each hand.

    Where the verb stands `last`, its own places are on the left, and those of the outer clause on the right.
    """
    right: list[Unit] = []
    for unit in units[i + 1 :]:
        if unit.low == ";" or unit.has("bound", "contrast") or (unit.has("voice") and unit.verb):
            break
        if unit.verb and unit.has("act") and unit.value("act") in HITTING and one.act not in HITTING:
            break  # "the missiles that the rebels fired at"
        if (unit.low == "," or unit.has("conj")) and new_clause(units, unit.at):
            break
        if unit.entity is not None and is_spot(unit, skip) and not is_passed(units, unit):
            right.append(unit)
            if len(right) == SPOTS:
                break
    left = [u for u in units[max(0, i - 60) : i][::-1] if u.entity is not None and is_spot(u, skip)][:SPOTS]
    left = [u for u in left if not is_where_said(units, u)]
    if one.side is not None:
        own = [] if one.side.has("thing", "mercenary") else one.side.nationality
        first = [u for u in (one.side, *own) if is_spot(u, skip)]
        return [*first, *(u for u in (*right, *left) if u not in first)]
    ranks = {
        id(u): spot_rank(units, u, side != last) for side, us in ((True, right), (False, left)) for u in us
    }
    return sorted((*right, *left), key=lambda u: ranks[id(u)])


SAYING = 14  # units between the place where somebody speaks and the verb


def is_where_said(units: list[Unit], unit: Unit) -> bool:
    """Say whether a capital is only where somebody speaks: "In Luanda the president said that his forces"."""
    if not unit.of_kind("capital") or unit.head is not None or not is_local(units, unit, ("in",)):
        return False
    for one in units[unit.at + 1 : unit.at + SAYING]:
        if one.has("voice") and not one.noun:
            return any(u.has("bound", "complement") for u in units[one.at + 1 : one.at + SAYING])
        if one.has("bound") or one.has("thing") or (one.verb and one.has("act")):
            return False
    return False


def _has_home(principal: str, theatre: str, scene: Scene) -> bool:
    return scene.world.is_state(principal) or scene.world.home(principal) == theatre


FIGHTING = ("", "fight", "fall", "killed", "present", "lose")


def _is_at_home(one: Candidate, unit: Unit, scene: Scene) -> bool:
    """Say whether people fight and fall in their own land: "soldats nigériens tués près de Tillabéri"."""
    units, own = one.sentence.units, one.hand is not None and country_of(unit, scene) == one.hand.principal
    if not own or one.act not in FIGHTING or one.type in ("base", "materiel") or not unit.where:
        return False
    between = units[one.trigger.at + 1 : unit.at]
    return is_local(units, unit, ("in",)) and not any(u.verb or u.punct for u in between)


def new_clause(units: list[Unit], k: int) -> bool:
    """Say whether a clause with a subject of its own begins behind the comma or "and" at `k`."""
    subject = False
    for one in units[k + 1 : k + 14]:
        if one.low == "," or one.has("bound") or one.has("rel", "to") or one.low == ";":
            return False
        if one.verb and one.has("act"):
            return subject and one.finite and not one.glued and one.voice("act") != "part"
        if not one.has("det"):
            subject = subject or one.actor or one.has("role") or one.has("thing")
    return False


def is_spot(unit: Unit, skip: set[int]) -> bool:
    return id(unit) not in skip and not unit.speaking and not unit.made and (unit.where or unit.actor)


def spot_rank(units: list[Unit], unit: Unit, right: bool) -> int:
    """Prefer places behind "to" and "in" on the right, then any on the right, then the left."""
    return (0 if is_local(units, unit) else 1) + (0 if right else 2)


def country_of(unit: Unit, scene: Scene) -> str | None:
    if unit.entity is None:
        return None
    if unit.entity.kind == "mission":
        entry = scene.world.entry("mission", unit.entity.id)
        return entry.country if entry else None
    hand = scene.world.hand(unit.entity)
    ident = unit.entity.id if unit.where else hand.principal if hand else None
    return ident if ident and scene.world.is_state(ident) else None


def theatre_at(unit: Unit, principal: str | None, named: list[str], scene: Scene, near: bool) -> str | None:
    if unit.entity is None:
        return None
    if unit.entity.kind in ("group", "leader", "company"):
        hand = scene.world.hand(unit.entity)
        if hand is None or hand.executor or hand.principal == principal:
            return None
        return scene.world.theatre_of(
            hand.principal,
            [*named, *(scene.theatres if scene.world.everywhere(hand.principal) else ())],
            loose=near or scene.world.armed(hand.principal),
        )
    country = country_of(unit, scene)
    if country is None or (country == principal and 1 not in scene.without):
        return None
    if country in scene.world.wars and not scene.world.abroad(country):
        home = scene.world.enemy_home(country) if unit.entity.kind != "place" else None
        return home if home in scene.theatres[:2] and home != principal else country
    found = scene.world.theatre_of(country, [*named, *scene.theatres], loose=near)
    return found or (country if 2 in scene.without else None)


def is_side(unit: Unit, scene: Scene) -> bool:
    return bool(unit.has("role", "side") or (unit.entity and unit.entity.kind in ("group", "leader")))


def name_recipient(one: Candidate, spots: list[Unit], scene: Scene) -> None:
    """Name the side that benefits: the object of help, else who the act is for."""
    if one.recipient is not None or one.type in ("strikes", "peace_operation"):
        return
    units = one.sentence.units
    for unit in spots:
        if unit.entity is None:
            continue
        theatre = one.theatre or scene.world.theatre_of(
            unit.entity.id if unit.where else principal_of(unit, scene) or ""
        )
        if theatre is None:
            continue
        side = scene.world.recipient(unit.entity, theatre)
        governmental = unit.head is not None and unit.head.has("role", "state")
        if side is None and governmental and unit.entity.id == theatre and theatre in scene.world.split:
            side = scene.world.split[theatre][0]
        if side is None or (one.hand and side == one.hand.principal):
            continue
        ahead = units[max(0, unit.at - 5) : unit.at]
        if is_opposed(ahead[-3:]):
            one.sided = True
            continue
        for_side = _is_for(ahead)
        known = not scene.world.is_state(side)
        rebels = one.side is not None and one.side.has("role", "side")  # "Syrian rebels" are no Syria
        direct = unit is one.side or (one.side is not None and unit in one.side.nationality and not rebels)
        if known or for_side or governmental or direct or _is_handed(one, units, unit):
            one.recipient, one.sided = side, True
            return
    one.recipient = _for_state(one, scene)
    if one.sentence.sided or one.recipient:
        one.sided = True


def _is_for(ahead: list[Unit]) -> bool:
    """Say whether the words before a mention say for or with whom; not "for the war in"."""
    for unit in ahead[::-1]:
        if unit.has("rel", "for") or unit.has("rel", "with"):
            return True
        if unit.has("war") and not unit.verb:
            return False
    return False


def _for_state(one: Candidate, scene: Scene) -> str | None:
    """Return the state of the theatre where its unnamed army or junta is helped: "to help the junta"."""
    units, theatre = one.sentence.units, one.theatre
    if theatre is None or theatre in scene.world.split or (one.hand and one.hand.principal == theatre):
        return None
    for unit in units[one.trigger.at + 1 : one.trigger.at + 25]:
        if unit.low == ";" or unit.has("voice"):
            break
        if not unit.has("role", "state") or unit.verb or unit.speaking or unit is one.thing:
            continue
        if unit.has("thing", "troops") and not unit.nationality:
            continue  # "with 1,500 more soldiers"
        own = all(country_of(n, scene) == theatre for n in unit.nationality)
        if own and unit is not one.agent and is_local(units, unit, ("for", "with")):
            return theatre
    return None


HANDED = frozenset({"arms", "materiel", "funding", "training", "intelligence"})


def _is_handed(one: Candidate, units: list[Unit], unit: Unit) -> bool:
    """Say whether a state gets what is given: "delivered to Ukraine", "gave Ukraine", "exports to Kyiv"."""
    if one.type not in HANDED or unit.head is not None or one.sentence.sided:
        return False
    if not (unit.where or unit.of_kind("body", "government", "leader")):
        return False
    return is_local(units, unit, ("to",)) or is_given_to(units, one.trigger.at, unit)


def principal_of(unit: Unit, scene: Scene) -> str | None:
    hand = scene.world.hand(unit.entity) if unit.entity else None
    return hand.principal if hand else None
