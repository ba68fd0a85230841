"""Webhooks: the same mails as signed JSON, or in the words that Slack and its like take."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from types import TracebackType

import aiohttp
import msgspec

from agents.post import InDoubt, Refused
from pipeline.mail import Letter
from pipeline.types import Alert, Subscriber, plain

TIMEOUT = 10.0  # seconds for a whole request: one that hangs holds up other hooks, and no mail
MAX_ANSWER = 300  # characters
LATER = frozenset({408, 425, 429})  # of the 4xx: the same may be taken another time
SLACK_CHARACTERS = 30_000  # of 40,000


class Hook:
    """Posts what a mail holds; `readers` by address, for the secrets. A context like `Post`."""

    def __init__(self, readers: Sequence[Subscriber], *, timeout: float = TIMEOUT) -> None:
        self._secrets = {each.to: each.secret or "" for each in readers}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Hook":
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def reach(self, recipient: str) -> None:
        """Do nothing: a request is one step."""

    async def send(self, recipient: str, delivery: str, content: bytes) -> tuple[int, str]:
        """Post `content`; return the answer. Raises Refused, InDoubt: then the same delivery goes again."""
        if self._session is None:
            raise InDoubt("not connected")
        headers = self.headers(recipient, delivery, content, int(time.time()))
        try:
            async with self._session.post(
                recipient, data=content, headers=headers, allow_redirects=False
            ) as got:
                said = (await got.content.read(MAX_ANSWER)).decode("utf-8", "replace")
                status = got.status
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise InDoubt(" ".join(str(exc).split()) or type(exc).__name__) from None
        if 200 <= status < 300:
            return status, said
        final = 300 <= status < 500 and status not in LATER
        raise Refused(status, said, final=final)

    def headers(self, recipient: str, delivery: str, content: bytes, at: int) -> dict[str, str]:
        """Return delivery id, time and signature: HMAC-SHA256 over time, a full stop and the body."""
        told = {"Content-Type": "application/json", "User-Agent": "condotta", "Condotta-Delivery": delivery}
        if secret := self._secrets.get(recipient):
            made = hmac.new(secret.encode(), f"{at}.".encode() + content, hashlib.sha256).hexdigest()
            told |= {"Condotta-Timestamp": str(at), "Condotta-Signature": f"sha256={made}"}
        return told


def body(reader: Subscriber, letter: Letter, alerts: Sequence[Alert], delivery: str) -> bytes:
    """Return what is posted to `reader`: the alerts as they are, or the letter's text for a chat."""
    if reader.format == "slack":
        text = f"*{letter.subject}*\n{letter.text}"[:SLACK_CHARACTERS]
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return msgspec.json.encode({"text": escaped})
    told = {
        "schema": "delivery/1",
        "id": delivery,
        "subscriber": reader.id,
        "subject": letter.subject,
        "alerts": [plain(each) for each in alerts],
    }
    return msgspec.json.encode(told)
