from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from agents.chain import Incoming
from agents.dead import Wanted, command, resent, table
from tests.fakes import raw


def letter(**told):
    headers = {"stage": "clean", "topic": "news.raw", "error": "Not UTF-8", "attempts": "1"} | told
    return Incoming(
        topic="news.dead", value=raw(), headers=tuple((name, text.encode()) for name, text in headers.items())
    )


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"stage": "clean"}, True),
        ({"stage": "claims"}, False),
        ({"topic": "news.raw", "error": "utf-8"}, True),
        ({"error": "timeout"}, False),
        ({"article": "a1"}, True),
        ({"article": "a2"}, False),
    ],
)
def test_filters_narrow_the_list(wanted, fits):
    assert Wanted(**wanted).fits(letter()) is fits


def test_a_hostile_error_cannot_move_the_terminal():
    cells = table([letter(error="red\x1b[31m\nand more")]).columns[-1].cells
    assert [str(cell) for cell in cells] == ["red�[31m and more"]


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def died(hours):
    return {"died": (NOW - timedelta(hours=hours)).isoformat(), "traceparent": "00-1"}


def test_a_letter_goes_back_untouched_to_where_it_came_from():
    found = resent(letter(**died(1)), NOW, live=False)
    assert (found.topic, found.value) == ("news.raw", raw())
    assert dict(found.headers) == {"traceparent": b"00-1", "replayed": b"0:0"}


@pytest.mark.parametrize(
    ("hours", "live", "backfill"), [(71, False, False), (73, False, True), (73, True, False)]
)
def test_what_died_long_ago_is_only_remembered(hours, live, backfill):
    headers = resent(letter(**died(hours)), NOW, live=live).headers
    assert (("backfill", b"1") in headers) is backfill


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"topic": "elsewhere"}, "it came from 'elsewhere', which no stage reads"),
        ({"left-out": "9"}, "it was too large for a dead letter: its bytes are where they came from"),
    ],
)
def test_what_cannot_go_back_is_told(told, says):
    assert resent(letter(**died(1), **told), NOW, live=False) == says


def test_a_replay_of_everything_has_to_be_said():
    done = CliRunner().invoke(command, ["replay"])
    assert done.exit_code == 2
    assert "--all" in done.output


@pytest.mark.parametrize("place", ["3", "a:b", "3:", ":1", "-1:2", "²:1"])
def test_a_place_is_partition_and_offset(place):
    done = CliRunner().invoke(command, ["show", "--", place])
    assert done.exit_code == 2
    assert "is no place like 3:17" in done.output


def test_an_unknown_stage_is_refused():
    done = CliRunner().invoke(command, ["list", "--stage", "cleaning"])
    assert done.exit_code == 2
    assert "is not one of" in done.output
