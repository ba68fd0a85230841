"""Tidying: figures of several parts, sums, and small words that lead no phrase or clause where they stand."""

import itertools
from typing import Final

from pipeline.claims.units import GEAR, NUMBER, Unit
from pipeline.claims.vocabulary import Tag, Vocabulary

MARKS: Final = frozenset(".,")


def whole_numbers(text: str, units: list[Unit]) -> list[Unit]:
    """Make one unit of the parts of a figure: "1.000", "2,500"."""
    out: list[Unit] = []
    for unit in units:
        if (
            len(out) > 1
            and out[-1].low in MARKS
            and unit.start == out[-1].end
            and unit.low.isdecimal()
            and out[-2].end == out[-1].start
            and NUMBER.fullmatch(out[-2].low)
        ):
            first = out[-2]
            first.end, first.text = unit.end, text[first.start : unit.end]
            first.low = first.text
            out.pop()
        else:
            out.append(unit)
    return out


def rounded(units: list[Unit]) -> None:
    """Read "around 300", "over 2,000" as figures, not as places."""
    for i, (unit, after) in enumerate(itertools.pairwise(units)):
        counted = unit.has("rel") and NUMBER.fullmatch(after.low)
        if counted and (unit.has("det") or after.glued):
            unit.tags.pop("rel")  # also Indonesian "ke-10", the tenth
        elif unit.has("rel") and unit.has("det") and after.has("num"):
            unit.tags.pop("rel")
        elif unit.has("mod", "every") or unit.has("mod", "fewer"):
            behind = units[i + 2] if i + 2 < len(units) else after
            if after.has("rel") and not after.has("det") and NUMBER.fullmatch(behind.low):
                after.tags.pop("rel")  # "the last of 1,500 troops"


def unbound(units: list[Unit]) -> None:
    """Take no clause to begin with "since March", "during the war", or with "meanwhile" between commas."""
    for i, unit in enumerate(units[:-1]):
        if "bound" not in unit.tags:
            continue
        after = units[i + 1]
        if unit.has("bound", "time"):
            dated = after.has("time") or NUMBER.fullmatch(after.low) or (after.has("war") and not after.verb)
        else:
            dated = i > 1 and unit.has("bound", "contrast") and units[i - 1].low == after.low == ","
        if dated:
            unit.tags.pop("bound")


def sums(units: list[Unit], vocabulary: Vocabulary) -> None:
    """Read a currency beside a figure as a sum that can be given, unless it is the price of something."""
    price = None  # where the last one stands, that a list may go on with: "worth 4 million, India 2 million"
    for i, unit in enumerate(units):
        if unit.low in vocabulary.currencies and (led := _in_goods(units[i + 1 : i + 8])):
            unit.tags.pop("thing", None)
            led.tags.pop("rel")
            continue
        if unit.low not in vocabulary.currencies or unit.has("thing") or _is_weight(units, i):
            continue
        near = units[i + 1 : i + 2] + units[max(0, i - 2) : i]
        if not any(NUMBER.fullmatch(u.low) or u.has("num") for u in near):
            continue
        ahead, behind = units[max(0, i - 5) : i], units[i + 1 : i + 8]
        priced = any(u.has("price") for u in (*ahead, *behind)) or any(
            a.has("rel", "of") and (b.has("thing") or (c is not None and c.has("thing")))
            for a, b, c in zip(behind, behind[1:], [*behind[2:], None], strict=False)
        )
        priced = priced or (price is not None and not any("act" in u.tags for u in units[price:i]))
        price = i if priced else price
        if not priced:
            unit.tags["thing"] = (Tag("thing", "sum", "noun"),)


def _is_weight(units: list[Unit], i: int) -> bool:
    """Say whether a hyphen joins a currency to its figure before arms: "2,000-pound bombs"."""
    after = units[i + 1] if i + 1 < len(units) else None
    return units[i].glued and after is not None and after.has("thing", "weapon")


def _in_goods(behind: list[Unit]) -> Unit | None:
    """Return the "in" of a sum that is only the worth of what is given: "$20 million in rifles and fuses"."""
    led = next((n for n, u in enumerate(behind) if u.has("rel")), None)
    if led is None or not behind[led].has("rel", "in"):
        return None
    goods = next((u for u in behind[led + 1 : led + 4] if u.has("thing") or u.entity is not None), None)
    given = goods is not None and any(goods.has("thing", kind) for kind in GEAR)
    return behind[led] if given else None
