"""`make mutants`: take away each guarantee in a copy of the tree, and show that a test fails.

First the named tests run on a copy as it is: a test that fails anyway would notice nothing. Then each patch
has a copy of its own. Only failed tests count as noticing: a patch that breaks an import, that no test was
found for, or that hangs, is an error.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from msgspec import Struct
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.mutants import patches
from tests.mutants.patches import ROOT, Patch, PatchError

PATIENCE = 180.0  # seconds for the tests of one patch
JOBS = min(4, os.cpu_count() or 1)
STYLES = {"killed": "green", "survived": "bold red", "error": "bold red"}

_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of one patch: `told` names the test that failed, or says what went wrong."""

    patch: Patch
    result: str  # killed, survived, error
    told: str
    seconds: float


class Run(Struct, frozen=True, kw_only=True):
    """What pytest said; `code` is None where it did not end."""

    code: int | None
    output: str


@contextmanager
def copied(tree: Path = ROOT) -> Iterator[Path]:
    """Give a copy of the files of the project; it goes, and with it whoever still runs in it."""
    folder = Path(tempfile.mkdtemp(prefix="condotta-mutant-")).resolve()
    try:
        for name in patches.files(tree):
            to = folder / "tree" / name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(tree / name, to)
        yield folder / "tree"
    finally:
        _end_those_in(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _end_those_in(folder: Path) -> None:
    """End what a patched program left running: its working directory is in the copy (seen on Linux only)."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink().is_relative_to(folder):
                os.kill(int(entry.name), signal.SIGKILL)


def pytest(tree: Path, nodes: Sequence[str], seconds: float = PATIENCE) -> Run:
    """Run tests in `tree` with the code of `tree`, until the first that fails."""
    temporary = tree.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    env = os.environ | {"PYTHONPATH": str(tree), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=line", "-p", "no:cacheprovider", *nodes]
    with (temporary / "output").open("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(command, cwd=tree, env=env, stdout=said, stderr=said)
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        return Run(code=code, output=said.read())


def judge(patch: Patch, tree: Path = ROOT) -> Verdict:
    """Apply `patch` to a copy of `tree` and run its tests there."""
    start = time.monotonic()
    try:
        with copied(tree) as copy:
            patches.apply(patch, copy)
            result, told = read(pytest(copy, patch.tests))
    except PatchError as exc:
        result, told = "error", str(exc)
    return Verdict(patch=patch, result=result, told=told, seconds=time.monotonic() - start)


def read(run: Run) -> tuple[str, str]:
    """Say what a run of tests on patched code means."""
    failed = _FAILED.search(run.output)
    if run.code == 1 and failed:
        return "killed", failed[1].rpartition("/")[2]
    if run.code == 0:
        return "survived", "no test fails"
    if run.code is None:
        return "error", "the tests do not end"
    return "error", f"pytest ended with {run.code}: {_last(run.output)}"


def _last(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1][:200]


def sound(chosen: Sequence[Patch], tree: Path = ROOT) -> None:
    """See that the named tests pass on the code as it is. Raises PatchError."""
    nodes = list(dict.fromkeys(node for patch in chosen for node in patch.tests))
    with copied(tree) as copy:
        run = pytest(copy, nodes, PATIENCE + 5 * len(nodes))
    if run.code != 0:
        failed = _FAILED.search(run.output)
        raise PatchError(f"without any patch: {failed[0] if failed else _last(run.output)}")


def judged(chosen: Sequence[Patch], jobs: int, done: Callable[[], object]) -> list[Verdict]:
    """Judge all patches, `jobs` at once, those with a Kafka one by one; in the order given."""
    verdicts: dict[str, Verdict] = {}
    for some, at_once in (
        ([patch for patch in chosen if not patch.kafka], jobs),
        ([patch for patch in chosen if patch.kafka], 1),
    ):
        with ThreadPoolExecutor(at_once) as pool:
            for future in as_completed([pool.submit(judge, patch) for patch in some]):
                verdict = future.result()
                verdicts[verdict.patch.name] = verdict
                done()
    return [verdicts[patch.name] for patch in chosen]


def table(verdicts: Sequence[Verdict]) -> Table:
    """Draw what became of each patch."""
    drawn = Table("guarantee", "patch", "result", "by", "s", title="guarantees taken away")
    drawn.columns[4].justify = "right"
    before = ""
    for each in verdicts:
        guarantee = each.patch.guarantee if each.patch.guarantee != before else ""
        before = each.patch.guarantee
        result = f"[{STYLES[each.result]}]{each.result}[/]"
        drawn.add_row(guarantee, each.patch.name, result, each.told, f"{each.seconds:.1f}")
    return drawn


def wanted(names: Sequence[str], everything: bool) -> list[Patch]:
    """Return the patches of these names; without names those without Kafka, or all. Raises PatchError."""
    known = patches.load()
    if unknown := set(names) - {patch.name for patch in known}:
        raise PatchError(f"there is no patch {min(unknown)}")
    if names:
        return [patch for patch in known if patch.name in names]
    return [patch for patch in known if everything or not patch.kafka]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Also what needs a real Kafka.")
@click.option("--jobs", default=JOBS, show_default=True, type=click.IntRange(1), help="Patches at once.")
def main(names: Sequence[str], everything: bool, jobs: int) -> None:
    """Take away each guarantee, or those of the patches NAMES, and show that a test fails."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    start = time.monotonic()
    try:
        chosen = wanted(names, everything)
        sound(chosen)
    except PatchError as exc:
        raise click.ClickException(str(exc)) from None
    progress = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    with progress:
        task = progress.add_task("patches", total=len(chosen))
        verdicts = judged(chosen, jobs, lambda: progress.advance(task))
    console.print(table(verdicts))
    killed = sum(each.result == "killed" for each in verdicts)
    console.print(f"{killed} of {len(verdicts)} killed in {time.monotonic() - start:.0f} s")
    sys.exit(0 if killed == len(verdicts) else 1)


if __name__ == "__main__":
    main()
