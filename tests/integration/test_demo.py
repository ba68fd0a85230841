"""`condotta demo` as a newcomer runs it: in a process of its own, with Kafka, agents and mail for real."""

import asyncio
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.broker import Broker
from agents.demo import articles

pytestmark = pytest.mark.integration
GUARD = 60.0  # seconds until what should be gone counts as left
MARK = "MARK_OF_A_DEMO"  # children inherit it: so they are found, whoever started them

SEED = [
    ("LY", "RU", "mercenaries", "alleged", "NEW"),
    ("LY", "TR", "arms", "confirmed", "NEW"),
    ("LY", "TR", "troops", "hypothetical", "BACKGROUND"),
    ("LY", "TR", "pact", "NEW"),
    ("LY", "EG", "unspecified_support", "alleged", "NEW"),
    ("LY", "AE", "unspecified_support", "alleged", "NEW"),
]  # rows of the table that come of the first sample


class Run:
    """A demo started in an empty folder, with a temporary folder of its own and hostile settings."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.temporary = Path(tempfile.mkdtemp(prefix="t-"))  # short: sockets in it have names of 108 at most
        (folder / ".env").write_text("CONDOTTA_BROKER=203.0.113.1:9092\nCONDOTTA_NONSENSE=1\n")
        self.mark = uuid.uuid4().hex
        self.out = folder / f"out-{self.mark}"
        env = os.environ | {
            MARK: self.mark,
            "TMPDIR": str(self.temporary),
            "CONDOTTA_BROKER": "203.0.113.2:1",
        }
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agents", "demo", *arguments],
                cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        return self.out.read_text("utf-8")

    def finish(self) -> str:
        try:
            code = self.process.wait(600)
        finally:
            self.process.kill()
        assert code == 0, self.text()
        assert self.left() == []
        return self.text()

    def close(self) -> None:
        """End what a failed test left, the demo first: its guard ends the rest."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.temporary, ignore_errors=True)

    def left(self) -> list[str]:
        """Return the processes and folders that the demo left."""
        folders = [str(path) for path in self.temporary.iterdir() if path.is_dir()]
        return folders + list(processes(self.mark))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Give a function that starts a demo."""
    runs: list[Run] = []

    def start(*arguments: str) -> Run:
        runs.append(Run(tmp_path, *arguments))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


def processes(mark: str) -> Iterator[str]:
    """Find running processes by an environment variable; the dead that nobody reaped have none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                yield f"{process.name}: {(process / 'cmdline').read_text()[:200]}"
        except OSError:
            continue


def test_the_demo_shows_claims_and_the_mail_and_a_second_one_mails_nothing_new(
    tmp_path: Path, demo: Callable[..., Run]
) -> None:
    data = tmp_path / "kept"
    text = demo("--data", str(data)).finish()
    shows_claims_and_the_mail(text)
    mails = sorted((data / "mails").glob("*.eml"))
    assert mails
    assert str(data) in text
    demo("--data", str(data)).finish()
    assert sorted((data / "mails").glob("*.eml")) == mails


def shows_claims_and_the_mail(text: str) -> None:
    assert "not-an-article" in text  # the cookie wall
    assert len(re.findall(r"^✓ +[\d.]+ s  \d{4}-\d\d-\d\d ", text, re.MULTILINE)) == len(articles())
    rows = [row.split() for row in text.splitlines() if " kabar-dunia.example " in row and row[:2].isupper()]
    assert [row for row in SEED if not any(set(row) <= set(found) for found in rows)] == []
    assert not any("SG" in row for row in rows)
    assert not any({"US", "arms"} <= set(row) for row in rows)
    mail = text.partition("The first mail")[2].partition("as they look in a mail reader")[0]
    now, _, also = mail.partition("Also reported")
    assert [word for word in ("mercenaries", "arms", "pact") if word not in now] == []
    assert [name for name in ("Egypt", "UAE") if name not in also] == []
    assert "troops" not in mail  # what is hypothetical stands in the table alone
    pages = [Path(path) for path in re.findall(r"The HTML version: (.*\.html)", text)]
    assert pages
    assert all("<html" in page.read_text("utf-8").lower() for page in pages)


async def test_a_demo_on_an_existing_broker_leaves_no_topic(
    tmp_path: Path, demo: Callable[..., Run], kafka: Broker, prefix: str
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{prefix}other", 1, 1)])
        before = set(await admin.list_topics())
        run = demo("--broker", kafka.address)
        text = await asyncio.to_thread(run.finish)
        assert "Deleting the topics demo-" in text
        assert not (tmp_path / "data").exists()
        assert set(await admin.list_topics()) - {"__consumer_offsets"} == before - {"__consumer_offsets"}
    finally:
        await admin.close()


@pytest.mark.parametrize(
    ("number", "early", "late"),
    [
        (signal.SIGINT, 0.5, 3),  # while Kafka starts
        (signal.SIGTERM, 3, 8),  # while the agents start
        (signal.SIGINT, 8, 16),  # while articles go through
        (signal.SIGKILL, 2, 16),
    ],
)
def test_an_interrupted_demo_leaves_nothing(
    demo: Callable[..., Run], number: signal.Signals, early: float, late: float
) -> None:
    moment = random.uniform(early, late)
    run = demo()
    time.sleep(moment)
    os.kill(run.process.pid, number)
    began = time.monotonic()
    left = run.left()
    while left and time.monotonic() < began + GUARD:
        time.sleep(0.1)
        run.process.poll()
        left = run.left()
    assert left == [], f"{number.name} after {moment:.2f} s"
    assert run.process.wait(GUARD) in (-number, 130)
