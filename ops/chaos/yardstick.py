"""What must stand in the topics and at the mail server after a run, whatever happened meanwhile.

The replay of the same input, in memory and undisturbed, says which claims, outcomes and states there must be;
the pure fold over `news.claims` as it was written, partition by partition, says which alerts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import orjson

from agents import chain
from agents.chain import Incoming
from agents.replay import Replay
from agents.stage import Fold, Given
from agents.topology import CLAIMS, OUTCOMES, ROWS
from pipeline.alerts import decide
from pipeline.types import Decision

NOVELTY = next(row for row in ROWS if isinstance(row, Fold))


@dataclass
class Expected:
    """What an undisturbed run makes."""

    claims: set[str]
    outcomes: set[str]
    states: dict[bytes, bytes]


@dataclass
class Found:
    """What a run made: the records of each topic in the order of their partitions, and the mails."""

    claims: dict[int, list[Incoming]]
    outcomes: list[Incoming]
    alerts: list[Incoming]
    dead: list[Incoming]
    states: dict[bytes, bytes]
    mails: list[list[str]]  # the alerts in each mail, as the server saw them


@dataclass
class Judgement:
    """Empty lists: nothing lost, nothing twice."""

    lost: dict[str, int] = field(default_factory=dict)  # topic or place -> how many ids are missing
    extra: dict[str, int] = field(default_factory=dict)  # ids that should not be there
    repeats: dict[str, int] = field(default_factory=dict)  # harmless: an id more than once in a topic
    states: int = 0  # pairs whose state differs from the replay's
    unmailed: int = 0  # alerts that are in no mail
    twice: int = 0  # alerts that are in more than one mail
    alerts: int = 0
    pairs: int = 0

    @property
    def well(self) -> bool:
        return not (
            any(self.lost.values()) or any(self.extra.values()) or self.states or self.unmailed or self.twice
        )


def expected(articles: Iterable[bytes], given: Given) -> Expected:
    """Replay `articles` in memory."""
    machine = Replay(given)
    claims, outcomes = set(), set()
    for each in articles:
        for sent in machine.carry(each):
            if sent.topic == CLAIMS.name:
                claims.add(_id(sent.value))
            elif sent.topic == OUTCOMES.name:
                outcomes.add(_id(sent.value))
    return Expected(claims=claims, outcomes=outcomes, states=dict(machine.memories[NOVELTY.name]))


def folded(claims: dict[int, list[Incoming]], given: Given) -> dict[str, str]:
    """Return the alerts that the pure fold gives over the claims as written: id -> channel."""
    found: dict[str, str] = {}
    for records in claims.values():
        memory: dict[bytes, bytes] = {}
        for record in records:
            trip = chain.fold(NOVELTY, record, memory.get, given)
            if trip.memory is not None:
                memory[trip.memory[0]] = trip.memory[1]
            for sent in trip.records:
                if sent.topic == "news.decisions":
                    decision = msgspec.json.decode(sent.value, type=Decision)
                    found |= {
                        each.id: each.channel for each in decide(decision, given.subscribers, given.knowledge)
                    }
    return found


def judge(found: Found, expected: Expected, given: Given) -> Judgement:
    """Compare a run with what must be."""
    said = Judgement()
    written = [record for records in found.claims.values() for record in records]
    alerts = folded(found.claims, given)
    for name, records, wanted in (
        ("news.claims", written, expected.claims),
        ("news.outcomes", found.outcomes, expected.outcomes),
        ("news.alerts", found.alerts, set(alerts)),
    ):
        ids = Counter(_id(record.value) for record in records)
        said.lost[name] = len(wanted - ids.keys())
        said.extra[name] = len(ids.keys() - wanted)
        said.repeats[name] = ids.total() - len(ids)
    said.extra["news.dead"] = len(found.dead)
    keys = found.states.keys() | expected.states.keys()
    said.states = sum(found.states.get(key) != expected.states.get(key) for key in keys)
    mailed = Counter(alert for mail in found.mails for alert in mail)
    said.unmailed = sum(mailed[each] == 0 for each, channel in alerts.items() if channel == "now")
    said.twice = sum(times > 1 for times in mailed.values())
    said.alerts, said.pairs = len(alerts), len(expected.states)
    return said


def by_partition(records: Iterable[Incoming]) -> dict[int, list[Incoming]]:
    found: dict[int, list[Incoming]] = defaultdict(list)
    for record in records:
        found[record.partition].append(record)
    return found


def last(records: Sequence[Incoming]) -> dict[bytes, bytes]:
    """Return the last value of each key: what a compacted topic keeps."""
    return {record.key or b"": record.value for record in records if record.value}


def _id(value: bytes | None) -> str:
    return str(orjson.loads(value or b"{}")["id"])
