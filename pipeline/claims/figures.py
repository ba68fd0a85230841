"""Figures in a text: "some 2,000", "ratusan", "between 3,000 and 4,000", "$4.7bn", "at least forty"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pipeline.claims.cues import Cues, Token, tokens_of
from pipeline.claims.vocabulary import Vocabulary, Words, words

YEARLIKE: Final = re.compile(r"(?:19|20)\d\d")
LETTERED: Final = re.compile(r"(\d+)([a-z]{1,3})")
GLUED: Final = re.compile(r"([^\W\d]+)(\d\w*)")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of text[start:end], qualifiers included; text[core:] without those before it."""

    start: int
    core: int
    end: int
    least: float
    most: float
    low: bool = True  # the lower bound is told
    high: bool = True
    currency: str = ""
    scale: int = 1  # the magnitude named last
    digits: bool = False  # a bare number that may as well be a year

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        return round(self.least) if self.low else None, round(self.most) if self.high else None


class Figures:
    """The words for numbers of one language."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        own: Mapping[str, Any] = vocabulary.sheet.get("quantities", {})
        self.numbers = vocabulary.numbers
        self.first: dict[str, tuple[int, ...]] = {}
        for key in sorted(self.numbers, key=len, reverse=True):
            self.first[key[0]] = (*self.first.get(key[0], ()), len(key))
        self.magnitudes: Mapping[str, int] = vocabulary.magnitudes
        self.thousands, self.decimal = (
            (",", ".") if vocabulary.thousands == "," else (vocabulary.thousands, ",")
        )
        self.currencies = {words(str(k)): v for k, v in vocabulary.sheet["currencies"].items()}
        self.unqualified = Cues(own.get("unqualified", ()))  # "handed over 240" are no more than 240
        self._money_words = {w for key in self.currencies for w in (key[0], key[-1])}
        self.least, self.most = Cues(own.get("least", ())), Cues(own.get("most", ()))
        self.about, self.linking = Cues(own.get("about", ())), Cues(own.get("linking", ()))
        self.joiners, self.between = Cues(own.get("joiners", ())), Cues(own.get("between", ()))
        self.least_behind, self.about_behind = (
            Cues(own.get("least_behind", ())),
            Cues(own.get("about_behind", ())),
        )

    def find(self, text: str, start: int, end: int) -> Iterator[Figure]:
        """Give the figures of text[start:end] in order."""
        tokens = list(self._pieces(tokens_of(text, start, end)))
        found: list[tuple[int, int, Figure]] = []
        i = 0
        while i < len(tokens):
            read = (
                self._number(tokens, i)
                if tokens[i].low in self.first or tokens[i].low[0].isdecimal()
                else None
            )
            if read is None:
                i += 1
                continue
            past, figure = read
            found.append((i, past, figure))
            i = past
        yield from self._qualified(tokens, self._joined(tokens, found))

    def _pieces(self, tokens: list[Token]) -> Iterator[Token]:
        for token in tokens:
            glued = GLUED.fullmatch(token.low) if not token.low.isalpha() else None
            if glued and (glued[1],) in self.currencies:  # "Rp2"
                cut = token.start + len(glued[1])
                yield Token(token.start, cut, glued[1])
                token = Token(cut, token.end, glued[2])
            yield token

    def _number(self, tokens: list[Token], i: int) -> tuple[int, Figure] | None:
        if i and tokens[i].low[0].isdecimal() and self._named(tokens, i):
            return None
        total, current, scale, j, digits = (0.0, 0.0), None, 1, i, False
        while j < len(tokens):
            step = (self._multiple(tokens, j) if j > i else None) or self._step(tokens, j)
            if step is None:
                k = j + 1 if (tokens[j].low,) in self.linking and scale >= 100 and j + 1 < len(tokens) else 0
                step = self._step(tokens, k) if k and not tokens[k].low[0].isdecimal() else None
                if step is None:
                    break
                j = k
            past, low, high, magnitude = step
            if magnitude and low is None:
                if magnitude == 1 or (magnitude < 100 and current is None):
                    break
                current = (1.0, 1.0) if current is None else current
                current, scale = (current[0] * magnitude, current[1] * magnitude), magnitude
            else:
                if current is not None and (tokens[j].low[0].isdecimal() or not _adds(current[0], low or 0)):
                    break
                base = current or (0.0, 0.0)
                current = (base[0] + (low or 0), base[1] + (high or 0))
                digits = j == i and tokens[j].low.isdecimal()
                if magnitude:
                    current, scale, digits = (
                        (current[0] * magnitude, current[1] * magnitude),
                        magnitude,
                        False,
                    )
            if scale >= 1000:
                total, current = (total[0] + (current or (0, 0))[0], total[1] + (current or (0, 0))[1]), None
            j = past
        if j == i:
            return None
        current = current or (0.0, 0.0)
        low, high = total[0] + current[0], total[1] + current[1]
        start, end = tokens[i].start, tokens[j - 1].end
        plain = digits and j == i + 1 and YEARLIKE.fullmatch(tokens[i].low) is not None
        return (j, Figure(start, start, end, low, high, scale=scale, digits=plain)) if high else None

    def _multiple(self, tokens: list[Token], j: int) -> tuple[int, None, None, int] | None:
        """Read a word that says "thousands" alone and "thousand" behind a number: "ثلاثة آلاف"."""
        low = tokens[j].low
        both = (low,) in self.numbers and low in self.magnitudes and tokens[j - 1].low not in self.magnitudes
        return (j + 1, None, None, self.magnitudes[low]) if both else None

    def _step(self, tokens: list[Token], j: int) -> tuple[int, float | None, float | None, int] | None:
        """Read one number word, one written number, or one magnitude: (past, low, high, magnitude)."""
        low = tokens[j].low
        if low[0].isdecimal():
            return self._written(tokens, j)
        if low in self.first:
            for n in self.first[low]:
                key = self._key(tokens, j, n)
                if key in self.numbers:
                    a, b = self.numbers[key]
                    return j + len(key), a, b, 0
        if low in self.magnitudes and len(low) > 1:
            return j + 1, None, None, self.magnitudes[low]
        if (
            low == "-"
            and j + 1 < len(tokens)
            and tokens[j + 1].low in self.first
            and tokens[j - 1].low in self.first
        ):
            return self._step(tokens, j + 1)
        return None

    def _key(self, tokens: list[Token], j: int, n: int) -> Words:
        return tuple(t.low for t in tokens[j : j + n])

    def _written(self, tokens: list[Token], j: int) -> tuple[int, float | None, float | None, int] | None:
        low, past, suffix = tokens[j].low, j + 1, 0
        whole, fraction = low, ""
        while past + 1 < len(tokens) and tokens[past].start == tokens[past - 1].end and whole.isdecimal():
            mark, more = tokens[past].low, tokens[past + 1]
            body = LETTERED.fullmatch(more.low)
            figures = body[1] if body and body[2] in self.magnitudes else more.low
            if more.start != tokens[past].end or not figures.isdecimal():
                break
            if mark == self.thousands and len(figures) == 3:
                whole += figures
            elif mark == self.decimal and not fraction:
                fraction = figures
            elif mark == self.thousands and not fraction and len(figures) < 3:
                fraction = figures  # the other way of writing, as in a translated "1.5"
            else:
                break
            past += 2
            suffix = self.magnitudes[body[2]] if body and body[2] in self.magnitudes else 0
            if fraction:
                break
        while self.thousands == " " and not fraction and past < len(tokens) and len(whole) < 13:
            more = tokens[past]
            if (
                not whole.isdecimal()
                or (past == j + 1 and len(whole) > 3)
                or not re.fullmatch(r"\d{3}", more.low)
            ):
                break
            if more.start != tokens[past - 1].end + 1:
                break
            whole, past = whole + more.low, past + 1
        body = LETTERED.fullmatch(whole)
        if body and body[2] in self.magnitudes:
            whole, suffix = body[1], self.magnitudes[body[2]]
        if not whole.isdecimal() or len(whole) > 15:
            return None
        value = float(f"{whole}.{fraction or 0}")
        return past, value, value, suffix

    def _named(self, tokens: list[Token], i: int) -> bool:
        """Say whether the digits at `i` are part of a name or of another number: F-16, 3.5."""
        before = tokens[i - 1]
        glued = before.end == tokens[i].start and before.low in "-./,:–" and i > 1
        return (
            glued
            and tokens[i - 2].end == before.start
            and (before.low != "-" or not tokens[i - 2].low.isdecimal())
        )

    def _joined(
        self, tokens: list[Token], found: list[tuple[int, int, Figure]]
    ) -> Iterator[tuple[int, int, Figure]]:
        n = 0
        while n < len(found):
            at, past, one = found[n]
            if n + 1 < len(found):
                second_at, second_past, two = found[n + 1]
                gap = tuple(t.low for t in tokens[past:second_at])
                framed = self.between.before(tokens, at) > 0
                if (
                    gap in self.joiners or gap in {("-",), ("–",), ("—",)} or (framed and gap in self.linking)
                ) and (one.most * (two.scale if one.scale == 1 else 1) <= two.most or framed):
                    factor = two.scale if one.scale == 1 and one.least * two.scale <= two.most else 1
                    yield (
                        at,
                        second_past,
                        replace(two, start=one.start, core=one.start, least=one.least * factor, digits=False),
                    )
                    n += 2
                    continue
            yield at, past, one
            n += 1

    def _qualified(self, tokens: list[Token], found: Iterator[tuple[int, int, Figure]]) -> Iterator[Figure]:
        for at, past, figure in found:
            one, at = self._money(tokens, at, past, figure)
            past += sum(t.start >= figure.end and t.end <= one.end for t in tokens[past : past + 3])
            n = self.between.before(tokens, at)
            if n and one.least != one.most:
                at -= n
                one = replace(one, start=tokens[at].start)
            while n := self.about.before(tokens, at):
                at -= n
                one = replace(one, start=tokens[at].start)
            if self.unqualified.before(tokens, at):
                pass
            elif n := self.least.before(tokens, at):
                one = replace(one, start=tokens[at - n].start, high=False)
            elif n := self.most.before(tokens, at):
                one = replace(one, start=tokens[at - n].start, low=False)
            if n := self.least_behind.at(tokens, past):
                one = replace(one, end=tokens[past + n - 1].end, high=False)
            elif n := self.about_behind.at(tokens, past):
                one = replace(one, end=tokens[past + n - 1].end)
            yield one

    def _money(self, tokens: list[Token], at: int, past: int, one: Figure) -> tuple[Figure, int]:
        named = {t.low for t in (*tokens[max(0, at - 1) : at], *tokens[past : past + 1])}
        if self._money_words.isdisjoint(named):
            return one, at
        for n in (3, 2, 1):
            if at >= n and (code := self.currencies.get(self._key(tokens, at - n, n))):
                start = tokens[at - n].start
                return replace(one, start=start, core=start, currency=code, digits=False), at - n
            if past + n <= len(tokens) and (code := self.currencies.get(self._key(tokens, past, n))):
                return replace(one, end=tokens[past + n - 1].end, currency=code, digits=False), at
        return one, at


def _adds(current: float, more: float) -> bool:
    """Say whether one number goes on with another: "two hundred" and "fifty"."""
    return current != 10 and any(
        more < place <= current and current % place == 0 for place in (10, 100, 1000)
    )
