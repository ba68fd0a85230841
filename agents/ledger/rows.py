"""What a ledger tells of its rows."""

from typing import Literal

from msgspec import Struct

from pipeline.types import Alert

State = Literal["SENDING", "DOUBT", "WAITING", "PARKED", "SENT", "FAILED", "DROPPED"]
OVER: tuple[State, ...] = ("SENT", "DROPPED")


class Group(Struct, frozen=True, kw_only=True):
    """Pending alerts of one subscriber and theatre, some of them for now. Times in seconds since 1970."""

    subscriber: str
    theatre: str
    first: float  # when the first of those for now was accepted
    last: float | None  # when the last mail of the group began


class Mail(Struct, frozen=True, kw_only=True):
    """A mail as it stands in the ledger."""

    id: str
    subscriber: str
    theatre: str
    recipient: str
    subject: str
    began: float
    kind: str = "group"
    state: State = "SENDING"
    ended: float | None = None  # when it came into its state
    tries: int = 1
    code: int | None = None
    answer: str | None = None
    content: bytes = b""


class Stop(Struct, frozen=True, kw_only=True):
    """What a subscriber is not to be told: a story, or all where `story` is empty; "" is all subscribers."""

    subscriber: str
    story: str = ""
    until: float | None = None  # seconds since 1970; None: for ever


class Delivery(Struct):
    """What is posted to webhooks, and kept for feeds."""

    alerts: list[Alert]


class Count(Struct, frozen=True, kw_only=True):
    """Articles of one source and language, fetched on one day."""

    day: str
    source: str
    language: str
    articles: int


class Fate(Struct, frozen=True, kw_only=True):
    """What became of an alert, for people."""

    alert: str
    subscriber: str
    step: str
    state: str
    mail: str | None
    ended: float | None
    answer: str | None
