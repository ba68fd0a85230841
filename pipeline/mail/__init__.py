"""The mail of a subscriber about one theatre: alerts in, subject, text and HTML out.

    wording.py   the words of a language, from knowledge/mail/CODE.yaml
    telling.py   a decision in these words: names, the sentence, why it is new
    safe.py      what strangers wrote, made fit for headers, mails and links
    templates/   how it looks: mail.txt, mail.html

What goes at once comes first, each with quote, speaker, link and reason; what the digest would hold stands
as one line each under "Also reported". Nothing is fetched by whoever opens the mail.
"""

from collections.abc import Sequence
from datetime import UTC

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from pipeline.knowledge import Knowledge
from pipeline.mail.safe import line, link, tag
from pipeline.mail.telling import MAX_NAME, Teller
from pipeline.mail.wording import LANGUAGES, Wording, Wordings, load
from pipeline.types import Alert, Decision

__all__ = ["LANGUAGES", "Letter", "Wording", "Wordings", "compose", "load"]

MAX_SUBJECT = 160  # characters
MAX_TITLE = 200
MAX_QUOTE = 1_000  # longer than any quote of ours
MAX_REASON = 8  # sentences on why it is new
SUBJECT_NAMES = 4
NEWS = ("new", "reactivated")

_templates = Environment(
    loader=PackageLoader("pipeline.mail"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
TEXT = _templates.get_template("mail.txt")
HTML = _templates.get_template("mail.html")


class Letter(Struct, frozen=True, kw_only=True):
    """What a subscriber reads. `subject` is one line; `html` is a whole page without remote content."""

    subject: str
    text: str
    html: str


class Item(Struct, frozen=True, kw_only=True):
    """One alert, as strings that are fit to be shown."""

    tag: str
    headline: str
    sentence: str
    quote: str
    quote_label: str
    quote_language: str  # a language tag
    speakers: str
    facts: tuple[tuple[str, str], ...]
    source: str
    published: str
    link: str | None
    title: str
    why: tuple[str, ...]


def compose(alerts: Sequence[Alert], language: str, knowledge: Knowledge, wordings: Wordings) -> Letter:
    """Write one mail about `alerts`, all of one subscriber and theatre and at least one of them for now."""
    wording = wordings[language]
    teller = Teller(wording, knowledge, language)
    now = sorted((each for each in alerts if each.channel == "now"), key=_weight)
    also = sorted((each for each in alerts if each.channel == "digest"), key=_weight)
    subject = line(_subject(now or also, teller), MAX_SUBJECT)
    shown = {
        "language": language,
        "subject": subject,
        "intro": _intro(now, teller),
        "items": [_item(each.decision, teller) for each in now],
        "also": [_item(each.decision, teller) for each in also],
        "label": wording.labels,
        "footer": wording.labels["footer"].format(subscriber=line(alerts[0].subscriber, MAX_NAME)),
    }
    return Letter(subject=subject, text=TEXT.render(shown), html=HTML.render(shown))


def _weight(alert: Alert) -> tuple[int, str, str]:
    """Sort news first, then by evidence, then in an order that never changes."""
    return (0 if alert.step in NEWS else 1, f"{9 - alert.decision.rank}{alert.decision.key}", alert.id)


def _subject(alerts: Sequence[Alert], teller: Teller) -> str:
    if len({each.story for each in alerts}) == 1:
        one_side = len({each.decision.claim.recipient for each in alerts}) == 1
        return teller.headline(alerts[0].decision, side=one_side)
    names = list(dict.fromkeys(teller.short(each.decision.claim.supporter.principal) for each in alerts))
    told = names[:SUBJECT_NAMES]
    if left := len(names) - len(told):
        told.append(teller.wording.subject.others.format(number=left))
    theatre = teller.short(alerts[0].decision.claim.theatre)
    return teller.wording.subject.many.format(
        theatre=theatre, counts=_counts(alerts, teller), names=", ".join(told)
    )


def _counts(alerts: Sequence[Alert], teller: Teller) -> str:
    """Return "3 new, 1 updated", counted by stories."""
    new = {each.story for each in alerts if each.step in NEWS}
    updated = {each.story for each in alerts} - new
    form = teller.wording.counts
    told = [form.new.format(number=len(new))] if new else []
    return ", ".join(told + ([form.update.format(number=len(updated))] if updated else []))


def _intro(now: Sequence[Alert], teller: Teller) -> str:
    """Return a line above several stories; a single one begins with its own sentence."""
    if len(now) < 2:
        return ""
    theatre = teller.called(now[0].decision.claim.theatre)
    return teller.wording.labels["intro"].format(counts=_counts(now, teller), theatre=theatre)


def _item(decision: Decision, teller: Teller) -> Item:
    claim, article, wording = decision.claim, decision.claim.article, teller.wording
    code = tag(article.language)
    return Item(
        tag=teller.tag(decision),
        headline=line(teller.headline(decision), MAX_SUBJECT),
        sentence=teller.sentence(claim),
        quote=line(claim.evidence.quote, MAX_QUOTE),
        quote_label=wording.labels["quote"].format(language=wording.languages.get(code, code)),
        quote_language=code,
        speakers=teller.speakers(claim),
        facts=tuple(teller.facts(decision)),
        source=line(article.source, MAX_NAME),
        published=_when(decision, wording),
        link=link(article.url),
        title=line(article.title, MAX_TITLE),
        why=tuple(teller.why(decision)[:MAX_REASON]),
    )


def _when(decision: Decision, wording: Wording) -> str:
    published = decision.claim.article.published_at
    if published is None:
        return wording.labels["undated"]
    return f"{wording.labels['published']} {published.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
