"""The signature of a text, by which reprints of one report are known."""

import base64
import re
import struct
from collections.abc import Iterator
from functools import cache

from rensa import RMinHash

from pipeline.lexicon import any_of, pages

PERMUTATIONS = 64
SEED = 42
SHINGLE = 5  # words
SAME = 52  # of 64 equal: Jaccard 0.81 estimated

_WORD = re.compile(r"\w+")
_LAYOUT = struct.Struct(f"<{PERMUTATIONS}I")


def sign(text: str) -> str | None:
    """Return the MinHash of the 5-word shingles of `text`, base64 of 64 little-endian uint32.

    Credit lines ("Reporting by …") do not count, nor do case and punctuation. None under five words. The
    value is part of the records: rensa is pinned, and frozen examples are a test.
    """
    shingles = list(_shingles(text))
    if not shingles:
        return None
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(shingles)
    return base64.b64encode(_LAYOUT.pack(*minhash.digest())).decode("ascii")


def same(a: str | None, b: str | None) -> bool:
    """Tell whether two signatures are of the same report. A missing one is like no other."""
    if a is None or b is None:
        return False
    pairs = zip(_LAYOUT.unpack(base64.b64decode(a)), _LAYOUT.unpack(base64.b64decode(b)), strict=True)
    equal: int = sum(x == y for x, y in pairs)
    return equal >= SAME


def _shingles(text: str) -> Iterator[str]:
    words = _WORD.findall(_without_credits(text).casefold())
    return map(" ".join, zip(*(words[start:] for start in range(SHINGLE)), strict=False))


def _without_credits(text: str) -> str:
    return _credit().sub("", text)


@cache
def _credit() -> re.Pattern[str]:
    """Match a whole line that says who wrote, translated or edited."""
    return any_of(pages().credits, r"(?m)^[ \t]*[(\[]?(?:{})[^\n]{{0,200}}$")
