"""Stand-ins: knowledge of nothing, stages simple enough to know by heart, a topic that fails as told."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from agents.pool import Carrier
from agents.stage import End, Fold, Given, Stage, chains
from agents.topology import ALERTS, CLAIMS, CLEAN, CORRECTIONS, DECISIONS, LABELLED, RAW, TAGGED
from pipeline.errors import Rejected
from pipeline.ids import derive
from pipeline.novelty import withdrawn
from pipeline.types import (
    Alert,
    Article,
    ArticleRef,
    Claim,
    Decision,
    Evidence,
    Language,
    MadeBy,
    Subscriber,
    Supporter,
)

MADE_BY = MadeBy(version="0", knowledge="none")
NOON = datetime(2019, 12, 22, 12, tzinfo=UTC)


class NoKnowledge:
    made_by = MADE_BY
    entries: ClassVar = {}
    families: ClassVar = {}
    conflicts = ()


GIVEN = Given(NoKnowledge(), (Subscriber(id="desk", to="desk@example.org"),))


def raw(body="RU arms LY in plain sight", **fields):
    """Return the bytes of a raw article whose body is also its message to the stand-in stages."""
    told = {"id": "a1", "source": "example.org", "content_type": "text/plain", "body": body, **fields}
    return msgspec.json.encode({name: value for name, value in told.items() if value is not None})


def clean(raw, given):
    if raw.body == "":
        raise Rejected("too-short")
    return [
        Article(
            made_by=given.knowledge.made_by,
            id=raw.id or "none",
            url=raw.url,
            source=raw.source,
            family=raw.source,
            wire=None,
            title=raw.title or "",
            text=raw.body,
            published_at=raw.published_at,
            fetched_at=raw.fetched_at,
            backfill=raw.backfill,
            content_hash=derive(raw.title, raw.body),
            signature=None,
        )
    ]


def label(article, given):
    return [msgspec.structs.replace(article, language=Language(code="en", confidence=1.0))]


def find(article, given):
    if "grow" in article.text:
        return [msgspec.structs.replace(article, text="x" * 9_000_000)]
    return [article]


def extract(article, given):
    if "bug" in article.text:
        raise ZeroDivisionError("a bug")
    if "flaky" in article.text:
        raise TimeoutError("not now")
    if "crash" in article.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "spin" in article.text:
        while True:  # work without end
            pass
    if "hang" in article.text:
        time.sleep(3600)
    if "hoard" in article.text:
        return [bytearray(2**20) for _ in range(2000)]
    if "slow" in article.text:
        time.sleep(0.01)
    return [claim(article, word) for word in article.text.split() if word in ("RU", "TR")]


def claim(article, principal):
    key = f"LY|{principal}|arms|"
    return Claim(
        made_by=article.made_by,
        id=derive(article.id, article.content_hash, key, "asserted", "text", 0, 9),
        key=key,
        theatre="LY",
        type="arms",
        supporter=Supporter(principal=principal),
        epistemic="asserted",
        realis="ongoing",
        change="continue",
        status="asserted",
        evidence=Evidence(field="text", quote=article.text[:9], start=0, end=9),
        confidence=0.9,
        article=ArticleRef(
            id=article.id,
            url=article.url,
            source=article.source,
            family=article.family,
            wire=None,
            title=article.title,
            language="en",
            published_at=article.published_at,
            fetched_at=article.fetched_at,
            backfill=article.backfill,
            content_hash=article.content_hash,
            signature=None,
        ),
    )


def judge(claim, state, given):
    """Decide NEW once for each key; the state is the list of keys."""
    keys = msgspec.json.decode(state) if state else []
    name = "REPEAT" if claim.key in keys else "NEW"
    decision = Decision(
        made_by=claim.made_by,
        id=derive(claim.id, claim.key, None, name.lower()),
        decision=name,
        step=name.lower(),
        period=None,
        reason="",
        story=claim.story,
        key=claim.key,
        matched_key=claim.key,
        rank=3,
        disputed=False,
        families=1,
        first_seen=None,
        claim=claim,
    )
    return decision, msgspec.json.encode(sorted({*keys, claim.key}))


def decide(decision, given):
    if decision.decision != "NEW" or decision.claim.article.backfill:
        return []
    return [alert(decision, subscriber.id) for subscriber in given.subscribers]


def alert(decision, subscriber):
    return Alert(
        made_by=decision.made_by,
        id=derive(subscriber, decision.matched_key, decision.period, decision.step),
        subscriber=subscriber,
        channel="now",
        story=decision.story,
        period=decision.period,
        step=decision.step,
        due=decision.claim.article.fetched_at,
        decision=decision,
    )


ROWS = (
    Stage("clean", "condotta-text", RAW, CLEAN, clean),
    Stage("language", "condotta-text", CLEAN, LABELLED, label),
    Stage("entities", "condotta-text", LABELLED, TAGGED, find),
    Stage("claims", "condotta-text", TAGGED, CLAIMS, extract, leaves=True),
    Fold(
        "novelty",
        "condotta-novelty",
        CLAIMS,
        DECISIONS,
        judge,
        table="pairs",
        beside=CORRECTIONS,
        turned=withdrawn,
    ),
    Stage("alerts", "condotta-alerts", DECISIONS, ALERTS, decide),
    End("mail", "condotta-mail", ALERTS),
)


def carrier():
    """Make what a process of a pool holds."""
    return Carrier(chains(ROWS), GIVEN)


class FakeProducer:
    """Stands in for Faust's producer: fails as told, then delivers and remembers."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.sent = []

    async def send(self, topic, key, value, partition, timestamp, headers):
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and not isinstance(failure, tuple):
            raise failure  # at once, as for an unknown topic
        delivered = asyncio.get_running_loop().create_future()
        if failure is None:
            self.sent.append((topic, key, value, dict(headers)))
            delivered.set_result(None)
        else:
            delivered.set_exception(failure[0])  # later, as for a broker that went away
        return delivered

    def topics(self):
        return [topic for topic, *_ in self.sent]


class FakeApp:
    def __init__(self, *failures):
        self.producer = FakeProducer(*failures)
