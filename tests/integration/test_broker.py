"""The local Kafka: starts, keeps its data, comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError, UnknownTopicOrPartitionError

from agents.broker import Broker, BrokerError
from agents.guard import Guard

pytestmark = pytest.mark.integration


@asynccontextmanager
async def admin(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def declare(broker: Broker, topic: str, **settings: str) -> None:
    async with admin(broker) as client:
        await client.create_topics([NewTopic(topic, 1, 1, topic_configs=settings)])


async def send(broker: Broker, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, max_request_size=2**24)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, partition=0)
    finally:
        await producer.stop()


async def read(broker: Broker, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker.address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_the_broker_answers_as_soon_as_it_is_ready(kafka: Broker, prefix: str) -> None:
    await declare(kafka, f"{prefix}a")
    await send(kafka, f"{prefix}a", b"hello")
    assert await read(kafka, f"{prefix}a", 1) == [b"hello"]


async def test_no_topic_comes_into_being_by_itself(kafka: Broker, prefix: str) -> None:
    async with admin(kafka) as client:
        described = await client.describe_topics([f"{prefix}never"])
        assert described[0]["error_code"] == UnknownTopicOrPartitionError.errno
        assert f"{prefix}never" not in await client.list_topics()


async def test_a_topic_takes_what_it_allows_and_no_more(kafka: Broker, prefix: str) -> None:
    await declare(kafka, f"{prefix}big", **{"max.message.bytes": str(9 * 2**20)})
    await send(kafka, f"{prefix}big", b"x" * (9 * 2**20 - 1000))
    with pytest.raises(MessageSizeTooLargeError):
        await send(kafka, f"{prefix}big", b"x" * (9 * 2**20))


async def test_a_restart_keeps_data_and_port(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        address = broker.address
        await declare(broker, "kept")
        await send(broker, "kept", b"1")
        broker.restart()
        await send(broker, "kept", b"2")
        broker.kill()
        assert not broker.running()
        broker.restart()
        assert broker.address == address
        assert await read(broker, "kept", 2) == [b"1", b"2"]


async def test_another_run_finds_the_data_of_the_last(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        await declare(broker, "kept")
        await send(broker, "kept", b"1")
    with Broker(tmp_path) as broker:
        assert await read(broker, "kept", 1) == [b"1"]


def test_a_start_that_rolls_its_log_is_seen(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "server.log").write_bytes(b"full\n" * (2 * 2**20))
    with Broker(tmp_path) as broker:
        assert broker.log.stat().st_size < 2**20
        assert (tmp_path / "logs" / "server.log.1.gz").exists()


def test_a_temporary_folder_goes_with_the_broker() -> None:
    with Broker() as broker:
        folder = broker.data
        assert folder.exists()
    assert not folder.exists()


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(BrokerError, match=r"no\.such\.Authorizer"),
        Broker(tmp_path, properties={"authorizer.class.name": "no.such.Authorizer"}),
    ):
        pass


PARENT = """
import os, signal, sys
from agents.broker import Broker
from agents.guard import Guard
guard = Guard()
broker = Broker(guard.folder, spawn=guard.spawn).start().ready()
print(guard.folder, broker.pid, flush=True)
signal.pause()
"""


def test_a_guarded_broker_ends_with_a_parent_killed_by_force() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    folder, pid = parent.stdout.readline().split()
    assert Path(folder).exists()
    assert alive(int(pid))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    time.sleep(5)
    assert not alive(int(pid))
    assert not Path(folder).exists()


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in "ZX"


def test_a_guard_ends_what_ignores_the_polite_signal(tmp_path: Path) -> None:
    with Guard() as guard:
        log = guard.folder / "log"
        process = guard.spawn(["/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], log)
        while not log.exists() or "up" not in log.read_text():
            time.sleep(0.02)
    assert process.wait(5) == -signal.SIGKILL
    assert not guard.folder.exists()
