"""Stage 3 of 6, Article -> Article: find gazetteer entries.

One Aho-Corasick automaton over folded names reads the text once; what it hits is then judged: word boundaries
with what a language writes onto a name, capitals, language, company for weak names, and the longest of what
overlaps. Leftmost-longest search of the automaton itself would lose 1.6 % of the names: a longest candidate
that fails the boundary hides a shorter one that holds.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.knowledge import Knowledge, Name, Prefixes
from pipeline.types import Article, Entity, EntityKind, Field

MAX_ENTITIES = 5_000  # of an article; contracts.md
MAX_CANDIDATES = 4 * MAX_ENTITIES  # of a field; beyond them no entity would be kept
MAX_HITS = (
    200_000  # raw hits of a field that are looked at; a text of names alone has fewer than one a letter
)
OWN_LANGUAGE = 100  # code points; the language of a shorter paragraph is a guess
AMBIGUOUS_ACRONYM = 2  # letters: in capitals "US" and "AS" are also words
CUE_REACH = 3  # words on either side of a weak name
SHOUT = 12  # letters without one in lower case: a headline in capitals
LINE = 150  # code points looked at for that
KINDS: tuple[EntityKind, ...] = (
    "country", "group", "body", "mission", "company", "government", "capital", "leader", "demonym", "place",
    "weapon",
)  # fmt: skip
RANK: Mapping[EntityKind, int] = {
    kind: rank for rank, kind in enumerate(KINDS)
}  # who wins where one is as good


def find(article: Article, knowledge: Knowledge) -> Article:
    """Set `article.entities`, title first, then by start. Entities never overlap."""
    matcher = _matcher(knowledge)
    languages = matcher.languages(article)
    fields: tuple[tuple[Field, str], ...] = (("title", article.title), ("text", article.text))
    found = [(field, text, matcher.candidates(text, languages)) for field, text in fields]
    sure = {ident for _, _, candidates in found for ident in _sure(candidates)}
    entities = [e for field, text, candidates in found for e in matcher.settle(field, text, candidates, sure)]
    return msgspec.structs.replace(article, entities=tuple(entities[:MAX_ENTITIES]))


def _matcher(knowledge: Knowledge) -> "Matcher":
    """Return the matcher of `knowledge`, built once and kept on it (0.1 s)."""
    cache = knowledge.__dict__
    if "_matcher" not in cache:
        cache["_matcher"] = Matcher(knowledge)
    matcher: Matcher = cache["_matcher"]
    return matcher


# Folding

_ALIKE = (
    *((char, "'") for char in "’‘ʼʻ´`"),
    *((char, '"') for char in "“”״"),
    *((char, " ") for char in "\u00a0\u202f\u2009"),
    *((char, "-") for char in "‑‐–"),
    *((char, "ا") for char in "أإآٱ"),
    *((char, "ي") for char in "ىیې"),
    *((char, "ه") for char in "ةەۀہ"),
    ("ک", "ك"),
    ("ё", "е"),
)
_UNWRITTEN = re.compile(
    "[\u00ad\u0301\u0640\u064b-\u065f\u0670\u05b0-\u05bd\u05bf-\u05c7\u200b-\u200f\u2060]"
)


def fold(text: str) -> str:
    """Return `text` for comparison, of the same length: lower case, one form of quotes, of alef, of ya.

    Of all characters only U+0130 would change the length when lowered.

    >>> fold("İran’ın ALEPPO")
    "iran'in aleppo"
    """
    if text.isascii():
        return text.lower()
    low = text.replace("İ", "i").lower().replace("ı", "i")
    for char, form in _ALIKE:  # 15 times as quick as str.translate
        if char in low:
            low = low.replace(char, form)
    return low


class Folded(NamedTuple):
    """A text to search: `original[i]` stands at `places[i]` of the text that was given."""

    original: str
    folded: str
    places: Sequence[int]


def _searchable(text: str) -> Folded:
    """Fold `text` without vowel signs, tatweel, stress marks and soft hyphens, and keep the places."""
    if text.isascii() or not _UNWRITTEN.search(text):
        return Folded(text, fold(text), range(len(text) + 1))
    places: list[int] = []
    start = 0
    for mark in _UNWRITTEN.finditer(text):
        places.extend(range(start, mark.start()))
        start = mark.end()
    places.extend(range(start, len(text) + 1))
    original = _UNWRITTEN.sub("", text)
    return Folded(original, fold(original), places)


# Boundaries

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u309f\u3400-\u9fff\uf900-\ufaff"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_HANGUL = "\uac00-\ud7a3"
_MARKED = "\u0300-\u036f\u0483-\u0487\u0900-\u0dff"  # scripts whose vowel signs are no letters to `isalnum`
_IS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_IS_KATAKANA = re.compile(f"[{_KATAKANA}]")
_IS_HANGUL = re.compile(f"[{_HANGUL}]")
_UNUSUAL = re.compile(f"[{_SPACELESS}{_KATAKANA}{_HANGUL}{_MARKED}]")
_WORD = re.compile(r"\w*")
_NAME_BEFORE = re.compile(r"\b([^\W\d_]+) $")
_NAME_AFTER = re.compile(r" ([^\W\d_]+)")
LONGEST_PREFIX = 4  # letters
LONGEST_SUFFIX = 8


def _in_word(char: str) -> bool:
    """Whether `char` goes on a word: letters, digits, `_`, vowel signs that `isalnum` does not know."""
    return char.isalnum() or char == "_" or (char > "\u02ff" and unicodedata.category(char)[0] == "M")


def _parts(inner: str, outer: str, after: bool) -> bool:
    """Whether a name that ends in `inner` is over where `outer` stands beside it, in any script."""
    if not _in_word(outer) or not _in_word(inner):
        return True
    if _IS_SPACELESS.match(inner):
        return not (after and unicodedata.category(outer)[0] == "M")
    if _IS_KATAKANA.match(inner):
        return not _IS_KATAKANA.match(outer)
    return after and bool(_IS_HANGUL.match(inner))  # Korean particles follow without a space


def _rest(folded: str, at: int) -> str:
    """Return what is left of the word at `at`, as far as a suffix could reach."""
    match = _WORD.match(folded, at, at + LONGEST_SUFFIX + 1)
    return match[0] if match else ""


def _word_start(folded: str, at: int) -> int:
    limit = max(0, at - LONGEST_PREFIX)
    while at > limit and _in_word(folded[at - 1]):
        at -= 1
    return at


# Names


class Alias(NamedTuple):
    """A name as it is compared: `capitals` are the offsets that must be upper case in the text."""

    name: Name
    home: str | None  # the state it belongs to
    capitals: tuple[int, ...]
    risky: bool  # an acronym that is a word in a headline in capitals
    given: bool  # also a first name of people
    plain: bool  # strong, and neither of these


class Affixes(NamedTuple):
    """What the languages of an article write onto names."""

    prefixes: tuple[Prefixes, ...]
    suffixes: frozenset[str]
    marks: frozenset[str]


class Candidate(NamedTuple):
    start: int
    end: int
    strong: tuple[Name, ...]
    weak: tuple[Name, ...]
    guard: bool = False


Hit = tuple[int, int, int]  # pattern, start, end
Languages = frozenset[str]
_IS_OPEN = re.compile(f"[{_SPACELESS}{_KATAKANA}]")  # scripts that need no space before a name
_GUARD = Name(text="", id="", kind="place", languages=frozenset(), weak=False)


def _alias(name: Name, home: str | None, first_names: frozenset[str]) -> Alias:
    letters = [i for i, char in enumerate(name.text) if char.isupper()]
    cased = sum(char.isalpha() for char in name.text)
    acronym = len(letters) == cased and 1 < cased <= 6 and " " not in name.text
    shouted = acronym or any(sum(map(str.isupper, word)) >= 3 for word in name.text.split())  # "FAMa"
    starts = [i for i in letters if i == 0 or not name.text[i - 1].isalnum()]
    risky = acronym and "." not in name.text and (cased <= AMBIGUOUS_ACRONYM or name.weak)
    given = fold(name.text) in first_names
    plain = bool(name.id) and not (name.weak or risky or given)
    return Alias(name, home, tuple(letters if shouted else starts), risky, given, plain)


def _capitals(original: str, start: int, alias: Alias) -> bool:
    return all(original[start + offset].isupper() for offset in alias.capitals)


def _parted_by_spaces(folded: str, hits: list[Hit], affixes: Affixes) -> Iterator[Hit]:
    """Give the hits that words part, the quick way: where letters and digits alone make words."""
    padded = f" {folded} "  # padded[i] stands before folded[i]
    prefixes, suffixes, _ = affixes
    for hit in hits:
        _, start, end = hit
        before, after = padded[start], padded[end + 1]
        if not prefixes and (before.isalnum() or before == "_") and padded[start + 1].isalnum():
            continue
        inside = (after.isalnum() or after == "_") and padded[end].isalnum()
        if not inside or (suffixes and _rest(folded, end) in suffixes):
            yield hit


def _parted_anywhere(folded: str, hit: Hit, affixes: Affixes) -> bool:
    _, start, end = hit
    left = start == 0 or bool(affixes.prefixes) or _parts(folded[start], folded[start - 1], after=False)
    if not left:
        return False
    right = end == len(folded) or _parts(folded[end - 1], folded[end], after=True)
    return right or _rest(folded, end) in affixes.suffixes


def _prefixed(folded: str, span: tuple[int, int], kind: EntityKind, affixes: Affixes) -> bool:
    return any(_fits(rule, folded, span, kind) for rule in affixes.prefixes)


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the line around text[start:end] is a headline in capitals."""
    left = max(text.rfind("\n", max(0, start - LINE), start) + 1, start - LINE, 0)
    right = text.find("\n", end, end + LINE)
    line = text[left : right if right >= 0 else end + LINE]
    return line.upper() == line and sum(map(str.isupper, line)) >= SHOUT


class Matcher:
    """Everything that is computed once from the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.rules = knowledge.matching
        self.first_names = frozenset(fold(name) for name in self.rules.first_names)
        self.openers = frozenset(self.rules.openers)
        self.cues = {kind: frozenset(map(fold, cues)) for kind, cues in self.rules.cues.items()}
        groups = (entry for entry in knowledge.entries.values() if entry.kind == "group")
        self.soil = {g.id: frozenset((g.country, *g.theatres)) for g in groups}
        self.patterns: dict[str, list[Alias]] = {}
        for name in knowledge.names:
            self._add(name, _home(knowledge, name))
        for phrase in self.rules.guards:
            self._add(msgspec.structs.replace(_GUARD, text=phrase), None)
        self.aliases = list(self.patterns.values())
        self.automaton = AhoCorasick(
            list(self.patterns), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        self._spoken: dict[Languages, dict[int, tuple[Alias, ...]]] = {}

    def _add(self, name: Name, home: str | None) -> None:
        folded = _searchable(name.text).folded
        alias = _alias(name, home, self.first_names)
        self.patterns.setdefault(folded, []).append(alias)
        for rule in self.rules.prefixes.values():
            for written, contracted in rule.contractions.items():
                if folded.startswith(fold(written)):
                    self.patterns.setdefault(contracted + folded[len(written) :], []).append(alias)

    def languages(self, article: Article) -> Languages:
        """Return the languages whose names may stand in `article`; none means every language."""
        code = article.language.code if article.language else "und"
        if code == "und":
            return frozenset()
        long = {p.language for p in article.paragraphs if p.end - p.start >= OWN_LANGUAGE}
        spoken = {code, *long} - {"und"}
        return frozenset(spoken.union(*(group for group in self.rules.same if spoken & set(group))))

    def _table(self, languages: Languages) -> dict[int, tuple[Alias, ...]]:
        """Return the aliases of each pattern that these languages use, as far as it was asked for."""
        if len(self._spoken) > 64:
            self._spoken.clear()  # of the combinations of paragraphs there is no end
        return self._spoken.setdefault(languages, {})

    # Candidates

    def candidates(self, text: str, languages: Languages) -> list[Candidate]:
        """Return what may be meant in `text`, by end, with offsets of `text`."""
        original, folded, places = _searchable(text)
        table = self._table(languages)
        affixes = self._affixes(languages)
        hits = self.automaton.find_matches_as_indexes(folded, overlapping=True)
        found = []
        for index, start, end in self._parted(folded, hits, affixes):
            aliases = table.get(index)
            if aliases is None:
                aliases = table[index] = _of_languages(self.aliases[index], languages)
            candidate = self._judge(original, folded, (start, end), aliases, affixes)
            if candidate:
                found.append(candidate._replace(start=places[start], end=places[end - 1] + 1))
                if len(found) == MAX_CANDIDATES:
                    break
        return found

    def _affixes(self, languages: Languages) -> Affixes:
        rules = self.rules
        prefixes = tuple(rule for code, rule in rules.prefixes.items() if not languages or code in languages)
        suffixes = frozenset(s for code in languages for s in rules.suffixes.get(code, ()))
        marks = frozenset(mark for code in languages for mark in rules.marks.get(code, ()))
        return Affixes(prefixes, suffixes, marks)

    def _parted(self, folded: str, hits: list[Hit], affixes: Affixes) -> Iterable[Hit]:
        """Give the hits that begin and end where words may; four of five raw hits do not."""
        if not folded.isascii() and _UNUSUAL.search(folded):
            return [hit for hit in hits[:MAX_HITS] if _parted_anywhere(folded, hit, affixes)]
        return _parted_by_spaces(folded, hits[:MAX_HITS], affixes)

    def _judge(
        self, original: str, folded: str, span: tuple[int, int], aliases: tuple[Alias, ...], affixes: Affixes
    ) -> Candidate | None:
        start, end = span
        held = [a for a in aliases if _capitals(original, start, a)]
        if held and affixes.prefixes and start and _in_word(folded[start - 1]) and _in_word(folded[start]):
            held = [
                a
                for a in held
                if _IS_OPEN.match(folded[start]) or _prefixed(folded, span, a.name.kind, affixes)
            ]
        if not held:
            return None
        if len(held) == 1 and held[0].plain:
            return Candidate(start, end, (held[0].name,), ())
        held = [a for a in held if not (a.risky and _shouted(original, start, end))]
        named = original[end : end + 1] in affixes.marks  # an apostrophe that only names take
        weak = [
            a.name
            for a in held
            if (a.name.weak and not named) or (a.given and self._personal(original, span))
        ]
        strong = [a.name for a in held if a.name not in weak]
        return (
            Candidate(start, end, tuple(strong), tuple(weak), any(not n.id for n in strong)) if held else None
        )

    def _personal(self, original: str, span: tuple[int, int]) -> bool:
        """Whether a capitalised word stands directly beside the name, as in a person's."""
        before = _NAME_BEFORE.search(original[max(0, span[0] - 30) : span[0]])
        after = _NAME_AFTER.match(original[span[1] : span[1] + 30])
        words = [match[1] for match in (before, after) if match]
        return any(word[0].isupper() and not word.isupper() and word not in self.openers for word in words)

    # Choice

    def settle(
        self, field: Field, text: str, candidates: list[Candidate], sure: set[str]
    ) -> Iterator[Entity]:
        """Give what is meant, longest first where names overlap, by start."""
        meant = [(c, name) for c in candidates if (name := self._meant(text, c, sure))]
        for candidate, name in _longest(meant):
            if name.id:
                yield Entity(
                    id=name.id, kind=name.kind, field=field, start=candidate.start, end=candidate.end
                )

    def _meant(self, text: str, candidate: Candidate, sure: set[str]) -> Name | None:
        if candidate.guard:
            return _GUARD
        if len(candidate.strong) == 1 and not candidate.weak:
            return candidate.strong[0]
        names = (*candidate.strong, *candidate.weak)
        known = [name for name in names if name.id in sure or self._at_home(name, sure)]
        if known and not (candidate.strong and {n.id for n in candidate.strong} & sure):
            return min(known, key=_rank)
        if candidate.strong:
            return min([n for n in candidate.strong if n.id in sure] or candidate.strong, key=_rank)
        return next((n for n in candidate.weak if self._cued(text, candidate, n.kind)), None)

    def _at_home(self, name: Name, sure: set[str]) -> bool:
        """Whether `name` is the acronym of a group that is, or fights, in a country the article names."""
        acronym = name.kind == "group" and len(name.text) > AMBIGUOUS_ACRONYM and name.text.isupper()
        return acronym and not self.soil[name.id].isdisjoint(sure)

    def _cued(self, text: str, candidate: Candidate, kind: EntityKind) -> bool:
        cues = self.cues.get(kind)
        if not cues:
            return False
        before = re.findall(r"\w+", fold(text[max(0, candidate.start - 40) : candidate.start]))[-CUE_REACH:]
        after = re.findall(r"\w+", fold(text[candidate.end : candidate.end + 40]))[:CUE_REACH]
        return not cues.isdisjoint([*before, *after])


def _home(knowledge: Knowledge, name: Name) -> str | None:
    if len(name.id) == 2:
        return name.id
    entry = knowledge.entry(name.kind, name.id)
    return entry.country if entry else None


def _of_languages(aliases: Iterable[Alias], languages: Languages) -> tuple[Alias, ...]:
    """Return the aliases in use, one for each state.

    What a language says of a name beats what is said for all of them, and of several things of one state
    that bear one name the first of `RANK` is meant: the CIA is the service, not the government.
    """
    used = [a for a in aliases if not a.name.languages or not languages or a.name.languages & languages]
    special = {a.name.id for a in used if a.name.languages} if languages else set()
    used = [a for a in used if a.name.languages or a.name.id not in special or not a.name.id]
    used.sort(key=lambda alias: (alias.name.weak, _rank(alias.name)))
    return tuple(a for i, a in enumerate(used) if not any(_covers(better, a) for better in used[:i]))


def _covers(better: Alias, alias: Alias) -> bool:
    """Whether `better` is read wherever `alias` would be."""
    same = better.home is not None and better.home == alias.home
    return same and better.name.weak <= alias.name.weak and set(better.capitals) <= set(alias.capitals)


def _fits(rule: Prefixes, folded: str, span: tuple[int, int], kind: EntityKind) -> bool:
    start, end = span
    first = _word_start(folded, start)
    prefix, word = folded[first:start], folded[first:end]
    known = prefix in rule.letters or prefix in rule.kinds.get(kind, ())
    return known and end - start >= rule.least and word not in rule.stop


def _rank(name: Name) -> int:
    return RANK[name.kind]


def _sure(candidates: list[Candidate]) -> set[str]:
    """Return the ids that some strong name of one meaning stands for, outside of longer names."""
    single = [(c, _GUARD if c.guard else c.strong[0]) for c in candidates if c.guard or _unambiguous(c)]
    return {name.id for _, name in _longest(single)} - {""}


def _unambiguous(candidate: Candidate) -> bool:
    strong, weak = candidate.strong, candidate.weak
    return bool(strong) and ((len(strong) == 1 and not weak) or len({n.id for n in (*strong, *weak)}) == 1)


def _longest(meant: list[tuple[Candidate, Name]]) -> list[tuple[Candidate, Name]]:
    """Drop what overlaps something longer. Linear after one sort."""
    kept: list[tuple[Candidate, Name]] = []
    for pair in sorted(meant, key=lambda pair: (pair[0].start, -pair[0].end)):
        if not kept or pair[0].start >= kept[-1][0].end:
            kept.append(pair)
        elif _length(pair[0]) > _length(kept[-1][0]):
            kept[-1] = pair
    return kept


def _length(candidate: Candidate) -> int:
    return candidate.end - candidate.start
