"""Every metric that a worker exports, each with its sentence. Label values are words of fixed sets."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from agents.facts import Facts
from pipeline.types import Channel, DecisionName, OutcomeName

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for every counter, which nobody draws

STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
SEND_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)
AGE_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14_400)
LOOP_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
BATCH_RECORDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)

LIVE = 86_400.0  # seconds; an article fetched before is one of an archive, whose age says nothing of us
OUTCOMES: tuple[str, ...] = get_args(OutcomeName)
REASONS = ("too-short", "no-letters", "oversized", "not-an-article")
ERRORS = ("malformed", "too_large", "unavailable", "crash", "limits", "fault")
FAILURES = ("unreachable", "refused_for_now", "refused", "in_doubt")
STATES = ("sent", "waiting", "parked", "failed", "dropped")
RETRIED = ("work", "send", "accept")


class Told:
    """What a metric is called, the sentence that goes with it, its labels, and a histogram's buckets."""

    def __init__(self, name: str, sentence: str, *labels: str, buckets: tuple[float, ...] = ()) -> None:
        self.name, self.sentence, self.labels = f"condotta_{name}", sentence, labels
        self.given = {"buckets": buckets} if buckets else {}

    def make(self, kind: Any, registry: CollectorRegistry) -> Any:
        return kind(self.name, self.sentence, self.labels, registry=registry, **self.given)


@dataclass(frozen=True)
class Metrics:
    """One set for each app, on a registry of its own."""

    registry: CollectorRegistry
    records: Annotated[
        Counter,
        Told(
            "records_total",
            "Records that left a stage, by outcome: ok, rejected or dead.",
            "stage",
            "outcome",
        ),
    ]
    rejections: Annotated[Counter, Told("rejections_total", "Articles turned away, by reason.", "reason")]
    dead: Annotated[
        Counter,
        Told(
            "dead_letters_total",
            "Dead letters by stage and error: malformed, too_large, unavailable, crash, limits or fault.",
            "stage",
            "error",
        ),
    ]
    skipped: Annotated[
        Counter, Told("skipped_total", "Records that a chain had carried past this stage.", "stage")
    ]
    returned: Annotated[
        Counter, Told("returned_total", "Records given back to Kafka unfinished: they come again.")
    ]
    sent: Annotated[
        Counter, Told("sent_total", "Records that the broker has acknowledged, by topic.", "topic")
    ]
    retries: Annotated[
        Counter,
        Told("retries_total", "Further attempts, by what failed: work, send, or accept by the end.", "what"),
    ]
    articles_read: Annotated[Counter, Told("articles_read_total", "Articles taken from news.raw.")]
    articles: Annotated[
        Counter,
        Told("articles_total", "Articles that left the pipeline, by how: ok, rejected or dead.", "outcome"),
    ]
    languages: Annotated[
        Counter, Told("articles_language_total", "Articles that came through, by language.", "language")
    ]
    families: Annotated[
        Counter,
        Told(
            "articles_family_total",
            "Articles that came through, by family of the publisher table, or other.",
            "family",
        ),
    ]
    seen: Annotated[
        Gauge,
        Told("article_timestamp_seconds", "When the last article of a language came through.", "language"),
    ]
    claims: Annotated[
        Counter,
        Told(
            "claims_total",
            "Claims by theatre at war (or other) and type; every mention, also repeats.",
            "theatre",
            "type",
        ),
    ]
    statuses: Annotated[Counter, Told("claims_status_total", "Claims by type and status.", "type", "status")]
    pairs: Annotated[
        Counter,
        Told(
            "pairs_total",
            "Judged claims by supporter and theatre, each of a fixed set or other.",
            "supporter",
            "theatre",
        ),
    ]
    decisions: Annotated[Counter, Told("decisions_total", "Decisions of novelty, by name.", "decision")]
    repeated: Annotated[
        Counter, Told("near_duplicates_total", "Claims whose report is remembered for their key.")
    ]
    corroborated: Annotated[
        Counter, Told("corroborations_total", "Claims that a further family of publishers reports.")
    ]
    alerts: Annotated[Counter, Told("alerts_total", "Alerts by channel: now or digest.", "channel")]
    mails: Annotated[Counter, Told("mails_total", "Mails by the state that they came into.", "state")]
    mail_failures: Annotated[
        Counter,
        Told(
            "mail_failures_total",
            "Attempts to send that failed, by how: unreachable, refused_for_now, refused or in_doubt.",
            "how",
        ),
    ]
    held: Annotated[
        Counter, Told("alerts_held_total", "Alerts that went into the digest instead, by why.", "why")
    ]
    mail_late: Annotated[
        Histogram,
        Told("mail_late_seconds", "Seconds from when a mail was due to its acceptance.", buckets=AGE_SECONDS),
    ]
    suspended: Annotated[
        Gauge, Told("mail_suspended", "Addresses that are suspended for refusing every mail.")
    ]
    subscribers: Annotated[Gauge, Told("subscribers", "Entries of the subscribers' file in force.")]
    subscribers_hash: Annotated[
        Gauge, Told("subscribers_hash", "The first 48 bits of the subscribers' file in force, as a number.")
    ]
    subscribers_unreadable: Annotated[
        Gauge,
        Told(
            "subscribers_unreadable", "1 while the subscribers' file cannot be used and the old one counts."
        ),
    ]
    stage_seconds: Annotated[
        Histogram,
        Told(
            "stage_duration_seconds",
            "Seconds of work on one record in a stage.",
            "stage",
            buckets=STAGE_SECONDS,
        ),
    ]
    send_seconds: Annotated[
        Histogram,
        Told(
            "send_duration_seconds",
            "Seconds from sending to the broker's acknowledgement.",
            buckets=SEND_SECONDS,
        ),
    ]
    age_seconds: Annotated[
        Histogram,
        Told(
            "article_age_seconds",
            "Seconds from fetched_at of a live article to its outcome, its decision or its mail.",
            "to",
            buckets=AGE_SECONDS,
        ),
    ]
    loop_lag: Annotated[
        Histogram,
        Told(
            "loop_lag_seconds", "Seconds that the event loop woke up late, each second.", buckets=LOOP_SECONDS
        ),
    ]
    batch_records: Annotated[
        Histogram, Told("batch_records", "Records taken at once.", buckets=BATCH_RECORDS)
    ]
    in_flight: Annotated[Gauge, Told("in_flight_records", "Records taken and not finished.")]
    acknowledged: Annotated[Gauge, Told("acknowledged_timestamp_seconds", "When records were last finished.")]
    rebalances: Annotated[Counter, Told("rebalances_total", "Assignments of partitions to this process.")]
    started: Annotated[Gauge, Told("started_timestamp_seconds", "When this process started.")]
    release: Annotated[Gauge, Told("release", "1, with what runs.", "version", "knowledge")]
    disk_free: Annotated[Gauge, Told("data_free_bytes", "Bytes left where CONDOTTA_DATA lies.")]
    disk_size: Annotated[Gauge, Told("data_size_bytes", "Bytes of the disk where CONDOTTA_DATA lies.")]
    ready: Annotated[Gauge, Told("ready", "1 while partitions are assigned and state is recovered.")]
    stopped: Annotated[
        Gauge, Told("stopped", "1 while faults of our own stop the work, and one record a minute is tried.")
    ]
    lag: Annotated[
        Gauge,
        Told("lag_records", "Records that wait in the partitions of this process, by the broker's account."),
    ]

    @classmethod
    def on(cls, registry: CollectorRegistry) -> "Metrics":
        """Make every metric that a field tells of, on `registry`."""
        metrics = {
            name: hint.__metadata__[0].make(hint.__origin__, registry)
            for name, hint in get_type_hints(cls, include_extras=True).items()
            if get_origin(hint) is Annotated
        }
        found = cls(registry=registry, **metrics)
        found._begin()
        return found

    def _begin(self) -> None:
        """Let the counters of small sets stand at 0: the first of anything is then an increase."""
        for outcome in OUTCOMES:
            self.articles.labels(outcome)
        for reason in REASONS:
            self.rejections.labels(reason)
        for what in RETRIED:
            self.retries.labels(what)
        for name in get_args(DecisionName):
            self.decisions.labels(name)
        for channel in get_args(Channel):
            self.alerts.labels(channel)
        for how in FAILURES:
            self.mail_failures.labels(how)
        for state in STATES:
            self.mails.labels(state)
        self.started.set_to_current_time()

    def begin(self, stages: Collection[str]) -> None:
        """Do the same for the stages that run here."""
        for stage in stages:
            for outcome in OUTCOMES:
                self.records.labels(stage, outcome)
            for error in ERRORS:
                self.dead.labels(stage, error)

    def ended(self, outcome: str, facts: Facts, now: float) -> None:
        """Count an article that left the pipeline."""
        self.articles.labels(outcome).inc()
        self.aged("outcome", facts.fetched, now)
        if facts.language is not None:
            self.languages.labels(facts.language).inc()
            self.seen.labels(facts.language).set(now)
        if facts.family is not None:
            self.families.labels(facts.family).inc()
        for theatre, kind, status in facts.claims:
            self.claims.labels(theatre, kind).inc()
            self.statuses.labels(kind, status).inc()

    def decided(self, name: str, facts: Facts, now: float) -> None:
        """Count a decision of novelty."""
        self.decisions.labels(name).inc()
        self.aged("decision", facts.fetched, now)
        self.repeated.inc(facts.repeated)
        self.corroborated.inc(facts.corroborated)
        if facts.pair is not None:
            self.pairs.labels(*facts.pair).inc()

    def aged(self, to: str, fetched: float | None, now: float) -> None:
        """Take the age of a live article; one that a clock ahead of ours fetched counts as new."""
        if fetched is not None and now - fetched < LIVE:
            self.age_seconds.labels(to).observe(max(0.0, now - fetched))
