"""`condotta monitor`: what broker and ledger say, from a process that speaks when all workers are dead."""

import asyncio
import contextlib
import logging
import signal
import sqlite3
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from msgspec import Struct
from prometheus_client import CollectorRegistry, Gauge

from agents import topics
from agents.health import Health
from agents.mail import ledger_place
from agents.settings import Settings
from agents.stage import Fold
from agents.topology import DEAD, PARTITIONS, ROWS, TOPICS, groups

log = logging.getLogger(__name__)

DescribeGroupsRequest_v3.RESPONSE_TYPE = DescribeGroupsResponse_v3  # aiokafka 0.14 names v2 there

LOOK = 5.0  # seconds between looks at the broker
DRIFT = 60.0  # seconds between looks at the topics' settings
ASK = 10_000  # milliseconds for one request
READ = 2.0  # seconds to read the first waiting records
FETCH = 65_536  # bytes of a partition: the first record comes all the same, and alone
UNSENT = "SELECT min(accepted) FROM rows WHERE channel = 'now' AND state IN ('PENDING', 'SENDING', 'WAITING')"


class Gauges:
    """What the monitor tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, sentence: str, *labels: str) -> Gauge:
            return Gauge(f"condotta_{name}", sentence, labels, registry=registry)

        place = ("group", "topic", "partition")
        self.broker = gauge("broker_up", "1 while the broker answers the monitor.")
        self.looked = gauge("monitor_timestamp_seconds", "When the monitor last heard all from the broker.")
        self.members = gauge("group_members", "Processes that are members of a consumer group.", "group")
        self.offset = gauge("group_offset", "The offset that a group has committed.", *place)
        self.records = gauge("group_lag_records", "Records that wait for a group.", *place)
        self.seconds = gauge(
            "group_lag_seconds", "Age of the oldest record that waits for a group; 0: none waits.", *place
        )
        self.ends = gauge("topic_records", "Records ever written to a topic.", "topic")
        self.drift = gauge("topics_differ", "Settings of topics that are not as they must be.")
        self.letters = gauge("dead_letters", "Records that news.dead holds.")
        self.letter = gauge(
            "dead_letter_timestamp_seconds",
            "When the oldest and the newest record of news.dead were written; 0: it is empty.",
            "which",
        )
        self.unsent = gauge(
            "mail_unsent_timestamp_seconds",
            "Since when the oldest urgent alert of this host's ledger waits for its mail; 0: none waits.",
        )


class Seen(Struct, frozen=True):
    """One look at the broker. Offsets by partition; `done` by group too."""

    first: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]
    done: Mapping[tuple[str, TopicPartition], int]
    members: Mapping[str, int]


def reads() -> dict[str, list[str]]:
    """Return the topics that each group reads, without the prefix."""
    found: dict[str, list[str]] = {}
    for group, rows in groups(ROWS).items():
        sources = [row.sources() if isinstance(row, Fold) else (row.source,) for row in rows]
        found[group] = [topic.name for each in sources for topic in each]
    return found


class Broker:
    """Connections outside of every group; one that failed is made anew."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._client: Any = None
        self._admin: Any = None

    async def look(self) -> Seen:
        """Ask for every offset and member. Raises what the clients raise."""
        await self._connect()
        there = await self._client.topics()  # one that is missing is drift, and is not waited for
        names = [name for topic in TOPICS if (name := self.settings.topic(topic.name)) in there]
        every = [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]
        first, ends = await self._client.beginning_offsets(every), await self._client.end_offsets(every)
        done: dict[tuple[str, TopicPartition], int] = {}
        for group, sources in reads().items():
            places = [each for each in every if each.topic in map(self.settings.topic, sources)]
            told = await self._admin.list_consumer_group_offsets(
                self.settings.topic(group), partitions=places
            )
            done |= {(group, each): max(told[each].offset, first[each]) for each in places}
        return Seen(first, ends, done, await self._members())

    async def _members(self) -> dict[str, int]:
        names = {self.settings.topic(group): group for group in reads()}
        found = dict.fromkeys(names.values(), 0)
        for response in await self._admin.describe_consumer_groups(list(names)):
            for _, name, _, _, _, members, *_ in response.groups:
                found[names[name]] = len(members)
        return found

    async def stamps(self, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, float]:
        """Return the broker's time of the record at each offset, as far as they come within READ seconds."""
        found: dict[TopicPartition, float] = {}
        self._client.assign(list(places))
        for place, offset in places.items():
            self._client.seek(place, offset)
        end = time.monotonic() + READ
        while (left := [each for each in places if each not in found]) and time.monotonic() < end:
            batches = await self._client.getmany(*left, timeout_ms=500, max_records=len(left))
            for place, batch in batches.items():
                found[place] = batch[0].timestamp / 1000
        self._client.assign([])
        return found

    async def _connect(self) -> None:
        if self._client is None:
            client = AIOKafkaConsumer(
                **self.settings.client(),
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=FETCH,
                request_timeout_ms=ASK,
            )
            await client.start()
            self._client = client
        if self._admin is None:
            admin = AIOKafkaAdminClient(**self.settings.client(), request_timeout_ms=ASK)
            await admin.start()
            self._admin = admin

    async def close(self) -> None:
        client, admin = self._client, self._admin
        self._client = self._admin = None
        with contextlib.suppress(Exception):
            if client is not None:
                await client.stop()
        with contextlib.suppress(Exception):
            if admin is not None:
                await admin.close()


class Monitor:
    """Looks again and again, and never ends for what it sees."""

    def __init__(self, settings: Settings, gauges: Gauges) -> None:
        self.settings = settings
        self.gauges = gauges
        self.broker = Broker(settings)
        self.ledger = ledger_place(settings)
        self._known: dict[tuple[TopicPartition, int], float] = {}  # the time of a record, by its place
        self._drift_due = 0.0
        self.answered = False  # at the last look

    async def run(self) -> None:
        while True:
            start = time.monotonic()
            await self.look()
            await asyncio.sleep(max(0.1, LOOK - (time.monotonic() - start)))

    async def look(self) -> None:
        """Look once at everything; what cannot be asked keeps its last value."""
        self.gauges.unsent.set(await asyncio.to_thread(unsent, self.ledger))
        try:
            async with asyncio.timeout(ASK / 1000 + READ):
                await self._look(await self.broker.look())
        except Exception as exc:  # whatever it is: to say so is our work
            log.warning("monitor: the broker at %s does not answer: %r", self.settings.broker, exc)
            self.answered = False
            self.gauges.broker.set(0)
            await self.broker.close()
            return
        self.answered = True
        self.gauges.broker.set(1)
        self.gauges.looked.set_to_current_time()

    async def _look(self, seen: Seen) -> None:
        for group, number in seen.members.items():
            self.gauges.members.labels(group).set(number)
        stamps = await self._stamps(seen)
        self._lag(seen, stamps)
        self._topics(seen, stamps)
        if time.monotonic() >= self._drift_due:
            self.gauges.drift.set(len(await topics.check(self.settings)))
            self._drift_due = time.monotonic() + DRIFT

    async def _stamps(self, seen: Seen) -> Mapping[tuple[TopicPartition, int], float]:
        """Return the times of the records that wait first, and of the dead letters' first and last."""
        wanted = {(place, done) for (_, place), done in seen.done.items() if done < seen.ends[place]}
        for place in self._letters(seen):
            wanted |= {(place, seen.first[place]), (place, seen.ends[place] - 1)}
        self._known = {place: stamp for place, stamp in self._known.items() if place in wanted}
        new = wanted - self._known.keys()
        while new:
            once = dict(sorted(new, reverse=True))  # of a partition one offset at a time
            found = await self.broker.stamps(once)
            self._known |= {(place, once[place]): stamp for place, stamp in found.items()}
            new -= set(once.items())
        return self._known

    def _letters(self, seen: Seen) -> Collection[TopicPartition]:
        name = self.settings.topic(DEAD.name)
        return [each for each in seen.ends if each.topic == name and seen.first[each] < seen.ends[each]]

    def _lag(self, seen: Seen, stamps: Mapping[tuple[TopicPartition, int], float]) -> None:
        now = time.time()
        for (group, place), done in seen.done.items():
            labels = (group, place.topic.removeprefix(self.settings.prefix), str(place.partition))
            waiting = max(0, seen.ends[place] - done)
            since = stamps.get((place, done), now) if waiting else now
            self.gauges.offset.labels(*labels).set(done)
            self.gauges.records.labels(*labels).set(waiting)
            self.gauges.seconds.labels(*labels).set(max(0.0, now - since))

    def _topics(self, seen: Seen, stamps: Mapping[tuple[TopicPartition, int], float]) -> None:
        for topic in TOPICS:
            name = self.settings.topic(topic.name)
            self.gauges.ends.labels(topic.name).set(
                sum(n for place, n in seen.ends.items() if place.topic == name)
            )
        letters = self._letters(seen)
        times = [
            stamps[at] for at in stamps if at[0] in letters and at[0].topic == self.settings.topic(DEAD.name)
        ]
        self.gauges.letters.set(sum(seen.ends[each] - seen.first[each] for each in letters))
        self.gauges.letter.labels("oldest").set(min(times, default=0))
        self.gauges.letter.labels("newest").set(max(times, default=0))


def unsent(ledger: Path | str) -> float:
    """Return since when the oldest urgent alert waits, in seconds since 1970; 0 where none is found."""
    if isinstance(ledger, str):
        return _unsent_there(ledger)
    if not ledger.exists():
        return 0.0
    try:
        with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=1.0)) as base:
            return float(base.execute(UNSENT).fetchone()[0] or 0.0)
    except sqlite3.Error as exc:
        log.warning("monitor: the ledger %s cannot be read: %s", ledger, exc)
        return 0.0


def _unsent_there(address: str) -> float:
    """Ask a ledger in PostgreSQL."""
    import psycopg

    try:
        with psycopg.connect(address, connect_timeout=2) as base:
            row = base.execute(UNSENT).fetchone()
    except psycopg.Error as exc:
        log.warning("monitor: the ledger cannot be read: %s", exc)
        return 0.0
    return float(row[0] or 0.0) if row else 0.0


async def serve(settings: Settings) -> None:
    """Look and answer until SIGTERM or Ctrl-C."""
    registry = CollectorRegistry()
    monitor = Monitor(settings, Gauges(registry))
    health = Health(registry, lambda: "" if monitor.answered else "the broker")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    address = await health.start(settings.http_host, settings.http_port)
    click.echo(f"condotta: the monitor is at {address}/metrics", err=True)
    looks = asyncio.create_task(monitor.run())
    await stop.wait()
    looks.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looks
    await monitor.broker.close()
    await health.stop()


@click.command(name="monitor")
def command() -> None:
    """Tell Prometheus how the consumer groups, the topics and the ledger are; needs no worker.

    Example: CONDOTTA_HTTP_PORT=9110 condotta monitor
    """
    settings = Settings.read()
    logging.basicConfig(level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    asyncio.run(serve(settings))
