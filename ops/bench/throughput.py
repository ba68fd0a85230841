"""Measure one worker on a real Kafka: articles per second, and seconds from publishing to the claim.

The broker and the worker (all stages, as `condotta worker` runs them) share the machine with this
feeder. Articles have 3 kB, half of them HTML, half of them Indonesian, a third with claims.
"""

import argparse
import asyncio
import os
import random
import re
import signal
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agents import topics
from agents.broker import Broker
from agents.guard import Guard
from agents.settings import Settings

SIZE = 3000  # bytes of a body
RATE = 20  # articles per second while latency is measured
CLAIMS = {
    "en": [
        "Turkey sent armoured vehicles to the government in Tripoli, a UN panel said.",
        "Russian mercenaries of the Wagner Group fight beside the forces of Khalifa Haftar in Libya.",
        "The United Arab Emirates shipped weapons to the Rapid Support Forces in Sudan, officials said.",
        "Rwanda has deployed troops in eastern Congo in support of M23, according to UN experts.",
    ],
    "id": [
        "Turki mengirimkan kendaraan lapis baja kepada pemerintah di Tripoli, kata panel PBB.",
        "Tentara bayaran Rusia mendukung pasukan Haftar di Libya, kata seorang pejabat.",
        "Uni Emirat Arab memasok senjata kepada RSF di Sudan, menurut laporan PBB.",
        "Rwanda mengerahkan pasukan di Kongo timur untuk mendukung M23.",
    ],
}
FILLER = {
    "en": [
        "The council met on Tuesday to discuss the budget for schools and roads in the coming year.",
        "Residents of the port said that prices of bread and cooking oil had risen again this month.",
        "The minister told reporters that talks on the new railway would go on after the holidays.",
        "Heavy rain closed two bridges in the north, and the harvest of maize began later than usual.",
        "Fighting near the capital kept thousands of families from returning to their homes.",
        "A spokesman said the ceasefire had held for three days in most parts of the country.",
        "The bank expects growth of three per cent if the price of oil stays where it is now.",
        "Doctors at the central hospital asked for more beds and for fuel for the generators.",
    ],
    "id": [
        "Dewan bertemu pada hari Selasa untuk membahas anggaran sekolah dan jalan tahun depan.",
        "Warga pelabuhan mengatakan harga roti dan minyak goreng naik lagi bulan ini.",
        "Menteri mengatakan kepada wartawan bahwa pembicaraan tentang kereta api akan dilanjutkan.",
        "Hujan deras menutup dua jembatan di utara, dan panen jagung dimulai lebih lambat.",
        "Pertempuran di dekat ibu kota membuat ribuan keluarga belum dapat pulang ke rumah.",
        "Juru bicara mengatakan gencatan senjata bertahan tiga hari di sebagian besar negeri.",
        "Bank memperkirakan pertumbuhan tiga persen jika harga minyak tidak berubah.",
        "Dokter di rumah sakit pusat meminta tambahan tempat tidur dan bahan bakar generator.",
    ],
}


def article(number: int, run: str, *, told: bool, site: bool = False) -> bytes:
    """Make an article of SIZE bytes; the same number and run give the same one.

    `site`: its HTML, if any, is a page of a news site and no agency's bare paragraphs.
    """
    dice = random.Random(f"{run}-{number}")
    language = ("en", "id")[number % 2]
    lines: list[str] = []
    while sum(map(len, lines)) < SIZE - 200:
        lines.append(dice.choice(FILLER[language]))
    if told:
        lines.insert(dice.randrange(3), dice.choice(CLAIMS[language]))
    lines.append(f"Report {run} {number}.")
    html = number % 4 < 2
    return orjson.dumps(
        {
            "id": f"{run}-{number}",
            "source": f"outlet-{number % 50}.example.org",
            "title": lines[0],
            "content_type": "text/html" if html else "text/plain",
            "body": _html(lines, site=site) if html else "\n\n".join(lines),
            "published_at": "2026-01-05T08:00:00Z",
            "fetched_at": "2026-01-05T09:00:00Z",
        }
    )


def _html(lines: list[str], *, site: bool) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    body = f"<article>{paragraphs}</article>"
    if site:
        links = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("world", "sport", "money"))
        body = (
            f"<header class='top'><nav><ul>{links}</ul></nav></header><div class='page'>{body}"
            f"<aside class='related'><ul>{links}</ul></aside></div><footer class='end'>All rights</footer>"
        )
    return f"<html><head><title>{lines[0]}</title></head><body>{body}</body></html>"


class Eye:
    """Sees outcomes and claims arrive."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.outcomes: dict[str, float] = {}  # article id -> when its outcome was seen
        self.claims: dict[str, float] = {}  # article id -> when its first claim was seen
        self.dead = 0

    async def watch(self) -> None:
        names = [self.settings.topic(name) for name in ("news.outcomes", "news.claims", "news.dead")]
        async with AIOKafkaConsumer(
            *names, **self.settings.client(), auto_offset_reset="earliest"
        ) as consumer:
            async for record in consumer:
                self._see(record.topic.removeprefix(self.settings.prefix), record.value)

    def _see(self, topic: str, value: bytes) -> None:
        now = time.monotonic()
        if topic == "news.dead":
            self.dead += 1
        elif topic == "news.outcomes":
            self.outcomes.setdefault(orjson.loads(value)["article"], now)
        else:
            self.claims.setdefault(orjson.loads(value)["article"]["id"], now)


async def throughput(settings: Settings, eye: Eye, run: str, count: int, *, site: bool) -> float:
    """Publish `count` articles as fast as Kafka takes them; return how many a second got an outcome."""
    values = [article(number, run, told=number % 3 == 0, site=site) for number in range(count)]
    async with AIOKafkaProducer(**settings.client(), linger_ms=5) as producer:
        start = time.monotonic()
        await asyncio.gather(*[await _send(producer, settings, value) for value in values])
        await _seen(eye.outcomes, [f"{run}-{number}" for number in range(count)])
    return count / (max(eye.outcomes[f"{run}-{number}"] for number in range(count)) - start)


async def latency(settings: Settings, eye: Eye, run: str, seconds: float) -> list[float]:
    """Publish RATE articles a second; return for each the seconds until its first claim was read."""
    sent: dict[str, float] = {}
    async with AIOKafkaProducer(**settings.client()) as producer:
        begin = time.monotonic()
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(max(0.0, begin + number / RATE - time.monotonic()))
            sent[f"{run}-{number}"] = time.monotonic()
            await _send(producer, settings, article(number, run, told=True))
        await _seen(eye.outcomes, list(sent))
        await asyncio.sleep(1.0)
    return [eye.claims[name] - start for name, start in sent.items() if name in eye.claims]


async def _send(producer: AIOKafkaProducer, settings: Settings, value: bytes) -> asyncio.Future[object]:
    found: asyncio.Future[object] = await producer.send(settings.topic("news.raw"), value)
    return found


async def _seen(where: dict[str, float], names: list[str], patience: float = 180.0) -> None:
    end = time.monotonic() + patience
    while not all(name in where for name in names):
        if time.monotonic() > end:
            raise SystemExit(
                f"only {sum(name in where for name in names)} of {len(names)} articles came through"
            )
        await asyncio.sleep(0.05)


def ready(log: Path, patience: float = 90.0) -> None:
    """Wait until every group tells that it is ready."""
    end = time.monotonic() + patience
    addresses: set[str] = set()
    while len(addresses) < 4 or not all(map(_answers, addresses)):
        if time.monotonic() > end:
            raise SystemExit(f"the worker does not get ready:\n{log.read_text()[-2000:]}")
        addresses = set(re.findall(r"http://[\w.]+:\d+", log.read_text()))
        time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def spread(values: list[float], unit: str, digits: int) -> str:
    middle = statistics.median(values)
    least, most = min(values), max(values)
    return f"{middle:.{digits}f} {unit} (min {least:.{digits}f}, max {most:.{digits}f}, n={len(values)})"


def percentiles(values: list[float]) -> Iterator[str]:
    if len(values) < 2:
        raise SystemExit("no claims were found")
    cuts = statistics.quantiles(values, n=100)
    for name, value in (("p50", cuts[49]), ("p95", cuts[94]), ("p99", cuts[98])):
        yield f"{name} {value:.3f} s"


async def measure(settings: Settings, runs: int, count: int, seconds: float, *, site: bool) -> None:
    eye = Eye(settings)
    watching = asyncio.create_task(eye.watch())
    await throughput(settings, eye, "warm", count // 4, site=site)
    rates = []
    for run in range(runs):
        rates.append(await throughput(settings, eye, f"run{run}", count, site=site))
        print(f"run {run + 1}: {count} articles, {rates[-1]:.0f}/s", flush=True)
    late = [await latency(settings, eye, f"late{run}", seconds) for run in range(2)]
    print(f"throughput: {spread(rates, 'articles/s', 0)}")
    for each in late:
        print(f"publish to claim at {RATE}/s, {len(each)} articles: {', '.join(percentiles(each))}")
    print(f"dead letters: {eye.dead}")
    watching.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each latency run")
    parser.add_argument("--site", action="store_true", help="the HTML is that of a news site, with menus")
    chosen = parser.parse_args()
    with Guard() as guard, Broker(guard.folder, spawn=guard.spawn) as broker:
        settings = Settings(broker=broker.address)
        asyncio.run(topics.create(settings))
        env = {name: value for name, value in os.environ.items() if not name.startswith("CONDOTTA_")}
        env |= {"CONDOTTA_BROKER": broker.address, "CONDOTTA_DATA": str(guard.folder / "data")}
        env |= {"CONDOTTA_ENV_FILE": ""}
        log = guard.folder / "worker.log"
        worker = guard.spawn([sys.executable, "-m", "agents", "worker"], log, env)
        ready(log)
        asyncio.run(measure(settings, chosen.runs, chosen.articles, chosen.seconds, site=chosen.site))
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)


if __name__ == "__main__":
    main()
