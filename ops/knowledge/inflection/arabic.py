"""Arabic: persons, object suffixes, plurals and articles. Source: own knowledge after Wright's grammar.

A verb is written perfect:imperfect ("أرسل:يرسل"), a participle with "+p" (undergone) or "+a" (done)
behind it. A noun may end in "+m" or "+f": the sound plural; in "+d": only the dual.
Conjunctions, prepositions and the first article are cut off by the reader.
"""

from itertools import product

Forms = dict[str, list[str]]
OBJECTS = ("ه", "ها", "هم", "نا")


def verb(word: str) -> Forms:
    head, _, tail = word.partition(" ")
    if head.endswith(("+p", "+a")):
        return {"" if head.endswith("p") else "adj": [f"{f} {tail}".strip() for f in agreeing(head[:-2])]}
    perfect, colon, imperfect = head.partition(":")
    if not colon:
        return {}
    past = [perfect, *perfects(perfect), *(perfect.replace("ى", "ا") + o for o in OBJECTS)]
    past += [perfects(perfect)[0] + o for o in OBJECTS]
    out: Forms = {"": past}
    if imperfect:
        stem = imperfect[1:]
        short = stem[:-1] if stem[-1] in "يوى" else stem
        bases = [stem, short + "ون", short + "وا", short + "ان", *(stem + o for o in OBJECTS)]
        persons = [p + b for b in bases for p in "يت"] + ["ن" + stem]
        jussive = [p + short for p in "يت"] if short != stem else []
        if len(stem) == 3 and stem[1] in "وي":
            jussive += [p + stem[0] + stem[2] for p in "يت"]
        out[""] += persons + jussive
        out["+planned"] = ["س" + form for form in persons]
    return {
        voice: [f"{form} {tail}".strip() for form in dict.fromkeys(forms)] for voice, forms in out.items()
    }


def agreeing(stem: str) -> list[str]:
    """Return the forms of a participle, which agrees with its noun: "مدعوم", "مدعومة", "مدعومين"."""
    if stem[-1] in "ىي":
        return [stem, stem.replace("ى", "ا") + "ة", stem.replace("ى", "ا") + "ت"]
    return [stem, *(stem + e for e in ("ة", "ين", "ون", "ات", "ا", "ان"))]


def perfects(perfect: str) -> list[str]:
    stem = perfect[:-1] if perfect[-1] in "ىا" else perfect
    return [stem + "ت", stem + "وا", perfect.replace("ى", "ي") + "ا", stem + "تا"]


def noun(word: str) -> Forms:
    words = word.split(" ")
    heads = bent(words[0])
    tails = [
        [w, "ال" + w] if w.isalpha() and not w.startswith("ال") and len(w) > 2 else [w] for w in words[1:]
    ]
    forms = [" ".join([head, *rest]) for head in heads for rest in product(*tails)]
    return {"": list(dict.fromkeys(forms))}


def bent(word: str) -> list[str]:
    stem, _, plural = word.partition("+")
    base = stem[:-1] + "ت" if stem[-1] == "ة" else stem
    owners = OBJECTS[1:] if stem[-1] == "ي" or plural == "m" else OBJECTS  # "عسكرية" is no owned "عسكري"
    out = [stem, *(base + o for o in owners)]
    if stem[-1] not in "ةاىء":
        out.append(stem + "ا")
    if plural == "m":
        out += [stem + e for e in ("ون", "ين", "ي", "و", "ان", "يها", "يه", "يهم")]
    elif plural == "d":
        out += [stem + e for e in ("ان", "ين", "يه", "يها")]
    elif plural == "f":
        core = stem[:-1] if stem[-1] == "ة" else stem
        out += [core + "ات", *(core + "ات" + o for o in OBJECTS), core + "تين", core + "تان"]
    return out
