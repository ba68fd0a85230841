import pytest

from agents.stage import End, Fold, Stage, chains
from agents.topology import ROWS, TOPICS, changelog, chosen, groups, skips


def test_each_row_reads_what_the_one_before_wrote():
    assert [row.source for row in ROWS[1:]] == [row.sink for row in ROWS[:-1]]


def test_the_groups_are_those_of_the_contract():
    assert list(groups(ROWS)) == ["condotta-text", "condotta-novelty", "condotta-alerts", "condotta-mail"]


def test_topics_are_named_once():
    assert len({topic.name for topic in TOPICS}) == len(TOPICS) == 11


def test_the_changelog_has_its_permanent_name():
    [fold] = [row for row in ROWS if isinstance(row, Fold)]
    assert changelog(fold) == "condotta-novelty-pairs-changelog"


def test_neighbours_make_a_chain_and_each_row_may_begin_one():
    found = {source: [row.name for row in chain] for source, chain in chains(ROWS).items()}
    assert found == {
        "news.raw": ["clean", "language", "entities", "claims"],
        "news.clean": ["language", "entities", "claims"],
        "news.labelled": ["entities", "claims"],
        "news.tagged": ["claims"],
        "news.decisions": ["alerts"],
    }


def test_a_row_left_out_ends_a_chain():
    found = chains(chosen("clean,entities,claims"))
    assert [row.name for row in found["news.raw"]] == ["clean"]
    assert [row.name for row in found["news.labelled"]] == ["entities", "claims"]
    assert "news.clean" not in found


def test_stages_are_chosen_in_the_order_of_the_topology():
    assert [row.name for row in chosen(" novelty, clean ")] == ["clean", "novelty"]
    assert chosen("") == ROWS
    assert isinstance(chosen("mail")[0], End)


def test_an_unknown_stage_is_named():
    with pytest.raises(ValueError, match="unknown stage 'clear': the stages are clean, language"):
        chosen("clear")


@pytest.mark.parametrize(
    ("row", "carried", "skipped"),
    [
        ("language", "claims", True),
        ("claims", "claims", True),
        ("claims", "entities", False),
        ("language", None, False),
        ("language", "of another release", False),
    ],
)
def test_what_was_carried_past_a_row_is_skipped(row, carried, skipped):
    assert skips(row, carried) is skipped


def test_the_rows_are_stages_but_for_the_fold_and_the_end():
    assert [type(row) for row in ROWS] == [Stage, Stage, Stage, Stage, Fold, Stage, End]
