"""What one claim brings to the memory of its pair: a value that depends on the claim alone."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from courlan import clean_url
from msgspec import Struct

from pipeline.ids import derive
from pipeline.novelty.spells import DISPUTED, ENDED, ENDING, INTERDICTED, OCCURRED, PLANNED, RETRACTED, START
from pipeline.types import ArticleRef, Claim

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STALE = timedelta(hours=72)  # an article fetched later than this after it was published never alerts
LONGEST_ID = 32  # longer article ids are remembered by their hash
MAX_EQUIPMENT = 32
BACKGROUND = "condotta"  # family of what the knowledge files tell: it corroborates nothing
_CLEAN = re.compile(r"https?://[a-z0-9.-]+/[A-Za-z0-9/._-]*[A-Za-z0-9]")  # canonical as it stands
TOP_BAND = 15  # 3 * 10**15 is the highest band

UNREAL = frozenset({"hypothetical", "historical"})
INTENDED = frozenset({"planned", "promised", "threatened", "requested", "authorised"})
RANKS = {"alleged": 2, "asserted": 3, "found": 4, "acknowledged": 5}  # denied, retracted: none


class Source(Struct, frozen=True):
    """The report a mention stands in, by what makes it the same report as another."""

    at: int  # publication, microseconds since 1970; 0: undated
    id: str
    content: str
    url: str  # hash of the canonical URL; empty: none
    family: str  # hash; of the agency for a wire story
    signature: str  # base64 of the low byte of each of 64 values; empty: none


class Mention(Struct, frozen=True):
    source: Source
    day: int | None  # ordinal of the event's date
    rank: int
    bits: int
    facets: tuple[tuple[str, str], ...]  # (mark to remember, step that tells it)
    band: tuple[str, int] | None  # unit, lower bound
    counts: bool  # corroborates: no denial, retraction, mere possibility, nor what we know ourselves
    own: bool  # the outlet's own flat reporting


def read(claim: Claim) -> Mention:
    """Say what `claim` brings."""
    rank = _rank(claim)
    return Mention(
        source=_source(claim.article),
        day=_day(claim),
        rank=rank,
        bits=_bits(claim, rank),
        facets=tuple(_facets(claim)) if rank else (),
        band=_band(claim) if rank else None,
        counts=rank > 0 and claim.article.family != BACKGROUND,
        own=rank == RANKS["asserted"] and not claim.attribution,
    )


def late(claim: Claim) -> str | None:
    """Say why `claim` must not alert by its time, if so."""
    article = claim.article
    if article.backfill:
        return "marked as backfill"
    if article.published_at is None:
        return "the article is undated"
    if article.fetched_at - article.published_at > STALE:
        return "published more than 72 hours before it was fetched"
    return None


def long_past(claim: Claim, mention: Mention, window: int) -> bool:
    """Tell whether the event lies more than `window` days back, and no finding or admission makes it news."""
    published = claim.article.published_at
    if published is None or mention.day is None or mention.bits & RETRACTED or mention.rank >= RANKS["found"]:
        return False
    return _utc(published).toordinal() - mention.day > window


def moment(microseconds: int) -> datetime | None:
    return EPOCH + timedelta(microseconds=microseconds) if microseconds else None


@lru_cache(maxsize=8192)
def mark(text: str) -> str:
    """Return 48 bits of the hash of `text`, in hex: enough to tell a pair's things apart."""
    return derive(text)[:12]


def _rank(claim: Claim) -> int:
    if claim.epistemic not in RANKS or claim.realis in UNREAL:
        return 0
    return 1 if claim.realis in INTENDED else RANKS[claim.epistemic]


def _bits(claim: Claim, rank: int) -> int:
    return _doubt(claim) | (_act(claim, rank) if rank else 0)


def _doubt(claim: Claim) -> int:
    disputed = claim.disputed or claim.epistemic == "denied"
    return (DISPUTED if disputed else 0) | (RETRACTED if claim.epistemic == "retracted" else 0)


def _act(claim: Claim, rank: int) -> int:
    done = rank > 1
    if claim.change == "end":
        return ENDED if done else ENDING
    if claim.change == "interdicted":
        return INTERDICTED if done else 0
    start = START if claim.change in ("start", "increase") else 0
    if done:
        return OCCURRED | start
    return start | (0 if claim.change == "decrease" else PLANNED)


def _day(claim: Claim) -> int | None:
    """Return the event's date: never after its article's, for what has occurred is not in the future."""
    published = claim.article.published_at
    if published is None:
        return None
    told = _utc(published).toordinal()
    time = claim.event_time
    text = (time.end or time.start) if time and claim.realis == "occurred" else None
    return min(told, date.fromisoformat(text).toordinal()) if text else told


def _utc(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _facets(claim: Claim) -> Iterator[tuple[str, str]]:
    if executor := claim.supporter.executor:
        yield "x" + mark(f"executor:{executor}"), f"facet:executor:{executor}"
    for one in claim.equipment[:MAX_EQUIPMENT]:
        yield "e" + mark(f"equipment:{one}"), f"facet:equipment:{one}"
    if claim.embargo_violation:
        yield "b" + mark("embargo"), "facet:embargo"
    if origin := claim.personnel_origin:
        yield "o" + mark(f"origin:{origin}"), ""  # no facet of its own; told apart where sisters meet


def _band(claim: Claim) -> tuple[str, int] | None:
    """Return the highest of 1, 3, 10, 30 … that `min` reaches."""
    quantity = claim.quantity
    if quantity is None or not quantity.min or quantity.min < 1:
        return None
    power = 10 ** min(len(str(quantity.min)) - 1, TOP_BAND)
    return quantity.unit, 3 * power if quantity.min >= 3 * power else power


def _source(article: ArticleRef) -> Source:
    published = article.published_at
    return Source(
        at=(published - EPOCH) // timedelta(microseconds=1) if published else 0,
        id=article.id if len(article.id) <= LONGEST_ID else derive(article.id),
        content=article.content_hash[:16],
        url=_url(article.url),
        family=mark(article.wire or article.family),
        signature=_low(article.signature),
    )


@lru_cache(maxsize=1024)  # the claims of an article come one after another
def _url(url: str | None) -> str:
    if not url or not url.startswith(("http://", "https://")):
        return ""
    if _CLEAN.fullmatch(url) and "//" not in url[8:] and "/." not in url:
        return mark(url)  # as most are, and courlan takes twenty times as long to say so
    return mark(clean_url(url) or url)


def _low(signature: str | None) -> str:
    """Return base64 of the low byte of each little-endian uint32."""
    return base64.b64encode(base64.b64decode(signature)[::4]).decode() if signature else ""
