"""Whereabouts: who acts by where something is told, launched, taught, treated, bought or held.

"There are Russian ships in", "trained in Britain", "treated in Turkey", "Warsaw confirmed that it had".
"""

import itertools

from pipeline.claims.phrases import is_local, phrases_behind
from pipeline.claims.scene import Scene
from pipeline.claims.subjects import cased
from pipeline.claims.units import Unit


def holder(units: list[Unit], i: int) -> Unit | None:
    """Return who has something, where a preposition says it: "у России в Сирии есть база"."""
    for one, after in itertools.pairwise(units[max(0, i - 9) : i]):
        if one.has("rel", "have") and after.actor:
            return after
    return None


def platforms(units: list[Unit], i: int, thing: Unit | None) -> list[Unit]:
    """Return the ships and aircraft of a nation from which something is launched."""
    near = [u for u in units[max(0, i - 9) : i + 12] if u is not thing and u.nationality and not u.maker]
    craft = [u for u in near if u.has("thing", "weapon") or u.has("thing", "plane") or u.has("role", "state")]
    return [u for u in craft if is_local(units, u, ("with", "from"))]


def telling_seat(units: list[Unit], i: int) -> Unit | None:
    """Return the seat of those who say what they do: "в Варшаве подтвердили, что передали гаубицы"."""
    said = next((u for u in units[:i][::-1] if u.verb and (u.has("voice") or u.has("act"))), None)
    if said is None or not (said.has("voice", "say") or said.has("voice", "confirm")):
        return None
    near = units[max(0, said.at - 3) : said.at + 3]
    seats = [u for u in near if u.of_kind("capital", "government") and units[u.at - 1].has("rel", "in")]
    others = [
        u for u in units[max(0, said.at - 5) : i] if u.actor and u not in seats and u.case in ("", "nom")
    ]
    return seats[0] if len(seats) == 1 and not others else None


def hirers_seat(units: list[Unit], i: int) -> Unit | None:
    """Return where a firm sits that hires: "hired by an agency in Abu Dhabi"."""
    behind = units[i + 1 : i + 14]
    start = next((n for n, u in enumerate(behind) if u.has("rel", "by")), None)
    if start is None:
        return None
    for before, one in zip(behind[start + 1 :], behind[start + 2 : start + 7], strict=False):
        if one.verb or one.punct:
            return None
        if one.where and (before.has("rel", "in") or before.has("rel", "of")):
            return one
    return None


def trained_in(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the land where somebody is trained abroad: "recruits trained in Britain"."""
    near = cased(units, i, "in") if scene.order == "sov" else phrases_behind(units, i, "in")
    if not near and scene.order == "free":
        near = [u for u in units[max(0, i - 8) : i] if u.head is None and is_local(units, u, ("in",))]
    places = [np for np in near if np.where and np.entity is not None]
    near = [u for u in units[max(0, i - 12) : i + 12] if u.has("thing") and u.nationality]
    named = [n.entity for u in near for n in u.nationality if n.entity is not None]
    pupils = {hand.principal for e in named if (hand := scene.world.hand(e)) is not None}
    abroad = [
        p for p in places if p.entity and (p.entity.id not in scene.world.wars or pupils - {p.entity.id})
    ]
    return abroad


def treated_in(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return whose hospital fighters are treated in: "in the Guinean military hospital", "in Turkey"."""
    around = units[i + 1 : i + 12] if scene.order != "sov" else units[max(0, i - 12) : i]
    around = [*around, *units[max(0, i - 8) : i]] if scene.order == "free" else around
    near = [u for u in around if not u.verb]
    houses = [u for u in near if u.has("thing", "clinic") or u.has("thing", "hospital")]
    owners = [n for u in houses for n in u.nationality]
    places = [u for u in near if u.where and u.head is None and u.entity and u.entity.kind != "demonym"]
    if scene.order in ("sov", "free"):
        places = [u for u in places if is_local(units, u, ("in",))]
    return owners[:1] or places[:1]


def bought_in(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the land where something was bought: "s'est procuré des chasseurs en Russie"."""
    near = units[i + 1 : i + 14]
    end = next((n for n, u in enumerate(near) if u.punct or u.verb), len(near))
    places = [u for u in near[:end] if u.entity is not None and u.entity.kind in ("country", "capital")]
    there = [u for u in places if u.ways is None and u.head is None and units[u.at - 1].has("rel", "in")]
    return [u for u in there if u.entity and u.entity.id not in scene.world.wars]
