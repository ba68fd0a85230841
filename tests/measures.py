"""Measures of extraction beyond score.py's: outcomes claim by claim, and what is counted from them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tests.gold import score

FIRST = Path(__file__).parent / "blind" / "first.jsonl"


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One claim of an article, found or missed. `wanted` is the best reading of the status."""

    article: str
    lang: str
    right: bool | None  # None: missed
    key: tuple[str, str, str]  # principal, type, theatre
    status: str = ""
    wanted: str = ""
    confidence: float = 0.0


def outcomes(articles: Iterable[dict[str, Any]], claims: Iterable[dict[str, Any]]) -> Iterator[Outcome]:
    """Match claims as score.py does, and say what became of each."""
    found: dict[str, dict[tuple[str, str, str], list[dict[str, Any]]]] = defaultdict(dict)
    for claim in claims:
        key = (claim["supporter"]["principal"], claim["type"], claim["theatre"])
        found[claim["article"]["id"]].setdefault(key, []).append(claim)
    for one in articles:
        left = list(one["claims"])
        for key, same in found.get(one["id"], {}).items():
            best = max(same, key=lambda c: c["confidence"])
            gold = next((g for g in left if score.fits(g, same[0])), None)
            if gold is not None:
                left.remove(gold)
            elif any(score.fits(g, same[0]) for g in [*one["claims"], *one.get("optional", [])]):
                continue
            wanted = score.first(gold[3]) if gold else ""
            yield Outcome(
                article=one["id"], lang=one["lang"], right=gold is not None, key=key,
                status=best["status"], wanted=wanted, confidence=best["confidence"],
            )  # fmt: skip
        for gold in left:
            key = (_best(gold[0]), _best(gold[1]), _best(gold[2]))
            yield Outcome(
                article=one["id"], lang=one["lang"], right=None, key=key, wanted=score.first(gold[3])
            )


def _best(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value).split("|")[0]


class Tally(Struct):
    """Counts of found and right, found and wrong, missed."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, one: Outcome) -> None:
        if one.right:
            self.tp += 1
        elif one.right is None:
            self.fn += 1
        else:
            self.fp += 1

    @property
    def cases(self) -> int:
        return self.tp + self.fn

    def ratios(self) -> tuple[float, float, float]:
        """Return precision, recall, F1; 0 where there is nothing to divide by."""
        p = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        r = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        return p, r, 2 * p * r / (p + r) if p + r else 0.0


def by_type(rows: Iterable[Outcome]) -> dict[str, Tally]:
    out: dict[str, Tally] = defaultdict(Tally)
    for one in rows:
        out[one.key[1]].add(one)
    return out


def by_status(rows: Iterable[Outcome]) -> dict[str, Tally]:
    """Count a status as found where the claim is right and its status is the best reading."""
    out: dict[str, Tally] = defaultdict(Tally)
    for one in rows:
        if one.right and one.status == one.wanted:
            out[one.wanted].tp += 1
            continue
        if one.status:
            out[one.status].fp += 1
        if one.wanted:
            out[one.wanted].fn += 1
    return out


def confusion(rows: Iterable[Outcome]) -> Counter[tuple[str, str]]:
    """Count (wanted, given) statuses of the claims that were found."""
    return Counter((one.wanted, one.status) for one in rows if one.right)


# Confidence


class Bin(Struct):
    """Claims whose confidence lies in one decile."""

    low: float
    claims: int = 0
    right: int = 0
    confidence: float = 0.0  # their mean


def reliability(rows: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Return the deciles that hold claims, each with the share that was right."""
    bins = [Bin(low=n / 10) for n in range(10)]
    for confidence, fine in rows:
        one = bins[min(9, int(confidence * 10))]
        one.confidence = (one.confidence * one.claims + confidence) / (one.claims + 1)
        one.claims += 1
        one.right += fine
    return [one for one in bins if one.claims]


def error(bins: Iterable[Bin]) -> float:
    """Return the expected calibration error: mean distance of confidence and share right, by claims."""
    bins = list(bins)
    total = sum(one.claims for one in bins)
    gaps = (abs(one.confidence * one.claims - one.right) for one in bins)
    return sum(gaps) / total if total else 0.0


class First(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """An outcome of a blind set's first score."""

    set: str
    commit: str


def first_outcomes(path: Path = FIRST) -> list[First]:
    """Return what became of each claim when a blind set was scored for the first time."""
    return [msgspec.json.decode(line, type=First) for line in path.read_bytes().splitlines() if line]
