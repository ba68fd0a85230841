"""What extraction promises of every text, and the floors of its quality."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from pipeline import claims
from tests import evaluation
from tests.gold import score

pytestmark = pytest.mark.long

FLOORS = json.loads((Path(__file__).parents[1] / "quality.json").read_text("utf-8"))
ARTICLES = [raw for name in evaluation.SETS for raw in score.raw(evaluation.gold(name))]
PATIENCE = 20.0  # seconds; a hang guard of ten times the two seconds that hostile text may take


@pytest.fixture(scope="module")
def labelled():
    return evaluation.scores("labelled")


@pytest.mark.parametrize("lang", FLOORS["labelled"])
def test_labelled_articles_keep_their_floor(labelled, lang):
    for figure, floor in FLOORS["labelled"][lang].items():
        assert labelled[lang][figure] >= floor, figure


def test_labelled_articles_without_claims_stay_without(labelled):
    assert labelled["all"]["clean_hit"] == 0


@pytest.mark.parametrize("lang", FLOORS["contrastive"])
def test_one_word_changes_the_answer(lang):
    good, total, wrong = evaluation.contrastive()[lang]
    assert good / total >= FLOORS["contrastive"][lang], wrong


KNOWN = pytest.mark.xfail(
    strict=True, reason="a known failure; one that is right belongs to tests/cases/synthetic"
)


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=KNOWN, id=c.sentence[:40]) for c in evaluation.cases("known_failures")]
)
def test_a_known_failure_is_one(case):
    assert evaluation.holds(case)


def versions(path):
    """Return the contents of a file in every commit that changed it, or skip outside of a checkout."""
    root = Path(__file__).parents[2]
    listed = subprocess.run(
        ["git", "log", "--format=%H", "--", path], cwd=root, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    shown = (
        subprocess.run(["git", "show", f"{each}:{path}"], cwd=root, capture_output=True, text=True)
        for each in listed.stdout.split()
    )
    return [json.loads(one.stdout) for one in shown if one.returncode == 0]


def flat(floors, name=""):
    if not isinstance(floors, dict):
        return {name: floors}
    return {
        key: value for part, inner in floors.items() for key, value in flat(inner, f"{name}/{part}").items()
    }


def lowered(now, before):
    """Return the floors of `before` that are lower now, or gone."""
    kept = flat(now)
    return [name for name, floor in flat(before).items() if kept.get(name, -1.0) < floor]


def test_floors_only_rise():
    for before in versions("tests/quality.json"):
        assert lowered(FLOORS, before) == []


def test_a_lowered_floor_is_seen():
    before = {"labelled": {"en": {"f1": 0.9, "recall": 0.8}}}
    assert lowered({"labelled": {"en": {"f1": 0.91, "recall": 0.8}}}, before) == []
    assert lowered({"labelled": {"en": {"f1": 0.89}}}, before) == ["/labelled/en/f1", "/labelled/en/recall"]


@pytest.mark.parametrize("raw", ARTICLES, ids=lambda raw: raw["id"])
def test_every_quote_is_verbatim_and_holds_trigger_and_role(raw):
    article = evaluation.through(raw)
    examined = claims.examine(article, evaluation.knowledge())
    for claim in examined.claims:
        field = article.text if claim.evidence.field == "text" else article.title
        quote = claim.evidence.quote
        assert field[claim.evidence.start : claim.evidence.end] == quote
        assert 15 <= len(quote) <= 600
        if claim.quantity is not None:
            assert claim.quantity.raw in quote
        inside = [
            c
            for c in examined.candidates
            if c.sentence.field == claim.evidence.field
            and claim.evidence.start <= c.trigger.start < c.trigger.end <= claim.evidence.end
        ]
        assert any(
            role is not None and claim.evidence.start <= role.start < claim.evidence.end
            for c in inside
            for role in (c.agent, c.where, c.thing, c.side)
        )


def test_the_same_article_gives_the_same_claims():
    article = evaluation.through(ARTICLES[0])
    first = claims.extract(article, evaluation.knowledge())
    assert first
    assert claims.extract(article, evaluation.knowledge()) == first


def test_claim_ids_are_distinct_within_an_article():
    for raw in ARTICLES:
        ids = [c.id for c in claims.extract(evaluation.through(raw), evaluation.knowledge())]
        assert len(ids) == len(set(ids)), raw["id"]


HOSTILE = {
    "one paragraph without punctuation": "Russia sent weapons to Libya and " * 3_000,
    "ten thousand country names": "Russia Libya Turkey Syria Egypt " * 2_000,
    "one word": "weapons" * 60_000,
    "quotation marks": '"' * 20_000 + " Russia sent weapons to Libya.",
    "right-to-left marks": ("\u202eRussia\u202c sent \u200fweapons\u200e to Libya. " * 2_000),
    "mixed scripts": "Россия sent أسلحة kepada Libya'ya des armes. " * 2_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends(text):
    began = time.process_time()  # a busy machine must not fail it
    claimed = evaluation.sentence_claims(text, "en", "2020-06-01")
    assert time.process_time() - began < PATIENCE
    assert all(15 <= len(c.evidence.quote) <= 600 for c in claimed)


def test_a_language_not_served_has_no_claims():
    assert evaluation.sentence_claims("Russia sent weapons to Libya.", "xx", "2020-06-01") == ()


def test_a_land_at_war_that_helps_elsewhere_is_not_the_theatre():
    text = (
        "Senegal sent a second battalion to Guinea-Bissau on Monday. Dakar has 1,300 soldiers in the south "
        "of the country. Guinea has about 400 soldiers in the capital. A French ship unloaded fuel for the "
        "Senegalese at the port."
    )
    found = evaluation.sentence_claims(text, "en", "1998-07-01")
    assert {(c.supporter.principal, c.type, c.theatre) for c in found} >= {
        ("SN", "troops", "GW"),
        ("GN", "troops", "GW"),
    }
    assert {c.theatre for c in found} == {"GW"}


TAKEN_BACK = {
    "en": "On Tuesday this newspaper reported that Egypt had sent tanks to Sudan. The article was wrong.",
    "id": "Pada hari Selasa laman ini menulis bahwa Mesir mengirim tank ke Sudan. Artikel itu keliru.",
    "fr": "Nous avons écrit mardi que l'Égypte avait envoyé des chars au Soudan. C'était une erreur.",
    "es": "El martes informamos de que Egipto envió tanques a Sudán. Fue un error y retiramos la noticia.",
    "ru": "Во вторник редакция сообщила, что Египет отправил танки в Судан. Это неверно.",
    "tr": "Gazetemiz salı günü Mısır'ın Sudan'a tank gönderdiğini yazdı. Haber yanlıştı, özür dileriz.",
    "ar": "ذكرت الصحيفة يوم الثلاثاء أن مصر أرسلت دبابات إلى السودان. هذا الخبر غير صحيح وتعتذر عنه.",
}


@pytest.mark.parametrize("lang", TAKEN_BACK)
def test_what_an_outlet_calls_wrong_a_sentence_later_is_retracted(lang):
    (found,) = evaluation.sentence_claims(TAKEN_BACK[lang], lang, "2024-03-01")
    assert (found.supporter.principal, found.type, found.theatre) == ("EG", "arms", "SD")
    assert found.status == "retracted"


def test_what_a_government_calls_wrong_is_not_taken_back_by_the_outlet():
    text = "Egypt sent tanks to Sudan, an officer said. The report was wrong, a minister in Khartoum said."
    assert {c.status for c in evaluation.sentence_claims(text, "en", "2024-03-01")} <= {"alleged", "denied"}


def test_a_report_is_that_of_the_inquiry_named_before():
    text = (
        "A UN panel of experts has looked at the war in Sudan. According to that report, Egypt sent tanks "
        "to the army.\n\nThe experts also found that Chad let the rebels use its airfields."
    )
    found = evaluation.sentence_claims(text, "en", "2024-03-01")
    assert {(c.supporter.principal, c.status) for c in found} == {("EG", "confirmed"), ("TD", "confirmed")}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Egypt has sent tanks to Sudan, a news agency said. Chad has withdrawn its soldiers."),
        (
            "id",
            "Mesir mengirim tank ke Sudan, kata sebuah kantor berita. Salah satu pangkalan ditarik ke utara.",
        ),
        ("tr", "Mısır Sudan'a tank gönderdi, gazete teyit etti. Çad askerlerini geri çekti."),
    ],
)
def test_troops_that_leave_take_no_report_back(lang, text):
    found = evaluation.sentence_claims(text, lang, "2024-03-01")
    assert ("EG", "arms") in {(c.supporter.principal, c.type) for c in found}
    assert "retracted" not in {c.status for c in found}
