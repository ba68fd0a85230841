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
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from prometheus_client import CollectorRegistry

from agents import envelope, hooks, schedule
from agents.archive import Archive, Unanswered
from agents.ledger import LOST, Group, Ledger, LedgerError, Mail, State
from agents.links import Links
from agents.metrics import Metrics
from agents.post import InDoubt, Post, Refused, Unreachable
from agents.settings import Settings, SettingsError
from agents.subscribers import roster
from pipeline import mail as letters
from pipeline.knowledge import Knowledge, load
from pipeline.types import Alert, Subscriber

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 100  # alerts in one mail; the others go in the next
DIGEST = 300  # the same for a digest
IDLE = 60.0  # seconds between looks when nothing is due
FOLLOW = 5.0  # seconds between tries to become the one that sends
CHECK = 2.0  # seconds between questions to the archive
REFUSALS = 3  # for good, in a row: the address is suspended
AWAY = (
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    60.0,
)  # seconds after each failure to reach the host; the last one stays
AGAIN = (5.0, 15.0, 60.0, 300.0, 900.0)  # the same for a mail that got a 4xx
SILENT_DAYS, SILENT_SEEN = 7, 3  # a source read on so many of the days before, and not today, is silent


class Way(Protocol):
    """How something is sent: `Post` or `Hook`, inside its context."""

    async def reach(self, recipient: str) -> None: ...
    async def send(self, recipient: str, delivery: str, content: bytes) -> tuple[int, str]: ...


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
        self._knowledge = knowledge
        self._roster = roster(settings.subscribers) if readers is None else readers
        self._origin = envelope.sender(settings.smtp_from)
        self._signer = envelope.signer(settings, self._origin.domain)
        self._policy = in_doubt(settings)
        self._archive = Archive(settings)
        self._metrics = metrics or Metrics.on(CollectorRegistry())
        self._announce = announce
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "ledger")  # the ledger lives there, off the event loop
        self._ledger: Ledger | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._wakes: list[asyncio.Event] = []
        self._stopping = False
        self._leads = False
        self._leading = asyncio.Lock()
        self._later: dict[
            tuple[str, str], tuple[int, float]
        ] = {}  # groups refused for now: tries, not before
        self._strangers: set[str] = set()  # subscribers missing from the file, told once
        self._promised: dict[
            str, tuple[float, tuple[float, ...]]
        ] = {}  # mail -> due, when articles were fetched
        self._refused: set[str] = set()  # addresses that refused something lately
        self._suspended: set[str] = set()

    async def start(self) -> None:
        """Open the ledger and begin to send. Raises LedgerError, KnowledgeError or SettingsError."""
        await self._off(self._open)
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
        if self._ledger is not None:
            await self._off(self._ledger.close)
        self._thread.shutdown(wait=False)

    # The ledger's thread

    async def _off(self, work: Callable[..., T], *values: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)
        except LOST:
            self._leads = False  # another may lead by now
            with contextlib.suppress(LedgerError):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
            raise

    async def ask(self, work: Callable[[Ledger], T]) -> T:
        """Run `work` on the ledger, in its thread: for what stands beside the mailer."""
        return await self._off(lambda: work(self._book))

    def _open(self) -> None:
        self._knowledge = self._knowledge or load()
        self._wordings = letters.load()
        place = ledger_place(self._settings)
        if isinstance(place, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
        if self._ledger is not None:
            with contextlib.suppress(Exception):
                self._ledger.close()
        self._ledger = Ledger(place)
        self._links = Links(self._ledger.secret, self._settings.public_url)

    @property
    def _book(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("the mailer is not started")
        return self._ledger

    @property
    def readers(self) -> Sequence[Subscriber]:
        return self._roster

    @property
    def links(self) -> Links:
        return self._links

    @property
    def leads(self) -> bool:
        return self._leads

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
        return hooks.Hook([each for each in self._roster if each.format in formats])

    async def _round(self, formats: tuple[str, ...]) -> float:
        """Send what is due; return the seconds until something may be."""
        async with self._leading:
            if not await self._lead():
                return FOLLOW
        stopped = await self._off(self._book.heed, self._clock())
        if stopped:
            log.info("mail: %d taken out, muted or unsubscribed", stopped)
        self._suspended = set(await self._off(self._book.suspended, REFUSALS))
        self._metrics.suspended.set(len(self._suspended))
        readers = {each.id: each for each in self._roster if each.format in formats}
        soon = await self._ask_archive() if "mail" in formats else IDLE
        async with self._way(formats) as way:
            for mail in await self._off(self._book.waiting, self._clock()):
                if self._is_for(mail, formats) and not self._stopping:
                    await self._once_more(way, mail)
            for group in await self._groups(readers):
                due = self._due(group, readers)
                if due <= self._clock() and not self._stopping:
                    await self._try_group(way, group, readers[group.subscriber], due)
            for reader in readers.values():
                if not self._stopping:
                    await self._try_digests(way, reader)
        return min(soon, await self._next(formats, readers))

    def _is_for(self, mail: Mail, formats: tuple[str, ...]) -> bool:
        return ("mail" in formats) == ("://" not in mail.recipient and mail.recipient != "feed")

    async def _lead(self) -> bool:
        if not self._leads and await self._off(self._book.lead):
            await self._off(self._settle_doubts)
            self._refused = set(await self._off(self._book.suspended, 1))
            self._leads = True
        return self._leads

    def _settle_doubts(self) -> None:
        """Decide on what a mailer before us left half sent."""
        for mail in self._book.in_doubt():
            self._doubt(mail, "the mailer ended while it was being sent")

    def _doubt(self, mail: Mail, why: str) -> None:
        now = self._clock()
        policy = self._policy if self._is_for(mail, ("mail",)) else "resend"
        self._metrics.mail_failures.labels("in_doubt").inc()
        if policy == "verify":
            log.warning("mail: %s to %s is in doubt, the archive is asked: %s", mail.id, mail.subscriber, why)
            self._book.end(mail.id, "DOUBT", now, answer=why)
        elif policy == "resend":
            pause = AGAIN[min(mail.tries - 1, len(AGAIN) - 1)]
            log.warning("mail: %s to %s is in doubt and goes again: %s", mail.id, mail.subscriber, why)
            self._book.end(mail.id, "WAITING", now, answer=why, again=now + pause)
        else:
            log.error("mail: %s to %s is in doubt and parked: %s", mail.id, mail.subscriber, why)
            self._book.end(mail.id, "PARKED", now, answer=why)

    async def _ask_archive(self) -> float:
        """Look for the mails in doubt; return the seconds until the next look."""
        doubted = await self._off(self._book.doubted)
        for mail in doubted:
            asked = self._clock()
            try:
                found = await self._archive.has(mail.id)
            except Unanswered as exc:
                log.warning("mail: the archive does not answer: %s", exc)
                return CHECK
            if found:
                log.info("mail: %s to %s has arrived, says the archive", mail.id, mail.subscriber)
                await self._end(mail, "SENT", 250, "found in the archive")
            elif asked - (mail.ended or asked) >= self._settings.mail_grace:
                log.warning("mail: %s to %s has not arrived and goes again", mail.id, mail.subscriber)
                await self._end(mail, "WAITING", 0, "not in the archive", again=asked)
        return CHECK if doubted else IDLE

    # Groups

    async def _groups(self, readers: Mapping[str, Subscriber]) -> list[Group]:
        """Return the groups of `readers`: of one subscriber those with the fewest mails this hour first."""
        found = await self._off(self._book.groups)
        known = {each.id for each in self._roster}
        for name in {each.subscriber for each in found} - known - self._strangers:
            log.warning("mail: %s is not in the subscribers' file: what came for this id waits", name)
            self._strangers.add(name)
        ours = [
            each
            for each in found
            if each.subscriber in readers and readers[each.subscriber].to not in self._suspended
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
        times.append(self._later.get((group.subscriber, group.theatre), (0, 0.0))[1])
        return schedule.awake(readers[group.subscriber].quiet, max(times))

    async def _next(self, formats: tuple[str, ...], readers: Mapping[str, Subscriber]) -> float:
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
                mail, members = await self._off(self._compose, group, reader)
                self._promised[mail.id] = due, self._promised.get(mail.id, (due, ()))[1]
                await self._send_new(way, mail, members)
        except Unreachable:
            raise
        except LOST:
            raise
        except Exception:
            log.exception("mail: the mail to %s on %s failed and waits", group.subscriber, group.theatre)
            self._put_off((group.subscriber, group.theatre))

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

    async def _send_new(self, way: Way, mail: Mail, members: list[str]) -> None:
        if not self._leads:
            return
        try:
            await way.reach(mail.recipient)
        except Refused as exc:
            return await self._refused_new(mail, members, exc)
        self._later.pop((mail.subscriber, mail.theatre), None)
        await self._off(self._book.begin, mail, members)
        await self._data(way, mail)

    def _compose(self, group: Group, reader: Subscriber) -> tuple[Mail, list[str]]:
        alerts = self._book.pending(group.subscriber, group.theatre, MOST, along=reader.along)
        assert self._knowledge is not None  # noqa: S101  set before the loop starts
        letter = letters.compose(
            alerts,
            reader.language,
            self._knowledge,
            self._wordings,
            lambda alert: self._links.actions(reader.id, alert),
        )
        identity = envelope.message_id(alerts, self._origin.domain)
        articles = [alert.decision.claim.article for alert in alerts if alert.channel == "now"]
        fetched = tuple(each.fetched_at.timestamp() for each in articles if not each.backfill)
        self._promised[identity] = self._clock(), fetched
        return self._mail(identity, "group", reader, letter, alerts, group.theatre)

    def _mail(
        self,
        identity: str,
        kind: str,
        reader: Subscriber,
        letter: letters.Letter,
        alerts: Sequence[Alert],
        theatre: str = "",
    ) -> tuple[Mail, list[str]]:
        began = self._clock()
        if reader.format == "mail":
            content = self._signer(
                envelope.message(
                    letter,
                    alerts,
                    self._origin,
                    reader.to,
                    began,
                    identity=identity,
                    theatre=bool(theatre),
                    unsubscribe=self._links.one_click(reader.id),
                )
            )
        else:
            content = hooks.body(reader, letter, alerts, identity)
        mail = Mail(
            id=identity,
            kind=kind,
            subscriber=reader.id,
            theatre=theatre,
            recipient=reader.to,
            subject=letter.subject,
            began=began,
            content=content,
        )
        return mail, [each.id for each in alerts]

    async def _refused_new(self, mail: Mail, members: list[str], exc: Refused) -> None:
        """Take the server's no to the recipient, before anything was sent."""
        if exc.final:
            await self._off(self._book.begin, mail, members)
            return await self._refused_mail(mail, exc)
        pause = self._put_off((mail.subscriber, mail.theatre))
        self._metrics.mail_failures.labels("refused_for_now").inc()
        log.warning("mail: %s is refused for now, next try in %g s: %s", mail.subscriber, pause, exc)

    def _put_off(self, group: tuple[str, str]) -> float:
        tries = self._later.get(group, (0, 0.0))[0]
        pause = AGAIN[min(tries, len(AGAIN) - 1)]
        self._later[group] = (tries + 1, self._clock() + pause)
        return pause

    # Digests

    async def _try_digests(self, way: Way, reader: Subscriber) -> None:
        try:
            for kind, end in await self._off(self._ended, reader):
                await self._send_new(way, *await self._off(self._compose_digest, reader, kind, end))
        except Unreachable:
            raise
        except LOST:
            raise
        except Exception:
            log.exception("mail: the digest for %s failed and waits", reader.id)
            self._put_off((reader.id, ""))

    def _ended(self, reader: Subscriber) -> list[tuple[str, float]]:
        """Return the digests that are to go out: kind and end."""
        now = self._clock()
        met = self._book.meet(reader.id, now)
        late = self._later.get((reader.id, ""), (0, 0.0))[1] > now
        if late or reader.to in self._suspended or schedule.awake(reader.quiet, now) > now:
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
        return [(kind, end) for kind, end in found if not self._book.has(self._digest_id(reader, kind, end))]

    def _digest_id(self, reader: Subscriber, kind: str, end: float) -> str:
        return envelope.digest_id(reader.id, kind, int(end), self._origin.domain)

    def _compose_digest(self, reader: Subscriber, kind: str, end: float) -> tuple[Mail, list[str]]:
        alerts = [
            each
            for each in self._book.digest(reader.id, end, DIGEST)
            if kind == "daily" or each.due.timestamp() % schedule.DAY
        ]
        assert self._knowledge is not None  # noqa: S101  set before the loop starts
        shown = datetime.fromtimestamp(end - schedule.DAY if kind == "daily" else end, UTC)
        letter = letters.digest(
            alerts,
            reader.language,
            self._knowledge,
            self._wordings,
            subscriber=reader.id,
            kind=kind,
            day=f"{shown:%Y-%m-%d}" if kind == "daily" else f"{shown:%Y-%m-%d %H:%M}",
            reading=self._reading(reader, end) if kind == "daily" else None,
            actions=lambda alert: self._links.actions(reader.id, alert),
        )
        return self._mail(self._digest_id(reader, kind, end), kind, reader, letter, alerts)

    def _reading(self, reader: Subscriber, end: float) -> letters.Reading:
        """Say what was read in the day that ended at `end`, and what was held back from `reader`."""
        last = datetime.fromtimestamp(end, UTC).date() - timedelta(days=1)
        first = last - timedelta(days=SILENT_DAYS)
        languages: dict[str, int] = {}
        days: dict[str, set[str]] = {}
        today: set[str] = set()
        for one in self._book.readings(first.isoformat(), last.isoformat()):
            if one.day == last.isoformat():
                languages[one.language] = languages.get(one.language, 0) + one.articles
                today.add(one.source)
            else:
                days.setdefault(one.source, set()).add(one.day)
        silent = [name for name, seen in days.items() if len(seen) >= SILENT_SEEN and name not in today]
        return letters.Reading(
            articles=sum(languages.values()),
            languages=tuple(sorted(languages, key=lambda code: (-languages[code], code))),
            silent=tuple(sorted(silent)),
            held=self._book.held(reader.id, end - schedule.DAY, end),
        )

    # One mail

    async def _once_more(self, way: Way, mail: Mail) -> None:
        if not self._leads:
            return
        try:
            await way.reach(mail.recipient)
        except Refused as exc:
            return await self._refused_mail(mail, exc)
        await self._off(self._book.resume, mail.id)
        await self._data(way, mail)

    async def _data(self, way: Way, mail: Mail) -> None:
        """Send a mail whose members are written, and write how it ended."""
        if mail.recipient == "feed":  # it is read from the ledger
            return await self._end(mail, "SENT", 200, "")
        try:
            code, answer = await way.send(mail.recipient, mail.id, mail.content)
        except Refused as exc:
            await self._refused_mail(mail, exc)
        except InDoubt as exc:
            await self._keep(self._doubt, mail, str(exc))
        except Exception as exc:  # a bug: DATA may have gone out all the same
            log.exception("mail: %s to %s", mail.id, mail.subscriber)
            await self._keep(self._doubt, mail, repr(exc))
        else:
            self._accepted(mail)
            await self._end(mail, "SENT", code, answer)
            if mail.recipient in self._refused:
                self._refused.discard(mail.recipient)
                await self._off(self._book.welcome, mail.recipient)
            log.info("mail: %s sent to %s: %s", mail.id, mail.subscriber, mail.subject)

    def _accepted(self, mail: Mail) -> None:
        """Count how late it is; of a mail begun by a process before us it is known from its first attempt."""
        now = self._clock()
        due, fetched = self._promised.pop(mail.id, (mail.began, ()))
        self._metrics.mail_late.observe(max(0.0, now - due))
        for each in fetched:
            self._metrics.aged("mail", each, now)

    async def _refused_mail(self, mail: Mail, exc: Refused) -> None:
        if exc.final:
            log.error("mail: %s to %s is refused for good: %s", mail.id, mail.subscriber, exc)
            self._metrics.mail_failures.labels("refused").inc()
            await self._end(mail, "FAILED", exc.code, exc.answer)
            return await self._count_refusal(mail)
        self._metrics.mail_failures.labels("refused_for_now").inc()
        pause = AGAIN[min(mail.tries - 1, len(AGAIN) - 1)]
        log.warning(
            "mail: %s to %s is refused for now, next try in %g s: %s", mail.id, mail.subscriber, pause, exc
        )
        await self._end(mail, "WAITING", exc.code, exc.answer, again=self._clock() + pause)

    async def _count_refusal(self, mail: Mail) -> None:
        """Suspend an address that refused the third mail in a row."""
        self._refused.add(mail.recipient)
        if await self._off(self._book.refuse, mail.recipient, self._clock()) >= REFUSALS:
            self._suspended.add(mail.recipient)
            self._metrics.suspended.set(len(self._suspended))
            log.error("mail: the address of %s is suspended, its alerts wait", mail.subscriber)

    async def _end(
        self, mail: Mail, state: State, code: int, answer: str, again: float | None = None
    ) -> None:
        def write() -> None:
            self._book.end(mail.id, state, self._clock(), code=code, answer=answer, again=again)

        await self._keep(write)
        self._metrics.mails.labels(state.lower()).inc()

    async def _keep(self, work: Callable[..., None], *values: Any) -> None:
        """Write what happened, however long it takes: a full disk must not make a sent mail look unsent."""
        while True:
            try:
                return await self._off(work, *values)
            except Exception as exc:
                log.error("mail: the ledger cannot be written, trying again: %r", exc)
            await asyncio.sleep(1)


def ledger_path(settings: Settings) -> Path:
    """Return where the ledger of the mailers on this host is."""
    return settings.data / f"{settings.prefix}mail.sqlite"


def ledger_place(settings: Settings) -> Path | str:
    """Return what `Ledger` opens: the address of a PostgreSQL, else the file."""
    return settings.ledger or ledger_path(settings)


def in_doubt(settings: Settings) -> str:
    """Return what happens to a mail in doubt. Raises SettingsError where it cannot be asked for."""
    asks = bool(settings.imap_host and settings.mail_archive)
    if settings.mail_in_doubt == "verify" and not asks:
        raise SettingsError(
            "CONDOTTA_MAIL_IN_DOUBT=verify needs CONDOTTA_MAIL_ARCHIVE and CONDOTTA_IMAP_HOST"
        )
    return settings.mail_in_doubt or ("verify" if asks else "park")
