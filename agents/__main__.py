"""`condotta`, also `python -m agents`: the commands, each in a module of its own."""

import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from agents.settings import SettingsError
from pipeline.errors import KnowledgeError

COMMANDS = {
    "demo": "The main job on this machine: real Kafka, sample articles, the mail; all stopped again.",
    "worker": "Run the agents against CONDOTTA_BROKER.",
    "monitor": "Tell Prometheus how groups, topics and ledger are; needs no worker.",
    "publish": "Send articles into news.raw.",
    "replay": "Run the same topology offline, without Kafka.",
    "explain": "Show what is found in one article, for a person.",
    "alerts": "Show what subscribers would get, without sending anything.",
    "subscribers": "Check the subscribers' file.",
    "mail": "Look after mails that were refused or are in doubt.",
    "claims": "Correct claims.",
    "story": "Silence stories.",
    "novelty": "Tend the memory of novelty.",
    "reprocess": "Extract again with the present rules, and show what changes.",
    "trace": "Show the way of one article.",
    "topics": "Declare the topics, or say how they differ.",
    "dead": "Look at the dead letters.",
    "knowledge": "Look at the knowledge files: gaps, and names that stand for two things.",
    "doctor": "Check broker, topics, mail, clock and knowledge.",
}  # each is `command` in the module of its name, but for these; its own help says more
ELSEWHERE = {
    "mail": ("mailroom", "command"),
    "claims": ("corrections", "claims"),
    "story": ("corrections", "story"),
    "novelty": ("rebuild", "command"),
    "subscribers": ("rehearsal", "command"),
}


class _Condotta(click.Group):
    """Commands are imported when called, so that help and errors are fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        place, attribute = ELSEWHERE.get(name, (name, "command"))
        module = f"agents.{place}"
        try:
            with _loading():
                found: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as exc:
            if exc.name != module:
                raise
            raise click.ClickException(f"the command {name} is not part of this build") from None
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextmanager
def _loading() -> Iterator[None]:
    """Let Ctrl-C end the process at once: what is raised while modules load may be lost in one of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@click.group(cls=_Condotta, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="condotta", message="%(prog)s %(version)s")
def condotta() -> None:
    """Watch the news for foreign hands in wars.

    Example: condotta replay articles.jsonl

    Settings are CONDOTTA_* variables, also in a .env file.
    """


def main() -> None:
    """Run a command: exit 0 done, 1 failed, 2 wrong usage; errors are one line on stderr."""
    logging.getLogger().addHandler(logging.NullHandler())  # commands speak for themselves
    try:
        code = condotta.main(prog_name="condotta", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.ctx.get_help() if exc.ctx else "", err=True)
        code = 2
    except click.UsageError as exc:
        code = _fail(exc.format_message(), 2)
    except SettingsError as exc:
        code = _fail(str(exc), 2)
    except KnowledgeError as exc:
        code = _fail(str(exc), 1)
    except click.ClickException as exc:
        code = _fail(exc.format_message(), exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        code = _fail("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code or 0)


def _fail(message: str, code: int) -> int:
    click.echo(f"condotta: {' '.join(message.split())}", err=True)
    return code


if __name__ == "__main__":
    main()
