"""Where a report comes from: its id, the family of its publisher, the agency behind it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import urlsplit

import tld
from ahocorasick_rs import AhoCorasick, Implementation
from courlan import clean_url

from pipeline.ids import derive
from pipeline.knowledge import Knowledge
from pipeline.lexicon import pages

LEAD = 80  # code points before the agency in a dateline
LAST = 160  # code points before it in a last line that begins like a credit
SHORT = 30  # code points around it in a last line that is nothing but a credit
SCANNED = 100_000
MAX_ADDRESS = 4096  # code points

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

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
    return 0 < len(text) <= 200 and not _CONTROL.search(text)


def _address(url: str) -> str | None:
    """Return the address without what does not matter; None unless a reader could follow it."""
    return clean_url(url) if is_address(url) else None


def is_address(url: str) -> bool:
    """Tell whether `url` is absolute http(s) with a host, of a length that browsers take."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return web and len(url) <= MAX_ADDRESS and not _CONTROL.search(url)


def family(source: str, knowledge: Knowledge) -> str:
    """Name the publisher: its entry in the table, else the registrable domain, else the casefolded name.

    A subdomain belongs to the entry of its domain.

    >>> family("Antara News", knowledge)  # doctest: +SKIP
    'antara news'
    """
    name = source.casefold().strip().removeprefix("www.")
    domain = _registrable(name)
    listed = (knowledge.families[host] for host in _hosts(name, domain) if host in knowledge.families)
    return next(listed, domain)


def _hosts(name: str, domain: str) -> Iterator[str]:
    """Yield a host and the hosts above it, down to its registrable domain."""
    yield name
    while name != domain and "." in name:
        name = name.partition(".")[2]
        yield name


@cache
def _registrable(name: str) -> str:
    """Return the registrable domain of a host by the public suffix list that the package tld carries.

    An unknown suffix counts as one label, which is the list's own default.
    """
    if not _HOST.fullmatch(name):
        return name
    found = tld.get_fld(name, fix_protocol=True, fail_silently=True)
    return str(found) if found else ".".join(name.split(".")[-2:])


def wire(text: str, knowledge: Knowledge, authors: Iterable[str] = ()) -> str | None:
    """Return the agency whose report this is: an author, credited in the dateline or the last line, or told.

    "(Reuters) -" and "said the official to Reuters" count, a mention in passing does not.
    """
    text = text[:SCANNED].rstrip()
    writers = {name.strip() for author in authors for name in re.split("[/,;&]", author[:500])}
    automaton, whose = _agencies(knowledge)
    named = {whose[n] for n, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}
    for agency, names in knowledge.wires.items():
        credited = agency in named and _credit(names).search(text)
        if credited or not writers.isdisjoint(names):
            return agency
    return None


def _agencies(knowledge: Knowledge) -> tuple[AhoCorasick, tuple[str, ...]]:
    """Return an automaton of every agency's names, and whose each is; kept on the knowledge."""
    if "_agencies" not in knowledge.__dict__:
        rows = [(name, agency) for agency, names in knowledge.wires.items() for name in names]
        automaton = AhoCorasick([name for name, _ in rows], implementation=Implementation.ContiguousNFA)
        knowledge.__dict__["_agencies"] = automaton, tuple(agency for _, agency in rows)
    found: tuple[AhoCorasick, tuple[str, ...]] = knowledge.__dict__["_agencies"]
    return found


@cache
def _credit(names: tuple[str, ...]) -> re.Pattern[str]:
    name = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    dateline = rf"\A[^\n]{{0,{LEAD}}}?(?:[(（](?:{name})[)）]|(?<!\w)(?:{name}) ?[-–—])"
    line = rf"(?:\n|\A)(?:(?i:{'|'.join(pages().credits)})[^\n]{{0,{LAST}}}?|[^\n.!?]{{0,{SHORT}}}?)"
    last = rf"{line}(?<!\w)(?:{name})(?!\w)[^\n.!?]{{0,{SHORT}}}\Z"
    told = rf"(?<!\w)(?i:{'|'.join(pages().told)}) (?:{name})(?!\w)"
    end = rf"\((?:{name})(?:/[A-Za-z]+)?\)\s*(?:\n|\Z)"
    return re.compile(f"{dateline}|{last}|{told}|{end}")
