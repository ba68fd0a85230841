"""The patches of this folder: their headers, what they change, and how they are applied."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class PatchError(Exception):
    """A patch or its header is not what it should be; the message names it."""


class Patch(Struct, frozen=True, kw_only=True):
    """One guarantee taken away."""

    path: Path
    guarantee: str
    says: str
    tests: tuple[str, ...]  # pytest's node ids
    kafka: bool

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def diff(self) -> list[str]:
        """Return the lines below the header."""
        return [line for line in self.path.read_text("utf-8").splitlines() if not line.startswith("# ")]


def load(folder: Path = HERE) -> list[Patch]:
    """Read all patches, by guarantee and name. Raises PatchError."""
    return sorted(map(read, folder.glob("*.patch")), key=lambda patch: (patch.guarantee, patch.name))


def read(path: Path) -> Patch:
    """Read the header of one patch. Raises PatchError."""
    found: dict[str, list[str]] = {"guarantee": [], "says": [], "tests": [], "needs": []}
    for line in path.read_text("utf-8").splitlines():
        name, colon, value = line.removeprefix("# ").partition(": ")
        if not line.startswith("# "):
            break
        if not colon or name not in found:
            raise PatchError(f"{path.name}: unknown header {line!r}")
        found[name].append(value)
    tests = tuple(node for line in found["tests"] for node in line.split())
    if len(found["guarantee"]) != 1 or len(found["says"]) != 1 or not tests:
        raise PatchError(f"{path.name}: the header needs one guarantee, one says, and tests")
    if found["needs"] not in ([], ["kafka"]):
        raise PatchError(f"{path.name}: a patch may need kafka, nothing else")
    return Patch(
        path=path,
        guarantee=found["guarantee"][0],
        says=found["says"][0],
        tests=tests,
        kafka=bool(found["needs"]),
    )


def apply(patch: Patch, tree: Path, *options: str) -> None:
    """Apply `patch` to the files in `tree`; with `--check` only say whether it could. Raises PatchError."""
    done = git(tree, "apply", *options, str(patch.path.resolve()))
    if done.returncode:
        raise PatchError(f"{patch.path.name} does not apply: {' '.join(done.stderr.split())}")


def git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run git in `folder`; a repository around it is not ours, and would make `apply` skip every file."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_CEILING_DIRECTORIES": str(folder.resolve().parent), "LC_ALL": "C"}
    return subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True)


def files(tree: Path = ROOT) -> list[str]:
    """Return the files that belong to the project: those git has or would take. Raises PatchError."""
    listed = git(tree, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        raise PatchError(f"{tree} is no git checkout: {' '.join(listed.stderr.split())}")
    return [name for name in listed.stdout.split("\0") if name and (tree / name).is_file()]


class Hunk(Struct, frozen=True, kw_only=True):
    """One place that a patch changes."""

    file: str
    before: tuple[str, ...]  # its lines, those around it too
    removed: int
    added: int


def hunks(patch: Patch) -> list[Hunk]:
    """Return the places that `patch` changes."""
    found: list[tuple[str, list[str]]] = []
    file = ""
    for line in patch.diff:
        if line.startswith("--- a/"):
            file = line.removeprefix("--- a/")
        elif line.startswith("@@ "):
            found.append((file, []))
        elif found and line[:1] in (" ", "-", "+") and not line.startswith(("--- ", "+++ ")):
            found[-1][1].append(line)
    return [_hunk(file, lines) for file, lines in found]


def _hunk(file: str, lines: Sequence[str]) -> Hunk:
    return Hunk(
        file=file,
        before=tuple(line[1:] for line in lines if line[0] != "+"),
        removed=sum(line[0] == "-" for line in lines),
        added=sum(line[0] == "+" for line in lines),
    )
