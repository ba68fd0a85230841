"""What is read along: offsets of followed topics, and what came with them, in one transaction."""

from collections.abc import Iterable, Mapping

import msgspec

from agents.ledger.rows import Count, Stop
from agents.ledger.stops import Stops


class Reading(Stops):
    def offsets(self, topic: str) -> dict[int, int]:
        rows = self._all("SELECT part, next FROM offsets WHERE topic = ?", (topic,))
        return {row["part"]: row["next"] for row in rows}

    def advance(
        self,
        topic: str,
        parts: Mapping[int, tuple[int, int]],
        at: float,
        *,
        counts: Iterable[Count] = (),
        stops: Iterable[Stop] = (),
    ) -> bool:
        """Write what was read of `topic` and the offsets after it (part: from, to), in one transaction.

        False where another has read it meanwhile: nothing is written then.
        """
        with self._writing():
            known = self.offsets(topic)
            if any(known.get(part, 0) != begin for part, (begin, _) in parts.items()):
                return False
            for part, (_, end) in parts.items():
                self._run(
                    "INSERT INTO offsets VALUES (?, ?, ?) ON CONFLICT (topic, part) DO UPDATE"
                    " SET next = excluded.next",
                    (topic, part, end),
                )
            for one in counts:
                self._run(
                    "INSERT INTO readings VALUES (?, ?, ?, ?) ON CONFLICT (day, source, language) DO UPDATE"
                    " SET articles = readings.articles + excluded.articles",
                    (one.day, one.source, one.language, one.articles),
                )
            for stop in stops:
                self._stop(stop, at)
            return True

    def readings(self, since: str, until: str) -> list[Count]:
        """Return the figures of the days from `since` to `until`, both inclusive."""
        rows = self._all(
            "SELECT day, source, language, articles FROM readings WHERE day BETWEEN ? AND ?", (since, until)
        )
        return [msgspec.convert(row, Count) for row in rows]

    def prune(self, before: str) -> None:
        with self._writing():
            self._run("DELETE FROM readings WHERE day < ?", (before,))
