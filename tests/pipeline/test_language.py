from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import clean
from pipeline.language import REFUSED, detect, label
from pipeline.types import Article, RawArticle
from tests.pipeline.text_knowledge import knowledge

NAMED = {
    "id": "Pemerintah Turki mengatakan bahwa pasukan telah tiba di Tripoli karena permintaan resmi.",
    "ms": "Kerajaan Turki menyatakan bahawa tentera telah tiba di Tripoli kerana permintaan rasmi.",
    "en": "The government said that the first soldiers had arrived in Tripoli on Monday.",
    "ru": "Министерство обороны заявило, что первые военные прибыли в Триполи в понедельник.",
    "ar": "قالت وزارة الدفاع إن أول الجنود وصلوا إلى طرابلس يوم الاثنين",
    "tr": "Savunma Bakanlığı ilk askerlerin pazartesi günü Trablus'a ulaştığını açıkladı.",
    "fr": "Le ministère a déclaré que les premiers soldats étaient arrivés à Tripoli lundi.",
    "es": "El ministerio dijo que los primeros soldados llegaron a Trípoli el lunes pasado.",
    "de": "Das Ministerium erklärte, die ersten Soldaten seien am Montag in Tripolis eingetroffen.",
    "zh": "国防部表示，第一批士兵已于星期一抵达的黎波里，并将支持政府军。",
    "fa": "وزارت دفاع اعلام کرد که نخستین سربازان روز دوشنبه وارد طرابلس شدند",
    "uk": "Міністерство оборони заявило, що перші військові прибули до Триполі в понеділок.",
    "he": "משרד הביטחון הודיע כי החיילים הראשונים הגיעו לטריפולי ביום שני",
    "sw": "Wizara ya ulinzi ilisema kwamba askari wa kwanza waliwasili Tripoli siku ya Jumatatu.",
}


def article(text: str, title: str = "") -> Article:
    raw = RawArticle(
        body=text,
        title=title,
        content_type="text/plain",
        source="a.example",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return clean(raw, knowledge())


@pytest.mark.parametrize(("code", "text"), NAMED.items())
def test_the_languages_of_war_news_are_named(code, text):
    found = detect(text)
    assert found.code == code
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize(
    "text", ["", " \n ", "🙂🙂🙂", "12 34 56", "Wagner", "xkcd qwe zzz", "…", "\x00\ufffe\udc80"]
)
def test_what_names_no_language_is_und(text):
    assert detect(text).code == "und"


@given(st.text(st.characters(), max_size=200))
def test_any_string_gets_an_answer(text):
    found = detect(text)
    assert found.code == "und" or (len(found.code) == 2 and found.confidence > 0)


def test_what_pycld2_raises_at_is_replaced():
    assert detect(NAMED["en"].replace(" ", "\x00\ufdd0 ")).code == "en"
    assert REFUSED.search("a\x85b")
    assert not REFUSED.search("a\tb\nc\r")


def test_each_paragraph_has_its_language():
    text = f"{NAMED['en']} {NAMED['en']}\n\n{NAMED['ru']}\n\nShort."
    labelled = label(article(text), knowledge())
    assert labelled.language is not None
    assert [part.language for part in labelled.paragraphs] == ["en", "ru", labelled.language.code]
    assert [text[part.start : part.end] for part in labelled.paragraphs] == text.split("\n\n")


def test_a_malay_paragraph_in_an_indonesian_article_is_indonesian():
    text = f"{NAMED['id']}\n\n{NAMED['id']}\n\n{NAMED['ms'].replace('bahawa', '').replace('kerana', '')}"
    assert {part.language for part in label(article(text), knowledge()).paragraphs} == {"id"}


def test_a_headline_alone_is_judged():
    labelled = label(article("", "Turkey sends more troops to Libya after the vote"), knowledge())
    assert labelled.language is not None
    assert labelled.language.code == "en"
    assert labelled.paragraphs == ()


def test_an_article_in_no_known_language_goes_on():
    assert label(article("Zzzz qqqq xxxx wwww"), knowledge()).language == detect("")
