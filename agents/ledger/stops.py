"""What is not to be told: mutes and unsubscriptions, and what the topic of corrections is to hear of them."""

import msgspec

from agents.ledger.alerts import PENDING
from agents.ledger.book import Book
from agents.ledger.rows import Stop


class Stops(Book):
    def stop(self, stop: Stop, at: float, record: bytes | None = None, key: str = "") -> None:
        """Write a stop, with the record that tells the topic of it; one whose time is over lifts it."""
        with self._writing():
            self._stop(stop, at)
            if record is not None:
                self._run("INSERT INTO outbox VALUES (?, ?) ON CONFLICT DO NOTHING", (key, record))

    def _stop(self, stop: Stop, at: float) -> None:
        self._run("DELETE FROM stops WHERE subscriber = ? AND story = ?", (stop.subscriber, stop.story))
        if stop.until is None or stop.until > at:
            self._run("INSERT INTO stops VALUES (?, ?, ?, ?)", (stop.subscriber, stop.story, stop.until, at))

    def stops(self, at: float) -> list[Stop]:
        """Return the stops in force."""
        rows = self._all("SELECT subscriber, story, until FROM stops WHERE until IS NULL OR until > ?", (at,))
        return [msgspec.convert(row, Stop) for row in rows]

    def heed(self, at: float) -> int:
        """Take what is stopped out of what waits, mails that were refused for now too; return how many."""
        with self._writing():
            taken = 0
            for one in self.stops(at):
                fate = "MUTED" if one.story else "UNSUBSCRIBED"
                taken += self._run(
                    f"UPDATE alerts SET fate = ? WHERE {PENDING} AND (? = '' OR subscriber = ?)"
                    " AND (? = '' OR story = ?)",
                    (fate, one.subscriber, one.subscriber, one.story, one.story),
                )
                if not one.story:
                    taken += self._run(
                        "UPDATE mails SET state = 'DROPPED', ended = ?, answer = 'unsubscribed',"
                        " content = NULL WHERE state = 'WAITING' AND subscriber = ?",
                        (at, one.subscriber),
                    )
                    continue
                taken += self._run(
                    "UPDATE mails SET state = 'DROPPED', ended = ?, answer = 'muted', content = NULL"
                    " WHERE state = 'WAITING' AND kind = 'group' AND (? = '' OR subscriber = ?)"
                    " AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.mail = mails.id AND story <> ?)",
                    (at, one.subscriber, one.subscriber, one.story),
                )
            return taken

    def post(self, key: str, record: bytes) -> None:
        """Write what the topic of corrections is to be told; twice is once."""
        with self._writing():
            self._run("INSERT INTO outbox VALUES (?, ?) ON CONFLICT DO NOTHING", (key, record))

    def outbox(self) -> list[tuple[str, bytes]]:
        """Return the records that the topic of corrections does not have yet."""
        return [(row["id"], bytes(row["record"])) for row in self._all("SELECT id, record FROM outbox")]

    def told(self, key: str) -> None:
        with self._writing():
            self._run("DELETE FROM outbox WHERE id = ?", (key,))
