"""Recording and alert rules: `promtool` takes them, each alert fires and keeps quiet where it must."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from ops.prometheus.tests.cases import CASES, INTERVAL

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "ops" / "prometheus"
FILES = sorted((FOLDER / "rules").glob("*.yml"))
RULES = [
    rule
    for path in FILES
    for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RUNBOOKS = {path.stem: path.read_text("utf-8") for path in (ROOT / "ops" / "runbooks").glob("[A-Z]*.md")}


def promtool(*words):
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.tools
def test_promtool_takes_rules_and_configuration():
    code, said = promtool("check", "rules", *FILES)
    assert code == 0, said
    code, said = promtool("check", "config", FOLDER / "prometheus.yml")
    assert code == 0, said


def written(case):
    """Return the case as promtool has it; labels and annotations of the rule are part of what fires."""
    rule = ALERTS[case.alert]
    fires = [{"exp_labels": {**labels, **rule["labels"]}} for labels in case.labels]
    return {
        "name": f"{case.alert}: {case.says}",
        "interval": INTERVAL,
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "alert_rule_test": [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": fires}],
    }


def without_annotations(folder):
    """Write the rules without annotations, whose words the cases do not repeat."""
    for path in FILES:
        content = yaml.safe_load(path.read_text("utf-8"))
        for group in content["groups"]:
            for rule in group["rules"]:
                rule.pop("annotations", None)
        (folder / path.name).write_text(yaml.safe_dump(content), "utf-8")
    return [path.name for path in FILES]


@pytest.mark.tools
def test_each_alert_fires_and_keeps_quiet(tmp_path):
    rules = without_annotations(tmp_path)
    hours = [case for case in CASES if case.at.endswith("h")]
    for every, cases in (("5m", hours), (INTERVAL, [case for case in CASES if case not in hours])):
        tests = {"rule_files": rules, "evaluation_interval": every, "tests": list(map(written, cases))}
        (tmp_path / "cases.yml").write_text(yaml.safe_dump(tests), "utf-8")
        code, said = promtool("test", "rules", tmp_path / "cases.yml")
        assert code == 0, said


@pytest.mark.tools
def test_the_cases_can_fail(tmp_path):
    quiet = next(case for case in CASES if case.alert == "NoWorker" and not case.labels)
    fires = next(case for case in CASES if case.alert == "NoWorker" and case.labels)
    case = written(quiet) | {"input_series": written(fires)["input_series"]}
    tests = {"rule_files": without_annotations(tmp_path), "evaluation_interval": INTERVAL, "tests": [case]}
    (tmp_path / "cases.yml").write_text(yaml.safe_dump(tests), "utf-8")
    assert promtool("test", "rules", tmp_path / "cases.yml")[0] != 0


def test_each_alert_has_a_case_that_fires_and_one_that_does_not():
    assert {case.alert for case in CASES if case.labels} == set(ALERTS)
    assert {case.alert for case in CASES if not case.labels} == set(ALERTS) - {"Watchdog"}


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_what_it_means_and_what_to_do(name):
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"page", "ticket", "none"}
    assert rule["annotations"]["summary"].endswith((".", "`."))
    assert rule["annotations"]["runbook"] == f"ops/runbooks/{name}.md"
    text = RUNBOOKS[name]
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)", text, re.M) == ["What it means", "How to see it", "How to mend it"]


def test_there_is_a_runbook_for_each_alert_and_no_other():
    assert set(RUNBOOKS) == set(ALERTS)


def test_what_pages_fires_within_two_minutes():
    pages = {name: rule for name, rule in ALERTS.items() if rule["labels"]["severity"] == "page"}
    waits = {name: rule.get("for", "0s") for name, rule in pages.items()}
    seconds = {name: int(wait[:-1]) * (60 if wait[-1] == "m" else 1) for name, wait in waits.items()}
    assert all(wait <= 60 for wait in seconds.values()), seconds
