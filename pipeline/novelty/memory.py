"""The memory of a pair (theatre, principal): its layout, how a mention enters, how it stays small.

The stored JSON, `pair/1`; every list is sorted, so that the same facts are the same bytes:

    {"schema": "pair/1",
     "reports": [[at, id, content, url, family, signature, {key mark: code}], …],  newest first, 96 at most
     "keys":    [[mark, key, body], …],                                            by mark
     "others":  [mark, …]}                                                         known by their mark alone
    body = [first seen, days, facet marks, {unit: band}, family marks, own reporting, floor]

`code` is 4 * day + bits: 1 a copy of an older report of this key, 2 the report corroborates; `day` is the
event's where the outlet told it flatly as its own, else 0. The families and the own reporting of a key are
those of its remembered reports that are no copies, and those that a body keeps of reports that fell out.
"""

from base64 import b64decode
from functools import cached_property

import msgspec
from msgspec import Raw, Struct

from pipeline.errors import NewerVersion
from pipeline.novelty.mention import Mention, Source, mark
from pipeline.novelty.spells import Days, add, bounded
from pipeline.signature import PERMUTATIONS as SIZE
from pipeline.signature import SAME

SCHEMA = "pair/1"
MAJOR = 1
LIMIT = 64 * 1024  # bytes of the encoded state
REPORTS = 96
KEYS_OF_REPORT = 12
OTHERS = 1024
FACETS = 16
FAMILIES = 8
OWN = 8
UNITS = 16
LETTERS, PADDING = 86, 2  # of a signature in base64
NOBODY = "!" * LETTERS + "=" * PADDING  # stands in for a report without a signature
COPY = 1
COUNTS = 2


class Report(Struct, array_like=True, gc=False):
    at: int
    id: str
    content: str
    url: str
    family: str
    signature: str
    keys: dict[str, int] = {}


class Body(Struct, array_like=True, gc=False):
    first: int = 0  # publication of the first report, as in `Source.at`
    days: Days = []
    facets: list[str] = []
    bands: dict[str, int] = {}
    families: list[str] = []
    own: list[tuple[int, str]] = []
    floor: int = 0  # events up to this day are forgotten, and reach nothing


class Key(Struct, array_like=True, gc=False):
    mark: str
    name: str
    body: Raw  # decoded only when touched


class Pair(Struct, dict=True):
    schema: str = SCHEMA
    reports: list[Report] = []
    keys: list[Key] = []
    others: list[str] = []

    @cached_property
    def telling(self) -> dict[str, list[Report]]:
        """Return the reports of keys by mark, as far as they were looked for; not stored."""
        return {}

    @cached_property
    def bodies(self) -> dict[str, Body]:
        """Return what was decoded of `keys` by now; not stored."""
        return {}


class _Label(Struct):
    schema: str


_encoder = msgspec.json.Encoder()
_pairs = msgspec.json.Decoder(Pair)
_bodies = msgspec.json.Decoder(Body)
_labels = msgspec.json.Decoder(_Label)


def require(schema: str, major: int) -> None:
    """Raise NewerVersion where `schema` ("pair/2") is of a higher major version than `major`."""
    if int(schema.rpartition("/")[2].partition(".")[0]) > major:
        raise NewerVersion(schema)


def decode(state: bytes | None) -> Pair:
    """Read a stored state; None is an empty one. Raises NewerVersion."""
    if state is None:
        return Pair()
    if not state.startswith(b'{"schema":"pair/1"'):
        require(_labels.decode(state).schema, MAJOR)
    return _pairs.decode(state)


def encode(pair: Pair) -> bytes:
    """Write `pair` in at most LIMIT bytes; keys with the highest marks shrink to their mark first."""
    _demote(pair, 0)
    while len(state := _encoder.encode(pair)) > LIMIT and pair.keys:
        _demote(pair, len(state) - LIMIT)
    while len(state) > LIMIT and pair.reports:
        pair.reports.pop()
        state = _encoder.encode(pair)
    return state


def body(pair: Pair, name: str) -> Body | None:
    """Return what is known of the key `name`; None where it is unseen or known by its mark alone."""
    if name not in pair.bodies:
        found = [one.body for one in pair.keys if one.name == name]
        if not found:
            return None
        pair.bodies[name] = _bodies.decode(found[0])
    return pair.bodies[name]


def only_marked(pair: Pair, name: str) -> bool:
    """Tell whether of the key `name` the mark alone is left, or could have been."""
    return mark(name) in pair.others or (len(pair.others) == OTHERS and mark(name) > pair.others[-1])


def remember(pair: Pair, name: str, mention: Mention, window: int, kin: list[Report]) -> None:
    """Join `mention` of the key `name` into `pair`, in any order, any number of times.

    `kin`: its twins, and the reports of the same article.
    """
    _file(pair, mark(name), mention, kin)
    if only_marked(pair, name):
        return
    known = body(pair, name) or Body()
    _put(pair, name, _joined(known, mention, window))


def reports_of(pair: Pair, key: str) -> list[Report]:
    """Return the reports that tell of the key with that mark, in no order."""
    if key not in pair.telling:
        pair.telling[key] = [one for one in pair.reports if key in one.keys]
    return pair.telling[key]


def twins(pair: Pair, source: Source, name: str, other: str) -> list[Report]:
    """Return the reports of either key that are the same by content, URL or near-duplicate text."""
    key = mark(name)
    known = reports_of(pair, key)
    if other != name:
        known = known + [one for one in reports_of(pair, mark(other)) if key not in one.keys]
    near = _near(source.signature, [one.signature for one in known])
    content, url = source.content, source.url
    return [
        one
        for place, one in enumerate(known)
        if place in near or one.content == content or (url and one.url == url)
    ]


def versions(pair: Pair, source: Source) -> list[Report]:
    """Return the reports of the same article, in whatever text."""
    ident = source.id
    return [one for one in pair.reports if one.id == ident]


def has_told(name: str, source: Source, same: list[Report], *, revision: bool) -> bool:
    """Tell whether the same report is remembered for the key `name`. `same`: the twins of `source`.

    A revision is the same report only as the very text that is remembered: what an edit adds may be told.
    """
    key = mark(name)
    return any(key in one.keys and (not revision or one.content == source.content) for one in same)


def corroboration(pair: Pair, name: str, own: list[tuple[int, str]], told: set[str]) -> None:
    """Add to `own` the days of flat reporting, to `told` the families that tell of the key `name`.

    They are those of its remembered reports that are no copies, and those of reports that fell out.
    """
    known = body(pair, name)
    if known is None:
        return
    own += known.own
    told.update(known.families)
    key = mark(name)
    for code, family in [(one.keys[key], one.family) for one in reports_of(pair, key)]:
        if not code & COPY:
            if code & COUNTS:
                told.add(family)
            if code > COPY + COUNTS:
                own.append((code >> 2, family))


def _near(one: str, others: list[str]) -> set[int]:
    """Return the places of those like `one`, by the low bytes of their values.

    Unrelated values agree in one of 256, far from 52 of 64. For this is the most frequent of all comparisons,
    all are compared at once as they are written: a differing value touches two letters of base64 at most.
    """
    if not one:
        return set()
    together = "".join([each or NOBODY for each in others]).encode()
    differing = int.from_bytes(together, "big") ^ int.from_bytes(one.encode() * len(others), "big")
    equal = differing.to_bytes(len(together), "big")
    least = LETTERS - 2 * (SIZE - SAME)
    if equal.count(0) - PADDING * len(others) < least:  # so it is with most, all of them together
        return set()
    mine, width = b64decode(one), LETTERS + PADDING
    near = (at for at in range(len(others)) if equal.count(0, at * width, (at + 1) * width) >= least)
    return {at for at in near if others[at] and _alike(mine, b64decode(others[at]))}


def _alike(one: bytes, other: bytes) -> bool:
    differing = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return differing.to_bytes(SIZE, "big").count(0) >= SAME


def _joined(known: Body, mention: Mention, window: int) -> Body:
    dates = [at for at in (known.first, mention.source.at) if at]
    days, floor = known.days, known.floor
    if mention.day is not None and mention.day > floor:
        days, forgotten = bounded(add(days, mention.day, mention.rank, mention.bits), window)
        floor = max(floor, forgotten)
    return Body(
        first=min(dates, default=0),
        days=days,
        facets=_facets(known.facets, [tag for tag, _ in mention.facets]),
        bands=_bands(known.bands, mention.band),
        families=known.families,
        own=known.own,
        floor=floor,
    )


def _facets(known: list[str], told: list[str]) -> list[str]:
    """Keep the smallest tags."""
    if all(tag in known for tag in told):
        return known
    return sorted({*known, *told}, key=lambda tag: (tag[1:], tag))[:FACETS]


def _bands(known: dict[str, int], band: tuple[str, int] | None) -> dict[str, int]:
    if band is None or known.get(band[0], 0) >= band[1]:
        return known
    unit, value = band
    bands = known | {unit: max(value, known.get(unit, 0))}
    return {unit: bands[unit] for unit in sorted(bands)[:UNITS]}


def _put(pair: Pair, name: str, body: Body) -> None:
    pair.bodies[name] = body
    key = Key(mark(name), name, Raw(_encoder.encode(body)))
    pair.keys = sorted((*(one for one in pair.keys if one.name != name), key), key=lambda one: one.mark)


def _file(pair: Pair, key: str, mention: Mention, kin: list[Report]) -> None:
    """Remember the report and which of its kin is the copy; fold away what falls out."""
    report = _entry(pair, mention.source)
    code = (COUNTS if mention.counts else 0) | (4 * (mention.day or 0) if mention.own else 0)
    if key not in report.keys:
        reports_of(pair, key).append(report)
    report.keys[key] = _merged(report.keys.get(key, 0), code)
    for one in kin:
        if key in one.keys and one is not report:
            copy = max(one, report, key=_age)
            copy.keys[key] |= COPY
    for other in sorted(report.keys)[KEYS_OF_REPORT:]:
        _forget(pair, report, other)
    report.keys = dict(sorted(report.keys.items()))
    for gone in pair.reports[REPORTS:]:
        if gone is not report:  # older than all that is remembered it may be a copy of what was
            _fold(pair, gone)
        for other in list(gone.keys):
            _forget(pair, gone, other)
    del pair.reports[REPORTS:]


def _forget(pair: Pair, report: Report, key: str) -> None:
    del report.keys[key]
    if key in pair.telling:
        pair.telling[key] = [one for one in pair.telling[key] if one is not report]


def _merged(one: int, other: int) -> int:
    return 4 * max(one >> 2, other >> 2) | ((one | other) & 3)


def _age(report: Report) -> tuple[int, str, str]:
    return report.at, report.id, report.content


def _entry(pair: Pair, source: Source) -> Report:
    report = Report(source.at, source.id, source.content, source.url, source.family, source.signature, {})
    age = _age(report)
    place = _place(pair.reports, age)
    if place < len(pair.reports) and _age(pair.reports[place]) == age:
        return pair.reports[place]
    pair.reports.insert(place, report)
    return report


def _place(reports: list[Report], age: tuple[int, str, str]) -> int:
    """Return the place of a report of that age among those that stand newest first."""
    low, high = 0, len(reports) if reports and _age(reports[0]) > age else 0  # most are the newest
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _age(reports[middle]) > age else (low, middle)
    return low


def _fold(pair: Pair, gone: Report) -> None:
    """Keep the family of a report that falls out, for each of its keys."""
    names = {one.mark: one.name for one in pair.keys if one.mark in gone.keys}
    for key, name in names.items():
        code = gone.keys[key]
        known = body(pair, name)
        if known is None or code & COPY:
            continue
        before = known.families, known.own
        if code & COUNTS:
            known.families = sorted({*known.families, gone.family})[:FAMILIES]
        if code >> 2:
            known.own = sorted({*known.own, (code >> 2, gone.family)})[-OWN:]
        if before != (known.families, known.own):
            _put(pair, name, known)


def _demote(pair: Pair, surplus: int) -> None:
    """Shrink to their marks the keys above the lowest one there, and more until `surplus` bytes are won."""
    lowest = pair.others[0] if pair.others else "~"  # above every mark
    gone: list[str] = []
    while pair.keys and (surplus > 0 or pair.keys[-1].mark > lowest):
        key = pair.keys.pop()
        gone.append(key.mark)
        surplus -= len(bytes(key.body))
    pair.others = sorted({*pair.others, *gone})[:OTHERS]
