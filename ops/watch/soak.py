"""`make soak`: ten healthy minutes without an alert, then faults, each of which fires its own in two minutes.

    python -m ops.watch.soak [MINUTES] [FAULT …]

Without FAULT it plays all of them and writes RESULTS.md beside this file. The worker's data lie on a file
system of their own in memory, so that its disk can be filled; that takes the right to mount one.
"""

import asyncio
import contextlib
import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError

from agents.broker import Broker
from agents.guard import Guard
from agents.mail import ledger_path
from ops.chaos.scenarios import Skipped, fill, mounted
from ops.watch.live import Live

BOUND = 120.0  # seconds until a fault that lasts has fired
CALM = 180.0  # seconds until everything has resolved afterwards
RATE = 3.0  # articles a second
DISK = "700m"  # of the worker's own file system
RESULTS = Path(__file__).parent / "RESULTS.md"
Fault = Callable[[Live], AbstractContextManager[None]]


class Row(NamedTuple):
    """One line of RESULTS.md."""

    what: str
    alert: str  # that has to fire
    seen: str
    well: bool


def children(process: int) -> dict[str, int]:
    """Return the direct children of a worker by their group."""
    listed = subprocess.run(
        ["ps", "-Aww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {args.split()[-1]: int(ident) for ident, parent, args in lines if int(parent) == process}


@contextmanager
def no_worker(live: Live) -> Iterator[None]:
    worker = live.processes["worker"]
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    yield
    live.worker()


@contextmanager
def broker_down(live: Live) -> Iterator[None]:
    live.broker.kill()
    yield
    live.broker.restart()


@contextmanager
def smtp_refuses(live: Live) -> Iterator[None]:
    live.sink.refuses = True
    yield
    live.sink.refuses = False


@contextmanager
def dead_letters(live: Live) -> Iterator[None]:
    live.broken = True
    yield
    live.broken = False


@contextmanager
def language_silent(live: Live) -> Iterator[None]:
    before, live.languages = live.languages, ("en", "fr")
    yield
    live.languages = before


@contextmanager
def ledger_locked(live: Live) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(ledger_path(live.settings), timeout=30)) as base:
        base.execute("BEGIN IMMEDIATE")
        yield
        base.rollback()


@contextmanager
def disk_full(live: Live) -> Iterator[None]:
    filler = live.settings.data / "filler"
    if not os.path.ismount(live.settings.data):
        raise Skipped("the data of the worker lie on the machine's own disk")
    fill(filler)
    yield
    filler.unlink()


@contextmanager
def partition_stuck(live: Live) -> Iterator[None]:
    """Send a claim of a release that does not exist yet: its partition waits for that release."""
    place, offset = asyncio.run(_of_the_future(live))
    yield
    stop(live, "worker")
    asyncio.run(_step_over(live, place, offset + 1))
    live.worker()


async def _of_the_future(live: Live) -> tuple[TopicPartition, int]:
    async with AIOKafkaProducer(**live.settings.client()) as producer:
        value = orjson.dumps({"schema": "claim/99"})
        sent = await producer.send_and_wait(live.settings.topic("news.claims"), value, key=b"LY|RU")
    return TopicPartition(sent.topic, sent.partition), sent.offset


async def _step_over(live: Live, place: TopicPartition, offset: int) -> None:
    """Commit as an operator would who gives the record up, once the group has no members."""
    group = live.settings.topic("condotta-novelty")
    consumer = AIOKafkaConsumer(**live.settings.client(), group_id=group, enable_auto_commit=False)
    async with consumer:
        consumer.assign([place])
        end = time.monotonic() + CALM
        while True:
            try:
                return await consumer.commit({place: offset})
            except CommitFailedError:  # its members are static: the group has them until their session ends
                if time.monotonic() > end:
                    raise
            await asyncio.sleep(2)


FAULTS: dict[str, tuple[str, Fault]] = {
    "smtp refuses": ("MailNotAccepted", smtp_refuses),
    "dead letters": ("DeadLetterBurst", dead_letters),
    "a language is silent": ("LanguageSilent", language_silent),
    "the ledger is locked": ("LedgerUnwritable", ledger_locked),
    "a partition is stuck": ("PartitionStuck", partition_stuck),
    "the worker's disk is full": ("DiskFull", disk_full),
    "no worker": ("NoWorker", no_worker),
    "the broker is down": ("BrokerDown", broker_down),
}


def ready(live: Live) -> bool:
    return live.value("sum(condotta_ready)") == len(live.ports)


def stop(live: Live, name: str) -> None:
    """Ask a worker to end, and wait until it has."""
    live.processes[name].terminate()
    live.processes[name].wait(60)


def kill_one(live: Live) -> None:
    os.kill(children(live.processes["worker"].pid)["condotta-text"], signal.SIGKILL)


def rolling_restart(live: Live) -> None:
    """Let a second worker join, restart the first, let the second go: four rebalances."""
    live.start("second", "-m", "agents", "worker", "--parent", str(os.getpid()), CONDOTTA_HTTP_PORT="0")
    time.sleep(25)
    stop(live, "worker")
    live.worker()
    live.until(lambda: ready(live), 90)
    stop(live, "second")


def healthy(live: Live, seconds: float, events: Sequence[Callable[[Live], None]] = (kill_one,)) -> set[str]:
    """Let articles flow and the events happen that are none to be told of; return what fired."""
    fired: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(1):
            with contextlib.suppress(OSError):
                fired.update(live.firing())

    looking = threading.Thread(target=look)
    looking.start()
    begin = time.monotonic()
    for number, event in enumerate(events):  # in this thread: a worker ends with the thread that started it
        time.sleep(max(0.0, begin + seconds * (0.3 + 0.4 * number) - time.monotonic()))
        event(live)
    time.sleep(max(0.0, begin + seconds - time.monotonic()))
    over.set()
    looking.join()
    return fired


def fires(live: Live, alert: str, fault: Fault) -> float:
    """Return the seconds until `alert` fired for `fault`, infinity if it did not; wait until all is well."""
    with fault(live):
        try:
            seconds = live.until(lambda: alert in live.firing(), BOUND + 30)
        except AssertionError:
            seconds = math.inf
    live.until(lambda: ready(live) and alert not in live.firing(), 2 * CALM)
    return seconds


def played(live: Live, minutes: float, wanted: Sequence[str]) -> Iterator[Row]:
    """Yield what became of the healthy time and of each fault."""
    live.until(lambda: ready(live) and not live.firing(), 240)  # a slow start is no healthy time
    live.feed(RATE)
    fired = healthy(live, minutes * 60, (kill_one, rolling_restart))
    told = f"healthy for {minutes:g} min, one kill -9, one rolling restart"
    yield Row(told, "none", ", ".join(sorted(fired)), not fired)
    for name in wanted:
        alert, fault = FAULTS[name]
        try:
            seconds = fires(live, alert, fault)
        except (AssertionError, Skipped) as exc:
            yield Row(name, alert, str(exc).splitlines()[0], False)
        else:
            yield Row(name, alert, f"{seconds:.0f}", seconds <= BOUND)


def written(rows: Iterable[Row], command: str) -> str:
    """Return RESULTS.md."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} at the end"
    lines = [
        f"| {row.what} | {row.alert} | {row.seen} | {'well' if row.well else 'NOT WELL'} |" for row in rows
    ]
    return f"""# Results of `make soak`

A worker, `condotta monitor` and Prometheus on a real Kafka, {RATE:g} articles a second. While all is well
nothing may fire. Each fault has to fire its alert within {BOUND:.0f} s, and to be over soon.

`{command}` at {commit.stdout.strip()}, {datetime.now(UTC):%Y-%m-%d}, {machine}.

| what | alert | fired after, s | |
|---|---|---|---|
{chr(10).join(lines)}
"""


@contextmanager
def own_disk(folder: Path) -> Iterator[None]:
    """Give the worker's data a small file system of their own, where that is allowed."""
    folder.mkdir(parents=True)
    try:
        unmount = mounted(folder, DISK)
    except Skipped as exc:
        print(exc, flush=True)
        yield
        return
    try:
        yield
    finally:
        unmount()


def main(minutes: float, wanted: Sequence[str]) -> int:
    rows = []
    with Guard() as guard, Broker(guard.folder / "kafka", spawn=guard.spawn) as broker:
        folder = Path(guard.folder) / "live"
        with own_disk(folder / "data"), Live(broker, "", folder) as live:
            for row in played(live, minutes, wanted or list(FAULTS)):
                rows.append(row)
                print(f"{row.what}: {row.alert}, {row.seen or 'nothing fired'}", flush=True)
    if not wanted:
        RESULTS.write_text(written(rows, f"python -m ops.watch.soak {minutes:g}"), "utf-8")
        print(f"written to {RESULTS}")
    return 0 if all(row.well for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, sys.argv[2:]))
