"""Stage 1, RawArticle -> Article: take the text out of the markup, mend it, refuse what is not an article."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import chain

import msgspec

from pipeline import glue, language, markup, mend, signature, sources
from pipeline.errors import Rejected
from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.lexicon import any_of, pages
from pipeline.types import Article, RawArticle, Removed

MAX_BODY = 4 * 1024 * 1024  # bytes of UTF-8
MIN_CHARACTERS = 15  # title and text together: the shortest quote that may prove a claim
MAX_TITLE = 1000  # code points, the mark included
MARK = "…"
AHEAD = timedelta(hours=1)  # a time this far after fetching cannot be true

SHORT_PAGE = 1500  # code points; a longer text with a cookie notice in it is an article
TINY_PAGE = 120  # here one cue is enough
LIST_LINES = 10  # a list page has at least as many paragraphs, nearly none of them a sentence
LIST_LINE = 160  # code points
LIST_SHARE = 0.9
LABELS = 5  # as many "read more" make a list page

MAX_REMOVED = 100

# The scripts at the end write no full stops: Thai, Lao, Burmese, Khmer.
_SENTENCE_END = re.compile("[.!?…。！？।።۔؟\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff][\"'”’»)\\]]*$")


def clean(raw: RawArticle, knowledge: Knowledge) -> Article:
    """Clean one article; a second time changes nothing.

    `fetched_at` must be set. Raises Rejected: "oversized", "too-short", "no-letters", "not-an-article".
    """
    if raw.fetched_at is None:
        raise ValueError("the caller fills fetched_at")
    if _bytes(raw.body) > MAX_BODY:
        raise Rejected("oversized")
    page = _page(raw)
    title, text, removed = _mend(page.title, page.text, knowledge)
    _check(title, text)
    return Article(
        made_by=knowledge.made_by,
        id=sources.article_id(msgspec.structs.asdict(raw)) or derive(raw.source, raw.body),
        url=raw.url if raw.url and sources.is_address(raw.url) else None,
        source=raw.source,
        family=sources.family(raw.source, knowledge),
        wire=sources.wire(text, knowledge, _authors(raw)),
        title=title,
        text=text,
        removed=removed,
        published_at=_believed(page.published, raw.fetched_at),
        fetched_at=raw.fetched_at.astimezone(UTC),
        backfill=raw.backfill,
        content_hash=derive(title, text),
        signature=signature.sign(text),
    )


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


# Reading


def _page(raw: RawArticle) -> markup.Page:
    """Read the body; what the producer says of title and time comes before what the page says."""
    if raw.content_type == "text/plain":
        return markup.Page(raw.title or "", raw.body, raw.published_at)
    page = markup.read(raw.body)
    return markup.Page(raw.title or page.title, page.text, raw.published_at or page.published)


def _authors(raw: RawArticle) -> list[str]:
    return [raw.authors] if isinstance(raw.authors, str) else raw.authors or []


def _believed(published: datetime | None, fetched: datetime) -> datetime | None:
    """Return a time in UTC; None where it lies more than an hour after `fetched`."""
    if published is None:
        return None
    try:
        time = (published if published.tzinfo else published.replace(tzinfo=UTC)).astimezone(UTC)
        return time if time - AHEAD <= fetched else None
    except OverflowError:
        return None


# Mending


def _mend(title: str, text: str, knowledge: Knowledge) -> tuple[str, str, tuple[Removed, ...]]:
    """Mend title and text until both stay as they are."""
    removed: list[Removed] = []
    for _ in range(mend.ROUNDS):
        before = title, text
        title, of_title = _mend_title(title)
        text, of_text = mend.until_stable(
            text, (mend.mend, paragraphs, partial(_untitled, title), mend.spam_tail)
        )
        code = language.document(title, text).code
        unglue = partial(glue.split, language=code, knowledge=knowledge)
        (title, split_title), (text, split_text) = unglue(title), unglue(text)
        removed += chain(of_title, of_text, split_title, split_text)
        if (title, text) == before:
            break
    return title, text, tuple(removed[:MAX_REMOVED])


def _mend_title(title: str) -> mend.Mended:
    title, removed = mend.mend(" ".join(title.split()))
    if len(title) <= MAX_TITLE:
        return title, removed
    cut = title[: MAX_TITLE - len(MARK)].rstrip()
    return cut + MARK, (*removed, mend.note(title[len(cut) :], "long-title"))


def paragraphs(text: str) -> mend.Mended:
    """Put a blank line between lines where the text has none and most lines end as sentences do."""
    if "\n" not in text or "\n\n" in text:
        return text, ()
    lines = text.split("\n")
    ended = sum(bool(_SENTENCE_END.search(line[-5:])) for line in lines)
    return ("\n\n".join(lines), ()) if 2 * ended >= len(lines) else (text, ())


def _untitled(title: str, text: str) -> mend.Mended:
    """Drop a first paragraph that only repeats the title."""
    first, _, rest = text.partition("\n\n")
    if rest and first.casefold() == title.casefold():
        return rest, (mend.note(first, "repeated-title"),)
    return text, ()


# Refusing


def _check(title: str, text: str) -> None:
    whole = f"{title}\n{text}".strip()
    if not whole:
        raise Rejected("too-short")
    if not any(map(str.isalpha, whole)):
        raise Rejected("no-letters")
    if _is_notice(title, text) or _is_list(text):
        raise Rejected("not-an-article")
    if len(whole) < MIN_CHARACTERS:
        raise Rejected("too-short")


def _is_notice(title: str, text: str) -> bool:
    """Recognise a cookie wall, captcha, paywall or error page by its cues; a long text is an article."""
    if len(text) > SHORT_PAGE:
        return False
    names, kinds = _notices()
    if names.search(title) or (not title and names.search(text)):
        return True
    least = 1 if 0 < len(text) <= TINY_PAGE else 2
    return any(
        len({cue.lastgroup or cue[0].casefold() for cue in kind.finditer(text)}) >= least for kind in kinds
    )


@cache
def _notices() -> tuple[re.Pattern[str], list[re.Pattern[str]]]:
    names = any_of(pages().titles, r"^(?:{})(?:\s*[|–—-]\s.{{0,60}})?$")
    return names, [any_of(cues) for cues in pages().cues.values()]


def _is_list(text: str) -> bool:
    """Recognise a page of headlines: many short lines that are no sentences, or many "read more"."""
    lines = text.split("\n\n")
    if len(lines) < LIST_LINES:
        return False
    labels = sum(len(line) < 40 and bool(_label().match(line)) for line in lines)
    open_ended = sum(len(line) <= LIST_LINE and not _SENTENCE_END.search(line[-5:]) for line in lines)
    return labels >= LABELS or open_ended >= LIST_SHARE * len(lines)


@cache
def _label() -> re.Pattern[str]:
    return any_of(pages().links, r"\W*(?:{})\W*$")
