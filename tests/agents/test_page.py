"""The page of `condotta explain --html`: it holds everything, fetches nothing, and a browser reads it."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from click.testing import CliRunner

from agents.explain import command, examine
from agents.page import Mark, page, pieces
from pipeline.knowledge import load
from pipeline.types import RawArticle

SAMPLES = Path(__file__).parents[2] / "ops" / "samples"


def explained(title, text, **given):
    raw = RawArticle(
        body=text, content_type="text/plain", source="a.example", title=title, language="en",
        published_at=datetime(2026, 2, 1, 8, tzinfo=UTC), **given,
    )  # fmt: skip
    knowledge = load()
    article, claims, told = examine(raw, knowledge)
    return article, claims, told, page(article, claims, knowledge, told)


class Tags(HTMLParser):
    """Collects tags, attributes and text; fails on one that is not closed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.seen, self.text = [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":  # it is never closed
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


TEXT = (
    "Turkey sent hundreds of soldiers to Libya, officials in Ankara said on Monday.\n\n"
    "Turkey was warned not to send more weapons to Libya, a diplomat said on Monday in Tunis."
)


def test_the_page_holds_text_claims_and_what_was_held_back():
    article, claims, told, html = explained("Turkey sends soldiers to Libya", TEXT)
    seen = "".join(Tags(html).text)
    assert claims
    assert any(one.held and one.held.startswith("rule 4") for one in told)
    for part in (
        *article.text.split("\n\n"),
        claims[0].evidence.quote,
        f"{len(claims)} claim",
        "rule 4: warned",
    ):
        assert part in seen, part


def test_the_page_fetches_and_runs_nothing():
    html = explained("Turkey sends soldiers to Libya", TEXT, url="https://a.example/x")[3]
    tags = Tags(html).seen
    assert not {tag for tag, _ in tags} & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert not [a for _, a in tags if a.get("src")]
    assert all(a["href"].startswith("#") for _, a in tags if "href" in a)
    assert "url(" not in html
    assert "@import" not in html
    assert any("default-src 'none'" in (a.get("content") or "") for _, a in tags)


def test_what_outlets_write_stays_text():
    html = explained(
        '<script>alert("a")</script> & soldiers', TEXT + "\n\n<img src=x onerror=alert(1)> in Libya"
    )[3]
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in explained("a\u202eb Turkey in Libya", TEXT)[3]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], [("abcdef", "")]),
        ([(0, 6, "a"), (2, 4, "b")], [("ab", "a"), ("cd", "a b"), ("ef", "a")]),
        ([(0, 4, "a"), (2, 6, "b")], [("ab", "a"), ("cd", "a b"), ("ef", "b")]),
    ],
)
def test_marks_may_lie_over_each_other(marks, expected):
    found = pieces("abcdef", [Mark(start=s, end=e, name=n) for s, e, n in marks])
    assert [(p.text, p.classes) for p in found] == expected


def test_a_page_that_cannot_be_written_is_one_line(tmp_path):
    done = CliRunner().invoke(
        command, [str(SAMPLES / "articles.jsonl"), "--html", str(tmp_path / "none" / "a.html")]
    )
    assert done.exit_code == 1
    assert "No such file" in done.output


# A real browser


def browser(*options):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("needs Debian's chromium, see ops/test-tools.txt")
    assert chromium, "the packages of ops/test-tools.txt are not installed"
    given = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *options]
    with TemporaryFile() as out:  # no pipe, which a helper process may hold open for ever
        subprocess.run(given, stdout=out, stderr=subprocess.DEVNULL, timeout=120, check=True)
        out.seek(0)
        return out.read()


@pytest.mark.tools
def test_a_browser_shows_the_page(tmp_path):
    path = tmp_path / "explained.html"
    done = CliRunner().invoke(command, [str(SAMPLES / "articles.jsonl"), "--html", str(path)])
    assert done.exit_code == 0, done.output
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    dom = browser(profile, "--dump-dom", path.as_uri()).decode()
    assert Tags(dom).seen.count(("h3", {})) == Tags(path.read_text("utf-8")).seen.count(("h3", {})) > 10
    picture = tmp_path / "a.png"
    browser(profile, "--window-size=1280,900", f"--screenshot={picture}", path.as_uri())
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000  # an empty page has 8 kB
