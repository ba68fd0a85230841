"""Russian: what pymorphy3 made of the words.

`extract.py words` makes raw/russian.json anew after a change of the sheet.
"""

import json
from functools import cache
from pathlib import Path

Forms = dict[str, list[str]]
RAW = Path(__file__).parent.parent / "raw"


@cache
def table() -> dict[str, Forms]:
    found: dict[str, Forms] = json.loads((RAW / "russian.json").read_text("utf-8"))["data"]
    return found


def names() -> dict[str, list[str]]:
    """Return the gazetteer's Russian names with their other cases."""
    found: dict[str, list[str]] = json.loads((RAW / "russian_names.json").read_text("utf-8"))["data"]
    return found


def verb(word: str) -> Forms:
    return table().get(f"v {word}", {})


def noun(word: str) -> Forms:
    return table().get(f"n {word}", {})
