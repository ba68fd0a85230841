"""Russian: what pymorphy3 made of the words.

`extract.py words` makes raw/russian.json anew after a change of the sheet.
"""

import json
from functools import cache
from pathlib import Path

Forms = dict[str, list[str]]
RAW = Path(__file__).parent.parent / "raw/russian.json"


@cache
def table() -> dict[str, Forms]:
    found: dict[str, Forms] = json.loads(RAW.read_text("utf-8"))["data"]
    return found


def verb(word: str) -> Forms:
    return table().get(f"v {word}", {})


def noun(word: str) -> Forms:
    return table().get(f"n {word}", {})
