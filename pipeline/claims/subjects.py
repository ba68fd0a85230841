"""Subjects: the phrases that do what an act tells, in the word order of the language."""

from pipeline.claims.given import is_people
from pipeline.claims.objects import things_right
from pipeline.claims.phrases import apart, hangs, is_agent, joined_left, listed_after, phrase, stops
from pipeline.claims.preverbal import is_good, subjects_before
from pipeline.claims.relatives import behind_relative, blamed_head, follows, relative_head, subject_follows
from pipeline.claims.scene import Scene
from pipeline.claims.units import Unit
from pipeline.claims.voices import QUOTES


def subjects_left(units: list[Unit], i: int) -> list[Unit]:
    """Return the noun phrases in subject position of the act at `i`, joined ones together."""
    relative = False
    skip = len(units)
    bare = True  # nothing yet that could be a subject
    shared = shares_subject(units, i)
    outer, told = False, None
    purpose = i > 0 and units[i - 1].has("aux", "modal") and units[i - 1].has("rel", "to")
    for j in range(behind_relative(units, i) - 1, -1, -1):
        one = units[j]
        if j >= skip or apart(one, units[i]):
            continue
        closed = one.verb and one.has("act") and one.finite and not purpose
        if closed and (opener := _opener(units, j)) is not None:
            skip = opener  # "the missiles that Britain handed over hit"
            continue
        if one.low == ";":
            return []
        if one.has("bound", "contrast") or one.has("bound", "time"):
            if not bare:
                return []
            outer = True  # "after sending": the subject is the outer one, before the outer verb
            continue
        if one.has("bound", "either") and bare and (headed := headed_by(units, j)) is not None:
            return [headed, *joined_left(units, headed.at)]
        if one.has("bound", "relative"):
            relative = True
            continue
        if one.has("bound", "complement") and _subject_unknown(units, j, i):
            return []  # "the minister said that looters attacked"
        if (opening := _before_aside(units, j, i)) is not None:
            skip = opening
            continue
        np = phrase(one)
        if outer:
            outer = not (one.verb and (one.has("act") or one.has("voice")))
            if not outer and one.has("voice") and told is not None:
                return [told]  # "accused X of … for arming"
            told = np or told
            continue
        if np is None:
            bare = bare and (one.verb or bool(one.tags) or one.punct)
            continue
        if _is_acted_on(units, np, i, relative, shared):
            continue
        bare = False
        if _is_subject(units, np, j, i, relative):
            return [np, *joined_left(units, min(np.at, j))]
    return []


def _before_aside(units: list[Unit], j: int, i: int) -> int | None:
    """Return where what ends at `j` and tells only of the subject, or who says it, begins."""
    if (head := past_relative(units, j, i)) is not None:
        return head + 1  # "the troops who held the town have left": the head is the subject
    return inserted(units, j)  # "the regime, officials say, sent"


def _is_subject(units: list[Unit], np: Unit, j: int, i: int, relative: bool) -> bool:
    """Say whether a phrase that nothing is done to is the subject of the act at `i`."""
    if is_agent(units, np.at) and not (relative and units[j + 1].low == ","):
        return False
    if relative and np.where and hangs(units, np.at) and _headed(units, j):
        return False  # "the aircraft over Iraq, which have been hitting"
    return relative or not hangs(units, np.at) or is_asked(units, np.at, i)


def _is_acted_on(units: list[Unit], np: Unit, i: int, relative: bool, shared: bool) -> bool:
    """Say whether a phrase is the object of an earlier verb, and so does nothing itself."""
    objective = not relative and is_shared_object(units, np.at, i)
    return objective or is_done(units, np.at, i) or (shared and is_object(units, np))


def headed_by(units: list[Unit], k: int) -> Unit | None:
    """Return the noun that the relative at `k` stands behind, None where it opens what is said.

    The noun may hang on a preposition: "arms for the rebels that fight", "dio armas a los que combaten".
    """
    for j in range(k - 1, max(-1, k - 6), -1):
        one = units[j]
        if (one.low == "," and j == k - 1) or one.has("rel", "of"):
            continue
        if one.verb or one.has("voice") or one.has("bound") or one.punct or one.has("time"):
            return None
        np = phrase(one) or (one if one.noun and one.has("thing") else None)
        if np is None or (np.where and units[max(0, j - 1)].has("rel", "in")):
            continue
        asked = hangs(units, np.at) and any(
            u.verb and u.has("voice") for u in units[max(0, np.at - 5) : np.at]
        )
        return None if asked or np not in units else np
    return None


def shares_subject(units: list[Unit], i: int) -> bool:
    """Say whether "and" stands right before the finite verb at `i`: it has the subject of the one before."""
    if not units[i].verb or not units[i].finite:
        return False
    before = next((u for u in units[max(0, i - 4) : i][::-1] if not (u.has("aux") or u.has("mod"))), None)
    return before is not None and before.has("conj")


def is_object(units: list[Unit], np: Unit) -> bool:
    """Say whether a phrase stands right behind a verb, and a subject before that: "X thanked the French"."""
    j = np.at - 1
    while j >= 0 and (units[j].has("det") or (units[j].has("rel") and not units[j].has("rel", "of"))):
        j -= 1
    if j < 1 or not (units[j].verb or units[j - 1].has("aux")):
        return False
    ahead = units[max(0, j - 6) : j]
    return any(phrase(u) is not None and not u.speaking for u in ahead)


def is_done(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the thing at `k` is the object of an earlier verb: "deployed troops and supplied arms"."""
    thing = units[k]
    owned = thing.nationality and is_people(thing)
    if not thing.has("thing") or owned or not any(u.has("conj") for u in units[k + 1 : i]):
        return False
    for one in units[max(0, k - 4) : k][::-1]:
        if one.verb and one.has("act"):
            return one.voice() in ("act", "both")
        if one is units[k - 1] and one.has("thing"):
            continue  # "infantry weapons"
        if one.punct or one.actor or one.noun or (one.has("rel") and not one.has("det")):
            return False
    return False


def _subject_unknown(units: list[Unit], j: int, i: int) -> bool:
    """Say whether what is said, behind the "that" at `j`, has a subject in no word list."""
    said = any(u.has("voice") and not u.has("voice", "accuse") for u in units[max(0, j - 8) : j])
    if not said:
        return False
    for u in units[j + 1 : i]:
        counted = u.has("thing") or u.has("deed") or u.has("num") or u.low[:1].isdigit()
        if counted or u.low == "," or u.has("aux") or u.verb:
            return False
        if not u.tags and u.entity is None and u.text.isalpha() and u.text.islower():
            return not u.shaped("adverb")
    return False


def is_shared_object(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the actor at `k` is the object of a verb joined with the act at `i`: "entered X, lost"."""
    if not units[k].actor or not units[i].finite:
        return False
    before = next((u for u in units[max(0, k - 3) : k][::-1] if not u.has("det")), None)
    if before is None or not (before.verb and before.has("act") and before.finite):
        return False
    between = units[k + 1 : i]
    joined = any(u.low == "," or u.has("conj") for u in between)
    return joined and before.voice() in ("act", "both") and not any(u.has("bound") for u in between)


def accused(units: list[Unit], i: int) -> list[Unit]:
    """Return who is accused or asked of the act at `i`, an event noun: "accused Russia of shipments"."""
    for j in range(i - 1, max(-1, i - 8), -1):
        np = phrase(units[j])
        if np is not None and np in units:
            return [np, *joined_left(units, np.at)] if is_asked(units, np.at, i) else []
    return []


def is_asked(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the phrase at `k` is asked or accused: "demande à Berlin de livrer", "acusa a Rusia de"."""
    between = units[k + 1 : i]
    start = next((j for j in range(k - 1, max(-1, k - 4), -1) if not units[j].has("det")), 0)
    if units[start].has("rel", "by"):
        return False  # "accused by Paris of": the one that accuses
    led = any(u.has("rel") or u.has("bound", "complement") for u in between)
    before = units[k - 1] if k else None
    marked = before is not None and before.has("rel") and not before.has("rel", "in")
    if units[k].case != "acc" and not led and (between or not marked):
        return False
    if any(u.punct or (u.verb and u.has("act")) for u in between):
        return False
    governing = _governing(units, k)
    if units[k].case == "acc":
        governing = [
            *governing,
            *units[i : i + 4],
        ]  # the verb may stand last: "Rusya'yı … göndermekle suçladı"
    return any(u.has("mod", "requested") or u.has("voice", "urge") for u in governing) or any(
        u.verb and u.has("voice", "accuse") for u in governing
    )


def _governing(units: list[Unit], k: int) -> list[Unit]:
    """Return what may govern the phrase at `k`: a name may be long, "اتهم وزير … معمر الإرياني إيران"."""
    start = max(0, k - 4)
    if units[k].actor and units[k].head is None:
        for j in range(k - 1, max(-1, k - 13), -1):
            if units[j].punct or units[j].has("bound") or (units[j].verb and not units[j].has("voice")):
                break
            if units[j].has("rel", "by"):
                return []
            start = min(start, j)
            if units[j].verb:
                break
    return units[start:k]


def _headed(units: list[Unit], j: int) -> bool:
    """Say whether the place at `j` only tells where the thing before it is."""
    before = units[max(0, j - 4) : j]
    return any(u.has("rel", "in") for u in before) and any(u.has("thing") or u.has("role") for u in before)


def _opener(units: list[Unit], j: int) -> int | None:
    """Return where the relative clause begins whose verb stands at `j` and has no object, None for none."""
    if j + 1 < len(units) and things_right(units, j):
        return None
    for k in range(j - 1, max(0, j - 8), -1):
        if units[k].low == "," or units[k].verb:
            return None
        if units[k].has("bound", "relative") or units[k].has("bound", "complement"):
            return k if units[k - 1].has("thing") or phrase(units[k - 1]) is not None else None
    return None


def subjects_of(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the subjects where the language puts them: behind the verb first, where the verb comes first."""
    if units[i].voice() == "doer" and (doers := subjects_behind(units, i)):
        return doers
    if scene.order == "sov":
        return subjects_before(units, i)
    if scene.order == "inverting":
        return subjects_inverted(units, i)
    if scene.order == "free":
        opened = i > 0 and (units[i - 1].has("bound", "complement") or units[i - 1].low == ":")
        opened = opened or subject_follows(units, i)
        said = i > 0 and units[i - 1].has("bound", "complement")
        opened = opened and not (said and _only_object(units, i, scene))
        left = [] if opened else subjects_left(units, i)
        if not left or all(is_good(np) and units[i].has("act", "transfer") for np in left):
            left = subjects_behind(units, i, free=True) or left  # "ракеты Хафтару поставляют Эмираты"
        return left or subjects_left(units, i)
    if scene.order != "vso":
        return included(units, subjects_left(units, i)) or cleft(units, i)
    at = i - 1 - (i > 1 and units[i - 1].low in QUOTES)  # 'its land "stands with the government"'
    direct = units[at] if i else None
    if direct is not None and direct.has("who"):
        return []  # "من يسلح المتمردين"
    whole = phrase(direct) if direct is not None else None
    if whole is not None and not hangs(units, whole.at if whole in units else at):
        direct = whole
        thing = direct.has("thing") and not direct.nationality and not is_people(direct)
        return (subjects_behind(units, i) if thing else []) or subjects_left(units, i)
    return subjects_behind(units, i) or subjects_left(units, i)


def included(units: list[Unit], found: list[Unit]) -> list[Unit]:
    """Return who is named behind a subject of no name: "several countries, among them Turkey, supply"."""
    if not found or not found[0].has("role", "many"):
        return found
    at = found[0].at
    start = next((u.at for u in units[at + 1 : at + 4] if u.has("bound", "inclusion")), None)
    return (listed_after(units, start) if start is not None else []) or found


def _only_object(units: list[Unit], i: int, scene: Scene) -> bool:
    """Say whether one phrase alone follows an act that needs an object: "что вооружает повстанцев"."""
    if not any(act in scene.frames["direct"] for act in units[i].values("act")):
        return False
    found: list[Unit] = []
    for one in units[i + 1 : i + 10]:
        if stops(one) or one.verb or one.punct or one.has("rel"):
            break
        np = phrase(one)
        if np is not None and np not in found:
            found.append(np)
    side = found[0] if len(found) == 1 else None
    return side is not None and (side.has("role", "side") or side.of_kind("group"))


def cleft(units: list[Unit], i: int) -> list[Unit]:
    """Return who it is that does the act of a headless relative: "yang membiayai milisi itu adalah Qatar"."""
    j = i - 1
    while j > 0 and (units[j].has("aux") or units[j].has("mod")) and not units[j].has("bound"):
        j -= 1
    if j < 0 or not units[j].has("bound", "relative") or (j and not units[j - 1].has("bound")):
        return []
    be = next((u.at for u in units[i + 1 : i + 16] if u.has("aux", "be") or u.has("calque", "be")), None)
    return listed_after(units, be) if be is not None else []


def subjects_inverted(units: list[Unit], i: int) -> list[Unit]:
    """Return the subjects where an object relative turns them round: "que soutient Kigali"."""
    if (head := blamed_head(units, i)) is not None:
        return [head]
    if relative_head(units, i) is not None:
        doubtful = any(u.has("bound", "either") for u in units[max(0, i - 8) : i])
        if (np := follows(units, i, doubtful)) is not None:
            return listed_after(units, np.at - 1)
    return subjects_left(units, i)


def subjects_behind(units: list[Unit], i: int, free: bool = False) -> list[Unit]:
    """Return the subjects that stand behind their verb, and with `free` order behind its object too."""
    for j in range(i + 1, min(len(units), i + 6)):
        one = units[j]
        if free and j > i + 1 and units[j - 1].has("rel") and one.where:
            continue  # "обучали повстанцев в Чаде турецкие офицеры"
        if free and one.has("rel") and j + 1 < len(units) and units[j + 1].where:
            continue
        if free and (one.has("conj") or (one.verb and one.has("act") and units[j - 1].has("conj"))):
            continue  # "повстанцев вооружает и обучает Руанда"
        if one.has("rel") or stops(one) or one.verb:
            break
        np = phrase(one)
        if np is not None and np.has("thing") and not np.nationality and not np.has("mandate"):
            if free:
                continue
            return []  # an object
        if np is not None and np.case in ("", "of", "nom") and (one.noun or not one.has("pron")):
            return listed_after(units, j - 1)
    return []


def cased(units: list[Unit], i: int, case: str) -> list[Unit]:
    """Return the phrase in a case on the left of an act: "İran'dan … aldı"."""
    for j in range(i - 1, max(-1, i - 14), -1):
        np = phrase(units[j])
        if np is not None and np.case == case:
            return [np, *joined_left(units, j)]
    return []


def past_relative(units: list[Unit], j: int, i: int) -> int | None:
    """Return the head of a relative clause that ends at `j`, before the finite act at `i`; None for none.

    Two finite verbs behind one opener, joined by nothing: the second is the main clause's. Only the phrase
    right before the act (and its auxiliaries) is asked about.
    """
    if not units[i].verb or not units[i].finite or any(not _light(u) for u in units[j + 1 : i]):
        return None
    if units[j].punct or units[j].verb or units[j].has("conj") or _light(units[j]):
        return None
    told = False
    for k in range(j - 1, max(0, j - 14), -1):
        one = units[k]
        if one.punct or one.has("conj") or one.has("bound", "contrast") or one.has("bound", "time"):
            return None
        if one.has("bound", "relative") or (one.has("bound", "complement") and one.has("det")):
            before = units[k - 1]
            headed = before.has("thing") or before.has("role") or phrase(before) is not None
            return k - 1 if told and headed and not before.verb else None
        told = told or (one.verb and one.finite and (one.has("act") or one.has("voice")))
    return None


def _light(unit: Unit) -> bool:
    return unit.has("aux") or unit.has("mod") or unit.shaped("adverb")


def inserted(units: list[Unit], j: int) -> int | None:
    """Return where a clause between commas opens that tells who says it, or when, and ends at `j`."""
    if units[j].low != ",":
        return None
    for k in range(j - 1, max(-1, j - 16), -1):
        if units[k].low == ",":
            if units[k + 1].has("bound", "time") or units[k + 1].has("bound", "contrast"):
                told = any(u.verb and u.has("act") and u.finite for u in units[k + 1 : j])
                return k if told else None  # "the flights, when the armies still fought, took"
            said = [u for u in units[k + 1 : j] if u.has("voice", "say") and (u.verb or u.has("voice"))]
            return k if said and not any(u.has("act") and u.verb for u in units[k + 1 : j]) else None
        opened = units[k - 1].low == "," and (
            units[k].has("bound", "time") or units[k].has("bound", "contrast")
        )
        if (units[k].has("bound") and not opened) or units[k].low in (";", ":"):
            return None
    return None


BLAMED = "blamed for it"


def blamed(units: list[Unit], i: int) -> list[Unit]:
    """Return to whom an act is put down: "un raid attribué à Israël"."""
    cue = next((u for u in units[i + 1 : i + 4] if u.punct or u.verb or u.has("voice")), None)
    if cue is None or not cue.has("voice", "accuse") or cue.voice("voice") not in ("both", "part", "pass"):
        return []
    behind = units[cue.at + 1 : cue.at + 2]
    led = bool(behind) and (behind[0].has("rel", "to") or behind[0].has("rel", "against"))
    return listed_after(units, cue.at + 1) if led else []


def behind_fronted(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return who acts behind a phrase that opens the sentence: "Avec l'envoi de chars, Ankara change"."""
    if scene.order != "inverting" or i > 3 or not units[0].has("rel") or units[0].has("rel", "of"):
        return []
    comma = next((u.at for u in units[i + 1 : i + 16] if u.low == "," or u.verb), None)
    if comma is None or units[comma].low != ",":
        return []
    near = units[comma + 1 : comma + 6]
    subject = next((np for u in near if (np := phrase(u)) is not None), None)
    verb = next((u for u in near if u.verb), None)
    led = (
        any(u.has("rel") or u.punct or u.verb for u in near[: near.index(subject)])
        if subject in near
        else True
    )
    return [subject] if subject is not None and not led and (verb is None or verb.at > subject.at) else []
