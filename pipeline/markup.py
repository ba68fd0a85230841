"""What stands in a page of HTML: its main text, its title and when it was published."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser
from trafilatura import extract
from trafilatura.settings import Extractor

TAGS = 20_000  # more, and trafilatura is asked no longer: 30 microseconds a tag, 16 s for a 4 MB page
HEAD = (
    64_000  # characters given to selectolax: 100,000 nested lists take it two minutes, 8,000 under a second
)

_OPTIONS = Extractor(fast=True, comments=False)  # made once: it reads a configuration file

_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
_CODE = re.compile(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_PARAGRAPH = re.compile(
    r"<p(?:\s[^<>]*)?>(.*?)(?=</?(?:p|div|h[1-6]|ul|ol|table|section|article|body)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")
# Anything but the tags of a text that is nothing but paragraphs, as news agencies deliver theirs.
_LAYOUT = re.compile(
    r"<(?!(?:/?(?:html|head|title|body|article|main|p|b|strong|i|em|u)|(?:html|meta|!doctype)\s[^<>]*)>)",
    re.IGNORECASE,
)
_REPEAT = 20  # characters; a longer paragraph that repeats the one before is dropped, as trafilatura does
_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"\\]{1,40})"')
_TITLES = ('meta[property="og:title"]', 'meta[name="twitter:title"]')
_DATES = (
    'meta[property="article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="publishdate"]',
    'meta[name="date"]',
)


class Page(Struct, frozen=True):
    title: str
    text: str  # paragraphs with a blank line between them
    published: datetime | None  # naive where the page names no zone


def read(html: str) -> Page:
    """Read one page. A page that is too large or too broken for the extractor gives its `<p>` elements."""
    start = _head(html)
    head = LexborHTMLParser(start)
    text = _bare_text(head) if len(start) == len(html) and not _LAYOUT.search(html) else ""
    return Page(_title(head), text or _main_text(html), _published(head))


def _bare_text(page: LexborHTMLParser) -> str:
    """Return the text of a page of paragraphs without any layout; "" where text stands outside of them.

    Nothing there has to be told from the text: trafilatura would return the same in twelve times the time.
    """
    found = [" ".join(p.text().split()) for p in page.css("p")]
    whole = page.body.text() if page.body is not None else ""
    if "".join(whole.split()) != "".join(found).replace(" ", ""):
        return ""
    pairs = zip(["", *found], found, strict=False)
    return "\n\n".join(one for before, one in pairs if one and (one != before or len(one) <= _REPEAT))


def _main_text(html: str) -> str:
    if not _TAG.search(html):
        return unescape(html)
    found = extract(html, options=_OPTIONS) if html.count("<") <= TAGS else None
    return "\n\n".join(found.split("\n") if found else _elements(html))


def _elements(html: str) -> Iterator[str]:
    for found in _PARAGRAPH.finditer(_CODE.sub(" ", html)):
        yield " ".join(unescape(_TAG.sub(" ", found[1])).split())


def _head(html: str) -> str:
    """Cut the page some way into its body, where the first headline stands."""
    body = _BODY.search(html, 0, HEAD)
    return html[: min(body.end() + HEAD // 4, HEAD) if body else HEAD]


def _title(head: LexborHTMLParser) -> str:
    """Return what the page calls itself, without the name of the site."""
    for selector in _TITLES:
        if found := _attribute(head, selector):
            return found
    heads = head.css("h1")
    if len(heads) == 1 and (text := heads[0].text(separator=" ", strip=True)):
        return " ".join(text.split())
    title = head.css_first("title")
    return _without_site(" ".join(title.text().split()), head) if title else ""


def _without_site(title: str, head: LexborHTMLParser) -> str:
    site = _attribute(head, 'meta[property="og:site_name"]')
    return title.removesuffix(site).rstrip(" -–—|·:") if site and title != site else title


def _attribute(head: LexborHTMLParser, selector: str) -> str:
    found = head.css_first(selector)
    return " ".join((found.attributes.get("content") or "").split()) if found else ""


def _published(head: LexborHTMLParser) -> datetime | None:
    given = [_attribute(head, selector) for selector in _DATES]
    for script in head.css('script[type="application/ld+json"]'):
        given += _LD_DATE.findall(script.text()[:20_000])
    return next((time for text in given if (time := _time(text))), None)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
