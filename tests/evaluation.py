"""Score extraction on the labelled, contrastive and blind sets: `make eval` prints the tables.

Sets are scored by tests/gold/score.py, unchanged. Contrastive cases are one sentence each and right only
if every claim is found with its status and nothing else is.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from rich.console import Console
from rich.table import Table

from pipeline import claims, clean, entities, language
from pipeline.knowledge import Knowledge, load
from pipeline.types import Article, Claim, Language, RawArticle
from tests.gold import score

HERE = Path(__file__).parent
SETS = {
    "labelled": ["gold/articles.yaml"],
    "blind": sorted(str(p.relative_to(HERE)) for p in HERE.glob("blind/*.yaml")),
}
CONTRASTIVE = sorted(HERE.glob("cases/contrastive/*.yaml"))


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return load()


def through(raw: Mapping[str, Any]) -> Article:
    """Carry one raw article through clean, language and entities."""
    know = knowledge()
    article = clean.clean(msgspec.convert(raw, RawArticle), know)
    return entities.find(language.label(article, know), know)


@lru_cache(maxsize=4)
def articles(name: str) -> tuple[Article, ...]:
    """Return the articles of a set as they come to the claims stage."""
    return tuple(through(raw) for raw in score.raw(score.load([HERE / path for path in SETS[name]])))


def found(articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the claims of labelled articles as the lines of news.claims."""
    know = knowledge()
    return [msgspec.to_builtins(c) for raw in score.raw(articles) for c in claims.extract(through(raw), know)]


def scores(name: str) -> dict[str, dict[str, Any]]:
    """Return score.py's figures for a set by language, and for `all`."""
    articles = score.load([HERE / path for path in SETS[name]])
    tally, _ = score.score(articles, found(articles))
    total: Counter[str] = sum(tally.values(), Counter())
    return {lang: score.ratios(t) for lang, t in sorted(tally.items())} | {"all": score.ratios(total)}


def cases(path: Path) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Yield (date, sentence, wanted claims) of a contrastive file."""
    for group in yaml.safe_load(path.read_text("utf-8")):
        for sentence, wanted in group["cases"]:
            yield str(group["date"]), sentence, wanted


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


def contrastive() -> dict[str, tuple[int, int, list[str]]]:
    """Return for each language (right, all, the sentences that went wrong)."""
    out = {}
    for path in CONTRASTIVE:
        rows = list(cases(path))
        wrong = [s for date, s, wanted in rows if not right(wanted, sentence_claims(s, path.stem, date))]
        out[path.stem] = (len(rows) - len(wrong), len(rows), wrong)
    return out


def main() -> None:
    """Print the tables."""
    console = Console()
    for name in SETS:
        columns = ("language", "P", "R", "F1", "status", "strict", "clean hit", "bad quotes")
        table = Table(*columns, title=f"{name} sets")
        for lang, row in scores(name).items():
            ratios = [f"{row[k]:.2f}" for k in ("precision", "recall", "f1", "status", "strict")]
            hits, bad = f"{row['clean_hit']}/{row['clean']}", f"{row['bad_quotes']}/{row['quotes']}"
            table.add_row(lang, *ratios, hits, bad)
        console.print(table)
    table = Table("language", "right", "of", title="contrastive cases")
    for lang, (good, total, wrong) in contrastive().items():
        table.add_row(lang, str(good), str(total))
        if "-v" in sys.argv:
            console.print(*wrong, sep="\n")
    console.print(table)


if __name__ == "__main__":
    main()
