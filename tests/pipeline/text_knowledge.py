"""A small Knowledge for the tests of the text stages: a few countries, one family, two agencies."""

from functools import cache

from pipeline.knowledge import Knowledge, Name
from pipeline.types import MadeBy

COUNTRIES = {
    "LY": ("Libya", "Libia"),
    "TR": ("Turki", "Turkey", "Turquía"),
    "RU": ("Rusia", "Russia"),
    "CU": ("Cuba", "Kuba"),
    "EG": ("Mesir", "Egypt"),
    "PE": ("Peru",),
    "UA": ("Ukraina", "Ukraine"),
    "IR": ("Iran",),
    "JO": ("Yordania", "Jordan"),
    "MY": ("Malaysia",),
    "ML": ("Mali",),
    "CN": ("China", "Tiongkok"),
    "BR": ("Brazil", "Brasil"),
    "TG": ("Togo",),
}


@cache
def knowledge() -> Knowledge:
    names = (
        Name(text=text, id=code, kind="country", languages=frozenset(), weak=False)
        for code, texts in COUNTRIES.items()
        for text in texts
    )
    return Knowledge(
        made_by=MadeBy(version="0", knowledge="test"),
        involvements={},
        conflicts=(),
        entries={},
        names=tuple(names),
        families={"antaranews.com": "antara", "kantor berita antara": "antara"},
        wires={"reuters": ("Reuters",), "afp": ("AFP", "Agence France-Presse")},
        languages={},
    )
