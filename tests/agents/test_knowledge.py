"""`condotta knowledge check`, on the real files and on ones made wrong."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from agents.knowledge import command, some
from pipeline.knowledge import load, review
from pipeline.knowledge.schema import Entry, Name
from pipeline.types import Entity


def changed(**fields):
    return msgspec.structs.replace(load(), **fields)


def sheet(language="id"):
    return json.loads(json.dumps(load().languages[language], default=str))


def test_a_class_or_type_without_words_is_told():
    lame = sheet()
    lame["acts"]["train"] = []
    lame["deeds"].pop("train", None)
    lame["things"].pop("trainer")
    lame["things"].pop("pact")
    missing = review.uncued(changed(languages={"en": load().languages["en"], "id": lame}))["id"]
    assert {"acts: train", "things: trainer", "type: training", "type: pact"} <= set(missing)


def test_the_types_have_words_in_the_languages_at_full_depth():
    for language in ("en", "id"):
        assert not [each for each in review.uncued(load())[language] if each.startswith("type:")]


def name(text, ident, kind="group", languages=(), weak=False):
    return Name(text=text, id=ident, kind=kind, languages=frozenset(languages), weak=weak)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([name("Ansar", "a"), name("ansar", "b")], [("ansar", ("any",), True)]),
        ([name("Ansar", "a"), name("Ansar", "b", languages={"ar"})], [("ansar", ("ar",), True)]),
        ([name("Ansar", "a", languages={"fr"}), name("Ansar", "b", languages={"ar"})], []),
        ([name("Ansar", "a"), name("Ansar", "b", weak=True)], [("ansar", ("any",), False)]),
        ([name("Libya", "LY", "country"), name("Libya", "LY", "government")], []),
    ],
)
def test_a_name_of_two_things_is_told(names, expected):
    found = review.ambiguous(changed(names=tuple(names)))
    assert [(each.name, each.languages, each.strong) for each in found] == expected


def test_a_name_in_another_script_is_no_name():
    entry = Entry(id="a", kind="group", name="A", names={"any": ("Ansar",), "ar": ("أنصار",)}, source="-")
    other = Entry(id="b", kind="group", name="B", names={"any": ("Badr",)}, source="-")
    arabic = {"name": "العربية"}
    know = changed(entries={"group:a": entry, "group:b": other}, languages={"ar": arabic, "en": sheet("en")})
    rows = {row.language: row.nameless for row in review.names(know)}
    assert rows == {"ar": ("b",), "en": ()}


def test_what_no_article_names_is_told():
    seen = [Entity(id="LY", kind="country", field="text", start=0, end=5)]
    never = review.unmatched(load(), seen)
    assert "LY" not in never["country"]
    assert "EG" in never["country"]
    assert "lna" in never["group"]


def test_the_command_reads_articles(tmp_path):
    path = tmp_path / "a.jsonl"
    body = "Wagner Group fighters left Libya on Friday, the army of Khalifa Haftar said in Benghazi."
    path.write_text(json.dumps({"body": body, "content_type": "text/plain", "source": "a.example"}) + "\n")
    done = CliRunner().invoke(command, ["check", "--all", "--articles", str(path)])
    assert done.exit_code in (0, 1)
    told = done.output.partition("Entries that no article names")[2]
    assert "hezbollah" in told
    assert "wagner-group" not in told
    for part in (
        "Entries with a name, by language",
        "Classes and types without words",
        "stand for two things",
    ):
        assert part in done.output


def test_the_exit_code_says_whether_something_is_wrong(monkeypatch):
    monkeypatch.setattr(review, "uncued", lambda knowledge: {"en": ()})
    monkeypatch.setattr(review, "ambiguous", lambda knowledge: [])
    assert CliRunner().invoke(command, ["check"]).exit_code == 0
    monkeypatch.setattr(review, "uncued", lambda knowledge: {"en": ("type: pact",)})
    done = CliRunner().invoke(command, ["check"])
    assert done.exit_code == 1
    assert "1 classes without words" in done.output


def test_a_file_that_holds_no_articles_is_one_line(tmp_path):
    (tmp_path / "a.jsonl").write_text("{broken\n")
    done = CliRunner().invoke(command, ["check", "--articles", str(tmp_path / "a.jsonl")])
    assert done.exit_code == 1
    assert "no raw article" in done.output


def test_a_long_list_is_cut():
    assert some(["a", "b", "c"], 2) == "a, b, and 1 more"
    assert some(["a", "b", "c"], 0) == "a, b, c"
