import asyncio
from types import SimpleNamespace

import msgspec
import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    RequestTimedOutError,
)
from faust.exceptions import ProducerSendError
from faust.types import TP
from prometheus_client import CollectorRegistry

from agents import runner as module
from agents.chain import Incoming, Sending
from agents.metrics import Metrics
from agents.order import Order
from agents.pool import Pool
from agents.runner import ChainRunner, EndRunner, FoldRunner, Sender, incoming
from agents.settings import Settings
from agents.topology import ROWS as TRUE_ROWS
from pipeline.types import Claim, Correction
from tests.fakes import GIVEN, ROWS, FakeApp, carrier, raw


class Died(Exception):
    pass


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))

    def die(reason):
        raise Died(reason)

    monkeypatch.setattr(module, "die", die)


def sender(*failures, prefix=""):
    return Sender(FakeApp(*failures), Settings(prefix=prefix), Metrics.on(CollectorRegistry()))


def event(value, topic="news.raw", key=b"k", partition=0, offset=0, headers=()):
    return SimpleNamespace(
        message=SimpleNamespace(
            topic=topic,
            partition=partition,
            offset=offset,
            key=key,
            value=value,
            headers=headers,
            timestamp=1577016000.0,
            tp=(topic, partition),
        )
    )


async def text(*failures, prefix=""):
    sources = {row.source.name: row.name for row in ROWS[:4]}
    pool = Pool(0, carrier, sources)
    await pool.start()
    return ChainRunner(sender(*failures, prefix=prefix), sources, pool)


def counted(runner, stage, outcome):
    sample = {"stage": stage, "outcome": outcome}
    return runner.metrics.registry.get_sample_value("condotta_records_total", sample) or 0


async def test_each_record_has_exactly_one_outcome():
    runner = await text()
    await runner.batch([event(raw()), event(raw("")), event(raw("bug")), event(b"{")])
    assert counted(runner, "claims", "ok") == 1
    assert counted(runner, "clean", "rejected") == 1
    assert counted(runner, "claims", "dead") == 1
    assert counted(runner, "clean", "dead") == 1
    assert counted(runner, "clean", "ok") == 2


async def test_the_outcome_is_told_last():
    runner = await text()
    await runner.batch([event(raw()), event(raw("bug"))])
    topics = runner.app.producer.topics()
    first = min(topics.index("news.outcomes"), topics.index("news.dead"))
    assert all(topic in ("news.outcomes", "news.dead") for topic in topics[first:])


async def test_what_was_carried_past_a_row_is_left_undecoded():
    runner = await text()
    await runner.batch([event(b"\xff not read", "news.clean", headers=(("carried", b"claims"),))])
    assert runner.app.producer.sent == []
    assert runner.metrics.registry.get_sample_value("condotta_skipped_total", {"stage": "language"}) == 1


async def test_the_prefix_stands_before_every_topic():
    runner = await text(prefix="t.")
    await runner.batch([event(raw(), "t.news.raw")])
    assert all(topic.startswith("t.news.") for topic in runner.app.producer.topics())


async def test_an_absent_broker_is_waited_for():
    runner = await text(ProducerSendError("away"), KafkaConnectionError(), (RequestTimedOutError(),))
    await runner.batch([event(raw())])
    assert sorted(runner.app.producer.topics()) == [
        "news.claims",
        "news.clean",
        "news.labelled",
        "news.outcomes",
        "news.tagged",
    ]


async def test_order_under_a_key_survives_a_failed_send():
    records = [
        Sending(topic="t", key=key, value=value, headers=()) for key, value in [(b"a", b"1"), (b"b", b"2")]
    ]
    records.append(Sending(topic="t", key=b"a", value=b"3", headers=()))
    found = sender((RequestTimedOutError(),))
    await found.send(records)
    values = [value for _, key, value, _ in found.app.producer.sent if key == b"a"]
    assert values[-2:] == [b"1", b"3"]
    assert [value for *_, value, _ in found.app.producer.sent].count(b"2") == 1


@pytest.mark.parametrize("error", [OutOfOrderSequenceNumber(), MessageSizeTooLargeError(), KeyError("ours")])
async def test_a_producer_beyond_repair_ends_the_process(error):
    with pytest.raises(Died):
        await sender((error,)).send([Sending(topic="t", key=None, value=b"", headers=())])


async def test_a_dead_letter_tells_when_it_died():
    runner = await text()
    await runner.batch([event(b"{", partition=3, offset=7)])
    [(_, key, value, headers)] = [each for each in runner.app.producer.sent if each[0] == "news.dead"]
    assert (key, value) == (b"k", b"{")
    assert (headers["partition"], headers["offset"]) == (b"3", b"7")
    assert headers["died"].endswith(b"Z")


async def test_transient_errors_are_tried_again_then_buried():
    runner = await text()
    await runner.batch([event(raw("flaky")), event(raw())])
    assert counted(runner, "claims", "dead") == 1
    assert counted(runner, "claims", "ok") == 1
    [headers] = [each[3] for each in runner.app.producer.sent if each[0] == "news.dead"]
    assert headers["attempts"] == b"5"


async def test_a_batch_cut_short_stays_uncommitted():
    runner = await text()
    held = []
    runner.app.consumer = SimpleNamespace(hold=held.extend)

    async def stuck(events):
        await asyncio.sleep(60)

    runner.batch = stuck
    task = asyncio.create_task(runner.run(Stream([[event(raw())]])))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(held) == 1


async def test_a_fault_of_ours_ends_the_process_before_anything_is_acknowledged():
    runner = await text()

    async def wrong(events):
        raise KeyError("ours")

    runner.batch = wrong
    with pytest.raises(Died):
        await runner.run(Stream([[event(raw())]]))


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


async def stopped_runner(**app):
    """Return a runner that faults of ours have stopped, and the clock of its breaker."""
    runner = await text()
    clock = runner.breaker.clock = Clock()
    vars(runner.app).update({"rebalancing": False, "should_stop": False} | app)
    await runner.run(Stream([[event(raw("bug", id=f"b{n}"), offset=n) for n in range(20)]]))
    assert runner.breaker.open
    return runner, clock


async def test_a_worker_stopped_by_its_own_faults_tries_one_record_a_minute(monkeypatch):
    runner, clock = await stopped_runner()
    tried = []

    async def minute(seconds):
        tried.append(counted(runner, "claims", "dead") + counted(runner, "claims", "ok"))
        clock.now += 60

    monkeypatch.setattr(module.asyncio, "sleep", minute)
    await runner.run(Stream([[event(raw("bug" if n < 2 else "RU", id=f"c{n}")) for n in range(10)]]))
    assert tried == [20, 21, 22]  # the third passes, and then all at once
    assert counted(runner, "claims", "ok") == 8
    assert not runner.breaker.open


async def test_a_stopped_worker_gives_its_records_back_when_its_partitions_move():
    runner, _ = await stopped_runner(rebalancing=True)
    held = []
    runner.app.consumer = SimpleNamespace(hold=held.extend)
    await runner.run(Stream([[event(raw(), offset=n) for n in range(3)]]))
    assert len(held) == 3
    assert counted(runner, "claims", "ok") == 0


async def test_malformed_and_too_large_records_stop_nobody():
    runner = await text()
    bad = [event(value, offset=n) for n in range(60) for value in (b"{", raw("grow", id=f"g{n}"))]
    await runner.run(Stream([bad]))
    assert counted(runner, "clean", "dead") == 60
    assert not runner.breaker.open


class Stream:
    def __init__(self, batches):
        self.batches = batches

    async def take_events(self, most, within):
        for batch in self.batches:
            yield batch


class Table:
    """Stands in for the changelogged table and notes what happened in which order."""

    def __init__(self, journal):
        self.journal = journal
        self.kept = {}

    def recall(self, event, key):
        return self.kept.get(key)

    async def remember(self, event, key, value):
        await asyncio.sleep(0)
        self.kept[key] = value
        self.journal.append((event.message.partition, event.message.offset, "state"))


async def fold(*failures):
    made = sender(*failures)
    journal = []
    send = made.send

    async def noted(records):
        await asyncio.sleep(0)
        await send(records)
        journal.extend("decision" for record in records if record.topic == "news.decisions")

    made.send = noted
    runner = FoldRunner(made, ROWS[4], Table(journal), GIVEN)
    return runner, journal


async def claims(body, partition=0):
    runner = await text()
    await runner.batch([event(raw(body))])
    values = [each[2] for each in runner.app.producer.sent if each[0] == "news.claims"]
    return [event(value, "news.claims", partition=partition, offset=n) for n, value in enumerate(values)]


async def test_a_fold_works_one_record_after_another_in_a_partition():
    runner, journal = await fold()
    await runner.batch(await claims("RU RU RU"))
    assert journal == [
        "decision",
        (0, 0, "state"),
        "decision",
        (0, 1, "state"),
        "decision",
        (0, 2, "state"),
    ]
    names = [b'"REPEAT"' in each[2] for each in runner.app.producer.sent]
    assert names == [False, True, True]


async def test_a_fold_works_the_partitions_side_by_side():
    runner, journal = await fold()
    await runner.batch(await claims("RU RU", 0) + await claims("TR TR", 1))
    states = [each for each in journal if each != "decision"]
    assert [each[0] for each in states] == [0, 1, 0, 1]


async def test_a_broken_claim_is_buried_and_the_next_one_judged():
    runner, _ = await fold()
    await runner.batch([event(b"{", "news.claims"), *await claims("RU")])
    assert runner.app.producer.topics() == ["news.dead", "news.decisions"]
    assert counted(runner, "novelty", "dead") == 1


async def test_a_record_of_a_newer_release_makes_its_partition_wait():
    runner, journal = await fold()
    held, paused = [], set()
    runner.app.consumer = SimpleNamespace(hold=held.extend, pause_partitions=paused.update)
    later = b'{"schema":"claim/2","nodes":{}}'
    await runner.batch([event(later, "news.claims", offset=7), *await claims("RU"), *await claims("TR", 1)])
    assert [each for each in journal if each != "decision"] == [(1, 0, "state")]
    assert [(each.partition, each.offset) for each in held] == [(0, 7), (0, 0)]
    assert "claim/2" in runner.waits[0]
    assert paused == {("news.claims", 0)}
    await runner.batch(await claims("RU"))
    assert len(held) == 3
    assert runner.app.producer.topics() == ["news.decisions"]


async def test_a_correction_goes_through_the_same_memory():
    runner, _ = await fold()
    (told,) = await claims("RU")
    made = msgspec.json.decode(told.message.value, type=Claim)
    taken = Correction(made_by=made.made_by, id="c", kind="retract", story=made.story, claim=made)
    mute = Correction(made_by=made.made_by, id="m", kind="mute", story=made.story)
    records = [(msgspec.json.encode(each), "news.corrections") for each in (taken, mute)]
    await runner.batch([told, *(event(*each) for each in (*records, (None, "news.corrections")))])
    assert runner.app.producer.topics() == ["news.decisions"] * 2
    assert counted(runner, "novelty", "ok") == 4


class Mailer:
    def __init__(self, *failures):
        self.failures = list(failures)
        self.taken = []

    async def accept(self, alerts):
        if self.failures:
            raise self.failures.pop(0)
        self.taken += alerts


async def alerts():
    fold_, _ = await fold()
    await fold_.batch(await claims("RU TR"))
    from tests.fakes import decide

    decisions = [each[2] for each in fold_.app.producer.sent]
    import msgspec

    from pipeline.types import Decision

    found = [msgspec.json.decode(value, type=Decision) for value in decisions]
    return [msgspec.json.encode(alert) for each in found for alert in decide(each, GIVEN)]


async def test_alerts_are_handed_over_until_they_are_durable():
    mailer = Mailer(OSError("disk full"))
    runner = EndRunner(sender(), ROWS[6], mailer, GIVEN)
    values = await alerts()
    await runner.batch([event(value, "news.alerts") for value in [*values, b"{"]])
    assert [each.subscriber for each in mailer.taken] == ["desk", "desk"]
    assert runner.app.producer.topics() == ["news.dead"]
    assert counted(runner, "mail", "ok") == 2
    assert counted(runner, "mail", "dead") == 1


def test_a_message_is_taken_as_it_is():
    message = event(None, "t.news.raw", headers={"a": b"1", "b": None}).message
    found = incoming(message, "t.")
    assert found == Incoming(
        topic="news.raw", key=b"k", value=None, headers=(("a", b"1"),), timestamp=found.timestamp
    )
    assert found.timestamp.isoformat() == "2019-12-22T12:00:00+00:00"


def test_the_stand_ins_have_the_shape_of_the_true_rows():
    assert [(type(row), row.name, row.group, row.source) for row in ROWS] == [
        (type(row), row.name, row.group, row.source) for row in TRUE_ROWS
    ]


async def test_a_record_that_was_passed_over_ends_the_process_before_any_work():
    runner = await text()

    async def stands(places):
        return dict.fromkeys(places, (0, 9))

    runner.order = Order(stands)
    for each in (one := event(raw(), offset=1), two := event(raw(), offset=0)):
        each.message.tp = TP("news.raw", 0)
    with pytest.raises(Died):
        await runner.run(Stream([[one]]))
    assert runner.app.producer.sent == []
    await runner.run(Stream([[two]]))
    assert counted(runner, "claims", "ok") == 1
