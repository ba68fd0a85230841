"""Idioms that close around their subject: "تقف أبوظبي خلف القوات" backs as "تقف خلف" does.

A sheet lists them as "head … tail" by the tag that the head gets: `act:back`, `mod:authorised`.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pipeline.claims.units import Unit
from pipeline.claims.vocabulary import Tag, Vocabulary, expand, fold

SUBJECTS: Final = frozenset({"role", "thing", "det", "num"})
GAP: Final = 6  # units between an idiom's head and its tail
Idioms = Mapping[str, list[tuple[str, Tag]]]  # folded head -> folded tails and what they make of it


@lru_cache(maxsize=16)
def table(vocabulary: Vocabulary) -> Idioms:
    """Compile the `parted` section of a sheet."""
    out: defaultdict[str, list[tuple[str, Tag]]] = defaultdict(list)
    for name, idioms in vocabulary.sheet.get("parted", {}).items():
        kind, _, value = name.partition(":")
        for idiom in idioms:
            heads, _, tails = idiom.partition("…")
            for head in expand(heads.strip()):
                for tail in expand(tails.strip()):
                    out[fold(head)].append((fold(tail), Tag(kind, value, "act" if kind == "act" else "")))
    return dict(out)


def close(units: list[Unit], text: str, vocabulary: Vocabulary) -> None:
    """Give the head of each idiom what its tail makes of it; the tail tells nothing else."""
    idioms = table(vocabulary)
    for i, unit in enumerate(units):
        for tail, tag in idioms.get(unit.low, ()):
            found = _tail(units, i, text, tail)
            if not found or (tag.kind == "act" and not _has_subject(units, i, found[0])):
                continue
            if tag.kind == "act":
                unit.tags.pop("mood", None)
            unit.tags[tag.kind] = (tag,)
            for one in found:
                one.tags.clear()
            break


def _has_subject(units: list[Unit], i: int, tail: Unit) -> bool:
    """Say whether a name or a known noun stands right behind the head: a bus stands behind a wall, too."""
    behind = units[i + 1]
    return behind is tail or behind.actor or not SUBJECTS.isdisjoint(behind.tags)


def _tail(units: list[Unit], i: int, text: str, tail: str) -> list[Unit]:
    """Return the units of a tail that closes the idiom at `i`, [] where a clause ends before."""
    for j in range(i + 1, min(len(units), i + 2 + GAP)):
        start = units[j].start
        told = fold(text[start : start + len(tail) + 1])
        if told.startswith(tail) and not told[len(tail) :].isalnum():
            return [u for u in units[j : j + 6] if u.start < start + len(tail)]
        if units[j].has("bound") or units[j].low in (";", ",", "،", "."):
            return []
    return []
