"""`condotta explain`: what is found in one article, for a person."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.phrasing import facts, headline, sentence, what
from agents.publish import FILE, Format, Found, Told, read
from agents.screen import line, shown
from pipeline.claims.accounts import Account
from pipeline.errors import Rejected
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim, Field, RawArticle, Speaker

OPEN, SHUT = "⟦", "⟧"  # around evidence, with the claim's number: seen without colours too
NARROW = 120  # columns where nobody knows the width
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def examine(
    raw: RawArticle, knowledge: Knowledge, without: Collection[int] = ()
) -> tuple[Article, tuple[Claim, ...], tuple[Account, ...]]:
    """Run the text stages on one article, some validity rules switched off. Raises Rejected."""
    from pipeline import claims
    from pipeline.claims.accounts import accounts, compared
    from pipeline.clean import clean
    from pipeline.entities import find
    from pipeline.language import label

    fetched = raw.fetched_at or raw.published_at or EPOCH
    article = clean(msgspec.structs.replace(raw, fetched_at=fetched), knowledge)
    article = find(label(article, knowledge), knowledge)
    found = claims.examine(article, knowledge, without)
    told = accounts(found, article, knowledge)
    if without:
        told = compared(told, accounts(claims.examine(article, knowledge), article, knowledge))
    return article, found.claims, told


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


def render(
    article: Article, claims: tuple[Claim, ...], knowledge: Knowledge, told: tuple[Account, ...] = ()
) -> Iterator[Any]:
    """Yield what a console prints."""
    yield _headed(article, claims)
    yield Text()
    if article.text:
        yield marked(article, claims, "text", told)
        yield Text()
    yield _entities(article, knowledge) if article.entities else Text("No entities.", "dim")
    yield Text()
    yield _claims(claims) if claims else Text("No claims.", "dim")
    for one in told:
        yield Text()
        yield _account(one, article)
    if article.removed:
        yield Text()
        yield _removed(article)


def _headed(article: Article, claims: tuple[Claim, ...]) -> Text:
    text = marked(article, claims, "title")
    text.stylize("bold")
    for name, value in facts(article).items():
        text.append(f"\n{name:<10}", "dim").append(value, "default")
    return text


def marked(article: Article, claims: tuple[Claim, ...], field: Field, told: tuple[Account, ...] = ()) -> Text:
    """Return title or text with entities and triggers coloured, each claim's evidence between its marks."""
    content = article.text if field == "text" else article.title
    text = Text(shown(content))
    for entity in article.entities:
        if entity.field == field:
            text.stylize("cyan", entity.start, entity.end)
    for one in told:
        if one.field == field:
            text.stylize("bold green" if one.number else "magenta", one.start, one.end)
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
            str(number), Text(what(claim)), claim.status, Text(_speakers(claim.attribution)),
            f"{claim.confidence:.2f}", Text(f"“{line(claim.evidence.quote, 80)}”"),
        )  # fmt: skip
    return table


def _speakers(chain: tuple[Speaker, ...]) -> str:
    return ", ".join(f"{line(one.speaker, 60)} ({one.kind})" for one in chain) or "the outlet"


def _account(one: Account, article: Article) -> Table:
    title = Text(
        f"{one.number}  " if one.number else "held back  ", "bold green" if one.number else "magenta"
    )
    title.append(headline(one), "bold").append(f"  {one.confidence:.2f}", "dim")
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for head in ("roles", "cues", "rules"):
        table.add_column(head, overflow="fold", vertical="top", ratio=1)
    table.add_row(*map(_grid, (one.roles, one.cues, one.rules)))
    if not one.number:
        table.caption = Text(f"“{sentence(one, article)}”", "dim")
        table.caption_justify = "left"
    return table


def _grid(rows: tuple[tuple[str, str], ...]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for name, value in rows:
        grid.add_row(Text(line(name), "dim"), Text(line(value, 120)))
    return grid


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
@click.option(
    "--without-rule",
    "without",
    type=click.IntRange(1, 5),
    multiple=True,
    help="Switch a rule off: 1 foreign, 2 a conflict, 3 proof, 4 not its opposite, 5 roles before order.",
)
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write it as one page, offline."
)
def command(
    file: Path,
    kind: Format,
    source: str | None,
    url: str | None,
    without: tuple[int, ...],
    page: Path | None,
) -> None:
    """Show what is found in one article of FILE (`-` for stdin): text, language, entities, claims, evidence.

    A page, a text, or the first line of a JSONL file, as `publish` takes them. Needs no Kafka. For each claim
    and each candidate that was held back, a table says its roles, its cues and the rules that weighed.

    Example: condotta explain --without-rule 1 --html explained.html article.html
    """
    from pipeline.knowledge import load

    raw = first(file, Told(source=source, url=url), kind)
    knowledge = load()
    console = Console(width=None if Console().is_terminal else NARROW)
    try:
        article, claims, told = examine(raw, knowledge, without)
    except Rejected as exc:
        console.print(Text(f"rejected: {exc.reason}"))
        return
    if page is not None:
        from agents.page import write

        write(page, article, claims, knowledge, told)
        console.print(Text(f"{page}: {len(claims)} claims, {len(told) - len(claims)} candidates held back"))
        return
    for part in render(article, claims, knowledge, told):
        console.print(part)
