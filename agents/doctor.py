"""`condotta doctor`: is everything there that the agents need? One line each, and what to do where not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from aiokafka.errors import KafkaConnectionError, KafkaError
from msgspec import Struct
from rich.console import Console
from rich.text import Text

from agents import access, reader, topics
from agents.archive import Archive, Unanswered
from agents.courier import in_doubt
from agents.ledger import VERSION, LedgerError, version
from agents.office import ledger_place
from agents.post import Post, Refused, Unreachable
from agents.screen import line
from agents.settings import Settings, SettingsError
from agents.topology import RAW

PATIENCE = 15.0  # seconds for one check
AHEAD = 60.0  # seconds the newest record may lie ahead of our clock
RELEASED = date(2026, 11, 24)  # no right clock shows an earlier day


class Finding(Struct, frozen=True, kw_only=True):
    """What one check found. `remedy`: what to do; None where all is well."""

    name: str
    says: str
    remedy: str | None = None


Check = Callable[[Settings], Coroutine[Any, Any, Finding]]


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Run the checks one after another."""
    for name, check in CHECKS.items():
        yield await _guarded(name, check, settings)


async def _guarded(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return await asyncio.wait_for(check(settings), PATIENCE)
    except TimeoutError:
        return Finding(name=name, says=f"no answer within {PATIENCE:.0f} s", remedy=REMEDIES[name])
    except KafkaConnectionError:
        why = await access.trouble(settings) or f"{settings.broker} cannot be reached"
        return Finding(name=name, says=why, remedy=REMEDIES["broker"])
    except (KafkaError, OSError, ValueError, SettingsError, click.ClickException) as exc:
        said = (
            exc.format_message() if isinstance(exc, click.ClickException) else f"{type(exc).__name__}: {exc}"
        )
        return Finding(name=name, says=said, remedy=REMEDIES[name])


REMEDIES = {
    "broker": "start Kafka, or set CONDOTTA_BROKER (and CONDOTTA_SECURITY_PROTOCOL, _SASL_USER, _CA_FILE)",
    "topics": "run `condotta topics create`, then `condotta topics check`",
    "smtp": "set CONDOTTA_SMTP_HOST, _SMTP_PORT, _SMTP_TLS, _SMTP_USER and _SMTP_PASSWORD",
    "archive": "set CONDOTTA_IMAP_HOST, _PORT, _TLS, _USER, _PASSWORD and _MAILBOX",
    "ledger": "start PostgreSQL and set CONDOTTA_LEDGER to its address, or make CONDOTTA_DATA writable",
    "clock": "let the system keep its time by NTP (timedatectl set-ntp true)",
    "knowledge": "restore the named file of the release, or mend the entry",
    "subscribers": "mend the named entry, or set CONDOTTA_SUBSCRIBERS to the right file",
}


async def broker(settings: Settings) -> Finding:
    async with reader.consumer(settings) as client:
        there = await client.topics()
    ours = sum(name.startswith(settings.topic("news.")) for name in there)
    return Finding(name="broker", says=f"{settings.broker} answers, {ours} topics of news")


async def declared(settings: Settings) -> Finding:
    differs = await topics.check(settings)
    if differs:
        more = f" (and {len(differs) - 1} more)" if len(differs) > 1 else ""
        return Finding(name="topics", says=f"{differs[0]}{more}", remedy=REMEDIES["topics"])
    return Finding(name="topics", says="all as they have to be")


async def smtp(settings: Settings) -> Finding:
    """Connect, log in, and have the server take our sender; nothing is sent."""
    where = f"{settings.smtp_host}:{settings.smtp_port} (TLS: {settings.smtp_tls})"
    try:
        async with Post(settings, settings.smtp_from, timeout=PATIENCE - 1) as post:
            await post.reach(settings.smtp_from)
    except Unreachable as exc:
        return Finding(name="smtp", says=f"{where}: {exc}", remedy=REMEDIES["smtp"])
    except Refused as exc:
        says = f"{where} answers, but refuses mail to {settings.smtp_from}: {exc}"
        return Finding(
            name="smtp", says=says, remedy="set CONDOTTA_SMTP_FROM to an address that the server takes"
        )
    return Finding(name="smtp", says=f"{where} takes mail from {settings.smtp_from}")


async def archive(settings: Settings) -> Finding:
    """Log in where mails in doubt are looked for, if they are."""
    policy = in_doubt(settings)
    if policy != "verify":
        does = "is parked for a person" if policy == "park" else "goes again"
        return Finding(name="archive", says=f"none is asked: a mail in doubt {does}")
    where = f"{settings.imap_host}:{settings.imap_port} (TLS: {settings.imap_tls})"
    try:
        number = await Archive(settings).size()
    except Unanswered as exc:
        return Finding(name="archive", says=f"{where}: {exc}", remedy=REMEDIES["archive"])
    says = f"{where} answers, {number:,} mails in {settings.imap_mailbox}"
    return Finding(name="archive", says=says)


async def ledger(settings: Settings) -> Finding:
    place = ledger_place(settings)
    where = f"at {place}" if isinstance(place, Path) else "in PostgreSQL"
    try:
        found = await asyncio.to_thread(version, place)
    except LedgerError as exc:
        return Finding(name="ledger", says=str(exc), remedy=REMEDIES["ledger"])
    if found > VERSION:
        says = f"{where}: of version {found}, this release knows {VERSION}"
        return Finding(name="ledger", says=says, remedy="run the release that wrote it")
    return Finding(name="ledger", says=f"{where}: {f'version {found}' if found else 'none yet'}")


async def clock(settings: Settings) -> Finding:
    """Compare with the day of the release and with the newest records' broker times."""
    now = time.time()
    if datetime.fromtimestamp(now, UTC).date() < RELEASED:
        says = f"it is {datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC, before this release was made"
        return Finding(name="clock", says=says, remedy=REMEDIES["clock"])
    ahead = await _newest(settings) - now
    if ahead > AHEAD:
        says = f"{ahead:.0f} s behind the broker's"
        return Finding(name="clock", says=says, remedy=REMEDIES["clock"])
    return Finding(name="clock", says=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC")


async def _newest(settings: Settings) -> float:
    """Return the broker's time of the newest raw article, in seconds since 1970; 0 where there is none."""
    try:
        async with reader.consumer(settings) as client:
            every = await reader.partitions(client, [settings.topic(RAW.name)])
            ends = await client.end_offsets(every)
            client.assign([one for one in every if ends[one]])
            for one in client.assignment():
                client.seek(one, ends[one] - 1)
            found = await client.getmany(timeout_ms=1000) if client.assignment() else {}
    except (KafkaError, click.ClickException):  # told by the checks before
        return 0.0
    times = [record.timestamp for batch in found.values() for record in batch]
    return max(times, default=0) / 1000


async def knowledge(settings: Settings) -> Finding:
    from pipeline.errors import KnowledgeError
    from pipeline.knowledge import load

    try:
        known = await asyncio.to_thread(load)
    except KnowledgeError as exc:
        return Finding(name="knowledge", says=str(exc), remedy=REMEDIES["knowledge"])
    parts = f"{len(known.entries):,} entries, {len(known.names):,} names, {len(known.conflicts)} wars"
    return Finding(name="knowledge", says=f"{parts}, {known.made_by.knowledge}")


async def subscribers(settings: Settings) -> Finding:
    from agents.subscribers import load

    if settings.subscribers is None:
        return Finding(name="subscribers", says="nobody gets mail: CONDOTTA_SUBSCRIBERS names no file")
    try:
        found = load(settings.subscribers)
    except SettingsError as exc:
        return Finding(name="subscribers", says=str(exc), remedy=REMEDIES["subscribers"])
    return Finding(name="subscribers", says=f"{len(found)} in {settings.subscribers}")


CHECKS: dict[str, Check] = {
    "broker": broker,
    "topics": declared,
    "smtp": smtp,
    "archive": archive,
    "ledger": ledger,
    "clock": clock,
    "knowledge": knowledge,
    "subscribers": subscribers,
}


@click.command(name="doctor")
def command() -> None:
    """Check broker, topics, mail server, archive, ledger, clock and knowledge: one line each.

    Where one fails, the line says what to do.

    Example: CONDOTTA_BROKER=kafka:9092 condotta doctor
    """
    failed = asyncio.run(_print(Settings.read()))
    if failed:
        raise click.ClickException(f"{', '.join(failed)}: not as needed")


async def _print(settings: Settings) -> list[str]:
    console = Console(soft_wrap=True)
    failed = []
    async for finding in examine(settings):
        console.print(_line(finding))
        if finding.remedy:
            failed.append(finding.name)
    return failed


def _line(finding: Finding) -> Text:
    says = line(finding.says, 300)
    if finding.remedy is None:
        return Text("ok    ", "green") + Text(f"{finding.name:<12} {says}", "default")
    return Text("FAIL  ", "red") + Text(f"{finding.name:<12} {says}. Do: {finding.remedy}", "default")
