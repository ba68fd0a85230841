"""What must hold on a real Kafka: nothing is lost, nothing is told twice, bad input harms no other."""

import json
import os
import signal
import time
from collections import Counter

import orjson
import pytest

from tests.fakes import raw
from tests.integration.harness import System, children, descendants, stop

pytestmark = pytest.mark.integration

KEYS = {"LY|RU|arms|", "LY|TR|arms|"}
GROUPS = ("condotta-text", "condotta-novelty", "condotta-alerts", "condotta-mail")


def articles(numbers, words=("RU", "TR", "none")):
    return [raw(f"{words[n % len(words)]} number {n}", id=f"a{n}") for n in numbers]


def new(system):
    """How often each key was NEW, by the decision's id: a crash may write the same one twice."""
    found = {each["id"]: each["key"] for each in system.values("news.decisions") if each["decision"] == "NEW"}
    return Counter(found.values())


async def test_every_record_is_accounted_for(kafka, prefix, tmp_path):
    bad = {
        b"{": None,
        b'{"id": "broken", "body": "\xff"}': None,
        b"": None,
        raw(body=None, id="no-body"): "dead",
        orjson.dumps({"id": "number", "source": "s", "content_type": "text/plain", "body": 7}): "dead",
        raw("", id="empty"): "rejected",
        raw("bug", id="bug"): "dead",
        raw("crash", id="crash"): "dead",
        raw("grow", id="grows"): "dead",
        raw("x" * 5 * 1024**2, id="large"): "ok",
    }
    async with System(kafka.address, prefix, tmp_path) as system:
        worker = system.start()
        await system.publish(*articles(range(50)), *bad, *articles(range(50, 100)))
        expected = {f"a{n}": "ok" for n in range(100)}
        expected |= {orjson.loads(value)["id"]: outcome for value, outcome in bad.items() if outcome}
        unnamed = [value for value, outcome in bad.items() if outcome is None]
        dead = len(unnamed) + list(bad.values()).count("dead")
        await system.until(
            lambda s: (
                len(s.outcomes()) == len(expected)
                and len(s.seen["news.dead"]) == dead
                and len(s.seen["news.alerts"]) == 2
            )
        )
        assert system.outcomes() == expected
        assert {record.value for record in system.seen["news.dead"]} >= set(unnamed)
        assert set(new(system)) == KEYS
        code, seconds = stop(worker)
        assert code == 0
        assert seconds < system.settings.stop_timeout
        assert gone(worker, seconds=30)


async def test_a_killed_child_loses_nothing_and_a_second_run_tells_nothing_twice(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        worker = system.start()
        await system.publish(*articles(range(150), ("RU slow", "TR slow", "none slow")))
        await system.until(lambda s: len(s.outcomes()) >= 20)
        for group in GROUPS:
            os.kill(children(worker.pid)[group], signal.SIGKILL)
        expected = {f"a{n}" for n in range(150)}
        await system.until(lambda s: set(s.outcomes()) == expected and claims(s) == judged(s))
        assert len(claims(system)) == 100
        assert new(system) == dict.fromkeys(KEYS, 1)
        await system.until(lambda s: len(told(s)) == 2 and mailed(tmp_path) == told(s))
        assert all(f"{group} was ended by signal 9" in system.logs() for group in GROUPS)

        before = len(system.seen["news.decisions"])
        await system.publish(*articles(range(150)))
        await system.until(lambda s: len(s.seen["news.decisions"]) >= before + 100)
        assert {each["decision"] for each in system.values("news.decisions")[before:]} == {"REPEAT"}
        assert len(told(system)) == 2
        assert mailed(tmp_path) == told(system)


def claims(system):
    return {each["id"] for each in system.values("news.claims")}


def judged(system):
    return {each["claim"]["id"] for each in system.values("news.decisions")}


def told(system):
    return {each["id"] for each in system.values("news.alerts")}


def mailed(folder):
    path = folder / "data" / "mails"
    return {json.loads(line)["id"] for line in path.read_text().splitlines()} if path.exists() else set()


async def test_a_change_of_stages_loses_and_repeats_nothing(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        first = system.start("--stages", "clean,language")
        await system.publish(*articles(range(60)))
        await system.until(lambda s: len(s.seen["news.labelled"]) >= 60)
        stop(first)
        second = system.start()
        await system.publish(*articles(range(60, 120)))
        await system.until(lambda s: len(s.outcomes()) == 120)
        stop(second)
        system.start("--stages", "clean")
        system.start("--stages", "language,entities,claims,novelty")
        await system.publish(*articles(range(120, 180)))
        await system.until(lambda s: len(s.outcomes()) == 180 and claims(s) == judged(s))
        for topic in ("news.clean", "news.labelled", "news.tagged", "news.outcomes"):
            assert Counter(record.key for record in system.seen[topic]) == {
                f"a{n}".encode(): 1 for n in range(180)
            }
        assert len(system.seen["news.claims"]) == len(claims(system)) == 120


async def test_children_die_with_a_killed_worker(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        worker = system.start()
        await system.publish(*articles(range(1)))
        await system.until(lambda s: len(s.outcomes()) == 1)
        assert len(descendants(worker.pid)) >= 6  # the worker, four groups, a pool
        early = system.start()
        while not children(early.pid):  # killed while its groups still start
            time.sleep(0.01)
        for each in (worker, early):
            each.kill()
            each.wait()
        assert gone(worker, seconds=30)
        assert gone(early, seconds=30)


def gone(worker, seconds):
    """Tell whether no process of the worker's session is left in time."""
    end = time.monotonic() + seconds
    while descendants(worker.pid) and time.monotonic() < end:
        time.sleep(0.1)
    return descendants(worker.pid) == []


async def test_a_broker_that_goes_away_is_waited_for_and_nobody_is_ready_meanwhile(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        system.start()
        await system.publish(*articles(range(200), ("RU slow", "TR slow", "none slow")))
        await system.until(lambda s: len(s.outcomes()) >= 20)
        await system.until(lambda s: all(s.answer(group, "/readyz") == 200 for group in GROUPS))
        kafka.kill()
        await system.until(lambda s: all(s.answer(group, "/readyz") == 503 for group in GROUPS))
        await system.until(lambda s: all(s.answer(group, "/healthz") == 200 for group in GROUPS))
        kafka.restart()
        await system.publish(*articles(range(200, 220)))
        await system.until(lambda s: len(s.outcomes()) == 220 and claims(s) == judged(s))
        await system.until(lambda s: all(s.answer(group, "/readyz") == 200 for group in GROUPS))
        assert set(system.outcomes().values()) == {"ok"}
        assert new(system) == dict.fromkeys(KEYS, 1)
