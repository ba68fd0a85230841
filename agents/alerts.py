"""`condotta alerts`: what subscribers would get, without sending anything."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

from agents import envelope, subscribers
from agents.replay import Replay
from agents.settings import Settings, SettingsError
from agents.stage import Given
from agents.topology import ALERTS
from pipeline import mail as letters
from pipeline.alerts import decide
from pipeline.knowledge import Knowledge, load
from pipeline.types import Alert, Decision, Subscriber

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


def read(lines: Iterable[bytes], given: Given) -> Iterator[Alert]:
    """Yield the alerts that come of raw articles or of decisions, one JSON text a line."""
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
) -> str:
    """Write one mail as .eml, .html and .txt; return its subject."""
    letter = letters.compose(alerts, reader.language, knowledge, letters.load())
    name = f"{number:03}-{reader.id}-{alerts[0].decision.claim.theatre.lower()}"
    origin = envelope.sender(settings.smtp_from)
    message = envelope.message(letter, alerts, origin, reader.to, max(map(_fetched, alerts)))
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
    told = 0
    for number, members in zip(
        itertools.count(1), grouped(alerts, settings.group_wait, settings.group_interval), strict=False
    ):
        subject = _write(folder, number, members, by_id[members[0].subscriber], knowledge, settings)
        told += len(members)
        click.echo(f"{number:03} {members[0].subscriber}: {subject}")
    if left := len(alerts) - told:
        click.echo(f"{left} more for the digest, which no mail took along")
