import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from agents.explain import command, marked, render
from agents.screen import line, shown
from pipeline.knowledge import load
from pipeline.types import Entity, Evidence, RawArticle
from tests.fakes import GIVEN, clean, extract, label, raw

SAMPLES = Path(__file__).parents[2] / "ops" / "samples"


def told(text, evidence, entities=()):
    article = msgspec.json.decode(raw("RU arms LY in plain sight"), type=RawArticle)
    article = msgspec.structs.replace(article, fetched_at=datetime(2026, 1, 1, tzinfo=UTC))
    (article,) = label(clean(article, GIVEN)[0], GIVEN)
    claim = next(iter(extract(article, GIVEN)))
    claims = tuple(
        msgspec.structs.replace(
            claim, evidence=Evidence(field="text", quote=text[start:end], start=start, end=end)
        )
        for start, end in evidence
    )
    return msgspec.structs.replace(article, text=text, entities=tuple(entities)), claims


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], "abcdef"),
        ([(0, 3)], "⟦1 abc⟧def"),
        ([(0, 3), (3, 6)], "⟦1 abc⟧⟦2 def⟧"),
        ([(0, 6), (2, 4)], "⟦1 ab⟦2 cd⟧ef⟧"),
        ([(0, 4), (2, 6)], "⟦1 ab⟦2 cd⟧ef⟧"),
    ],
)
def test_evidence_stands_between_its_marks(spans, expected):
    article, claims = told("abcdef", spans)
    assert marked(article, claims, "text").plain == expected


def test_entities_are_coloured():
    entity = Entity(id="LY", kind="country", field="text", start=0, end=3)
    article, claims = told("abcdef", [], [entity])
    assert [(span.start, span.end) for span in marked(article, claims, "text").spans] == [(0, 3)]


def test_hostile_text_cannot_move_the_terminal():
    article, claims = told("a\x1b[31m\u202eb", [])
    assert marked(article, claims, "text").plain == "a�[31m�b"
    assert shown("abc", 2) == "a…"
    assert line(" a\n b\t") == "a b"


def test_everything_found_is_shown():
    done = CliRunner().invoke(command, [str(SAMPLES / "articles.jsonl")])
    assert done.exit_code == 0, done.output
    for part in ("AS Khawatir", "id (", "Libya (LY)", "Claims", "RU: mercenaries", "⟦1 ", "Libyadengan"):
        assert part in done.output


def test_what_is_refused_says_why(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("🙂 🙂 🙂 🙂 🙂 🙂 🙂 🙂")
    assert CliRunner().invoke(command, [str(path)]).output == "rejected: no-letters\n"


@pytest.mark.parametrize(("content", "says"), [("", "is empty"), ("{broken", "no raw article")])
def test_what_cannot_be_read_is_one_line(tmp_path, content, says):
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    done = CliRunner().invoke(command, [str(path)])
    assert done.exit_code == 1
    assert says in done.output


def test_a_console_of_any_width_shows_it():
    article, claims = told("RU arms LY in plain sight", [(0, 10)])
    console = Console(file=io.StringIO(), width=40)
    for part in render(article, claims, load()):
        console.print(part)
    assert "Claims" in console.file.getvalue()
