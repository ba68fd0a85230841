"""Declare the topics with their settings, or say how what exists differs from them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import click
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from agents import access
from agents.settings import Settings
from agents.stage import Fold
from agents.topology import PARTITIONS, RAW, ROWS, TOPICS, changelog

DAY = 86_400_000  # milliseconds
MIB = 1024**2
ANY = str(2**63 - 1)  # an hour otherwise: the records of a worker whose clock is ahead would be refused
TIMEOUT = 15_000  # milliseconds for one request


@dataclass(frozen=True)
class Wanted:
    """A topic as it has to be; all settings as Kafka spells them."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)


def wanted(settings: Settings) -> list[Wanted]:
    """List the topics and the changelogs, with the prefix."""
    copies = "2" if settings.replication > 2 else "1"
    found = []
    for topic in TOPICS:
        found.append(
            Wanted(
                settings.topic(topic.name),
                {
                    "cleanup.policy": "compact" if topic.compacted else "delete",
                    "retention.ms": str(topic.days * DAY) if topic.days else "-1",
                    "max.message.bytes": str((8 if topic is RAW else 9) * MIB),
                    "min.insync.replicas": copies,
                    "message.timestamp.type": "LogAppendTime" if topic is RAW else "CreateTime",
                    "message.timestamp.after.max.ms": ANY,
                },
            )
        )
    for row in ROWS:
        if isinstance(row, Fold):
            found.append(_changelog(settings.topic(changelog(row)), copies))
    return found


def _changelog(name: str, copies: str) -> Wanted:
    return Wanted(
        name,
        {
            "cleanup.policy": "compact",
            "retention.ms": "-1",
            "max.message.bytes": str(9 * MIB),
            "min.insync.replicas": copies,
            "message.timestamp.type": "CreateTime",
            "message.timestamp.after.max.ms": ANY,
        },
    )


async def create(settings: Settings) -> list[str]:
    """Create what is missing and return its names; what exists is left as it is."""
    async with _Admin(settings) as admin:
        there = set(await admin.list_topics())
        new = [
            NewTopic(topic.name, PARTITIONS, settings.replication, topic_configs=topic.settings)
            for topic in wanted(settings)
            if topic.name not in there
        ]
        made = _made(await admin.create_topics(new, timeout_ms=TIMEOUT)) if new else []
        await _visible(admin, settings)
        return made


def _made(response: Any) -> list[str]:
    """Return the names that were created; one that another created meanwhile is no error."""
    made = []
    for name, code, *message in response.topic_errors:
        if code == TopicAlreadyExistsError.errno:
            continue
        if code:
            raise for_code(code)(f"{name}: {' '.join(filter(None, message))}")
        made.append(name)
    return made


async def _visible(admin: Any, settings: Settings) -> None:
    """Wait until a created topic can be seen: a broker learns of it a moment later."""
    names = {topic.name for topic in wanted(settings)}
    for _ in range(50):
        if names <= set(await admin.list_topics()):
            return
        await asyncio.sleep(0.1)


async def check(settings: Settings) -> list[str]:
    """Return one line for each way in which the topics differ from what they have to be."""
    async with _Admin(settings) as admin:
        there = set(await admin.list_topics())
        topics = wanted(settings)
        lines = [f"{topic.name}: missing" for topic in topics if topic.name not in there]
        topics = [topic for topic in topics if topic.name in there]
        lines += await _partitions(admin, topics) if topics else []
        lines += await _settings(admin, topics) if topics else []
        return sorted(lines)


async def _partitions(admin: Any, topics: list[Wanted]) -> list[str]:
    described = await admin.describe_topics([topic.name for topic in topics])
    counts = {each["topic"]: len(each["partitions"]) for each in described}
    return [
        f"{name}: {count} partitions, must be {PARTITIONS}"
        for name, count in counts.items()
        if count != PARTITIONS
    ]


async def _settings(admin: Any, topics: list[Wanted]) -> list[str]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for resource in response.resources:
            found[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
    return [
        f"{topic.name}: {key}={found.get(topic.name, {}).get(key)}, must be {value}"
        for topic in topics
        for key, value in topic.settings.items()
        if found.get(topic.name, {}).get(key) != value
    ]


class _Admin:
    """An admin client that is closed again."""

    def __init__(self, settings: Settings) -> None:
        self.client = AIOKafkaAdminClient(**settings.client(), request_timeout_ms=TIMEOUT)

    async def __aenter__(self) -> Any:
        await self.client.start()
        return self.client

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


@click.group(name="topics")
def command() -> None:
    """Declare the topics, or say how they differ.

    Example: CONDOTTA_BROKER=kafka:9092 condotta topics create
    """


@command.command(name="create")
def create_command() -> None:
    """Create the topics that are missing, with their settings.

    Example: condotta topics create
    """
    settings = Settings.read()
    made = _run(settings, create(settings))
    for name in made:
        click.echo(f"created {name}")
    differs = _run(settings, check(settings))
    _report(differs, f"{len(made)} topics created, all as they have to be")


@command.command(name="check")
def check_command() -> None:
    """Say how the topics differ from what they have to be; exit 1 when they do.

    Example: condotta topics check
    """
    settings = Settings.read()
    _report(_run(settings, check(settings)), "all topics are as they have to be")


def _report(differs: list[str], well: str) -> None:
    for line in differs:
        click.echo(line)
    if differs:
        raise click.ClickException(f"{len(differs)} differences")
    click.echo(well)


def _run(settings: Settings, work: Any) -> Any:
    try:
        return asyncio.run(work)
    except KafkaConnectionError:
        why = asyncio.run(access.trouble(settings)) or f"Kafka at {settings.broker} cannot be reached"
        raise click.ClickException(why) from None
    except (KafkaError, OSError) as exc:
        raise click.ClickException(f"Kafka at {settings.broker}: {exc}") from None
