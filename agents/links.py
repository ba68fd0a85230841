"""Signed links in mails: what they ask for stands in them, and nobody else can make one."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import orjson

from pipeline.types import Alert

DIGITS = 32  # of the signature in hex: 128 bits
LONGEST = 2_000  # characters of a token


class Links:
    """Links below `base`, signed with `secret`; none where `base` is empty."""

    def __init__(self, secret: bytes, base: str) -> None:
        self._secret = secret
        self._base = base.rstrip("/")

    def token(self, kind: str, *parts: str) -> str:
        """Return a signed token of `kind` (unsubscribe, mute, retract) that carries `parts`."""
        told = base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")
        return f"{told}.{self._signature(kind, told)}"

    def read(self, kind: str, token: str) -> tuple[str, ...] | None:
        """Return what a token of `kind` carries; None where we did not sign it."""
        told, _, signature = token.partition(".")
        if len(token) > LONGEST or not token.isascii():
            return None
        if not hmac.compare_digest(signature, self._signature(kind, told)):
            return None
        return tuple(orjson.loads(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))))

    def _signature(self, kind: str, told: str) -> str:
        return hmac.new(self._secret, f"{kind}\0{told}".encode(), hashlib.sha256).hexdigest()[:DIGITS]

    def unsubscribe(self, subscriber: str) -> str | None:
        """Return the address to unsubscribe at."""
        return f"{self._base}/unsubscribe/{self.token('unsubscribe', subscriber)}" if self._base else None

    def one_click(self, subscriber: str) -> str | None:
        """Return the address for List-Unsubscribe: RFC 8058 asks for https."""
        return self.unsubscribe(subscriber) if self._base.startswith("https://") else None

    def actions(self, subscriber: str, alert: Alert | None) -> Mapping[str, str]:
        """Return the links of one alert, or with None of the whole mail."""
        if not self._base:
            return {}
        if alert is None:
            return {"unsubscribe": self.unsubscribe(subscriber) or ""}
        claim = alert.decision.claim
        retract = self.token("retract", subscriber, claim.id, alert.story)
        mute = self.token("mute", subscriber, alert.story)
        return {"mute": f"{self._base}/mute/{mute}", "retract": f"{self._base}/retract/{retract}"}
