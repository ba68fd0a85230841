"""The faults, one function each: they act on a running system, and return what they did in a few words."""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.broker import Broker
from agents.mail import ledger_path
from ops.chaos.system import System, Worker

SEED = 7
Scenario = Callable[[System, Any, int], Awaitable[str]]


class Skipped(Exception):
    """The scenario cannot be run here; the message says why."""


async def calm(system: System, _: Any, times: int) -> str:
    """Disturb nothing."""
    system.worker()
    return "nothing"


async def kills(system: System, _: Any, times: int) -> str:
    """Kill -9 at random moments: two in five times a whole worker, else one of its processes."""
    dice, worker = random.Random(SEED), system.worker()
    await system.until_outcomes(20)
    whole = 0
    for _number in range(times):
        await asyncio.sleep(dice.uniform(1.5, 6.0))
        whole_one = dice.random() < 0.4
        children = await _there(worker)
        if whole_one or not children:
            system.killed.append(time.time())
            worker.restart()
            whole += 1
        else:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(sorted(children.values())), signal.SIGKILL)
    return f"{times} kills, {whole} of them of the whole worker"


async def recovery(system: System, _: Any, times: int) -> str:
    """Kill -9 a whole worker, and again once it has been at work for a while."""
    worker = system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(4)
        done = await system.outcomes()
        system.killed.append(time.time())
        worker.restart()
        await system.until_outcomes(done + 20)
    return f"{times} kills of the whole worker, each once the last was over"


async def _there(worker: Worker) -> dict[str, int]:
    """Return the processes of a worker, once it has some."""
    for _ in range(60):
        if found := worker.children():
            return found
        await asyncio.sleep(0.5)
    return {}


async def broker(system: System, kafka: Broker, times: int) -> str:
    """Kill -9 the broker, and start it again some seconds later."""
    dice = random.Random(SEED)
    system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(dice.uniform(4.0, 8.0))
        await asyncio.to_thread(kafka.kill)
        await asyncio.sleep(dice.uniform(0.5, 4.0))
        await asyncio.to_thread(lambda: kafka.start().ready(90))
    return f"{times} kills of the broker"


async def leaders(system: System, cluster: list[Broker], times: int) -> str:
    """Kill one of three brokers, so that leaders move; then two, so that too few replicas are in sync."""
    system.worker()
    await system.until_outcomes(20)
    for number in range(times):
        down = [cluster[number % 3]] if number % 2 == 0 else [cluster[number % 3], cluster[(number + 1) % 3]]
        for each in down:
            await asyncio.to_thread(each.kill)
        await asyncio.sleep(8)
        for each in down:
            await asyncio.to_thread(each.start)
        for each in down:
            await asyncio.to_thread(each.ready, 90)
        await asyncio.sleep(6)
    return f"{times} times one or two of three brokers killed"


async def full(system: System, kafka: Broker, times: int) -> str:
    """Fill the broker's disk until it gives up; then make room and start it again."""
    system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(3)
        fill(kafka.data / "filler")
        end = time.monotonic() + 40
        while kafka.running() and time.monotonic() < end:
            await asyncio.sleep(0.5)
        gave_up = not kafka.running()
        await asyncio.to_thread(kafka.kill)
        (kafka.data / "filler").unlink()
        await asyncio.to_thread(lambda: kafka.start().ready(90))
    return f"the broker's disk full, {times} times" + ("; it gave up" if gave_up else "")


async def disk(system: System, _: Any, times: int) -> str:
    """Fill the worker's disk for ten seconds: its state and the mail ledger are there."""
    data = Path(system.settings.data)
    system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(3)
        fill(data / "filler")
        await asyncio.sleep(10)
        (data / "filler").unlink()
    return f"the worker's disk full, {times} times for 10 s"


def fill(path: Path) -> None:
    """Write a file until there is no room left."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 2**16)


async def scale(system: System, _: Any, times: int) -> str:
    """Go from one worker to three and back, and restart them in turn, by SIGTERM."""
    system.worker()
    await system.until_outcomes(20)
    more = [system.worker(), system.worker()]
    await asyncio.sleep(15)
    slowest = 0.0
    for number in range(times):
        old = system.workers[number % 3]
        slowest = max(slowest, await asyncio.to_thread(old.stop))
        old.process = old._start()
        await asyncio.sleep(8)
    for worker in more:
        slowest = max(slowest, await asyncio.to_thread(worker.stop))
    return f"1, 3, 1 workers, {times} rolling restarts, the slowest stop took {slowest:.1f} s"


async def paused(system: System, _: Any, times: int) -> str:
    """Stop a worker (SIGSTOP) for longer than its session, and wake it after its partitions moved."""
    system.worker()
    other = system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(5)
        other.send(signal.SIGSTOP)
        await asyncio.sleep(20)
        other.send(signal.SIGCONT)
        await asyncio.sleep(10)
    ended = system.logs().count("the process was stopped for")
    return f"{times} times stopped for 20 s; the watchdog ended {ended} processes"


async def mail(system: System, _: Any, times: int) -> str:
    """Have the mail server down, slow, refusing and dying after DATA, and the ledger locked."""
    system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        for mode in ("slow", "refuse", "drop", ""):
            system.sink.mode(mode)
            await asyncio.sleep(6)
        system.sink.stop()
        await asyncio.sleep(6)
        system.sink.start()
        lock = sqlite3.connect(ledger_path(system.settings), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(35)  # longer than a writer waits
        lock.execute("ROLLBACK")
        lock.close()
    return f"{times} times slow, refusing, dying after DATA, down; ledger locked for 35 s"


async def state(system: System, _: Any, times: int) -> str:
    """Lose the state folder while the worker is down: it comes back from the changelog."""
    worker = system.worker()
    await system.until_outcomes(20)
    for _number in range(times):
        await asyncio.sleep(8)
        system.killed.append(time.time())
        worker.kill()
        for folder in Path(system.settings.data).glob("*condotta-novelty*"):
            shutil.rmtree(folder)
        worker.process = worker._start()
    return f"{times} times killed and its state deleted"


async def clocks(system: System, _: Any, times: int) -> str:
    """Run two workers, one a day ahead and one a day behind."""
    system.worker(CHAOS_CLOCK="86400")
    system.worker(CHAOS_CLOCK="-86400")
    return "one worker a day ahead, one a day behind"


async def proof_stock(system: System, _: Any, times: int) -> str:
    """Run the text stages on Faust's own transport, and kill them: this has to lose records."""
    worker = system.worker(CHAOS_TRANSPORT="stock")
    await system.until_outcomes(10)
    dice = random.Random(SEED)
    for _number in range(times):
        await asyncio.sleep(dice.uniform(4.0, 7.0))
        worker.restart()
    return f"stock transport, 8 at once, 1 of 20 takes 3 s, {times} kills"


async def proof_ledger(system: System, _: Any, times: int) -> str:
    """Mail without a ledger, and kill the mailer in the midst of it: this has to mail alerts twice."""
    system.worker(stages="clean,language,entities,claims,novelty,alerts")
    mailer = system.worker(stages="mail", CHAOS_LEDGER="off")
    kills = 0
    while kills < times and await system.more_mails(2):
        mailer.restart()
        kills += 1
    return f"no ledger, {kills} kills of the mailer"


def mounted(folder: Path, size: str) -> Callable[[], None]:
    """Mount a small file system in memory at `folder`; return what takes it away. Raises Skipped."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "condotta-chaos", str(folder)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Skipped(f"needs the right to mount a tmpfs: {done.stderr.strip()}")
    return lambda: subprocess.run(["umount", "-l", str(folder)], check=False) and None


__all__ = ["Worker"]
