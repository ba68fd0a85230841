"""The mailbox that gets a copy of every mail: it says whether a mail in doubt has arrived."""

import asyncio
import imaplib
import ssl
from collections.abc import Sequence

from agents.settings import Settings

TIMEOUT = 20.0  # seconds for each command


class Unanswered(Exception):
    """The mailbox cannot be asked now: the doubt stays."""


class Archive:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def has(self, message_id: str) -> bool:
        """Tell whether a mail with that Message-ID (without brackets) is there. Raises Unanswered."""
        return bool(await self._asked("HEADER", "Message-ID", _quoted(f"<{message_id}>")))

    async def size(self) -> int:
        """Return how many mails are there. Raises Unanswered."""
        return len(await self._asked("ALL"))

    async def _asked(self, *criteria: str) -> list[bytes]:
        try:
            return await asyncio.to_thread(self._search, criteria)
        except (OSError, imaplib.IMAP4.error) as exc:
            raise Unanswered(" ".join(str(exc).split()) or type(exc).__name__) from None

    def _search(self, criteria: Sequence[str]) -> list[bytes]:
        with self._connected() as box:
            box.login(self._settings.imap_user, self._settings.imap_password)
            answer, _ = box.select(_quoted(self._settings.imap_mailbox), readonly=True)
            if answer != "OK":
                raise Unanswered(f"no mailbox {self._settings.imap_mailbox!r}")
            answer, found = box.search(None, *criteria)
            if answer != "OK":
                raise Unanswered("the search was refused")
            return found[0].split() if found and found[0] else []

    def _connected(self) -> imaplib.IMAP4:
        host, port = self._settings.imap_host, self._settings.imap_port
        if self._settings.imap_tls == "tls":
            return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
        box = imaplib.IMAP4(host, port, timeout=TIMEOUT)
        if self._settings.imap_tls == "starttls":
            box.starttls(ssl.create_default_context())
        return box


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
