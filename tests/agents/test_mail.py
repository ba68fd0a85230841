"""The mailer's rounds, by a clock turned by hand and without a server: what goes when, what is kept."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from agents import mail, schedule
from agents.mail import Mailer
from agents.settings import Settings
from pipeline.knowledge import load
from pipeline.types import Quiet
from tests.alerting import alert, reader

MORNING = datetime(2026, 3, 5, 9, 0, 30, tzinfo=UTC).timestamp()
MIDNIGHT = schedule.day_start(MORNING) + schedule.DAY


class Sent:
    """Takes every mail, in place of a server."""

    def __init__(self, *_):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def reach(self, recipient):
        pass

    async def send(self, recipient, delivery, content):
        return 250, "taken"


class Desk:
    """A mailer that leads, and whose rounds are run one by one."""

    def __init__(self, folder, at, *readers):
        self.at = at
        settings = Settings(data=folder, group_wait=1, group_interval=1)
        self.mailer = Mailer(settings, knowledge=load(), readers=readers, clock=lambda: self.at)

    async def round(self, at):
        """Have what is due at `at` sent; return the states of all alerts."""
        self.at = at
        await self.mailer._round(("mail",))
        return await self.mailer.ask(lambda book: book.counts())

    async def subjects(self):
        found = "SELECT subject FROM mails ORDER BY began, subject"
        return [row["subject"] for row in await self.mailer.ask(lambda book: book._all(found))]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "Post", Sent)

    @asynccontextmanager
    async def running(*readers, at=MORNING):
        one = Desk(tmp_path, at, *readers)
        await one.mailer._office.open()
        try:
            yield one
        finally:
            await one.mailer.stop()

    return running


def digest(key, due):
    return msgspec.structs.replace(
        alert(key, "families:2", channel="digest"), due=datetime.fromtimestamp(due, UTC)
    )


async def test_what_is_above_the_cap_stands_in_the_digest(desk):
    told = [alert(f"{theatre}|RU|arms|side-{n}") for theatre in ("LY", "SD", "ML") for n in range(3)]
    async with desk(reader(per_hour=1, empty_digest=False)) as one:
        await one.mailer.accept(told)
        assert await one.round(MORNING + 2) == {"SENT": 3, "PENDING": 6}
        assert await one.round(MORNING + 60) == {"SENT": 3, "PENDING": 6}
        assert await one.round(MIDNIGHT + 1) == {"SENT": 9}
        assert "Daily digest" in (await one.subjects())[-1]


async def test_a_digest_tells_what_a_mailer_that_was_away_for_days_owes(desk):
    old = [digest(f"LY|RU|arms|side-{n}", MIDNIGHT - n * schedule.DAY) for n in range(3)]
    async with desk(reader(empty_digest=False), at=MIDNIGHT - 3 * schedule.DAY) as one:
        await one.mailer.accept(old)
        assert await one.round(MIDNIGHT + 1) == {"SENT": 3}


async def test_a_digest_that_is_too_long_leaves_the_rest_for_the_next(desk, monkeypatch):
    monkeypatch.setattr("agents.writer.DIGEST", 2)
    async with desk(reader(empty_digest=False)) as one:
        await one.mailer.accept([digest(f"LY|RU|arms|side-{n}", MIDNIGHT) for n in range(5)])
        counts = [await one.round(MIDNIGHT + 1 + day * schedule.DAY) for day in range(3)]
    assert counts == [{"SENT": 2, "PENDING": 3}, {"SENT": 4, "PENDING": 1}, {"SENT": 5}]


async def test_a_daily_digest_goes_out_once_also_when_empty(desk):
    async with desk(reader()) as one:
        await one.round(MORNING)
        for _ in range(2):
            await one.round(MIDNIGHT + 60)
        assert len(await one.subjects()) == 1


async def test_nothing_goes_out_in_quiet_hours_and_everything_after(desk):
    quiet = Quiet(start="22:00", end="07:00", zone="Asia/Jakarta")
    night = datetime(2026, 3, 5, 16, 0, tzinfo=UTC).timestamp()  # 23:00 there
    async with desk(reader(quiet=quiet, empty_digest=False), at=night) as one:
        await one.mailer.accept([alert(), digest("SD|RU|arms|saf", night)])
        assert await one.round(night + 10) == {"PENDING": 2}
        assert await one.round(night + 8 * schedule.HOUR - 1) == {"PENDING": 2}
        assert await one.round(night + 8 * schedule.HOUR) == {"SENT": 2}


async def test_an_alert_of_somebody_who_is_not_in_the_file_waits(desk):
    async with desk(reader()) as one:
        await one.mailer.accept([alert(subscriber="gone"), alert()])
        assert await one.round(MORNING + 2) == {"SENT": 1, "PENDING": 1}


async def test_a_retraction_is_mailed_to_those_who_were_told(desk):
    async with desk(reader(), reader(id="other", actors=("TR",))) as one:
        await one.mailer.accept([alert()])
        await one.round(MORNING + 2)
        back = {"step": "retracted", "rank": 0, "epistemic": "retracted"}
        await one.mailer.accept([alert(**back), alert(subscriber="other", **back)])
        assert await one.round(MORNING + 600) == {"SENT": 2, "UNTOLD": 1}
        assert await one.subjects() == [
            "NEW · Libya · Russia: arms for LNA (asserted)",
            "RETRACTED · Libya · Russia: arms for LNA",
        ]
