"""Claims for tests, stated in a few words: a key, what differs from an ordinary claim, and its article."""

from datetime import UTC, datetime, timedelta

from pipeline.ids import derive
from pipeline.signature import sign
from pipeline.types import ArticleRef, Claim, EventTime, Evidence, MadeBy, Quantity, Speaker, Supporter

MADE_BY = MadeBy(version="0", knowledge="tests")
DAY_ONE = datetime(2026, 1, 1, 6, tzinfo=UTC)
SAID = (
    Speaker(speaker="a minister", kind="third_state"),
)  # so that no claim is own reporting unless it says so


def day(number: int) -> datetime:
    """Return 06:00 on the day `number` days after 2026-01-01."""
    return DAY_ONE + timedelta(days=number)


def article(id="a1", source=None, published_at=DAY_ONE, fetched_at=None, text=None, **fields):
    """Return what a claim keeps of an article; its text makes content hash and signature."""
    text = text if text is not None else f"the text of {id}"
    told = {
        "id": id,
        "url": None,
        "source": source or f"{id}.example",
        "family": source or f"{id}.example",
        "wire": None,
        "title": "",
        "language": "en",
        "published_at": published_at,
        "fetched_at": fetched_at or (published_at or DAY_ONE) + timedelta(minutes=5),
        "backfill": False,
        "content_hash": derive("", text),
        "signature": sign(text),
    }
    return ArticleRef(**(told | fields))


def status_of(epistemic: str, realis: str, change: str) -> str:
    """Derive the one label for people, as the extractor does."""
    if epistemic in ("retracted", "denied"):
        return epistemic
    if realis in ("historical", "hypothetical"):
        return realis
    if realis not in ("occurred", "ongoing"):
        return "planned"
    if change == "end":
        return "ended"
    return "confirmed" if epistemic in ("found", "acknowledged") else epistemic


def claim(
    key="LY|RU|arms|lna",
    *,
    epistemic="asserted",
    realis="occurred",
    change="start",
    executor=None,
    quantity=None,
    event=None,
    own=False,
    at=0,
    of=None,
    **fields,
):
    """Return a claim under `key` in the article `of`.

    `quantity`: (min, unit); `event`: an ISO date, or (start, end); `own`: in the outlet's own voice;
    `at`: where the quote begins.
    """
    of = of or article()
    theatre, principal, type, recipient = key.split("|")
    status = status_of(epistemic, realis, change)
    start, end = event if isinstance(event, tuple | list) else (event, event)
    return Claim(
        made_by=MADE_BY,
        id=derive(of.id, of.content_hash, key, status, "text", at, at + 20),
        key=key,
        theatre=theatre,
        type=type,
        supporter=Supporter(principal=principal, executor=executor),
        recipient=recipient or None,
        quantity=Quantity(min=quantity[0], max=quantity[0], unit=quantity[1], raw="") if quantity else None,
        event_time=EventTime(start=start, end=end, precision="day") if event else None,
        epistemic=epistemic,
        realis=realis,
        change=change,
        status=status,
        attribution=() if own else SAID,
        evidence=Evidence(field="text", quote="arms were sent there", start=at, end=at + 20),
        confidence=0.9,
        article=of,
        **fields,
    )
