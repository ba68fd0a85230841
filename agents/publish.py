"""`condotta publish`: articles from files or stdin into `news.raw`, each acknowledged by the broker."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

import click
import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from agents import reader
from agents.chain import readable_id
from agents.screen import line as on_one_line
from agents.settings import Settings
from agents.topology import RAW
from pipeline.types import RawArticle

Format = Literal["auto", "jsonl", "html", "text"]
FORMATS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}

_CHARSET = re.compile(rb"charset=[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)

MAX_RECORD = int(7.9 * 1024**2)  # bytes; the broker takes 8 MiB on news.raw
MAX_REQUEST = 8 * 1024**2 - 4096  # bytes; above what is sent, below what the broker refuses
OPEN = 500  # records on their way at once
OPEN_BYTES = 32 * 1024**2
ACK = 60.0  # seconds to wait for one acknowledgement
STOP = 5.0  # seconds; an idempotent producer waits for ever for a broker that is gone


class Told(Struct, frozen=True, kw_only=True):
    """What the command line says of articles that do not say it themselves."""

    source: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    backfill: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """One record to publish: where it stood, its value, and how many bytes of input it took."""

    place: str
    value: bytes
    taken: int


class TooLarge(Exception):
    """A record is above what `publish` sends; the message says which, and how large."""


# Reading


def read(path: Path, told: Told, kind: Format = "auto") -> Iterator[Found | TooLarge]:
    """Yield the records of one file, `-` for stdin: JSON lines as they are, HTML and text as one article."""
    with _opened(path) as stream:
        beginning = stream.peek(4096)[:4096]  # type: ignore[attr-defined]
        chosen = kind if kind != "auto" else FORMATS.get(path.suffix.lower()) or _sniffed(path, beginning)
        if chosen == "jsonl":
            yield from _lines(path, stream)
        else:
            yield _article(path, stream.read(2 * MAX_RECORD), chosen, told)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if str(path) == "-":
        yield sys.stdin.buffer
    else:
        with path.open("rb") as stream:
            yield stream


def _sniffed(path: Path, beginning: bytes) -> Format:
    """Judge input without a telling name by its first sign."""
    first = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if str(path) == "-" and first == b"{":
        return "jsonl"
    return "html" if first == b"<" else "text"


def _lines(path: Path, stream: IO[bytes]) -> Iterator[Found | TooLarge]:
    number = 0
    while line := stream.readline(MAX_RECORD + 2):
        number += 1
        place, value = f"{path} line {number}", line.removeprefix(b"\xef\xbb\xbf").strip()
        taken = len(line)
        while not line.endswith(b"\n") and (line := stream.readline(MAX_RECORD)):
            taken += len(line)
        size = taken - line.endswith(b"\n")
        if size > MAX_RECORD:
            yield _too_large(place, size)
        elif value:
            yield Found(place=place, value=value, taken=taken)


def _article(path: Path, content: bytes, kind: Format, told: Told) -> Found | TooLarge:
    """Make one raw article of a page or a text."""
    body = _decoded(content)
    title = None
    if kind == "text":
        title, body = _headed(body)
    raw = RawArticle(
        body=body,
        content_type="text/html" if kind == "html" else "text/plain",
        source=told.source or _host(told.url) or "unknown",
        url=told.url,
        title=title,
        published_at=told.published_at,
        backfill=told.backfill,
    )
    value = msgspec.json.encode(raw)
    if len(value) > MAX_RECORD:
        return _too_large(str(path), len(value))
    return Found(place=str(path), value=value, taken=len(content))


def _decoded(content: bytes) -> str:
    """Read bytes as UTF-8, else as the page declares, else as they look."""
    with suppress(UnicodeDecodeError):
        return content.decode("utf-8-sig")
    if declared := _CHARSET.search(content[:4096]):
        with suppress(UnicodeDecodeError, LookupError):
            return content.decode(declared[1].decode("ascii"))
    from trafilatura.utils import decode_file

    return str(decode_file(content)).encode("utf-8", "replace").decode()


def _headed(text: str) -> tuple[str | None, str]:
    """Take the first line as the title where a blank line follows it."""
    first, gap, rest = text.replace("\r\n", "\n").strip().partition("\n\n")
    if gap and "\n" not in first and len(first) <= 300 and not first.rstrip().endswith("."):
        return first.strip(), rest
    return None, text


def _host(url: str | None) -> str | None:
    return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None


def _too_large(place: str, size: int) -> TooLarge:
    return TooLarge(f"{place}: a record of {size:,} bytes is above the 7.9 MiB that publish sends")


# Sending


class Sent(Struct):
    """What came of a run."""

    records: int = 0
    unreadable: int = 0  # sent, but no raw articles: they will be dead letters
    refused: list[str] = []


async def publish(
    settings: Settings, found: Iterable[Found | TooLarge], advance: Callable[[int], object]
) -> Sent:
    """Send the records and wait for the broker's word on each. `advance` hears of input bytes done.

    Raises ClickException where the topic is missing or an acknowledgement does not come.
    """
    sent = Sent()
    async with _producer(settings) as producer:
        line = _Line(producer, settings.topic(RAW.name), advance)
        for record in found:
            if isinstance(record, TooLarge):
                sent.refused.append(str(record))
                continue
            sent.unreadable += not _readable(record.value)
            await line.send(record)
            sent.records += 1
        await line.empty()
    return sent


class _Line:
    """Records on their way, a bounded number of them."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, advance: Callable[[int], object]) -> None:
        self.producer = producer
        self.topic = topic
        self.advance = advance
        self.open: list[tuple[Any, Found]] = []
        self.bytes = 0

    async def send(self, record: Found) -> None:
        key = readable_id(record.value)
        future = await self.producer.send(self.topic, record.value, key=key.encode() if key else None)
        self.open.append((future, record))
        self.bytes += len(record.value)
        if len(self.open) >= OPEN or self.bytes >= OPEN_BYTES:
            await self.empty()

    async def empty(self) -> None:
        """Wait for every acknowledgement."""
        for future, record in self.open:
            try:
                await asyncio.wait_for(future, ACK)
            except TimeoutError:
                raise click.ClickException(f"{record.place}: not acknowledged for {ACK:.0f} s") from None
            except KafkaError as exc:
                raise click.ClickException(f"{record.place}: {type(exc).__name__}: {exc}") from None
            self.advance(record.taken)
        self.open.clear()
        self.bytes = 0


@asynccontextmanager
async def _producer(settings: Settings) -> Any:
    async with reader.consumer(settings) as client:
        await reader.partitions(client, [settings.topic(RAW.name)])
    producer = AIOKafkaProducer(
        **settings.client(),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        max_request_size=MAX_REQUEST,
    )
    try:
        await producer.start()
        yield producer
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(producer.stop(), STOP)


_raw = msgspec.json.Decoder(RawArticle)


def _readable(value: bytes) -> bool:
    try:
        _raw.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


# The command


def _when(_: object, __: object, text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time like 2026-03-01T08:00:00Z") from None
    return time.replace(tzinfo=time.tzinfo or UTC) if time else None


def _size(files: tuple[Path, ...]) -> int | None:
    """Return the bytes there are to read; None where stdin is among them."""
    return None if Path("-") in files else sum(path.stat().st_size for path in files)


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("publishing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=_size(files))
        yield lambda taken: progress.advance(task, taken)


FILE = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path)


@click.command(name="publish")
@click.argument("files", nargs=-1, type=FILE)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["auto", "jsonl", "html", "text"]),
    default="auto",
    show_default=True,
)
@click.option("--source", help="The outlet, a host name or a name; for HTML and text.")
@click.option("--url", help="The address of the article; for HTML and text.")
@click.option("--published-at", callback=_when, help="When it was published; for HTML and text.")
@click.option("--backfill", is_flag=True, help="Remember it, never alert; for HTML and text.")
def command(files: tuple[Path, ...], kind: Format, **told: Any) -> None:
    """Send articles from FILES, or from stdin, into news.raw.

    JSON Lines hold one raw article each and go as they are. A page or a text is one article; a text's first
    line is its title where a blank line follows.

    Example: condotta publish articles.jsonl page.html
    """
    files = files or (Path("-"),)
    settings, what = Settings.read(), Told(**told)
    with _progress(files) as advance:
        found = (one for path in files for one in read(path, what, kind))
        sent = reader.run(settings, publish(settings, found, advance))
    _report(sent, settings.topic(RAW.name))


def _report(sent: Sent, topic: str) -> None:
    click.echo(f"published {sent.records} article{'' if sent.records == 1 else 's'} to {topic}")
    if sent.unreadable:
        click.echo(f"{sent.unreadable} of them are no raw articles and will be dead letters", err=True)
    if sent.refused:
        more = f" (and {len(sent.refused) - 1} more)" if len(sent.refused) > 1 else ""
        raise click.ClickException(on_one_line(sent.refused[0]) + more)
    if not sent.records:
        raise click.ClickException("nothing to publish")
