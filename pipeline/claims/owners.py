"""Owners: whose a thing, a deed or a role is, by what stands before or behind it."""

import itertools
from typing import Final

from pipeline.claims.units import GIVEN, NOUNS, NUMBER, STATES, Unit
from pipeline.claims.vocabulary import Vocabulary

OPENING: Final = frozenset("«“„")


def attach(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Give things and roles their nationality: "Russian mercenaries", "pasukan Turki", "army of Chad"."""
    for unit, behind in itertools.pairwise(units):
        if unit.of_kind("government") and unit.has("role") and behind.case == "of" and behind.actor:
            unit.entity = None  # "Минобороны Руанды": whose it is stands behind it
    if vocabulary.order == "sov":
        _unowned(units)
    for i, unit in enumerate(units):
        if unit.verb or not unit.tags.keys() & NOUNS:
            continue
        only, loose = vocabulary.adjective == "both", vocabulary.order == "sov"
        _before(units, i, unit, vocabulary.adjective in ("before", "both"), only, loose)
        _after(units, i, unit, vocabulary.adjective in ("after", "both"), only)
        _whose(units, i)
        _operated(units, i)
        if vocabulary.adjective == "after" and not unit.nationality and vocabulary.order != "vso":
            _misplaced(units, i)
        if vocabulary.adjective == "after" and i and units[i - 1].has("thing", "troops"):
            _armed_with(unit, units[i - 1])
        if vocabulary.adjective == "after" and vocabulary.order != "vso":
            _model(units, i)
            _of_force(units, i)
    if vocabulary.cases:
        for i, unit in enumerate(units):
            if unit.has("role") and not unit.case:
                unit.case = _titled(units, i, vocabulary)
    if vocabulary.endings:
        for i in range(len(units) - 2, -1, -1):
            _part(units, i, vocabulary.genitive)


def _unowned(units: list[Unit]) -> None:
    """Take a possessive ending behind a noun or an adjective for that of a compound: "sınır birlikleri"."""
    for before, unit in itertools.pairwise(units):
        if not unit.has("pron", "own") or not unit.tags.keys() & NOUNS:
            continue
        plain = not before.tags and before.entity is None and not before.punct and before.text[:1].islower()
        if plain or before.noun or before.actor:
            rest = tuple(t for t in unit.tags.pop("pron") if t.value != "own")
            if rest:
                unit.tags["pron"] = rest


def _armed_with(unit: Unit, before: Unit) -> None:
    """Take a weapon right behind a force for its name: "Divisi Lapis Baja", "batalion artileri"."""
    if unit.has("thing", "weapon") and not before.verb and not before.has("role", "state"):
        unit.tags.pop("thing")
        unit.head = before
        for mention in unit.nationality:
            _own(before, mention)
            if mention.head is unit:
                mention.head = before


CRAFT: Final = ("weapon", "plane", "recon")


def _model(units: list[Unit], i: int) -> None:
    """Take a name right behind a reconnaissance aircraft for its model: "pesawat intai P-3 Orion"."""
    unit, before = units[i], units[i - 1] if i else None
    if (
        before is None
        or unit.entity is None
        or unit.entity.kind != "weapon"
        or not before.has("thing", "recon")
    ):
        return
    unit.tags.pop("thing", None)
    unit.head = before
    for mention in unit.nationality:
        _own(before, mention)
        mention.head = before if mention.head is unit else mention.head


def _of_force(units: list[Unit], i: int) -> None:
    """Own a craft by the force behind it, which is then no force there: "jet angkatan udara Prancis"."""
    unit = units[i]
    if not unit.has("institution") or not unit.nationality or unit.entity is not None:
        return
    for before in units[max(0, i - 6) : i][::-1]:
        if (
            before.verb
            or before.punct
            or before.has("conj")
            or (before.has("rel") and not before.has("rel", "of"))
        ):
            return
        if any(before.has("thing", kind) for kind in CRAFT):
            for mention in unit.nationality:
                _own(before, mention)
            unit.tags.pop("thing", None)
            unit.head = before
            return


def _is_genitive(unit: Unit, endings: tuple[str, ...]) -> bool:
    """Say whether a noun is or may be in the genitive, as "армии" may be either of two cases."""
    return unit.case == "of" or (unit.case == "to" and unit.low.endswith(endings) and " " not in unit.low)


def _titled(units: list[Unit], i: int, vocabulary: Vocabulary) -> str:
    """Return the case of a title, which the name behind it bears: "Danışman Jake Sullivan'a"."""
    for j in range(i + 1, min(len(units), i + 5)):
        one = units[j]
        if one.entity is not None:
            return one.case if one.entity.kind == "leader" else ""
        if one.low in ("'", "’") and j > i + 1 and j + 1 < len(units):
            return vocabulary.cases.get(units[j + 1].low, "")
        if one.tags or not one.text[:1].isupper():
            return ""
    return ""


def _part(units: list[Unit], i: int, genitive: tuple[str, ...]) -> None:
    """Give people and arms the nationality of whose part they are: "два батальона российской армии"."""
    unit = units[i]
    if (
        unit.verb
        or unit.nationality
        or unit.entity is not None
        or not (unit.has("thing") or unit.has("deed"))
    ):
        return
    for one in units[i + 1 : i + 4]:
        if one.noun:
            if one.nationality and _is_genitive(one, genitive) and (one.has("thing") or one.has("role")):
                unit.nationality.extend(one.nationality)
            return
        if one.tags or (one.entity is not None and not one.of_kind("demonym")) or one.punct:
            return


def _whose(units: list[Unit], i: int) -> None:
    """Own what "whose" tells of by what it follows: "Wagner, whose men guard the mines"."""
    relative = next((u for u in units[max(0, i - 3) : i][::-1] if u.has("whose")), None)
    if relative is None or units[i].nationality:
        return
    k = next(n for n in range(i - 1, -1, -1) if units[n] is relative)
    before = [u for u in units[max(0, k - 3) : k][::-1] if u.low != "," and not u.has("rel")]
    if before and before[0].actor:
        _own(units[i], before[0])


def _operated(units: list[Unit], i: int) -> None:
    """Own a craft by who uses it: "drones operated by the Emirates hit", "jets flown by Chadians"."""
    unit = units[i]
    if i + 3 >= len(units) or unit.nationality or not units[i + 2].has("rel", "by"):
        return
    if not units[i + 1].has("handled") or not any(unit.has("thing", kind) for kind in CRAFT):
        return
    j = _name_behind(units, i + 3)
    if j < len(units) and units[j].actor:
        units[i + 1].tags.pop("act", None)
        units[i + 1].verb = False
        _own(unit, units[j])


def _misplaced(units: list[Unit], i: int) -> None:
    """Own a thing by the state right before it, as word-for-word translations have it: "Rusia pasukan"."""
    unit = units[i]
    if not i or not (unit.has("thing") or unit.has("role")) or unit.has("deed") or unit.entity is not None:
        return
    before = units[i - 1]
    free = i == 1 or not (units[i - 2].has("rel") or units[i - 2].noun or units[i - 2].verb)
    if before.entity is not None and before.entity.kind in STATES and before.head is None and free:
        _own(unit, before)


def _before(
    units: list[Unit], i: int, unit: Unit, adjective: bool, only: bool = False, loose: bool = False
) -> None:
    """Look for an owner on the left; with `only`, names do not stand there, adjectives do.

    With `loose`, "made" stands without a hyphen ("İran yapımı füzeler").
    """
    j, steps = i - 1, 0
    while j >= 0 and steps <= 4:
        one = units[j]
        if loose and j and one.case == "in" and one.entity is not None and units[j - 1].case == "of":
            j, steps = j - 1, steps + 1
            continue  # "Türkiye'nin Libya'daki askerleri"
        if one.actor or (one.where and one.head is None):
            possessed = units[j + 1].has("poss") or (one.case == "of" and _next(units, j, i, only))
            if loose and one.case == "of" and unit.entity is not None and unit.case not in ("", "of"):
                return  # "Mısır'ın Sudan ordusuna silah gönderdiği": who does it
            if unit.has("bare") and not units[j + 1].has("poss") and not one.of_kind("demonym"):
                return  # "Türkiye asker gönderdi", "Liberya'nın isyancılara verdiği"
            if (one.case or one.has("peoples") or (only and not one.of_kind("demonym"))) and not possessed:
                return
            if not possessed and _is_given(units, j, unit):
                return
            made = units[j + 1].has("made") and (units[j + 1].glued or loose)
            if possessed or (adjective and not made):
                _own(unit, one)
            if made:
                unit.maker = one.made = True
                one.head = one.head or unit
            elif adjective and not possessed:
                _joined_owners(units, j, unit)
                if loose and unit.has("thing"):
                    _joined_lands(units, j, unit)
            described = j >= 1 and units[j - 1].of_kind("demonym") and not units[j - 1].has("peoples")
            if adjective and not possessed and described:
                j, steps = j - 1, steps + 1
                continue
            return
        if _ends_phrase(units, j):
            return
        if one.noun and one.nationality and not one.has("deed"):
            if one.case not in ("", "of"):
                return
            part = one.case == "of" and (one.has("role", "state") or (loose and one.has("thing", "troops")))
            if unit.has("deed") or unit.has("role") or part:
                unit.nationality.extend(one.nationality)
            return
        j, steps = j - 1, steps + 1


def _ends_phrase(units: list[Unit], j: int) -> bool:
    """Say whether no owner stands further left: another phrase or clause ends there."""
    one = units[j]
    if one.verb or one.punct or one.has("aux", "be") or one.has("rel") or one.has("bound") or one.has("conj"):
        return True
    owned = one.has("pron", "own") and j > 0
    return owned and units[j - 1].entity is not None  # "offered Syria his government's backing"


def _joined_owners(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the adjectives joined to the one at `j`, too: "Angolan and Namibian forces"."""
    while j >= 2 and units[j].of_kind("demonym") and _is_adjective(units[j - 2]):
        if units[j - 2].head is not None or not (units[j - 1].has("conj") or units[j - 1].low == ","):
            return
        _own(unit, units[j - 2])
        unit.listed = True
        j -= 2


def _joined_lands(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the land joined to the one at `j`, too: "Angola ve Zimbabve askerleri"."""
    if j < 2 or not units[j - 1].has("conj") or not units[j].of_kind("country"):
        return
    other = units[j - 2]
    if other.of_kind("country") and other.head is None and not other.case:
        _own(unit, other)
        unit.listed = True


def _is_adjective(unit: Unit) -> bool:
    """Say whether a name can describe what is joined behind it, as initials can: "US and British jets"."""
    return unit.of_kind("demonym") or (unit.of_kind("country", "body") and unit.text.isupper())


def _is_given(units: list[Unit], j: int, unit: Unit) -> bool:
    """Say whether the mention at `j` is whom a thing is given to: "gave the Houthis weapons"."""
    if units[j].entity is None or units[j].of_kind("demonym") or not any(unit.has("thing", g) for g in GIVEN):
        return False
    k = j - 1
    while k >= 0 and units[k].has("det"):
        k -= 1
    return k >= 0 and units[k].verb and units[k].has("act", "transfer") and units[k].voice() != "attr"


def _next(units: list[Unit], j: int, i: int, plain: bool) -> bool:
    """Say whether only numbers and the like stand between an owner in the genitive and what it owns."""
    return all(
        u.has("num") or u.has("det") or u.has("mod") or NUMBER.fullmatch(u.low) or (plain and not u.tags)
        or (not plain and u.entity is not None and u.case == "in")  # "Türkiye'nin Libya'daki askerleri"
        for u in units[j + 1 : i]
    )  # fmt: skip


ANY_OWNER: Final = frozenset({"det", "role", "some", "firm"})  # what may stand before its name


def _after(units: list[Unit], i: int, unit: Unit, adjective: bool, only: bool = False) -> None:
    """Look for an owner on the right; with `only`, adjectives do not stand there, names do."""
    j = i + 1
    if j >= len(units):
        return
    if adjective and j + 1 < len(units) and units[j + 1].has("rel", "of") and _only_describes(units[j]):
        j += 1  # "trois compagnies supplémentaires de l'armée tchadienne"
    elif adjective and unit.has("thing", "fighter") and j + 1 < len(units) and _only_describes(units[j]):
        j += units[j + 1].has("rel", "from")  # "مئة عنصر إضافي من مجموعة فاغنر"
    firm = units[j].has("rel", "in") and unit.has("firm")
    if firm or units[j].has("rel", "of") or (units[j].has("rel", "from") and unit.has("thing")):
        j = _name_behind(units, j + 1)
        if not adjective and _is_done_to(units, unit, j):
            return
        if j < len(units) and (units[j].actor or units[j].where) and not unit.nationality:
            _led_owner(units, j, unit)
            return
        if not adjective or j >= len(units) or not units[j].has("thing", "troops"):
            return
        j += 1  # "prajurit dari Batalion Parasut ke-2 Prancis"
    if adjective:
        _adjacent(units, i, j, only)


def _is_done_to(units: list[Unit], deed: Unit, j: int) -> bool:
    """Say whether the adjective at `j` describes whom a deed is done to: "training of Malian soldiers"."""
    if j + 1 >= len(units) or not units[j].of_kind("demonym") or not DIRECT.intersection(deed.values("deed")):
        return False
    people = units[j + 1]
    return people.noun and not people.has("deed") and not deed.has("thing")


DIRECT: Final = frozenset({"train", "fund", "recruit"})


def _only_describes(unit: Unit) -> bool:
    """Say whether a word behind a noun is no more than an adjective."""
    plain = not unit.tags and unit.entity is None and unit.low.isalpha() and unit.text.islower()
    return plain or (unit.tags.keys() == {"mod"} and unit.has("mod", "more"))


def _name_behind(units: list[Unit], j: int) -> int:
    """Return where the name begins behind a preposition, past what may stand before it."""
    while j < len(units) and (
        not ANY_OWNER.isdisjoint(units[j].tags)
        or (units[j].has("rel", "of") and units[j - 1].has("role"))
        or _is_article(units, j)
        or (units[j].low in OPENING and _quoted(units, j) is not None)
    ):
        j += 1
    return j


def _is_article(units: list[Unit], j: int) -> bool:
    """Say whether the unit at `j` is an article written onto what is behind it: "تابعة للجيش التركي"."""
    if j + 1 >= len(units) or units[j].end != units[j + 1].start or not units[j].low.isalpha():
        return False
    bare = not units[j].tags and units[j].entity is None and units[j + 1].actor
    return bare or (units[j].has("rel", "to") and units[j - 1].has("rel", "of"))


def _led_owner(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the name at `j`, behind a preposition, and by what is listed with it."""
    if j + 2 < len(units) and units[j + 1].has("made") and units[j + 1].glued:
        return  # "from Yugoslav-era stocks"
    _own(unit, units[j])
    _listed(units, j, unit)
    if units[j].of_kind("demonym"):  # "of the Russian Wagner Group", "of the Lebanese group Hezbollah"
        skip = 2 if j + 2 < len(units) and not units[j + 1].actor and units[j + 1].low.isalpha() else 1
        if j + skip < len(units) and units[j + skip].actor and not units[j + 1].has("rel"):
            _own(unit, units[j + skip])


def _adjacent(units: list[Unit], i: int, j: int, only: bool) -> None:
    """Own the unit at `i` by a name that follows from `j` on without a preposition."""
    unit, steps = units[i], 0
    while j < len(units) and steps <= 1:
        one = units[j]
        if one.has("rel", "of") and j > i + 1 and unit.has("thing", "recon"):
            j += 1  # "pesawat intai AP-3C milik Australia"
            continue
        if one.has("made"):
            _made_by(units[j + 1 : j + 3], unit)
            return
        if one.actor:
            if only and one.of_kind("demonym") and (group := _group_behind(units, j)) is not None:
                _own(unit, group)  # "бойцы российской группы Вагнера"
                return
            if one.case not in ("", "of") or (only and one.of_kind("demonym")):
                return  # "передала оружие Украине"
            _own(unit, one)
            if j + 1 < len(units) and units[j + 1].actor:
                j += 1
                continue
            if one.of_kind("demonym"):
                _joined_behind(units, j, unit)
            elif one.of_kind("country") and unit.has("thing"):
                _joined_names(units, j, unit)
            return
        if (closing := _quoted(units, j)) is not None:
            j = closing + 1  # 'مقاتلات "جاغوار" الفرنسية'
            continue
        if one.low in OPENING:
            j += 1  # "наёмники «Вагнера»"
            continue
        if one.verb or one.tags.keys() & {"rel", "bound", "conj", "mod", "aux", "voice"} or one.punct:
            return
        if unit.entity is not None and unit.nationality and one.noun:
            return  # "Wagner uses the land of Chad"
        if unit.has("thing", "money") and one.has("thing"):
            return  # "gaji tentara bayaran Kolombia"
        named = not only and j < i + 6 and not (one.text[:1].islower() and one.tags.keys() != {"role"})
        j, steps = j + 1, steps + (0 if named or one.glued else 1)


def _joined_behind(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the adjectives joined to the one at `j`, too: "ضربات أميركية وبريطانية"."""
    while j + 2 < len(units) and units[j + 1].has("conj"):
        k = j + 2 + (len(units[j + 2].text) <= 2 and not units[j + 2].actor)  # an article of its own
        if k >= len(units) or not units[k].of_kind("demonym") or units[k].head is not None:
            return
        _own(unit, units[k])
        unit.listed = True
        j = k


def _joined_names(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the lands listed behind the one at `j`, too: "serdadu Angola dan Zimbabwe"."""
    found = []
    k = j
    while k + 2 < len(units) and (units[k + 1].has("conj") or units[k + 1].low == ","):
        k += 3 if units[k + 1].low == "," and units[k + 2].has("conj") else 2
        if k >= len(units) or not units[k].of_kind("country") or units[k].head is not None:
            return
        if units[k].case not in (units[j].case, ""):
            return
        found.append(units[k])
        if units[k - 1].has("conj"):
            break
    if not found or not units[k - 1].has("conj"):
        return
    acted_on = any(u.verb and u.clause == unit.clause for u in units[: unit.at])
    if acted_on and k + 1 < len(units) and not (units[k + 1].punct or units[k + 1].has("rel")):
        return  # "menewaskan tentara Ukraina dan Rusia membalas"
    for one in found:
        _own(unit, one)
    unit.listed = True


def _quoted(units: list[Unit], j: int) -> int | None:
    """Return where the quotation marks close that open at `j` around a name of a word or two."""
    if units[j].low not in ('"', "«", "“") or units[j].tags:
        return None
    for k in range(j + 2, min(len(units) - 1, j + 5)):
        if units[k].low in ('"', "»", "”"):
            return None if any(u.actor for u in units[j + 1 : k]) else k
    return None


def _group_behind(units: list[Unit], j: int) -> Unit | None:
    """Return the group whose name the adjective at `j` describes: "ливанского движения «Хезболла»"."""
    for one in units[j + 1 : j + 5]:
        if one.of_kind("group", "company"):
            return one if one.case in ("", "of", "nom") else None
        plain = (
            not one.tags or one.has("det") or one.has("firm") or one.has("role") or one.has("pron", "group")
        )
        if one.low not in OPENING and (one.verb or one.punct or one.entity is not None or not plain):
            return None
    return None


def _made_by(behind: list[Unit], unit: Unit) -> None:
    unit.maker = True
    for maker in behind:
        if maker.actor:
            maker.made, maker.head = True, unit


def _listed(units: list[Unit], j: int, unit: Unit) -> None:
    """Own what is listed behind the owner at `j`: "the support of Egypt, of the Emirates and Russia"."""
    joined = False
    for one in units[j + 1 : j + 12]:
        if one.low == "," or one.has("conj"):
            joined = True
        elif not joined and one.of_kind("demonym"):
            continue  # "of the Iranian Guard and of Hezbollah", where the adjective stands behind
        elif one.actor and joined and one.head is None and one.entity and one.entity.kind != "demonym":
            _own(unit, one)
            unit.listed, joined = True, False
        elif not (joined and (one.has("det") or one.has("rel", "of"))):
            return


def _own(unit: Unit, mention: Unit) -> None:
    if mention not in unit.nationality:
        unit.nationality.append(mention)
    if mention.head is None:
        mention.head = unit
