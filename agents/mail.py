"""The mailer: takes alerts out of Kafka into a durable ledger, and tells them once, grouped.

`accept` returns when its alerts are on disk; their offsets may then be committed. A loop for mails and one
for webhooks send what is due:

    group     what came for one subscriber and theatre goes in one mail: `group_wait` seconds after the first
              alert that is for now, and `group_interval` seconds after the mail before; not in quiet hours,
              and not above the subscriber's mails an hour: what is more goes into the digest
    digest    what is not for now goes out when its hour or day has ended, the daily one also when empty
    once      members and Message-ID are written before DATA, SENT after the 250. A crash in between, or a
              line that falls there, leaves a mail in doubt: CONDOTTA_MAIL_IN_DOUBT says whether the archive
              is asked for it (`verify`), it is parked for a person (`park`) or sent again under the same
              Message-ID (`resend`). A webhook gets it again: its delivery id is the same
    nothing   a host that is away, a refused login, sender or archive: all mails wait. 4xx: this mail waits.
    is lost   5xx for the recipient or the content: FAILED, and kept; three in a row suspend the address.
              Alerts of a subscriber who is not in the file, or suspended, stay pending.
    stopped   what is muted or unsubscribed is taken out before anything is sent, whenever it came

Several mailers may share a ledger: all accept, the one that holds its lock sends.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from agents import envelope, hooks, schedule
from agents.courier import REFUSALS, Courier, Way, goes_by_mail
from agents.ledger import LOST, Group, Ledger
from agents.links import Links
from agents.metrics import Metrics
from agents.office import Office, ledger_path, ledger_place
from agents.post import Post, Unreachable
from agents.settings import Settings
from agents.subscribers import roster
from agents.writer import Writer
from pipeline.knowledge import Knowledge
from pipeline.types import Alert, Subscriber

__all__ = ["REFUSALS", "Mailer", "ledger_path", "ledger_place"]

log = logging.getLogger(__name__)

T = TypeVar("T")

IDLE = 60.0  # seconds between looks when nothing is due
FOLLOW = 5.0  # seconds between tries to become the one that sends
AWAY = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # seconds after each failure to reach the host; the last stays


class Mailer:
    """Takes the alerts of `news.alerts` and tells them."""

    def __init__(
        self,
        settings: Settings,
        *,
        knowledge: Knowledge | None = None,
        readers: Sequence[Subscriber] | None = None,
        metrics: Metrics | None = None,
        announce: Callable[[str], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Load `readers` and `knowledge` where they are not given. Raises SettingsError.

        `announce` is told the ledger's id before anything is sent; it raises where another's is in use.
        """
        self._settings = settings
        readers = roster(settings.subscribers) if readers is None else readers
        self._origin = envelope.sender(settings.smtp_from)
        self._office = Office(settings, readers, knowledge, metrics, clock)
        self._writer = Writer(self._office, self._origin)
        self._courier = Courier(self._office)
        self._metrics = self._office.metrics
        self._off = self._office.off
        self._announce = announce
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._wakes: list[asyncio.Event] = []
        self._stopping = False
        self._leading = asyncio.Lock()
        self._strangers: set[str] = set()  # subscribers missing from the file, told once

    async def start(self) -> None:
        """Open the ledger and begin to send. Raises LedgerError, KnowledgeError or SettingsError."""
        await self._office.open()
        if self._announce is not None:
            await self._announce(await self._off(lambda: self._book.id))
        for formats in (("mail",), ("json", "slack", "feed")):
            wake = asyncio.Event()
            self._wakes.append(wake)
            self._tasks.append(asyncio.create_task(self._deliver(formats, wake)))

    async def accept(self, alerts: Sequence[Alert]) -> None:
        """Return once `alerts` are durable; one whose id was seen before changes nothing."""
        if alerts:
            await self._off(self._book.accept, alerts, self._clock())
            self.wake()

    def wake(self) -> None:
        for each in self._wakes:
            each.set()

    async def stop(self) -> None:
        """Finish the mail at work within half of `stop_timeout`, and close. The rest goes next time."""
        self._stopping = True
        self.wake()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._settings.stop_timeout / 2)
            for task in late:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._office.close()

    async def ask(self, work: Callable[[Ledger], T]) -> T:
        """Run `work` on the ledger, in its thread: for what stands beside the mailer."""
        return await self._off(lambda: work(self._book))

    @property
    def _book(self) -> Ledger:
        return self._office.book

    @property
    def readers(self) -> Sequence[Subscriber]:
        return self._office.readers

    @property
    def links(self) -> Links:
        return self._office.links

    @property
    def leads(self) -> bool:
        return self._office.leads

    # The loops

    async def _deliver(self, formats: tuple[str, ...], wake: asyncio.Event) -> None:
        failures = 0  # in a row, to reach the host
        while not self._stopping:
            wake.clear()
            try:
                pause = await self._round(formats)
                failures = 0
            except Unreachable as exc:
                pause = self._away(exc, failures)
                failures += 1
            except Exception:
                log.exception("mail: this round failed, all waits in the ledger")
                pause = AWAY[min(failures, len(AWAY) - 1)]
                failures += 1
            await self._pause(pause, wake, hurry=not failures)

    def _away(self, exc: Unreachable, failures: int) -> float:
        pause = AWAY[min(failures, len(AWAY) - 1)]
        host = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
        self._metrics.mail_failures.labels("unreachable").inc()
        log.warning("mail: %s takes no mail now, next try in %g s: %s", host, pause, exc)
        return pause

    async def _pause(self, seconds: float, wake: asyncio.Event, *, hurry: bool) -> None:
        """Wait, less where something comes in; while the host is away, that hurries nothing."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wake.wait()
                while not hurry and not self._stopping:
                    wake.clear()
                    await wake.wait()

    def _way(self, formats: tuple[str, ...]) -> Any:
        if "mail" in formats:
            return Post(self._settings, self._origin.addr_spec)
        return hooks.Hook([each for each in self.readers if each.format in formats])

    async def _round(self, formats: tuple[str, ...]) -> float:
        """Send what is due; return the seconds until something may be."""
        async with self._leading:
            if not await self._lead():
                return FOLLOW
        stopped = await self._off(self._book.heed, self._clock())
        if stopped:
            log.info("mail: %d taken out, muted or unsubscribed", stopped)
        await self._courier.look()
        readers = {each.id: each for each in self.readers if each.format in formats}
        soon = await self._courier.ask_archive() if "mail" in formats else None
        async with self._way(formats) as way:
            for mail in await self._off(self._book.waiting, self._clock()):
                if goes_by_mail(mail) == ("mail" in formats) and not self._stopping:
                    await self._courier.once_more(way, mail)
            for group in await self._groups(readers):
                due = self._due(group, readers)
                if due <= self._clock() and not self._stopping:
                    await self._try_group(way, group, readers[group.subscriber], due)
            for reader in readers.values():
                if not self._stopping:
                    await self._try_digests(way, reader)
        pause = await self._next(readers)
        return pause if soon is None else min(soon, pause)

    async def _lead(self) -> bool:
        if not self._office.leads and await self._off(self._book.lead):
            await self._courier.lead()
            self._office.leads = True
        return self._office.leads

    # Groups

    async def _groups(self, readers: Mapping[str, Subscriber]) -> list[Group]:
        """Return the groups of `readers`: of one subscriber those with the fewest mails this hour first."""
        found = await self._off(self._book.groups)
        known = {each.id for each in self.readers}
        for name in {each.subscriber for each in found} - known - self._strangers:
            log.warning("mail: %s is not in the subscribers' file: what came for this id waits", name)
            self._strangers.add(name)
        ours = [
            each
            for each in found
            if each.subscriber in readers and not self._courier.suspends(readers[each.subscriber].to)
        ]
        return sorted(ours, key=lambda group: group.last or 0.0)

    def _due(self, group: Group, readers: Mapping[str, Subscriber]) -> float:
        """Return when the group's next mail is due. A clock that was set back must not hold it."""
        now = self._clock()
        times = [group.first + self._settings.group_wait]
        if group.last is not None and group.last <= now:
            times.append(group.last + self._settings.group_interval)
        if group.first > now:
            times[0] = now
        times.append(self._courier.not_before(group.subscriber, group.theatre))
        return schedule.awake(readers[group.subscriber].quiet, max(times))

    async def _next(self, readers: Mapping[str, Subscriber]) -> float:
        now = self._clock()
        groups = await self._groups(readers)
        waiting = await self._off(self._book.next_waiting)
        times = [self._due(each, readers) for each in groups]
        times += [waiting] if waiting is not None else []
        times.append(schedule.hour_start(now) + schedule.HOUR)  # a digest may end
        return min(max(0.02, min(times) - now), IDLE)

    async def _try_group(self, way: Way, group: Group, reader: Subscriber, due: float) -> None:
        """Send a group's mail; one that cannot be made must not hold the others."""
        try:
            if await self._off(self._fits, group, reader):
                draft = await self._off(self._writer.group, group, reader)
                await self._courier.send(way, draft, due)
        except Unreachable:
            raise
        except LOST:
            raise
        except Exception:
            log.exception("mail: the mail to %s on %s failed and waits", group.subscriber, group.theatre)
            self._courier.put_off(group.subscriber, group.theatre)

    def _fits(self, group: Group, reader: Subscriber) -> bool:
        """Tell whether the group may have a mail in this hour; else its alerts go into the digest."""
        now = self._clock()
        mailed = self._book.mailed(reader.id, schedule.hour_start(now))
        waiting = {each.theatre for each in self._book.groups() if each.subscriber == reader.id}
        if schedule.allowed(reader, group.theatre, mailed, waiting):
            return True
        hourly = any(rule.when == "hourly" for rule in reader.send)
        start, length = (schedule.hour_start, schedule.HOUR) if hourly else (schedule.day_start, schedule.DAY)
        moved = self._book.overflow(reader.id, group.theatre, start(now) + length)
        self._metrics.held.labels("cap").inc(moved)
        log.info("mail: %d alerts to %s on %s wait for the digest", moved, reader.id, group.theatre)
        return False

    # Digests

    async def _try_digests(self, way: Way, reader: Subscriber) -> None:
        try:
            for kind, end in await self._off(self._ended, reader):
                await self._courier.send(way, await self._off(self._writer.digest, reader, kind, end))
        except Unreachable:
            raise
        except LOST:
            raise
        except Exception:
            log.exception("mail: the digest for %s failed and waits", reader.id)
            self._courier.put_off(reader.id)

    def _ended(self, reader: Subscriber) -> list[tuple[str, float]]:
        """Return the digests that are to go out: kind and end."""
        now = self._clock()
        met = self._book.meet(reader.id, now)
        late = self._courier.not_before(reader.id) > now
        if late or self._courier.suspends(reader.to) or schedule.awake(reader.quiet, now) > now:
            return []
        if any(stop.subscriber in ("", reader.id) and not stop.story for stop in self._book.stops(now)):
            return []
        hour, today = schedule.hour_start(now), schedule.day_start(now)
        dues = self._book.digests(now).get(reader.id, [])
        daily = any(due % schedule.DAY == 0 for due in dues)
        empty = reader.empty_digest and reader.format == "mail" and met <= today
        found = [("daily", today)] if daily or empty else []
        if any(due % schedule.DAY for due in dues):
            found.append(("hourly", hour))
        return [
            (kind, end)
            for kind, end in found
            if not self._book.has(self._writer.digest_id(reader, kind, end))
        ]
