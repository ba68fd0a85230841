import os
import subprocess
import sys
import time

import pytest

from agents.chain import Incoming
from agents.pool import Job, Pool
from tests.fakes import MADE_BY, carrier, raw

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
    assert trips[20].reason == "its process died at work on it"
    assert again[0].outcome == "ok"


ORPHAN = """
import asyncio, os
from agents.pool import Pool
from tests.fakes import carrier
async def main():
    pool = Pool(1, carrier, {})
    await pool.start()
    print(*pool._executor._processes, flush=True)
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
