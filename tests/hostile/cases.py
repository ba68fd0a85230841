"""The collections, and what must hold of every stage whatever comes in."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import orjson
from selectolax.lexbor import LexborHTMLParser

from agents import chain, envelope
from agents.chain import Incoming
from agents.stage import Given, chains
from agents.topology import ROWS
from pipeline import mail as letters
from pipeline.claims import extract
from pipeline.entities import find
from pipeline.knowledge import load
from pipeline.language import label
from pipeline.types import Alert, Article, Claim, Decision, Subscriber

HERE = Path(__file__).parent
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOLD = "Turkey sent weapons to the forces of Khalifa Haftar in Libya, a UN panel said on Monday."
ROW = {row.name: row for row in ROWS}
TEXT = chains(ROWS)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def collection(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the cases of one file: name and bytes."""
    for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines():
        case = orjson.loads(line)
        if "text" in case:
            yield case["name"], case["text"].encode("utf-8", "surrogatepass")
        else:
            yield case["name"], base64.b64decode(case["base64"])


def every() -> list[tuple[str, bytes]]:
    """Return all cases."""
    return [case for path in sorted(HERE.glob("*.jsonl")) for case in collection(path.stem)]


@cache
def given() -> Given:
    return Given(load(), (Subscriber(id="desk", to="desk@example.org", min_confidence=0.0),))


def text_of(case: bytes) -> str:
    """Return a case as the text that a producer would send."""
    return case.decode("utf-8", "replace")


# Each stage by itself


def enters_clean(case: bytes) -> None:
    """Make a page and a text of it, and title and source: article, rejection or dead letter, no fault."""
    text = text_of(case)
    for kind in ("text/html", "text/plain"):
        told = {"body": f"{text}\n\n{TOLD}", "title": text[:200], "source": text[:100], "content_type": kind}
        holds(carried("news.raw", orjson.dumps(told)))


def enters_the_wire(case: bytes) -> None:
    """Bytes in any topic are a record, or dead with a plain sentence."""
    for topic in TEXT:
        holds(carried(topic, case))
    trip = chain.fold(ROW["novelty"], Incoming(topic="news.claims", value=case), {}.get, given())
    assert trip.outcome in ("ok", "dead", "again")
    assert not trip.fault, trip.reason


def article(text: str) -> Article:
    from pipeline.ids import derive

    return Article(
        made_by=load().made_by, id="a", url=None, source="x.example", family="x.example", wire=None,
        title=text[:200], text=text, published_at=NOON, fetched_at=NOON, backfill=False,
        content_hash=derive(text), signature=None,
    )  # fmt: skip


def enters_language_entities_and_claims(case: bytes) -> None:
    """Name, search and read a text that was never cleaned."""
    known, text = load(), text_of(case)
    labelled = label(article(f"{text} {TOLD}"), known)
    tagged = find(labelled, known)
    for each in tagged.entities:
        assert 0 <= each.start < each.end <= len(tagged.text if each.field == "text" else tagged.title)
    for claim in extract(tagged, known):
        verbatim(claim, tagged)


def enters_novelty_alerts_and_mail(case: bytes) -> None:
    """Hostile words in a claim are judged, told, and stand in the mail as text alone."""
    text = text_of(case)[:600]
    claim = hostile(text)
    trip = chain.fold(ROW["novelty"], record("news.claims", claim), {}.get, given())
    holds(trip)
    (sent,) = [each for each in trip.records if each.topic == "news.decisions"]
    decision = msgspec.json.decode(sent.value, type=Decision)
    holds(carried("news.decisions", sent.value))
    mailed(decision)


@cache
def plain_claim() -> Claim:
    trip = carried(
        "news.raw", orjson.dumps({"id": "a", "body": TOLD, "source": "x", "content_type": "text/plain"})
    )
    return next(
        msgspec.json.decode(each.value, type=Claim) for each in trip.records if each.topic == "news.claims"
    )


def hostile(text: str) -> Claim:
    """Return a claim in which every word of a stranger is `text`."""
    first = plain_claim()
    replace = msgspec.structs.replace
    return replace(
        first,
        evidence=replace(first.evidence, quote=text or "x"),
        attribution=tuple(replace(each, speaker=text) for each in first.attribution),
        article=replace(first.article, title=text, source=text, family=text, url=f"https://x.example/{text}"),
    )


def mailed(decision: Decision) -> None:
    """Compose the mail about a decision: headers of one line each, and no markup of a stranger."""
    alert = Alert(
        made_by=decision.made_by, id="a" * 32, subscriber="desk", channel="now", story=decision.story,
        period=None, step="new", due=NOON, decision=decision,
    )  # fmt: skip
    letter = letters.compose([alert], "en", load(), letters.load())
    assert not CONTROL.search(letter.subject)
    assert "\n" not in letter.subject
    for node in LexborHTMLParser(letter.html).css("*"):
        assert node.tag in TAGS, node.tag
        for name, value in node.attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("href", "src") or (value or "").startswith(LINKS), value
    mail = envelope.message(letter, [alert], envelope.sender("a@x.example"), "desk@example.org", 0.0)
    head, _, _ = mail.partition(b"\r\n\r\n")
    names = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    assert set(names) <= HEADERS, names


def markup() -> set[str]:
    """Return the tags of the mail's own template and of its head, and those that a parser adds."""
    from importlib.resources import files

    templates = files("pipeline.mail") / "templates"
    text = "".join((templates / name).read_text("utf-8") for name in ("base.html", "mail.html"))
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", text)}
    return tags | {"html", "head", "body", "tbody", "-undef"}


LINKS = ("http://", "https://", "mailto:", "#", "cid:")
TAGS = markup()
HEADERS = {
    b"from", b"to", b"subject", b"date", b"message-id", b"references", b"list-id", b"auto-submitted",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"list-unsubscribe",
    b"list-unsubscribe-post", b"in-reply-to", b"precedence", b"feedback-id",
}  # fmt: skip


# What holds of a trip


def carried(topic: str, value: bytes) -> chain.Trip:
    return chain.run(TEXT[topic], Incoming(topic=topic, value=value, timestamp=NOON), given())


def record(topic: str, value: object) -> Incoming:
    return Incoming(topic=topic, value=msgspec.json.encode(value))


def holds(trip: chain.Trip) -> None:
    """One outcome, no fault of ours, an error of one printable line, quotes verbatim."""
    assert trip.outcome in ("ok", "rejected", "dead")
    assert not trip.fault, trip.reason
    assert "\n" not in (trip.reason or "")
    made = {each.topic: each for each in trip.records}
    if "news.tagged" in made:
        tagged = msgspec.json.decode(made["news.tagged"].value, type=Article)
        for each in trip.records:
            if each.topic == "news.claims":
                verbatim(msgspec.json.decode(each.value, type=Claim), tagged)


def verbatim(claim: Claim, article: Article) -> None:
    text = article.text if claim.evidence.field == "text" else article.title
    assert text[claim.evidence.start : claim.evidence.end] == claim.evidence.quote


STAGES = (enters_clean, enters_the_wire, enters_language_entities_and_claims, enters_novelty_alerts_and_mail)
