"""`condotta dead`: look at the records that failed. Their bytes stay untouched."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import reader
from agents.chain import Incoming, readable_id
from agents.screen import line, shown
from agents.settings import Settings
from agents.topology import DEAD, ROWS

BYTES_SHOWN = 4000


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


@click.group(name="dead")
def command() -> None:
    """Look at the dead letters: records that failed, kept for 90 days.

    Example: condotta dead list --stage clean
    """


@command.command(name="list")
@click.option("--stage", type=click.Choice([row.name for row in ROWS]), help="Only those that died there.")
@click.option("--topic", help="Only those that came from this topic.")
@click.option("--error", help="Only those whose error contains this.")
@click.option("--article", help="Only the raw articles with this id.")
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
