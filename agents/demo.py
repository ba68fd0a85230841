"""`condotta demo`: the main job on this machine, as in production, shown and stopped again."""

import asyncio
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import click
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.text import Text

from agents import reader, sink, topics
from agents.broker import Broker, BrokerError, missing
from agents.guard import Guard, end
from agents.ledger import Ledger
from agents.mail import ledger_path
from agents.publish import Found, Told, publish, read
from agents.screen import line, shown
from agents.seen import Seen, claims_table
from agents.settings import ENV_FILE, NAME, Settings
from agents.topology import ALERTS, CLAIMS, DEAD, DECISIONS, OUTCOMES, PARTITIONS, ROWS, groups
from pipeline.types import Alert, Claim, Decision, Outcome

T = TypeVar("T")

SAMPLES = Path(__file__).resolve().parent.parent / "ops" / "samples"
START_WAIT = 120.0  # seconds for the first outcome: the agents load their knowledge meanwhile
WAIT = 60.0  # seconds for anything later
WIDTH = 180  # columns of the output where it is no terminal

Look = Callable[[], Awaitable[None]]  # takes in what the topics hold by now


class DemoError(click.ClickException):
    """The demo cannot go on; the message says why in one line."""


@dataclass(frozen=True)
class Options:
    broker: str | None = None  # an existing one; else Kafka is started
    data: Path | None = None  # kept; else a temporary folder


def run(options: Options, console: Console | None = None) -> None:
    """Run the demo; whatever happens, its processes end and its temporary folder goes.

    Raises DemoError, and KeyboardInterrupt for SIGINT, SIGTERM and SIGHUP.
    """
    stopped = _interruptible()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a new topic has no leader for a moment
    console = console or Console(width=None if sys.stdout.isatty() else WIDTH)
    began = time.monotonic()
    with Guard() as guard:
        Demo(guard, options, console, stopped).run()
    console.print(f"\nAll stopped. The demo took {time.monotonic() - began:.0f} s.")


def _interruptible() -> Event:
    """Have each signal interrupt what runs; the event tells of one whose exception was lost on its way."""
    stopped = Event()

    def interrupt(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)  # a shell's background job ignores SIGINT
    return stopped


class Demo:
    """One run of the demo; every process it starts is guarded."""

    def __init__(
        self, guard: Guard, options: Options, console: Console, stopped: Event | None = None
    ) -> None:
        self.guard = guard
        self.stopped = stopped or Event()
        self.folder = (options.data or guard.folder).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.console = console
        self.kafka: Broker | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start everything, feed the samples, show what came of them."""
        address = self.options.broker or self._broker()
        env = environment(address, self._sink(), self.folder, foreign=self.options.broker is not None)
        env["TMPDIR"] = str(self.guard.folder)  # killed processes leave theirs
        settings = Settings.read(env)
        try:
            self._declare(settings)
            self._agents(env)
            seen = self._run(settings, self._feed(settings))
            self._stop()
        finally:
            if self.options.broker:
                self._forget(settings)
        self._show(seen)
        if seen.dead:
            raise DemoError(f"{len(seen.dead)} of the records died, the first in {seen.dead[0]}")

    def _broker(self) -> str:
        first = f" (first time: {len(missing())} jars to download)" if missing() else ""
        with self._step(f"Kafka{first}"):
            try:
                self.kafka = Broker(self.folder / "kafka", spawn=self.guard.spawn).start().ready()
            except BrokerError as exc:
                raise DemoError(str(exc)) from None
        return self.kafka.address

    def _sink(self) -> int:
        with self._step("SMTP server that keeps the mails"):
            log = self.folder / "sink.log"
            log.unlink(missing_ok=True)
            process = self.guard.spawn([sys.executable, "-m", "agents.sink", str(self._mails())], log)
            until = time.monotonic() + WAIT
            while not log.exists() or not log.read_text("utf-8").endswith("\n"):
                if process.poll() is not None or time.monotonic() > until:
                    raise DemoError("the local SMTP server did not start")
                time.sleep(0.02)
        return int(log.read_text("utf-8").splitlines()[-1])

    def _mails(self) -> Path:
        return self.folder / "mails"

    def _declare(self, settings: Settings) -> None:
        with self._step(f"Topics on {settings.broker}"):
            self._run(settings, declare(settings))

    def _agents(self, env: Mapping[str, str]) -> None:
        self.worker = self.guard.spawn([sys.executable, "-m", "agents", "worker"], self._log(), env)

    def _log(self) -> Path:
        return self.folder / "worker.log"

    async def _feed(self, settings: Settings) -> Seen:
        """Publish one article after another, each once the one before has left the pipeline.

        The first one's mail is awaited too, so that it holds the same on every run.
        """
        async with tail(settings) as (seen, look):
            first, *others = articles()
            await self._publish(
                settings, first, seen, look, START_WAIT, "The agents start, the first article"
            )
            with self._step("Its claims judged, its mail sent"):
                await self._settled(settings, look)
            for number, found in enumerate(others, 2):
                doing = f"Article {number} of {len(others) + 1}"
                await self._publish(settings, found, seen, look, WAIT, doing)
            with self._step("The others' claims judged, their mails sent"):
                await self._settled(settings, look)
            return seen

    async def _publish(
        self, settings: Settings, found: Found, seen: Seen, look: Look, seconds: float, doing: str
    ) -> None:
        done = len(seen.outcomes)
        article = json.loads(found.value)
        with self._step(doing, lambda: told(article, seen.outcomes[-1])):
            await publish(settings, [found], lambda _: None)
            await self._until(lambda: len(seen.outcomes) > done, look, seconds, article["url"])

    async def _until(self, done: Callable[[], bool], look: Look, seconds: float, what: str) -> None:
        until = time.monotonic() + seconds
        while not done():
            self._go_on()
            if self.worker is not None and self.worker.poll() is not None:
                raise DemoError(f"the worker ended: {self._last_words()}")
            if time.monotonic() > until:
                raise DemoError(f"still waiting for {what} after {seconds:.0f} s: {self._last_words()}")
            await look()

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise KeyboardInterrupt

    def _last_words(self) -> str:
        lines = self._log().read_text("utf-8", "replace").split("\n") if self._log().exists() else []
        said = next((each for each in reversed(lines) if each.strip()), "the worker said nothing")
        return line(said, 200) + " (--data DIR keeps the logs)"

    async def _settled(self, settings: Settings, look: Look) -> None:
        """Wait until every group has read all there is and no mail is on its way."""
        until = time.monotonic() + WAIT
        while await behind(settings):
            if time.monotonic() > until:
                raise DemoError(f"the agents are still behind after {WAIT:.0f} s: {self._last_words()}")
            await look()
        await self._until(lambda: not underway(settings), look, WAIT, "mails")

    def _run(self, settings: Settings, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run(work)
        except (KafkaError, OSError) as exc:
            raise DemoError(f"Kafka at {settings.broker}: {exc}") from None

    def _stop(self) -> None:
        """End what runs; in order where the data are kept, at once where they go anyway."""
        with self._step("Stopping"):
            if self.worker is not None and self.options.data:
                self.worker.terminate()
                self.worker.wait(30)
            if self.kafka is not None and self.options.data:
                self.kafka.stop()

    def _forget(self, settings: Settings) -> None:
        """Delete the demo's topics from a broker that is not ours, also after an interrupt."""
        self.stopped.clear()
        if self.worker is not None:
            end([self.worker.pid])
        try:
            with self._step(f"Deleting the topics {settings.prefix}*"):
                asyncio.run(delete(settings))
        except (KafkaError, OSError) as exc:
            if self.worker is not None:
                self.console.print(Text(f"The topics {settings.prefix}* may still be there: {exc}"))

    @contextmanager
    def _step(self, doing: str, done: Callable[[], str] | None = None) -> Iterator[None]:
        self._go_on()
        began = time.monotonic()
        with self.console.status(Text(doing)):
            yield
        self._go_on()
        what = done() if done else doing
        said = (
            Text("✓", style="green")
            .append(f" {time.monotonic() - began:5.1f} s  ", style="dim")
            .append(what, style="default")
        )
        self.console.print(said, no_wrap=True, overflow="ellipsis")

    def _show(self, seen: Seen) -> None:
        self.console.print()
        self.console.print(claims_table(seen, self.console.width))
        mails = [message_from_bytes(path.read_bytes(), policy=modern) for path in sink.mails(self._mails())]
        self.console.print()
        if not mails:
            self.console.print("No mail was due.")
            return
        self._mail(mails[0])
        self.console.print(f"[bold]All {len(mails)} mails, as they look in a mail reader[/]")
        for number, mail in enumerate(mails, 1):
            page = mail.get_body(("html",))
            where = self._keep(number, page.get_content()) if page else "none"
            self.console.print(Text(line(f"Mail {number}: {mail['Subject']}")))
            self.console.print(Text(f"  The HTML version: {where}"), soft_wrap=True)

    def _mail(self, mail: EmailMessage) -> None:
        """Print a mail as text."""
        self.console.rule("The first mail", align="left")
        for name in ("From", "To", "Date", "Subject"):
            self.console.print(Text(line(f"{name}: {mail[name]}")), soft_wrap=True)
        text = mail.get_body(("plain",))
        self.console.print(
            Text("\n" + shown(str(text.get_content()).replace("\r\n", "\n")) if text else "(no text part)"),
            soft_wrap=True,
        )
        self.console.rule(align="left")

    def _keep(self, number: int, html: str) -> Path:
        """Write the HTML where it outlives the demo."""
        if self.options.data:
            path = self._mails() / f"{number:04}.html"
        else:
            handle, name = tempfile.mkstemp(prefix=f"condotta-demo-mail-{number}-", suffix=".html")
            os.close(handle)
            path = Path(name)
        path.write_text(html, "utf-8")
        return path


def environment(address: str, smtp_port: int, folder: Path, *, foreign: bool) -> dict[str, str]:
    """Return the worker's environment: nothing of the user's settings or `.env` file comes in.

    On a broker of somebody else (`foreign`) a random prefix keeps the demo apart.
    """
    ours = {
        "BROKER": address,
        "PREFIX": f"demo-{secrets.token_hex(4)}." if foreign else "",
        "DATA": str(folder / "agents"),
        "SUBSCRIBERS": str(SAMPLES / "subscribers.yaml"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
        "GROUP_WAIT": "1",
        "GROUP_INTERVAL": "1",
        "LOG_LEVEL": "warning",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(NAME)}
    return others | {f"{NAME}{name}": value for name, value in ours.items()} | {ENV_FILE: ""}


async def declare(settings: Settings) -> None:
    """Create the topics and wait until each partition has a leader: clients stumble over those without."""
    await topics.create(settings)
    names = [topic.name for topic in topics.wanted(settings)]
    async with admin(settings) as client:
        while not all(_led(topic) for topic in await client.describe_topics(names)):
            await asyncio.sleep(0.1)


def _led(topic: Mapping[str, Any]) -> bool:
    return len(topic["partitions"]) >= PARTITIONS and all(each["leader"] >= 0 for each in topic["partitions"])


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[Any]:
    """Give a connected admin client."""
    client = AIOKafkaAdminClient(**settings.client())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


def articles() -> list[Found]:
    """Return the sample articles as `publish` reads them."""
    return [each for each in read(SAMPLES / "articles.jsonl", Told()) if isinstance(each, Found)]


def told(article: Mapping[str, str], outcome: Outcome) -> str:
    """Say in one line what became of an article."""
    claims = f"{outcome.claims} claim{'' if outcome.claims == 1 else 's'}"
    result = claims if outcome.outcome == "ok" else f"{outcome.outcome}: {outcome.reason}"
    name = article.get("title") or article["url"]
    return f"{article['published_at'][:10]}  {result:24}  {line(name, 90)} ({article['source']})"


@asynccontextmanager
async def tail(settings: Settings) -> AsyncIterator[tuple[Seen, Look]]:
    """Give what the topics hold and a function that looks for more."""
    kinds: dict[str, Any] = {
        settings.topic(topic.name): kind
        for topic, kind in ((OUTCOMES, Outcome), (CLAIMS, Claim), (DECISIONS, Decision), (ALERTS, Alert))
    }
    grave = settings.topic(DEAD.name)
    consumer = AIOKafkaConsumer(**settings.client(), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    seen = Seen()

    async def look() -> None:
        for partition, records in (await consumer.getmany(timeout_ms=200)).items():
            for record in records:
                if partition.topic == grave:
                    seen.dead.append(epitaph(record.headers))
                else:
                    seen.add(msgspec.json.decode(record.value, type=kinds[partition.topic]))

    try:
        consumer.assign(
            [TopicPartition(name, number) for name in [*kinds, grave] for number in range(PARTITIONS)]
        )
        while any([await consumer.position(each) < high for each, high in (await _ends(consumer)).items()]):
            await look()
        yield seen, look
    finally:
        await consumer.stop()


def epitaph(headers: Sequence[tuple[str, bytes]]) -> str:
    """Say in one line where a dead letter failed and why."""
    said = {name: value.decode("utf-8", "replace") for name, value in headers}
    return line(f"{said.get('stage', '?')}: {said.get('error', '?')}", 200)


async def _ends(consumer: Any) -> dict[TopicPartition, int]:
    found: dict[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
    return found


def underway(settings: Settings) -> bool:
    """Tell whether the ledger holds something that the mailer is still to send."""
    path = ledger_path(settings)
    if not path.exists():
        return False
    with closing(Ledger(path)) as ledger:
        return bool(ledger.groups()) or any(mail.state in ("SENDING", "WAITING") for mail in ledger.open())


async def behind(settings: Settings) -> int:
    """Return how many records lie before groups that have not yet read them, first groups first."""
    async with admin(settings) as client, reader.consumer(settings) as consumer:
        return sum(
            [await _lag(client, consumer, settings, group, row.source.name) for group, row in _reads()]
        )


def _reads() -> list[tuple[str, Any]]:
    return [(group, row) for group, rows in groups(ROWS).items() for row in rows]


async def _lag(client: Any, consumer: Any, settings: Settings, group: str, topic: str) -> int:
    partitions = [TopicPartition(settings.topic(topic), number) for number in range(PARTITIONS)]
    begins = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    done = await client.list_consumer_group_offsets(settings.topic(group), partitions=partitions)
    return sum(ends[each] - max(done[each].offset, begins[each]) for each in partitions)


async def delete(settings: Settings) -> None:
    """Delete the topics under the prefix. Without a prefix nothing is deleted."""
    async with admin(settings) as client:
        every = await client.list_topics()
        names = [name for name in every if settings.prefix and name.startswith(settings.prefix)]
        if names:
            await client.delete_topics(names)


@click.command(name="demo")
@click.option(
    "--broker", metavar="HOST:PORT", help="Use this Kafka, under a prefix of its own, deleted at the end."
)
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the data in this folder.",
)
def command(broker: str | None, data: Path | None) -> None:
    """Show the main job on this machine: Kafka, the agents, sample articles, claims and the mail.

    Example: condotta demo --data ./demo-data

    Everything is stopped at the end, or by Ctrl-C. No setting and no .env file is read.
    """
    run(Options(broker, data))
