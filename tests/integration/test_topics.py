import os
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from agents import topics
from agents.settings import Settings

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(kafka, prefix):
    return Settings(broker=kafka.address, prefix=prefix)


def condotta(settings, *arguments):
    env = {
        **os.environ,
        "CONDOTTA_BROKER": settings.broker,
        "CONDOTTA_PREFIX": settings.prefix,
        "CONDOTTA_ENV_FILE": "",
    }
    return subprocess.run(
        [sys.executable, "-m", "agents", *arguments], env=env, capture_output=True, text=True
    )


async def test_topics_are_created_once_as_they_have_to_be(settings):
    assert len(await topics.check(settings)) == 12  # all missing
    assert len(await topics.create(settings)) == 12
    assert await topics.check(settings) == []
    assert await topics.create(settings) == []


async def test_what_differs_is_said(settings):
    name = settings.topic("news.raw")
    async with topics._Admin(settings) as admin:
        assert isinstance(admin, AIOKafkaAdminClient)
        await admin.create_topics([NewTopic(name, 3, 1, topic_configs={"retention.ms": "1000"})])
    done = condotta(settings, "topics", "create")
    assert done.returncode == 1
    assert f"{name}: 3 partitions, must be 12" in done.stdout
    assert f"{name}: retention.ms=1000, must be 1209600000" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert condotta(settings, "topics", "check").returncode == 1


async def test_a_worker_does_not_start_on_wrong_topics(settings):
    done = condotta(settings, "worker")
    assert done.returncode == 1
    assert "missing (and 11 more): run `condotta topics create`" in done.stderr


async def test_the_broker_refuses_what_is_too_large(settings):
    await topics.create(settings)
    async with AIOKafkaProducer(**settings.client(), max_request_size=10 * 1024**2) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(settings.topic("news.raw"), b"x" * 9 * 1024**2)
        await producer.send_and_wait(settings.topic("news.raw"), b"x" * int(7.9 * 1024**2))


def test_an_absent_broker_is_one_line(prefix):
    done = condotta(Settings(broker="127.0.0.1:1", prefix=prefix), "topics", "check")
    assert done.returncode == 1
    assert done.stderr == "condotta: Kafka at 127.0.0.1:1 cannot be reached\n"
