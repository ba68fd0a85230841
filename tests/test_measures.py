"""The measures of `make eval`, and the command that scores a blind set for the first time."""

import subprocess

import pytest
from click.testing import CliRunner

from tests import blind_score, evaluation, measures, report
from tests.gold import score


def claim(article, key, status="asserted", confidence=0.9):
    principal, kind, theatre = key.split("|")
    return {
        "article": {"id": article}, "supporter": {"principal": principal, "executor": None}, "type": kind,
        "theatre": theatre, "status": status, "confidence": confidence, "evidence": {"quote": "x" * 20},
    }  # fmt: skip


GOLD = [
    {"id": "a", "lang": "en", "title": "", "text": "", "claims": [
        ["RU", "arms", "LY", "alleged|asserted"], ["TR", "troops", "LY", "planned"],
    ], "optional": [["EG", "arms", "LY", "asserted"]]},
    {"id": "b", "lang": "id", "title": "", "text": "", "claims": []},
]  # fmt: skip
CLAIMS = [
    claim("a", "RU|arms|LY"), claim("a", "RU|arms|LY", "denied", 0.5), claim("a", "EG|arms|LY"),
    claim("a", "FR|base|LY", confidence=0.55), claim("b", "CN|arms|SD"),
]  # fmt: skip


def test_outcomes_are_those_of_the_scorer():
    rows = list(measures.outcomes(GOLD, CLAIMS))
    told = {("|".join(one.key), one.right): (one.status, one.wanted) for one in rows}
    assert told == {
        ("RU|arms|LY", True): ("asserted", "alleged"),
        ("FR|base|LY", False): ("asserted", ""),
        ("TR|troops|LY", None): ("", "planned"),
        ("CN|arms|SD", False): ("asserted", ""),
    }
    tally, _ = score.score(GOLD, CLAIMS)
    counted = measures.by_type(rows).values()
    for name in ("tp", "fp", "fn"):
        assert sum(getattr(each, name) for each in counted) == sum(each[name] for each in tally.values())


def test_statuses_are_counted_strictly():
    rows = list(measures.outcomes(GOLD, CLAIMS))
    assert measures.confusion(rows) == {("alleged", "asserted"): 1}
    assert measures.by_status(rows)["alleged"].fn == 1
    assert measures.by_status(rows)["asserted"].fp == 3


def test_confidence_is_measured_by_decile():
    bins = measures.reliability([(0.95, True), (0.91, True), (0.55, True), (0.5, False), (1.0, False)])
    assert [(one.low, one.claims, one.right) for one in bins] == [(0.5, 2, 1), (0.9, 3, 2)]
    assert measures.error(bins) == pytest.approx((0.05 + 0.86) / 5)
    assert measures.error([]) == 0.0
    assert report.bar(0.25, 0.5) == "█████·····┃·········"


def test_what_rose_and_fell_is_told():
    now, then = {"a": 0.9, "b": 0.5, "c": 1.0}, {"a": 0.8, "b": 0.5, "d": 1.0}
    assert list(report.changes(now, then)) == [("a", 0.8, 0.9), ("c", None, 1.0), ("d", 1.0, None)]


def test_the_kept_outcomes_are_those_of_the_table():
    """The first scores in SCORES.md follow from first.jsonl."""
    table = evaluation.SCORES.read_text("utf-8")
    kept = measures.first_outcomes()
    for name in {one.set for one in kept}:
        tally = measures.Tally()
        for one in kept:
            if one.set == name:
                tally.add(one)
        shares = " | ".join(f"{ratio:.2f}" for ratio in tally.ratios())
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {name} |")]
        assert f"| {shares} |" in row
    assert {one.set for one in kept} == set(evaluation.scored())


# The command, in a checkout of its own


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=tmp_path, check=True
        )

    blind = tmp_path / "tests" / "blind"
    blind.mkdir(parents=True)
    (blind / "SCORES.md").write_text("| set | later |\n|---|---|\n")
    (blind / "en-7.yaml").write_text(
        '- {id: a, lang: en, title: "", date: 2026-02-01, claims: [[IR, arms, ET, asserted]], text: '
        '"Iran sent drones to the army of Ethiopia last week, and the army used them on Friday."}\n'
    )
    git("init", "-q")
    git("add", "tests/blind/SCORES.md")
    git("commit", "-qm", "a")
    monkeypatch.setattr(blind_score, "ROOT", tmp_path)
    monkeypatch.setattr(evaluation, "HERE", tmp_path / "tests")
    monkeypatch.setattr(evaluation, "SCORES", blind / "SCORES.md")
    monkeypatch.setattr(blind_score.keep, "__defaults__", (blind / "first.jsonl",))
    return git, blind


def run(*words):
    return CliRunner().invoke(blind_score.main, list(words))


@pytest.mark.long
def test_a_set_is_scored_once_and_only_as_committed(checkout):
    git, blind = checkout
    assert "is not committed" in run("en-7").output
    assert not (blind / "first.jsonl").exists()
    git("add", ".")
    git("commit", "-qm", "b")
    (blind / "en-7.yaml").write_text((blind / "en-7.yaml").read_text() + "# changed\n")
    assert "not as committed" in run("en-7").output
    git("checkout", "-q", ".")
    assert "no first score" in run("--later", "en-7").output
    done = run("en-7")
    assert done.exit_code == 0, done.output
    assert "| en-7 | 1 | " in (blind / "SCORES.md").read_text()
    (kept,) = measures.first_outcomes(blind / "first.jsonl")
    assert (kept.set, kept.key, kept.right) == ("en-7", ("IR", "arms", "ET"), True)
    assert "its first score already" in run("en-7").output


def test_a_later_score_stands_beside_the_first(checkout):
    git, blind = checkout
    git("add", ".")
    git("commit", "-qm", "b")
    run("en-7")
    git("add", ".")
    git("commit", "-qm", "c")
    for _ in range(2):
        assert run("--later", "en-7").exit_code == 0
    (row,) = [line for line in (blind / "SCORES.md").read_text().splitlines() if line.startswith("| en-7")]
    assert row.count("F1 1.00, strict") == 2
    assert row.count("|") == 11
    assert len((blind / "first.jsonl").read_text().splitlines()) == 1
