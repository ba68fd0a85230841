"""ops/kubernetes: the API's schema takes it, and its ports, settings and probes are the program's."""

from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from agents.settings import ENV_FILE, Settings
from agents.topology import chosen
from ops.compose import healthy

PATH = Path(__file__).resolve().parent.parent / "ops" / "kubernetes" / "condotta.yaml"
OBJECTS = list(yaml.safe_load_all(PATH.read_text("utf-8")))
NAMES = [f"{each['kind']}-{each['metadata']['name']}" for each in OBJECTS]
VERSION = "1.31"


def of(kind, name="condotta"):
    return next(each for each in OBJECTS if each["kind"] == kind and each["metadata"]["name"] == name)


def pods():
    return [each["spec"]["template"]["spec"] for each in OBJECTS if each["kind"] == "Deployment"]


def containers():
    return [container for pod in pods() for container in pod["containers"]]


def environment(container):
    own = {each["name"]: each["value"] for each in container.get("env", [])}
    return {**of("ConfigMap")["data"], **own, ENV_FILE: ""}


@pytest.mark.parametrize("each", OBJECTS, ids=NAMES)
def test_the_schema_takes_it(each):
    kubernetes_validate.validate(each, VERSION, strict=True)


def test_the_schema_refuses_a_misspelt_field():
    broken = {**of("PodDisruptionBudget"), "spec": {"minAvailabel": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


def test_there_is_what_keeps_it_running_and_closed():
    assert {"Deployment", "PodDisruptionBudget", "NetworkPolicy"} <= {each["kind"] for each in OBJECTS}


@pytest.mark.parametrize("container", containers(), ids=lambda each: each["args"][0])
def test_settings_are_known_and_ports_are_served(container):
    settings = Settings.read(environment(container))
    if container["args"][0] == "worker":
        assert container["args"][2] == settings.stages
        chosen(settings.stages)
        served = set(healthy.ports(settings).values())
    else:
        served = {settings.http_port}
    assert {port["containerPort"] for port in container["ports"]} == served


@pytest.mark.parametrize("container", containers(), ids=lambda each: each["args"][0])
def test_probes_ask_what_the_program_answers(container):
    ports = {port["name"] for port in container["ports"]}
    for probe in (container["livenessProbe"], container["readinessProbe"]):
        if "httpGet" in probe:
            assert probe["httpGet"]["path"] in ("/healthz", "/readyz")
            assert probe["httpGet"]["port"] in ports
        else:
            assert probe["exec"]["command"] == ["python", "-m", "ops.compose.healthy"]


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: pod["containers"][0]["args"][2])
def test_pods_have_no_rights_and_time_to_stop(pod):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] > Settings().stop_timeout
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            each["name"] for each in pod["volumes"]
        }


def test_the_network_lets_in_what_is_scraped_alone():
    [rule] = of("NetworkPolicy")["spec"]["ingress"]
    open_ = {
        port for each in rule["ports"] for port in range(each["port"], each.get("endPort", each["port"]) + 1)
    }
    assert open_ == {port["containerPort"] for each in containers() for port in each["ports"]}
    assert [each for each in rule["from"] if "podSelector" not in each] == []
