"""Carries one mail: begun before DATA, ended by the server's answer, in doubt where none is known.

What becomes of a doubt says CONDOTTA_MAIL_IN_DOUBT: the archive is asked, a person, or it goes again.
"""

import logging
from typing import Protocol

from agents.archive import Archive, Unanswered
from agents.ledger import Mail, State
from agents.office import Office
from agents.post import InDoubt, Refused
from agents.settings import Settings, SettingsError
from agents.writer import Draft

log = logging.getLogger(__name__)

CHECK = 2.0  # seconds between questions to the archive
REFUSALS = 3  # for good, in a row: the address is suspended
AGAIN = (5.0, 15.0, 60.0, 300.0, 900.0)  # seconds after each 4xx for a mail; the last one stays


class Way(Protocol):
    """How something is sent: `Post` or `Hook`, inside its context."""

    async def reach(self, recipient: str) -> None: ...
    async def send(self, recipient: str, delivery: str, content: bytes) -> tuple[int, str]: ...


class Courier:
    """Remembers what was refused for now before it was begun, and which addresses refuse."""

    def __init__(self, office: Office) -> None:
        """Begin without a memory. Raises SettingsError where a doubt cannot be treated as asked for."""
        self._office = office
        self._policy = in_doubt(office.settings)
        self._archive = Archive(office.settings)
        self._later: dict[tuple[str, str], tuple[int, float]] = {}  # (subscriber, theatre): tries, not before
        self._promised: dict[str, tuple[float, tuple[float, ...]]] = {}  # mail: due, articles fetched
        self._refused: set[str] = set()  # addresses that refused something lately
        self._suspended: set[str] = set()

    async def lead(self) -> None:
        """Take over from a mailer before us, which may have left a mail half sent."""
        await self._office.off(self._settle)
        self._refused = set(await self._office.off(self._office.book.suspended, 1))

    async def look(self) -> None:
        """See which addresses are suspended: a person may have taken one up again."""
        self._suspended = set(await self._office.off(self._office.book.suspended, REFUSALS))
        self._office.metrics.suspended.set(len(self._suspended))

    def suspends(self, address: str) -> bool:
        return address in self._suspended

    def not_before(self, subscriber: str, theatre: str = "") -> float:
        """Return when a group (without a theatre: a digest) that was refused for now may go; else 0."""
        return self._later.get((subscriber, theatre), (0, 0.0))[1]

    def put_off(self, subscriber: str, theatre: str = "") -> float:
        tries = self._later.get((subscriber, theatre), (0, 0.0))[0]
        pause = AGAIN[min(tries, len(AGAIN) - 1)]
        self._later[subscriber, theatre] = (tries + 1, self._office.clock() + pause)
        return pause

    async def send(self, way: Way, draft: Draft, due: float | None = None) -> None:
        """Begin a mail and send it, unless another leads by now."""
        mail = draft.mail
        if due is not None:
            self._promised[mail.id] = due, draft.fetched
        if not self._office.leads:
            return
        try:
            await way.reach(mail.recipient)
        except Refused as exc:
            return await self._refused_new(draft, exc)
        self._later.pop((mail.subscriber, mail.theatre), None)
        await self._office.off(self._office.book.begin, mail, draft.members)
        await self._data(way, mail)

    async def once_more(self, way: Way, mail: Mail) -> None:
        if not self._office.leads:
            return
        try:
            await way.reach(mail.recipient)
        except Refused as exc:
            return await self._refused_mail(mail, exc)
        await self._office.off(self._office.book.resume, mail.id)
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
            await self._office.keep(self._doubt, mail, str(exc))
        except Exception as exc:  # a bug: DATA may have gone out all the same
            log.exception("mail: %s to %s", mail.id, mail.subscriber)
            await self._office.keep(self._doubt, mail, repr(exc))
        else:
            self._accepted(mail)
            await self._end(mail, "SENT", code, answer)
            if mail.recipient in self._refused:
                self._refused.discard(mail.recipient)
                await self._office.off(self._office.book.welcome, mail.recipient)
            log.info("mail: %s sent to %s: %s", mail.id, mail.subscriber, mail.subject)

    def _accepted(self, mail: Mail) -> None:
        """Count how late it is; of a mail begun by a process before us it is known from its first attempt."""
        now = self._office.clock()
        due, fetched = self._promised.pop(mail.id, (mail.began, ()))
        self._office.metrics.mail_late.observe(max(0.0, now - due))
        for each in fetched:
            self._office.metrics.aged("mail", each, now)

    async def _end(
        self, mail: Mail, state: State, code: int, answer: str, again: float | None = None
    ) -> None:
        def write() -> None:
            self._office.book.end(mail.id, state, self._office.clock(), code=code, answer=answer, again=again)

        await self._office.keep(write)
        self._office.metrics.mails.labels(state.lower()).inc()

    # Refused

    async def _refused_new(self, draft: Draft, exc: Refused) -> None:
        """Take the server's no to the recipient, before anything was sent."""
        mail = draft.mail
        if exc.final:
            await self._office.off(self._office.book.begin, mail, draft.members)
            return await self._refused_mail(mail, exc)
        pause = self.put_off(mail.subscriber, mail.theatre)
        self._office.metrics.mail_failures.labels("refused_for_now").inc()
        log.warning("mail: %s is refused for now, next try in %g s: %s", mail.subscriber, pause, exc)

    async def _refused_mail(self, mail: Mail, exc: Refused) -> None:
        if exc.final:
            log.error("mail: %s to %s is refused for good: %s", mail.id, mail.subscriber, exc)
            self._office.metrics.mail_failures.labels("refused").inc()
            await self._end(mail, "FAILED", exc.code, exc.answer)
            return await self._count_refusal(mail)
        self._office.metrics.mail_failures.labels("refused_for_now").inc()
        pause = AGAIN[min(mail.tries - 1, len(AGAIN) - 1)]
        log.warning(
            "mail: %s to %s is refused for now, next try in %g s: %s", mail.id, mail.subscriber, pause, exc
        )
        await self._end(mail, "WAITING", exc.code, exc.answer, again=self._office.clock() + pause)

    async def _count_refusal(self, mail: Mail) -> None:
        """Suspend an address that refused the third mail in a row."""
        self._refused.add(mail.recipient)
        refusals = await self._office.off(self._office.book.refuse, mail.recipient, self._office.clock())
        if refusals >= REFUSALS:
            self._suspended.add(mail.recipient)
            self._office.metrics.suspended.set(len(self._suspended))
            log.error("mail: the address of %s is suspended, its alerts wait", mail.subscriber)

    # In doubt

    def _settle(self) -> None:
        for mail in self._office.book.in_doubt():
            self._doubt(mail, "the mailer ended while it was being sent")

    def _doubt(self, mail: Mail, why: str) -> None:
        now = self._office.clock()
        policy = self._policy if goes_by_mail(mail) else "resend"
        self._office.metrics.mail_failures.labels("in_doubt").inc()
        if policy == "verify":
            log.warning("mail: %s to %s is in doubt, the archive is asked: %s", mail.id, mail.subscriber, why)
            self._office.book.end(mail.id, "DOUBT", now, answer=why)
        elif policy == "resend":
            pause = AGAIN[min(mail.tries - 1, len(AGAIN) - 1)]
            log.warning("mail: %s to %s is in doubt and goes again: %s", mail.id, mail.subscriber, why)
            self._office.book.end(mail.id, "WAITING", now, answer=why, again=now + pause)
        else:
            log.error("mail: %s to %s is in doubt and parked: %s", mail.id, mail.subscriber, why)
            self._office.book.end(mail.id, "PARKED", now, answer=why)

    async def ask_archive(self) -> float | None:
        """Look for the mails in doubt; return the seconds until the next look, None where there are none."""
        doubted = await self._office.off(self._office.book.doubted)
        for mail in doubted:
            asked = self._office.clock()
            try:
                found = await self._archive.has(mail.id)
            except Unanswered as exc:
                log.warning("mail: the archive does not answer: %s", exc)
                return CHECK
            if found:
                log.info("mail: %s to %s has arrived, says the archive", mail.id, mail.subscriber)
                await self._end(mail, "SENT", 250, "found in the archive")
            elif asked - (mail.ended or asked) >= self._office.settings.mail_grace:
                log.warning("mail: %s to %s has not arrived and goes again", mail.id, mail.subscriber)
                await self._end(mail, "WAITING", 0, "not in the archive", again=asked)
        return CHECK if doubted else None


def goes_by_mail(mail: Mail) -> bool:
    return "://" not in mail.recipient and mail.recipient != "feed"


def in_doubt(settings: Settings) -> str:
    """Return what happens to a mail in doubt. Raises SettingsError where it cannot be asked for."""
    asks = bool(settings.imap_host and settings.mail_archive)
    if settings.mail_in_doubt == "verify" and not asks:
        raise SettingsError(
            "CONDOTTA_MAIL_IN_DOUBT=verify needs CONDOTTA_MAIL_ARCHIVE and CONDOTTA_IMAP_HOST"
        )
    return settings.mail_in_doubt or ("verify" if asks else "park")
