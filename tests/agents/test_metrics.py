"""Every label value is of a fixed set: what is sent to us does not make a scrape larger."""

from typing import get_args

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from agents import facts
from agents.chain import Trip
from agents.facts import OTHER, Words
from agents.metrics import ERRORS, LIVE, REASONS, Metrics
from agents.runner import error_of
from agents.topology import ROWS
from ops.bench import metrics as bench
from pipeline.knowledge import load
from pipeline.novelty.verdict import SAME_REPORT
from pipeline.types import InvolvementType, Language, RawArticle, Status
from tests.claims_builder import claim as a_claim
from tests.fakes import GIVEN, NOON, clean, judge

MOST = 3000  # series of a busy worker
NOW = NOON.timestamp()


@pytest.fixture(scope="module")
def knowledge():
    return load()


def series(metrics):
    return sum(len(metric.samples) for metric in metrics.registry.collect())


def article(**fields):
    raw = RawArticle(body="text", content_type="text/plain", source="s", id="a", fetched_at=NOON)
    return msgspec.structs.replace(clean(raw, GIVEN)[0], **fields)


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)


def test_ten_thousand_odd_sources_and_languages_make_no_more_series(knowledge):
    metrics = Metrics.on(CollectorRegistry())
    metrics.begin([row.name for row in ROWS])
    words = Words.of(knowledge)
    one = a_claim()
    everything = [
        msgspec.structs.replace(one, theatre=theatre, type=kind, status=status)
        for theatre in [*words.theatres, "XX", "AQ", "no-place"]
        for kind in get_args(InvolvementType)
        for status in get_args(Status)
    ]
    for family in words.families:
        metrics.ended("ok", facts.of_article(article(family=family), (), knowledge), NOW)
    for code in words.languages:
        language = Language(code=code, confidence=1.0)
        metrics.ended("ok", facts.of_article(article(language=language), (), knowledge), NOW)
    metrics.ended("ok", facts.of_article(article(), everything, knowledge), NOW)
    full = series(metrics)
    for number in range(10_000):
        odd = article(family=f"outlet-{number}.example", language=Language(code=f"q{number}", confidence=0.5))
        metrics.ended("ok", facts.of_article(odd, (), knowledge), NOW)
    assert series(metrics) == full + 2  # the language `other`, its number and its time
    assert full < MOST
    assert value(metrics, "condotta_articles_family_total", family=OTHER) == 10_001 + len(words.languages)
    assert value(metrics, "condotta_articles_language_total", language=OTHER) == 10_000
    assert value(metrics, "condotta_claims_total", theatre=OTHER, type="arms") == 3 * len(get_args(Status))


@pytest.mark.long
def test_every_supporter_and_theatre_stays_under_the_bound(knowledge):
    metrics = Metrics.on(CollectorRegistry())
    metrics.begin(["novelty"])
    countries = [*sorted(knowledge.countries), "XX", "wagner-group"]
    for theatre in countries:
        for supporter in countries[:: 1 if theatre in ("LY", "XX") else 7]:
            decision, _ = judge(a_claim(f"{theatre}|{supporter}|arms|"), None, GIVEN)
            metrics.decided("NEW", facts.of_decision(decision, knowledge), NOW)
    words = Words.of(knowledge)
    pairs = (len(words.supporters) + 1) * (len(words.theatres) + 1)
    assert series(metrics) < MOST
    assert series(Metrics.on(CollectorRegistry())) + pairs + 100 < MOST
    assert value(metrics, "condotta_pairs_total", supporter="RU", theatre="LY") == 1
    assert value(metrics, "condotta_pairs_total", supporter=OTHER, theatre="LY") > 100


def test_the_sets_hold_what_the_news_is_about(knowledge):
    words = Words.of(knowledge)
    assert {"LY", "SD", "UA", "YE"} <= words.theatres
    assert {"RU", "TR", "AE", "IR", "FR"} <= words.supporters
    assert {"id", "en", "und"} <= words.languages
    assert "antara" in words.families


def test_the_age_of_archives_and_backfills_is_not_taken(knowledge):
    metrics = Metrics.on(CollectorRegistry())
    metrics.ended("ok", facts.of_article(article(), (), knowledge), NOW + 3)
    metrics.ended("ok", facts.of_article(article(backfill=True), (), knowledge), NOW + 3)
    metrics.ended("ok", facts.of_article(article(), (), knowledge), NOW + LIVE + 1)
    metrics.ended("rejected", facts.Facts(), NOW)
    assert value(metrics, "condotta_article_age_seconds_count", to="outcome") == 1
    assert value(metrics, "condotta_article_age_seconds_sum", to="outcome") == 3
    assert value(metrics, "condotta_articles_total", outcome="ok") == 3
    assert value(metrics, "condotta_articles_total", outcome="rejected") == 1


def test_near_duplicates_and_corroboration_are_counted(knowledge):
    metrics = Metrics.on(CollectorRegistry())
    decision, _ = judge(a_claim(), None, GIVEN)
    told = [
        msgspec.structs.replace(decision, decision="REPEAT", reason=SAME_REPORT),
        msgspec.structs.replace(decision, decision="REPEAT", reason="nothing more than what is known"),
        msgspec.structs.replace(decision, step="families:2"),
        msgspec.structs.replace(decision, step="new", deltas=("denied", "families:3")),
    ]
    for each in told:
        metrics.decided(each.decision, facts.of_decision(each, knowledge), NOW)
    assert value(metrics, "condotta_near_duplicates_total") == 1
    assert value(metrics, "condotta_corroborations_total") == 2
    assert value(metrics, "condotta_decisions_total", decision="REPEAT") == 2


@pytest.mark.parametrize(
    ("reason", "fault", "error"),
    [
        ("not a record of news.raw: Object missing required field `body`", False, "malformed"),
        ("the record is empty", False, "malformed"),
        ("a record of 9000000 bytes for news.clean is above 8880128", False, "too_large"),
        ("its process died at work on it", False, "crash"),
        ("TimeoutError: not now", False, "unavailable"),
        ("ZeroDivisionError: a bug", True, "fault"),
        ("it takes more than 10 s", False, "limits"),
    ],
)
def test_each_dead_letter_has_a_kind_of_error(reason, fault, error):
    assert error_of(Trip(outcome="dead", stage="clean", reason=reason, fault=fault)) == error
    assert error in ERRORS


def test_counters_of_small_sets_begin_at_nought():
    metrics = Metrics.on(CollectorRegistry())
    metrics.begin(["clean"])
    text = generate_latest(metrics.registry).decode()
    assert 'condotta_dead_letters_total{error="fault",stage="clean"} 0.0' in text
    assert 'condotta_retries_total{what="accept"} 0.0' in text
    assert all(f'condotta_rejections_total{{reason="{reason}"}} 0.0' in text for reason in REASONS)
    assert "_created" not in text


@pytest.mark.long
def test_metrics_cost_less_than_three_hundredths_of_the_work():
    part, scrape = bench.share()
    assert part < 0.03
    assert scrape < 0.05
