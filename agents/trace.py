"""`condotta trace`: the way of one article through every topic, to the mails it led to."""

from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec
import orjson
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import reader
from agents.chain import Incoming, readable_id, rfc3339
from agents.ledger import Fate, LedgerError, existing
from agents.office import ledger_place
from agents.screen import line
from agents.settings import Settings
from agents.topology import ALERTS, CLAIMS, CLEAN, DEAD, DECISIONS, LABELLED, OUTCOMES, RAW, TAGGED
from pipeline.sources import article_id
from pipeline.types import Alert, Article, Claim, Decision, Outcome

TRACED = tuple(
    topic.name for topic in (RAW, CLEAN, LABELLED, TAGGED, CLAIMS, DECISIONS, ALERTS, OUTCOMES, DEAD)
)
OURS: dict[str, Any] = {
    CLEAN.name: Article, LABELLED.name: Article, TAGGED.name: Article, CLAIMS.name: Claim,
    DECISIONS.name: Decision, ALERTS.name: Alert, OUTCOMES.name: Outcome,
}  # fmt: skip


class Step(Struct, frozen=True, kw_only=True):
    """One record of the article, and what it says."""

    topic: str
    partition: int
    offset: int
    at: str
    says: str


def names(what: str) -> set[str]:
    """Return the article ids that `what` may mean: an id, or an address."""
    return {what} | ({found} if (found := article_id({"url": what})) else set())


async def steps(settings: Settings, ids: set[str]) -> list[Step]:
    """Read every topic and keep what belongs to the articles `ids`, in the order of the pipeline."""
    found = [step async for step in _steps(settings, ids)]
    return sorted(found, key=lambda step: (TRACED.index(step.topic), step.partition, step.offset))


async def _steps(settings: Settings, ids: set[str]) -> AsyncIterator[Step]:
    written = [orjson.dumps(one)[1:-1] for one in ids]
    async for record in reader.records(settings, TRACED):
        says = _says(record, ids, written)
        if says is not None:
            yield Step(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                at=rfc3339(record.timestamp) if record.timestamp else "",
                says=says,
            )


def _says(record: Incoming, ids: set[str], written: Iterable[bytes]) -> str | None:
    """Return what a record tells of the articles; None where it is of another."""
    value = record.value or b""
    if record.topic in (RAW.name, DEAD.name):
        found = readable_id(value) or _key(record)
        return _outside(record) if found in ids else None
    if not any(one in value for one in written):
        return None
    try:
        ours = msgspec.json.decode(value, type=OURS[record.topic])
    except msgspec.DecodeError:
        return "cannot be read" if _key(record) in ids else None
    return _tells(ours) if _article(ours) in ids else None


def _key(record: Incoming) -> str:
    return (record.key or b"").decode("utf-8", "replace")


def _outside(record: Incoming) -> str:
    if record.topic == RAW.name:
        return f"{len(record.value or b''):,} bytes"
    where = f"{record.header('topic')} {record.header('partition')}:{record.header('offset')}"
    return f"dead in {record.header('stage')}, from {where}: {record.header('error')}"


def _article(value: Any) -> str:
    match value:
        case Outcome():
            return value.article
        case Claim():
            return value.article.id
        case Decision():
            return value.claim.article.id
        case Alert():
            return value.decision.claim.article.id
    return str(value.id)


def _tells(value: Any) -> str:
    match value:
        case Article():
            return _article_tells(value)
        case Claim():
            return f"{value.key}, {value.status}: “{value.evidence.quote}”"
        case Decision():
            return f"{value.decision} ({value.step}): {value.key}, {value.reason}"
        case Alert():
            return f"{value.subscriber}, {value.channel}: {value.story} ({value.step})"
        case Outcome():
            return f"{value.outcome} in {value.stage}: {value.reason or f'{value.claims} claims'}"
    return ""


def _article_tells(article: Article) -> str:
    language = f", {article.language.code}" if article.language else ""
    entities = f", {len(article.entities)} entities" if article.entities else ""
    return f"“{article.title or article.text[:80]}”, {len(article.text):,} characters{language}{entities}"


def mails(place: Path | str, ids: Iterable[str]) -> list[Fate] | None:
    """Return what became of the articles' alerts; None where there is no ledger of a mailer."""
    book = existing(place)
    if book is None:
        return None
    with closing(book):
        return [fate for one in ids for fate in book.of_article(one)]


def table(found: Iterable[Step]) -> Table:
    shown = Table(box=None, pad_edge=False)
    for head in ("topic", "at", "written", ""):
        shown.add_column(head, no_wrap=head != "", overflow="fold")
    for step in found:
        place = f"{step.partition}:{step.offset}"
        shown.add_row(step.topic, place, step.at[:19], Text(line(step.says, 400)))
    return shown


@click.command(name="trace")
@click.argument("article", metavar="ID|URL")
def command(article: str) -> None:
    """Show the way of one article: each topic and offset, outcome, claims, decisions, alerts and mails.

    Every topic is read from its beginning, which takes its time on a large installation.

    Example: condotta trace https://news.example/2019/12/libya
    """
    settings = Settings.read()
    ids = names(article)
    found = reader.run(settings, steps(settings, ids))
    if not found:
        raise click.ClickException(f"no record of {line(article, 200)!r} in any topic")
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table(found))
    _print_mails(console, settings, ids)


def _print_mails(console: Console, settings: Settings, ids: set[str]) -> None:
    place = ledger_place(settings)
    where = f"at {place}" if isinstance(place, Path) else "in PostgreSQL"
    try:
        fates = mails(place, ids)
    except LedgerError as exc:
        raise click.ClickException(str(exc)) from None
    if not fates:
        there = "the mailer has no alert of it" if fates == [] else f"no ledger of the mailer {where}"
        console.print(Text(f"mails: none here ({there})"))
    for fate in fates or ():
        console.print(Text(line(_fate(fate), 400)))


def _fate(fate: Fate) -> str:
    mail = f", mail {fate.mail}" if fate.mail else ""
    answer = f": {fate.answer}" if fate.answer else ""
    return f"mail to {fate.subscriber} ({fate.step}): {fate.state}{mail}{answer}"
