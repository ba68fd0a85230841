"""The rows of the decision, tried in their order, and the record that tells which one fitted and why."""

from datetime import date

from msgspec import Struct

from pipeline.ids import derive
from pipeline.novelty.mention import Mention, late, long_past, moment
from pipeline.novelty.spells import DISPUTED, Spell
from pipeline.novelty.steps import OF_A_REVISION, OF_MERE_SUPPORT, WITH_NEW, Change, allowed, reached
from pipeline.novelty.views import Match
from pipeline.types import Claim, Decision, DecisionName, MadeBy

FIRST_STEPS: dict[str, DecisionName] = {"new": "NEW", "reactivated": "REACTIVATED"}
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


class Case(Struct, frozen=True):
    """A claim beside all that decides it."""

    claim: Claim
    mention: Mention
    match: Match
    change: Change
    window: int  # days; of the matched key's type
    own_window: int  # of the claim's
    told: bool  # the same report is remembered for this key
    revision: bool
    marked: bool  # of the claim's key the mark alone is remembered
    denials_before: Days  # of mere support; they dispute the more specific keys as well
    denials_after: Days


def decide(case: Case, made_by: MadeBy) -> Decision:
    """Write the decision on `case`."""
    name, steps, reason = _row(case)
    known, spell, claim = case.change.after, _spell(case), case.claim
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
        disputed=bool(spell) and _disputed(case, spell, case.denials_after),
        families=known.families,
        first_seen=moment(known.first),
        deltas=tuple(steps[1:]),
        claim=claim,
    )


def _row(case: Case) -> tuple[DecisionName, list[str], str]:
    if why := _background(case):
        return "BACKGROUND", ["background"], why
    if case.told:
        return "REPEAT", ["repeat"], "the same report is remembered for this key"
    if case.marked:
        return "REPEAT", ["repeat"], "the key was told before; its details are forgotten"
    if steps := _steps(case):
        return FIRST_STEPS.get(steps[0], "UPDATE"), steps, _reason(case, steps)
    return "REPEAT", ["repeat"], _nothing_more(case)


def _background(case: Case) -> str | None:
    """Say why the claim must not alert at all, if so."""
    claim, mention = case.claim, case.mention
    if claim.epistemic == "retracted":
        if not case.change.before.seen:
            return "taken back, but never heard of before"
    elif not mention.rank and claim.epistemic != "denied":
        return f"{claim.realis}: not said to happen"
    if long_past(claim, mention, case.own_window):
        return f"the event lies more than {case.own_window} days before the article"
    return late(claim)


def _steps(case: Case) -> list[str]:
    spell = case.change.spell
    disputed = spell is not None and _within(spell, case.window, case.denials_before)
    steps = reached(case.change, case.claim, case.mention, case.match, disputed=disputed)
    if case.revision:
        return allowed(steps, OF_A_REVISION)
    if case.match.kind == "parent":
        return allowed(steps, OF_MERE_SUPPORT)
    return allowed(steps, WITH_NEW) if "new" in steps else steps


def _spell(case: Case) -> Spell | None:
    """Return the spell of the event, else the key's latest."""
    return case.change.spell or next(iter(case.change.after.spells[-1:]), None)


def _disputed(case: Case, spell: Spell | None, denials: Days) -> bool:
    return spell is not None and (spell.has(DISPUTED) or _within(spell, case.window, denials))


def _within(spell: Spell, window: int, days: Days) -> bool:
    return any(spell.first <= last and first <= spell.last + window for first, last in days)


def _reason(case: Case, steps: list[str]) -> str:
    base = case.change.base
    last = date.fromordinal(case.change.before.last().last or 1).isoformat()
    parts = [step.split(":") for step in steps]
    return "; ".join(REASONS[name].format(*[*rest, ""], rank=base.rank, last=last) for name, *rest in parts)


def _nothing_more(case: Case) -> str:
    if case.match.kind in ("vaguer", "parent"):
        return "the more specific key is known"
    return "nothing more than what is known"
