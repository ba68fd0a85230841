"""The rows of the decision, tried in their order, and the record that tells which one fitted and why."""

from datetime import date

from msgspec import UNSET, Struct

from pipeline.ids import derive
from pipeline.novelty.mention import Mention, late, long_past, moment
from pipeline.novelty.spells import DISPUTED, RETRACTED, Spell
from pipeline.novelty.steps import (
    OF_A_REVISION,
    OF_MERE_SUPPORT,
    WITH_NEW,
    Change,
    allowed,
    beside,
    compare,
    reached,
)
from pipeline.novelty.views import Match, View
from pipeline.types import Claim, Decision, DecisionName, MadeBy

FIRST_STEPS: dict[str, DecisionName] = {"new": "NEW", "reactivated": "REACTIVATED"}
SAME_REPORT = "the same report is remembered for this key"
REASONS = {
    "retracted": "it is taken back",
    "new": "no report of this key is known",
    "reactivated": "silent since {last}, or ended",
    "occurred": "what was planned has occurred",
    "denied": "denied for the first time",
    "ended": "its end is reported",
    "ending": "its end is planned",
    "interdicted": "a seizure or interdiction",
    "rank": "evidence rises from rank {rank} to {0}",
    "recipient": "the recipient is named: {0}",
    "sister": "also told as {0}",
    "quantity": "{0}: {1} or more",
    "facet": "new detail: {0} {1}",
    "families": "{0} independent families report it",
}

Days = list[tuple[int, int]]


class Known(Struct, frozen=True):
    """What the memory says at one moment."""

    matched: View
    support: View  # of a claim of mere support its own key, which the matched one does not take in
    denials: Days  # of mere support; they dispute the more specific keys as well


class Past(Struct, frozen=True):
    """What was known of the report and the key."""

    told: bool  # the same report is remembered for this key
    revision: bool  # another text of the same article is
    marked: bool  # of the claim's key the mark alone is


class Case(Struct, frozen=True):
    """A claim beside all that decides it."""

    claim: Claim
    mention: Mention
    match: Match
    past: Past
    before: Known
    after: Known
    window: int  # days; of the matched key's type
    own_window: int  # of the claim's

    def change(self) -> Change:
        opens = not self.past.revision and not self.mention.bits & RETRACTED
        change = compare(self.before.support, self.after.support, self.mention.day, opens=opens)
        if self.match.kind == "parent":
            return beside(self.before.matched, change, self.mention.day, self.window)
        return change


def decide(case: Case, made_by: MadeBy) -> Decision:
    """Write the decision on `case`."""
    change, claim = case.change(), case.claim
    name, steps, reason = _row(case, change)
    spell = change.spell or next(iter(change.after.spells[-1:]), None)  # of the event, else the latest
    period = date.fromordinal(spell.first).isoformat() if spell else None
    return Decision(
        made_by=made_by,
        id=derive(claim.id, case.match.name, period, steps[0]),
        decision=name,
        step=steps[0],
        period=period,
        reason=reason,
        story=claim.story,
        key=claim.key,
        matched_key=case.match.name,
        rank=spell.rank if spell else case.mention.rank,
        disputed=_disputed(case, spell),
        families=change.after.families,
        first_seen=moment(change.after.first),
        deltas=tuple(steps[1:]),
        claim=claim,
    )


def _row(case: Case, change: Change) -> tuple[DecisionName, list[str], str]:
    if why := _background(case, change):
        return "BACKGROUND", ["background"], why
    if case.past.told:
        return "REPEAT", ["repeat"], SAME_REPORT
    if case.past.marked:
        return "REPEAT", ["repeat"], "the key was told before; its details are forgotten"
    if steps := _steps(case, change):
        return FIRST_STEPS.get(steps[0], "UPDATE"), steps, _reason(change, steps) + _correction(case.claim)
    return "REPEAT", ["repeat"], _nothing_more(case)


def _background(case: Case, change: Change) -> str | None:
    """Say why the claim must not alert at all, if so."""
    claim, mention = case.claim, case.mention
    if claim.epistemic == "retracted":
        if not change.before.seen:
            return "taken back, but never heard of before"
    elif not mention.rank and claim.epistemic != "denied":
        return f"{claim.realis}: not said to happen"
    if long_past(claim, mention, case.own_window):
        return f"the event lies more than {case.own_window} days before the article"
    return late(claim)


def _steps(case: Case, change: Change) -> list[str]:
    spell = change.spell
    disputed = spell is not None and _within(spell, case.window, case.before.denials)
    steps = reached(change, case.claim, case.mention, case.match, disputed=disputed)
    if case.past.revision:
        steps = allowed(steps, OF_A_REVISION)
    if case.match.kind == "parent":
        return allowed(steps, OF_MERE_SUPPORT)
    return allowed(steps, WITH_NEW) if "new" in steps else steps


def _disputed(case: Case, spell: Spell | None) -> bool:
    if spell is None:
        return bool(case.mention.bits & DISPUTED)
    return spell.has(DISPUTED) or _within(spell, case.window, case.after.denials)


def _within(spell: Spell, window: int, days: Days) -> bool:
    return any(spell.first <= last and first <= spell.last + window for first, last in days)


def _reason(change: Change, steps: list[str]) -> str:
    parts = [step.split(":") for step in steps]
    last = date.fromordinal(change.before.last().last or 1) if "reactivated" in steps else None
    return "; ".join(
        REASONS[name].format(*[*rest, ""], rank=change.base.rank, last=last) for name, *rest in parts
    )


def _correction(claim: Claim) -> str:
    return f" ({claim.correction})" if claim.correction is not UNSET and claim.correction else ""


def _nothing_more(case: Case) -> str:
    if case.match.kind in ("vaguer", "parent"):
        return "the more specific key is known"
    return "nothing more than what is known"
