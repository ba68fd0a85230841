"""The message around a letter: headers that no stranger's text can break."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from agents.settings import SettingsError
from pipeline.ids import derive
from pipeline.mail import Letter
from pipeline.mail.safe import line
from pipeline.types import Alert

MAX_ROOTS = 100  # stories that a mail refers to
MAX_DOMAIN = 40  # longer ones would make ids that header folding tears apart
MAX_NAME = 80


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


def message(letter: Letter, alerts: Sequence[Alert], origin: Address, recipient: str, began: float) -> bytes:
    """Return the whole message, ready for DATA. `began` is the Date, in seconds since 1970."""
    domain, theatre = origin.domain, alerts[0].decision.claim.theatre
    mail = EmailMessage(policy=SMTP)
    mail["From"] = origin
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(int(began), UTC))
    mail["Message-ID"] = f"<{message_id(alerts, domain)}>"
    mail["References"] = " ".join(f"<{each}>" for each in _roots(alerts, domain))
    mail["List-Id"] = f"<{line(theatre, MAX_NAME).lower()}.condotta.{_host(domain)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # a random boundary would make other bytes of the same mail
    mail.set_boundary(f"=_{derive('boundary', message_id(alerts, domain))}")
    return mail.as_bytes()


def _roots(alerts: Sequence[Alert], domain: str) -> list[str]:
    """Return the roots of all stories, those told at once first."""
    stories = [each.story for channel in ("now", "digest") for each in alerts if each.channel == channel]
    return [root_id(alerts[0].subscriber, story, domain) for story in dict.fromkeys(stories)][:MAX_ROOTS]


def _host(domain: str) -> str:
    return domain if 0 < len(domain) <= MAX_DOMAIN else "condotta.invalid"
