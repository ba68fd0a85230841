"""The subscribers' YAML file: a list of entries, each with an `id` that never changes."""

from collections import Counter
from pathlib import Path

import msgspec
import yaml

from agents.settings import SettingsError
from pipeline.types import Subscriber


def load(path: Path | None) -> tuple[Subscriber, ...]:
    """Read the file; none where `path` is None. Raises SettingsError naming the file and the entry."""
    if path is None:
        return ()
    try:
        entries = yaml.safe_load(path.read_text("utf-8")) or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise SettingsError(f"subscribers: cannot read {path}: {' '.join(str(exc).split())}") from None
    if isinstance(entries, dict) and set(entries) == {"subscribers"}:
        entries = entries["subscribers"] or []
    if not isinstance(entries, list):
        raise SettingsError(f"subscribers: {path} must hold a list")
    found = tuple(_one(path, place, entry) for place, entry in enumerate(entries, 1))
    twice = [name for name, times in Counter(each.id for each in found).items() if times > 1]
    if twice:
        raise SettingsError(f"subscribers: {path}: the id {twice[0]!r} stands there twice")
    return found


def _one(path: Path, place: int, entry: object) -> Subscriber:
    try:
        return msgspec.convert(entry, Subscriber)
    except msgspec.ValidationError as exc:
        name = entry.get("id", place) if isinstance(entry, dict) else place
        raise SettingsError(f"subscribers: {path}, entry {name}: {exc}") from None
