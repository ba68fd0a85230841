"""`condotta knowledge`: what the knowledge files lack, and what in them can be read in two ways."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import background
from agents.explain import EPOCH, NARROW
from agents.publish import FILE, Found, Told, read
from pipeline.errors import KnowledgeError, Rejected
from pipeline.knowledge import Knowledge, load, review
from pipeline.types import Entity, RawArticle

FEW = 8  # of a list, unless all are asked for


@click.group(name="knowledge")
def command() -> None:
    """Look at the knowledge files, and put what everyone knows into the memory.

    Example: condotta knowledge check
    """


command.add_command(background.command)


@command.command()
@click.option(
    "--articles", "files", type=FILE, multiple=True,
    help="Also say which entries no article of this file names; may be given again, `-` for stdin.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="List every name, not the first few.")
def check(files: tuple[Path, ...], everything: bool) -> None:
    """Say what is missing, by language, and which names stand for two things.

    Exit code 1 where a language has no words for a class or a type, or two entries hold the same strong
    name; names that are missing, and entries that no article names, are told and are no failure.

    Example: condotta knowledge check --articles articles.jsonl
    """
    try:
        knowledge = load()
    except KnowledgeError as exc:
        raise click.ClickException(str(exc)) from None
    console = Console(width=None if Console().is_terminal else NARROW)
    most = 0 if everything else FEW
    cues, clashes = review.uncued(knowledge), review.ambiguous(knowledge)
    console.print(_names(list(review.names(knowledge)), most))
    console.print(_cues(cues))
    console.print(_clashes(clashes, most))
    if files:
        console.print(
            _unmatched(knowledge, [entity for path in files for entity in named(path, knowledge)], most)
        )
    faults = sum(map(len, cues.values())) + sum(clash.strong for clash in clashes)
    if faults:
        raise click.ClickException(f"{faults} classes without words or names that stand for two things")


def named(path: Path, knowledge: Knowledge) -> Iterator[Entity]:
    """Yield the entities of a file's articles; what is no article is passed over."""
    from pipeline.clean import clean
    from pipeline.entities import find
    from pipeline.language import label

    for found in read(path, Told(source="check")):
        if not isinstance(found, Found):
            raise click.ClickException(str(found))
        try:
            raw = msgspec.json.decode(found.value, type=RawArticle)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise click.ClickException(f"{found.place}: no raw article: {exc}") from None
        fetched = raw.fetched_at or raw.published_at or EPOCH
        try:
            article = clean(msgspec.structs.replace(raw, fetched_at=fetched), knowledge)
        except Rejected:
            continue
        yield from find(label(article, knowledge), knowledge).entities


# Tables


def some(items: Sequence[str], most: int) -> str:
    """Return the first items as a list; all for `most` 0."""
    told = ", ".join(items[:most] if most else items)
    return f"{told}, and {len(items) - most} more" if most and len(items) > most else told


def _titled(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _names(rows: Sequence[review.Names], most: int) -> Table:
    """Return which share of each kind a language can name; a language writes names in its own script."""
    languages = sorted({row.language for row in rows})
    table = _titled("Entries with a name, by language", "kind", *languages, "without, in some language")
    for kind in dict.fromkeys(row.kind for row in rows):
        ours = {row.language: row for row in rows if row.kind == kind}
        cells = [
            f"{ours[each].entries - len(ours[each].nameless)}/{ours[each].entries}" for each in languages
        ]
        bare = Counter(ident for row in ours.values() for ident in row.nameless)
        table.add_row(kind, *cells, Text(some(list(bare), most)))
    return table


def _cues(missing: dict[str, tuple[str, ...]]) -> Table:
    table = _titled("\nClasses and types without words", "language", "missing")
    for language, classes in missing.items():
        table.add_row(language, Text(", ".join(classes) or "none"))
    return table


def _clashes(clashes: Collection[review.Ambiguous], most: int) -> Table:
    strong = [clash for clash in clashes if clash.strong]
    weak = [clash for clash in clashes if not clash.strong]
    title = f"\nNames that stand for two things: {len(strong)} strong, {len(weak)} weak somewhere"
    table = _titled(title, "name", "languages", "entries", "")
    for clash in [*strong, *(weak[:most] if most else weak)]:
        kind = "strong" if clash.strong else "weak"
        table.add_row(Text(clash.name), " ".join(clash.languages), Text(", ".join(clash.entries)), kind)
    return table


def _unmatched(knowledge: Knowledge, entities: Sequence[Entity], most: int) -> Table:
    totals: Counter[str] = Counter(entry.kind for entry in knowledge.entries.values())
    table = _titled("\nEntries that no article names", "kind", "never", "of", "which")
    for kind, idents in review.unmatched(knowledge, entities).items():
        table.add_row(kind, str(len(idents)), str(totals[kind]), Text(some(idents, most)))
    return table
