"""The chaos runs in short; the long ones are `make chaos`, with their figures in ops/chaos/RESULTS.md."""

import pytest

from ops.chaos import __main__ as chaos
from ops.chaos import load, yardstick

pytestmark = pytest.mark.integration

ARTICLES = 120


@pytest.fixture(scope="module")
def expected():
    return yardstick.expected(load.articles(ARTICLES), chaos.given())


async def test_kills_lose_nothing_and_mail_nothing_twice(kafka, expected, tmp_path):
    row = await chaos.run("kills", expected, tmp_path, kafka, ARTICLES, 3, 180)
    assert row.well, row
    assert row.said.alerts > 20


async def test_without_the_ledger_the_harness_finds_mails_sent_twice(kafka, expected, tmp_path):
    row = await chaos.run("proof-ledger", expected, tmp_path, kafka, ARTICLES, 3, 180)
    assert row.said.twice > 0, row
    assert not any(row.said.lost.values())
