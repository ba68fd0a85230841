"""Score every field of the frame, not only who and where, on tests/cases/frames and the blind sets' `frames`.

A case names one claim and labels its frame; what it leaves out is null or the default (DEFAULTS). Only claims
that were found are compared, and the number that were not is told. Fields that may be null and lists get
precision, recall and F1 over the values that are not null; axes, which always have a value, their accuracy.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from rich.table import Table

from tests.evaluation import HERE, found, knowledge, sentence_claims
from tests.gold import score

DEFAULTS: Mapping[str, Any] = {
    "recipient": None,
    "executor": None,
    "personnel_origin": None,
    "quantity": None,
    "equipment": [],
    "event_time": None,
    "attribution_kinds": [],
    "embargo_violation": False,
    "epistemic": "asserted",
    "realis": "occurred",
    "change": "start",
}
ACCURACY = ("epistemic", "realis", "change")
LENGTH = {"day": 10, "month": 7, "year": 4}  # of an ISO date, as exact as the label is
CASES = HERE / "cases" / "frames"


@dataclass
class Tally:
    """What was right, given and wanted; of how many labels, and how many of these were null or default."""

    right: int = 0
    given: int = 0
    wanted: int = 0
    labels: int = 0
    empty: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float | None:
        """F1, for the axes the accuracy; None: unmeasured."""
        if not self.wanted:
            return None
        total = self.given + self.wanted
        return 2 * self.right / total


@dataclass
class Result:
    fields: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in DEFAULTS})
    claims: int = 0
    missed: list[str] = field(default_factory=list)


Pair = tuple[str, Mapping[str, Any], Mapping[str, Any] | None]  # where it stands, label, claim found


@lru_cache(maxsize=1)
def weapons() -> Mapping[str, str]:
    """Return names of weapons, hyphens as spaces -> ids; labellers wrote names they could not look up."""
    entries = [e for key, e in knowledge().entries.items() if key.startswith("weapon:")]
    names = {n.casefold().replace("-", " "): e.id for e in entries for ns in e.names.values() for n in ns}
    return names | {e.id.replace("-", " "): e.id for e in entries}


def claim_of(wanted: list[str], claims: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the surest mention that has the labelled principal, type and theatre."""
    principal, kind, theatre = (str(w).split("|") for w in wanted[:3])
    fits = [
        c
        for c in claims
        if c["supporter"]["principal"] in principal and c["type"] in kind and c["theatre"] in theatre
    ]
    return max(fits, key=lambda c: c["confidence"], default=None)


def told(claim: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a claim in the shape of a label."""
    out = {name: claim.get(name) for name in DEFAULTS}
    out["executor"] = claim["supporter"].get("executor")
    out["attribution_kinds"] = [one["kind"] for one in claim["attribution"]]
    return out


def same(name: str, label: Any, value: Any) -> bool:
    if label is None or value is None:
        return label is value
    if name == "quantity":
        return all(label[k] == value[k] for k in ("min", "max", "unit"))
    if name == "event_time":
        cut = LENGTH[label["precision"]]
        return all((label[k] or "")[:cut] == (value[k] or "")[:cut] for k in ("start", "end"))
    return str(value) in str(label).split("|")


def compare(result: Result, place: str, label: Mapping[str, Any], claim: Mapping[str, Any]) -> None:
    have = told(claim)
    for name, default in DEFAULTS.items():
        tally, want, value = result.fields[name], label.get(name, default), have[name]
        tally.labels += 1
        tally.empty += want == default
        if name == "equipment":
            want = [weapons().get(w.replace("-", " "), w) for w in want]
        if isinstance(default, list):
            counts = len(set(want) & set(value)), len(set(value)), len(set(want))
        elif name in ACCURACY:
            counts = int(same(name, want, value)), 1, 1
        else:
            counts = int(bool(want) and same(name, want, value)), int(bool(value)), int(bool(want))
        tally.right, tally.given = tally.right + counts[0], tally.given + counts[1]
        tally.wanted += counts[2]
        if counts[0] != max(counts):
            tally.wrong.append(f"{place}: {name}: wanted {want}, got {value}")


def measure(pairs: Iterable[Pair]) -> Result:
    result = Result()
    for place, label, claim in pairs:
        result.claims += 1
        if claim is None:
            result.missed.append(place)
        else:
            compare(result, place, label, claim)
    return result


def own(language: str) -> Iterator[Pair]:
    """Give the cases of a language."""
    for case in yaml.safe_load((CASES / f"{language}.yaml").read_text("utf-8")):
        claims = sentence_claims(case["text"], language, str(case["date"]))
        label = dict(case.get("frame") or {})
        if "quantity" in label:
            label["quantity"] = dict(zip(("min", "max", "unit"), label["quantity"], strict=True))
        if "event_time" in label:
            start, end, precision = label["event_time"]
            start, end = (None if day is None else str(day) for day in (start, end))
            label["event_time"] = {"start": start, "end": end, "precision": precision}
        yield case["text"], label, claim_of(case["claim"], [msgspec.to_builtins(c) for c in claims])


def blind(path: Path) -> Iterator[Pair]:
    """Give the claims of a blind set that have a frame."""
    articles = [a for a in score.load([path]) if a.get("frames")]
    by_article: dict[str, list[dict[str, Any]]] = {}
    for claim in found(articles):
        by_article.setdefault(claim["article"]["id"], []).append(claim)
    for article in articles:
        for wanted, label in zip(article["claims"], article["frames"], strict=True):
            claim = claim_of(wanted, by_article.get(article["id"], ()))
            yield f"{article['id']} {'/'.join(wanted[:3])}", label, claim


def results() -> dict[str, Result]:
    """Return the figures of each file of cases and of each blind set with frames."""
    out = {f"cases {path.stem}": measure(own(path.stem)) for path in sorted(CASES.glob("*.yaml"))}
    for path in sorted(HERE.glob("blind/*.yaml")):
        measured = measure(blind(path))
        if measured.claims:
            out[f"blind {path.stem}"] = measured
    return out


def tables() -> Iterator[Table]:
    """Give one table for each set: a row for each field."""
    for name, result in results().items():
        title = f"frame fields, {name}: {result.claims - len(result.missed)} of {result.claims} claims found"
        table = Table("field", "labels", "null or default", "P", "R", "F1 or accuracy", title=title)
        for each, tally in result.fields.items():
            shown = ["", "", "unmeasured"]
            if tally.f1 is not None:
                shown = ["" if each in ACCURACY else f"{x:.2f}" for x in (tally.precision, tally.recall)]
                shown.append(f"{tally.f1:.2f}")
            table.add_row(each, str(tally.labels), str(tally.empty), *shown)
        yield table


def main() -> None:
    """Print the tables, and with -v what went wrong."""
    import sys

    from rich.console import Console

    for table in tables():
        Console().print(table)
    if "-v" in sys.argv:
        for name, result in results().items():
            print(f"\n{name}: not found", *result.missed, sep="\n  ")
            for each in result.fields.values():
                print(*each.wrong, sep="\n")


if __name__ == "__main__":
    main()
