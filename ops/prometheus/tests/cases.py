"""Each alert with series that fire it and series that must not: written out for `promtool test rules`.

Values are Prometheus' own notation: `0+5x10` is 0, 5, … 50, one value each INTERVAL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

INTERVAL = "15s"
UP = {"condotta_broker_up{}": "1x8000"}
TEXT = '{group="condotta-text"}'
PLACE = '{group="condotta-text",topic="news.raw",partition="3"}'
WORKER = '{job="condotta-worker",instance="a:9100"}'
Series = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """At `at` the alert fires with `labels`, one set for each time it does; none: it does not fire."""

    alert: str
    says: str
    series: Series
    at: str = "2m"
    labels: tuple[Mapping[str, str], ...] = field(default_factory=tuple)


def buckets(name: str, to: str, good: str, all_: str, le: str) -> Series:
    """Return a histogram of which one bucket matters."""
    inside = f'to="{to}",' if to else ""
    count = f'{{to="{to}"}}' if to else ""
    return {f'{name}_bucket{{{inside}le="{le}"}}': good, f"{name}_count{count}": all_}


def decisions(good: str, all_: str) -> Series:
    return buckets("condotta_article_age_seconds", "decision", good, all_, "10.0")


def mails(good: str, all_: str) -> Series:
    return buckets("condotta_mail_late_seconds", "", good, all_, "60.0")


def silent(spoken: int, silent_: int, each: int = 5) -> Series:
    """Return a language that comes `each` articles an interval, then not at all."""
    stamps = f"0+15x{spoken} {15 * spoken}x{silent_}"
    return {
        'condotta_articles_language_total{language="id"}': f"0+{each}x{spoken} {each * spoken}x{silent_}",
        'condotta_article_timestamp_seconds{language="id"}': stamps,
    }


LANGUAGE = {"language": "id"}
GROUP = {"group": "condotta-text"}
PARTITION = {**GROUP, "topic": "news.raw", "partition": "3"}
INSTANCE = {"job": "condotta-worker", "instance": "a:9100"}

CASES = (
    Case("Watchdog", "always", {}, "0m", ({},)),
    Case("BrokerDown", "away", {"condotta_broker_up{}": "1x4 0x20"}, "2m", ({},)),
    Case("BrokerDown", "a restart of 30 s", {"condotta_broker_up{}": "1x4 0 0 1x20"}),
    Case("BrokerDown", "there", UP),
    Case("MonitorDown", "nobody scraped", {}, "2m", ({},)),
    Case("MonitorDown", "down", {'up{job="condotta-monitor"}': "1x4 0x20"}, "2m15s", ({},)),
    Case("MonitorDown", "up", {'up{job="condotta-monitor"}': "1x40"}),
    Case("NoWorker", "none", {**UP, f"condotta_group_members{TEXT}": "1x4 0x20"}, "2m", (GROUP,)),
    Case("NoWorker", "one is left", {**UP, f"condotta_group_members{TEXT}": "2x4 1x20"}),
    Case("NoWorker", "a restart of 30 s", {**UP, f"condotta_group_members{TEXT}": "1x4 0 0 1x20"}),
    Case(
        "NoWorker", "the broker's fault",
        {"condotta_broker_up{}": "0x40", f"condotta_group_members{TEXT}": "0x40"},
    ),
    Case("WorkerUnreachable", "down", {f"up{WORKER}": "1 0x20"}, "2m", (INSTANCE,)),
    Case("WorkerUnreachable", "killed once", {f"up{WORKER}": "1x4 0 0 1x20"}),
    Case("WorkerNotReady", "five minutes", {**UP, f"condotta_ready{WORKER}": "0x40"}, "6m", (INSTANCE,)),
    Case("WorkerNotReady", "a rebalance", {**UP, f"condotta_ready{WORKER}": "1x4 0 0 0 1x40"}, "6m"),
    Case(
        "WorkerRestartsAgainAndAgain", "every minute",
        {f"condotta_started_timestamp_seconds{WORKER}": "1x3 2x3 3x3 4x3 5x3 6x3"}, "5m", (INSTANCE,),
    ),
    Case(
        "WorkerRestartsAgainAndAgain", "killed once, and two rolling restarts",
        {f"condotta_started_timestamp_seconds{WORKER}": "1x4 2x4 3x4 4x20"}, "5m",
    ),
    Case("WorkerStopped", "stopped", {f"condotta_stopped{WORKER}": "0 1x20"}, "2m", (INSTANCE,)),
    Case("WorkerStopped", "works", {f"condotta_stopped{WORKER}": "0x20"}),
    Case(
        "LoopLags", "more than a second, always",
        {
            'condotta_loop_lag_seconds_bucket{instance="a",le="1.0"}': "0x80",
            'condotta_loop_lag_seconds_bucket{instance="a",le="3.0"}': "0+15x80",
            'condotta_loop_lag_seconds_bucket{instance="a",le="+Inf"}': "0+15x80",
        },
        "12m", ({"instance": "a"},),
    ),
    Case(
        "LoopLags", "a few milliseconds",
        {
            'condotta_loop_lag_seconds_bucket{instance="a",le="0.003"}': "0+15x80",
            'condotta_loop_lag_seconds_bucket{instance="a",le="+Inf"}': "0+15x80",
        },
        "12m",
    ),
    Case(
        "MemoryHigh", "with its children",
        {
            'condotta_memory_bytes{instance="a",process="self"}': "1000000000x80",
            'condotta_memory_bytes{instance="a",process="children"}': "2500000000x80",
        },
        "12m", ({"instance": "a"},),
    ),
    Case("MemoryHigh", "as it should be", {'condotta_memory_bytes{instance="a",process="self"}': "8e8x80"}, "12m"),
    Case(
        "DiskFull", "one of a hundred gigabytes",
        {f"condotta_data_free_bytes{WORKER}": "1e9x20", f"condotta_data_size_bytes{WORKER}": "1e11x20"},
        "2m", (INSTANCE,),
    ),
    Case(
        "DiskFull", "small, and 100 MB left",
        {f"condotta_data_free_bytes{WORKER}": "1e8x20", f"condotta_data_size_bytes{WORKER}": "1e9x20"},
        "2m", (INSTANCE,),
    ),
    Case(
        "DiskFull", "half empty",
        {f"condotta_data_free_bytes{WORKER}": "5e10x20", f"condotta_data_size_bytes{WORKER}": "1e11x20"},
    ),
    Case(
        "PartitionStuck", "does not move",
        {
            **UP,
            f"condotta_group_members{TEXT}": "1x40",
            f"condotta_group_offset{PLACE}": "0+7x2 14x20",
            f"condotta_group_lag_seconds{PLACE}": "0x2 0+15x20",
        },
        "2m15s", (PARTITION,),
    ),
    Case(
        "PartitionStuck", "behind, and moves",
        {
            **UP,
            f"condotta_group_members{TEXT}": "1x40",
            f"condotta_group_offset{PLACE}": "0+7x40",
            f"condotta_group_lag_seconds{PLACE}": "600x40",
        },
        "5m",
    ),
    Case(
        "PartitionStuck", "a kill -9 and what follows, 45 s",
        {
            **UP,
            f"condotta_group_members{TEXT}": "1x40",
            f"condotta_group_offset{PLACE}": "0+7x2 14 14 14 21+7x30",
            f"condotta_group_lag_seconds{PLACE}": "0x2 15 30 45 50 40 30 20 10 0x30",
        },
    ),
    Case(
        "PartitionStuck", "nobody serves the group",
        {
            **UP,
            f"condotta_group_members{TEXT}": "0x40",
            f"condotta_group_offset{PLACE}": "14x40",
            f"condotta_group_lag_seconds{PLACE}": "0+15x40",
        },
        "5m",
    ),
    Case("Backlog", "ten minutes behind", {f"condotta_group_lag_seconds{PLACE}": "600x60"}, "8m", (GROUP,)),
    Case("Backlog", "a minute behind", {f"condotta_group_lag_seconds{PLACE}": "60x60"}, "8m"),
    Case(
        "DeadLetterBurst", "a tenth dies",
        {
            'condotta_dead_letters_total{stage="claims",error="fault"}': "0x4 0+5x20",
            'condotta_records_total{stage="claims",outcome="ok"}': "0+45x30",
        },
        "2m30s", ({"stage": "claims"},),
    ),
    Case(
        "DeadLetterBurst", "three bad records",
        {
            'condotta_dead_letters_total{stage="clean",error="malformed"}': "0 1 2 3x20",
            'condotta_records_total{stage="clean",outcome="ok"}': "0+45x30",
        },
    ),
    Case(
        "DeadLetterBurst", "twelve of ten thousand",
        {
            'condotta_dead_letters_total{stage="clean",error="malformed"}': "0+2x30",
            'condotta_records_total{stage="clean",outcome="ok"}': "0+1500x30",
        },
    ),
    Case(
        "DeadLettersForgotten", "61 days old",
        {"condotta_dead_letters{}": "5x6000", 'condotta_dead_letter_timestamp_seconds{which="oldest"}': "-5300000x6000"},
        "2h", ({},),
    ),
    Case(
        "DeadLettersForgotten", "none there",
        {"condotta_dead_letters{}": "0x6000", 'condotta_dead_letter_timestamp_seconds{which="oldest"}': "0x6000"},
        "2h",
    ),
    Case("TopicsDiffer", "two settings", {"condotta_topics_differ{}": "2x20"}, "2m", ({},)),
    Case("TopicsDiffer", "as declared", {"condotta_topics_differ{}": "0x20"}),
    Case(
        "ArticlesUnaccounted", "a hundred vanished",
        {
            "condotta_articles_read_total{}": "300x60", 'condotta_articles_total{outcome="ok"}': "190x60",
            "condotta_returned_total{}": "4x60", "condotta_in_flight_records{}": "6x60",
        },
        "12m", ({},),
    ),
    Case(
        "ArticlesUnaccounted", "all told, at work or given back",
        {
            "condotta_articles_read_total{}": "300x60", 'condotta_articles_total{outcome="ok"}': "190x60",
            'condotta_articles_total{outcome="dead"}': "10x60",
            "condotta_returned_total{}": "40x60", "condotta_in_flight_records{}": "60x60",
        },
        "12m",
    ),
    Case("LanguageSilent", "ten minutes of speech, then nothing", silent(40, 40), "12m", (LANGUAGE,)),
    Case("LanguageSilent", "speaks on", silent(80, 1), "12m"),
    Case("LanguageSilent", "rare by nature", {
        'condotta_articles_language_total{language="sw"}': "0x8 1x40 2x40",
        'condotta_article_timestamp_seconds{language="sw"}': "0x8 120x40 720x40",
    }, "20m"),
    Case(
        "LedgerUnwritable", "one attempt failed",
        {'condotta_retries_total{what="accept",instance="a"}': "0x4 1x20"}, "2m",
        ({"what": "accept", "instance": "a"},),
    ),
    Case("LedgerUnwritable", "no attempt failed", {'condotta_retries_total{what="accept",instance="a"}': "0x20"}),
    Case("LedgerUnwritable", "Kafka was away", {'condotta_retries_total{what="send",instance="a"}': "0+1x20"}),
    Case("MailWaits", "twenty minutes", {"condotta_mail_unsent_timestamp_seconds{}": "1x90"}, "20m", ({},)),
    Case("MailWaits", "none waits", {"condotta_mail_unsent_timestamp_seconds{}": "0x90"}, "20m"),
    Case(
        "MailNotAccepted", "the server is away",
        {'condotta_mail_failures_total{how="unreachable"}': "0 1 2 3 4x20", 'condotta_mails_total{state="sent"}': "5x30"},
        "2m", ({},),
    ),
    Case(
        "MailNotAccepted", "two minutes after the last of a steady flow",
        {
            'condotta_mail_failures_total{how="refused_for_now"}': "0x8 1 2 3x40",
            'condotta_mails_total{state="sent"}': "0+1x8 8x40",
        },
        "4m", ({},),
    ),
    Case(
        "MailNotAccepted", "one is put off, the others go",
        {
            'condotta_mail_failures_total{how="refused_for_now"}': "0 1 2 3x20",
            'condotta_mails_total{state="sent"}': "0+3x30",
        },
    ),
    Case(
        "MailFailed", "refused for good",
        {'condotta_mail_failures_total{how="refused"}': "0x4 1x20"}, "2m", ({"how": "refused"},),
    ),
    Case("MailFailed", "put off", {'condotta_mail_failures_total{how="refused_for_now"}': "0+1x20"}),
    Case("AddressSuspended", "one", {"condotta_mail_suspended{}": "1x20"}, "2m", ({},)),
    Case("AddressSuspended", "none", {"condotta_mail_suspended{}": "0x20"}),
    Case(
        "SubscribersUnreadable", "broken",
        {'condotta_subscribers_unreadable{instance="a"}': "0 1x20"}, "2m", ({"instance": "a"},),
    ),
    Case("SubscribersUnreadable", "good", {'condotta_subscribers_unreadable{instance="a"}': "0x20"}),
    Case(
        "SubscribersDiffer", "two files",
        {'condotta_subscribers_hash{instance="a"}': "7x40", 'condotta_subscribers_hash{instance="b"}': "9x40"},
        "6m", ({},),
    ),
    Case(
        "SubscribersDiffer", "one file, a change that comes to all within a minute",
        {
            'condotta_subscribers_hash{instance="a"}': "7x10 9x30",
            'condotta_subscribers_hash{instance="b"}': "7x13 9x30",
        },
        "6m",
    ),
    Case("DecisionsLateFast", "a fifth is late", decisions("0+8x300", "0+10x300"), "20m", ({"slo": "decision"},)),
    Case("DecisionsLateFast", "one in a hundred", decisions("0+99x300", "0+100x300"), "20m"),
    Case("DecisionsLateFast", "was late, and is not now", decisions("0+8x100 800+10x100", "0+10x200"), "40m"),
    Case("DecisionsLateSlow", "a twelfth, for hours", decisions("0+11x3000", "0+12x3000"), "7h", ({"slo": "decision"},)),
    Case("DecisionsLateSlow", "one in two hundred", decisions("0+199x3000", "0+200x3000"), "7h"),
    Case("MailsLateFast", "one in twenty", mails("0+19x300", "0+20x300"), "20m", ({"slo": "mail"},)),
    Case("MailsLateFast", "none", mails("0+20x300", "0+20x300"), "20m"),
    Case("MailsLateSlow", "one in a hundred", mails("0+99x3000", "0+100x3000"), "7h", ({"slo": "mail"},)),
    Case("MailsLateSlow", "one in two thousand", mails("0+1999x3000", "0+2000x3000"), "7h"),
)  # fmt: skip
