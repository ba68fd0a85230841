"""The monitor on a real Kafka: it tells what workers do, and that they are gone."""

import time

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client import CollectorRegistry

from agents.monitor import Broker, Gauges, Monitor
from tests.fakes import raw
from tests.integration.harness import System

pytestmark = pytest.mark.integration


def total(registry, name, **labels):
    """Sum a gauge over what the labels leave open."""
    return sum(
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == f"condotta_{name}" and labels.items() <= sample.labels.items()
    )


@pytest.fixture
async def monitor(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        found = Monitor(system.settings, Gauges(CollectorRegistry()))
        registry = CollectorRegistry()
        found.gauges = Gauges(registry)
        await answered(found)
        yield system, found, registry
        await found.broker.close()


async def answered(eye):
    """Look until the broker answers: a new one has to make its list of groups first."""
    end = time.monotonic() + 30
    while not eye.answered and time.monotonic() < end:
        await eye.look()
    assert eye.answered


async def test_lag_in_records_and_seconds_and_its_end(monitor):
    system, eye, registry = monitor
    await system.publish(*[raw(f"RU number {n}", id=f"a{n}") for n in range(10)])
    time.sleep(2)
    await eye.look()
    assert total(registry, "broker_up") == 1
    assert total(registry, "group_members") == 0
    assert total(registry, "group_lag_records", group="condotta-text") == 10
    assert 1.5 < total(registry, "group_lag_seconds", group="condotta-text") < 60
    assert total(registry, "group_lag_records", group="condotta-mail") == 0
    assert total(registry, "topic_records", topic="news.raw") == 10

    async with AIOKafkaConsumer(
        system.settings.topic("news.raw"),
        **system.settings.client(),
        group_id=system.settings.topic("condotta-text"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as reader:
        for _ in range(4):
            await reader.getone()
        await reader.commit()
        await eye.look()
        assert total(registry, "group_members", group="condotta-text") == 1
        assert total(registry, "group_lag_records", group="condotta-text") == 6
        assert total(registry, "group_lag_seconds", group="condotta-text") > 1.5
        for _ in range(6):
            await reader.getone()
        await reader.commit()
        await eye.look()
        assert total(registry, "group_lag_seconds") == 0
        assert total(registry, "group_offset", topic="news.raw") == 10
    await eye.look()
    assert total(registry, "group_members") == 0


async def test_dead_letters_and_topics_that_drift(monitor):
    system, eye, registry = monitor
    assert await looked(eye, registry, "dead_letters") == 0
    assert total(registry, "dead_letter_timestamp_seconds") == 0
    async with AIOKafkaProducer(**system.settings.client()) as producer:
        for n in range(3):
            await producer.send_and_wait(system.settings.topic("news.dead"), b"x", partition=n)
    assert await looked(eye, registry, "dead_letters") == 3
    age = time.time() - total(registry, "dead_letter_timestamp_seconds", which="oldest")
    assert 0 <= age < 30
    assert total(registry, "topics_differ") == 0

    eye._drift_due = 0.0
    await eye.broker._connect()
    await eye.broker._admin.delete_topics([system.settings.topic("news.mailers")])
    time.sleep(1)
    await eye.look()
    assert total(registry, "broker_up") == 1  # a missing topic is drift, not a silent broker
    assert total(registry, "topics_differ") >= 1


async def looked(eye, registry, name):
    await eye.look()
    return total(registry, name)


async def test_a_broker_that_is_away_is_told(tmp_path, prefix):
    from agents.settings import Settings

    registry = CollectorRegistry()
    eye = Monitor(Settings(broker="127.0.0.1:9", data=tmp_path), Gauges(registry))
    await eye.look()
    assert total(registry, "broker_up") == 0
    assert total(registry, "monitor_timestamp_seconds") == 0
    assert isinstance(eye.broker, Broker)
