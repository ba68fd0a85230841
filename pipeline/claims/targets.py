"""Targets: whom an act is done to, or who gets what a noun tells."""

from pipeline.claims.phrases import agent_phrase, phrase, shares_object, stops
from pipeline.claims.relatives import relative_head, subject_follows
from pipeline.claims.subjects import subjects_left
from pipeline.claims.units import Unit


def target_before(units: list[Unit], i: int) -> Unit | None:
    """Return the object of a direct act where it stands before its verb: the nearest that can be one."""
    for one in units[max(0, i - 10) : i][::-1]:
        if one.low in (",", ";") or (one.verb and one.has("act") and not one.has("mood", "nominal")):
            return None
        known = one.entity is not None and one.entity.kind != "weapon"
        if known or one.has("role") or one.has("thing", "fighter") or one.has("thing", "troops"):
            return one.head or one
    return None


def target_of(units: list[Unit], i: int, passive: bool, noun: bool, order: str = "svo") -> Unit | None:
    """Return the object of a direct act: a side, an actor or a place."""
    if order == "sov" and not passive and not noun:
        before = target_before(units, i)
        if units[i].voice() != "doer" or before is not None:
            return before
    if passive and units[i].voice() == "attr":
        agents = agent_phrase(units, i)
        return next((u.head or u for u in units[i + 1 : i + 10] if is_told(u) and u not in agents), None)
    if passive:
        subjects = [np for np in subjects_left(units, i) if not np.speaking]
        if subjects:
            return subjects[0]
        if order == "free" and (taught := next((u for u in units[i + 1 : i + 8] if is_fighting(u)), None)):
            return taught  # "в Британии обучено сто солдат"
        for j in range(i - 1, -1, -1):
            if units[j].where or units[j].has("role", "side") or is_fighting(units[j]):
                return units[j]
        return fronted(units, i)
    if not noun and (head := relative_head(units, i)) is not None:
        return head
    if not noun and (ahead := target_ahead(units, i, order)) is not None:
        return ahead
    for j in range(i + 1, min(len(units), i + 14)):
        one = units[j]
        if stops(one) or (one.verb and one.has("act") and not shares_object(units, i, j)):
            return None
        if one.has("rel", "by") or (one.has("rel", "from") and not one.has("rel", "of")):
            return receiver_of(units, i, order) if noun else None
        if order == "svo" and not noun and _tells_elsewhere(one, units[i], j - i):
            return None
        if order == "vso" and not noun and j == i + 1 and one.actor and _goes_on(units, j):
            continue  # "ستدرب بريطانيا ألف جندي": who does it
        if one.entity is not None and one.entity.kind != "weapon":
            return one.head or one
        if (
            one.has("role")
            or one.has("pron", "group")
            or one.has("pron", "soldier")
            or one.has("thing", "people")
            or one.has("thing", "fighter")
            or one.has("thing", "troops")
            or one.has("pron", "country")
            or one.has("pron", "there")
        ):
            return one
    return None


def target_ahead(units: list[Unit], i: int, order: str) -> Unit | None:
    """Return the object of a verb that stands between it and its subject: "повстанцев вооружает Руанда"."""
    return target_before(units, i) if order == "free" and subject_follows(units, i) else None


def _goes_on(units: list[Unit], j: int) -> bool:
    """Say whether people follow the name at `j`, with nothing but numbers between."""
    for one in units[j + 1 : j + 6]:
        if one.has("thing", "troops") or one.has("thing", "fighter"):
            return one.head is None
        if not (one.has("det") or one.has("num")):
            return False
    return False


def _tells_elsewhere(one: Unit, verb: Unit, steps: int) -> bool:
    """Say whether a preposition ends what can be the object of a verb of help: "stand by, ready in X"."""
    led = one.has("rel", "in") or (steps > 1 and (one.has("rel", "for") or one.has("rel", "under")))
    return led and not one.has("det") and not verb.has("act", "strike")


def is_told(unit: Unit) -> bool:
    """Say whether a unit can be what a participle before it describes: "поддерживаемый Россией Хафтар"."""
    if unit.case == "by" or (unit.head is not None and unit.head.case == "by"):
        return False
    return unit.actor or unit.has("role", "side") or unit.has("thing", "fighter")


def fronted(units: list[Unit], i: int) -> Unit | None:
    """Return whom a participle at the head of a sentence describes: "Backed by Egypt, Haftar …"."""
    comma = next((u.at for u in units[i + 1 : i + 16] if u.low == ","), None)
    if i > 2 or comma is None:
        return None
    known = (u for u in units[comma + 1 : comma + 6] if u.has("role", "side") or is_army(u))
    return next(known, None) or fronted_last(units, comma)


def fronted_last(units: list[Unit], comma: int) -> Unit | None:
    """Return the last mention before the verb of the clause."""
    after = []
    for one in units[comma + 1 :]:
        if one.verb and one.has("act"):
            break
        if one.actor:
            after.append(one)
    return after[-1] if after else None


def is_fighting(unit: Unit) -> bool:
    """Say whether a unit tells of people who fight."""
    fights = any(unit.has("thing", kind) for kind in ("fighter", "mercenary", "troops", "people"))
    return fights and not unit.speaking and not unit.verb


def is_army(unit: Unit) -> bool:
    return unit.of_kind("group", "leader")


def receiver_of(units: list[Unit], i: int, order: str = "svo") -> Unit | None:
    """Return who gets what the noun at `i` tells: "Haftar receives support from Egypt"."""
    for j in range(i - 1, max(-1, i - 5), -1):
        if units[j].verb and units[j].has("act", "receive"):
            behind = (np for u in units[j + 1 : i] if (np := phrase(u)) is not None)
            if order == "vso" and (receiver := next(behind, None)) is not None:
                return receiver
            return next(iter(subjects_left(units, j)), None)
    return None
