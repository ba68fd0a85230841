"""Roles: for whom a phrase acts, and who is behind an act."""

from collections.abc import Mapping

from pipeline.claims.hands import antecedent, hands_named, hands_of, is_ours, resolve
from pipeline.claims.phrases import (
    agent_phrase,
    behind_dash,
    flown_by,
    hangs,
    is_craft,
    is_owned,
    is_soil,
    listed_after,
    phrases_behind,
    struck_by,
)
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.subjects import (
    BLAMED,
    accused,
    behind_fronted,
    blamed,
    cased,
    subjects_behind,
    subjects_left,
    subjects_of,
)
from pipeline.claims.units import GEAR, STATES, Sentence, Unit
from pipeline.claims.whereabouts import (
    bought_in,
    hirers_seat,
    holder,
    platforms,
    telling_seat,
    trained_in,
    treated_in,
)
from pipeline.claims.world import Hand


def type_of(thing: Unit, types: Mapping[str, str]) -> str | None:
    return next((types[v] for v in thing.values("thing") if v in types), None)


Agents = tuple[list[tuple[Unit | None, Hand | None]], str, float]  # who acts, by which rule, and its loss


def agents_of(
    sentence: Sentence, i: int, act: str, thing: Unit | None, passive: bool, scene: Scene
) -> Agents:
    """Return who acts, by which rule, and what that rule costs in confidence."""
    units, unit = sentence.units, sentence.units[i]
    if unit.verb and (givers := givers_of(units, i, act, thing, scene)) is not None:
        return givers
    if scene.order == "vso" and act in ("strike", "killed") and (blow := struck_by(units, i)) is not None:
        return resolve(blow.nationality, scene), "" if blow.nationality else "no agent", 0.0
    if act in ("killed", "seize"):
        owned = scene.order == "vso" and thing is not None and is_owned(units, thing)
        own = [thing] if owned and thing is not None and not thing.nationality else []
        return resolve(own or (thing.nationality if thing else []), scene), "", 0.0
    if not unit.verb:
        return agents_of_noun(units, i, thing, scene)
    if passive:
        return agents_of_passive(units, i, act, thing, scene)
    people = thing if people_of(thing, scene) else None
    if people is not None and (themselves := people_acting(units, i, act, people, scene)) is not None:
        return themselves
    phrases = subjects_of(units, i, scene)
    subjects = resolve(phrases, scene)
    flown = act in ("transfer", "carry") and phrases and all(is_craft(np) for np in phrases)
    if (
        people is not None
        and not subjects
        and (act in HIRING or act == "carry" or flown)
        and people.nationality
    ):
        return resolve(people.nationality, scene), "whose people they are", 0.05
    if act == "treat" and not subjects and (housed := resolve(treated_in(units, i, scene), scene)):
        return housed, "where they are treated", 0.1
    if subjects or phrases:
        return subjects, "" if subjects else "an agent of the place", 0.0
    own = owners_of(units, thing)
    if own:
        return resolve(own, scene), "whose it is", 0.1
    if scene.order == "free" and act in TOLD and (seat := telling_seat(units, i)) is not None:
        return resolve([seat], scene), "where it is told", 0.15
    return [], "no agent", 0.3


TOLD = ("transfer", "sell", "deploy", "arm", "train")  # what a government tells of itself


def givers_of(units: list[Unit], i: int, act: str, thing: Unit | None, scene: Scene) -> Agents | None:
    """Return from whom something is received or arrives; None where another rule is asked."""
    if act == "present" and (having := holder(units, i)) is not None:
        return resolve([having], scene), "", 0.0
    if act == "receive":
        giver = [np for np in phrases_behind(units, i, "from") if not _is_some(units, np)]
        giver = giver or phrases_behind(units, i, "source") or _relied_on(units, i)
        if not giver and units[i].has("buying"):
            giver = phrases_behind(units, i, "to")  # "compró a Israel", "acheté à la Russie"
        giver = giver or cased(units, i, "from") or owners_of(units, thing) or fronted_source(units, i)
        if giver:
            return resolve(giver, scene), "", 0.0
        if not giver and (gift := phrases_behind(units, i, "for")) and gift[0].entity is not None:
            subjects = resolve(subjects_of(units, i, scene), scene)
            getting = {h.principal for np in gift for h in hands_of(np, scene)}
            if getting and (givers := [(np, h) for np, h in subjects if h and h.principal not in getting]):
                return list(givers), "who gets it for somebody else", 0.1
        if bought := resolve(bought_in(units, i, scene), scene):
            return bought, "where it was bought", 0.1
        return resolve(makers_of(units, thing), scene), "who made it", 0.2
    if act == "arrive" and thing is not None and any(thing.has("thing", t) for t in SENT):
        giver = phrases_behind(units, i, "from") or cased(units, i, "from")
        giver = giver or (thing.nationality if scene.order in ("free", "sov") else [])
        if giver and not thing.maker:
            return resolve(giver, scene), "", 0.0
    return None


def _relied_on(units: list[Unit], i: int) -> list[Unit]:
    """Return who stands right behind a verb of relying: "depends on Iran for missiles"."""
    if not units[i].has("relying"):
        return []
    return listed_after(units, i) if any(u.actor for u in units[i + 1 : i + 4]) else []


def _is_some(units: list[Unit], np: Unit) -> bool:
    """Say whether "from" is only the article of things: "a reçu des drones turcs"."""
    return np.has("thing") and np in units and any(u.has("some") for u in units[max(0, np.at - 2) : np.at])


def agents_of_passive(units: list[Unit], i: int, act: str, thing: Unit | None, scene: Scene) -> Agents:
    """Return who does a passive act: the agent phrase, else whose the thing is, decides it, or sent it."""
    by = agent_phrase(units, i)
    if by and ((hands := resolve(by, scene)) or scene.order != "free"):
        return hands, "", 0.0
    if units[i].has("pron", "own") and (hand := antecedent(units[i], scene)) is not None:
        return [(units[i], hand)], "a pronoun", 0.05  # "senjata yang dikirimnya"
    if act in HIRING and (seat := hirers_seat(units, i)) is not None:
        return resolve([seat], scene), "where the hirer sits", 0.1
    if act == "treat" and (housed := resolve(treated_in(units, i, scene), scene)):
        return housed, "where they are treated", 0.1
    if own := owners_of(units, thing):
        return resolve(own, scene), "whose it is", 0.05
    if (bidding := _bidding(units, i, scene)) and (hands := resolve(bidding, scene)):
        return hands, "who decides it", 0.05
    if act == "train" and (soil := resolve(trained_in(units, i, scene), scene)):
        return soil, "where they are trained", 0.1
    away = phrases_behind(units, i, "from") or fronted_source(units, i, scene.order == "free")
    if not away and scene.order == "sov" and thing is not None and any(thing.has("thing", t) for t in SENT):
        away = [np for np in cased(units, i, "from") if not np.has("thing")]
    away = [np for np in away if act not in ("strike", "conduct", "launch") or not is_soil(units, np)]
    if not away and act == "launch" and scene.order == "free" and (crews := platforms(units, i, thing)):
        return resolve(crews, scene), "whose ship or aircraft it is", 0.1
    if not away and people_of(thing, scene) and act in COMING:
        return confessing(units, i, scene), "who owns up to it", 0.15
    if not away and act in GIVING:
        made = resolve(makers_of(units, thing), scene)
        return made or confessing(units, i, scene), "who made it" if made else "who owns up to it", 0.2
    return resolve(away, scene), "where it comes from", 0.15


def people_acting(units: list[Unit], i: int, act: str, thing: Unit, scene: Scene) -> Agents | None:
    """Return whose the people are that act themselves, or leave; None where somebody acts on them."""
    if act in ("arrive", "enter", "fight", "fall", "join") or (act == "present" and thing.at < i):
        owners = resolve(owners_of(units, thing), scene)
        kept = act == "present" and scene.order == "sov" and not owners  # "asker bulunduruyor"
        if kept and (keepers := resolve(subjects_of(units, i, scene), scene)):
            return keepers, "who keeps them there", 0.05
        if owners or act not in COMING or not thing.has("thing", "troops"):
            return owners, "", 0.0
        return confessing(units, i, scene), "who owns up to it", 0.15
    if thing.nationality and act in ("withdraw", "cease"):
        return resolve(thing.nationality, scene), "", 0.0  # whoever tells them to go
    return None


def _bidding(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return who decides on what a verbal noun tells: "parlamento asker gönderilmesini onayladı"."""
    if scene.order != "sov" or not units[i].has("mood", "nominal"):
        return []
    behind = units[i + 1 : i + 4]
    if not any(u.has("mod", mod) or u.has("act", "pledge") for u in behind for mod in ANNOUNCED):
        return []
    return subjects_of(units, i, scene) or cased(units, i, "from")


SENT = (*GEAR, "money")  # what arrives because somebody sends it


def fronted_source(units: list[Unit], i: int, free: bool = False) -> list[Unit]:
    """Return where a sentence says first that it comes from: "From London, bombs were delivered to"."""
    comma = next((u.at for u in units[: min(i, 8)] if u.low == ","), i if free else None)
    if comma is None or not units[0].has("rel", "from") or units[0].has("rel", "of"):
        return []
    return [u for u in units[1:comma] if u.actor][:1]


def confessing(units: list[Unit], i: int, scene: Scene) -> list[tuple[Unit | None, Hand | None]]:
    """Return the state that confirms a gift without a giver: "its ministry confirmed that guns were sold"."""
    for cue in units[:i][::-1]:
        if cue.low == ";" or cue.has("bound", "contrast"):
            return []
        if cue.verb and cue.has("voice"):
            told = [u for u in units[: cue.at] if u.actor and (u.speaking or not hangs(units, u.at))]
            hands = resolve(told[-1:], scene) if cue.has("voice", "confirm") else []
            return [(np, h) for np, h in hands if h is not None and scene.world.is_state(h.principal)]
    return []


def agents_of_noun(units: list[Unit], i: int, thing: Unit | None, scene: Scene) -> Agents:
    unit = units[i]
    supplied = unit.has("supplying") and is_light(units, i)  # the thing's adjective tells its maker
    given = scene.order == "vso" and any(u.has("rel", "with") for u in units[i + 1 : i + 6])
    for found, rule, loss in (
        (agent_phrase(units, i), "", 0.0),
        (
            [] if given or _is_helped(units, i, scene) else unit.nationality,
            "",
            0.0,
        ),  # "تزويد قوات الدعم السريع بالأسلحة" names who gets them
        (accused(units, i), "", 0.05),
        (blamed(units, i), BLAMED, 0.05),
        (behind_fronted(units, i, scene), "", 0.0),
        (flown_by(units, i) if scene.order == "vso" else [], "", 0.0),
        (_striking(units, i) if scene.order == "vso" else [], "", 0.0),
        (_keeper(units, i, thing), "whose they are", 0.05),
        (_givers(units, i), "", 0.0),
        (subjects_left(units, i) if supplied else [], "its supplier", 0.05),
        (thing.nationality if thing is not None and not thing.maker else [], "whose it is", 0.05),
        (subjects_left(units, i), "subject of the sentence", 0.1 if is_light(units, i) else 0.45),
        (_busy_with(units, i, scene), "whose business it is", 0.05),
        (behind_dash(units, i), "who is called so", 0.05),
    ):
        hands = resolve(found, scene)
        if hands:
            return hands, rule, loss
    return [], "no agent", 0.3


def _striking(units: list[Unit], i: int) -> list[Unit]:
    """Return whose forces a blow is told to be by "of": "غارة للجيش الإثيوبي على"."""
    behind = [u for u in units[i + 1 : i + 4] if not u.has("rel", "to")]
    led = i + 1 < len(units) and units[i + 1].has("rel", "to") and units[i].has("deed", "strike")
    one = next(iter(behind), None) if led else None
    return (
        one.nationality if one is not None and (one.has("institution") or one.has("thing", "weapon")) else []
    )


def _busy_with(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return who is busy with what a noun before the verb tells: "обучением занимаются X"."""
    if scene.order != "free" or i > 3:
        return []
    verb = next((u for u in units[i + 1 : i + 8] if u.verb), None)
    if verb is None or not verb.has("act", "conduct"):
        return []
    return subjects_behind(units, verb.at, free=True) or subjects_of(units, verb.at, scene)


def _givers(units: list[Unit], i: int) -> list[Unit]:
    """Return from whom the event comes; what leaves comes from a place."""
    if units[i].has("deed", "withdraw") or _told_of_receiver(units, i):
        return []
    return [np for np in phrases_behind(units, i, "from") if not is_soil(units, np)]


def _told_of_receiver(units: list[Unit], i: int) -> bool:
    """Say whether the first "of" behind who gets it is theirs: "soutien aux rebelles du M23"."""
    given = False
    for one in units[i + 1 : i + 10]:
        if one.has("rel", "from") and (given or not one.has("rel", "of")):
            return given and one.has("rel", "of")
        given = given or one.has("rel", "to") or one.has("rel", "for")
    return False


def _keeper(units: list[Unit], i: int, thing: Unit | None) -> list[Unit]:
    """Return whose people leave where the sentence says "its": "completed the withdrawal of its troops"."""
    if thing is None or thing.nationality or not units[i].has("deed", "withdraw") or not thing.at:
        return []
    return subjects_left(units, i) if units[thing.at - 1].has("pron", "own") else []


COMING = ("arrive", "enter", "deploy", "transfer")


def people_of(thing: Unit | None, scene: Scene) -> bool:
    return thing is not None and thing.value("thing") in scene.frames["personnel"]


def _is_helped(units: list[Unit], i: int, scene: Scene) -> bool:
    """Say whether an armed group behind a noun of help is who gets it: "обвинения в поддержке М23"."""
    unit = units[i]
    if scene.order not in ("free", "vso") or not any(
        v in scene.frames["direct"] for v in unit.values("deed")
    ):
        return False
    if scene.order == "vso" and any(u.has("rel", "to") for u in units[i + 1 : i + 5]):
        return False  # "دعم إيران للحوثيين"
    if i and units[i - 1].has("aided"):
        return False
    hands = [h for n in unit.nationality for h in hands_named(n, scene)]
    at_war = scene.theatres[:1] if scene.order == "vso" else []
    return bool(hands) and all(scene.world.armed(h.principal) or h.principal in at_war for h in hands)


GIVING = ("transfer", "sell")


def makers_of(units: list[Unit], thing: Unit | None) -> list[Unit]:
    """Return who made a thing; with a verb of giving, and nobody else named, that is the giver."""
    if thing is None or not thing.maker:
        return []
    return [u for u in units if u.made and u.head is thing]


HIRING = ("hire", "recruit")
LIGHT = (
    "conduct", "pledge", "transfer", "receive", "cease", "raise", "reduce", "withdraw", "sign", "express",
)  # fmt: skip
ANNOUNCED = ("authorised", "planned", "promised", "threatened", "hypothetical")


def is_light(units: list[Unit], i: int) -> bool:
    """Say whether the verb before an event noun leaves its subject the agent ("carried out a strike")."""
    supplier = units[i].value("deed") == "transfer" and not units[i].has("act")
    if i > 1 and units[i - 1].low == "," and units[i - 2].actor and supplier:
        return True  # "Iran, pemasok utama mereka"
    struck = bool(i) and units[i].has("deed", "strike") and units[i - 1].has("rel", "via")
    led = False  # by a preposition, so no object: "supplies arms for strikes", "stopped because of shelling"
    for one in units[max(0, i - 12) : i][::-1]:
        if any(one.has("mod", mod) for mod in ANNOUNCED):
            return True
        if one.has("mod", "hypothetical") and one.at >= i - 3:
            return True  # "is weighing strikes", "не исключает отправки войск"
        if one.has("aux", "be") and units[i].value("deed") == "transfer":
            return True  # "is the main supplier of"
        if one.verb and one.has("act", "back") and not one.has("act", "steer"):
            return not led and not units[i].has("deed", "strike")  # "helps with the choice of targets"
        if one.verb and one.has("voice", "confirm") and not units[i].has("act"):
            return True  # "a reconnu, devant les députés, l'envoi de"
        if struck and one.verb and any(one.has("act", act) for act in ("fight", "killed", "strike")):
            return True  # "menumpas pemimpin mereka lewat serangan drone"
        if one.verb and one.has("act"):
            return (not led or one.has("act", "pledge")) and any(v in LIGHT for v in one.values("act"))
        led = led or one.has("rel", "for") or (one.has("rel", "under") and not one.has("det"))
        if one.verb and one.has("voice"):
            return (
                one.has("voice", "deny")
                or one.has("voice", "confirm")
                or (one.has("voice", "say") and not units[i].has("deed", "strike"))
            )
        if one.has("bound") or one.low == ";":
            return False
    return False


def owners_of(units: list[Unit], thing: Unit | None) -> list[Unit]:
    """Return who sent a thing, from what stands at it: "recruited by Turkey", else its nationality."""
    if thing is None or thing.maker:
        return []
    at = thing.at
    for j in range(at + 1, min(len(units), at + 4)):
        if (
            units[j].verb
            and units[j].voice("act") in ("both", "part", "pass")
            and not units[j].has("act", "back")
        ):
            by = agent_phrase(units, j)
            if by:
                return by
    people = any(thing.has("thing", kind) for kind in ("troops", "mercenary", "fighter", "trainer"))
    if not thing.nationality and people and (is_owned(units, thing) or is_ours(thing, units)):
        return [thing]
    return thing.nationality


def refine(kind: str, thing: Unit, hand: Hand | None, scene: Scene) -> str:
    """Correct troops of a company to mercenaries, of a group to foreign fighters, of a body to a mission."""
    if kind in ("troops", "training") and hand is not None and scene.world.entry("body", hand.principal):
        return "peace_operation" if kind == "troops" else kind
    mission = thing.entity is not None and thing.entity.kind == "mission"
    entry = scene.world.entry("mission", thing.entity.id) if mission and thing.entity else None
    if entry is not None and entry.nature == "training" and kind in ("peace_operation", "troops"):
        return "training"
    keeping = entry is not None and entry.nature == "peacekeeping"
    if (
        kind == "peace_operation"
        and mission
        and not keeping
        and hand
        and scene.world.is_state(hand.principal)
    ):
        return "troops"  # Barkhane is France's own operation
    if kind == "troops" and hand is not None:
        group = scene.world.group(hand.executor) if hand.executor else None
        if group is not None and group.nature == "pmc":
            return "mercenaries"
        if (
            not hand.executor
            and not scene.world.is_state(hand.principal)
            and scene.world.armed(hand.principal)
        ):
            return "foreign_fighters"
    if kind == "foreign_fighters" and hand is not None and hand.executor:
        group = scene.world.group(hand.executor)
        if group is not None and group.nature in ("pmc", "army", "service"):
            return "mercenaries" if group.nature == "pmc" else "troops"
    if kind == "foreign_fighters" and hand is not None and hand.principal in scene.hirers:
        return "mercenaries"  # the article names the company they fight for
    return kind


def note_origin(one: Candidate, thing: Unit, scene: Scene) -> None:
    """Note the people's nationality where it is not the sponsor's."""
    if thing.value("thing") not in scene.frames["personnel"] or thing.maker:
        return
    for mention in thing.nationality:
        hand = scene.world.hand(mention.entity) if mention.entity else None
        if (
            hand
            and mention.entity
            and mention.entity.kind in STATES
            and one.hand
            and hand.principal != one.hand.principal
        ):
            one.origin = hand.principal
