"""Writing: a candidate becomes the record of a claim, with its evidence and figures."""

from typing import Final, get_args

from pipeline.claims import judgement
from pipeline.claims.reading import vocabulary_of
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import NUMBER, Unit
from pipeline.claims.validity import PERSONNEL
from pipeline.claims.vocabulary import Vocabulary
from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.types import (
    Article,
    ArticleRef,
    Claim,
    Evidence,
    Quantity,
    Speaker,
    SpeakerKind,
    Supporter,
)  # fmt: skip

QUOTE: Final = (15, 600)  # characters, contracts.md


def write(one: Candidate, article: Article, knowledge: Knowledge, scene: Scene) -> Claim | None:
    """Return the claim's record, None where no fitting quote can be cut from the article."""
    evidence = evidence_of(one, article, 1 if 3 in scene.without else QUOTE[0])
    if evidence is None or one.hand is None or one.theatre is None:
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
        equipment=equipment_of(one),
        quantity=quantity_of(one, article, knowledge),
        epistemic=one.epistemic,  # type: ignore[arg-type]
        realis=one.realis,  # type: ignore[arg-type]
        change=one.change,  # type: ignore[arg-type]
        status=label,
        embargo_violation=breaks_embargo(one),
        attribution=attribution_of(one, scene),
        evidence=evidence,
        confidence=round(max(0.05, min(0.99, one.confidence)), 2),
        article=reference(article),
    )


def reference(article: Article) -> ArticleRef:
    names = ArticleRef.__struct_fields__
    values = {n: getattr(article, n) for n in names if n != "language"}
    return ArticleRef(**values, language=article.language.code if article.language else "und")


def evidence_of(one: Candidate, article: Article, least: int = QUOTE[0]) -> Evidence | None:
    """Return the sentence that holds the trigger, narrowed around it where it is too long; else None."""
    body = article.text if one.sentence.field == "text" else article.title
    start, end = one.sentence.start, one.sentence.end
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    if end - start > QUOTE[1]:
        start, end = narrow(body, start, end, one)
    if end - start < least:
        return None
    return Evidence(field=one.sentence.field, quote=body[start:end], start=start, end=end)  # type: ignore[arg-type]


def narrow(body: str, start: int, end: int, one: Candidate) -> tuple[int, int]:
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


def equipment_of(one: Candidate) -> tuple[str, ...]:
    if one.type not in ("arms", "strikes", "materiel", "troops"):
        return ()
    i = one.trigger.at
    near = one.sentence.units[max(0, i - 10) : i + 16]
    return tuple(
        dict.fromkeys(u.entity.id for u in near if u.entity is not None and u.entity.kind == "weapon")
    )


def quantity_of(one: Candidate, article: Article, knowledge: Knowledge) -> Quantity | None:
    """Return the figure that stands before the thing: "some 2,000", "ratusan"."""
    vocabulary = vocabulary_of(knowledge, article.language.code if article.language else "")
    if one.thing is None or vocabulary is None:
        return None
    units = one.sentence.units
    at = one.thing.at
    body = article.text if one.sentence.field == "text" else article.title
    for j in range(at - 1, max(-1, at - 7), -1):
        unit = units[j]
        if (
            unit.verb
            or (unit.has("rel") and not unit.has("rel", "of"))
            or (unit.has("thing") and unit.entity is None)
        ):
            return None
        found = figure_at(units, j, vocabulary)
        if found:
            low, high, first, last = found
            raw = body[units[first].start : units[last].end]
            return Quantity(min=low, max=high, unit=unit_of(one, units, first, last, vocabulary), raw=raw)
    return None


def figure_at(units: list[Unit], j: int, vocabulary: Vocabulary) -> tuple[int, int, int, int] | None:
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
    value = number(digits, vocabulary.thousands)
    return None if value is None else (int(value * factor), int(value * factor), first, last)


def number(text: str, thousands: str) -> float | None:
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


def unit_of(one: Candidate, units: list[Unit], first: int, last: int, vocabulary: Vocabulary) -> str:
    near = [units[first - 1]] if first else []
    near += units[last + 1 : last + 3]
    for unit in near:
        if unit.low in vocabulary.currencies:
            return vocabulary.currencies[unit.low]
        if unit.low in vocabulary.units:
            return vocabulary.units[unit.low]
    return "people" if one.thing is not None and one.thing.value("thing") in PERSONNEL else "items"


def breaks_embargo(one: Candidate) -> bool:
    return one.type in ("arms", "materiel", "mercenaries", "troops", "foreign_fighters") and any(
        u.has("embargo") for u in one.sentence.units
    )


def attribution_of(one: Candidate, scene: Scene) -> tuple[Speaker, ...]:
    out = []
    for voice in one.voices:
        heard = judgement.hear(voice, one, scene)
        if heard.text and heard.kind in get_args(SpeakerKind):
            out.append(Speaker(speaker=heard.text, kind=heard.kind))  # type: ignore[arg-type]
    return tuple(out[:4])
