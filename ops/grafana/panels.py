"""What the dashboards show: each panel with its queries, its unit and a sentence. No panel shows single records."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["stat", "flow", "lines", "stacked", "heatmap", "table", "map", "bars"]

WIDTH = 24  # columns of Grafana's grid
COLORS = {
    "ok": "#56a64b",
    "rejected": "#f2cc0c",
    "dead": "#e02f44",
    "sent": "#56a64b",
    "failed": "#e02f44",
    "parked": "#ff780a",
}


@dataclass(frozen=True)
class Panel:
    """`queries`: (PromQL, legend). `limits`: from where it is orange and red."""

    title: str
    says: str
    kind: Kind
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    width: int = 8
    height: int = 7
    limits: tuple[float, float] | None = None
    least: bool = False  # what is below the limits is bad


@dataclass(frozen=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Variable:
    """Values of a label, all at first."""

    name: str
    label: str
    query: str


@dataclass(frozen=True)
class Board:
    uid: str
    title: str
    says: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    span: str = "now-1h"


def one(query: str, legend: str = "") -> tuple[tuple[str, str], ...]:
    return ((query, legend),)


def quantiles(metric: str, by: str = "", where: str = "") -> tuple[tuple[str, str], ...]:
    """Ask for the median and the 99th percentile of a histogram."""
    also = f", {by}" if by else ""
    name = f"{{{{{by}}}}} " if by else ""
    rate = f"sum by (le{also}) (rate({metric}_bucket{where}[2m]))"
    return (
        (f"histogram_quantile(0.5, {rate})", f"{name}median"),
        (f"histogram_quantile(0.99, {rate})", f"{name}99 %"),
    )


def mean(metric: str, where: str = "") -> str:
    return f"sum(rate({metric}_sum{where}[2m])) / sum(rate({metric}_count{where}[2m]))"


STAGES = ("clean", "language", "entities", "claims", "novelty", "alerts", "mail")
HERE = '{group=~"$group"}'
LANGUAGE = '{language=~"$language"}'
THEATRE = '{theatre=~"$theatre"}'

PIPELINE = Board(
    uid="condotta-pipeline",
    title="Condotta: Pipeline",
    says="Is it healthy, where do articles pile up, what is lost and why?",
    variables=(Variable("group", "Group", "label_values(condotta_group_members, group)"),),
    rows=(
        Row(
            "In ten seconds",
            (
                Panel(
                    "Alerts firing", "Alerts that fire now, without the Watchdog. 0 is health.", "stat",
                    one('count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)'),
                    width=3, height=4, limits=(1, 3),
                ),
                Panel(
                    "Broker", "1 while Kafka answers the monitor.", "stat", one("max(condotta_broker_up)"),
                    width=3, height=4, limits=(1, 0.5), least=True,
                ),
                Panel(
                    "Processes ready", "Worker processes that have partitions and state.", "stat",
                    one("sum(condotta_ready)"), width=3, height=4, limits=(4, 1), least=True,
                ),
                Panel(
                    "Stopped", "Worker processes that stopped, for most records died of a fault of ours.", "stat",
                    one("sum(condotta_stopped)"), width=3, height=4, limits=(1, 1),
                ),
                Panel(
                    "Oldest waiting", "Age of the oldest record that waits for any group.", "stat",
                    one("max(condotta:lag_seconds:by_group)"), "s", width=4, height=4, limits=(60, 300),
                ),
                Panel(
                    "Decided late", "Live claims decided more than 10 s after they were fetched, of the last hour. "
                    "1 % may be.", "stat", one("condotta:decision_late:ratio1h"), "percentunit",
                    width=4, height=4, limits=(0.01, 0.144),
                ),
                Panel(
                    "Dead in an hour", "Records that became dead letters in the last hour.", "stat",
                    one("round(sum(increase(condotta_dead_letters_total[1h])))"), width=4, height=4, limits=(1, 50),
                ),
                Panel(
                    "Flow, in the order of the stages",
                    "Records that leave each stage, a second. Where the number falls without a reason, look below.",
                    "flow",
                    (
                        ("sum(rate(condotta_articles_read_total[1m]))", "read"),
                        *((f'sum(condotta:records:rate1m{{stage="{name}",outcome="ok"}})', name) for name in STAGES),
                    ),
                    "reqps", width=24, height=4,
                ),
            ),
        ),
        Row(
            "Articles",
            (
                Panel(
                    "Throughput", "Articles a second that left the pipeline, by how they ended.", "stacked",
                    one("sum by (outcome) (rate(condotta_articles_total[1m]))", "{{outcome}}"), "reqps",
                ),
                Panel(
                    "In and out", "Read, ended and at work since the workers started; the difference must stay 0.",
                    "lines",
                    (
                        ("sum(condotta_articles_read_total)", "read"),
                        ("sum(condotta_articles_total)", "ended"),
                        ("sum(condotta_returned_total)", "given back"),
                        ("condotta:articles:unaccounted", "unaccounted"),
                    ),
                ),
                Panel(
                    "Rejected", "Articles a second that were turned away, by reason.", "stacked",
                    one("sum by (reason) (rate(condotta_rejections_total[5m]))", "{{reason}}"), "reqps",
                ),
                Panel(
                    "From fetched to outcome", "Live articles by the seconds from fetched_at to their outcome.",
                    "heatmap",
                    one('sum by (le) (increase(condotta_article_age_seconds_bucket{to="outcome"}[1m]))', "{{le}}"),
                    "s", width=12, height=8,
                ),
                Panel(
                    "From fetched to decision and mail", "Seconds from fetched_at of live articles; 10 s is the "
                    "objective for decisions.", "lines",
                    quantiles("condotta_article_age_seconds", "to"), "s", width=12, height=8, limits=(10, 60),
                ),
                Panel(
                    "Share decided late", "Live claims decided after more than 10 s, over five minutes, an hour and "
                    "six hours; 1 % may be.", "lines",
                    (
                        ("condotta:decision_late:ratio5m", "5 min"),
                        ("condotta:decision_late:ratio1h", "1 h"),
                        ("condotta:decision_late:ratio6h", "6 h"),
                    ),
                    "percentunit", limits=(0.01, 0.144),
                ),
                Panel(
                    "Outcomes by stage", "Records a second that did not go on, by stage.", "stacked",
                    one('condotta:records:rate1m{outcome!="ok"} > 0', "{{stage}} {{outcome}}"), "reqps",
                ),
                Panel(
                    "Dead letters by stage and error", "Of the last five minutes. fault is a bug of ours, malformed "
                    "a producer's.", "stacked",
                    one("sum by (stage, error) (increase(condotta_dead_letters_total[5m])) > 0", "{{stage}} {{error}}"),
                ),
            ),
        ),
        Row(
            "Where articles pile up",
            (
                Panel(
                    "Lag in seconds", "Age of the oldest record that waits for each group, by the broker.", "lines",
                    one(f"max by (group) (condotta_group_lag_seconds{HERE})", "{{group}}"), "s", limits=(60, 300),
                ),
                Panel(
                    "Lag in records", "Records that wait for each group, by the broker.", "lines",
                    one(f"sum by (group) (condotta_group_lag_records{HERE})", "{{group}}"),
                ),
                Panel(
                    "Lag by partition", "The ten partitions whose oldest record waits longest: one alone is stuck.",
                    "table",
                    one(f"topk(10, condotta_group_lag_seconds{HERE} > 0)"), "s",
                ),
                Panel(
                    "In flight", "Records taken from Kafka and not finished, and what waits by the workers' account.",
                    "lines",
                    (("sum(condotta_in_flight_records)", "in flight"), ("sum(condotta_lag_records)", "waiting")),
                ),
                Panel(
                    "Carried past", "Records a second that a chain had carried past a stage: they cost nothing.",
                    "lines", one("sum by (stage) (rate(condotta_skipped_total[2m]))", "{{stage}}"), "reqps",
                ),
                Panel(
                    "Written", "Records a second that Kafka acknowledged, by topic.", "lines",
                    one("sum by (topic) (rate(condotta_sent_total[1m]))", "{{topic}}"), "reqps",
                ),
                Panel(
                    "Growth of topics", "Records a second in each topic, by the broker's last offsets.", "lines",
                    one("rate(condotta_topic_records[2m]) > 0", "{{topic}}"), "reqps",
                ),
                Panel(
                    "Seconds since records were finished", "By group; it grows while nothing comes, or nothing moves.",
                    "lines",
                    one("time() - max by (instance) (condotta_acknowledged_timestamp_seconds > 0)", "{{instance}}"), "s",
                ),
                Panel(
                    "Members of each group", "Processes that serve a group, by the broker.", "lines",
                    one(f"condotta_group_members{HERE}", "{{group}}"),
                ),
            ),
        ),
        Row(
            "Work and saturation",
            (
                Panel(
                    "Seconds of work", "Of one record in a stage, at the 99th percentile.", "lines",
                    one(
                        "histogram_quantile(0.99, sum by (le, stage) "
                        "(rate(condotta_stage_duration_seconds_bucket[2m])))", "{{stage}}",
                    ), "s", limits=(1, 3),
                ),
                Panel(
                    "Seconds to write", "From sending to Kafka's acknowledgement.", "lines",
                    quantiles("condotta_send_duration_seconds"), "s",
                ),
                Panel(
                    "Records in a batch", "Mean of what is taken at once: 1 when idle, up to 256 when behind.", "lines",
                    one(mean("condotta_batch_records"), "mean"),
                ),
                Panel(
                    "Processor time", "Cores in use, by process and its children.", "stacked",
                    one("sum by (instance, process) (rate(condotta_cpu_seconds_total[1m]))", "{{instance}} {{process}}"),
                ),
                Panel(
                    "Memory", "Resident, of each process and of its children.", "stacked",
                    one("condotta_memory_bytes", "{{instance}} {{process}}"), "bytes", limits=(2e9, 3e9),
                ),
                Panel(
                    "Loop lag", "Seconds that event loops wake up late.", "lines",
                    quantiles("condotta_loop_lag_seconds"), "s", limits=(0.3, 1),
                ),
                Panel(
                    "Retries", "Further attempts in five minutes: work (transient), send (Kafka), accept (ledger).",
                    "stacked", one("sum by (what) (increase(condotta_retries_total[5m]))", "{{what}}"),
                ),
                Panel(
                    "Starts and rebalances", "Process starts and assignments of partitions in five minutes.", "lines",
                    (
                        ("sum(changes(condotta_started_timestamp_seconds[5m]))", "starts"),
                        ("sum(increase(condotta_rebalances_total[5m]))", "rebalances"),
                    ),
                ),
                Panel(
                    "Disk", "Bytes left where CONDOTTA_DATA lies.", "lines",
                    (
                        ("min(condotta_data_free_bytes)", "free"),
                        ("min(condotta_data_size_bytes)", "size"),
                    ), "bytes",
                ),
                Panel(
                    "Releases", "Versions and hashes of the knowledge that run now; two during a rolling restart.",
                    "table", one("count by (version, knowledge) (condotta_release)"), width=16,
                ),
                Panel(
                    "Seconds since the monitor heard the broker", "The age of what this dashboard says of Kafka.",
                    "stat", one("time() - max(condotta_monitor_timestamp_seconds)"), "s", width=4, limits=(30, 60),
                ),
                Panel(
                    "Topics that differ", "Settings of topics that are not as they must be.", "stat",
                    one("max(condotta_topics_differ)"), width=4, limits=(1, 1),
                ),
            ),
        ),
    ),
)  # fmt: skip

NEWS = Board(
    uid="condotta-news",
    title="Condotta: News",
    says="What is the world saying: claims by war, supporter and kind, in numbers.",
    span="now-24h",
    variables=(
        Variable("theatre", "Theatre", "label_values(condotta_claims_total, theatre)"),
        Variable("language", "Language", "label_values(condotta_articles_language_total, language)"),
    ),
    rows=(
        Row(
            "Claims",
            (
                Panel(
                    "Claims by theatre", "Mentions in ten minutes, by the country of the war; also repeats.", "stacked",
                    one(f"topk(8, sum by (theatre) (increase(condotta_claims_total{THEATRE}[10m])))", "{{theatre}}"),
                    width=12, height=8,
                ),
                Panel(
                    "Claims by type", "Mentions in ten minutes, by what is said to be done.", "stacked",
                    one(f"topk(8, sum by (type) (increase(condotta_claims_total{THEATRE}[10m])))", "{{type}}"),
                    width=12, height=8,
                ),
                Panel(
                    "Where", "Claims of the last 24 hours at the country of the war.", "map",
                    one(f"sum by (theatre) (increase(condotta_claims_total{THEATRE}[24h])) > 0", "{{theatre}}"),
                    width=14, height=11,
                ),
                Panel(
                    "Claims by country", "Mentions of the last 24 hours by theatre.", "table",
                    one(f"sort_desc(round(sum by (theatre) (increase(condotta_claims_total{THEATRE}[24h])) > 0))"),
                    width=10, height=11,
                ),
                Panel(
                    "Who is said to back which war", "Judged claims of the last 24 hours by supporter and theatre.",
                    "table",
                    one(
                        "topk(15, round(sum by (supporter, theatre) "
                        f"(increase(condotta_pairs_total{THEATRE}[24h])) > 0))"
                    ),
                    width=12, height=9,
                ),
                Panel(
                    "How sure it is", "Claims of the last 24 hours by status.", "bars",
                    one("sum by (status) (increase(condotta_claims_status_total[24h])) > 0", "{{status}}"),
                    width=12, height=9,
                ),
            ),
        ),
        Row(
            "Novelty",
            (
                Panel(
                    "Decisions", "In ten minutes, by name; NEW, REACTIVATED and UPDATE may alert.", "stacked",
                    one("sum by (decision) (increase(condotta_decisions_total[10m]))", "{{decision}}"),
                ),
                Panel(
                    "Near-duplicates", "Share of judged claims whose report is remembered already.", "lines",
                    one(
                        "sum(rate(condotta_near_duplicates_total[10m])) / sum(rate(condotta_decisions_total[10m]))",
                        "share",
                    ), "percentunit",
                ),
                Panel(
                    "Corroborated", "Claims in an hour that a further family of publishers reports.", "lines",
                    one("sum(increase(condotta_corroborations_total[1h]))", "claims"),
                ),
            ),
        ),
        Row(
            "Languages and sources",
            (
                Panel(
                    "Articles by language", "A minute, of those that came through.", "stacked",
                    one(f"sum by (language) (rate(condotta_articles_language_total{LANGUAGE}[5m])) * 60", "{{language}}"),
                ),
                Panel(
                    "Articles missed by language", "What should have come by a language's own rhythm while none did; "
                    "an alert fires above 20.", "lines",
                    one(f"condotta:articles_language:missed{LANGUAGE}", "{{language}}"), limits=(10, 20),
                ),
                Panel(
                    "Articles by family", "Of the last 24 hours, the fifteen largest families of publishers.", "bars",
                    one("topk(15, sum by (family) (increase(condotta_articles_family_total[24h])) > 0)", "{{family}}"),
                ),
            ),
        ),
    ),
)  # fmt: skip

MAIL = Board(
    uid="condotta-mail",
    title="Condotta: Alerts and mail",
    says="What was told to readers, how fast, and what waits.",
    rows=(
        Row(
            "Mail",
            (
                Panel(
                    "Oldest unsent", "Since when the oldest urgent alert waits for its mail.", "stat",
                    one("max(time() - (condotta_mail_unsent_timestamp_seconds > 0)) or vector(0)"), "s", width=4, height=5,
                    limits=(400, 900),
                ),
                Panel(
                    "Accepted late", "Mails that the server took more than 60 s after they were due, of the last hour. "
                    "0.1 % may be.", "stat", one("condotta:mail_late:ratio1h"), "percentunit", width=4, height=5,
                    limits=(0.001, 0.0144),
                ),
                Panel(
                    "Suspended", "Addresses that refuse every mail.", "stat", one("max(condotta_mail_suspended)"),
                    width=4, height=5, limits=(1, 3),
                ),
                Panel(
                    "File unreadable", "Processes that cannot use the subscribers' file.", "stat",
                    one("sum(condotta_subscribers_unreadable)"), width=4, height=5, limits=(1, 1),
                ),
                Panel(
                    "Subscribers' file", "Its hash (as a number) by instance: one value, or workers differ.", "table",
                    one("condotta_subscribers_hash"), width=8, height=5,
                ),
                Panel(
                    "Subscribers", "Entries of the file in force.", "lines", one("max(condotta_subscribers)", "entries"),
                ),
                Panel(
                    "Alerts", "In five minutes by channel: now, or digest.", "stacked",
                    one("sum by (channel) (increase(condotta_alerts_total[5m]))", "{{channel}}"),
                ),
                Panel(
                    "Mails", "In five minutes by the state that they came into.", "stacked",
                    one("sum by (state) (increase(condotta_mails_total[5m]))", "{{state}}"),
                ),
                Panel(
                    "Failures", "Attempts in five minutes that failed, by how.", "stacked",
                    one("sum by (how) (increase(condotta_mail_failures_total[5m]))", "{{how}}"),
                ),
                Panel(
                    "Due to accepted", "Seconds from when a mail was due to the server's 250; 60 s is the objective.",
                    "lines", quantiles("condotta_mail_late_seconds"), "s", limits=(60, 300),
                ),
                Panel(
                    "Share accepted late", "Later than 60 s, over five minutes, an hour and six hours; 0.1 % may be.",
                    "lines",
                    (
                        ("condotta:mail_late:ratio5m", "5 min"),
                        ("condotta:mail_late:ratio1h", "1 h"),
                        ("condotta:mail_late:ratio6h", "6 h"),
                    ),
                    "percentunit", limits=(0.001, 0.0144),
                ),
                Panel(
                    "Held for the digest", "Alerts in an hour that went into the digest instead, by why.", "stacked",
                    one("sum by (why) (increase(condotta_alerts_held_total[1h]))", "{{why}}"), width=24, height=5,
                ),
            ),
        ),
        Row(
            "Alarms and dead letters",
            (
                Panel(
                    "Alerts of operators", "What fires or is about to.", "table",
                    one('count by (alertname, alertstate, severity) (ALERTS{alertname!="Watchdog"})'), width=12,
                ),
                Panel(
                    "Dead letters kept", "Records that news.dead holds.", "lines",
                    one("max(condotta_dead_letters)", "dead letters"), width=6,
                ),
                Panel(
                    "Age of dead letters", "Since the oldest and the newest were written; they are kept 90 days.", "stat",
                    one("time() - (condotta_dead_letter_timestamp_seconds > 0)", "{{which}}"), "s", width=6,
                ),
            ),
        ),
    ),
)  # fmt: skip

BOARDS = (PIPELINE, NEWS, MAIL)
