"""Run the very same rows in memory: raw articles as JSONL in, the records of one topic as JSONL out."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import click

from agents import chain
from agents.chain import Incoming, Sending, Trip
from agents.settings import Settings
from agents.stage import End, Fold, Given, Row, Stage, chains
from agents.subscribers import load as load_subscribers
from agents.topology import CLAIMS, DEAD, OUTCOMES, RAW, ROWS, skips

PRINTED = (*(row.sink.name for row in ROWS if not isinstance(row, End)), OUTCOMES.name, DEAD.name)


class Replay:
    """The topology without Kafka; its memory is empty at the start and lives as long as it."""

    def __init__(self, given: Given, rows: tuple[Row, ...] = ROWS) -> None:
        self.given = given
        self.rows = rows
        self.chains = chains(rows)
        folds = [row for row in rows if isinstance(row, Fold)]
        self.folds = {topic.name: row for row in folds for topic in row.sources()}
        self.readers = {row.source.name: row.name for row in rows} | {
            name: row.name for name, row in self.folds.items()
        }
        self.memories: dict[str, dict[bytes, bytes]] = {row.name: {} for row in self.folds.values()}

    def carry(self, value: bytes, topic: str = RAW.name) -> Iterator[Sending]:
        """Yield every record that comes of one value, depth first, as the topics would hold them."""
        return self._carry(Incoming(topic=topic, value=value))

    def _carry(self, record: Incoming) -> Iterator[Sending]:
        for sent in self._trip(record).records:
            yield sent
            after = Incoming(topic=sent.topic, key=sent.key, value=sent.value, headers=sent.headers)
            if sent.topic in self.readers and not skips(
                self.readers[sent.topic], after.header("carried"), self.rows
            ):
                yield from self._carry(after)

    def _trip(self, record: Incoming) -> Trip:
        if record.topic in self.chains:
            return chain.run(self.chains[record.topic], record, self.given)
        if record.topic not in self.folds:
            return Trip(stage=self.readers[record.topic])
        row = self.folds[record.topic]
        memory = self.memories[row.name]
        trip = chain.fold(row, record, memory.get, self.given)
        if trip.memory is not None:
            memory[trip.memory[0]] = trip.memory[1]
        return trip


def needed(topic: str) -> tuple[Row, ...]:
    """Return the rows it takes to make the records of `topic`, all for outcomes and dead letters."""
    if topic == OUTCOMES.name:
        topic = CLAIMS.name
    stages = [row for row in ROWS if isinstance(row, Stage | Fold)]
    last = next((place for place, row in enumerate(stages) if row.sink.name == topic), len(stages))
    return tuple(stages[: last + 1])


def replay(lines: Iterable[bytes], topic: str, given: Given) -> Iterator[bytes]:
    """Yield the values of `topic` that come of raw articles, one JSON text each, in their order."""
    machine = Replay(given, needed(topic))
    for line in lines:
        if line.strip():
            yield from (sent.value for sent in machine.carry(line.strip()) if sent.topic == topic)


def _lines(files: tuple[Path, ...]) -> Iterator[bytes]:
    for path in files or (Path("-"),):
        with _open(path) as stream:
            yield from stream


def _open(path: Path) -> IO[bytes]:
    return sys.stdin.buffer if str(path) == "-" else path.open("rb")


@click.command(name="replay")
@click.option(
    "--topic",
    type=click.Choice(PRINTED),
    default=CLAIMS.name,
    show_default=True,
    help="Whose records to print.",
)
@click.option(
    "--subscribers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who gets alerts; else CONDOTTA_SUBSCRIBERS.",
)
@click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
def command(topic: str, subscribers: Path | None, files: tuple[Path, ...]) -> None:
    """Run the topology offline: raw articles as JSONL from FILES or stdin, one topic's records out.

    Example: condotta replay --topic news.decisions articles.jsonl

    No Kafka is touched, and the memory is empty at the start.
    """
    from pipeline.knowledge import load

    settings = Settings.read()
    readers = load_subscribers(subscribers or settings.subscribers)
    given = Given(load(), readers, settings.learning_until)
    out = sys.stdout.buffer
    for value in replay(_lines(files), topic, given):
        out.write(value + b"\n")
    out.flush()
