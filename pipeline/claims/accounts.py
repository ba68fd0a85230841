"""Accounts: what a person is told of each claim and each candidate held back, in roles, cues and rules."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from msgspec import Struct, structs

from pipeline.claims.extraction import Examined
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Unit
from pipeline.claims.writing import attribution_of, evidence_of, write
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim, Field, Speaker

ROLES: Final = (
    "principal", "executor", "theatre", "recipient", "origin", "quantity", "equipment", "time", "speakers",
)  # fmt: skip
Rows = tuple[tuple[str, str], ...]


class Account(Struct, frozen=True, kw_only=True):
    """One candidate. `claim` is what it became or, where `held` names a rule, what it would have been."""

    number: int  # of the claim, 0 for a candidate held back
    type: str
    claim: Claim | None  # None where the principal or the theatre is missing
    held: str | None
    field: Field
    start: int  # of the trigger, half-open code points in `field`
    end: int
    sentence: tuple[int, int]
    roles: Rows
    cues: Rows
    rules: Rows
    confidence: float


def accounts(examined: Examined, article: Article, knowledge: Knowledge) -> tuple[Account, ...]:
    """Return the accounts of an article's claims in their order, then those of what was held back."""
    if examined.scene is None:
        return ()
    numbers = {_place(claim): number for number, claim in enumerate(examined.claims, 1)}
    told = []
    for one in examined.candidates:
        claim = _written(one, article, knowledge, examined.scene)
        number = numbers.get(_place(claim), 0) if claim is not None and one.held is None else 0
        if number:
            claim = examined.claims[number - 1]
        told.append(_account(one, number, claim, examined.scene))
    return tuple(sorted(told, key=lambda a: (not a.number, a.number, a.field != "title", a.start)))


def _place(claim: Claim | None) -> tuple[object, ...]:
    """Return what one claim of a sentence alone can have; the recipient may be filled in later."""
    if claim is None:
        return ()
    told = claim.evidence
    denied = claim.epistemic == "denied"
    return claim.theatre, claim.supporter.principal, claim.type, denied, told.field, told.start


def _written(one: Candidate, article: Article, knowledge: Knowledge, scene: Scene) -> Claim | None:
    if evidence_of(one, article, 1) is None:
        return None
    return write(one, article, knowledge, replace(scene, without=scene.without | {3}))


def _account(one: Candidate, number: int, claim: Claim | None, scene: Scene) -> Account:
    held = one.held or (None if number else "outdone: the text tells it, and so the title is no evidence")
    return Account(
        number=number,
        type=one.type,
        claim=claim,
        held=held,
        field=one.sentence.field,  # type: ignore[arg-type]
        start=one.trigger.start,
        end=one.trigger.end,
        sentence=(one.sentence.start, one.sentence.end),
        roles=_roles(one, claim, scene),
        cues=tuple(dict.fromkeys(_cues(one))),
        rules=tuple(_rules(one, claim, held)),
        confidence=claim.confidence if claim is not None else round(one.confidence, 2),
    )


# Roles


def _roles(one: Candidate, claim: Claim | None, scene: Scene) -> Rows:
    values: tuple[str | None, ...]
    if claim is None:
        speakers = attribution_of(one, scene)
        hand = one.hand
        values = (
            hand.principal if hand else None, hand.executor if hand else None, one.theatre, one.recipient,
            one.origin, None, None, None, _speakers(speakers),
        )  # fmt: skip
    else:
        values = (
            claim.supporter.principal, claim.supporter.executor, claim.theatre, claim.recipient,
            claim.personnel_origin, _quantity(claim), ", ".join(claim.equipment), _time(claim),
            _speakers(claim.attribution),
        )  # fmt: skip
    return tuple((role, value) for role, value in zip(ROLES, values, strict=True) if value)


def _quantity(claim: Claim) -> str | None:
    told = claim.quantity
    if told is None:
        return None
    span = f"{told.min}" if told.min == told.max else f"{told.min} to {told.max}"
    return f"{span} {told.unit} (“{told.raw}”)"


def _time(claim: Claim) -> str | None:
    told = claim.event_time
    if told is None:
        return None
    days = dict.fromkeys(day for day in (told.start, told.end) if day)
    return f"{' to '.join(days)} ({told.precision})"


def _speakers(chain: tuple[Speaker, ...]) -> str:
    return ", ".join(f"{one.speaker} ({one.kind})" for one in chain)


# Cues


def _cues(one: Candidate) -> Iterator[tuple[str, str]]:
    yield "trigger", one.trigger.text
    yield "act", " ".join(filter(None, (one.act or "presence", _voice(one.trigger))))
    if one.thing is not None:
        yield "thing", _named(one.thing, "thing")
    for name, unit in (("supporter", one.agent), ("side", one.side), ("place", one.where)):
        if unit is not None:
            yield name, unit.text
    for mod in sorted(one.mods):
        yield mod, _nearest(one, mod)
    for voice in one.voices:
        carried = " (from a sentence before)" if voice.carried else ""
        yield voice.kind, f"{voice.cue.text}{carried}"


def _voice(unit: Unit) -> str:
    names = {"act": "(active)", "pass": "(passive)", "part": "(participle)", "noun": "(noun)"}
    return names.get(unit.voice(), "") if unit.verb else ""


def _named(unit: Unit, kind: str) -> str:
    value = unit.value(kind)
    return f"{unit.text} ({value})" if value else unit.text


def _nearest(one: Candidate, mod: str) -> str:
    """Return the word nearest the trigger that says `mod`; "" where the frame itself does."""
    at = one.trigger.at
    said = [
        u for u in one.sentence.units if u.has("mod", mod) or (mod == "conditional" and u.has("condition"))
    ]
    return min(said, key=lambda unit: abs(unit.at - at)).text if said else ""


# Rules


def _rules(one: Candidate, claim: Claim | None, held: str | None) -> Iterator[tuple[str, str]]:
    if claim is not None and one.epistemic:
        yield "status", f"{claim.status}: {claim.epistemic}, {claim.realis}, {claim.change}"
    for rule in one.rules:
        yield "weighed", rule
    if held is not None:
        yield "held back", held


# With rules switched off


def compared(told: tuple[Account, ...], usual: tuple[Account, ...]) -> tuple[Account, ...]:
    """Note on claims that are there only because rules are switched off what usually holds them back."""
    held = {_same(one): one.held for one in usual if one.held is not None}
    for one in usual:
        if one.held is None:
            held.pop(_same(one), None)
    return tuple(
        structs.replace(one, rules=(*one.rules, ("else held back", held[_same(one)] or "")))
        if one.number and _same(one) in held
        else one
        for one in told
    )


def _same(one: Account) -> tuple[object, ...]:
    return one.field, one.start, one.end, one.type, dict(one.roles).get("principal")
