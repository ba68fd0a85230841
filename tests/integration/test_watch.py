"""Prometheus against live workers on a real Kafka: every query is answered, faults fire, restarts do not."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import yaml

from agents.broker import free_port
from ops.watch.live import ROOT, Live, Sink, expand, queries
from ops.watch.soak import BOUND, children, fires, healthy, no_worker, ready
from tests.test_dashboards import JSON
from tests.test_rules import ALERTS, RULES

pytestmark = [pytest.mark.integration, pytest.mark.tools]

FLOW = 60  # seconds that articles flow, one child killed meanwhile, before queries are looked at
EMPTY = {
    "ALERTS{": "no alert fires or waits",
    "_late:ratio": "nothing was decided or mailed in the window yet",
    "condotta_mail_late_seconds": "no mail went out yet",
    "condotta_article_age_seconds": "no claim was decided yet",
    'lag_seconds{group=~".*"} > 0': "nothing waits",
    "dead_letters_total": "nothing died",
    "dead_letter_timestamp_seconds > 0": "nothing died",
    "condotta_mails_total": "no mail went out yet",
    "condotta_mail_failures_total": "no mail failed",
    "alerts_held_total": "no alert was held",
    "offset 23h": "Prometheus is younger",
    "articles_language:missed": "Prometheus is younger than two minutes",
    "articles_language:rhythm": "Prometheus is younger than two minutes",
    "unless count by": "nothing was deployed",
    "rebalances_total[1m]": "no rebalance of late",
    'outcome!="ok"} > 0': "everything went on",
    "near_duplicates": "no claim came twice",
}  # what may be an empty set, and why


@pytest.fixture(scope="module")
def live(kafka, tmp_path_factory):
    with Live(kafka, "watched.", tmp_path_factory.mktemp("live")) as found:
        found.until(lambda: ready(found), 240)
        found.feed(4)
        found.until(lambda: found.value("sum(condotta_decisions_total)") > 20, 180)
        found.fired = healthy(found, FLOW)
        found.until(lambda: ready(found))
        yield found


def test_every_query_of_every_panel_returns_data_or_an_explained_empty_set(live):
    asked = [query for board in JSON.values() for _, query in queries(board)]
    asked += [rule["expr"] for rule in RULES if "record" in rule]
    silent = []
    for query in asked:
        found = live.ask("query", query=expand(query))["result"]
        if not found and not any(part in expand(query) for part in EMPTY):
            silent.append(query)
    assert silent == []
    answered = [query for query in asked if live.ask("query", query=expand(query))["result"]]
    assert len(answered) > 0.75 * len(asked)


def test_prometheus_evaluates_every_rule(live):
    groups = live.ask("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["name"]: rule["health"] for rule in rules if rule["health"] != "ok"} == {}
    assert len(rules) == len(RULES)
    assert "Watchdog" in ALERTS


def test_a_scrape_is_small_and_answered(live):
    """How long one takes is the benchmark's (`ops/bench/metrics.py`); a busy machine may lose one of ten."""
    assert live.value('min(avg_over_time(up{job="condotta-worker"}[1m]))') > 0.9
    assert live.value('max(scrape_samples_scraped{job="condotta-worker"})') < 3000


def test_in_is_ok_and_rejected_and_dead(live):
    live.feed(0)
    live.until(lambda: live.value("sum(condotta_group_lag_records)") == 0)
    live.until(lambda: live.value("sum(condotta_in_flight_records)") == 0)
    live.until(lambda: live.value("condotta:articles:unaccounted") == 0, 20)
    read = live.value("sum(condotta_articles_read_total)")
    by_outcome = live.ask("query", query="sum by (outcome) (condotta_articles_total)")["result"]
    counts = {each["metric"]["outcome"]: float(each["value"][1]) for each in by_outcome}
    assert read == sum(counts.values()) > 100
    assert min(counts.values()) > 0
    live.feed(4)


def test_a_stopped_process_does_not_answer(live):
    port = live.ports["condotta-alerts"]
    child = children(live.processes["worker"].pid)["condotta-alerts"]
    assert answer(port, "/healthz") == 200
    os.kill(child, signal.SIGSTOP)
    try:
        assert answer(port, "/healthz") is None
    finally:
        os.kill(child, signal.SIGCONT)
    live.until(lambda: answer(port, "/readyz") == 200)


def answer(port, path):
    """Return the status, None where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as found:
            return found.status
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return None


def test_health_and_a_kill_fire_nothing(live):
    assert live.fired == set()


def test_a_fault_that_lasts_fires_within_two_minutes(live):
    """The others are `make soak`'s."""
    assert fires(live, "NoWorker", no_worker) < BOUND


def test_alertmanager_mails_an_alert(tmp_path):
    sink, port = Sink(), free_port()
    content = yaml.safe_load((ROOT / "ops/alertmanager/alertmanager.yml").read_text("utf-8"))
    content["global"]["smtp_smarthost"] = f"127.0.0.1:{sink.port}"
    content["route"]["group_wait"] = "1s"
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(content), "utf-8")
    sink.start()
    command = [
        "prometheus-alertmanager", f"--config.file={tmp_path / 'alertmanager.yml'}",
        f"--storage.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]  # fmt: skip
    manager = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait(lambda: answer(port, "/-/ready") == 200)
        labels = {"alertname": "NoWorker", "severity": "page", "group": "condotta-text"}
        post(port, [{"labels": labels, "annotations": ALERTS["NoWorker"]["annotations"]}])
        post(port, [{"labels": {"alertname": "Watchdog", "severity": "none"}}])
        wait(lambda: sink.mails)
        time.sleep(3)
        assert len(sink.mails) == 1
        assert b"NoWorker" in sink.mails[0]
        assert b"ops/runbooks/NoWorker.md" in sink.mails[0].replace(b"=\r\n", b"")
    finally:
        manager.kill()
        manager.wait()
        sink.stop()


def post(port, alerts):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts",
        data=json.dumps(alerts).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as found:
        assert found.status == 200


def wait(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.2)
