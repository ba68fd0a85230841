"""Learn what makes a claim confirmed, asserted or alleged; a part of `make weights`.

Every candidate that tells a labelled claim is an example; the weights are those of a multinomial logit.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.claims import credence
from pipeline.claims.extraction import Read
from pipeline.claims.judgement import status
from pipeline.claims.scene import Candidate
from tests.gold import score
from tests.sited import names_of

LEAST_SEEN = 3  # a mark of fewer claims is not weighed
TOO_LIGHT = 0.02  # a weight that is not written


@dataclass(slots=True)
class Vouched:
    """A claim: what tells how sure it is, its status by the rules, and those it is labelled with."""

    marks: credence.Marks
    by_rule: str
    labels: list[str]


def vouched(read: Read, label: Mapping[str, Any]) -> list[Vouched]:
    """Return the labelled claims that were found in an article, one for each principal and type."""
    out: dict[tuple[str, str], Vouched] = {}
    numbers = {id(s): n for n, s in enumerate(read.sentences)}
    weight = read.second.weight
    second = sorted(read.second.candidates, key=lambda one: -weight.get(id(one), 0.0))
    for one in (*read.kept, *(one for one in second if one.held is None)):
        if one.hand is None or (one.hand.principal, one.type) in out:
            continue
        labels = _labels(one, label["claims"])
        by_rule = status(one.epistemic, one.realis, one.change)  # type: ignore[arg-type]
        if labels and by_rule in credence.STATUSES:
            marks = credence.marks_of(one, numbers[id(one.sentence)], read.scene)
            out[one.hand.principal, one.type] = Vouched(marks, by_rule, labels)
    return list(out.values())


def _labels(one: Candidate, rows: Sequence[Sequence[str]]) -> list[str]:
    told = [r for r in rows if score.accepted(r[0]) & names_of(one) and one.type in score.accepted(r[1])]
    return [each for row in told for each in str(score.first(row[3])).split("|")]


def learn(found: Iterable[Vouched]) -> dict[str, dict[str, float]]:
    """Return the weights of marks for each status."""
    told = [(one, label) for one in found if (label := _label(one)) is not None]
    seen = Counter(mark for one, _ in told for mark in one.marks)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [{mark: 1.0 for mark in one.marks if seen[mark] >= LEAST_SEEN} for one, _ in told]
    )
    model = LogisticRegression(C=0.1, max_iter=500)
    model.fit(matrix, [label for _, label in told])
    names = [str(name) for name in vectorizer.get_feature_names_out()]
    out: dict[str, dict[str, float]] = {}
    for each, bias, row in zip(model.classes_, model.intercept_, model.coef_, strict=True):
        own = {
            name: round(float(weight), 2)
            for name, weight in zip(names, row, strict=True)
            if abs(weight) >= TOO_LIGHT
        }
        out[str(each)] = {credence.BIAS: round(float(bias), 2), **own}
    return out


def _label(one: Vouched) -> str | None:
    """Return the label to learn: that of the rules where it is right, else the first."""
    if one.by_rule in one.labels:
        return one.by_rule
    return next((label for label in one.labels if label in credence.STATUSES), None)


def right(found: Iterable[Vouched], weights: Mapping[str, Mapping[str, float]] | None) -> tuple[int, int]:
    """Count the claims whose status is right, by the rules alone without weights, and all of them."""
    all_ = hits = 0
    for one in found:
        given = one.by_rule
        if weights:
            given = credence.likeliest(one.marks, given, weights)
        hits += given in one.labels
        all_ += 1
    return hits, all_
