"""Learn what the lands of an article weigh as the theatre of a claim; a part of `make weights`.

Every candidate that tells a labelled claim is one choice among the lands it could belong to: the weights are
those of a conditional logit, by which the labelled theatre is as likely as can be.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.claims import siting
from pipeline.claims.extraction import Read
from pipeline.claims.scene import Candidate
from tests.gold import score

LEAST_SEEN = 4  # a mark of fewer lands is not weighed
TOO_LIGHT = 0.02  # a weight that is not written
STIFFNESS = 8.0  # of the weights, against learning single articles


@dataclass(slots=True)
class Choice:
    """The marks of each land a candidate could belong to, and whether it is a labelled theatre."""

    marks: list[siting.Marks]
    right: list[bool]


def names_of(one: Candidate) -> set[str]:
    """Return what the principal of a candidate may be labelled as."""
    hand = one.hand
    return {hand.principal.lower(), (hand.executor or hand.principal).lower()} if hand is not None else set()


def choices(read: Read, label: Mapping[str, Any]) -> list[Choice]:
    """Return the choices of an article: none for candidates that tell no labelled claim, or of one land."""
    out = []
    map_ = siting.map_of(read.sentences, read.kept, read.scene)
    for one in (*read.candidates, *read.second.candidates):
        if not siting.movable(one):
            continue
        rows = (*label["claims"], *(label.get("optional") or []))
        told = [r for r in rows if score.accepted(r[0]) & names_of(one) and one.type in score.accepted(r[1])]
        wanted = set().union(*(score.accepted(row[2]) for row in told))
        lands = siting.options(one, read.scene)
        right = [land.lower() in wanted for land in lands]
        if any(right) and not all(right):
            out.append(Choice([siting.marks_of(one, land, read.scene, map_) for land in lands], right))
    return out


def learn(found: Iterable[Choice]) -> dict[str, float]:
    """Return the weights of marks by which the right lands are likeliest."""
    chosen = list(found)
    seen = Counter(mark for one in chosen for marks in one.marks for mark in marks)
    numbers = {
        mark: n for n, mark in enumerate(sorted(m for m, times in seen.items() if times >= LEAST_SEEN))
    }
    right = np.array([each for one in chosen for each in one.right], dtype=float)
    matrix = _matrix([marks for one in chosen for marks in one.marks], numbers)
    sizes = np.array([len(one.right) for one in chosen])
    found_ = minimize(
        _loss, np.zeros(len(numbers)), (matrix, right, sizes), jac=True, method="L-BFGS-B",
        options={"maxiter": 200},
    )  # fmt: skip
    return {
        mark: round(float(found_.x[n]), 2) for mark, n in numbers.items() if abs(found_.x[n]) >= TOO_LIGHT
    }


def _matrix(marks: Sequence[siting.Marks], numbers: Mapping[str, int]) -> csr_matrix:
    columns = [[numbers[mark] for mark in sorted(each) if mark in numbers] for each in marks]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.array([n for each in columns for n in each], dtype=np.int32)
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(marks), len(numbers)))


def _loss(
    weights: NDArray[np.float64], matrix: csr_matrix, right: NDArray[np.float64], sizes: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Return how unlikely the right lands are by some weights, and the slope of that."""
    starts, owner = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes)
    logits = matrix @ weights
    heights = np.exp(logits - np.maximum.reduceat(logits, starts)[owner])
    all_, good = np.add.reduceat(heights, starts), np.add.reduceat(heights * right, starts)
    loss = float((np.log(all_) - np.log(good)).sum() + STIFFNESS / 2 * weights @ weights)
    slope = matrix.T @ (heights / all_[owner] - heights * right / good[owner]) + STIFFNESS * weights
    return loss, slope
