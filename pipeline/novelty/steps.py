"""What a mention reaches: the difference between what was known before it and after it, as named steps."""

from collections.abc import Iterator

from msgspec import Struct

from pipeline.novelty.mention import Mention
from pipeline.novelty.spells import (
    DISPUTED,
    ENDED,
    ENDING,
    INTERDICTED,
    NOTHING,
    OCCURRED,
    PLANNED,
    RETRACTED,
    Spell,
    merged,
)
from pipeline.novelty.views import Match, View
from pipeline.types import Claim

FAMILY_STEPS = (2, 5)
OF_A_REVISION = frozenset({"retracted", "occurred", "denied", "ended", "interdicted", "rank"})
OF_MERE_SUPPORT = frozenset({"denied", "ended", "ending"})  # what it says of a more specific key
WITH_NEW = frozenset(
    {"new", "denied", "ended", "ending", "interdicted"}
)  # before a new key nothing could rise


class Change(Struct, frozen=True):
    """Views of the matched key; `spell` holds the event, `base` is what was known of that time."""

    before: View
    after: View
    spell: Spell | None
    base: Spell
    fresh: bool  # a spell of its own, later than all others


def compare(before: View, after: View, day: int | None, *, opens: bool = True) -> Change:
    """Say what the spell of the event was before it.

    An event that opens an older spell is measured by all that is known: what was reached later is no news.
    `day` None (an undated article) is in no spell and reaches nothing. `opens`: may be news of its own.
    """
    spell = after.at(day)
    met = [one for one in before.spells if spell and one.meets(spell)]
    fresh = bool(opens and spell and not met and before.spells and spell.first > before.last().last)
    base = NOTHING if fresh else merged(met or before.spells)
    return Change(before, after, spell, base, fresh)


def beside(before: View, own: Change, day: int | None, reach: int) -> Change:
    """Say what a claim of mere support meets in a more specific key, which it leaves as it is.

    `own` is the change under its own key: what mere support had reached there at that time is told.
    """
    spell = before.at(day, reach) if own.spell else None
    return Change(before, before, spell, merged([spell, own.base]) if spell else own.base, fresh=False)


def reached(change: Change, claim: Claim, mention: Mention, match: Match, *, disputed: bool) -> list[str]:
    """Return the steps in the order of the contract. `disputed`: all support was denied at that time."""
    if change.spell is None:
        return []
    return [
        *_opening(change, mention),
        *_acts(change, mention, disputed=disputed),
        *_rank(change),
        *_roles(claim, match),
        *_details(change, mention),
        *_families(change),
    ]


def allowed(steps: list[str], names: frozenset[str]) -> list[str]:
    """Keep the steps whose bare name is in `names`."""
    return [step for step in steps if step.partition(":")[0] in names]


def _opening(change: Change, mention: Mention) -> Iterator[str]:
    if mention.bits & RETRACTED:
        if change.before.seen and not change.base.has(RETRACTED):
            yield "retracted"
    elif not change.before.seen:
        yield "new"
    elif change.fresh:
        yield "reactivated"


def _acts(change: Change, mention: Mention, *, disputed: bool) -> Iterator[str]:
    base, bits = change.base, mention.bits
    if bits & OCCURRED and base.has(PLANNED) and not base.has(OCCURRED):
        yield "occurred"
    if bits & DISPUTED and not base.has(DISPUTED) and not disputed:
        yield "denied"
    if bits & ENDED and not base.has(ENDED):
        yield "ended"
    if bits & ENDING and not base.has(ENDING | ENDED):
        yield "ending"
    if bits & INTERDICTED and not base.has(INTERDICTED):
        yield "interdicted"


def _rank(change: Change) -> Iterator[str]:
    rank = change.spell.rank if change.spell else 0
    if rank > change.base.rank and not change.fresh:
        yield f"rank:{rank}"


def _roles(claim: Claim, match: Match) -> Iterator[str]:
    if match.kind == "recipient":
        yield f"recipient:{claim.recipient}"
    if match.kind == "sister":
        yield f"sister:{claim.type}"


def _details(change: Change, mention: Mention) -> Iterator[str]:
    if mention.band:
        unit, value = mention.band
        if value > change.before.bands.get(unit, 0) and change.after.bands.get(unit) == value:
            yield f"quantity:{unit}:{value}"
    for tag, step in sorted(mention.facets, key=lambda facet: facet[1]):
        if step and tag not in change.before.facets and tag in change.after.facets:
            yield step


def _families(change: Change) -> Iterator[str]:
    for number in FAMILY_STEPS:
        if change.before.families < number <= change.after.families:
            yield f"families:{number}"
