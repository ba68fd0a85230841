"""`python -m tests.hostile.fuzz`: look for input that a stage does not stand, for a set time.

Each stage gets half its time from hypothesis, which knows what pages and records look like, and half from
atheris, which follows what the code does with the bytes. What is found is added to found.jsonl.
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from hypothesis import HealthCheck, given, seed, settings

from tests.hostile import cases
from tests.hostile.strategies import cases as generated

FOUND = Path(__file__).parent / "found.jsonl"
STAGES = {stage.__name__: stage for stage in cases.STAGES}


def keep(name: str, case: bytes) -> None:
    """Add a case that a stage did not stand, once."""
    line = json.dumps({"name": name, "base64": base64.b64encode(case).decode()}) + "\n"
    if line not in FOUND.read_text("utf-8"):
        with FOUND.open("a", encoding="utf-8") as file:
            file.write(line)


def by_hypothesis(stage: Callable[[bytes], None], seconds: float) -> tuple[int, bytes | None]:
    """Return how many cases were tried, and the smallest that failed."""
    tried, last, end, turn = 0, b"", time.monotonic() + seconds, 0
    while time.monotonic() < end:

        @seed(turn)
        @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(generated)
        def one(case: bytes) -> None:
            nonlocal tried, last
            if time.monotonic() < end:
                tried, last = tried + 1, case
                stage(case)

        turn += 1
        try:
            one()
        except Exception:
            return tried, last  # the last one is the smallest
    return tried, None


def by_atheris(name: str, seconds: float) -> tuple[int, bytes | None]:
    """Return how many cases were tried, and the one that failed."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, (_, case) in enumerate(cases.every()[::40]):
            (corpus / str(number)).write_bytes(case[:2000])
        command = [
            sys.executable, "-m", "tests.hostile.coverage", name, str(corpus),
            f"-max_total_time={int(seconds)}",
            "-max_len=2000", "-timeout=30", f"-artifact_prefix={folder}/", "-print_final_stats=1",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        crashes = [
            *Path(folder).glob("crash-*"),
            *Path(folder).glob("timeout-*"),
            *Path(folder).glob("oom-*"),
        ]
        counts = [each.split()[-1] for each in done.stderr.splitlines() if "executed_units" in each]
        count = int(counts[0]) if counts else 0
        if done.returncode and not crashes:
            raise click.ClickException(f"atheris: {done.stderr.strip().splitlines()[-1:]}")
        return count, crashes[0].read_bytes() if crashes else None


@click.command()
@click.option("--seconds", default=240, show_default=True, type=click.IntRange(8), help="In all.")
@click.argument("names", nargs=-1, type=click.Choice(list(STAGES)))
def main(seconds: int, names: tuple[str, ...]) -> None:
    """Fuzz the stages NAMES, or all."""
    wanted = names or tuple(STAGES)
    share = seconds / len(wanted) / 2
    well = True
    for name in wanted:
        for tool, (count, case) in (
            ("hypothesis", by_hypothesis(STAGES[name], share)),
            ("atheris", by_atheris(name, share)),
        ):
            click.echo(
                f"{name}: {count} cases by {tool}" + ("" if case is None else f", FAILED: {case[:120]!r}")
            )
            if case is not None:
                keep(f"{name} by {tool}", case)
                well = False
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
