"""`condotta explain`: what is found in one article, for a person."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.publish import FILE, Format, Found, Told, read
from agents.screen import line, shown
from pipeline.errors import Rejected
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim, Field, RawArticle, Speaker

OPEN, SHUT = "⟦", "⟧"  # around evidence, with the claim's number: seen without colours too
NARROW = 120  # columns where nobody knows the width
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def examine(raw: RawArticle, knowledge: Knowledge) -> tuple[Article, tuple[Claim, ...]]:
    """Run the text stages on one article. Raises Rejected."""
    from pipeline.claims import extract
    from pipeline.clean import clean
    from pipeline.entities import find
    from pipeline.language import label

    fetched = raw.fetched_at or raw.published_at or EPOCH
    article = clean(msgspec.structs.replace(raw, fetched_at=fetched), knowledge)
    article = find(label(article, knowledge), knowledge)
    return article, extract(article, knowledge)


def first(path: Path, told: Told, kind: Format) -> RawArticle:
    """Return the first article of a file. Raises ClickException where there is none."""
    for found in read(path, told, kind):
        if not isinstance(found, Found):
            raise click.ClickException(str(found))
        try:
            return msgspec.json.decode(found.value, type=RawArticle)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise click.ClickException(f"{found.place}: no raw article: {exc}") from None
    raise click.ClickException(f"{path} is empty")


# Showing


def render(article: Article, claims: tuple[Claim, ...], knowledge: Knowledge) -> Iterator[Any]:
    """Yield what a console prints."""
    yield _headed(article, claims)
    yield Text()
    if article.text:
        yield marked(article, claims, "text")
        yield Text()
    yield _entities(article, knowledge) if article.entities else Text("No entities.", "dim")
    yield Text()
    yield _claims(claims) if claims else Text("No claims.", "dim")
    if article.removed:
        yield Text()
        yield _removed(article)


def _headed(article: Article, claims: tuple[Claim, ...]) -> Text:
    language = article.language
    facts = {
        "source": f"{article.source} ({article.family})" + (f", by {article.wire}" if article.wire else ""),
        "address": article.url,
        "published": str(article.published_at) if article.published_at else "not said: never alerts",
        "language": f"{language.code} ({language.confidence:.0%})" if language else None,
        "id": article.id,
    }
    text = marked(article, claims, "title")
    text.stylize("bold")
    for name, value in facts.items():
        if value:
            text.append(f"\n{name:<10}", "dim").append(line(value, 300), "default")
    return text


def marked(article: Article, claims: tuple[Claim, ...], field: Field) -> Text:
    """Return title or text with the entities coloured and each claim's evidence between its marks."""
    content = article.text if field == "text" else article.title
    text = Text(shown(content))
    for entity in article.entities:
        if entity.field == field:
            text.stylize("cyan", entity.start, entity.end)
    spans = [
        (number, claim.evidence) for number, claim in enumerate(claims, 1) if claim.evidence.field == field
    ]
    for _, evidence in spans:
        text.stylize("underline", evidence.start, evidence.end)
    return _inserted(text, [(place, mark) for number, one in spans for place, mark in _marks(number, one)])


def _marks(number: int, evidence: Any) -> Iterator[tuple[int, str]]:
    yield evidence.start, f"{OPEN}{number} "
    yield evidence.end, SHUT


def _inserted(text: Text, marks: list[tuple[int, str]]) -> Text:
    """Insert marks at places of `text`; those that close come before those that open."""
    if not marks:
        return text
    places = sorted({place for place, _ in marks})
    out = Text()
    for place, part in zip([None, *places], text.divide(places), strict=True):
        here = [mark for at, mark in marks if at == place]
        for mark in sorted(here, key=lambda mark: mark != SHUT):
            out.append(mark, "bold yellow")
        out.append_text(part)
    return out


def _entities(article: Article, knowledge: Knowledge) -> Table:
    table = Table("entity", "kind", "times", box=None, pad_edge=False, title="Entities", title_justify="left")
    counted = Counter((entity.kind, entity.id) for entity in article.entities)
    for (kind, ident), times in counted.most_common():
        known = knowledge.entry(kind, ident)
        name = f"{known.name} ({ident})" if known else ident
        table.add_row(Text(name), kind, str(times))
    return table


def _claims(claims: tuple[Claim, ...]) -> Table:
    table = Table(box=None, pad_edge=False, title="Claims", title_justify="left")
    for head in ("", "claim", "status", "who says so", "sure", "evidence"):
        table.add_column(head, overflow="fold")
    for number, claim in enumerate(claims, 1):
        table.add_row(
            str(number), Text(_what(claim)), claim.status, Text(_speakers(claim.attribution)),
            f"{claim.confidence:.2f}", Text(f"“{line(claim.evidence.quote, 80)}”"),
        )  # fmt: skip
    return table


def _what(claim: Claim) -> str:
    who = claim.supporter.principal + (f" by {claim.supporter.executor}" if claim.supporter.executor else "")
    more = [
        *claim.equipment,
        claim.quantity.raw if claim.quantity else "",
        "disputed" if claim.disputed else "",
    ]
    return f"{who}: {claim.type} → {claim.recipient or '?'} in {claim.theatre}" + "".join(
        f", {line(one)}" for one in more if one
    )


def _speakers(chain: tuple[Speaker, ...]) -> str:
    return ", ".join(f"{line(one.speaker, 60)} ({one.kind})" for one in chain) or "the outlet"


def _removed(article: Article) -> Table:
    table = Table("removed", "why", box=None, pad_edge=False, title="Mended", title_justify="left")
    for one in article.removed:
        table.add_row(Text(line(one.text, 80)), one.why)
    return table


@click.command(name="explain")
@click.argument("file", type=FILE)
@click.option("--format", "kind", type=click.Choice(["auto", "jsonl", "html", "text"]), default="auto")
@click.option("--source", help="The outlet; for HTML and text.")
@click.option("--url", help="The address of the article; for HTML and text.")
def command(file: Path, kind: Format, source: str | None, url: str | None) -> None:
    """Show what is found in one article of FILE (`-` for stdin): text, language, entities, claims, evidence.

    A page, a text, or the first line of a JSONL file, as `publish` takes them. Needs no Kafka.

    Example: condotta explain article.html
    """
    from pipeline.knowledge import load

    raw = first(file, Told(source=source, url=url), kind)
    knowledge = load()
    console = Console(width=None if Console().is_terminal else NARROW)
    try:
        article, claims = examine(raw, knowledge)
    except Rejected as exc:
        console.print(Text(f"rejected: {exc.reason}"))
        return
    for part in render(article, claims, knowledge):
        console.print(part)
