"""Preverbal: who does what a verb at the end of its clause tells."""

from pipeline.claims.given import is_people
from pipeline.claims.phrases import hangs, joined_left, listed_after, phrase
from pipeline.claims.units import Unit


def subjects_before(units: list[Unit], i: int) -> list[Unit]:
    """Return the subjects where the verb stands last: the first in the nominative of its clause.

    That of a nominalised verb stands in the genitive ("Rusya'nın … gönderdiğini"), or is who is asked or
    accused ("Berlin'den … vermesini istedi", "Rusya'yı … göndermekle suçladı").
    """
    nominal = units[i].has("mood", "nominal")
    asked = nominal and any(
        u.has("mod", "requested") or (u.verb and not u.has("telling") and is_pressing(u))
        for u in units[i + 1 : i + 4]
    )
    first: Unit | None = None
    owner: Unit | None = None
    charged: Unit | None = None
    holder: Unit | None = None
    for j in range(i - 1, max(-1, i - 30), -1):
        one = units[j]
        if one.low in (";", ":") or one.has("bound", "contrast"):
            break
        taught = first is not None and first.at == i - 1 and units[i].has("act", "train") and is_people(first)
        if is_finite(units, j) and not (owner is None and charged is None and (first is None or taught)):
            break  # else the clauses share their subject: "asker gönderdi ve subayları eğitti"
        np = phrase(one)
        if np is None or np not in units or (_led(units, np.at) and not _listed(units, np.at)):
            continue
        if np.case == "of" and (
            owner is None or _owns(units, np.at, owner) or _is_of_relative(units, owner, i)
        ):
            owner = np
        if (
            nominal
            and one.case == "of"
            and np is not one
            and np.has("thing")
            and units[i].has("act", "transfer")
        ):
            holder = holder or one  # "Pyongyang'ın askerlerini gönderdiğini"
        if asked and np.case == "from" and not np.has("thing"):
            return [np]
        if asked and np.case == "acc" and not np.has("thing"):
            charged = np  # the farthest: the nearer one is the object, "Ruanda'yı M23'ü desteklemekle"
        if np.case == "" and _stands_free(units, np.at) and not (np.has("thing") and j == i - 1):
            given = first is not None and is_good(np) and units[i].has("act", "transfer")
            first = np if not (given or _described_by(units, np.at, i)) else first
    if (sender := charged or (holder if owner is None else None)) is not None:
        return [sender]
    done = first is not None and owner is not None and first.at == i - 1 and _is_object_of(first, owner)
    if owner is not None and (nominal or first is None or done):
        return [owner, *(joined_left(units, owner.at) if units[owner.at - 1].has("conj") else [])]
    return [np for np in listed_after(units, first.at - 1) if np.case == ""] if first is not None else []


def _stands_free(units: list[Unit], k: int) -> bool:
    """Say whether a name in the nominative is no part of another phrase."""
    return not hangs(units, k) or _listed(units, k)


def _led(units: list[Unit], k: int) -> bool:
    return k + 1 < len(units) and units[k + 1].has("post")


def _listed(units: list[Unit], k: int) -> bool:
    """Say whether "with" behind the name at `k` joins it to another: "Hollanda ile Danimarka verecek"."""
    after = units[k + 2] if k + 2 < len(units) and units[k + 1].has("conj") else None
    return after is not None and units[k].actor and after.actor and (after.head or after).case == ""


def _is_of_relative(units: list[Unit], owner: Unit, i: int) -> bool:
    """Say whether a genitive belongs to a verb that describes somebody: "İran'ın desteklediği Husilere"."""
    verb = next((u for u in units[owner.at + 1 : i] if u.verb), None)
    described = verb is not None and verb.has("mood", "nominal") and verb.at + 1 < i
    return described and verb is not None and phrase(units[verb.at + 1]) is not None


def _owns(units: list[Unit], k: int, owner: Unit) -> bool:
    """Say whether the genitive behind the one at `k` only owns a noun: "Mısır'ın ordunun pilotlarını"."""
    after = units[owner.at + 1] if owner.at + 1 < len(units) else None
    if after is None or after.verb or not (after.has("thing") or after.has("role")):
        return False
    between = units[k + 1 : owner.at]
    return not any(u.verb or u.punct or u.has("post") or u.has("bound") for u in between)


def _described_by(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the name at `k` only describes another, by a verb between them: "İran destekli Husiler"."""
    behind = units[k + 1 : k + 3]
    if len(behind) < 2 or behind[1].at >= i or not behind[0].verb or not behind[0].has("act", "back"):
        return False
    return phrase(behind[1]) is not None and behind[1].case == ""


def _is_object_of(first: Unit, owner: Unit) -> bool:
    """Say whether people right before their verb are its object: "Portekiz'in ekibi askerleri eğitiyor"."""
    return first.has("thing") and owner.at < first.at and owner not in first.nationality


def is_pressing(unit: Unit) -> bool:
    return unit.has("voice", "accuse") or unit.has("voice", "urge")


def is_finite(units: list[Unit], j: int) -> bool:
    """Say whether a verb ends a clause: no participle, no verbal noun, and a comma or "and" behind it."""
    one = units[j]
    if not one.verb or one.has("mood", "nominal") or one.voice() in ("attr", "doer"):
        return False
    return j + 1 < len(units) and (units[j + 1].low == "," or units[j + 1].has("conj"))


def is_good(np: Unit) -> bool:
    """Say whether a phrase is a weapon of nobody's, which is given rather than gives."""
    return np.has("thing", "weapon") and not np.nationality
