"""One SMTP connection, and what its answers mean for a mail."""

import asyncio
import contextlib
import ssl
from types import TracebackType

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused

from agents.settings import Settings

TIMEOUT = 60.0  # seconds for each command
SHUT = 421  # the server closes the connection
MAX_ANSWER = 300  # characters kept of what a server says


class Unreachable(Exception):
    """No mail can go now, whatever it is: nothing was sent, try again later."""


class Refused(Exception):
    """The server does not take this mail: for good (5xx) or for now (4xx)."""

    def __init__(self, code: int, answer: str, *, final: bool | None = None) -> None:
        super().__init__(f"{code} {answer}")
        self.code = code
        self.answer = answer
        self.final = code >= 500 if final is None else final


class InDoubt(Exception):
    """The line fell after DATA began: nobody knows whether the server has the mail."""


class Post:
    """Connects when first needed and stays connected; leave the context to say goodbye."""

    def __init__(self, settings: Settings, origin: str, *, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._origin = origin
        self._timeout = timeout
        self._smtp: SMTP | None = None

    async def __aenter__(self) -> "Post":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if self._smtp is not None and kind is None:
            with contextlib.suppress(Exception):
                await self._smtp.quit(timeout=5)
        self.close()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    async def reach(self, recipient: str) -> None:
        """Have the server take sender, recipient and archive. Raises Unreachable or Refused."""
        fresh = self._smtp is None
        try:
            await self._ask(recipient)
        except (OSError, SMTPException) as exc:
            self.close()
            if not fresh:  # a kept connection may have been closed meanwhile
                return await self.reach(recipient)
            raise Unreachable(_said(exc)) from None
        except BaseException:
            self.close()
            raise

    async def _ask(self, recipient: str) -> None:
        if self._smtp is None:
            self._smtp = _smtp(self._settings, self._origin, self._timeout)
            await self._smtp.connect()
        await self._smtp.mail(self._origin)  # a refused sender is our own fault: all mails wait
        try:
            await self._smtp.rcpt(recipient)
        except SMTPRecipientRefused as exc:
            if exc.code == SHUT:
                raise
            raise Refused(exc.code, _said(exc)) from None
        if self._settings.mail_archive:
            await self._smtp.rcpt(self._settings.mail_archive)  # refused: our own fault too, all mails wait

    async def send(self, recipient: str, delivery: str, content: bytes) -> tuple[int, str]:
        """Send DATA; return the server's answer. Raises Refused or InDoubt."""
        if self._smtp is None:
            raise InDoubt("not connected")
        try:
            answer = await self._smtp.data(content)
        except SMTPDataError as exc:
            return self._answered(exc)
        except (OSError, SMTPException) as exc:
            self.close()
            raise InDoubt(_said(exc)) from None
        except asyncio.CancelledError:
            self.close()
            raise
        return answer.code, str(answer.message)[:MAX_ANSWER]

    def _answered(self, exc: SMTPDataError) -> tuple[int, str]:
        """Sort an answer other than 250: 2xx is a yes, 4xx and 5xx a no, the rest is not understood."""
        self.close()
        if 200 <= exc.code < 300:
            return exc.code, _said(exc)
        if 400 <= exc.code < 600:
            raise Refused(exc.code, _said(exc)) from None
        raise InDoubt(f"{exc.code} {_said(exc)}") from None


def _smtp(settings: Settings, origin: str, timeout: float) -> SMTP:
    return SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password or None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        tls_context=ssl.create_default_context() if settings.smtp_tls != "none" else None,
        local_hostname=origin.rpartition("@")[2] or "localhost",  # else a DNS look-up that blocks the loop
        timeout=timeout,
    )


def _said(exc: BaseException) -> str:
    return " ".join((str(getattr(exc, "message", "")) or str(exc) or type(exc).__name__).split())[:MAX_ANSWER]
