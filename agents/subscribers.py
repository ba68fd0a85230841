"""The subscribers' YAML file: a list of entries, each with an `id` that never changes."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path

import msgspec
import yaml

from agents.settings import SettingsError
from pipeline.knowledge.reader import Loader
from pipeline.types import Subscriber

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
ACTOR = re.compile(r"[A-Z]{2}|[a-z0-9][a-z0-9-]{1,63}")
THEATRE = re.compile(r"[A-Z]{2}")
MAX_ADDRESS = 254  # characters, RFC 5321


def load(path: Path | None) -> tuple[Subscriber, ...]:
    """Read the file; none where `path` is None. Raises SettingsError naming the file and the entry."""
    if path is None:
        return ()
    found = tuple(_one(path, place, entry) for place, entry in enumerate(_entries(path), 1))
    twice = [name for name, times in Counter(each.id for each in found).items() if times > 1]
    if twice:
        raise SettingsError(f"subscribers: {path}: the id {twice[0]!r} stands there twice")
    return found


def _entries(path: Path) -> list[object]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader)  # noqa: S506 - a SafeLoader that reads NO as Norway
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise SettingsError(f"subscribers: cannot read {path}: {' '.join(str(exc).split())}") from None
    if isinstance(content, dict) and set(content) == {"subscribers"}:
        content = content["subscribers"]
    if not isinstance(content or [], list):
        raise SettingsError(f"subscribers: {path} must hold a list")
    return content or []


def _one(path: Path, place: int, entry: object) -> Subscriber:
    name = entry.get("id", f"number {place}") if isinstance(entry, dict) else f"number {place}"
    try:
        found = msgspec.convert(_with_time(entry), Subscriber)
    except msgspec.ValidationError as exc:
        raise SettingsError(f"subscribers: {path}, entry {name}: {exc}") from None
    for wrong in _wrong(found):
        raise SettingsError(f"subscribers: {path}, entry {name}: {wrong}")
    return found


def _with_time(entry: object) -> object:
    """Let `since` be a bare date: its first moment, UTC."""
    if (
        isinstance(entry, dict)
        and isinstance(day := entry.get("since"), date)
        and not isinstance(day, datetime)
    ):
        return entry | {"since": datetime.combine(day, time(), UTC)}
    return entry


def _deliverable(address: str) -> bool:
    """Tell whether `address` is one plain mail address, safe in a header and in an envelope."""
    if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
        return False
    try:
        return Address(addr_spec=address).addr_spec == address
    except (HeaderParseError, ValueError):
        return False


def _wrong(entry: Subscriber) -> Iterator[str]:
    """Say what the types let pass and is no use all the same."""
    if not _deliverable(entry.to):
        yield f"`to` is no mail address: {entry.to[:80]!r}"
    for each in entry.theatres or ():
        if not THEATRE.fullmatch(each):
            yield f"theatres: {each!r} is no two-letter code like LY"
    for each in entry.actors or ():
        if not ACTOR.fullmatch(each):
            yield f"actors: {each!r} is neither a code like RU nor an id like wagner-group"
    if not 0 <= entry.min_rank <= 5:
        yield "`min_rank` must be 0 to 5"
    if not 0 <= entry.min_confidence <= 1:
        yield "`min_confidence` must be 0 to 1"
    for name in ("theatres", "actors", "types"):
        if getattr(entry, name) == ():
            yield f"`{name}` is empty and would match nothing: leave it out to match all"
