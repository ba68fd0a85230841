"""With what: the weapons of a claim's sentence that belong to what the claim is about."""

from typing import Final

from pipeline.claims.scene import Candidate
from pipeline.claims.units import Unit
from pipeline.claims.vocabulary import words
from pipeline.knowledge import Knowledge

ARMED: Final = frozenset({"arms", "strikes", "materiel", "troops", "intelligence"})
BEFORE, BEHIND = 10, 18  # units around the act or the thing
MOST: Final = 12


def equipment_of(one: Candidate, knowledge: Knowledge) -> tuple[str, ...]:
    """Return weapon ids in text order; a class only where no system of it stands beside it."""
    if one.type not in ARMED:
        return ()
    units = one.sentence.units
    found = [
        u for u in units if u.entity is not None and u.entity.kind == "weapon" and belongs(one, units, u)
    ]
    named = [u for u in found if not repeats(u, found, knowledge)]
    if one.type == "intelligence":
        named = [u for u in named if system(u, knowledge)]  # "satellite images" are no satellite
    return tuple(dict.fromkeys(u.entity.id for u in named if u.entity is not None))[:MOST]


def belongs(one: Candidate, units: list[Unit], unit: Unit) -> bool:
    """Say whether a weapon is the claim's thing, or stands in one clause with it or with the act."""
    if unit is one.thing or unit is one.trigger:
        return True
    at, act = unit.at, one.trigger.at
    following = units[at + 1] if at + 1 < len(units) else None
    if (
        following is not None
        and following.noun
        and following.entity is None
        and not following.has("thing", "weapon")
    ):
        return following is one.thing or following is one.trigger  # an "ammunition depot" is no ammunition
    anchors = [u for u in (one.trigger, one.thing) if u is not None]
    if not any(-BEFORE <= at - u.at <= BEHIND and u.clause == unit.clause for u in anchors):
        return False
    if one.type == "strikes" and at > act:
        return any(u.has("rel", "with") or u.has("rel", "by") for u in units[act + 1 : at])
    if one.type == "troops":
        return any(u.has("rel", "with") or u.has("conj") or u.low == "," for u in units[max(0, at - 5) : at])
    low, high = sorted((at, min(anchors, key=lambda u: abs(u.at - at)).at))
    return not any(u.has("act") and u.verb and u is not one.trigger for u in units[low + 1 : high])


def repeats(unit: Unit, found: list[Unit], knowledge: Knowledge) -> bool:
    """Say whether a class only names what the system beside it is: "Bayraktar TB2 drones"."""
    if unit.entity is None or system(unit, knowledge):
        return False
    beside = [u for u in found if u is not unit and 0 < abs(u.at - unit.at) <= 2 and system(u, knowledge)]
    same = [u for u in found if u is not unit and related(u, unit, knowledge)]
    return bool(beside or same)


def system(unit: Unit, knowledge: Knowledge) -> str | None:
    """Return the class of a system, None for what is itself a class."""
    entry = knowledge.entry("weapon", unit.entity.id) if unit.entity is not None else None
    return entry.of if entry is not None else None


def related(other: Unit, unit: Unit, knowledge: Knowledge) -> bool:
    """Say whether `other` is a system of the class, or a narrower class by its name."""
    mine = unit.entity.id if unit.entity is not None else ""
    theirs = other.entity.id if other.entity is not None else ""
    return mine != theirs and (system(other, knowledge) == mine or set(words(mine)) < set(words(theirs)))
