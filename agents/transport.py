"""Faust's Kafka transport, hardened.

The stock consumer commits past a message that is still being worked on when it heads the queue, the
stock producer is not idempotent, and a consumer whose partitions are all held back sleeps a whole
second. It leans on internals of the pinned Faust; `tests/agents/test_transport.py` holds them still.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiokafka.errors
import faust.transport.drivers as drivers
import faust.transport.drivers.aiokafka as stock
from faust.transport.consumer import ensure_TP
from faust.types import TP

from agents import logs

NAP = 0.01  # seconds to wait when all partitions are held back; 1 s in Faust: 417 against 2,400 records/s
FATAL = 70  # exit code: the supervisor starts a new process
POISONED = (
    aiokafka.errors.OutOfOrderSequenceNumber,  # every later send to the partition would fail too
    aiokafka.errors.ProducerFenced,
    aiokafka.errors.MessageSizeTooLargeError,  # from the broker: the next send would be out of order
)


class SafeConsumer(stock.Consumer):
    """Never commits past a delivered but unacknowledged message."""

    def __init__(
        self, transport: Any, callback: Callable[[Any], Awaitable[None]], *args: Any, **kwargs: Any
    ) -> None:
        self._inflight: defaultdict[TP, set[int]] = defaultdict(set)
        self._held: defaultdict[TP, set[int]] = defaultdict(set)

        async def tracked(message: Any) -> None:
            self._inflight[message.tp].add(message.offset)
            await callback(message)

        super().__init__(transport, tracked, *args, **kwargs)

    def hold(self, messages: Iterable[Any]) -> None:
        """Keep `messages` uncommitted although they will be acknowledged: their work was cut short."""
        for message in messages:
            self._held[message.tp].add(message.offset)

    async def perform_seek(self) -> None:
        self._inflight.clear()
        self._held.clear()
        await super().perform_seek()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        try:
            await super().on_partitions_revoked(revoked)
        finally:
            for tp in revoked:
                self._inflight.pop(ensure_TP(tp), None)
                self._held.pop(ensure_TP(tp), None)

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset to commit: one past the last of the acknowledged before any unfinished."""
        acked = self._acked[tp]
        if not acked:
            return None
        done = [offset for offset in acked if offset < self._limit(tp, acked)]
        if not done:
            return None
        acked[:] = [offset for offset in acked if offset > max(done)]
        self._acked_index[tp].difference_update(done)
        self._gap.pop(tp, None)  # holes of compaction need no care: only what was delivered counts
        return max(done) + 1

    def _limit(self, tp: TP, acked: list[int]) -> int:
        inflight = self._inflight[tp]
        inflight.difference_update(acked)
        committed = self._committed_offset[tp]
        open_ = [offset for offset in inflight | self._held[tp] if committed is None or offset >= committed]
        return min(open_, default=max(acked) + 1)

    async def sleep(self, n: Any, *, loop: Any = None) -> None:
        """Nap where Faust sleeps a second because every partition is held back."""
        await super().sleep(NAP if type(n) is int and n == 1 else n)  # the commit timer sleeps a float


class IdempotentProducer(stock.Producer):
    """Sends each record once and in order, acknowledged by every replica in sync."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**super()._settings_extra(), "enable_idempotence": True, "acks": "all"}


class Transport(stock.Transport):
    Consumer = SafeConsumer
    Producer = IdempotentProducer


def install() -> None:
    """Make Faust use this transport for `kafka://`."""
    drivers.TRANSPORTS.aliases["kafka"] = "agents.transport:Transport"


def die(reason: str) -> None:
    """End the process at once, before anything more is acknowledged."""
    told = logs.line(time.time(), level="error", says=f"{reason}; the process ends and is started anew")
    os.write(2, f"{told}\n".encode("utf-8", "replace"))  # not by logging: its lock may be held for ever
    os._exit(FATAL)


def poisoned(exc: BaseException) -> bool:
    """Tell whether the producer can no longer be used after `exc`."""
    return isinstance(exc, POISONED) or isinstance(exc.__cause__, POISONED)


def out_of_group(consumer: Any) -> bool:
    """Tell whether the consumer knows that it has to join its group again."""
    client = getattr(consumer._thread, "_consumer", None)
    joining = getattr(getattr(client, "_coordinator", None), "_rejoin_needed_fut", None)
    return joining is not None and joining.done()


async def settle(futures: Iterable[Awaitable[Any]]) -> list[BaseException | None]:
    """Wait for all deliveries; return for each its error, or None."""
    results = await asyncio.gather(*futures, return_exceptions=True)
    return [each if isinstance(each, BaseException) else None for each in results]
