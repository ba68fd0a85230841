"""Make pipeline/knowledge/forms/*.txt, the bent words of a language's sheet; `make knowledge` runs it.

A line is "v" or "n", the word as the sheet writes it, and its forms by voice, parted by tabs. A word that
begins with "=" is left as it is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from ops.knowledge.inflection import arabic, french, russian, spanish, turkish

ROOT = Path(__file__).parent.parent.parent / "pipeline/knowledge"
LANGUAGES: dict[str, ModuleType] = {
    "ar": arabic, "es": spanish, "fr": french, "ru": russian, "tr": turkish,
}  # fmt: skip
FLAT = (
    "modality",
    "relators",
    "boundaries",
    "pronouns",
    "postpositions",
    "auxiliary",
    "civilian",
    "mandates",
)
LISTS = (
    "tellings", "compound", "made", "war", "police", "movements", "conditions", "factcheck", "times",
    "determiners",
    "idioms", "prices", "references", "firms", "causes", "ranks", "institutions", "contingents", "buying",
    "battle", "supplying",
)  # fmt: skip


def build(code: str) -> str:
    """Return the whole text of one table."""
    bend = LANGUAGES[code]
    lines = [f"# Made by ops/knowledge/forms.py from languages/{code}.yaml; do not edit."]
    for kind, word in dict.fromkeys(asked(sheet(code))):
        found = bend.verb(word) if kind == "v" else bend.noun(word)
        parts = [f"{voice or '-'}: {', '.join(forms)}" for voice, forms in found.items() if forms]
        if parts:
            lines.append("\t".join([f"{kind} {word}", *parts]))
    return "\n".join(lines) + "\n"


def sheet(code: str) -> dict[str, Any]:
    text = (ROOT / f"languages/{code}.yaml").read_text("utf-8")
    return yaml.load(text, yaml.BaseLoader)  # type: ignore[no-any-return]


def asked(words: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield ("v" or "n", word) for every word of a sheet that is bent."""
    for section in ("acts", "voices"):
        for entries in words[section].values():
            for entry in entries:
                yield from grouped(entry)
    for section in ("deeds", "things", "roles", "speakers", "backers"):
        for nouns in words.get(section, {}).values():
            yield from (("n", noun) for noun in nouns if not noun.startswith("="))
    cues = [cue for s in FLAT for group in words.get(s, {}).values() for cue in group]
    cues += [cue for s in LISTS for cue in words.get(s, [])]
    yield from ((cue[0], cue[2:]) for cue in cues if cue[:2] in ("v:", "n:"))


def grouped(entry: str) -> Iterator[tuple[str, str]]:
    """Yield the words of "active / passive / nouns / both"."""
    for number, group in enumerate(entry.split("/")):
        for word in filter(None, (w.strip() for w in group.split(","))):
            if not word.startswith("="):
                yield ("n" if number == 2 else "v"), word


def names() -> str:
    """Return the whole text of names/ru.txt: a name of the gazetteer and its other cases on each line."""
    lines = ["# Made by ops/knowledge/forms.py from ops/knowledge/raw/russian_names.json; do not edit."]
    lines += [f"{name}\t{', '.join(forms)}" for name, forms in russian.names().items()]
    return "\n".join(lines) + "\n"


def main(codes: list[str]) -> None:
    (ROOT / "forms").mkdir(exist_ok=True)
    for code in codes or list(LANGUAGES):
        if (ROOT / f"languages/{code}.yaml").exists():
            (ROOT / f"forms/{code}.txt").write_text(build(code), "utf-8")
    (ROOT / "names").mkdir(exist_ok=True)
    (ROOT / "names/ru.txt").write_text(names(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
