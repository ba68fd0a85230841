"""Writing: a candidate becomes the record of a claim, with its evidence and figures."""

from typing import Final, get_args

from pipeline.claims import judgement
from pipeline.claims.equipment import equipment_of
from pipeline.claims.quantities import quantity_of
from pipeline.claims.reading import vocabulary_of
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.speakers import hear
from pipeline.claims.times import calendar_of, time_of, told
from pipeline.claims.vocabulary import Vocabulary
from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.types import (
    Article,
    ArticleRef,
    Claim,
    EventTime,
    Evidence,
    Quantity,
    Speaker,
    SpeakerKind,
    Supporter,
)  # fmt: skip

QUOTE: Final = (15, 600)  # characters, contracts.md
EMBARGOED: Final = frozenset(
    {"arms", "materiel", "mercenaries", "troops", "foreign_fighters", "training", "strikes"}
)


def write(one: Candidate, article: Article, knowledge: Knowledge, scene: Scene) -> Claim | None:
    """Return the claim's record, None where no fitting quote can be cut from the article."""
    evidence = evidence_of(one, article, 1 if 3 in scene.without else QUOTE[0])
    if evidence is None or one.hand is None or one.theatre is None:
        return None
    key = "|".join((one.theatre, one.hand.principal, one.type, one.recipient or ""))
    label = judgement.status(one.epistemic, one.realis, one.change)  # type: ignore[arg-type]
    content = article.content_hash
    code = article.language.code if article.language else ""
    vocabulary = vocabulary_of(knowledge, code)
    quantity, time = measured(one, article, evidence, vocabulary, code)
    return Claim(
        made_by=knowledge.made_by,
        id=derive(article.id, content, key, label, evidence.field, evidence.start, evidence.end),
        key=key,
        theatre=one.theatre,
        type=one.type,  # type: ignore[arg-type]
        supporter=Supporter(principal=one.hand.principal, executor=one.hand.executor),
        recipient=one.recipient,
        personnel_origin=one.origin,
        equipment=equipment_of(one, knowledge),
        quantity=quantity,
        event_time=time,
        epistemic=one.epistemic,  # type: ignore[arg-type]
        realis=one.realis,  # type: ignore[arg-type]
        change=one.change,  # type: ignore[arg-type]
        status=label,
        embargo_violation=breaks_embargo(one, vocabulary),
        attribution=attribution_of(one, scene),
        evidence=evidence,
        confidence=round(max(0.05, min(0.99, one.confidence)), 2),
        article=reference(article),
    )


def measured(
    one: Candidate, article: Article, evidence: Evidence, vocabulary: Vocabulary | None, code: str
) -> tuple[Quantity | None, EventTime | None]:
    """Return how many and when."""
    if vocabulary is None:
        return None, None
    body = article.text if one.sentence.field == "text" else article.title
    calendar = calendar_of(vocabulary, code)
    times = told(calendar, body[one.sentence.start : one.sentence.end])
    quantity = quantity_of(one, body, (evidence.start, evidence.end), vocabulary, times)
    return quantity, time_of(one, article, times, calendar.elsewhere)


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


def breaks_embargo(one: Candidate, vocabulary: Vocabulary | None) -> bool:
    """Say whether the sentence tells that an embargo is broken: it names one, and a breach."""
    if (
        one.type not in EMBARGOED
        or vocabulary is None
        or not any(u.has("embargo") for u in one.sentence.units)
    ):
        return False
    low = " ".join(u.low for u in one.sentence.units)
    told = f" {low} "
    broken = any(f" {word} " in told for word in vocabulary.sheet.get("breach", ()))
    return broken and not any(f" {word} " in told for word in vocabulary.sheet.get("unbroken", ()))


def attribution_of(one: Candidate, scene: Scene) -> tuple[Speaker, ...]:
    out = []
    for voice in one.voices:
        heard = hear(voice, one, scene)
        if heard.text and heard.kind in get_args(SpeakerKind):
            out.append(Speaker(speaker=heard.text, kind=heard.kind))  # type: ignore[arg-type]
    return tuple(out[:4])
