"""The records of `contracts.md`, as frozen values: every stage returns a new one.

Times are aware datetimes in UTC and stand in JSON with `Z`. Spans are half-open ranges of code points.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

Time = Annotated[datetime, Meta(tz=True)]

InvolvementType = Literal[
    "troops", "strikes", "mercenaries", "foreign_fighters", "training", "arms", "materiel", "funding",
    "intelligence", "sanctuary", "base", "pact", "peace_operation", "political_backing",
    "unspecified_support",
]  # fmt: skip
Epistemic = Literal["acknowledged", "found", "asserted", "alleged", "denied", "retracted"]
Realis = Literal[
    "occurred", "ongoing", "planned", "promised", "threatened", "requested", "authorised",
    "hypothetical", "historical",
]  # fmt: skip
Change = Literal["start", "increase", "continue", "decrease", "end", "interdicted"]
Status = Literal[
    "retracted", "denied", "historical", "hypothetical", "planned", "ended", "alleged", "asserted",
    "confirmed",
]  # fmt: skip
SpeakerKind = Literal[
    "supporter", "recipient", "opponent", "third_state", "un_panel", "igo", "ngo", "expert", "media",
    "anonymous_official", "witness",
]  # fmt: skip
EntityKind = Literal[
    "country", "demonym", "capital", "government", "leader", "group", "company", "body", "mission",
    "weapon", "place",
]  # fmt: skip
Field = Literal["text", "title"]
DecisionName = Literal["BACKGROUND", "NEW", "REACTIVATED", "UPDATE", "REPEAT"]
OutcomeName = Literal["ok", "rejected", "dead"]
Channel = Literal["now", "digest"]


class Record(Struct, frozen=True, kw_only=True):
    """Base of everything that travels. Unknown fields of the wire are ignored."""


class MadeBy(Record, frozen=True, kw_only=True):
    version: str  # release of Condotta
    knowledge: str  # hash of the knowledge files


class RawArticle(Record, frozen=True, kw_only=True):
    """What a producer sends. `fetched_at` is filled from the broker's timestamp before `clean`."""

    body: str
    content_type: Literal["text/html", "text/plain"]
    source: str
    url: str | None = None
    title: str | None = None
    language: str | None = None
    authors: list[str] | str | None = None
    published_at: Time | None = None
    fetched_at: Time | None = None
    backfill: bool = False
    id: str | None = None


class Language(Record, frozen=True, kw_only=True):
    code: str  # ISO 639-1, or `und` when unsure
    confidence: float  # 0..1


class Paragraph(Record, frozen=True, kw_only=True):
    """A paragraph of `text`: text[start:end]."""

    start: int
    end: int
    language: str


class Removed(Record, frozen=True, kw_only=True):
    text: str  # what was cut, shortened to 500 characters
    why: str  # "spam-tail", "stray-punctuation", "glued-word", "mojibake", "control-characters" …


class Entity(Record, frozen=True, kw_only=True):
    """A gazetteer entry found in `field`[start:end].

    For countries, their demonyms, capitals, governments and places `id` is the country's alpha-2 code;
    else the entry's own id.
    """

    id: str
    kind: EntityKind
    field: Field
    start: int
    end: int


class Article(Record, frozen=True, kw_only=True):
    schema: str = "article/1"
    made_by: MadeBy
    id: str
    url: str | None
    source: str
    family: str
    wire: str | None
    title: str
    text: str
    removed: tuple[Removed, ...] = ()
    language: Language | None = None
    paragraphs: tuple[Paragraph, ...] = ()
    entities: tuple[Entity, ...] = ()
    published_at: Time | None
    fetched_at: Time
    backfill: bool
    content_hash: str
    signature: str | None


class Supporter(Record, frozen=True, kw_only=True):
    principal: str  # alpha-2, or the id of a body or group
    executor: str | None = None


class Quantity(Record, frozen=True, kw_only=True):
    min: int | None  # None where only the other bound is told
    max: int | None
    unit: str  # people, items, flights, tonnes or an ISO 4217 code
    raw: str


class EventTime(Record, frozen=True, kw_only=True):
    start: str | None  # ISO date
    end: str | None  # ISO date, inclusive
    precision: Literal["day", "month", "year"]


class Speaker(Record, frozen=True, kw_only=True):
    speaker: str
    kind: SpeakerKind


class Evidence(Record, frozen=True, kw_only=True):
    field: Field
    quote: str
    start: int
    end: int


class ArticleRef(Record, frozen=True, kw_only=True):
    """What a claim keeps of its article."""

    id: str
    url: str | None
    source: str
    family: str
    wire: str | None
    title: str
    language: str
    published_at: Time | None
    fetched_at: Time
    backfill: bool
    content_hash: str
    signature: str | None


class Claim(Record, frozen=True, kw_only=True):
    """One mention of a foreign hand in a war. The fields are those of ontology.md."""

    schema: str = "claim/1"
    made_by: MadeBy
    id: str
    key: str  # theatre|principal|type|recipient
    theatre: str
    type: InvolvementType
    supporter: Supporter
    recipient: str | None = None
    personnel_origin: str | None = None
    equipment: tuple[str, ...] = ()
    quantity: Quantity | None = None
    event_time: EventTime | None = None
    epistemic: Epistemic
    realis: Realis
    change: Change
    status: Status
    embargo_violation: bool = False
    disputed: bool = False
    attribution: tuple[Speaker, ...] = ()
    evidence: Evidence
    confidence: float  # 0..1
    article: ArticleRef
    correction: str | UnsetType = UNSET  # of one that a person took back: why

    @property
    def pair(self) -> str:
        """The key of `news.claims`: theatre|principal."""
        return f"{self.theatre}|{self.supporter.principal}"

    @property
    def story(self) -> str:
        return f"{self.theatre}|{self.supporter.principal}|{self.type}"


class Decision(Record, frozen=True, kw_only=True):
    schema: str = "decision/1"
    made_by: MadeBy
    id: str
    decision: DecisionName
    step: str
    period: str | None  # UTC date of the first event of the key's current spell
    reason: str
    story: str
    key: str
    matched_key: str
    rank: int
    disputed: bool
    families: int
    first_seen: Time | None
    deltas: tuple[str, ...] = ()
    claim: Claim


class Alert(Record, frozen=True, kw_only=True):
    schema: str = "alert/1"
    made_by: MadeBy
    id: str
    subscriber: str
    channel: Channel
    story: str
    period: str | None
    step: str
    due: Time
    decision: Decision


class Correction(Record, frozen=True, kw_only=True):
    """What a person decided on a claim or a story; with the key of `news.corrections` the last one counts."""

    schema: str = "correction/1"
    made_by: MadeBy
    id: str
    kind: Literal["retract", "mute"]
    story: str
    reason: str = ""
    claim: Claim | None = None  # of a retraction: what is taken back
    subscriber: str | None = None  # of a mute: for whom; None: for all
    until: Time | None = None  # of a mute; None: for ever

    @property
    def key(self) -> str:
        return self.claim.id if self.claim else f"{self.story}|{self.subscriber or ''}"

    @property
    def pair(self) -> str:
        """The key whose partition of `news.claims` the record is sent to."""
        return "|".join(self.story.split("|")[:2])


class Outcome(Record, frozen=True, kw_only=True):
    schema: str = "outcome/1"
    made_by: MadeBy
    id: str
    article: str
    stage: str
    outcome: OutcomeName
    reason: str | None = None
    claims: int = 0
    source: str | None = None  # as far as the article was read
    language: str | None = None


When = Literal["now", "hourly", "daily", "never"]


class Send(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to tell, for these steps and types; an absent list matches all."""

    when: When
    steps: tuple[str, ...] | None = None  # bare names: new, rank, families …
    types: tuple[InvolvementType, ...] | None = None


class Quiet(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours in which nothing is sent; from 22:00 to 07:00 goes over midnight."""

    start: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    zone: str = "UTC"  # a name like Asia/Jakarta


class Subscriber(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the subscribers' file. An absent list matches all."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}$")]
    to: str
    since: Time | None = None  # only articles fetched after it alert
    theatres: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None  # principal or executor
    types: tuple[InvolvementType, ...] | None = None
    min_rank: int = 1
    min_confidence: float = 0.6
    language: Literal["en", "id"] = "en"
    send: tuple[Send, ...] = ()  # the first that fits; none: at once or daily, as the ontology says
    quiet: Quiet | None = None
    per_hour: Annotated[int, Meta(ge=1)] | None = None  # mails at once in an hour; what is more: the digest
    along: bool = False  # what is for the digest goes along with a mail on its theatre
    empty_digest: bool = True  # the daily digest goes out also when there is nothing to tell
    format: Literal["mail", "json", "slack", "feed"] = "mail"
    secret: str | None = None  # of a webhook: its requests are signed with it


def plain(value: Any) -> Any:
    """Return `value` as JSON's own types; times become RFC 3339 with `Z`."""
    return msgspec.to_builtins(value)
