"""Turkish: suffixes by vowel harmony. Source: own knowledge after Lewis, Turkish Grammar.

"A" in a suffix is a or e, "I" one of ı i u ü, "D" is d or t; "(n)", "(y)" and "(s)" stand behind vowels only.
"""

import re

Forms = dict[str, list[str]]
VOWELS = "aıoueiöü"
BACK = "aıou"
ROUND = "ouöü"
HARD = "fstkçşhp"
SOFT = {"k": "ğ", "ç": "c", "p": "b", "t": "d"}
SOFTENING = {
    "et", "git", "güt", "reddet", "affet", "kaydet", "sevket", "bahset", "seyret", "katlet", "keşfet",
    "terket", "vadet", "fethet", "naklet", "devret", "emret", "hisset", "kastet", "hapset", "lağvet",
    "feshet", "azlet",
}  # fmt: skip
POSSESSED = ("havaalanı", "havalimanı")  # one word, and yet a compound
CASES = {
    "": ["", "(y)I"], "+to": ["(y)A"], "+in": ["DA", "DAki"], "+from": ["DAn"], "+of": ["(n)In"],
    "+with": ["(y)lA"],
}  # fmt: skip
BEHIND_POSSESSIVE = {
    "": ["", "nI"], "+to": ["nA"], "+in": ["ndA", "ndAki"], "+from": ["ndAn"], "+of": ["nIn"],
    "+with": ["ylA"],
}  # fmt: skip
FINITE = [
    "DI", "DIlAr", "mIş", "mIştI", "mIşlAr", "mIştIr", "Iyor", "Iyorlar", "Iyordu", "mAktA", "mAktAdIr",
    "(y)ArAk", "(y)Ip", "DIk", "mIştIk", "IyorIz", "IyorlArdI", "mAktAydI", "mIşlArdI", "(y)IncA",
]  # fmt: skip
NOMINAL = [  # its subject stands in the genitive
    "DIğI", "DIğInI", "DIğInA", "DIğInIn", "DIğIndAn", "DIklArI", "DIklArInI", "DIktAn", "mA", "mAsI",
    "mAsInI", "mAsInA", "mAsInIn", "mAsIylA", "mAlArI", "mAlArInI", "mAlArInA", "mAk", "mAklA", "mAktAn",
    "mAyI", "mAyA", "DIğIylA", "DIklArInA", "DIklArInIn", "DIğImIzI", "mAsIndAn", "mAsIndA", "mAlArInIn",
    "DIğIndA", "DIklArIndA", "DIklArIndAn",
]  # fmt: skip
PLANNED = ["(y)AcAk", "(y)AcAklAr", "(y)AcAktI", "(y)AcAğIz"]
PLANNED_NOMINAL = ["(y)AcAğI", "(y)AcAğInI", "(y)AcAklArInI", "(y)AcAğInA", "(y)AcAğImIzI"]
POSSIBLE = [
    "(y)AbIlIr", "(y)AbIlIrlAr", "(y)AbIleceğini", "(y)AbIlecek", "(y)AbIleceklerini", "(y)AbIlmesi", "mAlI",
    "mAlIdIr", "(y)AbIliyor",
]  # fmt: skip
NEGATED = [
    "mAdI", "mAdIlAr", "mAyAcAk", "mAyAcAklAr", "mAyAcAğInI", "mAyAcAklArInI", "mAdIğInI", "mAdIklArInI",
    "mIyor", "mIyorlar", "mAmIş", "mAmAsI", "mAmAsInI", "mAmAk", "mAz", "mAzlAr", "mAdAn", "mAyAcAğI",
    "mAdIk", "mIyorIz", "mAyAcAğIz", "mAmIştI", "mAmIştIr", "mAmAktA", "mAmAktAdIr", "mAdIğI", "mAdIğImIzI",
]  # fmt: skip


def join(stem: str, suffix: str) -> str:
    """Hang a suffix on a stem, with its vowels in harmony.

    >>> join("gönder", "DIğInI"), join("destekle", "(y)AcAk"), join("sat", "DI")
    ('gönderdiğini', 'destekleyecek', 'sattı')
    """
    out = stem
    suffix = re.sub(r"\((\w)\)", lambda m: m[1] if stem[-1] in VOWELS else "", suffix)
    for sign in suffix:
        last = next((c for c in reversed(out) if c in VOWELS), "e")
        if sign == "A":
            out += "a" if last in BACK else "e"
        elif sign == "I":
            out += ("u" if last in ROUND else "ı") if last in BACK else ("ü" if last in ROUND else "i")
        elif sign == "D":
            out += "t" if out[-1] in HARD else "d"
        else:
            out += sign
    return out


def bend(stem: str, suffix: str, softens: bool) -> str:
    """Hang a verb's suffix on its stem: "destekliyor", "eder"."""
    if suffix.startswith("Iyor") and stem[-1] in VOWELS:
        stem = stem[:-1]
    vowel = suffix.startswith(("I", "(y)")) or suffix[0] == "A"
    if softens and vowel:
        stem = stem[:-1] + "d"
    return join(stem, suffix)


def verb(word: str) -> Forms:
    """Bend the last word, an infinitive; both voices."""
    head, _, last = word.rpartition(" ")
    if not last.endswith(("mak", "mek")):
        return {}
    stem = last[:-3]
    softens = stem in SOFTENING
    passive = join(
        stem[:-1] + "d" if softens else stem, "n" if stem[-1] in VOWELS else "In" if stem[-1] == "l" else "Il"
    )
    aorist = ["r"] if stem[-1] in VOWELS else ["Ar", "Ir"]
    out: Forms = {}

    def add(voice: str, base: str, suffixes: list[str], soft: bool = False) -> None:
        out.setdefault(voice, []).extend(f"{head} {bend(base, s, soft)}".strip() for s in suffixes)

    add("", stem, [*FINITE, *aorist], softens)
    add("+nominal", stem, NOMINAL, softens)
    add("+planned", stem, PLANNED, softens)
    add("+planned+nominal", stem, PLANNED_NOMINAL, softens)
    add("+hypothetical", stem, POSSIBLE, softens)
    add("+negative", stem, NEGATED)
    add("doer", stem, ["(y)An", "(y)AnlAr"], softens)
    add("pass", passive, [*FINITE, "Ir"])
    add("pass+nominal", passive, NOMINAL)
    add("pass+planned", passive, PLANNED)
    add("pass+planned+nominal", passive, PLANNED_NOMINAL)
    add("pass+hypothetical", passive, POSSIBLE)
    add("pass+negative", passive, NEGATED)
    add("attr", passive, ["An", "AnlAr"])
    return {voice: list(dict.fromkeys(forms)) for voice, forms in out.items()}


def noun(word: str) -> Forms:
    """Bend the last word: bare, plural, possessed and both, in six cases.

    A compound that ends in a possessive ("savaş uçağı") has no bare form of its own.
    """
    head, _, last = word.rpartition(" ")
    out: Forms = {}
    owned_forms: set[str] = set()  # what may be somebody's
    bare_forms: set[str] = set()  # what may be nobody's

    def add(base: str, endings: dict[str, list[str]], soft: bool = False, whose: str = "") -> None:
        for case, suffixes in endings.items():
            for suffix in suffixes:
                forms = [join(base, suffix)]
                vowel = suffix.startswith(("(", "I", "A")) and suffix != "(y)lA"
                if soft and vowel and base[-1] in SOFT:
                    forms.append(join(base[:-1] + SOFT[base[-1]], suffix))
                forms = [f"{head} {form}".strip() for form in forms]
                out.setdefault(case + whose, []).extend(forms)
                (owned_forms if endings is BEHIND_POSSESSIVE else bare_forms).update(forms)

    def ours(base: str) -> None:
        add(base + join(base, "mIz" if base[-1] in VOWELS else "ImIz")[len(base) :], CASES, whose="+ours")

    if head and last.endswith(("leri", "ları")):
        add(last, BEHIND_POSSESSIVE)  # "hava kuvvetleri"
        bare_forms |= owned_forms
    elif (head or last in POSSESSED) and bears_possessive(last):
        stem = unpossessed(last)
        add(last, BEHIND_POSSESSIVE)
        add(join(stem, "lArI"), BEHIND_POSSESSIVE)
        add(join(stem, "lAr"), CASES)
        ours(join(stem, "lAr"))
        bare_forms |= owned_forms  # a compound bears the ending for itself
        owned_forms |= bare_forms
    else:
        many = join(last, "lAr") if not last.endswith(("ler", "lar")) else last
        add(join(many, "cA"), {"+by": [""]})
        ours(many)
        ours(last if last[-1] not in SOFT or len(last) < 4 else last[:-1] + SOFT[last[-1]])
        add(last, CASES, soft=True)
        add(many, CASES)
        add(join(many, "I"), BEHIND_POSSESSIVE)
        owned = join(last, "(s)I")
        add(owned, BEHIND_POSSESSIVE)
        if last[-1] in SOFT:
            add(join(last[:-1] + SOFT[last[-1]], "I"), BEHIND_POSSESSIVE)
    return signed(out, owned_forms, bare_forms)


def bears_possessive(last: str) -> bool:
    """Say whether the last word of a compound ends as one that is possessed, "uçağı", no doer or adverb."""
    return last[-1] in "ıiuü" and last[-2] not in "çc" and not last.endswith("eri")


def signed(out: Forms, owned: set[str], bare: set[str]) -> Forms:
    """Return forms by case, with "+own" where somebody owns them, "+bare" where nobody does."""
    seen: set[str] = set()
    found: Forms = {}
    for case, forms in out.items():
        for form in dict.fromkeys(forms):
            if form in seen:
                continue
            seen.add(form)
            sign = "" if (form in owned) == (form in bare) or "+ours" in case or case == "+by" else "+own"
            sign = "+bare" if sign and form in bare else sign
            found.setdefault(case + sign, []).append(form)
    return found


def unpossessed(word: str) -> str:
    """Return a noun without its possessive ending: "uçağı" -> "uçak", "füzesi" -> "füze"."""
    stem = word[:-2] if word[-2] == "s" and word[-3] in VOWELS else word[:-1]
    hard = {"ğ": "k", "c": "ç", "b": "p"}
    return stem[:-1] + hard[stem[-1]] if stem[-1] in hard else stem
