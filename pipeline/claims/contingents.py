"""Contingents: troops that are a state's part of a mandated mission."""

from pipeline.claims.places import new_clause
from pipeline.claims.roles import ANNOUNCED
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Unit

GIVEN_TO_IT = ("transfer", "pledge")
NEARBY = 14  # units between a contingent and the mission it belongs to


def is_contingent(one: Candidate, scene: Scene) -> bool:
    """Say whether troops are a state's part of a mission: "Kenyan soldiers of a regional force"."""
    if one.hand is None or one.theatre is None or not scene.world.is_state(one.hand.principal):
        return False
    mission = one.thing is not None and one.thing.entity is not None and one.thing.entity.kind == "mission"
    if mission or (scene.contributors is not None and one.hand.principal not in scene.contributors):
        return False
    at = one.thing.at if one.thing is not None else one.trigger.at
    near = clause_around(one.sentence.units, at)
    if any(u.has("mod", "apart") or _own_operation(u, scene) for u in near):
        return False
    if one.thing is not None and one.thing.has("contingent") and one.theatre in scene.missions:
        return True
    if scene.peacekeeping and (any(u.has("reference") for u in near) or _is_police(one)):
        return True
    if scene.titled and one.act in GIVEN_TO_IT and any(u.has("mod", m) for u in near for m in ANNOUNCED):
        return True  # "Kenya will send 1,000 officers", in an article about the mission
    return any(u.has("thing", "peacekeeper") and u is not one.thing and not u.speaking
               and not _own_operation(u, scene) for u in near)  # fmt: skip


def _is_police(one: Candidate) -> bool:
    """Say whether police is told: abroad, and where a mission is told of, they serve in it."""
    return one.thing is not None and one.thing.has("police")


def clause_around(units: list[Unit], at: int) -> list[Unit]:
    """Return the units near `at` that belong to its clause."""
    start, end = max(0, at - NEARBY), min(len(units), at + NEARBY)
    parts = [k for k in range(start, end) if (units[k].low == "," or units[k].has("conj"))]
    borders = [k for k in parts if new_clause(units, k)]
    start = max((k for k in borders if k < at), default=start)
    end = min((k for k in borders if k > at), default=end)
    return units[start:end]


def _own_operation(unit: Unit, scene: Scene) -> bool:
    """Say whether a named operation is one state's own, no mandated mission."""
    if unit.entity is None or unit.entity.kind != "mission":
        return False
    entry = scene.world.entry("mission", unit.entity.id)
    own = bool(entry and entry.of and scene.world.is_state(entry.of))
    return own and entry is not None and entry.nature != "peacekeeping"
