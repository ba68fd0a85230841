"""Sees that no record of a partition is passed over: what comes next is what stands next in the log.

Faust keeps handing out what it fetched before a rebalance, and then drops what it fetches again as already
read: seen under kill -9 on a busy machine, where claims were judged in another order than they stood in the
topic. Such a process ends before it works on anything, and starts anew where its group stands.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between questions to a broker that does not answer

Stands = Callable[[Collection[Any]], Awaitable[Mapping[Any, tuple[int, int]]]]


class Order:
    """Of one process. `stands` returns where the group stands in each partition, by the broker's account."""

    def __init__(self, stands: Stands, skipped: Collection[str] = ()) -> None:
        self.stands = stands
        self.skipped = set(skipped)  # compacted topics have holes
        self._next: dict[Any, int] = {}

    def forget(self) -> None:
        """Forget where we were: the partitions may have been elsewhere meanwhile."""
        self._next.clear()

    async def broken(self, messages: Iterable[Any]) -> str:
        """Return what is wrong where a message lies further on than it may; else take note of them all."""
        ours = [each for each in messages if each.topic not in self.skipped]
        await self._learn({each.tp for each in ours} - self._next.keys())
        for each in ours:
            if each.offset > self._next[each.tp]:
                return (
                    f"{each.topic} {each.partition}: {each.offset} came where {self._next[each.tp]} was next"
                )
            self._next[each.tp] = each.offset + 1
        return ""

    async def _learn(self, places: Collection[Any]) -> None:
        while places:
            try:
                found = await self.stands(places)
            except Exception as exc:  # the broker is away: nothing can be committed either
                log.warning("the broker does not say where the group stands: %r", exc)
                await asyncio.sleep(PAUSE)
            else:
                self._next |= {each: found[each][0] for each in places}
                return
