"""Likelihood: what marks and trees add up to, and what the file of weights holds."""

import itertools
import math
from typing import Any

import pytest
from msgspec import structs

from pipeline.claims import extraction, likelihood
from pipeline.claims.pairings import Cue, Pairing
from pipeline.claims.reading import vocabulary_of
from pipeline.claims.world import Hand
from pipeline.knowledge import Weights
from tests import evaluation
from tests.pipeline.hand_weights import NEWS, UNSURE, article, known, made

# The trees


def test_trees_add_up_to_logits() -> None:
    first = [("weight", 0.5, 1, 2), -1.0, ("times", 3.0, 3, 4), 0.25, 2.0]
    second = [("in lead", 0.5, 1, 2), 0.5, -0.5]
    weights = made(first, second, base=-0.3)
    for traits, total in (
        ({"weight": 0.5, "times": 9.0, "in lead": 0.0}, -0.3 - 1.0 + 0.5),
        ({"weight": 0.6, "times": 3.0, "in lead": 1.0}, -0.3 + 0.25 - 0.5),
        ({"weight": 0.6, "times": 3.5, "in lead": 1.0}, -0.3 + 2.0 - 0.5),
    ):
        assert likelihood.likelihood(traits, weights) == pytest.approx(1 / (1 + math.exp(-total)))


def test_without_trees_the_base_is_all() -> None:
    assert likelihood.likelihood({}, made(base=0.0)) == 0.5
    assert likelihood.likelihood({"weight": 4.0}, made(base=1.0)) == pytest.approx(0.731, abs=1e-3)


@pytest.mark.parametrize(("most", "leaf"), [(0.0, 1.0), (-0.5, 2.0)])
def test_a_missing_trait_counts_as_nothing(most: float, leaf: float) -> None:
    weights = made([("state", most, 1, 2), 1.0, 2.0])
    assert likelihood.likelihood({}, weights) == likelihood.likelihood({"state": 0.0}, weights)
    assert likelihood.likelihood({}, weights) == pytest.approx(1 / (1 + math.exp(-leaf)))


@pytest.mark.parametrize("total", [1e3, 1e300, -1e3, -1e300])
def test_a_huge_sum_does_not_overflow(total: float) -> None:
    found = likelihood.likelihood({}, made([total], [total]))
    assert 0.0 <= found <= 1.0
    assert found == pytest.approx(float(total > 0), abs=1e-9)


def pairing(marks: Any) -> Pairing:
    nothing: Any = None
    cue = Cue(nothing, "arms", "thing:weapon", nothing, "act", "act:transfer")
    return Pairing(Hand("RW"), nothing, cue, nothing, marks, frozenset(), frozenset())


def test_a_pairing_weighs_what_its_marks_do_together() -> None:
    weights = made(bias=-1.0, subject=0.5, near=0.25)
    found = likelihood.weigh(pairing(frozenset({"subject", "near", "unheard"})), weights, 2.0)
    assert found == pytest.approx(-1.0 + 0.5 + 0.25 + 2.0)


def test_a_mark_weighs_more_or_less_in_its_type() -> None:
    weights = structs.replace(made(subject=0.5, near=0.25), typed={"arms": {"near": -1.0, "far": 3.0}})
    found = likelihood.weigh(pairing(frozenset({"subject", "near"})), weights, 0.0)
    assert found == pytest.approx(0.5 + 0.25 - 1.0)
    assert weights.of_type("troops") == weights.marks
    assert weights.of_type("arms") == {"subject": 0.5, "near": -0.75, "far": 3.0}


def test_a_weight_is_the_same_in_whatever_order_marks_come() -> None:
    weights = made(a=0.1, b=0.2, c=0.3)
    found = {likelihood.weigh(pairing(marks), weights, 0.0) for marks in itertools.permutations("abc")}
    assert len(found) == 1


# The file


@pytest.fixture(scope="module")
def weights() -> Weights:
    found = evaluation.knowledge().weights
    assert found is not None
    return found


def test_the_file_has_marks_and_trees(weights: Weights) -> None:
    assert weights.marks
    assert weights.trees
    assert 0 < weights.least <= weights.fresh < 1


def test_every_way_down_a_tree_ends_in_a_leaf(weights: Weights) -> None:
    for tree in weights.trees:
        assert tree
        for n, node in enumerate(tree):
            if isinstance(node, tuple):
                assert n < node[2] < len(tree)
                assert n < node[3] < len(tree)


def producible() -> set[str]:
    """Return the names of traits that the second step judges the pairs of an article by."""
    know = known(made([9.0]))
    vocabulary = vocabulary_of(know, "en")
    assert vocabulary is not None
    read = extraction.bound(article(NEWS + " " + UNSURE), know, vocabulary)
    pairs = likelihood.pairs_of(read.second.weighed, read.candidates, read.kept, read.scene)
    told_of = likelihood.told_of(read.sentences, read.scene)
    return set().union(*likelihood.traits_of(pairs, told_of, read.scene))


def test_trees_ask_for_traits_that_there_are(weights: Weights) -> None:
    asked = {node[0] for tree in weights.trees for node in tree if isinstance(node, tuple)}
    unknown = asked - producible()
    assert {name for name in unknown if not name.startswith(("type ", "claimed ", "held ", "rule "))} == set()
