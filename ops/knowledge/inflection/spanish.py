"""Spanish: the third persons, the infinitive and the participles; plurals. Source: after the RAE."""

Forms = dict[str, list[str]]

# verb -> vowel of its stem under stress; the last vowel is meant
CHANGES = {
    verb: change
    for change, verbs in {
        "ue": "mostrar demostrar probar aprobar comprobar reprobar encontrar contar descontar reforzar forzar "  # noqa: E501
        "esforzar volver devolver envolver revolver mover remover promover conmover acordar recordar "
        "concordar colgar descolgar morir jugar renovar soltar volar sobrevolar rodar costar rogar "
        "resolver disolver absolver morder torcer dormir poblar repoblar consolar degollar acostar "
        "almorzar soñar apostar llover",
        "ie": "negar renegar denegar defender tender pensar comenzar empezar cerrar encerrar desplegar replegar "  # noqa: E501
        "plegar extender atender entender encender ascender descender perder contender verter advertir "
        "desmentir mentir invertir convertir revertir divertir subvertir sugerir transferir preferir "
        "referir conferir inferir diferir adherir herir ingerir injerir sentir consentir disentir "
        "resentir arrepentir sentar asentar alentar calentar atravesar confesar manifestar recomendar "
        "encomendar gobernar sembrar quebrar despertar apretar acertar concertar desterrar enterrar "
        "temblar adquirir inquirir requerir desconcertar enmendar escarmentar sosegar regar",
        "i": "pedir impedir despedir expedir servir seguir perseguir conseguir proseguir repetir rendir medir "  # noqa: E501
        "competir vestir elegir reelegir regir corregir concebir investir",
        "ú": "situar actuar efectuar evaluar continuar perpetuar insinuar acentuar habituar devaluar graduar "
        "fluctuar puntuar reunir rehusar",
        "í": "enviar reenviar ampliar guiar espiar desviar confiar desafiar aliar vaciar fotografiar enfriar "
        "extraviar criar variar fiar prohibir aislar cohibir",
    }.items()
    for verb in verbs.split()
}  # fmt: skip
# ending -> present s, p; subjunctive s, p; preterite s, p; imperfect stem; future stem; participle; gerund
IRREGULAR: tuple[tuple[str, str], ...] = (
    ("tener", "tiene tienen tenga tengan tuvo tuvieron tení tendr tenido teniendo"),
    ("venir", "viene vienen venga vengan vino vinieron vení vendr venido viniendo"),
    ("poner", "pone ponen ponga pongan puso pusieron poní pondr puesto poniendo"),
    ("hacer", "hace hacen haga hagan hizo hicieron hací har hecho haciendo"),
    ("decir", "dice dicen diga digan dijo dijeron decí dir dicho diciendo"),
    ("dar", "da dan dé den dio dieron dab dar dado dando"),
    ("poder", "puede pueden pueda puedan pudo pudieron podí podr podido pudiendo"),
    ("querer", "quiere quieren quiera quieran quiso quisieron querí querr querido queriendo"),
    ("haber", "ha han haya hayan hubo hubieron habí habr habido habiendo"),
    ("ver", "ve ven vea vean vio vieron veí ver visto viendo"),
    ("ducir", "duce ducen duzca duzcan dujo dujeron ducí ducir ducido duciendo"),
    ("ir", "va van vaya vayan fue fueron ib ir ido yendo"),
    ("salir", "sale salen salga salgan salió salieron salí saldr salido saliendo"),
    ("traer", "trae traen traiga traigan trajo trajeron traí traer traído trayendo"),
    ("struir", "struye struyen struya struyan struyó struyeron struí struir struido struyendo"),
    ("buir", "buye buyen buya buyan buyó buyeron buí buir buido buyendo"),
    ("cluir", "cluye cluyen cluya cluyan cluyó cluyeron cluí cluir cluido cluyendo"),
    ("tituir", "tituye tituyen tituya tituyan tituyó tituyeron tituí tituir tituido tituyendo"),
    ("nuir", "nuye nuyen nuya nuyan nuyó nuyeron nuí nuir nuido nuyendo"),
    ("güir", "guye guyen guya guyan guyó guyeron güí güir güido guyendo"),
    ("huir", "huye huyen huya huyan huyó huyeron huí huir huido huyendo"),
    ("caer", "cae caen caiga caigan cayó cayeron caí caer caído cayendo"),
    ("oír", "oye oyen oiga oigan oyó oyeron oí oir oído oyendo"),
    ("proveer", "provee proveen provea provean proveyó proveyeron proveí proveer provisto proveyendo"),
    ("eer", "ee een ea ean eyó eyeron eí eer eído eyendo"),
    ("escribir", "escribe escriben escriba escriban escribió escribieron escribí escribir escrito escribiendo"),  # noqa: E501
    ("suscribir", "suscribe suscriben suscriba suscriban suscribió suscribieron suscribí suscribir suscrito suscribiendo"),  # noqa: E501
    ("abrir", "abre abren abra abran abrió abrieron abrí abrir abierto abriendo"),
    ("cubrir", "cubre cubren cubra cubran cubrió cubrieron cubrí cubrir cubierto cubriendo"),
    ("imprimir", "imprime imprimen imprima impriman imprimió imprimieron imprimí imprimir impreso imprimiendo"),  # noqa: E501
    ("romper", "rompe rompen rompa rompan rompió rompieron rompí romper roto rompiendo"),
)  # fmt: skip
DONE = {"volver": "vuelto", "solver": "suelto", "morir": "muerto"}  # ending -> its participle
CLITICS = ("lo", "la", "los", "las", "le", "les")  # written onto an infinitive or a gerund
ACCENTS = str.maketrans("áéíóú", "aeiou")


def verb(word: str) -> Forms:
    """Bend the first word; "~" before it says that its participle is not passive."""
    active = word.startswith("~")
    head, _, tail = word.lstrip("~").partition(" ")
    if not head.endswith(("ar", "er", "ir")):
        return {}
    irregular = next((e for e, _ in IRREGULAR if head.endswith(e) and (e != "ir" or head == "ir")
                      and (e not in ("dar", "ver") or head == e)), None)  # fmt: skip
    rows = dict(IRREGULAR)[irregular].split() if irregular else regular(head).split()
    stem = head[: len(head) - len(irregular)] if irregular else ""
    one, many, sub, subs, past, pasts, imperfect, future, done, doing = (stem + r for r in rows)
    imperfects = [imperfect + "a", imperfect + "an"]
    wished = [pasts[:-2] + e for e in ("a", "an")] + [pasts[:-3] + e for e in ("se", "sen")]
    finite = [one, many, sub, subs, past, pasts, *imperfects, *wished, doing]
    participles = [done, done[:-1] + "a", done + "s", done[:-1] + "as"]
    out = {
        "": finite + ([done] if active else []),
        "+nominal": [head],
        "+planned": [future + "á", future + "án"],
        "+hypothetical": [future + "ía", future + "ían"],
    }
    if not tail:
        out["+object"] = [*(accented(doing) + c for c in CLITICS)]
        out["+nominal+object"] = [head + c for c in CLITICS]
    if active:
        out["attr"] = participles[1:]
    else:
        out["both"] = participles
    tails = [tail, f"{tail}l"] if tail.rpartition(" ")[2] in ("a", "de") else [tail]  # "a", "al"
    return {
        voice: [f"{form} {tail}".strip() for form in dict.fromkeys(forms) for tail in tails]
        for voice, forms in out.items()
    }


def regular(head: str) -> str:
    """Return the principal parts of a regular verb, as a row of IRREGULAR with whole words."""
    stem, ending = head[:-2], head[-2:]
    change = CHANGES.get(head, "")
    strong = changed(stem, change)
    if ending == "ar":
        soft = {"c": "qu", "g": "gu", "z": "c"}.get(stem[-1])
        subj = strong[:-1] + soft if soft else strong
        return (
            f"{strong}a {strong}an {subj}e {subj}en {stem}ó {stem}aron {stem}ab {head} {stem}ado {stem}ando"
        )
    subj = strong[:-1] + {"g": "j", "c": "zc" if stem[-2:-1] in "aeiou" else "z"}.get(strong[-1], strong[-1])
    subj = subj.removesuffix("gu") + "g" if strong.endswith("gu") else subj
    done = next((head[: -len(e)] + d for e, d in DONE.items() if head.endswith(e)), f"{stem}ido")
    weak = changed(stem, {"ie": "i", "ue": "u", "i": "i"}.get(change, "")) if ending == "ir" else stem
    return f"{strong}e {strong}en {subj}a {subj}an {weak}ió {weak}ieron {stem}í {head} {done} {weak}iendo"


def changed(stem: str, change: str) -> str:
    if not change:
        return stem
    vowels = {"ú": "u", "í": "i"}.get(change) or ("eoui" if stem in ("adquir", "inquir") else "eou")
    until = len(stem) - (stem[-2:] in ("gu", "qu"))  # the "u" of "seguir" is not spoken
    at = max(stem.rfind(v, 0, until) for v in vowels)
    return stem[:at] + change + stem[at + 1 :]


def accented(gerund: str) -> str:
    """Return a gerund as it is written before a clitic: "enviando" in "enviándolo"."""
    return gerund[:-4] + {"a": "á", "e": "é"}[gerund[-4]] + gerund[-3:]


def noun(word: str) -> Forms:
    """Give the singular and the plural; what hangs on a preposition stays as it is."""
    words = word.split(" ")
    bent: list[str] = []
    for i, one in enumerate(words):
        if i and one in ("de", "del", "a", "al", "en", "para", "por", "contra"):
            bent += words[i:]
            break
        bent.append(plural(one))
    return {"": list(dict.fromkeys([word, " ".join(bent), " ".join([plural(words[0]), *words[1:]])]))}


def plural(word: str) -> str:
    if word[-1] in "aeiouáéó":
        return word + "s"
    if word[-1] == "z":
        return word[:-1] + "ces"
    if word[-1] == "s" and word[-2] not in "áéíóú":
        return word
    return word[:-2] + word[-2:].translate(ACCENTS) + "es"
