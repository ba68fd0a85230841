"""A ledger's database, opened and brought to our version: what the parts of a ledger stand on."""

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.ledger.base import ERRORS, LedgerError, open_base
from agents.ledger.tables import COPY, TABLES, UPGRADE, VERSION


def version(place: Path | str) -> int:
    """Return the version of a ledger, 0 where no mailer has made one. Raises LedgerError."""
    if isinstance(place, Path) and not place.exists():
        return 0
    try:
        base = open_base(place)
        try:
            return base.version()
        finally:
            base.close()
    except ERRORS as exc:
        raise LedgerError(_unusable(place, exc)) from exc


def _unusable(place: Path | str, exc: Exception) -> str:
    where = place if isinstance(place, Path) else "in PostgreSQL"
    return f"the mail ledger {where} cannot be used: {' '.join(str(exc).split())}"


class Book:
    """What is committed outlives a power cut. A path means SQLite, an address PostgreSQL."""

    def __init__(self, place: Path | str) -> None:
        """Open or make it. Raises LedgerError where it is not ours, newer than we are, or not writable."""
        try:
            self._base = open_base(place)
            self._prepare()
        except ERRORS as exc:
            raise LedgerError(_unusable(place, exc)) from exc

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
