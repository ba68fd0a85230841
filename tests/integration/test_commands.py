"""publish, trace, dead and doctor against a real Kafka; what the rows make is carried in by hand."""

import asyncio
import os
import subprocess
import sys

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from agents import reader, topics
from agents.ledger import Ledger
from agents.mail import ledger_path
from agents.replay import Replay
from agents.settings import Settings
from pipeline.types import Alert
from tests.fakes import GIVEN, ROWS, raw

pytestmark = pytest.mark.integration

URL = "https://news.example/a"


@pytest.fixture
async def settings(kafka, prefix, tmp_path):
    found = Settings(broker=kafka.address, prefix=prefix, data=tmp_path)
    await topics.create(found)
    return found


def condotta(settings, *arguments, stdin=b""):
    env = {
        **os.environ,
        "CONDOTTA_BROKER": settings.broker,
        "CONDOTTA_PREFIX": settings.prefix,
        "CONDOTTA_DATA": str(settings.data),
        "CONDOTTA_ENV_FILE": "",
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "agents", *arguments]
    return subprocess.run(command, env=env, capture_output=True, input=stdin, timeout=90)


async def published(settings, *values):
    """Put raw articles and all that the stand-in rows make of them into the topics; return what was made."""
    machine = Replay(GIVEN, ROWS)
    producer = AIOKafkaProducer(**settings.client(), max_request_size=8 * 1024**2)
    await producer.start()
    made = []
    try:
        for value in values:
            await producer.send_and_wait(settings.topic("news.raw"), value, key=b"k")
            for sent in machine.carry(value):
                made.append(sent)
                died = [("died", b"2026-01-01T00:00:00Z")] if sent.topic == "news.dead" else []
                topic, headers = settings.topic(sent.topic), [*sent.headers, *died]
                await producer.send_and_wait(topic, sent.value, key=sent.key, headers=headers)
    finally:
        await producer.stop()
    return made


async def test_published_articles_can_be_traced(settings, tmp_path):
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(raw(id=None, url=URL) + b"\n{broken\n")
    page = tmp_path / "b.html"
    page.write_text("<p>RU arms LY</p>")
    done = condotta(settings, "publish", str(lines), str(page), "--url", URL + "/b")
    assert done.stdout.decode() == f"published 3 articles to {settings.topic('news.raw')}\n"
    assert done.stderr.decode() == "1 of them are no raw articles and will be dead letters\n"
    found = condotta(settings, "trace", URL + "?utm_source=x").stdout.decode()
    assert "news.raw" in found
    assert "news.raw" in condotta(settings, "trace", URL + "/b").stdout.decode()


async def test_stdin_is_published(settings):
    done = condotta(settings, "publish", stdin=raw("RU arms LY"))
    assert (done.returncode, done.stdout.decode()[:21]) == (0, "published 1 article t")


async def test_a_record_of_nine_mebibytes_is_refused_in_one_line(settings, tmp_path):
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(raw("x" * 9 * 1024**2) + b"\n" + raw("RU arms LY") + b"\n")
    done = condotta(settings, "publish", str(lines))
    assert done.returncode == 1
    assert done.stdout.decode().startswith("published 1 article ")
    (line,) = done.stderr.decode().splitlines()
    assert "line 1" in line
    assert "above the 7.9 MiB" in line


async def test_the_largest_record_is_published(settings, tmp_path):
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(raw("x" * int(7.89 * 1024**2)) + b"\n")
    assert condotta(settings, "publish", str(lines)).returncode == 0


async def test_the_whole_way_of_an_article_is_shown(settings):
    made = await published(settings, raw("RU"), raw("TR", id="a2"))
    alerts = [msgspec.json.decode(one.value, type=Alert) for one in made if one.topic == "news.alerts"]
    book = Ledger(ledger_path(settings))
    book.accept(alerts, at=0.0)
    book.close()
    shown = condotta(settings, "trace", "a1").stdout.decode()
    for topic in ("raw", "clean", "labelled", "tagged", "claims", "decisions", "alerts", "outcomes"):
        assert f"news.{topic} " in shown
    assert "mail to desk (new): PENDING" in shown
    assert "TR" not in shown.replace("TRUE", "")


async def test_an_unknown_article_is_one_line(settings):
    done = condotta(settings, "trace", "nobody")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "condotta: no record of 'nobody' in any topic\n"


async def test_dead_letters_are_listed_and_shown_untouched(settings):
    await published(settings, b"{", raw("a bug"), raw("RU"))
    listed = condotta(settings, "dead", "list").stdout.decode()
    assert len(listed.splitlines()) == 3
    assert "ZeroDivisionError" in listed
    (row,) = [line for line in listed.splitlines() if "news.raw" in line and "claims" in line]
    place = row.split()[0]
    assert "stage: claims" in condotta(settings, "dead", "show", place).stdout.decode()
    assert condotta(settings, "dead", "show", place, "--raw").stdout == raw("a bug")
    assert condotta(settings, "dead", "show", "0:999").returncode == 1
    assert len(condotta(settings, "dead", "list", "--stage", "clean").stdout.splitlines()) == 2
    assert b"no dead letters like that" in condotta(settings, "dead", "list", "--error", "nope").stdout
    assert b"1 more" in condotta(settings, "dead", "list", "--limit", "1").stdout


async def test_dead_letters_are_sent_once_more_old_ones_as_backfill(settings):
    await published(settings, b"{", raw("a bug"))
    dry = condotta(settings, "dead", "replay", "--stage", "claims", "--dry-run").stdout.decode()
    assert dry.splitlines() == [
        "     1  news.raw, as backfill",
        "1 dead letters, nothing was sent",
    ]
    assert len(await raw_records(settings)) == 2
    assert condotta(settings, "dead", "replay", "--stage", "claims").returncode == 0
    again = (await raw_records(settings))[2:]
    assert [record.value for record in again] == [raw("a bug")]
    assert dict(again[0].headers)["backfill"] == b"1"
    assert condotta(settings, "dead", "replay", "--all", "--live", "--rate", "100").returncode == 0
    assert all("backfill" not in dict(record.headers) for record in (await raw_records(settings))[3:])


async def raw_records(settings):
    found = [record async for record in reader.records(settings, ["news.raw"])]
    return sorted(found, key=lambda record: record.timestamp)


async def test_the_doctor_finds_kafka_well_and_the_mail_server_missing(settings):
    done = await asyncio.to_thread(condotta, settings, "doctor")
    said = {line.split()[1]: line.split()[0] for line in done.stdout.decode().splitlines()}
    assert {name for name, state in said.items() if state == "ok"} >= {
        "broker",
        "topics",
        "clock",
        "knowledge",
    }
    assert said["smtp"] == "FAIL"
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [["publish", "-"], ["trace", "x"], ["dead", "list"]])
async def test_missing_topics_are_one_line(kafka, prefix, tmp_path, command):
    done = condotta(Settings(broker=kafka.address, prefix=prefix, data=tmp_path), *command, stdin=raw())
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "run `condotta topics create`" in line


@pytest.mark.parametrize("command", [["publish", "-"], ["trace", "x"], ["dead", "list"]])
def test_a_broker_that_is_not_there_is_one_line(tmp_path, command):
    done = condotta(Settings(broker="127.0.0.1:1", data=tmp_path), *command, stdin=raw())
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "127.0.0.1:1 cannot be reached" in line
