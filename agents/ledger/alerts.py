"""Alerts come in and wait: for their group's mail, or for their digest."""

from collections.abc import Iterable
from typing import Any

import msgspec

from agents import schedule
from agents.ledger.book import Book
from agents.ledger.rows import Group
from pipeline.alerts import RETRACTED
from pipeline.types import Alert

PENDING = "mail IS NULL AND fate IS NULL"
ALERT = (
    "id, subscriber, theatre, story, key, period, step, type, rank, channel, due, article, claim,"
    " accepted, record, fate"
)
NOT_GOT = ("MUTED", "UNSUBSCRIBED", "UNTOLD", "FAILED", "DROPPED")  # states of an alert that nobody read


class Alerts(Book):
    def accept(self, alerts: Iterable[Alert], at: float) -> int:
        """Write the alerts that are not known yet, in one transaction; return how many these were."""
        with self._writing():
            return sum(self._accept(each, at) for each in alerts)

    def _accept(self, alert: Alert, at: float) -> int:
        row = (*_row(alert, at), None if self._concerns(alert) else "UNTOLD")
        fields = ", ".join("?" * len(row))
        return self._run(f"INSERT INTO alerts ({ALERT}) VALUES ({fields}) ON CONFLICT DO NOTHING", row)

    def _concerns(self, alert: Alert) -> bool:
        """Tell whether the subscriber has to know; a retraction concerns those who got what it takes back."""
        if alert.step != RETRACTED:
            return True
        decision = alert.decision
        stories = (alert.story, "|".join(decision.matched_key.split("|")[:3]))
        keys = (decision.matched_key, decision.key)
        found = self._one(
            "SELECT 1 AS n FROM rows WHERE subscriber = ? AND story IN (?, ?)"
            " AND (key IN (?, ?) OR article = ?) AND state NOT IN (?, ?, ?, ?, ?) AND id <> ? LIMIT 1",
            (alert.subscriber, *stories, *keys, decision.claim.article.id, *NOT_GOT, alert.id),
        )
        return found is not None

    def groups(self) -> list[Group]:
        """Return the groups that hold something for now, the longest waiting first."""
        rows = self._all(
            "SELECT subscriber, theatre, min(accepted) AS first, (SELECT max(began) FROM mails"
            "  WHERE mails.subscriber = alerts.subscriber AND mails.theatre = alerts.theatre) AS last"
            f" FROM alerts WHERE {PENDING} AND channel = 'now' GROUP BY subscriber, theatre ORDER BY first"
        )
        return [msgspec.convert(row, Group) for row in rows]

    def pending(self, subscriber: str, theatre: str, limit: int, *, along: bool = False) -> list[Alert]:
        """Return at most `limit` alerts of a group for now, with `along` also what is for the digest."""
        rows = self._all(
            f"SELECT record FROM alerts WHERE {PENDING} AND (channel = 'now' OR ?) AND subscriber = ?"
            " AND theatre = ? ORDER BY channel = 'digest', accepted, rowid LIMIT ?",
            (along, subscriber, theatre, limit),
        )
        return [msgspec.json.decode(row["record"], type=Alert) for row in rows]

    def digest(self, subscriber: str, until: float, limit: int) -> list[Alert]:
        """Return at most `limit` alerts whose digest ended by `until`, in order of arrival."""
        rows = self._all(
            f"SELECT record FROM alerts WHERE {PENDING} AND channel = 'digest' AND subscriber = ?"
            " AND due <= ? ORDER BY accepted, rowid LIMIT ?",
            (subscriber, until, limit),
        )
        return [msgspec.json.decode(row["record"], type=Alert) for row in rows]

    def digests(self, until: float) -> dict[str, list[float]]:
        """Return by subscriber when the digests end for which something waits, up to `until`."""
        found: dict[str, list[float]] = {}
        for row in self._all(
            f"SELECT DISTINCT subscriber, due FROM alerts WHERE {PENDING}"
            " AND channel = 'digest' AND due <= ?",
            (until,),
        ):
            found.setdefault(row["subscriber"], []).append(row["due"])
        return found

    def overflow(self, subscriber: str, theatre: str, due: float) -> int:
        """Move a group's alerts into the digest that ends at `due`; return how many these were."""
        with self._writing():
            return self._run(
                f"UPDATE alerts SET channel = 'digest', held = 'cap', due = ? WHERE {PENDING}"
                " AND channel = 'now' AND subscriber = ? AND theatre = ?",
                (due, subscriber, theatre),
            )


def _due(alert: Alert, at: float) -> float:
    """Return when the alert's digest ends; one that came after that goes into the next."""
    due = alert.due.timestamp()
    if alert.channel == "now" or due > at:
        return due
    length = schedule.HOUR if due % schedule.DAY else schedule.DAY
    return at - at % length + length


def _row(alert: Alert, at: float) -> tuple[Any, ...]:
    decision = alert.decision
    claim = decision.claim
    return (
        alert.id, alert.subscriber, claim.theatre, alert.story, decision.matched_key, alert.period,
        alert.step, claim.type, decision.rank, alert.channel, _due(alert, at), claim.article.id,
        claim.id, at,
        msgspec.json.encode(alert),
    )  # fmt: skip
