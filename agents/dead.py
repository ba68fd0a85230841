"""`condotta dead`: look at the records that failed, send them once more. Their bytes stay untouched."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import reader
from agents.chain import Incoming, Sending, readable_id
from agents.producer import producer
from agents.screen import line, shown
from agents.settings import Settings
from agents.topology import DEAD, ROWS

BYTES_SHOWN = 4000
STALE = timedelta(hours=72)  # what died longer ago is no news: it is remembered, and alerts nobody
RATE = 20.0  # records a second
SOURCES = {row.source.name for row in ROWS}
OURS = (*("stage", "topic", "partition", "offset", "error", "attempts", "died", "left-out"), "replayed")


class Wanted(Struct, frozen=True, kw_only=True):
    """Which dead letters; what is None matches all."""

    stage: str | None = None
    topic: str | None = None
    error: str | None = None  # part of the error, case ignored
    article: str | None = None  # an article id

    def fits(self, record: Incoming) -> bool:
        said = (record.header("error") or "").casefold()
        return (
            self.stage in (None, record.header("stage"))
            and self.topic in (None, record.header("topic"))
            and (self.error is None or self.error.casefold() in said)
            and (self.article is None or self.article == readable_id(record.value))
        )


async def letters(settings: Settings, wanted: Wanted) -> AsyncIterator[Incoming]:
    """Yield the dead letters that fit, each partition from its oldest."""
    async for record in reader.records(settings, [DEAD.name]):
        if wanted.fits(record):
            yield record


async def newest(settings: Settings, wanted: Wanted, most: int) -> tuple[list[Incoming], int]:
    """Return at most `most` dead letters, the newest first and without their bytes, and how many fit."""
    found = [_light(record) async for record in letters(settings, wanted)]
    found.sort(
        key=lambda record: (record.header("died") or "", record.partition, record.offset), reverse=True
    )
    return found[:most], len(found)


def _light(record: Incoming) -> Incoming:
    size = f"{len(record.value or b'')}".encode()
    return Incoming(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        headers=(*record.headers, ("size", size)),
        timestamp=record.timestamp,
    )


async def letter(settings: Settings, partition: int, offset: int) -> Incoming | None:
    """Return the dead letter at one place."""
    async for record in letters(settings, Wanted()):
        if (record.partition, record.offset) == (partition, offset):
            return record
    return None


def table(found: list[Incoming]) -> Table:
    shown_as = Table(box=None, pad_edge=False)
    for head in ("at", "died", "stage", "from", "tries", "bytes", "error"):
        shown_as.add_column(head, no_wrap=head != "error", overflow="fold")
    for record in found:
        told = {name: line(record.header(name) or "", 200) for name in (*_TOLD, "size")}
        place = f"{told['topic']} {told['partition']}:{told['offset']}"
        shown_as.add_row(
            f"{record.partition}:{record.offset}",
            told["died"][:19],
            *(Text(part) for part in (told["stage"], place, told["attempts"], told["size"], told["error"])),
        )
    return shown_as


_TOLD = ("stage", "topic", "partition", "offset", "error", "attempts", "died")


# Once more


def resent(letter: Incoming, now: datetime, *, live: bool) -> Sending | str:
    """Return the record that sends `letter` where it came from, or why that cannot be.

    What died more than 72 hours before `now` carries `backfill: 1`, unless `live`.
    """
    topic = letter.header("topic") or ""
    if topic not in SOURCES:
        return f"it came from {line(topic, 100)!r}, which no stage reads"
    if letter.header("left-out"):
        return "it was too large for a dead letter: its bytes are where they came from"
    headers = [(name, value) for name, value in letter.headers if name not in OURS]
    headers.append(("replayed", f"{letter.partition}:{letter.offset}".encode()))
    if not live and now - _died(letter) > STALE:
        headers = [each for each in headers if each[0] != "backfill"] + [("backfill", b"1")]
    return Sending(topic=topic, key=letter.key, value=letter.value or b"", headers=tuple(headers))


def _died(letter: Incoming) -> datetime:
    """Return when it died; where the header tells no time, the broker's."""
    try:
        found = datetime.fromisoformat(letter.header("died") or "")
    except ValueError:
        found = letter.timestamp or datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def replay(
    settings: Settings,
    wanted: Wanted,
    send: Callable[[Sending], Awaitable[object]] | None,
    *,
    now: datetime,
    live: bool,
    rate: float = RATE,
) -> Counter[str]:
    """Send the letters that fit once more, `rate` a second; return what became of how many.

    Without `send` nothing is sent. Those that die again while this runs are not sent again.
    """
    counts: Counter[str] = Counter()
    async for each in letters(settings, wanted):
        record = resent(each, now, live=live)
        if isinstance(record, str):
            counts[record] += 1
            continue
        if send is not None:
            await send(record)
            await asyncio.sleep(1 / rate)
        backfill = ("backfill", b"1") in record.headers
        counts[f"{record.topic}{', as backfill' if backfill else ''}"] += 1
    return counts


async def _replayed(
    settings: Settings, wanted: Wanted, *, live: bool, rate: float, dry_run: bool
) -> Counter[str]:
    now = datetime.now(UTC)
    if dry_run:
        return await replay(settings, wanted, None, now=now, live=live)
    async with producer(settings) as to:

        async def send(record: Sending) -> None:
            topic = settings.topic(record.topic)
            await to.send_and_wait(topic, key=record.key, value=record.value, headers=list(record.headers))

        return await replay(settings, wanted, send, now=now, live=live, rate=rate)


# The command


@click.group(name="dead")
def command() -> None:
    """Look at the dead letters, records that failed, kept for 90 days; or send them once more.

    Example: condotta dead list --stage clean
    """


def _filters(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--article", help="Only the raw articles with this id."),
        click.option("--error", help="Only those whose error contains this."),
        click.option("--topic", help="Only those that came from this topic."),
        click.option(
            "--stage", type=click.Choice([row.name for row in ROWS]), help="Only those that died there."
        ),
    ):
        function = option(function)
    return function


@command.command(name="list")
@_filters
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_command(limit: int, **wanted: Any) -> None:
    """List the dead letters, the newest first.

    Example: condotta dead list --stage clean --error "not a record" --limit 20
    """
    settings = Settings.read()
    found, count = reader.run(settings, newest(settings, Wanted(**wanted), limit))
    if not found:
        click.echo("no dead letters" + (" like that" if any(wanted.values()) else ""))
        return
    Console(width=None if Console().is_terminal else 160).print(table(found))
    if count > len(found):
        click.echo(f"… and {count - len(found)} more: --limit")


def _place(_: object, __: object, text: str) -> tuple[int, int]:
    partition, _colon, offset = text.partition(":")
    if not (partition.isdecimal() and offset.isdecimal()):
        raise click.BadParameter(f"{text!r} is no place like 3:17 (partition:offset, as `dead list` shows)")
    return int(partition), int(offset)


@command.command(name="show")
@click.argument("place", metavar="PARTITION:OFFSET", callback=_place)
@click.option("--raw", is_flag=True, help="Write the untouched bytes alone to stdout.")
def show_command(place: tuple[int, int], raw: bool) -> None:
    """Show one dead letter: what went wrong, and the record as it came.

    Example: condotta dead show 3:17 --raw > failed.json
    """
    settings = Settings.read()
    found = reader.run(settings, letter(settings, *place))
    if found is None:
        raise click.ClickException(f"no dead letter at {place[0]}:{place[1]}")
    if raw:
        sys.stdout.buffer.write(found.value or b"")
        sys.stdout.buffer.flush()
        return
    _print(found)


def _print(record: Incoming) -> None:
    for name, value in record.headers:
        click.echo(f"{line(name)}: {line((value or b'').decode('utf-8', 'replace'), 600)}")
    value = record.value or b""
    click.echo(f"\n{shown(value[:BYTES_SHOWN].decode('utf-8', 'replace'))}")
    if len(value) > BYTES_SHOWN:
        click.echo(f"… {len(value) - BYTES_SHOWN:,} more bytes: --raw")


@command.command(name="replay")
@_filters
@click.option("--all", "everything", is_flag=True, help="All of them: needed where no filter is given.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--live", is_flag=True, help="Let also what died more than 72 hours ago alert.")
@click.option(
    "--rate", type=click.FloatRange(0.1, 1000), default=RATE, show_default=True, help="Records a second."
)
def replay_command(everything: bool, dry_run: bool, live: bool, rate: float, **wanted: Any) -> None:
    """Send dead letters once more to the topics that they came from.

    What died more than 72 hours ago is remembered and alerts nobody, unless --live. Nothing is told
    twice, however often this runs: the ids of what comes of a record are always the same.

    Example: condotta dead replay --stage clean --error "not a record" --dry-run
    """
    if not everything and not any(wanted.values()):
        raise click.UsageError("say which: --stage, --topic, --error, --article, or --all")
    settings = Settings.read()
    work = _replayed(settings, Wanted(**wanted), live=live, rate=rate, dry_run=dry_run)
    counts = reader.run(settings, work)
    for says, count in sorted(counts.items()):
        click.echo(f"{count:6}  {line(says, 200)}")
    click.echo(f"{counts.total()} dead letters" + (", nothing was sent" if dry_run else ""))
