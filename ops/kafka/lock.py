"""Write `jars.lock`: which jars a local Kafka needs, with their checksums.

Run it only to move to another release of Kafka; it needs the network. `!` tells jgo to take a
component's own POM as the authority for what it depends on: without it the dependency management of
log4j would replace kafka-clients 4.3.0 by 3.9.1 and the broker would not start.
"""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import jgo
from jgo.maven import MavenContext

WANTED = "org.apache.kafka:kafka_2.13:4.3.0!+org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!"
LOCK = Path(__file__).with_name("jars.lock")
HEAD = "# The class path of a local Kafka: group:artifact:version sha256. Made by ops/kafka/lock.py.\n"


def line(artifact: Any, cache: Path) -> str:
    """Download `artifact` into `cache` and return its line."""
    component = MavenContext(repo_cache=cache).project(artifact.groupId, artifact.artifactId)
    jar = Path(component.at_version(artifact.version).artifact().resolve())
    name = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return f"{name} {hashlib.sha256(jar.read_bytes()).hexdigest()}\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        lines = [line(artifact, Path(cache)) for artifact in jgo.resolve(WANTED)]
    LOCK.write_text(HEAD + "".join(sorted(lines)), "utf-8")


if __name__ == "__main__":
    main()
