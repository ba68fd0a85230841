"""One consumer group as a Faust app in a process of its own, built from explicit rows."""

import asyncio
import fcntl
import logging
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import faust
from prometheus_client import CollectorRegistry

from agents import logs, subscribers, transport
from agents.chain import MAX_RECORD
from agents.health import Health
from agents.metrics import Metrics
from agents.order import Order
from agents.pool import Carrier, Pool
from agents.runner import Acceptor, ChainRunner, EndRunner, FoldRunner, Runner, Sender
from agents.settings import Settings, SettingsError
from agents.stage import End, Fold, Given, Row, chains
from agents.tables import DurableTable
from agents.topology import PARTITIONS, ROWS, TOPICS, changelog, chosen, groups
from agents.usage import Usage
from agents.watchdog import Lag, Watchdog
from pipeline.errors import KnowledgeError

log = logging.getLogger(__name__)

WRONG = 2  # exit code: another start would end the same way
SLOTS = 64  # workers on one data folder
QUIET = (
    "faust",
    "mode",
    "aiokafka",
    "asyncio",
    "agents.transport",
    "agents.tables",
    "trafilatura",
    "htmldate",
)


def app(settings: Settings, group: str, rows: tuple[Row, ...], folder: Path) -> faust.App:
    """Return the group's Faust app, set up as measured; nothing is bound to it yet."""
    transport.install()
    remembers = any(isinstance(row, Fold) for row in rows)
    return faust.App(
        settings.topic(group),
        broker=[f"kafka://{each}" for each in settings.brokers()],
        broker_credentials=_credentials(settings),
        datadir=str(folder),
        store="rocksdb://" if remembers else "memory://",
        Table=DurableTable,
        autodiscover=False,
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_allow_declare=False,
        topic_disable_leader=True,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=_member(settings, group, rows, folder),
        consumer_max_fetch_size=1024**2,  # a larger record still comes, alone
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=min(3.0, settings.session_timeout / 3),
        broker_rebalance_timeout=90.0,
        broker_request_timeout=90.0,
        broker_max_poll_interval=2_000_000.0,  # after it Faust would hang for ever
        broker_max_poll_records=128,
        stream_buffer_maxsize=256,  # records held in memory, of up to 8 MiB each
        broker_commit_interval=1.0,
        broker_commit_every=1000,
        stream_wait_empty=True,
        producer_acks=-1,
        producer_linger=0.0 if remembers else 0.005,
        producer_max_batch_size=262_144,
        producer_compression_type="lz4",
        producer_max_request_size=MAX_RECORD,
        producer_request_timeout=120.0,
        table_standby_replicas=0,
    )


def bind(
    faust_app: faust.App, settings: Settings, group: str, rows: tuple[Row, ...], metrics: Metrics
) -> tuple[Runner, Pool | None, Acceptor | None]:
    """Bind the rows of one group to the app; a group is one chain, one fold or one end."""
    sender = Sender(faust_app, settings, metrics)
    match rows[0]:
        case Fold() as row:
            table: Any = faust_app.Table(
                row.table,
                key_type=bytes,
                value_type=bytes,
                partitions=PARTITIONS,
                options={"driver": "rocksdict"},
            )
            fold = FoldRunner(sender, row, table, given(settings))
            return _bound(fold, group), None, None
        case End() as row:
            acceptor = _acceptor(row.name, settings, metrics)
            return _bound(EndRunner(sender, row, acceptor, given(settings)), group), None, acceptor
    sources = {row.source.name: row.name for row in rows}
    text = group == "condotta-text"  # the other chains are light: their work stays on the loop
    pool = Pool(settings.pool if text else 0, partial(carrier, settings, _names(rows)), sources)
    return _bound(ChainRunner(sender, sources, pool), group), pool, None


def carrier(settings: Settings, names: str) -> Carrier:
    """Load what the rows need; runs in each process of a pool."""
    return Carrier(chains(chosen(names)), given(settings))


def given(settings: Settings) -> Given:
    from pipeline.knowledge import load

    return Given(load(), subscribers.roster(settings.subscribers), settings.learning_until)


def _bound(runner: Runner, group: str) -> Runner:
    runner.bind(group)
    return runner


def _names(rows: tuple[Row, ...]) -> str:
    return ",".join(row.name for row in rows)


def _acceptor(name: str, settings: Settings, metrics: Metrics) -> Acceptor:
    if name != "mail":
        raise ValueError(f"no module takes the alerts of {name}")
    from agents.liaison import Liaison, claim
    from agents.mail import Mailer

    return Liaison(settings, Mailer(settings, metrics=metrics, announce=partial(claim, settings)))


def _credentials(settings: Settings) -> Any:
    client = settings.client()
    context = client.get("ssl_context")
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.sasl_user,
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None


def _member(settings: Settings, group: str, rows: tuple[Row, ...], folder: Path) -> str:
    """Return the static member's id: the name of the held folder, so that a quick restart moves nothing.

    A change of stages is another member, or it got the old topics.
    """
    name = settings.instance or _folder_id(folder)
    return f"{name}-{group}-{sha256(_names(rows).encode()).hexdigest()[:8]}"


def _folder_id(folder: Path) -> str:
    """Return the random name of a data folder, which it keeps."""
    path = folder / "member"
    try:
        known = path.read_text("utf-8").strip()
    except FileNotFoundError:
        known = ""
    if not known:
        known = uuid.uuid4().hex[:16]
        path.write_text(known, "utf-8")
    return known


@contextmanager
def folder(settings: Settings, group: str) -> Iterator[Path]:
    """Hold a data folder that no other running worker has: the first free of <data>/<group>/1 to 64."""
    for slot in range(1, SLOTS + 1):
        found = settings.data / settings.topic(group) / str(slot)
        lock = _lock(found)
        if lock is not None:
            try:
                yield found
            finally:
                lock.close()
            return
    raise SettingsError(f"all {SLOTS} folders under {settings.data / group} are in use")


def _lock(path: Path) -> IO[str] | None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / "lock").open("w")
    except OSError as exc:
        raise SettingsError(f"CONDOTTA_DATA: cannot write to {path}: {exc.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _disk(data: Path) -> Any:
    try:
        return shutil.disk_usage(data)
    except OSError:  # it went away: nothing is left there
        return SimpleNamespace(free=0, total=0)


class Node:
    """A group's process: the app, what feeds it and what watches it."""

    def __init__(self, settings: Settings, group: str, rows: tuple[Row, ...], data: Path) -> None:
        self.settings = settings
        self.group = group
        self.app = app(settings, group, rows, data)
        self.metrics = Metrics.on(CollectorRegistry())
        self.runner, self.pool, self.acceptor = bind(self.app, settings, group, rows, self.metrics)
        self.metrics.begin([row.name for row in rows])
        self.metrics.registry.register(Usage())
        self.metrics.disk_free.set_function(lambda: _disk(data).free)
        self.metrics.disk_size.set_function(lambda: _disk(data).total)
        self.health = Health(self.metrics.registry, self.waits_for, self.metrics.loop_lag.observe)
        topics = [settings.topic(name) for name in self.runner.sources]
        self.watchdog = Watchdog(settings, self.app, topics, self._waits, self._rests)
        self.stands = Lag(settings, self.app.conf.id)
        compacted = [settings.topic(topic.name) for topic in TOPICS if topic.compacted]
        self.runner.order = Order(self.stands.measure, compacted)
        self.metrics.lag.set_function(lambda: float(self.watchdog.waiting))
        self.assigned = False
        self.app.on_rebalance_complete.connect(self._on_assigned)
        self.app.on_partitions_revoked.connect(self._on_revoked)
        self.metrics.ready.set_function(lambda: float(not self.waits_for()))
        roster = subscribers.roster(settings.subscribers)
        self.metrics.subscribers.set_function(lambda: float(len(roster)))
        self.metrics.subscribers_hash.set_function(roster.number)
        self.metrics.subscribers_unreadable.set_function(lambda: float(bool(roster.problem)))

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        self.assigned = True
        self.metrics.rebalances.inc()
        log.info("%s: partitions assigned, state recovered", self.group)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        self.assigned = False
        if self.runner.order is not None:
            self.runner.order.forget()
        if isinstance(self.runner, FoldRunner):
            self.runner.waits.clear()

    def waits_for(self) -> str:
        """Return what is missing to be ready, or nothing."""
        if getattr(self.app.producer, "_producer", None) is None:
            return "the producer"
        if self._waits():
            return "partitions and state"
        if not self.watchdog.answered:
            return f"Kafka at {self.settings.broker}"
        if self.runner.breaker.open:
            return "a record that does not die of a fault of ours"
        return "; ".join(self.runner.waits.values()) if isinstance(self.runner, FoldRunner) else ""

    def _waits(self) -> bool:
        return not self.assigned or bool(self.app.rebalancing)

    def _rests(self) -> bool:
        newer = isinstance(self.runner, FoldRunner) and bool(self.runner.waits)
        return newer or self.runner.breaker.open

    async def run(self, port: int) -> int:
        """Serve until SIGTERM (returns 0) or until the app crashes (returns 1)."""
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        address = await self.health.start(self.settings.http_host, port)
        log.info("%s: %s", self.group, address)
        await self._start()
        await self._until(stop)
        crashed = self.app.crashed
        await self._stop()
        return 1 if crashed else 0

    async def _start(self) -> None:
        if self.pool is not None:
            await self.pool.start()
        if self.acceptor is not None:
            await self.acceptor.start()
        self.watchdog.start()
        made_by = self.pool.made_by if self.pool else self.runner.given.knowledge.made_by  # type: ignore[attr-defined]
        self.metrics.release.labels(made_by.version, made_by.knowledge).set(1)
        await self.app.start()

    async def _until(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(each.wait()) for each in (stop, self.app._crashed, self.app._stopped)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        if self.app.crashed:
            log.error("%s crashed: %r", self.group, self.app.crash_reason)

    async def _stop(self) -> None:
        """Finish what is at work, commit, leave the group; SIGKILL by the supervisor is the bound."""
        await self.watchdog.stop()
        await self.app.stop()
        await self.stands.close()
        if self.acceptor is not None:
            await self.acceptor.stop()
        if self.pool is not None:
            await self.pool.stop()
        await self.health.stop()


def main(settings: Settings, group: str) -> int:
    """Run one group in this process, as a child of `condotta worker`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor tells us when to stop
    _logging(settings, group)
    rows = groups(chosen(settings.stages))[group]
    port = settings.http_port and settings.http_port + list(groups(ROWS)).index(group)
    try:
        with folder(settings, group) as data:
            code = asyncio.run(_run(settings, group, rows, data, port))
    except SettingsError as exc:
        print(f"condotta: {exc}", file=sys.stderr)
        code = WRONG
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of Faust and of the pool have nothing left to say


async def _run(settings: Settings, group: str, rows: tuple[Row, ...], data: Path, port: int) -> int:
    try:
        return await Node(settings, group, rows, data).run(port)
    except (SettingsError, KnowledgeError) as exc:
        print(f"condotta: {exc}", file=sys.stderr)
        return WRONG
    except Exception as exc:
        log.error("%s: %s: %s", group, type(exc).__name__, exc)
        log.debug("%s", group, exc_info=exc)
        return 1


def _logging(settings: Settings, group: str) -> None:
    logs.start(settings.log_level, group)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)  # Faust makes debug records even if unseen
    coordinator = logging.getLogger("aiokafka.consumer.group_coordinator")
    coordinator.addFilter(
        lambda record: "CoordinatorNotAvailable" not in record.getMessage()
    )  # a new group's


__all__ = ["Node", "app", "bind", "carrier", "changelog", "folder", "given", "main"]
