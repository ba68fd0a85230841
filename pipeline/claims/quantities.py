"""How many: of the figures in a claim's sentence, the one that counts what the claim is about."""

from functools import lru_cache
from typing import Final

from pipeline.claims.figures import Figure, Figures
from pipeline.claims.moments import When
from pipeline.claims.scene import Candidate
from pipeline.claims.units import Unit
from pipeline.claims.validity import PERSONNEL
from pipeline.claims.vocabulary import Vocabulary, words
from pipeline.types import Quantity

PEOPLE: Final = frozenset({"troops", "mercenaries", "foreign_fighters", "training", "peace_operation"})
MONEY: Final = frozenset({"funding", "arms", "pact", "materiel", "training", "unspecified_support"})
COUNTED: Final = {  # type -> things that a figure may count besides the claim's own
    "troops": PERSONNEL,
    "mercenaries": PERSONNEL,
    "foreign_fighters": PERSONNEL,
    "training": PERSONNEL,
    "peace_operation": PERSONNEL,
    "arms": frozenset({"weapon", "military_aid"}),
    "materiel": frozenset({"materiel", "weapon", "aircraft", "vehicle"}),
    "strikes": frozenset({"weapon", "aircraft", "strike"}),
}
NEAR: Final = 6  # units between a figure and what it counts


def quantity_of(
    one: Candidate, body: str, quote: tuple[int, int], vocabulary: Vocabulary, times: tuple[When, ...]
) -> Quantity | None:
    """Return the figure for the claim; every figure of it stands in the quote."""
    offset = one.sentence.start
    taken = [(w.start + offset, w.end + offset) for w in times]
    best: tuple[float, Quantity] | None = None
    for figure in figured(figures_of(vocabulary), body[offset : one.sentence.end]):
        start, core, end = figure.start + offset, figure.core + offset, figure.end + offset
        if start < quote[0] or end > quote[1] or any(a < end and core < b for a, b in taken):
            continue
        row = weigh(one, figure, start, core, end, vocabulary)
        if row is not None and (best is None or row[0] > best[0]):
            low, high = figure.bounds
            best = row[0], Quantity(min=low, max=high, unit=row[1], raw=body[start:end])
    return best[1] if best else None


def figures_of(vocabulary: Vocabulary) -> Figures:
    """Return the number words of a language, kept on its vocabulary."""
    kept: Figures | None = vocabulary.__dict__.get("_figures")
    if kept is None:
        kept = vocabulary.__dict__["_figures"] = Figures(vocabulary)
    return kept


@lru_cache(maxsize=512)
def figured(figures: Figures, text: str) -> tuple[Figure, ...]:
    """Return the figures of a sentence; several claims may ask for the same one."""
    return tuple(figures.find(text, 0, len(text)))


def weigh(
    one: Candidate, figure: Figure, start: int, core: int, end: int, vocabulary: Vocabulary
) -> tuple[float, str] | None:
    """Return (weight, unit) of a figure for the claim, None where it counts something else."""
    units = one.sentence.units
    inside = [u for u in units if u.end > core and u.start < end]
    if not inside or any(u.entity is not None for u in inside if not figure.currency):
        return None
    first, past = inside[0].at, inside[-1].at + 1
    away = min(abs(first - one.trigger.at), abs(first - one.thing.at) if one.thing is not None else 99)
    same = one.trigger.clause == inside[0].clause or (
        one.thing is not None and one.thing.clause == inside[0].clause
    )
    if figure.currency:
        if one.type not in MONEY or not same:
            return None
        return (90 if one.type == "funding" else 50) - away, figure.currency
    if suffers(units, first, past, vocabulary):
        return None
    noun = counted(one, units, past, vocabulary)
    told = cued(units, next(u for u in units if u.end > start).at, vocabulary)
    if noun is None:
        loose = told and one.type in PEOPLE and same and not figure.digits
        return (20 - away, "people") if loose else None
    unit = unit_of(one, noun, vocabulary)
    if noun is one.thing:
        return 100 - away, unit
    if measure_of(noun, vocabulary) or set(noun.values("thing")) & COUNTED.get(one.type, frozenset()):
        return (60 if same else 30) - away, unit
    if one.type == "strikes" and noun.has("deed", "attack"):
        return 50 - away, unit
    return None


def counted(one: Candidate, units: list[Unit], past: int, vocabulary: Vocabulary) -> Unit | None:
    """Return the noun behind a figure that it counts."""
    for unit in units[past : past + NEAR]:
        if unit is one.thing or measure_of(unit, vocabulary):
            return unit
        if unit.low in uncounted(vocabulary) or unit.has("voice"):
            return None
        if unit.has("thing") or (unit.has("deed") and not unit.verb):
            return unit
        if (
            unit.verb
            or unit.has("bound")
            or (unit.has("rel") and not unit.has("rel", "of"))
            or unit.has("conj")
        ):
            return None
        if unit.punct and unit.low not in ".-'\"“”":
            return None
    return None


def unit_of(one: Candidate, noun: Unit, vocabulary: Vocabulary) -> str:
    if measure := measure_of(noun, vocabulary):
        return measure
    kinds = set(noun.values("thing"))
    if kinds & PERSONNEL:
        return "people"
    return "people" if one.type in PEOPLE and not kinds else "items"


def measure_of(noun: Unit, vocabulary: Vocabulary) -> str:
    """Return the unit that a noun itself is: flights, tonnes; "" for none."""
    return vocabulary.units.get(noun.low) or vocabulary.units.get(noun.low.rsplit(" ", 1)[-1], "")


def suffers(units: list[Unit], first: int, past: int, vocabulary: Vocabulary) -> bool:
    """Say whether a figure counts the dead, or is no count at all: "killing 33", "20 km"."""
    marks = wordset(vocabulary, "casualties")
    if units[past : past + 1] and units[past].low in uncounted(vocabulary):
        return True
    before = units[max(0, first - 3) : first]
    return any(u.low in marks for u in (*before, *units[past : past + 1]))


def cued(units: list[Unit], at: int, vocabulary: Vocabulary) -> bool:
    """Say whether a word such as "numbering" stands before a figure."""
    cues = {words(str(p)) for p in vocabulary.sheet.get("quantities", {}).get("counting", ())}
    low = [w for u in units[max(0, at - 3) : at] for w in u.low.split(" ")]
    return any(tuple(low[-n:]) in cues for n in (1, 2, 3) if len(low) >= n)


def uncounted(vocabulary: Vocabulary) -> frozenset[str]:
    return wordset(vocabulary, "uncounted")


def wordset(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    kept: dict[str, frozenset[str]] = vocabulary.__dict__.setdefault("_wordsets", {})
    if name not in kept:
        kept[name] = frozenset(str(w) for w in vocabulary.sheet.get("quantities", {}).get(name, ()))
    return kept[name]
