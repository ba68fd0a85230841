"""What metrics cost: processor time of telling and counting an article, as a share of the work on it.

`python ops/bench/metrics.py`; the bound is 3 %. One process, no Kafka: sending would only make it smaller.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from prometheus_client import CollectorRegistry, generate_latest

from agents import chain, facts
from agents.metrics import Metrics
from agents.stage import Chain, Given, chains
from agents.topology import ROWS
from ops.watch.live import article
from pipeline.knowledge import load

ARTICLES = 300


def carried(rows: Chain, given: Given) -> tuple[list[chain.Trip], float]:
    """Return the trips, and the seconds of the work on them."""
    records = [chain.Incoming(topic="news.raw", value=article(number)) for number in range(ARTICLES)]
    chain.run(rows, records[0], given)  # what is loaded once
    start = time.process_time()
    trips = [chain.run(rows, record, given) for record in records]
    return trips, time.process_time() - start


def counted(metrics: Metrics, trips: list[chain.Trip]) -> float:
    """Return the seconds of what `Runner.count` does."""
    start = time.process_time()
    for trip in trips:
        for stage, seconds in trip.seconds:
            metrics.stage_seconds.labels(stage).observe(seconds)
            metrics.records.labels(stage, "ok").inc()
        metrics.ended(trip.outcome, trip.facts, time.time())
    return time.process_time() - start


def told(given: Given) -> float:
    """Return the seconds of telling ARTICLES articles with two claims each."""
    from pipeline.types import RawArticle
    from tests.claims_builder import claim
    from tests.fakes import GIVEN, clean

    fetched = claim().article.fetched_at
    raw = RawArticle(body="text", content_type="text/plain", source="s", fetched_at=fetched)
    one = clean(raw, GIVEN)[0]
    claims = [claim(), claim("SD|AE|arms|rsf")]
    start = time.process_time()
    for _ in range(ARTICLES):
        facts.of_article(one, claims, given.knowledge)
    return time.process_time() - start


def share() -> tuple[float, float]:
    """Return the share of metrics in the work, and the seconds of one scrape."""
    given = Given(load())
    metrics = Metrics.on(CollectorRegistry())
    trips, work = carried(chains(ROWS)["news.raw"], given)
    cost = counted(metrics, trips) + told(given)
    return cost / work, min(_scrape(metrics) for _ in range(5))


def _scrape(metrics: Metrics) -> float:
    start = time.process_time()
    generate_latest(metrics.registry)
    return time.process_time() - start


if __name__ == "__main__":
    part, scrape = share()
    print(f"metrics: {part:.2%} of the work on {ARTICLES} articles (bound 3 %)")
    print(f"a scrape: {scrape * 1000:.1f} ms")
