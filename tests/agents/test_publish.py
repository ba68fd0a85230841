import io
import sys

import msgspec
import pytest
from click.testing import CliRunner

from agents.publish import MAX_RECORD, Found, Told, TooLarge, command, read
from pipeline.types import RawArticle


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def article(folder, name, content, **told):
    (found,) = read(written(folder, name, content), Told(**told))
    return msgspec.json.decode(found.value, type=RawArticle)


def test_json_lines_go_as_they_are(tmp_path):
    lines = b'\xef\xbb\xbf{"body": "\xc3\xa9" }\n\n{broken\r\n{"b": 1}'
    found = list(read(written(tmp_path, "a.jsonl", lines), Told()))
    assert [one.value for one in found] == [b'{"body": "\xc3\xa9" }', b"{broken", b'{"b": 1}']
    assert found[1].place.endswith("a.jsonl line 3")


def test_a_page_is_one_article(tmp_path):
    raw = article(tmp_path, "a.html", "<p>Hello</p>", url="https://www.news.example/a", backfill=True)
    assert (raw.body, raw.content_type, raw.source, raw.backfill) == (
        "<p>Hello</p>",
        "text/html",
        "news.example",
        True,
    )


def test_the_first_line_of_a_text_is_its_title(tmp_path):
    raw = article(tmp_path, "a.txt", "Troops arrive\r\n\r\nThey came.\r\n\r\nThey stayed.", source="Desk")
    assert (raw.title, raw.body, raw.source) == ("Troops arrive", "They came.\n\nThey stayed.", "Desk")


@pytest.mark.parametrize("text", ["They came.\n\nThey stayed.", "One line", "Two\nlines\n\nmore"])
def test_a_first_sentence_is_no_title(tmp_path, text):
    raw = article(tmp_path, "a.txt", text)
    assert (raw.title, raw.body) == (None, text)


def test_a_page_in_an_older_encoding_says_which(tmp_path):
    page = "<meta charset='iso-8859-1'><p>Le président à Tripoli</p>"
    assert article(tmp_path, "a.html", page.encode("latin-1")).body == page


def test_a_text_in_an_older_encoding_is_guessed(tmp_path):
    text = "Министр сказал, что первые солдаты прибыли в Триполи вчера вечером и останутся там. " * 5
    assert article(tmp_path, "a.txt", text.encode("cp1251")).body == text


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b'{"body": "x"}', None), (b"  <!doctype html><p>x", "text/html"), (b"Plain words", "text/plain")],
)
def test_stdin_is_judged_by_its_first_sign(monkeypatch, content, kind):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    (found,) = read(__import__("pathlib").Path("-"), Told())
    assert msgspec.json.decode(found.value).get("content_type") == kind


def test_a_line_that_is_too_large_is_named_and_the_rest_is_read(tmp_path):
    lines = b"{}\n" + b"x" * (9 * 1024**2) + b"\n{}"
    first, second, third = read(written(tmp_path, "a.jsonl", lines), Told())
    assert isinstance(first, Found)
    assert isinstance(second, TooLarge)
    assert "line 2: a record of 9,437,184 bytes" in str(second)
    assert isinstance(third, Found)
    assert third.place.endswith("line 3")


def test_the_largest_line_is_taken(tmp_path):
    (found,) = read(written(tmp_path, "a.jsonl", b"x" * MAX_RECORD + b"\n"), Told())
    assert len(found.value) == MAX_RECORD
    (refused,) = read(written(tmp_path, "b.jsonl", b"x" * (MAX_RECORD + 1)), Told())
    assert isinstance(refused, TooLarge)


def test_a_large_page_is_refused(tmp_path):
    (refused,) = read(written(tmp_path, "a.html", b"x" * (9 * 1024**2)), Told())
    assert isinstance(refused, TooLarge)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-file"], "does not exist"),
        (["--format", "pdf"], "is not one of"),
        (["--published-at", "soon", "-"], "no time like"),
    ],
)
def test_wrong_arguments_are_told(arguments, says):
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert says in done.output


def test_help_shows_an_example():
    assert "Example: condotta publish" in CliRunner().invoke(command, ["--help"]).output
