"""`condotta mail`: the mails that wait for a person, and the addresses that are suspended."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.ledger import Ledger, LedgerError, Mail, State, existing
from agents.mail import REFUSALS, ledger_place
from agents.screen import line
from agents.settings import Settings

AT_REST = ("PARKED", "FAILED", "WAITING", "DOUBT")


@contextmanager
def opened(settings: Settings) -> Iterator[Ledger]:
    """Give the ledger of the mailers. Raises ClickException where there is none."""
    place = ledger_place(settings)
    try:
        book = existing(place)
    except LedgerError as exc:
        raise click.ClickException(str(exc)) from None
    if book is None:
        where = f"at {place}: see CONDOTTA_DATA" if isinstance(place, Path) else "in PostgreSQL"
        raise click.ClickException(f"no ledger of a mailer {where}")
    with closing(book):
        yield book


def decide(ident: str, state: State, answer: str, again: float | None = None) -> Mail:
    """Write what a person decided on the mail whose id begins with `ident`."""
    with opened(Settings.read()) as ledger:
        mail = at_rest(ledger, ident)
        ledger.end(mail.id, state, datetime.now(UTC).timestamp(), answer=answer, again=again)
        return mail


def at_rest(ledger: Ledger, ident: str) -> Mail:
    """Return the mail whose id begins with `ident`. Raises ClickException where it is on its way, or over."""
    found = [each for each in ledger.open() if each.id.startswith(ident.strip("<>"))]
    if len(found) != 1:
        raise click.ClickException(f"{len(found)} open mails begin with {ident!r}: see `condotta mail list`")
    if found[0].state not in AT_REST:
        raise click.ClickException(f"{found[0].id} is {found[0].state}: it is on its way")
    return found[0]


@click.group(name="mail")
def command() -> None:
    """Look after mails that were refused, or of which nobody knows whether they arrived.

    Example: condotta mail list
    """


@command.command(name="list")
def list_command() -> None:
    """List the mails that are neither sent nor dropped, and the suspended addresses.

    Example: condotta mail list
    """
    with opened(Settings.read()) as ledger:
        mails, suspended = ledger.open(), ledger.suspended(REFUSALS)
    if not mails and not suspended:
        click.echo("no mail waits for anyone")
        return
    table = Table(box=None, pad_edge=False)
    for head in ("id", "state", "since", "tries", "subscriber", "to", "subject", "answer"):
        table.add_column(head, no_wrap=head in ("id", "state", "since"), overflow="fold")
    for each in mails:
        cells = [each.id, each.state, _when(each.ended or each.began), str(each.tries), each.subscriber]
        cells += [each.recipient, line(each.subject, 80), line(each.answer or "", 80)]
        table.add_row(*map(Text, cells))
    if mails:
        Console(width=None if Console().is_terminal else 240).print(table)
    for address, at in sorted(suspended.items()):
        click.echo(f"suspended since {_when(at)}: {address}: `condotta mail resume {address}`")


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


@command.command(name="send")
@click.argument("ident", metavar="ID")
def send_command(ident: str) -> None:
    """Have the mailer send the mail ID again, under the same Message-ID. The beginning of the id is enough.

    Example: condotta mail send 3f2a91c0
    """
    mail = decide(ident, "WAITING", "sent by hand", again=0.0)
    click.echo(f"{mail.id} goes out within a minute, where a mailer runs")


@command.command(name="drop")
@click.argument("ident", metavar="ID")
def drop_command(ident: str) -> None:
    """Give the mail ID up: its alerts will not be mailed.

    Example: condotta mail drop 3f2a91c0
    """
    mail = decide(ident, "DROPPED", "dropped by hand")
    click.echo(f"{mail.id} is dropped")


@command.command(name="adopt")
def adopt_command() -> None:
    """Make the ledger here the one that counts, after the other one was lost or given up.

    Example: condotta mail adopt
    """
    from agents import reader
    from agents.liaison import announce

    settings = Settings.read()
    with opened(settings) as ledger:
        ours = ledger.id
    reader.run(settings, announce(settings, ours))
    click.echo(f"{ours} counts from now on")


@command.command(name="resume")
@click.argument("address")
def resume_command(address: str) -> None:
    """Take mail to ADDRESS up again, which was suspended for refusing every mail.

    Example: condotta mail resume desk@newsroom.example
    """
    with opened(Settings.read()) as ledger:
        if not ledger.welcome(address):
            raise click.ClickException(f"{address} is not suspended")
    click.echo(f"{address} is taken up again")
