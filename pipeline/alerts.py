"""Who has to know of a decision, and whether at once or in the digest (see "When a claim is new")."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.types import Alert, Channel, Claim, Decision, InvolvementType, Subscriber, When

AT_ONCE = frozenset({"new", "reactivated", "occurred", "denied", "ended", "ending", "interdicted"})
SILENT = frozenset({"BACKGROUND", "REPEAT"})
SIGNED = frozenset({"occurred", "ongoing"})  # a pact that is planned or threatened is not signed
RETRACTED = "retracted"
LEAST_RANK = 2  # a rise to it goes at once


def decide(
    decision: Decision,
    subscribers: Sequence[Subscriber],
    knowledge: Knowledge,
    learning: datetime | None = None,
) -> tuple[Alert, ...]:
    """Return one alert for each subscriber who has to know, in the order of `subscribers`.

    Of articles fetched before `learning` ends only rank rises alert: the rest may be what everyone knows.
    A retraction is for those who got what it takes back. Who that is, the mailer's ledger knows, or `heard`:
    so it is made for everyone, whatever the filters are by now.
    """
    back = decision.step == RETRACTED
    if decision.decision in SILENT or decision.claim.article.backfill:
        return ()
    if learning and decision.claim.article.fetched_at < learning and not (back or _rises(decision)):
        return ()
    usual: When = "now" if _channel(decision, knowledge) == "now" else "daily"
    return tuple(
        _alert(decision, each, when, knowledge)
        for each in subscribers
        if (back or wants(each, decision)) and (when := _when(decision, each, usual)) != "never"
    )


def heard(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Leave out retractions of what the subscriber was not told before in `alerts`."""
    told: set[tuple[str, ...]] = set()
    for alert in alerts:
        decision = alert.decision
        report = (alert.subscriber, alert.story, decision.claim.article.id)
        keys = {(alert.subscriber, decision.matched_key), (alert.subscriber, decision.key)}
        if alert.step == RETRACTED and told.isdisjoint(keys | {report}):
            continue
        told |= {(alert.subscriber, decision.matched_key), report}
        yield alert


def _when(decision: Decision, subscriber: Subscriber, usual: When) -> When:
    """Return when `subscriber` is told: by the first of his rules that fits, else as is usual."""
    name = decision.step.partition(":")[0]
    for rule in subscriber.send:
        if _among((name,), rule.steps) and _among((decision.claim.type, judged_type(decision)), rule.types):
            return rule.when
    return usual


def _rises(decision: Decision) -> bool:
    return any(step.startswith("rank:") for step in (decision.step, *decision.deltas))


def wants(subscriber: Subscriber, decision: Decision) -> bool:
    """Tell whether all filters of `subscriber` match: an absent list matches all, an empty one nothing."""
    claim = decision.claim
    return (
        (subscriber.since is None or claim.article.fetched_at > subscriber.since)
        and _ranks(decision, subscriber.min_rank)
        and claim.confidence >= subscriber.min_confidence
        and _among((claim.theatre,), subscriber.theatres)
        and _among((claim.supporter.principal, claim.supporter.executor), subscriber.actors)
        and _among((claim.type, judged_type(decision)), subscriber.types)
    )


def _ranks(decision: Decision, least: int) -> bool:
    """Tell whether the evidence is enough; none never is."""
    return decision.rank >= max(1, least)


def judged_type(decision: Decision) -> InvolvementType:
    """Return the type of the key that was matched: mere support may deny or end the arms known before it."""
    found = decision.matched_key.split("|")
    matched: InvolvementType = found[2] if len(found) > 2 and found[2] else decision.claim.type  # type: ignore[assignment]
    return matched


def _among(values: Iterable[str | None], wanted: Sequence[str] | None) -> bool:
    return wanted is None or any(value in wanted for value in values if value is not None)


def _channel(decision: Decision, knowledge: Knowledge) -> Channel:
    if decision.step == RETRACTED:
        return "now"
    return "now" if _urgent_step(decision.step) and _urgent_type(decision, knowledge) else "digest"


def _urgent_step(step: str) -> bool:
    """Tell whether `step` goes at once. Urgent ones come first among the steps, so `deltas` hold no other."""
    name, _, value = step.partition(":")
    return name in AT_ONCE or (name == "rank" and value.isdecimal() and int(value) >= LEAST_RANK)


def _urgent_type(decision: Decision, knowledge: Knowledge) -> bool:
    when = knowledge.involvements[judged_type(decision)].at_once
    return when == "always" or (when == "signed" and _signed(decision.claim))


def _signed(claim: Claim) -> bool:
    return claim.realis in SIGNED


def _alert(decision: Decision, subscriber: Subscriber, when: When, knowledge: Knowledge) -> Alert:
    fetched = decision.claim.article.fetched_at
    return Alert(
        made_by=knowledge.made_by,
        id=derive(subscriber.id, decision.matched_key, decision.period, decision.step),
        subscriber=subscriber.id,
        channel="now" if when == "now" else "digest",
        story=decision.story,
        period=decision.period,
        step=decision.step,
        due=_due(fetched, when),
        decision=decision,
    )


def _due(fetched: datetime, when: When) -> datetime:
    if when == "now":
        return fetched
    return hour_end(fetched) if when == "hourly" else digest_end(fetched)


def hour_end(moment: datetime) -> datetime:
    """Return the end of the hourly digest that `moment` falls into."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def digest_end(moment: datetime) -> datetime:
    """Return the end of the daily digest that `moment` falls into: the next midnight, UTC."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
