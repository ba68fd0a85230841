"""The subscribers' YAML file: a list of entries, each with an `id` that never changes.

A `Roster` is the file as it stands now: it looks every ten seconds whether the content is another.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import overload
from zoneinfo import available_timezones

import msgspec
import yaml

from agents.settings import SettingsError
from pipeline.knowledge.reader import Loader
from pipeline.sources import is_address
from pipeline.types import Subscriber

log = logging.getLogger(__name__)

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
ACTOR = re.compile(r"[A-Z]{2}|[a-z0-9][a-z0-9-]{1,63}")
THEATRE = re.compile(r"[A-Z]{2}")
MAX_ADDRESS = 254  # characters, RFC 5321
SECRET = 16  # characters of a webhook's secret, at least
LOOK = 10.0  # seconds between looks at the file
STEPS = frozenset({
    "retracted", "new", "reactivated", "occurred", "denied", "ended", "ending", "interdicted", "rank",
    "recipient", "sister", "quantity", "facet", "families",
})  # fmt: skip


@lru_cache(maxsize=4)
def roster(path: Path | None) -> "Roster":
    """Return the one roster of this process for the file at `path`. Raises SettingsError."""
    return Roster(path)


class Roster(Sequence[Subscriber]):
    """The subscribers in force. A file that cannot be used keeps those of before, and is told once."""

    def __init__(self, path: Path | None, *, clock: Callable[[], float] = monotonic) -> None:
        """Load the file. Raises SettingsError."""
        self.path = path
        self.problem = ""
        self._clock = clock
        self._seen = self._content()
        self._subscribers = load(path)
        self.hash = self._seen
        self._looked = clock()

    def _content(self) -> str:
        try:
            return sha256(self.path.read_bytes()).hexdigest()[:16] if self.path else ""
        except OSError as exc:
            return f"unreadable: {exc.strerror}"

    def refresh(self) -> None:
        """Look at the file, if the last look is long enough ago."""
        if self.path is None or self._clock() - self._looked < LOOK:
            return
        self._looked, content = self._clock(), self._content()
        if content == self._seen:
            return
        self._seen = content
        try:
            self._subscribers = load(self.path)
        except SettingsError as exc:
            self.problem = str(exc)
            log.error("the subscribers of before stay in force: %s", exc)
            return
        self.hash, self.problem = content, ""
        log.info("subscribers: %d from %s, content %s", len(self._subscribers), self.path, content)

    def number(self) -> float:
        """Return the hash in force as a number, for a metric."""
        self.refresh()
        return float(int(self.hash[:12], 16)) if self.hash else 0.0

    def __iter__(self) -> Iterator[Subscriber]:
        self.refresh()
        return iter(self._subscribers)

    def __len__(self) -> int:
        self.refresh()
        return len(self._subscribers)

    @overload
    def __getitem__(self, place: int) -> Subscriber: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Subscriber]: ...
    def __getitem__(self, place: int | slice) -> Subscriber | Sequence[Subscriber]:
        self.refresh()
        return self._subscribers[place]


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
    name = str(entry.get("id", f"number {place}"))[:80] if isinstance(entry, dict) else f"number {place}"
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


def deliverable(address: str) -> bool:
    """Tell whether `address` is one plain mail address, safe in a header and in an envelope."""
    if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
        return False
    try:
        return Address(addr_spec=address).addr_spec == address
    except (HeaderParseError, ValueError):
        return False


def _wrong(entry: Subscriber) -> Iterator[str]:
    """Say what the types let pass and is no use all the same."""
    yield from _wrong_end(entry)
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
    if entry.quiet and entry.quiet.zone not in available_timezones():
        yield f"quiet: {entry.quiet.zone!r} is no time zone like Asia/Jakarta"
    if entry.quiet and entry.quiet.start == entry.quiet.end:
        yield "quiet: `start` and `end` are the same"
    for each in (step for rule in entry.send for step in rule.steps or ()):
        if each not in STEPS:
            yield f"send: {each!r} is none of {', '.join(sorted(STEPS))}"
    for name in ("theatres", "actors", "types"):
        if getattr(entry, name) == ():
            yield f"`{name}` is empty and would match nothing: leave it out to match all"


def _wrong_end(entry: Subscriber) -> Iterator[str]:
    """Say why nothing could be delivered `to` there."""
    if entry.format == "mail" and not deliverable(entry.to):
        yield f"`to` is no mail address: {entry.to[:80]!r} (of a webhook also say its `format`)"
    if entry.format in ("json", "slack") and not is_address(entry.to):
        yield f"`to` is no https address: {entry.to[:80]!r}"
    if entry.format == "json" and len(entry.secret or "") < SECRET:
        yield f"a webhook needs a `secret` of at least {SECRET} characters, to sign with"
    if entry.format == "feed" and entry.to != "feed":
        yield "`to` of a feed must be `feed`"
