"""What hypothesis makes up: text, pages and records as a stranger would send them."""

import json

from hypothesis import strategies as st

from tests.hostile.cases import TOLD

ODD = (
    "\x00", "\x1b[31m", "\u202e", "\u200d", "\ufeff", "\u2028", "\u0301", "\U0001f468\u200d\U0001f469", "ﷺ",
    "İ", "ß", "ﬁ", "\r\n", "\t", "“", "’", "|", "&amp;", "&#x0;", "<", ">", '"', "'", "\\", "%00", "{{7*7}}",
    "Libya", "Turkey", "Russia", "Haftar", "sent", "weapons", "300 soldiers", "denied", ". ", ", ", "\n\n",
    TOLD,
)  # fmt: skip
TAGS = (
    "p",
    "div",
    "a",
    "script",
    "style",
    "table",
    "td",
    "svg",
    "math",
    "template",
    "title",
    "h1",
    "article",
)
NAMES = ("href", "onclick", "style", "src", "content", "property", "data-x")

words = st.lists(st.sampled_from(ODD) | st.text(max_size=12), max_size=30).map(" ".join)
glued = st.lists(st.sampled_from(ODD) | st.text(max_size=4), max_size=40).map("".join)


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.lists(st.tuples(st.sampled_from(NAMES), glued), max_size=2)
    return st.builds(_element, st.sampled_from(TAGS), attributes, inner, st.booleans())


def _element(tag: str, attributes: list[tuple[str, str]], inner: str, closed: bool) -> str:
    told = "".join(f' {name}="{value}"' for name, value in attributes)
    return f"<{tag}{told}>{inner}" + (f"</{tag}>" if closed else "")


pages = st.recursive(
    words, lambda inner: element(inner) | st.tuples(inner, inner).map("".join), max_leaves=12
)
texts = words | glued | pages

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "body", "content_type", "source", "url", "title", "language", "authors", "published_at", "fetched_at",
    "backfill", "id", "schema", "made_by", "text", "evidence", "article", "claim",
)  # fmt: skip
GOOD = {"body": TOLD, "content_type": "text/plain", "source": "x.example", "id": "a"}


def _record(fields: dict[str, object]) -> bytes:
    return json.dumps(GOOD | fields).encode("utf-8", "surrogatepass")


records = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6).map(_record) | st.binary(max_size=200)
cases = texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | records
