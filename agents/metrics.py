"""Every metric that a worker exports, each with its sentence."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

STAGE_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
SEND_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)
BATCH_RECORDS = (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(frozen=True)
class Metrics:
    """One set for each app, on a registry of its own."""

    registry: CollectorRegistry
    records: Counter
    rejections: Counter
    skipped: Counter
    sent: Counter
    retries: Counter
    decisions: Counter
    alerts: Counter
    mails: Counter
    mail_failures: Counter
    held: Counter
    suspended: Gauge
    subscribers_hash: Gauge
    subscribers_unreadable: Gauge
    stage_seconds: Histogram
    send_seconds: Histogram
    batch_records: Histogram
    ready: Gauge
    stopped: Gauge
    lag: Gauge

    @classmethod
    def on(cls, registry: CollectorRegistry) -> "Metrics":
        def counter(name: str, sentence: str, *labels: str) -> Counter:
            return Counter(f"condotta_{name}", sentence, labels, registry=registry)

        def histogram(name: str, sentence: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"condotta_{name}", sentence, labels, buckets=buckets, registry=registry)

        def gauge(name: str, sentence: str) -> Gauge:
            return Gauge(f"condotta_{name}", sentence, registry=registry)

        return cls(
            registry=registry,
            records=counter(
                "records_total",
                "Records that left a stage, by outcome: ok, rejected or dead.",
                "stage",
                "outcome",
            ),
            rejections=counter("rejections_total", "Articles turned away, by reason.", "reason"),
            skipped=counter("skipped_total", "Records that a chain had carried past this stage.", "stage"),
            sent=counter("sent_total", "Records that the broker has acknowledged, by topic.", "topic"),
            retries=counter("retries_total", "Further attempts, by what failed: work or send.", "what"),
            decisions=counter("decisions_total", "Decisions of novelty, by name.", "decision"),
            alerts=counter("alerts_total", "Alerts by channel: now or digest.", "channel"),
            mails=counter("mails_total", "Mails by the state that they came into.", "state"),
            mail_failures=counter(
                "mail_failures_total",
                "Attempts to send that failed, by how: unreachable, refused_for_now, refused or in_doubt.",
                "how",
            ),
            held=counter("alerts_held_total", "Alerts that went into the digest instead, by why.", "why"),
            suspended=gauge("mail_suspended", "Addresses that are suspended for refusing every mail."),
            subscribers_hash=gauge(
                "subscribers_hash", "The first 48 bits of the subscribers' file in force, as a number."
            ),
            subscribers_unreadable=gauge(
                "subscribers_unreadable",
                "1 while the subscribers' file cannot be used and the old one counts.",
            ),
            stage_seconds=histogram(
                "stage_duration_seconds", "Seconds of work on one record in a stage.", STAGE_SECONDS, "stage"
            ),
            send_seconds=histogram(
                "send_duration_seconds", "Seconds from sending to the broker's acknowledgement.", SEND_SECONDS
            ),
            batch_records=histogram("batch_records", "Records taken at once.", BATCH_RECORDS),
            ready=Gauge(
                "condotta_ready", "1 while partitions are assigned and state is recovered.", registry=registry
            ),
            stopped=Gauge(
                "condotta_stopped",
                "1 while faults of our own stop the work, and one record a minute is tried.",
                registry=registry,
            ),
            lag=Gauge(
                "condotta_lag_records",
                "Records that wait in the partitions of this process, by the broker's account.",
                registry=registry,
            ),
        )
