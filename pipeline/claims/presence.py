"""Presence: things that are somewhere, without any act: "Russian mercenaries in Libya"."""

from collections.abc import Iterator

from pipeline.claims.hands import hands_named, hands_of, merge
from pipeline.claims.lookalikes import is_one_person, is_said_not_to
from pipeline.claims.phrases import is_agent, is_local, is_owned
from pipeline.claims.places import place
from pipeline.claims.roles import note_origin, refine, type_of
from pipeline.claims.scene import AT_HOME, Candidate, Scene
from pipeline.claims.units import Sentence, Unit


def is_crewed(thing: Unit, scene: Scene) -> bool:
    """Say whether a state's own tanks or aircraft are told, which come with their crews."""
    if thing.entity is None or thing.entity.kind != "weapon" or thing.maker or not thing.nationality:
        return False
    entry = scene.world.entry("weapon", thing.entity.id)
    return thing.entity.id in scene.frames["crewed"] or (
        entry is not None and entry.of in scene.frames["crewed"]
    )


def presence(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read "Russian mercenaries in Libya": a thing that is somewhere, without any act."""
    thing = sentence.units[i]
    kind = type_of(thing, scene.frames["presence"])
    if kind is None and is_crewed(thing, scene) and stands(sentence.units, i):
        kind = "troops"
    if (
        kind is None
        or is_agent(sentence.units, i)
        or thing.maker
        or thing.speaking
        or (thing.entity is None and is_local(sentence.units, thing, ("to", "for")))
    ):
        return
    if is_one_person(sentence.units, thing, "") or is_said_not_to(sentence.units, thing):
        return
    if thing.has("institution") and _hangs_on_noun(sentence.units, i):
        return  # "a helicopter of the Ugandan army crashed in"
    mission = thing.entity is not None and thing.entity.kind == "mission"
    owners = [thing] if mission or (thing.has("mandate") and not thing.nationality) else thing.nationality
    hands = merge([h for n in owners for h in hands_named(n, scene)], scene)
    if not hands and kind == "peace_operation" and (body := _mandating(sentence.units)) is not None:
        owners, hands = [body], hands_named(body, scene)
    if not hands and not thing.nationality and _is_hit(sentence.units, i):
        return  # "accused X of bombing its troops"
    if kind == "base" and not thing.nationality and is_local(sentence.units, thing, ("in",)):
        return  # "sent advisers to its headquarters"
    if not hands and not thing.nationality and is_owned(sentence.units, thing):
        owners, hands = [thing], hands_of(thing, scene)  # "its soldiers are in the country"
    for hand in hands if kind == "peace_operation" or thing.listed else hands[:1]:
        one = Candidate(sentence, thing, "", refine(kind, thing, hand, scene), hand, None, thing=thing)
        one.agent = owners[0]
        note_origin(one, thing, scene)
        place(one, i, scene)
        there = (
            one.where is not None
            and one.where.start > thing.start
            and is_local(sentence.units, one.where, ("in",))
        )
        one.weigh(0.1 if there or kind == "peace_operation" else 0.3, "presence only")
        if not there and not mission and _at_home(one, scene):
            one.held = AT_HOME
        yield one


def _mandating(units: list[Unit]) -> Unit | None:
    """Return the body that a sentence tells to have authorised a force of nobody in particular."""
    if not any(u.has("mod", "authorised") for u in units):
        return None
    return next((u for u in units if u.of_kind("body") and u.head is None), None)


def _is_hit(units: list[Unit], i: int) -> bool:
    """Say whether the people at `i` are who is attacked: whose they are is not who attacks them."""
    before = next((u for u in units[max(0, i - 3) : i][::-1] if not u.has("det")), None)
    if before is None:
        return False
    hit = before.verb and any(before.has("act", act) for act in ("strike", "killed"))
    return hit or (before.has("rel", "against") and not before.has("rel", "to"))


def lies_elsewhere(one: Candidate, scene: Scene) -> bool:
    """Say whether a base is told to lie in a land that is not the theatre: "has a base in Armenia"."""
    if one.thing is None or one.thing not in one.sentence.units or one.theatre is None:
        return False
    for unit in one.sentence.units[one.thing.at + 1 : one.thing.at + 7]:
        if unit.punct or unit.verb or unit.has("bound"):
            return False
        if unit.of_kind("country", "capital") and is_local(one.sentence.units, unit, ("in",)):
            return unit.entity is not None and unit is not one.where and unit.entity.id != one.theatre
    return False


def _hangs_on_noun(units: list[Unit], i: int) -> bool:
    """Say whether "of" stands before the thing at `i`, and what it is a part of before that."""
    j = i - 1
    while j > 0 and units[j].has("det") and not units[j].has("rel"):
        j -= 1
    return j > 0 and units[j].has("rel", "of") and not units[j - 1].verb


def stands(units: list[Unit], i: int) -> bool:
    """Say whether the thing at `i` is said to be somewhere: "tanks were 60 miles from the town"."""
    after = units[i + 1 : i + 3]
    return bool(after) and after[0].has("aux", "be") and not any(u.verb for u in after[1:])


def _at_home(one: Candidate, scene: Scene) -> bool:
    """Say whether people told without a place are likely where they belong: armies, parties at home."""
    hand, thing = one.hand, one.thing
    named = thing is not None and thing.entity is not None and thing.entity.kind == "government"
    if hand is None or thing is None or named or thing.has("institution"):
        return True
    if not hand.executor and scene.world.armed(hand.principal):
        return True
    home = (*scene.theatres, *scene.outside) if one.type == "base" else scene.theatres
    if not hand.executor and hand.principal in home:
        return True
    if not thing.has("role", "state"):
        return False
    near = one.sentence.units[max(0, thing.at - 12) : thing.at + 16]
    return one.hand is not None and any(
        u.where and u.entity is not None and u.entity.id == hand.principal and u not in thing.nationality
        for u in near
    )


def captors(units: list[Unit], i: int, things: list[Unit]) -> bool:
    """Say whether people take something before the verb: "askerleri Mocimboa'yı ele geçirdi"."""
    between = units[things[0].at + 1 : i] if things and things[0].case == "" else []
    return any(u.case == "acc" and u.entity is not None and u.where for u in between)
