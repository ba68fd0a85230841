"""What everyone knows, as claims: put into the memory before the first article, so that it is no news.

From the knowledge files, as far as it goes on at the day asked for: background.yaml; who stands behind an
armed group, or hires it; whom a mission belongs to; groups that are party to a war abroad. The claims are
marked as backfill, so nobody is told, and they corroborate nothing: an outlet that tells it is the first.
A state that is a belligerent is no outside supporter and gives no claim.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from pipeline.ids import derive
from pipeline.knowledge import Conflict, Entry, Fact, Knowledge
from pipeline.novelty.mention import BACKGROUND
from pipeline.signature import sign
from pipeline.types import ArticleRef, Claim, Evidence, InvolvementType, Speaker, Status, Supporter

SOURCE = "Condotta's knowledge"
LONGEST = 600  # characters of a quote


def background(knowledge: Knowledge, day: date) -> list[Claim]:
    """Return the claims that hold on `day`, one for each key and executor, sorted by key.

    The same knowledge and day give the same claims. On a later day each is a revision of its report, and what
    is known stays known for a further window.
    """
    found: dict[tuple[str, str], Claim] = {}
    names = {entry.id: entry.name for entry in knowledge.entries.values()}
    for fact in (*knowledge.background, *_derived(knowledge, day)):
        if _goes_on(fact, day) and not _at_home(fact, knowledge, day):
            claim = _claim(fact, knowledge, names, day)
            found.setdefault((claim.key, fact.executor or ""), claim)
    return [found[name] for name in sorted(found)]


def _goes_on(fact: Fact, day: date) -> bool:
    return fact.since <= day.year and (fact.until is None or day.year <= fact.until)


def _derived(knowledge: Knowledge, day: date) -> Iterator[Fact]:
    wars = [one for one in knowledge.conflicts if one.start <= day and (one.end is None or day <= one.end)]
    entries = [one for one in knowledge.entries.values() if _lasts(one, day)]
    groups = {one.id: one for one in entries if one.kind == "group"}
    for entry in entries:
        if entry.kind == "mission":
            yield from _mission(entry, knowledge)
    for group in groups.values():
        yield from _sponsored(group, wars)
    for war in wars:
        yield from _abroad(war, groups, day)


def _lasts(entry: Entry, day: date) -> bool:
    return (entry.start is None or entry.start <= day) and (entry.end is None or day <= entry.end)


def _mission(entry: Entry, knowledge: Knowledge) -> Iterator[Fact]:
    if entry.of and entry.country and entry.start:
        led: InvolvementType = "troops" if entry.of in knowledge.countries else "peace_operation"
        yield Fact(
            theatre=entry.country,
            principal=entry.of,
            type="training" if entry.nature == "training" else led,
            since=entry.start.year,
            epistemic="acknowledged",
            source=f"{entry.name}: {entry.source}",
        )


def _sponsored(entry: Entry, wars: Iterable[Conflict]) -> Iterator[Fact]:
    """Yield who stands behind a group in each war that goes on where it fights."""
    hired = entry.nature == "pmc"
    for theatre in entry.theatres:
        starts = [war.start for war in wars if war.theatre == theatre]
        if not starts:
            continue
        since = max(min(starts), entry.start or min(starts))
        for principal in entry.sponsors:
            yield Fact(
                theatre=theatre,
                principal=principal,
                type="mercenaries" if hired else "unspecified_support",
                recipient=None if hired else entry.of or entry.id,
                executor=entry.id if hired else None,
                since=since.year,
                epistemic="asserted",
                source=f"{entry.name}: {entry.source}",
            )


def _abroad(war: Conflict, groups: dict[str, Entry], day: date) -> Iterator[Fact]:
    """Yield the groups from elsewhere that fight on the soil of `war` as a party."""
    for party in war.parties:
        group = groups.get(party.id)
        there = (party.start or war.start) <= day and (party.end is None or day <= party.end)
        if there and group and group.country != war.theatre and war.theatre in group.theatres:
            yield Fact(
                theatre=war.theatre,
                principal=party.id,
                type="foreign_fighters",
                since=(party.start or war.start).year,
                epistemic="asserted",
                source=f"{war.name}: {war.source}",
            )


def _at_home(fact: Fact, knowledge: Knowledge, day: date) -> bool:
    """Tell whether the principal is no outsider: is or lives in the theatre, or is at war there itself."""
    group = knowledge.entry("group", fact.principal)
    return (
        fact.principal in (fact.theatre, fact.recipient)
        or (group is not None and group.country == fact.theatre)
        or any(
            fact.principal == party.id and (party.start or war.start) <= day <= (party.end or war.end or day)
            for war in knowledge.conflicts
            if war.theatre == fact.theatre and fact.principal in knowledge.countries
            for party in war.parties
        )
    )


def _claim(fact: Fact, knowledge: Knowledge, names: Mapping[str, str], day: date) -> Claim:
    label = knowledge.involvements[fact.type].label["en"]
    quote = _sentence(fact, label, names, day)
    key = f"{fact.theatre}|{fact.principal}|{fact.type}|{fact.recipient or ''}"
    article = _article(key, fact, quote, day)
    return Claim(
        made_by=knowledge.made_by,
        id=derive(article.id, article.content_hash, key, _status(fact), "text", 0, len(quote)),
        key=key,
        theatre=fact.theatre,
        type=fact.type,
        supporter=Supporter(principal=fact.principal, executor=fact.executor),
        recipient=fact.recipient,
        epistemic=fact.epistemic,
        realis="ongoing",
        change="continue",
        status=_status(fact),
        disputed=fact.disputed,
        attribution=(Speaker(speaker=fact.source, kind="expert"),),
        evidence=Evidence(field="text", quote=quote, start=0, end=len(quote)),
        confidence=1.0,
        article=article,
    )


def _status(fact: Fact) -> Status:
    if fact.epistemic in ("found", "acknowledged"):
        return "confirmed"
    return "asserted" if fact.epistemic == "asserted" else "alleged"


def _article(key: str, fact: Fact, text: str, day: date) -> ArticleRef:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return ArticleRef(
        id=derive("background", key, fact.executor),
        url=None,
        source=SOURCE,
        family=BACKGROUND,
        wire=None,
        title="",
        language="en",
        published_at=moment,
        fetched_at=moment,
        backfill=True,
        content_hash=derive("", text),
        signature=sign(text),
    )


def _sentence(fact: Fact, label: str, names: Mapping[str, str], day: date) -> str:
    parts = [
        f"Known on {day.isoformat()}: {label} by {names[fact.principal]}",
        f"through {names[fact.executor]}" if fact.executor else "",
        f"for {names[fact.recipient]}" if fact.recipient else "",
        f"in {names[fact.theatre]} since {fact.since} ({fact.source})",
    ]
    return " ".join(filter(None, parts))[:LONGEST]
