"""The words of the mails in one language: knowledge/mail/CODE.yaml."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import msgspec
import yaml

from pipeline.errors import KnowledgeError
from pipeline.knowledge import HERE, Sheet
from pipeline.knowledge.reader import Loader
from pipeline.types import InvolvementType, SpeakerKind, Status, Subscriber

FOLDER = HERE / "mail"
LANGUAGES: tuple[str, ...] = next(
    get_args(field.type) for field in msgspec.structs.fields(Subscriber) if field.name == "language"
)

MODES = (
    "retracted", "denied", "historical", "hypothetical", "ending", "ended", "interdicted", "decrease",
    "planned", "promised", "threatened", "requested", "authorised",
    "alleged", "asserted", "found", "acknowledged",
)  # fmt: skip
STEPS = (
    "new", "reactivated", "retracted", "occurred", "denied", "ended", "ending", "interdicted", "rank",
    "recipient", "sister", "quantity", "facet:executor", "facet:equipment", "facet:embargo", "families",
    "repeat", "background", "other",
)  # fmt: skip
TAGS = (
    "new", "reactivated", "retracted", "occurred", "denied", "ended", "ending", "interdicted", "rank",
    "update",
)  # fmt: skip
RANKS = ("1", "2", "3", "4", "5")
LABELS = (
    "quote", "said_by", "outlet_itself", "outlet", "published", "undated", "number", "equipment", "origin",
    "embargo", "embargo_text", "disputed", "disputed_text", "families", "why", "also", "read", "footer",
    "more_speakers", "intro",
)  # fmt: skip
DIGEST = (
    "daily", "hourly", "nothing", "intro", "read", "read_none", "silent", "silent_none", "held", "held_none",
    "more",
)  # fmt: skip
HELD = ("MUTED", "UNSUBSCRIBED", "cap", "PARKED", "FAILED", "DROPPED")
ACTIONS = ("mute", "retract", "unsubscribe")
PAGES = (
    "unsubscribe", "unsubscribe_done", "mute", "mute_done", "retract", "retract_done", "button", "wrong",
)  # fmt: skip
PLACES = frozenset({
    "day", "languages", "list",
    "supporter", "theatre", "recipient", "executor", "source", "do", "done", "noun", "status", "tag", "what",
    "number", "unit", "name", "days", "rank", "step", "names", "counts", "subscriber", "language", "type",
})  # fmt: skip


class Words(Sheet, frozen=True, kw_only=True):
    """One type of involvement.

    `do` and `done` tell the act, `…_for` with a recipient, `…_home` for the theatre's government; without
    these a clause is put behind.
    """

    noun: str
    do: str
    done: str
    do_for: str | None = None
    done_for: str | None = None
    do_home: str | None = None
    done_home: str | None = None


class Article(Sheet, frozen=True, kw_only=True):
    """When a name takes an article in a sentence."""

    word: str = ""
    ids: tuple[str, ...] = ()  # these do
    bare: tuple[str, ...] = ()  # these do not, though they look as if
    last_words: tuple[str, ...] = ()  # names that end so do
    initials: bool = False  # so do initials (LNA)


class Counts(Sheet, frozen=True, kw_only=True):
    new: str
    update: str


class Subject(Sheet, frozen=True, kw_only=True):
    one: str  # a single story
    recipient: str
    status: str
    many: str  # several stories
    others: str  # further names


class Wording(Sheet, frozen=True, kw_only=True):
    source: str
    names: Mapping[str, str] = {}  # id -> name, where the gazetteer's first name is not the usual one
    short: Mapping[str, str] = {}  # id -> name in subjects
    article: Article = Article()
    languages: Mapping[str, str]
    thousands: str  # the mark between thousands
    tags: Mapping[str, str]
    counts: Counts
    subject: Subject
    types: Mapping[InvolvementType, Words]
    clause: str  # who benefits
    clause_home: str  # the same, for the theatre's government
    clause_executor: str
    government: str  # a government as a side
    modes: Mapping[str, str]
    statuses: Mapping[Status, str]
    steps: Mapping[str, str]
    ranks: Mapping[str, str]
    speakers: Mapping[SpeakerKind, str]
    units: Mapping[str, str]
    labels: Mapping[str, str]
    digest: Mapping[str, str]
    held: Mapping[str, str]  # why something was held back
    actions: Mapping[str, str]  # links in the mail
    pages: Mapping[str, str]  # behind these links


Wordings = Mapping[str, Wording]


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER) -> Wordings:
    """Read the wording of every language that a subscriber may choose. Raises KnowledgeError."""
    return {code: _one(folder / f"{code}.yaml") for code in LANGUAGES}


def _one(path: Path) -> Wording:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader)  # noqa: S506 - a SafeLoader
        wording = msgspec.convert(content, Wording)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mail/{path.name}: {' '.join(str(error).split())}") from None
    _check(path.name, wording, content)
    return wording


def _check(file: str, wording: Wording, content: Any) -> None:
    wanted = {
        "types": get_args(InvolvementType), "statuses": get_args(Status), "speakers": get_args(SpeakerKind),
        "modes": MODES, "steps": STEPS, "tags": TAGS, "ranks": RANKS, "labels": LABELS,
        "digest": DIGEST, "held": HELD, "actions": ACTIONS, "pages": PAGES,
    }  # fmt: skip
    for section, names in wanted.items():
        found = set(getattr(wording, section))
        for name in sorted(set(names) ^ found):
            raise KnowledgeError(
                f"mail/{file}: {section}: {name}: {'unknown' if name in found else 'missing'}"
            )
    _check_places(file, "", content)


def _check_places(file: str, entry: str, content: Any) -> None:
    """Refuse a {place} that nothing fills."""
    if isinstance(content, str):
        for _, place, _, _ in Formatter().parse(content):
            if place is not None and place not in PLACES:
                raise KnowledgeError(f"mail/{file}: {entry}: nothing fills {{{place}}}")
    for name, value in content.items() if isinstance(content, dict) else ():
        _check_places(file, f"{entry}.{name}".strip("."), value)
