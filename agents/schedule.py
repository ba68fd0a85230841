"""When a subscriber may be told: quiet hours, digests, a share of an hour. Times in seconds since 1970."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from pipeline.types import Quiet, Subscriber

HOUR = 3600.0
DAY = 86_400.0


def awake(quiet: Quiet | None, at: float) -> float:
    """Return when something may be sent: `at`, or the end of the quiet hours that it falls into."""
    if quiet is None:
        return at
    zone, start, end = ZoneInfo(quiet.zone), time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    local = datetime.fromtimestamp(at, zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        begin = datetime.combine(day, start, zone).timestamp()
        over = datetime.combine(day + timedelta(days=end <= start), end, zone).timestamp()
        if begin <= at < over:
            return over
    return at


def hour_start(at: float) -> float:
    return at - at % HOUR


def day_start(at: float) -> float:
    """Return the last midnight UTC: when the last daily digest ended."""
    return at - at % DAY


def day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def allowed(reader: Subscriber, theatre: str, mailed: Mapping[str, int], waiting: Collection[str]) -> bool:
    """Tell whether one more mail on `theatre` fits into the hour, with a share left for the other theatres.

    `mailed`: mails of this hour by theatre; `waiting`: theatres with something to tell.
    """
    if reader.per_hour is None:
        return True
    if sum(mailed.values()) >= reader.per_hour:
        return False
    single = reader.theatres is not None and len(reader.theatres) == 1
    sharers = 1 if single else max(2, len({*mailed, *waiting, theatre}))
    return mailed.get(theatre, 0) < ceil(reader.per_hour / sharers)
