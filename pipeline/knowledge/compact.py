"""The short form of a gazetteer line, for files with hundreds of places in dozens of languages.

    Libya | any: Libya; State of Libya | ru: Ливия; Ливии | ar: ليبيا

The first part is the name shown to people. `;` parts names; one that ends in `?` is weak. A sign that the
file's `endings` defines for the language stands for each of its endings: with `@: ий ая`, `ливийск@` is two
names.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Endings = Mapping[str, Mapping[str, str]]  # language -> sign -> endings, parted by spaces; "-" is none


class Line(NamedTuple):
    label: str
    strong: dict[str, tuple[str, ...]]  # language -> names
    weak: dict[str, tuple[str, ...]]


def parse(text: str, endings: Endings) -> Line:
    """Read one line. Raises ValueError that says which part is wrong."""
    label, *parts = (part.strip() for part in text.split("|"))
    strong: dict[str, tuple[str, ...]] = {}
    weak: dict[str, tuple[str, ...]] = {}
    for part in parts:
        language, names = _part(part)
        if language in strong or language in weak:
            raise ValueError(f"language {language!r} stands twice")
        spelt = [name for given in names for name in _spell(given, endings.get(language, {}))]
        strong[language] = tuple(name for name in spelt if not name.endswith("?"))
        weak[language] = tuple(name[:-1] for name in spelt if name.endswith("?"))
    return Line(label, {k: v for k, v in strong.items() if v}, {k: v for k, v in weak.items() if v})


def _part(part: str) -> tuple[str, list[str]]:
    language, colon, names = part.partition(":")
    if not colon or not 2 <= len(language) <= 3 or not language.islower():
        raise ValueError(f"{part[:40]!r} does not begin with a language and a colon")
    given = [name.strip() for name in names.split(";")]
    if not all(name.strip(" ?") for name in given):
        raise ValueError(f"an empty name in {language!r}")
    return language, given


def _spell(name: str, signs: Mapping[str, str]) -> Iterator[str]:
    mark = "?" if name.endswith("?") else ""
    stem = name.removesuffix("?")
    if stem[-1:] not in signs:
        yield name
        return
    for ending in signs[stem[-1]].split():
        yield stem[:-1] + ending.replace("-", "") + mark


def merge(lines: Iterable[Line]) -> Line:
    """Join lines into one under the first label; the names of `any` gain each label that has no weak twin."""
    lines = list(lines)
    strong: dict[str, dict[str, None]] = {}
    weak: dict[str, dict[str, None]] = {}
    for line in lines:
        _label(line, strong, weak)
        _add(line.strong, strong)
        _add(line.weak, weak)
    return Line(
        lines[0].label.removesuffix("?"),
        {language: tuple(names) for language, names in strong.items()},
        {language: tuple(names) for language, names in weak.items()},
    )


def _label(line: Line, strong: dict[str, dict[str, None]], weak: dict[str, dict[str, None]]) -> None:
    if line.label.endswith("?"):
        weak.setdefault("any", {})[line.label[:-1]] = None
    elif line.label and line.label not in line.weak.get("any", ()):
        strong.setdefault("any", {})[line.label] = None


def _add(names: Mapping[str, tuple[str, ...]], to: dict[str, dict[str, None]]) -> None:
    for language, group in names.items():
        to.setdefault(language, {}).update(dict.fromkeys(group))
