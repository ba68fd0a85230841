"""Text of strangers, made fit for a header, a mail and a link."""

import unicodedata
from urllib.parse import urlsplit

BREAKS = frozenset({"Cc", "Zl", "Zp"})  # control characters, NUL and line ends among them
HIDDEN = frozenset({"Cf", "Cs"})  # marks that turn or hide text; halves of surrogate pairs
JOINERS = "\u200c\u200d"  # hidden too, but letters of Persian and parts of emoji
MAX_LINK = 2_000
UNFIT = frozenset('<>"\\^`{|}')


def line(text: str, limit: int) -> str:
    """Return one line of at most `limit` characters, cut with a mark. Linear, also for a text of any size."""
    head = text[: 4 * limit]  # what lies beyond can only be needed by a text of blanks
    kept = " ".join("".join(map(_fit, head)).split())
    return kept if len(kept) <= limit and len(head) == len(text) else kept[: limit - 1].rstrip() + "…"


def _fit(character: str) -> str:
    category = unicodedata.category(character)
    if category in BREAKS:
        return " "
    return "" if category in HIDDEN and character not in JOINERS else character


def link(url: str | None) -> str | None:
    """Return `url` where it is an absolute http(s) address that is safe to show as a link, else None."""
    if not url or len(url) > MAX_LINK or any(map(_odd, url)):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _odd(character: str) -> bool:
    return character in UNFIT or character.isspace() or unicodedata.category(character) in BREAKS | HIDDEN


def tag(code: str) -> str:
    """Return `code` where it looks like a language's, else `und`."""
    return code if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else "und"
