"""A small Knowledge for the tests of the text stages: a few countries, one family, two agencies."""

from functools import cache

from pipeline.knowledge import Knowledge, Name
from pipeline.types import EntityKind, MadeBy

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
    "BF": ("Burkina Faso",),
}
PEOPLES = {"RU": ("Russian",), "TR": ("Turkish",)}


@cache
def knowledge() -> Knowledge:
    kinds: tuple[tuple[EntityKind, dict[str, tuple[str, ...]]], ...] = (
        ("country", COUNTRIES),
        ("demonym", PEOPLES),
    )
    names = (
        Name(text=text, id=code, kind=kind, languages=frozenset(), weak=False)
        for kind, known in kinds
        for code, texts in known.items()
        for text in texts
    )
    return Knowledge(
        made_by=MadeBy(version="0", knowledge="test"),
        involvements={},
        conflicts=(),
        entries={},
        names=tuple(names),
        families={"antaranews.com": "antara", "desk.news.example": "desk", "kantor berita antara": "antara"},
        wires={"reuters": ("Reuters",), "afp": ("AFP", "Agence France-Presse")},
        languages={},
    )
