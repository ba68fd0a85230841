"""Which names are found in a text, and which only look like one."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import MAX_ENTITIES, find, fold
from pipeline.knowledge import Entry, Name, load
from pipeline.types import Article, Entity, Language, Paragraph

KNOWN = load()
Found = list[tuple[str, str]]


def article(text: str, language: str = "en", title: str = "") -> Article:
    return Article(
        made_by=KNOWN.made_by,
        id="a",
        url=None,
        source="s",
        family="s",
        wire=None,
        title=title,
        text=text,
        language=Language(code=language, confidence=1.0),
        published_at=None,
        fetched_at=datetime(2024, 1, 1, tzinfo=UTC),
        backfill=False,
        content_hash="h",
        signature=None,
    )


def words(found: Article, entity: Entity) -> str:
    return (found.title if entity.field == "title" else found.text)[entity.start : entity.end]


def look(text: str, language: str = "en", title: str = "") -> Found:
    found = find(article(text, language, title), KNOWN)
    return [(entity.id, words(found, entity)) for entity in found.entities]


def ids(text: str, language: str = "en") -> list[str]:
    return [ident for ident, _ in look(text, language)]


def test_kinds_are_told_apart() -> None:
    found = find(article("Russian troops left Libya, the Kremlin said in Moscow. Benghazi fell."), KNOWN)
    assert [(e.id, e.kind) for e in found.entities] == [
        ("RU", "demonym"),
        ("LY", "country"),
        ("RU", "government"),
        ("RU", "capital"),
        ("LY", "place"),
    ]


def test_title_comes_first_and_spans_point_at_the_names() -> None:
    assert look("Turki dan Libya.", "id", title="Libya") == [
        ("LY", "Libya"),
        ("TR", "Turki"),
        ("LY", "Libya"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("South Sudan sent troops", ["SS"]),
        ("Guinea-Bissau, Papua New Guinea, Equatorial Guinea and Guinea", ["GW", "PG", "GQ", "GN"]),
        ("the Democratic Republic of the Congo and the Republic of Congo", ["CD", "CG"]),
        ("Congo accuses its neighbour", ["CD"]),
        ("Niger and Nigeria", ["NE", "NG"]),
        ("fighters of the Islamic State", ["islamic-state"]),
        ("Russia's Wagner Group", ["RU", "wagner-group"]),
    ],
)
def test_the_longest_name_wins(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Libya's army, Libyas, Libyadengan", "en", [("LY", "Libya")]),
        ("Libyalah dan Libyanya, bukan Libyadengan", "id", [("LY", "Libya"), ("LY", "Libya")]),
        ("AS-Turki", "id", [("US", "AS"), ("TR", "Turki")]),
        ("Rusya'nın Libya’ya", "tr", [("RU", "Rusya"), ("LY", "Libya")]),
        ("l'Iran et d'Israël", "fr", [("IR", "Iran"), ("IL", "Israël")]),
        ("وروسيا وبليبيا وللسودان", "ar", [("RU", "روسيا"), ("LY", "ليبيا"), ("SD", "للسودان")]),
        ("القوات الروسية", "ar", [("RU", "روسية")]),
        ("ובסוריה", "he", [("SY", "סוריה")]),
        ("俄罗斯向利比亚派遣", "zh", [("RU", "俄罗斯"), ("LY", "利比亚")]),
        ("ロシアとリビア", "ja", [("RU", "ロシア"), ("LY", "リビア")]),
        ("러시아는 리비아에", "ko", [("RU", "러시아"), ("LY", "리비아")]),
        ("Россия вошла в Ливию с ливийцами", "ru", [("RU", "Россия"), ("LY", "Ливию"), ("LY", "ливийцами")]),
    ],
)
def test_words_end_where_the_language_ends_them(text: str, language: str, expected: Found) -> None:
    assert look(text, language) == expected


def test_vowel_signs_and_stress_marks_do_not_move_the_span() -> None:
    assert look("في لِيبْيَا", "ar") == [("LY", "لِيبْيَا")]
    assert look("в Ли́вии сегодня", "ru") == [("LY", "Ли́вии")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a dish of turkey and china cups", "en"),
        ("того времени", "ru"),
        ("kuba dan mali yang oman", "id"),
        ("let us go as soon as we can", "en"),
    ],
)
def test_a_name_needs_its_capital(text: str, language: str) -> None:
    assert ids(text, language) == []


def test_adjectives_written_small_need_none() -> None:
    assert ids("des mercenaires russes et turcs", "fr") == ["RU", "TR"]


def test_an_acronym_is_written_in_capitals_and_not_read_out_of_a_shouted_headline() -> None:
    assert ids("As the talks began, AS menolak", "id") == ["US"]
    assert ids("LIBYA: ARMS FOR US AS WELL AS FOR THEM") == ["LY"]
    assert ids("U.S. ARMS FOR LIBYA, SAYS THE MINISTER") == ["US", "LY"]


@pytest.mark.parametrize(
    "text",
    [
        "The Washington Post reported it.",
        "Michael Jordan won.",
        "Chad Smith resigned.",
        "Latin America votes.",
        "harga dalam dolar AS naik",
    ],
)
def test_some_names_do_not_name(text: str) -> None:
    assert ids(text, "id" if "harga" in text else "en") == []


def test_a_first_name_that_is_a_country_is_one_beside_plain_words() -> None:
    assert ids("Officials in Chad accuse rebels.") == ["TD"]
    assert ids("In Jordan, the army trains recruits.") == ["JO"]


def test_a_weak_name_needs_company() -> None:
    assert ids("دعم مالي كبير", "ar") == []
    assert ids("دعم مالي من باماكو", "ar") == ["ML", "ML"]
    assert ids("Korea sends troops.") == []
    assert ids("Korea sends troops, Pyongyang says.") == ["KP", "KP"]


def test_a_name_of_two_places_is_the_one_the_article_is_about() -> None:
    assert ids("Shelling in Tripoli.") == ["LY"]
    assert ids("Shelling in Tripoli, Lebanon.") == ["LB", "LB"]
    assert ids("Shelling in Tripoli, Libya, says Lebanon.") == ["LY", "LY", "LB"]


def test_a_name_belongs_to_its_language_and_english_to_all() -> None:
    assert ids("Inggris", "id") == ["GB"]
    assert ids("Inggris", "es") == []
    assert ids("Libyan konflik", "id") == ["LY"]


def test_what_a_language_says_of_a_name_beats_the_rest() -> None:
    assert ids("Mali işler müdürü", "tr") == []
    assert ids("Mali'ye asker gönderdi", "tr") == ["ML"]


def test_of_one_name_within_a_state_the_service_is_meant_and_not_the_government() -> None:
    service = Entry(id="guards", kind="group", name="Guards", country="LY", source="test")
    names = (
        Name(text="Guards", id="LY", kind="government", languages=frozenset(), weak=False),
        Name(text="Guards", id="guards", kind="group", languages=frozenset(), weak=False),
        Name(text="Libya", id="LY", kind="country", languages=frozenset(), weak=False),
    )
    known = msgspec.structs.replace(KNOWN, names=names, entries={**KNOWN.entries, "group:guards": service})
    found = find(article("Guards in Libya"), known)
    assert [entity.id for entity in found.entities] == ["guards", "LY"]


def test_a_title_word_vouches_for_a_weak_name() -> None:
    names = (Name(text="Field", id="field", kind="leader", languages=frozenset(), weak=True),)
    known = msgspec.structs.replace(KNOWN, names=names)
    assert [e.id for e in find(article("President Field spoke."), known).entities] == ["field"]
    assert find(article("Field work goes on."), known).entities == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It lost two Kornets.", ("kornet", "Kornets")),
        ("Six Wing Loongs landed.", ("wing-loong", "Wing Loongs")),
        ("The TB2s came in May.", ("bayraktar-tb2", "TB2s")),
        ("A dozen Bayraktars came.", ("bayraktar-tb2", "Bayraktars")),
        ("They flew old Sukhois.", ("combat-aircraft", "Sukhois")),
    ],
)
def test_a_model_is_known_in_the_plural(text: str, found: tuple[str, str]) -> None:
    assert found in look(text)


def test_the_plural_of_a_weak_model_is_weak() -> None:
    assert look("Of the Gazelles nothing was said.") == []
    assert ids("Three helicopters, Gazelles, landed.") == ["helicopter", "gazelle"]


def test_an_acronym_of_a_group_is_the_group_where_its_country_is_named() -> None:
    assert ids("The KDP held the road north of Erbil.") == ["kdp-iraq", "IQ"]
    assert ids("The KDP asked for a new bridge in Ohio.") == []


@pytest.mark.parametrize(
    ("text", "language", "ident"),
    [
        ("The RUF held the mines.", "en", "ruf"),
        ("They sent rifles to the peshmerga.", "en", "peshmerga"),
        ("Shells fell on Lashkar Gah.", "en", "AF"),
        ("Trucks reached Damasak.", "en", "NG"),
        ("A ship docked in Nacala.", "en", "MZ"),
        ("Боевики вошли в Бунию.", "ru", "CD"),
        ("Des soldats sont arrivés à Sévaré.", "fr", "ML"),
        ("المقاتلين الشيشان وصلوا", "ar", "chechen-rebels"),
    ],
)
def test_names_of_lesser_known_wars_are_known(text: str, language: str, ident: str) -> None:
    assert ident in ids(text, language)


def test_the_languages_of_long_paragraphs_count_too() -> None:
    text = (
        "Ordinary words here.\n"
        + "Совет собрался, чтобы обсудить положение в стране, и Ливию назвали снова и снова." * 2
    )
    parts = (
        Paragraph(start=0, end=20, language="en"),
        Paragraph(start=21, end=len(text), language="ru"),
    )
    mixed = msgspec.structs.replace(article(text), paragraphs=parts)
    assert [e.id for e in find(mixed, KNOWN).entities] == ["LY", "LY"]
    assert find(article(text), KNOWN).entities == ()


def test_an_article_of_an_unknown_language_shows_its_names() -> None:
    assert ids("Libya และ Россия", "und") == ["LY", "RU"]


def test_there_is_a_limit() -> None:
    assert len(find(article("Libya " * (MAX_ENTITIES + 50)), KNOWN).entities) == MAX_ENTITIES


def test_the_time_grows_with_the_text_and_no_faster() -> None:
    found = find(article("Republic of the " * 60_000), KNOWN)
    assert found.entities == ()


@pytest.mark.long
@given(st.text(max_size=200))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


NAMES = (
    "Libya",
    "AS",
    "U.S.",
    "مالي",
    "İran",
    "Wagner",
    "南苏丹",
    "Того",
    "Korea",
    "\u0301",
    "'",
    " ",
    "nya",
    "-",
    "A",
)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES) | st.text(max_size=3), max_size=30),
    st.sampled_from(["en", "id", "ar", "tr", "und"]),
)
def test_spans_are_inside_in_order_and_apart(parts: list[str], language: str) -> None:
    found = find(article("".join(parts), language), KNOWN)
    ends = 0
    for entity in found.entities:
        assert ends <= entity.start < entity.end <= len(found.text)
        ends = entity.end
    assert find(found, KNOWN) == found


def test_french_names_are_found_without_the_accents_of_their_capitals() -> None:
    text = "L'Egypte, l'Ethiopie et l'Erythrée accueillent des Egyptiens et des Emiratis, selon l'Elysée."
    found = {(one.kind, one.id) for one in find(article(text, "fr"), KNOWN).entities}
    assert {("country", "EG"), ("country", "ET"), ("country", "ER")} <= found
    assert {("demonym", "EG"), ("demonym", "AE"), ("government", "FR")} <= found
