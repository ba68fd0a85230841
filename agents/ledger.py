"""The mailer's memory: which alerts came, which mail each of them is in, and what became of that mail.

A row for each alert, a row for each mail. An alert without a mail is PENDING; else its state is its mail's:

    SENDING   members and content are written, DATA may have begun: after a crash nobody knows how it ended
    WAITING   refused for now; goes again with the same Message-ID, Date and content
    PARKED    in doubt, and left to a person
    SENT      the server answered 250
    FAILED    refused for good
    DROPPED   given up by a person

    pending ──> SENDING ──> SENT | FAILED | WAITING | PARKED
                   ^───────────────────────────┘

Ids are kept for ever, for an alert is told once; contents only as long as a mail may go out again. Grouping,
intervals, later also caps, quiet hours and digests are queries over the rows: a digest is a mail of another
`kind`, and `due` is when an alert's digest ends. One connection, used from one thread.
"""

import fcntl
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from msgspec import Struct

from pipeline.types import Alert

VERSION = 1
BUSY = 30.0  # seconds to wait for another process that writes

State = Literal["SENDING", "WAITING", "PARKED", "SENT", "FAILED", "DROPPED"]
OVER: tuple[State, ...] = ("SENT", "DROPPED")

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mails (
  id TEXT PRIMARY KEY,                    -- Message-ID, without brackets
  kind TEXT NOT NULL DEFAULT 'group',     -- group | digest
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,
  recipient TEXT NOT NULL,                -- the address it went to
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('SENDING', 'WAITING', 'PARKED', 'SENT', 'FAILED', 'DROPPED')),
  began REAL NOT NULL,                    -- when sending first began; the Date
  ended REAL,                             -- when it reached its state
  tries INTEGER NOT NULL DEFAULT 1,
  again REAL,                             -- WAITING: not before
  code INTEGER,                           -- of the server's last answer
  answer TEXT,
  content BLOB                            -- the message; null once it cannot go out again
);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  subscriber TEXT NOT NULL,
  theatre TEXT NOT NULL,
  story TEXT NOT NULL,
  key TEXT NOT NULL,
  period TEXT,
  step TEXT NOT NULL,
  type TEXT NOT NULL,
  rank INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('now', 'digest')),
  due REAL NOT NULL,                      -- the alert's own time
  article TEXT NOT NULL,
  claim TEXT NOT NULL,
  accepted REAL NOT NULL,                 -- when it became durable here
  mail TEXT REFERENCES mails (id),
  record BLOB                             -- the alert; null once its mail cannot go out again
);
CREATE INDEX alerts_pending ON alerts (subscriber, theatre, channel, accepted) WHERE mail IS NULL;
CREATE INDEX alerts_of_mail ON alerts (mail) WHERE mail IS NOT NULL;
CREATE INDEX alerts_of_article ON alerts (article);
CREATE INDEX alerts_of_story ON alerts (story, subscriber);
CREATE INDEX mails_of_group ON mails (subscriber, theatre, began);
CREATE INDEX mails_open ON mails (state) WHERE state NOT IN ('SENT', 'DROPPED');
CREATE VIEW rows AS
  SELECT alerts.*, coalesce(mails.state, 'PENDING') AS state
  FROM alerts LEFT JOIN mails ON mails.id = alerts.mail;
"""
COLUMNS = (
    "id, kind, subscriber, theatre, recipient, subject, state, began, tries, code, answer,"
    " coalesce(content, x'') AS content"
)


class LedgerError(Exception):
    """The ledger cannot be used; the message says why."""


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
    tries: int = 1
    code: int | None = None
    answer: str | None = None
    content: bytes = b""


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
    """SQLite in WAL mode with full sync: what is committed outlives a power cut."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises LedgerError where it is not ours, newer than we are, or not writable."""
        self.path = path
        self._lock: IO[str] | None = None
        try:
            self._base = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
            self._base.row_factory = sqlite3.Row
            self._prepare()
        except sqlite3.Error as exc:
            raise LedgerError(f"the mail ledger {path} cannot be used: {exc}") from exc

    def _prepare(self) -> None:
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("PRAGMA foreign_keys = ON")
        if self._version() != VERSION:
            with self._writing():
                self._upgrade(self._version())

    def _version(self) -> int:
        return int(self._one("PRAGMA user_version")[0])

    def _upgrade(self, version: int) -> None:
        """Bring the tables to our version; another process may just have done it."""
        if version > VERSION:
            raise LedgerError(
                f"{self.path} is a mail ledger of version {version}; this release knows {VERSION}"
            )
        if version == 0:
            self._make()

    def _make(self) -> None:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                self._base.execute(statement)
        self._base.execute("INSERT INTO about VALUES ('id', ?)", (uuid.uuid4().hex,))
        self._base.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Run one transaction that no other process interrupts."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return self._base.execute(statement, values).fetchone()

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._base.execute(statement, values).fetchall()

    @property
    def id(self) -> str:
        """Return what tells this ledger from every other."""
        return str(self._one("SELECT value FROM about WHERE name = 'id'")[0])

    def close(self) -> None:
        self._base.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def lead(self) -> bool:
        """Tell whether this process is the one that sends. Any other with this ledger only accepts.

        The lock falls with its process, so whoever gets it knows that nothing is being sent.
        """
        if self._lock is None:
            lock = self.path.with_name(self.path.name + ".lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self._lock = lock
        return True

    # Alerts come in

    def accept(self, alerts: Iterable[Alert], at: float) -> int:
        """Write the alerts that are not known yet, in one transaction; return how many these were."""
        rows = [_row(each, at) for each in alerts]
        with self._writing():
            before = self._base.total_changes
            self._base.executemany(
                "INSERT OR IGNORE INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
                rows,
            )
            return self._base.total_changes - before

    # Groups and mails

    def groups(self) -> list[Group]:
        """Return the groups that hold something for now, the longest waiting first."""
        rows = self._all(
            "SELECT subscriber, theatre, min(accepted) AS first, (SELECT max(began) FROM mails"
            "  WHERE mails.subscriber = alerts.subscriber AND mails.theatre = alerts.theatre) AS last"
            " FROM alerts WHERE mail IS NULL AND channel = 'now' GROUP BY subscriber, theatre ORDER BY first"
        )
        return [msgspec.convert(dict(row), Group) for row in rows]

    def pending(self, subscriber: str, theatre: str, limit: int) -> list[Alert]:
        """Return at most `limit` alerts of a group, those for now first, each in order of arrival."""
        rows = self._all(
            "SELECT record FROM alerts WHERE mail IS NULL AND subscriber = ? AND theatre = ?"
            " ORDER BY channel = 'digest', accepted, rowid LIMIT ?",
            (subscriber, theatre, limit),
        )
        return [msgspec.json.decode(row["record"], type=Alert) for row in rows]

    def begin(self, mail: Mail, alerts: Sequence[str]) -> None:
        """Write a mail and its members before DATA. Raises LedgerError where a member is in another mail."""
        with self._writing():
            self._base.execute(
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
                done = self._base.execute(
                    "UPDATE alerts SET mail = ? WHERE id = ? AND mail IS NULL", (mail.id, each)
                )
                if done.rowcount != 1:
                    raise LedgerError(f"the alert {each} is no longer pending")

    def resume(self, mail: str) -> None:
        """Write that a waiting mail is sent again."""
        with self._writing():
            self._base.execute(
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
            self._base.execute(
                "UPDATE mails SET state = ?, ended = ?, code = ?, answer = ?, again = ? WHERE id = ?",
                (state, at, code, answer, again, mail),
            )
            if state in OVER:
                self._base.execute("UPDATE mails SET content = NULL WHERE id = ?", (mail,))
                self._base.execute("UPDATE alerts SET record = NULL WHERE mail = ?", (mail,))

    def waiting(self, at: float) -> list[Mail]:
        """Return the mails that are to go again by now, the oldest first."""
        return self._mails("state = 'WAITING' AND coalesce(again, 0) <= ?", at)

    def next_waiting(self) -> float | None:
        """Return when the next waiting mail goes again."""
        found: float | None = self._one("SELECT min(coalesce(again, 0)) FROM mails WHERE state = 'WAITING'")[
            0
        ]
        return found

    def in_doubt(self) -> list[Mail]:
        """Return the mails whose sending began and of which no end is known."""
        return self._mails("state = 'SENDING'")

    def open(self) -> list[Mail]:
        """Return every mail that is neither sent nor dropped."""
        return self._mails("state NOT IN ('SENT', 'DROPPED')")

    def _mails(self, where: str, *values: Any) -> list[Mail]:
        rows = self._all(
            f"SELECT {COLUMNS} FROM mails WHERE {where} ORDER BY began, id",  # noqa: S608 - our own words
            values,
        )
        return [msgspec.convert(dict(row), Mail) for row in rows]

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
        return [msgspec.convert(dict(row), Fate) for row in rows]


def _row(alert: Alert, at: float) -> tuple[Any, ...]:
    decision = alert.decision
    claim = decision.claim
    return (
        alert.id, alert.subscriber, claim.theatre, alert.story, decision.matched_key, alert.period,
        alert.step, claim.type, decision.rank, alert.channel, alert.due.timestamp(), claim.article.id,
        claim.id, at,
        msgspec.json.encode(alert),
    )  # fmt: skip
