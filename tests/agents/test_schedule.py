"""Quiet hours, the ends of digests, a fair share of an hour."""

from datetime import UTC, datetime

import pytest

from agents import schedule
from pipeline.types import Quiet
from tests.alerting import reader


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("quiet", "now", "awake"),
    [
        (("22:00", "07:00", "UTC"), "2026-03-05T21:59", "2026-03-05T21:59"),
        (("22:00", "07:00", "UTC"), "2026-03-05T22:00", "2026-03-06T07:00"),
        (("22:00", "07:00", "UTC"), "2026-03-06T06:59", "2026-03-06T07:00"),
        (("22:00", "07:00", "UTC"), "2026-03-06T07:00", "2026-03-06T07:00"),
        (("12:00", "13:30", "UTC"), "2026-03-06T13:00", "2026-03-06T13:30"),
        (("22:00", "07:00", "Asia/Jakarta"), "2026-03-05T15:30", "2026-03-06T00:00"),
        (
            ("22:00", "07:00", "Europe/Berlin"),
            "2026-03-29T00:30",
            "2026-03-29T05:00",
        ),  # the clock goes forward
        (("22:00", "07:00", "Europe/Berlin"), "2026-10-25T00:30", "2026-10-25T06:00"),  # and back
    ],
)
def test_quiet_hours_end_in_their_own_zone(quiet, now, awake):
    found = schedule.awake(Quiet(start=quiet[0], end=quiet[1], zone=quiet[2]), at(now))
    assert datetime.fromtimestamp(found, UTC).isoformat()[:16] == awake


def test_without_quiet_hours_one_is_awake():
    assert schedule.awake(None, 5.0) == 5.0


@pytest.mark.parametrize(
    ("theatre", "mailed", "waiting", "fits"),
    [
        ("LY", {}, ["LY"], True),
        ("LY", {"LY": 1}, ["LY"], True),
        ("LY", {"LY": 2}, ["LY"], False),  # the other half is for the others
        ("SD", {"LY": 2}, ["SD"], True),
        ("SD", {"LY": 2, "SD": 2}, ["SD"], False),
        ("ML", {"LY": 2, "SD": 1}, ["ML", "SD"], True),
        ("SD", {"LY": 2, "SD": 1, "ML": 1}, ["SD"], False),
    ],
)
def test_an_hour_is_shared_between_theatres(theatre, mailed, waiting, fits):
    assert schedule.allowed(reader(per_hour=4), theatre, mailed, waiting) is fits


def test_who_reads_of_one_theatre_has_the_hour_for_it():
    assert schedule.allowed(reader(per_hour=4, theatres=("LY",)), "LY", {"LY": 3}, ["LY"])
    assert not schedule.allowed(reader(per_hour=4, theatres=("LY",)), "LY", {"LY": 4}, ["LY"])


def test_without_a_cap_all_fits():
    assert schedule.allowed(reader(), "LY", {"LY": 999}, ["LY"])
