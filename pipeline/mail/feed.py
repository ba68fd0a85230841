"""Alerts as a feed: Atom (RFC 4287) and JSON Feed 1.1. Newest first; nothing of a stranger is markup."""

from collections.abc import Mapping, Sequence

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.knowledge import Knowledge
from pipeline.mail.safe import line, link
from pipeline.mail.telling import Teller
from pipeline.mail.wording import Wordings
from pipeline.types import Alert, plain

FORMS = {"atom": "application/atom+xml", "json": "application/feed+json"}
MAX_TITLE = 200
MAX_TEXT = 2_000
EPOCH = "1970-01-01T00:00:00Z"

_templates = Environment(
    loader=PackageLoader("pipeline.mail"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ATOM = _templates.get_template("feed.atom.xml")


def render(
    form: str,
    alerts: Sequence[Alert],
    language: str,
    knowledge: Knowledge,
    wordings: Wordings,
    *,
    address: str,
    theatre: str,
) -> str:
    """Write the feed of `form` (atom, json) on one theatre, to be read at `address`."""
    teller = Teller(wordings[language], knowledge, language)
    title = f"Condotta · {teller.name(theatre)}"
    entries = [_entry(each, teller) for each in alerts]
    if form == "atom":
        updated = entries[0]["updated"] if entries else EPOCH
        return ATOM.render(title=title, address=address, entries=entries, updated=updated, language=language)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "feed_url": address,
        "language": language,
        "items": [_item(each) for each in entries],
    }
    return orjson.dumps(feed).decode()


def _entry(alert: Alert, teller: Teller) -> dict[str, str]:
    claim = alert.decision.claim
    why = " ".join(teller.why(alert.decision))
    return {
        "id": f"urn:condotta:{alert.id}",
        "title": line(teller.headline(alert.decision), MAX_TITLE),
        "updated": str(plain(claim.article.fetched_at)),
        "text": line(f"{teller.sentence(claim)} “{claim.evidence.quote}” {why}", MAX_TEXT),
        "link": link(claim.article.url) or "",
        "source": line(claim.article.source, MAX_TITLE),
        "story": alert.story,
    }


def _item(entry: Mapping[str, str]) -> dict[str, object]:
    told: dict[str, object] = {
        "id": entry["id"],
        "title": entry["title"],
        "content_text": entry["text"],
        "date_published": entry["updated"],
        "tags": [entry["story"]],
        "authors": [{"name": entry["source"]}],
    }
    return told | ({"external_url": entry["link"]} if entry["link"] else {})
