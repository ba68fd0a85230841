import asyncio
import sqlite3
from contextlib import asynccontextmanager
from datetime import date

import pytest
from aiosmtpd.smtp import SMTP

from agents import doctor
from agents.settings import Settings

NOWHERE = Settings(broker="127.0.0.1:1", smtp_host="127.0.0.1", smtp_port=1)


def examined(name, settings):
    return asyncio.run(doctor._guarded(name, doctor.CHECKS[name], settings))


@pytest.mark.parametrize(("name", "remedy"), [("broker", "broker"), ("topics", "broker"), ("smtp", "smtp")])
def test_what_cannot_be_reached_is_told_with_a_remedy(name, remedy):
    finding = examined(name, NOWHERE)
    assert "127.0.0.1" in finding.says
    assert finding.remedy == doctor.REMEDIES[remedy]


@pytest.mark.parametrize("name", ["clock", "knowledge", "subscribers"])
def test_what_needs_no_network_is_well(name):
    assert examined(name, NOWHERE).remedy is None


@pytest.mark.parametrize("name", ["archive", "ledger"])
def test_what_is_not_set_up_is_no_fault(name, tmp_path):
    finding = examined(name, Settings(data=tmp_path / "none"))
    assert finding.remedy is None
    assert ("parked" if name == "archive" else "none yet") in finding.says
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("archive", {"imap_host": "127.0.0.1", "imap_port": 1, "mail_archive": "a@x.example"}),
        ("archive", {"mail_in_doubt": "verify"}),
        ("ledger", {"ledger": "postgresql://x:secret@127.0.0.1:1/none?connect_timeout=2"}),
    ],
)
def test_an_archive_or_a_ledger_that_cannot_be_used_is_told(name, fields):
    finding = examined(name, Settings(**fields))
    assert finding.remedy == doctor.REMEDIES[name]
    assert "secret" not in finding.says


def test_a_ledger_of_a_newer_release_is_told(tmp_path):
    with sqlite3.connect(tmp_path / "mail.sqlite") as base:
        base.execute("PRAGMA user_version = 99")
    assert "run the release" in examined("ledger", Settings(data=tmp_path)).remedy


def test_a_clock_before_the_release_is_wrong(monkeypatch):
    monkeypatch.setattr(doctor, "RELEASED", date(2999, 1, 1))
    assert "before this release" in examined("clock", NOWHERE).says


def test_a_broken_list_of_subscribers_is_named(tmp_path):
    path = tmp_path / "subscribers.yaml"
    path.write_text("- {id: desk}\n")
    finding = examined("subscribers", Settings(subscribers=path))
    assert "desk" in finding.says
    assert finding.remedy


@asynccontextmanager
async def mail_server(handler):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", 0)
    async with server:
        yield Settings(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1])


async def test_a_mail_server_that_takes_our_sender_is_well():
    taken = []

    class Sink:
        async def handle_DATA(self, server, session, envelope):
            taken.append(envelope)
            return "250 ok"

    async with mail_server(Sink()) as settings:
        finding = await doctor._guarded("smtp", doctor.smtp, settings)
    assert finding.remedy is None
    assert not taken


async def test_a_mail_server_that_refuses_is_told():
    class Sink:
        async def handle_RCPT(self, server, session, envelope, address, options):
            return "550 no such user"

    async with mail_server(Sink()) as settings:
        finding = await doctor._guarded("smtp", doctor.smtp, settings)
    assert "550" in finding.says
    assert "CONDOTTA_SMTP_FROM" in finding.remedy


def test_a_silent_check_is_given_up(monkeypatch):
    async def silent(settings):
        await asyncio.sleep(60)

    monkeypatch.setattr(doctor, "PATIENCE", 0.05)
    assert "no answer" in asyncio.run(doctor._guarded("broker", silent, NOWHERE)).says
