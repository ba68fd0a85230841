"""A worker on a real Kafka, and eyes on its topics."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agents import topics
from agents.settings import Settings
from agents.topology import TOPICS

PATIENCE = 180.0  # seconds until what must come counts as lost; a guard against hanging, no measure
SUBSCRIBERS = "- {id: desk, to: desk@example.org}\n"


class System:
    """One prefix on the broker: its topics, the records seen so far, and the workers started."""

    def __init__(self, address, prefix, folder, module="tests.standin"):
        self.folder = folder
        self.module = module
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS, encoding="utf-8")
        self.env = {
            "CONDOTTA_BROKER": address,
            "CONDOTTA_PREFIX": prefix,
            "CONDOTTA_DATA": str(folder / "data"),
            "CONDOTTA_SUBSCRIBERS": str(folder / "subscribers.yaml"),
            "CONDOTTA_SESSION_TIMEOUT": "6",
            "CONDOTTA_ENV_FILE": "",
        }
        self.settings = Settings.read(self.env)
        self.seen = defaultdict(list)
        self.workers = []

    async def __aenter__(self):
        await topics.create(self.settings)
        names = [self.settings.topic(topic.name) for topic in TOPICS]
        self.consumer = AIOKafkaConsumer(
            *names,
            **self.settings.client(),
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=10 * 1024**2,
        )
        self.producer = AIOKafkaProducer(**self.settings.client(), max_request_size=10 * 1024**2)
        await self.consumer.start()
        await self.producer.start()
        return self

    async def __aexit__(self, *_):
        for worker in self.workers:
            worker.kill()
            worker.wait()
        await self.consumer.stop()
        await self.producer.stop()

    async def publish(self, *values, key=b"k"):
        name = self.settings.topic("news.raw")
        sent = [await self.producer.send(name, value, key=key) for value in values]
        await asyncio.gather(*sent)

    def start(self, *options):
        """Start a worker in a session of its own; it ends with us."""
        log = (self.folder / f"worker-{len(self.workers)}.log").open("wb")
        command = [sys.executable, "-m", self.module, "worker", "--parent", str(os.getpid()), *options]
        env = {**os.environ, **self.env}
        worker = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        self.workers.append(worker)
        return worker

    def logs(self):
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("worker-*.log")))

    async def until(self, ready):
        """Look until `ready(self)` holds; the logs are in the error when it never does."""
        end = time.monotonic() + PATIENCE
        while not ready(self):
            assert time.monotonic() < end, f"{self.counts()}\n{self.logs()[-4000:]}"
            await self.look(500)

    async def look(self, milliseconds):
        batches = await self.consumer.getmany(timeout_ms=milliseconds)
        for place, records in batches.items():
            self.seen[place.topic.removeprefix(self.settings.prefix)] += records

    def answer(self, group, path):
        """Return the status that a group's process answers with, None where nobody does."""
        if not (said := re.findall(rf"{group}: (http://[\d.:]+)", self.logs())):
            return None
        try:
            with urllib.request.urlopen(said[-1] + path, timeout=10) as found:
                return found.status
        except urllib.error.HTTPError as exc:
            return exc.code
        except OSError:
            return None

    def counts(self):
        return {topic: len(records) for topic, records in self.seen.items()}

    def values(self, topic):
        return [msgspec.json.decode(record.value) for record in self.seen[topic]]

    def outcomes(self):
        """Return what each article came to; one article has one outcome."""
        return {each["article"]: each["outcome"] for each in self.values("news.outcomes")}


def stop(worker):
    """Ask a worker to stop; return its exit code and the seconds it took."""
    start = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    return worker.wait(30), time.monotonic() - start


def children(process):
    """Return the direct children of a process as {group: process id}."""
    listed = subprocess.run(
        ["ps", "-Aww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {args.split()[-1]: int(pid) for pid, parent, args in lines if int(parent) == process}


def descendants(process):
    """Return all processes of the worker's session."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,sess=,stat="], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, session, state in lines if int(session) == process and state[0] != "Z"]
