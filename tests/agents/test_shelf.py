"""The shelf: what it gives back is what would be compiled, and damage to it costs time alone."""

import pytest

from agents import shelf
from pipeline.claims.reading import vocabularies
from pipeline.claims.vocabulary import Vocabulary
from pipeline.knowledge import load


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "condotta"


def alike(one: Vocabulary, other: Vocabulary) -> bool:
    return one.phrases == other.phrases and one._lengths == other._lengths


@pytest.mark.long
@pytest.mark.parametrize("code", ["ar", "en"])
def test_what_is_kept_is_what_was_compiled(kept, code):
    sheet = load().languages[code]
    first = shelf.vocabulary_kept(sheet, code, "digest")
    assert len(list(kept.iterdir())) == 1
    again = shelf.vocabulary_kept(sheet, code, "digest")
    assert again is not first
    assert alike(again, first)
    assert alike(again, Vocabulary(sheet))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x92\x90\x91\x92\xa1a\x91\x07"])
def test_a_damaged_file_is_made_again(kept, content):
    sheet = load().languages["id"]
    whole = shelf.vocabulary_kept(sheet, "id", "digest")
    file = next(kept.iterdir())
    right = file.read_bytes()
    file.write_bytes(content)
    assert alike(shelf.vocabulary_kept(sheet, "id", "digest"), whole)
    assert file.read_bytes() == right


def test_a_changed_sheet_is_not_taken_from_the_shelf(kept):
    sheet = load().languages["id"]
    shelf.vocabulary_kept(sheet, "id", "one")
    other = shelf.vocabulary_kept({**sheet, "conjunctions": ["xyzzy"]}, "id", "two")
    assert other.phrases[("xyzzy",)][0].kind == "conj"


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path, monkeypatch):
    (tmp_path / "condotta").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shelf.vocabulary_kept(load().languages["id"], "id", "digest").phrases


@pytest.mark.long
def test_the_text_processes_have_every_language_compiled(kept):
    know = load.__wrapped__()
    shelf.stock(know)
    assert vocabularies(know).keys() == know.languages.keys()


@pytest.mark.long
def test_the_server_that_forks_the_text_processes_compiles_them_all():
    from agents import nursery  # noqa: F401  what it loads, its processes share

    assert vocabularies(load()).keys() == load().languages.keys()
