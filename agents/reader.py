"""Read topics from their first record to their last, outside of any group: for commands that look up."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from agents import access
from agents.chain import Incoming
from agents.settings import Settings
from agents.topology import PARTITIONS

T = TypeVar("T")

MAX_FETCH = 10 * 1024**2  # bytes of a partition at once: above the largest record
STALLED = 30.0  # seconds without any record before the broker counts as gone
CONNECT = 15_000  # milliseconds for one request


def run(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run what talks to Kafka; what goes wrong there becomes one line for a person."""
    try:
        return asyncio.run(work)
    except KafkaConnectionError:
        there = f"Kafka at {settings.broker} cannot be reached: is it running, and is CONDOTTA_BROKER right?"
        raise click.ClickException(asyncio.run(access.trouble(settings)) or there) from None
    except (KafkaError, OSError) as exc:
        raise click.ClickException(f"Kafka at {settings.broker}: {exc}") from None


async def records(settings: Settings, topics: Collection[str]) -> AsyncIterator[Incoming]:
    """Yield every record that `topics` (named without the prefix) hold now, each partition in order.

    Raises ClickException where a topic does not exist, TimeoutError where the broker falls silent.
    """
    async with consumer(settings) as client:
        names = {settings.topic(topic): topic for topic in topics}
        ends = await _ends(client, names)
        left = {partition for partition, end in ends.items() if end}
        while left:
            for partition, batch in (await _batch(client, left)).items():
                for record in batch:
                    if record.offset < ends[partition]:
                        yield _incoming(names[partition.topic], record)
            left = {one for one in left if await client.position(one) < ends[one]}


@asynccontextmanager
async def consumer(settings: Settings) -> AsyncIterator[Any]:
    """Give a connected consumer without a group."""
    client = AIOKafkaConsumer(
        **settings.client(),
        auto_offset_reset="earliest",  # a seek afterwards races with the reset, and loses now and then
        max_partition_fetch_bytes=MAX_FETCH,
        request_timeout_ms=CONNECT,
    )
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


async def partitions(client: Any, names: Collection[str]) -> list[TopicPartition]:
    """Return all partitions of the topics. Raises ClickException naming one that does not exist."""
    there = await client.topics()
    for name in names:
        if name not in there:
            raise click.ClickException(f"the topic {name} does not exist: run `condotta topics create`")
    return [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]


async def _ends(client: Any, names: Collection[str]) -> dict[TopicPartition, int]:
    """Assign every partition, read from its beginning; return where each with records ends."""
    every = await partitions(client, names)
    client.assign(every)
    first, last = await client.beginning_offsets(every), await client.end_offsets(every)
    return {one: last[one] for one in every if first[one] < last[one]}


async def _batch(client: Any, left: Collection[TopicPartition]) -> dict[TopicPartition, list[Any]]:
    found: dict[TopicPartition, list[Any]] = await asyncio.wait_for(
        client.getmany(*left, timeout_ms=1000), STALLED
    )
    return found


def _incoming(topic: str, record: Any) -> Incoming:
    return Incoming(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
        timestamp=datetime.fromtimestamp(record.timestamp / 1000, UTC) if record.timestamp >= 0 else None,
    )
