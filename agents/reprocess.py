"""`condotta reprocess`: extract again with the present rules, and show what that changes. Sends nothing."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import chain, reader
from agents.chain import Incoming
from agents.screen import line
from agents.settings import Settings
from agents.stage import Given, chains
from agents.topology import CLAIMS, RAW, ROWS
from pipeline.types import Claim

Kind = Literal["gained", "lost", "altered"]
CHAIN = chains(ROWS)[RAW.name]
CLAIM = msgspec.json.Decoder(Claim)


class Change(Struct, frozen=True, kw_only=True):
    """One claim that the present rules read otherwise."""

    kind: Kind
    before: Claim | None
    after: Claim | None

    @property
    def claim(self) -> Claim:
        found = self.after or self.before
        assert found is not None  # noqa: S101  one of them is there
        return found


def compare(before: Iterable[Claim], after: Iterable[Claim]) -> list[Change]:
    """Return what differs between two extractions of the same articles.

    Claims belong together by id, else by article and key: such a pair is altered.
    """
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    changes = [
        Change(kind="altered", before=old[name], after=new[name])
        for name in old.keys() & new.keys()
        if _says(old[name]) != _says(new[name])
    ]
    lost: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for each in old.values():
        if each.id not in new:
            lost[_place(each)].append(each)
    for each in new.values():
        if each.id not in old:
            was = lost[_place(each)].pop(0) if lost[_place(each)] else None
            changes.append(Change(kind="altered" if was else "gained", before=was, after=each))
    changes += [Change(kind="lost", before=each, after=None) for some in lost.values() for each in some]
    return sorted(changes, key=lambda change: (change.claim.article.id, change.claim.evidence.start))


def _says(claim: Claim) -> dict[str, Any]:
    told = msgspec.structs.asdict(claim)
    return {name: told[name] for name in told if name not in ("made_by", "article")}


def _place(claim: Claim) -> tuple[str, ...]:
    return claim.article.id, claim.key


def extract(records: Iterable[Incoming], given: Given) -> Iterator[tuple[str, list[Claim]]]:
    """Yield the article id and the claims of each raw record that becomes an article."""
    for record in records:
        trip = chain.run(CHAIN, record, given)
        article = next((sent.key for sent in trip.records if sent.topic == "news.clean"), None)
        if article is not None:
            found = [CLAIM.decode(sent.value) for sent in trip.records if sent.topic == CLAIMS.name]
            yield article.decode(), found


def table(changes: Iterable[Change]) -> Table:
    """Draw how many claims were gained, lost and altered, by type and language."""
    counts = Counter((each.claim.type, each.claim.article.language, each.kind) for each in changes)
    drawn = Table(box=None, pad_edge=False)
    for head in ("type", "language", "gained", "lost", "altered"):
        drawn.add_column(head, justify="left" if head in ("type", "language") else "right")
    for kind, language in sorted({each[:2] for each in counts}):
        numbers = (counts[kind, language, change] for change in ("gained", "lost", "altered"))
        drawn.add_row(kind, line(language, 8), *(f"{number}" for number in numbers))
    return drawn


def details(change: Change) -> Text:
    before, after = change.before, change.after
    sign = {"gained": "+", "lost": "-", "altered": "~"}[change.kind]
    status = " -> ".join(dict.fromkeys(each.status for each in (before, after) if each))
    quote = line(change.claim.evidence.quote, 160)
    return Text(f"{sign} {line(change.claim.article.id, 60)}  {change.claim.key}  {status}  “{quote}”")


# Where articles and claims come from


async def _raw(settings: Settings, since: datetime | None, until: datetime | None) -> AsyncIterator[Incoming]:
    async for record in reader.records(settings, [RAW.name]):
        at = record.timestamp or datetime.fromtimestamp(0, UTC)
        if (since is None or at >= since) and (until is None or at < until):
            yield record


async def _recorded(settings: Settings, articles: set[str]) -> list[Claim]:
    found = []
    async for record in reader.records(settings, [CLAIMS.name]):
        try:
            claim = CLAIM.decode(record.value or b"")
        except msgspec.DecodeError:
            continue
        if claim.article.id in articles:
            found.append(claim)
    return found


async def _topics(
    settings: Settings, since: datetime | None, until: datetime | None, given: Given
) -> tuple[int, list[Change]]:
    after: dict[str, list[Claim]] = {}
    async for record in _raw(settings, since, until):
        _add(after, extract([record], given))
    before = await _recorded(settings, set(after))
    return len(after), compare(before, [each for some in after.values() for each in some])


def _files(
    settings: Settings, files: Iterable[Path], against: Path | None, given: Given
) -> tuple[int, list[Change]]:
    lines = (line_ for path in files for line_ in path.read_bytes().splitlines() if line_.strip())
    after: dict[str, list[Claim]] = {}
    _add(after, extract((Incoming(topic=RAW.name, value=each) for each in lines), given))
    if against is None:
        before = reader.run(settings, _recorded(settings, set(after)))
    else:
        known = [CLAIM.decode(each) for each in against.read_bytes().splitlines() if each.strip()]
        before = [each for each in known if each.article.id in after]
    return len(after), compare(before, [each for some in after.values() for each in some])


def _add(claims: dict[str, list[Claim]], found: Iterable[tuple[str, list[Claim]]]) -> None:
    """Add to what is known of each article; its revisions add up."""
    for article, some in found:
        claims.setdefault(article, []).extend(some)


def _moment(_: object, __: object, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time like 2026-03-01 or 2026-03-01T08:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="reprocess")
@click.option(
    "--from", "since", callback=_moment, help="Raw articles that the broker took from this time on."
)
@click.option("--to", "until", callback=_moment, help="And before this time.")
@click.option("--against", type=_FILE, help="Compare with the claims in this file (JSONL), not news.claims.")
@click.option("--details", "shown", is_flag=True, help="Also print each claim that changed.")
@click.argument("files", nargs=-1, type=_FILE)
def command(
    since: datetime | None, until: datetime | None, against: Path | None, shown: bool, files: tuple[Path, ...]
) -> None:
    """Extract again from news.raw, or from FILES of raw articles (JSONL), with the present rules.

    Prints which claims were gained, lost or altered, by type and language. Sends nothing.

    Example: condotta reprocess --from 2026-03-01 --to 2026-03-08
    """
    if against and not files:
        raise click.UsageError("--against needs FILES of raw articles")
    if files and (since or until):
        raise click.UsageError("--from and --to are for news.raw, not for FILES")
    from pipeline.knowledge import load

    settings, given = Settings.read(), Given(load())
    try:
        if files:
            count, changes = _files(settings, files, against, given)
        else:
            count, changes = reader.run(settings, _topics(settings, since, until, given))
    except msgspec.DecodeError as exc:
        raise click.ClickException(f"{against}: {exc}") from None
    console = Console(width=None if Console().is_terminal else 160)
    for each in changes if shown else ():
        console.print(details(each))
    if changes:
        console.print(table(changes))
    click.echo(f"{count} articles, {len(changes)} claims changed")
