"""What a chaos run plays with: workers, a mail server, the topics, and the ledger that they leave behind."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from agents import reader, topics
from agents.ledger import Ledger, LedgerError
from agents.mail import ledger_path
from agents.settings import Settings
from agents.stage import Fold, Given
from agents.topology import ALERTS, CLAIMS, DEAD, OUTCOMES, PARTITIONS, ROWS, changelog, groups
from agents.watchdog import Lag
from ops.chaos import yardstick
from ops.chaos.yardstick import Expected, Found, Judgement
from pipeline.knowledge import load

SUBSCRIBERS = "".join(f"- {{id: desk-{n}, to: desk-{n}@example.org, min_confidence: 0}}\n" for n in range(5))
PATIENCE = 900.0  # seconds until what does not settle counts as stuck
QUICK = {
    "SESSION_TIMEOUT": "6",
    "GROUP_WAIT": "0.5",
    "GROUP_INTERVAL": "1",
    "STOP_TIMEOUT": "20",
    "ENV_FILE": "",
}


class Stuck(Exception):
    """Something waits and does not go on."""


class Worker:
    """`condotta worker` in a session of its own."""

    def __init__(self, system: "System", name: str, stages: str, env: dict[str, str]) -> None:
        self.command = [
            sys.executable,
            "-m",
            "ops.chaos.worker",
            "worker",
            *("--parent", str(os.getpid())),
            *(["--stages", stages] if stages else []),
        ]
        self.env = os.environ | system.env | env
        self.log = system.folder / f"{name}.log"
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def children(self) -> dict[str, int]:
        """Return the groups' processes that live."""
        listed = subprocess.run(
            ["ps", "-Aww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
        return {
            args.split()[-1]: int(pid)
            for pid, parent, args in lines
            if int(parent) == self.process.pid and "--group" in args
        }

    def session(self) -> list[int]:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True, check=True)
        return [
            int(line.split()[0])
            for line in listed.stdout.splitlines()
            if int(line.split()[1]) == self.process.pid
        ]

    def send(self, number: int) -> None:
        """Send a signal to every process of the worker."""
        for each in self.session():
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, number)

    def kill(self) -> None:
        """End it as a crash would, its children with it."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.process = self._start()

    def stop(self) -> float:
        """Ask it to stop; return the seconds that took."""
        start = time.monotonic()
        self.process.terminate()
        self.process.wait(60)
        return time.monotonic() - start


class Sink:
    """The mail server of `sink.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "ops.chaos.sink", str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def mode(self, name: str) -> None:
        (self.folder / "mode").write_text(name, "utf-8")

    def mails(self) -> list[dict[str, object]]:
        path = self.folder / "mails"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


class System:
    """One prefix on a Kafka, with workers and a mail server: `async with System(…) as system`."""

    def __init__(self, folder: Path, address: str, prefix: str, **more: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS, "utf-8")
        self.sink = Sink(folder / "mails")
        told = QUICK | {
            "BROKER": address,
            "PREFIX": prefix,
            "DATA": str(folder / "data"),
            "SUBSCRIBERS": str(folder / "subscribers.yaml"),
            "SMTP_PORT": str(self.sink.port),
        }
        self.env = {f"CONDOTTA_{name}": value for name, value in (told | more).items()}
        self.settings = Settings.read(self.env)
        self.workers: list[Worker] = []
        self.killed: list[float] = []  # when a whole worker was killed, seconds since 1970
        self.parked = 0

    async def __aenter__(self) -> "System":
        await topics.create(self.settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.send(signal.SIGCONT)
            worker.kill()
        self.sink.stop()

    def worker(self, stages: str = "", **env: str) -> Worker:
        made = Worker(self, f"worker-{len(self.workers)}", stages, env)
        self.workers.append(made)
        return made

    async def publish(self, articles: Iterable[bytes], rate: float = 0) -> None:
        """Send raw articles, `rate` a second where one is given; a broker that is away is waited for."""
        producer = AIOKafkaProducer(
            **self.settings.client(), acks="all", enable_idempotence=True, linger_ms=20
        )
        await producer.start()
        sent = []
        try:
            for each in articles:
                sent.append(await producer.send(self.settings.topic("news.raw"), each))
                if rate:
                    await asyncio.sleep(1 / rate)
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    # What has become of it

    async def waiting(self) -> int:
        """Return how many records wait for any group. Raises KafkaError while the broker is away."""
        total = 0
        for group, rows in groups(ROWS).items():
            lag = Lag(self.settings, self.settings.topic(group))
            names = [source.name for row in rows for source in _sources(row)]
            places = [
                TopicPartition(self.settings.topic(name), n) for name in names for n in range(PARTITIONS)
            ]
            try:
                total += sum(end - done for done, end in (await lag.measure(places)).values())
            finally:
                await lag.close()
        return total

    async def outcomes(self) -> int:
        """Return how many outcomes there are, repeats included."""
        lag = Lag(self.settings, "nobody")
        places = [TopicPartition(self.settings.topic(OUTCOMES.name), n) for n in range(PARTITIONS)]
        try:
            return sum(end for _, end in (await lag.measure(places)).values())
        finally:
            await lag.close()

    async def until_outcomes(self, count: int, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while await _or_none(self.outcomes()) is None or (await self.outcomes()) < count:
            if time.monotonic() > end:
                raise Stuck(f"no {count} outcomes within {seconds:g} s")
            await asyncio.sleep(1)

    async def more_mails(self, count: int, seconds: float = 120.0) -> bool:
        """Wait until the mail server has `count` more mails; False where they do not come."""
        end, goal = time.monotonic() + seconds, len(self.sink.mails()) + count
        while len(self.sink.mails()) < goal:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.02)
        return True

    async def settle(self, seconds: float = PATIENCE) -> float:
        """Wait until nothing waits any more; return the seconds that took. Raises Stuck."""
        start = time.monotonic()
        calm = 0
        while calm < 3:
            waiting = await _or_none(self.waiting())
            calm = calm + 1 if waiting == 0 and not self._unsent() else 0
            if time.monotonic() - start > seconds:
                raise Stuck(f"{waiting} records wait, {self._unsent()} alerts unsent after {seconds:g} s")
            await asyncio.sleep(1)
        return time.monotonic() - start

    def _unsent(self) -> int:
        """Return how many alerts are still to be mailed; parked mails are decided on first."""
        path = ledger_path(self.settings)
        if not path.exists():
            return 0
        try:
            book = Ledger(path)
        except LedgerError:
            return 1
        try:
            self._decide(book)
            urgent = "state = 'PENDING' AND channel = 'now'"
            open_ = "state IN ('SENDING', 'WAITING', 'PARKED')"
            return sum(
                int(row["n"])
                for row in book._all(f"SELECT count(*) AS n FROM rows WHERE ({urgent}) OR {open_}")
            )
        finally:
            book.close()

    def _decide(self, book: Ledger) -> None:
        """Look parked mails up at the server: what is there was sent, what is not goes again."""
        there = {str(each["id"]) for each in self.sink.mails()}
        for mail in book.open():
            if mail.state == "PARKED":
                self.parked += 1
                state, now = ("SENT" if mail.id in there else "WAITING"), time.time()
                book.end(mail.id, state, now, answer="looked up at the server", again=now)  # type: ignore[arg-type]

    async def found(self) -> Found:
        """Read everything that was written."""
        kept: dict[str, list[reader.Incoming]] = {}
        fold = next(row for row in ROWS if isinstance(row, Fold))
        for name in (CLAIMS.name, OUTCOMES.name, ALERTS.name, DEAD.name, changelog(fold)):
            kept[name] = [record async for record in reader.records(self.settings, [name])]
        return Found(
            claims=yardstick.by_partition(kept[CLAIMS.name]),
            outcomes=kept[OUTCOMES.name],
            alerts=kept[ALERTS.name],
            dead=kept[DEAD.name],
            states=yardstick.last(kept[changelog(fold)]),
            mails=[list(each["alerts"]) for each in self.sink.mails()],  # type: ignore[call-overload]
        )

    async def judged(self, expected: Expected) -> Judgement:
        return yardstick.judge(await self.found(), expected, self.given())

    def given(self) -> Given:
        from agents.subscribers import load as load_subscribers

        return Given(load(), load_subscribers(self.settings.subscribers))

    async def recoveries(self) -> list[float]:
        """Return for each kill of a whole worker the seconds until the next outcome was written."""
        times = sorted(
            [
                record.timestamp.timestamp()
                async for record in reader.records(self.settings, [OUTCOMES.name])
                if record.timestamp
            ]
        )
        found = []
        for at in self.killed:
            after = next((each for each in times if each > at), None)
            if after is not None:
                found.append(after - at)
        return found

    def logs(self) -> str:
        return "\n".join(
            path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("worker-*.log"))
        )


def _sources(row: object) -> Sequence[object]:
    return row.sources() if isinstance(row, Fold) else (row.source,)  # type: ignore[attr-defined]


async def _or_none(work: object) -> int | None:
    try:
        return await work  # type: ignore[misc,no-any-return]
    except (KafkaError, TimeoutError, OSError):
        return None
