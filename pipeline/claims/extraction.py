"""From an article to its claims: sentences are read in order, candidates judged, held back or written."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final, get_args

import msgspec
import yaml

from pipeline.claims import frames, judgement, voices
from pipeline.claims.frames import Candidate, Scene
from pipeline.claims.units import MAX_CHARS, NUMBER, Sentence, Unit, read
from pipeline.claims.vocabulary import Vocabulary
from pipeline.claims.voices import Voice
from pipeline.claims.world import Hand, World
from pipeline.ids import derive
from pipeline.knowledge import HERE, Knowledge
from pipeline.sentences import split
from pipeline.types import (
    Article,
    ArticleRef,
    Claim,
    Entity,
    Evidence,
    Quantity,
    Speaker,
    SpeakerKind,
    Supporter,
)  # fmt: skip

QUOTE: Final = (15, 600)  # characters, contracts.md
SURE_ENOUGH: Final = 0.5  # below, a candidate is held back
DATELINE: Final = re.compile(r"[^\n.!?]{2,60}?\s*(?:--|[—–-])\s")
SPECIFIC: Final = "unspecified_support"
OLDEST: Final = 1990  # wars before are not in the knowledge files; an earlier time is a missing one
OPENING: Final = frozenset("“„«")
CLOSING: Final = frozenset("”»")


@dataclass(slots=True)
class Examined:
    """What became of an article: its claims, and the candidates with the reason why they were held."""

    claims: tuple[Claim, ...] = ()
    candidates: list[Candidate] = field(default_factory=list)


def extract(article: Article, knowledge: Knowledge) -> tuple[Claim, ...]:
    """Return the claims of an article, in text order."""
    return examine(article, knowledge).claims


def examine(article: Article, knowledge: Knowledge) -> Examined:
    """Return the claims of an article and every candidate, also the held ones."""
    vocabulary = _vocabulary(knowledge, article.language.code if article.language else "und")
    if vocabulary is None:
        return Examined()
    sentences = list(_sentences(article, vocabulary))
    if not any(u.has("act") or u.has("deed") or u.has("thing") for s in sentences for u in s.units):
        return Examined()
    scene = _scene(article, sentences, knowledge)
    scene.order = vocabulary.order
    candidates = _candidates(sentences, scene)
    _civil(sentences, candidates)
    _validate(candidates, scene, sentences)
    kept = _distinct([c for c in candidates if c.held is None])
    kept = _sponsored(_specific(kept))
    claims = [_claim(c, article, knowledge, scene) for c in kept]
    return Examined(_settle([(c, k) for c, k in zip(claims, kept, strict=True) if c is not None]), candidates)


def _vocabulary(knowledge: Knowledge, code: str) -> Vocabulary | None:
    """Return the compiled words of a language, kept on the knowledge they come from."""
    cache: dict[str, Vocabulary] = knowledge.__dict__.setdefault("_vocabularies", {})
    if code not in cache:
        sheet = knowledge.languages.get(code)
        if sheet is None:
            return None
        cache[code] = Vocabulary(sheet)
    return cache[code]


@lru_cache(maxsize=1)
def _frames() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((HERE / "frames.yaml").read_text("utf-8"))
    return found


# Reading ----------------------------------------------------------------------------------------------


def _sentences(article: Article, vocabulary: Vocabulary) -> Iterable[Sentence]:
    title = [e for e in article.entities if e.field == "title"]
    text = [e for e in article.entities if e.field == "text"]
    if article.title:
        yield Sentence("title", 0, len(article.title), read(article.title, 0, len(article.title), title, vocabulary),
                       0, 0, lead=True)  # fmt: skip
    starts = [e.start for e in text]
    code = article.language.code if article.language else "und"
    paragraph, last = 0, 0
    for n, (start, end) in enumerate(_windows(article.text, split(article.text, code))):
        if "\n\n" in article.text[last:start]:
            paragraph += 1
        fresh = n == 0 or "\n" in article.text[last:start]
        last = end
        if fresh:
            start = _behind_dateline(article.text, start, end)
        inside = text[bisect_left(starts, start) : bisect_left(starts, end)]
        units = read(article.text, start, end, inside, vocabulary)
        yield Sentence("text", start, end, units, n + 1, paragraph, lead=n < 2)


def _windows(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cut sentences that are too long at white space, so that cost stays linear in the text."""
    for start, end in spans:
        while end - start > MAX_CHARS:
            cut = text.rfind(" ", start + MAX_CHARS // 2, start + MAX_CHARS)
            cut = start + MAX_CHARS if cut < 0 else cut
            yield start, cut
            start = cut
        yield start, end


def _behind_dateline(text: str, start: int, end: int) -> int:
    """Return where the news begins behind "TRIPOLI (Reuters) - "."""
    m = DATELINE.match(text, start, min(end, start + 64))
    if m is None:
        return start
    head = text[start : m.end()]
    words = re.findall(r"[^\W\d_]+", head)
    capital = sum(w.isupper() or w.istitle() or not w[0].isascii() for w in words)
    return m.end() if words and capital >= len(words) * 0.7 and len(words) <= 7 and m.end() < end else start


def _scene(article: Article, sentences: list[Sentence], knowledge: Knowledge) -> Scene:
    world = _world(knowledge, _day(article, knowledge))
    weights: Counter[str] = Counter()
    for sentence in sentences:
        weight = 3 if sentence.field == "title" else 2 if sentence.lead else 1
        for unit in sentence.units:
            if unit.entity is not None and (theatre := _at_war(unit.entity, world)):
                weights[theatre] += weight * _stress(sentence.units, unit)
    theatres = [t for t, n in weights.most_common(4) if n >= 6] or [t for t, _ in weights.most_common(1)]
    total = sum(weights.values())
    dominant = bool(theatres) and weights[theatres[0]] * 5 >= total * 3
    return Scene(world, _frames(), theatres, weights, dominant=dominant)


def _day(article: Article, knowledge: Knowledge) -> date:
    """Return the day an article speaks from; for one without any time, the newest the knowledge files know."""
    newest = max((war.start for war in knowledge.conflicts), default=date.min)
    when = (article.published_at or article.fetched_at).date()
    return newest if article.published_at is None and when.year < OLDEST else when


def _world(knowledge: Knowledge, day: date) -> World:
    """Return the wars of a day, kept on the knowledge they come from; the last 256 days asked for."""
    cache: dict[date, World] = knowledge.__dict__.setdefault("_worlds", {})
    if day not in cache:
        if len(cache) >= 256:
            cache.pop(next(iter(cache)))
        cache[day] = World(knowledge, day)
    return cache[day]


def _stress(units: list[Unit], unit: Unit) -> int:
    """Weigh a mention as the place of the news: "in Libya" most, "Turkish drones" least."""
    if unit.entity is not None and unit.entity.kind in ("place", "group"):
        return 3
    if frames.local(units, unit, ("in", "to")):
        return 4
    return 1 if unit.head is not None else 2


def _at_war(entity: Entity, world: World) -> str | None:
    if entity.kind in ("country", "demonym", "capital", "place"):
        return entity.id if entity.id in world.wars else None
    if entity.kind == "group":
        return world.theatre_of(entity.id)
    return None


def _candidates(sentences: list[Sentence], scene: Scene) -> list[Candidate]:
    out: list[Candidate] = []
    heard = [voices.find(s, scene.order) for s in sentences]
    quotes = _quotations(sentences)
    for n, sentence in enumerate(sentences):
        scene.units = sentence.units
        if n and sentence.paragraph != sentences[n - 1].paragraph:
            scene.recent = None
        quoting = _quoting(sentences, heard, n)
        scene.speaker = _speaker(heard[n] or quoting, scene) or scene.speaker
        for one in frames.bind(sentence, scene):
            inside = any(a <= one.trigger.start < b for a, b in quotes[n])
            judgement.judge(one, heard[n], scene, quoting if inside else _carried(sentences, heard, n))
            out.append(one)
        _remember(sentence, out, scene)
    return out


def _quotations(sentences: list[Sentence]) -> list[list[tuple[int, int]]]:
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


def _quoting(sentences: list[Sentence], heard: list[list[Voice]], n: int) -> list[Voice]:
    """Return who speaks in a quotation of sentence `n`: the voice before it in the paragraph, else behind."""
    paragraph = sentences[n].paragraph
    for m in (*range(n, max(-1, n - 6), -1), n + 1):
        if 0 <= m < len(sentences) and sentences[m].field == sentences[n].field:
            near = sentences[m].paragraph == paragraph or (m < n and sentences[m].paragraph == paragraph - 1)
            speaking = [v for v in heard[m] if v.kind in ("say", "confirm", "accuse") and v.speaker]
            if near and speaking:
                return speaking[:1] if m != n else []
    return []


def _speaker(heard: list[Voice], scene: Scene) -> Hand | None:
    for voice in heard:
        for unit in voice.speaker:
            if unit.actor and unit.entity is not None and (hand := scene.world.hand(unit.entity)):
                return hand
    return None


def _carried(sentences: list[Sentence], heard: list[list[Voice]], n: int) -> list[Voice]:
    """A speaker carries over to the next sentence only with "also" and the like."""
    if n < 1 or heard[n] or sentences[n].paragraph != sentences[n - 1].paragraph:
        return []
    again = any(u.has("mod", "again") for u in sentences[n].units[:6])
    return [v for v in heard[n - 1] if v.kind in voices.SPEAKING][:1] if again else []


def _remember(sentence: Sentence, candidates: list[Candidate], scene: Scene) -> None:
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
            scene.theatre = one.theatre
            break
    for unit in sentence.units:
        if unit.entity is not None and unit.where and frames.local(sentence.units, unit, ("in", "to")):
            scene.recent = _at_war(unit.entity, scene.world) or scene.recent
    scene.past.append(sentence.units)


# Validity ---------------------------------------------------------------------------------------------


def _civil(sentences: list[Sentence], candidates: list[Candidate]) -> None:
    """Hold everything back where the article is about sport, film, business or a labour strike."""
    if any(u.has("factcheck") for s in sentences[:4] for u in s.units):
        for one in candidates:
            one.held = one.held or "context: a fact check"
    civil: Counter[str] = Counter()
    war: set[str] = set()
    for sentence in sentences:
        for unit in sentence.units:
            for name in set(unit.values("civil")):
                civil[name] += 1
            if unit.has("war"):
                war.add(unit.low)
    if not civil:
        return
    most = civil.most_common(1)[0][1]
    if most >= 3 and most > 2 * len(war):
        for one in candidates:
            one.held = one.held or "context: not a war"


def _validate(candidates: list[Candidate], scene: Scene, sentences: list[Sentence]) -> None:
    fighting = sum(u.has("war") for s in sentences for u in s.units) >= 2
    for one in candidates:
        if one.held is None:
            one.held = _fault(one, scene, fighting)


def _fault(one: Candidate, scene: Scene, fighting: bool) -> str | None:
    if one.hand is None:
        return "no principal"
    if one.theatre is None:
        return "no theatre"
    if not scene.world.foreign(one.hand.principal, one.theatre):
        return "rule 1: not foreign"
    if one.type in ("strikes", "troops") and scene.world.enemies(one.hand.principal, one.theatre):
        return "rule 1: at war with each other"
    if one.hand.principal == "un" and one.type in (
        "political_backing",
        "unspecified_support",
        "strikes",
        "arms",
    ):
        return "the UN takes no side"
    home = scene.world.home(one.hand.principal)
    if home and scene.weights.get(home, 0) > 6 + 2 * scene.weights.get(one.theatre, 0):
        return "rule 5: the war is the principal's own"
    if (
        one.theatre not in scene.world.wars
        and not (one.recipient and scene.world.armed(one.recipient))
        and not fighting
    ):
        return "rule 2: no conflict"
    if (
        one.sentence.units
        and any(u.has("thing", "civil") for u in _around(one))
        and one.type in ("materiel", "arms", "funding", "troops", "unspecified_support", "training")
    ):
        return "humanitarian"
    if any(u.has("thing", "exercise") for u in _around(one)) and one.type in ("troops", "training", "arms"):
        return "an exercise"
    if one.confidence < SURE_ENOUGH:
        return "not sure enough"
    return None


def _around(one: Candidate) -> list[Unit]:
    i = one.trigger.at
    return one.sentence.units[max(0, i - 3) : i + 7]


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Keep one candidate for each sentence, theatre, principal, type and polarity."""
    best: dict[tuple[object, ...], Candidate] = {}
    for one in candidates:
        assert one.hand is not None
        key = (id(one.sentence), one.theatre, one.hand.principal, one.type, one.epistemic == "denied")
        if key not in best or one.confidence > best[key].confidence:
            best[key] = one
    return _one_people(list(best.values()))


def _one_people(candidates: list[Candidate]) -> list[Candidate]:
    """Let the same people in one sentence be one type: who is hired guards, fights and dies as a mercenary."""
    seen: dict[tuple[int, int, str], Candidate] = {}
    out = []
    for one in sorted(candidates, key=lambda c: (c.act != "recruit", -c.confidence)):
        if one.thing is None or one.hand is None or one.thing.value("thing") not in _frames()["personnel"]:
            out.append(one)
            continue
        key = (id(one.sentence), id(one.thing), one.hand.principal)
        if key not in seen or seen[key].type == one.type or one.epistemic == "denied":
            seen.setdefault(key, one)
            out.append(one)
    return out


def _specific(kept: list[Candidate]) -> list[Candidate]:
    """Drop support in general where the same principal is told to give something specific."""
    specific = {
        (c.theatre, c.hand.principal)
        for c in kept
        if c.hand and c.type != SPECIFIC and c.epistemic != "denied"
    }
    return [c for c in kept if c.type != SPECIFIC or c.epistemic == "denied" or not c.hand
            or (c.theatre, c.hand.principal) not in specific]  # fmt: skip


def _sponsored(kept: list[Candidate]) -> list[Candidate]:
    """Drop people told by their nationality alone where another mention names who hired or sent them."""
    hired = {(c.theatre, c.origin) for c in kept if c.origin}
    return [c for c in kept if not c.hand or (c.theatre, c.hand.principal) not in hired
            or c.type not in ("mercenaries", "foreign_fighters") or c.origin]  # fmt: skip


# Writing ----------------------------------------------------------------------------------------------


def _claim(one: Candidate, article: Article, knowledge: Knowledge, scene: Scene) -> Claim | None:
    assert one.hand is not None
    assert one.theatre is not None
    evidence = _evidence(one, article)
    if evidence is None:
        return None
    key = "|".join((one.theatre, one.hand.principal, one.type, one.recipient or ""))
    label = judgement.status(one.epistemic, one.realis, one.change)  # type: ignore[arg-type]
    content = article.content_hash
    return Claim(
        made_by=knowledge.made_by,
        id=derive(article.id, content, key, label, evidence.field, evidence.start, evidence.end),
        key=key,
        theatre=one.theatre,
        type=one.type,  # type: ignore[arg-type]
        supporter=Supporter(principal=one.hand.principal, executor=one.hand.executor),
        recipient=one.recipient,
        personnel_origin=one.origin,
        equipment=_equipment(one),
        quantity=_quantity(one, article, knowledge),
        epistemic=one.epistemic,  # type: ignore[arg-type]
        realis=one.realis,  # type: ignore[arg-type]
        change=one.change,  # type: ignore[arg-type]
        status=label,
        embargo_violation=_embargo(one),
        attribution=_attribution(one, scene),
        evidence=evidence,
        confidence=round(max(0.05, min(0.99, one.confidence)), 2),
        article=_reference(article),
    )


def _reference(article: Article) -> ArticleRef:
    names = ArticleRef.__struct_fields__
    values = {n: getattr(article, n) for n in names if n != "language"}
    return ArticleRef(**values, language=article.language.code if article.language else "und")


def _evidence(one: Candidate, article: Article) -> Evidence | None:
    """Return the sentence that holds the trigger, narrowed around it where it is too long."""
    body = article.text if one.sentence.field == "text" else article.title
    start, end = one.sentence.start, one.sentence.end
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    if end - start > QUOTE[1]:
        start, end = _narrow(body, start, end, one)
    if end - start < QUOTE[0]:
        return None
    return Evidence(field=one.sentence.field, quote=body[start:end], start=start, end=end)  # type: ignore[arg-type]


def _narrow(body: str, start: int, end: int, one: Candidate) -> tuple[int, int]:
    roles = [u for u in (one.trigger, one.agent, one.where, one.thing) if u is not None]
    left, right = min(u.start for u in roles), max(u.end for u in roles)
    if right - left > QUOTE[1]:
        left, right = one.trigger.start, one.trigger.end
    slack = QUOTE[1] - (right - left)
    a, b = max(start, left - slack // 2), min(end, right + slack // 2)
    while a > start and a < left and body[a - 1].isalnum():
        a += 1
    while b < end and b > right and body[b].isalnum():
        b -= 1
    while a < left and body[a].isspace():
        a += 1
    while b > right and body[b - 1].isspace():
        b -= 1
    return a, b


def _equipment(one: Candidate) -> tuple[str, ...]:
    if one.type not in ("arms", "strikes", "materiel", "troops"):
        return ()
    i = one.trigger.at
    near = one.sentence.units[max(0, i - 10) : i + 16]
    return tuple(
        dict.fromkeys(u.entity.id for u in near if u.entity is not None and u.entity.kind == "weapon")
    )


def _quantity(one: Candidate, article: Article, knowledge: Knowledge) -> Quantity | None:
    """Return the figure that stands before the thing: "some 2,000", "ratusan"."""
    if one.thing is None:
        return None
    vocabulary = _vocabulary(knowledge, article.language.code if article.language else "")
    assert vocabulary is not None
    units = one.sentence.units
    at = one.thing.at
    body = article.text if one.sentence.field == "text" else article.title
    for j in range(at - 1, max(-1, at - 7), -1):
        unit = units[j]
        if (
            unit.verb
            or (unit.has("rel")
            and not unit.has("rel", "of"))
            or (unit.has("thing")
            and unit.entity is None)
        ):
            return None
        found = _figure(units, j, vocabulary)
        if found:
            low, high, first, last = found
            raw = body[units[first].start : units[last].end]
            return Quantity(min=low, max=high, unit=_unit(one, units, first, last, vocabulary), raw=raw)
    return None


def _figure(units: list[Unit], j: int, vocabulary: Vocabulary) -> tuple[int, int, int, int] | None:
    unit = units[j]
    factor, last = 1, j
    if unit.low in vocabulary.magnitudes and j:
        factor, j, unit = vocabulary.magnitudes[unit.low], j - 1, units[j - 1]
    elif j + 1 < len(units) and units[j + 1].low in vocabulary.magnitudes:
        factor, last = vocabulary.magnitudes[units[j + 1].low], j + 1
    if unit.has("num") and (span := vocabulary.numbers.get(tuple(unit.low.split(" ")))):
        return span[0] * factor, span[1] * factor, j, last
    joined = j + 1 < len(units) and units[j + 1].glued
    if not NUMBER.fullmatch(unit.low) or unit.entity is not None or unit.glued or joined:
        return None
    first = j
    digits = unit.low
    while (
        first >= 2
        and units[first - 1].low in ",."
        and units[first - 2].low.isdigit()
        and (units[first - 1].end == units[first].start)
    ):
        digits = units[first - 2].low + units[first - 1].low + digits
        first -= 2
    value = _number(digits, vocabulary.thousands)
    return None if value is None else (int(value * factor), int(value * factor), first, last)


def _number(text: str, thousands: str) -> float | None:
    decimal = "." if thousands == "," else ","
    parts = text.split(thousands)
    if len(parts) > 1 and all(len(p) == 3 for p in parts[1:]):
        text = "".join(parts)
    text = text.replace(decimal, ".").replace(thousands, "") if decimal in text else text
    try:
        value = float(text)
    except ValueError:
        return None
    return value


def _unit(one: Candidate, units: list[Unit], first: int, last: int, vocabulary: Vocabulary) -> str:
    near = [units[first - 1]] if first else []
    near += units[last + 1 : last + 3]
    for unit in near:
        if unit.low in vocabulary.currencies:
            return vocabulary.currencies[unit.low]
        if unit.low in vocabulary.units:
            return vocabulary.units[unit.low]
    return (
        "people" if one.thing is not None and one.thing.value("thing") in _frames()["personnel"] else "items"
    )


def _embargo(one: Candidate) -> bool:
    return one.type in ("arms", "materiel", "mercenaries", "troops", "foreign_fighters") and any(
        u.has("embargo") for u in one.sentence.units
    )


def _attribution(one: Candidate, scene: Scene) -> tuple[Speaker, ...]:
    out = []
    for voice in one.voices:
        heard = judgement.hear(voice, one, scene)
        if heard.text and heard.kind in get_args(SpeakerKind):
            out.append(Speaker(speaker=heard.text, kind=heard.kind))  # type: ignore[arg-type]
    return tuple(out[:4])


# The article as a whole -------------------------------------------------------------------------------


def _settle(rows: list[tuple[Claim, Candidate]]) -> tuple[Claim, ...]:
    """Join the mentions of an article: recipients, titles, disputes, and which mention gives the status."""
    rows = _recipients(rows)
    groups: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim, _ in rows:
        groups[claim.theatre, claim.supporter.principal, claim.type].append(claim)
    out: list[Claim] = []
    for same in groups.values():
        in_text = [c for c in same if c.evidence.field == "text"]
        out += _ranked(in_text or same)
    return tuple(sorted(out, key=lambda c: (c.evidence.field != "title", c.evidence.start)))


def _recipients(rows: list[tuple[Claim, Candidate]]) -> list[tuple[Claim, Candidate]]:
    """Give a mention without a recipient the only one its fellows name."""
    known: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for claim, _ in rows:
        if claim.recipient:
            known[claim.theatre, claim.supporter.principal, claim.type].add(claim.recipient)
    out = []
    for claim, one in rows:
        names = known[claim.theatre, claim.supporter.principal, claim.type]
        if claim.recipient is None and len(names) == 1:
            claim = _renamed(claim, next(iter(names)))
        out.append((claim, one))
    return out


def _renamed(claim: Claim, recipient: str) -> Claim:
    key = "|".join((claim.theatre, claim.supporter.principal, claim.type, recipient))
    ident = derive(claim.article.id, claim.article.content_hash, key, claim.status, claim.evidence.field,
                   claim.evidence.start, claim.evidence.end)  # fmt: skip
    return msgspec.structs.replace(claim, recipient=recipient, key=key, id=ident)


def _ranked(same: list[Claim]) -> list[Claim]:
    """Let the mention that gives the status have the highest confidence."""
    affirmed = [c for c in same if c.status != "denied"]
    disputed = bool(affirmed) and len(affirmed) < len(same)
    best = min(same, key=lambda c: (_order(c), -c.confidence, c.evidence.start))
    top = max(c.confidence for c in same)
    out = []
    for claim in same:
        confidence = top if claim is best else min(claim.confidence, round(top - 0.01, 2))
        out.append(msgspec.structs.replace(claim, confidence=confidence, disputed=disputed or claim.disputed))
    return out


def _order(claim: Claim) -> int:
    """Rank mentions of one key by what the article is about."""
    if claim.status == "retracted":
        return 0
    lead = claim.evidence.field == "title" or claim.evidence.start < 400
    if claim.change == "end" and claim.status in ("ended", "planned") and lead:
        return 1
    order = ("confirmed", "asserted", "alleged", "ended", "planned", "hypothetical", "denied", "historical")
    return 2 + order.index(claim.status)


__all__ = ["Examined", "examine", "extract"]
