"""Score a blind set: `python -m tests.blind_score en-3`. The first score is the one that counts, and is kept.

The set must be committed as it stands, and so must everything that makes the claims. A first score appends a
row to tests/blind/SCORES.md and the outcome of every claim to tests/blind/first.jsonl, on which confidence is
calibrated; with --later a further score is written beside the first.
"""

import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from tests import evaluation, measures
from tests.gold import score

ROOT = Path(__file__).resolve().parent.parent
MAKES = ("pipeline", "tests/gold")  # what a score depends on, besides the set


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr.strip() or f"git {words[0]} failed")
    return done.stdout.strip()


def head() -> str:
    return git("rev-parse", "--short", "HEAD")


def committed(path: Path) -> None:
    """Raise ClickException unless the set, and all that scores it, stand in the last commit."""
    name = path.relative_to(ROOT).as_posix()
    if not git("ls-files", "--", name):
        raise click.ClickException(f"{name} is not committed: a set is committed before it is first scored")
    changed = git("status", "--porcelain", "--", name, *MAKES)
    if changed:
        raise click.ClickException(f"not as committed: {' '.join(changed.split())}")


def measured(articles: list[dict[str, Any]]) -> tuple[dict[str, Any], list[measures.Outcome]]:
    """Return score.py's figures for all articles of a set, and the outcome of every claim."""
    claims = evaluation.found(articles)
    tally, _ = score.score(articles, claims)
    total = sum(tally.values(), measures.Counter())
    return score.ratios(total), list(measures.outcomes(articles, claims))


def row(name: str, size: int, figures: dict[str, Any], when: str, commit: str) -> str:
    """Return the line of SCORES.md."""
    shares = " | ".join(f"{figures[each]:.2f}" for each in ("precision", "recall", "f1", "strict"))
    hits = f"{figures['clean_hit']}/{figures['clean']}"
    return f"| {name} | {size} | {when} | {commit} | {shares} | {hits} | |"


def below(table: str, line: str) -> str:
    """Return the text of SCORES.md with a line below the last row of its table."""
    lines = table.rstrip().split("\n")
    last = max((n for n, one in enumerate(lines) if one.startswith("| ")), default=len(lines) - 1)
    return "\n".join([*lines[: last + 1], line, *lines[last + 1 :]]) + "\n"


def beside(table: str, name: str, figures: dict[str, Any], when: str, commit: str) -> str:
    """Return the text of SCORES.md with a later score in the last cell of the set's row."""
    lines = table.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(f"| {name} |"))
    before = lines[at].rstrip().removesuffix("|").rstrip()
    told = f"F1 {figures['f1']:.2f}, strict {figures['strict']:.2f} ({when}, {commit})"
    lines[at] = f"{before}{' ' if before.endswith('|') else '; '}{told} |"
    return "\n".join(lines)


def keep(name: str, commit: str, rows: Iterable[measures.Outcome], path: Path = measures.FIRST) -> None:
    """Append the outcomes of a first score."""
    with path.open("ab") as file:
        for one in rows:
            first = measures.First(**msgspec.structs.asdict(one), set=name, commit=commit)
            file.write(msgspec.json.encode(first) + b"\n")


@click.command()
@click.argument("name", metavar="SET")
@click.option("--later", is_flag=True, help="Score a set again and write the score beside the first.")
def main(name: str, later: bool) -> None:
    """Score the blind set SET, tests/blind/SET.yaml."""
    path = evaluation.HERE / "blind" / f"{name}.yaml"
    if not path.is_file():
        raise click.ClickException(f"there is no {path.name}")
    if (name in evaluation.scored()) != later:
        raise click.ClickException(f"{name} has {'no first score' if later else 'its first score'} already"
                                   if not later else f"{name} has no first score yet")  # fmt: skip
    committed(path)
    articles = score.load([path])
    figures, rows = measured(articles)
    when, commit = datetime.now(UTC).date().isoformat(), head()
    table = evaluation.SCORES.read_text("utf-8")
    if later:
        table = beside(table, name, figures, when, commit)
    else:
        table = below(table, row(name, len(articles), figures, when, commit))
        keep(name, commit, rows)
    evaluation.SCORES.write_text(table, "utf-8")
    click.echo(row(name, len(articles), figures, when, commit))


if __name__ == "__main__":
    main()
