"""What subscribers set: digests, quiet hours, caps, suspension, and the commands for people."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from click.testing import CliRunner

from agents import schedule
from agents.ledger import Count, Stop
from agents.mail import Mailer
from agents.mailroom import command as mailroom
from pipeline.knowledge import load
from pipeline.types import Quiet
from tests.alerting import alert, reader
from tests.integration.test_mail import A_WHILE, Server, server, settings, states, until

__all__ = ["server"]
pytestmark = pytest.mark.integration
MORNING = datetime(2026, 3, 5, 9, 0, 30, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self, at=MORNING):
        self.at = at

    def __call__(self):
        return self.at


class Running:
    """A mailer whose clock is turned by hand."""

    def __init__(self, settings, *readers, at=MORNING):
        self.settings, self.clock = settings, Clock(at)
        self.mailer = Mailer(settings, knowledge=load(), readers=readers, clock=self.clock)

    async def __aenter__(self):
        await self.mailer.start()
        await until(lambda: self.mailer.leads)
        await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_):
        await self.mailer.stop()

    async def accept(self, *alerts):
        await self.mailer.accept(alerts)

    async def pass_to(self, at):
        self.clock.at = at
        self.mailer.wake()

    async def until(self, **wanted):
        async with asyncio.timeout(20):
            while states(self.settings) != wanted:
                self.clock.at += 0.1
                self.mailer.wake()
                await asyncio.sleep(0.05)


def text(mail):
    return mail.get_body(("plain",)).get_content()


def digest(key, due, **fields):
    return msgspec.structs.replace(
        alert(key, "families:2", channel="digest", **fields), due=datetime.fromtimestamp(due, UTC)
    )


async def test_the_daily_digest_tells_what_was_not_urgent_and_what_was_read(server, tmp_path):
    midnight = schedule.day_start(MORNING) + schedule.DAY
    async with Running(settings(server, tmp_path), reader()) as one:
        counts = [
            Count(day=day, source=source, language=language, articles=number)
            for day, source, language, number in (
                *((f"2026-03-0{n}", "quiet.example", "id", 3) for n in (1, 2, 3, 4)),
                ("2026-03-05", "a.example", "id", 40),
                ("2026-03-05", "b.example", "en", 2),
            )
        ]
        await one.mailer.ask(lambda book: book.advance("t", {0: (0, 1)}, MORNING, counts=counts))
        await one.accept(digest("LY|RU|arms|", midnight), digest("SD|AE|arms|rsf", midnight))
        await asyncio.sleep(A_WHILE)
        assert server.mails() == []
        await one.pass_to(midnight + 5)
        await one.until(SENT=2)
    (mail,) = server.mails()
    assert mail["Subject"] == "Daily digest · 2026-03-05: 2 updated"
    assert mail["List-Id"] == "<digest.condotta.news.example>"
    assert len(mail["References"].split()) == 2
    told = text(mail)
    lines = told.splitlines()
    assert lines.index("Libya") < lines.index("Sudan")
    assert "Read in that time: 42 articles in Indonesian, English." in told
    assert "brought nothing: quiet.example." in told
    assert "Nothing was held back." in told


async def test_the_daily_digest_goes_out_also_when_empty_and_once(server, tmp_path):
    midnight = schedule.day_start(MORNING) + schedule.DAY
    chosen = settings(server, tmp_path)
    readers = [reader(), reader(id="no", to="no@x.example", empty_digest=False)]
    async with Running(chosen, *readers) as one:
        await asyncio.sleep(A_WHILE)
        assert server.mails() == []  # nothing is owed for the time before
        await one.pass_to(midnight + 1)
        await until(lambda: len(server.mails()) == 1)
    async with Running(chosen, *readers, at=midnight + 600) as one:
        await asyncio.sleep(A_WHILE)
        (mail,) = server.mails()
        assert mail["Subject"] == "Daily digest · 2026-03-05: nothing to tell"
        assert "Read in that time: no articles." in text(mail)
        await one.pass_to(midnight + schedule.DAY + 1)
        await until(lambda: len(server.mails()) == 2)
    assert len(set(server.ids())) == 2


async def test_an_hourly_digest_goes_out_when_its_hour_has_ended(server, tmp_path):
    hour = schedule.hour_start(MORNING) + schedule.HOUR
    async with Running(settings(server, tmp_path), reader()) as one:
        await one.accept(digest("LY|RU|arms|", hour))
        await one.pass_to(hour - 1)
        await asyncio.sleep(A_WHILE)
        assert server.mails() == []
        await one.pass_to(hour + 1)
        await one.until(SENT=1)
    assert server.mails()[0]["Subject"] == "Hourly digest · 2026-03-05 10:00: 1 updated"


async def test_in_quiet_hours_nothing_is_sent_and_nothing_is_lost(server, tmp_path):
    quiet = Quiet(start="22:00", end="07:00", zone="Asia/Jakarta")
    night = datetime(2026, 3, 5, 16, 0, tzinfo=UTC).timestamp()  # 23:00 there
    morning = datetime(2026, 3, 6, 0, 0, 1, tzinfo=UTC).timestamp()
    async with Running(settings(server, tmp_path), reader(quiet=quiet, empty_digest=False), at=night) as one:
        await one.accept(alert("LY|RU|arms|"), alert("LY|TR|arms|"))
        await one.pass_to(morning - 2)
        await asyncio.sleep(A_WHILE)
        assert server.mails() == []
        await one.pass_to(morning)
        await one.until(SENT=2)
    assert len(server.mails()) == 1


async def test_a_cap_is_shared_between_theatres_and_its_overflow_goes_into_the_digest(server, tmp_path):
    chosen = settings(server, tmp_path)
    async with Running(chosen, reader(per_hour=4, empty_digest=False)) as one:
        for number in range(4):
            await one.accept(alert(f"LY|RU|arms|side-{number}"))
            await asyncio.sleep(0.3)
            await one.pass_to(one.clock.at + 1)
            await asyncio.sleep(0.3)
        await one.accept(alert("SD|RU|arms|"))
        await one.until(SENT=3, PENDING=2)
        about = [mail["Subject"].split(" · ")[1] for mail in server.mails()]
        assert about == ["Libya", "Libya", "Sudan"]
        await one.pass_to(schedule.day_start(MORNING) + schedule.DAY + 1)
        await one.until(SENT=5)
    (last,) = [mail for mail in server.mails() if mail["Subject"].startswith("Daily")]
    assert "Held back: 2 above the hourly limit, told here." in text(last)


async def test_three_refusals_suspend_an_address_and_a_person_takes_it_up_again(
    server, tmp_path, monkeypatch
):
    chosen = settings(server, tmp_path)
    for name, value in (("DATA", chosen.data), ("ENV_FILE", ""), ("SMTP_PORT", chosen.smtp_port)):
        monkeypatch.setenv(f"CONDOTTA_{name}", str(value))
    async with Running(chosen, reader(to="nobody@x.example")) as one:
        for theatre in ("LY", "SD", "ML"):
            await one.accept(alert(f"{theatre}|RU|arms|"))
            await asyncio.sleep(0.2)
            await one.pass_to(one.clock.at + 1)
        await one.until(FAILED=3)
        await one.accept(alert("YE|IR|arms|houthis"))
        await asyncio.sleep(A_WHILE)
        assert states(chosen) == {"FAILED": 3, "PENDING": 1}
        assert one.mailer._metrics.suspended._value.get() == 1
    listed = CliRunner().invoke(mailroom, ["list"]).output
    assert listed.count("FAILED") == 3
    assert "condotta mail resume nobody@x.example" in listed
    assert CliRunner().invoke(mailroom, ["resume", "nobody@x.example"]).exit_code == 0
    async with Running(chosen, reader(to="nobody@x.example"), at=MORNING + 60) as one:
        await one.until(FAILED=4)


async def test_a_person_sends_and_drops_what_is_parked(server, tmp_path, monkeypatch):
    chosen = settings(server, tmp_path)
    for name, value in (("DATA", chosen.data), ("ENV_FILE", "")):
        monkeypatch.setenv(f"CONDOTTA_{name}", str(value))
    assert CliRunner().invoke(mailroom, ["list"]).exit_code == 1
    async with Running(chosen, reader(to="drop@x.example")) as one:
        await one.accept(alert("LY|RU|arms|"))
        await one.until(PARKED=1)
        await one.accept(alert("SD|RU|arms|"))
        await one.until(PARKED=2)
    first, second = sorted(server.mails(), key=lambda mail: "Sudan" in mail["Subject"])
    for verb, mail in (("send", first), ("drop", second)):
        ident = mail["Message-ID"].strip("<>")[:12]
        assert CliRunner().invoke(mailroom, [verb, ident]).exit_code == 0
    assert states(chosen) == {"WAITING": 1, "DROPPED": 1}
    assert CliRunner().invoke(mailroom, ["send", "nothing"]).exit_code == 1
    async with Running(chosen, reader(to="drop@x.example"), at=MORNING + 60) as one:
        await one.until(PARKED=1, DROPPED=1)
    assert server.ids().count(first["Message-ID"]) == 2


async def test_a_mute_takes_out_what_is_grouped_already(server, tmp_path):
    chosen = settings(server, tmp_path, group_wait=60)
    async with Running(chosen, reader()) as one:
        await one.accept(alert("LY|RU|arms|"), alert("LY|TR|arms|"))
        await one.mailer.ask(lambda book: book.stop(Stop(subscriber="desk", story="LY|RU|arms"), MORNING))
        await one.pass_to(MORNING + 61)
        await one.until(SENT=1, MUTED=1)
    assert server.mails()[0]["Subject"].startswith("NEW · Libya · Turkey")


async def test_a_host_that_is_away_for_ten_minutes_gets_all_mails_after(tmp_path, monkeypatch):
    monkeypatch.setattr("agents.mail.AWAY", (0.05,))
    away = Server(tmp_path / "mails")
    chosen = settings(away, tmp_path)
    async with Running(chosen, reader(empty_digest=False)) as one:
        for minute in range(10):
            await one.accept(alert(f"LY|RU|arms|side-{minute}"))
            await one.pass_to(MORNING + 60 * minute)
            await asyncio.sleep(0.1)
        assert states(chosen) == {"PENDING": 10}
        with away:
            await one.until(SENT=10)
    assert len(away.mails()) == 1
