"""Ordered streams, stated as claims: every decision, its step and its deltas as listed."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from pipeline.knowledge import load
from pipeline.novelty import judge
from tests.claims_builder import article, claim, day

FOLDER = Path(__file__).parent.parent / "stories" / "novelty"
STREAMS = [one for path in sorted(FOLDER.glob("*.yaml")) for one in yaml.safe_load(path.read_text("utf-8"))]


def article_of(told):
    fields = {
        name: told[name]
        for name in ("id", "source", "family", "wire", "url", "text", "backfill")
        if name in told
    }
    published = day(told["day"]) if "day" in told else None
    fetched = datetime.fromisoformat(told["fetched"]) if "fetched" in told else None
    return article(published_at=published, fetched_at=fetched, **fields)


def claims_of(stream):
    for told in stream["articles"]:
        of = article_of(told)
        yield from (claim(of=of, **one) for one in told["claims"])


def decisions_of(stream):
    states = {}
    for one in claims_of(stream):
        decision, states[one.pair] = judge(one, states.get(one.pair), load())
        yield decision


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream["id"])
def test_a_stream_is_decided_as_listed(stream):
    got = {}
    for one in decisions_of(stream):
        row = [one.claim.supporter.principal, one.claim.type, one.claim.theatre, one.decision, one.step]
        got.setdefault(one.claim.article.id, []).append([*row, *one.deltas])
    assert got == stream["expect"]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream["id"])
def test_a_stream_told_twice_alerts_once(stream):
    twice = {"articles": stream["articles"] * 2}
    second = list(decisions_of(twice))[len(list(claims_of(stream))) :]
    assert {one.decision for one in second} <= {"REPEAT", "BACKGROUND"}


def test_streams_have_ids_of_their_own():
    assert len({one["id"] for one in STREAMS}) == len(STREAMS) >= 30
