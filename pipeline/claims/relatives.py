"""Relatives: clauses that hang on a noun, and what they take as their object or pass over."""

from pipeline.claims.given import is_people
from pipeline.claims.phrases import (
    hangs,
    has_own_subject,
    phrase,
    stops,
)
from pipeline.claims.units import Unit


def is_object_relative(units: list[Unit], k: int) -> bool:
    """Say whether the word at `k` makes a noun before it the object of a relative clause."""
    one = units[k]
    either = one.has("bound", "either") or (one.has("bound", "complement") and one.has("det"))
    if k and has_own_subject(units, k):
        return True
    if not k or not (either or one.has("bound", "object")):
        return False
    head = units[k - 1] if units[k - 1].low != "," else units[max(0, k - 2)]
    return not head.verb and not head.has("voice") and (phrase(head) is not None or head.noun)


def relative_head(units: list[Unit], i: int) -> Unit | None:
    """Return the object of the act at `i` in an object relative: "le M23, que soutient Kigali"."""
    for k in range(i - 1, max(0, i - 9), -1):
        one = units[k]
        if is_object_relative(units, k):
            head = units[k - 1] if units[k - 1].low != "," else units[max(0, k - 2)]
            named = phrase(head) or head
            told = any(phrase(u) is not None and not hangs(units, u.at) for u in units[k + 1 : i])
            return named if told or follows(units, i, one.has("bound", "either")) else None
        if one.punct or one.has("bound") or (one.verb and one.has("act")):
            return None
    return None


def blamed_head(units: list[Unit], i: int) -> Unit | None:
    """Return who is accused of the act at `i` in a relative: "Jartum, al que acusa de armar"."""
    voice = next((u for u in units[max(0, i - 6) : i][::-1] if u.verb and u.has("voice", "accuse")), None)
    if voice is None or not any(u.has("rel") for u in units[voice.at + 1 : i]):
        return None
    if any(phrase(u) is not None or u.punct or u.has("bound") for u in units[voice.at + 1 : i]):
        return None
    for k in range(voice.at - 1, max(0, voice.at - 6), -1):
        if is_object_relative(units, k):
            told = units[k].has("bound", "object") or any(
                phrase(u) is not None for u in units[k + 1 : voice.at]
            )
            head = units[k - 1] if units[k - 1].low != "," else units[max(0, k - 2)]
            return phrase(head) if told else None
        if units[k].punct or units[k].verb:
            return None
    return None


HELPING = (
    "back",
    "arm",
    "fund",
    "train",
    "host",
    "transfer",
    "sell",
    "share",
    "recruit",
    "deploy",
    "receive",
)


def follows(units: list[Unit], i: int, doubtful: bool) -> Unit | None:
    """Return the subject right behind its verb in an object relative: "que respalda Irán".

    Where the relative may also be the subject (`doubtful`), only a bare name behind an act of help is one.
    """
    if doubtful and not any(units[i].has("act", act) for act in HELPING):
        return None
    for one in units[i + 1 : i + 4]:
        if one.has("rel") or stops(one) or one.verb or one.punct:
            return None
        np = phrase(one)
        if np is not None:
            return np if np.actor or (np.nationality and np.has("role")) else None
        if not one.has("det"):
            return None
    return None


def behind_relative(units: list[Unit], i: int) -> int:
    """Return where to look for what stands left of the act at `i`: before a relative between commas.

    "The company, whose helicopters held the road, went home": the comma before "whose" for "went".
    """
    j = i - 1
    while j > 0 and (
        units[j].has("aux") or units[j].has("mod") or (not units[j].tags and units[j].shaped("adverb"))
    ):
        j -= 1
    if j < 3 or units[j].low != ",":
        return i
    for k in range(j - 1, max(0, j - 30), -1):
        if units[k].has("bound", "contrast") or units[k].low in (";", ":"):
            return i
        if units[k].low == "," and is_apposition(units, k, j):
            return k
        led = units[k - 1].low == "," and (units[k].has("bound", "object") or units[k].has("bound", "either"))
        if led or units[k].has("bound", "relative") or units[k].has("bound", "inclusion"):
            return k - 1 if units[k - 1].low == "," else i
    return i


APPOSED = 12  # units that an apposition may have


def is_apposition(units: list[Unit], k: int, j: int) -> bool:
    """Say whether the commas hold what the name before `k` is: "Portugal, once its ruler, sent"."""
    inner = units[k + 1 : j]
    if not 1 < len(inner) <= APPOSED or not k or hangs(units, k - 1):
        return False
    np, first = phrase(units[k - 1]), inner[0]
    if np is None or not (np.actor or np.nationality) or first.actor or not first.text[:1].islower():
        return False
    if not LEADING.isdisjoint(first.tags) or not any(u.actor for u in inner):
        return False
    return not any(u.verb or u.has("voice") or u.has("bound") or u.punct for u in inner)


LEADING = frozenset({"rel", "mod", "time", "num", "conj", "aux"})  # with what no apposition begins


def is_reduced(units: list[Unit], j: int) -> bool:
    """Say whether the act at `j` is a reduced relative ("fighters recruited by Turkey have been flown")."""
    return units[j].voice("act") in ("both", "part", "pass") and any(
        u.has("rel", "by") for u in units[j + 1 : j + 3]
    )


TO_A_SIDE = ("train", "arm", "back", "fund")  # whose object is a side, and no thing that is counted


def subject_follows(units: list[Unit], i: int) -> bool:
    """Say whether a name behind a verb can only be its subject: "повстанцев вооружает Руанда"."""
    counted = False
    for one in units[i + 1 : i + 6]:
        people = one.head is not None and (is_people(one.head) or one.head.has("thing", "trainer"))
        if one.has("nominative") and people:
            taught = units[i].has("act", "train")
            return not _has_subject_before(units, i, taught)  # "повстанцев обучали турецкие офицеры"
        if counted and one.has("genitive") and people and any(units[i].has("act", a) for a in TO_A_SIDE):
            return not _has_subject_before(units, i, taught=True)  # "обучали сотни турецких офицеров"
        if one.has("det") or one.has("num") or one.low.isdigit() or (counted and not one.tags):
            counted = True
            continue
        if one.actor:
            return one.case == "nom" or (one.case == "" and one.head is None and is_objective(units, i))
        if not (one.has("conj") or (one.verb and one.has("act"))):
            return False
    return False


def is_objective(units: list[Unit], i: int) -> bool:
    """Say whether the verb at `i` stands right behind a relative that is its object: "которых вооружает"."""
    for one in units[max(0, i - 4) : i][::-1]:
        if one.has("bound", "object"):
            return one.at > 0 and not units[one.at - 1].has("rel")
        if one.tags and not (one.has("aux") or one.has("mod") or one.has("time")):
            return False
    return False


def _has_subject_before(units: list[Unit], i: int, taught: bool) -> bool:
    """Say whether something before the verb at `i` in its clause may be its subject."""
    for one in units[max(0, i - 10) : i][::-1]:
        if stops(one) or one.low == ",":
            return False
        named = phrase(one) is not None and one.head is None and one.case in ("", "nom")
        if named and not hangs(units, one.at):
            return not is_people(one) or (bool(one.nationality) and not taught)
    return False
