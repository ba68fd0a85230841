"""Mentions: the claims of one article are joined, and one mention of each key gives its status."""

from collections import defaultdict

import msgspec

from pipeline.claims.scene import Candidate
from pipeline.ids import derive
from pipeline.types import Claim


def settle(rows: list[tuple[Claim, Candidate]]) -> tuple[Claim, ...]:
    """Join the mentions of an article: recipients, titles, disputes, and which mention gives the status."""
    rows = fill_recipients(rows)
    groups: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim, _ in rows:
        groups[claim.theatre, claim.supporter.principal, claim.type].append(claim)
    out: list[Claim] = []
    for same in groups.values():
        in_text = [c for c in same if c.evidence.field == "text"]
        out += ranked(in_text or same)
    return tuple(sorted(out, key=lambda c: (c.evidence.field != "title", c.evidence.start)))


SIDELESS = frozenset({"strikes", "peace_operation", "political_backing", "pact"})  # no side need be told


def fill_recipients(rows: list[tuple[Claim, Candidate]]) -> list[tuple[Claim, Candidate]]:
    """Give a mention without a recipient the only one its fellows name, of its type or else of any."""
    known: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for claim, _ in rows:
        if claim.recipient:
            known[claim.theatre, claim.supporter.principal, claim.type].add(claim.recipient)
            if claim.type not in SIDELESS:
                known[claim.theatre, claim.supporter.principal, ""].add(claim.recipient)
    out = []
    for claim, one in rows:
        pair = claim.theatre, claim.supporter.principal
        names = known[*pair, claim.type] or (known[*pair, ""] if claim.type not in SIDELESS else set())
        if claim.recipient is None and len(names) == 1:
            claim = renamed(claim, next(iter(names)))
        out.append((claim, one))
    return out


def renamed(claim: Claim, recipient: str) -> Claim:
    key = "|".join((claim.theatre, claim.supporter.principal, claim.type, recipient))
    ident = derive(claim.article.id, claim.article.content_hash, key, claim.status, claim.evidence.field,
                   claim.evidence.start, claim.evidence.end)  # fmt: skip
    return msgspec.structs.replace(claim, recipient=recipient, key=key, id=ident)


def ranked(same: list[Claim]) -> list[Claim]:
    """Let the mention that gives the status have the highest confidence."""
    affirmed = [c for c in same if c.status != "denied"]
    disputed = bool(affirmed) and len(affirmed) < len(same)
    best = min(same, key=lambda c: (order_of(c), -c.confidence, c.evidence.start))
    top = max(c.confidence for c in same)
    out = []
    for claim in same:
        confidence = top if claim is best else min(claim.confidence, round(top - 0.01, 2))
        out.append(msgspec.structs.replace(claim, confidence=confidence, disputed=disputed or claim.disputed))
    return out


def order_of(claim: Claim) -> int:
    """Rank mentions of one key by what the article is about."""
    if claim.status == "retracted":
        return 0
    lead = claim.evidence.field == "title" or claim.evidence.start < 400
    if claim.change == "end" and claim.status in ("ended", "planned") and lead:
        return 1
    order = ("confirmed", "asserted", "alleged", "ended", "planned", "hypothetical", "denied", "historical")
    return 2 + order.index(claim.status)
