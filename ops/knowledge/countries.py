"""Make the gazetteer's countries.yaml out of raw/ and other_names.yaml; `make knowledge` runs it.

One line a country: English name | any: names | language: names …; names are parted by "; ", and one that
ends in "?" is also a common word or another country's name, so it needs company in the article.
English names stand under `any`, because machine translation leaves them in every language.
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "pipeline/knowledge/gazetteer/countries.yaml"
HEADER = """\
# Made by ops/knowledge/countries.py from CLDR, inflected names and other_names.yaml; do not edit.
# CODE: English name | language: name; name? | …   ("?": needs company; `any`: every language)
source: >-
  Unicode CLDR 48.2 (npm cldr-localenames-full 48.2.0, Unicode-3.0 licence); Russian and Ukrainian case forms
  by pymorphy3 2.0.6 (MIT); short, former and press names: own knowledge
"""
CODES = {"fil": "tl"}  # CLDR's locale -> the code that language detection gives
IN_BRACKETS = re.compile(r"\s*[(（].*[)）]|\s*\[.*\]")
AMBIGUOUS = {"CD", "CG"}  # without its bracket or dash the name is that of both Congos
AND = {
    "en": "and",
    "id": "dan",
    "ms": "dan",
    "fr": "et",
    "es": "y",
    "pt": "e",
    "it": "e",
    "de": "und",
    "tr": "ve",
}
PLAIN = str.maketrans("’‘ʼʻ´\u00a0\u202f–—", "''''' \u0020--")
ACCENTS = str.maketrans("éèêëàâäáãåçîïíìôöóòõøûüúùñ", "eeeeaaaaaaciiiioooooouuuun")

Names = dict[str, None]  # an ordered set


def build() -> str:
    """Return the whole text of countries.yaml."""
    cldr, cases = raw("territories.json"), raw("cases.json")
    hand = yaml.safe_load((HERE / "other_names.yaml").read_text("utf-8"))
    codes = sorted({key[:2] for names in cldr.values() for key in names})
    lines = (f"  {code}: {json.dumps(line(code, cldr, cases, hand), ensure_ascii=False)}" for code in codes)
    return HEADER + "countries:\n" + "\n".join(lines) + "\n"


def raw(name: str) -> Any:
    return json.loads((HERE / "raw" / name).read_text("utf-8"))["data"]


def line(code: str, cldr: Any, cases: Any, hand: Any) -> str:
    named = gather(code, cldr, cases, hand)
    label = hand["labels"].get(code) or tidy(cldr["en"][code])
    everywhere = {name.casefold() for name in named.pop("en")} if "en" in named else set()
    parts = [label, "any: " + "; ".join(gather(code, cldr, cases, hand)["en"])]
    for language, names in named.items():
        own = [name for name in names if name.casefold() not in everywhere]
        parts += [f"{language}: " + "; ".join(own)] if own else []
    return " | ".join(parts)


def gather(code: str, cldr: Any, cases: Any, hand: Any) -> dict[str, Names]:
    """Return language -> names of one country, weak ones with their mark."""
    named: dict[str, Names] = {}
    for locale, names in cldr.items():
        language = CODES.get(locale, locale.split("-")[0])
        found = named.setdefault(language, {})
        for name in of_locale(code, locale, names, hand):
            found.update(dict.fromkeys(with_cases(name, cases.get(language, {}))))
    for language, text in hand["countries"].get(code, {}).items():
        found = named.setdefault(CODES.get(language, language), {})
        for name in split(text):
            found.update(dict.fromkeys(with_cases(name, cases.get(language, {}))))
    return {language: settled(names) for language, names in named.items() if names}


def of_locale(code: str, locale: str, names: dict[str, str], hand: Any) -> list[str]:
    """Return CLDR's names of `code` in one locale, less those of `drop`, with `?` for those of `weak`."""
    language = locale.split("-")[0]
    drop = split(hand["drop"].get(code, {}).get(locale, ""))
    weak = split(hand["weak"].get(code, {}).get(locale, ""))
    found = [v for key, name in names.items() if key[:2] == code for v in variants(code, name, language)]
    return [f"{name}?" if name in weak else name for name in found if name not in drop]


def variants(code: str, name: str, language: str) -> list[str]:
    """Return the spellings of one CLDR name that a text may show."""
    bare = IN_BRACKETS.sub("", name).strip()
    if code in AMBIGUOUS and bare != name:
        return []
    bare = bare.replace(" - ", "-").replace(" – ", "-")
    spellings = [bare]
    if "&" in bare and language in AND:
        spellings.append(bare.replace("&", AND[language]))
    if bare.startswith("St. "):
        spellings.append("Saint" + bare[3:])
    if language == "en":
        spellings += [s.translate(ACCENTS) for s in spellings]
    return [tidy(s) for s in spellings]


def with_cases(name: str, forms: dict[str, list[str]]) -> list[str]:
    mark = "?" if name.endswith("?") else ""
    bare = name.rstrip("?")
    known = forms.get(bare) or forms.get(bare.replace("'", "’")) or []
    return [name, *(tidy(form) + mark for form in known)]


def settled(names: Names) -> Names:
    """Return `names` without a strong twin of a weak one."""
    weak = {name.rstrip("?") for name in names if name.endswith("?")}
    return {name: None for name in names if name not in weak}


def split(text: str) -> list[str]:
    return [tidy(part) for part in text.split(";") if part.strip()]


def tidy(name: str) -> str:
    return " ".join(name.translate(PLAIN).split())


if __name__ == "__main__":
    TARGET.write_text(build(), "utf-8")
