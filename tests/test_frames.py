"""The floors of the frame's fields, and that there are enough labels to measure them."""

import json
from functools import lru_cache
from pathlib import Path

import pytest

from tests import frames

FLOORS = json.loads((Path(__file__).parent / "quality.json").read_text("utf-8"))["frames"]
LEAST = 60  # labelled values of each field, a third of them null or the default


@lru_cache
def result(language: str) -> frames.Result:
    return frames.measure(frames.own(language))


@pytest.mark.long
@pytest.mark.parametrize("language", FLOORS)
def test_every_field_has_enough_labels(language: str) -> None:
    for name, tally in result(language).fields.items():
        assert tally.labels >= LEAST, name
        assert 3 * tally.empty >= tally.labels, name
        assert tally.wanted, name


@pytest.mark.long
@pytest.mark.parametrize("language", FLOORS)
def test_no_field_falls_below_its_floor(language: str) -> None:
    assert set(FLOORS[language]) == set(frames.DEFAULTS)
    for name, floor in FLOORS[language].items():
        tally = result(language).fields[name]
        assert (tally.f1 or 0.0) >= floor, "\n".join(tally.wrong)


def test_a_field_without_labels_is_unmeasured() -> None:
    claim = {"supporter": {}, "attribution": (), "equipment": (), "epistemic": "asserted"}
    one = frames.measure([("here", {}, claim)]).fields
    assert one["executor"].f1 is None
    assert one["epistemic"].f1 == 1.0


def test_wrong_missed_and_needless_values_all_cost() -> None:
    label = {
        "recipient": "UA",
        "equipment": ["javelin"],
        "quantity": {"min": 3, "max": None, "unit": "items"},
    }
    right = {"min": 3, "max": None, "unit": "items", "raw": "at least three"}
    claim = {"supporter": {"executor": "sadat"}, "attribution": (), "equipment": ("javelin", "nlaw"),
             "quantity": right, "recipient": "RU"}  # fmt: skip
    one = frames.measure([("here", label, claim)]).fields
    assert (one["recipient"].f1, one["quantity"].f1, one["executor"].precision) == (0.0, 1.0, 0.0)
    assert one["equipment"].f1 == pytest.approx(2 / 3)


def test_a_time_is_compared_as_exactly_as_its_label() -> None:
    label = {"start": "2021-07-01", "end": None, "precision": "month"}
    assert frames.same("event_time", label, {"start": "2021-07-09", "end": None, "precision": "day"})
    assert not frames.same("event_time", label, {"start": "2021-08-01", "end": None, "precision": "month"})
    assert not frames.same(
        "event_time", label, {"start": "2021-07-01", "end": "2021-07-02", "precision": "day"}
    )
