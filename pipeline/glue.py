"""Words that lost the space between them, mended where the name of a country shows it: "Libyadengan"."""

from collections.abc import Iterator
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation
from msgspec import Struct

from pipeline.knowledge import Knowledge, Name
from pipeline.lexicon import glue, words
from pipeline.mend import Mended, note
from pipeline.types import EntityKind

# Lower-case rests are split in these alone: others compound or agglutinate. Swahili waits for a word list.
SPLIT = frozenset(("id", "ms", "en", "es", "fr", "pt", "it", "tl", "sw"))
LEAST_NAME = 4  # letters; "Chad" yes, "Oman" yes, "Iran" yes; "Mal" is none
KNOWN_RIGHT = 3.6  # zipf of a lower-case rest
KNOWN_LEFT = 4.5  # zipf of a lower-case word before a name

_JOINED = frozenset("@#/\\_&=+")  # beside these a token is an address or a tag


class _Known(Struct, frozen=True):
    """A name as it stands in glued text: a name of several words without its spaces."""

    text: str
    kind: EntityKind
    gaps: tuple[int, ...]  # where the spaces were; empty for a single word


class _Names(Struct, frozen=True):
    """What is looked for in one language, and the automaton over it."""

    known: tuple[_Known, ...]
    automaton: AhoCorasick

    def inside(self, text: str) -> Iterator[tuple[_Known, int, int]]:
        """Give names that touch a letter on one side, and squeezed ones, with their spans."""
        for number, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            touches = text[end : end + 1].isalpha() or (start and text[start - 1].isalpha())
            if touches or self.known[number].gaps:
                yield self.known[number], start, end


def split(text: str, language: str, knowledge: Knowledge) -> Mended:
    """Put the missing spaces in. A word of the language's list, or of the exceptions, is left alone.

    Three rules: a name and what follows it ("Libyadengan"), a frequent word and a name ("dariTurki"), the
    words of one name ("BurkinaFaso"). Mends one place a token; three words in one take two calls.
    """
    found = _cuts(text, language, _names(knowledge, language))
    parts, at = [], 0
    for cut in sorted(cut for _, cuts in found for cut in cuts):
        parts.append(text[at:cut])
        at = cut
    return " ".join((*parts, text[at:])), tuple(note(token, "glued-word") for token, _ in found)


def _cuts(text: str, language: str, names: _Names) -> list[tuple[str, tuple[int, ...]]]:
    """Find where spaces are missing, for each token that misses some. The longest name of a token decides."""
    found: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {}
    for name, start, end in names.inside(text):
        token = _token(text, start, end)
        cuts = _cut(text[slice(*token)], name, start - token[0], end - token[0], language)
        if cuts and _free(text, token):
            found[token] = max(
                found.get(token, (0, ())), (end - start, tuple(token[0] + cut for cut in cuts))
            )
    return [(text[slice(*token)], cuts) for token, (_, cuts) in sorted(found.items())]


def _token(text: str, start: int, end: int, most: int = 40) -> tuple[int, int]:
    first, last = start, end
    while first and start - first < most and text[first - 1].isalpha():
        first -= 1
    while last < len(text) and last - end < most and text[last].isalpha():
        last += 1
    return first, last


def _free(text: str, token: tuple[int, int]) -> bool:
    """Tell whether a token stands in prose and not in an address, a tag or a file name."""
    before, after = text[max(0, token[0] - 2) : token[0]], text[token[1] : token[1] + 2]
    beside = before[-1:] + after[:1]
    dotted = (before[-1:] == "." and before[:1].isalnum()) or (after[:1] == "." and after[1:].isalnum())
    return not dotted and not beside[:1].isdecimal() and not _JOINED & set(beside)


def _cut(token: str, name: _Known, start: int, end: int, language: str) -> tuple[int, ...]:
    """Return where in `token`, of which [start:end] is `name`, spaces are missing."""
    folded = token.casefold()
    if folded in glue().exceptions or folded in words(language) or folded in words("en"):
        return ()
    if name.gaps:
        return name.gaps if name.text == token else ()
    if not start:
        return (end,) if name.kind == "country" and _is_right(token[end:], language) else ()
    return (start,) if end == len(token) and _is_left(token[:start], language) else ()


def _is_right(rest: str, language: str) -> bool:
    """Judge what follows a name."""
    if rest[:1].isupper():
        return (len(rest) >= 4 and rest.istitle()) or rest.casefold() in words(language)
    frequent = words(language).get(rest, 0.0) >= KNOWN_RIGHT
    return language in SPLIT and len(rest) >= 3 and frequent and rest not in glue().suffixes


def _is_left(word: str, language: str) -> bool:
    return word.islower() and words(language).get(word, 0.0) >= KNOWN_LEFT


def _names(knowledge: Knowledge, language: str) -> _Names:
    """Build what is looked for in one language once for each knowledge."""
    built: dict[str, _Names] = vars(knowledge).setdefault("_glue", {})
    if language not in built:
        usable = (name for name in knowledge.names if _usable(name, language))
        known = {squeezed.text: squeezed for squeezed in map(_squeezed, usable)}
        automaton = AhoCorasick(list(known), implementation=Implementation.ContiguousNFA)
        built[language] = _Names(tuple(known.values()), automaton)
    return built[language]


def _squeezed(name: Name) -> _Known:
    ends = accumulate(map(len, name.text.split()))
    text = name.text.replace(" ", "")
    return _Known(text, name.kind, tuple(end for end in ends if end < len(text)))


def _usable(name: Name, language: str) -> bool:
    """Take names of countries and peoples that this language, or English, writes with capitals."""
    spoken = not name.languages or language in name.languages or "en" in name.languages
    plain = name.text.replace(" ", "").isalpha() and all(word.istitle() for word in name.text.split())
    return name.kind in ("country", "demonym") and spoken and plain and len(name.text) >= LEAST_NAME
