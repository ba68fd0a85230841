"""The mailer's memory: which alerts came, which mail each of them is in, and what became of that mail.

A row for each alert, a row for each mail. An alert without a mail is PENDING, or has a fate of its own
(MUTED, UNSUBSCRIBED); else its state is its mail's:

    SENDING   members and content are written, DATA may have begun: after a crash nobody knows how it ended
    DOUBT     so it is, and the archive mailbox is asked for it
    WAITING   refused for now, or not found there; goes again with the same Message-ID, Date and content
    PARKED    in doubt, and left to a person
    SENT      the server answered 250
    FAILED    refused for good
    DROPPED   given up by a person

    pending ──> SENDING ──> SENT | FAILED | WAITING | PARKED | DOUBT
                   ^───────────────────────────┘

Ids are kept for ever, for an alert is told once; contents only as long as a mail may go out again. Grouping,
intervals, caps, quiet hours and digests are queries over the rows: a digest is a mail of the kind `hourly` or
`daily`, and `due` is when an alert's digest ends. One connection, used from one thread.
"""

import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from agents import schedule
from agents.base import ERRORS, LOST, LedgerError, open_base
from pipeline.types import Alert

__all__ = ["LOST", "Count", "Fate", "Group", "Ledger", "LedgerError", "Mail", "Stop"]

VERSION = 2
FEED = 200  # deliveries that a feed is made of
KEPT_DAYS = 40  # of the figures on what was read

State = Literal["SENDING", "DOUBT", "WAITING", "PARKED", "SENT", "FAILED", "DROPPED"]
OVER: tuple[State, ...] = ("SENT", "DROPPED")

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mails (
  id TEXT PRIMARY KEY,                    -- Message-ID, without brackets
  kind TEXT NOT NULL DEFAULT 'group',     -- group, hourly or daily
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,                  -- of a group; else empty
  recipient TEXT NOT NULL,                -- the address it went to
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  began REAL NOT NULL,                    -- when sending first began, the Date
  ended REAL,                             -- when it reached its state
  tries INTEGER NOT NULL DEFAULT 1,
  again REAL,                             -- WAITING: not before
  code INTEGER,                           -- of the server's last answer
  answer TEXT,
  content BLOB                            -- the message, null once it cannot go out again
);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,  -- of an alert
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,
  story TEXT NOT NULL,
  key TEXT NOT NULL,
  period TEXT,
  step TEXT NOT NULL,
  type TEXT NOT NULL,
  rank INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('now', 'digest')),
  due REAL NOT NULL,                      -- for now: the article's own time, else when its digest ends
  article TEXT NOT NULL,
  claim TEXT NOT NULL,
  accepted REAL NOT NULL,                 -- when it became durable here
  mail TEXT REFERENCES mails (id),
  record BLOB,                            -- the alert, null once its mail cannot go out again
  fate TEXT,                              -- MUTED or UNSUBSCRIBED: it will be in no mail
  held TEXT                               -- why it went into the digest though it was for now
);
CREATE TABLE stops (                      -- what is not to be told; an empty story is all of them
  subscriber TEXT NOT NULL, story TEXT NOT NULL, until REAL, at REAL NOT NULL,
  PRIMARY KEY (subscriber, story)
);
CREATE TABLE addresses (address TEXT PRIMARY KEY, refused INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE readers (subscriber TEXT PRIMARY KEY, since REAL NOT NULL);
CREATE TABLE outbox (id TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE offsets (
  topic TEXT NOT NULL, part INTEGER NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (topic, part)
);
CREATE TABLE readings (
  day TEXT NOT NULL, source TEXT NOT NULL, language TEXT NOT NULL, articles INTEGER NOT NULL,
  PRIMARY KEY (day, source, language)
);
CREATE INDEX alerts_pending ON alerts (subscriber, theatre, channel, accepted)
  WHERE mail IS NULL AND fate IS NULL;
CREATE INDEX alerts_of_mail ON alerts (mail) WHERE mail IS NOT NULL;
CREATE INDEX alerts_of_article ON alerts (article);
CREATE INDEX alerts_of_story ON alerts (story, subscriber);
CREATE INDEX mails_of_group ON mails (subscriber, theatre, began);
CREATE INDEX mails_open ON mails (state) WHERE state NOT IN ('SENT', 'DROPPED');
CREATE VIEW rows AS
  SELECT alerts.*, coalesce(mails.state, alerts.fate, 'PENDING') AS state
  FROM alerts LEFT JOIN mails ON mails.id = alerts.mail;
"""
UPGRADE = {
    1: """
DROP VIEW rows;
ALTER TABLE alerts RENAME TO alerts_1;
ALTER TABLE mails RENAME TO mails_1;
DROP INDEX alerts_pending;
DROP INDEX alerts_of_mail;
DROP INDEX alerts_of_article;
DROP INDEX alerts_of_story;
DROP INDEX mails_of_group;
DROP INDEX mails_open;
ALTER TABLE about RENAME TO about_1;
""",
}
COPY = """
INSERT INTO mails
  (id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, again, code, answer,
  content)
  SELECT id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, again, code, answer,
  content FROM mails_1;
INSERT INTO alerts
  (id, subscriber, theatre, story, key, period, step, type, rank, channel, due, article, claim, accepted,
  mail, record)
  SELECT id, subscriber, theatre, story, key, period, step, type, rank, channel, due,
  article, claim, accepted, mail, record FROM alerts_1 ORDER BY rowid;
INSERT INTO about SELECT name, value FROM about_1;
DROP TABLE alerts_1;
DROP TABLE mails_1;
DROP TABLE about_1;
"""
COLUMNS = (
    "id, kind, subscriber, theatre, recipient, subject, state, began, ended, tries, code, answer, content"
)
PENDING = "mail IS NULL AND fate IS NULL"


class Group(Struct, frozen=True, kw_only=True):
    """Pending alerts of one subscriber and theatre, some of them for now. Times in seconds since 1970."""

    subscriber: str
    theatre: str
    first: float  # when the first of those for now was accepted
    last: float | None  # when the last mail of the group began


class Mail(Struct, frozen=True, kw_only=True):
    """A mail as it stands in the ledger."""

    id: str
    subscriber: str
    theatre: str
    recipient: str
    subject: str
    began: float
    kind: str = "group"
    state: State = "SENDING"
    ended: float | None = None  # when it came into its state
    tries: int = 1
    code: int | None = None
    answer: str | None = None
    content: bytes = b""


class Stop(Struct, frozen=True, kw_only=True):
    """What a subscriber is not to be told: a story, or all where `story` is empty; "" is all subscribers."""

    subscriber: str
    story: str = ""
    until: float | None = None  # seconds since 1970; None: for ever


class Delivery(Struct):
    """What is posted to webhooks, and kept for feeds."""

    alerts: list[Alert]


class Count(Struct, frozen=True, kw_only=True):
    """Articles of one source and language, fetched on one day."""

    day: str
    source: str
    language: str
    articles: int


class Fate(Struct, frozen=True, kw_only=True):
    """What became of an alert, for people."""

    alert: str
    subscriber: str
    step: str
    state: str
    mail: str | None
    ended: float | None
    answer: str | None


class Ledger:
    """What is committed outlives a power cut. A path means SQLite, an address PostgreSQL."""

    def __init__(self, place: Path | str) -> None:
        """Open or make it. Raises LedgerError where it is not ours, newer than we are, or not writable."""
        try:
            self._base = open_base(place)
            self._prepare()
        except ERRORS as exc:
            where = place if isinstance(place, Path) else "in PostgreSQL"
            raise LedgerError(f"the mail ledger {where} cannot be used: {exc}") from exc

    def _prepare(self) -> None:
        if self._base.version() != VERSION:
            with self._writing():
                self._upgrade(self._base.version())

    def _upgrade(self, version: int) -> None:
        """Bring the tables to our version; another process may just have done it."""
        if version > VERSION:
            raise LedgerError(
                f"{self._base.name} is a mail ledger of version {version}; this release knows {VERSION}"
            )
        if version == VERSION:
            return
        self._base.script(UPGRADE.get(version, ""))
        self._base.script(TABLES)
        if version:
            self._base.script(COPY)
        else:
            self._base.run("INSERT INTO about VALUES ('id', ?)", (uuid.uuid4().hex,))
        self._base.run("INSERT INTO about VALUES ('secret', ?)", (secrets.token_hex(32),))
        self._base.stamp(VERSION)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._base.writing():
            yield

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return next(iter(self._all(statement, values)), None)

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._base.all(statement, values)

    def _run(self, statement: str, values: Sequence[Any] = ()) -> int:
        return self._base.run(statement, values)

    @property
    def id(self) -> str:
        """Return what tells this ledger from every other."""
        return self._about("id")

    @property
    def secret(self) -> bytes:
        """Return the key that links in mails are signed with."""
        return bytes.fromhex(self._about("secret"))

    def _about(self, name: str) -> str:
        return str(self._one("SELECT value FROM about WHERE name = ?", (name,))["value"])

    def close(self) -> None:
        self._base.close()

    def lead(self) -> bool:
        """Tell whether this process is the one that sends. Any other with this ledger only accepts."""
        return self._base.lead()

    # Alerts come in

    def accept(self, alerts: Iterable[Alert], at: float) -> int:
        """Write the alerts that are not known yet, in one transaction; return how many these were."""
        rows = [_row(each, at) for each in alerts]
        fields = ", ".join("?" * len(rows[0])) if rows else ""
        with self._writing():
            return sum(
                self._run(f"INSERT INTO alerts ({ALERT}) VALUES ({fields}) ON CONFLICT DO NOTHING", row)
                for row in rows
            )

    # Groups and mails

    def groups(self) -> list[Group]:
        """Return the groups that hold something for now, the longest waiting first."""
        rows = self._all(
            "SELECT subscriber, theatre, min(accepted) AS first, (SELECT max(began) FROM mails"
            "  WHERE mails.subscriber = alerts.subscriber AND mails.theatre = alerts.theatre) AS last"
            f" FROM alerts WHERE {PENDING} AND channel = 'now' GROUP BY subscriber, theatre ORDER BY first"
        )
        return [msgspec.convert(row, Group) for row in rows]

    def pending(self, subscriber: str, theatre: str, limit: int, *, along: bool = False) -> list[Alert]:
        """Return at most `limit` alerts of a group for now, with `along` also what is for the digest."""
        rows = self._all(
            f"SELECT record FROM alerts WHERE {PENDING} AND (channel = 'now' OR ?) AND subscriber = ?"
            " AND theatre = ? ORDER BY channel = 'digest', accepted, rowid LIMIT ?",
            (along, subscriber, theatre, limit),
        )
        return [msgspec.json.decode(row["record"], type=Alert) for row in rows]

    def digest(self, subscriber: str, until: float, limit: int) -> list[Alert]:
        """Return at most `limit` alerts whose digest ended by `until`, in order of arrival."""
        rows = self._all(
            f"SELECT record FROM alerts WHERE {PENDING} AND channel = 'digest' AND subscriber = ?"
            " AND due <= ? ORDER BY accepted, rowid LIMIT ?",
            (subscriber, until, limit),
        )
        return [msgspec.json.decode(row["record"], type=Alert) for row in rows]

    def digests(self, until: float) -> dict[str, list[float]]:
        """Return by subscriber when the digests end for which something waits, up to `until`."""
        found: dict[str, list[float]] = {}
        for row in self._all(
            f"SELECT DISTINCT subscriber, due FROM alerts WHERE {PENDING}"
            " AND channel = 'digest' AND due <= ?",
            (until,),
        ):
            found.setdefault(row["subscriber"], []).append(row["due"])
        return found

    def overflow(self, subscriber: str, theatre: str, due: float) -> int:
        """Move a group's alerts into the digest that ends at `due`; return how many these were."""
        with self._writing():
            return self._run(
                f"UPDATE alerts SET channel = 'digest', held = 'cap', due = ? WHERE {PENDING}"
                " AND channel = 'now' AND subscriber = ? AND theatre = ?",
                (due, subscriber, theatre),
            )

    def mailed(self, subscriber: str, since: float) -> dict[str, int]:
        """Return by theatre how many group mails began since then."""
        rows = self._all(
            "SELECT theatre, count(*) AS n FROM mails WHERE kind = 'group' AND subscriber = ? AND began >= ?"
            " GROUP BY theatre",
            (subscriber, since),
        )
        return {row["theatre"]: row["n"] for row in rows}

    def has(self, mail: str) -> bool:
        """Tell whether a mail with that Message-ID was begun."""
        return self._one("SELECT 1 AS n FROM mails WHERE id = ?", (mail,)) is not None

    def meet(self, subscriber: str, at: float) -> float:
        """Return when the subscriber was first met: digests of before are not owed."""
        with self._writing():
            self._run("INSERT INTO readers VALUES (?, ?) ON CONFLICT DO NOTHING", (subscriber, at))
        return float(self._one("SELECT since FROM readers WHERE subscriber = ?", (subscriber,))["since"])

    def begin(self, mail: Mail, alerts: Sequence[str]) -> None:
        """Write a mail and its members before DATA. Raises LedgerError where a member is in another mail."""
        with self._writing():
            self._run(
                "INSERT INTO mails (id, kind, subscriber, theatre, recipient, subject, state, began, content)"
                " VALUES (?, ?, ?, ?, ?, ?, 'SENDING', ?, ?)",
                (
                    mail.id,
                    mail.kind,
                    mail.subscriber,
                    mail.theatre,
                    mail.recipient,
                    mail.subject,
                    mail.began,
                    mail.content,
                ),
            )
            for each in alerts:
                statement = f"UPDATE alerts SET mail = ? WHERE id = ? AND {PENDING}"
                if self._run(statement, (mail.id, each)) != 1:
                    raise LedgerError(f"the alert {each} is no longer pending")

    def resume(self, mail: str) -> None:
        """Write that a waiting mail is sent again."""
        with self._writing():
            self._run(
                "UPDATE mails SET state = 'SENDING', tries = tries + 1, again = NULL"
                " WHERE id = ? AND state = 'WAITING'",
                (mail,),
            )

    def end(
        self,
        mail: str,
        state: State,
        at: float,
        *,
        code: int | None = None,
        answer: str = "",
        again: float | None = None,
    ) -> None:
        """Write what became of a mail; its content goes once it cannot be sent any more."""
        with self._writing():
            self._run(
                "UPDATE mails SET state = ?, ended = ?, code = ?, answer = ?, again = ? WHERE id = ?",
                (state, at, code, answer, again, mail),
            )
            if state in OVER:
                self._run("UPDATE mails SET content = NULL WHERE id = ? AND recipient <> 'feed'", (mail,))
                self._run("UPDATE alerts SET record = NULL WHERE mail = ?", (mail,))

    def waiting(self, at: float) -> list[Mail]:
        """Return the mails that are to go again by now, the oldest first."""
        return self._mails("state = 'WAITING' AND coalesce(again, 0) <= ?", at)

    def next_waiting(self) -> float | None:
        """Return when the next waiting mail goes again."""
        found = self._one("SELECT min(coalesce(again, 0)) AS at FROM mails WHERE state = 'WAITING'")
        return None if found["at"] is None else float(found["at"])

    def in_doubt(self) -> list[Mail]:
        """Return the mails whose sending began and of which no end is known."""
        return self._mails("state = 'SENDING'")

    def doubted(self) -> list[Mail]:
        """Return the mails that the archive is asked for."""
        return self._mails("state = 'DOUBT'")

    def mail(self, mail: str) -> Mail | None:
        return next(iter(self._mails("id = ?", mail)), None)

    def open(self) -> list[Mail]:
        """Return every mail that is neither sent nor dropped."""
        return self._mails("state NOT IN ('SENT', 'DROPPED')")

    def _mails(self, where: str, *values: Any) -> list[Mail]:
        rows = self._all(
            f"SELECT {COLUMNS} FROM mails WHERE {where} ORDER BY began, id",
            values,
        )
        return [msgspec.convert(row | {"content": row["content"] or b""}, Mail) for row in rows]

    # What is not to be told

    def stop(self, stop: Stop, at: float, record: bytes | None = None, key: str = "") -> None:
        """Write a stop, with the record that tells the topic of it; one whose time is over lifts it."""
        with self._writing():
            self._stop(stop, at)
            if record is not None:
                self._run("INSERT INTO outbox VALUES (?, ?) ON CONFLICT DO NOTHING", (key, record))

    def _stop(self, stop: Stop, at: float) -> None:
        self._run("DELETE FROM stops WHERE subscriber = ? AND story = ?", (stop.subscriber, stop.story))
        if stop.until is None or stop.until > at:
            self._run("INSERT INTO stops VALUES (?, ?, ?, ?)", (stop.subscriber, stop.story, stop.until, at))

    def stops(self, at: float) -> list[Stop]:
        """Return the stops in force."""
        rows = self._all("SELECT subscriber, story, until FROM stops WHERE until IS NULL OR until > ?", (at,))
        return [msgspec.convert(row, Stop) for row in rows]

    def heed(self, at: float) -> int:
        """Take what is stopped out of what waits, mails that were refused for now too; return how many."""
        with self._writing():
            taken = 0
            for one in self.stops(at):
                fate = "MUTED" if one.story else "UNSUBSCRIBED"
                taken += self._run(
                    f"UPDATE alerts SET fate = ? WHERE {PENDING} AND (? = '' OR subscriber = ?)"
                    " AND (? = '' OR story = ?)",
                    (fate, one.subscriber, one.subscriber, one.story, one.story),
                )
                if not one.story:
                    taken += self._run(
                        "UPDATE mails SET state = 'DROPPED', ended = ?, answer = 'unsubscribed',"
                        " content = NULL WHERE state = 'WAITING' AND subscriber = ?",
                        (at, one.subscriber),
                    )
                    continue
                taken += self._run(
                    "UPDATE mails SET state = 'DROPPED', ended = ?, answer = 'muted', content = NULL"
                    " WHERE state = 'WAITING' AND kind = 'group' AND (? = '' OR subscriber = ?)"
                    " AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.mail = mails.id AND story <> ?)",
                    (at, one.subscriber, one.subscriber, one.story),
                )
            return taken

    def post(self, key: str, record: bytes) -> None:
        """Write what the topic of corrections is to be told; twice is once."""
        with self._writing():
            self._run("INSERT INTO outbox VALUES (?, ?) ON CONFLICT DO NOTHING", (key, record))

    def outbox(self) -> list[tuple[str, bytes]]:
        """Return the records that the topic of corrections does not have yet."""
        return [(row["id"], bytes(row["record"])) for row in self._all("SELECT id, record FROM outbox")]

    def told(self, key: str) -> None:
        with self._writing():
            self._run("DELETE FROM outbox WHERE id = ?", (key,))

    # Addresses

    def refuse(self, address: str, at: float) -> int:
        """Count one more refusal for good; return how many there were in a row."""
        with self._writing():
            self._run(
                "INSERT INTO addresses VALUES (?, 1, ?) ON CONFLICT (address) DO UPDATE"
                " SET refused = addresses.refused + 1, at = excluded.at",
                (address, at),
            )
        return int(self._one("SELECT refused FROM addresses WHERE address = ?", (address,))["refused"])

    def welcome(self, address: str) -> bool:
        """Forget the refusals of an address; tell whether there were any."""
        with self._writing():
            return self._run("DELETE FROM addresses WHERE address = ?", (address,)) > 0

    def suspended(self, limit: int) -> dict[str, float]:
        """Return the addresses that were refused `limit` times in a row, and when the last time was."""
        rows = self._all("SELECT address, at FROM addresses WHERE refused >= ?", (limit,))
        return {row["address"]: row["at"] for row in rows}

    # What is read along: offsets and figures in one transaction

    def offsets(self, topic: str) -> dict[int, int]:
        rows = self._all("SELECT part, next FROM offsets WHERE topic = ?", (topic,))
        return {row["part"]: row["next"] for row in rows}

    def advance(
        self,
        topic: str,
        parts: Mapping[int, tuple[int, int]],
        at: float,
        *,
        counts: Iterable[Count] = (),
        stops: Iterable[Stop] = (),
    ) -> bool:
        """Write what was read of `topic` and the offsets after it (part: from, to), in one transaction.

        False where another has read it meanwhile: nothing is written then.
        """
        with self._writing():
            known = self.offsets(topic)
            if any(known.get(part, 0) != begin for part, (begin, _) in parts.items()):
                return False
            for part, (_, end) in parts.items():
                self._run(
                    "INSERT INTO offsets VALUES (?, ?, ?) ON CONFLICT (topic, part) DO UPDATE"
                    " SET next = excluded.next",
                    (topic, part, end),
                )
            for one in counts:
                self._run(
                    "INSERT INTO readings VALUES (?, ?, ?, ?) ON CONFLICT (day, source, language) DO UPDATE"
                    " SET articles = readings.articles + excluded.articles",
                    (one.day, one.source, one.language, one.articles),
                )
            for stop in stops:
                self._stop(stop, at)
            return True

    def readings(self, since: str, until: str) -> list[Count]:
        """Return the figures of the days from `since` to `until`, both inclusive."""
        rows = self._all(
            "SELECT day, source, language, articles FROM readings WHERE day BETWEEN ? AND ?", (since, until)
        )
        return [msgspec.convert(row, Count) for row in rows]

    def prune(self, before: str) -> None:
        with self._writing():
            self._run("DELETE FROM readings WHERE day < ?", (before,))

    def held(self, subscriber: str, since: float, until: float) -> dict[str, int]:
        """Return how many alerts that came in that time were held back, by why."""
        rows = self._all(
            "SELECT coalesce(fate, held, state) AS why, count(*) AS n FROM rows WHERE subscriber = ?"
            " AND accepted >= ? AND accepted < ?"
            " AND (fate IS NOT NULL OR held IS NOT NULL OR state IN ('PARKED', 'FAILED', 'DROPPED'))"
            " GROUP BY coalesce(fate, held, state)",
            (subscriber, since, until),
        )
        return {row["why"]: row["n"] for row in rows}

    # Feeds

    def feed(self, subscriber: str) -> list[Alert]:
        """Return the alerts of a feed, the newest first; forget what is too old to be shown."""
        rows = self._all(
            "SELECT id, content FROM mails WHERE subscriber = ? AND recipient = 'feed' AND state = 'SENT'"
            " AND content IS NOT NULL ORDER BY began DESC, id",
            (subscriber,),
        )
        with self._writing():
            for row in rows[FEED:]:
                self._run("UPDATE mails SET content = NULL WHERE id = ?", (row["id"],))
        found = (msgspec.json.decode(row["content"], type=Delivery) for row in rows[:FEED])
        return [alert for one in found for alert in one.alerts]

    # For people

    def counts(self) -> dict[str, int]:
        """Return the number of alerts by state."""
        return {
            row["state"]: row["n"]
            for row in self._all("SELECT state, count(*) AS n FROM rows GROUP BY state")
        }

    def of_article(self, article: str) -> list[Fate]:
        """Return what became of the alerts that an article gave rise to."""
        rows = self._all(
            "SELECT rows.id AS alert, rows.subscriber, step, rows.state, mail, ended, answer"
            " FROM rows LEFT JOIN mails ON mails.id = mail WHERE article = ? ORDER BY accepted, rows.id",
            (article,),
        )
        return [msgspec.convert(row, Fate) for row in rows]


def _due(alert: Alert, at: float) -> float:
    """Return when the alert's digest ends; one that came after that goes into the next."""
    due = alert.due.timestamp()
    if alert.channel == "now" or due > at:
        return due
    length = schedule.HOUR if due % schedule.DAY else schedule.DAY
    return at - at % length + length


ALERT = (
    "id, subscriber, theatre, story, key, period, step, type, rank, channel, due, article, claim,"
    " accepted, record"
)


def _row(alert: Alert, at: float) -> tuple[Any, ...]:
    decision = alert.decision
    claim = decision.claim
    return (
        alert.id, alert.subscriber, claim.theatre, alert.story, decision.matched_key, alert.period,
        alert.step, claim.type, decision.rank, alert.channel, _due(alert, at), claim.article.id,
        claim.id, at,
        msgspec.json.encode(alert),
    )  # fmt: skip
