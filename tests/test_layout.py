"""The layout is the architecture: what may import what, where things stand, what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIPELINE = sorted((ROOT / "pipeline").rglob("*.py"))
AGENTS = sorted((ROOT / "agents").rglob("*.py"))

# What pipeline/ stands on: libraries that work on values. Nothing that travels, waits or watches.
LIBRARIES = {
    "ahocorasick_rs", "courlan", "dateparser", "dateutil", "ftfy", "jinja2", "msgspec", "orjson", "py3langid",
    "pycld2", "rensa", "selectolax", "sentencex", "tld", "trafilatura", "yaml",
}  # fmt: skip
# Of the standard library. Not os, sys, time, random, socket, asyncio, logging, subprocess, threading.
STANDARD = {
    "__future__", "base64", "bisect", "collections", "dataclasses", "datetime", "enum", "functools",
    "hashlib", "html", "itertools", "math", "operator", "pathlib", "re", "string", "struct", "typing",
    "unicodedata", "urllib.parse",
}  # fmt: skip
# Knowledge is read once, from the files beside it, by these alone.
LOADERS = {
    "pipeline/knowledge/reader.py",
    "pipeline/lexicon.py",
    "pipeline/mail/wording.py",
}
READS = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "exists",
    "is_file",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "getenv", "environ"}

TOP = {
    "README.md", "DECISIONS.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock",
    "SECURITY.md", "docker-compose.yml", ".dockerignore", ".env.example", ".gitignore", ".ci",
    "pipeline", "agents", "tests", "ops",
}  # fmt: skip


def name(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """Yield every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module


def called(path):
    """Yield the last name of everything that is called or read as an attribute: `datetime.now` gives now."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def tracked():
    """Return the files that belong to the project: those git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / each for each in listed.stdout.decode().split("\0") if each and (ROOT / each).is_file()]


# Imports point one way


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_the_pipeline_imports_nothing_that_travels(path):
    for module in imports(path):
        known = {module, module.partition(".")[0]} & (LIBRARIES | STANDARD | {"pipeline"})
        assert known, f"{name(path)} imports {module}"


def test_the_pipeline_can_be_loaded_without_the_agents_libraries():
    script = """
import sys
import pipeline.alerts, pipeline.claims, pipeline.clean, pipeline.entities, pipeline.mail, pipeline.novelty
print(*{"agents", "faust", "aiokafka", "prometheus_client", "aiosmtplib", "click"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("path", [*PIPELINE, *AGENTS], ids=name)
def test_nothing_imports_tests_or_ops(path):
    assert not {module.partition(".")[0] for module in imports(path)} & {"tests", "ops"}


# Values in, values out


@pytest.mark.parametrize("path", PIPELINE, ids=name)
def test_the_pipeline_reads_no_clock_and_no_environment(path):
    assert not set(called(path)) & CLOCKS


@pytest.mark.parametrize("path", [each for each in PIPELINE if name(each) not in LOADERS], ids=name)
def test_only_loaders_read_files(path):
    assert not set(called(path)) & READS


def test_every_loader_is_one():
    for each in LOADERS:
        assert set(called(ROOT / each)) & READS, each


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("datetime.now(UTC)", CLOCKS),
        ("os.environ['A']", CLOCKS),
        ("open('x')", READS),
        ("Path('x').read_text()", READS),
    ],
)
def test_the_look_at_calls_sees_what_it_must(tmp_path, line, found):
    (tmp_path / "a.py").write_text(line)
    assert set(called(tmp_path / "a.py")) & found


# Where things stand


def test_the_top_level_holds_what_is_expected():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} == TOP


def test_no_module_is_a_drawer():
    drawers = {"utils", "util", "helpers", "common", "misc", "manager"}
    assert not {path.stem for path in (*PIPELINE, *AGENTS)} & drawers


def test_one_version_stands_everywhere():
    import pipeline

    assert f'version = "{pipeline.__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"## [{pipeline.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


# What no file may hold

INDEX = re.compile(r"index[-_]url\s*[=\s]\s*\S*//|\bhttps?://[^\s/]+(?:/[^\s/]+)*/simple\b", re.IGNORECASE)
HOMES = re.compile(r"(?<![\w.])/(?:root|Users/\w+|home/(?!linuxbrew)\w+)/")


@pytest.mark.long
def test_no_file_names_a_package_index_or_a_path_of_one_machine():
    here = str(ROOT) + "/"
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        for found in (INDEX.search(text), HOMES.search(text)):
            assert found is None, f"{name(path)}: {found[0]}"
        assert here not in text, name(path)


def test_the_lock_holds_names_and_hashes_alone():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


@pytest.mark.parametrize(
    "parts",
    [("--index", "-url https://a.example/x"), ("https://a.example/pypi", "/simple/"), ("/ho", "me/anna/x")],
)
def test_the_look_for_indexes_and_homes_sees_them(parts):
    text = "".join(parts)  # whole, this file would find itself
    assert INDEX.search(text) or HOMES.search(text)
