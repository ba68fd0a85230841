"""The mails of a subscriber: alerts in, subject, text and HTML out.

`compose` writes the mail about one theatre, `digest` what was not urgent, of all theatres, and what was read.

    wording.py   the words of a language, from knowledge/mail/CODE.yaml
    telling.py   a decision in these words: names, the sentence, why it is new
    safe.py      what strangers wrote, made fit for headers, mails and links
    templates/   how it looks: mail.txt, mail.html

What goes at once comes first, each with quote, speaker, link and reason; what is for the digest is told in a
few lines. Nothing is fetched by whoever opens the mail.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from pipeline.knowledge import Knowledge
from pipeline.mail.safe import line, link, tag
from pipeline.mail.telling import MAX_NAME, Teller
from pipeline.mail.wording import LANGUAGES, Wording, Wordings, load
from pipeline.types import Alert, Decision

__all__ = [
    "LANGUAGES",
    "Letter",
    "Reading",
    "Wording",
    "Wordings",
    "compose",
    "digest",
    "load",
    "page",
]

MAX_SUBJECT = 160  # characters
MAX_TITLE = 200
MAX_QUOTE = 1_000  # longer than any quote of ours
MAX_REASON = 8  # sentences on why it is new
SUBJECT_NAMES = 4
MAX_LANGUAGES = 12
MAX_SILENT = 30
NEWS = ("new", "reactivated")

Actions = Callable[[Alert | None], Mapping[str, str]]
"""Returns links by action: of one alert, or with None of the whole mail."""

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
PAGE = _templates.get_template("page.html")


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
    actions: tuple[tuple[str, str], ...]  # label, link


class Reading(Struct, frozen=True, kw_only=True):
    """What was read in the time of a digest, and what was held back."""

    articles: int = 0
    languages: tuple[str, ...] = ()  # codes, the most read first
    silent: tuple[str, ...] = ()  # sources
    held: Mapping[str, int] = {}  # by why, as in wording.HELD


def no_actions(_: Alert | None) -> Mapping[str, str]:
    return {}


def compose(
    alerts: Sequence[Alert],
    language: str,
    knowledge: Knowledge,
    wordings: Wordings,
    actions: Actions = no_actions,
) -> Letter:
    """Write one mail about `alerts`, all of one subscriber and theatre and at least one of them for now."""
    wording = wordings[language]
    teller = Teller(wording, knowledge, language)
    now = sorted((each for each in alerts if each.channel == "now"), key=_weight)
    also = sorted((each for each in alerts if each.channel == "digest"), key=_weight)
    subject = line(_subject(now or also, teller), MAX_SUBJECT)
    sections = [(wording.labels["also"], [_item(each, teller, actions) for each in also])] if also else []
    return _letter(
        subject,
        wording,
        language,
        alerts[0].subscriber,
        actions,
        intro=_intro(now, teller),
        items=[_item(each, teller, actions) for each in now],
        sections=sections,
    )


def digest(
    alerts: Sequence[Alert],
    language: str,
    knowledge: Knowledge,
    wordings: Wordings,
    *,
    subscriber: str,
    kind: str,
    day: str,
    reading: Reading | None = None,
    actions: Actions = no_actions,
) -> Letter:
    """Write the digest of `kind` (hourly, daily) of `day`; with `reading`, what was read as well."""
    wording = wordings[language]
    teller = Teller(wording, knowledge, language)
    counts = _counts(alerts, teller) if alerts else wording.digest["nothing"]
    theatres: dict[str, list[Item]] = defaultdict(list)
    for each in sorted(alerts, key=_weight):
        theatres[teller.name(each.decision.claim.theatre)].append(_item(each, teller, actions))
    return _letter(
        line(wording.digest[kind].format(day=day, counts=counts), MAX_SUBJECT),
        wording,
        language,
        subscriber,
        actions,
        intro=wording.digest["intro"].format(day=day),
        sections=sorted(theatres.items()),
        notes=_notes(reading, teller) if reading else [],
    )


def page(kind: str, name: str, wording: Wording, *, done: bool, known: bool) -> str:
    """Write the page behind a link of `kind`: what the button would do, or, `done`, what it did."""
    form = wording.pages[f"{kind}_done" if done else kind] if known else wording.pages["wrong"]
    language = next(code for code, one in load().items() if one is wording)
    text = form.format(name=line(name, MAX_NAME))
    return PAGE.render(language=language, text=text, ask=known and not done, button=wording.pages["button"])


def _letter(
    subject: str, wording: Wording, language: str, subscriber: str, actions: Actions, **shown: object
) -> Letter:
    told = {
        "items": [],
        "sections": [],
        "notes": [],
        "language": language,
        "subject": subject,
        "label": wording.labels,
        "footer": wording.labels["footer"].format(subscriber=line(subscriber, MAX_NAME)),
        "actions": _labelled(actions(None), wording),
    } | shown
    return Letter(subject=subject, text=TEXT.render(told), html=HTML.render(told))


def _labelled(links: Mapping[str, str], wording: Wording) -> tuple[tuple[str, str], ...]:
    return tuple((wording.actions[name], address) for name, address in links.items())


def _notes(reading: Reading, teller: Teller) -> list[str]:
    """Tell what was read, who is silent and what was held back, one sentence each."""
    told = teller.wording.digest
    names = [teller.wording.languages.get(code, code) for code in reading.languages]
    silent = [line(name, MAX_NAME) for name in reading.silent]
    held = [teller.wording.held[why].format(number=number) for why, number in sorted(reading.held.items())]
    return [
        told["read"].format(number=reading.articles, languages=_listed(names, MAX_LANGUAGES, teller))
        if reading.articles
        else told["read_none"],
        told["silent"].format(names=_listed(silent, MAX_SILENT, teller)) if silent else told["silent_none"],
        told["held"].format(list=", ".join(held)) if held else told["held_none"],
    ]


def _listed(names: Sequence[str], most: int, teller: Teller) -> str:
    left = len(names) - most
    return ", ".join(
        [*names[:most], *([teller.wording.digest["more"].format(number=left)] if left > 0 else [])]
    )


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


def _item(alert: Alert, teller: Teller, actions: Actions) -> Item:
    decision = alert.decision
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
        actions=_labelled(actions(alert), wording),
    )


def _when(decision: Decision, wording: Wording) -> str:
    published = decision.claim.article.published_at
    if published is None:
        return wording.labels["undated"]
    return f"{wording.labels['published']} {published.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
