"""The message around a letter: headers that no stranger's text can break."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import dkim

from agents.settings import Settings, SettingsError
from pipeline.ids import derive
from pipeline.mail import Letter
from pipeline.mail.safe import line
from pipeline.types import Alert

MAX_ROOTS = 100  # stories that a mail refers to
MAX_DOMAIN = 40  # longer ones would make ids that header folding tears apart
MAX_NAME = 80
SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"references", b"list-id", b"list-unsubscribe",
    b"list-unsubscribe-post", b"auto-submitted", b"mime-version", b"content-type",
]  # fmt: skip


def sender(setting: str) -> Address:
    """Read `Condotta <alerts@news.example>`. Raises SettingsError."""
    name, spec = parseaddr(setting)
    try:
        return Address(line(name, MAX_NAME), addr_spec=spec)
    except (HeaderParseError, ValueError, IndexError):
        raise SettingsError(f"CONDOTTA_SMTP_FROM={setting!r}: no mail address") from None


def message_id(alerts: Sequence[Alert], domain: str) -> str:
    """Return the id of the mail about these alerts: the same alerts in any order, the same id."""
    return f"{derive(*sorted(each.id for each in alerts))}@{_host(domain)}"


def root_id(subscriber: str, story: str, domain: str) -> str:
    """Return the id that all mails to `subscriber` about `story` refer to; no such mail need exist."""
    return f"{derive('story', subscriber, story)}@{_host(domain)}"


def digest_id(subscriber: str, kind: str, end: int, domain: str) -> str:
    """Return the id of the digest that ended at `end`, in seconds since 1970."""
    return f"{derive('digest', subscriber, kind, end)}@{_host(domain)}"


def test_id(address: str, at: float, domain: str) -> str:
    """Return the id of a mail that a person sends to see whether it arrives: another each second."""
    return f"{derive('test', address, int(at))}@{_host(domain)}"


def message(
    letter: Letter,
    alerts: Sequence[Alert],
    origin: Address,
    recipient: str,
    began: float,
    *,
    identity: str = "",
    theatre: bool = True,
    unsubscribe: str | None = None,
) -> bytes:
    """Return the whole message, ready for DATA. `began` is the Date, in seconds since 1970.

    `identity` is the Message-ID, that of a group's mail if left out; `theatre` tells that all alerts are on
    one; `unsubscribe` is an https address.
    """
    domain = origin.domain
    identity = identity or message_id(alerts, domain)
    about = alerts[0].decision.claim.theatre if theatre else "digest"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = origin
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(int(began), UTC))
    mail["Message-ID"] = f"<{identity}>"
    if alerts:
        mail["References"] = " ".join(f"<{each}>" for each in _roots(alerts, domain))
    mail["List-Id"] = f"<{line(about, MAX_NAME).lower()}.condotta.{_host(domain)}>"
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # a random boundary would make other bytes of the same mail
    mail.set_boundary(f"=_{derive('boundary', identity)}")
    return mail.as_bytes()


def signer(settings: Settings, domain: str) -> Callable[[bytes], bytes]:
    """Return what signs a message by DKIM; without a key it stays as it is. Raises SettingsError."""
    if settings.dkim_key is None:
        return lambda content: content
    if not settings.dkim_selector:
        raise SettingsError("CONDOTTA_DKIM_KEY needs CONDOTTA_DKIM_SELECTOR")
    try:
        key = settings.dkim_key.read_bytes()
        dkim.sign(b"From: a@b\r\n\r\n", settings.dkim_selector.encode(), domain.encode(), key)
    except (OSError, dkim.DKIMException, ValueError) as exc:
        raise SettingsError(f"CONDOTTA_DKIM_KEY: cannot sign with {settings.dkim_key}: {exc}") from None
    selector, name = settings.dkim_selector.encode(), domain.encode()

    def sign(content: bytes) -> bytes:
        signature: bytes = dkim.sign(
            content, selector, name, key, canonicalize=(b"relaxed", b"relaxed"), include_headers=SIGNED
        )
        return signature + content

    return sign


def _roots(alerts: Sequence[Alert], domain: str) -> list[str]:
    """Return the roots of all stories, those told at once first."""
    stories = [each.story for channel in ("now", "digest") for each in alerts if each.channel == channel]
    return [root_id(alerts[0].subscriber, story, domain) for story in dict.fromkeys(stories)][:MAX_ROOTS]


def _host(domain: str) -> str:
    return domain if 0 < len(domain) <= MAX_DOMAIN else "condotta.invalid"
