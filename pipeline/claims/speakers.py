"""What kind of speaker a voice is, seen from the claim: a party, an inquiry, a witness, the outlet itself."""

from typing import Final

from pipeline.claims.hands import first_actor
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Unit
from pipeline.claims.voices import Heard, Voice
from pipeline.claims.world import Hand
from pipeline.types import Entity

OUTLET: Final = ""  # no kind: the outlet speaks itself
HOSTILE: Final = (
    "mercenaries",
    "foreign_fighters",
    "sanctuary",
)  # what a government tells of its enemy's helpers


def hear(voice: Voice, one: Candidate, scene: Scene) -> Heard:
    """Say what kind of speaker a voice is, seen from the claim."""
    units = [u for u in voice.speaker if not u.punct]
    kind = _kind(units, one, scene)
    if kind in ("un_panel", "ngo", "expert"):
        scene.reporter = kind
    return Heard(_text(units), kind, units=units)


def _text(units: list[Unit]) -> str:
    """Name a speaker as the text does, without articles and without when or where it was said."""
    words: list[str] = []
    for j, unit in enumerate(units):
        after = units[j + 1] if j + 1 < len(units) else None
        if words and (unit.has("time") or (unit.has("rel") and after is not None and after.has("time"))):
            break
        if not unit.has("det") and not unit.has("aux"):
            words.append(unit.text if unit.has("poss") or not words else f" {unit.text}")
    return "".join(words).strip()[:200]


def _kind(units: list[Unit], one: Candidate, scene: Scene) -> str:
    if _is_outlet(units, one, scene):
        return OUTLET
    tags = {value for u in units for value in u.values("speaker")}
    entities = [u for u in units if u.entity is not None and u.entity.kind != "weapon"]
    parties = [h.principal for u in entities if u.entity and (h := scene.world.hand(u.entity))]
    return (
        _by_office(units, tags, bool(entities), one)
        or _by_ownership(units, one)
        or _by_party(units, tags, entities, parties, one, scene)
        or _by_reference(units, tags, one, scene)
    )


def _is_outlet(units: list[Unit], one: Candidate, scene: Scene) -> bool:
    """Say whether "we" are the writers: outside quotation marks, in no document of a party."""
    if one.quoted or scene.author is not None:
        return False
    if not any(u.has("pron", "first") or (u.has("outlet") and u.has("voice")) for u in units):
        return False
    return not any(u.actor or u.has("role") for u in units)


def _by_office(units: list[Unit], tags: set[str], mentions: bool, one: Candidate) -> str:
    """Read what the words for a speaker say: an inquiry, an organisation, somebody who is not named."""
    of_un = any(
        u.entity is not None and u.entity.kind in ("body", "mission") and u.entity.id.startswith("un")
        for u in units
    )
    if "un_panel" in tags or (of_un and (tags & {"expert", "ngo"} or any(u.has("telling") for u in units))):
        return "un_panel"
    named = is_named(units)
    if "ngo" in tags:
        return "ngo"
    if not named and any(u.has("hidden") for u in one.sentence.units):
        return "anonymous_official"
    if "opponent" in tags:
        return "opponent"
    if "anonymous" in tags and not named:
        return "anonymous_official"
    if "expert" in tags and one.context.reporter == "un_panel" and not mentions and not named:
        return "un_panel"  # "the experts", once their panel is named
    if "media" in tags and _tells_the_press(units):
        tags = tags - {"media"}
    return next((kind for kind in ("expert", "media", "witness") if kind in tags), "")


def _tells_the_press(units: list[Unit]) -> bool:
    """Say whether the press is only where somebody speaks: "the minister of France told reporters"."""
    press = next(n for n, u in enumerate(units) if u.has("speaker", "media"))
    return any(u.has("role", "state") and not u.has("speaker", "media") for u in units[:press])


def _by_ownership(units: list[Unit], one: Candidate) -> str:
    """Read "its commander": the supporter's, where the supporter was told last."""
    if any(u.has("pron", "own") and (u.has("role") or u.has("speaker")) for u in units):
        hand = one.context.actor
        if hand is not None and one.hand is not None and hand.principal == one.hand.principal:
            return "supporter"
    return ""


def _by_party(
    units: list[Unit], tags: set[str], entities: list[Unit], parties: list[str], one: Candidate, scene: Scene
) -> str:
    """Read for which state, group or international body a speaker speaks."""
    bodies = [u for u in entities if u.entity and _international(u.entity, scene)]
    if parties and not bodies:
        groups = [p for p in parties if scene.world.armed(p) and one.hand and p == one.hand.principal]
        return _party((groups or parties)[0], one, scene)
    report = any(u.has("telling") or u.has("mod", "again") for u in units)
    role = any(u.has("role", "state") for u in units)
    if report and not parties and not tags and not role and one.context.reporter:
        return one.context.reporter  # "the same report"
    if bodies or "igo" in tags:
        body = parties[0] if parties else "un"
        return "supporter" if one.hand and one.hand.principal == body else "igo"
    return ""


def _by_reference(units: list[Unit], tags: set[str], one: Candidate, scene: Scene) -> str:
    """Read a speaker that only what was told before identifies: "he", "the ministry"."""
    last = one.context.actor
    if any(u.has("pron") for u in units):
        if _owned(one, one.thing) or _owned(one, one.agent):
            return "supporter"  # "he admitted that his men"
        first = first_actor(one.sentence.units[: units[0].at], scene)
        person = any(u.has("pron", "person") for u in units)
        hand = last if person else first or last
        return _party(hand.principal, one, scene) if hand is not None else "third_state"
    if any(u.has("role", "state") for u in units):
        return _of_office(one, scene)
    if "anonymous" in tags:
        return "anonymous_official"
    return "media" if not units else "third_state"


def _owned(one: Candidate, unit: Unit | None) -> bool:
    """Say whether a possessive stands at a unit of the sentence: "his men"."""
    units = one.sentence.units
    if unit is None or unit.at >= len(units) or units[unit.at] is not unit:
        return False
    return any(u.has("pron", "own") for u in units[max(0, unit.at - 1) : unit.at + 2] if not u.punct)


def _of_office(one: Candidate, scene: Scene) -> str:
    """Say whose an office without a land is: of the land written from, of who acted last, of the theatre."""
    last, home, theatre = one.context.actor, scene.dateline, one.theatre or ""
    mine = one.hand is not None and home == one.hand.principal
    if home is not None and (mine or (home != theatre and scene.world.belligerent(home, theatre))):
        return _party(home, one, scene)
    own = last is not None and one.hand is not None and last.principal == one.hand.principal
    flew = one.type == "strikes" and one.hand is not None and scene.world.is_state(one.hand.principal)
    told = not any(voice.carried for voice in one.voices[:1])
    own = own or (flew and told and home != theatre)  # whose jets struck is whose army reports it
    return "supporter" if own else _party(one.theatre or "", one, scene)


def _international(entity: Entity, scene: Scene) -> bool:
    """Say whether a mention is an international body, no organ of a state."""
    if entity.kind not in ("body", "mission"):
        return False
    hand = scene.world.hand(entity)
    return hand is None or not scene.world.is_state(hand.principal)


def is_named(units: list[Unit]) -> bool:
    """Say whether a person is named: two capitalised words that are in no word list."""
    names = [
        u for u in units if u.text[:1].isupper() and u.entity is None and not u.tags and u.text[1:].islower()
    ]
    return len(names) >= 2 or any(u.entity is not None and u.entity.kind == "leader" for u in units)


def _party(ident: str, one: Candidate, scene: Scene) -> str:
    theatre = one.theatre or ""
    if one.hand and ident in (one.hand.principal, one.hand.executor):
        return "supporter"
    if one.hand and scene.world.abroad_for(Hand(ident), theatre).principal == one.hand.principal:
        return "supporter"  # the army of the supporter's state
    if one.recipient and (ident == one.recipient or _speaks_for(ident, one.recipient, theatre, scene)):
        return "recipient"
    if ident == theatre:
        hostile = one.type in HOSTILE and not _denying(one)
        helped = one.recipient is None and not one.sided and one.type != "strikes" and not hostile
        return "recipient" if helped and not _enemy_named(ident, one, scene) else "opponent"
    if scene.world.belligerent(ident, theatre):
        return "opponent"
    return "third_state"


def _denying(one: Candidate) -> bool:
    """Say whether help is denied: who denies help of a hostile kind is who is said to get it."""
    return "negative" in one.mods or any(v.kind == "deny" for v in one.voices[:1])


def _enemy_named(ident: str, one: Candidate, scene: Scene) -> bool:
    """Say whether the sentence names another party of the speaker's war: it is who gets help."""
    hands = (scene.world.hand(u.entity) for u in one.sentence.units if u.actor and u.entity is not None)
    others = {h.principal for h in hands if h is not None} - {ident, one.hand.principal if one.hand else ""}
    return any(scene.world.enemies(ident, other) for other in others)


def _speaks_for(ident: str, recipient: str, theatre: str, scene: Scene) -> bool:
    """In a split state the capital's government speaks for the side that holds it."""
    split = scene.world.split.get(theatre)
    return split is not None and ident == theatre and recipient == split[0]
