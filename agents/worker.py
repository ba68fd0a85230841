"""`condotta worker`: a small supervisor with one child process for each consumer group it serves."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import click

from agents.lineage import die_with_parent
from agents.settings import Settings, SettingsError
from agents.topology import chosen, groups

WRONG = 2  # a child's exit code: another start would end the same way
OURSELVES = ("-m", "agents")
BACKOFF = (1.0, 2.0, 5.0, 10.0)  # seconds before a child that died is started anew
STEADY = 60.0  # seconds after which a child counts as well started
TICK = 0.1
LOOK = 5.0  # seconds between looks for an absent broker


class Child:
    """A group's process, started anew when it dies."""

    def __init__(self, group: str, command: Sequence[str]) -> None:
        self.group = group
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.deaths = 0
        self.due = 0.0  # when to start

    def tend(self, now: float) -> None:
        """Start it when due; notice its end."""
        if self.process is None:
            if now >= self.due:
                self.process = subprocess.Popen(self.command)  # noqa: S603  our own interpreter
                self.started = now
            return
        code = self.process.poll()
        if code is not None:
            self._died(code, now)

    def _died(self, code: int, now: float) -> None:
        self.process = None
        if code == WRONG:
            raise click.ClickException(f"{self.group} cannot be started with these settings")
        self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
        pause = BACKOFF[min(self.deaths, len(BACKOFF)) - 1]
        self.due = now + pause
        said = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        click.echo(f"condotta: {self.group} {said}; started anew in {pause:.0f} s", err=True)

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps the children running until a signal; then stops them within a bound."""

    def __init__(self, children: Sequence[Child], stop_timeout: float) -> None:
        self.children = children
        self.stop_timeout = stop_timeout
        self.signals = 0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            while not self.signals:
                for child in self.children:
                    child.tend(time.monotonic())
                time.sleep(TICK)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask all children to finish; kill what has not after the bound, or at a second signal."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = time.monotonic() + self.stop_timeout
        while any(child.alive for child in self.children):
            if time.monotonic() > end or self.signals > 1:
                for child in self.children:
                    child.signal(signal.SIGKILL)
            time.sleep(TICK / 2)

    def _on_signal(self, *_: object) -> None:
        self.signals += 1


def wait_for_topics(settings: Settings) -> None:
    """Wait for Kafka as long as it takes; raise ClickException where the topics are not as they must be."""
    from aiokafka.errors import KafkaError

    from agents.access import trouble
    from agents.topics import check

    told = False
    while True:
        try:
            differs = asyncio.run(check(settings))
        except (KafkaError, OSError) as exc:
            if not told:
                why = asyncio.run(trouble(settings)) or type(exc).__name__
                click.echo(f"condotta: waiting for Kafka at {settings.broker} ({why})", err=True)
            told = True
            time.sleep(LOOK)
        else:
            break
    if differs:
        more = f" (and {len(differs) - 1} more)" if len(differs) > 1 else ""
        raise click.ClickException(f"{differs[0]}{more}: run `condotta topics create`")


@click.command(name="worker")
@click.option("--stages", metavar="A,B", help="Run these rows only; the names stand in the topology.")
@click.option("--group", hidden=True, help="Run one group in this process.")
@click.option("--parent", type=int, hidden=True, help="End when this process, which started us, is gone.")
def command(stages: str | None, group: str | None, parent: int | None) -> None:
    """Run the agents against CONDOTTA_BROKER until Ctrl-C.

    Example: CONDOTTA_BROKER=kafka:9092 condotta worker --stages clean,language,entities,claims
    """
    if parent is not None:
        die_with_parent(parent)
    settings = Settings.read()
    names = settings.stages if stages is None else stages
    try:
        wanted = groups(chosen(names))
    except ValueError as exc:
        raise click.UsageError(str(exc)) from None
    os.environ["CONDOTTA_STAGES"] = names
    if group is not None:
        _group(Settings.read(), group)
        return
    _checked(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the first process of a container has no default
    wait_for_topics(settings)
    ours = [sys.executable, *OURSELVES, "worker", "--parent", str(os.getpid()), "--group"]
    children = [Child(each, [*ours, each]) for each in wanted]
    Supervisor(children, settings.stop_timeout).run()


def _group(settings: Settings, group: str) -> None:
    from agents.app import main

    try:
        sys.exit(main(settings, group))
    except KeyError:
        raise click.UsageError(f"no stage of {group} is wanted") from None


def _checked(settings: Settings) -> None:
    """Refuse before any child starts what a child would refuse."""
    from agents.subscribers import load as load_subscribers

    load_subscribers(settings.subscribers)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise SettingsError(f"CONDOTTA_DATA: cannot write to {settings.data}: {exc.strerror}") from None
