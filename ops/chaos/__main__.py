"""`python -m ops.chaos [NAME…]`: run the faults on a real Kafka, judge what they left, write RESULTS.md.

`--articles` and `--times` make a run shorter or longer. The harness has to be able to fail: the two runs
whose names begin with `proof` take a protection away, and are well only if what that costs is found.
"""

import asyncio
import logging
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agents.broker import Broker, cluster_id
from agents.guard import Guard
from agents.stage import Given
from agents.subscribers import load as load_subscribers
from ops.chaos import load as loads
from ops.chaos import scenarios, yardstick
from ops.chaos.scenarios import Scenario, Skipped
from ops.chaos.system import PATIENCE, SUBSCRIBERS, Stuck, System
from ops.chaos.yardstick import Expected, Judgement
from pipeline.knowledge import load

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True)
class Run:
    """A scenario with its size in the long form. `kafka`: one broker, three, or one on a small disk."""

    act: Scenario
    articles: int
    times: int
    rate: float = 0.0  # articles a second; 0: all at once
    kafka: str = "one"
    data: str = ""  # size of a file system of its own for the worker's data
    finds: Callable[[Judgement], bool] | None = None  # what a proof has to find


RUNS = {
    "proof-stock": Run(scenarios.proof_stock, 400, 5, finds=lambda said: any(said.lost.values())),
    "proof-ledger": Run(scenarios.proof_ledger, 400, 5, finds=lambda said: said.twice > 0),
    "calm": Run(scenarios.calm, 800, 0),
    "kills": Run(scenarios.kills, 5000, 50, rate=25),
    "recovery": Run(scenarios.recovery, 4500, 8, rate=15),
    "broker": Run(scenarios.broker, 800, 10, rate=15),
    "leaders": Run(scenarios.leaders, 800, 6, rate=15, kafka="three"),
    "full": Run(scenarios.full, 800, 2, rate=25, kafka="small"),
    "disk": Run(scenarios.disk, 800, 2, rate=25, data="48m"),
    "scale": Run(scenarios.scale, 800, 6, rate=15),
    "paused": Run(scenarios.paused, 800, 2, rate=15),
    "mail": Run(scenarios.mail, 800, 1, rate=20),
    "state": Run(scenarios.state, 800, 3, rate=25),
    "clocks": Run(scenarios.clocks, 800, 0),
}


@dataclass
class Row:
    """One line of RESULTS.md."""

    name: str
    articles: int
    did: str
    said: Judgement | None
    seconds: float
    recoveries: list[float]
    parked: int
    well: bool
    trouble: str = ""


def given() -> Given:
    """Return what all runs share: the knowledge, and some readers of everything."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(SUBSCRIBERS)
        file.flush()
        return Given(load(), load_subscribers(Path(file.name)))


@contextmanager
def kafkas(kind: str) -> Iterator[Any]:
    """Start the Kafka that a run asks for, guarded: nothing is left of it, however the run ends."""
    with Guard() as guard, ExitStack() as stack:
        if kind == "three":
            yield stack.enter_context(_three(guard))
            return
        folder = guard.folder / "kafka"
        if kind == "small":
            stack.callback(scenarios.mounted(folder, "320m"))
        broker = Broker(folder, spawn=guard.spawn, properties=_SMALL if kind == "small" else None)
        yield stack.enter_context(broker)


_SMALL = {"log.segment.bytes": str(8 * 2**20), "log.index.size.max.bytes": str(2**18)}


@contextmanager
def _three(guard: Guard) -> Iterator[list[Broker]]:
    cluster = cluster_id()
    brokers = [
        Broker(guard.folder / f"kafka-{n}", node=n, cluster=cluster, spawn=guard.spawn) for n in (1, 2, 3)
    ]
    voters = ",".join(f"{each.node}@127.0.0.1:{each.controller_port}" for each in brokers)
    for each in brokers:
        each._properties |= {
            "controller.quorum.voters": voters,
            "default.replication.factor": "3",
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": "3",
            "transaction.state.log.replication.factor": "3",
            "transaction.state.log.min.isr": "2",
            "share.coordinator.state.topic.replication.factor": "3",
            "share.coordinator.state.topic.min.isr": "2",
        }
    try:
        for each in brokers:
            each.start()
        for each in brokers:
            each.ready(120)
        yield brokers
    finally:
        for each in brokers:
            each.close()


async def run(
    name: str,
    expected: Expected,
    folder: Path,
    kafka: Any,
    articles: int,
    times: int,
    patience: float = PATIENCE,
) -> Row:
    """Play one scenario on a Kafka that runs, and judge it."""
    chosen = RUNS[name]
    address = kafka.address if isinstance(kafka, Broker) else ",".join(each.address for each in kafka)
    more = {"REPLICATION": "3"} if chosen.kafka == "three" else {}
    start = time.monotonic()
    async with System(folder, address, f"chaos-{name}-{os.getpid()}.", **more) as system:
        feeding = asyncio.create_task(system.publish(loads.articles(articles), chosen.rate))
        did, trouble = "", ""
        try:
            did = await chosen.act(system, kafka, times)
            await feeding
            await system.settle(patience)
        except Stuck as exc:
            trouble = str(exc)
        seconds = time.monotonic() - start
        said = await system.judged(expected)
        well = chosen.finds(said) if chosen.finds else said.well and not trouble
        return Row(
            name=name, articles=articles, did=did, said=said, seconds=seconds, well=well, trouble=trouble,
            recoveries=await system.recoveries(), parked=system.parked,
        )  # fmt: skip


def play(name: str, articles: int, times: int, expected: Expected) -> Row:
    """Play one scenario on a Kafka of its own."""
    chosen = RUNS[name]
    try:
        with Guard() as guard, ExitStack() as stack, kafkas(chosen.kafka) as kafka:
            if chosen.data:
                stack.callback(scenarios.mounted(guard.folder / "run" / "data", chosen.data))
            return asyncio.run(run(name, expected, guard.folder / "run", kafka, articles, times))
    except Skipped as exc:
        return Row(name, articles, "not run", None, 0.0, [], 0, False, str(exc))


HEAD = (
    "| run | articles | faults | lost: claims, outcomes, alerts | states that differ | alerts, pairs"
    " | in no mail | in two mails | repeats in topics: claims, outcomes, alerts | parked"
    " | back after a kill, s: median, longest | took, s | | commit, command |"
)


def table(lines: Iterable[str]) -> str:
    """Return the lines, one of each run, as a Markdown table in the order of RUNS."""
    found = {line.split(" | ")[0].strip("| "): line for line in lines}
    return "\n".join(
        [HEAD, "|---" * (HEAD.count("|") - 1) + "|", *(found[name] for name in RUNS if name in found)]
    )


def earlier() -> list[str]:
    """Return the lines of RESULTS.md that tell of a run."""
    lines = RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else []
    return [line for line in lines if line.startswith("| ") and line.split(" | ")[0].strip("| ") in RUNS]


def _line(row: Row, command: str) -> str:
    """Return a run as a line of the table."""
    said = row.said
    if said is None:
        return f"| {row.name} | {row.articles} | {row.did} |" + " |" * 9 + f" {row.trouble} | |"
    three = ("news.claims", "news.outcomes", "news.alerts")
    lost = ", ".join(str(said.lost[each]) for each in three)
    repeats = ", ".join(str(said.repeats[each]) for each in three)
    back = f"{statistics.median(row.recoveries):.1f}, {max(row.recoveries):.1f}" if row.recoveries else ""
    if RUNS[row.name].finds:
        verdict = "found, as it has to be" if row.well else "NOT FOUND"
    else:
        verdict = "well" if row.well else "NOT WELL"
    extra = {name: count for name, count in said.extra.items() if count}
    more = f"more than there should be: {extra}" if extra else ""
    notes = "; ".join(filter(None, [verdict, row.trouble, more]))
    cells = [
        row.name, row.articles, row.did, lost, said.states, f"{said.alerts}, {said.pairs}",
        said.unmailed, said.twice, repeats, row.parked, back, f"{row.seconds:.0f}", notes, command,
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def made_by(name: str, articles: int, times: int) -> str:
    """Return the commit and the command that make this run again."""
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return f"{told.stdout.strip()}, `python -m ops.chaos {name} --articles {articles} --times {times}`"


def written(lines: Iterable[str]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"""# Results of `make chaos`

What is played, and what it is judged by, stands in `ops/chaos`: after each run the ids in `news.claims`
and `news.outcomes` and the folded state of every pair are compared with those of an undisturbed replay of
the same articles, the ids in `news.alerts` with those of the pure fold over `news.claims` as written, and the
mails that the mail server saw with the alerts. The two proofs take a protection away to show that the harness
would see it.

Last run {datetime.now(UTC):%Y-%m-%d}, {machine}. Other work shared the machine, and figures in
seconds show that; only `recovery` had it to itself.

{table(lines)}

Repeats inside a topic are allowed: delivery is at least once, and the ids are the same. Parked mails are
those of which a crash, or a line that fell after DATA, left nobody knowing whether they arrived; as a person
would, the run looks them up at the mail server, and sends again what is not there.
"""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(RUNS)))
@click.option("--articles", type=click.IntRange(100), help="For every run; else each has its own number.")
@click.option("--times", type=click.IntRange(0), help="How often a fault strikes.")
@click.option("--write/--no-write", default=True, show_default=True, help="Write RESULTS.md.")
def main(names: tuple[str, ...], articles: int | None, times: int | None, write: bool) -> None:
    """Break things on a real Kafka, and count what was lost or told twice."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away is the point
    what, rows = given(), []
    expectations: dict[int, Expected] = {}
    for name in names or RUNS:
        count = articles or RUNS[name].articles
        often = RUNS[name].times if times is None else times
        if count not in expectations:
            expectations[count] = yardstick.expected(loads.articles(count), what)
        row = play(name, count, often, expectations[count])
        rows.append(row)
        line = _line(row, made_by(name, count, often))
        click.echo(line)
        if write:
            RESULTS.write_text(written([*earlier(), line]), "utf-8")
    sys.exit(0 if all(row.well for row in rows) else 1)


if __name__ == "__main__":
    main()
