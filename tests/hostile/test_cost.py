"""What an article may cost: two seconds of work and 300 MiB, or it dies of its limit, alone."""

import resource
import time
from functools import partial

import orjson
import pytest

from agents.app import carrier
from agents.chain import Incoming
from agents.pool import LIMITS, Job, Pool
from agents.settings import Settings, SettingsError
from agents.subscribers import load

pytestmark = pytest.mark.long

MIB = 2**20
SIZE = 4 * MIB - 1024  # just what a body may have
ATTACKS = {
    "nested 50,000 deep": "<div>" * 50_000 + "Turkey sent weapons to Libya." + "</div>" * 50_000,
    "nested lists": "<ul><li>" * 50_000,
    "one word": "a" * SIZE,
    "a million combining marks": "a" + "\u0301" * 1_000_000,
    "entities": "&amp;" * (SIZE // 5),
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>' + "&b;" * 100_000,
    "tags without end": "<" * SIZE,
    "comments without end": "<!--" * 900_000,
    "attributes": "<p " + "a=b " * 900_000 + ">",
    "brackets": "(" * SIZE,
    "quotation marks": "“" * 1_000_000,
    "spaces before a full stop": " " * (SIZE - 1) + ".",
    "dots": "a. " * (SIZE // 3),
    "addresses": "http://a.b/" * (SIZE // 11),
    "glued words": "Libyadengan" * (SIZE // 11),
    "nothing but claims": "Turkey sent weapons to the forces of Khalifa Haftar in Libya. " * (SIZE // 63),
    "direction marks": "\u202e\u202d" * 600_000,
}


@pytest.fixture(scope="module")
def rows():
    return partial(carrier, Settings(), "clean,language,entities,claims")


@pytest.mark.integration  # takes a minute
@pytest.mark.parametrize("body", ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_ends_within_its_limits_and_the_next_article_is_read(rows, body):
    pool = Pool(1, rows, {"news.raw": "clean"})
    await pool.start()
    try:
        attack = [job("text/html", body), job("text/plain", body)]
        trips = await pool.run([*attack, job("text/plain", "Turkey sent weapons to Haftar in Libya.")])
    finally:
        await pool.stop()
    for trip in trips[:2]:
        assert trip.outcome in ("ok", "rejected") or "limit" in (trip.reason or ""), trip.reason
        assert not trip.fault
    assert trips[2].outcome == "ok"


def job(kind, body):
    raw = {"id": "a", "source": "x.example", "content_type": kind, "body": body, "title": "A title"}
    return Job(record=Incoming(topic="news.raw", value=orjson.dumps(raw)))


def test_the_limits_are_those_that_are_told():
    assert (LIMITS.seconds, LIMITS.memory) == (2.0, 300 * MIB)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [LAUGHS, "- " * 20_000, "[" * 20_000, "- {id: " + "a" * 2**20 + "}"])
def test_a_hostile_subscriber_file_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "subscribers.yaml"
    path.write_text(text, "utf-8")
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2000
    assert time.process_time() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # kB
