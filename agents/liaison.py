"""What stands beside the mailer: the topics it follows and writes, and its pages.

Followed, from offsets that stand in the ledger with what was read: `news.corrections` for mutes and
`news.outcomes` for what the daily digest says of the reading. Written: what people decided on the pages.
`news.mailers` says which ledger counts, so that two hosts with a file each do not mail everything twice.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents import corrections, reader
from agents.ledger import Count, Stop
from agents.mail import Mailer
from agents.pages import Pages
from agents.producer import producer
from agents.settings import Settings, SettingsError
from agents.topology import CORRECTIONS, MAILERS, OUTCOMES, PARTITIONS
from pipeline.knowledge import load
from pipeline.types import Alert, Correction, Outcome

log = logging.getLogger(__name__)

PAUSE = 5.0  # seconds after a failure, and between looks at the outbox
FETCH = 1_000  # milliseconds
KEPT_DAYS = 40  # of the figures on what was read
UNNAMED = "und"  # of an article whose language was never asked for

_outcomes = msgspec.json.Decoder(Outcome)
_corrections = msgspec.json.Decoder(Correction)


class Ledgers(msgspec.Struct, frozen=True):
    """The record of `news.mailers`."""

    ledger: str
    schema: str = "mailer/1"


async def claim(settings: Settings, ledger: str) -> None:
    """Announce our ledger. Raises SettingsError where another's is in use."""
    known = await announced(settings)
    if not known:
        await announce(settings, ledger)
        known = await announced(settings)
        if known[-1] != known[0]:  # two began at once: the first one counts, and both say so
            await announce(settings, known[0])
            known.append(known[0])
    if known[-1] != ledger:
        raise SettingsError(
            f"another mail ledger ({known[-1]}) is in use here: mailers on several hosts need one PostgreSQL"
            " ledger, CONDOTTA_LEDGER=postgresql://…; `condotta mail adopt` makes this one count instead"
        )


async def announce(settings: Settings, ledger: str) -> None:
    async with producer(settings) as to:
        name = settings.topic(MAILERS.name)
        await to.send_and_wait(name, msgspec.json.encode(Ledgers(ledger)), key=b"ledger")


async def announced(settings: Settings) -> list[str]:
    """Return the ledger ids announced so far, in order."""
    return [
        msgspec.json.decode(record.value, type=Ledgers).ledger
        async for record in reader.records(settings, [MAILERS.name])
        if record.value
    ]


class Liaison:
    """The mailer as a worker runs it, with Kafka and pages around it."""

    def __init__(self, settings: Settings, mailer: Mailer) -> None:
        self._settings = settings
        self._mailer = mailer
        self._pages = Pages(settings, mailer)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._mailer.start()
        await self._pages.start()
        for work in (self._mutes, self._readings, self._outbox):
            self._tasks.append(asyncio.create_task(self._again(work)))

    async def accept(self, alerts: Sequence[Alert]) -> None:
        await self._mailer.accept(alerts)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pages.stop()
        await self._mailer.stop()

    async def _again(self, work: Any) -> None:
        """Keep `work` going: none of it may stop the mails."""
        while True:
            try:
                await work()
            except Exception as exc:
                log.warning("mail: %s waits: %r", work.__name__.strip("_"), exc)
            await asyncio.sleep(PAUSE)

    # Followed

    async def _mutes(self) -> None:
        async for parts, records in self._followed(CORRECTIONS.name):
            stops = [stop for value, _ in records if (stop := _stop(value))]
            now = datetime.now(UTC).timestamp()
            if not await self._mailer.ask(
                lambda book, parts=parts, stops=stops, now=now: book.advance(  # type: ignore[misc]
                    CORRECTIONS.name, parts, now, stops=stops
                )
            ):
                return
            if stops:
                self._mailer.wake()

    async def _readings(self) -> None:
        async for parts, records in self._followed(OUTCOMES.name):
            counts = _counts(records)
            now = datetime.now(UTC)
            oldest = (now - timedelta(days=KEPT_DAYS)).date().isoformat()
            if not await self._mailer.ask(
                lambda book, parts=parts, counts=counts, now=now: book.advance(  # type: ignore[misc]
                    OUTCOMES.name, parts, now.timestamp(), counts=counts
                )
            ):
                return
            await self._mailer.ask(lambda book, oldest=oldest: book.prune(oldest))  # type: ignore[misc]

    async def _followed(self, topic: str) -> Any:
        """Yield (part: from, to) and the (value, time) of each batch, from where the ledger stands."""
        while not self._mailer.leads:
            await asyncio.sleep(PAUSE)
        known = await self._mailer.ask(lambda book: book.offsets(topic))
        client = AIOKafkaConsumer(
            **self._settings.client(),
            auto_offset_reset="earliest",  # should a seek be lost, what is known is left out below
            max_partition_fetch_bytes=reader.MAX_FETCH,
        )
        await client.start()
        try:
            name = self._settings.topic(topic)
            places = [TopicPartition(name, part) for part in range(PARTITIONS)]
            client.assign(places)
            for place in places:
                if known.get(place.partition):
                    client.seek(place, known[place.partition])
            while self._mailer.leads:
                batch = await client.getmany(timeout_ms=FETCH)
                parts, records = {}, []
                for place, found in batch.items():
                    begin = known.get(place.partition, 0)
                    fresh = [record for record in found if record.offset >= begin]
                    if fresh:
                        parts[place.partition] = (begin, fresh[-1].offset + 1)
                        known[place.partition] = fresh[-1].offset + 1
                        records += [(record.value, _time(record)) for record in fresh]
                if parts:
                    yield parts, records
        finally:
            await client.stop()

    # Written

    async def _outbox(self) -> None:
        """Send what people decided on the pages, once each is with the broker."""
        if not self._mailer.leads:
            return
        for key, value in await self._mailer.ask(lambda book: book.outbox()):
            correction = await self._correction(value)
            if correction is not None:
                await corrections.send(self._settings, correction)
            await self._mailer.ask(lambda book, key=key: book.told(key))  # type: ignore[misc]

    async def _correction(self, value: bytes) -> Correction | None:
        asked = msgspec.json.decode(value)
        made_by = load().made_by
        if asked["kind"] == "mute":
            return corrections.mute(asked["story"], asked["subscriber"], None, made_by)
        found = await corrections.find(self._settings, asked["claim"])
        if found is None:
            log.error("mail: the claim %s that was to be taken back is not there", asked["claim"])
            return None
        return corrections.retraction(found, asked["reason"], made_by)


def _stop(value: bytes | None) -> Stop | None:
    with contextlib.suppress(msgspec.DecodeError):
        correction = _corrections.decode(value or b"")
        if correction.kind == "mute":
            until = correction.until.timestamp() if correction.until else None
            return Stop(subscriber=correction.subscriber or "", story=correction.story, until=until)
    return None


def _counts(records: Sequence[tuple[bytes | None, str]]) -> list[Count]:
    """Count articles by the day they were fetched, source and language."""
    found: Counter[tuple[str, str, str]] = Counter()
    for value, fetched in records:
        with contextlib.suppress(msgspec.DecodeError):
            outcome = _outcomes.decode(value or b"")
            if outcome.source:
                found[fetched[:10], outcome.source[:200], outcome.language or UNNAMED] += 1
    return [
        Count(day=day, source=source, language=language, articles=number)
        for (day, source, language), number in found.items()
    ]


def _time(record: Any) -> str:
    """Return when the article was fetched: the header `ce_time`."""
    return next((str(value, "ascii", "replace") for name, value in record.headers if name == "ce_time"), "")
