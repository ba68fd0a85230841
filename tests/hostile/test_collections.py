"""Every case of the collections enters every stage."""

import pytest

from tests.hostile import cases

pytestmark = pytest.mark.long

PARTS = 16  # the first is among the fast tests
LEAST = 2000  # cases that enter each stage
EVERY = cases.every()


def test_there_are_enough_cases():
    assert len(EVERY) >= LEAST
    assert len({case for _, case in EVERY}) >= LEAST


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(n, marks=pytest.mark.integration) for n in range(1, PARTS))]
)
@pytest.mark.parametrize("stage", cases.STAGES, ids=lambda stage: stage.__name__)
def test_a_hostile_case(stage, part):
    for name, case in EVERY[part::PARTS]:
        try:
            stage(case)
        except Exception as exc:
            raise AssertionError(f"{name}: {case[:200]!r}") from exc


def test_the_checks_see_what_they_must():
    with pytest.raises(AssertionError):
        cases.holds(cases.chain.Trip(stage="clean", outcome="dead", fault=True))
    assert "script" not in cases.TAGS
