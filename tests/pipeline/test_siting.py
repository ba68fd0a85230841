"""Where a claim belongs among the wars an article names: by weights made by hand."""

import msgspec
import pytest

from pipeline import claims
from pipeline.claims import extraction, siting
from pipeline.claims.reading import vocabulary_of
from pipeline.knowledge import Weights
from tests import evaluation
from tests.pipeline.hand_weights import article, known, made

TWO_WARS = "Fighting went on in Sudan. Fighting went on in Libya. Turkey sent drones to Libya."


def sited(**marks: float) -> Weights:
    return msgspec.structs.replace(made(), sited=marks)


def placed(text: str, **marks: float) -> list[tuple[str, str, str]]:
    found = claims.extract(article(text), known(sited(**marks)))
    return [(one.supporter.principal, one.type, one.theatre) for one in found]


def test_a_claim_goes_to_the_land_that_weighs_most() -> None:
    assert placed(TWO_WARS) == [("TR", "arms", "LY")]
    assert placed(TWO_WARS, here=1.0) == [("TR", "arms", "LY")]
    assert placed(TWO_WARS, here=-1.0) == [("TR", "arms", "SD")]


def test_of_two_lands_that_weigh_the_same_the_one_of_the_frames_stays() -> None:
    assert placed(TWO_WARS, title=5.0) == [("TR", "arms", "LY")]


def test_no_weight_places_a_claim_in_its_own_land_or_one_that_is_not_at_war() -> None:
    text = "Fighting went on in Syria and in Sudan. Syria sent soldiers to Libya. Norway watched."
    assert {theatre for _, _, theatre in placed(text, placed=-9.0)} <= {"SD", "LY"}


def test_who_is_helped_is_named_again_where_a_claim_moves() -> None:
    text = "Turkey sent drones to the RSF in Sudan. Fighting went on in Libya."
    moved = claims.extract(article(text, day="2024-03-01"), known(sited(placed=-9.0)))
    stayed = claims.extract(article(text, day="2024-03-01"), known(sited(placed=9.0)))
    assert [(one.theatre, one.recipient) for one in stayed] == [("SD", "rsf")]
    assert [(one.theatre, one.recipient) for one in moved] == [("LY", None)]


def test_what_a_mission_or_a_list_of_lands_places_is_not_moved() -> None:
    listed = "Fighting went on in Sudan. Russia sent weapons to Mali, Burkina Faso and Niger."
    assert {theatre for _, _, theatre in placed(listed, placed=-9.0)} >= {"BF", "NE"}
    mission = "Fighting went on in Sudan. Kenya sent soldiers to MONUSCO."
    found = {(type_, theatre) for _, type_, theatre in placed(mission, placed=-9.0)}
    assert found <= {("peace_operation", "CD")}
    assert found


def test_without_a_rule_nothing_is_moved() -> None:
    shown = claims.examine(article(TWO_WARS), known(sited(placed=-9.0)), without=(4,))
    assert [one.theatre for one in shown.claims] == ["LY"]


@pytest.mark.parametrize("lang", ["en", "id", "ru", "ar", "tr", "fr", "es"])
def test_marks_name_no_land_and_no_word(lang: str) -> None:
    text = {
        "en": TWO_WARS,
        "id": "Pertempuran berlanjut di Sudan. Turki mengirim drone ke Libya.",
        "ru": "Бои шли в Судане. Турция отправила беспилотники в Ливию.",
        "ar": "استمر القتال في السودان. أرسلت تركيا طائرات مسيرة إلى ليبيا.",
        "tr": "Sudan'da çatışmalar sürdü. Türkiye Libya'ya drone gönderdi.",
        "fr": "Les combats ont continué au Soudan. La Turquie a envoyé des drones en Libye.",
        "es": "Siguieron los combates en Sudán. Turquía envió drones a Libia.",
    }[lang]
    know = evaluation.knowledge()
    vocabulary = vocabulary_of(know, lang)
    assert vocabulary is not None
    read = extraction.bound(article(text, lang), know, vocabulary)
    map_ = siting.map_of(read.sentences, read.kept, read.scene)
    one = read.kept[0]
    marks = {land: siting.marks_of(one, land, read.scene, map_) for land in siting.options(one, read.scene)}
    assert set(marks) == {"SD", "LY"}
    assert marks["SD"] != marks["LY"]
    for mark in set().union(*marks.values()):
        assert not {"SD", "LY", "TR"} & set(mark.split())
