"""Ways: how a mention stands to an act: where it goes, passes, comes from, or who is meant by it."""

from pipeline.claims.phrases import is_local
from pipeline.claims.units import Unit


def is_bordered(units: list[Unit], unit: Unit) -> bool:
    """Say whether a mention only tells which border: "à la frontière malienne", "en la frontera con Malí"."""
    ahead = units[max(0, unit.at - 3) : unit.at]
    n = next((n for n, u in enumerate(ahead) if u.has("border")), None)
    if n is None or any(u.punct or u.verb for u in ahead[n:]):
        return False
    at = ahead[n].at
    return any(u.has("rel") and not u.has("rel", "of") for u in units[max(0, at - 2) : at])


def is_left_behind(units: list[Unit], unit: Unit) -> bool:
    """Say whether a mention is where something comes from: "from Chad", "from its base in Chad"."""
    if is_local(units, unit, ("from",)):
        return True
    if not is_local(units, unit, ("in", "of")):
        return False
    ahead = units[max(0, unit.at - 7) : unit.at]
    start = next((n for n in range(len(ahead) - 1, -1, -1) if ahead[n].has("rel", "from")), None)
    return start is not None and any(u.has("thing", "base") or u.has("thing", "soil") for u in ahead[start:])


def is_meant(units: list[Unit], unit: Unit, i: int) -> bool:
    """Say whether a group is told behind a place as who gets it: "unloaded at an airfield for the rebels"."""
    return unit.at > i and unit.of_kind("group", "leader") and is_local(units, unit, ("for",))


def is_given_to(units: list[Unit], i: int, unit: Unit) -> bool:
    """Say whether a mention stands right behind its verb, and so is the object: "supplied Ukraine with"."""
    return unit.at > i and units[i].verb and all(u.has("det") for u in units[i + 1 : unit.at])


def is_entered(units: list[Unit], i: int, unit: Unit) -> bool:
    """Say whether who acts at `i` has entered that place: "entered Mali, lost seven men and retreated"."""
    before = units[unit.at - 1] if 0 < unit.at < i else None
    return before is not None and before.verb and (before.has("act", "arrive") or before.has("act", "enter"))


def is_passed(units: list[Unit], unit: Unit) -> bool:
    """Say whether a mention is only a way or a source: "through a room in southern Turkey", "from Chad"."""
    for one in units[max(0, unit.at - 7) : unit.at][::-1]:
        if one.has("rel", "via"):
            return True
        if one.verb or one.punct or one.has("bound") or one.has("rel", "to"):
            return False
    return False
