"""What stands beside the mailer on a real Kafka: mutes, what was read, and the one ledger that counts."""

import asyncio
import os
import re
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from agents.ledger import Ledger
from agents.liaison import announced, claim
from agents.mail import ledger_path
from agents.settings import SettingsError
from agents.topics import create
from pipeline.types import Outcome
from tests.claims_builder import MADE_BY, article, day
from tests.claims_builder import claim as told
from tests.integration.harness import PATIENCE, System, stop
from tests.integration.test_mail import Server, free_port

pytestmark = pytest.mark.integration
TODAY = datetime.now(UTC).date().isoformat()  # figures of long ago are forgotten
LONG = 4 * PATIENCE  # three processes load their knowledge first


async def tell(system, *claims):
    for each in claims:
        name = system.settings.topic("news.claims")
        await system.producer.send_and_wait(name, msgspec.json.encode(each), key=each.pair.encode())


def ledger(system):
    return Ledger(ledger_path(system.settings))


async def until(system, ready):
    async with asyncio.timeout(LONG):
        while not ready():
            await asyncio.sleep(0.2)


def counts(system):
    book = ledger(system)
    try:
        return book.counts()
    finally:
        book.close()


async def test_links_mutes_and_readings_pass_through_the_topics(kafka, prefix, tmp_path):
    with Server(tmp_path / "mails") as server:
        async with System(kafka.address, prefix, tmp_path, module="agents") as system:
            web = free_port()
            system.env |= {
                "CONDOTTA_SMTP_PORT": str(server.port),
                "CONDOTTA_GROUP_WAIT": "0.1",
                "CONDOTTA_GROUP_INTERVAL": "0",
                "CONDOTTA_PUBLIC_URL": "https://news.example",
                "CONDOTTA_MAIL_WEB_PORT": str(web),
            }
            worker = system.start("--stages", "novelty,alerts,mail")
            for number, language in enumerate(("id", "id", "en")):
                read = Outcome(
                    made_by=MADE_BY, id=f"o{number}", article=f"a{number}", stage="claims", outcome="ok",
                    source="daily.example", language=language,
                )  # fmt: skip
                await system.producer.send_and_wait(
                    system.settings.topic("news.outcomes"),
                    msgspec.json.encode(read),
                    key=b"a%d" % number,
                    headers=[("ce_time", f"{TODAY}T06:00:00Z".encode())],
                )
            first = told("LY|RU|arms|", of=article("a1", published_at=day(0)))
            await tell(system, first)
            await until(system, lambda: len(server.mails()) == 1)
            links = re.findall(r"https://news.example(/\w+/\S+)", body(server.mails()[0]))
            kinds = {link.split("/")[1]: link for link in links}
            post(web, kinds["mute"])
            post(web, kinds["retract"])
            await system.until(lambda s: len(s.seen["news.corrections"]) == 2)
            await system.until(lambda s: "retracted" in [each["step"] for each in s.values("news.decisions")])
            await until(system, lambda: counts(system) == {"SENT": 1, "MUTED": 1})
            env = {**os.environ, **system.env}
            mute = [sys.executable, "-m", "agents", "story", "mute", "SD|AE|arms"]
            subprocess.run(mute, env=env, check=True, capture_output=True)
            await until(system, lambda: len(stops(system)) == 2)
            await tell(system, told("SD|AE|arms|rsf", of=article("a2", published_at=day(0))))
            await until(system, lambda: counts(system) == {"SENT": 1, "MUTED": 2})
            await until(system, lambda: len(readings(system)) == 2)
            assert sorted(readings(system)) == [("en", 1), ("id", 2)]
            stop(worker)
            assert len(await announced(system.settings)) == 1
            system.env["CONDOTTA_DATA"] = str(tmp_path / "other")
            other = system.start("--stages", "mail")
            assert await asyncio.to_thread(other.wait, LONG) == 1
            assert "CONDOTTA_LEDGER=postgresql://" in system.logs()
            adopt = [sys.executable, "-m", "agents", "mail", "adopt"]
            subprocess.run(adopt, env={**os.environ, **system.env}, check=True, capture_output=True)
            again = system.start("--stages", "mail")
            await asyncio.sleep(6)
            assert again.poll() is None
            stop(again)


def body(mail):
    return message_from_bytes(mail.as_bytes(), policy=default).get_body(("plain",)).get_content()


def post(port, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=b"")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def stops(system):
    book = ledger(system)
    try:
        return book.stops(0.0)
    finally:
        book.close()


def readings(system):
    book = ledger(system)
    try:
        return [(each.language, each.articles) for each in book.readings(TODAY, TODAY)]
    finally:
        book.close()


async def test_of_two_ledgers_that_begin_at_once_one_counts(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path) as system:
        await create(system.settings)
        found = await asyncio.gather(
            *(claim(system.settings, name) for name in ("a", "b")), return_exceptions=True
        )
        refused = [each for each in found if isinstance(each, SettingsError)]
        assert len(refused) == 1
        winner = "ab"[found.index(None)]
        assert (await announced(system.settings))[-1] == winner
        await claim(system.settings, winner)
        with pytest.raises(SettingsError, match="another mail ledger"):
            await claim(system.settings, "c")
