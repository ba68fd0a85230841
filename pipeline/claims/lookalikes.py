"""Lookalikes: words of war that tell of something else, or of one person alone."""

from pipeline.claims.phrases import is_local
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import NUMBER, Unit

REACH = 6  # units behind a verb within which its object begins


def is_figurative(units: list[Unit], i: int, act: str) -> bool:
    """Say whether a verb is done to words or to a figure: "supported a ban", "blasted the report"."""
    ahead = [u for u in units[max(0, i - 4) : i] if not u.has("det")]
    if act == "strike" and ahead and ahead[-1].has("naming"):
        return True  # "calls the bombing a crime"
    if not units[i].verb or act not in ("back", "strike"):
        return False
    if act == "strike" and (_is_bargain(units, i) or _is_helped_to(units, i)):
        return True
    for n, one in enumerate(units[i + 1 : i + REACH]):
        if (
            one.has("abstract")
            or (act == "back" and one.has("mod", "opposite"))
            or (act == "strike" and one.has("telling"))
        ):
            return True
        if act == "strike" and not n and NUMBER.fullmatch(one.low):
            after = units[i + 2] if i + 2 < len(units) else None
            return after is None or after.punct or after.has("rel")  # "would hit 10,000 by Christmas"
        if one.has("thing") or one.has("rel") or one.verb or one.punct or one.has("bound") or one.has("conj"):
            return False
    return False


def _is_bargain(units: list[Unit], i: int) -> bool:
    """Say whether a bargain is struck: "struck a ten-year defence deal"."""
    if not units[i].has("act", "sign"):
        return False
    thing = next((u for u in units[i + 1 : i + 9] if u.has("thing") or u.verb or u.has("rel")), None)
    return thing is not None and thing.has("thing", "pact")


def _is_helped_to(units: list[Unit], i: int) -> bool:
    """Say whether others strike, whom somebody helps: "data to help them target ships"."""
    if i < 2 or units[i].voice() != "act" or not (units[i - 1].has("pron") or units[i - 1].actor):
        return False
    led = units[i - 2 - (i > 2 and units[i - 2].has("det"))]
    return led.has("rel", "for") and " " in led.low and not led.verb


def is_one_person(units: list[Unit], thing: Unit, act: str) -> bool:
    """Say whether somebody who is only there is one person: "a South African pilot told a newspaper"."""
    if act not in ("", "present") or not thing.has("single"):
        return False
    return not any(u.has("none") or u.has("mod", "negative") for u in units[max(0, thing.at - 4) : thing.at])


def is_said_not_to(units: list[Unit], thing: Unit) -> bool:
    """Say whether it follows what people do not do: "American soldiers do not go ashore"."""
    behind = units[thing.at + 1 : thing.at + 4]
    return bool(behind) and behind[0].has("mod", "negative") and not any(
        u.has("act", "withdraw") or u.has("act", "cease") for u in behind
    )  # fmt: skip


def is_borne(one: Candidate) -> bool:
    """Say whether somebody bears arms, and brings them nowhere: "he had carried a rifle"."""
    if one.act != "carry" or one.type not in ("arms", "materiel") or one.agent is None:
        return False
    person = one.agent.of_kind("demonym") and one.agent.head is None and one.agent.at < one.trigger.at
    led = one.where is not None and is_local(one.sentence.units, one.where, ("to",))
    return person and not led


def dropped(found: list[Candidate]) -> None:
    """Take what aircraft let fall for arms where somebody gets them, else for a strike."""
    fallen = {(id(c.trigger), id(c.thing)) for c in found if c.type == "strikes" and c.act == "launch"}
    fallen &= {(id(c.trigger), id(c.thing)) for c in found if c.act == "transfer"}
    for one in found:
        if one.act not in ("transfer", "launch", "cease") or (id(one.trigger), id(one.thing)) not in fallen:
            continue
        units, at = one.sentence.units, one.trigger.at
        behind = next((u for u in units[at + 1 : at + 12] if u.has("rel") and not u.has("rel", "of")), None)
        given = behind is not None and (behind.has("rel", "to") or behind.has("rel", "for"))
        if (one.act == "launch") == given:
            one.held = one.held or ("given, not fired" if given else "fired, not given")


def is_across(units: list[Unit], unit: Unit) -> bool:
    """Say whether a mention is only what lies behind a border: "along its border with Syria"."""
    ahead = units[max(0, unit.at - 3) : unit.at]
    led = bool(ahead) and ahead[-1].has("rel", "with")
    return led and any(u.has("border") for u in ahead) and not any(u.verb for u in ahead)


def is_own_border(units: list[Unit], unit: Unit) -> bool:
    """Say whether the border to the mention is whose who acts: "to its border with Mali"."""
    return any(u.has("pron", "own") for u in units[max(0, unit.at - 4) : unit.at])


def is_taught(units: list[Unit], i: int) -> bool:
    """Say whether an infinitive tells what somebody is trained for: "taught them to fly drones"."""
    if not i or not units[i - 1].has("aux") or not units[i - 1].has("rel", "to"):
        return False
    verb = next((u for u in units[max(0, i - 9) : i - 1][::-1] if u.verb and u.has("act")), None)
    return verb is not None and verb.has("act", "train")


def is_sent_off(units: list[Unit], i: int, things: list[Unit]) -> bool:
    """Say whether arms leave somewhere for somebody: "drones left Iran for Sudan"."""
    if not things or any(not t.has("thing", "weapon") for t in things) or units[i].voice() == "both":
        return False
    behind = units[i + 1 : i + 8]
    return units[i].verb and any(u.has("rel", "from") and not u.has("rel", "of") for u in behind)


def sets_out(units: list[Unit], i: int, things: list[Unit], scene: Scene) -> bool:
    """Say whether soldiers leave a place of their own land: "Jamaican soldiers left Kingston for Haiti"."""
    behind = units[i + 1] if i + 1 < len(units) else None
    if not units[i].verb or behind is None or behind.entity is None or not behind.of_kind("capital", "place"):
        return False
    owners = [scene.world.hand(n.entity) for t in things for n in t.nationality if n.entity is not None]
    return any(h is not None and h.principal == behind.entity.id for h in owners)
