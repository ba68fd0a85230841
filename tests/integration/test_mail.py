"""The mailer against a real SMTP server in a process of its own: what arrives, how often, what is kept."""

import asyncio
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from agents.courier import AGAIN
from agents.ledger import Ledger
from agents.mail import Mailer, ledger_path
from agents.settings import Settings
from pipeline.knowledge import load
from tests.alerting import alert, alerts, reader
from tests.integration.smtp_server import CERTIFICATE, PASSWORD, USER

pytestmark = pytest.mark.integration
PATIENCE = 60.0  # seconds a test waits for what must come
A_WHILE = 0.7  # seconds in which what must not come would have come


class Server:
    """The SMTP server; `port` stays the same when it is started again."""

    def __init__(self, folder, *flags):
        self.folder, self.flags, self.port, self.process = folder, flags, free_port(), None
        folder.mkdir()

    def __enter__(self):
        command = [
            sys.executable,
            "-m",
            "tests.integration.smtp_server",
            self.folder,
            str(self.port),
            *self.flags,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout.readline().strip() == str(self.port).encode()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def mails(self):
        return [
            message_from_bytes(path.read_bytes(), policy=default)
            for path in sorted(self.folder.glob("*.eml"))
        ]

    def ids(self):
        return [mail["Message-ID"] for mail in self.mails()]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path / "mails") as running:
        yield running


def settings(server, tmp_path, **fields):
    quick = {"group_wait": 0.05, "group_interval": 0.05, "smtp_from": "Condotta <alerts@news.example>"}
    return Settings(**({"data": tmp_path / "data", "smtp_port": server.port} | quick | fields))


class Running:
    """A started mailer whose only subscriber is `desk`, unless others are given."""

    def __init__(self, settings, readers=None, **fields):
        self.settings = settings
        self.mailer = Mailer(settings, knowledge=load(), readers=readers or [reader(**fields)])

    async def __aenter__(self):
        await self.mailer.start()
        return self

    async def __aexit__(self, *_):
        await self.mailer.stop()

    async def accept(self, *alerts):
        await self.mailer.accept(alerts)

    def states(self):
        return states(self.settings)

    async def until(self, **wanted):
        """Wait for the number of alerts by state."""
        await until(lambda: self.states() == wanted)


def states(settings):
    ledger = Ledger(ledger_path(settings))
    try:
        return ledger.counts()
    finally:
        ledger.close()


async def until(ready):
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.02)


async def test_what_comes_together_goes_in_one_mail(server, tmp_path):
    async with Running(settings(server, tmp_path, group_wait=0.3)) as one:
        for who in ("RU", "TR", "AE"):
            await one.accept(alert(f"LY|{who}|arms|"))
        await one.until(SENT=3)
    (mail,) = server.mails()
    assert mail["To"] == "desk@example.org"
    assert mail["Subject"] == "Libya: 3 new (UAE, Russia, Turkey)"
    assert mail["From"] == "Condotta <alerts@news.example>"


async def test_each_subscriber_and_each_theatre_has_its_own_mail_in_its_language(server, tmp_path):
    readers = [reader(id="a", to="a@x.example"), reader(id="b", to="b@x.example", language="id")]
    told = [alert(f"{theatre}|RU|arms|", subscriber=who) for theatre in ("LY", "SD") for who in ("a", "b")]
    async with Running(settings(server, tmp_path), readers) as one:
        await one.accept(*told)
        await one.until(SENT=4)
    found = {(mail["To"], mail["Subject"].split(" · ")[1]) for mail in server.mails()}
    assert found == {(f"{who}@x.example", place) for who in "ab" for place in ("Libya", "Sudan")}
    assert sum(mail["Subject"].startswith("BARU") for mail in server.mails()) == 2


async def test_a_second_mail_of_a_group_waits_for_the_interval(server, tmp_path):
    async with Running(settings(server, tmp_path, group_interval=1.5)) as one:
        first, second, third = alerts(3)
        await one.accept(first)
        await one.until(SENT=1)
        start = time.monotonic()
        await one.accept(second)
        await one.accept(third)
        await asyncio.sleep(A_WHILE)
        assert len(server.mails()) == 1
        await one.until(SENT=3)
        assert time.monotonic() - start > 1.2
    assert len(server.mails()) == 2


async def test_who_wants_it_gets_what_waits_for_the_digest_along_with_a_mail_of_its_theatre(server, tmp_path):
    async with Running(settings(server, tmp_path), along=True) as one:
        await one.accept(alert("LY|EG|unspecified_support|lna", channel="digest"))
        await one.accept(alert("SD|EG|unspecified_support|saf", channel="digest"))
        await asyncio.sleep(A_WHILE)
        assert server.mails() == []
        await one.accept(alert("LY|RU|arms|lna"))
        await one.until(SENT=2, PENDING=1)
    text = server.mails()[0].get_body(("plain",)).get_content()
    assert "Also reported" in text
    assert "Egypt" in text


async def test_a_flood_is_told_in_mails_that_can_be_read(server, tmp_path):
    async with Running(settings(server, tmp_path)) as one:
        await one.accept(*alerts(250))
        await one.until(SENT=250)
    assert len(server.mails()) == 3


async def test_an_alert_that_was_accepted_before_mails_nothing(server, tmp_path):
    for _ in range(2):  # the second time after a restart
        async with Running(settings(server, tmp_path)) as one:
            for _ in range(2):
                await one.accept(*alerts(2))
                await one.until(SENT=2)
                await asyncio.sleep(A_WHILE / 2)
    assert len(server.mails()) == 1


async def test_an_accepted_alert_is_on_disk(server, tmp_path):
    async with Running(settings(server, tmp_path, group_wait=60)) as one:
        await one.accept(*alerts(2))
        with sqlite3.connect(ledger_path(one.settings)) as other:
            assert other.execute("SELECT count(*) FROM alerts").fetchone() == (2,)
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.close()


async def test_a_host_that_is_away_loses_nothing(tmp_path):
    server = Server(tmp_path / "mails")
    told = [alert(f"{theatre}|RU|arms|side-{n}") for theatre in ("LY", "SD", "ML") for n in range(4)]
    async with Running(settings(server, tmp_path)) as one:
        await one.accept(*told[:8])
        await asyncio.sleep(A_WHILE)
        await one.accept(*told[8:])
        assert one.states() == {"PENDING": 12}
        with server:
            await one.until(SENT=12)
    assert len(set(server.ids())) == len(server.ids()) == 3


async def test_a_host_that_goes_and_comes_back_gets_each_mail_once(server, tmp_path):
    async with Running(settings(server, tmp_path)) as one:
        await one.accept(alert("LY|RU|arms|"))
        await one.until(SENT=1)
        server.__exit__()
        await one.accept(alert("SD|RU|arms|"))
        await asyncio.sleep(A_WHILE)
        assert one.states() == {"SENT": 1, "PENDING": 1}
        server.__enter__()
        await one.until(SENT=2)
    assert len(set(server.ids())) == len(server.ids()) == 2


async def test_a_mail_that_is_refused_for_good_is_failed_and_kept(server, tmp_path):
    for name in ("nobody", "rejects"):
        chosen = settings(server, tmp_path / name)
        async with Running(chosen, to=f"{name}@x.example") as one:
            await one.accept(*alerts(2))
            await one.until(FAILED=2)
        (kept,) = Ledger(ledger_path(chosen)).open()
        assert (kept.state, kept.code // 100) == ("FAILED", 5)
        assert kept.content.startswith(b"From: ")
    assert server.mails() == []


async def test_a_refused_address_does_not_hold_the_others(server, tmp_path):
    readers = [reader(id="a", to="nobody@x.example"), reader(id="b"), reader(id="c", to="grey@x.example")]
    async with Running(settings(server, tmp_path), readers) as one:
        await one.accept(*(alert(subscriber=who) for who in "abc"))
        await one.until(FAILED=1, SENT=1, PENDING=1)


@pytest.mark.parametrize("name", ["grey", "later"])
async def test_a_mail_that_is_refused_for_now_goes_again(server, tmp_path, monkeypatch, name):
    monkeypatch.setattr("agents.courier.AGAIN", (0.3, 0.3))
    async with Running(settings(server, tmp_path), to=f"{name}@x.example") as one:
        await one.accept(*alerts(2))
        await one.until(SENT=2)
    assert len(server.mails()) == 1
    assert AGAIN[0] >= 1  # in earnest it waits longer


async def test_a_mail_that_goes_again_is_the_same_mail(server, tmp_path, monkeypatch):
    monkeypatch.setattr("agents.courier.AGAIN", (1.5,))
    async with Running(settings(server, tmp_path), to="later@x.example") as one:
        await one.accept(alert())
        await until(lambda: one.states() == {"WAITING": 1})
        (kept,) = Ledger(ledger_path(one.settings)).open()
        await one.until(SENT=1)
    (mail,) = server.mails()
    assert mail["Message-ID"] == f"<{kept.id}>"
    assert mail.as_bytes() == message_from_bytes(kept.content, policy=default).as_bytes()


async def test_a_line_that_falls_after_data_leaves_the_mail_in_doubt_and_parked(server, tmp_path):
    async with Running(settings(server, tmp_path), to="drop@x.example") as one:
        await one.accept(*alerts(2))
        await one.until(PARKED=2)
        await asyncio.sleep(A_WHILE)
    assert len(server.mails()) == 1


async def test_alerts_of_someone_who_is_not_in_the_file_wait(server, tmp_path):
    chosen = settings(server, tmp_path)
    async with Running(chosen) as one:
        await one.accept(alert(subscriber="gone"), alert())
        await one.until(SENT=1, PENDING=1)
        await asyncio.sleep(A_WHILE)
    async with Running(chosen, id="gone") as one:
        await one.until(SENT=2)


async def test_two_mailers_on_one_ledger_send_each_mail_once(server, tmp_path, monkeypatch):
    monkeypatch.setattr("agents.mail.FOLLOW", 0.2)
    chosen = settings(server, tmp_path)
    async with Running(chosen) as second:
        async with Running(chosen) as first:
            told = [alert(f"LY|RU|arms|side-{n}") for n in range(20)]
            for place, each in enumerate(told):
                await (first, second)[place % 2].accept(each, told[0])
            await first.until(SENT=20)
        await second.accept(alert("SD|RU|arms|"))  # the first is gone: the second takes over
        await second.until(SENT=21)
    assert len(set(server.ids())) == len(server.ids())


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_mail_goes_with_tls_and_login(tmp_path, monkeypatch, tls):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Server(tmp_path / "mails", f"--{tls}", "--login") as server:
        login = {"smtp_user": USER.decode(), "smtp_password": PASSWORD.decode(), "smtp_tls": tls}
        async with Running(settings(server, tmp_path, **login)) as one:
            await one.accept(alert())
            await one.until(SENT=1)
    assert len(server.mails()) == 1


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail_and_no_password(tmp_path):
    with Server(tmp_path / "mails", "--tls") as server:
        async with Running(settings(server, tmp_path, smtp_tls="tls")) as one:
            await one.accept(alert())
            await asyncio.sleep(A_WHILE)
            assert one.states() == {"PENDING": 1}


async def test_a_refused_login_loses_nothing(tmp_path):
    with Server(tmp_path / "mails", "--login") as server:
        wrong = settings(server, tmp_path, smtp_user="condotta", smtp_password="wrong")
        async with Running(wrong) as one:
            await one.accept(alert())
            await asyncio.sleep(A_WHILE)
            assert one.states() == {"PENDING": 1}
        async with Running(msgspec.structs.replace(wrong, smtp_password=PASSWORD.decode())) as one:
            await one.until(SENT=1)


async def test_a_person_can_send_one_mail_to_see_it(server, tmp_path):
    env = {"CONDOTTA_ENV_FILE": "", "CONDOTTA_SMTP_PORT": str(server.port)}
    command = [sys.executable, "-m", "agents", "alerts", "test", "desk@example.org", "--language", "id"]
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (mail,) = server.mails()
    assert mail["Message-ID"] in done.stdout
    assert mail["Subject"].startswith("BARU · Libya")


# Kills


class Process:
    """A mailer that can be killed."""

    def __init__(self, server, tmp_path, to="desk@example.org", **fields):
        (tmp_path / "readers.yaml").write_text(f"- {{id: desk, to: {to}}}\n")
        env = {
            "ENV_FILE": "", "DATA": str(tmp_path / "data"), "SMTP_PORT": str(server.port),
            "GROUP_WAIT": "0.02", "GROUP_INTERVAL": "0", "SUBSCRIBERS": str(tmp_path / "readers.yaml"),
            "SMTP_FROM": "a@news.example",
        } | {name.upper(): value for name, value in fields.items()}  # fmt: skip
        self.log = (tmp_path / f"mailer-{time.monotonic_ns()}.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.mailer_process"],
            env=os.environ | {f"CONDOTTA_{name}": value for name, value in env.items()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.process.stdout.readline() == b"ready\n"

    def accept(self, alert):
        self.process.stdin.write(msgspec.json.encode(alert) + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() == alert.id.encode()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def finish(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0
        self.close()

    def close(self):
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            stream.close()


async def killed_in_data(server, tmp_path, **fields):
    """Kill a mailer whose mail the server has taken but not yet confirmed."""
    process = Process(server, tmp_path, "slow@x.example", **fields)
    try:
        assert process.accept(alert())
        await until(server.mails)
    finally:
        process.kill()
    (server.folder / "go").touch()


async def test_killed_between_data_and_250_a_mail_is_parked_and_never_goes_twice(server, tmp_path):
    await killed_in_data(server, tmp_path)
    process = Process(server, tmp_path, "slow@x.example")
    assert process.accept(alert())  # its offset was not committed: it comes again
    await asyncio.sleep(A_WHILE)
    process.finish()
    assert len(server.mails()) == 1
    assert states(settings(server, tmp_path)) == {"PARKED": 1}


async def test_told_to_resend_it_sends_the_same_mail_again(server, tmp_path):
    await killed_in_data(server, tmp_path)
    process = Process(server, tmp_path, "slow@x.example", mail_in_doubt="resend")
    await until(lambda: len(server.mails()) == 2)
    await until(lambda: states(settings(server, tmp_path)) == {"SENT": 1})
    process.finish()
    first, second = server.mails()
    assert first.as_bytes() == second.as_bytes()


async def test_kills_at_random_moments_lose_nothing_and_mail_nothing_twice(server, tmp_path):
    told = [alert(f"LY|RU|arms|side-{n}") for n in range(120)]
    chance, place, kills = random.Random(7), 0, 0
    while place < len(told):
        process = Process(server, tmp_path)
        end = time.monotonic() + chance.uniform(0.05, 0.4)
        while place < len(told) and time.monotonic() < end:
            assert process.accept(told[place])
            place += 1
            await asyncio.sleep(0.02)
        process.kill()
        kills += 1
        place = max(0, place - 3)  # the last offsets were not committed
        if kills > 5:
            place = len(told)
    process = Process(server, tmp_path)
    for each in told:
        assert process.accept(each)
    await until(lambda: set(states(settings(server, tmp_path))) <= {"SENT", "PARKED"})
    process.finish()
    found = states(settings(server, tmp_path))
    assert sum(found.values()) == len(told)
    assert found["SENT"] > 0
    assert kills > 3
    assert max(Counter(server.ids()).values()) == 1
    with sqlite3.connect(ledger_path(settings(server, tmp_path))) as base:
        sent = {f"<{row[0]}>" for row in base.execute("SELECT id FROM mails WHERE state = 'SENT'")}
    base.close()
    assert sent <= set(server.ids())
