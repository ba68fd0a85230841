"""Words that lost the space between them, mended where the name of a country shows it: "Libyadengan"."""

from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick, Implementation
from msgspec import Struct

from pipeline.knowledge import Knowledge
from pipeline.lexicon import glue, words
from pipeline.mend import Mended, note

# Lower-case rests are split in these alone: others compound or agglutinate. Swahili waits for a word list.
SPLIT = frozenset(("id", "ms", "en", "es", "fr", "pt", "it", "tl", "sw"))
LEAST_NAME = 4  # letters; "Chad" yes, "Oman" yes, "Iran" yes; "Mal" is none
KNOWN_RIGHT = 3.6  # zipf of a lower-case rest
KNOWN_LEFT = 4.5  # zipf of a lower-case word before a name

_JOINED = frozenset("@#/\\_&=+")  # beside these a token is an address or a tag


class _Names(Struct, frozen=True):
    """The names of countries in one language and English, and the automaton over them."""

    texts: tuple[str, ...]
    automaton: AhoCorasick

    def inside(self, text: str) -> Iterator[tuple[int, int]]:
        """Give the spans of names that touch a letter on one side."""
        for _, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            if text[end : end + 1].isalpha() or (start and text[start - 1].isalpha()):
                yield start, end


def split(text: str, language: str, knowledge: Knowledge) -> Mended:
    """Put the missing spaces in. A word of the language's list, or of the exceptions, is left alone.

    Mends one gap a token; three words in one take two calls.
    """
    cuts = _cuts(text, language, _names(knowledge, language))
    parts, at = [], 0
    for cut in sorted(cuts):
        parts.append(text[at:cut])
        at = cut
    return " ".join((*parts, text[at:])), tuple(note(cuts[cut], "glued-word") for cut in sorted(cuts))


def _cuts(text: str, language: str, names: _Names) -> dict[int, str]:
    """Find where a space is missing, with the token it is missing in. The longest name of a token decides."""
    cuts: dict[tuple[int, int], tuple[int, int]] = {}
    for start, end in names.inside(text):
        token = _token(text, start, end)
        cut = _cut(text[slice(*token)], start - token[0], end - token[0], language)
        if cut and _free(text, token):
            cuts[token] = max(cuts.get(token, (0, 0)), (end - start, token[0] + cut))
    return {cut: text[slice(*token)] for token, (_, cut) in cuts.items()}


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
    return not dotted and not beside[:1].isdigit() and not _JOINED & set(beside)


def _cut(token: str, start: int, end: int, language: str) -> int:
    """Return where in `token`, of which [start:end] is a country's name, a space is missing; else 0."""
    folded = token.casefold()
    if folded in glue().exceptions or folded in words(language) or folded in words("en"):
        return 0
    if not start:
        return end if _is_right(token[end:], language) else 0
    return start if end == len(token) and _is_left(token[:start], language) else 0


def _is_right(rest: str, language: str) -> bool:
    """Judge what follows a name."""
    if rest[:1].isupper():
        return (len(rest) >= 4 and rest.istitle()) or rest.casefold() in words(language)
    frequent = words(language).get(rest, 0.0) >= KNOWN_RIGHT
    return language in SPLIT and len(rest) >= 3 and frequent and rest not in glue().suffixes


def _is_left(word: str, language: str) -> bool:
    return word.islower() and words(language).get(word, 0.0) >= KNOWN_LEFT


def _names(knowledge: Knowledge, language: str) -> _Names:
    """Build the names of one language once for each knowledge."""
    built: dict[str, _Names] = vars(knowledge).setdefault("_glue", {})
    if language not in built:
        texts = tuple(
            sorted(
                {
                    name.text
                    for name in knowledge.names
                    if _usable(name.text, name.kind, name.languages, language)
                }
            )
        )
        built[language] = _Names(texts, AhoCorasick(texts, implementation=Implementation.ContiguousNFA))
    return built[language]


def _usable(text: str, kind: str, languages: frozenset[str], language: str) -> bool:
    known = not languages or language in languages or "en" in languages
    return kind == "country" and known and len(text) >= LEAST_NAME and text.isalpha() and text.istitle()
