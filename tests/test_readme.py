"""README.md says what is so: its examples work, its tables are the program's, its links lead somewhere."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from agents import topics
from agents.__main__ import COMMANDS, condotta
from agents.replay import replay
from agents.settings import ENV_FILE, FIELDS, KNOWN, NAME, Settings
from agents.stage import Given
from agents.subscribers import load as load_subscribers
from agents.topology import TOPICS
from pipeline.errors import REASONS
from pipeline.knowledge import load
from pipeline.types import RawArticle

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def example(name):
    """Return the code block after its mark."""
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", README, re.S)
    assert found, name
    return found[1]


def rows(after):
    """Return the rows of the first table after a text, as lists of cells."""
    lines = README.partition(after)[2].split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return table


def code(text):
    return re.findall(r"`([^`]+)`", text)


# Links, targets, commands


def test_every_link_leads_to_a_file():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_make_target_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.M))
    assert {"demo", "test"} <= named <= targets


def test_the_first_thing_told_is_the_two_commands():
    assert README.partition("```sh\n")[2].split("```")[0].split("\n")[0].startswith("make demo")


def test_the_table_of_commands_is_that_of_the_program():
    assert sorted(code(row[0])[0] for row in rows("## Commands")) == sorted(
        f"condotta {each}" for each in COMMANDS
    )


@pytest.mark.parametrize(
    "line", [row for row in re.findall(r"condotta ([a-z]+[^\n`#]*)", README) if row.split()[0] in COMMANDS]
)
def test_every_option_named_is_one(line):
    words = line.split()
    context = click.Context(condotta)
    command = condotta.get_command(context, words[0])
    assert command is not None
    command = getattr(command, "commands", {}).get(words[1], command) if len(words) > 1 else command
    known = {option for each in command.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_option_in_the_table_of_commands_is_one():
    for name, does in rows("## Commands"):
        command = condotta.get_command(click.Context(condotta), code(name)[0].split()[1])
        known = {option for each in command.params for option in each.opts}
        known |= set(getattr(command, "commands", {}))
        words = {text.split()[0] for text in code(does)}
        assert words <= known, name


# Settings


def test_every_setting_named_is_known():
    names = set(re.findall(rf"{NAME}[A-Z_]+", README)) - {ENV_FILE}
    assert {each.removeprefix(NAME).lower() for each in names} <= KNOWN


def test_the_mail_table_has_every_setting_of_mail_and_its_default():
    table = {code(row[0])[0]: "".join(code(row[1])) for row in rows("<!-- table: mail settings -->")}
    fields = {
        name for name in FIELDS if name.startswith(("smtp_", "group_", "mail_")) or name == "subscribers"
    }
    assert {name.removeprefix(NAME).lower() for name in table} == fields
    assert Settings.read({**table, ENV_FILE: ""}) == Settings()


# Records


def test_the_article_shown_is_a_good_one():
    raw = msgspec.json.decode(example("raw article"), type=RawArticle)
    assert raw.published_at < raw.fetched_at


def test_the_table_of_fields_is_that_of_the_record():
    table = [(name, row[1]) for row in rows("<!-- example: raw article -->") for name in code(row[0])]
    assert {name for name, _ in table} == {field.name for field in msgspec.structs.fields(RawArticle)}
    required = {field.name for field in msgspec.structs.fields(RawArticle) if field.required}
    assert {name for name, need in table if need == "required"} == required


def test_the_reasons_told_are_all_there_are():
    told = README.partition("content is rejected as ")[2].partition(".")[0]
    assert set(code(told)) == set(REASONS)


def test_the_topics_told_exist():
    names = {topic.name for topic in TOPICS}
    assert {name for row in rows("## Subscribe") for name in code(row[0])} <= names
    assert set(re.findall(r"news\.(?!example)[a-z]+", README)) <= names


def test_the_subscribers_shown_load(tmp_path):
    (tmp_path / "s.yaml").write_text(example("subscribers"), "utf-8")
    first, second = load_subscribers(tmp_path / "s.yaml")
    assert (first.id, first.min_rank, first.language) == ("libya-desk", 2, "id")
    assert second.theatres is None


# The consumer


def test_the_consumer_has_fifteen_lines_and_compiles():
    lines = [line for line in example("consumer").splitlines() if line]
    assert len(lines) <= 15
    compile(example("consumer"), "README.md", "exec")


@pytest.mark.integration
async def test_the_consumer_prints_what_is_new(kafka, prefix, tmp_path):
    """Decisions of the sample articles go into a topic, and the consumer of the README reads them."""
    settings = Settings(broker=kafka.address, prefix=prefix)
    await topics.create(settings)
    samples = (ROOT / "ops" / "samples" / "articles.jsonl").read_bytes().splitlines()
    decisions = [msgspec.json.decode(each) for each in replay(samples, "news.decisions", Given(load()))]
    async with AIOKafkaProducer(**settings.client()) as producer:
        for each in decisions:
            await producer.send_and_wait(
                settings.topic("news.decisions"), msgspec.json.encode(each), key=b"k"
            )
    script = example("consumer").replace("127.0.0.1:9092", kafka.address)
    script = script.replace('"news.decisions"', repr(settings.topic("news.decisions"))).replace(
        "my-desk", prefix
    )
    (tmp_path / "consumer.py").write_text(script, "utf-8")
    told = [each for each in decisions if each["decision"] not in ("REPEAT", "BACKGROUND")]
    printed = await first_lines(tmp_path / "consumer.py", len(told))
    assert [line.split()[:2] for line in printed] == [[each["step"], each["claim"]["key"]] for each in told]


async def first_lines(script, count):
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=subprocess.PIPE)
    try:
        async with asyncio.timeout(40):
            return [(await process.stdout.readline()).decode() for _ in range(count)]
    finally:
        process.kill()
        await process.wait()
