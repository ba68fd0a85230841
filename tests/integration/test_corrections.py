"""What people take back, and a memory made anew, on a real Kafka with the true rows."""

import os
import shutil
import subprocess
import sys

import msgspec
import pytest

from agents import reader
from agents.corrections import partition
from tests.claims_builder import article, claim, day
from tests.integration.harness import System, stop

pytestmark = pytest.mark.integration
TOLD = [
    claim(f"LY|{who}|arms|", of=article(f"{who}-{n}", published_at=day(n)))
    for who in ("RU", "TR")
    for n in (0, 1)
]


async def tell(system, *claims):
    for each in claims:
        name = system.settings.topic("news.claims")
        await system.producer.send_and_wait(name, msgspec.json.encode(each), key=each.pair.encode())


def condotta(system, *arguments):
    env = {**os.environ, **system.env}
    done = subprocess.run(
        [sys.executable, "-m", "agents", *arguments], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def memory(system):
    """Return the last state of each pair in the changelog."""
    found = {}
    async for record in reader.records(system.settings, ["condotta-novelty-pairs-changelog"]):
        found[record.partition, record.key] = record.value
    return {place: value for place, value in found.items() if value}


def steps(system):
    return sorted(each["step"] for each in system.values("news.decisions"))


async def test_a_claim_taken_back_is_told_and_a_rebuilt_memory_knows_it(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path, module="agents") as system:
        worker = system.start("--stages", "novelty,alerts")
        await tell(system, *TOLD)
        await system.until(lambda s: len(s.seen["news.decisions"]) == 4)
        assert "taken back: LY|RU|arms|" in condotta(
            system, "claims", "retract", TOLD[0].id, "--reason", "wrong"
        )
        condotta(system, "story", "mute", "LY|TR|arms", "--subscriber", "desk")
        await system.until(lambda s: "retracted" in steps(s) and len(s.seen["news.corrections"]) == 2)
        await system.until(
            lambda s: [each["step"] for each in s.values("news.alerts")].count("retracted") == 1
        )
        places = {record.key: record.partition for record in system.seen["news.claims"]}
        for record in system.seen["news.corrections"]:
            pair = "|".join(msgspec.json.decode(record.value)["story"].split("|")[:2])
            assert record.partition == places[pair.encode()] == partition(pair)
        stop(worker)
        before = await memory(system)
        shutil.rmtree(tmp_path / "data")
        name = system.settings.topic("condotta-novelty-pairs-changelog")
        stray = await system.producer.send_and_wait(name, b"{", key=b"XX|YY", partition=3)
        assert stray
        assert "5 records in 2 pairs; 0 could not be read" in condotta(system, "novelty", "rebuild")
        assert await memory(system) == before
        alerts = len(system.seen["news.alerts"])
        worker = system.start("--stages", "novelty,alerts")
        await tell(system, TOLD[0])
        await system.until(lambda s: len(s.seen["news.decisions"]) == 6)
        assert steps(system).count("new") == 2
        assert len(system.seen["news.alerts"]) == alerts
        refused = subprocess.run(
            [sys.executable, "-m", "agents", "novelty", "rebuild"],
            env={**os.environ, **system.env},
            capture_output=True,
            text=True,
        )
        assert refused.returncode == 1
        assert "stop its workers first" in refused.stderr
        stop(worker)
