"""What tests of all kinds share: one real Kafka for the run, and names that no other test uses."""

import uuid
from collections.abc import Iterator

import pytest

from agents.broker import Broker
from agents.guard import Guard


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """One Kafka for the whole run, started when the first test asks; guarded, should the run be killed."""
    with Guard() as guard, Broker(guard.folder, spawn=guard.spawn) as broker:
        yield broker


@pytest.fixture
def prefix() -> str:
    """Return what stands before the topic and group names of this test alone."""
    return f"t-{uuid.uuid4().hex[:10]}."
