"""`condotta novelty rebuild`: make the memory of novelty again from what its topics hold, and tell nobody.

What the group had judged when it stopped is folded anew; what stands behind its offsets is left to it. The
state goes into the changelog, from which the workers take it when they start.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents import chain, reader
from agents.producer import producer
from agents.settings import Settings
from agents.stage import Fold, Given
from agents.topology import PARTITIONS, ROWS, changelog
from pipeline.knowledge import load

ROW: Fold[Any, Any] = next(row for row in ROWS if isinstance(row, Fold))

SLACK = 5.0  # seconds beyond a session, for the broker to notice


@dataclass
class Rebuilt:
    """The memory of each partition, and the offset up to which its claims are in it."""

    states: dict[int, dict[bytes, bytes]] = field(default_factory=dict)
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    records: int = 0
    unread: int = 0


async def rebuild(settings: Settings, given: Given) -> Rebuilt:
    """Fold what was judged and replace the changelog's states by the result."""
    await _nobody_works(settings)
    found = Rebuilt()
    await _limits(settings, found)
    await _folded(settings, given, found)
    await _written(settings, found)
    await _committed(settings, found)
    return found


async def _nobody_works(settings: Settings) -> None:
    """Wait until the group is empty: workers that stopped stay members until their session is over.

    Raises ClickException where it does not become empty: then they work.
    """
    group, end = settings.topic(ROW.group), time.monotonic() + settings.session_timeout + SLACK
    admin = AIOKafkaAdminClient(**settings.client())
    await admin.start()
    try:
        while await _members(admin, group):
            if time.monotonic() > end:
                raise click.ClickException(f"{group} is at work: stop its workers first")
            await asyncio.sleep(1)
    finally:
        await admin.close()


async def _members(admin: AIOKafkaAdminClient, group: str) -> int:
    (answer,) = await admin.describe_consumer_groups([group])
    return sum(len(each[-1]) for each in answer.groups)


async def _limits(settings: Settings, found: Rebuilt) -> None:
    """Note where the group stands; where it stands nowhere, all there is counts as judged."""
    places = [
        TopicPartition(settings.topic(topic.name), number)
        for topic in ROW.sources()
        for number in range(PARTITIONS)
    ]
    async with _member(settings, places) as client:
        ends = await client.end_offsets(places)
        for place in places:
            committed = await client.committed(place)
            found.ends[place] = ends[place] if committed is None else min(committed, ends[place])


async def _folded(settings: Settings, given: Given, found: Rebuilt) -> None:
    async for record in reader.records(settings, [topic.name for topic in ROW.sources()]):
        place = TopicPartition(settings.topic(record.topic), record.partition)
        if record.offset >= found.ends[place]:
            continue
        memory = found.states.setdefault(record.partition, {})
        trip = chain.fold(ROW, record, memory.get, given)
        if trip.outcome == "again":
            raise click.ClickException(trip.reason or "a record of a newer release")
        if trip.memory is None:
            found.unread += trip.outcome != "ok"
            continue
        memory[trip.memory[0]] = trip.memory[1]
        found.records += 1


async def _written(settings: Settings, found: Rebuilt) -> None:
    """Write every state; a key that is no longer known gets a tombstone."""
    topic = changelog(ROW)
    gone: set[tuple[int, bytes]] = set()
    async for record in reader.records(settings, [topic]):
        if record.key is not None and record.key not in found.states.get(record.partition, {}):
            gone.add((record.partition, record.key))
    name = settings.topic(topic)
    async with producer(settings) as to:
        for partition, memory in sorted(found.states.items()):
            for key, state in memory.items():
                await to.send(name, state, key=key, partition=partition)
        for partition, key in sorted(gone):
            await to.send(name, None, key=key, partition=partition)
        await to.flush()


async def _committed(settings: Settings, found: Rebuilt) -> None:
    async with _member(settings, list(found.ends)) as client:
        await client.commit({place: end for place, end in found.ends.items() if end})


@asynccontextmanager
async def _member(settings: Settings, places: Sequence[TopicPartition]) -> AsyncIterator[Any]:
    """Give a consumer that reads and commits offsets of the group without joining it."""
    client = AIOKafkaConsumer(
        **settings.client(), group_id=settings.topic(ROW.group), enable_auto_commit=False
    )
    await client.start()
    try:
        client.assign(list(places))
        yield client
    finally:
        await client.stop()


@click.group(name="novelty")
def command() -> None:
    """Tend the memory of novelty.

    Example: condotta novelty rebuild
    """


@command.command(name="rebuild")
def rebuild_command() -> None:
    """Make the memory again from news.claims and news.corrections. Alerts nobody; no worker may run.

    Example: condotta novelty rebuild
    """
    settings = Settings.read()
    found = reader.run(settings, rebuild(settings, Given(load())))
    pairs = sum(map(len, found.states.values()))
    click.echo(f"{found.records} records in {pairs} pairs; {found.unread} could not be read")
