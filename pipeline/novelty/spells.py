"""Spells of activity: runs of one key's events without a gap longer than its window.

What is stored is not the spells but the days they are made of (`Days`), so that a report that comes late
can join two spells or part one. Spells are read from the days each time.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

# What is known of a day; a set of bits, joined by `|`.
OCCURRED = 1
PLANNED = 2
DISPUTED = 4
ENDED = 8
ENDING = 16  # a planned end
INTERDICTED = 32
RETRACTED = 64
START = 128

SPELLS = 4  # the newest are kept
DAYS = 96  # of one key; as many as there are reports, so that reports that are remembered never blur
CORROBORATED = 4  # own reporting of two independent families ranks like a finding
DENIED_FIRST = 2  # the rank of what is known from a denial alone

Days = list[tuple[int, int, int, int]]  # (first day, days after it, rank, bits), ascending; ordinals of dates
Own = Iterable[tuple[int, str]]  # (day, family) of an outlet's own flat reporting


class Spell(Struct, frozen=True):
    """Days `first` to `last`, both inclusive. The empty one stands for nothing known."""

    first: int = 0
    last: int = 0
    rank: int = 0
    bits: int = 0

    def meets(self, other: "Spell") -> bool:
        return self.first <= other.last and other.first <= self.last

    def has(self, bit: int) -> bool:
        return bool(self.bits & bit)


NOTHING = Spell()


def add(days: Days, day: int, rank: int, bits: int) -> Days:
    """Return `days` with one more event. A day, or a blurred run of days, keeps the highest and all bits."""
    for index, (first, more, old_rank, old_bits) in enumerate(days):
        if first <= day <= first + more:
            return [*days[:index], (first, more, max(rank, old_rank), bits | old_bits), *days[index + 1 :]]
    return sorted([*days, (day, 0, rank, bits)])


def unite(one: Days, other: Days) -> Days:
    """Return the days of both. Blurred runs of one may overlap the other's: spells are the same."""
    if not one or not other:
        return one or other
    both = {(first, more): (rank, bits) for first, more, rank, bits in one}
    for first, more, rank, bits in other:
        old_rank, old_bits = both.get((first, more), (0, 0))
        both[first, more] = (max(rank, old_rank), bits | old_bits)
    return sorted((*span, *value) for span, value in both.items())


def runs(days: Days, window: int) -> list[Days]:
    """Part `days` into spells: at each gap of more than `window` days, and at each start after an end."""
    found: list[Days] = []
    last, ended = 0, False
    run: Days = []
    for one in days:
        first, more, _, bits = one
        if not run or first - last > window or (ended and bits & START):
            run = []
            found.append(run)
            ended, last = False, first
        run.append(one)
        if first + more > last:
            last = first + more
        if bits & ENDED:
            ended = True
    return found


def spells(days: Days, window: int, own: Own = ()) -> list[Spell]:
    """Return the spells of a key, oldest first."""
    reports = tuple(own)
    return [_spell(run, reports) for run in runs(days, window)]


def _spell(run: Days, own: Sequence[tuple[int, str]]) -> Spell:
    first, last, rank, bits = run[0][0], 0, 0, 0
    for day, more, own_rank, own_bits in run:
        last = day + more if day + more > last else last
        rank = own_rank if own_rank > rank else rank
        bits |= own_bits
    if rank < CORROBORATED and len({family for day, family in own if first <= day <= last}) > 1:
        rank = CORROBORATED
    if not rank and bits & DISPUTED:
        rank = DENIED_FIRST
    return Spell(first, last, rank, bits)


def merged(several: Iterable[Spell]) -> Spell:
    """Return what all of `several` know together."""
    known = tuple(several)
    if not known:
        return NOTHING
    rank, bits = _highest((one.rank, one.bits) for one in known)
    return Spell(min(one.first for one in known), max(one.last for one in known), rank, bits)


def _highest(values: Iterable[tuple[int, int]]) -> tuple[int, int]:
    top, bits = 0, 0
    for rank, more in values:
        top, bits = max(top, rank), bits | more
    return top, bits


def bounded(days: Days, window: int) -> tuple[Days, int]:
    """Keep the newest spells, blur the oldest days of long ones; return the last dropped day, too."""
    if len(days) <= SPELLS:
        return days, 0
    found = runs(days, window)
    if len(found) <= SPELLS and len(days) <= DAYS:
        return days, 0
    kept = [one for run in found[-SPELLS:] for one in run]
    while len(kept) > DAYS:
        kept = _blurred(kept, window)
    return kept, max((first + more for first, more, _, _ in days if first + more < kept[0][0]), default=0)


def _blurred(days: Days, window: int) -> Days:
    """Make one of the oldest two neighbours whose blur hides neither a gap nor an end."""
    for index, (one, two) in enumerate(pairwise(days)):
        near = two[0] - one[0] - one[1] <= window
        if near and not one[3] & ENDED and not two[3] & (ENDED | START):
            rank, bits = _highest((one[2:], two[2:]))
            return [*days[:index], (one[0], two[0] + two[1] - one[0], rank, bits), *days[index + 2 :]]
    return days[1:]
