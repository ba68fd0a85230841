"""A small process that outlives its parent just long enough to clean up after it.

The parent holds a pipe to the guard. When the pipe closes, be it by an orderly end or by kill -9, the
guard ends the process groups it was told of and removes its folder. Nothing but the pipe is trusted:
it works on Linux and macOS, and no signal to the parent can be missed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

GRACE = 1.0  # seconds between SIGTERM and SIGKILL: the whole clean-up has to end within 5
GONE = 2.0  # seconds to wait for killed processes to let go of the folder
GATE = 'read -r go && exec "$@" </dev/null'  # runs its arguments once a line arrives, ends on a closed pipe


class Spawn(Protocol):
    """Starts `argv` in a process group of its own; what it says goes to the file `log`."""

    def __call__(
        self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]": ...


def spawn(argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Start `argv` without a guard: a parent that dies by kill -9 leaves it running."""
    return _start(argv, log, env, subprocess.DEVNULL)


def _start(
    argv: Sequence[str], log: Path, env: Mapping[str, str] | None, stdin: int
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  the arguments are our own
            list(argv), stdin=stdin, stdout=out, stderr=out, env=env, start_new_session=True
        )


class Guard:
    """The parent's side: `with Guard() as guard: guard.spawn(["java", …], guard.folder / "log")`.

    `folder` is new and empty, made by the guard, so that there is no moment at which it exists unguarded.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.guard"],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin  # noqa: S101  it is a pipe
        assert self._process.stdout  # noqa: S101  it is a pipe
        self._pipe: IO[bytes] = self._process.stdin
        answer = self._process.stdout.readline().decode().rstrip("\n")
        if not answer:
            raise OSError("the guard process did not start")
        self.folder = Path(answer)
        self._children: list[subprocess.Popen[bytes]] = []

    def spawn(
        self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start `argv` as a guarded process group.

        It waits at a gate until the guard knows it, so a parent killed in between leaves nothing.
        """
        process = _start(["/bin/sh", "-c", GATE, "sh", *argv], log, env, subprocess.PIPE)
        self._children.append(process)
        assert process.stdin  # noqa: S101  it is a pipe
        self._pipe.write(b"%d\n" % process.pid)
        self._pipe.flush()
        process.stdin.write(b"go\n")
        process.stdin.close()
        return process

    def close(self) -> None:
        """End what is still running, remove the folder, and wait until that is done."""
        self._pipe.close()
        while self._process.poll() is None:
            for child in self._children:
                child.poll()  # reaps it: to the guard a zombie is there
            time.sleep(0.02)

    def __enter__(self) -> "Guard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def main() -> None:
    """Run the guard: process groups as decimal lines on stdin, until it closes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="condotta-"))
    try:
        print(folder, flush=True)
    except BrokenPipeError:  # the parent died before it could read
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  else Python flushes it again at exit
    groups = {int(line) for line in sys.stdin if line.endswith("\n")}
    end(groups)
    remove(folder)


def end(groups: Iterable[int]) -> None:
    """End process groups: SIGTERM, then after a grace SIGKILL to what is left."""
    left = _signal(groups, signal.SIGTERM)
    left = _wait(left, GRACE)
    _wait(_signal(left, signal.SIGKILL), GONE)


def _wait(groups: set[int], seconds: float) -> set[int]:
    """Return the groups that are still there after `seconds`; unreaped ones count as there."""
    until = time.monotonic() + seconds
    while groups and time.monotonic() < until:
        time.sleep(0.05)
        groups = _signal(groups, 0)
    return groups


def _signal(groups: Iterable[int], number: int) -> set[int]:
    """Send a signal (0: none) and return the groups that exist."""
    found = set()
    for group in groups:
        try:
            os.killpg(group, number)
            found.add(group)
        except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            continue
    return found


def remove(folder: Path) -> None:
    """Remove `folder`; try again while a dying process still writes into it."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
