"""Phrases: which units of a sentence belong together, and which stand as subject, object or agent.

Only the shape of the sentence is looked at; who the words stand for is the business of `roles`.
"""

import re

from pipeline.claims.scene import Scene
from pipeline.claims.units import Unit

YEAR = re.compile(r"(?:19|20)\d\d")


def is_passive(units: list[Unit], i: int, act: str) -> bool:
    unit = units[i]
    voice = unit.voice("act")
    if voice in ("pass", "attr"):
        return True
    if voice not in ("both", "part") or not unit.verb:
        return False
    for back in units[max(0, i - 4) : i][::-1]:
        if back.has("aux", "be"):
            return True
        if back.has("aux", "have"):
            return False
        if not (back.has("mod") or back.has("aux") or back.low.endswith("ly") or back.low == "also"):
            break
    if i + 1 < len(units) and any(u.has("rel", "by") for u in units[i + 1 : i + 3]):
        return True
    before = next((u for u in units[:i][::-1] if u.low != ","), None)
    inert = voice == "part" or (before is not None and before.has("thing") and not before.actor)
    rest = things_right(units, i)
    return bool(inert and not rest and i + 1 < len(units) and units[i + 1].has("rel"))


def stops(unit: Unit) -> bool:
    return unit.low in (";", ":", "—", "–") or unit.has("bound") or (unit.has("voice") and unit.verb)


def things_right(units: list[Unit], i: int) -> list[Unit]:
    """Return the things right of an act that are its objects: the first, and what is joined to it."""
    out: list[Unit] = []
    for j in range(i + 1, min(len(units), i + 22)):
        one = units[j]
        if stops(one):
            break
        if one.verb and one.has("act") and not one.glued:
            if shares_object(units, i, j):
                continue
            break
        if one.has("rel", "to") or one.has("rel", "for") or one.has("rel", "in"):
            if out:
                break
            continue
        if one.has("thing"):
            if len(out) == 1 and is_receiver(units, out[0].at, j):
                out = [one]
                continue
            if out and not are_joined(units, out[-1].at, j):
                if units[j - 1] is out[-1] or units[j - 1].has("made"):
                    continue
                break
            if not is_governed(units, i, j):
                out.append(one)
    return out


def is_receiver(units: list[Unit], a: int, b: int) -> bool:
    """Say whether the people at `a` are given the thing at `b`: "given Myanmar's army fighter jets"."""
    people = units[a].has("role") and units[a].has("thing")
    return (
        people
        and not units[b].has("role", "side")
        and all(
            not (u.punct or u.has("rel") or u.has("conj") or u.verb or u.entity) for u in units[a + 1 : b]
        )
    )


def shares_object(units: list[Unit], i: int, j: int) -> bool:
    """Say whether the acts at `i` and `j` are joined before one object: "train, advise and equip"."""
    between = units[i + 1 : j]
    joined = any(u.low == "," or u.has("conj") for u in between)
    return joined and all(u.low == "," or u.has("conj") or (u.verb and u.has("act")) for u in between)


def is_governed(units: list[Unit], i: int, j: int) -> bool:
    """Say whether the thing at `j` hangs on a preposition ("from bases in")."""
    for one in units[max(i + 1, j - 4) : j][::-1]:
        if one.has("rel"):
            return not one.has("rel", "with") and not one.has("rel", "of")
        if one.entity is not None and one.head is None and one.entity.kind != "demonym":
            return False  # the preposition is the mention's: "promised to Kyiv three batteries"
        if one.verb or one.punct or one.has("thing") or one.has("conj"):
            return False
    return False


def are_joined(units: list[Unit], a: int, b: int) -> bool:
    """Say whether two things stand in one list."""
    between = units[a + 1 : b]
    return any(u.low == "," or u.has("conj") for u in between) and not any(
        u.verb or u.has("rel", "to") or u.has("rel", "in") or u.has("rel", "by") for u in between
    )


def things_left(units: list[Unit], i: int, cased: bool = False) -> list[Unit]:
    """Return the thing nearest on the left in the clause, with what is joined to it.

    Subjects of passives stand there, and the objects of languages that put the verb last (`cased`).
    """
    out: list[Unit] = []
    relative = False
    for j in range(behind_relative(units, i) - 1, max(-1, i - 40), -1):
        one = units[j]
        if one.low in (";", ":") or (one.has("bound") and not one.has("bound", "relative")):
            break
        if one.verb and one.has("act") and not is_reduced(units, j) and out:
            break
        if one.has("bound", "relative"):
            relative = True
        if one.has("thing") and (cased or relative or not hangs(units, j)):
            relative = False
            if out and not are_joined(units, j, out[-1].at):
                break
            out.append(one)
    return out


def behind_relative(units: list[Unit], i: int) -> int:
    """Return where to look for what stands left of the act at `i`: before a relative between commas.

    "The company, whose helicopters held the road, went home": the comma before "whose" for "went".
    """
    j = i - 1
    while j > 0 and (
        units[j].has("aux") or units[j].has("mod") or (not units[j].tags and units[j].low.endswith("ly"))
    ):
        j -= 1
    if j < 3 or units[j].low != ",":
        return i
    for k in range(j - 1, max(0, j - 30), -1):
        if units[k].has("bound", "contrast") or units[k].low in (";", ":"):
            return i
        if units[k].has("bound", "relative") or units[k].has("bound", "inclusion"):
            return k - 1 if units[k - 1].low == "," else i
    return i


def is_reduced(units: list[Unit], j: int) -> bool:
    """Say whether the act at `j` is a reduced relative ("fighters recruited by Turkey have been flown")."""
    return units[j].voice("act") in ("both", "part", "pass") and any(
        u.has("rel", "by") for u in units[j + 1 : j + 3]
    )


# Acts whose thing may stand before them: "soldiers stay", "the drones they bought", "senjata yang dikirim".
LEFTWARD = ("present", "withdraw", "cease", "transfer", "receive", "sell", "share", "carry")
STANDING = ("present", "withdraw", "cease")  # what the thing does itself


def objects_of(units: list[Unit], i: int, passive: bool, act: str, order: str) -> list[Unit]:
    unit = units[i]
    if not unit.verb:
        return objects_of_noun(units, i)
    if unit.voice() == "attr" and (right := things_right(units, i)):
        return right  # "обученные Россией бойцы", "gönderilen askerler"
    if passive or act in ("arrive", "fight"):
        return things_left(units, i) or (things_right(units, i) if passive else [])
    if order == "sov":
        return things_left(units, i, cased=True) or things_right(units, i)
    right = things_right(units, i)
    if not right and act in LEFTWARD:
        left = things_left(units, i)
        return left if act in STANDING else [t for t in left if _has_subject_between(units, t.at, i)]
    return right


def _has_subject_between(units: list[Unit], a: int, b: int) -> bool:
    """Say whether a thing stands before its verb because of a relative: "the drones (which) they bought"."""
    return any(u.has("bound", "relative") or u.has("pron") or (phrase(u) is not None and u.head is None)
               for u in units[a + 1 : b])  # fmt: skip


def objects_of_noun(units: list[Unit], i: int) -> list[Unit]:
    """Return the things of an event noun: "arms shipments", "shipment of arms", "pengiriman senjata"."""
    unit = units[i]
    if unit.has("thing"):
        return [unit]
    before = units[i - 1] if i else None
    if before is not None and before.has("thing") and not before.verb:
        return [before]
    out: list[Unit] = []
    for j in range(i + 1, min(len(units), i + 9)):
        one = units[j]
        if one.has("thing") and not one.verb:
            if out and not are_joined(units, out[-1].at, j):
                break
            out.append(one)
        elif (
            one.verb
            or stops(one)
            or (one.punct and one.low != ",")
            or (one.has("rel") and not one.has("rel", "of"))
        ):
            break
    return out


def hangs(units: list[Unit], k: int) -> bool:
    """Say whether the noun phrase that ends at `k` hangs on a preposition, a postposition or a case."""
    if (units[k].case and units[k].case != "of") or (k + 1 < len(units) and units[k + 1].has("post")):
        return True
    for j in range(k - 1, max(-1, k - 7), -1):
        one = units[j]
        if one.has("time") or YEAR.fullmatch(one.low):
            return False
        if one.has("det") and units[k].low not in ("'s",) and (j or one.has("rel")):
            if one.has("rel"):  # "des" is an article, or hangs on what is before it
                return j > 0 and (units[j - 1].noun or units[j - 1].actor or units[j - 1].has("rel"))
            return units[j - 1].has("rel")
        if one.has("rel"):
            if one.has("rel", "of") and j and not (units[j - 1].noun or units[j - 1].actor):
                continue
            return True
        if one.verb or one.has("bound") or one.has("conj") or one.punct or one.has("voice"):
            return False
        if (
            (one.actor or one.noun)
            and one.head is None
            and one not in units[k].nationality
            and not one.has("thing")
        ):
            return False
    return False


def subjects_left(units: list[Unit], i: int) -> list[Unit]:
    """Return the noun phrases in subject position of the act at `i`, joined ones together."""
    relative = False
    skip = len(units)
    for j in range(behind_relative(units, i) - 1, -1, -1):
        one = units[j]
        if j >= skip:
            continue
        if one.verb and one.has("act") and one.finite and (opener := _opener(units, j)) is not None:
            skip = opener  # "the missiles that Britain handed over hit"
            continue
        if one.low in (";",) or one.has("bound", "contrast") or one.has("bound", "time"):
            return []
        if one.has("bound", "relative"):
            relative = True
            continue
        np = phrase(one)
        if np is None:
            continue
        if relative or not hangs(units, np.at) or is_asked(units, np.at, i):
            return [np, *joined_left(units, min(np.at, j))]
    return []


def is_asked(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the phrase at `k` is asked or accused: "demande à Berlin de livrer", "acusa a Rusia de"."""
    between = units[k + 1 : i]
    if not between or not any(u.has("rel") or u.has("bound", "complement") for u in between):
        return False
    if any(u.punct or (u.verb and u.has("act")) for u in between):
        return False
    governing = units[max(0, k - 4) : k]
    return any(u.has("mod", "requested") or u.has("voice", "urge") for u in governing) or any(
        u.verb and u.has("voice", "accuse") for u in governing
    )


def _opener(units: list[Unit], j: int) -> int | None:
    """Return where the relative clause begins whose verb stands at `j` and has no object, None for none."""
    if j + 1 < len(units) and things_right(units, j):
        return None
    for k in range(j - 1, max(0, j - 8), -1):
        if units[k].low == "," or units[k].verb:
            return None
        if units[k].has("bound", "relative") or units[k].has("bound", "complement"):
            return k if units[k - 1].has("thing") else None
    return None


def subjects_of(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the subjects where the language puts them: behind the verb first, where the verb comes first."""
    if units[i].voice() == "doer" and (doers := subjects_behind(units, i)):
        return doers
    if scene.order == "free":
        return subjects_left(units, i) or subjects_behind(units, i)
    if scene.order != "vso":
        return subjects_left(units, i)
    direct = units[i - 1] if i else None
    if direct is not None and phrase(direct) is not None and not hangs(units, i - 1):
        return subjects_left(units, i)
    return subjects_behind(units, i) or subjects_left(units, i)


def subjects_behind(units: list[Unit], i: int) -> list[Unit]:
    """Return the subjects that stand behind their verb."""
    for j in range(i + 1, min(len(units), i + 6)):
        one = units[j]
        if one.has("rel") or stops(one) or one.verb:
            break
        np = phrase(one)
        if np is not None and np.case in ("", "of") and not one.has("pron"):
            return listed_after(units, j - 1)
    return []


def phrase(unit: Unit) -> Unit | None:
    """Return the noun phrase a unit heads or belongs to, None if it is none that can act."""
    if unit.head is not None:
        return unit.head
    if unit.actor or (not unit.verb and (unit.has("role") or (unit.has("thing") and unit.nationality))):
        return unit
    if not unit.verb and any(unit.has("thing", kind) for kind in ("fighter", "mercenary", "civil")):
        return unit
    if any(unit.has("pron", kind) for kind in ("state", "first", "group", "soldier")):
        return unit
    return None


def is_owned(units: list[Unit], np: Unit) -> bool:
    """Say whether a bare role is somebody's own: "its army"."""
    at = np.at if np in units else 0
    return any(u.has("pron", "own") for u in units[max(0, at - 3) : at + 1])


def joined_left(units: list[Unit], at: int) -> list[Unit]:
    """Return further phrases joined to the left: "Egypt, the UAE and Russia"."""
    out: list[Unit] = []
    joined = False
    for j in range(at - 1, -1, -1):
        one = units[j]
        if one.low == "," or one.has("conj"):
            joined = True
        elif one.has("det"):
            continue
        elif joined and one.actor and one.head is None:
            if hangs(units, j) and not any(u.has("conj") for u in units[j:at]):
                break
            out.append(one)
            joined = False
        else:
            break
    return out


def agent_phrase(units: list[Unit], i: int) -> list[Unit]:
    """Return the agent phrase behind a passive act or an event noun."""
    after = units[i + 1] if i + 1 < len(units) else None
    if (
        units[i].voice("act") == "pass"
        and after is not None
        and phrase(after) is not None
        and not after.has("pron")
    ):
        return listed_after(units, i)
    if (np := instrumental(units, i)) is not None:
        return [np, *joined_left(units, np.at)] if np.at < i else listed_after(units, np.at - 1)
    for j in range(i - 1, max(-1, i - 12), -1):
        if units[j].has("post", "by"):
            np = next((p for u in units[max(0, j - 3) : j][::-1] if (p := phrase(u)) is not None), None)
            return [np] if np is not None else []
        if stops(units[j]):
            break
    for j in range(i + 1, min(len(units), i + 16)):
        one = units[j]
        if one.has("rel", "by"):
            return listed_after(units, j)
        if stops(one) or (one.verb and one.has("act")):
            return []
    return []


def instrumental(units: list[Unit], i: int) -> Unit | None:
    """Return who stands in the case of the agent near a passive act: "Россией", "турецкими военными"."""
    for j in (*range(i + 1, min(len(units), i + 10)), *range(i - 1, max(-1, i - 10), -1)):
        np = phrase(units[j])
        if np is None or np.case != "by":
            continue
        between = units[min(i, np.at) + 1 : max(i, np.at)]
        before = units[max(0, np.at - 2) : np.at]
        if not any(u.has("rel") for u in before) and not any(stops(u) or u.low == "," for u in between):
            return np
    return None


def phrases_behind(units: list[Unit], i: int, relator: str) -> list[Unit]:
    for j in range(i + 1, min(len(units), i + 16)):
        if units[j].has("rel", relator):
            return listed_after(units, j)
        if stops(units[j]):
            return []
    return []


def listed_after(units: list[Unit], j: int) -> list[Unit]:
    """Return the actors of the list behind a relator: "by Egypt, the UAE and Russian mercenaries"."""
    out: list[Unit] = []
    gap = 0
    joined = False
    for one in units[j + 1 : j + 22]:
        np = phrase(one)
        if np is not None:
            if np not in out:
                out.append(np)
            gap = 0
        elif one.low == "," and joined and gap == 0 and len(out) > 1:
            break  # the list is closed: "Backed by Egypt and the UAE, Haftar …"
        elif one.low == "," or one.has("conj"):
            joined = joined or one.has("conj")
            gap = 0
        elif (
            one.verb
            or (one.has("rel") and not one.has("rel", "of"))
            or one.has("bound")
            or one.has("voice")
            or one.punct
        ):
            break
        else:
            gap += 1
            if gap > 3:
                break
    return out if joined else out[:1]


def is_local(
    units: list[Unit], unit: Unit, ways: tuple[str, ...] = ("to", "in", "for", "with", "from")
) -> bool:
    """Say whether a mention stands behind a word of place, direction or benefit."""
    at = unit.at
    if unit.case in ways or any(u.has("post", way) for u in units[at + 1 : at + 2] for way in ways):
        return True
    for one in units[max(0, at - 5) : at][::-1]:
        if one.has("rel"):
            return any(one.has("rel", way) for way in ways)
        if one.verb or one.punct or one.has("bound"):
            return False
    return False
