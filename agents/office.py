"""What the parts of the mailer share: the ledger in a thread of its own, the clock, and who leads."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from agents.ledger import LOST, Ledger, LedgerError
from agents.links import Links
from agents.metrics import Metrics
from agents.settings import Settings
from pipeline import mail as letters
from pipeline.knowledge import Knowledge, load
from pipeline.types import Subscriber

log = logging.getLogger(__name__)

T = TypeVar("T")


class Office:
    """One for each mailer. `leads`: it holds the ledger's lock, and so it is the one that sends."""

    def __init__(
        self,
        settings: Settings,
        readers: Sequence[Subscriber],
        knowledge: Knowledge | None = None,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.readers = readers
        self.metrics = metrics or Metrics.on(CollectorRegistry())
        self.clock = clock
        self.leads = False
        self._knowledge = knowledge
        self._thread = ThreadPoolExecutor(1, "ledger")  # the ledger lives there, off the event loop
        self._ledger: Ledger | None = None

    @property
    def book(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("the mailer is not started")
        return self._ledger

    @property
    def knowledge(self) -> Knowledge:
        if self._knowledge is None:
            raise RuntimeError("the mailer is not started")
        return self._knowledge

    async def open(self) -> None:
        """Open the ledger. Raises LedgerError or KnowledgeError."""
        await self.off(self._open)

    def _open(self) -> None:
        self._knowledge = self._knowledge or load()
        self.wordings = letters.load()
        place = ledger_place(self.settings)
        if isinstance(place, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
        if self._ledger is not None:
            with contextlib.suppress(Exception):
                self._ledger.close()
        self._ledger = Ledger(place)
        self.links = Links(self._ledger.secret, self.settings.public_url)

    async def close(self) -> None:
        if self._ledger is not None:
            await self.off(self._ledger.close)
        self._thread.shutdown(wait=False)

    async def off(self, work: Callable[..., T], *values: Any) -> T:
        """Run `work` in the ledger's thread. A connection that is lost is made anew, and LOST raised."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)
        except LOST:
            self.leads = False  # another may lead by now
            with contextlib.suppress(LedgerError):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
            raise

    async def keep(self, work: Callable[..., None], *values: Any) -> None:
        """Write what happened, however long it takes: a full disk must not make a sent mail look unsent."""
        while True:
            try:
                return await self.off(work, *values)
            except Exception as exc:
                log.error("mail: the ledger cannot be written, trying again: %r", exc)
            await asyncio.sleep(1)


def ledger_path(settings: Settings) -> Path:
    """Return where the ledger of the mailers on this host is."""
    return settings.data / f"{settings.prefix}mail.sqlite"


def ledger_place(settings: Settings) -> Path | str:
    """Return what `Ledger` opens: the address of a PostgreSQL, else the file."""
    return settings.ledger or ledger_path(settings)
