import pytest
from click.testing import CliRunner

from agents.chain import Incoming
from agents.dead import Wanted, command, table
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


@pytest.mark.parametrize("place", ["3", "a:b", "3:", ":1", "-1:2", "²:1"])
def test_a_place_is_partition_and_offset(place):
    done = CliRunner().invoke(command, ["show", "--", place])
    assert done.exit_code == 2
    assert "is no place like 3:17" in done.output


def test_an_unknown_stage_is_refused():
    done = CliRunner().invoke(command, ["list", "--stage", "cleaning"])
    assert done.exit_code == 2
    assert "is not one of" in done.output
