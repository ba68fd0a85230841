"""How sure a claim is by its speakers: by weights made by hand."""

from collections.abc import Mapping

import msgspec
import pytest

from pipeline import claims
from pipeline.claims import credence, extraction
from pipeline.claims.reading import vocabulary_of
from tests import evaluation
from tests.pipeline.hand_weights import article, known, made

PLAIN = "Turkey sent drones to Libya, Colonel John Smith said."
MARKS = frozenset({"a", "b"})


def sure(text: str, weights: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str]]:
    found = claims.extract(article(text), known(msgspec.structs.replace(made(), credence=weights)))
    return [(one.status, one.epistemic) for one in found]


def weights(**biases: float) -> dict[str, dict[str, float]]:
    return {each: {credence.BIAS: biases.get(each, 0.0)} for each in credence.STATUSES}


@pytest.mark.parametrize(
    ("best", "axis"), [("confirmed", "acknowledged"), ("asserted", "asserted"), ("alleged", "alleged")]
)
def test_a_likelier_status_is_told(best: str, axis: str) -> None:
    assert sure(PLAIN, weights(**{best: 9.0})) == [(best, axis)]


def test_what_an_inquiry_says_is_found() -> None:
    text = "Turkey sent drones to Libya, a UN panel of experts said."
    assert sure(text, weights(confirmed=9.0)) == [("confirmed", "found")]


@pytest.mark.parametrize(
    "text",
    [
        "Turkey denied that it sent drones to Libya.",
        "Turkey will send drones to Libya, the ministry in Ankara said.",
        "Turkey withdrew its soldiers from Libya, officials in Ankara said.",
    ],
)
def test_what_is_denied_planned_or_over_stays_so(text: str) -> None:
    before = [(one.status, one.epistemic) for one in claims.extract(article(text), known(made()))]
    assert before
    assert sure(text, weights(alleged=9.0)) == before


def test_the_rules_win_where_nothing_is_clearly_likelier() -> None:
    none = weights()
    assert credence.likeliest(MARKS, "alleged", none) == "alleged"
    nearly = {**none, "confirmed": {"a": 0.1}}
    assert credence.likeliest(MARKS, "alleged", nearly) == "alleged"
    assert credence.likeliest(MARKS, "alleged", {**none, "confirmed": {"a": 1.0}}) == "confirmed"


def test_it_is_told_in_the_rules_of_a_claim() -> None:
    know = known(msgspec.structs.replace(made(), credence=weights(alleged=9.0)))
    shown = claims.examine(article(PLAIN), know)
    assert [one.rules[-1] for one in shown.candidates if one.held is None] == ["alleged by its speakers"]


def test_marks_name_no_land_and_no_person() -> None:
    know = evaluation.knowledge()
    vocabulary = vocabulary_of(know, "en")
    assert vocabulary is not None
    read = extraction.bound(article(PLAIN), know, vocabulary)
    marks = credence.marks_of(read.kept[0], 0, read.scene)
    assert {"by rule asserted", "type arms", "0 say"} <= marks
    words = {word for mark in marks for word in mark.split()}
    assert not {"TR", "LY", "Smith", "John", "Turkey"} & words
