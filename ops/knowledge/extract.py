"""Cut what the knowledge is made of out of the packages it comes from; run by hand, with the network.

    npm pack cldr-localenames-full@48.2.0 && tar xzf cldr-localenames-full-48.2.0.tgz
    pip install pymorphy3==2.0.6 pymorphy3-dicts-ru==2.4.417150.4580142 \
        pymorphy3-dicts-uk==2.4.1.1.1663094765
    python -m ops.knowledge.extract package
    python -m ops.knowledge.extract words

The first writes raw/territories.json and raw/cases.json, the second raw/russian.json, the bent words of
languages/ru.yaml. `countries.py` and `forms.py` then need neither package.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
RAW = HERE / "raw"
GAZETTEER = HERE.parent.parent / "pipeline/knowledge/gazetteer"
LISTS = ("bodies", "companies", "groups", "leaders", "missions", "weapons")
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


# Russian words ------------------------------------------------------------------------------------------

SAID = {"gent": "+of", "datv": "+to", "ablt": "+by", "loct": "+in"}  # a case -> what a form in it says


def russian() -> dict[str, dict[str, list[str]]]:
    """Return "v word" or "n word" -> voice -> forms, for every word that the Russian sheet wants bent."""
    import pymorphy3

    from ops.knowledge import forms

    morph = pymorphy3.MorphAnalyzer(lang="ru")
    out = {}
    for kind, word in dict.fromkeys(forms.asked(forms.sheet("ru"))):
        found = verbal(morph, word) if kind == "v" else nominal(morph, word)
        if found:
            out[f"{kind} {word}"] = {voice: sorted(set(bent)) for voice, bent in found.items()}
    return out


def verbal(morph: Any, phrase: str) -> dict[str, list[str]]:
    """Bend the first word, an infinitive; what follows stays as it is."""
    head, _, tail = phrase.partition(" ")
    parses = [p for p in morph.parse(head) if "INFN" in p.tag]
    lexeme = parses[0].lexeme if parses else ()
    present = any("impf" in p.tag for p in parses)  # "финансирует" is present and future
    out: dict[str, list[str]] = {}
    for form in lexeme:
        if tail and form.tag.POS in ("PRTF", "PRTS"):
            continue
        if (voice := voice_of(form.tag)) is not None:
            voice = "" if voice == "+planned" and present else voice
            out.setdefault(voice, []).append(f"{form.word} {tail}".strip())
    return out


def voice_of(tag: Any) -> str | None:
    """Return what a form of a verb says, None for one that newspapers do not use."""
    if tag.POS == "PRTS":
        return "pass"
    if tag.POS == "PRTF":
        return "attr" if "pssv" in tag else "doer"
    if tag.POS == "VERB" and tag.mood == "impr":
        return None
    if tag.POS == "VERB" and "futr" in tag:
        return "+planned" if "3per" in tag or "1per" in tag else None
    return "" if tag.POS in ("INFN", "VERB", "GRND") and "2per" not in tag else None


def nominal(morph: Any, phrase: str) -> dict[str, list[str]]:
    """Bend a noun with the adjectives before it, in both numbers; what follows the noun stays as it is."""
    words = phrase.split(" ")
    parsed = [best(morph, word) for word in words]
    at = next((i for i, p in enumerate(parsed) if p is not None and p.tag.POS == "NOUN"), None)
    if at is None:
        return {}
    head = parsed[at]
    seen: dict[str, str] = {}
    genitive = ""
    both: set[str] = set()  # genitive and dative in one, as of "армия": who gets something
    for case in ("nomn", "accs", "gent", "datv", "ablt", "loct"):
        for number in {head.tag.number} if head.tag.number == "plur" else {"sing", "plur"}:
            bent = head.inflect({case, number})
            if bent is None:
                continue
            adjectives = [agree(morph, w, p, bent) for w, p in zip(words[:at], parsed, strict=False)]
            form = " ".join([*adjectives, bent.word, *words[at + 1 :]])
            if number == "sing" and case == "datv" and genitive == form != phrase:
                both.add(form)  # but "Минобороны" is bent nowhere
            genitive = form if case == "gent" and number == "sing" else genitive
            seen.setdefault(form, SAID.get(case, ""))
    out: dict[str, list[str]] = {}
    for form, voice in seen.items():
        out.setdefault("+to" if form in both else voice, []).append(form)
    return out


def best(morph: Any, word: str) -> Any:
    readings = [p for p in morph.parse(word) if p.tag.POS in ("NOUN", "ADJF", "PRTF") and "nomn" in p.tag]
    return next((p for p in readings if p.tag.POS == "NOUN"), readings[0] if readings else None)


def agree(morph: Any, word: str, parsed: Any, noun: Any) -> str:
    """Return an adjective in the case, number and gender of its noun."""
    if parsed is None or parsed.tag.POS == "NOUN":
        return word
    wanted = {noun.tag.case, noun.tag.number}
    if noun.tag.number == "sing" and noun.tag.gender:
        wanted.add(noun.tag.gender)
    if (
        noun.tag.case == "accs"
        and (noun.tag.number == "plur" or noun.tag.gender == "masc")
        and noun.tag.animacy
    ):
        wanted.add(noun.tag.animacy)
    bent = parsed.inflect(wanted)
    return str(bent.word) if bent else word


def named() -> dict[str, list[str]]:
    """Return the gazetteer's Russian names (all kinds but countries and places) with their cases."""
    import pymorphy3

    morph = pymorphy3.MorphAnalyzer(lang="ru")
    entries = [e for file in LISTS for e in yaml.safe_load((GAZETTEER / f"{file}.yaml").read_text("utf-8"))]
    names = {n for e in entries for field in ("names", "weak") for n in e.get(field, {}).get("ru", ())}
    names.discard("САДР")  # it would be bent like the surname Садр
    return {name: forms for name in sorted(names) if (forms := declined(morph, name))}


def declined(morph: Any, name: str) -> list[str]:
    """Return the cases of a name; "Силы быстрой поддержки" is bent up to its noun, persons wholly."""
    words = name.split(" ")
    kinds = [best(morph, word) for word in words]
    end = next((i for i, p in enumerate(kinds) if p is not None and p.tag.POS == "NOUN"), len(words)) + 1
    if end >= len(words) or all(w[:1].isupper() for w in words):
        return inflect(morph, name)
    head, tail = " ".join(words[:end]), " ".join(words[end:])
    return [f"{form} {tail}" for form in inflect(morph, head)]


def words() -> None:
    dictionary = "forms by pymorphy3 2.0.6 (MIT) with its OpenCorpora dictionary (CC BY-SA)"
    save("russian.json", f"{dictionary} of the words of languages/ru.yaml", russian())
    save("russian_names.json", f"{dictionary} of the gazetteer's Russian names", named())


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
    words() if sys.argv[1] == "words" else main(Path(sys.argv[1]))
