"""Writes what is sent: the mail of a group, or a digest, out of what the ledger holds; nothing is changed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address

from msgspec import Struct

from agents import envelope, hooks, schedule
from agents.ledger import Group, Mail
from agents.office import Office
from pipeline import mail as letters
from pipeline.types import Alert, Subscriber

MOST = 100  # alerts in one mail; the others go in the next
DIGEST = 300  # the same for a digest
SILENT_DAYS, SILENT_SEEN = 7, 3  # a source read on so many of the days before, and not today, is silent


class Draft(Struct, frozen=True, kw_only=True):
    """A mail that is not begun. `fetched`: when the live articles of a group's mail were."""

    mail: Mail
    members: list[str]
    fetched: tuple[float, ...] = ()


class Writer:
    def __init__(self, office: Office, origin: Address) -> None:
        self._office = office
        self._origin = origin
        self._signer = envelope.signer(office.settings, origin.domain)

    def group(self, group: Group, reader: Subscriber) -> Draft:
        alerts = self._office.book.pending(group.subscriber, group.theatre, MOST, along=reader.along)
        letter = letters.compose(
            alerts,
            reader.language,
            self._office.knowledge,
            self._office.wordings,
            lambda alert: self._office.links.actions(reader.id, alert),
        )
        articles = [alert.decision.claim.article for alert in alerts if alert.channel == "now"]
        return Draft(
            mail=self._mail(
                envelope.message_id(alerts, self._origin.domain),
                "group",
                reader,
                letter,
                alerts,
                group.theatre,
            ),
            members=[each.id for each in alerts],
            fetched=tuple(each.fetched_at.timestamp() for each in articles if not each.backfill),
        )

    def digest(self, reader: Subscriber, kind: str, end: float) -> Draft:
        alerts = [
            each
            for each in self._office.book.digest(reader.id, end, DIGEST)
            if kind == "daily" or each.due.timestamp() % schedule.DAY
        ]
        shown = datetime.fromtimestamp(end - schedule.DAY if kind == "daily" else end, UTC)
        letter = letters.digest(
            alerts,
            reader.language,
            self._office.knowledge,
            self._office.wordings,
            subscriber=reader.id,
            kind=kind,
            day=f"{shown:%Y-%m-%d}" if kind == "daily" else f"{shown:%Y-%m-%d %H:%M}",
            reading=self._reading(reader, end) if kind == "daily" else None,
            actions=lambda alert: self._office.links.actions(reader.id, alert),
        )
        mail = self._mail(self.digest_id(reader, kind, end), kind, reader, letter, alerts)
        return Draft(mail=mail, members=[each.id for each in alerts])

    def digest_id(self, reader: Subscriber, kind: str, end: float) -> str:
        return envelope.digest_id(reader.id, kind, int(end), self._origin.domain)

    def _mail(
        self,
        identity: str,
        kind: str,
        reader: Subscriber,
        letter: letters.Letter,
        alerts: Sequence[Alert],
        theatre: str = "",
    ) -> Mail:
        began = self._office.clock()
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
                    unsubscribe=self._office.links.one_click(reader.id),
                )
            )
        else:
            content = hooks.body(reader, letter, alerts, identity)
        return Mail(
            id=identity,
            kind=kind,
            subscriber=reader.id,
            theatre=theatre,
            recipient=reader.to,
            subject=letter.subject,
            began=began,
            content=content,
        )

    def _reading(self, reader: Subscriber, end: float) -> letters.Reading:
        """Say what was read in the day that ended at `end`, and what was held back from `reader`."""
        last = datetime.fromtimestamp(end, UTC).date() - timedelta(days=1)
        first = last - timedelta(days=SILENT_DAYS)
        languages: dict[str, int] = {}
        days: dict[str, set[str]] = {}
        today: set[str] = set()
        for one in self._office.book.readings(first.isoformat(), last.isoformat()):
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
            held=self._office.book.held(reader.id, end - schedule.DAY, end),
        )
