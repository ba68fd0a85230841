"""Reading: an article becomes sentences, and a scene that remembers what was told."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from pipeline.claims import phrases, voices
from pipeline.claims.epochs import YEAR
from pipeline.claims.hands import first_actor
from pipeline.claims.parsing import read
from pipeline.claims.places import is_where_said
from pipeline.claims.scene import RECALL, Candidate, Scene
from pipeline.claims.units import MAX_CHARS, STATES, Sentence, Unit
from pipeline.claims.vocabulary import Vocabulary
from pipeline.claims.voices import Voice
from pipeline.claims.world import Hand, World
from pipeline.knowledge import Knowledge
from pipeline.sentences import split
from pipeline.types import (
    Article,
    Entity,
)  # fmt: skip

DATELINE: Final = re.compile(r"[^\n.!?]{2,60}?\s*(?:--|[—–-])\s")


OLDEST: Final = 1990  # wars before are not in the knowledge files; an earlier time is a missing one


SHORT: Final = 6  # sentences; in a longer text a land of less weight than PASSING is only named in passing
PASSING: Final = 3


TOLD: Final = 8  # weight of mentions from which a text is about a land


OPENING: Final = frozenset("“„«")


CLOSING: Final = frozenset("”»")


def vocabularies(knowledge: Knowledge) -> dict[str, Vocabulary]:
    """Return what is compiled so far, by language; what is put there is not compiled again."""
    kept: dict[str, Vocabulary] = knowledge.__dict__.setdefault("_vocabularies", {})
    return kept


def vocabulary_of(knowledge: Knowledge, code: str) -> Vocabulary | None:
    """Return the compiled words of a language, kept on the knowledge they come from."""
    cache = vocabularies(knowledge)
    if code not in cache:
        sheet = knowledge.languages.get(code)
        if sheet is None:
            return None
        cache[code] = Vocabulary(sheet)
    return cache[code]


def sentences_of(article: Article, vocabulary: Vocabulary) -> Iterable[Sentence]:
    title = [e for e in article.entities if e.field == "title"]
    text = [e for e in article.entities if e.field == "text"]
    if article.title:
        units = read(article.title, 0, len(article.title), title, vocabulary)
        yield Sentence("title", 0, len(article.title), units, 0, 0, lead=True)
    starts = [e.start for e in text]
    code = article.language.code if article.language else "und"
    paragraph, last = 0, 0
    spans = list(windows(article.text, split(article.text, code)))
    inside = [text[bisect_left(starts, start) : bisect_left(starts, end)] for start, end in spans]
    spoken = reached([bool(title), *map(bool, inside)])[1:]
    for n, (start, end) in enumerate(spans):
        if "\n\n" in article.text[last:start]:
            paragraph += 1
        fresh = n == 0 or "\n" in article.text[last:start]
        last = end
        if fresh:
            start = behind_dateline(article.text, start, end, "dash" in vocabulary.sheet)
        units = read(article.text, start, end, inside[n], vocabulary) if spoken[n] else []
        yield Sentence("text", start, end, units, n + 1, paragraph, lead=n < 2)


def reached(named: Sequence[bool]) -> list[bool]:
    """Say which sentences a mention reaches: its own, RECALL behind it, and the one before.

    The others can tell nothing: who does it would have to be named nearer. They are not read.
    """
    out, last = [], -RECALL - 1
    for n, here in enumerate(named):
        last = n if here else last
        out.append(n - last <= RECALL or any(named[n + 1 : n + 2]))
    return out


def windows(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cut sentences that are too long at white space, so that cost stays linear in the text."""
    for start, end in spans:
        while end - start > MAX_CHARS:
            cut = text.rfind(" ", start + MAX_CHARS // 2, start + MAX_CHARS)
            cut = start + MAX_CHARS if cut < 0 else cut
            yield start, cut
            start = cut
        yield start, end


def behind_dateline(text: str, start: int, end: int, copula: bool = False) -> int:
    """Return where the news begins behind "TRIPOLI (Reuters) - ".

    Where a dash stands for "is" (`copula`), one word before it is a subject: "Иран — главный спонсор".
    """
    m = DATELINE.match(text, start, min(end, start + 64))
    if m is None:
        return start
    head = text[start : m.end()]
    words = re.findall(r"[^\W\d_]+", head)
    if copula and len(words) == 1 and not words[0].isupper() and "(" not in head:
        return start
    capital = sum(w.isupper() or w.istitle() or w.lower() == w.upper() for w in words)
    return m.end() if words and capital >= len(words) * 0.7 and len(words) <= 7 and m.end() < end else start


def dateline_of(article: Article, sentences: list[Sentence], world: World) -> str | None:
    """Return the land that an article is written from, as "TRIPOLI (Reuters) -" tells."""
    first = next((s for s in sentences if s.field == "text"), None)
    if first is None:
        return None
    told = (e for e in article.entities if e.field == "text" and e.end <= first.start)
    return next((h.principal for e in told if e.kind != "weapon" and (h := world.hand(e)) is not None), None)


ARTICLE: Final = 2  # letters


def name_movements(sentences: Sequence[Sentence], knowledge: Knowledge) -> None:
    """Let "the Lebanese movement" be the group of that land which the article has named last."""
    named: dict[str, str] = {}  # home -> group
    for sentence in sentences:
        for unit in sentence.units:
            if unit.entity is None:
                continue
            if unit.entity.kind == "group" and (home := home_of(unit, knowledge)) is not None:
                named[home] = unit.entity.id
            elif unit.entity.id in named and _of_movement(unit, sentence.units):
                group = named[unit.entity.id]
                unit.entity = msgspec.structs.replace(unit.entity, kind="group", id=group)


def _of_movement(unit: Unit, units: Sequence[Unit]) -> bool:
    """Say whether a nationality is that of a movement without a name: no group stands beside it."""
    if any(u.of_kind("group") for u in units[max(0, unit.at - 2) : unit.at + 3]):
        return False
    before, after = units[max(0, unit.at - 2) : unit.at][::-1], units[unit.at + 1 : unit.at + 2]
    if len(before) > 1 and len(before[0].text) > ARTICLE:
        before = before[:1]  # only an article may stand between: "الحزب اللبناني"
    if unit.of_kind("country"):
        after = []  # "kelompok Lebanon"
    elif not unit.of_kind("demonym"):
        return False
    return any("movement" in u.tags or u.has("pron", "group") for u in (*before, *after))


def scene_of(article: Article, sentences: list[Sentence], knowledge: Knowledge) -> Scene:
    name_movements(sentences, knowledge)
    day = day_of(article, knowledge)
    world = world_on(knowledge, day, told_of_past(sentences, knowledge, day))
    weights: Counter[str] = Counter()
    for sentence in sentences:
        weight = 3 if sentence.field == "title" else 2 if sentence.lead else 1
        for unit in sentence.units:
            if unit.entity is not None and (theatre := war_of(unit.entity, world)):
                weights[theatre] += weight * stress(sentence.units, unit)
    for land in knowledge.languages.get(article.language.code if article.language else "", {}).get(
        "home", ()
    ):
        if land in weights:
            weights[land] = max(1, weights[land] // 3)  # its readers' land is named in passing
    least = PASSING if len(sentences) > SHORT else 1
    theatres = [t for t, n in weights.most_common(4) if n >= 6]
    theatres = theatres or [t for t, n in weights.most_common(1) if n >= least]
    total = sum(weights.values())
    dominant = bool(theatres) and weights[theatres[0]] * 5 >= total * 3
    scene = Scene(world, knowledge.frames, theatres, weights, dominant=dominant)
    scene.contributors = contributors_of(sentences, world)
    scene.missions, scene.hirers = missions_of(sentences, world), hirers_of(sentences, world)
    states = {u.entity for s in sentences for u in s.units if u.entity and u.entity.kind in STATES}
    own = any(_is_own(u, world) for s in sentences for u in s.units)
    scene.titled = not own and any(
        u.has("thing", "peacekeeper") for s in sentences[:1] if s.field == "title" for u in s.units
    )
    scene.peacekeeping = any(u.has("thing", "peacekeeper") for s in sentences for u in s.units)
    scene.named = frozenset(e.id for e in states)
    return scene


def _is_own(unit: Unit, world: World) -> bool:
    """Say whether a unit names one state's own operation."""
    entry = world.entry("mission", unit.entity.id) if unit.of_kind("mission") and unit.entity else None
    return entry is not None and entry.of is not None and world.is_state(entry.of)


def hirers_of(sentences: list[Sentence], world: World) -> frozenset[str]:
    """Return the states whose private military companies are named."""
    named = {
        u.entity.id for s in sentences for u in s.units if u.entity and u.entity.kind in ("group", "company")
    }
    firms = [e for ident in named if (e := world.group(ident)) is not None and e.nature == "pmc"]
    return frozenset(e.country for e in firms if e.country)


def contributors_of(sentences: list[Sentence], world: World) -> frozenset[str] | None:
    """Return the members of the bodies whose missions are named; None where one takes in other states."""
    bodies: set[str] = set()
    for sentence in sentences:
        for unit in sentence.units:
            if unit.entity is not None and unit.entity.kind == "mission":
                entry = world.entry("mission", unit.entity.id)
                bodies.update({entry.of} if entry and entry.of and not world.is_state(entry.of) else ())
            bodies.update(unit.values("mandate"))
    entries = [world.entry("body", body) for body in bodies]
    if not entries or any(entry is None or not entry.members for entry in entries):
        return None
    return frozenset(state for entry in entries if entry is not None for state in entry.members)


def missions_of(sentences: list[Sentence], world: World) -> frozenset[str]:
    """Return the theatres whose mandated missions are named, no state's own operations."""
    named = {u.entity.id for s in sentences for u in s.units if u.entity and u.entity.kind == "mission"}
    entries = [e for ident in named if (e := world.entry("mission", ident)) is not None]
    return frozenset(e.country for e in entries if e.country and not (e.of and world.is_state(e.of)))


def day_of(article: Article, knowledge: Knowledge) -> date:
    """Return the day an article speaks from; without any time, the newest the knowledge files know."""
    newest = max((war.start for war in knowledge.conflicts), default=date.min)
    when = (article.published_at or article.fetched_at).date()
    return newest if article.published_at is None and when.year < OLDEST else when


def told_of_past(sentences: list[Sentence], knowledge: Knowledge, day: date) -> tuple[str, ...]:
    """Return the lands of ended wars the text is about: the land is told more than in passing, and a year."""
    years = {int(u.low) for s in sentences for u in s.units if YEAR.fullmatch(u.low)}
    years = {year for year in years if year < day.year - 1}
    if not years:
        return ()
    weights: Counter[str] = Counter()
    for sentence in sentences:
        for unit in sentence.units:
            if unit.entity is not None and (
                land := unit.entity.id if unit.where else home_of(unit, knowledge)
            ):
                weights[land] += stress(sentence.units, unit)
    ended = {
        w.theatre
        for w in knowledge.conflicts
        if w.end is not None
        and w.end < day
        and weights[w.theatre] >= TOLD
        and any(w.start.year <= y <= w.end.year for y in years)
    }
    return tuple(sorted(ended))


def home_of(unit: Unit, knowledge: Knowledge) -> str | None:
    """Return the land of an armed group that is told: its war is told with it."""
    if unit.entity is None or unit.entity.kind != "group":
        return None
    entry = knowledge.entries.get(f"group:{unit.entity.id}")
    return entry.country if entry is not None else None


def world_on(knowledge: Knowledge, day: date, past: tuple[str, ...] = ()) -> World:
    """Return the wars of a day, kept on the knowledge they come from; the last 256 asked for."""
    cache: dict[tuple[date, tuple[str, ...]], World] = knowledge.__dict__.setdefault("_worlds", {})
    if (day, past) not in cache:
        if len(cache) >= 256:
            cache.pop(next(iter(cache)))
        cache[day, past] = World(knowledge, day, past)
    return cache[day, past]


def stress(units: list[Unit], unit: Unit) -> int:
    """Weigh a mention as the place of the news: "in Libya" most, "Turkish drones" least."""
    if unit.entity is not None and unit.entity.kind in ("place", "group"):
        return 3
    if phrases.is_local(units, unit, ("in", "to")):
        return 1 if is_where_said(units, unit) else 4
    return 1 if unit.head is not None else 2


def war_of(entity: Entity, world: World) -> str | None:
    if entity.kind in ("country", "demonym", "capital", "place"):
        return entity.id if entity.id in world.wars else None
    if entity.kind == "group":
        return world.theatre_of(entity.id)
    return None


def quotations(sentences: list[Sentence]) -> list[list[tuple[int, int]]]:
    """Return for each sentence the spans of it that stand in quotation marks, also across sentences."""
    out: list[list[tuple[int, int]]] = []
    opened, paragraph = False, -1
    for sentence in sentences:
        if sentence.paragraph != paragraph or sentence.field == "title":
            opened, paragraph = False, sentence.paragraph
        spans: list[tuple[int, int]] = []
        start = sentence.start
        for unit in sentence.units:
            if unit.low in OPENING or (unit.low == '"' and not opened):
                opened, start = True, unit.end
            elif unit.low in CLOSING or unit.low == '"':
                if opened:
                    spans.append((start, unit.start))
                opened = False
        if opened:
            spans.append((start, sentence.end))
        out.append(spans)
    return out


def quoted_voice(sentences: list[Sentence], heard: list[list[Voice]], n: int) -> list[Voice]:
    """Return who speaks in a quotation of sentence `n`: the voice before it in the paragraph, else behind."""
    paragraph = sentences[n].paragraph
    for m in (*range(n, max(-1, n - 6), -1), n + 1):
        if 0 <= m < len(sentences) and sentences[m].field == sentences[n].field:
            near = sentences[m].paragraph == paragraph or (m < n and sentences[m].paragraph == paragraph - 1)
            speaking = [v for v in heard[m] if v.kind in ("say", "confirm", "accuse") and v.speaker]
            if near and speaking:
                return speaking[:1] if m != n else []
    return []


def speaking_hand(heard: list[Voice], scene: Scene) -> Hand | None:
    for voice in heard:
        for unit in voice.speaker:
            if unit.actor and unit.entity is not None and (hand := scene.world.hand(unit.entity)):
                return hand
    return None


REPORTING: Final = ("un_panel", "ngo")  # who is meant by "the report" from then on


def reporter_of(sentence: Sentence) -> str:
    """Return the kind of the last inquiry or organisation that a sentence names, "" where it names none."""
    speakers = [u for u in sentence.units if "speaker" in u.tags]
    named = [v for u in speakers for v in u.values("speaker") if v in REPORTING]
    return named[-1] if named else ""


VOUCHING: Final = ("say", "confirm", "accuse", "according")
LEAD: Final = 2  # sentences in which a text says who tells it
ADDED: Final = 4  # sentences over which "he added" still stands for the last speaker
BEFORE_ADDED: Final = frozenset({",", *voices.QUOTES})
REPORTED: Final = 8  # units at the beginning of a sentence that can say whose report is told from there
FORMAL: Final = 12  # sentences at either end in which a document says what it is


def house_voice(sentences: list[Sentence], scene: Scene) -> list[Voice]:
    """Return who speaks in a document of its own, such as a press release; nobody in a news article."""
    ends = [*sentences[:FORMAL], *sentences[-FORMAL:]]
    if not any(u.has("own_account") for s in ends for u in s.units):
        return []
    for sentence in sentences[:5]:
        for unit in sentence.units:
            hand = scene.world.hand(unit.entity) if unit.actor and unit.entity is not None else None
            if phrases.hangs(sentence.units, unit.at):
                continue
            mission = hand is not None and not scene.world.is_state(hand.principal)
            if (
                hand
                and not mission
                and not hand.executor
                and (unit.head is None or unit.head.has("role", "state"))
            ):
                return [Voice("say", unit, [unit], 0, 0)]
    return []


def carried_voice(
    sentences: list[Sentence], heard: list[list[Voice]], n: int, carried: list[Voice]
) -> list[Voice]:
    """Carry a speaker over from the sentence before, with "also" and the like; an inquiry's also without.

    `carried` is who was carried over to the sentence before.
    """
    if n < 1 or heard[n] or sentences[n].paragraph != sentences[n - 1].paragraph:
        return []
    if _added(sentences[n].units):
        told = (
            v for m in range(n - 1, max(-1, n - ADDED), -1) for v in heard[m] if v.kind in voices.SPEAKING
        )
        return [v for v in told if v.speaker][:1]
    before = [v for v in heard[n - 1] if v.kind in voices.SPEAKING][:1] or ([] if heard[n - 1] else carried)
    before = before or _report(sentences[n - 1])
    again = any(u.has("mod", "again") for u in sentences[n].units[:6])
    return before if again or any(_inquires(v.speaker) for v in before) else []


def lead_voice(sentences: list[Sentence], heard: list[list[Voice]], n: int) -> list[Voice]:
    """Return who tells the lead, for a flat headline at `n`: the text's attribution holds."""
    if sentences[n].field != "title" or heard[n]:
        return []
    lead = [m for m in range(n + 1, len(sentences)) if sentences[m].field == "text"][:LEAD]
    return next(([v for v in heard[m] if v.kind in VOUCHING][:1] for m in lead if heard[m]), [])


def _added(units: list[Unit]) -> bool:
    """Say whether a sentence ends on what gives it to the last speaker: "…, a-t-il précisé"."""
    return any(u.has("mod", "again") and units[u.at - 1].low in BEFORE_ADDED for u in units[6:][-4:])


def _report(sentence: Sentence) -> list[Voice]:
    """Return an inquiry that a sentence begins with: "The report of the UN panel gives figures"."""
    units = sentence.units[:REPORTED]
    found = next((u for u in units if u.has("speaker", "un_panel")), None)
    told = found is not None and not any(u.verb and u.has("act") for u in sentence.units)
    return [Voice("say", found, [found], 0, 0)] if found is not None and told else []


def _inquires(speaker: list[Unit]) -> bool:
    """Say whether a speaker is an inquiry, whose findings are told over several sentences."""
    return any(u.has("speaker", "un_panel") for u in speaker)


def remember(sentence: Sentence, candidates: list[Candidate], scene: Scene) -> None:
    for unit in sentence.units:
        if unit.entity is None or unit.entity.kind in ("weapon", "place"):
            continue
        hand = scene.world.hand(unit.entity)
        if hand is None:
            continue
        if hand.executor or unit.entity.kind == "group":
            scene.group = hand
    for one in candidates[::-1]:
        if one.sentence is not sentence:
            break
        if one.theatre and one.held is None:
            scene.theatre, scene.last = one.theatre, one
            break
    for unit in sentence.units:
        if unit.entity is not None and unit.where and phrases.is_local(sentence.units, unit, ("in", "to")):
            scene.recent = war_of(unit.entity, scene.world) or scene.recent
    scene.subject = first_actor(sentence.units, scene)
    scene.actors.append(scene.subject)
