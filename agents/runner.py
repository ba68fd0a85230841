"""Run rows on Faust, once for all of them: take, work, send, await the broker, count, retry, bury.

An agent that raises has its batch acknowledged and lost, so no exception leaves one: what a record
did wrong becomes its dead letter, an absent broker is waited for, and a fault of ours ends the
process before anything is acknowledged.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from faust.exceptions import ProducerSendError

from agents import chain
from agents.breaker import Breaker
from agents.chain import Incoming, Sending, Trip
from agents.metrics import Metrics
from agents.order import Order
from agents.pool import Job, Pool
from agents.settings import Settings
from agents.stage import End, Fold, Given, Stage
from agents.tables import DurableTable
from agents.topology import DEAD, DECISIONS, OUTCOMES, RAW, ROWS, groups, skips
from agents.transport import die, poisoned, settle
from pipeline.types import Alert, Decision

log = logging.getLogger(__name__)

BATCH = 256  # records taken at once; most are carried past their row and cost nothing
WINDOW = 0.02  # seconds to wait for a batch to fill
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before each further attempt; the last one stays
GLANCE = 1.0  # seconds between looks whether a rest is over
LAST = (OUTCOMES.name, DEAD.name)  # told once everything else is with the broker
LEAVES = {row.name for row in ROWS if isinstance(row, Stage) and row.leaves}
TEXT = {row.name for rows in groups(ROWS).values() for row in rows if LEAVES & {each.name for each in rows}}


class Sender:
    """Sends records through the app's producer and waits until the broker has them."""

    def __init__(self, app: Any, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics

    async def deliver(self, trips: Iterable[Trip]) -> None:
        """Send what the trips made; outcomes and dead letters once all else is acknowledged."""
        records = [record for trip in trips for record in trip.records]
        await self.send([record for record in records if record.topic not in LAST])
        await self.send([record for record in records if record.topic in LAST])

    async def send(self, records: Sequence[Sending]) -> None:
        """Return when the broker has them all, in order for each key, however long it is away."""
        attempt = 0
        while records:
            start = time.perf_counter()
            errors = await self._attempt(records)
            self.metrics.send_seconds.observe(time.perf_counter() - start)
            records = self._left(records, errors)
            if records:
                await self._pause(records, errors, attempt)
                attempt += 1

    async def _attempt(self, records: Sequence[Sending]) -> list[BaseException | None]:
        return await settle([await self._queued(record) for record in records])

    async def _queued(self, record: Sending) -> Any:
        """Queue one record: a future of its acknowledgement, or of the error."""
        headers = [*record.headers, *_died(record)]
        topic = self.settings.topic(record.topic)
        try:
            return await self.app.producer.send(topic, record.key, record.value, None, None, headers)
        except (ProducerSendError, KafkaError, TimeoutError) as exc:
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(exc)
            return failed

    def _left(self, records: Sequence[Sending], errors: Sequence[BaseException | None]) -> list[Sending]:
        """Return what failed, and what follows it under the same key."""
        failed: set[tuple[str, bytes | None]] = set()
        left = []
        for record, error in zip(records, errors, strict=True):
            place = (record.topic, record.key)
            if error is not None:
                self._stop_if_hopeless(record, error)
                failed.add(place)
            if place in failed:
                left.append(record)
            else:
                self.metrics.sent.labels(record.topic).inc()
        return left

    def _stop_if_hopeless(self, record: Sending, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            raise error
        if poisoned(error) or not isinstance(error, ProducerSendError | KafkaError | TimeoutError):
            die(f"{record.topic} cannot be written ({len(record.value)} bytes): {error!r}")

    async def _pause(
        self, left: Sequence[Sending], errors: Sequence[BaseException | None], attempt: int
    ) -> None:
        first = next(error for error in errors if error is not None)
        log.warning("%d records wait for Kafka: %r", len(left), first)
        self.metrics.retries.labels("send").inc()
        await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])


class Runner:
    """Some rows of one group bound to an app; subclasses say how a batch is worked on."""

    def __init__(self, sender: Sender, sources: dict[str, str]) -> None:
        self.sender = sender
        self.sources = sources  # topic without prefix -> the row that reads it
        self.app = sender.app
        self.settings = sender.settings
        self.metrics = sender.metrics
        self.breaker = Breaker()
        self.order: Order | None = None  # where there is a broker to ask
        self.open = 0  # records at work
        self.metrics.in_flight.set_function(lambda: float(self.open))
        self.metrics.stopped.set_function(lambda: float(self.breaker.open))

    def bind(self, group: str) -> None:
        names = [self.settings.topic(name) for name in self.sources]
        raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
        self.app.agent(self.app.topic(*names, **raw), name=group, concurrency=1)(self.run)

    async def run(self, stream: Any) -> None:
        async for events in stream.take_events(BATCH, WINDOW):
            try:
                await self._in_order(events)
                async with aclosing(self._portions(events)) as portions:
                    async for portion in portions:
                        await self.batch(portion)
                        self.metrics.acknowledged.set_to_current_time()
            except asyncio.CancelledError:
                self._give_back(events)
                raise
            except Exception as exc:
                log.exception("a batch failed")
                die(f"a fault of ours: {exc!r}")

    async def batch(self, events: Sequence[Any]) -> None:
        raise NotImplementedError

    async def _in_order(self, events: Sequence[Any]) -> None:
        if self.order is None:
            return
        if wrong := await self.order.broken(event.message for event in events):
            die(f"records are passed over: {wrong}")

    def _give_back(self, events: Sequence[Any]) -> None:
        """Leave `events` uncommitted: they come again."""
        self.app.consumer.hold(event.message for event in events)
        self._returned(self.open)

    def _returned(self, records: int) -> None:
        self.metrics.returned.inc(records)
        self.open -= records

    async def _portions(self, events: Sequence[Any]) -> AsyncGenerator[Sequence[Any], None]:
        """Yield all events at once; while too many of our own faults stop us, one by one."""
        place = 0
        while place < len(events):
            if not await self._rest(self.breaker.wait):
                self._give_back(events[place:])
                return
            end = place + 1 if self.breaker.open else len(events)
            yield events[place:end]
            place = end

    async def _rest(self, seconds: Callable[[], float]) -> bool:
        """Wait as long as `seconds` says; False where the partitions are to be given up meanwhile."""
        while seconds() > 0:
            if self.app.rebalancing or self.app.should_stop:
                return False
            await asyncio.sleep(min(GLANCE, seconds()))
        return True

    def fresh(self, events: Iterable[Any]) -> list[tuple[Any, Incoming]]:
        """Return the events with their records, without those that were carried past their row."""
        found = []
        for event in events:
            record = incoming(event.message, self.settings.prefix)
            row = self.sources[record.topic]
            if skips(row, record.header("carried"), ROWS):
                self.metrics.skipped.labels(row).inc()
            else:
                found.append((event, record))
                self.open += 1
                if record.topic == RAW.name:
                    self.metrics.articles_read.inc()
        self.metrics.batch_records.observe(len(found))
        return found

    def count(self, trip: Trip) -> None:
        """Count one record's outcome: here and nowhere else."""
        self.open -= 1
        for stage, seconds in trip.seconds:
            self.metrics.stage_seconds.labels(stage).observe(seconds)
            if stage != trip.stage:
                self.metrics.records.labels(stage, "ok").inc()
        self.metrics.records.labels(trip.stage, trip.outcome).inc()
        if trip.outcome == "rejected":
            self.metrics.rejections.labels(trip.reason).inc()
        if trip.outcome == "dead":
            self.metrics.dead.labels(trip.stage, error_of(trip)).inc()
            log.error("dead letter of %s: %s", trip.stage, trip.reason)
        if trip.stage in LEAVES if trip.outcome == "ok" else trip.stage in TEXT:
            self.metrics.ended(trip.outcome, trip.facts, time.time())
        self._weigh(trip)

    def _weigh(self, trip: Trip) -> None:
        """Stop when too much dies of our own faults; go on when a record passes again."""
        before = self.breaker.open
        self.breaker.saw(trip.article or "", fault=trip.fault)
        if self.breaker.open and not before:
            log.error("stopped: most records die of faults of ours, the last one: %s", trip.reason)
        if before and not self.breaker.open:
            log.warning("a record passed: work goes on")


class ChainRunner(Runner):
    """Neighbouring rows that need no state."""

    def __init__(self, sender: Sender, sources: dict[str, str], pool: Pool) -> None:
        super().__init__(sender, sources)
        self.pool = pool

    async def batch(self, events: Sequence[Any]) -> None:
        """Send each micro-batch while the pool is at work on the next."""
        jobs = [Job(record=record) for _, record in self.fresh(events)]
        async with aclosing(self.pool.stream(jobs)) as stream:
            async for trips in stream:
                trips = await self._settled(jobs[: len(trips)], trips)
                del jobs[: len(trips)]
                await self.sender.deliver(trips)
                for trip in trips:
                    self.count(trip)

    async def _settled(self, jobs: list[Job], trips: list[Trip]) -> list[Trip]:
        """Carry those with a transient error again, after a pause, until none is left."""
        while again := [place for place, trip in enumerate(trips) if trip.outcome == "again"]:
            await asyncio.sleep(PAUSES[min(jobs[again[0]].attempts, len(PAUSES)) - 1])
            for place in again:
                self.metrics.retries.labels("work").inc()
                jobs[place] = msgspec.structs.replace(jobs[place], attempts=jobs[place].attempts + 1)
            for place, trip in zip(again, await self.pool.run([jobs[p] for p in again]), strict=True):
                trips[place] = trip
        return trips

    def count(self, trip: Trip) -> None:
        super().count(trip)
        for record in trip.records:
            if record.topic == "news.alerts":
                self.metrics.alerts.labels(msgspec.json.decode(record.value, type=Alert).channel).inc()


class FoldRunner(Runner):
    """A row that remembers. In a partition one record after another, the partitions side by side.

    The decision is with the broker before the state is written, the state's changelog before the
    next record is looked at, and both before the offset: a crash repeats a record and loses none.
    """

    def __init__(self, sender: Sender, row: Fold[Any, Any], table: DurableTable, given: Given) -> None:
        super().__init__(sender, {topic.name: row.name for topic in row.sources()})
        self.row = row
        self.table = table
        self.given = given
        self.waits: dict[int, str] = {}  # partition -> what it waits for: a newer release

    async def batch(self, events: Sequence[Any]) -> None:
        partitions = defaultdict(list)
        for event, record in self.fresh(events):
            partitions[record.partition].append((event, record))
        await asyncio.gather(*(self._partition(each) for each in partitions.values()))

    async def _partition(self, pairs: Sequence[tuple[Any, Incoming]]) -> None:
        for place, (event, record) in enumerate(pairs):
            if record.partition in self.waits:
                return self._hold([each for each, _ in pairs[place:]])
            trip = chain.fold(self.row, record, lambda key, at=event: self.table.recall(at, key), self.given)  # type: ignore[misc]
            if trip.outcome == "again":
                self._wait(record, trip.reason or "")
                return self._hold([each for each, _ in pairs[place:]])
            await self.sender.deliver([trip])
            if trip.memory is not None:
                await self._remember(event, *trip.memory)
            self.count(trip)

    def _wait(self, record: Incoming, reason: str) -> None:
        log.error("partition %d waits: %s", record.partition, reason)
        self.waits[record.partition] = f"partition {record.partition}: {reason}"

    def _hold(self, events: Sequence[Any]) -> None:
        """Leave what stands behind the wait uncommitted: it comes again after a restart or a rebalance."""
        self.app.consumer.hold(event.message for event in events)
        self.app.consumer.pause_partitions({event.message.tp for event in events})
        self._returned(len(events))

    async def _remember(self, event: Any, key: bytes, state: bytes) -> None:
        attempt = 0
        while True:
            try:
                return await self.table.remember(event, key, state)
            except (ProducerSendError, KafkaError) as exc:
                if poisoned(exc) or isinstance(exc.__cause__, MessageSizeTooLargeError):
                    die(f"the state of {key!r} ({len(state)} bytes) cannot be written: {exc!r}")
                log.warning("state waits for Kafka: %r", exc)
                self.metrics.retries.labels("send").inc()
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            attempt += 1

    def count(self, trip: Trip) -> None:
        super().count(trip)
        for record in trip.records:
            if record.topic == DECISIONS.name:
                name = msgspec.json.decode(record.value, type=Decision).decision
                self.metrics.decided(name, trip.facts, time.time())


class Acceptor(Protocol):
    """Who takes alerts out of Kafka: `accept` returns when they are durable."""

    async def start(self) -> None: ...
    async def accept(self, alerts: list[Alert]) -> None: ...
    async def stop(self) -> None: ...


class EndRunner(Runner):
    """The end of the line: what is read is handed to an acceptor."""

    def __init__(self, sender: Sender, row: End[Any], acceptor: Acceptor, given: Given) -> None:
        super().__init__(sender, {row.source.name: row.name})
        self.row = row
        self.acceptor = acceptor
        self.given = given

    async def batch(self, events: Sequence[Any]) -> None:
        alerts, trips = [], []
        for _, record in self.fresh(events):
            try:
                alerts.append(chain.decode(self.row.source, record))
                trips.append(Trip(stage=self.row.name))
            except chain.Unreadable as exc:
                trips.append(chain.bury(record, self.row.name, str(exc), self.given.knowledge.made_by))
        await self.sender.deliver(trips)
        await self._accepted(alerts)
        for trip in trips:
            self.count(trip)

    async def _accepted(self, alerts: list[Alert]) -> None:
        attempt = 0
        while alerts:
            try:
                return await self.acceptor.accept(alerts)
            except Exception as exc:
                log.warning("%d alerts wait for %s: %r", len(alerts), self.row.name, exc)
                self.metrics.retries.labels("accept").inc()
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            attempt += 1


_ERRORS = {
    "the record is empty": "malformed",
    "the text is not UTF-8": "malformed",
    "not a record of": "malformed",
    "a record of ": "too_large",
    "its process died": "crash",
    "ConnectionError": "unavailable",
    "TimeoutError": "unavailable",
}  # how the reason of a dead letter begins -> one of metrics.ERRORS


def error_of(trip: Trip) -> str:
    """Return the kind of error that a record died of."""
    said = trip.reason or ""
    named = (kind for begin, kind in _ERRORS.items() if said.startswith(begin))
    return next(named, "fault" if trip.fault else "limits")


def incoming(message: Any, prefix: str) -> Incoming:
    """Take a Faust message's bytes as they are; `timestamp` is in seconds there."""
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers or ()
    stamp = message.timestamp
    return Incoming(
        topic=message.topic.removeprefix(prefix),
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=tuple((name, value) for name, value in headers if value is not None),
        timestamp=datetime.fromtimestamp(round(stamp, 3), UTC) if stamp and stamp > 0 else None,
    )


def _died(record: Sending) -> tuple[tuple[str, bytes], ...]:
    """Return the one clock time of our records: when a dead letter was written."""
    if record.topic != DEAD.name:
        return ()
    return (("died", chain.rfc3339(datetime.now(UTC)).encode()),)
