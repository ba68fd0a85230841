"""The demo without Kafka: its samples, what its agents may see, and how it shows what it found."""

import io
import os
import signal
import smtplib
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from agents import demo, sink
from agents.chain import readable_id
from agents.demo import SAMPLES, articles, environment, epitaph, told
from agents.replay import Replay
from agents.seen import Seen, claims_table
from agents.settings import Settings
from agents.stage import Given
from agents.subscribers import load as subscribers
from pipeline.knowledge import load
from pipeline.types import Alert, Claim, Decision, Outcome, RawArticle

KINDS = {"news.outcomes": Outcome, "news.claims": Claim, "news.decisions": Decision, "news.alerts": Alert}


@pytest.fixture(scope="module")
def seen() -> Seen:
    """Run the samples through the same rows, without Kafka."""
    found = Seen()
    replay = Replay(Given(load(), subscribers(SAMPLES / "subscribers.yaml")))
    for article in articles():
        for sent in replay.carry(article.value):
            if sent.topic in KINDS:
                found.add(msgspec.json.decode(sent.value, type=KINDS[sent.topic]))
    return found


def test_samples_are_raw_articles_fetched_on_the_day_they_were_published() -> None:
    raws = [msgspec.json.decode(each.value, type=RawArticle) for each in articles()]
    for raw in raws:
        assert raw.published_at
        assert raw.fetched_at
        assert raw.published_at <= raw.fetched_at
        assert raw.published_at.date() == raw.fetched_at.date()
        assert raw.source.endswith(".example")
    assert {raw.content_type for raw in raws} == {"text/html", "text/plain"}
    assert {raw.language for raw in raws} == {"en", "id"}


def test_each_sample_has_an_id_of_its_own_and_ends_in_one_outcome(seen: Seen) -> None:
    ids = {readable_id(each.value) for each in articles()}
    assert len(ids) == len(articles())
    assert sorted(str(name) for name in ids) == sorted(outcome.article for outcome in seen.outcomes)


def test_samples_show_what_the_demo_is_to_show(seen: Seen) -> None:
    statuses = {claim.status for claim in seen.claims.values()}
    assert {"alleged", "denied", "confirmed", "hypothetical"} <= statuses
    assert {claim.article.language for claim in seen.claims.values()} == {"en", "id"}
    assert {decision.decision for decision in seen.decisions.values()} >= {
        "NEW",
        "UPDATE",
        "REPEAT",
        "BACKGROUND",
    }
    assert {(outcome.outcome, outcome.reason) for outcome in seen.outcomes} == {
        ("ok", None),
        ("rejected", "not-an-article"),
    }
    assert any(outcome.outcome == "ok" and outcome.claims == 0 for outcome in seen.outcomes)


def test_a_reprint_is_the_same_report(seen: Seen) -> None:
    decisions = [
        each for each in seen.decisions.values() if each.claim.article.source == "harbour-gazette.example"
    ]
    reprint = [each for each in decisions if each.claim.theatre == "LY"]
    assert [each.decision for each in reprint] == ["REPEAT"]


def test_nothing_of_the_users_settings_reaches_the_agents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CONDOTTA_SMTP_USER=somebody\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONDOTTA_BROKER", "kafka.example:9092")
    monkeypatch.setenv("CONDOTTA_NO_SUCH_NAME", "1")
    settings = Settings.read(environment("127.0.0.1:1", 2525, tmp_path, foreign=False))
    assert settings.broker == "127.0.0.1:1"
    assert settings.smtp_user == ""
    assert settings.smtp_port == 2525
    assert settings.prefix == ""
    assert settings.group_wait == 1


def test_on_a_foreign_broker_every_demo_has_a_prefix_of_its_own(tmp_path: Path) -> None:
    prefixes = {environment("b:1", 1, tmp_path, foreign=True)["CONDOTTA_PREFIX"] for _ in range(5)}
    assert len(prefixes) == 5
    assert all(prefix.startswith("demo-") and prefix.endswith(".") for prefix in prefixes)


@pytest.mark.parametrize("width", [80, 100, 140, 180, 250])
def test_the_table_fits_its_width_and_names_every_claim(seen: Seen, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    console.print(claims_table(seen, width))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    rows = [row for row in lines if row[:2].isupper() and row[:2].isalpha() and row[2:3] == " "]
    assert len(rows) == len(seen.claims)
    assert max(map(len, lines)) <= width
    assert all(claim.type in "".join(rows) for claim in seen.claims.values())


def test_a_table_without_claims_is_drawn_too() -> None:
    console = Console(width=180, file=io.StringIO())
    console.print(claims_table(Seen(), 180))


def test_an_outcome_is_told_in_one_line(seen: Seen) -> None:
    article = {"title": "A\x1b[31m title", "url": "u", "source": "s", "published_at": "2020-01-02T03:04:05Z"}
    said = told(article, msgspec.structs.replace(seen.outcomes[0], outcome="ok", reason=None, claims=1))
    assert said == "2020-01-02  1 claim                   A�[31m title (s)"


def test_a_dead_letter_is_told_with_stage_and_error() -> None:
    assert epitaph([("stage", b"clean"), ("error", b"no \x1b[2J\nbody")]) == "clean: no �[2J body"
    assert epitaph([]) == "?: ?"


def test_repeated_records_count_once(seen: Seen) -> None:
    twice = Seen()
    for claim in [*seen.claims.values()] * 2:
        twice.add(claim)
    assert twice.claims == seen.claims


def test_the_sink_keeps_each_mail_whole(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "agents.sink", str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=demo.SAMPLES.parent.parent,
    )
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        for number in range(3):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", f"Número {number}"
            mail.set_content("ñ\n.\nend of it\n")
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                smtp.send_message(mail)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close() if process.stdout else None
    kept = sink.mails(tmp_path)
    assert [path.name for path in kept] == ["0001.eml", "0002.eml", "0003.eml"]
    assert kept[2].read_bytes().rstrip().endswith(b"end of it")
    assert [path.name for path in tmp_path.iterdir() if path not in kept] == []


def test_a_sink_goes_on_counting_where_the_last_one_stopped(tmp_path: Path) -> None:
    (tmp_path / "0001.eml").write_text("old")
    keep = sink.Keep(tmp_path)
    assert next(keep._numbers) == 2


def test_last_words_are_the_last_line_that_says_something(tmp_path: Path) -> None:
    class Guarded:
        folder = tmp_path

    show = demo.Demo(Guarded(), demo.Options(), Console(file=io.StringIO()))  # type: ignore[arg-type]
    assert show._last_words().startswith("the worker said nothing")
    (tmp_path / "worker.log").write_text("first\nno \x1b[1m room\n\n  \n")
    assert show._last_words().startswith("no �[1m room")


def test_an_interrupt_whose_exception_is_lost_ends_the_demo_all_the_same(tmp_path: Path) -> None:
    class Guarded:
        folder = tmp_path

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        stopped = demo._interruptible()
        show = demo.Demo(Guarded(), demo.Options(), Console(file=io.StringIO()), stopped)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), show._step("Next"):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_ctrl_c_ends_a_command_whose_modules_still_load() -> None:
    code = "import os; from agents import __main__\nwith __main__._loading(): os.kill(os.getpid(), 2)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -signal.SIGINT
