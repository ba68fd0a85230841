"""Shelf: compiled vocabularies kept between runs, for a language's generated forms take seconds to compile.

A file in the user's cache folder holds the phrases of one language for one state of the knowledge files and
of the compiler. It is only a copy: one that is missing, damaged or cannot be written costs time, no more.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from pipeline.claims import vocabulary
from pipeline.claims.reading import vocabularies
from pipeline.claims.vocabulary import Tag, Vocabulary
from pipeline.knowledge import Knowledge

Kept = tuple[list[Tag], list[tuple[str, list[int]]]]  # the tags, and for each phrase the places of its own
DAYS: Final = 30  # a language's files that were written so long before its newest go


def folder() -> Path:
    """Return the cache folder of the user, as the XDG base directory specification names it."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".cache") / "condotta"


def stock(knowledge: Knowledge) -> None:
    """Take the vocabularies of all languages from the shelf, and put there what is missing."""
    kept = vocabularies(knowledge)
    for code, sheet in knowledge.languages.items():
        if code not in kept:
            kept[code] = vocabulary_kept(sheet, code, knowledge.made_by.knowledge)


def vocabulary_kept(sheet: Mapping[str, Any], code: str, knowledge: str) -> Vocabulary:
    """Return the vocabulary of a language; `knowledge` is the digest of the files its sheet comes from."""
    with suppress(RuntimeError):  # no home folder
        path = folder() / f"words-{code}-{knowledge}-{_compiler()}.msgpack"
        if (phrases := _read(path)) is not None:
            return Vocabulary(sheet, phrases)
        made = Vocabulary(sheet)
        _write(path, made.phrases)
        return made
    return Vocabulary(sheet)


@lru_cache(maxsize=1)
def _compiler() -> str:
    return sha256(Path(vocabulary.__file__).read_bytes()).hexdigest()[:8]


def _read(path: Path) -> vocabulary.Phrases | None:
    try:
        tags, phrases = msgspec.msgpack.decode(path.read_bytes(), type=Kept)
        sets: dict[tuple[int, ...], tuple[Tag, ...]] = {}
        out: vocabulary.Phrases = {}
        for text, places in phrases:
            key = tuple(places)
            if key not in sets:
                sets[key] = tuple(tags[n] for n in key)
            out[tuple(text.split(" "))] = sets[key]
    except (OSError, msgspec.MsgspecError, IndexError):
        return None
    return out


def _write(path: Path, phrases: vocabulary.Phrases) -> None:
    places: dict[Tag, int] = {}
    rows = [
        (" ".join(key), [places.setdefault(t, len(places)) for t in tags]) for key, tags in phrases.items()
    ]
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                file.write(msgspec.msgpack.encode((list(places), rows)))
                file.flush()
                Path(file.name).replace(path)
            except OSError:  # a full disk
                Path(file.name).unlink(missing_ok=True)
        for old in path.parent.glob(f"{path.name[: len('words-xx')]}*"):
            if old != path and old.stat().st_mtime < path.stat().st_mtime - DAYS * 86400:
                old.unlink(missing_ok=True)
