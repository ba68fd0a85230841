"""The whole system on one screen: which function reads and writes which topic, in which group."""

from collections.abc import Iterable
from typing import Any

from agents.stage import End, Fold, Given, Row, Stage, Topic
from pipeline.types import Alert, Article, Claim, Correction, Decision, Outcome, RawArticle

PARTITIONS = 12  # of every topic, fixed at creation

RAW = Topic("news.raw", RawArticle, key=lambda raw: raw.id or "", days=14)
CLEAN = Topic("news.clean", Article, key=lambda article: article.id, days=3)
LABELLED = Topic("news.labelled", Article, key=lambda article: article.id, days=3)
TAGGED = Topic("news.tagged", Article, key=lambda article: article.id, days=3)
CLAIMS = Topic("news.claims", Claim, key=lambda claim: claim.pair)
DECISIONS = Topic("news.decisions", Decision, key=lambda decision: decision.claim.pair)
ALERTS = Topic("news.alerts", Alert, key=lambda alert: alert.subscriber, days=90)
OUTCOMES = Topic("news.outcomes", Outcome, key=lambda outcome: outcome.article, compacted=True)
CORRECTIONS = Topic("news.corrections", Correction, key=lambda one: one.key, compacted=True)
MAILERS = Topic[Any]("news.mailers", dict, key=str, compacted=True)
DEAD = Topic("news.dead", bytes, key=lambda _: "", days=90)  # keeps the key of the record

TOPICS: tuple[Topic[Any], ...] = (
    RAW, CLEAN, LABELLED, TAGGED, CLAIMS, DECISIONS, ALERTS, OUTCOMES, CORRECTIONS, MAILERS, DEAD,
)  # fmt: skip


def _clean(raw: RawArticle, given: Given) -> Iterable[Article]:
    from pipeline.clean import clean

    return (clean(raw, given.knowledge),)


def _label(article: Article, given: Given) -> Iterable[Article]:
    from pipeline.language import label

    return (label(article, given.knowledge),)


def _find(article: Article, given: Given) -> Iterable[Article]:
    from pipeline.entities import find

    return (find(article, given.knowledge),)


def _extract(article: Article, given: Given) -> Iterable[Claim]:
    from pipeline.claims import extract

    return extract(article, given.knowledge)


def _judge(claim: Claim, state: bytes | None, given: Given) -> tuple[Decision, bytes]:
    from pipeline.novelty import judge

    return judge(claim, state, given.knowledge)


def _withdraw(correction: Correction) -> Claim | None:
    from pipeline.novelty import withdrawn

    return withdrawn(correction)


def _decide(decision: Decision, given: Given) -> Iterable[Alert]:
    from pipeline.alerts import decide

    return decide(decision, given.subscribers, given.knowledge, given.learning_until)


ROWS: tuple[Row, ...] = (
    Stage("clean", "condotta-text", RAW, CLEAN, _clean),
    Stage("language", "condotta-text", CLEAN, LABELLED, _label),
    Stage("entities", "condotta-text", LABELLED, TAGGED, _find),
    Stage("claims", "condotta-text", TAGGED, CLAIMS, _extract, leaves=True),
    Fold(
        "novelty",
        "condotta-novelty",
        CLAIMS,
        DECISIONS,
        _judge,
        table="pairs",
        beside=CORRECTIONS,
        turned=_withdraw,
    ),
    Stage("alerts", "condotta-alerts", DECISIONS, ALERTS, _decide),
    End("mail", "condotta-mail", ALERTS),
)  # fmt: skip - the functions are imported when first called: most processes run a few of them


def chosen(names: str, rows: tuple[Row, ...] = ROWS) -> tuple[Row, ...]:
    """Return the rows named in `names`, in the topology's order; all where it is empty.

    Raises ValueError with a sentence that names the unknown one.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = [row.name for row in rows]
    for name in wanted:
        if name not in known:
            raise ValueError(f"unknown stage {name!r}: the stages are {', '.join(known)}")
    return tuple(row for row in rows if not wanted or row.name in wanted)


def groups(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    """Return the rows by consumer group, in order: each group is an app and a process of its own."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        found[row.group] = (*found.get(row.group, ()), row)
    return found


def changelog(row: Fold[Any, Any]) -> str:
    """Return the topic that keeps what `row` remembers."""
    return f"{row.group}-{row.table}-changelog"


def skips(row: str, carried: str | None, rows: tuple[Row, ...] = ROWS) -> bool:
    """Return whether a record that a chain carried up to the row `carried` is no work for `row`."""
    order = {each.name: place for place, each in enumerate(rows)}
    return carried in order and order[carried] >= order[row] if carried else False
