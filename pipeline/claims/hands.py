"""Hands: which supporter a phrase stands for, by its name, its owner or what was told before."""

from pipeline.claims.phrases import (
    hangs,
    is_owned,
    of_circumstance,
    phrase,
)
from pipeline.claims.scene import RECALL, Scene
from pipeline.claims.units import Unit
from pipeline.claims.world import Hand


def resolve(phrases: list[Unit], scene: Scene) -> list[tuple[Unit | None, Hand | None]]:
    out: list[tuple[Unit | None, Hand | None]] = []
    for np in phrases:
        for hand in hands_of(np, scene):
            if all(h != hand for _, h in out):
                out.append((np, hand))
    carried_out = {h.principal for _, h in out if h and h.executor}
    return [(np, h) for np, h in out if not h or h.executor or h.principal not in carried_out]


def hands_of(np: Unit, scene: Scene) -> list[Hand]:
    """Return for whom a phrase acts; a pronoun stands for the last actor."""
    if np.actor or (np.has("mandate") and not np.nationality):
        return hands_named(np, scene)
    if is_ours(np, scene.units):
        return [scene.speaker] if scene.speaker else []
    if np.nationality:
        hands = merge([h for n in np.nationality for h in hands_named(n, scene)], scene)
        return hands if np.listed else hands[:1]
    if np.has("pron", "group"):
        return [scene.group] if scene.group else []
    if np.has("pron", "first"):
        return [scene.speaker] if scene.speaker else []
    if np.has("role", "state") and (seat := seat_of(np, scene.units)) is not None:
        return hands_named(seat, scene)
    if np.has("envoy") and not is_owned(scene.units, np):
        return _sent_by(scene)
    owned = (np.has("role", "state") or np.has("thing")) and is_owned(scene.units, np)
    if any(np.has("pron", kind) for kind in ("state", "soldier", "country")) or owned:
        hand = antecedent(np, scene)
        return [hand] if hand else []
    return []


ENVOY = 2  # sentences over which an ambassador finds the own state again


def _sent_by(scene: Scene) -> list[Hand]:
    """Return whose ambassador one without a state is: that of the foreign state told last."""
    for hand in scene.actors[: -ENVOY - 1 : -1]:
        if hand is not None and scene.world.is_state(hand.principal) and hand.principal not in scene.theatres:
            return [hand]
    return []


def seat_of(np: Unit, units: list[Unit]) -> Unit | None:
    """Return the seat of government that tells whose organ a bare one is: "the parliament in Ankara"."""
    behind = units[np.at + 1 : np.at + 3] if np in units and not np.has("thing") else []
    if len(behind) < 2 or not behind[0].has("rel", "in") or behind[0].verb:
        return None
    seat = behind[1]
    return seat if seat.entity is not None and seat.entity.kind == "capital" else None


def is_ours(np: Unit, units: list[Unit]) -> bool:
    """Say whether a phrase is the speaker's own: "our soldiers", "prajurit kami"."""
    if np not in units or not (np.has("thing") or np.has("role")):
        return False
    return any(u.has("pron", "first") for u in units[max(0, np.at - 2) : np.at + 2])


def antecedent(np: Unit, scene: Scene) -> Hand | None:
    """Return whom a pronoun or a bare role stands for: the first actor before it, else the last one told."""
    units = scene.units
    if np in units:
        earlier = units[: np.at]
        if (hand := first_actor(earlier, scene)) is not None:
            return hand
        if scene.order == "vso" and np.at and not np.noun and of_circumstance(units, np.at):
            return None  # "تقول أم أيمن وهي تنشر الغسيل": whoever is told right before
    return last_actor(scene)


def first_actor(units: list[Unit], scene: Scene) -> Hand | None:
    """Return the first actor that hangs on no preposition."""
    for j, one in enumerate(units):
        np = phrase(one)
        if np is None or np.has("pron") or (np.has("role") and not np.nationality):
            continue
        if not hangs(units, np.at if np in units else j):
            hands = [h for m in ([np] if np.actor else np.nationality) for h in hands_named(m, scene)]
            if hands:
                return merge(hands, scene)[0]
    return None


def hands_named(np: Unit, scene: Scene) -> list[Hand]:
    hand = scene.world.hand(np.entity) if np.entity else None
    if hand is None and np.entity is not None and np.entity.kind == "company":
        entry = scene.world.entry("company", np.entity.id)
        if entry and entry.country and entry.country in scene.named:
            return [Hand(entry.country)]  # a maker's seat counts where the text names it
    if hand is None and np.has("mandate"):
        return [Hand(np.value("mandate"))]
    return [hand] if hand else []


def merge(hands: list[Hand], scene: Scene | None = None) -> list[Hand]:
    """Join a state and its executor: "Russian Wagner mercenaries" is one hand."""
    executors = {h.principal: h for h in hands if h.executor}
    groups = [h for h in hands if not h.executor and h.principal.islower()]
    homes = {scene.world.home(h.principal) for h in groups} if scene is not None else set()
    if len(hands) == 2 and len(groups) == 1 and homes & {h.principal for h in hands}:
        return groups  # "the Lebanese group Hezbollah"
    out: list[Hand] = []
    for hand in hands:
        hand = executors.get(hand.principal, hand)
        if hand not in out:
            out.append(hand)
    return sorted(out, key=lambda h: h.executor is None)


def last_actor(scene: Scene) -> Hand | None:
    """Return the last actor told before the present sentence."""
    return next((hand for hand in scene.actors[: -RECALL - 1 : -1] if hand is not None), None)
