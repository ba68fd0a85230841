"""Cut what the knowledge is made of out of the packages it comes from; run by hand, with the network.

    npm pack cldr-localenames-full@48.2.0 && tar xzf cldr-localenames-full-48.2.0.tgz
    pip install pymorphy3==2.0.6 pymorphy3-dicts-ru==2.4.417150.4580142 \
        pymorphy3-dicts-uk==2.4.1.1.1663094765
    python ops/knowledge/extract.py package

Writes raw/territories.json and raw/cases.json. `countries.py` then needs neither package.
"""

import json
import re
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).parent
RAW = HERE / "raw"
LOCALES = (
    "en", "id", "ms", "ar", "ru", "uk", "tr", "fr", "es", "es-MX", "pt", "pt-PT", "de", "it", "nl",
    "pl", "fa", "ps", "ckb", "ku", "ur", "he", "zh", "zh-Hant", "ja", "ko", "hi", "bn", "ta", "sw",
    "am", "so", "ha", "fil", "vi", "th", "el", "ro", "sr", "sr-Latn", "hr", "bs", "sq", "mk", "bg",
    "cs", "sk", "sl", "hu", "sv", "no", "da", "fi", "az", "hy", "ka", "kk", "uz", "my", "km",
)  # fmt: skip
# Codes of CLDR that are no country: unions, the world, pseudo regions, parts with codes of their own.
NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "AQ"}
JUNK = re.compile(r"[A-Z]{2}(-\w+)?$")  # a code where a name is missing
CODE = re.compile(r"^([A-Z]{2})(-alt-(?:short|variant))?$")


def territories(package: Path) -> dict[str, dict[str, str]]:
    """Return locale -> CLDR key (`TR`, `TR-alt-variant`) -> name."""
    return {locale: of_locale(package, locale) for locale in LOCALES}


def of_locale(package: Path, locale: str) -> dict[str, str]:
    path = package / "main" / locale / "territories.json"
    names = json.loads(path.read_text("utf-8"))["main"][locale]["localeDisplayNames"]["territories"]
    return {
        key: name
        for key, name in sorted(names.items())
        if (match := CODE.match(key)) and match[1] not in NO_COUNTRY and not JUNK.match(name)
    }


def nominatives(found: dict[str, dict[str, str]], language: str) -> list[str]:
    """Return every name in `language` that takes endings: CLDR's and those of other_names.yaml."""
    others = yaml.safe_load((HERE / "other_names.yaml").read_text("utf-8"))["countries"].values()
    hand = [name.strip(" ?") for entry in others for name in entry.get(language, "").split(";")]
    return sorted({*found[language].values(), *hand} - {""})


def cases(names: list[str], language: str) -> dict[str, list[str]]:
    """Return name -> its other case forms, by pymorphy3: noun and agreeing adjectives inflected together."""
    import pymorphy3

    morph = pymorphy3.MorphAnalyzer(lang=language)
    return {name: forms for name in names if (forms := inflect(morph, name))}


def inflect(morph: object, name: str) -> list[str]:
    words = name.split(" ")
    if len(words) == 1 and "ADJF" in morph.parse(name)[0].tag:  # type: ignore[attr-defined]
        return []  # uk "Малі" is no adjective
    forms = {" ".join(bend(morph, word, case) for word in words) for case in CASES}
    return sorted(form for form in forms if form != name)


GEOGRAPHIC = {"Geox", "geox", "geog"}
CASES = ("gent", "datv", "accs", "ablt", "loct")


def bend(morph: object, word: str, case: str) -> str:
    """Return `word` in `case`, with its own capitals; unchanged when it is no nominative."""
    readings = [p for p in morph.parse(word) if "nomn" in p.tag and not p.tag.grammemes & {"Fixd", "Abbr"}]  # type: ignore[attr-defined]
    best = next((p for p in readings if p.tag.grammemes & GEOGRAPHIC), readings[0] if readings else None)
    if best is None or best.tag.POS not in {"NOUN", "ADJF", "PRTF"}:
        return word
    number = {best.tag.number} if best.tag.number else set()
    bent = best.inflect({case} | number)
    return word if bent is None else like(word, bent.word)


def like(word: str, form: str) -> str:
    """Return `form` with the capitals of `word`, part by part between hyphens."""
    models, parts = word.split("-"), form.split("-")
    if len(models) != len(parts):
        models = [word] * len(parts)
    return "-".join(
        capital(part) if model[:1].isupper() else part for model, part in zip(models, parts, strict=True)
    )


def capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def save(name: str, about: str, data: object) -> None:
    text = json.dumps({"about": about, "data": data}, ensure_ascii=False, indent=0, sort_keys=True)
    (RAW / name).write_text(text + "\n", "utf-8")


def main(package: Path) -> None:
    found = territories(package)
    save("territories.json", "cldr-localenames-full 48.2.0, Unicode-3.0 licence: territory names", found)
    bent = {language: cases(nominatives(found, language), language) for language in ("ru", "uk")}
    save(
        "cases.json",
        "case forms by pymorphy3 2.0.6 (MIT) with its OpenCorpora (CC BY-SA) and LanguageTool dictionaries",
        bent,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
