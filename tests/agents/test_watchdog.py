import asyncio
import time
from types import SimpleNamespace

import pytest
from faust.types import TP

from agents.settings import Settings
from agents.watchdog import Progress, Seen, Watchdog, verdict

LIMIT = 120.0
NOW = 1000.0


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        ({}, None),
        ({"turned": NOW - 29}, None),
        ({"turned": NOW - 31}, "the loop stands still since 31 s"),
        ({"behind": NOW - 119}, None),
        ({"behind": NOW - 121}, "records wait, and none was acknowledged for 121 s"),
        ({"outside": NOW - 121}, "the consumer is out of its group since 121 s"),
        ({"waits": NOW - 179}, None),
        ({"waits": NOW - 181}, "a rebalance does not finish since 181 s"),
    ],
)
def test_what_stands_still_too_long_ends_the_process(seen, says):
    assert verdict(Seen(**{"turned": NOW} | seen), NOW, LIMIT) == says


def test_progress_is_any_change():
    progress = Progress()
    assert progress.look({"a": 1}, 10.0) == 10.0
    assert progress.look({"a": 1}, 12.0) == 10.0
    assert progress.look({"a": 2}, 14.0) == 14.0
    assert progress.look(None, 15.0) is None
    assert progress.look({"a": 2}, 16.0) == 16.0


ASSIGNED = {TP("news.raw", 0), TP("changelog", 0)}


class App:
    def __init__(self):
        self.conf = SimpleNamespace(id="g")
        self.tables = None
        coordinator = SimpleNamespace(_rejoin_needed_fut=SimpleNamespace(done=lambda: False))
        thread = SimpleNamespace(_consumer=SimpleNamespace(_coordinator=coordinator))
        self.consumer = SimpleNamespace(assignment=lambda: ASSIGNED, _thread=thread)


def dog(places, *, limit=2.0, waits=False, rests=False):
    said = []
    found = Watchdog(
        Settings(watchdog=limit), App(), ["news.raw"], lambda: waits, lambda: rests, end=said.append
    )

    async def measure(own):
        assert own == [TP("news.raw", 0)]
        if isinstance(places, Exception):
            raise places
        return {own[0]: places}

    found.lag.measure = measure
    return found, said


async def looked(found):
    await found._look()
    return found.seen


async def test_records_that_wait_while_no_offset_moves_count():
    found, _ = dog((3, 5))
    first = (await looked(found)).behind
    assert first is not None
    assert (await looked(found)).behind == first
    assert found.waiting == 2


@pytest.mark.parametrize(
    ("places", "options"),
    [((5, 5), {}), ((3, 5), {"rests": True}), ((3, 5), {"waits": True}), (OSError("away"), {})],
)
async def test_no_lag_a_rest_a_rebalance_and_an_absent_broker_do_not(places, options):
    found, _ = dog(places, **options)
    assert (await looked(found)).behind is None


@pytest.mark.parametrize(("places", "answered"), [((3, 5), True), (OSError("away"), False)])
async def test_it_knows_whether_the_broker_answers(places, answered):
    found, _ = dog(places)
    await looked(found)
    assert found.answered is answered


async def test_a_rebalance_counts_only_while_the_broker_answers():
    found, _ = dog((3, 5), waits=True)
    assert (await looked(found)).waits is not None
    away, _ = dog(OSError("away"), waits=True)
    assert (await looked(away)).waits is None


async def test_a_loop_that_stands_still_is_noticed_by_the_thread():
    found, said = dog((5, 5), limit=4.0)
    found.start()
    await asyncio.sleep(0.1)
    assert said == []
    time.sleep(2.5)  # the loop stands still: that is the point
    await found.stop()
    assert said[0].startswith("the loop stands still")


async def test_a_process_that_was_paused_does_not_go_on():
    found, said = dog((5, 5), limit=1000.0)
    found.paused = 0.0  # every pause is too long
    found.start()
    await asyncio.sleep(1.2)
    await found.stop()
    assert said[0].startswith("the process was stopped for")
