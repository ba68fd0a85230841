"""What is history: the year of an act or of its paragraph, words for long ago, states that are no more."""

import re
from typing import Final

from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.times import told
from pipeline.claims.units import NUMBER, Sentence, Unit
from pipeline.claims.vocabulary import fold

YEAR: Final = re.compile(r"(?:19|20)\d\d")
LONG_AGO: Final = (
    2  # years; what ended earlier is history (settled case), what was given a year earlier still
)
DISTANT: Final = 8  # years; a paragraph's year this far back sets all that it tells in the past
NEAR: Final = 20  # units between an act and its year
OPENING: Final = 8  # units at the beginning of a sentence in which "now" brings a paragraph back to its day


def is_past(units: list[Unit], j: int) -> bool:
    """Say whether the unit at `j` tells of long ago: "in the past", but not "in the past week"."""
    if not units[j].has("mod", "past"):
        return False
    after = units[j + 1] if j + 1 < len(units) else None
    return after is None or not (after.has("time") or after.has("num") or NUMBER.fullmatch(after.low))


def epoch_of(sentence: Sentence, scene: Scene, fresh: bool) -> int | None:
    """Return the year in which a paragraph is from this sentence on, None for the day of the article.

    `fresh`: the sentence begins a paragraph.
    """
    day = scene.world.day
    found = (u.low for u in sentence.units if len(u.low) == 4 and YEAR.fullmatch(u.low))
    years = [int(low) for low in found if int(low) <= day.year]
    if years:
        return max(years)
    if fresh or any(u.has("mod", "continuing") for u in sentence.units[:OPENING]):
        return None
    return scene.epoch


def is_history(one: Candidate, mods: set[str], scene: Scene, ending: bool) -> bool:
    """Say whether an act lies so far back that it is no news; `ending`: an end is told."""
    day = scene.world.day
    year = _year(one, scene)
    if year is not None and year < day.year - LONG_AGO - (not ending):
        return True
    if "continuing" in mods:
        return False
    distant = year is None and scene.epoch is not None and scene.epoch < day.year - DISTANT
    return "past" in mods or (distant and not _since(one, scene)) or _is_no_more(one, scene)


def _year(one: Candidate, scene: Scene) -> int | None:
    """Return the year told for the act, unless it is the year since when."""
    units, i, day = one.sentence.units, one.trigger.at, scene.world.day
    for j in (*range(i + 1, min(len(units), i + NEAR)), *range(i - 1, max(-1, i - NEAR), -1)):
        unit = units[j]
        dated = len(unit.low) == 4 and YEAR.fullmatch(unit.low)
        if not dated and unit.low != ";" and "bound" not in unit.tags:
            continue
        if any(u.has("thing", "pact") for u in units[j + 1 : j + 4]):
            continue  # "its 1997 friendship treaty"
        if dated and 1900 < int(unit.low) <= day.year:
            return None if _since(one, scene) else int(units[j].low)
        if unit.has("bound", "contrast") or unit.low == ";":
            if j > i:
                continue
            break
    return None


def _since(one: Candidate, scene: Scene) -> bool:
    """Say whether the sentence tells since which year: "since 2014", "2014'ten beri"."""
    if scene.calendar is None:
        return False
    if scene.order == "sov":
        units = one.sentence.units
        ends = (u.low for j, y in enumerate(units) if YEAR.fullmatch(y.low) for u in units[j + 1 : j + 4])
        return any((low,) in scene.calendar.since for low in ends)
    body = scene.bodies.get(one.sentence.field, "")
    times = told(scene.calendar, body[one.sentence.start : one.sentence.end])
    return any(when.edge == "since" and when.first.year is not None for when in times)


def _is_no_more(one: Candidate, scene: Scene) -> bool:
    """Say whether the supporter is named as a state that ended long before: "Soviet advisers" in 2016."""
    if one.hand is None:
        return False
    row = scene.frames["former"].get(one.hand.principal)
    if row is None or scene.world.day.year <= row["until"] + LONG_AGO:
        return False
    units = [u for u in (one.agent, one.thing, one.trigger) if u is not None]
    named = [m for u in units for m in (u, *u.nationality) if m.entity is not None]
    own = [m for m in named if (h := scene.world.hand(m.entity)) and h.principal == one.hand.principal]  # type: ignore[arg-type]
    return bool(own) and all(any(name in fold(m.text) for name in row["names"]) for m in own)
