"""The words of one language, compiled from its YAML file into a table of phrases.

A phrase is a tuple of folded words; it carries tags such as `act:transfer` or `mod:planned`, each with the
voice of that form: `act` (the subject does it), `pass` (the subject undergoes it), `both` (one form serves
both, as English past forms do), `part` (a participle, passive without "have") and `noun`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

Words = tuple[str, ...]
MARKS = (
    "\u064b-\u0652\u0670\u0640\u0301"  # Arabic vowel signs and tatweel, the Russian stress: written or not
)
WORD = re.compile(
    r"(?<!\w)(?:[cdjlmnstCDJLMNST]|(?:[Jj]us|[Ll]ors|[Pp]uis|quel)?[Qq]u)['’](?=\w|\Z)|\w+n['’]t\b|aujourd['’]hui"
    rf"|[\w{MARKS}]+|[^\w\s]"
)
PLAIN = re.compile(r"\w+")  # finds words in a fifth of the time; elisions and hyphens fall apart
LEADING = ("to", "in", "for", "from", "against")  # relators that may end a verb: "pour into", "fight for"
BARE = 3  # letters; a shorter word would be another one without its accent: "à", "été"
CLITICS = 3  # so many may be written onto one word
PARTICLES = frozenset({"rel", "mod", "bound", "aux", "pron", "conj", "condition", "det"})


class Tag(NamedTuple):
    """What a phrase can be."""

    kind: str  # act, deed, thing, role, speaker, voice, mod, rel, …
    value: str
    voice: str = ""
    finite: bool = True


Phrases = dict[Words, tuple[Tag, ...]]
UNWRITTEN = re.compile(f"[{MARKS}]")
MIXED, ALIKE = "ёأإآٱىةئؤ’‘،؛", "еاااايهيو'',;"
FOLDED = str.maketrans(MIXED, ALIKE)
TO_FOLD = re.compile(f"[{MIXED}]")


def fold(text: str) -> str:
    """Lower-case `text` without changing its length.

    Curly apostrophes become straight ones, ё е, the Arabic letters that writers mix up one, its comma ours.
    """
    text = text.replace("İ", "i").lower()
    if text.isascii():
        return text
    text = text.replace("ı", "i")
    return text.translate(FOLDED) if TO_FOLD.search(text) else text


def unmarked(word: str) -> str:
    """Return a folded word without the signs that writers may leave out."""
    return word if word.isascii() else UNWRITTEN.sub("", word)


Shapes = tuple[tuple[str, tuple[str, ...], tuple[str, ...], frozenset[str]], ...]


@lru_cache(maxsize=1 << 16)
def shape_of(word: str, shapes: Shapes) -> frozenset[str]:
    """Return what the ending of a folded word, or the word itself, tells of it."""
    return frozenset(
        name
        for name, endings, unlike, whole in shapes
        if word in whole or (word.endswith(endings) and not word.endswith(unlike))
    )


def words(text: str) -> Words:
    """Split a phrase as articles are split; hyphens inside words vanish."""
    folded = fold(text)
    if folded.replace(" ", "").isalnum():
        return tuple(folded.split())  # as the pattern would, in a fifth of the time
    return tuple(unmarked(w) for w in WORD.findall(folded) if w != "-")


def expand(text: str) -> Iterator[str]:
    """Yield the phrases that an entry with alternatives stands for.

    >>> list(expand("(who|that) (asked|)"))
    ['who asked', 'who', 'that asked', 'that']
    """
    if "(" not in text:
        yield text
        return
    parts = [part.split("|") for part in re.split(r"[()]", text)]
    for choice in product(*parts):
        yield "".join(choice).strip()


def _shapes(
    sheet: Mapping[str, Iterable[str]],
) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...], frozenset[str]]]:
    """Read "-s" as an ending, "!-ss" as one that only looks like it, anything else as a whole word."""
    for name, entries in sheet.items():
        endings = tuple(e[1:] for e in entries if e.startswith("-"))
        unlike = tuple(e[2:] for e in entries if e.startswith("!-"))
        yield name, endings, unlike, frozenset(e for e in entries if e[0] not in "-!")


PREDICATES = ("backer", "deed", "thing", "role", "pron", "case")  # what a noun with a copula may be


class Vocabulary:
    """All phrases of a language. `find(words, i)` gives the longest one that starts at word i."""

    def __init__(self, sheet: Mapping[str, Any], phrases: Phrases | None = None) -> None:
        """Compile a language's sheet; `phrases` are those of an earlier time, as `shelf` keeps them."""
        self.sheet = sheet
        self.adjective: str = sheet["adjective"]  # where a nationality stands: before, after or both
        self.order: str = sheet.get("order", "svo")
        self.prefixes: tuple[str, ...] = tuple(sheet.get("prefixes", ()))  # clitics written on the next word
        self.joining = frozenset(sheet.get("joining", ()))  # those of them that are written on any word
        self.article: tuple[str, ...] = tuple(sheet.get("article", ()))  # written on the noun
        self.shapes: Shapes = tuple(_shapes(sheet.get("shapes", {})))
        self.clitics: tuple[str, ...] = tuple(sheet.get("clitics", ()))
        self.copula: tuple[str, ...] = tuple(sheet.get("copula", ()))  # "is", written onto the noun
        self.personal = frozenset(sheet.get("personal", ()))  # prepositions that mark people as objects
        self.proper = frozenset(sheet.get("proper", ()))  # names that look like a word of ours once folded
        self.excepting = frozenset(map(fold, sheet.get("excepting", ())))  # "only" behind a negation
        self.tongues = frozenset(sheet.get("tongues", ()))  # words that make a nationality a language
        self._read_cases(sheet)
        self._read_verbs(sheet)
        self._read_measures(sheet)
        self.phrases: Phrases = phrases or {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._opening: frozenset[str] = frozenset()  # words that only open phrases, and can be parted
        if not phrases:
            self._compile(sheet)
        self._measure()
        self._opening = self._parted_openers()
        self._opened: dict[Callable[[Tag], bool], dict[str, list[Words]]] = {}  # by one of few tests

    def _read_cases(self, sheet: Mapping[str, Any]) -> None:
        """Keep the endings of names and nouns, and what they stand for."""
        self.cases: dict[str, str] = {  # suffix behind an apostrophe -> relator
            suffix: relator for relator, suffixes in sheet.get("cases", {}).items() for suffix in suffixes
        }
        self.endings: dict[str, str] = {  # ending of a name -> the relator it stands for
            ending: relator for relator, endings in sheet.get("endings", {}).items() for ending in endings
        }
        self.fused: Mapping[str, str] = sheet.get("fused", {})  # preposition and article in one -> relator
        self.heads: dict[str, str] = {  # the first word of a name -> its case
            word: relator.strip("-") for relator, heads in sheet.get("heads", {}).items() for word in heads
        }
        self.peoples: dict[str, str] = {  # the same of nouns for the people of a land
            ending: relator for relator, endings in sheet.get("peoples", {}).items() for ending in endings
        }
        self.nominative = tuple(sheet.get("nominative", ()))  # endings of adjectives in the nominative
        self.plural_genitive = tuple(sheet.get("plural_genitive", ()))  # the same in the genitive plural
        self.infinitive = tuple(sheet.get("infinitive", ()))  # endings of infinitives
        self.undeclined = frozenset(map(fold, sheet.get("undeclined", ())))
        self.nominal = tuple(sheet.get("nominal", ()))  # what only nouns end with
        self.genitive = tuple(sheet.get("genitive", ()))  # what a noun read as "to" may also be

    def _read_verbs(self, sheet: Mapping[str, Any]) -> None:
        """Keep what tells the tenses of verbs apart."""
        self.emphatic = frozenset(sheet.get("emphatic", ()))  # doubt before an imperfect, no other
        self.imperfect = tuple(sheet.get("imperfect", ()))  # what imperfects begin with
        self.perfect = tuple(sheet.get("perfect", ()))  # what no imperfect ends with
        self.perfects = frozenset(map(fold, sheet.get("perfects", ())))  # that begin as imperfects do

    def _read_measures(self, sheet: Mapping[str, Any]) -> None:
        """Keep the words for numbers, units and money."""
        self.numbers: dict[Words, tuple[int, int]] = {
            words(k): (v[0], v[1]) for k, v in sheet["numbers"].items()
        }
        self.magnitudes: Mapping[str, int] = sheet["magnitudes"]
        self.thousands: str = sheet["thousands"]
        self.currencies: dict[str, str] = {fold(str(k)): v for k, v in sheet["currencies"].items()}
        self.units: dict[str, str] = {w: unit for unit, ws in sheet["units"].items() for w in ws}

    def find(self, low: list[str], i: int) -> tuple[int, tuple[Tag, ...]]:
        """Return (number of words, tags) of the longest phrase at word `i`; (0, ()) for none."""
        for n in self._lengths.get(low[i], ()):
            tags = self.phrases.get(tuple(low[i : i + n]))
            if tags:
                return n, tags
            if n > 1 and self.clitics and len(low) >= i + n:
                tags = self._owned(tuple(low[i : i + n]))
                if tags:
                    return n, tags
        return self._predicate(low, i) if self.copula and low[i].endswith(self.copula) else (0, ())

    def _predicate(self, low: list[str], i: int) -> tuple[int, tuple[Tag, ...]]:
        """Return the tags of a noun that "is" is written onto: "destekçisidir"."""
        stem = next(low[i][: -len(c)] for c in self.copula if low[i].endswith(c))
        tags = self.phrases.get((stem,), ())
        nouns = tuple(t for t in tags if t.kind in PREDICATES)
        return (1, (*nouns, Tag("predicate", ""))) if nouns else (0, ())

    def _owned(self, key: Words) -> tuple[Tag, ...]:
        """Return the tags of a phrase whose last word bears a clitic: "misi pelatihannya"."""
        for clitic in self.clitics:
            if key[-1].endswith(clitic):
                tags = self.phrases.get((*key[:-1], key[-1][: -len(clitic)]))
                if tags:
                    return (*tags, Tag("pron", "own"))
        return ()

    @property
    def parted_words(self) -> bool:
        """Whether words are written onto each other, so that a look at them is no reading."""
        return bool(self.prefixes or self.article)

    def may_hold(self, found: set[str], test: Callable[[Tag], bool]) -> bool:
        """Say whether folded words, found by `PLAIN`, may hold a phrase with such a tag; False is certain."""
        index = self._opened.get(test)
        if index is None:
            index = self._opened[test] = defaultdict(list)
            for key, tags in self.phrases.items():
                if any(map(test, tags)):
                    first, *rest = PLAIN.findall(" ".join(key))
                    index[first].append(tuple(rest))
        if self.clitics:
            found = found | {stem for word in found if (stem := self.bare(word))}
        return any(found.issuperset(rest) for word in found & index.keys() for rest in index[word])

    def known(self, word: str) -> str | None:
        """Return `word`, or `word` without the article written on it, where a phrase begins with it."""
        for form in (
            word,
            *(word[len(a) :] for a in self.article if word.startswith(a) and len(word) > len(a) + 2),
        ):
            if form in self._lengths and form not in self._opening:
                return form
        return None

    def parts(self, word: str) -> tuple[int, str | None]:
        """Return the length of a clitic in front of `word`, and the known word behind it.

        (0, known form) for a word as it stands; (0, None) for an unknown one.
        """
        if (form := self.known(word)) is not None:
            return 0, form
        for prefix in self.prefixes:
            if (
                word.startswith(prefix)
                and len(word) - len(prefix) >= 3
                and self.parts(word[len(prefix) :]) != (0, None)
            ):
                return len(prefix), None
        if word[:1] in self.joining and self._is_particle(word[1:]):
            return 1, None
        return 0, None

    def _is_particle(self, word: str) -> bool:
        """Say whether a word is a preposition, a negation or the like, which may be of two letters."""
        tags = self.phrases.get((word,), ())
        return bool(tags) and all(tag.kind in PARTICLES for tag in tags)

    def parted(self, word: str) -> Words:
        """Return a folded word as the reader parts it from what is written onto it: "للتعاون"."""
        out: list[str] = []
        for _ in range(CLITICS):
            length, form = self.parts(word)
            word = form or word
            if not length:
                break
            out, word = [*out, word[:length]], word[length:]
        return (*out, self.known(word) or word)

    def bare(self, word: str) -> str | None:
        """Return `word` without a clitic of the language, where what is left is known."""
        for clitic in self.clitics:
            if word.endswith(clitic) and len(word) - len(clitic) >= 3:
                stem = word[: -len(clitic)]
                if (stem,) in self.phrases:
                    return stem
        return None

    def case_of(self, name: str) -> str:
        """Return the relator that the ending of a folded name stands for, "" for none."""
        first, *_, last = words = [*name.split(), ""]
        last = words[-2]
        if first != last and first in self.heads:
            return self.heads[first]  # "Силам быстрой поддержки": the first word is bent
        if not self.endings or last in self.undeclined:
            return ""
        tails = (last[at:] for at in range(len(last)))  # the longest first
        return next((self.endings[tail] for tail in tails if tail in self.endings), "")

    def _compile(self, sheet: Mapping[str, Any]) -> None:
        found: dict[Words, list[Tag]] = {}
        for text, tag in _entries(sheet):
            for form in expand(text) if "(" in text else (text,):
                if (tags := found.get(key := words(form))) is None:
                    found[key] = [tag]
                elif tag not in tags:
                    tags.append(tag)
        found.pop((), None)
        for key, tags in found.items():
            if len(key) > 1 and any(tag.kind == "act" for tag in tags):
                tags += [
                    t
                    for n in (2, 1)
                    for t in found.get(key[-n:], ())
                    if t.kind == "rel" and t.value in LEADING
                ][:1]
        if sheet.get("bare_capitals"):
            found |= {bare: tags for key, tags in found.items() if (bare := _bare(key)) not in found}
        for word in sheet.get("homographs", ()):  # everyday words that a form of a verb looks like
            key = words(word)
            found[key] = [t for t in found.get(key, ()) if t.kind not in ("act", "voice", "mood")]
        self.phrases = {key: tuple(tags) for key, tags in found.items() if tags}
        if self.prefixes:
            self._measure()
            self._opening = self._parted_openers()
            self._part()

    def _parted_openers(self) -> frozenset[str]:
        """Return the words that a phrase begins with, and that are a clitic and a known word: "بدعم من"."""
        opening = [word for word, ns in self._lengths.items() if 1 not in ns]
        return frozenset(
            word
            for word in opening
            for p in self.prefixes
            if word.startswith(p) and len(word) - len(p) >= 3 and word[len(p) :] in self._lengths
        )

    def _part(self) -> None:
        """Write the words behind the first of each phrase as the reader parts them."""
        for key, tags in list(self.phrases.items()):
            for first in (a + key[0] for a in self.article if a + key[0] in self._lengths):
                self.phrases.setdefault((first, *key[1:]), tags)  # "البعثة" is a phrase of its own
        for key, tags in list(self.phrases.items()):
            opener = self.parted(key[0]) if key[0] in self._opening else key[:1]
            parted = (*opener, *(part for word in key[1:] for part in self.parted(word)))
            self.phrases.setdefault(parted, tags)

    def _measure(self) -> None:
        lengths: dict[str, set[int]] = defaultdict(set)
        for key in self.phrases:
            lengths[key[0]].add(len(key))
        self._lengths = {word: tuple(sorted(ns, reverse=True)) for word, ns in lengths.items()}


def _entries(sheet: Mapping[str, Any]) -> Iterator[tuple[str, Tag]]:
    for name, lemmas in sheet["acts"].items():
        for lemma in lemmas:
            for form, voice, finite in _verb(lemma, sheet):
                yield from _signed(form, Tag("act", name, voice, finite))
                if voice.startswith("noun"):
                    yield from _signed(form, Tag("deed", name, voice))
    for kind, section in (
        ("deed", "deeds"), ("thing", "things"), ("role", "roles"), ("speaker", "speakers"),
        ("backer", "backers"),
    ):  # fmt: skip
        for name, nouns in sheet.get(section, {}).items():
            for noun in nouns:
                for form, voice in _noun(noun, sheet):
                    yield from _signed(form, Tag(kind, name, voice))
    for name, cues in sheet["voices"].items():
        for cue in cues:
            for form, voice, finite in _verb(cue, sheet):
                yield from _signed(form, Tag("voice", name, voice, finite))
    yield from _flat(sheet)


def _flat(sheet: Mapping[str, Any]) -> Iterator[tuple[str, Tag]]:
    for kind, section in (
        ("mod", "modality"), ("rel", "relators"), ("bound", "boundaries"), ("pron", "pronouns"),
        ("calque", "calques"),
        ("post", "postpositions"), ("aux", "auxiliary"), ("civil", "civilian"),
        ("mandate", "mandates"),
    ):  # fmt: skip
        for name, cues in sheet.get(section, {}).items():
            for cue in cues:
                for form, voice in _cue(cue, sheet):
                    yield from _signed(form, Tag(kind, name, voice), kind in ("mod", "rel"))
    for kind, section in (
        ("telling", "tellings"), ("compound", "compound"), ("made", "made"), ("conj", "conjunctions"),
        ("det", "determiners"), ("embargo", "embargo"), ("breach", "breach"), ("war", "war"),
        ("poss", "possessive"),
        ("time", "times"), ("condition", "conditions"), ("factcheck", "factcheck"), ("idle", "idioms"),
        ("price", "prices"), ("paid", "paid"),
        ("reference", "references"),
        ("firm", "firms"),
        ("cause", "causes"),
        ("particle", "particles"),
        ("objective", "objectives"),
        ("fallen", "ranks"),
        ("institution", "institutions"), ("contingent", "contingents"), ("own_account", "statements"),
        ("inverted", "inverted"), ("noun", "nouns"),
        ("mistaken", "mistaken"), ("outlet", "outlet"), ("vouching", "vouching"),
        ("none", "none"), ("whose", "whose"),
        ("clitic", "clitic_objects"), ("buying", "buying"), ("some", "indefinite"),
        ("battle", "battle"), ("border", "borders"), ("capacity", "capacities"),
        ("naming", "namings"), ("envoy", "envoys"),
        ("hidden", "hidden"), ("aided", "aided"), ("supplying", "supplying"), ("who", "who"),
        ("furnishing", "furnishing"), ("handled", "handled"), ("relying", "relying"), ("article", "articles"),
        ("abstract", "abstracts"), ("caption", "captions"), ("single", "singles"),
        ("disposal", "disposal"), ("recant", "recanting"), ("utterance", "utterances"),
        ("closing", "closings"), ("police", "police"), ("movement", "movements"),
        ("fiction", "fictions"), ("clinch", "clinching"),
    ):  # fmt: skip
        for cue in sheet.get(section, ()):
            for form, _ in _cue(cue, sheet):
                yield form, Tag(kind, "")
    for number in sheet["numbers"]:
        yield number, Tag("num", "")


SIGNS = frozenset(
    {"negative", "planned", "hypothetical", "hedge", "opposite", "nominal", "object"}
)  # what a form itself may say


OWNERS = {  # a pronoun written onto a noun, or none
    "own": Tag("pron", "own"), "ours": Tag("pron", "first"), "bare": Tag("bare", ""),
}  # fmt: skip


@lru_cache(maxsize=4096)
def _plain(tag: Tag, voice: str) -> Tag:
    return tag._replace(voice=voice)


def _bare(key: Words) -> Words:
    """Return the words of a phrase as they are written where a capital bears no accent: "etat-major"."""
    first = key[0]
    return (unicodedata.normalize("NFD", first[0])[0] + first[1:], *key[1:]) if len(first) > BARE else key


def _signed(form: str, tag: Tag, bare: bool = False) -> Iterator[tuple[str, Tag]]:
    """Yield a tag, and one for each sign behind the "+" of its voice: a mood or a case."""
    if "+" not in tag.voice:
        yield form, tag
        return
    voice, *signs = tag.voice.split("+")
    yield form, _plain(tag, voice)
    for sign in () if bare else signs:
        yield form, OWNERS.get(sign) or Tag("mood" if sign in SIGNS else "case", sign)


def _spelt(kind: str, word: str, sheet: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield (form, voice) of a word of the sheet, from the table of generated forms if it stands there."""
    known = sheet.get("forms", {}).get(f"{kind} {word}")
    if known is None:
        yield word.lstrip("="), ""
        return
    for part in known.split("\t"):
        voice, _, forms = part.partition(": ")
        for form in forms.split(", "):
            yield form, voice.removeprefix("-")


def _cue(cue: str, sheet: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the forms of a cue: "v:promettre" and "n:promesse" stand for all of theirs."""
    if cue[:2] in ("v:", "n:"):
        return _spelt(cue[0], cue[2:], sheet)
    return ((cue, ""),)


def _verb(entry: str, sheet: Mapping[str, Any]) -> Iterable[tuple[str, str, bool]]:
    """Yield (form, voice, finite) of a verb as its language writes entries."""
    if "/" in entry or not sheet.get("inflection"):
        groups = [*(part.strip() for part in entry.split("/")), "", "", ""]
        for voice, group in zip(("act", "pass", "noun", "both"), groups, strict=False):
            for word in filter(None, (w.strip() for w in group.split(","))):
                for form, spelt in _spelt("n" if voice == "noun" else "v", word, sheet):
                    spelt = _ownerless(spelt)
                    yield form, voice + spelt if spelt[:1] in ("", "+") else spelt, True
        return
    base, *irregular = entry.split(":")
    head, _, tail = base.partition(" ")
    third, past, gerund = _inflect(head, sheet["inflection"])
    if irregular and irregular[0].endswith(head[-1] * 2 + "ed"):
        gerund = irregular[0][:-2] + "ing"
    past = irregular[0] if irregular else past
    participle = irregular[1] if len(irregular) > 1 else past
    gerund = irregular[2] if len(irregular) > 2 else gerund
    rows = [(head, "act", True), (third, "act", True), (gerund, "act", False)]
    rows += (
        [(past, "both", True)] if past == participle else [(past, "act", True), (participle, "part", True)]
    )
    for form, voice, finite in rows:
        yield f"{form} {tail}".strip(), voice, finite


def _ownerless(voice: str) -> str:
    """Drop who owns a noun of an act: "تزويدها" is as much being given something as giving it."""
    return "+".join(sign for sign in voice.split("+") if sign not in OWNERS)


def _inflect(head: str, rules: list[list[str]]) -> tuple[str, str, str]:
    for ending, *forms in rules:
        if head.endswith(ending):
            stem = head[: len(head) - len(ending)]
            third, past, gerund = (form.replace("-", stem) for form in forms)
            return third, past, gerund
    raise ValueError(f"no inflection rule fits {head!r}")


def _noun(noun: str, sheet: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield (form, voice) of a noun: its forms in the table, or its singular and plural by rule."""
    if "forms" in sheet:
        yield from ((form, "noun" + voice) for form, voice in _spelt("n", noun, sheet))
        return
    yield noun, "noun"
    for ending, form in sheet.get("plural", ()):
        if noun.endswith(ending):
            yield form.replace("-", noun[: len(noun) - len(ending)]), "noun"
            return
