import msgspec
import pytest
from click.testing import CliRunner

from agents.__main__ import condotta
from agents.chain import Incoming
from agents.reprocess import compare, extract
from agents.stage import Given
from pipeline.knowledge import load
from tests.claims_builder import claim
from tests.fakes import raw

TOLD = "Turkey sent weapons to the forces of Khalifa Haftar in Libya, a UN panel said."


def kinds(before, after):
    return [(each.kind, each.claim.key) for each in compare(before, after)]


def test_the_same_claims_are_no_change():
    assert kinds([claim()], [claim()]) == []


def test_claims_are_gained_lost_and_altered():
    first = claim()
    other = msgspec.structs.replace(first, id="f" * 32, key="LY|TR|arms|gna")
    assert kinds([], [first]) == [("gained", first.key)]
    assert kinds([first], []) == [("lost", first.key)]
    assert kinds([first], [msgspec.structs.replace(first, confidence=0.1)]) == [("altered", first.key)]
    moved = msgspec.structs.replace(first, id="e" * 32, status="denied")
    assert kinds([first], [moved]) == [("altered", first.key)]
    assert sorted(kinds([first], [other])) == sorted([("lost", first.key), ("gained", other.key)])


def test_only_what_the_rules_say_counts_not_who_made_it():
    first = claim()
    again = msgspec.structs.replace(first, made_by=msgspec.structs.replace(first.made_by, knowledge="new"))
    assert kinds([first], [again]) == []


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reprocess")
    told = [raw(TOLD, id="a1"), raw("A day without any news from the wars of the world.", id="a2"), b"{"]
    (folder / "raw.jsonl").write_bytes(b"\n".join(told))
    claims = [
        claim
        for _, some in extract((Incoming(topic="news.raw", value=each) for each in told), Given(load()))
        for claim in some
    ]
    assert claims
    lines = [msgspec.json.encode(each) for each in claims]
    (folder / "same.jsonl").write_bytes(b"\n".join(lines))
    (folder / "none.jsonl").write_bytes(b"")
    return folder


def test_files_are_compared_with_the_claims_of_another_release(files):
    def run(*arguments):
        return CliRunner().invoke(condotta, ["reprocess", *arguments, str(files / "raw.jsonl")])

    assert run("--against", str(files / "same.jsonl")).output == "2 articles, 0 claims changed\n"
    gained = run("--details", "--against", str(files / "none.jsonl"))
    assert "+ a1  LY|TR|arms|lna" in gained.output
    assert gained.output.splitlines()[-1] == "2 articles, 1 claims changed"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "soon"], "is no time like 2026-03-01"),
        (["--against", __file__], "--against needs FILES"),
        (["--to", "2026-01-01", __file__], "are for news.raw"),
    ],
)
def test_wrong_usage_is_told(arguments, says):
    done = CliRunner().invoke(condotta, ["reprocess", *arguments])
    assert done.exit_code == 2
    assert says in done.output
