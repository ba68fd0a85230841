"""What a row of the topology is: a function between two topics. No Kafka here; see `runner.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pipeline.knowledge import Knowledge
from pipeline.types import Subscriber

In = TypeVar("In")
Out = TypeVar("Out")
T = TypeVar("T")


@dataclass(frozen=True)
class Topic(Generic[T]):
    """A Kafka topic, the type it carries, and the key that spreads it over partitions."""

    name: str
    type: type[T]
    key: Callable[[T], str]
    days: int | None = None  # how long records are kept; None: for ever
    compacted: bool = False  # only the last record of each key is kept


@dataclass(frozen=True)
class Given:
    """What every row may look at, loaded once for each process."""

    knowledge: Knowledge
    subscribers: Sequence[Subscriber] = ()  # looked through anew for each record: the file may change
    learning_until: datetime | None = None  # of articles fetched before, only rank rises alert


@dataclass(frozen=True)
class Stage(Generic[In, Out]):
    """`work` turns each value of `source` into any number of values for `sink`."""

    name: str
    group: str
    source: Topic[In]
    sink: Topic[Out]
    work: Callable[[In, Given], Iterable[Out]]
    leaves: bool = False  # an article that came through has left the pipeline: outcome ok


@dataclass(frozen=True)
class Fold(Generic[In, Out]):
    """A row that remembers: `work` also takes and returns the state kept for the value's key."""

    name: str
    group: str
    source: Topic[In]
    sink: Topic[Out]
    work: Callable[[In, bytes | None, Given], tuple[Out, bytes]]
    table: str  # what it remembers, by the key of `source`
    beside: Topic[Any] | None = None  # in the same partitions: what people correct
    turned: Callable[[Any], In | None] | None = (
        None  # a record of `beside` as one of `source`; None: not ours
    )

    def sources(self) -> tuple[Topic[Any], ...]:
        return (self.source, self.beside) if self.beside else (self.source,)


@dataclass(frozen=True)
class End(Generic[In]):
    """A row without a topic behind it: `agents.<name>` takes the values out of Kafka."""

    name: str
    group: str
    source: Topic[In]


Row = Stage[Any, Any] | Fold[Any, Any] | End[Any]
Chain = tuple[Stage[Any, Any], ...]


def chains(rows: Iterable[Row]) -> dict[str, Chain]:
    """Return for each source topic the stateless rows that one record of it runs through.

    Neighbours join where the one writes what the next one reads, within one group; so a chain
    ends where the key changes, and where a row of the topology is left out.
    """
    stages = [row for row in rows if isinstance(row, Stage)]
    found: dict[str, Chain] = {}
    for row in reversed(stages):
        after = found.get(row.sink.name, ())
        joined = after if after and after[0].group == row.group else ()
        found[row.source.name] = (row, *joined)
    return found
