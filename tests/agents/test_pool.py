import os
import subprocess
import sys
import time

import pytest

from agents.chain import Incoming
from agents.pool import CHUNK, CHUNK_BYTES, Job, Limits, Pool, chunked
from tests.fakes import MADE_BY, carrier, raw

pytestmark = pytest.mark.long

FIRST = {"news.raw": "clean"}


def jobs(*bodies):
    return [
        Job(record=Incoming(topic="news.raw", value=raw(body, id=f"a{n}"))) for n, body in enumerate(bodies)
    ]


@pytest.fixture(scope="module", params=[0, 2], ids=["inline", "processes"])
def size(request):
    return request.param


async def test_trips_come_back_in_order(size):
    pool = Pool(size, carrier, FIRST)
    await pool.start()
    trips = await pool.run(jobs(*["RU", ""] * 10))
    await pool.stop()
    assert [trip.outcome for trip in trips] == ["ok", "rejected"] * 10
    assert pool.made_by == MADE_BY


async def test_a_record_that_kills_its_process_takes_no_other_along():
    pool = Pool(1, carrier, FIRST)
    await pool.start()
    trips = await pool.run(jobs(*["RU"] * 20, "crash", *["TR"] * 20))
    again = await pool.run(jobs("RU"))
    await pool.stop()
    assert [trip.outcome for trip in trips] == ["ok"] * 20 + ["dead"] + ["ok"] * 20
    assert trips[20].reason.startswith("it took longer than its limit")  # kill -9 has no name
    assert again[0].outcome == "ok"


@pytest.mark.parametrize(
    ("body", "seconds", "wall", "says"),
    [
        ("spin", 0.3, 1.0, "it took longer than its limit of 0.3 s of work, or 1 s in all, or was killed"),
        ("hang", 0.3, 1.0, "it took longer than its limit of 0.3 s of work, or 1 s in all, or was killed"),
        ("hoard", 20.0, 60.0, "the article reached its limit of memory"),  # however busy the machine is
    ],
)
async def test_an_article_without_end_or_measure_dies_alone(body, seconds, wall, says):
    pool = Pool(1, carrier, FIRST, Limits(seconds=seconds, wall=wall, memory=200 * 2**20))
    await pool.start()
    trips = await pool.run(jobs("RU", body, "TR"))
    await pool.stop()
    assert [trip.outcome for trip in trips] == ["ok", "dead", "ok"]
    assert trips[1].reason == says
    assert not trips[1].fault


async def test_what_is_no_longer_listened_to_leaves_the_pool_usable():
    pool = Pool(1, carrier, FIRST)
    await pool.start()
    stream = pool.stream(jobs(*["RU slow"] * 30))
    assert len(await anext(stream)) == CHUNK
    await stream.aclose()
    trips = await pool.run(jobs("TR"))
    await pool.stop()
    assert b'"LY|TR|arms|"' in trips[0].records[3].value


async def test_what_loading_raises_is_raised_at_the_start():
    pool = Pool(1, unloadable, FIRST)
    with pytest.raises(ZeroDivisionError):
        await pool.start()


def unloadable():
    raise ZeroDivisionError


def test_micro_batches_are_bounded_by_number_and_by_bytes():
    sizes = [len(each) for each in chunked(jobs(*["RU"] * 20), 1)]
    assert sizes == [CHUNK, CHUNK, 4]
    large = "x" * (CHUNK_BYTES // 2)
    assert [len(each) for each in chunked(jobs("RU", large, large, "RU", "x" * CHUNK_BYTES, "RU"), 1)] == [
        2,
        2,
        1,
        1,
    ]
    assert [len(each) for each in chunked(jobs(*["RU"] * 4), 2)] == [2, 2]
    assert list(chunked([], 2)) == []


ORPHAN = """
import asyncio, os
from agents.pool import Pool
from tests.fakes import carrier
async def main():
    pool = Pool(1, carrier, {})
    await pool.start()
    print(*(child.process.pid for child in pool._children), flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_children_die_with_their_parent():
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    end = time.monotonic() + 5
    while alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(child)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_whose_parent_is_gone_already_ends():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    code = f"from agents.lineage import die_with_parent; die_with_parent({ended.pid}); print('alive')"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert (found.returncode, found.stdout) == (1, b"")
