"""How an actor and a cue of one sentence are paired, and the marks that describe the two."""

import re
import time
from typing import get_args

import pytest

from pipeline import claims
from pipeline.claims.pairings import MAX_PAIRINGS, Pairing, pairings
from pipeline.claims.reading import scene_of, sentences_of, vocabulary_of
from pipeline.types import EntityKind, InvolvementType
from tests import evaluation

DAY = "2023-03-01"
SENT = {
    "en": "Rwanda sent soldiers to Mozambique.",
    "id": "Rwanda mengirim tentara ke Mozambik.",
    "fr": "Le Rwanda a envoyé des soldats au Mozambique.",
    "es": "Ruanda envió soldados a Mozambique.",
    "ru": "Руанда отправила солдат в Мозамбик.",
    "tr": "Ruanda Mozambik'e asker gönderdi.",
    "ar": "أرسلت رواندا جنودا إلى موزمبيق.",
}
DENIED = {
    "en": "The Kremlin denied that the Wagner Group, led by Prigozhin, had trained rebels in Congo.",
    "id": "Uni Emirat Arab tidak mengirim drone Bayraktar kepada RSF di Sudan, kata PBB pada hari Senin.",
    "fr": "L'Égypte aurait livré des chars à l'armée de Haftar en Libye, selon un rapport de l'ONU.",
    "es": "Si Irán entregó misiles a los hutíes de Yemen, dijo el embajador, habrá sanciones.",
    "ru": "По словам Киева, Россия обучала бойцов группы Вагнера на базе в Центральноафриканской Республике.",
    "tr": "Birleşmiş Milletler raporuna göre İran, Yemen'deki Husilere füze gönderdi.",
    "ar": "نفت مصر أن تكون قد أرسلت دبابات إلى قوات حفتر في ليبيا.",
}
CROWD = "Russia Libya Turkey Syria Egypt sent weapons "


def paired(text: str, lang: str = "en") -> list[list[Pairing]]:
    """Return the pairings of each sentence of a text."""
    know = evaluation.knowledge()
    vocabulary = vocabulary_of(know, lang)
    assert vocabulary is not None
    article = evaluation.sentence_article(text, lang, DAY)
    sentences = list(sentences_of(article, vocabulary))
    scene = scene_of(article, sentences, know)
    scene.order = vocabulary.order
    return [list(pairings(each, n, len(sentences), scene)) for n, each in enumerate(sentences)]


def of(found: list[Pairing], principal: str, type_: str) -> list[Pairing]:
    return [one for one in found if (one.hand.principal, one.cue.type) == (principal, type_)]


@pytest.mark.parametrize("lang", SENT)
def test_an_actor_is_paired_with_the_cue_of_its_sentence(lang: str) -> None:
    (found,) = paired(SENT[lang], lang)
    (one,) = of(found, "RW", "troops")
    assert one.cue.kind == "thing:troops"
    assert one.cue.act_name == "transfer"
    assert of(found, "MZ", "troops"), "whoever is named may have done it"


@pytest.mark.parametrize("lang", ["en", "id", "fr", "es", "ru"])  # where the subject stands left of the act
def test_who_sends_is_the_subject_and_who_is_sent_to_is_not(lang: str) -> None:
    (found,) = paired(SENT[lang], lang)
    (sender,), (receiver,) = of(found, "RW", "troops"), of(found, "MZ", "troops")
    assert {"subject", "subject act transfer", "d L1" if lang != "fr" else "subject L"} <= sender.marks
    assert "subject" not in receiver.marks
    assert "other subject" in receiver.marks


def test_a_passive_has_an_agent() -> None:
    (found,) = paired("Soldiers were sent to Mozambique by Rwanda.")
    (one,) = of(found, "RW", "troops")
    assert {"agent", "passive"} <= one.marks


@pytest.mark.parametrize(
    "text", ["Soldiers were sent to the front.", "Rwanda and Mozambique are in Africa.", "It rained.", "…"]
)
def test_a_sentence_without_actor_or_without_cue_has_no_pairings(text: str) -> None:
    assert paired(text) == [[]]


def test_an_actor_is_not_paired_with_the_cue_of_another_sentence() -> None:
    first, second = paired("Rwanda is in Africa. Egypt sent tanks to Sudan.")
    assert first == []
    assert {one.hand.principal for one in second} == {"EG", "SD"}


def test_a_weapon_is_a_cue_and_no_actor() -> None:
    (found,) = paired("Egypt sent T-72 tanks to Sudan.")
    assert {one.hand.principal for one in found} == {"EG", "SD"}
    assert of(found, "EG", "arms")


def test_a_company_of_mercenaries_acts_for_its_state() -> None:
    (found,) = paired("The Wagner Group sent mercenaries to Mali.")
    assert {one.hand.executor for one in of(found, "RU", "mercenaries")} == {"wagner-group"}


def test_a_crowd_of_names_is_not_paired_to_its_end() -> None:
    for found in paired(CROWD * 100):
        assert len(found) < MAX_PAIRINGS + len({id(one.mention) for one in found})


def test_a_long_text_of_names_ends() -> None:
    article = evaluation.sentence_article(CROWD * 120, "en", DAY)
    began = time.process_time()  # a busy machine must not fail it
    claims.extract(article, evaluation.knowledge())
    assert time.process_time() - began < 10  # 0.6 s on a quiet machine


# Marks

FIXED = """
    t cue act deed m own d dk kind case way s thing third others verbs actors stops subject agent owner none
    other passive where same clause verb no lead title speaking maker aside owns another near nearR False True
    o between is home named party elsewhere nobody else outsider
    direct loose backer words - L R conditional sum peoples nom nominative acc of in to from with by
"""  # the last are classes of the parser's own, in no sheet
OWN = frozenset([*FIXED.split(), *get_args(InvolvementType), *get_args(EntityKind)])
PLACES = re.compile(r"[LR]?(?:\d|12|20|far)?")
CLASSED = ("act", "deed", "thing", "rel", "post", "case", "mod", "mood", "speaker", "role", "bound")


def classes(lang: str) -> frozenset[str]:
    """Return the names of the classes that a language's sheet puts its words in."""
    vocabulary = vocabulary_of(evaluation.knowledge(), lang)
    assert vocabulary is not None
    tags = {tag for phrase in vocabulary.phrases.values() for tag in phrase}
    return frozenset({tag.kind for tag in tags} | {tag.value for tag in tags if tag.kind in CLASSED})


def words(text: str) -> set[str]:
    """Return the words of the marks of a text's pairings."""
    return {
        word
        for one in paired(text, LANG_OF[text])[0]
        for mark in one.marks | one.around
        for word in re.split("[ :]", mark)
    }


LANG_OF = {text: lang for texts in (SENT, DENIED) for lang, text in texts.items()}


@pytest.mark.parametrize("text", LANG_OF, ids=lambda text: LANG_OF[text])
def test_marks_are_made_of_a_fixed_vocabulary(text: str) -> None:
    found = words(text)
    assert found
    fixed = OWN | classes(LANG_OF[text])
    assert {word for word in found - fixed if not PLACES.fullmatch(word)} == set()


@pytest.mark.parametrize("text", LANG_OF, ids=lambda text: LANG_OF[text])
def test_marks_name_no_country_no_group_and_no_word(text: str) -> None:
    fixed = OWN | classes(LANG_OF[text])
    ids = {entry.id for entry in evaluation.knowledge().entries.values()}
    tokens = {word for low in (text, text.lower()) for word in re.findall(r"\w+", low)}
    assert words(text) & (ids | tokens) <= fixed


def test_classes_are_few_and_no_words() -> None:
    every = frozenset().union(*map(classes, SENT))
    assert len(every) < 250
    assert all(re.fullmatch("[a-z_]*", name) for name in every)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ghana sent soldiers to Mozambique.", "Jordan sent soldiers to Sudan."),
        ("Chinese weapons were seen in Libya.", "Polish weapons were seen in Yemen."),
        ("Qatar bankrolled the rebels in Syria.", "Ghana bankrolled the rebels in Sudan."),
    ],
)
def test_names_that_stand_alike_have_the_same_marks(one: str, other: str) -> None:
    (first,), (second,) = paired(one), paired(other)
    assert first
    assert [(a.marks, a.around) for a in first] == [(b.marks, b.around) for b in second]
    assert [a.hand for a in first] != [b.hand for b in second]


def test_what_surrounds_pairings_is_the_same_for_all_of_a_sentence() -> None:
    (found,) = paired(SENT["en"])
    assert len({one.around for one in found}) == 1
    assert {"lead", "s act transfer", "s thing troops"} <= found[0].around
