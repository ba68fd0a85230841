"""Backers: who is called somebody's backer, sponsor or supplier, without an act that says it.

"Rwanda, the main backer of M23", "Haftar's sponsor Egypt", "Russia remains their chief supplier of jets".
"""

from collections.abc import Iterator
from typing import Final

from pipeline.claims.hands import resolve
from pipeline.claims.phrases import behind_dash, joined_left, listed_after, phrase
from pipeline.claims.places import place
from pipeline.claims.preverbal import subjects_before
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.subjects import subjects_left
from pipeline.claims.units import Sentence, Unit

REACH: Final = 8  # units between a backer's name, what they are called, and whose backer they are
ARMING: Final = ("weapon", "military_aid")
STANDING: Final = ("present", "cease")  # "remains", "ceased to be"


def backers(sentence: Sentence, i: int, scene: Scene) -> Iterator[Candidate]:
    """Read the unit at `i`, a word for one who helps: who is called so, and whose helper they are."""
    units, unit = sentence.units, sentence.units[i]
    side = _helped(units, i)
    for agent, hand in resolve(_called(units, i, side, scene.order == "vso"), scene):
        if agent is None or hand is None or (side is not None and agent is (phrase(side) or side)):
            continue
        act = unit.value("backer")
        arms = any(u.has("thing", kind) for kind in ARMING for u in _around(units, i))
        kind = "arms" if arms and act != "fund" else scene.frames["direct"][act]
        one = Candidate(sentence, unit, "back", kind, hand, None, agent=agent, side=side)
        one.weigh(0.1, "called a backer")
        place(one, i, scene)
        if side is None:
            one.weigh(0.45, "nobody's backer")
        yield one


def _around(units: list[Unit], i: int) -> list[Unit]:
    """Return what a supplier supplies, if it is told: "arms supplier", "supplier of fighter jets"."""
    behind = units[i + 1 : i + 5]
    led = bool(behind) and behind[0].has("rel")
    return [*units[max(0, i - 1) : i], *(behind if led else [])]


def _helped(units: list[Unit], i: int) -> Unit | None:
    """Return whose backer it is: the owner before it, or behind "of", "to", "for" the nearest side."""
    owners = [n for n in units[i].nationality if not n.of_kind("demonym")]
    if owners:
        return owners[0]
    for j in range(i - 1, max(-1, i - REACH), -1):
        one = units[j]
        owned = j + 1 < i and (units[j + 1].has("poss") or units[j + 1].low in ("'", "’"))
        owned = owned or (one.case == "of" and units[i].has("predicate"))
        if owned and (one.actor or one.has("role")):
            return one
        if one.verb or one.low == "," or one.has("bound"):
            break
    for j in range(i + 1, min(len(units), i + REACH)):
        one = units[j]
        if one.verb or one.punct or one.has("bound"):
            break
        if (one.actor and one.entity is not None) or one.has("role", "side"):
            led = any(u.has("rel") for u in units[i + 1 : j]) or one.case in ("of", "to")
            led = led or (j == i + 1 and _is_predicate(units, i))  # "adalah dalang M23"
            return one if led else None
    return None


def _is_predicate(units: list[Unit], i: int) -> bool:
    """Say whether somebody "is", or is taken "as", what stands at `i`."""
    start = _opening(units, i)
    return start > 0 and (units[start - 1].has("aux", "be") or units[start - 1].has("capacity"))


def _called(units: list[Unit], i: int, side: Unit | None, verb_first: bool) -> list[Unit]:
    """Return who is called so: by an adjective, by "is", in apposition before it, or right behind it."""
    own = [n for n in units[i].nationality if n.of_kind("demonym") and n is not side]
    if own:
        return own  # "its Iranian backers"
    start = _opening(units, i)
    if start > 0 and (
        units[start - 1].has("aux", "be") or any(units[start - 1].has("act", a) for a in STANDING)
    ):
        return subjects_left(units, start - 1)
    if start > 1 and units[start - 1].has("capacity") and units[start - 2].actor:
        return [units[start - 2]]  # "menyebut Rwanda sebagai dalang M23"
    if units[i].has("predicate") and (named := subjects_before(units, _opening(units, i))):
        return [np for np in named if np is not side]  # "Ruanda M23'ün en büyük destekçisidir"
    before = phrase(units[start - 2]) if start > 1 and units[start - 1].low == "," else None
    if before is not None and before is not side and before.actor:
        return [before, *joined_left(units, before.at)]
    if start > 0 and (units[start - 1].low in "—–" or units[start - 1].has("pron", "state")):
        return subjects_left(units, start - 1)  # "Иран — главный спонсор хуситов", "إيران هي الداعم"
    if start > 0 and verb_first and units[start - 1].actor:
        return [units[start - 1]]  # "تعد مصر أبرز داعم"
    return _named_behind(units, i, side)


def _named_behind(units: list[Unit], i: int, side: Unit | None) -> list[Unit]:
    """Return whose name follows: "its sponsor Egypt", "its backers in Moscow", "backer of Haftar, Egypt,"."""
    behind = units[i + 1 : i + 3]
    if len(behind) == 2 and (
        behind[0].low == ","
        or behind[0].has("aux", "be")
        or (behind[0].has("rel", "in") and behind[1].of_kind("capital", "government"))
    ):
        behind = behind[1:]
    if behind and behind[0].actor and behind[0] is not side:
        return listed_after(units, behind[0].at - 1)
    if told := [np for np in behind_dash(units, i) if np is not side]:
        return told
    comma = next((u.at for u in units[i + 1 : i + REACH] if u.low == ","), None)
    named = [u for u in units[comma + 1 : comma + 3] if u.actor] if comma is not None else []
    closed = bool(named) and units[named[0].at + 1 : named[0].at + 2]
    return named[:1] if closed and units[named[0].at + 1].low == "," else []


def _opening(units: list[Unit], i: int) -> int:
    """Return where the phrase of the word at `i` begins: "the junta's main arms" before "supplier"."""
    j = i
    while j > 0 and i - j < REACH:
        one = units[j - 1]
        plain = (
            (not one.punct or one.low in ("'", "’"))
            and not one.verb
            and not one.tags.keys() & {"rel", "bound", "aux", "conj", "act", "capacity"}
        )
        owned = (
            one.actor and j < i and (units[j].has("poss") or units[j].low in ("'", "’") or one.case == "of")
        )
        if not plain or (one.actor and not owned and one not in units[i].nationality):
            break
        j -= 1
    return j
