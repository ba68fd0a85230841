"""Frames: which act binds which thing, actor, place and side into a candidate for a claim.

A candidate is found by one rule for all languages: the act's class and the class of its thing give the
type; the agent is the subject of an active act, the agent phrase of a passive one, else what the thing
says of itself ("Russian mercenaries"); the theatre is where the act goes, else whose side is helped, else
where the article is. What fails a rule is kept with the reason, so that `explain` can show it.
"""

from collections.abc import Iterator, Mapping

from pipeline.claims import fallbacks, nationals, soil
from pipeline.claims.backers import backers
from pipeline.claims.contingents import is_contingent
from pipeline.claims.craft import CRAFT, used_how
from pipeline.claims.gapping import gapped
from pipeline.claims.given import admits, are_teaching, is_gear, is_gift, is_supply
from pipeline.claims.hands import hands_named, hands_of, resolve
from pipeline.claims.lookalikes import (
    dropped,
    is_borne,
    is_figurative,
    is_one_person,
    is_sent_off,
    is_taught,
    sets_out,
)
from pipeline.claims.objects import (
    instruments_of,
    is_passive,
    is_pronominal,
    objects_of,
    things_behind,
    things_left,
)
from pipeline.claims.pacts import pact
from pipeline.claims.phrases import agent_phrase, downed_by, is_local, of_nobody, sent_from
from pipeline.claims.places import elsewhere, place
from pipeline.claims.presence import captors, is_crewed, lies_elsewhere, presence
from pipeline.claims.roles import agents_of, note_origin, refine, type_of
from pipeline.claims.scene import AT_HOME, Candidate, Scene
from pipeline.claims.subjects import subjects_left, subjects_of
from pipeline.claims.targets import target_of
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.world import Hand


def bind(sentence: Sentence, scene: Scene) -> Iterator[Candidate]:
    """Yield the candidates of a sentence, in text order."""
    nationals.as_people(sentence.units, scene)
    found = list(_bound(sentence, scene))
    fallbacks.paid(sentence, found)
    for one in found:
        if one.act and one.theatre is not None:
            _abroad(one, one.theatre, scene)
        if one.type == "troops" and one.thing and are_teaching(sentence.units, one.trigger.at, one.thing.at):
            one.type = "training"
        if fallbacks.at_home(one, scene):
            one.held = one.held or AT_HOME
        if one.type == "base" and lies_elsewhere(one, scene):
            one.held = one.held or "a base elsewhere"
        if one.type == "troops" and is_contingent(one, scene):
            one.type = "peace_operation"
        yield one


def _abroad(one: Candidate, theatre: str, scene: Scene) -> None:
    """Name the state for its own army in another land's war, where that army is a party at home."""
    hand = scene.world.abroad_for(one.hand, theatre) if one.hand is not None else None
    if hand is not one.hand:
        one.hand = hand
        one.type = "troops" if one.type == "foreign_fighters" else one.type


def _bound(sentence: Sentence, scene: Scene) -> Iterator[Candidate]:
    units = sentence.units
    found: list[Candidate] = []
    for i, unit in enumerate(units):
        if not unit.tags:
            continue
        if unit.glued and unit.has("compound"):
            yield from _compound(sentence, i, scene)
            continue
        if unit.glued and unit.verb:
            continue  # "a parliament-approved credit line"
        if "backer" in unit.tags and not unit.verb:
            for one in backers(sentence, i, scene):
                found.append(one)
                yield one
        kind = "act" if unit.verb and unit.has("act") else "deed"
        for act in dict.fromkeys(unit.values(kind)):
            for one in _act(sentence, i, act, scene):
                fallbacks.inherit(one, i, scene)
                found.append(one)
                yield one
                yield from elsewhere(one, scene)
    for i, unit in enumerate(units):
        if "thing" in unit.tags and not unit.verb and not unit.used:
            yield from fallbacks.camps(sentence, i, scene)
            for one in presence(sentence, i, scene):
                found.append(one)
                yield one
    dropped(found)
    fallbacks.lent_only(found)
    fallbacks.enlisted_only(found)
    yield from fallbacks.contributors(sentence, found, scene)
    yield from gapped(sentence, found, scene)
    yield from nationals.nationals(sentence, found, scene)
    yield from nationals.owned_up(sentence, found, scene)


COMING = ("fight", "arrive", "enter", "present", "withdraw")  # acts whose subject may follow
FATAL = ("killed", "fight", "fall")  # what those struck do or suffer
BARE = ("fight", "fall", "join", "withdraw", "arrive", "enter", "intervene")  # whose subject is what is there


def _act(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    types: Mapping[str, str] = scene.frames["types"].get(act, {})
    passive = is_passive(sentence.units, i, act)
    given = sentence.units[i + 1 : i + 14] if act == "deploy" else []
    if any(u.has("disposal") for u in given) and not any(u.has("thing", "civil") for u in given):
        yield from soil.bind(sentence, i, "allow", scene)  # "وضعت المطار تحت تصرف القوات"
        return
    if act in ("use", "host", "allow") or (act in ("conduct", "strike") and soil.is_from(sentence.units, i)):
        yield from soil.bind(sentence, i, act, scene)
        if act in ("use", "host", "allow"):
            return
    has = act == "present" and sentence.units[i].has("aux", "have")
    if has and any(u.has("thing", "soil") for u in sentence.units[i + 1 : i + 4]):
        yield from soil.bind(sentence, i, "use", scene)  # "have sanctuaries in Pakistan"
        return
    if act in ("withdraw", "reduce", "cease"):
        _left_behind(sentence.units, i)
    things = _things_of(sentence.units, i, act, types, passive, scene)
    if act == "hire" and sentence.units[i].has("act", "fund") and things and things[0].has("thing", "troops"):
        return  # who pays soldiers funds them
    if act == "withdraw" and (
        is_sent_off(sentence.units, i, things) or sets_out(sentence.units, i, things, scene)
    ):
        act, types = "arrive", scene.frames["types"]["arrive"]
    if act in ("arrive", "enter") and any(_people(t) for t in things):
        things = [t for t in things if _people(t)]  # tanks that come with soldiers are theirs
    if act == "sign":
        yield from pact(sentence, i, things, scene)
        return
    if act == "transfer" and is_taught(sentence.units, i):
        return
    if act == "killed" and scene.order == "sov" and captors(sentence.units, i, things):
        act, types = "present", scene.frames["types"]["present"]
    if act in ("killed", "fall") and any(
        np.has("thing", "weapon") for np in subjects_left(sentence.units, i)
    ):
        yield from _direct(sentence, i, "strike", passive, scene)
        return
    if act == "cease" and any(t.has("thing", "pact") for t in things):
        yield from pact(sentence, i, things, scene)
        return
    if act in FATAL and (act == "killed" or not passive) and downed_by(sentence.units, i):
        yield from _direct(sentence, i, "strike", True, scene)
        return
    if things:
        for thing in things:
            yield from _with_thing(sentence, i, act, thing, types, passive, scene)
    else:
        yield from _without_thing(sentence, i, act, passive, scene)


def _without_thing(sentence: Sentence, i: int, act: str, passive: bool, scene: Scene) -> Iterator[Candidate]:
    """Bind an act that has no thing beside it: a side helped, a company hired, somebody who comes or goes."""
    yield from fallbacks.hired(sentence, i, act, scene)
    yield from fallbacks.gone(sentence, i, act, scene)
    if act == "shelter":
        yield from fallbacks.sheltered(sentence, i, scene)
    elif act == "study":
        if any(u.has("thing", "school") for u in sentence.units[i + 1 : i + 8]):
            yield from fallbacks.schooled(sentence, i, scene)
    elif act == "drill":
        yield from fallbacks.schooled(sentence, i, scene)
    elif act in scene.frames["direct"]:
        yield from _direct(sentence, i, act, passive, scene)
    elif act in BARE or (act == "cease" and _presence_told(sentence.units, i)):
        yield from _bare(sentence, i, act, scene)


def _things_of(
    units: list[Unit], i: int, act: str, types: Mapping[str, str], passive: bool, scene: Scene
) -> list[Unit]:
    """Return what the act at `i` is done to, or who does it, of the things that give it a type."""
    things = [
        t
        for t in objects_of(units, i, passive, act, scene.order)
        if t.value("thing") in types or type_of(t, types)
    ]
    if not things and scene.order == "inverting" and act in COMING and not subjects_left(units, i):
        things = [t for t in things_behind(units, i) if type_of(t, types)]
    if (
        not things
        and not passive
        and act in nationals.SENT
        and (sent := nationals.sent(units, i)) is not None
    ):
        things = [sent]
    if act == "withdraw" and things and not any(_people(t) for t in things):
        things = [t for t in things_left(units, i) if _people(t) and type_of(t, types)] or things
    if act == "conduct":
        things = [t for t in things if not (t.used and t.has("thing", "peacekeeper"))]  # told by what it does
    if act == "pledge":
        things = [t for t in things if not _acts_itself(units, t)]
    if act == "recruit" and units[i].has("act", "deploy"):
        things = [t for t in things if t.nationality or not t.has("thing", "troops")]  # its own soldiers
    if act == "deploy" and units[i].has("act", "transfer"):
        things = [t for t in things if not t.has("thing", "weapon")]  # such a verb gives weapons
    return things


def _people(thing: Unit) -> bool:
    return any(thing.has("thing", kind) for kind in nationals.PEOPLE)


def _acts_itself(units: list[Unit], thing: Unit) -> bool:
    """Say whether an announced thing is the subject of a clause: "announced that troops seized rifles"."""
    for one in units[thing.at + 1 : thing.at + 8]:
        if one.punct or one.has("rel") or one.has("bound") or one.has("conj"):
            return False
        if one.verb and one.has("act") and one.finite:
            return one.voice() == "act"
    return False


def _left_behind(units: list[Unit], i: int) -> None:
    """Free the places that people leave from their nationality: "withdrew fighters from Syria"."""
    for unit in units[max(0, i - 12) : i + 12]:
        at = unit.at if unit.nationality else 0
        for mention in list(unit.nationality):
            ways = [u for u in units[at + 1 : mention.at] if u.has("rel", "from")] if mention in units else []
            owned = unit.at < i and all(u.has("rel", "of") for u in ways)  # "la délégation du Burundi"
            if ways and mention.at > at and not owned:
                unit.nationality.remove(mention)
                mention.head = None


def _presence_told(units: list[Unit], i: int) -> bool:
    """Say whether what ends is somebody's presence: "ended its deployment"."""
    return any(u.has("deed", "deploy") or u.has("deed", "train") for u in units[i + 1 : i + 5])


def _with_thing(
    sentence: Sentence, i: int, act: str, thing: Unit, types: Mapping[str, str], passive: bool, scene: Scene
) -> Iterator[Candidate]:
    units, unit = sentence.units, sentence.units[i]
    kind = type_of(thing, types)
    if kind is None or is_one_person(units, thing, act):
        return
    if kind == "strikes" and act == "cease" and of_nobody(units, i, thing):
        return
    if act == "deploy" and thing.has("thing", "weapon") and is_gift(units, thing):
        return  # "ranpur kiriman Ankara diturunkan"
    agents, rule, loss = agents_of(sentence, i, act, thing, passive, scene)
    fellows = [a for a, _ in agents if a is not None]
    if thing.has("thing", "men"):  # of a group; a state's may be anybody
        agents = [(a, h) for a, h in agents if h and (h.executor or not scene.world.is_state(h.principal))]
    for agent, hand in agents or [(None, None)]:
        people = thing.has("thing", "people") and not scene.world.is_firm(hand)
        typed = kind if people else refine(kind, thing, hand, scene)
        if act in ("arrive", "enter") and is_crewed(thing, scene) and not is_gift(units, thing):
            typed = "troops"
        if thing.has("thing", "weapon") and act in ("deploy", "carry"):
            typed = used_how(units, i, act, thing, agent) or typed
        one = Candidate(sentence, unit, act, typed, hand, None, thing=thing, agent=agent)
        if rule:
            one.weigh(loss, rule)
        if act == "carry" and typed == "materiel" and _same_hand(thing, hand, scene):
            given = type_of(thing, scene.frames["types"]["transfer"]) or kind
            one.type = refine(given, thing, hand, scene)
        sent = resolve(sent_from(units, i, scene.order), scene) if act == "carry" else []
        if sent and thing.has("thing", "weapon"):
            one.agent, one.hand, one.type = *sent[0], "arms"  # a ship carries what a state sends
        if agent is not None and agent is not thing and agent.has("thing") and kind not in FORCES:
            agent.used = True  # who sells or sends is no force there
        note_origin(one, thing, scene)
        place(one, i, scene, fellows)
        fallbacks.hired_at_home(one, scene)
        if is_borne(one):
            one.held = one.held or "borne, not given"
        if act == "lose" and one.where is None and not scene.dominant:
            one.held = one.held or "no place told"
        yield one
    thing.used = kind != "peace_operation"  # the mandating body has a claim of its own


FORCES = ("troops", "mercenaries", "foreign_fighters", "training", "peace_operation")


def _same_hand(thing: Unit, hand: Hand | None, scene: Scene) -> bool:
    """Say whether what is carried is the carrier's own, or nobody's in particular."""
    owners = [h for n in thing.nationality for h in hands_named(n, scene)]
    return not owners or (hand is not None and any(h.principal == hand.principal for h in owners))


def _direct(sentence: Sentence, i: int, act: str, passive: bool, scene: Scene) -> Iterator[Candidate]:
    """Acts whose object is the side helped or the place hit: arm, train, fund, strike, back, recognise."""
    units, unit = sentence.units, sentence.units[i]
    noun = not unit.verb
    kind = scene.frames["direct"][act]
    target = target_of(units, i, passive, noun, scene.order)
    if act == "recognise" and unit.has("voice") and admits(units, i):
        return  # "admits that its soldiers fight" recognises nobody
    if is_figurative(units, i, act):
        return
    if act == "back" and not noun and (given := instruments_of(units, i)):
        for thing in given:
            yield from _with_thing(
                sentence, i, "transfer", thing, scene.frames["types"]["transfer"], passive, scene
            )
        return
    agents, rule, loss = agents_of(sentence, i, act, None, passive, scene)
    if act == "strike" and not any(h for _, h in agents) and (owner := _speaks_of_own(sentence, i, scene)):
        agents, rule, loss = [owner], "the speaker's aircraft", 0.2
    if act == "back" and unit.has("act", "receive") and any(a and is_gear(a) for a, _ in agents):
        return  # who depends on somebody's weapons gets them
    fellows = [a for a, _ in agents if a is not None]
    for agent, hand in agents or [(None, None)]:
        one = Candidate(sentence, unit, act, kind, hand, None, agent=agent, side=target)
        if agent is not None and agent.has("thing") and act in ("back", "fight", "strike"):
            fighting = scene.frames["types"]["fight"]
            if act == "back" and not agent.has("institution") and (t := type_of(agent, fighting)):
                one.type, one.thing = refine(t, agent, hand, scene), agent
                note_origin(one, agent, scene)
        if act == "arm" and is_supply(units, i):
            one.type = "materiel"
        if act == "fund" and target is not None and fallbacks.are_hired(units, i, target, scene):
            one.type, one.thing, one.side = "mercenaries", target, None
            note_origin(one, target, scene)
        if rule:
            one.weigh(loss, rule)
        if act == "steer" and not _is_armed_side(target, scene):
            one.weigh(0.45, "no armed side")
        for told in (target, agent):
            if told is not None and told.has("thing") and hand is not None:
                told.used = True
        place(one, i, scene, fellows)
        if target is None and act != "strike":
            paid = act == "fund" and any(u.has("thing", t) for u in units[i + 1 : i + 5] for t in SUMS)
            craft = act == "refuel" and any(u.has("thing", k) for u in units[i + 1 : i + 4] for k in CRAFT)
            known = bool((paid or craft) and one.theatre) or is_pronominal(units, i) or _is_mission(one)
            one.weigh(0.15 if known else 0.45, "no object")
        elif act == "train" and target is not None and not (_trainable(target) or _is_mission(one)):
            one.weigh(0.45, "no soldiers")
        yield one


SUMS = ("money", "sum")


def _is_mission(one: Candidate) -> bool:
    """Say whether a noun tells a course with a place of its own: "its training mission in Mali"."""
    placed = one.where is not None and is_local(one.sentence.units, one.where, ("in", "for", "of"))
    return one.act == "train" and not one.trigger.verb and " " in one.trigger.low and placed


def _speaks_of_own(sentence: Sentence, i: int, scene: Scene) -> tuple[Unit, Hand] | None:
    """Return the state whose minister tells of aircraft that nobody owns: "jets hit X, Paris said"."""
    units = sentence.units
    jets = [np for np in subjects_left(units, i) or [*units[max(0, i - 3) : i]] if np.has("thing", "weapon")]
    if not jets or any(np.nationality or np.maker for np in jets):
        return None
    for unit in units:
        if unit.speaking and unit.actor:
            for hand in hands_named(unit, scene):
                official = unit.head is not None and unit.head.has("role", "state")
                leader = unit.entity is not None and unit.entity.kind in ("leader", "government")
                if scene.world.is_state(hand.principal) and (official or leader):
                    return unit, hand
    return None


def _is_armed_side(target: Unit | None, scene: Scene) -> bool:
    """Say whether somebody is an armed side: who commands one of another land stands behind it."""
    if target is None:
        return False
    armed = any(scene.world.armed(h.principal) for h in hands_named(target, scene))
    return armed or (target.has("role", "side") and not target.has("role", "state"))


def _trainable(target: Unit) -> bool:
    kinds = ("group", "leader")
    return (
        (target.has("thing") and not target.has("thing", "peacekeeper"))
        or target.has("role")
        or target.has("pron")
        or (target.entity is not None and target.entity.kind in kinds)
    )


def _bare(sentence: Sentence, i: int, act: str, scene: Scene) -> Iterator[Candidate]:
    """Somebody fights, arrives or leaves: the subject itself is what is there."""
    unit = sentence.units[i]
    types = scene.frames["types"][
        "withdraw" if act in ("withdraw", "cease") else "fall" if act == "fall" else "fight"
    ]
    by = agent_phrase(sentence.units, i) if is_passive(sentence.units, i, act) else []
    for np in by or subjects_of(sentence.units, i, scene):
        kind = type_of(np, types) if np.has("thing") else None
        for hand in hands_of(np, scene):
            if kind is None and np.has("role", "side") and np.nationality and act not in LEAVING:
                yield from _crossing(sentence, i, act, np, hand, scene)
                continue
            if kind is None and np.has("pron") and _serves(sentence.units, i):
                yield _contingent(sentence, i, act, np, hand, scene)
                continue
            if (act == "intervene" or _joins_war(sentence.units, i)) and (kind is None or np.actor):
                yield _intervention(sentence, i, np, hand, scene)
                continue
            if kind is None:
                if act in ("arrive", "enter", "intervene") or not (
                    np.entity and np.entity.kind in ("group", "company")
                ):
                    continue
                if scene.world.everywhere(np.entity.id):
                    continue  # movements fight in many lands as parties of their own
                group = scene.world.group(hand.executor) if hand.executor else None
                kind = (
                    "troops"
                    if group and group.nature != "pmc"
                    else "mercenaries"
                    if group
                    else "foreign_fighters"
                )
            one = Candidate(sentence, unit, act, refine(kind, np, hand, scene), hand, None, agent=np)
            one.thing = np if np.has("thing") else None
            if one.thing is not None:
                note_origin(one, np, scene)
            place(one, i, scene)
            people = act in ("arrive", "enter") and np.has("thing", "people") and np.entity is None
            if people and one.where is None and not nationals.of_war(sentence.units, scene):
                one.held = one.held or "evacuees"
            yield one


def _joins_war(units: list[Unit], i: int) -> bool:
    """Say whether somebody takes a side in a war: "joined the war", "entered the fighting"."""
    if not any(units[i].has("act", act) for act in ("join", "enter", "enlist")):
        return False
    near = units[i + 1 : i + 4]
    war = next((n for n, u in enumerate(near) if u.has("war") and not u.has("thing")), None)
    return war is not None and all(u.has("det") for u in near[:war]) and not near[war].has("pron", "own")


def _intervention(sentence: Sentence, i: int, np: Unit, hand: Hand, scene: Scene) -> Candidate:
    """Read a state that intervenes in a war: its forces do."""
    one = Candidate(sentence, sentence.units[i], "intervene", "troops", hand, None, agent=np)
    place(one, i, scene)
    martial = any(u.has("war") for u in sentence.units[max(0, i - 4) : i + 8])
    one.weigh(0.1 if martial else 0.25, "intervenes")
    if one.where is None:
        one.held = one.held or "no place told"
    return one


LEAVING = ("withdraw", "cease")


def _crossing(
    sentence: Sentence, i: int, act: str, np: Unit, hand: Hand, scene: Scene
) -> Iterator[Candidate]:
    """Read rebels of one land who fight in another: "Chadian rebels fight in Sudan"."""
    one = Candidate(sentence, sentence.units[i], act, "foreign_fighters", hand, None, agent=np)
    place(one, i, scene)
    if one.where is not None and is_local(sentence.units, one.where, ("in", "to")):
        yield one


def _serves(units: list[Unit], i: int) -> bool:
    """Say whether a mission follows that somebody serves with: "they serve with Unifil"."""
    return any(u.has("thing", "peacekeeper") for u in units[i + 1 : i + 8])


def _contingent(sentence: Sentence, i: int, act: str, np: Unit, hand: Hand, scene: Scene) -> Candidate:
    one = Candidate(sentence, sentence.units[i], act, "peace_operation", hand, None, agent=np)
    place(one, i, scene)
    return one


def _compound(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read "X-backed Y": a standing relation, told in passing."""
    units, unit = sentence.units, sentence.units[i]
    if not i or not units[i - 1].actor:
        return
    typed = scene.frames["compound"].get(next(iter(unit.values("act")), ""), "unspecified_support")
    backed = next((u for u in units[i + 1 : i + 6] if u.actor or u.has("role") or u.has("thing")), None)
    if backed is None and i + 1 < len(units) and not units[i + 1].punct:
        return  # "UN-sponsored talks"
    for hand in hands_of(units[i - 1], scene):
        one = Candidate(sentence, unit, "compound", typed, hand, None, agent=units[i - 1], side=backed)
        one.weigh(0.15, "in passing")
        place(one, i, scene)
        yield one
