"""From YAML files to one `Knowledge`, or to one KnowledgeError that names the file and the entry."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args

import msgspec
import yaml

from pipeline import __version__
from pipeline.errors import KnowledgeError
from pipeline.knowledge.compact import Endings, Line, merge, parse
from pipeline.knowledge.schema import Conflict, Entry, Fact, Involvement, Knowledge, Matching, Name, Weights
from pipeline.types import EntityKind, InvolvementType, MadeBy

HERE = Path(__file__).parent
LISTS = ("bodies", "companies", "groups", "leaders", "missions", "weapons")  # files of Entry, one list each

LANGUAGES = "languages/"
MEASURES = "measures/"

T = TypeVar("T")


class Loader(yaml.CSafeLoader):
    """The C loader, in which only true and false are booleans: NO is Norway, `on` and `yes` are words."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [
            (tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
        ]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


Files = Mapping[str, Any]  # path below the folder, without ending -> content


@lru_cache(maxsize=2)
def load(folder: Path = HERE) -> Knowledge:
    """Read every YAML file under `folder`. Raises KnowledgeError naming the file and the entry."""
    paths = sorted(folder.rglob("*.yaml"))
    files = {path.relative_to(folder).with_suffix("").as_posix(): _read(path) for path in paths}
    entries, conflicts, background = _entries(files), _conflicts(files), _background(files)
    languages = _languages(files, folder)
    bare = {code for code, sheet in languages.items() if sheet.get("bare_capitals")}
    _check_references(entries, conflicts, background)
    return Knowledge(
        made_by=MadeBy(version=__version__, knowledge=_digest(folder)),
        involvements=_involvements(files),
        conflicts=conflicts,
        entries=entries,
        names=tuple(_names(entries.values(), _cases(folder), bare)),
        families=_families(files),
        wires=_wires(files),
        frames=_frames(files),
        weights=_weights(files),
        languages=languages,
        matching=_convert("gazetteer/matching", "", _file(files, "gazetteer/matching"), Matching),
        background=background,
    )


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text("utf-8"), Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path.name}: {' '.join(str(error).split())}") from error


def _digest(folder: Path) -> str:
    """Return 16 hex digits of sha256 over names and bytes of all knowledge files, word lists too."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".yaml", ".txt"}):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]


def _file(files: Files, name: str) -> Any:
    if name not in files:
        raise KnowledgeError(f"{name}.yaml: missing")
    return files[name]


def _refuse(file: str, entry: str, why: str) -> NoReturn:
    raise KnowledgeError(f"{file}.yaml: {entry}: {why}" if entry else f"{file}.yaml: {why}")


def _convert(file: str, entry: str, data: Any, shape: type[T]) -> T:
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        _refuse(file, entry, str(error))


def _mapping(file: str, data: Any) -> Mapping[str, Any]:
    return _convert(file, "", data, dict[str, Any])


def _list(file: str, data: Any) -> list[Any]:
    return _convert(file, "", data, list[Any])


def _keyed(file: str, data: Any) -> Iterator[tuple[str, Any]]:
    """Give (id, fields) of each entry in a list of mappings; refuse one without a usable id."""
    for number, fields in enumerate(_list(file, data), 1):
        ident = fields.get("id") if isinstance(fields, dict) else None
        if not isinstance(ident, str) or not ident:
            _refuse(file, f"entry {number}", f"no id, or one that YAML does not read as text: {ident!r}")
        yield ident, fields


# The gazetteer


def _entries(files: Files) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for file, entry in (*_compact_entries(files), *_listed_entries(files)):
        key = f"{entry.kind}:{entry.id}"
        if key in entries:
            _refuse(file, entry.id, f"there is another {entry.kind} with this id")
        _check_names(file, entry)
        entries[key] = entry
    return entries


def _listed_entries(files: Files) -> Iterator[tuple[str, Entry]]:
    for file in (f"gazetteer/{name}" for name in LISTS):
        for ident, fields in _keyed(file, _file(files, file)):
            yield file, _convert(file, ident, fields, Entry)


def _compact_entries(files: Files) -> Iterator[tuple[str, Entry]]:
    labels: dict[str, str] = {}
    for name in ("countries", "demonyms", "metonyms", "places"):
        file = f"gazetteer/{name}"
        content = dict(_mapping(file, _file(files, file)))
        source, endings = str(content.pop("source", "")), content.pop("endings", {})
        if not source:
            _refuse(file, "", "no source")
        for section, lines in content.items():
            kind = _kind(file, section)
            for code, line in _lines(file, lines, endings):
                if kind == "country":
                    labels[code] = line.label
                elif code not in labels:
                    _refuse(file, code, "no such country")
                yield (
                    file,
                    Entry(
                        id=code,
                        kind=kind,
                        name=labels[code],
                        names=line.strong,
                        weak=line.weak,
                        country=code,
                        source=source,
                    ),
                )


SECTIONS: Mapping[str, EntityKind] = {
    "countries": "country",
    "demonyms": "demonym",
    "capitals": "capital",
    "governments": "government",
    "places": "place",
}


def _kind(file: str, section: str) -> EntityKind:
    if section not in SECTIONS:
        _refuse(file, section, f"no such section; there are {', '.join(SECTIONS)}")
    return SECTIONS[section]


def _lines(file: str, data: Any, endings: Endings) -> Iterator[tuple[str, Line]]:
    for code, lines in _mapping(file, data).items():
        if not (len(code) == 2 and code.isascii() and code.isupper()):
            _refuse(file, code, "no alpha-2 code")
        try:
            yield code, merge(parse(line, endings) for line in ([lines] if isinstance(lines, str) else lines))
        except ValueError as error:
            _refuse(file, code, str(error))


def _check_names(file: str, entry: Entry) -> None:
    groups = [*entry.names.items(), *entry.weak.items()]
    for name in (name for _, names in groups for name in names):
        if not name.strip() or name != name.strip():
            _refuse(file, entry.id, f"an empty name, or one with spaces around it: {name!r}")
        if not any(map(str.isalpha, name)):
            _refuse(file, entry.id, f"a name without a letter: {name!r}")
    if bad := [language for language, _ in groups if not (language == "any" or len(language) in (2, 3))]:
        _refuse(file, entry.id, f"no language code: {bad[0]!r}")


CAPITAL = re.compile(r"^[À-ÖØ-öø-þ]|\b[À-ÖØ-Þ]")  # or what is one where it opens a word of its own
EVERYWHERE = {"any", "en"}  # machine translation leaves English names in every language


def _cases(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return language -> name -> its other cases, from names/*.txt."""
    rows = {path.stem: path.read_text("utf-8").splitlines() for path in sorted(folder.glob("names/*.txt"))}
    parted = {code: [row.partition("\t") for row in lines if row[:1] != "#"] for code, lines in rows.items()}
    return {code: {name: forms.split(", ") for name, _, forms in lines} for code, lines in parted.items()}


def _bent(
    groups: Mapping[str, tuple[str, ...]], cases: Mapping[str, Mapping[str, list[str]]]
) -> dict[str, tuple[str, ...]]:
    """Return names with the other cases of each, where a language has them."""
    return {
        code: (*names, *(form for name in names for form in cases.get(code, {}).get(name, ())))
        for code, names in groups.items()
    }


def _names(
    entries: Iterable[Entry], cases: Mapping[str, Mapping[str, list[str]]], bare: Collection[str]
) -> Iterator[Name]:
    """Give each string once for each entry, with all languages that use it.

    The languages in `bare` leave the accents off capitals.
    """
    for entry in entries:
        listed = {name for groups in (entry.names, entry.weak) for names in groups.values() for name in names}
        for weak, groups in ((False, entry.names), (True, entry.weak)):
            bent = _bent(groups, cases)
            bent |= {code: _bare_too(bent[code]) for code in bare & bent.keys()}
            if entry.kind == "weapon" and entry.of:
                bent["en"] = (*bent.get("en", ()), *_several(groups, listed))
            for text, languages in _turned(bent).items():
                everywhere = languages & EVERYWHERE
                spoken = frozenset() if everywhere else frozenset(languages)
                yield Name(text=text, id=entry.id, kind=entry.kind, languages=spoken, weak=weak)


def _bare_too(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, and each as the press writes it that leaves the accents off capitals: "Egypte"."""
    bare = {name: CAPITAL.sub(lambda m: unicodedata.normalize("NFD", m[0])[0], name) for name in names}
    return tuple(dict.fromkeys((*bare, *bare.values())))


def _several(groups: Mapping[str, tuple[str, ...]], listed: Collection[str]) -> Iterator[str]:
    """Give the English plural of each model name that is not `listed`: "Kornets", "TB2s", "Black Hawks"."""
    for name in (name for code in sorted(EVERYWHERE) for name in groups.get(code, ())):
        last = name.rpartition(" ")[2]
        model = last[0].isupper() or any(map(str.isdigit, last))
        if (
            model
            and name.isascii()
            and name[-1].isalnum()
            and name[-1] not in "sS"
            and f"{name}s" not in listed
        ):
            yield f"{name}s"


def _turned(groups: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Return name -> languages."""
    turned: dict[str, set[str]] = {}
    for language, names in groups.items():
        for name in names:
            turned.setdefault(name, set()).add(language)
    return turned


# The other files


def _involvements(files: Files) -> dict[InvolvementType, Involvement]:
    file = "involvements"
    data = _mapping(file, _file(files, file))
    names: tuple[InvolvementType, ...] = get_args(InvolvementType)
    if odd := [name for name in (*data, *names) if name not in data or name not in names]:
        _refuse(file, odd[0], "the types are " + ", ".join(names))
    return {name: _convert(file, name, data[name], Involvement) for name in names}


def _conflicts(files: Files) -> tuple[Conflict, ...]:
    file = "conflicts"
    conflicts = [
        _convert(file, ident, fields, Conflict) for ident, fields in _keyed(file, _file(files, file))
    ]
    _once(file, (conflict.id for conflict in conflicts))
    return tuple(conflicts)


def _background(files: Files) -> tuple[Fact, ...]:
    """Return the facts of background.yaml; the file may be missing: then nothing is taken as known."""
    file = "background"
    facts = [
        _convert(file, f"entry {number}", fields, Fact)
        for number, fields in enumerate(_list(file, files.get(file) or []), 1)
    ]
    _once(file, (f"{one.theatre} {one.principal} {one.type} {one.recipient}" for one in facts))
    return tuple(facts)


def _frames(files: Files) -> dict[str, Any]:
    """Return frames.yaml, and with it, as `things`, which types a thing may tell of."""
    frames = dict(_mapping("frames", _file(files, "frames")))
    things: dict[str, list[str]] = defaultdict(list)
    for types in (*frames["types"].values(), frames["presence"], frames["alone"]):
        for thing, type_ in types.items():
            if type_ not in things[thing]:
                things[thing].append(type_)
    return {**frames, "things": dict(things)}


def _weights(files: Files) -> Weights | None:
    """Return weights.yaml, None where there is none: then nothing is weighed."""
    if "weights" not in files:
        return None
    weights = _convert("weights", "", files["weights"], Weights)
    for number, tree in enumerate(weights.trees, 1):
        branches = [(n, at) for n, node in enumerate(tree) if isinstance(node, tuple) for at in node[2:]]
        if not tree or not all(n < at < len(tree) for n, at in branches):
            _refuse("weights", f"tree {number}", "a branch leads nowhere")
    return weights


def _families(files: Files) -> dict[str, str]:
    """Return source -> family out of family -> sources; a source belongs to one family."""
    file = "publishers"
    families: dict[str, str] = {}
    for family, sources in _convert(file, "", _file(files, file), dict[str, tuple[str, ...]]).items():
        for source in (source.casefold().removeprefix("www.") for source in sources):
            if families.setdefault(source, family) != family:
                _refuse(file, family, f"{source!r} belongs to {families[source]!r} already")
    return families


def _wires(files: Files) -> dict[str, tuple[str, ...]]:
    return _convert("wires", "", _file(files, "wires"), dict[str, tuple[str, ...]])


def _once(file: str, idents: Iterable[str]) -> None:
    seen: set[str] = set()
    for ident in idents:
        if ident in seen:
            _refuse(file, ident, "stands twice")
        seen.add(ident)


def _languages(files: Files, folder: Path) -> dict[str, Any]:
    """Return code -> the words of a language, those that measure too, and its generated forms if any."""
    codes = [name.removeprefix(LANGUAGES) for name in files if name.startswith(LANGUAGES)]
    if missing := [code for code in codes if MEASURES + code not in files]:
        _refuse(MEASURES + missing[0], "", "missing")
    sheets = {code: files[LANGUAGES + code] | files[MEASURES + code] for code in codes}
    tables = {path.stem: path for path in sorted(folder.glob("forms/*.txt"))}
    return {
        code: {**sheet, "forms": _forms(tables[code])} if code in tables else sheet
        for code, sheet in sheets.items()
    }


def _forms(path: Path) -> dict[str, str]:
    """Read lines of "v word", then "voice: form, form" parted by tabs; "#" begins a comment.

    What stands behind the word is read when its language is first asked for.
    """
    rows = (line.partition("\t") for line in path.read_text("utf-8").splitlines() if line[:1] != "#")
    table = {}
    for word, _, forms in rows:
        if ": " not in forms:
            _refuse(f"forms/{path.stem}", word, "no forms")
        table[word] = forms
    return table


# What must hold between files


def _check_references(
    entries: Mapping[str, Entry], conflicts: Iterable[Conflict], background: Iterable[Fact]
) -> None:
    countries = {entry.id for entry in entries.values() if entry.kind == "country"}
    known = countries | {entry.id for entry in entries.values()}
    for entry in entries.values():
        where = f"gazetteer ({entry.kind})"
        _known(where, entry.id, countries, (entry.country, *entry.theatres))
        _known(where, entry.id, known, (entry.of, *entry.sponsors))
    for conflict in conflicts:
        _known("conflicts.yaml", conflict.id, countries, (conflict.theatre,))
        _known("conflicts.yaml", conflict.id, known, (party.id for party in conflict.parties))
    for number, fact in enumerate(background, 1):
        _known("background.yaml", f"entry {number}", countries, (fact.theatre,))
        _known("background.yaml", f"entry {number}", known, (fact.principal, fact.executor, fact.recipient))


def _known(where: str, entry: str, known: Collection[str], used: Iterable[str | None]) -> None:
    for ident in used:
        if ident is not None and ident not in known:
            raise KnowledgeError(f"{where}: {entry}: nothing is known of {ident!r}")
