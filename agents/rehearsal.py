"""`condotta subscribers`: the subscribers' file tried, before it is put in force."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from agents.alerts import read
from agents.settings import Settings, SettingsError
from agents.stage import Given
from agents.subscribers import load


@click.group(name="subscribers")
def command() -> None:
    """Look at the subscribers' file.

    Example: condotta subscribers check articles.jsonl
    """


@command.command()
@click.option(
    "--subscribers",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to check; else CONDOTTA_SUBSCRIBERS.",
)
@click.argument("file", type=click.File("rb"), required=False)
def check(path: Path | None, file: Iterable[bytes] | None) -> None:
    """Say whether the file is right, and what each would have got from FILE (JSONL: articles or decisions).

    Example: condotta subscribers check --subscribers new.yaml articles.jsonl
    """
    from pipeline.knowledge import load as load_knowledge

    path = path or Settings.read().subscribers
    if path is None:
        raise click.UsageError("no file: set CONDOTTA_SUBSCRIBERS or say --subscribers FILE")
    try:
        readers = load(path)
    except SettingsError as exc:
        raise click.ClickException(str(exc)) from None
    alerts = list(read(file, Given(load_knowledge(), readers))) if file is not None else []
    got = Counter((each.subscriber, each.channel) for each in {one.id: one for one in alerts}.values())
    for each in readers:
        told = f": {got[each.id, 'now']} at once, {got[each.id, 'digest']} in digests" if file else ""
        click.echo(f"{each.id} ({each.to}){told}")
    click.echo(f"{path}: {len(readers)} subscribers, all right")
