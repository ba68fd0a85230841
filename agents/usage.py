"""What a worker takes of its machine: memory and processor time, of itself and of its children (Linux)."""

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
Family = GaugeMetricFamily | CounterMetricFamily

MEMORY = "Resident memory by process: self, or children, the processes that a pool or a shell started."
SECONDS = "Processor time by process: self, or children that run."


class Process(Struct, frozen=True):
    """A line of /proc/<id>/stat."""

    parent: int
    session: int
    seconds: float
    resident: int  # bytes


class Usage(Collector):
    """Looks at /proc when it is scraped.

    A process is told ours or a stranger's when it is first seen, and of strangers nothing is read again: a
    machine with a thousand processes makes no scrape slow.
    """

    def __init__(self, root: Path = Path("/proc"), own: int | None = None) -> None:
        self.root = root
        self.own = own or os.getpid()
        self._strangers: set[int] = set()
        self._most = 0.0  # seconds of children: a counter does not fall when one ends

    def collect(self) -> Iterator[Family]:
        found = self._found()
        ours = found.pop(self.own, Process(0, 0, 0.0, 0))
        children = list(found.values())
        self._most = max(self._most, sum(each.seconds for each in children))
        memory = GaugeMetricFamily("condotta_memory_bytes", MEMORY, labels=["process"])
        seconds = CounterMetricFamily("condotta_cpu_seconds", SECONDS, labels=["process"])
        memory.add_metric(["self"], ours.resident)
        memory.add_metric(["children"], sum(each.resident for each in children))
        seconds.add_metric(["self"], ours.seconds)
        seconds.add_metric(["children"], self._most)
        yield from (memory, seconds)

    def _found(self) -> dict[int, Process]:
        """Return this process and its descendants."""
        there = {int(each.name) for each in self.root.iterdir() if each.name.isdecimal()}
        self._strangers &= there
        found = {ident: each for ident in there - self._strangers if (each := self._process(ident))}
        self._strangers |= found.keys() - descendants(self.own, found) - {self.own}
        return {ident: each for ident, each in found.items() if ident not in self._strangers}

    def _process(self, ident: int) -> Process | None:
        try:
            return read((self.root / str(ident) / "stat").read_text("utf-8", "replace"))
        except (OSError, ValueError, IndexError):  # it ended meanwhile
            return None


def read(stat: str) -> Process:
    """Read a line of /proc/<id>/stat; the command in it may hold spaces and parentheses."""
    fields = stat.rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    return Process(int(fields[1]), int(fields[3]), seconds, int(fields[21]) * PAGE)


def descendants(own: int, processes: dict[int, Process]) -> set[int]:
    """Return the children of `own` and theirs."""
    found: set[int] = set()
    new = {own}
    while new:
        new = {ident for ident, each in processes.items() if each.parent in new} - found - {own}
        found |= new
    return found
