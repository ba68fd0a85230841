"""The mailer: takes alerts out of Kafka into a durable ledger, and mails them once, grouped.

`accept` returns when its alerts are on disk; their offsets may then be committed. One loop sends what is due:

    group     what came for one subscriber and theatre goes in one mail: `group_wait` seconds after the first
              alert that is for now, and `group_interval` seconds after the mail before
    digest    what is not for now waits in the ledger until a mail goes out for its theatre, and stands there
              under "Also reported"
    once      members and Message-ID are written before DATA, SENT after the 250. A crash in between, or a
              line that falls there, leaves a mail in doubt: CONDOTTA_MAIL_IN_DOUBT says whether it is parked
              for a person (`park`) or sent again under the same Message-ID (`resend`)
    nothing   a host that is away, a refused login or sender: all mails wait. 4xx: this mail waits.
    is lost   5xx for the recipient or the content: FAILED, and kept. Alerts of a subscriber who is not in the
              file stay pending.

Several mailers may share a ledger on one host: all accept, the one that holds its lock sends.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from agents import envelope, subscribers
from agents.ledger import Group, Ledger, Mail, State
from agents.post import InDoubt, Post, Refused, Unreachable
from agents.settings import Settings
from pipeline import mail as letters
from pipeline.knowledge import Knowledge, load
from pipeline.types import Alert, Subscriber

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 100  # alerts in one mail; the others go in the next
IDLE = 60.0  # seconds between looks when nothing is due
FOLLOW = 5.0  # seconds between tries to become the one that sends
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


class Mailer:
    """Takes the alerts of `news.alerts` and sends the mails."""

    def __init__(
        self,
        settings: Settings,
        *,
        knowledge: Knowledge | None = None,
        readers: Sequence[Subscriber] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Load `readers` and `knowledge` where they are not given. Raises SettingsError."""
        self._settings = settings
        self._knowledge = knowledge
        found = subscribers.load(settings.subscribers) if readers is None else readers
        self._readers: Mapping[str, Subscriber] = {each.id: each for each in found}
        self._origin = envelope.sender(settings.smtp_from)
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "ledger")  # the ledger lives there, off the event loop
        self._ledger: Ledger | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._stopping = False
        self._leads = False
        self._failures = 0  # in a row, to reach the host
        self._later: dict[
            tuple[str, str], tuple[int, float]
        ] = {}  # groups refused for now: tries, not before
        self._strangers: set[str] = set()  # subscribers missing from the file, told once

    @property
    def path(self) -> Path:
        return ledger_path(self._settings)

    async def start(self) -> None:
        """Open the ledger and begin to send. Raises LedgerError or KnowledgeError."""
        await self._off(self._open)
        self._task = asyncio.create_task(self._deliver())

    async def accept(self, alerts: Sequence[Alert]) -> None:
        """Return once `alerts` are durable; one whose id was seen before changes nothing."""
        if alerts:
            await self._off(self._book.accept, alerts, self._clock())
            self._wake.set()

    async def stop(self) -> None:
        """Finish the mail at work within half of `stop_timeout`, and close. The rest goes next time."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            _, late = await asyncio.wait({self._task}, timeout=self._settings.stop_timeout / 2)
            for task in late:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._ledger is not None:
            await self._off(self._ledger.close)
        self._thread.shutdown(wait=False)

    # The ledger's thread

    async def _off(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)

    def _open(self) -> None:
        self._knowledge = self._knowledge or load()
        self._wordings = letters.load()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._ledger = Ledger(self.path)

    @property
    def _book(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("the mailer is not started")
        return self._ledger

    # The loop

    async def _deliver(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                pause = await self._round()
                self._failures = 0
            except Unreachable as exc:
                pause = self._away(exc)
            except Exception:
                log.exception("mail: this round failed, all waits in the ledger")
                pause = AWAY[-1]
            await self._pause(pause)

    def _away(self, exc: Unreachable) -> float:
        pause = AWAY[min(self._failures, len(AWAY) - 1)]
        self._failures += 1
        host = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
        log.warning("mail: %s takes no mail now, next try in %g s: %s", host, pause, exc)
        return pause

    async def _pause(self, seconds: float) -> None:
        """Wait, less where something comes in; while the host is away, that hurries nothing."""
        if self._failures and not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped(), seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _stopped(self) -> None:
        while not self._stopping:
            self._wake.clear()
            await self._wake.wait()

    async def _round(self) -> float:
        """Send what is due; return the seconds until something may be."""
        if not await self._lead():
            return FOLLOW
        async with Post(self._settings, self._origin.addr_spec) as post:
            for mail in await self._off(self._book.waiting, self._clock()):
                await self._once_more(post, mail)
            for group in await self._groups():
                if self._due(group) <= self._clock() and not self._stopping:
                    await self._try_group(post, group)
        return await self._next()

    async def _lead(self) -> bool:
        if not self._leads and await self._off(self._book.lead):
            await self._off(self._settle_doubts)
            self._leads = True
        return self._leads

    def _settle_doubts(self) -> None:
        """Decide on what a mailer before us left half sent."""
        for mail in self._book.in_doubt():
            self._doubt(mail, "the mailer ended while it was being sent")

    def _doubt(self, mail: Mail, why: str) -> None:
        now = self._clock()
        if self._settings.mail_in_doubt == "resend":
            log.warning("mail: %s to %s is in doubt and goes again: %s", mail.id, mail.subscriber, why)
            self._book.end(mail.id, "WAITING", now, answer=why, again=now + AGAIN[0])
        else:
            log.error("mail: %s to %s is in doubt and parked: %s", mail.id, mail.subscriber, why)
            self._book.end(mail.id, "PARKED", now, answer=why)

    # Groups

    async def _groups(self) -> list[Group]:
        found = await self._off(self._book.groups)
        for name in {each.subscriber for each in found} - self._readers.keys() - self._strangers:
            log.warning("mail: %s is not in the subscribers' file: what came for this id waits", name)
            self._strangers.add(name)
        return [each for each in found if each.subscriber in self._readers]

    def _due(self, group: Group) -> float:
        """Return when the group's next mail is due. A clock that was set back must not hold it."""
        now = self._clock()
        times = [group.first + self._settings.group_wait]
        if group.last is not None and group.last <= now:
            times.append(group.last + self._settings.group_interval)
        if group.first > now:
            times[0] = now
        times.append(self._later.get((group.subscriber, group.theatre), (0, 0.0))[1])
        return max(times)

    async def _next(self) -> float:
        groups = await self._groups()
        waiting = await self._off(self._book.next_waiting)
        times = [self._due(each) for each in groups] + ([waiting] if waiting is not None else [])
        return min(max(0.02, min(times, default=IDLE + self._clock()) - self._clock()), IDLE)

    async def _try_group(self, post: Post, group: Group) -> None:
        """Send a group's mail; one that cannot be made must not hold the others."""
        try:
            await self._send_group(post, group)
        except Unreachable:
            raise
        except Exception:
            log.exception("mail: the mail to %s on %s failed and waits", group.subscriber, group.theatre)
            self._put_off((group.subscriber, group.theatre))

    async def _send_group(self, post: Post, group: Group) -> None:
        mail, members = await self._off(self._compose, group)
        try:
            await post.reach(mail.recipient)
        except Refused as exc:
            return await self._refused_group(mail, members, exc)
        self._later.pop((group.subscriber, group.theatre), None)
        await self._off(self._book.begin, mail, members)
        await self._data(post, mail)

    def _compose(self, group: Group) -> tuple[Mail, list[str]]:
        reader = self._readers[group.subscriber]
        alerts = self._book.pending(group.subscriber, group.theatre, MOST)
        assert self._knowledge is not None  # noqa: S101  set before the loop starts
        letter = letters.compose(alerts, reader.language, self._knowledge, self._wordings)
        began = self._clock()
        mail = Mail(
            id=envelope.message_id(alerts, self._origin.domain),
            subscriber=reader.id,
            theatre=group.theatre,
            recipient=reader.to,
            subject=letter.subject,
            began=began,
            content=envelope.message(letter, alerts, self._origin, reader.to, began),
        )
        return mail, [each.id for each in alerts]

    async def _refused_group(self, mail: Mail, members: list[str], exc: Refused) -> None:
        """Take the server's no to the recipient, before anything was sent."""
        if exc.final:
            await self._off(self._book.begin, mail, members)
            return await self._refused(mail, exc)
        pause = self._put_off((mail.subscriber, mail.theatre))
        log.warning("mail: %s is refused for now, next try in %g s: %s", mail.subscriber, pause, exc)

    def _put_off(self, group: tuple[str, str]) -> float:
        tries = self._later.get(group, (0, 0.0))[0]
        pause = AGAIN[min(tries, len(AGAIN) - 1)]
        self._later[group] = (tries + 1, self._clock() + pause)
        return pause

    # One mail

    async def _once_more(self, post: Post, mail: Mail) -> None:
        try:
            await post.reach(mail.recipient)
        except Refused as exc:
            return await self._refused(mail, exc)
        await self._off(self._book.resume, mail.id)
        await self._data(post, mail)

    async def _data(self, post: Post, mail: Mail) -> None:
        """Send a mail whose members are written, and write how it ended."""
        try:
            code, answer = await post.send(mail.content)
        except Refused as exc:
            await self._refused(mail, exc)
        except InDoubt as exc:
            await self._keep(self._doubt, mail, str(exc))
        except Exception as exc:  # a bug: DATA may have gone out all the same
            log.exception("mail: %s to %s", mail.id, mail.subscriber)
            await self._keep(self._doubt, mail, repr(exc))
        else:
            await self._end(mail, "SENT", code, answer)
            log.info("mail: %s sent to %s: %s", mail.id, mail.subscriber, mail.subject)

    async def _refused(self, mail: Mail, exc: Refused) -> None:
        if exc.final:
            log.error("mail: %s to %s is refused for good: %s", mail.id, mail.subscriber, exc)
            return await self._end(mail, "FAILED", exc.code, exc.answer)
        pause = AGAIN[min(mail.tries - 1, len(AGAIN) - 1)]
        log.warning(
            "mail: %s to %s is refused for now, next try in %g s: %s", mail.id, mail.subscriber, pause, exc
        )
        await self._end(mail, "WAITING", exc.code, exc.answer, again=self._clock() + pause)

    async def _end(
        self, mail: Mail, state: State, code: int, answer: str, again: float | None = None
    ) -> None:
        def write() -> None:
            self._book.end(mail.id, state, self._clock(), code=code, answer=answer, again=again)

        await self._keep(write)

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
