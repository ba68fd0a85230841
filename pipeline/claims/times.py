"""When a claim's act happened: of the times told in its sentence, the one that belongs to it."""

from datetime import date
from functools import lru_cache
from typing import Final

from pipeline.claims.moments import Calendar, When
from pipeline.claims.scene import Candidate
from pipeline.claims.units import Unit
from pipeline.claims.vocabulary import Vocabulary
from pipeline.types import Article, EventTime

AHEAD: Final = frozenset({"planned", "promised", "threatened", "hypothetical"})
INTENT: Final = AHEAD | {"authorised", "requested"}
ELSEWHERE: Final = 24  # how much nearer a time in another clause would have to be
REACH: Final = 40  # units between an act and its time
TELLING: Final = ("voice", "telling")


def time_of(
    one: Candidate, article: Article, times: tuple[When, ...], elsewhere: frozenset[str]
) -> EventTime | None:
    """Return when it happened, None where the sentence does not say."""
    anchor = article.published_at.date() if article.published_at else None
    offset = one.sentence.start
    best: tuple[int, EventTime] | None = None
    for when in times:
        far = distance(one, when, offset, elsewhere)
        if far is None or (best is not None and far >= best[0]):
            continue
        ahead = one.realis in AHEAD or (when.edge == "until" and one.realis == "ongoing")
        if (time := resolved(when, anchor, ahead)) is not None:
            best = far, time
    return best[1] if best else None


def resolved(when: When, anchor: date | None, ahead: bool) -> EventTime | None:
    try:
        return when.resolve(anchor, ahead)
    except (ValueError, OverflowError):
        return None  # a day out of the calendar's range


def calendar_of(vocabulary: Vocabulary, code: str) -> Calendar:
    """Return the calendar of a language, kept on its vocabulary."""
    kept: Calendar | None = vocabulary.__dict__.get("_calendar")
    if kept is None:
        kept = vocabulary.__dict__["_calendar"] = Calendar(code, vocabulary.sheet, vocabulary.numbers)
    return kept


@lru_cache(maxsize=512)
def told(calendar: Calendar, text: str) -> tuple[When, ...]:
    """Return the times of a sentence; several claims may ask for the same one."""
    return tuple(calendar.find(text, 0, len(text)))


def distance(one: Candidate, when: When, offset: int, elsewhere: frozenset[str]) -> int | None:
    """Say how far a time is from the act, None where it belongs to something else."""
    units = one.sentence.units
    start, end = when.start + offset, when.end + offset
    at = next((u.at for u in units if u.end > start), len(units) - 1)
    past = next((u.at for u in units if u.start >= end), len(units))
    owner = owner_of(one, units, at, past, elsewhere)
    trigger = one.trigger
    away = min(abs(at - trigger.at), abs(past - 1 - trigger.at))
    if owner is None or owner is trigger:
        return away if away <= REACH else None
    if (owner.low in elsewhere and not when.edge) or one.realis in INTENT:
        return None
    if any(owner.has(kind) for kind in TELLING) and not (owner.has("act") and owner.verb):
        return None
    if any(u.has("bound", "time") for u in units[min(owner.at, trigger.at) + 1 : at - 1]) and not when.edge:
        return None
    if owner.clause != trigger.clause:
        return away + ELSEWHERE if away <= REACH // 2 else None
    return away


def owner_of(one: Candidate, units: list[Unit], at: int, past: int, elsewhere: frozenset[str]) -> Unit | None:
    """Return the verb or noun that a time hangs on: the nearest before it, else the first one behind."""
    for j in range(at - 1, -1, -1):
        unit = units[j]
        if unit is one.trigger or owns(unit) or unit.low in elsewhere:
            return unit
        if unit.low == ";" or unit.has("bound", "contrast"):
            break
    return next((u for u in units[past:] if u is one.trigger or owns(u)), None)


def owns(unit: Unit) -> bool:
    return unit.verb or unit.has("voice") or unit.has("telling")
