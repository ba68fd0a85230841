"""Pacts: which of the parties supports which by a treaty."""

from collections.abc import Iterator

from pipeline.claims.hands import hands_of, last_actor
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.world import Hand


def pact(sentence: Sentence, i: int, things: list[Unit], scene: Scene) -> Iterator[Candidate]:
    units, unit = sentence.units, sentence.units[i]
    if not things and not any(u.has("thing", "pact") for u in units):
        return
    near = things or [u for u in units if u.has("thing", "pact")]
    parties: list[tuple[Unit, Hand]] = []
    for np in units:
        telling = np.speaking and not unit.has("voice")  # "Bamako denounces its accords" tells nothing else
        if np.actor and not telling and abs(np.at - i) <= 25:
            parties += [
                (np, h) for h in hands_of(np, scene) if h.principal not in [p[1].principal for p in parties]
            ]
    last = last_actor(scene) if len(parties) < 2 else None
    if last is not None and all(h.principal != last.principal for _, h in parties):
        parties += [(unit, last)]
    ids = [h.principal for _, h in parties]
    ranked = sorted(ids, key=lambda t: (_at_war_itself(t, scene), scene.world.sponsored(t)))
    theatre = next((t for t in ranked if t in scene.world.wars and scene.world.is_state(t)), None)
    if theatre is None:
        sides = [scene.world.theatre_of(x) for x in ids if scene.world.armed(x)]
        theatre = next((s for s in sides if s), None)
    if theatre is None and len(parties) == 2 and last is None:
        mine = (t for t in scene.theatres[:1] if any(scene.world.belligerent(x, t) for x in ids))
        theatre = next(mine, None)  # "Moscow and Pyongyang signed", in an article about Ukraine
    if theatre is None:
        return
    for np, hand in parties:
        if hand.principal == theatre or not scene.world.is_state(hand.principal):
            continue
        if not scene.world.foreign(hand.principal, theatre):
            continue
        ends = unit.has("act", "cease") and not unit.has("clinch")  # "concluded an accord" has signed it
        ends = ends or (unit.verb and unit.has("voice", "accuse"))  # denounced
        act = "cease" if ends else "sign"
        one = Candidate(sentence, unit, act, "pact", hand, theatre, thing=near[0], agent=np)
        one.recipient = _state_side(theatre, units, scene)
        one.sided = True
        near[0].used = True
        yield one
        return


def _at_war_itself(ident: str, scene: Scene) -> tuple[int, int]:
    """Rank parties of a pact: the one whose war the article is about, then who fights least elsewhere."""
    others = max((n for t, n in scene.weights.items() if t != ident), default=0)
    leading = scene.weights.get(ident, 0) >= 1.5 * others
    told = ident in scene.theatres[:1] and leading
    return (0 if told else 1, len([f for f in scene.world.fronts.get(ident, ()) if f != ident]))


def _state_side(theatre: str, units: list[Unit], scene: Scene) -> str | None:
    for unit in units:
        if unit.entity and (side := scene.world.recipient(unit.entity, theatre)):
            return side
    return scene.world.split[theatre][0] if theatre in scene.world.split else theatre
