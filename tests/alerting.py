"""Decisions and alerts for tests, stated by a key and a step."""

from datetime import UTC, datetime

import msgspec

from pipeline.ids import derive
from pipeline.types import Alert, Decision, Subscriber
from tests.claims_builder import MADE_BY, article, claim

NAMES = {"new": "NEW", "reactivated": "REACTIVATED", "repeat": "REPEAT", "background": "BACKGROUND"}
PERIOD = "2026-01-01"
DUE = datetime(2026, 1, 1, 6, 5, tzinfo=UTC)


def reader(**fields):
    """Return a subscriber who wants everything, but for what is said."""
    return Subscriber(**({"id": "desk", "to": "desk@example.org"} | fields))


def decision(key="LY|RU|arms|lna", step="new", *, rank=3, deltas=(), matched=None, of=None, **fields):
    """Return the decision on a claim under `key`; `fields` are the claim's."""
    confidence = fields.pop("confidence", None)
    told = claim(
        key, of=of or article(url=f"https://a.example/{key.replace('|', '/')}", title="A title"), **fields
    )
    if confidence is not None:
        told = msgspec.structs.replace(told, confidence=confidence)
    matched = matched or key
    return Decision(
        made_by=MADE_BY,
        id=derive(told.id, matched, PERIOD, step),
        decision=NAMES.get(step, "UPDATE"),
        step=step,
        period=PERIOD,
        reason="a test",
        story=told.story,
        key=key,
        matched_key=matched,
        rank=rank,
        disputed=False,
        families=1,
        first_seen=told.article.published_at,
        deltas=tuple(deltas),
        claim=told,
    )


def alert(key="LY|RU|arms|lna", step="new", *, channel="now", subscriber="desk", **fields):
    """Return an alert on `decision(key, step, …)`."""
    told = decision(key, step, **fields)
    return Alert(
        made_by=MADE_BY,
        id=derive(subscriber, told.matched_key, told.period, step),
        subscriber=subscriber,
        channel=channel,
        story=told.story,
        period=told.period,
        step=step,
        due=DUE,
        decision=told,
    )


def alerts(number, **fields):
    """Return `number` alerts on as many stories of Libya."""
    return [alert(f"LY|RU|arms|side-{place}", **fields) for place in range(number)]
