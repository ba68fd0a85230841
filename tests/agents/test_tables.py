"""The table of a fold on its true store, with the changelog topic replaced by a note of what was sent."""

import asyncio
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry

from agents.app import app, bind
from agents.metrics import Metrics
from agents.settings import Settings
from agents.topology import ROWS, groups

GROUP = "condotta-novelty"


class Event(SimpleNamespace):
    __hash__ = object.__hash__


def event(partition):
    return Event(message=SimpleNamespace(topic="news.claims", partition=partition))


@pytest.fixture
async def table(tmp_path):
    settings = Settings()
    rows = groups(ROWS)[GROUP]
    made = app(settings, GROUP, rows, tmp_path)
    made.loop = asyncio.get_running_loop()
    runner, _, _ = bind(made, settings, GROUP, rows, Metrics.on(CollectorRegistry()))
    made.finalize()
    runner.table._verified_source_topics_for_partitions.add("news.claims")  # no broker to ask
    runner.table.sent = []

    def send_soon(*, partition, key, value, **_):
        future = asyncio.get_running_loop().create_future()
        future.message = SimpleNamespace(partition=partition)
        runner.table.sent.append((partition, key, value, future))
        return future

    runner.table.changelog_topic.send_soon = send_soon
    return runner.table


async def test_state_lies_in_the_partition_of_its_event(table):
    writing = asyncio.create_task(table.remember(event(3), b"LY|RU", b"{}"))
    await asyncio.sleep(0)
    [(partition, key, value, future)] = table.sent
    assert (partition, key, value) == (3, b"LY|RU", b"{}")
    future.set_result(None)
    await writing
    assert table.recall(event(3), b"LY|RU") == b"{}"
    assert table.recall(event(4), b"LY|RU") is None


async def test_remembering_ends_when_the_changelog_is_acknowledged(table):
    writing = asyncio.create_task(table.remember(event(0), b"k", b"v"))
    await asyncio.sleep(0.05)
    assert not writing.done()
    table.sent[0][-1].set_result(None)
    await asyncio.wait_for(writing, 1)


async def test_a_changelog_that_fails_is_told(table):
    writing = asyncio.create_task(table.remember(event(0), b"k", b"v"))
    await asyncio.sleep(0)
    table.sent[0][-1].set_exception(ConnectionError("away"))
    with pytest.raises(ConnectionError):
        await writing


async def test_each_writer_waits_for_its_own_record(table):
    first = asyncio.create_task(table.remember(event(0), b"a", b"1"))
    second = asyncio.create_task(table.remember(event(1), b"b", b"2"))
    await asyncio.sleep(0)
    table.sent[1][-1].set_result(None)
    await asyncio.wait_for(second, 1)
    assert not first.done()
    table.sent[0][-1].set_result(None)
    await first
