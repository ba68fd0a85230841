"""Mails: begun with their members before DATA, and ended once it is known how. And who refused them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agents.ledger.alerts import PENDING
from agents.ledger.base import LedgerError
from agents.ledger.book import Book
from agents.ledger.rows import OVER, Delivery, Mail, State
from pipeline.types import Alert

FEED = 200  # deliveries that a feed is made of
COLUMNS = (
    "id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, code, answer, content"
)


class Mails(Book):
    def begin(self, mail: Mail, alerts: Sequence[str]) -> None:
        """Write a mail and its members before DATA. Raises LedgerError where a member is in another mail."""
        with self._writing():
            self._run(
                "INSERT INTO mails (id, kind, subscriber, theatre, recipient, subject, state, began, content)"
                " VALUES (?, ?, ?, ?, ?, ?, 'SENDING', ?, ?)",
                (
                    mail.id,
                    mail.kind,
                    mail.subscriber,
                    mail.theatre,
                    mail.recipient,
                    mail.subject,
                    mail.began,
                    mail.content,
                ),
            )
            for each in alerts:
                statement = f"UPDATE alerts SET mail = ? WHERE id = ? AND {PENDING}"
                if self._run(statement, (mail.id, each)) != 1:
                    raise LedgerError(f"the alert {each} is no longer pending")

    def resume(self, mail: str) -> None:
        """Write that a waiting mail is sent again."""
        with self._writing():
            self._run(
                "UPDATE mails SET state = 'SENDING', tries = tries + 1, again = NULL"
                " WHERE id = ? AND state = 'WAITING'",
                (mail,),
            )

    def end(
        self,
        mail: str,
        state: State,
        at: float,
        *,
        code: int | None = None,
        answer: str = "",
        again: float | None = None,
    ) -> None:
        """Write what became of a mail; its content goes once it cannot be sent any more."""
        with self._writing():
            self._run(
                "UPDATE mails SET state = ?, ended = ?, code = ?, answer = ?, again = ? WHERE id = ?",
                (state, at, code, answer, again, mail),
            )
            if state in OVER:
                self._run("UPDATE mails SET content = NULL WHERE id = ? AND recipient <> 'feed'", (mail,))
                self._run("UPDATE alerts SET record = NULL WHERE mail = ?", (mail,))

    def waiting(self, at: float) -> list[Mail]:
        """Return the mails that are to go again by now, the oldest first."""
        return self._mails("state = 'WAITING' AND coalesce(again, 0) <= ?", at)

    def next_waiting(self) -> float | None:
        """Return when the next waiting mail goes again."""
        found = self._one("SELECT min(coalesce(again, 0)) AS at FROM mails WHERE state = 'WAITING'")
        return None if found["at"] is None else float(found["at"])

    def in_doubt(self) -> list[Mail]:
        """Return the mails whose sending began and of which no end is known."""
        return self._mails("state = 'SENDING'")

    def doubted(self) -> list[Mail]:
        """Return the mails that the archive is asked for."""
        return self._mails("state = 'DOUBT'")

    def mail(self, mail: str) -> Mail | None:
        return next(iter(self._mails("id = ?", mail)), None)

    def open(self) -> list[Mail]:
        """Return every mail that is neither sent nor dropped."""
        return self._mails("state NOT IN ('SENT', 'DROPPED')")

    def _mails(self, where: str, *values: Any) -> list[Mail]:
        rows = self._all(
            f"SELECT {COLUMNS} FROM mails WHERE {where} ORDER BY began, id",
            values,
        )
        return [msgspec.convert(row | {"content": row["content"] or b""}, Mail) for row in rows]

    def mailed(self, subscriber: str, since: float) -> dict[str, int]:
        """Return by theatre how many group mails began since then."""
        rows = self._all(
            "SELECT theatre, count(*) AS n FROM mails WHERE kind = 'group' AND subscriber = ? AND began >= ?"
            " GROUP BY theatre",
            (subscriber, since),
        )
        return {row["theatre"]: row["n"] for row in rows}

    def has(self, mail: str) -> bool:
        """Tell whether a mail with that Message-ID was begun."""
        return self._one("SELECT 1 AS n FROM mails WHERE id = ?", (mail,)) is not None

    def meet(self, subscriber: str, at: float) -> float:
        """Return when the subscriber was first met: digests of before are not owed."""
        with self._writing():
            self._run("INSERT INTO readers VALUES (?, ?) ON CONFLICT DO NOTHING", (subscriber, at))
        return float(self._one("SELECT since FROM readers WHERE subscriber = ?", (subscriber,))["since"])

    def feed(self, subscriber: str) -> list[Alert]:
        """Return the alerts of a feed, the newest first; forget what is too old to be shown."""
        rows = self._all(
            "SELECT id, content FROM mails WHERE subscriber = ? AND recipient = 'feed' AND state = 'SENT'"
            " AND content IS NOT NULL ORDER BY began DESC, id",
            (subscriber,),
        )
        with self._writing():
            for row in rows[FEED:]:
                self._run("UPDATE mails SET content = NULL WHERE id = ?", (row["id"],))
        found = (msgspec.json.decode(row["content"], type=Delivery) for row in rows[:FEED])
        return [alert for one in found for alert in one.alerts]

    # Addresses

    def refuse(self, address: str, at: float) -> int:
        """Count one more refusal for good; return how many there were in a row."""
        with self._writing():
            self._run(
                "INSERT INTO addresses VALUES (?, 1, ?) ON CONFLICT (address) DO UPDATE"
                " SET refused = addresses.refused + 1, at = excluded.at",
                (address, at),
            )
        return int(self._one("SELECT refused FROM addresses WHERE address = ?", (address,))["refused"])

    def welcome(self, address: str) -> bool:
        """Forget the refusals of an address; tell whether there were any."""
        with self._writing():
            return self._run("DELETE FROM addresses WHERE address = ?", (address,)) > 0

    def suspended(self, limit: int) -> dict[str, float]:
        """Return the addresses that were refused `limit` times in a row, and when the last time was."""
        rows = self._all("SELECT address, at FROM addresses WHERE refused >= ?", (limit,))
        return {row["address"]: row["at"] for row in rows}
