"""Text work leaves the event loop: processes that carry micro-batches through the chains.

A child loads the knowledge once, and dies with its parent. A child that breaks (a crash in a C
library, no memory) takes its micro-batch along: its records are then tried alone, and the one that
breaks a child a second time ends as a dead letter.
"""

import asyncio
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from msgspec import Struct

from agents import chain
from agents.chain import Incoming, Trip
from agents.stage import Chain, Given
from pipeline.types import MadeBy

CHUNK = 8  # records a child takes at once: about 40 ms of work
PATIENCE = 5  # attempts on a transient error, 2 on a broken child
PR_SET_PDEATHSIG = 1


class Job(Struct, frozen=True, kw_only=True):
    record: Incoming
    attempts: int = 1


class Carrier:
    """What a child holds: the chains by their source topic, and what their rows may look at."""

    def __init__(self, chains: dict[str, Chain], given: Given) -> None:
        self.chains = chains
        self.given = given

    def carry(self, jobs: Sequence[Job]) -> list[Trip]:
        return [
            chain.run(self.chains[job.record.topic], job.record, self.given, job.attempts, PATIENCE)
            for job in jobs
        ]


class Pool:
    """`size` processes, each with what `make` returns there; 0: in this process."""

    def __init__(self, size: int, make: Callable[[], Carrier], first: dict[str, str]) -> None:
        self.size = size
        self.make = make
        self.first = first  # source topic -> its first row, for what dies with its process
        self._one_by_one = asyncio.Lock()
        self.made_by: MadeBy  # known once started
        self._inline: Carrier  # where size is 0
        self._executor: ProcessPoolExecutor  # where it is not

    async def start(self) -> None:
        """Load the knowledge; raises what loading raises."""
        if self.size == 0:
            self._inline = self.make()
            self.made_by = self._inline.given.knowledge.made_by
            return
        self._executor = self._processes()
        loop = asyncio.get_running_loop()
        ready = [loop.run_in_executor(self._executor, _made_by) for _ in range(self.size)]
        self.made_by = (await asyncio.gather(*ready))[0]

    async def stop(self) -> None:
        """End the processes; what they are at work on is finished first."""
        if self.size:
            await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    async def run(self, jobs: Sequence[Job]) -> list[Trip]:
        """Carry `jobs`; return their trips in order. A broken child ends none but its own record."""
        return [trip async for trips in self.stream(jobs) for trip in trips]

    async def stream(self, jobs: Sequence[Job]) -> AsyncGenerator[list[Trip], None]:
        """Carry `jobs`; yield the trips of each micro-batch, in order, while the next is at work."""
        chunk = max(1, min(CHUNK, -(-len(jobs) // max(1, self.size))))
        chunks = [jobs[place : place + chunk] for place in range(0, len(jobs), chunk)]
        if self.size == 0:
            for each in chunks:
                yield self._inline.carry(each)
            return
        tasks = [asyncio.create_task(self._chunk(each)) for each in chunks]
        try:
            for task in tasks:
                yield await task
        finally:
            for task in tasks:
                task.cancel()

    async def _chunk(self, jobs: Sequence[Job]) -> list[Trip]:
        try:
            return await self._submit(jobs)
        except BrokenProcessPool:
            async with self._one_by_one:  # every waiting chunk broke; each record now has a child to itself
                return [await self._alone(job) for job in jobs]

    async def _alone(self, job: Job) -> Trip:
        for _ in range(2):
            try:
                return (await self._submit([job]))[0]
            except BrokenProcessPool:
                continue
        row = self.first[job.record.topic]
        return chain.bury(job.record, row, "its process died at work on it", self.made_by, attempts=2)

    async def _submit(self, jobs: Sequence[Job]) -> list[Trip]:
        executor = self._executor
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, _carry, jobs)
        except BrokenProcessPool:
            if self._executor is executor:  # the first to notice starts the next one
                self._executor = self._processes()
            raise

    def _processes(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["agents.pool"])
        return ProcessPoolExecutor(self.size, context, partial(_born, self.make, os.getpid()))


_carriers: list[Carrier] = []  # in a child: its one carrier


def _born(make: Callable[[], Carrier], grandparent: int) -> None:
    """Set up a child: no signals of the terminal, death with its parent, the knowledge."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    _watch(grandparent)
    _carriers.append(make())
    gc.collect()
    gc.freeze()  # the knowledge stays; looking through it again cost a fifth of the time of an article
    gc.set_threshold(20_000, 20, 50)


def _made_by() -> MadeBy:
    return _carriers[0].given.knowledge.made_by


def _carry(jobs: Sequence[Job]) -> list[Trip]:
    return _carriers[0].carry(jobs)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (Linux); elsewhere a thread looks."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        return
    threading.Thread(target=_until, args=(lambda: os.getppid() != parent,), daemon=True).start()


def _watch(process: int) -> None:
    """End when `process` is gone: the parent of a forkserver's child is the forkserver."""
    threading.Thread(target=_until, args=(lambda: not _alive(process),), daemon=True).start()


def _until(gone: Callable[[], bool]) -> None:
    while not gone():
        time.sleep(1.0)
    os._exit(1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
