"""Objects: the things that an act does something to, on its right or its left."""

from pipeline.claims.given import is_arms, is_furnished, is_gear, is_people, is_receiver, is_supplied
from pipeline.claims.phrases import (
    YEAR,
    apart,
    first_of_list,
    hangs,
    is_partitive,
    last_of_list,
    meant,
    phrase,
    shares_object,
    stops,
    supply_behind,
)
from pipeline.claims.relatives import (
    behind_relative,
    is_object_relative,
    is_reduced,
    relative_head,
    subject_follows,
)
from pipeline.claims.units import GIVEN, Unit


def things_right(units: list[Unit], i: int) -> list[Unit]:
    """Return the things right of an act that are its objects: the first, and what is joined to it."""
    out: list[Unit] = []
    governed = 0
    for j in range(i + 1, min(len(units), i + 22)):
        one = units[j]
        if apart(one, units[i]):
            continue  # "received, according to X, rifles"
        if stops(one) or (one.low == "," and not out and j + 1 < len(units) and units[j + 1].has("pron")):
            break
        if one.verb and one.has("act") and not one.glued:
            if shares_object(units, i, j):
                continue
            break
        if one.has("rel", "with") and units[i].has("supplying") and out and not units[j - 1].has("conj"):
            out = []  # "زود الطائرات بالوقود": what gets it
            continue
        if len(out) == 1 and is_furnished(units, i, out[0], j):
            out = []  # "provided the marshal's army with howitzers"
            continue
        if one.has("rel", "to") or one.has("rel", "for") or one.has("rel", "in"):
            if out and one.has("rel", "with") and units[j - 1].has("conj"):
                continue  # "تزود الجيش بالوقود وبقطع الغيار"
            if out and not (one.has("rel", "in") and is_supplied(units, i, out[0])):
                break
            continue
        if one.case == "to" and not out and (one.entity is not None or is_people(one)):
            continue  # "передал Силам быстрой поддержки", "передал их армии": who gets it
        if one.has("rel", "with") and len(out) == 1 and is_supplied(units, i, out[0]):
            out = []  # "supplied the army with tanks": who gets them
            continue
        if one.has("thing") and not _says(units, j):
            given = (
                bool(out) and units[j - 1] is out[0] and is_supplied(units, i, out[0]) and not is_people(one)
            )
            if len(out) == 1 and (given or is_receiver(units, out[0].at, j)):
                out = [one]
                continue
            if out and units[j - 1] is out[-1] and is_people(out[-1]) and is_arms(one):
                out[-1] = one  # "infantry weapons", "militia trucks"
                continue
            if out and not are_joined(units, out[-1].at, j):
                if units[j - 1] is out[-1] or units[j - 1].has("made"):
                    continue
                break
            if is_governed(units, i, j):
                governed = j
            elif not (governed and not out and are_joined(units, governed, j)):
                out.append(one)  # "run courses on mortars and missiles" names neither
    return out


def _says(units: list[Unit], j: int) -> bool:
    """Say whether people speak: "sent guns and money, the army said" names no army that was sent."""
    return units[j].speaking and j + 1 < len(units) and units[j + 1].has("voice")


def is_governed(units: list[Unit], i: int, j: int) -> bool:
    """Say whether the thing at `j` hangs on a preposition ("from bases in")."""
    reach = j - 4
    for k in range(j - 1, i, -1):
        one = units[k]
        if k < reach:
            return False
        if one.has("rel", "of"):
            reach -= 2  # "above the range of most of the guns"
            continue
        if one.has("time") or YEAR.fullmatch(one.low):
            return False  # "reçoivent depuis des années des missiles"
        if is_partitive(units, k):
            continue
        if one.has("rel", "for") and units[i].has("relying"):
            return False  # "relies on Iran for missiles"
        if one.has("deed", "strike") and not one.verb and units[i].has("act", "arrive"):
            return True  # "جاء ذلك بعد قصف طائرات تابعة للناتو": the blow's, nothing arrives
        if one.has("rel"):
            led = one.has("objective") and any(units[i].has("act", a) for a in ("receive", "seize", "build"))
            supplied = one.has("rel", "supply") and one is units[j - 1]  # "approvisionner le M23 en armes"
            return not (one.has("rel", "with") or led or supplied)  # "حصلت قوات حفتر على ذخائر"
        people = one.of_kind("demonym") and units[k - 1].has("rel", "to")  # "aux Saoudiens des canons"
        if one.entity is not None and one.head is None and (people or one.entity.kind != "demonym"):
            return False  # the preposition is the mention's: "promised to Kyiv three batteries"
        if one.has("role") and not one.has("thing"):
            return False  # "entregó al gobierno rebelde fusiles"
        if one.verb or one.punct or one.has("thing") or one.has("conj"):
            return False
    return False


def are_joined(units: list[Unit], a: int, b: int) -> bool:
    """Say whether two things stand in one list."""
    between = units[a + 1 : b]
    return any(u.low == "," or u.has("conj") for u in between) and not any(
        u.verb
        or u.has("rel", "to")
        or (u.has("rel", "in") and not (u.has("rel", "with") and units[u.at - 1].has("conj")))
        or u.has("rel", "by")
        for u in between
    )


def things_left(units: list[Unit], i: int, cased: bool = False) -> list[Unit]:
    """Return the thing nearest on the left in the clause, with what is joined to it.

    Subjects of passives stand there, and the objects of languages that put the verb last (`cased`).
    """
    out: list[Unit] = []
    relative = False
    for j in range(behind_relative(units, i) - 1, max(-1, i - 40), -1):
        one = units[j]
        if apart(one, units[i]):
            continue
        opens = one.has("bound", "relative") or is_object_relative(units, j)
        if one.low in (";", ":") or (one.has("bound") and not opens):
            break
        if (
            one.verb
            and one.has("act")
            and not is_reduced(units, j)
            and (out or (cased and not _shares(units, j)))
        ):
            break
        if opens:
            relative = True
        contact = j < i - 1 <= j + 3 and units[j + 1].has("pron", "state")  # "the soldiers it has"
        free = relative or contact or not hangs(units, j) or is_described(units, j, i)
        if one.has("thing") and (one.case in ("", "acc") if cased else free):
            relative = False
            if out and (not are_joined(units, j, out[-1].at) or (cased and _parted(units, j, out[-1].at))):
                break
            out.append(one)
    return out


def is_described(units: list[Unit], j: int, i: int) -> bool:
    """Say whether the participle at `i` stands right behind the thing at `j`: "with drones supplied by"."""
    if i - j > 4 or units[j].case or units[i].voice("act") not in ("both", "part", "pass"):
        return False
    between = units[j + 1 : i]
    return not any(
        u.verb or u.punct or u.has("rel") or u.has("conj") or u.has("det") or u.has("aux") or u.has("mod")
        for u in between
    )


def things_behind(units: list[Unit], i: int) -> list[Unit]:
    """Return who does an act without an object where the subject follows: "llegaron a Siria 300 soldados"."""
    for one in units[i + 1 : i + 13]:
        if stops(one) or one.verb or one.punct or one.has("conj"):
            return []
        if one.has("thing"):
            return [one] if not is_governed(units, i, one.at) else []
    return []


def _parted(units: list[Unit], a: int, b: int) -> bool:
    """Say whether a phrase of another case stands between two things: they are no list."""
    return any(u.case not in ("", "of") or (u.actor and u.head is None) for u in units[a + 1 : b])


def _shares(units: list[Unit], j: int) -> bool:
    """Say whether the verb at `j` may share its object with the one behind: "eğitip donattı"."""
    after = units[j + 1] if j + 1 < len(units) else None
    return units[j].shaped("converb") or (after is not None and (after.has("conj") or after.low == ","))


def leftward(units: list[Unit], i: int) -> list[int]:
    """Return the positions left of `i`, nearest first, without a relative clause between commas."""
    start = behind_relative(units, i)
    if start == i:
        return list(range(i - 1, -1, -1))
    comma = next(j for j in range(i - 1, -1, -1) if units[j].low == ",")
    return [*range(i - 1, comma, -1), *range(start - 1, -1, -1)]


# Acts whose thing may stand before them: "soldiers stay", "the drones they bought", "senjata yang dikirim".
LEFTWARD = (
    "present", "launch", "withdraw", "cease", "transfer", "receive", "sell", "share", "carry", "build",
    "deploy",
)  # fmt: skip


STANDING = ("present", "withdraw", "cease")  # what the thing does itself
STATIONED = ("present", "deploy", "withdraw")


def objects_of(units: list[Unit], i: int, passive: bool, act: str, order: str) -> list[Unit]:
    unit = units[i]
    if not unit.verb:
        return objects_of_noun(units, i)
    if unit.voice() == "attr" and (right := things_right(units, i)):
        return right  # "обученные Россией бойцы", "gönderilen askerler"
    if order == "sov" and unit.voice() == "doer" and act == "arrive" and (right := things_right(units, i)):
        return right[:1]  # "Türkiye'den gelen araçlar"
    if order == "vso" and unit.voice() in ("pass", "adj") and (near := described(units, i)):
        return near
    if order == "vso" and act in ("arrive", "enter") and unit.voice() == "act" and not _led(units, i):
        return things_right(units, i) or things_left(units, i)
    if passive or act in ("arrive", "enter", "join", "fight", "fall", "survey"):
        behind = passive or (order == "free" and act == "arrive")
        return things_left(units, i) or (things_right(units, i) if behind else [])
    if order == "sov":
        people = things_left(units, i) if unit.has("mood", "nominal") and act in STATIONED else []
        if people and people[0].case == "of":
            return people  # "birliklerinin Nijerya'da kaldığını"
        return things_left(units, i, cased=True) or _things_owned(units, i, act) or things_right(units, i)
    if order == "vso" and (supply := supply_behind(units, i)) is not None:
        return objects_of_noun(units, supply)
    right = things_right(units, i)
    if not right and unit.has("aux", "have"):
        return []  # who has something has it behind the verb
    if order == "vso" and act == "pledge" and right and right[0].at == i + 1 and right[0].has("role"):
        return things_right(units, right[0].at)  # "أعلنت القوات المسلحة": who says it
    if order == "vso" and right and right[0].at <= i + 2 and right[0].has("role") and right[0].nationality:
        return things_right(units, right[0].at) or right  # the army that gets something is no thing
    if order == "vso" and act == "receive" and right and right[0].at <= i + 2 and is_people(right[0]):
        return things_right(units, right[0].at)  # "تلقى مقاتلون أسلحة"
    if not right and order == "vso" and unit.has("mood", "object") and act in REFERRING:
        return meant(units, i) or things_left(units, i)
    if not right and order == "vso" and act == "killed":
        return [t for t in things_left(units, i) if is_people(t)]  # "جنوده قتلوا": written as an active is
    if not right and act in LEFTWARD:
        left = things_left(units, i)
        if act in STANDING or (left and order == "inverting" and relative_head(units, i) in left):
            return left
        between = [t for t in left if _has_subject_between(units, t.at, i)]
        return between or (described(units, i) if order == "vso" else [])  # "مسيرات زودتهم بها طهران"
    if not right and order == "free":
        left = [t for t in things_left(units, i) if t.case in ("", "acc")]
        follows = subject_follows(units, i)
        return [t for t in left if follows or _has_subject_between(units, t.at, i)]
    return right


REFERRING = ("recruit", "hire", "transfer", "deploy", "receive")


def described(units: list[Unit], i: int) -> list[Unit]:
    """Return the thing that a participle right behind it describes: "ذخائر مهربة من"."""
    for one in units[max(0, i - 3) : i][::-1]:
        if one.has("thing"):
            return [one]
        if one.punct or one.verb or one.has("rel") or one.has("conj"):
            return []
    return []


def _led(units: list[Unit], i: int) -> bool:
    """Say whether the subject stands right before the verb, where the verb mostly comes first."""
    before = units[i - 1] if i else None
    return (
        before is not None and (before.has("thing") or phrase(before) is not None) and not hangs(units, i - 1)
    )


def _things_owned(units: list[Unit], i: int, act: str) -> list[Unit]:
    """Return what stands in the genitive before an act that ends it: "misyonun görevi sona erdi"."""
    near = units[max(0, i - 6) : i] if act in STANDING else []
    return [u for u in near if u.has("thing", "peacekeeper") and u.case == "of"][:1]


def _has_subject_between(units: list[Unit], a: int, b: int) -> bool:
    """Say whether a thing stands before its verb because of a relative: "the drones (which) they bought"."""
    between = units[a + 1 : b]
    if any(u.has("conj") and between[n - 1].low == "," for n, u in enumerate(between) if n):
        return False  # "lost two aircraft, and the staff says it is cutting the force"
    return any(u.has("bound", "relative") or u.has("bound", "object") or u.has("pron")
               or (phrase(u) is not None and u.head is None)
               for u in between)  # fmt: skip


def objects_of_noun(units: list[Unit], i: int) -> list[Unit]:
    """Return the things of an event noun: "arms shipments", "shipment of arms", "pengiriman senjata"."""
    unit = units[i]
    before = _given_before(units, i)
    gift = unit.has("thing", "money") and before is not None and is_gear(before)
    if unit.has("thing") and not gift:
        return [unit]
    if before is not None:
        return [before]
    out: list[Unit] = []
    supplying = unit.has("supplying")
    for j in range(i + 1, min(len(units), i + (14 if supplying else 9))):
        one = units[j]
        if (not out or supplying) and _tells_where(units, j):
            continue  # "переброска в Ливию боевиков"
        if one.has("thing") and not one.verb:
            if out and not are_joined(units, out[-1].at, j):
                break
            out.append(one)
        elif not out and is_partitive(units, j):
            continue  # "وصول دفعة جديدة من الأسلحة"
        elif (
            one.verb
            or stops(one)
            or (one.punct and one.low != ",")
            or (one.has("rel") and not one.has("rel", "of") and not one.has("rel", "with"))
        ):
            named = next((u for u in units[j + 1 : j + 3] if not u.has("det")), None)
            if one.has("rel", "by") and j == i + 1 and named is not None and named.actor:
                continue  # "la livraison par Paris de chars"
            break
        elif (
            one.has("rel", "with")
            and out
            and not units[j - 1].has("conj")
            and (supplying or (len(out) == 1 and out[0].entity is not None))
        ):
            out = []  # who is given something stands before it: "تزويد قوات الدعم السريع بالأسلحة"
    return out


def _given_before(units: list[Unit], i: int) -> Unit | None:
    """Return the thing right before an event noun, or before its model: "ranpur Bushmaster sumbangan"."""
    before = units[i - 1] if i else None
    if i > 1 and before is not None and before.text[:1].isupper() and not before.tags and not before.entity:
        before = units[i - 2] if is_gear(units[i - 2]) else None
    return before if before is not None and before.has("thing") and not before.verb else None


LENT = (*GIVEN, "trainer", "mercenary", "fighter")


def instruments_of(units: list[Unit], i: int) -> list[Unit]:
    """Return what somebody is helped with: "backs the junta with drones and fuel"."""
    for j in range(i + 1, min(len(units), i + 12)):
        one = units[j]
        if stops(one) or (one.verb and one.has("act")):
            return []
        if one.has("rel", "with"):
            return _listed_behind(units, j)
    return []


def _listed_behind(units: list[Unit], j: int) -> list[Unit]:
    out: list[Unit] = []
    for one in units[j + 1 : j + 12]:
        if any(one.has("thing", kind) for kind in LENT):
            if out and not are_joined(units, out[-1].at, one.at):
                break
            out.append(one)
        elif stops(one) or one.verb or one.has("rel") or (not out and (one.punct or one.at > j + 4)):
            break
    return out


def _tells_where(units: list[Unit], j: int) -> bool:
    """Say whether "to" or "in" and a place stand at `j`."""
    place = units[j + 1] if j + 1 < len(units) else None
    return place is not None and place.where and (units[j].has("rel", "to") or units[j].has("rel", "in"))


def is_pronominal(units: list[Unit], i: int) -> bool:
    """Say whether the object of the verb at `i` is a pronoun at it: "les arme", "armarlos"."""
    if not units[i].verb:
        return False
    if units[i].has("mood", "object"):
        return True
    for one in units[max(0, i - 4) : i][::-1]:
        if one.has("clitic"):
            return True
        if not (one.has("aux") or one.has("mod")):
            return False
    return False


def is_passive(units: list[Unit], i: int, act: str) -> bool:
    unit = units[i]
    voice = next((t.voice for t in unit.tags.get("act", ()) if t.value == act), unit.voice("act"))
    if voice in ("pass", "attr"):
        return True
    if voice not in ("both", "part") or not unit.verb:
        return False
    before_list = first_of_list(units, i)
    if before_list != i:
        return is_passive(units, before_list, units[before_list].value("act"))
    for back in units[max(0, i - 4) : i][::-1]:
        if back.has("aux", "be"):
            return True
        if back.has("aux", "have"):
            return False
        if not (back.has("mod") or back.has("aux") or back.shaped("adverb")):
            break
    last = last_of_list(units, i)
    if any(u.has("rel", "by") for u in units[last + 1 : last + 3]):
        return True
    before = next((u for u in units[:i][::-1] if u.low != ","), None)
    inert = voice == "part" or (before is not None and before.has("thing") and not before.actor)
    rest = things_right(units, i)
    return bool(inert and not rest and i + 1 < len(units) and units[i + 1].has("rel"))
