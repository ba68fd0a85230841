"""Carry one record through a chain of neighbouring rows. No Kafka: bytes in, records to send out."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import orjson
from msgspec import Struct

from agents import facts, unknown
from agents.facts import Facts
from agents.stage import Chain, Fold, Given, Stage, Topic
from agents.topology import DEAD, OUTCOMES
from pipeline.errors import NewerVersion, Rejected
from pipeline.ids import derive
from pipeline.types import (
    Alert,
    Article,
    Claim,
    Decision,
    MadeBy,
    Outcome,
    OutcomeName,
    RawArticle,
)

MAX_RECORD = 8_912_896  # bytes, 8.5 MiB: what our producers send at most, headers and all
MAX_VALUE = MAX_RECORD - 32_768  # so that a dead letter has room for its headers
MAX_HEADERS = 16_384  # bytes of foreign headers that a dead letter keeps
MAX_TRACE = 256  # bytes of a traceparent that is passed on; W3C's have 55
MAX_ERROR = 500  # characters of an error told in a header or an outcome
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRANSIENT = (ConnectionError, TimeoutError)  # worth another attempt

Headers = tuple[tuple[str, bytes], ...]
Recall = Callable[[bytes], bytes | None]


class Incoming(Struct, frozen=True, kw_only=True):
    """A record as it came from a topic (named without the prefix)."""

    topic: str
    partition: int = 0
    offset: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    timestamp: datetime | None = None  # the broker's; None in a replay

    def header(self, name: str) -> str | None:
        """Return the last header of that name as text."""
        found = [value for each, value in self.headers if each == name and value is not None]
        return found[-1].decode("utf-8", "replace") if found else None


class Sending(Struct, frozen=True, kw_only=True):
    """A record to be sent."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers


class Trip(Struct, frozen=True, kw_only=True):
    """What became of one record: what is to be sent, and its one outcome.

    `again`: a transient error, or of a newer release; nothing is to be sent, and the record tried once more.
    """

    records: tuple[Sending, ...] = ()
    outcome: Literal["ok", "rejected", "dead", "again"] = "ok"
    stage: str  # where it ended
    reason: str | None = None
    seconds: tuple[tuple[str, float], ...] = ()  # for each row that ran
    article: str | None = None  # its id, where it died and the id can be read
    fault: bool = False  # it died of an error of ours
    facts: Facts = Facts()  # what metrics tell of it
    memory: tuple[bytes, bytes] | None = None  # of a fold: the key, and what is to be remembered


class TooLarge(Exception):
    """A record that we made is larger than the topics take."""


class Unreadable(Exception):
    """The bytes are not a record of the topic; the message says what was wrong."""


def run(rows: Chain, record: Incoming, given: Given, attempts: int = 1, patience: int = 1) -> Trip:
    """Carry `record` from its topic through `rows`, to exactly one outcome. Never raises.

    A transient error is worth `again` while `attempts` is below `patience`.
    """
    return _Journey(record, given.knowledge.made_by, attempts, patience).through(rows, given)


def fold(row: Fold[Any, Any], record: Incoming, recall: Recall, given: Given) -> Trip:
    """Judge `record` against what `recall` returns for its key. Never raises, unless `recall` does."""
    return _Journey(record, given.knowledge.made_by, 1, 1).folded(row, recall, given)


def bury(record: Incoming, stage: str, error: str, made_by: MadeBy, attempts: int = 1) -> Trip:
    """Make the dead letter of a record, and its outcome where an article id can be read."""
    return _Journey(record, made_by, attempts, 1).dead(stage, error)


def decode(topic: Topic[Any], record: Incoming) -> Any:
    """Read the value of `record`; its `fetched_at` and `backfill` are filled in. Raises Unreadable."""
    if not record.value:
        raise Unreadable("the record is empty")
    try:
        value = _decoder(topic.type).decode(record.value)
    except UnicodeDecodeError:
        raise Unreadable("the text is not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as exc:
        raise Unreadable(f"not a record of {topic.name}: {exc}") from None
    return _filled(value, record)


class _Label(Struct):
    schema: str = ""


_labels = msgspec.json.Decoder(_Label)
MAJOR = 1  # of every schema that this release reads


def _require(record: Incoming) -> None:
    """Raise NewerVersion where a newer release made the record: its fields may mean something else."""
    try:
        schema = _labels.decode(record.value or b"{}").schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    major = schema.rpartition("/")[2].partition(".")[0]
    if major.isdecimal() and len(major) < 9 and int(major) > MAJOR:
        raise NewerVersion(schema)


class _Journey:
    """The records of one trip as they come up."""

    def __init__(self, record: Incoming, made_by: MadeBy, attempts: int, patience: int) -> None:
        self.record = record
        self.made_by = made_by
        self.attempts = attempts
        self.patience = patience
        self.source: Any = None  # what the record decodes to
        self.article: Article | None = None  # as far as it came
        self.unknown: dict[str, Any] = {}  # fields of the source that this release does not know
        self.records: list[Sending] = []
        self.seconds: list[tuple[str, float]] = []

    def through(self, rows: Chain, given: Given) -> Trip:
        values: list[Any] = []
        for place, row in enumerate(rows):
            carried = rows[-1].name if row is not rows[-1] else None
            try:
                values = self._timed(row, values, given, carried, first=place == 0)
            except Rejected as exc:
                return self._end("rejected", row.name, exc.reason)
            except TRANSIENT as exc:
                return self._again(row.name, exc)
            except Exception as exc:
                return self.dead(row.name, _said(exc), fault=_is_fault(exc))
        if rows[-1].leaves:
            ended = self._end("ok", rows[-1].name, None, claims=len(values))
            told = facts.of_article(self.article, values, given.knowledge)
            return msgspec.structs.replace(ended, facts=told)
        return self._trip("ok", rows[-1].name, None)

    def folded(self, row: Fold[Any, Any], recall: Recall, given: Given) -> Trip:
        start = time.perf_counter()
        try:
            self.source = self._claimed(row)
        except NewerVersion as exc:
            return self._trip("again", row.name, str(exc))
        except Exception as exc:
            return self.dead(row.name, _said(exc), fault=_is_fault(exc))
        if self.source is None:
            return self._trip("ok", row.name, None)
        key = row.source.key(self.source).encode()
        state = recall(key)
        try:
            decision, after = row.work(self.source, state, given)
            self.records.append(self._record(row.name, row.sink, decision))
        except NewerVersion as exc:
            return self._trip("again", row.name, str(exc))
        except Exception as exc:
            return self.dead(row.name, _said(exc), fault=_is_fault(exc))
        self.seconds.append((row.name, time.perf_counter() - start))
        kept = (key, unknown.state(state, after))
        told = facts.of_decision(decision, given.knowledge)
        return msgspec.structs.replace(self._trip("ok", row.name, None), memory=kept, facts=told)

    def _claimed(self, row: Fold[Any, Any]) -> Any:
        """Return the value to judge; None where the record holds none. Raises NewerVersion, Unreadable."""
        _require(self.record)
        if row.turned is None or row.beside is None or self.record.topic != row.beside.name:
            self.source = decode(row.source, self.record)
            self._note_unknown()
            return self.source
        return row.turned(decode(row.beside, self.record)) if self.record.value else None

    def dead(self, stage: str, error: str, *, fault: bool = False) -> Trip:
        """End as a dead letter; the records of the rows before stay, marked as carried."""
        self.records.append(_letter(self.record, stage, error, self.attempts))
        ended = self._end("dead", stage, error)
        return msgspec.structs.replace(ended, article=self._about(), fault=fault)

    def _about(self) -> str | None:
        match self.source:
            case Claim() | Decision() | Alert():
                return _claim(self.source).article.id
        return self._article_id()

    def _timed(
        self, row: Stage[Any, Any], values: list[Any], given: Given, carried: str | None, *, first: bool
    ) -> list[Any]:
        start = time.perf_counter()
        try:
            found = self._row(row, values, given, first=first)
            self.records += [self._record(row.name, row.sink, value, carried) for value in found]
            return found
        finally:
            self.seconds.append((row.name, time.perf_counter() - start))

    def _row(self, row: Stage[Any, Any], values: list[Any], given: Given, *, first: bool) -> list[Any]:
        if first:
            self.source = decode(row.source, self.record)
            self._note_unknown()
            values = [self.source]
        found = [result for value in values for result in row.work(value, given)]
        self.article = next((each for each in [*found, *values] if isinstance(each, Article)), self.article)
        return found

    def _record(self, stage: str, topic: Topic[Any], value: Any, carried: str | None = None) -> Sending:
        body = msgspec.json.encode(value)
        if self.unknown:
            body = unknown.written_on(body, value, self.source, self.unknown)
        if len(body) > MAX_VALUE:
            raise TooLarge(f"a record of {len(body)} bytes for {topic.name} is above {MAX_VALUE}")
        told = headers(stage, value, self._fetched_at(), self._trace(), carried)
        return Sending(topic=topic.name, key=topic.key(value).encode(), value=body, headers=told)

    def _note_unknown(self) -> None:
        """Keep the fields that this release does not know; those of a raw article are the producer's."""
        if isinstance(self.source, RawArticle):
            return
        with suppress(orjson.JSONDecodeError):  # a number or a depth that nobody writes
            self.unknown = unknown.beyond(orjson.loads(self.record.value or b"{}"), self.source)

    def _trace(self) -> str | None:
        trace = self.record.header("traceparent")
        return trace if trace and len(trace) <= MAX_TRACE else None

    def _again(self, stage: str, exc: Exception) -> Trip:
        if self.attempts >= self.patience:
            return self.dead(stage, _said(exc))
        return Trip(outcome="again", stage=stage, reason=_said(exc), seconds=tuple(self.seconds))

    def _end(self, name: OutcomeName, stage: str, reason: str | None, claims: int = 0) -> Trip:
        """End with an outcome record, where it is an article and its id can be read."""
        article = self._article_id()
        if article is not None:
            outcome = self._outcome(article, name, stage, reason, claims)
            self.records.append(self._record(stage, OUTCOMES, outcome))
        return self._trip(name, stage, reason)

    def _trip(self, name: Literal[OutcomeName, "again"], stage: str, reason: str | None) -> Trip:
        return Trip(
            records=tuple(self.records),
            outcome=name,
            stage=stage,
            reason=reason,
            seconds=tuple(self.seconds),
        )

    def _outcome(
        self, article: str, name: OutcomeName, stage: str, reason: str | None, claims: int
    ) -> Outcome:
        content = self.article.content_hash if self.article else None
        return Outcome(
            made_by=self.made_by,
            id=derive(article, content, stage, name),
            article=article,
            stage=stage,
            outcome=name,
            reason=reason,
            claims=claims,
            source=getattr(self.article or self.source, "source", None),
            language=self.article.language.code if self.article and self.article.language else None,
        )

    def _article_id(self) -> str | None:
        if self.article is not None:
            return self.article.id
        if isinstance(self.source, Claim | Decision | Alert):
            return None
        if self.record.topic == "news.raw" or isinstance(self.source, RawArticle):
            return readable_id(self.record.value)
        return _named_id(self.record)

    def _fetched_at(self) -> datetime:
        return _fetched_at(self.source) or self.record.timestamp or EPOCH


def readable_id(value: bytes | None) -> str | None:
    """Return the article id that the bytes of a raw record give, valid or not as a whole; else None."""
    from pipeline.sources import article_id

    try:
        fields = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    return article_id(fields) if isinstance(fields, dict) else None


def _named_id(record: Incoming) -> str | None:
    """Return the id of an article that died between two rows: its key, as long as it is text."""
    if record.topic not in ("news.clean", "news.labelled", "news.tagged"):
        return None
    try:
        return (record.key or b"").decode() or None
    except UnicodeDecodeError:
        return None


def _letter(record: Incoming, stage: str, error: str, attempts: int) -> Sending:
    """Set the untouched bytes aside; the headers say where they belong and what went wrong."""
    told = {
        "stage": stage,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "error": error,
        "attempts": str(attempts),
    }
    kept = tuple((name, value) for name, value in record.headers if name not in (*told, "died"))
    kept = kept if _size(kept) <= MAX_HEADERS else ()
    headers = (*kept, *((name, value.encode("utf-8", "replace")) for name, value in told.items()))
    value = record.value or b""
    if len(value) + len(record.key or b"") + _size(headers) + 1024 > MAX_RECORD:  # its own topic has it still
        return Sending(
            topic=DEAD.name, key=None, value=b"", headers=(*headers, ("left-out", b"%d" % len(value)))
        )
    return Sending(topic=DEAD.name, key=record.key, value=value, headers=headers)


def _size(headers: Headers) -> int:
    """Return the bytes that headers take at most."""
    return sum(4 * len(name) + len(value) + 8 for name, value in headers)


def headers(
    stage: str, value: Any, fetched: datetime, trace: str | None = None, carried: str | None = None
) -> Headers:
    """Return CloudEvents attributes in binary mode, and what travels through."""
    named = {
        "ce_specversion": "1.0",
        "ce_id": getattr(value, "id", ""),
        "ce_type": getattr(value, "schema", type(value).__name__),
        "ce_source": f"condotta/{stage}",
        "ce_time": rfc3339(_fetched_at(value) or fetched),
        "content-type": "application/json",
        "traceparent": trace,
        "carried": carried,
    }
    return tuple((name, text.encode()) for name, text in named.items() if text is not None)


def rfc3339(moment: datetime) -> str:
    """Return `moment` in UTC with `Z`, as it stands in records."""
    return str(msgspec.to_builtins(moment.astimezone(UTC)))


def _claim(value: Claim | Decision | Alert) -> Claim:
    match value:
        case Alert():
            return value.decision.claim
        case Decision():
            return value.claim
    return value


def _fetched_at(value: Any) -> datetime | None:
    match value:
        case Claim() | Decision() | Alert():
            return _claim(value).article.fetched_at
        case RawArticle() | Article():
            return value.fetched_at
    return None


def _filled(value: Any, record: Incoming) -> Any:
    """Fill what the record's surroundings say: when it was fetched, and that it is a backfill."""
    if isinstance(value, RawArticle) and value.fetched_at is None:
        fetched = record.timestamp or value.published_at or EPOCH
        value = msgspec.structs.replace(value, fetched_at=fetched.astimezone(UTC))
    return _remembered_only(value) if record.header("backfill") == "1" else value


def _remembered_only(value: Any) -> Any:
    """Mark the article inside `value` as a backfill."""
    replace = msgspec.structs.replace
    match value:
        case RawArticle() | Article():
            return replace(value, backfill=True)
        case Claim():
            return replace(value, article=replace(value.article, backfill=True))
        case Decision():
            return replace(value, claim=_remembered_only(value.claim))
        case Alert():
            return replace(value, decision=_remembered_only(value.decision))
    return value


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    return _decoders[kind]


def _is_fault(exc: Exception) -> bool:
    """Tell whether `exc` is an error of ours: neither the record's validity nor the article's limits."""
    return not isinstance(exc, Unreadable | TooLarge | MemoryError | RecursionError)


def _said(exc: Exception) -> str:
    """Tell an error in one line: a plain sentence for bad input, the error's name for a bug."""
    if isinstance(exc, MemoryError):
        return "the article reached its limit of memory"
    plain = isinstance(exc, Unreadable | TooLarge)
    text = str(exc) if plain else f"{type(exc).__name__}: {exc}"
    return " ".join(text.split())[:MAX_ERROR]
