"""Kafka, a worker, the monitor, a mail server and a Prometheus that scrapes them, all on loopback."""

import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import yaml
from aiokafka import AIOKafkaProducer
from aiosmtpd.controller import Controller

from agents import topics
from agents.broker import Broker, free_port
from agents.settings import ENV_FILE, Settings
from agents.topology import ROWS, groups

ROOT = Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "ops" / "prometheus" / "rules"
SCRAPE = "2s"
SUBSCRIBERS = "- {id: desk, to: desk@example.org}\n- {id: libya, to: libya@example.org, theatres: [LY]}\n"
SOURCES = (
    "antaranews.com", "kompas.com", "detik.com", "tempo.co", "republika.co.id", "reuters.com", "apnews.com",
    "aljazeera.com", "bbc.co.uk", "nytimes.com", "daily-observer.example", "lakeside-times.example",
)  # fmt: skip
CLAIMS = {
    "en": (
        "Turkey sent armoured vehicles to the government in Tripoli, a UN panel said.",
        "Russian mercenaries of the Wagner Group fight beside the forces of Khalifa Haftar in Libya.",
        "The United Arab Emirates shipped weapons to the Rapid Support Forces in Sudan, officials said.",
        "Rwanda has deployed troops in eastern Congo in support of M23, according to UN experts.",
        "Iran supplied drones to the Houthis in Yemen, a Western official said.",
        "Iran supplied ballistic missiles to Russia for its war in Ukraine, officials said.",
        "The United States delivered artillery shells to Ukraine, the Pentagon said.",
        "Russia denied that it had sent mercenaries to Mali.",
        "Germany promised to train soldiers of Ukraine next year.",
        "Egypt may send troops to Sudan, analysts said.",
    ),
    "id": (
        "Turki mengirimkan kendaraan lapis baja kepada pemerintah di Tripoli, kata panel PBB.",
        "Tentara bayaran Rusia mendukung pasukan Haftar di Libya, kata seorang pejabat.",
        "Uni Emirat Arab memasok senjata kepada RSF di Sudan, menurut laporan PBB.",
        "Rwanda mengerahkan pasukan di Kongo timur untuk mendukung M23.",
        "Iran memasok senjata kepada Houthi di Yaman, kata seorang pejabat.",
        "Amerika Serikat mengirimkan senjata kepada Ukraina, kata juru bicara.",
    ),
}
FILLER = {
    "en": (
        "The council met on Tuesday to talk about the budget for schools and roads next year.",
        "Residents of the port said that prices of bread and oil had gone up again this month.",
        "Heavy rain closed two bridges in the north, and the harvest of maize began later.",
        "A spokesman said the ceasefire had held for three days in most parts of the country.",
    ),
    "id": (
        "Dewan bertemu pada hari Selasa untuk membahas anggaran sekolah dan jalan tahun depan.",
        "Warga pelabuhan mengatakan harga roti dan minyak goreng naik lagi bulan ini.",
        "Hujan deras menutup dua jembatan di utara, dan panen jagung dimulai lebih lambat.",
        "Juru bicara mengatakan gencatan senjata bertahan tiga hari di sebagian besar negeri.",
    ),
    "fr": (
        "Le conseil s'est réuni mardi pour discuter du budget des écoles et des routes.",
        "Les habitants du port disent que le prix du pain a encore augmenté ce mois-ci.",
        "La pluie a fermé deux ponts dans le nord, et la récolte du maïs a commencé plus tard.",
        "Un porte-parole a dit que le cessez-le-feu tenait depuis trois jours dans le pays.",
    ),
}


BACKERS = (
    "Turkey", "Egypt", "Iran", "Russia", "China", "Qatar", "Kenya", "Chad", "Uganda", "Ethiopia", "Eritrea",
    "Serbia", "Bulgaria", "Belarus", "Pakistan", "India", "Algeria", "Morocco", "Jordan", "Kuwait", "Oman",
    "France", "Italy", "Poland", "Brazil", "Kazakhstan", "Armenia", "Georgia", "Vietnam", "Malaysia",
)  # fmt: skip
SIDES = ("the Rapid Support Forces in Sudan", "the forces of Khalifa Haftar in Libya", "M23 in eastern Congo")
ACTS = (
    "{} shipped weapons to {}, officials said.",
    "{} sent military instructors to train {}, officials said.",
    "{} pays the salaries of fighters of {}, officials said.",
    "{} deployed soldiers to fight beside {}, officials said.",
)
FRESH = 30  # one article in so many tells what none told before, as long as backers and sides last


def fresh(number: int) -> str:
    """Return a claim of its own for each of the first numbers: else nothing is mailed after a minute."""
    rest, backer = divmod(number, len(BACKERS))
    act, side = divmod(rest, len(SIDES))
    return ACTS[act % len(ACTS)].format(BACKERS[backer], SIDES[side])


def article(number: int, languages: Sequence[str] = ("en", "id", "en", "id", "fr")) -> bytes:
    """Make an article fetched now; every 40th is a list of nothing, every 50th no article at all."""
    dice = random.Random(number)
    language = languages[number % len(languages)]
    lines = [dice.choice(FILLER[language]) for _ in range(8)]
    if language in CLAIMS and number % 2 == 0:
        lines.insert(1, dice.choice(CLAIMS[language]))
    if number % FRESH == 0:
        language, lines = "en", [fresh(number // FRESH), *(dice.choice(FILLER["en"]) for _ in range(8))]
    lines.append(f"{number} {dice.random()}")
    now = datetime.now(UTC).isoformat()
    told: dict[str, Any] = {
        "id": f"live-{number}-{dice.random()}", "source": dice.choice(SOURCES), "title": lines[0][:60],
        "content_type": "text/plain", "body": "\n\n".join(lines), "published_at": now, "fetched_at": now,
    }  # fmt: skip
    if number % 40 == 39:
        told |= {"body": "…", "title": ""}
    if number % 50 == 49:
        told.pop("body")
    return orjson.dumps(told)


class Sink:
    """An SMTP server that keeps the mails, or refuses them all while `refuses` is set."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuses = False
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuses:
            return "451 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


class Live:
    """`with Live(broker, prefix, folder) as live: live.feed(5); …`."""

    def __init__(self, broker: Broker, prefix: str, folder: Path) -> None:
        self.broker = broker
        self.folder = folder
        self.sink = Sink()
        self.ports = dict(zip(groups(ROWS), _neighbours(len(groups(ROWS))), strict=True))
        self.monitor_port = free_port()
        self.prometheus_port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS, "utf-8")
        self.env = {
            "CONDOTTA_BROKER": broker.address,
            "CONDOTTA_PREFIX": prefix,
            "CONDOTTA_DATA": str(folder / "data"),
            "CONDOTTA_SUBSCRIBERS": str(folder / "subscribers.yaml"),
            "CONDOTTA_HTTP_PORT": str(min(self.ports.values())),
            "CONDOTTA_SMTP_PORT": str(self.sink.port),
            "CONDOTTA_GROUP_WAIT": "3",
            "CONDOTTA_GROUP_INTERVAL": "20",
            "CONDOTTA_SESSION_TIMEOUT": "10",
            ENV_FILE: "",
        }
        self.settings = Settings.read(self.env)
        self.rate = 0.0
        self.broken = False  # every other record is then no article
        self.fired: set[str] = set()  # while all was well
        self.languages: Sequence[str] = ("en", "id", "en", "id", "fr")
        self._numbers = itertools.count()
        self._over = threading.Event()
        self._feeder = threading.Thread(target=lambda: asyncio.run(self._feed()), daemon=True)

    def __enter__(self) -> "Live":
        self.folder.joinpath("data").mkdir(exist_ok=True)
        asyncio.run(topics.create(self.settings))
        self.sink.start()
        self.worker()
        self.start("monitor", "-m", "agents", "monitor", CONDOTTA_HTTP_PORT=str(self.monitor_port))
        self._prometheus()
        self._feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._feeder.join(10)
        self.sink.stop()

    def worker(self) -> None:
        """Start a worker that ends with us."""
        self.start("worker", "-m", "agents", "worker", "--parent", str(os.getpid()))

    def start(self, name: str, *words: str, **env: str) -> None:
        """Start python with `words`, in a session of its own."""
        self._spawn(
            name, [sys.executable, *words], {**os.environ, **self.env, **env, "PYTHONPATH": str(ROOT)}
        )

    def _spawn(self, name: str, command: list[str], env: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def _prometheus(self) -> None:
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(self._configuration()), "utf-8")
        command = [
            "prometheus", f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.prometheus_port}",
            "--log.level=warn",
        ]  # fmt: skip
        self._spawn("prometheus", command, dict(os.environ))

    def _configuration(self) -> dict[str, Any]:
        """Return the compose file's configuration with this machine's addresses."""
        content: dict[str, Any] = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text("utf-8"))
        content["global"] = {"scrape_interval": SCRAPE, "scrape_timeout": "2s", "evaluation_interval": SCRAPE}
        content["rule_files"] = [str(path) for path in sorted(RULES.glob("*.yml"))]
        content.pop("alerting")
        targets = {
            "condotta-worker": [f"127.0.0.1:{port}" for port in self.ports.values()],
            "condotta-monitor": [f"127.0.0.1:{self.monitor_port}"],
        }
        content["scrape_configs"] = [
            {"job_name": job, "static_configs": [{"targets": places}]} for job, places in targets.items()
        ]
        return content

    # Articles

    def feed(self, rate: float) -> None:
        """Publish `rate` articles a second from now on."""
        self.rate = rate

    async def _feed(self) -> None:
        producer = AIOKafkaProducer(**self.settings.client(), request_timeout_ms=10_000)
        await producer.start()
        name = self.settings.topic("news.raw")
        while not self._over.is_set():
            await asyncio.sleep(1 / self.rate if self.rate else 0.1)
            if self.rate:
                number = next(self._numbers)
                broken = self.broken and number % 2
                value = b"{" if broken else article(number, self.languages)
                await producer.send(name, value, key=str(number).encode())
        await asyncio.wait_for(producer.stop(), 5)

    # Questions

    def ask(self, path: str, **parameters: Any) -> Any:
        """Ask Prometheus' API. Raises OSError."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/{path}?{query}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def value(self, query: str) -> float:
        """Return the one value of a query; 0 where there is none."""
        found = self.ask("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def firing(self) -> set[str]:
        """Return the alerts that fire, without the Watchdog."""
        found = self.ask("alerts")["alerts"]
        return {each["labels"]["alertname"] for each in found if each["state"] == "firing"} - {"Watchdog"}

    def until(self, what: Any, seconds: float = 120.0) -> float:
        """Wait until `what()` holds, and return the seconds it took. Raises AssertionError with the logs."""
        start = time.monotonic()
        while True:
            try:
                if what():
                    return time.monotonic() - start
            except OSError:
                pass  # Prometheus is not up yet
            if time.monotonic() - start > seconds:
                raise AssertionError(f"not within {seconds:.0f} s\n{self.logs()}")
            time.sleep(1)

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-2000:]}" for path in self.folder.glob("*.log"))


def _neighbours(number: int) -> list[int]:
    """Return ports that are free, each the one after the last."""
    while True:
        first = free_port()
        ports = list(range(first, first + number))
        if all(map(_free, ports)):
            return ports


def _free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def expand(query: str) -> str:
    """Put in what Grafana does for variables that stand at All."""
    for name in ("group", "theatre", "language"):
        query = query.replace(f"${name}", ".*")
    return query


def queries(board: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (panel, query) of a dashboard's JSON, rows and annotations too."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in board["annotations"]["list"]:
        if annotation.get("expr"):
            yield annotation["name"], annotation["expr"]
