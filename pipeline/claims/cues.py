"""Words of a text with their places, and sets of phrases looked for before or behind one of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.claims.vocabulary import WORD, Words, fold, words


@dataclass(slots=True)
class Token:
    """A word of a text: text[start:end]."""

    start: int
    end: int
    low: str
    capital: bool = False


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Return the words and signs of text[start:end]."""
    return [
        Token(m.start() + start, m.end() + start, m.group(), text[m.start() + start].isupper())
        for m in WORD.finditer(fold(text[start:end]))
    ]


class Cues:
    """A set of phrases, found by the word that they end or begin with."""

    def __init__(self, phrases: Iterable[object] = ()) -> None:
        self.phrases = frozenset(filter(None, (words(str(p)) for p in phrases)))
        self._last: dict[str, tuple[int, ...]] = {}
        self._first: dict[str, tuple[int, ...]] = {}
        for key in sorted(self.phrases, key=len, reverse=True):
            for table, word in ((self._last, key[-1]), (self._first, key[0])):
                if len(key) not in table.get(word, ()):
                    table[word] = (*table.get(word, ()), len(key))

    def __contains__(self, key: Words) -> bool:
        return key in self.phrases

    def before(self, tokens: list[Token], at: int) -> int:
        """Return the length of the phrase that ends before `at`, 0 for none."""
        if at <= 0:
            return 0
        for n in self._last.get(tokens[at - 1].low, ()):
            if n <= at and tuple(t.low for t in tokens[at - n : at]) in self.phrases:
                return n
        return 0

    def at(self, tokens: list[Token], at: int) -> int:
        """Return the length of the phrase that begins at `at`, 0 for none."""
        if not 0 <= at < len(tokens):
            return 0
        for n in self._first.get(tokens[at].low, ()):
            if at + n <= len(tokens) and tuple(t.low for t in tokens[at : at + n]) in self.phrases:
                return n
        return 0
