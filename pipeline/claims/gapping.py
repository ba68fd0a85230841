"""Gapping: further givers of a list that leaves out the verb: "Germany sent 18 tanks, Poland 14"."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pipeline.claims.phrases import hangs
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import NUMBER, STATES, Sentence, Unit
from pipeline.claims.world import Hand

GIVEN: Final = ("arms", "materiel", "funding", "troops", "peace_operation", "training", "mercenaries")
GIVING: Final = ("transfer", "sell", "pledge", "deploy", "fund", "carry")
REMNANT: Final = 5  # units of what is left of a clause without its verb


def gapped(sentence: Sentence, found: list[Candidate], scene: Scene) -> Iterator[Candidate]:
    """Yield what the states without a verb of their own give, as the one before them does."""
    units = sentence.units
    told = [c for c in found if c.type in GIVEN and c.act in GIVING and c.trigger.verb and c.hand is not None]
    if not told:
        return
    for np in units[told[0].trigger.at + 1 :]:
        if not _opens(units, np) or not _counts(units, _behind_aside(units, np.at + 1)):
            continue
        whole = next((c for c in told[::-1] if c.trigger.at < np.at), None)
        hand = scene.world.hand(np.entity) if np.entity is not None else None
        if (
            whole is None
            or hand is None
            or not _goes_with(whole, hand, units[whole.trigger.at + 1 : np.at], scene)
        ):
            continue
        yield replace(
            whole, hand=hand, agent=np, thing=None, held=None, rules=[*whole.rules, "its verb is left out"]
        )


def _opens(units: list[Unit], np: Unit) -> bool:
    """Say whether a state stands right behind a comma or "and"."""
    if np.entity is None or np.entity.kind not in STATES or np.head is not None or np.case or np.speaking:
        return False
    before = units[np.at - 1]
    opened = before.low == "," or before.has("conj") or before.has("bound", "contrast")
    return opened and not hangs(units, np.at)


def _behind_aside(units: list[Unit], j: int) -> int:
    """Return where the clause goes on behind what stands between commas: "India, through its firms, 51"."""
    if j + 1 >= len(units) or units[j].low != "," or not units[j + 1].has("rel"):
        return j
    for k in range(j + 1, min(len(units), j + 10)):
        if units[k].verb:
            return j
        if units[k].low == ",":
            return k + 1
    return j


def _counts(units: list[Unit], j: int) -> bool:
    """Say whether a figure follows at `j`, and no verb before the clause ends."""
    rest = units[j : j + REMNANT]
    first = next((u for u in rest[:2] if not u.has("det")), None)
    if first is None or not (NUMBER.fullmatch(first.low) or first.has("num")):
        return False
    for one in units[j : j + 12]:
        if one.low in (",", ";", ".") or one.has("conj"):
            return True
        if one.verb or one.has("rel", "from"):
            return False
    return True


def _goes_with(whole: Candidate, hand: Hand, between: list[Unit], scene: Scene) -> bool:
    """Say whether a state can do what the act before it tells: no other clause stands between them."""
    theatre = whole.theatre
    if theatre is None or whole.hand is None or hand.principal == whole.hand.principal:
        return False
    if any((u.verb and (u.has("act") or u.has("voice"))) or u.low == ";" for u in between):
        return False
    return scene.foreign(hand.principal, theatre)
