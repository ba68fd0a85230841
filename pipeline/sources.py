"""Where a report comes from: its id, the family of its publisher, the agency behind it."""

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import tld
from courlan import clean_url

from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.language import REFUSED
from pipeline.lexicon import pages

LEAD = 300  # code points in which a dateline stands
LAST = 160  # a last line up to this length may credit an agency
SCANNED = 100_000

_HOST = re.compile(r"(?:[a-z0-9\u0080-\uffff_-]{1,63}\.){1,20}[a-z\u0080-\uffff][a-z0-9\u0080-\uffff-]{1,62}")


def article_id(record: Mapping[str, object]) -> str | None:
    """Return the id of a raw article, of which any field may be missing or of a wrong type.

    A valid `id` is kept; else it is derived from the cleaned `url`; else from `source` and `body` as sent.
    None where none of them can be read.
    """
    given, url = record.get("id"), record.get("url")
    if isinstance(given, str) and _is_id(given):
        return given
    if isinstance(url, str) and (cleaned := _address(url)):
        return derive(cleaned)
    source, body = record.get("source"), record.get("body")
    return derive(source, body) if isinstance(source, str) and isinstance(body, str) else None


def _is_id(text: str) -> bool:
    """Tell whether `text` has 1 to 200 characters and no control among them."""
    return 0 < len(text) <= 200 and not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text)


def _address(url: str) -> str | None:
    """Return the address without what does not matter; None unless it is absolute http(s) with a host."""
    try:
        parts = urlsplit(url.strip())
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and not REFUSED.search(url)
        return clean_url(url) if absolute else None
    except ValueError:
        return None


def family(source: str, knowledge: Knowledge) -> str:
    """Name the publisher: its entry in the table, else the registrable domain, else the casefolded name.

    A subdomain belongs to the entry of its domain.

    >>> family("Antara News", knowledge)  # doctest: +SKIP
    'antara news'
    """
    name = source.casefold().strip().removeprefix("www.")
    domain = _registrable(name)
    return knowledge.families.get(name) or knowledge.families.get(domain, domain)


@cache
def _registrable(name: str) -> str:
    """Return the registrable domain of a host by the public suffix list of the tld package (no network)."""
    if not _HOST.fullmatch(name):
        return name
    found = tld.get_fld(name, fix_protocol=True, fail_silently=True)
    return str(found) if found else name


def wire(text: str, knowledge: Knowledge) -> str | None:
    """Return the agency whose report this is: credited in the dateline or the last line, or told the news.

    "(Reuters) -" and "said the official to Reuters" count, a mention in passing does not.
    """
    text = text[:SCANNED].rstrip()
    named = (agency for agency, names in knowledge.wires.items() if any(name in text for name in names))
    return next((agency for agency in named if _credit(knowledge.wires[agency]).search(text)), None)


@cache
def _credit(names: tuple[str, ...]) -> re.Pattern[str]:
    name = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    told = "|".join(pages().told)
    dateline = rf"\A[^\n]{{0,80}}?(?:\((?:{name})\)|(?<!\w)(?:{name}) ?[-–—])"
    last = rf"(?:\n|\A)[^\n]{{0,{LAST}}}?(?<!\w)(?:{name})(?!\w)[^\n]{{0,40}}\Z"
    return re.compile(
        rf"{dateline}|{last}|(?<!\w)(?i:{told}) (?:{name})(?!\w)|\((?:{name})(?:/[A-Za-z]+)?\)\s*(?:\n|\Z)"
    )
