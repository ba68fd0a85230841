"""A short turn of the generators; `make fuzz` runs them for as long as one likes."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.hostile import cases
from tests.hostile.strategies import cases as generated

pytestmark = pytest.mark.long


@pytest.mark.parametrize("stage", cases.STAGES, ids=lambda stage: stage.__name__)
def test_whatever_comes_each_stage_ends_without_a_fault(stage):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(generated)
    def turn(case):
        stage(case)

    turn()
