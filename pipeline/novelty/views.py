"""What is known of one key, or of several that tell one thing, read from the memory of a pair."""

from collections.abc import Iterator, Sequence
from typing import cast

from msgspec import Struct

from pipeline.novelty import memory
from pipeline.novelty.memory import Pair
from pipeline.novelty.mention import Mention
from pipeline.novelty.spells import DISPUTED, NOTHING, RETRACTED, Days, Spell, spells, unite
from pipeline.types import Claim, InvolvementType

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
    facets: list[str]
    bands: dict[str, int]
    families: int
    floor: int  # events up to this day are forgotten

    def at(self, day: int | None, reach: int = 0) -> Spell | None:
        """Return the spell that holds `day`, or ends not more than `reach` days before it."""
        if day is None or day <= self.floor:
            return None
        return next((one for one in self.spells if one.first <= day <= one.last + reach), None)

    def last(self) -> Spell:
        return self.spells[-1] if self.spells else NOTHING


def look(pair: Pair, names: Sequence[str], window: int) -> View:
    """Return what the keys `names` know together."""
    known = [body for name in names if (body := memory.body(pair, name))]
    own: list[tuple[int, str]] = []
    told: set[str] = set()
    for name in names:
        memory.corroboration(pair, name, own, told)
    if len(known) == 1:  # so it is with most
        body = known[0]
        found = tuple(spells(body.days, window, own))
        return View(True, body.first, found, body.facets, body.bands, len(told), body.floor)
    days: Days = []
    bands: dict[str, int] = {}
    for body in known:
        days = unite(days, body.days)
        bands |= {unit: max(value, bands.get(unit, 0)) for unit, value in body.bands.items()}
    return View(
        seen=bool(known),
        first=min((body.first for body in known if body.first), default=0),
        spells=tuple(spells(days, window, own)),
        facets=[tag for body in known for tag in body.facets],
        bands=bands,
        families=len(told),
        floor=max((body.floor for body in known), default=0),
    )


class Match(Struct, frozen=True):
    """The key a claim is judged under. `kind` says how it relates to the claim's own."""

    name: str
    kind: str  # own, vaguer, parent (the claim is mere support), recipient, sister
    names: tuple[str, ...]  # keys that are read together


def match(pair: Pair, claim: Claim, mention: Mention) -> Match:
    """Find the key to judge `claim` under: a more specific one, its own, or one that it makes specific."""
    own = claim.key
    known = _known(pair, own)
    if known and mention.bits & RETRACTED:
        return Match(own, "own", (own,))
    if name := _latest(pair, _more_specific(pair, own)):
        parent = _part(own, 2) == VAGUE != _part(name, 2)
        return Match(name, "parent", (name,)) if parent else Match(name, "vaguer", (name, own))
    if known:
        return Match(own, "own", (own, *_told_as(pair, own)))
    if vague := _unnamed(pair, own):
        return Match(vague, "recipient", (vague, own))
    if sister := _sister(pair, claim, mention):
        return Match(sister, "sister", (sister, own))
    return Match(own, "own", (own,))


def general_denials(pair: Pair, name: str) -> list[tuple[int, int]]:
    """Return the days on which mere support was denied: that disputes the more specific keys as well."""
    parents = {_with(name, type=VAGUE), _with(name, type=VAGUE, recipient="")} - {name}
    return [
        (first, first + more)
        for parent in parents
        if (known := memory.body(pair, parent))
        for first, more, _, bits in known.days
        if bits & DISPUTED
    ]


def type_of(name: str) -> InvolvementType:
    return cast(InvolvementType, _part(name, 2))  # keys are made of claims, which were checked


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


def _more_specific(pair: Pair, name: str, *, same_type: bool = False) -> list[str]:
    """Return the known keys that say all that `name` says, and more."""
    _, _, type, recipient = name.split("|")
    if type != VAGUE and recipient:
        return []
    types = (type,) if same_type or type != VAGUE else ()
    return [
        one
        for one in _names(pair)
        if one != name and (not types or _part(one, 2) in types) and recipient in ("", _part(one, 3))
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


def _unnamed(pair: Pair, name: str) -> str | None:
    """Return the known key that `name` gives a recipient to, while its type has no other recipient."""
    vague = _with(name, recipient="")
    if vague == name or not _known(pair, vague) or _more_specific(pair, vague, same_type=True):
        return None
    return vague


def _sister(pair: Pair, claim: Claim, mention: Mention) -> str | None:
    """Return the sister key of `claim` with an event near its own and nothing that sets them apart."""
    type, day = SISTERS.get(claim.type), mention.day
    if type is None or day is None:
        return None
    name = _with(claim.key, type=type)
    known = memory.body(pair, name)
    if known is None or _differ(known.facets, [tag for tag, _ in mention.facets]):
        return None
    near = (first - SISTER_DAYS <= day <= first + more + SISTER_DAYS for first, more, _, _ in known.days)
    return name if any(near) else None


def _differ(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether origin or equipment are named on both sides and have nothing in common."""
    return any(
        (mine := {tag for tag in one if tag[0] == kind})
        and (yours := {tag for tag in other if tag[0] == kind})
        and not mine & yours
        for kind in "oe"
    )
