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
    first, third = perfects(perfect)[:2]
    past = [perfect, *perfects(perfect), *_ours(perfect)]
    objects = [base + o for base in (perfect.replace("ى", "ا"), first, third[:-1]) for o in OBJECTS[:3]]
    objects += [base + o for base in _ours(perfect) for o in OBJECTS[:3]]  # "أرسلناهم"
    out: Forms = {"": [*past, perfect.replace("ى", "ا") + "نا", first + "نا"], "+object": objects}
    if imperfect:
        stem = imperfect[1:]
        short = stem[:-1] if stem[-1] in "يوى" else stem
        bases = [stem, short + "ون", short + "وا", short + "ان", stem + "نا"]
        # "تدربوا" is another verb's
        persons = [p + b for b in bases for p in "يت" if p == "ي" or not b.endswith("وا")] + ["ن" + stem]
        objective = [p + b + o for b in (stem, short + "ون") for p in "يت" for o in OBJECTS[:3]]
        objective += ["ن" + stem + o for o in OBJECTS[:3]]
        jussive = [p + short for p in "يت"] if short != stem else []
        if len(stem) == 3 and stem[1] in "وي":
            jussive += [p + stem[0] + stem[2] for p in "يت"]
        out[""] += persons + jussive
        out["+object"] += objective
        out["+planned"] = ["س" + form for form in persons]
        out["+planned+object"] = ["س" + form for form in objective]
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


def _ours(perfect: str) -> list[str]:
    """Return the first person plural, where the root has no weak letter inside it."""
    if perfect[-1] == "ى":
        return [perfect[:-1] + "ينا"]
    return [] if perfect[-1] == "ا" or perfect[-2:-1] == "ا" else [perfect + "نا"]


def noun(word: str) -> Forms:
    words = word.split(" ")
    tails = [
        [w, "ال" + w] if w.isalpha() and not w.startswith("ال") and len(w) > 2 else [w] for w in words[1:]
    ]
    out = {
        owner: list(dict.fromkeys(" ".join([head, *rest]) for head in heads for rest in product(*tails)))
        for owner, heads in bent(words[0]).items()
    }
    if words[1:] and words[0][-1] not in "ةاىء+" and all(w[-1] == "ي" for w in words[1:]):
        out[""].append(" ".join(w + "ا" for w in words))  # "اتفاقا دفاعيا"
    return out


def bent(word: str) -> Forms:
    """Return a noun's forms by what is written onto it: nothing, "+own" ("its soldiers"), "+ours"."""
    stem, _, plural = word.partition("+")
    base = stem[:-1] + "ت" if stem[-1] == "ة" else stem
    owned = [base]
    out = [stem]
    if stem[-1] not in "ةاىء":
        out.append(stem + "ا")
    core = stem[:-1] if stem[-1] == "ة" else stem
    if plural == "m":
        out += [stem + e for e in ("ون", "ين", "ي", "و", "ان")]
        owned += [stem + "ي", stem + "و"]
    elif plural == "d":
        out += [stem + e for e in ("ان", "ين")]
        owned += [stem + "ي", stem + "ا"]
    elif plural == "f":
        out += [core + "ات", core + "تين", core + "تان"]
        owned += [core + "ات"]
    theirs = [
        form + o for form in owned for o in OBJECTS[:3] if form != base or o != "ه" or _owns(stem, plural)
    ]
    return {"": out, "+own": theirs, "+ours": [form + "نا" for form in owned]}


def _owns(stem: str, plural: str) -> bool:
    return stem[-1] != "ي" and plural != "m"  # "عسكرية" is no owned "عسكري"
