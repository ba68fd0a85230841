"""Parsing of a sentence's units: verb or noun, what belongs to whom, and where clauses begin."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.claims.tidying import rounded, sums, unbound, whole_numbers
from pipeline.claims.units import DIVIDING, NOUNS, NUMBER, STATES, Unit, cut
from pipeline.claims.vocabulary import Tag, Vocabulary, fold
from pipeline.types import Entity

OPENING: Final = frozenset("«“„")


def read(text: str, start: int, end: int, entities: Sequence[Entity], vocabulary: Vocabulary) -> list[Unit]:
    """Return the units of text[start:end]; `entities` are those inside, in order."""
    units = whole_numbers(text, cut(text, start, end, entities, vocabulary))
    if vocabulary.article:
        _nouns(units, vocabulary)
    if vocabulary.emphatic:
        _perfects(units, vocabulary)
    if vocabulary.fused:
        _fused(units, vocabulary.fused)
    if vocabulary.peoples:
        _peoples(units, vocabulary.peoples)
    _choose(units, bool(vocabulary.sheet.get("inflection")), vocabulary.order == "vso")
    _personal(units, vocabulary)
    rounded(units)
    unbound(units)
    sums(units, vocabulary)
    _attach(units, vocabulary)
    _clauses(units)
    return units


FINITE: Final = frozenset({"act", "both"})


def _nouns(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Read what bears an article, or ends as only nouns do, as no verb: "الدفعة" is no "دفعه"."""
    for unit in units:
        if unit.has("pron", "own") and unit.text.endswith(vocabulary.nominal):
            unit.tags.pop("pron")  # "ضربة" is a blow, no "ضربه"
        if not unit.tags.keys() & {"act", "voice"} or " " in unit.low:
            continue
        folded = fold(unit.text)
        if unit.text.endswith(vocabulary.nominal) or any(
            folded.startswith(a) and not unit.low.startswith(a) for a in vocabulary.article
        ):
            for kind in ("act", "voice"):
                rest = tuple(t for t in unit.tags.pop(kind, ()) if t.voice not in FINITE)
                if rest:
                    unit.tags[kind] = rest


def _fused(units: list[Unit], fused: Mapping[str, str]) -> None:
    """Read a preposition that is one with the article of a name: "للسودان" is to Sudan."""
    for unit in units:
        if unit.entity is not None and not unit.case:
            unit.case = next((case for head, case in fused.items() if unit.text.startswith(head)), "")


def _peoples(units: list[Unit], endings: Mapping[str, str]) -> None:
    """Read the case of people named by their land: "Amerikalıların" is theirs, "Kolombiyalılara" to them."""
    for unit in units:
        if _is(unit, "demonym"):
            tail = next((tail for tail in endings if unit.low.endswith(tail)), None)
            if tail is not None:
                unit.case = unit.case or endings[tail].strip("-")
                unit.tags["peoples"] = (Tag("peoples", ""),)


def _perfects(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Take a particle before a perfect for no doubt: "قد تسلمت" has received, "قد تتسلم" may receive."""
    for unit, after in itertools.pairwise(units):
        if unit.low not in vocabulary.emphatic or not unit.has("mod"):
            continue
        bent = after.low[:1] in vocabulary.imperfect and not after.low.endswith(vocabulary.perfect)
        if after.has("aux", "be") or (("act" in after.tags or "voice" in after.tags) and not bent):
            unit.tags.pop("mod")


def _choose(units: list[Unit], inflecting: bool, leading: bool) -> None:
    """Read each unit that may be verb or noun as one of them, and "May" as a month."""
    for unit in units[1:]:
        if unit.has("time") and unit.has("mod") and unit.text[:1].isupper():
            unit.tags = {kind: tags for kind, tags in unit.tags.items() if kind == "time"}
    for i, unit in enumerate(units):
        if unit.entity is not None and unit.where and "thing" in unit.tags:
            unit.tags.pop("thing")  # "Port Sudan" is no port
        if unit.has("calque") and i + 1 < len(units) and _literal(units, i):
            continue
        acts = unit.tags.get("act")
        if not acts and "voice" not in unit.tags:
            continue
        voices = {t.voice for t in (*(acts or ()), *unit.tags.get("voice", ()))}
        if unit.has("aux", "have") and acts and _auxiliary(units, i):
            unit.tags.pop("act", None)
            continue
        if unit.has("particle") and not _takes_object(units, i):
            unit.tags.pop("act", None)  # "hit back", "bring them back"
            continue
        if voices == {"noun"}:
            continue
        if not unit.noun and not unit.has("noun"):
            unit.verb = not (inflecting and (_named_by(units, i) or _describes(units, i)))
            if not unit.verb:
                unit.tags.pop("act", None)
            continue
        unit.verb = _verbal(units, i) or (leading and _leads(units, i))
        if not unit.verb:
            unit.tags.pop("act", None)


def _named_by(units: list[Unit], i: int) -> bool:
    """Say whether a determiner makes a noun of a bare verb form: "the target", "its ships", "a pound"."""
    before = units[i - 1] if i else None
    tags = (*units[i].tags.get("act", ()), *units[i].tags.get("voice", ()))
    if before is None or not tags or any(t.voice != "act" or not t.finite for t in tags):
        return False
    if _determines(before) or _led(before, units[i]):
        return True
    after = units[i + 1] if i + 1 < len(units) else None
    if after is not None and _object(after):
        return False
    if (before.has("thing") or before.has("deed")) and not before.verb:
        if after is not None and after.low == "," and units[i].low.endswith("s"):
            return True  # "four supply ships, and"
        return before.low.endswith("s") == units[i].low.endswith("s")  # "patrol ship", "rebels advances"
    j = i - 1
    while j > 0 and i - j <= 2 and not units[j].tags and units[j].entity is None and not units[j].punct:
        j -= 1
    return j < i - 1 and (_determines(units[j]) or (units[j].has("rel") and not units[j].has("rel", "to")))


def _led(before: Unit, unit: Unit) -> bool:
    """Say whether a preposition makes a noun of what could be a verb: "a choice of targets", "to camps"."""
    if not before.has("rel") or before.has("bound") or before.verb or " " in before.low:
        return False
    if before.has("aux"):
        return unit.low.endswith("s") and not unit.low.endswith("ss")  # no infinitive
    return not before.has("post")


def _describes(units: list[Unit], i: int) -> bool:
    """Say whether a participle between a verb and a thing only describes it: "sold used vehicles"."""
    if not i or i + 1 >= len(units) or not units[i - 1].verb or not units[i - 1].has("act"):
        return False
    participle = all(t.voice in ("both", "part") for t in units[i].tags.get("act", ()))
    return participle and units[i].has("act") and units[i + 1].has("thing")


def _determines(unit: Unit) -> bool:
    """Say whether a noun must follow: "the", "its", "Ankara's", "two"."""
    if unit.has("pron", "own") or unit.has("poss") or NUMBER.fullmatch(unit.low):
        return True
    return unit.has("det") and not unit.has("pron", "state")


def _auxiliary(units: list[Unit], i: int) -> bool:
    """Say whether "have" only helps another verb: "has long sent", "had been killed", "had to leave"."""
    if i + 1 < len(units) and units[i + 1].has("aux") and units[i + 1].has("rel", "to"):
        return True
    for one in units[i + 1 : i + 5]:
        if one.has("aux", "be") or (one.tags.keys() & {"act", "voice"} and not one.noun):
            return True
        if (
            one.tags.keys() & {"det", "thing", "role", "deed", "num", "rel"}
            or one.entity is not None
            or one.punct
        ):
            return False
        if one.low.endswith(("ed", "en")) and not one.tags:
            return True
    return False


def _personal(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Take a preposition that only marks people as objects for none: "retiró a sus soldados"."""
    for i, unit in enumerate(units[:-1]):
        if unit.low not in vocabulary.personal or not i:
            continue
        verb = i - 1 if units[i - 1].entity is None or i < 3 else i - 3  # "envió a Haití a sus soldados"
        while verb and not units[verb].verb and (units[verb].has("aux") or units[verb].has("mod")):
            verb -= 1  # "enviaron en secreto a cientos de mercenarios"
        if not (units[verb].verb and units[verb].has("act")):
            continue
        behind = units[i + 1 : i + 5]
        noun = next((u for u in behind if u.noun or u.entity is not None), None)
        if noun is not None and noun.entity is None and (noun.has("thing") or noun.has("role", "side")):
            unit.tags.pop("rel", None)


def _literal(units: list[Unit], i: int) -> bool:
    """Read a verb that machines translate word for word as an auxiliary: "memiliki dikirim"."""
    unit, verb = units[i], units[i + 1]
    if not (verb.has("act") or verb.has("voice")) or verb.noun or verb.entity is not None:
        return False
    unit.tags = {"aux": unit.tags["calque"]}
    unit.verb = False
    if unit.has("aux", "have") and verb.has("act"):
        verb.tags["act"] = tuple(
            t._replace(voice="act") if t.voice == "pass" else t for t in verb.tags["act"]
        )
    return True


def _takes_object(units: list[Unit], i: int) -> bool:
    """Say whether a word that is mostly an adverb is a verb here: what it does to whom follows."""
    after = units[i + 1] if i + 1 < len(units) else None
    moved = i > 0 and (units[i - 1].verb or units[i - 1].has("pron"))
    return (
        after is not None and not moved and (_object(after) or after.has("role") or after.text[:1].isupper())
    )


def _verbal(units: list[Unit], i: int) -> bool:
    """Say whether a word that can be verb or noun is a verb here."""
    before = units[i - 1] if i else None
    after = units[i + 1] if i + 1 < len(units) else None
    if before is None:
        return False
    if before.has("aux") or before.has("pron", "state") or before.has("bound", "relative"):
        return True
    if before.has("pron", "country") and after is not None and _object(after) and not after.has("thing"):
        return True  # "that the country arms the rebels"
    if before.has("rel", "to") and after is not None and (after.has("det") or after.entity is not None):
        return True
    if _gerund(units[i]) and after is not None and _object(after):
        return True  # "of arming the rebels", "denies sending troops"
    if before.has("conj") and i > 1 and units[i - 2].verb and after is not None and _object(after):
        return True  # "has created and pays militias"
    if before.has("clitic") and before.has("det") and before.low.endswith("s") and _single(units[i]):
        return True  # "les arme" is no noun: that would be "les armes"
    if before.has("det") or before.has("poss") or before.has("pron") or before.has("num"):
        return False
    if before.has("rel") or NUMBER.fullmatch(before.low):
        return False
    article = after is not None and after.has("det")  # "des" is one too
    if after is None or (after.has("rel") and not article) or after.punct or after.has("aux"):
        return False
    if after.has("conj") and before.entity is not None and _both_verbs(units, i):
        return True  # "Algeria arms and funds the rebels"
    named = before.entity is not None and (
        before.entity.kind != "demonym" or (i > 1 and units[i - 2].noun and not units[i - 2].has("deed"))
    )  # "l'armée turque forme des commandos"
    if named or (before.noun and before.low.endswith("s")):
        return after.has("det") or after.entity is not None or after.noun or after.has("num")
    return False


def _both_verbs(units: list[Unit], i: int) -> bool:
    """Say whether what is joined to the word at `i` can be a verb as well, with an object behind it."""
    joined, behind = units[i + 2 : i + 3], units[i + 3 : i + 4]
    return bool(joined and behind) and joined[0].has("act") and _object(behind[0])


def _leads(units: list[Unit], i: int) -> bool:
    """Say whether a word that can be verb or noun opens a clause as its verb: "شن الطيران غارات".

    Who does it stands right behind it, and then what is done: a noun would have "of" or "on" there.
    """
    before = units[i - 1] if i else None
    opened = before is None or before.has("conj") or before.has("bound") or before.punct
    if not opened or not any(t.voice in FINITE for t in units[i].tags.get("act", ())):
        return False
    behind = units[i + 1 : i + 8]
    if not behind or not (behind[0].actor or (behind[0].has("role", "state") and not behind[0].verb)):
        return False
    for one in behind[1:]:
        if one.has("rel") or one.punct or one.verb or one.has("bound"):
            return False
        if one.noun or one.has("num") or one.has("det") or NUMBER.fullmatch(one.low):
            return True
    return False


def _single(unit: Unit) -> bool:
    return " " not in unit.low and not unit.low.endswith(("s", "x", "z"))


def _gerund(unit: Unit) -> bool:
    """Say whether a word is a gerund: a form that is no finite verb."""
    acts = unit.tags.get("act", ())
    return bool(acts) and not any(t.finite for t in acts)


def _object(unit: Unit) -> bool:
    """Say whether a unit begins an object."""
    return (
        unit.has("det")
        or unit.has("num")
        or unit.has("thing")
        or unit.has("mod", "more")
        or unit.actor
        or bool(NUMBER.fullmatch(unit.low))
    )


def _attach(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Give things and roles their nationality: "Russian mercenaries", "pasukan Turki", "army of Chad"."""
    for unit, behind in itertools.pairwise(units):
        if _is(unit, "government") and unit.has("role") and behind.case == "of" and behind.actor:
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
        if vocabulary.adjective == "after" and not unit.nationality and vocabulary.order != "vso":
            _misplaced(units, i)
        if vocabulary.adjective == "after" and i and units[i - 1].has("thing", "troops"):
            _armed_with(unit, units[i - 1])
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
        if one.tags or (one.entity is not None and not _is(one, "demonym")) or one.punct:
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
        if one.actor or (one.where and one.head is None):
            possessed = units[j + 1].has("poss") or (one.case == "of" and _next(units, j, i, only))
            if unit.has("bare") and not units[j + 1].has("poss") and not _is(one, "demonym"):
                return  # "Türkiye asker gönderdi", "Liberya'nın isyancılara verdiği"
            if (one.case or (only and not _is(one, "demonym"))) and not possessed:
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
            if adjective and j >= 1 and not possessed and _is(units[j - 1], "demonym"):
                j, steps = j - 1, steps + 1
                continue
            return
        if (
            one.verb
            or one.has("aux", "be")
            or one.has("rel")
            or one.has("bound")
            or one.has("conj")
            or (one.punct and one.low != ",")
        ):
            return
        if one.low == ",":
            return
        if one.noun and one.nationality and not one.has("deed"):
            if one.case not in ("", "of"):
                return
            if unit.has("deed") or unit.has("role") or (one.case == "of" and one.has("role", "state")):
                unit.nationality.extend(one.nationality)
            return
        j, steps = j - 1, steps + 1


def _joined_owners(units: list[Unit], j: int, unit: Unit) -> None:
    """Own a thing by the adjectives joined to the one at `j`, too: "Angolan and Namibian forces"."""
    while j >= 2 and _is(units[j], "demonym") and _is(units[j - 2], "demonym"):
        if units[j - 2].head is not None or not (units[j - 1].has("conj") or units[j - 1].low == ","):
            return
        _own(unit, units[j - 2])
        unit.listed = True
        j -= 2


GIVEN: Final = ("weapon", "military_aid", "money", "materiel", "intel", "sum")


def _is_given(units: list[Unit], j: int, unit: Unit) -> bool:
    """Say whether the mention at `j` is whom a thing is given to: "gave the Houthis weapons"."""
    if units[j].entity is None or _is(units[j], "demonym") or not any(unit.has("thing", g) for g in GIVEN):
        return False
    k = j - 1
    while k >= 0 and units[k].has("det"):
        k -= 1
    return k >= 0 and units[k].verb and units[k].has("act", "transfer") and units[k].voice() != "attr"


def _next(units: list[Unit], j: int, i: int, plain: bool) -> bool:
    """Say whether only numbers and the like stand between an owner in the genitive and what it owns."""
    return all(
        u.has("num") or u.has("det") or u.has("mod") or NUMBER.fullmatch(u.low) or (plain and not u.tags)
        for u in units[j + 1 : i]
    )


ANY_OWNER: Final = frozenset({"det", "role", "some", "firm"})  # what may stand before its name


def _after(units: list[Unit], i: int, unit: Unit, adjective: bool, only: bool = False) -> None:
    """Look for an owner on the right; with `only`, adjectives do not stand there, names do."""
    j = i + 1
    if j >= len(units):
        return
    firm = units[j].has("rel", "in") and unit.has("firm")
    if firm or units[j].has("rel", "of") or (units[j].has("rel", "from") and unit.has("thing")):
        j += 1
        while j < len(units) and (
            not ANY_OWNER.isdisjoint(units[j].tags)
            or (units[j].has("rel", "of") and units[j - 1].has("role"))
        ):
            j += 1
        if j < len(units) and (units[j].actor or units[j].where) and not unit.nationality:
            if j + 2 < len(units) and units[j + 1].has("made") and units[j + 1].glued:
                return  # "from Yugoslav-era stocks"
            _own(unit, units[j])
            _listed(units, j, unit)
            if _is(units[j], "demonym"):  # "of the Russian Wagner Group", "of the Lebanese group Hezbollah"
                skip = (
                    2 if j + 2 < len(units) and not units[j + 1].actor and units[j + 1].low.isalpha() else 1
                )
                if j + skip < len(units) and units[j + skip].actor and not units[j + 1].has("rel"):
                    _own(unit, units[j + skip])
            return
        if not adjective or j >= len(units) or not units[j].has("thing", "troops"):
            return
        j += 1  # "prajurit dari Batalion Parasut ke-2 Prancis"
    if not adjective:
        return
    steps = 0
    while j < len(units) and steps <= 1:
        one = units[j]
        if one.has("rel", "of") and j > i + 1 and unit.has("thing", "recon"):
            j += 1  # "pesawat intai AP-3C milik Australia"
            continue
        if one.has("made"):
            unit.maker = True
            for maker in units[j + 1 : j + 3]:
                if maker.actor:
                    maker.made, maker.head = True, unit
            return
        if one.actor:
            if one.case not in ("", "of") or (only and _is(one, "demonym")):
                return  # "передала оружие Украине"
            _own(unit, one)
            if j + 1 < len(units) and units[j + 1].actor:
                j += 1
                continue
            return
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


def _listed(units: list[Unit], j: int, unit: Unit) -> None:
    """Own what is listed behind the owner at `j`: "the support of Egypt, of the Emirates and Russia"."""
    joined = False
    for one in units[j + 1 : j + 12]:
        if one.low == "," or one.has("conj"):
            joined = True
        elif not joined and _is(one, "demonym"):
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


def _clauses(units: list[Unit]) -> None:
    clause = 0
    for at, unit in enumerate(units):
        if "bound" in unit.tags or unit.low in DIVIDING:
            clause += 1
        unit.clause, unit.at = clause, at
    _asides(units)


def _asides(units: list[Unit]) -> None:
    """Mark parentheses: what a comma and a relative or "according to" open, and a comma closes."""
    at = 0
    while at < len(units) - 1:
        end = None
        if units[at].low == "(":
            end = next((j for j in range(at + 1, min(len(units), at + 40)) if units[j].low == ")"), None)
        elif units[at].low == ",":
            opening = units[at + 1]
            if (
                opening.has("bound", "relative")
                or opening.has("voice", "according")
                or opening.has("inverted")
            ):
                end = _closing(units, at + 1)
            else:
                end = _said(units, at)
        if end is None:
            at += 1
            continue
        for unit in units[at + 1 : end]:
            unit.aside = at + 1
        at = end if units[end].low == "," else end + 1


def _said(units: list[Unit], at: int) -> int | None:
    """Return the comma that closes words on who says it: "the fighters, a spokesman said on Monday, had"."""
    told = False
    for j in range(at + 1, min(len(units) - 1, at + 20)):
        one = units[j]
        if one.low == ",":
            after = next((u for u in units[j + 1 : j + 3] if not u.low.endswith("ly")), None)
            going_on = after is not None and (after.verb or after.has("aux") or after.has("mod"))
            return j if told and going_on else None
        if (
            one.has("bound")
            or one.low in (";", ":")
            or (one.verb and one.has("act") and not one.has("voice"))
        ):
            return None
        told = told or (one.has("voice", "say") and (one.verb or not one.noun))
    return None


def _closing(units: list[Unit], start: int) -> int | None:
    """Return the comma that closes a parenthesis: the first before a verb, else the first of all."""
    commas = []
    for j in range(start, min(len(units), start + 40)):
        if units[j].low in (";", ":"):
            break
        if units[j].low == ",":
            commas.append(j)
    for j in commas:
        after = next((u for u in units[j + 1 : j + 4] if not (u.has("mod") or u.has("aux"))), None)
        if after is not None and after.verb:
            return j
    return commas[0] if commas else None


def _is(unit: Unit, kind: str) -> bool:
    return unit.entity is not None and unit.entity.kind == kind
