"""`condotta knowledge background`: what everyone knows, as claims in `news.claims`, so that it is no news.

They are marked as backfill: the memory takes them in, nobody is told, and they are there for a rebuild too.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import chain, reader
from agents.explain import NARROW
from agents.producer import producer
from agents.settings import Settings
from agents.topology import CLAIMS
from pipeline.errors import KnowledgeError
from pipeline.knowledge import load
from pipeline.novelty import background
from pipeline.types import Claim

STAGE = "background"  # in `ce_source`


async def send(settings: Settings, claims: Iterable[Claim]) -> None:
    """Return when the broker has all of them."""
    name = settings.topic(CLAIMS.name)
    async with producer(settings) as to:
        for claim in claims:
            await to.send(
                name,
                msgspec.json.encode(claim),
                key=CLAIMS.key(claim).encode(),
                headers=list(chain.headers(STAGE, claim, claim.article.fetched_at)),
            )
        await to.flush()


def table(claims: Iterable[Claim]) -> Table:
    shown = Table(box=None, pad_edge=False)
    for head in ("key", "executor", "status", ""):
        shown.add_column(head, no_wrap=head == "key", overflow="fold")
    for one in claims:
        shown.add_row(one.key, one.supporter.executor or "", one.status, Text(one.attribution[0].speaker))
    return shown


@click.command(name="background")
@click.option(
    "--theatre", "theatres", multiple=True, help="Only of this war, such as LY; may be given again."
)
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which it is known; today if left out.",
)
@click.option("--list", "listed", is_flag=True, help="Show it, and send nothing.")
def command(theatres: tuple[str, ...], day: datetime | None, listed: bool) -> None:
    """Put into the memory who is known to take part in which war, so that the first days do not alert on it.

    Run it once, before the first article. Nobody is told. Again on the same day it changes nothing; on a
    later day it keeps what is known known for longer.

    Example: condotta knowledge background --theatre LY --list
    """
    settings = Settings.read()
    try:
        knowledge = load()
    except KnowledgeError as exc:
        raise click.ClickException(str(exc)) from None
    known: date = day.date() if day else datetime.now(UTC).date()
    claims = [one for one in background(knowledge, known) if not theatres or one.theatre in theatres]
    if not claims:
        raise click.ClickException(f"nothing is known of {', '.join(theatres)} on {known}")
    if listed:
        Console(width=None if Console().is_terminal else NARROW).print(table(claims))
        return
    reader.run(settings, send(settings, claims))
    wars = len({one.theatre for one in claims})
    click.echo(f"{len(claims)} known involvements in {wars} countries are in {settings.topic(CLAIMS.name)}")
