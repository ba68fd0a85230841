import json
import logging
import subprocess
import sys

import pytest

from agents import logs
from tests.hostile import cases


def written(message, *values, **more):
    record = logging.LogRecord("agents.runner", logging.ERROR, "", 0, message, values, None, **more)
    return logs.Lines("text").format(record)


@pytest.mark.parametrize(
    "text",
    ["a\nb", "\x1b[31mred", "\u202egnp.exe", "\u2028", "\x9b31m", '"}{"says": "forged"', "\ud800", "\x00"],
)
def test_what_a_stranger_wrote_stays_inside_its_line(text):
    line = written("dead letter of %s: %s", "clean", text)
    assert line.isascii() or line.isprintable()
    assert "\n" not in line
    told = json.loads(line)
    assert told["says"] == f"dead letter of clean: {text}"
    assert (told["level"], told["group"]) == ("error", "text")


def test_every_hostile_case_is_one_printable_line():
    for name, case in cases.every():
        line = written("a case: %s", cases.text_of(case))
        assert not logs.UNSAFE.search(line), name
        assert not any(ord(sign) < 32 for sign in line), name
        assert json.loads(line)["says"].startswith("a case: ")


def test_a_trace_is_part_of_the_line():
    try:
        raise KeyError("a\nb")
    except KeyError:
        record = logging.LogRecord("faust", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    told = json.loads(logs.Lines().format(record))
    assert told["trace"].startswith("Traceback")
    assert told["from"] == "faust"


def test_a_library_that_says_the_same_again_and_again_is_heard_once_in_a_while():
    sparing, heard = logs.Sparing(), []
    for tenth in range(121):
        for name, message in (("aiokafka", "no way to %s"), ("aiokafka", "other"), ("agents.runner", "ours")):
            record = logging.LogRecord(name, logging.ERROR, "", 0, message, ("1",), None)
            record.args = ("1",) if "%s" in message else ()
            record.created = 1000.0 + tenth / 10
            if sparing.filter(record):
                heard.append(record.getMessage())
    assert heard.count("ours") == 121
    assert [each for each in heard if each != "ours"] == [
        "no way to 1", "other", "no way to 1 (99 more like it)", "other (99 more like it)",
    ]  # fmt: skip


LOST = """
import threading
from agents import logs
logs.start("info", "condotta-text")
class Late:
    def __del__(self): raise ValueError("c\\nd")
Late()
thread = threading.Thread(target=lambda: {}["a\\nb"])
thread.start()
thread.join()
raise OSError("e\\nf")
"""


def test_what_nobody_caught_is_told_in_lines_too():
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60)
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert [each["trace"].splitlines()[-1].split(":")[0] for each in said] == ["d", "KeyError", "f"]
    assert "ValueError: c" in said[0]["trace"]
    assert "OSError" in said[2]["says"]
