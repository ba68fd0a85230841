"""Pronouns: one that is given stands for the thing before, as in "it was sold by Paris"."""

from typing import Final

from pipeline.claims.scene import Scene
from pipeline.claims.units import GEAR, Sentence, Unit
from pipeline.claims.vocabulary import Tag

GIVING: Final = ("transfer", "sell", "receive")
GOODS: Final = (*GEAR, "intel")
NEAR: Final = 4  # units between a pronoun and the passive verb whose subject it is
RECENT: Final = 2  # sentences back to which a pronoun reaches for its thing


def stand_for_things(sentence: Sentence, scene: Scene) -> None:
    """Let each pronoun that is the object of a gift, or the subject of its passive, be the thing it means."""
    units = sentence.units
    for i, unit in enumerate(units):
        if unit.verb and any(unit.has("act", act) for act in GIVING) and not unit.has("act", "conduct"):
            pronoun = _object(units, i) or _subject(units, i)
            thing = _antecedent(pronoun, sentence, scene) if pronoun is not None else None
            if pronoun is not None and thing is not None:
                _stand(pronoun, thing)


def remember_things(sentence: Sentence, scene: Scene) -> None:
    """Note the last thing of a sentence that a pronoun of the next ones may mean."""
    thing = next((u for u in sentence.units[::-1] if _kind(u) and not u.speaking), None)
    scene.things.append(thing)
    del scene.things[:-RECENT]


def _kind(unit: Unit) -> str:
    if unit.verb or unit.has("deed") or "thing" not in unit.tags:
        return ""
    return next((v for v in unit.values("thing") if v in GOODS), "")


def _object(units: list[Unit], i: int) -> Unit | None:
    """Return the pronoun right behind the verb, unless it is who gets what follows: "gave them rifles"."""
    if i + 1 >= len(units) or not units[i + 1].has("pron", "thing") or units[i].voice() == "pass":
        return None
    after = units[i + 2] if i + 2 < len(units) else None
    if after is None or after.punct or after.has("rel") or after.has("conj") or after.has("bound"):
        return units[i + 1]
    return units[i + 1] if after.has("time") or after.shaped("adverb") else None


def _subject(units: list[Unit], i: int) -> Unit | None:
    """Return the pronoun that is the subject of the passive at `i`: "they had been delivered by"."""
    if units[i].voice() not in ("both", "part", "pass"):
        return None
    passive = False
    for one in units[max(0, i - NEAR) : i][::-1]:
        if one.has("pron", "thing"):
            return one if passive else None
        passive = passive or one.has("aux", "be")
        if not (one.has("aux") or one.has("mod") or one.shaped("adverb")):
            return None
    return None


def _antecedent(pronoun: Unit, sentence: Sentence, scene: Scene) -> Unit | None:
    """Return the last thing told before a pronoun that can be given."""
    for one in (*sentence.units[: pronoun.at][::-1], *scene.things[::-1]):
        if one is not None and _kind(one):
            return one
    return None


def _stand(pronoun: Unit, thing: Unit) -> None:
    pronoun.tags = {"thing": (Tag("thing", _kind(thing), "noun"),)}
    pronoun.nationality = list(thing.nationality)
    pronoun.maker = thing.maker
