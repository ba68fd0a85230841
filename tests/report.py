"""What `make eval` prints: every measure in tables, and what rose and fell since the recorded run."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.table import Table

from pipeline.types import InvolvementType, Status
from tests import evaluation, measures

RECORDED = Path(__file__).parent / "recorded.json"
LEAST = 0.005  # smaller changes are not told
BAR = 20  # characters of a full bar
RATIOS = ("precision", "recall", "f1", "status", "strict")


def sets() -> dict[str, list[measures.Outcome]]:
    return {
        name: list(measures.outcomes(evaluation.gold(name), evaluation.told(name)))
        for name in evaluation.SETS
    }


def figures(
    scores: Mapping[str, Any], cases: Mapping[str, Any], rows: Mapping[str, list[measures.Outcome]]
) -> dict[str, float]:
    """Return every figure that is recorded, by a name such as `blind/en/f1`."""
    out: dict[str, float] = {}
    for name, by_language in scores.items():
        for lang, row in by_language.items():
            out |= {f"{name}/{lang}/{ratio}": round(row[ratio], 4) for ratio in RATIOS}
            out[f"{name}/{lang}/clean hits"] = row["clean_hit"]
    for lang, (good, total, _) in cases.items():
        out[f"cases/{lang}/right"] = round(good / total, 4)
    for name, outcomes in rows.items():
        for kind, tally in sorted(measures.by_type(outcomes).items()):
            out[f"{name}/type {kind}/f1"] = round(tally.ratios()[2], 4)
        for status, tally in sorted(measures.by_status(outcomes).items()):
            out[f"{name}/status {status}/f1"] = round(tally.ratios()[2], 4)
    return out


# Tables


def side_by_side(scores: Mapping[str, Any], cases: Mapping[str, Any]) -> Table:
    table = Table(
        "language", "labelled F1", "cases right", "blind F1, first", "blind F1, now", "gap",
        title="Side by side: the gap between labelled and blind is the overfitting",
    )  # fmt: skip
    first = first_f1()
    for lang in [*dict.fromkeys(lang for each in scores.values() for lang in each if lang != "all"), "all"]:
        labelled, blind = scores["labelled"].get(lang), scores["blind"].get(lang)
        good = cases.get(lang) or (sum(c[0] for c in cases.values()), sum(c[1] for c in cases.values()))
        known = lang in cases or lang == "all"
        gap = labelled["f1"] - blind["f1"] if labelled and blind else None
        table.add_row(
            lang, share(labelled and labelled["f1"]), share(good[0] / good[1]) if known else UNMEASURED,
            share(first.get(lang)), share(blind and blind["f1"]), share(gap),
        )  # fmt: skip
    return table


UNMEASURED = "unmeasured"


def share(value: float | None) -> str:
    return UNMEASURED if value is None else f"{value:.2f}"


def first_f1() -> dict[str, float]:
    """Return F1 of the blind sets' first scores, by language and for all."""
    rows = measures.first_outcomes()
    langs = {*(one.lang for one in rows), "all"} if rows else set()
    out = {}
    for lang in langs:
        tally = measures.Tally()
        for one in rows:
            if lang in (one.lang, "all"):
                tally.add(one)
        out[lang] = tally.ratios()[2]
    return out


def languages(name: str, by_language: Mapping[str, Any]) -> Table:
    columns = ("language", "P", "R", "F1", "status", "strict", "clean hit", "bad quotes")
    table = Table(*columns, title=f"{name} sets")
    for lang, row in by_language.items():
        hits, bad = f"{row['clean_hit']}/{row['clean']}", f"{row['bad_quotes']}/{row['quotes']}"
        table.add_row(lang, *(f"{row[ratio]:.2f}" for ratio in RATIOS), hits, bad)
    return table


def tallies(title: str, names: Iterable[str], rows: Mapping[str, Mapping[str, measures.Tally]]) -> Table:
    """Return P, R, F1 of each name, the sets side by side."""
    table = Table("", *(f"{each} {ratio}" for each in rows for ratio in ("P", "R", "F1", "of")), title=title)
    for name in names:
        cells: list[str] = []
        for by_name in rows.values():
            tally = by_name.get(name)
            if tally is None or not tally.cases:
                cells += [UNMEASURED, "", "", str(tally.fp) + " false" if tally and tally.fp else ""]
            else:
                cells += [*(f"{ratio:.2f}" for ratio in tally.ratios()), str(tally.cases)]
        table.add_row(name, *cells)
    return table


def confusion(name: str, rows: Iterable[measures.Outcome]) -> Table:
    counts = measures.confusion(rows)
    given = [status for status in get_args(Status) if any(key[1] == status for key in counts)]
    table = Table("wanted, given:", *given, title=f"statuses of the claims found in {name} sets")
    for wanted in get_args(Status):
        row = [counts[wanted, status] for status in given]
        if any(row):
            cells = [
                f"[bold]{n}[/]" if s == wanted else str(n or "") for s, n in zip(given, row, strict=True)
            ]
            table.add_row(wanted, *cells)
    return table


def held() -> Table:
    """Return how many candidates each rule holds back in each set."""
    counts = {
        name: Counter(one.held for each in evaluation.examined(name) for one in each.candidates if one.held)
        for name in evaluation.SETS
    }
    table = Table("held back by", *counts, title="candidates held back")
    for rule, _ in sum(counts.values(), Counter()).most_common():
        table.add_row(rule, *(str(each[rule] or "") for each in counts.values()))
    return table


def calibration() -> Table:
    rows = [one for one in measures.first_outcomes() if one.right is not None]
    bins = measures.reliability((one.confidence, bool(one.right)) for one in rows)
    title = f"confidence, on first scores of blind sets only (expected error {measures.error(bins):.2f})"
    table = Table("confidence", "claims", "mean", "right", "█ right, ┃ where it should be", title=title)
    for one in bins:
        fine = one.right / one.claims
        table.add_row(
            f"{one.low:.1f} to {one.low + 0.1:.1f}", str(one.claims), f"{one.confidence:.2f}", f"{fine:.2f}",
            bar(fine, one.confidence),
        )  # fmt: skip
    return table


def bar(fine: float, wanted: float) -> str:
    """Draw a share, and a mark where it should be.

    >>> bar(0.25, 0.5)
    '█████·····┃·········'
    """
    signs = ["█" if n < round(fine * BAR) else "·" for n in range(BAR)]
    signs[min(BAR - 1, round(wanted * BAR))] = "┃"
    return "".join(signs)


def changes(
    now: Mapping[str, float], then: Mapping[str, float]
) -> Iterator[tuple[str, float | None, float | None]]:
    """Yield (figure, then, now) of what rose, fell, came or went."""
    for name in sorted({*now, *then}):
        old, new = then.get(name), now.get(name)
        if old is None or new is None or abs(new - old) >= LEAST:
            yield name, old, new


def compared(now: Mapping[str, float], recorded: Mapping[str, Any]) -> Table:
    table = Table(
        "figure", "then", "now", "", title=f"since the run recorded at {recorded.get('commit', 'no time')}"
    )
    for name, old, new in changes(now, recorded.get("figures", {})):
        if old is None or new is None:
            sign = "new" if old is None else "gone"
        else:
            better = (new > old) != name.endswith("clean hits")
            sign = "[green]better[/]" if better else "[red]worse[/]"
        table.add_row(name, *("" if each is None else f"{each:g}" for each in (old, new)), sign)
    if not table.row_count:
        table.add_row("nothing changed", "", "", "")
    return table


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    return found


@click.command()
@click.option(
    "--record", is_flag=True, help="Keep this run's figures in tests/recorded.json, to compare with."
)
@click.option("-v", "verbose", is_flag=True, help="List the cases that went wrong.")
def main(record: bool, verbose: bool) -> None:
    """Print every score, and what rose and fell since the recorded run."""
    from tests.blind_score import head

    console = Console(width=None if Console().is_terminal else 140)
    scores = {name: evaluation.scores(name) for name in evaluation.SETS}
    cases, rows = evaluation.contrastive(), sets()
    console.print(side_by_side(scores, cases))
    for name in scores:
        console.print(languages(name, scores[name]))
    table = Table("language", "right", "of", title="cases: contrastive, synthetic, negative")
    for lang, (good, total, wrong) in sorted(cases.items()):
        table.add_row(lang, str(good), str(total))
        if verbose:
            console.print(*wrong, sep="\n", markup=False)
    console.print(table)
    types = {name: measures.by_type(each) for name, each in rows.items()}
    console.print(tallies("by type", get_args(InvolvementType), types))
    statuses = {name: measures.by_status(each) for name, each in rows.items()}
    console.print(tallies("by status (strict)", get_args(Status), statuses))
    for name, each in rows.items():
        console.print(confusion(name, each))
    console.print(held())
    console.print(calibration())
    now = figures(scores, cases, rows)
    console.print(compared(now, recorded()))
    if record:
        RECORDED.write_text(json.dumps({"commit": head(), "figures": now}, indent=1) + "\n", "utf-8")
        console.print(f"recorded in {RECORDED.name}")


if __name__ == "__main__":
    main()
