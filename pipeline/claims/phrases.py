"""Phrases: which units of a sentence belong together; `objects` and `subjects` build on it.

Only the shape of the sentence is looked at; who the words stand for is the business of `roles`.
"""

import re

from pipeline.claims.units import Unit

YEAR = re.compile(r"(?:19|20)\d\d")


def apart(one: Unit, unit: Unit) -> bool:
    """Say whether `one` stands in a parenthesis that `unit` is no part of."""
    return bool(one.aside) and one.aside != unit.aside


def stops(unit: Unit) -> bool:
    return unit.low in (";", ":", "—", "–") or unit.has("bound") or (unit.has("voice") and unit.verb)


def hangs(units: list[Unit], k: int) -> bool:
    """Say whether the noun phrase that ends at `k` hangs on a preposition, a postposition or a case."""
    if units[k].case == "nom":
        return False
    if (units[k].case and units[k].case != "of") or (k + 1 < len(units) and units[k + 1].has("post")):
        return True
    if not units[k].noun and (units[k].has("pron", "state") or units[k].has("pron", "first")):
        return k > 0 and units[k - 1].has("rel") and not units[k - 1].has("bound")
    for j in range(k - 1, max(-1, k - 7), -1):
        one = units[j]
        if one.has("time") or YEAR.fullmatch(one.low):
            return False
        if one.has("det") and units[k].low not in ("'s",) and (j or one.has("rel")):
            if one.has("rel"):  # "des" is an article, or hangs on what is before it
                return j > 0 and (units[j - 1].noun or units[j - 1].actor or units[j - 1].has("rel"))
            return units[j - 1].has("rel")
        if one.has("mod", "every") and j < k - 1:
            return j > 0 and units[j - 1].has("rel")  # "by contrast the last of 300 soldiers"
        if one.has("rel"):
            if one.has("rel", "of") and j and not (units[j - 1].noun or units[j - 1].actor):
                continue
            return True
        if one.verb or one.has("bound") or one.has("conj") or one.punct or one.has("voice"):
            return False
        if j == k - 1 and one.has("role", "side") and units[k].has("thing"):
            continue  # "of the separatist fighters"
        if one.entity is not None and one.case and one.case != "of" and units[j - 1].has("rel"):
            return False  # the preposition is the place's: "в Идлибе турецкие солдаты построили"
        if one.has("pron") and not one.has("pron", "own"):
            return False
        if (
            (one.actor or one.noun)
            and one.head is None
            and one not in units[k].nationality
            and not one.has("thing")
        ):
            return False
    return False


HEADS = frozenset({"fighter", "mercenary", "civil"})  # things that can act whosever they are
STANDING_IN = frozenset({"state", "first", "group", "soldier", "country"})  # pronouns that stand for an actor


def phrase(unit: Unit) -> Unit | None:
    """Return the noun phrase a unit heads or belongs to, None if it is none that can act."""
    if unit.head is not None:
        return unit.head
    if unit.actor:
        return unit
    tags = unit.tags
    if not unit.verb and (
        "role" in tags
        or "mandate" in tags
        or ("thing" in tags and (unit.nationality or not HEADS.isdisjoint(unit.values("thing"))))
    ):
        return unit
    return unit if "pron" in tags and not STANDING_IN.isdisjoint(unit.values("pron")) else None


def is_owned(units: list[Unit], np: Unit) -> bool:
    """Say whether a bare role is somebody's own: "its army"."""
    at = np.at if np in units else 0
    behind = units[at + 1 : at + 2]  # "pasukan elitenya"
    if any(u.has("pron", "owner") for u in behind):
        return True  # "tentara negara itu"
    if any(u.has("pron", "state") or (u.shaped("owned") and u.text.islower()) for u in behind if not u.verb):
        return True
    if at > 1 and units[at - 1].has("poss") and units[at - 2].has("pron", "homeland"):
        return True  # "his country's soldiers"
    ahead = [u for u in units[max(0, at - 3) : at] if len(u.tags) == 1 or u.has("det")]
    return any(u.has("pron", "own") for u in (*ahead, units[at]))


def of_nobody(units: list[Unit], i: int, strikes: Unit) -> bool:
    """Say whether strikes end by themselves, and whose they are is not told: "until attacks stop"."""
    return strikes.at < i and not strikes.nationality and not is_owned(units, strikes)


def joined_left(units: list[Unit], at: int) -> list[Unit]:
    """Return further phrases joined to the left: "Egypt, the UAE and Russia"."""
    out: list[Unit] = []
    joined = False
    for j in range(at - 1, -1, -1):
        one = units[j]
        if one.low == "," or one.has("conj"):
            joined = True
        elif one.has("det") or (not joined and one.has("rel", "of") and j and units[j - 1].has("conj")):
            continue
        elif joined and one.actor and one.head is None:
            told = any(u.has("conj") for u in units[j:at])
            if not told and (hangs(units, j) or any(u.has("conj") for u in units[max(0, j - 2) : j])):
                break  # a list that is closed: "Backed by Cairo and Riyadh, Haftar has"
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
        and (behind := phrase(after)) is not None
        and not behind.case
        and (after.noun or not after.has("pron"))
    ):
        return listed_after(units, i)
    if (np := instrumental(units, i)) is not None:
        return [np, *joined_left(units, np.at)] if np.at < i else listed_after(units, np.at - 1)
    for j in range(i - 1, max(-1, i - 12), -1):
        if units[j].has("post", "by"):
            said = next((u for u in units[max(0, j - 3) : j][::-1] if phrase(u) is not None), None)
            np = phrase(said) if said is not None else None
            return (
                [np, *joined_left(units, min(said.at, np.at))] if said is not None and np is not None else []
            )
        if stops(units[j]):
            break
    for j in range(i + 1, min(len(units), i + 16)):
        one = units[j]
        if one.has("rel", "by"):
            return listed_after(units, j)
        if one.verb and one.has("act") and shares_object(units, i, j):
            continue
        if stops(one) or (one.verb and one.has("act")):
            return []
    return []


def downed_by(units: list[Unit], i: int) -> bool:
    """Say whether the dead told at `i` were struck by somebody's weapon: "muertos por misiles israelíes"."""
    by = agent_phrase(units, i)
    return bool(by) and bool(by[0].nationality) and by[0].has("thing", "weapon")


def behind_dash(units: list[Unit], i: int) -> list[Unit]:
    """Return who is said behind a dash to be what the noun at `i` calls: "главный поставщик — Россия"."""
    for one in units[i + 1 : i + 9]:
        if one.low in "—–" and one.at + 1 < len(units):
            after = units[one.at + 1]
            return listed_after(units, one.at) if after.actor and after.case in ("", "nom") else []
        if one.verb or one.has("bound") or one.punct:
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
        if units[j].has("rel", relator) and (found := listed_after(units, j)):
            return found
        if stops(units[j]):
            return []
    return []


def listed_after(units: list[Unit], j: int) -> list[Unit]:
    """Return the actors of the list behind a relator: "by Egypt, the UAE and Russian mercenaries"."""
    out: list[Unit] = []
    gap = 0
    joined = False
    parted = True  # by a comma or "and"
    for one in units[j + 1 : j + 22]:
        np = phrase(one)
        if np is not None:
            if out and np.case == "to" and out[0].case != "to":
                break  # who gets it: "سلمت تركيا مدرعات للأردن"
            if np not in out and out and joined and not parted:
                break  # "by Egypt and the UAE Haftar"
            if np not in out:
                out.append(np)
            gap, parted = 0, False
        elif one.low == "," and joined and gap == 0 and len(out) > 1:
            break  # the list is closed: "Backed by Egypt and the UAE, Haftar …"
        elif one.low == "," or one.has("conj"):
            joined = joined or one.has("conj")
            gap, parted = 0, True
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
    if unit.ways is None:
        unit.ways = ways_of(units, unit)
    return not unit.ways.isdisjoint(ways)


def ways_of(units: list[Unit], unit: Unit) -> frozenset[str]:
    """Return the relators that govern a mention: its case, a postposition, the nearest preposition."""
    at = unit.at
    agreeing = unit.head is not None and unit.entity is not None and unit.entity.kind == "demonym"
    case = unit.case or (unit.head.case if agreeing and unit.head is not None else "")  # "эфиопской армии"
    ways = {case, *(way for u in units[at + 1 : at + 2] for way in u.values("post"))}
    for one in units[max(0, at - 5) : at - (2 if _closes_a_name(units, at) else 0)][::-1]:
        if one.has("rel"):
            bought = one.has("rel", "to") and one.at > 0 and units[one.at - 1].has("buying")
            ways.update(("source",) if bought else one.values("rel"))  # "comprados a Turquía"
            break
        if one.verb or one.punct or one.has("bound"):
            break
    return frozenset(ways)


def _closes_a_name(units: list[Unit], at: int) -> bool:
    """Say whether a land only tells where the place before it lies: "en Lydd, Inglaterra, con"."""
    if at < 3 or units[at - 1].low != "," or not units[at].of_kind("country"):
        return False
    spot, after = units[at - 2], units[at + 1] if at + 1 < len(units) else None
    known = spot.of_kind("place") or (spot.entity is None and not spot.tags and spot.text[:1].isupper())
    return known and (after is None or after.punct or after.has("rel"))


def is_agent(units: list[Unit], at: int) -> bool:
    """Say whether the phrase at `at` is the agent of a passive verb right before it ("dijual Ankara")."""
    before = units[at - 1] if at else None
    passive = before is not None and "pass" in (before.voice("act"), before.voice("voice"))
    return passive and before is not None and before.verb


def shares_object(units: list[Unit], i: int, j: int) -> bool:
    """Say whether the acts at `i` and `j` are joined before one object: "train, advise and equip"."""
    between = units[i + 1 : j]
    joined = any(u.low == "," or u.has("conj") for u in between)
    return joined and all(u.low == "," or u.has("conj") or (u.verb and u.has("act")) for u in between)


def struck_by(units: list[Unit], i: int) -> Unit | None:
    """Return the blow that a verb right behind it describes: "في قصف بالهاون استهدف قاعدتهم"."""
    for one in units[max(0, i - 4) : i][::-1]:
        if one.has("deed", "strike") and not one.verb:
            return one
        if one.verb or one.punct or one.has("bound") or one.has("conj") or one.has("voice"):
            return None
    return None


def of_circumstance(units: list[Unit], at: int) -> bool:
    """Say whether a pronoun stands behind "and" within a sentence: "قال الرجل، وهو من"."""
    return (
        at > 2 and units[at - 1].has("conj") and units[at].has("pron", "state") and not units[at].has("bound")
    )


def sent_from(units: list[Unit], i: int, order: str) -> list[Unit]:
    """Return where a carrier comes from, told behind the act or, of the carrier, before it."""
    found = phrases_behind(units, i, "from")
    if found or order != "vso":
        return found
    for j in range(i - 1, max(0, i - 9), -1):
        one = units[j]
        if one.verb and one.has("act", "arrive") and one.has("rel", "from"):
            return listed_after(units, j)  # "سفينة قادمة من إيران تحمل صواريخ"
        if one.nationality and not one.maker and (one.has("thing", "weapon") or one.has("thing", "plane")):
            return one.nationality  # "سفينة إيرانية وعلى متنها صواريخ"
        if one.has("bound") or one.low in (";", ":") or (one.verb and one.has("act")):
            return []
    return []


def is_soil(units: list[Unit], np: Unit) -> bool:
    """Say whether a phrase names soil that something comes from: "serangan dari wilayah Chad"."""
    behind = 3 if np in units and np.at + 1 < len(units) and units[np.at + 1].has("poss") else 1
    near = units[max(0, np.at - 2) : np.at + behind] if np in units else [np]
    return any(u.has("thing", "soil") or u.has("thing", "base") for u in near)


def is_craft(np: Unit) -> bool:
    return not np.nationality and (np.has("thing", "plane") or np.has("thing", "weapon"))


def has_own_subject(units: list[Unit], k: int) -> bool:
    """Say whether a clause behind a noun has a subject of its own: "the rebels that Turkey arms"."""
    if not units[k].has("bound", "fronted"):
        return False
    that = units[k].has("bound", "complement")
    comma = units[k - 1].low == ","
    head = units[max(0, k - 2)] if comma else units[k - 1]
    if (that and comma) or head.verb or head.punct or head.has("telling") or head.has("voice"):
        return False
    if phrase(head) is None and not head.has("thing"):
        return False
    if that and any(u.verb and u.has("voice") for u in units[max(0, k - 6) : k]):
        return False  # "told the rebels that Turkey arms"
    for one in units[k + 1 : k + 4]:
        if one.has("det") and not one.has("pron", "own"):
            continue
        return one.actor or one.has("role", "state") or one.has("pron", "state")
    return False


def is_opposed(ahead: list[Unit]) -> bool:
    """Say whether the words before a mention are done against it."""
    if any(u.has("rel", "against") for u in ahead):
        return True
    for unit in ahead[::-1]:
        if unit.has("rel") or unit.has("bound"):
            return False
        if unit.verb and is_hostile(unit):
            return True
    return False


def is_hostile(unit: Unit) -> bool:
    """Say whether a verb is done to an enemy."""
    if unit.has("act", "enlist"):
        return False  # "to join the rebels"
    return any(unit.has("act", act) for act in ("fight", "killed", "strike"))


def first_of_list(units: list[Unit], i: int) -> int:
    """Return where a list of joined participles begins: "were armed, paid and trained by"."""
    j = i
    while (k := next((n for n in range(j - 1, max(-1, j - 4), -1) if units[n].verb), None)) is not None:
        if units[k].voice("act") not in ("both", "part", "pass") or not shares_object(units, k, j):
            break
        j = k
    return j


def last_of_list(units: list[Unit], i: int) -> int:
    """Return where a list of joined participles ends: "les rebelles, armés et encadrés par Kigali"."""
    j = i
    while j + 2 < len(units) and (units[j + 1].has("conj") or units[j + 1].low == ","):
        if not units[j + 2].verb or units[j + 2].voice("act") not in ("both", "part"):
            break
        j += 2
    return j


def flown_by(units: list[Unit], i: int) -> list[Unit]:
    """Return whose aircraft strike, told right behind the noun: "قصف طائرات تابعة للناتو مواقع"."""
    after = units[i + 1] if i + 1 < len(units) else None
    struck = units[i].has("deed", "strike") and after is not None and after.has("thing", "weapon")
    return after.nationality if struck and after is not None and not after.maker else []


def is_partitive(units: list[Unit], k: int) -> bool:
    """Say whether "of" at `k` counts what follows: "أربعة آلاف من المقاتلين"."""
    if not k or not units[k].has("rel", "from"):
        return False
    before = units[k - 1]
    if before.has("deed", "transfer"):
        return k + 1 < len(units) and units[k + 1].has("thing")  # "شحنة من المساعدات العسكرية"
    return before.has("num") or before.has("det") or before.has("mod", "more") or before.low.isdigit()


def meant(units: list[Unit], i: int) -> list[Unit]:
    """Return what a pronoun written onto a verb stands for: "مرتزقة كولومبيين، جندتهم أبوظبي"."""
    for one in units[max(0, i - 10) : i][::-1]:
        if one.has("thing") and not one.verb:
            return [one]
        if one.verb or (one.punct and one.low not in (",", "ال")) or one.has("bound", "complement"):
            return []
    return []


def supply_behind(units: list[Unit], i: int) -> int | None:
    """Return the noun of supplying that is what the act at `i` is done to: "أوقفت تزويد الطائرات بالوقود"."""
    for j in range(i + 1, min(len(units), i + 8)):
        one = units[j]
        if one.has("supplying") and one.has("deed") and not one.verb:
            return j
        if (
            one.has("thing")
            or one.verb
            or stops(one)
            or (one.has("rel") and not one.has("rel", "under") and not _dated(units, j))
        ):
            return None
    return None


def _dated(units: list[Unit], j: int) -> bool:
    return j + 1 < len(units) and units[j + 1].has("time")
