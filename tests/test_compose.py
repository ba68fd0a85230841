"""docker-compose.yml, the image and .env.example: checked, and started as far as that goes without Docker."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import click
import pytest
import yaml
from compose_spec import PyCompose

from agents import topics
from agents.__main__ import condotta
from agents.broker import Broker, free_port
from agents.guard import Guard
from agents.settings import ENV_FILE, FIELDS, KNOWN, NAME, SECRETS, Settings
from agents.subscribers import load as load_subscribers
from agents.topology import ROWS, groups
from ops.compose import healthy, runtime_lock

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "ops" / "Dockerfile").read_text("utf-8")
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
FULL = re.compile(r"v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?")  # 4.3.0, v1.31.2, 3.12.13-slim-bookworm
FILE = yaml.safe_load(VARIABLE.sub(lambda found: found[2], TEXT))  # as with an empty environment
SERVICES = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def entry(name, key):
    return SERVICES[name].get(key) or {}


def without(service, *keys):
    return {key: value for key, value in service.items() if key not in keys}


# The form


def parse(file):
    """Read a compose file as the specification has it; raises ValueError where it does not hold."""
    return PyCompose.from_yaml(yaml.safe_dump(file))


def test_the_specification_takes_it():
    assert set(parse(FILE).service_names()) == set(SERVICES)
    assert parse(FILE).name == "condotta"


TODAY = {
    "develop": {"watch": [{"path": ".", "action": "rebuild"}]},
    "healthcheck": {"test": ["CMD", "true"], "start_interval": "1s"},
    "env_file": [{"path": ".env", "required": False}],
    "depends_on": {"kafka": {"condition": "service_healthy", "restart": True, "required": False}},
    "attach": False,
}


@pytest.mark.parametrize("key", TODAY)
def test_the_check_takes_the_keys_of_today(key):
    parse({"services": {**SERVICES, "more": {"image": "a:1.0.0", key: TODAY[key]}}})


@pytest.mark.parametrize(
    "change",
    [
        {"imagee": "a:1.0.0"},
        {"restart": "sometimes"},
        {"healthcheck": {"test": ["CMD", "true"], "intervall": "1s"}},
        {"depends_on": {"kafka": {"condition": "service_happy"}}},
        {"ports": ["99999:80"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_check_refuses_what_is_unknown(change):
    with pytest.raises(ValueError, match=rf"services\.agents.*({next(iter(change))}|extension|unknown)"):
        parse({"services": {**SERVICES, "agents": {**SERVICES["agents"], **change}}})


def test_the_check_refuses_a_misspelt_top_level_key():
    with pytest.raises(ValueError, match="volums"):
        parse({**without(FILE, "volumes"), "volums": {}})


# What it names exists


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_its_full_version(name):
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image
    assert FULL.fullmatch(tag)


def test_the_images_are_those_of_the_program():
    assert {service["image"] for service in OURS.values()} == {f"condotta:{_project()['version']}"}
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{_kafka_version()}"  # as in the demo and the tests


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _kafka_version():
    return re.search(
        r"^org\.apache\.kafka:kafka_2\.13:(\S+) ", (ROOT / "ops/kafka/jars.lock").read_text(), re.M
    )[1]


def test_the_base_images_have_full_versions_too():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(bases) == 2
    assert all(FULL.fullmatch(base.rpartition(":")[2]) for base in bases)


@pytest.mark.parametrize("name", SERVICES)
def test_every_mount_is_a_file_of_ours_or_a_declared_volume(name):
    for mount in entry(name, "volumes"):
        source = mount.partition(":")[0] if isinstance(mount, str) else mount["source"]
        assert source in FILE["volumes"] or (ROOT / source).is_file(), source


def test_every_volume_and_dependency_is_used():
    mounts = [
        mount.partition(":")[0]
        for name in SERVICES
        for mount in entry(name, "volumes")
        if isinstance(mount, str) and not mount.startswith(".")
    ]
    assert set(FILE["volumes"]) == set(mounts)
    assert {need for name in SERVICES for need in entry(name, "depends_on")} <= set(SERVICES)


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_known(name):
    environment = entry(name, "environment")
    assert all(key.startswith(NAME) for key in environment)
    read(environment)


def read(environment):
    """Return the settings, as the program reads them; an unknown one raises."""
    return Settings.read({**{key: str(value) for key, value in environment.items()}, ENV_FILE: ""})


def test_every_variable_that_may_be_set_is_a_setting():
    names = {name.removeprefix(NAME).lower() for name, _ in VARIABLE.findall(TEXT)}
    assert names <= set(FIELDS)
    assert not re.search(r"\$(?!\{\w+:-)", TEXT), "a variable without a default"


def test_the_subscribers_file_is_a_good_one():
    mounts = {
        mount["target"]: ROOT / mount["source"]
        for mount in entry("agents", "volumes")
        if isinstance(mount, dict)
    }
    assert load_subscribers(mounts[entry("agents", "environment")["CONDOTTA_SUBSCRIBERS"]])


# Ports


def serves(name):
    """Return the ports that a service's own settings have it listen on."""
    environment = entry(name, "environment")
    if name == "kafka":
        return {int(each.rpartition(":")[2]) for each in environment["KAFKA_LISTENERS"].split(",")}
    if name == "mail":
        return {
            int(value.rpartition(":")[2]) for key, value in environment.items() if key.endswith("BIND_ADDR")
        }
    if name in WATCHING:
        return {WATCHING[name]}
    if name == "monitor":
        return {read(environment).http_port}
    return set(healthy.ports(read(environment)).values()) if name == "agents" else set()


WATCHING = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000}  # as these images have it


def test_prometheus_scrapes_and_alerts_the_services_there_are():
    content = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text("utf-8"))
    asked = {job["job_name"]: job for job in content["scrape_configs"]}
    found = asked["condotta-worker"]["dns_sd_configs"]
    assert {(each["names"][0], each["port"]) for each in found} == {
        ("agents", port) for port in serves("agents")
    }
    [monitor] = asked["condotta-monitor"]["static_configs"][0]["targets"]
    [manager] = content["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    for place in (monitor, manager):
        name, _, port = place.partition(":")
        assert int(port) in serves(name)
    mails = yaml.safe_load((ROOT / "ops/alertmanager/alertmanager.yml").read_text("utf-8"))
    name, _, port = mails["global"]["smtp_smarthost"].partition(":")
    assert int(port) in serves(name)


def test_prometheus_reads_every_rule_and_grafana_every_dashboard():
    mounts = {
        mount.partition(":")[0].removeprefix("./") for name in WATCHING for mount in entry(name, "volumes")
    }
    for folder, ending in (("ops/prometheus/rules", "yml"), ("ops/grafana/dashboards", "json")):
        assert {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(f"*.{ending}")} <= mounts
    source = yaml.safe_load((ROOT / "ops/grafana/provisioning/datasource.yml").read_text("utf-8"))
    name, _, port = source["datasources"][0]["url"].removeprefix("http://").partition(":")
    assert int(port) in serves(name)


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_one_that_the_program_serves(name):
    published = {int(str(port).rpartition(":")[2]) for port in entry(name, "ports")}
    exposed = {int(port) for port in entry(name, "expose")}
    assert published | exposed <= serves(name)


def test_the_image_exposes_the_workers_ports():
    exposed = {int(port) for port in re.search(r"^EXPOSE (.+)", DOCKERFILE, re.M)[1].split()}
    assert exposed == serves("agents") == {int(port) for port in entry("agents", "expose")}


def test_ports_are_published_on_loopback_alone():
    published = [port for name in SERVICES for port in entry(name, "ports")]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_agents_find_kafka_and_the_mailbox():
    settings = read(entry("agents", "environment"))
    assert settings.broker == read(entry("topics", "environment")).broker
    listeners = entry("kafka", "environment")["KAFKA_ADVERTISED_LISTENERS"]
    assert f"INSIDE://{settings.broker}" in listeners.split(",")
    assert f"HOST://{Settings().broker}" in listeners.split(",")  # `condotta` on this machine, nothing set
    assert settings.smtp_host in SERVICES
    assert settings.smtp_port in serves(settings.smtp_host)


# How the agents run


def test_any_number_of_agents_may_run():
    assert not set(SERVICES["agents"]) & {"ports", "container_name", "hostname", "scale"}
    assert read(entry("agents", "environment")).instance == ""  # a static member's name would be shared


@pytest.mark.parametrize("name", OURS)
def test_ours_run_without_rights(name):
    service = SERVICES[name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_agents_are_started_anew_and_given_time_to_stop():
    assert SERVICES["agents"]["restart"] == "always"
    grace = int(SERVICES["agents"]["stop_grace_period"].removesuffix("s"))
    assert grace > read(entry("agents", "environment")).stop_timeout


def test_every_group_has_its_port_in_the_health_check():
    settings = Settings(http_port=9100)
    assert healthy.ports(settings) == {group: 9100 + place for place, group in enumerate(groups(ROWS))}
    some = healthy.ports(Settings(http_port=9100, stages="novelty"))
    assert some == {"condotta-novelty": 9101}


def test_the_health_check_says_which_group_does_not_answer(monkeypatch, capsys):
    monkeypatch.setenv("CONDOTTA_HTTP_PORT", str(free_port()))
    monkeypatch.setenv("CONDOTTA_STAGES", "alerts")
    monkeypatch.setenv(ENV_FILE, "")
    assert healthy.main() == 1
    assert capsys.readouterr().err.startswith("condotta-alerts: ")


# The image


def test_the_image_runs_as_nobody_and_is_watched():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", last, re.M) == ["10001:10001"]
    assert SERVICES["agents"]["healthcheck"]["test"][1:] == yaml.safe_load(
        re.search(r"^HEALTHCHECK [^[]+CMD (\[.+?\])", last, re.M | re.S)[1]
    )
    assert yaml.safe_load(re.search(r"^ENTRYPOINT (.+)", last, re.M)[1]) == ["condotta"]


def test_what_the_image_copies_exists_and_reaches_the_builder():
    let_in = [
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    ]
    for line in re.findall(r"^COPY (?!--)(.+)", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in let_in
    assert all((ROOT / source).exists() for source in let_in)


def test_the_image_installs_what_run_time_needs_and_no_more():
    lock = runtime_lock.runtime((ROOT / "requirements.lock").read_text("utf-8"), runtime_lock.dependencies())
    found = {runtime_lock.normal(line) for line in re.findall(r"^[A-Za-z0-9].*", lock, re.M)}
    asked = {runtime_lock.normal(each) for each in _project()["dependencies"]}
    tools = {runtime_lock.normal(each) for each in _project()["optional-dependencies"]["dev"]}
    assert asked - found == runtime_lock.DEMO
    assert not found & (tools | runtime_lock.DEMO)
    assert {"mode-streaming", "numpy"} <= found  # what those need in turn
    assert lock.count("--hash=sha256:") >= len(found)
    assert lock.count("numpy==") == (ROOT / "requirements.lock").read_text("utf-8").count("numpy==")


def test_a_package_that_is_not_locked_is_named():
    with pytest.raises(KeyError, match="nowhere"):
        runtime_lock.runtime("a==1 \\\n    # via b\n", ["nowhere"])


def test_the_image_holds_every_package_of_ours():
    """The wheel takes what pyproject.toml lists: a folder left out would be missing in the image alone."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {path.parent for top in ("pipeline", "agents") for path in (ROOT / top).rglob("*.py")}
    assert set(listed["packages"]) == {
        path.relative_to(ROOT).as_posix().replace("/", ".") for path in folders
    }


def test_the_image_holds_every_data_file_of_ours():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    taken = {
        path
        for package, patterns in listed["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    there = {
        path
        for top in ("pipeline", "agents")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert there <= taken


# .env.example


def example():
    """Return the settings of .env.example: every one, commented out."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return dict(
        re.match(r"#(CONDOTTA_\w+)=([^#]*)", line).groups() for line in lines if line.startswith("#CONDOTTA_")
    )


def test_the_example_file_shows_every_setting_and_its_default():
    shown = {name: value.strip() for name, value in example().items()}
    files = {f"{NAME}{secret.upper()}_FILE" for secret in SECRETS}
    assert {name.removeprefix(NAME).lower() for name in shown} == KNOWN
    assert (
        Settings.read({**{name: value for name, value in shown.items() if name not in files}, ENV_FILE: ""})
        == Settings()
    )


def test_the_example_file_sets_nothing_by_itself():
    assert Settings.read({ENV_FILE: str(ROOT / ".env.example")}) == Settings()


# What it starts


def commands():
    return {name: service["command"] for name, service in OURS.items()}


@pytest.mark.parametrize("name", OURS)
def test_every_start_command_is_one_of_condotta(name):
    command = condotta
    context = click.Context(condotta)
    for word in commands()[name]:
        command = command.get_command(context, word)
        assert command is not None, word
    assert not isinstance(command, click.Group)


def test_the_tests_below_start_each_of_them():
    assert commands() == {"topics": ["topics", "create"], "agents": ["worker"], "monitor": ["monitor"]}


def kafka_properties(broker):
    """Return the server's properties that the container makes of KAFKA_*, with this machine's ports.

    As in the image: KAFKA_A_B__C is a.b_c. The heap is no property of the server.
    """
    environment = {
        key: value for key, value in entry("kafka", "environment").items() if key.startswith("KAFKA_")
    }
    names = {key: key.removeprefix("KAFKA_").lower().replace("_", ".") for key in environment}
    found = {names[key]: value for key, value in environment.items() if key != "KAFKA_HEAP_OPTS"}
    ports = {"29092": str(broker.port), "9092": str(free_port()), "9093": str(broker.controller_port)}
    for key in ("listeners", "advertised.listeners", "controller.quorum.voters"):
        for old, new in ports.items():
            found[key] = re.sub(rf"(://\w*|@kafka|://127\.0\.0\.1):{old}\b", rf"\1:{new}", found[key])
        found[key] = found[key].replace("kafka:", "127.0.0.1:").replace("://:", "://127.0.0.1:")
    return found | {"log.dirs": str(broker.data / "kafka")}


@pytest.fixture(scope="module")
def container():
    """Kafka with the properties that the compose file gives to the image, and nothing of ours."""
    with Guard() as guard:
        broker = Broker(guard.folder / "kafka", spawn=guard.spawn)
        ours = kafka_properties(broker)
        broker.properties = lambda: ours
        with broker:
            yield broker


@pytest.mark.integration
async def test_kafka_takes_every_property(container):
    """A misspelt one would be ignored: each has to be among those the broker tells."""
    admin = topics.AIOKafkaAdminClient(bootstrap_servers=container.address)
    await admin.start()
    try:
        resource = topics.ConfigResource(topics.ConfigResourceType.BROKER, "1")
        [response] = await admin.describe_configs([resource])
        known = {each[0] for each in response.resources[0][4]}
    finally:
        await admin.close()
    assert set(container.properties()) <= known


@pytest.mark.integration
def test_what_it_starts_comes_up_healthy_and_stops(container, tmp_path):
    started = {**environment("topics", container, tmp_path), **environment("agents", container, tmp_path)}
    run(started, "-m", "agents", *commands()["topics"])
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "agents", *commands()["agents"]],
            cwd=ROOT, env=started, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    watching = environment("monitor", container, tmp_path)
    with (tmp_path / "monitor").open("wb") as log:
        monitor = subprocess.Popen(
            [sys.executable, "-m", "agents", *commands()["monitor"]],
            cwd=ROOT, env=watching, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        check = SERVICES["agents"]["healthcheck"]["test"][2:]
        wait(lambda: run(started, *check, must=False) == 0, tmp_path / "log")
        asked = SERVICES["monitor"]["healthcheck"]["test"][2:]
        here = [word.replace("9110", watching["CONDOTTA_HTTP_PORT"]) for word in asked]
        wait(lambda: run(watching, *here, must=False) == 0, tmp_path / "monitor")
        monitor.send_signal(signal.SIGTERM)
        assert monitor.wait(30) == 0
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    finally:
        for process in (worker, monitor):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def environment(name, container, folder):
    """Return the service's environment with the addresses of this machine, and nothing else of ours."""
    here = {"BROKER": container.address, "DATA": str(folder / "data"), "HTTP_PORT": str(four_ports())}
    here |= {"SUBSCRIBERS": str(ROOT / "ops" / "compose" / "subscribers.yaml"), "SMTP_HOST": "127.0.0.1"}
    asked = {key: str(value) for key, value in entry(name, "environment").items()}
    moved = {f"{NAME}{key}": value for key, value in here.items() if f"{NAME}{key}" in asked}
    others = {key: value for key, value in os.environ.items() if not key.startswith(NAME)}
    return others | asked | moved | {ENV_FILE: ""}


def four_ports():
    """Return a port that is free together with the three after it."""
    while True:
        first = free_port()
        if all(_free(port) for port in range(first, first + len(groups(ROWS)))):
            return first


def _free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def run(env, *words, must=True):
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 or not must, done.stderr
    return done.returncode


def wait(ready, log, seconds=60):
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.5)
