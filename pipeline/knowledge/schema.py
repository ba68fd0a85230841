"""The shapes of the knowledge files, and of all of them together."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct

from pipeline.types import EntityKind, Epistemic, InvolvementType, MadeBy


class Sheet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what stands in a file: an unknown field is an error."""


class Involvement(Sheet, frozen=True, kw_only=True):
    """One of the fifteen types."""

    label: Mapping[str, str]  # language of the mail -> words
    letter: str  # UCDP External Support category
    cameo: str
    window_days: int  # silence after which a key is reactivated
    at_once: Literal["always", "signed", "never"]
    source: str


class Party(Sheet, frozen=True, kw_only=True):
    id: str  # alpha-2, group or body
    side: str | None = None  # parties with the same letter fight together
    start: date | None = None  # belligerent from this day; None: from the war's start
    end: date | None = None


class Conflict(Sheet, frozen=True, kw_only=True):
    id: str
    name: str
    theatre: str  # alpha-2
    start: date
    end: date | None = None
    parties: tuple[Party, ...]
    source: str


class Fact(Sheet, frozen=True, kw_only=True):
    """An involvement that everyone knows: background.yaml."""

    theatre: str  # alpha-2
    principal: str
    type: InvolvementType
    recipient: str | None = None
    executor: str | None = None
    since: int  # year
    until: int | None = None  # year; it is over after it
    epistemic: Epistemic = "found"
    disputed: bool = False  # supporter or recipient deny it
    source: str


class Entry(Sheet, frozen=True, kw_only=True):
    """One thing of the gazetteer.

    Countries, demonyms, capitals, governments and places have the country's code as id: one entry for each
    kind and country, with the names of all its places. Only `names` and `weak` are looked for in texts.
    """

    id: str
    kind: EntityKind
    name: str  # the common short English name, shown to people
    names: Mapping[str, tuple[str, ...]] = {}  # language code, or `any`, -> strong aliases
    weak: Mapping[str, tuple[str, ...]] = {}  # aliases that are also common words: need a capital and company
    country: str | None = (
        None  # home (group, company), seat (leader's state), state (place, mission's theatre)
    )
    of: str | None = None  # leader -> the state or group spoken for; mission -> body; weapon -> class
    sponsors: tuple[str, ...] = ()
    theatres: tuple[str, ...] = ()  # where a group fights
    members: tuple[str, ...] = ()  # body -> the states that its missions are made of, where no others join
    nature: str | None = None  # groups: rebel, government, militia, pmc, jihadist, party, army, service
    start: date | None = None
    end: date | None = None
    source: str


class Prefixes(Sheet, frozen=True, kw_only=True):
    """Letters that a language writes onto the front of a name."""

    letters: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]] = {}  # entity kind -> further prefixes (the Arabic article)
    contractions: Mapping[str, str] = {}  # beginning of a name -> how preposition and beginning are written
    least: int  # letters a name must have
    stop: tuple[str, ...] = ()  # words that only look like prefix and name


class Matching(Sheet, frozen=True, kw_only=True):
    """How names sit in running text: gazetteer/matching.yaml."""

    source: str
    same: tuple[tuple[str, ...], ...] = ()  # languages that read each other's names
    prefixes: Mapping[str, Prefixes] = {}
    suffixes: Mapping[str, tuple[str, ...]] = {}  # language -> what may hang on the end of a name
    marks: Mapping[str, tuple[str, ...]] = {}  # language -> signs that follow nothing but a proper name
    cues: Mapping[str, tuple[str, ...]] = {}  # entity kind -> words beside a weak name that settle it
    guards: tuple[str, ...] = ()  # phrases in which a name does not name ("Washington Post")
    first_names: tuple[str, ...] = ()  # names of countries and cities that people bear too
    openers: tuple[str, ...] = ()  # capitalised words that are no part of a person's name


class Weights(Sheet, frozen=True, kw_only=True, dict=True):
    """What claims are weighed by (likelihood, siting, credence): weights.yaml, made by `make weights`.

    A tree is a tuple of nodes, the root first: (trait, most, left, right) goes to the node `left` where the
    trait is at most `most`, else to `right`; a number is a leaf.
    """

    source: str  # what they were learned from, and by what
    least: float  # likelihood from which a claim of the frames stays one
    fresh: float  # likelihood from which a pair that the frames did not bind is a claim
    bias: float
    marks: Mapping[str, float]  # mark -> logits
    base: float
    trees: tuple[tuple[tuple[str, float, int, int] | float, ...], ...] = ()  # none: nothing is weighed
    typed: Mapping[str, Mapping[str, float]] = {}  # type -> mark -> what it adds there
    sited: Mapping[str, float] = {}  # mark of a land that could be a claim's theatre -> logits
    credence: Mapping[str, Mapping[str, float]] = {}  # confirmed, asserted, alleged -> mark -> logits

    def of_type(self, type_: str) -> Mapping[str, float]:
        """Return what each mark weighs where the cue tells of a type."""
        return self._summed.get(type_, self.marks)

    @cached_property
    def _summed(self) -> Mapping[str, Mapping[str, float]]:
        return {
            type_: {**self.marks, **{mark: self.marks.get(mark, 0.0) + more for mark, more in own.items()}}
            for type_, own in self.typed.items()
        }

    @cached_property
    def grown(self) -> tuple[Any, ...]:
        """Return the trees with their nodes in each other: (trait, most, left, right), or a number."""
        return tuple(_grown(tree, 0) for tree in self.trees)


def _grown(tree: tuple[tuple[str, float, int, int] | float, ...], n: int) -> Any:
    node = tree[n]
    if not isinstance(node, tuple):
        return node
    name, most, left, right = node
    return name, most, _grown(tree, left), _grown(tree, right)


class Name(Struct, frozen=True, kw_only=True):
    """One string to look for."""

    text: str
    id: str
    kind: EntityKind
    languages: frozenset[str]  # empty: any
    weak: bool


class Knowledge(Struct, frozen=True, kw_only=True, dict=True):
    made_by: MadeBy
    involvements: Mapping[InvolvementType, Involvement]
    conflicts: tuple[Conflict, ...]
    entries: Mapping[str, Entry]  # by kind:id
    names: tuple[Name, ...]
    families: Mapping[str, str]  # source -> family
    wires: Mapping[str, tuple[str, ...]]  # agency -> how it is credited
    frames: Mapping[str, Any] = {}  # act -> thing -> type, see frames.yaml
    weights: Weights | None = None  # None: nothing is weighed
    languages: Mapping[str, Any]  # code -> the language's file, as pipeline/claims reads it
    matching: Matching = Matching(source="none")
    background: tuple[Fact, ...] = ()  # what everyone knows

    def entry(self, kind: EntityKind, ident: str) -> Entry | None:
        """Return what is known of `ident` as a `kind`: `entry("country", "LY")`, `entry("group", "lna")`."""
        return self.entries.get(f"{kind}:{ident}")

    @cached_property
    def countries(self) -> frozenset[str]:
        """Return every alpha-2 code there is."""
        return frozenset(entry.id for entry in self.entries.values() if entry.kind == "country")
