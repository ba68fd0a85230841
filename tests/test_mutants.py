"""The patches of `make mutants` fit the code as it is; that a test notices them, the command itself shows."""

import pytest

from tests.mutants import patches


@pytest.mark.parametrize("patch", patches.load(), ids=lambda patch: patch.name)
def test_a_patch_takes_something_away_from_the_code_as_it_is(patch):
    patches.apply(patch, patches.ROOT, "--check")
    assert patches.hunks(patch)
    for node in patch.tests:
        file, _, name = node.partition("::")
        assert name.partition("[")[0] in (patches.ROOT / file).read_text("utf-8"), node
