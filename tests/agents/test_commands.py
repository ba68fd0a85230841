"""What a person meets on the command line."""

import os
import subprocess
import sys

import click
import pytest

from agents import __main__ as module
from pipeline.errors import KnowledgeError

HERE = list(module.COMMANDS)


def condotta(*arguments, **env):
    names = {f"CONDOTTA_{name}": value for name, value in env.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONDOTTA_")}
    return subprocess.run(
        [sys.executable, "-m", "agents", *arguments],
        env={**clean, "CONDOTTA_ENV_FILE": "", **names},
        capture_output=True,
        text=True,
        input="",
    )


@pytest.mark.parametrize("name", HERE)
def test_every_command_has_help_with_an_example(name):
    command = module.condotta.get_command(None, name)
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    for each in commands:
        assert f"condotta {name}" in each.help
        assert "Example" in each.help


@pytest.mark.parametrize(
    ("arguments", "env", "code", "line"),
    [
        (["wrong"], {}, 2, "condotta: No such command 'wrong'."),
        (["worker", "--wrong"], {}, 2, "condotta: No such option: --wrong"),
        (["worker", "--stages", "clear"], {}, 2, "condotta: unknown stage 'clear': the stages are clean, "),
        (["worker"], {"STAGES": "clear"}, 2, "condotta: unknown stage 'clear': the stages are clean, "),
        (
            ["worker"],
            {"BROKR": "x"},
            2,
            "condotta: unknown setting CONDOTTA_BROKR: did you mean CONDOTTA_BROKER?",
        ),
        (["worker"], {"SUBSCRIBERS": "/nowhere"}, 2, "condotta: subscribers: cannot read /nowhere"),
        (
            ["replay", "/nowhere"],
            {},
            2,
            "condotta: Invalid value for '[FILES]...': File '/nowhere' does not exist.",
        ),
        (["replay", "--topic", "x"], {}, 2, "condotta: Invalid value for '--topic': 'x' is not one of"),
        (
            ["topics", "check"],
            {"BROKER": "127.0.0.1:1"},
            1,
            "condotta: Kafka at 127.0.0.1:1 cannot be reached",
        ),
    ],
)
def test_what_is_wrong_is_one_line(arguments, env, code, line):
    done = condotta(*arguments, **env)
    assert done.returncode == code
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_help_names_all_commands():
    done = condotta("--help")
    assert done.returncode == 0
    for name in module.COMMANDS:
        assert f"  {name} " in done.stdout


def test_a_missing_module_is_a_plain_line(monkeypatch):
    monkeypatch.setitem(module.COMMANDS, "nothing", "")
    context = click.Context(module.condotta)
    with pytest.raises(click.ClickException, match="the command nothing is not part of this build"):
        module.condotta.get_command(context, "nothing")


def test_a_broken_knowledge_file_is_one_line(monkeypatch, capsys, tmp_path):
    def broken(*_, **__):
        raise KnowledgeError("weights.yaml: tree 3: a branch leads nowhere")

    page = tmp_path / "page.html"
    page.write_text("<p>Turkey sent drones to Libya.</p>", "utf-8")
    monkeypatch.setattr("pipeline.knowledge.load", broken)
    monkeypatch.setattr(sys, "argv", ["condotta", "explain", str(page)])
    with pytest.raises(SystemExit) as left:
        module.main()
    assert left.value.code == 1
    assert capsys.readouterr().err == "condotta: weights.yaml: tree 3: a branch leads nowhere\n"
