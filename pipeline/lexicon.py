"""Word knowledge that is about writing and not about the world: abbreviations, spam words, frequent words.

Each file is read and checked once. A bad file raises KnowledgeError, which names it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

import msgspec
import yaml

from pipeline.errors import KnowledgeError
from pipeline.knowledge import HERE, Sheet
from pipeline.knowledge.reader import Loader

T = TypeVar("T")

LISTED = ("id", "ms", "en", "es", "fr", "pt", "it", "tl")  # languages with a list of frequent words


class Abbreviations(Sheet, frozen=True, kw_only=True):
    """Where a full stop does not end a sentence."""

    source: str
    any: tuple[str, ...]  # in every language, without the full stop
    by_language: Mapping[str, tuple[str, ...]]
    ordinals: tuple[str, ...]  # languages that write "3." for third
    starters: Mapping[str, tuple[str, ...]]  # words that begin a sentence also after "U.S."


class Spam(Sheet, frozen=True, kw_only=True):
    """What marks a last paragraph as an advertisement for gambling."""

    source: str
    words: tuple[str, ...]  # regular expressions, matched on casefolded text between word boundaries
    bylines: tuple[str, ...]  # regular expressions of a whole byline that only spam has


class Glue(Sheet, frozen=True, kw_only=True):
    """What must not be split, and what hangs on a country's name without being a word."""

    source: str
    exceptions: tuple[str, ...]  # casefolded tokens
    suffixes: tuple[str, ...]


class Pages(Sheet, frozen=True, kw_only=True):
    """Cues of pages that are not articles."""

    source: str
    titles: tuple[str, ...]  # regular expressions of a whole title
    cues: Mapping[
        str, tuple[str, ...]
    ]  # kind -> regular expressions; two different hits in a short text decide
    links: tuple[str, ...]  # labels of lists: "read more"
    credits: tuple[str, ...]  # how a line of credits begins
    told: tuple[str, ...]  # words before an agency's name that say whose report it is


class Malay(Sheet, frozen=True, kw_only=True):
    """Casefolded words that only one of the two standards has."""

    source: str
    id: frozenset[str]
    ms: frozenset[str]


@cache
def abbreviations() -> Abbreviations:
    return sheet("abbreviations", Abbreviations)


@cache
def spam() -> Spam:
    return sheet("spam", Spam)


@cache
def glue() -> Glue:
    return sheet("glue", Glue)


@cache
def pages() -> Pages:
    return sheet("pages", Pages)


@cache
def malay() -> Malay:
    return sheet("malay", Malay)


def sheet(name: str, shape: type[T]) -> T:
    """Read `name`.yaml of the knowledge folder as `shape`."""
    path = HERE / f"{name}.yaml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a SafeLoader
        return msgspec.convert(content, shape)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def any_of(patterns: tuple[str, ...], around: str = r"(?<!\w)(?:{})(?!\w)") -> re.Pattern[str]:
    """Compile alternatives from a sheet into one pattern, with `around` their boundaries.

    >>> bool(any_of(("toto", "judi online")).search("situs judi online"))
    True
    """
    return re.compile(around.format("|".join(patterns)), re.IGNORECASE)


@cache
def words(language: str) -> Mapping[str, float]:
    """Return the frequent words of `language` with their zipf frequency; empty where there is no list.

    Zipf 3 is once in a million words, 6 once in a thousand; in steps of 0.1, from 3.2 on.
    """
    if language not in LISTED:
        return {}
    path = HERE / "lexicon" / f"{language}.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return dict(pair for line in lines if not line.startswith("#") for pair in _row(line))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _row(line: str) -> Iterator[tuple[str, float]]:
    zipf, *found = line.split(" ")
    return ((word, int(zipf) / 10) for word in found)
