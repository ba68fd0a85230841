"""Text work leaves the event loop: processes that carry micro-batches through the chains.

They are forked from a server that holds the knowledge already (see `nursery.py`): they share its pages,
and one that is replaced is there in a moment. Each has a limit of address space, each article a limit of
time. Where an article breaks its process (a limit, a crash in a C library), what the process had finished
stays, the article is tried once more alone, and one that breaks a second process is a dead letter. The
rest of its batch goes on.
"""

import asyncio
import gc
import multiprocessing
import os
import resource
import signal
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from msgspec import Struct

from agents import chain
from agents.chain import Incoming, Trip
from agents.lineage import die_with_parent, end_without
from agents.stage import Chain, Given
from pipeline.types import MadeBy

T = TypeVar("T")

CHUNK = 8  # records a child takes at once: about 40 ms of work
CHUNK_BYTES = 512 * 1024  # or fewer: large articles go alone
PATIENCE = 5  # attempts on a transient error
PRELOADED = ["agents.nursery"]


class Limits(Struct, frozen=True, kw_only=True):
    """What one article may cost."""

    seconds: float = 2.0  # of processor time: a busy machine kills no article; 3 kB take 0.01
    wall: float = 60.0  # seconds of the clock, for what waits without working
    memory: int = 300 * 2**20  # bytes of address space above what the process had at birth


LIMITS = Limits()


class Job(Struct, frozen=True, kw_only=True):
    record: Incoming
    attempts: int = 1


class Carrier:
    """What a child holds: the chains by their source topic, and what their rows may look at."""

    def __init__(self, chains: dict[str, Chain], given: Given) -> None:
        self.chains = chains
        self.given = given

    def carry(self, job: Job) -> Trip:
        return chain.run(self.chains[job.record.topic], job.record, self.given, job.attempts, PATIENCE)


class Pool:
    """`size` processes, each with what `make` returns there; 0: in this process, without limits."""

    def __init__(
        self, size: int, make: Callable[[], Carrier], first: dict[str, str], limits: Limits = LIMITS
    ) -> None:
        self.size = size
        self.make = make
        self.first = first  # source topic -> its first row, for what breaks its process
        self.limits = limits
        self.made_by: MadeBy  # known once started
        self._inline: Carrier  # where size is 0
        self._idle: asyncio.Queue[Child] = asyncio.Queue()
        self._children: set[Child] = set()
        self._at_work: set[asyncio.Task[Any]] = set()
        self._threads = ThreadPoolExecutor(max(1, size), "pool")

    async def start(self) -> None:
        """Load the knowledge; raises what loading raises."""
        if self.size == 0:
            self._inline = self.make()
            self.made_by = self._inline.given.knowledge.made_by
            return
        for child in await asyncio.gather(*(self._off(self._bear) for _ in range(self.size))):
            self.made_by = child.made_by
            self._idle.put_nowait(child)

    async def stop(self) -> None:
        """End the processes; what they are at work on is finished first."""
        await asyncio.gather(*self._at_work, return_exceptions=True)
        for child in self._children:
            await self._off(child.close)
        self._threads.shutdown(wait=False)

    async def run(self, jobs: Sequence[Job]) -> list[Trip]:
        """Carry `jobs`; return their trips in order. What breaks a process ends none but its own record."""
        return [trip async for trips in self.stream(jobs) for trip in trips]

    async def stream(self, jobs: Sequence[Job]) -> AsyncGenerator[list[Trip], None]:
        """Carry `jobs`; yield the trips of each micro-batch, in order, while the next is at work."""
        chunks = list(chunked(jobs, self.size))
        if self.size == 0:
            for each in chunks:
                yield [self._inline.carry(job) for job in each]
            return
        tasks = [asyncio.create_task(self._chunk(each)) for each in chunks]
        try:
            for task in tasks:
                yield await task
        finally:
            for task in tasks:
                task.cancel()

    async def _chunk(self, jobs: Sequence[Job]) -> list[Trip]:
        trips: list[Trip] = []
        suspect = False  # the next one broke a process
        while len(trips) < len(jobs):
            left = jobs[len(trips) :]
            found, broke = await self._carried(left[:1] if suspect else left)
            trips += found
            if broke and suspect:
                trips.append(self._poison(left[0], broke))
            suspect = bool(broke) and not suspect
        return trips

    def _poison(self, job: Job, broke: str) -> Trip:
        row = self.first[job.record.topic]
        return chain.bury(job.record, row, broke, self.made_by, attempts=2)

    async def _carried(self, jobs: Sequence[Job]) -> tuple[list[Trip], str]:
        """Return the trips, and where the one after them broke its process, how."""
        task = asyncio.create_task(self._use(jobs))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return await asyncio.shield(task)  # a child answers to the end, whoever still listens

    async def _use(self, jobs: Sequence[Job]) -> tuple[list[Trip], str]:
        child = await self._idle.get()
        found, broke = await self._off(child.carry, jobs)
        if broke:
            self._children.discard(child)
            child = await self._off(self._bear)
        self._idle.put_nowait(child)
        return found, broke

    def _bear(self) -> "Child":
        child = Child(self.make, self.limits)
        self._children.add(child)
        return child

    async def _off(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)


def chunked(jobs: Sequence[Job], size: int) -> Iterator[Sequence[Job]]:
    """Yield micro-batches of at most CHUNK records and, but for a single one, CHUNK_BYTES.

    Few jobs are spread over the `size` processes.
    """
    most = max(1, min(CHUNK, -(-len(jobs) // max(1, size))))
    start, held = 0, 0
    for place, job in enumerate(jobs):
        taken = len(job.record.value or b"")
        if place > start and (place - start == most or held + taken > CHUNK_BYTES):
            yield jobs[start:place]
            start, held = place, 0
        held += taken
    if start < len(jobs):
        yield jobs[start:]


class Child:
    """One process, seen from its parent. All methods block."""

    def __init__(self, make: Callable[[], Carrier], limits: Limits) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self.limits = limits
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_live, args=(theirs, make, limits, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.made_by: MadeBy = self._hello()

    def _hello(self) -> MadeBy:
        try:
            said = self.pipe.recv()
        except EOFError:
            self.process.join(5)
            raise RuntimeError(f"a text process ended at birth: {self.process.exitcode}") from None
        if isinstance(said, MadeBy):
            return said
        raise said

    def carry(self, jobs: Sequence[Job]) -> tuple[list[Trip], str]:
        """Return the trips in order, and why there are no more where the next one broke the process."""
        trips: list[Trip] = []
        try:
            self.pipe.send(jobs)
            for _ in jobs:
                if not self.pipe.poll(self.limits.wall):
                    self.process.kill()
                trips.append(self.pipe.recv())
        except (EOFError, OSError):
            return trips, self._end()
        return trips, ""

    def _end(self) -> str:
        """Tell how the process ended; it is gone afterwards."""
        self.process.join(5)
        code = self.process.exitcode
        self.close()
        if code in (-signal.SIGPROF, -signal.SIGKILL):
            cpu, wall = self.limits.seconds, self.limits.wall
            return f"it took longer than its limit of {cpu:g} s of work, or {wall:g} s in all, or was killed"
        return f"its process died at work on it ({code})"

    def close(self) -> None:
        self.pipe.close()
        self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5)
        with suppress(ValueError):
            self.process.close()


# In the child


def _live(pipe: Any, make: Callable[[], Carrier], limits: Limits, parent: int) -> None:
    """Carry what comes through the pipe, one answer for each record, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, also inside a C library
    die_with_parent()
    end_without(parent)
    try:
        carrier = make()
    except Exception as exc:
        return pipe.send(exc)  # type: ignore[no-any-return]
    gc.collect()
    gc.freeze()  # the knowledge stays; looking through it again cost a fifth of the time of an article
    gc.set_threshold(20_000, 20, 50)
    _limit(limits.memory)
    pipe.send(carrier.given.knowledge.made_by)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            for job in pipe.recv():
                signal.setitimer(signal.ITIMER_PROF, limits.seconds)
                trip = carrier.carry(job)
                signal.setitimer(signal.ITIMER_PROF, 0)
                pipe.send(trip)


def _limit(memory: int) -> None:
    """Allow `memory` bytes of address space more than there is now (Linux; elsewhere no limit)."""
    with suppress(OSError, ValueError):
        with open("/proc/self/statm") as file:  # noqa: PTH123  no path to speak of
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
