"""Score extraction on the labelled, contrastive and blind sets: `make eval` prints the tables.

Sets are scored by tests/gold/score.py, unchanged. Cases are one sentence each and right only if every claim
is found with its status and nothing else is. They are filed by origin, tests/cases/ORIGIN/LANGUAGE*.yaml:

    contrastive      one word changes the answer
    synthetic        invented, for one rule each
    negative         looks like a claim and is none
    known_failures   what the rules get wrong today: a test fails as soon as one of them is right

A blind set without a row in tests/blind/SCORES.md is left alone: tests/blind_score.py scores it first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from agents.shelf import stock
from pipeline import claims, clean, entities, language
from pipeline.claims import Examined
from pipeline.knowledge import Knowledge, load
from pipeline.types import Article, Claim, Language, RawArticle
from tests.gold import score

HERE = Path(__file__).parent
SCORES = HERE / "blind" / "SCORES.md"
ORIGINS = ("contrastive", "synthetic", "negative", "known_failures")
ROW = re.compile(r"^\| ([a-z]{2}-\d+) \|", re.M)


def scored() -> list[str]:
    """Return the names of the blind sets that were scored before."""
    return ROW.findall(SCORES.read_text("utf-8"))


SETS = {
    "labelled": ["gold/articles.yaml"],
    "blind": [f"blind/{name}.yaml" for name in sorted(scored())],
}


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    know = load()
    stock(know)
    return know


def through(raw: Mapping[str, Any]) -> Article:
    """Carry one raw article through clean, language and entities."""
    know = knowledge()
    article = clean.clean(msgspec.convert(raw, RawArticle), know)
    return entities.find(language.label(article, know), know)


@lru_cache(maxsize=32)
def read(path: Path) -> Any:
    """Return what a YAML file holds; libyaml reads the sets ten times as fast as `score.load` does."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def gold(name: str) -> list[dict[str, Any]]:
    """Return the labelled articles of a set."""
    return [article for path in SETS[name] for article in read(HERE / path)]


@lru_cache(maxsize=4)
def articles(name: str) -> tuple[Article, ...]:
    """Return the articles of a set as they come to the claims stage."""
    return tuple(through(raw) for raw in score.raw(gold(name)))


@lru_cache(maxsize=4)
def examined(name: str) -> tuple[Examined, ...]:
    """Return what the claims stage makes of each article of a set."""
    return tuple(claims.examine(article, knowledge()) for article in articles(name))


def found(labelled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the claims of labelled articles as the lines of news.claims."""
    know = knowledge()
    return [msgspec.to_builtins(c) for raw in score.raw(labelled) for c in claims.extract(through(raw), know)]


def told(name: str) -> list[dict[str, Any]]:
    """Return the claims of a set as the lines of news.claims."""
    return [msgspec.to_builtins(claim) for one in examined(name) for claim in one.claims]


def scores(name: str) -> dict[str, dict[str, Any]]:
    """Return score.py's figures for a set by language, and for `all`."""
    tally, _ = score.score(gold(name), told(name))
    total: Counter[str] = sum(tally.values(), Counter())
    return {lang: score.ratios(t) for lang, t in sorted(tally.items())} | {"all": score.ratios(total)}


# Cases


class Case(NamedTuple):
    """One sentence and the claims it holds: [principal, type, theatre, status]."""

    origin: str
    lang: str
    date: str
    sentence: str
    wanted: list[list[str]]


def cases(origin: str) -> Iterator[Case]:
    """Yield the cases of an origin. Raises ValueError naming the file of a case that is none."""
    for path in sorted((HERE / "cases" / origin).glob("*.yaml")):
        lang = path.stem.partition("-")[0]
        for group in read(path):
            for sentence, wanted in group["cases"]:
                if not all(len(claim) == 4 for claim in wanted):
                    raise ValueError(f"{path}: {sentence}: a claim has four parts")
                yield Case(origin, lang, str(group["date"]), sentence, wanted)


def sentence_claims(sentence: str, lang: str, date: str) -> tuple[Claim, ...]:
    """Return the claims of one sentence of known language, published on `date`."""
    return claims.extract(sentence_article(sentence, lang, date), knowledge())


def sentence_article(sentence: str, lang: str, date: str) -> Article:
    """Return one sentence of known language as an article that is tagged."""
    know = knowledge()
    when = datetime.fromisoformat(f"{date}T08:00:00+00:00")
    article = Article(
        made_by=know.made_by,
        id="case",
        url=None,
        source="case.example",
        family="case.example",
        wire=None,
        title="",
        text=sentence,
        language=Language(code=lang, confidence=1.0),
        published_at=when,
        fetched_at=when,
        backfill=False,
        content_hash="case",
        signature=None,
    )
    return entities.find(article, know)


def right(wanted: list[list[str]], claimed: tuple[Claim, ...]) -> bool:
    """Say whether the claims of a case are exactly the wanted ones, status included."""
    best: dict[tuple[str, str, str], Claim] = {}
    for claim in claimed:
        key = (claim.supporter.principal, claim.type, claim.theatre)
        if key not in best or claim.confidence > best[key].confidence:
            best[key] = claim
    left = list(wanted)
    for (principal, kind, theatre), claim in best.items():
        have = (principal, kind, theatre, claim.status)
        fits = (w for w in left if all(h in w_i.split("|") for h, w_i in zip(have, w, strict=True)))
        match = next(fits, None)
        if match is None:
            return False
        left.remove(match)
    return not left


def holds(case: Case) -> bool:
    return right(case.wanted, sentence_claims(case.sentence, case.lang, case.date))


def contrastive() -> dict[str, tuple[int, int, list[str]]]:
    """Return for each language (right, all, the sentences that went wrong); known failures apart."""
    out: dict[str, tuple[int, int, list[str]]] = {}
    for case in (case for origin in ORIGINS[:3] for case in cases(origin)):
        good, total, wrong = out.get(case.lang, (0, 0, []))
        fine = holds(case)
        out[case.lang] = (good + fine, total + 1, wrong if fine else [*wrong, case.sentence])
    return out


def main() -> None:
    from tests.report import main as report

    report()


if __name__ == "__main__":
    main()
