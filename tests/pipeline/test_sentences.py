import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sentences import split

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
NEWSY = st.lists(
    st.sampled_from(
        [
            "Dr.",
            "U.S.",
            "“We",
            "left.",
            "left.”",
            "kata",
            "12",
            ".",
            "The",
            "…",
            "\n\n",
            "3.",
            '"',
            "。",
            "‘a’",
        ]
    ),
    max_size=60,
).map(" ".join)


def pieces(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Dr. Amin left. He went.", ["Dr. Amin left.", "He went."]),
        ("en", "Gen. J. W. Smith met Sen. Ray. It ended.", ["Gen. J. W. Smith met Sen. Ray.", "It ended."]),
        ("en", "He left the U.S. The Pentagon said so.", ["He left the U.S.", "The Pentagon said so."]),
        ("en", "The U.S. Congress met.", ["The U.S. Congress met."]),
        (
            "id",
            "Letjen. Budi tiba di Jl. Merdeka. Ia pergi.",
            ["Letjen. Budi tiba di Jl. Merdeka.", "Ia pergi."],
        ),
        ("de", "Am 3. Mai kam er. Dann ging er.", ["Am 3. Mai kam er.", "Dann ging er."]),
        ("tr", "Sn. Kaya geldi. Sonra gitti.", ["Sn. Kaya geldi.", "Sonra gitti."]),
        ("ru", "В 2019 г. Москва ответила. Затем всё.", ["В 2019 г. Москва ответила.", "Затем всё."]),
        ("zh", "军队抵达。战斗开始。", ["军队抵达。", "战斗开始。"]),
        ("und", "One. Two.", ["One.", "Two."]),
    ],
)
def test_an_abbreviation_ends_no_sentence(language, text, expected):
    assert pieces(text, language) == expected


def test_a_piece_in_lower_case_belongs_to_the_one_before():
    assert pieces("They made an agreement. accord. Then they left.") == [
        "They made an agreement. accord.",
        "Then they left.",
    ]


def test_an_unbalanced_quotation_does_not_glue_two_sentences():
    text = "“It draws in others,’ said the official. “The border matters.”"
    assert pieces(text) == ["“It draws in others,’ said the official.", "“The border matters.”"]


def test_a_long_quotation_is_split_inside():
    long = "“" + "We saw them arrive with their guns and their flags in the night. " * 5 + "They left.”"
    assert len(pieces(long)) == 6


def test_a_short_quotation_stays_whole():
    assert pieces("“We go. They stay,” he said. Nobody spoke.") == [
        "“We go. They stay,” he said.",
        "Nobody spoke.",
    ]


def test_no_sentence_crosses_a_blank_line():
    assert pieces("A headline without a stop\n\nthe first line.") == [
        "A headline without a stop",
        "the first line.",
    ]


@given(ANY | NEWSY, st.sampled_from(["en", "id", "tr", "zh", "ar", "und", ""]))
def test_spans_are_in_order_trimmed_and_leave_out_only_white_space(text, language):
    spans = split(text, language)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n\n" not in text[start:end]
        at = end
    assert not text[at:].strip()


@pytest.mark.long
@pytest.mark.parametrize("unit", ["a", "“a. ", "Dr. ", '"', "\n\n", "Aa. b. "])
def test_a_long_text_takes_linear_time(unit):
    text = unit * (300_000 // len(unit))
    started = time.process_time()
    split(text, "en")
    assert time.process_time() - started < 8  # 0.5 s alone; sentencex itself needs 40 s for a megabyte of “a.
