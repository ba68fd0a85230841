"""Craft: ships and aircraft, and what is told of them."""

from pipeline.claims.units import Unit

CRAFT = ("weapon", "plane")
AIMED = 12  # units behind arms in which it is told what for


def used_how(units: list[Unit], i: int, act: str, thing: Unit, agent: Unit | None) -> str | None:
    """Say what arms are moved for, where it is told: "flew drones against", "the ship unloaded rockets"."""
    behind = units[thing.at + 1 : thing.at + 5]
    end = next((n for n, u in enumerate(behind) if u.has("rel") or u.punct or u.verb), None)
    if end is not None and behind[end].has("rel", "against") and not behind[end].has("rel", "to"):
        return "strikes"
    verb = next((u for u in units[thing.at + 1 : thing.at + AIMED] if u.verb and u.has("act")), None)
    if verb is not None and verb.has("act", "strike") and units[verb.at - 1].has("rel", "for"):
        return "strikes"  # "deployed drones from its base to bomb"
    craft = agent is not None and any(agent.has("thing", kind) for kind in CRAFT)
    return "arms" if craft and act == "deploy" and units[i].has("act", "unload") else None
