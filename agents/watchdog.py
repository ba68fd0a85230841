"""Ends the process when its work stands still: what hangs cannot be trusted to notice it.

The loop writes down what it sees; a thread of its own reads it and judges. What the broker says of the
group's offsets comes over connections that Faust has no part in, so that a hanging consumer hides
nothing. A broker that is away is waited for: only what could go on and does not counts.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faust.exceptions import ConsumerNotStarted
from msgspec import Struct

from agents.settings import Settings
from agents.transport import die, out_of_group

LOOK = 2.0  # seconds between looks at the broker
TICK = 0.5  # seconds between looks of the thread
ASK = 10_000  # milliseconds for one request

Offsets = Mapping[Any, int]


class Seen(Struct):
    """What the loop saw, in seconds of the monotonic clock; None: no reason for concern."""

    turned: float  # the last turn of the loop
    waits: float | None = None  # since when partitions or state are waited for
    outside: float | None = None  # since when the consumer knows that it has to join again, and does not
    behind: float | None = None  # since when records wait and no offset moved


def verdict(seen: Seen, now: float, limit: float) -> str | None:
    """Say why the process has to end, where it has to. `limit`: seconds without any progress."""
    if now - seen.turned > limit / 4:
        return f"the loop stands still since {now - seen.turned:.0f} s"
    if seen.behind is not None and now - seen.behind > limit:
        return f"records wait, and none was acknowledged for {now - seen.behind:.0f} s"
    if seen.outside is not None and now - seen.outside > limit:
        return f"the consumer is out of its group since {now - seen.outside:.0f} s"
    if seen.waits is not None and now - seen.waits > 1.5 * limit:
        return f"a rebalance does not finish since {now - seen.waits:.0f} s"
    return None


class Progress:
    """Tells since when nothing moved: what is looked at is anything that changes with progress."""

    def __init__(self) -> None:
        self._last: Any = None
        self._since: float | None = None

    def look(self, what: Any, now: float) -> float | None:
        """Return since when `what` is the same; None where it is None."""
        if what is None:
            self._since = None
        elif self._since is None or what != self._last:
            self._since = now
        self._last = what
        return self._since


class Watchdog:
    """One for each app. `paused`: seconds after which a process that was stopped must not go on."""

    def __init__(
        self,
        settings: Settings,
        app: Any,
        topics: Collection[str],
        waits: Callable[[], bool],
        rests: Callable[[], bool],
        end: Callable[[str], None] = die,
    ) -> None:
        self.app = app
        self.topics = set(topics)  # those whose records are worked on, prefix and all
        self.waits = waits  # for partitions or state
        self.rests = rests  # on purpose
        self.limit = settings.watchdog
        self.paused = settings.session_timeout
        self.end = end
        self.lag = Lag(settings, app.conf.id)
        self.waiting = 0  # records that wait, as far as the broker was heard
        self.answered = True  # the broker, when it was last asked
        self.seen = Seen(turned=time.monotonic())
        self._moves, self._recovers = Progress(), Progress()
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()

    def start(self) -> None:
        self.seen.turned = time.monotonic()
        self._task = asyncio.create_task(self._turn())
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    async def stop(self) -> None:
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.lag.close()

    async def _turn(self) -> None:
        look, due = asyncio.create_task(self._look()), 0.0
        try:
            while True:
                self.seen.turned = now = time.monotonic()
                if look.done() and now >= due:
                    look, due = asyncio.create_task(self._look()), now + LOOK
                await asyncio.sleep(TICK)
        finally:
            look.cancel()

    async def _look(self) -> None:
        """Ask the broker; while it does not answer nothing is held against us."""
        try:
            places = await self.lag.measure(self._own())
        except Exception:  # whatever it is, the broker cannot be asked
            self._judge(None, answered=False)
        else:
            self._judge(places, answered=True)

    def _own(self) -> list[Any]:
        try:
            assigned = self.app.consumer.assignment()
        except ConsumerNotStarted:
            return []
        return [each for each in assigned if each.topic in self.topics]

    def _judge(self, places: Mapping[Any, tuple[int, int]] | None, *, answered: bool) -> None:
        now = time.monotonic()
        self.answered = answered
        places = places or {}
        self.waiting = sum(end - done for done, end in places.values())
        stuck = self.waiting > 0 and not self.waits() and not self.rests()
        moved = {each: done for each, (done, _) in places.items()}
        self.seen.behind = self._moves.look(moved if stuck else None, now)
        left = self._left() if answered and self.waits() else None
        self.seen.waits = self._recovers.look(left, now)
        outside = answered and out_of_group(self.app.consumer)
        self.seen.outside = (self.seen.outside or now) if outside else None

    def _left(self) -> int:
        """Return how many records of the state are still to be read."""
        return int(self.app.tables.recovery.active_remaining_total()) if self.app.tables else 0

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(TICK):
            now = time.monotonic()
            reason = verdict(self.seen, now, self.limit)
            if now - last > self.paused:
                reason = f"the process was stopped for {now - last:.0f} s: its partitions may have moved"
            if reason is not None:
                self.end(reason)
            last = now


class Lag:
    """What the broker has committed for a group, and where its partitions end."""

    def __init__(self, settings: Settings, group: str) -> None:
        self.settings = settings
        self.group = group
        self._ends: Any = None
        self._admin: Any = None

    async def measure(self, places: Collection[Any]) -> dict[Any, tuple[int, int]]:
        """Return for each partition the committed offset and the end. Raises what the client raises."""
        try:
            found = await asyncio.wait_for(self._measure(places), ASK / 1000)
        except BaseException:
            await self.close()  # the next look makes new connections
            raise
        return {each: found[TopicPartition(each.topic, each.partition)] for each in places}

    async def _measure(self, places: Collection[Any]) -> dict[Any, tuple[int, int]]:
        await self._connect()
        if not places:
            await self._ends.topics()
            return {}
        ours = [TopicPartition(each.topic, each.partition) for each in places]
        first, ends = await self._ends.beginning_offsets(ours), await self._ends.end_offsets(ours)
        done = await self._admin.list_consumer_group_offsets(self.group, partitions=ours)
        if missing := set(ours) - done.keys():  # a coordinator that is still loading
            raise KafkaError(f"the group's place in {len(missing)} partitions is not known")
        return {each: (max(done[each].offset, first[each]), ends[each]) for each in ours}

    async def _connect(self) -> None:
        if self._ends is None:
            self._ends = AIOKafkaConsumer(**self.settings.client(), request_timeout_ms=ASK)
            await self._ends.start()
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**self.settings.client(), request_timeout_ms=ASK)
            await self._admin.start()

    async def close(self) -> None:
        """Let go of the connections; the next look makes new ones."""
        ends, admin = self._ends, self._admin
        self._ends = self._admin = None
        with contextlib.suppress(Exception):
            if ends is not None:
                await ends.stop()
        with contextlib.suppress(Exception):
            if admin is not None:
                await admin.close()
