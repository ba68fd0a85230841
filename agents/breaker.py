"""Stops a worker whose own faults eat its records: better no work than a topic full of dead letters.

Only faults of ours count: an exception that is neither about the record's validity nor about the
article's limits of time and memory. Malformed records stop nobody.
"""

import time
from collections import deque
from collections.abc import Callable

ARTICLES = 20  # different ones with a fault, before a worker stops
WINDOW = 300.0  # seconds looked back
PAUSE = 60.0  # seconds between two records while stopped


class Breaker:
    """Open: stopped, and one record a minute is tried until one passes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.open = False
        self._tried = 0.0
        self._records: deque[tuple[float, str | None]] = deque()  # time, the article where it failed

    def saw(self, article: str, *, fault: bool) -> None:
        """Take in what became of one record."""
        now = self.clock()
        self._records.append((now, article if fault else None))
        while self._records[0][0] < now - WINDOW:
            self._records.popleft()
        if self.open:
            self._probed(fault=fault)
        elif fault:
            self.open = self._too_many()
            self._tried = now

    def _probed(self, *, fault: bool) -> None:
        self._tried = self.clock()
        if not fault:
            self.open = False
            self._records.clear()

    def _too_many(self) -> bool:
        faults = [article for _, article in self._records if article is not None]
        return len(set(faults)) >= ARTICLES and 2 * len(faults) > len(self._records)

    def wait(self) -> float:
        """Return the seconds until the next record may be tried; 0 while not stopped."""
        return max(0.0, self._tried + PAUSE - self.clock()) if self.open else 0.0
