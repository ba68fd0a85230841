"""French: the third persons, the infinitive and the participles; plurals. Source: after Bescherelle."""

Forms = dict[str, list[str]]

# ending of the infinitive -> present s, p; stem of the imperfect; stem of the future; past s, p; participle
RULES: tuple[tuple[str, str], ...] = (
    ("envoyer", "envoie envoient envoy enverr envoya envoyèrent envoyé"),
    ("tenir", "tient tiennent ten tiendr tint tinrent tenu"),
    ("venir", "vient viennent ven viendr vint vinrent venu"),
    ("mettre", "met mettent mett mettr mit mirent mis"),
    ("prendre", "prend prennent pren prendr prit prirent pris"),
    ("battre", "bat battent batt battr battit battirent battu"),
    ("faire", "fait font fais fer fit firent fait"),
    ("uire", "uit uisent uis uir uisit uisirent uit"),
    ("dire", "dit disent dis dir dit dirent dit"),
    ("mentir", "ment mentent ment mentir mentit mentirent menti"),
    ("servir", "sert servent serv servir servit servirent servi"),
    ("partir", "part partent part partir partit partirent parti"),
    ("sortir", "sort sortent sort sortir sortit sortirent sorti"),
    ("cevoir", "çoit çoivent cev cevr çut çurent çu"),
    ("crire", "crit crivent criv crir crivit crivirent crit"),
    ("rompre", "rompt rompent romp rompr rompit rompirent rompu"),
    ("connaître", "connaît connaissent connaiss connaîtr connut connurent connu"),
    ("croître", "croît croissent croiss croîtr crut crurent cru"),
    ("clore", "clôt closent clos clor clot clorent clos"),
    ("dissoudre", "dissout dissolvent dissolv dissoudr dissolut dissolurent dissous"),
    ("être", "est sont ét ser fut furent été"),
    ("cueillir", "cueille cueillent cueill cueiller cueillit cueillirent cueilli"),
    ("ouvrir", "ouvre ouvrent ouvr ouvrir ouvrit ouvrirent ouvert"),
    ("frir", "fre frent fr frir frit frirent fert"),
    ("suivre", "suit suivent suiv suivr suivit suivirent suivi"),
    ("mourir", "meurt meurent mour mourr mourut moururent mort"),
    ("courir", "court courent cour courr courut coururent couru"),
    ("quérir", "quiert quièrent quér querr quit quirent quis"),
    ("clure", "clut cluent clu clur clut clurent clu"),
    ("naître", "naît naissent naiss naîtr nut nurent nu"),
    ("voir", "voit voient voy verr vit virent vu"),
    ("croire", "croit croient croy croir crut crurent cru"),
    ("oindre", "oint oignent oign oindr oignit oignirent oint"),
    ("eindre", "eint eignent eign eindr eignit eignirent eint"),
    ("aindre", "aint aignent aign aindr aignit aignirent aint"),
    ("vouloir", "veut veulent voul voudr voulut voulurent voulu"),
    ("pouvoir", "peut peuvent pouv pourr put purent pu"),
    ("devoir", "doit doivent dev devr dut durent dû"),
    ("fuir", "fuit fuient fuy fuir fuit fuirent fui"),
    ("aller", "va vont all ir alla allèrent allé"),
    ("ayer", "aie aient ay aier aya ayèrent ayé"),
    ("oyer", "oie oient oy oier oya oyèrent oyé"),
    ("uyer", "uie uient uy uier uya uyèrent uyé"),
    ("éger", "ège ègent ége éger égea égèrent égé"),
    ("ger", "ge gent ge ger gea gèrent gé"),
    ("cer", "ce cent ç cer ça cèrent cé"),
    ("ever", "ève èvent ev èver eva evèrent evé"),
    ("anteler", "antèle antèlent antel antèler antela antelèrent antelé"),
    ("arceler", "arcèle arcèlent arcel arcèler arcela arcelèrent arcelé"),
    ("geler", "gèle gèlent gel gèler gela gelèrent gelé"),
    ("égler", "ègle èglent égl égler égla églèrent églé"),
    ("ener", "ène ènent en èner ena enèrent ené"),
    ("éser", "èse èsent és éser ésa ésèrent ésé"),
    ("aillir", "aille aillent aill aillir aillit aillirent ailli"),
    ("eler", "elle ellent el eller ela elèrent elé"),
    ("jeter", "jette jettent jet jetter jeta jetèrent jeté"),
    ("acheter", "achète achètent achet achèter acheta achetèrent acheté"),
    ("érer", "ère èrent ér érer éra érèrent éré"),
    ("éder", "ède èdent éd éder éda édèrent édé"),
    ("éter", "ète ètent ét éter éta étèrent été"),
    ("éler", "èle èlent él éler éla élèrent élé"),
    ("er", "e ent - er a èrent é"),
    ("ir", "it issent iss ir it irent i"),
    ("re", "- ent - r it irent u"),
)
STOPS = {"de", "du", "des", "d", "à", "au", "aux", "en", "pour", "sur", "contre", "par"}


def verb(word: str) -> Forms:
    """Bend the first word; "~" before it says that its participle is not passive ("est arrivé")."""
    active = word.startswith("~")
    head, _, tail = word.lstrip("~").partition(" ")
    reflexive = head.startswith("se_")
    head = head.removeprefix("se_")
    if not head.endswith(("er", "ir", "re")):
        return {}
    ending, row = next((e, r) for e, r in RULES if head.endswith(e))
    stem = head[: len(head) - len(ending)]
    one, many, imperfect, future, past, pasts, done = (stem + p.replace("-", "") for p in row.split(" "))
    finite = [one, many, past, pasts, imperfect + "ait", imperfect + "aient", imperfect + "ant"]
    finite += [imperfect.removesuffix("e") + "ons" if ending != "ger" else imperfect + "ons"]
    participles = list(dict.fromkeys([done, done + "e", plural(done), done + "es"]))
    out = {
        "": finite,
        "+nominal": [head],
        "+planned": [future + "a", future + "ont"],
        "+hedge": [future + "ait", future + "aient"],
        "" if active or reflexive else "both": participles,
    }
    if active or reflexive:
        out[""] = finite + participles
    tails = contracted(tail)
    return {
        voice: [f"{form} {tail}".strip() for form in dict.fromkeys(forms) for tail in tails]
        for voice, forms in out.items()
    }


def contracted(tail: str) -> list[str]:
    """Return what hangs on a verb with its last preposition and with the articles that melt into it."""
    head, _, last = tail.rpartition(" ")
    melted = {"à": ("à", "au", "aux"), "de": ("de", "du", "des", "d'")}.get(last, (last,))
    return [f"{head} {form}".strip() for form in melted]


def noun(word: str) -> Forms:
    """Give the singular and the plural; what hangs on a preposition stays as it is."""
    words = word.split(" ")
    bent: list[str] = []
    for i, one in enumerate(words):
        if one.split("'")[0].split("’")[0] in STOPS and i:
            bent += words[i:]
            break
        bent.append(plural(one))
    return {"": list(dict.fromkeys([word, " ".join(bent)]))}


def plural(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + ("x" if word.endswith(("eau", "eu")) else "s")
