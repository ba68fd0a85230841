"""`condotta claims retract`, `condotta story mute`: what people decide, as records of `news.corrections`."""

from datetime import UTC, datetime

import click
import msgspec
from aiokafka.partitioner import murmur2

from agents import chain, reader
from agents.producer import producer
from agents.settings import Settings
from agents.topology import CLAIMS, CORRECTIONS, PARTITIONS
from pipeline.ids import derive
from pipeline.knowledge import load
from pipeline.types import Claim, Correction, MadeBy

TYPES = len(("theatre", "principal", "type"))  # parts of a story
LONGEST = 500  # characters of a reason


def partition(pair: str) -> int:
    """Return the partition of `news.claims` that holds `pair`, as every producer of ours chooses it."""
    return int((murmur2(pair.encode()) & 0x7FFFFFFF) % PARTITIONS)


def retraction(claim: Claim, reason: str, made_by: MadeBy) -> Correction:
    identity = derive("retract", claim.id)
    return Correction(
        made_by=made_by, id=identity, kind="retract", story=claim.story, claim=claim, reason=reason
    )


def mute(story: str, subscriber: str | None, until: datetime | None, made_by: MadeBy) -> Correction:
    identity = derive("mute", story, subscriber, until.isoformat() if until else None)
    return Correction(
        made_by=made_by, id=identity, kind="mute", story=story, subscriber=subscriber, until=until
    )


async def send(settings: Settings, correction: Correction) -> None:
    """Return when the broker has the record, in the partition of its pair."""
    async with producer(settings) as to:
        await to.send_and_wait(settings.topic(CORRECTIONS.name), **record(correction))


def record(correction: Correction) -> dict[str, object]:
    """Return value, key, partition and headers of the record."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", correction.id.encode()),
        ("ce_type", correction.schema.encode()),
        ("ce_source", b"condotta/corrections"),
        ("content-type", b"application/json"),
    ]
    return {
        "value": msgspec.json.encode(correction),
        "key": CORRECTIONS.key(correction).encode(),
        "partition": partition(correction.pair),
        "headers": headers,
    }


async def find(settings: Settings, claim: str) -> Claim | None:
    """Return the claim with that id; the last one, should it stand there twice."""
    found = None
    async for one in reader.records(settings, [CLAIMS.name]):
        if one.header("ce_id") in (claim, None) and one.value:
            told = chain.decode(CLAIMS, one)
            found = told if told.id == claim else found
    return found


@click.group(name="claims")
def claims() -> None:
    """Correct claims.

    Example: condotta claims retract 3f2a… --reason "the outlet withdrew the report"
    """


@claims.command()
@click.argument("claim", metavar="ID")
@click.option("--reason", required=True, help="Told to those who got the claim.")
def retract(claim: str, reason: str) -> None:
    """Take the claim ID back: those who got it are told, and it stays taken back after a replay.

    Example: condotta claims retract 3f2a… --reason "the outlet withdrew the report"
    """
    settings = Settings.read()
    reason = " ".join(reason.split())[:LONGEST]
    found = reader.run(settings, find(settings, claim))
    if found is None:
        raise click.ClickException(f"no claim {claim!r} in {settings.topic(CLAIMS.name)}")
    reader.run(settings, send(settings, retraction(found, reason, load().made_by)))
    click.echo(f"taken back: {found.key}, {found.article.source}: “{found.evidence.quote[:120]}”")


@click.group(name="story")
def story() -> None:
    """Silence stories.

    Example: condotta story mute "LY|RU|arms" --until 2026-04-01
    """


def a_story(_: object, __: object, text: str) -> str:
    if len(text.split("|")) != TYPES or not all(text.split("|")):
        raise click.BadParameter(f"{text!r} is no story like LY|RU|arms (theatre, principal, type)")
    return text


@story.command(name="mute")
@click.argument("name", metavar="STORY", callback=a_story)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]), help="UTC; for ever if left out."
)
@click.option("--subscriber", metavar="ID", help="For whom; for all if left out.")
def mute_command(name: str, until: datetime | None, subscriber: str | None) -> None:
    """Send no more mails on STORY, also of what waits to be mailed. An --until in the past ends a mute.

    Example: condotta story mute "LY|RU|arms" --until 2026-04-01 --subscriber libya-desk
    """
    settings = Settings.read()
    end = until.replace(tzinfo=UTC) if until else None
    reader.run(settings, send(settings, mute(name, subscriber, end, load().made_by)))
    click.echo(f"muted {name} for {subscriber or 'all'}{f' until {end:%Y-%m-%d %H:%M} UTC' if end else ''}")
