"""`condotta explain --html`: one article, its claims and what was held back, on a page of its own."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import click
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from agents.phrasing import facts, headline, sentence
from agents.screen import line, shown
from pipeline import __version__
from pipeline.claims.accounts import Account
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim, Field

_templates = Environment(
    loader=ChoiceLoader([PackageLoader("agents"), PackageLoader("pipeline.mail")]),  # the latter: base.html
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch of title or text that lies under the same marks."""

    text: str
    classes: str  # of CSS: entity, evidence, trigger, held
    opens: tuple[int, ...]  # claims whose evidence begins here
    tip: str


class Mark(Struct, frozen=True, kw_only=True):
    start: int
    end: int
    name: str
    claim: int = 0
    tip: str = ""


def write(
    path: Path, article: Article, claims: tuple[Claim, ...], knowledge: Knowledge, told: tuple[Account, ...]
) -> None:
    """Write the page. Raises ClickException where the file cannot be written."""
    try:
        path.write_text(page(article, claims, knowledge, told), "utf-8")
    except OSError as exc:
        raise click.ClickException(f"{path}: {exc.strerror}") from None


def page(article: Article, claims: tuple[Claim, ...], knowledge: Knowledge, told: tuple[Account, ...]) -> str:
    """Return the page: self-contained, escaped, without script or remote content."""
    fields: tuple[Field, ...] = ("title", "text")
    marks = {field: list(_marks(article, claims, knowledge, told, field)) for field in fields}
    return _templates.get_template("explain.html").render(
        title=list(pieces(article.title, marks["title"])),
        paragraphs=[list(each) for each in _paragraphs(pieces(article.text, marks["text"]))],
        name=line(article.title, 120) or "an article without a title",
        language=article.language.code if article.language else "und",
        facts=facts(article),
        claims=[_shown(one, article) for one in told if one.number],
        held=[_shown(one, article) for one in told if not one.number],
        removed=[(line(one.text, 200), one.why) for one in article.removed],
        version=__version__,
    )


def _shown(one: Account, article: Article) -> dict[str, object]:
    return {
        "number": one.number,
        "headline": line(headline(one), 200),
        "status": one.claim.status if one.claim and one.number else "held back",
        "confidence": f"{one.confidence:.2f}",
        "quote": line(one.claim.evidence.quote, 600) if one.claim and one.number else sentence(one, article),
        "why": one.held or "",
        "tables": [
            (name, [(line(row), line(value, 200)) for row, value in rows])
            for name, rows in (("Roles", one.roles), ("Cues", one.cues), ("Rules", one.rules))
        ],
    }


def _marks(
    article: Article, claims: tuple[Claim, ...], knowledge: Knowledge, told: tuple[Account, ...], field: Field
) -> Iterator[Mark]:
    for entity in article.entities:
        if entity.field == field:
            entry = knowledge.entry(entity.kind, entity.id)
            tip = f"{entry.name if entry else entity.id} ({entity.kind})"
            yield Mark(start=entity.start, end=entity.end, name="entity", tip=tip)
    for number, claim in enumerate(claims, 1):
        if claim.evidence.field == field:
            yield Mark(start=claim.evidence.start, end=claim.evidence.end, name="evidence", claim=number)
    for one in told:
        if one.field == field:
            name = "trigger" if one.number else "held"
            yield Mark(start=one.start, end=one.end, name=name, tip=one.held or "")


def pieces(content: str, marks: Iterable[Mark]) -> Iterator[Piece]:
    """Cut `content` where a mark begins or ends; what lies between two cuts is under the same marks.

    >>> [(p.text, p.classes) for p in pieces("abcd", [Mark(start=1, end=3, name="held")])]
    [('a', ''), ('bc', 'held'), ('d', '')]
    """
    marks = sorted(marks, key=lambda mark: mark.start)
    text = shown(content)
    cuts = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    live: list[Mark] = []
    following = 0
    for start, end in pairwise(cuts):
        while following < len(marks) and marks[following].start <= start:
            live.append(marks[following])
            following += 1
        live = [mark for mark in live if mark.end > start]
        yield Piece(
            text=text[start:end],
            classes=" ".join(dict.fromkeys(mark.name for mark in live)),
            opens=tuple(mark.claim for mark in live if mark.claim and mark.start == start),
            tip="; ".join(dict.fromkeys(mark.tip for mark in live if mark.tip)),
        )


def _paragraphs(all_pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Group pieces by paragraph; one that spans a border is cut there."""
    paragraph: list[Piece] = []
    for piece in all_pieces:
        first, *others = piece.text.split("\n\n")
        paragraph.append(_cut(piece, first, piece.opens))
        for text in others:
            yield paragraph
            paragraph = [_cut(piece, text, ())]
    yield paragraph


def _cut(piece: Piece, text: str, opens: tuple[int, ...]) -> Piece:
    return Piece(text=text, classes=piece.classes, opens=opens, tip=piece.tip)
