"""Points and spans of time in a sentence: "on 3 May", "since last month", "in the second half of 2014".

The words for months, weekdays and relative days come from dateparser's locale data (made of CLDR), so every
language that it knows is read; what it lacks stands under `dates` in measures/CODE.yaml. Nothing is
resolved before the anchor, the day on which the article was published, is known.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from dateparser.languages.loader import default_loader
from dateutil.relativedelta import relativedelta

from pipeline.claims.cues import Cues, Token, tokens_of
from pipeline.claims.vocabulary import Words, fold, words
from pipeline.types import EventTime

MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
UNITS: Final = ("day", "week", "month", "year")
YEAR: Final = re.compile(r"(?:19[3-9]|20[0-9])\d")
DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|°|-?е|-?го)?")
AGO: Final = re.compile(
    r"(?P<n>\d+|\\1) (?P<unit>day|week|month|year) ago|in (?P<m>\d+|\\1) (?P<next>day|week|month|year)"
)
NUMBER: Final = r"(\d++[.,]?\d*+)"  # how the locale data write a number in a phrase
LONGEST: Final = 6  # words of a phrase
RANK: Final = {"day": 0, "month": 1, "year": 2}


@dataclass(frozen=True, slots=True)
class Moment:
    """What a phrase says of time; what is None has to come from the anchor."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    ago: tuple[int, str] | None = None  # how many units before the anchor
    years: int = 0  # a decade: this many years from `year` on
    half: int = 0  # of a year: 1 or 2
    turn: int = 0  # said expressly: -1 "last May", 1 "next May"

    def span(self, anchor: date | None, ahead: bool) -> tuple[date, date, str] | None:
        """Return first day, last day and precision; `ahead`: what lacks a year is still to come."""
        ahead = self.turn > 0 or (ahead and not self.turn)
        if self.ago is not None:
            return None if anchor is None else _back(anchor, *self.ago)
        if self.weekday is not None:
            return None if anchor is None else _weekday(anchor, self.weekday, ahead, self.turn)
        if self.year is None and anchor is None:
            return None
        year = self.year if self.year is not None else self._year(anchor or date.min, ahead)
        return self._of(year)

    def _year(self, anchor: date, ahead: bool) -> int:
        mine, there = (self.month or 1, self.day or 0), (anchor.month, anchor.day if self.day else 0)
        if ahead:
            return anchor.year + (mine < there)
        return anchor.year - (mine > there)

    def _of(self, year: int) -> tuple[date, date, str]:
        if self.month is None:
            first, last = {0: (1, 12), 1: (1, 6), 2: (7, 12)}[self.half]
            end = _month_end(year + max(0, self.years - 1), last)
            return date(year, first, 1), end, "month" if self.half else "year"
        end = _month_end(year, self.month)
        if self.day is None:
            return date(year, self.month, 1), end, "month"
        day = end.replace(day=min(self.day, end.day))
        return day, day, "day"


def _month_end(year: int, month: int) -> date:
    end: date = date(year, month, 1) + relativedelta(day=31)
    return end


def _back(anchor: date, count: int, unit: str) -> tuple[date, date, str]:
    day = anchor - relativedelta(**{unit + "s": count})
    if unit == "day":
        return day, day, "day"
    if unit == "week":
        monday = day - relativedelta(days=day.weekday())
        return monday, monday + relativedelta(days=6), "day"
    return Moment(day.year, day.month if unit == "month" else None)._of(day.year)


def _weekday(anchor: date, weekday: int, ahead: bool, turn: int) -> tuple[date, date, str]:
    away = (weekday - anchor.weekday()) % 7 if ahead else -((anchor.weekday() - weekday) % 7)
    day = anchor + relativedelta(days=away or 7 * turn)
    return day, day, "day"


@dataclass(frozen=True, slots=True)
class When:
    """A time told in a text[start:end], with the words that open it ("since") or close it ("until")."""

    start: int
    end: int
    first: Moment
    last: Moment  # the same as `first` where no range is told
    edge: str = ""  # "since" or "until"

    def resolve(self, anchor: date | None, ahead: bool = False) -> EventTime | None:
        a, b = self.first.span(anchor, ahead), self.last.span(anchor, ahead)
        if self.last is not self.first and b is not None and self.first.year is None and self.first.month:
            borrowed = self.first._of(b[0].year)
            a = borrowed if borrowed[0] <= b[1] else self.first._of(b[0].year - 1)
        if a is None or b is None or a[0] > b[1]:
            return None
        precision = min(a[2], b[2], key=RANK.__getitem__)
        return EventTime(
            start=None if self.edge == "until" else a[0].isoformat(),
            end=None if self.edge == "since" else b[1].isoformat(),
            precision=precision,  # type: ignore[arg-type]
        )


@dataclass(slots=True)
class Found:
    """A moment over tokens[at:past]."""

    at: int
    past: int
    moment: Moment


class Calendar:
    """The words for time of one language."""

    def __init__(self, code: str, sheet: Mapping[str, Any], numbers: Mapping[Words, tuple[int, int]]) -> None:
        own: Mapping[str, Any] = sheet.get("dates", {})
        self.capital: bool = own.get("capital", False)  # months are written with a capital
        self.numbers = {k[0]: v[0] for k, v in numbers.items() if len(k) == 1 and v[0] == v[1] <= 100}
        self.since, self.until = Cues(own.get("since", ())), Cues(own.get("until", ()))
        self.years = Cues(own.get("years", ()))  # behind these a number is a year
        self.between, self.joiners = Cues(own.get("between", ())), Cues(own.get("joiners", ()))
        self.links, self.skip = Cues(own.get("links", ())), Cues(own.get("skip", ()))
        self.last, self.next = Cues(own.get("last", ())), Cues(own.get("next", ()))
        self.apart = Cues(own.get("apart", ()))  # as `since`, with words between
        self.elsewhere = frozenset(fold(str(w)) for w in own.get("elsewhere", ()))
        self.halves = {n: Cues(phrases) for n, phrases in own.get("halves", {}).items()}
        self.decade: str = own.get("decade", "s")
        self.months: dict[str, int] = {}
        self.short: dict[str, int] = {}  # abbreviations, only beside a day or a year
        self.weekdays: dict[str, int] = {}
        self.relative: dict[Words, tuple[int, str]] = {}
        self._from_locale(code)
        self._own(own)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for key in self.relative:
            self._lengths[key[0]] = tuple(sorted({len(key), *self._lengths.get(key[0], ())}, reverse=True))

    def _from_locale(self, code: str) -> None:
        try:
            info = default_loader.get_locale(code).info
        except ValueError:
            return
        for n, name in enumerate(MONTHS, 1):
            for form in map(fold, info.get(name, ())):
                (self.months if len(form) > 3 or form == fold(info[name][0]) else self.short)[form] = n
        abbreviated = {f for f in self.months if len(f) < 4 and sum(f == g[:3] for g in self.months) > 1}
        self.short |= {f: self.months.pop(f) for f in abbreviated}
        for n, name in enumerate(WEEKDAYS):
            self.weekdays |= {fold(f): n for f in info.get(name, ()) if len(f) > 3}
        for canon, phrases in (*info["relative-type"].items(), *info["relative-type-regex"].items()):
            if canon.endswith("ago") or canon.startswith("in "):
                for phrase in phrases:
                    self._relative(phrase.replace(NUMBER, " # "), canon)

    def _relative(self, phrase: str, canon: str) -> None:
        match = AGO.fullmatch(canon)
        key = tuple(w for w in words(phrase.replace("#", "0")))
        if match is None or len(key) > LONGEST or (len(key) == 1 and len(key[0]) < 3):
            return
        sign = 1 if match["n"] else -1
        count = match["n"] or match["m"]
        key = tuple("#" if w == "0" else w for w in key)
        self.relative.setdefault(
            key, (0 if count == "\\1" else sign * int(count), match["unit"] or match["next"])
        )
        if count == "\\1" and sign < 0:
            self.relative[key] = (-1, match["next"])

    def _own(self, own: Mapping[str, Any]) -> None:
        for canon, phrases in own.get("relative", {}).items():
            for phrase in phrases:
                self._relative(phrase, canon.replace("#", "\\1"))
        for canon, forms in own.get("forms", {}).items():
            for form in map(fold, forms):
                if canon in MONTHS:
                    self.months[form] = MONTHS.index(canon) + 1
                else:
                    self.weekdays[form] = WEEKDAYS.index(canon)

    def find(self, text: str, start: int, end: int) -> Iterator[When]:
        """Give every time told in text[start:end], in order."""
        tokens = tokens_of(text, start, end)
        found = list(self._moments(tokens))
        spans = list(self._ranges(tokens, found))
        for at, past, first, last in spans:
            at, edge = self._edge(tokens, at, first is not last)
            yield When(tokens[at].start, tokens[past - 1].end, first, last, edge)

    def _moments(self, tokens: list[Token]) -> Iterator[Found]:
        i = 0
        while i < len(tokens):
            one = self._at(tokens, i)
            if one is not None:
                one = self._turned(tokens, one)
                yield one
                i = one.past
            else:
                i += 1

    def _at(self, tokens: list[Token], i: int) -> Found | None:
        low = tokens[i].low
        if low in self.weekdays and (tokens[i].capital or not self.capital):
            return self._behind_weekday(tokens, i)
        if low[0].isdecimal():
            return (
                self._numeric(tokens, i)
                or self._day_month(tokens, i)
                or self._year(tokens, i)
                or self._ago(tokens, i)
            )
        if (low in self.months or low in self.short) and (tokens[i].capital or not self.capital):
            return self._month_first(tokens, i)
        return self._ago(tokens, i)

    def _behind_weekday(self, tokens: list[Token], i: int) -> Found:
        j = i + 1
        if j < len(tokens) and tokens[j].low in ",(":
            j += 1
        more = self._at(tokens, j) if j < len(tokens) and tokens[j].low not in self.weekdays else None
        if more is not None and more.moment.day is not None:
            return Found(i, more.past, more.moment)
        if j + 2 < len(tokens) and tokens[j - 1].low == "(" and tokens[j + 1].low == "/":
            day, month = _int(tokens[j].low), _int(tokens[j + 2].low)
            if 1 <= day <= 31 and 1 <= month <= 12:
                return Found(i, j + 3, Moment(month=month, day=day))
        return Found(i, i + 1, Moment(weekday=self.weekdays[tokens[i].low]))

    def _numeric(self, tokens: list[Token], i: int) -> Found | None:
        """Read 2021-03-04 and 4/3/2021."""
        if i + 4 >= len(tokens) or tokens[i + 1].low not in "-/." or tokens[i + 3].low != tokens[i + 1].low:
            return None
        a, b, c = (_int(tokens[j].low) for j in (i, i + 2, i + 4))
        year, month, day = (a, b, c) if a > 31 else (c, b, a)
        if YEAR.fullmatch(str(year)) and 1 <= month <= 12 and 1 <= day <= 31:
            return Found(i, i + 5, Moment(year, month, day))
        return None

    def _day_month(self, tokens: list[Token], i: int) -> Found | None:
        day = _day(tokens[i].low)
        j = self._linked(tokens, i + 1)
        if not day or j >= len(tokens):
            return None
        month = self._month(tokens[j], True)
        if not month:
            return None
        j += 1 + (j + 1 < len(tokens) and tokens[j + 1].low == ".")
        year, j = self._year_of(tokens, j)
        return Found(i, j, Moment(year, month, day))

    def _month_first(self, tokens: list[Token], i: int) -> Found | None:
        month = self._month(tokens[i], True)
        j = i + 1 + (i + 1 < len(tokens) and tokens[i + 1].low == "." and tokens[i].low in self.short)
        day = _day(tokens[j].low) if j < len(tokens) else 0
        if day and not self._counts(tokens, j):
            year, past = self._year_of(tokens, j + 1)
            return Found(i, past, Moment(year, month, day))
        year, past = self._year_of(tokens, j)
        if year is None and not self._month(tokens[i], False):
            return None
        return Found(i, past if year else i + 1, Moment(year, month))

    def _counts(self, tokens: list[Token], j: int) -> bool:
        """Say whether the number at `j` goes on, as in "May 26,000" or "May 5.5"."""
        return (
            j + 2 < len(tokens)
            and tokens[j + 1].low in ",."
            and tokens[j + 2].start == tokens[j + 1].end
            and (tokens[j + 2].low[0].isdecimal() and not YEAR.fullmatch(tokens[j + 2].low))
        )

    def _year_of(self, tokens: list[Token], j: int) -> tuple[int | None, int]:
        k = self._linked(tokens, j)
        if k < len(tokens) and tokens[k].low == ",":
            k += 1
        if k < len(tokens) and YEAR.fullmatch(tokens[k].low):
            return int(tokens[k].low), k + 1
        return None, j

    def _year(self, tokens: list[Token], i: int) -> Found | None:
        low = tokens[i].low
        if low.endswith(self.decade) and YEAR.fullmatch(low[: -len(self.decade)]) and low[3] == "0":
            return Found(i, i + 1, Moment(int(low[:4]), years=10))
        if not YEAR.fullmatch(low):
            return None
        follows = [t.low for t in tokens[i + 1 : i + 3]]
        if low[3] == "0" and follows == ["-", self.decade]:
            return Found(i, i + 3, Moment(int(low), years=10))
        half = next((n for n, cues in self.halves.items() if cues.before(tokens, i)), 0)
        if half or self._led(tokens, i):
            return Found(i, i + 1, Moment(int(low), half=half))
        return None

    def _led(self, tokens: list[Token], i: int) -> bool:
        """Say whether the number at `i` stands behind a word that makes it a year."""
        while i > 0:
            if self.years.before(tokens, i) or tokens[i - 1].low == "(":
                return True
            step = self._step(tokens, i)
            if not step:
                return False
            i -= step
        return False

    def _ago(self, tokens: list[Token], i: int) -> Found | None:
        low = tokens[i].low
        number = int(low) if low.isdecimal() and len(low) < 4 else self.numbers.get(low, 0)
        if not number and low not in self._lengths:
            return None
        for first in (low, "#") if number else (low,):
            for n in self._lengths.get(first, ()):
                counts: list[int] = []
                key = []
                for j, token in enumerate(tokens[i : i + n]):
                    value = (
                        int(token.low)
                        if token.low.isdecimal() and len(token.low) < 4
                        else self.numbers.get(token.low, 0)
                    )
                    if value and (j or first == "#"):
                        counts.append(value)
                    key.append("#" if value and (j or first == "#") else token.low)
                row = self.relative.get(tuple(key))
                if row is not None and len(key) == n:
                    count, unit = row
                    if counts:
                        count = counts[0] * (count or 1)
                    return Found(i, i + n, Moment(ago=(count, unit)))
        return None

    def _month(self, token: Token, beside: bool) -> int:
        if self.capital and not token.capital:
            return 0
        return self.months.get(token.low, 0) or (self.short.get(token.low, 0) if beside else 0)

    def _linked(self, tokens: list[Token], j: int) -> int:
        return j + 1 if j < len(tokens) and (tokens[j].low,) in self.links else j

    def _turned(self, tokens: list[Token], one: Found) -> Found:
        """Take in "last" and "next" beside a month or a weekday."""
        moment = one.moment
        if moment.year is not None or (moment.weekday is None and moment.month is None):
            return one
        for cues, turn in ((self.last, -1), (self.next, 1)):
            before, behind = cues.before(tokens, one.at), cues.at(tokens, one.past)
            if before or behind:
                turned = Moment(None, moment.month, moment.day, moment.weekday, turn=turn)
                return Found(one.at - before, one.past + behind, turned)
        return one

    def _ranges(
        self, tokens: list[Token], found: Sequence[Found]
    ) -> Iterator[tuple[int, int, Moment, Moment]]:
        taken: set[int] = set()
        for n, (one, two) in enumerate(pairwise(found)):
            gap = tokens[one.past : two.at]
            joined = self.joiners.at(tokens, one.past) == len(gap) > 0
            dash = (len(gap) == 1 and gap[0].low in "-–—") or (
                not gap and tokens[one.past - 1].end < tokens[two.at].start
            )
            framed = self.between.before(tokens, self._before(tokens, one.at))
            if n not in taken and ((joined and framed) or (dash and gap)):
                taken |= {n, n + 1}
                yield one.at, two.past, one.moment, two.moment
        for n, one in enumerate(found):
            if n not in taken:
                yield self._with_day_before(tokens, one)

    def _with_day_before(self, tokens: list[Token], one: Found) -> tuple[int, int, Moment, Moment]:
        """Read the first day of "between 3 and 5 May", "3-5 May" and the last of "May 3-5"."""
        at, moment = one.at, one.moment
        if moment.day is not None:
            gap = self.joiners.before(tokens, at) or (1 if at and tokens[at - 1].low in "-–—" else 0)
            first = _day(tokens[at - gap - 1].low) if gap and at > gap else 0
            if 0 < first < moment.day and _day(tokens[at].low):
                return at - gap - 1, one.past, Moment(moment.year, moment.month, first), moment
            if (
                one.past + 1 < len(tokens)
                and tokens[one.past].low in "-–—"
                and (last := _day(tokens[one.past + 1].low)) > moment.day
            ):
                return at, one.past + 2, moment, Moment(moment.year, moment.month, last)
        return at, one.past, moment, moment

    def _before(self, tokens: list[Token], at: int) -> int:
        while at > 0 and (n := self._step(tokens, at)):
            at -= n
        return at

    def _step(self, tokens: list[Token], at: int) -> int:
        return 1 if tokens[at - 1].low == "-" else self.skip.before(tokens, at)

    def _edge(self, tokens: list[Token], at: int, ranged: bool) -> tuple[int, str]:
        if ranged:
            return at, ""
        k = self._before(tokens, at)
        for cues, edge in ((self.since, "since"), (self.until, "until")):
            for back in range(4):  # "since the coup in 2021"
                if back and edge == "until":
                    break
                if n := (self.apart if back else cues).before(tokens, k - back):
                    return k - back - n, edge
        return at, ""


def _int(low: str) -> int:
    return int(low) if low.isdecimal() and len(low) <= 4 else 0


def _day(low: str) -> int:
    match = DAY.fullmatch(low)
    day = int(match[1]) if match else 0
    return day if day <= 31 else 0
