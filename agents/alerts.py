"""`condotta alerts`: what subscribers would get, without sending anything."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec

from agents import envelope, subscribers
from agents.post import InDoubt, Post, Refused, Unreachable
from agents.replay import Replay
from agents.settings import Settings, SettingsError
from agents.stage import Given
from agents.topology import ALERTS
from pipeline import mail as letters
from pipeline.alerts import decide, heard
from pipeline.knowledge import Knowledge, load
from pipeline.types import Alert, ArticleRef, Claim, Decision, Evidence, Subscriber, Supporter

ANYONE = Subscriber(id="preview", to="preview@localhost")
DECISION = msgspec.json.Decoder(Decision)
ALERT = msgspec.json.Decoder(Alert)


def grouped(alerts: Iterable[Alert], wait: float, interval: float) -> Iterator[list[Alert]]:
    """Yield the members of each mail, as the mailer would send them had it run at the time of the articles.

    Alerts for the digest that no mail took along are left out. `wait` and `interval` are in seconds.
    """
    groups: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for alert in sorted(alerts, key=_fetched):  # stable: equal times stay in order
        groups[alert.subscriber, alert.decision.claim.theatre].append(alert)
    for members in groups.values():
        yield from _mails(members, wait, interval)


def _mails(alerts: list[Alert], wait: float, interval: float) -> Iterator[list[Alert]]:
    held: list[Alert] = []
    due = after = float("-inf")
    for alert in alerts:
        if _urgent(held) and _fetched(alert) > due:
            yield held
            held, after = [], due + interval
        if alert.channel == "now" and not _urgent(held):
            due = max(_fetched(alert) + wait, after)
        held.append(alert)
    if _urgent(held):
        yield held


def _urgent(alerts: list[Alert]) -> bool:
    return any(each.channel == "now" for each in alerts)


def _fetched(alert: Alert) -> float:
    return alert.decision.claim.article.fetched_at.timestamp()


def digests(alerts: Iterable[Alert]) -> Iterator[tuple[str, list[Alert]]]:
    """Yield the digests that hold something, with their kind, in the order of their ends."""
    found: dict[tuple[datetime, str], list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.channel == "digest":
            found[alert.due, alert.subscriber].append(alert)
    for (due, _), members in sorted(found.items()):
        yield ("hourly" if due.hour or due.minute else "daily"), members


def read(lines: Iterable[bytes], given: Given) -> Iterator[Alert]:
    """Yield the alerts that come of raw articles or of decisions, one JSON text a line."""
    return heard(_read(lines, given))


def _read(lines: Iterable[bytes], given: Given) -> Iterator[Alert]:
    machine = Replay(given)
    for line in filter(None, map(bytes.strip, lines)):
        decision = _decision(line)
        if decision is not None:
            yield from decide(decision, given.subscribers, given.knowledge)
        else:
            yield from (ALERT.decode(sent.value) for sent in machine.carry(line) if sent.topic == ALERTS.name)


def _decision(line: bytes) -> Decision | None:
    try:
        return DECISION.decode(line)
    except msgspec.DecodeError:
        return None


def _write(
    folder: Path,
    number: int,
    alerts: list[Alert],
    reader: Subscriber,
    knowledge: Knowledge,
    settings: Settings,
    kind: str = "group",
) -> str:
    """Write one mail as .eml, .html and .txt; return its subject."""
    origin, began = envelope.sender(settings.smtp_from), max(map(_fetched, alerts))
    if kind == "group":
        letter = letters.compose(alerts, reader.language, knowledge, letters.load())
        name = f"{number:03}-{reader.id}-{alerts[0].decision.claim.theatre.lower()}"
        message = envelope.message(letter, alerts, origin, reader.to, began)
    else:
        end = alerts[0].due
        shown = f"{end - timedelta(days=1):%Y-%m-%d}" if kind == "daily" else f"{end:%Y-%m-%d %H:%M}"
        letter = letters.digest(
            alerts,
            reader.language,
            knowledge,
            letters.load(),
            subscriber=reader.id,
            kind=kind,
            day=shown,
        )
        name = f"{number:03}-{reader.id}-{kind}"
        identity = envelope.digest_id(reader.id, kind, int(end.timestamp()), origin.domain)
        message = envelope.message(
            letter, alerts, origin, reader.to, end.timestamp(), identity=identity, theatre=False
        )
    (folder / f"{name}.eml").write_bytes(message)
    (folder / f"{name}.html").write_text(letter.html, "utf-8")
    (folder / f"{name}.txt").write_text(letter.text, "utf-8")
    return letter.subject


@click.group(name="alerts")
def command() -> None:
    """Look at what subscribers would get."""


@command.command()
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("preview"))
@click.option(
    "--subscribers",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who gets alerts.",
)
@click.option(
    "--language",
    type=click.Choice(letters.LANGUAGES),
    default="en",
    help="Of the mails, where nobody is subscribed.",
)
@click.argument("file", type=click.File("rb"))
def preview(folder: Path, path: Path | None, language: str, file: Iterable[bytes]) -> None:
    """Write the mails that come of FILE (JSONL: raw articles, or decisions) into a folder. Sends nothing.

    Example: condotta alerts preview --to /tmp/mails articles.jsonl
    """
    settings = Settings.read()
    found = subscribers.load(path or settings.subscribers)
    readers = found or (msgspec.structs.replace(ANYONE, language=language),)
    knowledge = load()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise SettingsError(f"cannot write to {folder}: {exc.strerror}") from None
    alerts = list({each.id: each for each in read(file, Given(knowledge, readers))}.values())
    by_id = {each.id: each for each in readers}
    groups = grouped(
        (each for each in alerts if each.channel == "now" or by_id[each.subscriber].along),
        settings.group_wait,
        settings.group_interval,
    )
    mails: list[tuple[str, list[Alert]]] = [("group", members) for members in groups]
    told = {each.id for _, members in mails for each in members}
    mails += digests(each for each in alerts if each.id not in told)
    for number, (kind, members) in enumerate(mails, 1):
        subject = _write(folder, number, members, by_id[members[0].subscriber], knowledge, settings, kind)
        click.echo(f"{number:03} {members[0].subscriber}: {subject}")


@command.command(name="test")
@click.option("--language", type=click.Choice(letters.LANGUAGES), default="en", help="Of the mail.")
@click.argument("address")
def test_command(language: str, address: str) -> None:
    """Send one mail with an invented alert to ADDRESS, as the mailer would.

    Example: condotta alerts test desk@newsroom.example
    """
    settings = Settings.read()
    if not subscribers.deliverable(address):
        raise click.BadParameter(f"{address!r} is no mail address")
    origin = envelope.sender(settings.smtp_from)
    knowledge = load()
    reader = msgspec.structs.replace(ANYONE, to=address, language=language)
    alerts = list(decide(_sample(knowledge), (reader,), knowledge))
    letter = letters.compose(alerts, language, knowledge, letters.load())
    now = datetime.now(UTC).timestamp()
    identity = envelope.test_id(address, now, origin.domain)
    message = envelope.message(letter, alerts, origin, address, now, identity=identity)
    try:
        answer = asyncio.run(_send(settings, origin.addr_spec, address, identity, message))
    except (Unreachable, Refused, InDoubt) as exc:
        raise click.ClickException(f"not sent: {exc}") from None
    click.echo(f"sent to {address} as <{identity}>: {answer}")


async def _send(settings: Settings, origin: str, address: str, identity: str, message: bytes) -> str:
    async with Post(settings, origin) as post:
        await post.reach(address)
        code, answer = await post.send(address, identity, message)
    return f"{code} {answer}"


def _sample(knowledge: Knowledge) -> Decision:
    """Return the decision on an invented claim."""
    moment = datetime(2026, 1, 1, 6, tzinfo=UTC)
    article = ArticleRef(
        id="test", url=None, source="example.org", family="example.org", wire=None, title="A test",
        language="en", published_at=moment, fetched_at=moment, backfill=False, content_hash="test",
        signature=None,
    )  # fmt: skip
    claim = Claim(
        made_by=knowledge.made_by, id="test", key="LY|RU|arms|lna", theatre="LY", type="arms",
        supporter=Supporter(principal="RU"), recipient="lna", epistemic="alleged", realis="occurred",
        change="start", status="alleged", confidence=1.0, article=article,
        evidence=Evidence(field="text", quote="This is a test: nothing of it was reported.", start=0, end=43),
    )  # fmt: skip
    return Decision(
        made_by=knowledge.made_by, id="test", decision="NEW", step="new", period="2026-01-01",
        reason="a test", story=claim.story, key=claim.key, matched_key=claim.key, rank=2, disputed=False,
        families=1, first_seen=moment, claim=claim,
    )  # fmt: skip
