"""The two databases a ledger can live in, under one small face: `?` for values, rows by name.

SQLite serves the mailers of one host: WAL, full sync, and a lock on a file that falls with its process.
PostgreSQL serves mailers on many: synchronous commits, and an advisory lock that falls with its connection.
A writer that is stopped in the middle of a transaction holds up the others for `STOPPED` at most.
"""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

import psycopg
from psycopg.rows import dict_row

BUSY = 30.0  # seconds to wait for another process that writes
LEADER = 0x636F6E646F747461  # of the advisory lock; one ledger for each database and schema
STOPPED = 10.0  # seconds a writer may pause within a transaction until its connection is ended
ALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class LedgerError(Exception):
    """The ledger cannot be used; the message says why."""


class Base(Protocol):
    """A database. `run` returns the number of rows that it changed."""

    name: str

    def run(self, statement: str, values: Sequence[Any] = ()) -> int: ...
    def all(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]: ...
    def writing(self) -> Any: ...
    def version(self) -> int: ...
    def stamp(self, version: int) -> None: ...
    def script(self, statements: str) -> None: ...
    def lead(self) -> bool: ...
    def close(self) -> None: ...


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._lock: IO[str] | None = None
        self._base = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("PRAGMA foreign_keys = ON")

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        return self._base.execute(statement, values).rowcount

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._base.execute(statement, values).fetchall()]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction that no other process interrupts."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def version(self) -> int:
        return int(self._base.execute("PRAGMA user_version").fetchone()[0])

    def stamp(self, version: int) -> None:
        self._base.execute(f"PRAGMA user_version = {version}")

    def script(self, statements: str) -> None:
        for statement in statements.split(";\n"):
            if statement.strip():
                self._base.execute(statement)

    def lead(self) -> bool:
        """Take the lock, if it is free. It falls with its process, so nobody else is sending."""
        if self._lock is None:
            lock = self._path.with_name(self._path.name + ".lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self._lock = lock
        return True

    def close(self) -> None:
        self._base.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class Postgres:
    def __init__(self, address: str) -> None:
        self.name = "the PostgreSQL ledger"
        self._base = psycopg.connect(address, autocommit=True, row_factory=dict_row, **ALIVE)  # type: ignore[arg-type]
        self._base.execute("SET synchronous_commit = on")
        self._base.execute(f"SET idle_in_transaction_session_timeout = {round(STOPPED * 1000)}")
        self._leads = False

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        return self._base.execute(_theirs(statement), values).rowcount

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return self._base.execute(_theirs(statement), values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction; writers of this ledger wait for one another, as with SQLite."""
        with self._base.transaction():
            self._base.execute("SELECT pg_advisory_xact_lock(%s)", (LEADER + 1,))
            yield

    def version(self) -> int:
        there = self.all("SELECT to_regclass('about') IS NOT NULL AS there")[0]["there"]
        found = self.all("SELECT value FROM about WHERE name = 'version'") if there else []
        return int(found[0]["value"]) if found else 0

    def stamp(self, version: int) -> None:
        self.run("DELETE FROM about WHERE name = 'version'")
        self.run("INSERT INTO about VALUES ('version', ?)", (str(version),))

    def script(self, statements: str) -> None:
        for word, theirs in (
            (" REAL", " DOUBLE PRECISION"),
            (" BLOB", " BYTEA"),
            (") WITHOUT ROWID", ")"),
            (
                "  id TEXT PRIMARY KEY,  -- of an alert",
                "  rowid BIGSERIAL, id TEXT PRIMARY KEY,  -- of an alert",
            ),
        ):
            statements = statements.replace(word, theirs)
        self._base.execute(statements)

    def lead(self) -> bool:
        if not self._leads:
            row = self.all("SELECT pg_try_advisory_lock(?) AS got", (LEADER,))[0]
            self._leads = bool(row["got"])
        return self._leads

    def close(self) -> None:
        """Give the lead away at once: the server notices a connection that is closed only a little later."""
        if self._leads:
            with suppress(psycopg.Error):  # a connection that is gone leads no more
                self.all("SELECT pg_advisory_unlock(?)", (LEADER,))
        self._base.close()


def _theirs(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, psycopg.Error)
LOST: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
)  # the connection is gone


def open_base(place: Path | str) -> Base:
    """Open SQLite at a path, PostgreSQL at an address. Raises one of ERRORS."""
    return Sqlite(place) if isinstance(place, Path) else Postgres(place)
