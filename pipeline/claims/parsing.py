"""Parsing of a sentence's units: verb or noun, what belongs to whom, and where clauses begin."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pipeline.claims.idioms import close
from pipeline.claims.owners import attach
from pipeline.claims.tidying import rounded, sums, unbound, whole_numbers
from pipeline.claims.units import DIVIDING, GIVEN, NUMBER, Unit, cut
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
    if "parted" in vocabulary.sheet:
        close(units, text, vocabulary)
    if vocabulary.tongues:
        _tongues(units, vocabulary.tongues)
    if vocabulary.excepting:
        _excepted(units, vocabulary.excepting)
    if vocabulary.fused:
        _fused(units, vocabulary.fused)
    if vocabulary.peoples:
        _peoples(units, vocabulary.peoples)
    if vocabulary.nominative:
        _adjectives(units, vocabulary)
    if vocabulary.infinitive:
        _infinitives(units, vocabulary.infinitive)
    _choose(units, bool(vocabulary.sheet.get("inflection")), vocabulary.order == "vso")
    _personal(units, vocabulary)
    rounded(units)
    unbound(units)
    sums(units, vocabulary)
    attach(units, vocabulary)
    _clauses(units)
    return units


FINITE: Final = frozenset({"act", "both"})


def _nouns(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Read what bears an article, or ends as only nouns do, as no verb: "الدفعة" is no "دفعه"."""
    for unit in units:
        if unit.text in vocabulary.proper:
            unit.tags.clear()  # "علي" is a name, "على" a preposition
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
            unit.tags.pop("mood", None)


EXCEPTED: Final = 12  # units between a negation and its exception


def _excepted(units: list[Unit], excepting: frozenset[str]) -> None:
    """Take a negation before its exception for none: "لا تعترف به إلا ثلاث دول" is recognised by three."""
    for i, unit in enumerate(units):
        if unit.low not in excepting or (i + 1 < len(units) and units[i + 1].has("bound")):
            continue
        for one in units[max(0, i - EXCEPTED) : i][::-1]:
            if one.has("mod", "negative") and one.low not in excepting:
                one.tags.pop("mod")
                unit.tags.pop("mod", None)
                break
            if one.punct and one.low != ",":
                break


def _tongues(units: list[Unit], tongues: Collection[str]) -> None:
    """Read a nationality that is a language for none: "serdadu berbahasa Portugis"."""
    for before, unit in itertools.pairwise(units):
        if before.low in tongues and unit.of_kind("demonym", "country"):
            unit.entity = None


def _fused(units: list[Unit], fused: Mapping[str, str]) -> None:
    """Read a preposition that is one with the article of a name: "للسودان" is to Sudan."""
    for unit in units:
        if unit.entity is not None and not unit.case:
            unit.case = next((case for head, case in fused.items() if unit.text.startswith(head)), "")


def _peoples(units: list[Unit], endings: Mapping[str, str]) -> None:
    """Read the case of people named by their land: "Amerikalıların" is theirs, "Kolombiyalılara" to them."""
    for unit in units:
        if unit.of_kind("demonym"):
            tail = next((tail for tail in endings if unit.low.endswith(tail)), None)
            if tail is not None:
                unit.case = unit.case or endings[tail].strip("-")
                unit.tags["peoples"] = (Tag("peoples", ""),)


def _adjectives(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Mark adjectives in the nominative: "турецкие офицеры" do what the verb before them tells.

    And those in the genitive that a number asks for: "200 турецких офицеров".
    """
    for unit in units:
        if unit.of_kind("demonym") and not unit.has("peoples"):
            if unit.low.endswith(vocabulary.nominative):
                unit.tags["nominative"] = (Tag("nominative", ""),)
            elif unit.low.endswith(vocabulary.plural_genitive):
                unit.tags["genitive"] = (Tag("genitive", ""),)


def _infinitives(units: list[Unit], endings: tuple[str, ...]) -> None:
    """Mark infinitives that open a clause: what governs them stands behind, "помогать Париж не станет"."""
    for at, unit in enumerate(units):
        opens = at == 0 or units[at - 1].punct
        if opens and unit.has("act") and unit.low.split()[0].endswith(endings):
            unit.tags["fronted"] = (Tag("fronted", ""),)


def _perfects(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Take a particle before a perfect for no doubt: "قد تسلمت" has received, "قد تتسلم" may receive."""
    for unit, after in itertools.pairwise(units):
        if unit.low not in vocabulary.emphatic:
            continue
        bent = after.low[:1] in vocabulary.imperfect and not after.low.endswith(vocabulary.perfect)
        bent = bent and after.low not in vocabulary.perfects
        if not (after.noun or after.actor or after.punct or after.tags.keys() & {"det", "num", "rel"}):
            unit.tags.pop("act", None)  # "فقد أرسلت" has lost nothing
        if after.has("aux", "be") or (after.tags.keys() & {"act", "voice"} and not bent):
            unit.tags.pop("mod", None)


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
        unit.verb = (_verbal(units, i) and not (leading and _led_by_verb(units, i))) or (
            leading and _leads(units, i)
        )
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
    if before.of_kind("demonym") and after is not None and after.has("rel", "of"):
        return True  # "on the Turkish side of the border"
    if (before.has("thing") or before.has("deed")) and not before.verb:
        if after is not None and after.low == "," and units[i].shaped("plural"):
            return True  # "four supply ships, and"
        return before.shaped("plural") == units[i].shaped("plural")  # "patrol ship", "rebels advances"
    j = i - 1
    while j > 0 and i - j <= 2 and not units[j].tags and units[j].entity is None and not units[j].punct:
        j -= 1
    return j < i - 1 and (_determines(units[j]) or (units[j].has("rel") and not units[j].has("rel", "to")))


def _led(before: Unit, unit: Unit) -> bool:
    """Say whether a preposition makes a noun of what could be a verb: "a choice of targets", "to camps"."""
    if not before.has("rel") or before.has("bound") or before.verb or " " in before.low:
        return False
    if before.has("aux"):
        return unit.shaped("plural")  # no infinitive
    return not before.has("post")


def _describes(units: list[Unit], i: int) -> bool:
    """Say whether a participle between a verb and a thing only describes it: "sold used vehicles"."""
    if not i or i + 1 >= len(units) or not units[i].has("act"):
        return False
    participle = all(t.voice in ("both", "part") for t in units[i].tags["act"])
    before, after = units[i - 1], units[i + 1]
    if participle and before.has("article"):
        return after.noun or (after.text.islower() and not after.tags)  # "any armed intervention"
    return participle and before.verb and before.has("act") and after.has("thing")


def _determines(unit: Unit) -> bool:
    """Say whether a noun must follow: "the", "its", "Ankara's", "two"."""
    if unit.has("pron", "own") or unit.has("poss") or NUMBER.fullmatch(unit.low):
        return True
    return unit.has("det") and not unit.has("pron", "state")


def _auxiliary(units: list[Unit], i: int) -> bool:
    """Say whether "have" only helps another verb: "has long sent", "had been killed", "had to leave"."""
    if i + 1 < len(units) and units[i + 1].has("aux") and units[i + 1].has("rel", "to"):
        return True
    for j, one in enumerate(units[i + 1 : i + 5], i + 1):
        if one.has("aux", "be") or (one.tags.keys() & {"act", "voice"} and not one.noun):
            return True
        if (
            one.tags.keys() & {"det", "thing", "role", "deed", "num", "rel"}
            or one.entity is not None
            or one.punct
        ):
            return False
        if one.shaped("participle") and not one.tags:
            return not any(NUMBER.fullmatch(u.low) for u in units[j + 1 : j + 2])  # "between 3,000 and"
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
        if noun is None or noun.entity is not None or not (noun.has("thing") or noun.has("role", "side")):
            continue
        if not (units[verb].has("act", "transfer") and _something_given(units, units.index(noun, i))):
            unit.tags.pop("rel", None)


GIVEN_WITHIN: Final = 12  # units behind who gets it


def _something_given(units: list[Unit], k: int) -> bool:
    """Say whether a thing follows the people at `k`, who then get it: "entregó a las milicias fusiles"."""
    led = False  # whether a preposition stands before, and what it governs not yet
    for one in units[k + 1 : k + GIVEN_WITHIN]:
        if one.verb or one.has("bound") or one.has("conj") or one.low in ";:":
            return False
        if any(one.has("thing", kind) for kind in GIVEN):
            return not led
        led = (led or one.has("rel")) and not (one.entity is not None or one.noun)
    return False


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
    if before.has("clitic") and before.has("det") and before.shaped("plural") and _single(units[i]):
        return True  # "les arme" is no noun: that would be "les armes"
    if before.has("det") or before.has("poss") or before.has("pron") or before.has("num"):
        return False
    if before.of_kind("country", "capital") and _opens_object(units, i - 1):
        return True  # "les Houthis, que l'Iran arme"
    if before.has("rel") or NUMBER.fullmatch(before.low):
        return False
    article = after is not None and after.has("det")  # "des" is one too
    if after is not None and after.has("rel", "to") and _heads_clause(units, i - 1):
        return True  # "Rusia entrega a Malí helicópteros"
    if after is None or (after.has("rel") and not article) or after.punct or after.has("aux"):
        return False
    if after.has("conj") and before.entity is not None and _both_verbs(units, i):
        return True  # "Algeria arms and funds the rebels"
    named = before.entity is not None and (
        before.entity.kind != "demonym" or (i > 1 and units[i - 2].noun and not units[i - 2].has("deed"))
    )  # "l'armée turque forme des commandos"
    if named or (before.noun and before.shaped("plural")):
        return after.has("det") or after.entity is not None or after.noun or after.has("num")
    return False


def _heads_clause(units: list[Unit], k: int) -> bool:
    """Say whether a bare name of a state opens its clause: what follows is what it does."""
    if not units[k].of_kind("country", "capital", "government"):
        return False
    before = units[k - 1] if k else None
    if before is not None and before.has("det") and k > 1:
        before = units[k - 2]
    return before is None or before.punct or before.has("bound") or before.has("det")


def _opens_object(units: list[Unit], k: int) -> bool:
    """Say whether an object relative stands right before the name at `k`: "al que Irán arma"."""
    j = k - 1
    while j > 0 and units[j].has("det") and not units[j].has("bound"):
        j -= 1
    return j > 0 and units[j].has("bound", "object")


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


def _led_by_verb(units: list[Unit], i: int) -> bool:
    """Say whether a verb and its subject stand right before the word at `i`: "أدان الحوثيون قصف", a noun."""
    for one in units[max(0, i - 5) : i][::-1]:
        if one.verb:
            return one.has("voice") or one.has("act")
        if not (one.entity is not None or one.has("role") or one.low in ("ال",)) or one.punct:
            return False
    return False


def _single(unit: Unit) -> bool:
    return " " not in unit.low and not unit.shaped("plural")


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
            after = next((u for u in units[j + 1 : j + 3] if not u.shaped("adverb")), None)
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
