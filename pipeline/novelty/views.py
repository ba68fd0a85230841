"""What is known of one key, or of several that tell one thing, read from the memory of a pair."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from pipeline.novelty import memory
from pipeline.novelty.memory import Body, Pair
from pipeline.novelty.spells import DISPUTED, NOTHING, Days, Own, Spell, merged, spells, unite
from pipeline.types import Claim

VAGUE = "unspecified_support"  # the parent of all other types
SISTERS = {
    "mercenaries": "foreign_fighters",
    "foreign_fighters": "mercenaries",
    "arms": "materiel",
    "materiel": "arms",
}
SISTER_DAYS = 7


class View(Struct, frozen=True):
    """What several keys know together; `spells` oldest first."""

    seen: bool
    first: int
    spells: tuple[Spell, ...]
    facets: frozenset[str]
    bands: dict[str, int]
    families: int

    def at(self, day: int | None) -> Spell | None:
        """Return the spell that holds `day`."""
        return next((one for one in self.spells if day is not None and one.first <= day <= one.last), None)

    def last(self) -> Spell:
        return self.spells[-1] if self.spells else NOTHING


def look(pair: Pair, names: Sequence[str], window: int) -> View:
    """Return what the keys `names` know together."""
    known = [(name, found) for name in names if (found := memory.body(pair, name)) is not None]
    bands: dict[str, int] = {}
    for _, one in known:
        bands |= {unit: max(value, bands.get(unit, 0)) for unit, value in one.bands.items()}
    return View(
        seen=bool(known),
        first=min((one.first for _, one in known if one.first), default=0),
        spells=tuple(spells(_days(known), window, _own(pair, known))),
        facets=frozenset(tag for _, one in known for tag in one.facets),
        bands=bands,
        families=len({family for name, one in known for family in _families(pair, name, one)}),
    )


def _days(known: list[tuple[str, Body]]) -> Days:
    days: Days = []
    for _, one in known:
        days = unite(days, one.days)
    return days


def _own(pair: Pair, known: list[tuple[str, Body]]) -> Own:
    for name, one in known:
        yield from one.own
        yield from memory.own(pair, name)


def _families(pair: Pair, name: str, body: Body) -> Iterator[str]:
    yield from body.families
    yield from memory.families(pair, name)


class Match(Struct, frozen=True):
    """The key a claim is judged under. `kind` says how it relates to the claim's own."""

    name: str
    kind: str  # own, vaguer, parent (the claim is mere support), recipient, sister
    names: tuple[str, ...]  # keys that are read together


def match(pair: Pair, claim: Claim, day: int | None) -> Match:
    """Find the key that `claim` is judged under: a more specific one, its own, or one that it makes specific."""
    own = claim.key
    if name := _latest(pair, _more_specific(pair, own)):
        kind = "parent" if _part(own, 2) == VAGUE != _part(name, 2) else "vaguer"
        return Match(name, kind, (name,) if kind == "parent" else (name, own))
    if _known(pair, own):
        return Match(own, "own", (own, *_told_as(pair, own)))
    vague = _with(own, recipient="")
    if vague != own and _known(pair, vague):
        if not any(_with(name, recipient="") == vague != name for name in _names(pair)):
            return Match(vague, "recipient", (vague, own))
    elif sister := _sister(pair, claim, day):
        return Match(sister, "sister", (sister, own))
    return Match(own, "own", (own,))


def disputed_in_general(pair: Pair, name: str, spell: Spell, window: int) -> bool:
    """Tell whether mere support was denied during `spell`: that disputes the more specific keys as well."""
    parents = {_with(name, type=VAGUE), _with(name, type=VAGUE, recipient="")} - {name}
    return any(
        bits & DISPUTED and spell.first <= day + more and day <= spell.last + window
        for parent in sorted(parents)
        if (known := memory.body(pair, parent))
        for day, more, _, bits in known.days
    )


def iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _part(name: str, index: int) -> str:
    return name.split("|")[index]


def _with(name: str, type: str | None = None, recipient: str | None = None) -> str:
    theatre, principal, old_type, old_recipient = name.split("|")
    recipient = old_recipient if recipient is None else recipient
    return f"{theatre}|{principal}|{type or old_type}|{recipient}"


def _names(pair: Pair) -> Iterator[str]:
    return (one.name for one in pair.keys)


def _known(pair: Pair, name: str) -> bool:
    return name in _names(pair)


def _more_specific(pair: Pair, name: str) -> list[str]:
    """Return the known keys that say all that `name` says, and more."""
    _, _, type, recipient = name.split("|")
    if type != VAGUE and recipient:
        return []
    return [
        one
        for one in _names(pair)
        if one != name and type in (VAGUE, _part(one, 2)) and recipient in ("", _part(one, 3))
    ]


def _latest(pair: Pair, names: list[str]) -> str | None:
    """Return the one with the latest event, then the first in the alphabet."""
    return min(names, key=lambda name: (-_end(pair, name), name), default=None)


def _end(pair: Pair, name: str) -> int:
    known = memory.body(pair, name)
    return max((day + more for day, more, _, _ in known.days), default=0) if known else 0


def _told_as(pair: Pair, name: str) -> tuple[str, ...]:
    """Return the key with an unknown recipient whose claims are judged under `name`, if there is one."""
    vague = _with(name, recipient="")
    if vague == name or not _known(pair, vague) or _latest(pair, _more_specific(pair, vague)) != name:
        return ()
    return (vague,)


def _sister(pair: Pair, claim: Claim, day: int | None) -> str | None:
    type = SISTERS.get(claim.type)
    known = memory.body(pair, _with(claim.key, type=type)) if type and day else None
    if not known or not type or day is None or _differs(known, claim):
        return None
    near = any(first - SISTER_DAYS <= day <= first + more + SISTER_DAYS for first, more, _, _ in known.days)
    return _with(claim.key, type=type) if near else None


def _differs(known: Body, claim: Claim) -> bool:
    """Tell whether origin or equipment are named on both sides and have nothing in common."""
    from pipeline.novelty.mention import facet_marks

    mine = facet_marks(claim)
    return any(
        (one := {tag for tag in mine if tag[0] == kind})
        and (other := {tag for tag in known.facets if tag[0] == kind})
        and not one & other
        for kind in "oe"
    )


def together(several: Sequence[Spell]) -> Spell:
    return merged(several)
