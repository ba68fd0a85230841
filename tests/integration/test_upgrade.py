"""Two releases side by side over the same topics and the same state; an upgrade, and the way back."""

import os
from collections import Counter

import pytest

from tests.integration.harness import System, stop
from tests.integration.test_delivery import KEYS, articles, claims, judged, new

pytestmark = pytest.mark.integration


class Next(System):
    """Starts workers of the next release: its articles have a field more."""

    def start_next(self, *options):
        os.environ["STANDIN_RELEASE"] = "2"
        try:
            return self.start(*options)
        finally:
            del os.environ["STANDIN_RELEASE"]


async def test_the_fields_of_the_next_release_pass_through_this_one(kafka, prefix, tmp_path):
    async with Next(kafka.address, prefix, tmp_path) as system:
        system.start_next("--stages", "clean")
        system.start("--stages", "language,entities,claims")
        await system.publish(*articles(range(30)))
        await system.until(lambda s: len(s.outcomes()) == 30)
        assert {each["future"] for each in system.values("news.clean")} == {"kept"}
        assert {each["future"] for each in system.values("news.tagged")} == {"kept"}


async def test_an_upgrade_and_a_rollback_lose_and_repeat_nothing(kafka, prefix, tmp_path):
    async with Next(kafka.address, prefix, tmp_path) as system:
        first = system.start()
        await system.publish(*articles(range(40)))
        await system.until(lambda s: len(s.outcomes()) >= 10)
        second = system.start_next()  # both at work
        await system.publish(*articles(range(40, 120)))
        await system.until(lambda s: len(s.outcomes()) >= 60)
        stop(first)
        await system.publish(*articles(range(120, 160)))
        await system.until(lambda s: len(s.outcomes()) >= 130)
        system.start()  # the way back
        stop(second)
        await system.publish(*articles(range(160, 200)))
        await system.until(lambda s: len(s.outcomes()) == 200 and claims(s) == judged(s))
        assert set(system.outcomes().values()) == {"ok"}
        assert new(system) == dict.fromkeys(KEYS, 1)
        assert Counter(record.key for record in system.seen["news.dead"]) == {}
