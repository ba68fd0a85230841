"""The mailer's memory: which alerts came, which mail each of them is in, and what became of that mail.

A row for each alert, a row for each mail. An alert without a mail is PENDING, or has a fate of its own
(MUTED, UNSUBSCRIBED; UNTOLD is a retraction of what the subscriber never got); else its state is its mail's:

    SENDING   members and content are written, DATA may have begun: after a crash nobody knows how it ended
    DOUBT     so it is, and the archive mailbox is asked for it
    WAITING   refused for now, or not found there; goes again with the same Message-ID, Date and content
    PARKED    in doubt, and left to a person
    SENT      the server answered 250
    FAILED    refused for good
    DROPPED   given up by a person

    pending ──> SENDING ──> SENT | FAILED | WAITING | PARKED | DOUBT
                   ^───────────────────────────┘

Ids are kept for ever, for an alert is told once; contents only as long as a mail may go out again. Grouping,
intervals, caps, quiet hours and digests are queries over the rows: a digest is a mail of the kind `hourly` or
`daily`, and `due` is when an alert's digest ends. One connection, used from one thread.
"""

from pathlib import Path

import msgspec

from agents.ledger.alerts import Alerts
from agents.ledger.base import LOST, LedgerError
from agents.ledger.book import version
from agents.ledger.mails import Mails
from agents.ledger.reading import Reading
from agents.ledger.rows import Count, Fate, Group, Mail, State, Stop
from agents.ledger.tables import VERSION

__all__ = [
    "LOST", "VERSION", "Count", "Fate", "Group", "Ledger", "LedgerError", "Mail", "State", "Stop", "existing",
    "version",
]  # fmt: skip


class Ledger(Alerts, Mails, Reading):
    """The whole of it, and what it tells people."""

    def counts(self) -> dict[str, int]:
        """Return the number of alerts by state."""
        return {
            row["state"]: row["n"]
            for row in self._all("SELECT state, count(*) AS n FROM rows GROUP BY state")
        }

    def of_article(self, article: str) -> list[Fate]:
        """Return what became of the alerts that an article gave rise to."""
        rows = self._all(
            "SELECT rows.id AS alert, rows.subscriber, step, rows.state, mail, ended, answer"
            " FROM rows LEFT JOIN mails ON mails.id = mail WHERE article = ? ORDER BY accepted, rows.id",
            (article,),
        )
        return [msgspec.convert(row, Fate) for row in rows]

    def held(self, subscriber: str, since: float, until: float) -> dict[str, int]:
        """Return how many alerts that came in that time were held back, by why."""
        rows = self._all(
            "SELECT coalesce(fate, held, state) AS why, count(*) AS n FROM rows WHERE subscriber = ?"
            " AND accepted >= ? AND accepted < ?"
            " AND coalesce(fate, '') <> 'UNTOLD'"
            " AND (fate IS NOT NULL OR held IS NOT NULL OR state IN ('PARKED', 'FAILED', 'DROPPED'))"
            " GROUP BY coalesce(fate, held, state)",
            (subscriber, since, until),
        )
        return {row["why"]: row["n"] for row in rows}


def existing(place: Path | str) -> Ledger | None:
    """Open the ledger that a mailer has made; None where there is none. Raises LedgerError."""
    return Ledger(place) if version(place) else None
