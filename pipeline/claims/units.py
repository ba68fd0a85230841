"""A sentence as a row of typed units: mentions, things, acts, relators, cues and plain words.

Units do not overlap and keep their code-point offsets in the field they stand in. A unit may have several
readings (English "support" is an act and a noun); `parsing` chooses between them by the neighbours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from pipeline.claims.vocabulary import CLITICS, WORD, Tag, Vocabulary, fold, shape_of, unmarked
from pipeline.types import Entity

MAX_CHARS: Final = 800  # a longer sentence is read in windows of this many characters
NUMBER: Final = re.compile(r"\d[\d.,]*")
DIVIDING: Final = frozenset(";:—–")
GEAR: Final = ("weapon", "military_aid", "materiel")
GIVEN: Final = (*GEAR, "money", "sum", "intel")  # what a side can be given
PEOPLED: Final = frozenset({"troops", "fighter", "people"})
NOUNS: Final = frozenset({"thing", "role", "deed", "backer"})
STATES: Final = frozenset({"country", "demonym", "capital", "government"})


@dataclass(slots=True, eq=False)
class Unit:
    """One piece of a sentence: text[start:end] of its field."""

    start: int
    end: int
    text: str
    low: str
    tags: dict[str, tuple[Tag, ...]] = field(default_factory=dict)
    entity: Entity | None = None
    glued: bool = False  # a hyphen joins it to the unit before
    verb: bool = False  # read as a verb
    clause: int = 0
    at: int = 0  # position in its sentence
    nationality: list["Unit"] = field(default_factory=list)  # mentions that say whose this is
    listed: bool = False  # its nationalities are a list: "the soldiers of Chad and Niger"
    maker: bool = False  # its nationality only says who made it
    made: bool = False  # a mention that only says who made something
    head: "Unit | None" = None  # the thing or role that this mention belongs to
    case: str = ""  # a relator in the shape of an ending: "to", "in", "from", "of", "with"
    speaking: bool = False  # part of who speaks, no actor of the clause
    used: bool = False
    ways: frozenset[str] | None = None  # the relators that govern it, once somebody asked
    shape: frozenset[str] = frozenset()  # what its ending tells: adverb, plural, participle, owned
    aside: int = 0  # which parenthesis it stands in: "(…)", ", which …,"

    def has(self, kind: str, value: str | None = None) -> bool:
        tags = self.tags.get(kind)
        if not tags:
            return False
        if value is None or tags[0].value == value:
            return True
        return len(tags) > 1 and any(t.value == value for t in tags)

    def value(self, kind: str) -> str:
        """Return the first value of a tag kind, "" for none."""
        tags = self.tags.get(kind)
        return tags[0].value if tags else ""

    def values(self, kind: str) -> tuple[str, ...]:
        tags = self.tags.get(kind)
        if not tags:
            return ()
        return (tags[0].value,) if len(tags) == 1 else tuple(t.value for t in tags)

    def voice(self, kind: str = "act") -> str:
        tags = self.tags.get(kind)
        return tags[0].voice if tags else ""

    def of_kind(self, *kinds: str) -> bool:
        """Say whether the unit is a mention of one of these kinds."""
        return self.entity is not None and self.entity.kind in kinds

    def shaped(self, shape: str) -> bool:
        return shape in self.shape

    @property
    def finite(self) -> bool:
        return all(t.finite for t in self.tags.get("act", ()))

    @property
    def actor(self) -> bool:
        """A mention that can act: a state, a body, a group, a leader, a company, a mission."""
        return self.entity is not None and self.entity.kind not in ("weapon", "place")

    @property
    def where(self) -> bool:
        """A mention that can be a place."""
        return self.of_kind("country", "capital", "place", "demonym")

    @property
    def punct(self) -> bool:
        return not self.tags and self.entity is None and not self.low[:1].isalnum()

    @property
    def noun(self) -> bool:
        return not self.verb and not NOUNS.isdisjoint(self.tags)


@dataclass(eq=False)
class Sentence:
    """Units of one sentence. `index` counts the sentences of the field, `lead` marks title and lead."""

    field: str
    start: int
    end: int
    units: list[Unit]
    index: int
    paragraph: int
    lead: bool = False

    @cached_property
    def modal(self) -> dict[int, frozenset[str]]:
        """Keep the modality of its acts, by their place, once somebody asked."""
        return {}

    @cached_property
    def sided(self) -> bool:
        """Say whether some side of a war is told, by whatever name."""
        return any(u.has("role", "side") for u in self.units)


def cut(text: str, start: int, end: int, entities: Sequence[Entity], vocabulary: Vocabulary) -> list[Unit]:
    """Return the bare units of text[start:end]; `entities` are those inside, in order."""
    tokens = _cut(text, _tokens(text, start, end), entities, vocabulary)
    units: list[Unit] = []
    low = [t.low for t in tokens]
    starts = {e.start: e for e in entities}
    i = 0
    while i < len(tokens):
        entity = starts.get(tokens[i].start)
        length = _covered(tokens, i, entity) if entity else 0
        n, tags = vocabulary.find(low, i)
        if not n and not entity and (stem := vocabulary.bare(low[i])):
            n, tags = 1, (*vocabulary.phrases[(stem,)], Tag("pron", "own"))
        if n > 1 and not entity and _cuts_a_name(tokens, i, n, starts, any(t.kind == "act" for t in tags)):
            tags = vocabulary.phrases.get((low[i],), ())  # "el Reino Unido" is no "el reino"
            n = 1 if tags else 0
        if n > 1 and units and units[-1].has("aux", "have") and not any(t.kind == "act" for t in tags):
            verb = vocabulary.phrases.get((low[i],), ())
            if any(t.kind == "act" for t in verb):
                n, tags = 1, verb  # "has hired fighters" is no "hired fighters"
        if (
            entity
            and entity.kind == "weapon"
            and 0 < n < length
            and any(t.kind in ("deed", "act") for t in tags)
        ):
            entity = None  # "arms shipment" is a deed and its thing
        if entity and length >= n:
            own = tuple(t for t in tags if t.kind != "pron") if n == length else ()  # "US" is no "us"
            inside = _inside(vocabulary, low, i, length)
            if any(t.kind == "thing" for t in own):
                inside = tuple(t for t in inside if t.kind != "thing")  # "camions militaires" are no soldiers
            units.append(_merge(text, tokens[i : i + length], (*inside, *own), entity))
            i += length
            if vocabulary.endings and entity.kind not in ("demonym", "weapon"):
                units[-1].case = vocabulary.case_of(units[-1].low)
            i += _case(tokens, i, units[-1], vocabulary)
        elif n:
            units.append(_merge(text, tokens[i : i + n], tags, None))
            i += n
            i += _case(tokens, i, units[-1], vocabulary)
        else:
            units.append(tokens[i])
            i += 1
    for unit in units:
        unit.shape = shape_of(unit.low, vocabulary.shapes)
    return units


def _cuts_a_name(tokens: list[Unit], i: int, n: int, starts: Mapping[int, Entity], act: bool) -> bool:
    """Say whether a phrase of `n` words ends inside a mention; the name of goods may be cut by an `act`."""
    last = tokens[min(i + n, len(tokens)) - 1].end
    inside = [e for t in tokens[i + 1 : i + n] if (e := starts.get(t.start)) is not None]
    return any(e.end > last and not (act and e.kind == "weapon") for e in inside)


def _tokens(text: str, start: int, end: int) -> list[Unit]:
    out: list[Unit] = []
    hyphen = False
    folded = fold(text[start:end])
    for m in WORD.finditer(text, start, end):
        a, b = m.span()
        word = m.group()
        if word == "-" and a > 0 and b < len(text) and text[a - 1].isalnum() and text[b].isalnum():
            hyphen = True
            continue
        if (
            word in "'’"
            and out
            and out[-1].end == a
            and fold(text[b : b + 2]).startswith("s")
            and not (text[b + 1 : b + 2].isalnum())
        ):
            out.append(Unit(a, b + 1, text[a : b + 1], "'s", {"poss": (Tag("poss", ""),)}))
            continue
        if out and out[-1].low == "'s" and a < out[-1].end:
            continue
        out.append(Unit(a, b, word, unmarked(folded[a - start : b - start]), glued=hyphen))
        hyphen = False
    return out


def _inside(vocabulary: Vocabulary, low: list[str], i: int, length: int) -> tuple[Tag, ...]:
    """Return what a mention's own words say of it: "Pakar PBB" are experts, "tentara Wagner" soldiers."""
    tags: list[Tag] = []
    for j in range(i, i + length):
        n, found = vocabulary.find(low, j)
        if 0 < n <= i + length - j:
            kinds = ("speaker", "telling", "thing") if n < length else ("speaker", "telling")
            tags += [t for t in found if t.kind in kinds]
    return tuple(tags)


def _cut(text: str, tokens: list[Unit], entities: Sequence[Entity], vocabulary: Vocabulary) -> list[Unit]:
    """Cut tokens where a mention begins inside one, and clitics from the words they are written on."""
    starts = {e.start for e in entities}
    inner = _inner(tokens, starts)
    if not vocabulary.prefixes and not inner:
        return tokens
    out: list[Unit] = []
    for token in tokens:
        cut = inner.get(token.start)
        if cut is not None:
            out += _heads(text, token.start, cut, vocabulary.prefixes)
            out.append(Unit(cut, token.end, text[cut : token.end], ""))
            out[-1].low = fold(out[-1].text)
        elif token.start in starts or not vocabulary.prefixes:
            out.append(token)
        else:
            out += _clitics(text, token, vocabulary)
    return out


def _heads(text: str, start: int, end: int, prefixes: tuple[str, ...]) -> list[Unit]:
    """Return what is written before a name, clitic by clitic: "ولإيران" is "and", "to" and the name."""
    head = text[start:end]
    if len(head) == 1 or any(letter not in prefixes for letter in head):
        return [Unit(start, end, head, fold(head))]
    return [Unit(start + n, start + n + 1, letter, letter) for n, letter in enumerate(head)]


def _inner(tokens: list[Unit], starts: set[int]) -> dict[int, int]:
    """Return token start -> mention start for mentions that begin inside a token."""
    inside = starts - {token.start for token in tokens}
    if not inside:
        return {}
    return {t.start: at for t in tokens for at in inside if t.start < at < min(t.end, t.start + 6)}


def _clitics(text: str, token: Unit, vocabulary: Vocabulary) -> list[Unit]:
    out: list[Unit] = []
    for _ in range(CLITICS):
        length, form = vocabulary.parts(token.low)
        if form is not None:
            token.low = form
        if not length:
            break
        cut = token.start + length
        out.append(Unit(token.start, cut, text[token.start : cut], token.low[:length]))
        token = Unit(cut, token.end, text[cut : token.end], token.low[length:])
    return [*out, token]


def _case(tokens: list[Unit], i: int, unit: Unit, vocabulary: Vocabulary) -> int:
    """Read a case ending behind an apostrophe ("Libya'ya"); return how many tokens it takes."""
    if vocabulary.cases and unit.entity is not None and unit.entity.end < unit.end:
        unit.case = vocabulary.cases.get(unit.low[unit.entity.end - unit.start :], "")  # "Husilere"
        if unit.case == "acc" and unit.entity.kind == "weapon":
            unit.case = ""  # "İran füzeleri": as much whose it is as what is sent
    if vocabulary.cases and i + 1 < len(tokens) and tokens[i].low in "'’" and tokens[i].start == unit.end:
        case = vocabulary.cases.get(tokens[i + 1].low)
        if case is not None and tokens[i + 1].start == tokens[i].end:
            unit.case = case
            return 2
    return 0


def _covered(tokens: list[Unit], i: int, entity: Entity) -> int:
    n = 0
    while i + n < len(tokens) and tokens[i + n].start < entity.end:
        n += 1
    return n


@lru_cache(maxsize=1 << 14)
def _by_kind(tags: tuple[Tag, ...]) -> Mapping[str, tuple[Tag, ...]]:
    """Return the tags of a phrase by their kind; few phrases make up most texts."""
    kinds: dict[str, tuple[Tag, ...]] = {}
    for tag in dict.fromkeys(tags):
        kinds[tag.kind] = (*kinds.get(tag.kind, ()), tag)
    return kinds


def _merge(text: str, tokens: list[Unit], tags: tuple[Tag, ...], entity: Entity | None) -> Unit:
    kinds = dict(_by_kind(tags))
    start, end = tokens[0].start, tokens[-1].end
    if entity:
        end = max(end, entity.end)
        if entity.kind == "weapon":  # "pengangkut personel lapis baja" are no people
            things = tuple(t for t in kinds.get("thing", ()) if t.value not in PEOPLED)
            if not {t.value for t in things} - {"plane"}:
                things = (Tag("thing", "weapon", "noun"),)
            kinds["thing"] = things
        elif entity.kind == "body":
            kinds.pop("thing", None)  # "Afrika Birliği" is no "birlik"
        elif entity.kind == "mission":
            kinds["thing"] = (Tag("thing", "peacekeeper", "noun"),)
    cases = kinds.pop("case", ())
    low = " ".join(t.low for t in tokens)
    unit = Unit(start, end, text[start:end], low, kinds, entity, tokens[0].glued)
    if len(cases) == 1:
        unit.case = cases[0].value
    if entity and entity.kind in ("group", "company", "body", "government") and "thing" in kinds:
        unit.nationality.append(unit)  # "tentara bayaran Wagner" says itself whose it is
    return unit
