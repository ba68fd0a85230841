"""The patched internals of the pinned Faust: these fail before a delivery does."""

import inspect
from collections import defaultdict
from types import SimpleNamespace

import aiokafka.errors
import faust
import faust.streams
import pytest
from faust.transport import drivers
from faust.transport.consumer import Consumer
from faust.types import TP

from agents import transport
from agents.chain import MAX_RECORD
from agents.settings import Settings
from agents.topics import wanted
from agents.transport import SafeConsumer

TP0 = TP("t", 0)


def consumer(acked, inflight=(), committed=None, held=()):
    bare = SafeConsumer.__new__(SafeConsumer)
    bare._acked = defaultdict(list, {TP0: list(acked)})
    bare._acked_index = defaultdict(set, {TP0: set(acked)})
    bare._gap = defaultdict(list)
    bare._committed_offset = defaultdict(lambda: None, {TP0: committed})
    bare._inflight = defaultdict(set, {TP0: {*inflight, *acked}})
    bare._held = defaultdict(set, {TP0: set(held)})
    return bare


@pytest.mark.parametrize(
    ("acked", "inflight", "committed", "held", "offset"),
    [
        ([], [], None, [], None),
        ([0, 1, 2], [], None, [], 3),
        ([1, 2, 3], [0], None, [], None),  # the head is at work: Faust would commit 4
        ([11, 12], [10], 10, [], None),  # and here 13
        ([10, 12], [11], 10, [], 11),
        ([10, 11, 15], [], 10, [], 16),  # a hole of compaction: nothing was delivered there
        ([2, 0, 1], [], None, [], 3),
        ([12], [3], 12, [], 13),  # older than what is committed: of an earlier assignment
        ([10, 11], [], 10, [11], 11),  # acknowledged, but its work was cut short
    ],
)
def test_a_commit_never_passes_unfinished_work(acked, inflight, committed, held, offset):
    assert consumer(acked, inflight, committed, held)._new_offset(TP0) == offset


def test_what_is_committed_is_forgotten_and_the_rest_kept():
    safe = consumer([10, 12, 13], [11], 10)
    assert safe._new_offset(TP0) == 11
    assert safe._acked[TP0] == [12, 13]
    assert safe._acked_index[TP0] == {12, 13}
    safe._acked[TP0].append(11)
    safe._committed_offset[TP0] = 11
    assert safe._new_offset(TP0) == 14


def test_a_seek_forgets_what_was_at_work():
    safe = consumer([], [5], 0, [4])
    safe.hold([SimpleNamespace(tp=TP0, offset=6)])
    assert safe._held[TP0] == {4, 6}


def test_faust_is_the_pinned_one_and_has_what_is_leaned_on():
    assert faust.__version__ == "0.15.3"
    source = inspect.getsource(Consumer)
    for name in ("_new_offset", "_acked", "_acked_index", "_committed_offset", "_gap"):
        assert name in source
    assert inspect.getsource(Consumer._wait_next_records).count("self.sleep(1)") == 1


def test_no_other_sleep_of_the_consumer_is_shortened():
    waits = inspect.getsource(Consumer) + inspect.getsource(SafeConsumer.__mro__[1])
    assert waits.count("self.sleep(1)") == 1


def test_the_compiled_stream_is_used():
    assert faust.streams._CStreamIterator is not None  # the other acknowledges stale events


def test_the_producer_is_idempotent_and_waits_for_all_replicas():
    producer = transport.IdempotentProducer.__new__(transport.IdempotentProducer)
    producer.app = SimpleNamespace(in_transaction=False)
    assert producer._settings_extra() == {"enable_idempotence": True, "acks": "all"}


def test_faust_takes_this_transport():
    transport.install()
    assert drivers.TRANSPORTS.by_name("kafka") is transport.Transport


def test_the_client_refuses_before_a_broker_would():
    settings = Settings()
    for topic in wanted(settings):
        if topic.name != "news.raw":  # which we never write to
            assert int(topic.settings["max.message.bytes"]) > MAX_RECORD


@pytest.mark.parametrize(
    ("error", "fatal"),
    [
        (aiokafka.errors.OutOfOrderSequenceNumber(), True),
        (aiokafka.errors.MessageSizeTooLargeError(), True),
        (aiokafka.errors.RequestTimedOutError(), False),
        (ConnectionError(), False),
    ],
)
def test_a_poisoned_producer_is_known(error, fatal):
    assert transport.poisoned(error) is fatal
    wrapped = faust.exceptions.ProducerSendError("x")
    wrapped.__cause__ = error
    assert transport.poisoned(wrapped) is fatal
