import pytest

from pipeline import lexicon
from pipeline.errors import KnowledgeError


@pytest.mark.parametrize(
    "read", [lexicon.abbreviations, lexicon.spam, lexicon.glue, lexicon.pages, lexicon.malay]
)
def test_every_sheet_is_read_and_says_where_it_comes_from(read):
    assert read().source


@pytest.mark.parametrize("language", lexicon.LISTED)
def test_every_list_holds_frequent_words(language):
    words = lexicon.words(language)
    assert 15_000 < len(words) <= 30_000
    assert all(3.2 <= zipf < 8 for zipf in words.values())


def test_a_language_without_a_list_has_no_words():
    assert lexicon.words("xx") == {}
    assert lexicon.words("../../etc/passwd") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [("- a list", "bad.yaml: Expected `object`"), ("{a: [", "bad.yaml:"), ("{extra: 1}", "extra")],
)
def test_a_bad_sheet_is_named(tmp_path, monkeypatch, content, says):
    (tmp_path / "bad.yaml").write_text(content)
    monkeypatch.setattr(lexicon, "HERE", tmp_path)
    with pytest.raises(KnowledgeError, match=r"bad\.yaml") as error:
        lexicon.sheet("bad", lexicon.Malay)
    assert says in str(error.value)


def test_a_missing_sheet_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicon, "HERE", tmp_path)
    with pytest.raises(KnowledgeError, match=r"gone\.yaml"):
        lexicon.sheet("gone", lexicon.Malay)


def test_alternatives_are_whole_words():
    pattern = lexicon.any_of(("toto", "judi online"))
    assert pattern.search("Situs JUDI ONLINE")
    assert not pattern.search("totora")
