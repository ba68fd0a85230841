"""A review of the knowledge files: what they lack, and what in them can be read in two ways.

Nothing here is an error that stops a load; it says where the next entry or cue is needed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from pipeline.claims.vocabulary import fold
from pipeline.knowledge.schema import Entry, Knowledge
from pipeline.types import Entity, InvolvementType

SOIL: Final = (("use", "soil"), ("use", "base"), ("host", "soil"), ("allow", "soil"))  # frames of `sanctuary`
SHARED: Final = frozenset({"any", "en"})  # names that every language reads


class Names(Struct, frozen=True, kw_only=True):
    """Of one kind and one served language: how many entries there are, and which have no name it reads."""

    kind: str
    language: str
    entries: int
    nameless: tuple[str, ...]


class Ambiguous(Struct, frozen=True, kw_only=True):
    """One name that stands for more than one id in a language (`any`: in all)."""

    name: str
    languages: tuple[str, ...]
    entries: tuple[str, ...]  # kind:id
    strong: bool  # more than one of them holds it for a strong alias


# Names


def names(knowledge: Knowledge) -> Iterator[Names]:
    """Yield, by kind and served language, the entries without a name in the language's script."""
    kinds = sorted({entry.kind for entry in knowledge.entries.values()})
    for language, sheet in sorted(knowledge.languages.items()):
        script = script_of(str(sheet["name"]))
        read = {language, *(each for group in knowledge.matching.same if language in group for each in group)}
        for kind in kinds:
            entries = [entry for entry in knowledge.entries.values() if entry.kind == kind]
            bare = [entry.id for entry in entries if not _named(entry, read, script)]
            yield Names(kind=kind, language=language, entries=len(entries), nameless=tuple(bare))


def _named(entry: Entry, languages: Collection[str], script: str) -> bool:
    return any(
        script_of(name) == script
        for groups in (entry.names, entry.weak)
        for language, aliases in groups.items()
        if language in languages or language in SHARED
        for name in aliases
    )


def script_of(text: str) -> str:
    """Return the script of the first letter.

    >>> script_of("2S7 Пион"), script_of("العربية"), script_of("Türkçe")
    ('LATIN', 'ARABIC', 'LATIN')
    >>> script_of("Русский")
    'CYRILLIC'
    """
    letter = next((sign for sign in text if sign.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0]


def ambiguous(knowledge: Knowledge) -> list[Ambiguous]:
    """Return the names that one language gives to different ids, those that are strong for both first."""
    holders: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    strong: dict[str, set[str]] = defaultdict(set)
    for name in knowledge.names:
        text, entry = fold(name.text), f"{name.kind}:{name.id}"
        for language in name.languages or ("any",):
            holders[text][entry].add(language)
        if not name.weak:
            strong[text].add(entry)
    found = [_clash(text, entries, strong[text]) for text, entries in holders.items() if len(entries) > 1]
    return sorted((each for each in found if each), key=lambda each: (not each.strong, each.name))


def _clash(text: str, entries: Mapping[str, set[str]], strong: Collection[str]) -> Ambiguous | None:
    together: set[str] = set()
    languages: set[str] = set()
    for one, other in ((a, b) for a in entries for b in entries if a < b and _ident(a) != _ident(b)):
        mine, theirs = entries[one], entries[other]
        shared = theirs if "any" in mine else mine if "any" in theirs else mine & theirs
        if shared:
            together |= {one, other}
            languages |= shared
    if not together:
        return None
    sure = {_ident(each) for each in together if each in strong}
    return Ambiguous(
        name=text,
        languages=tuple(sorted(languages)),
        entries=tuple(sorted(together)),
        strong=len(sure) > 1,
    )


def _ident(entry: str) -> str:
    return entry.partition(":")[2]


# Cues

SECTIONS: Final = (
    "acts",
    "deeds",
    "things",
    "roles",
    "speakers",
    "voices",
    "modality",
    "relators",
    "boundaries",
)


def uncued(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """Return for each served language the classes and types that no word of it tells.

    A class is wanted where another language has words for it, or a frame asks for it.
    """
    wanted = {
        section: {
            name for sheet in knowledge.languages.values() for name, cues in _classes(sheet, section) if cues
        }
        for section in SECTIONS
    }
    wanted["things"] |= {thing for types in knowledge.frames["types"].values() for thing in types}
    out = {}
    for language, sheet in sorted(knowledge.languages.items()):
        missing = [
            f"{section}: {name}"
            for section in SECTIONS
            for name in sorted(wanted[section] - {name for name, cues in _classes(sheet, section) if cues})
            if not (section == "deeds" and _told(sheet, name))
        ]
        silent = [
            f"type: {kind}" for kind in knowledge.involvements if not _tells(kind, sheet, knowledge.frames)
        ]
        out[language] = (*silent, *missing)
    return out


def _classes(sheet: Mapping[str, Any], section: str) -> Iterable[tuple[str, Any]]:
    return (sheet.get(section) or {}).items()


def _told(sheet: Mapping[str, Any], deed: str) -> bool:
    """Say whether verbs carry the nouns of a deed themselves, as entries with a third part do."""
    cues = (sheet.get("acts") or {}).get(deed) or ()
    return any(str(cue).count("/") > 1 for cue in cues)


def _tells(kind: InvolvementType, sheet: Mapping[str, Any], frames: Mapping[str, Any]) -> bool:
    acts = {name for section in ("acts", "deeds") for name, cues in _classes(sheet, section) if cues}
    things = {name for name, cues in _classes(sheet, "things") if cues}
    if kind == "sanctuary":
        return any(act in acts and thing in things for act, thing in SOIL)
    if any(kind == told and act in acts for act, told in frames["direct"].items()):
        return True
    return any(
        kind == told and act in acts and thing in things
        for act, types in frames["types"].items()
        for thing, told in types.items()
    )


# What is never matched


def unmatched(knowledge: Knowledge, entities: Iterable[Entity]) -> dict[str, tuple[str, ...]]:
    """Return by kind the entries that none of `entities` names."""
    seen = {f"{entity.kind}:{entity.id}" for entity in entities}
    out: dict[str, list[str]] = defaultdict(list)
    for key, entry in knowledge.entries.items():
        if key not in seen:
            out[entry.kind].append(entry.id)
    return {kind: tuple(idents) for kind, idents in sorted(out.items())}
