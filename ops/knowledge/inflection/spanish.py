"""Spanish: the third persons, the infinitive and the participles; plurals. Source: after the RAE."""

Forms = dict[str, list[str]]

# verb -> vowel of its stem under stress; the last vowel is meant
CHANGES = {
    "mostrar": "ue", "demostrar": "ue", "probar": "ue", "aprobar": "ue", "comprobar": "ue", "negar": "ie",
    "renegar": "ie", "denegar": "ie", "defender": "ie", "tender": "ie", "encontrar": "ue", "contar": "ue",
    "reforzar": "ue", "pensar": "ie", "comenzar": "ie", "empezar": "ie", "cerrar": "ie", "volver": "ue",
    "devolver": "ue", "mover": "ue", "desplegar": "ie", "acordar": "ue", "recordar": "ue", "colgar": "ue",
    "extender": "ie", "atender": "ie", "morir": "ue", "pedir": "i", "impedir": "i", "servir": "i",
    "seguir": "i", "perseguir": "i", "conseguir": "i", "proseguir": "i", "advertir": "ie", "desmentir": "ie",
    "invertir": "ie", "sugerir": "ie", "transferir": "ie", "herir": "ie", "entrenar": "", "repetir": "i",
    "jugar": "ue", "sentir": "ie", "intervenir": "ie", "sentar": "ie", "asentar": "ie", "desmontar": "",
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
    ("huir", "huye huyen huya huyan huyó huyeron huí huir huido huyendo"),
    ("creer", "cree creen crea crean creyó creyeron creí creer creído creyendo"),
    ("poseer", "posee poseen posea posean poseyó poseyeron poseí poseer poseído poseyendo"),
    ("proveer", "provee proveen provea provean proveyó proveyeron proveí proveer provisto proveyendo"),
    ("escribir", "escribe escriben escriba escriban escribió escribieron escribí escribir escrito escribiendo"),  # noqa: E501
    ("suscribir", "suscribe suscriben suscriba suscriban suscribió suscribieron suscribí suscribir suscrito suscribiendo"),  # noqa: E501
    ("abrir", "abre abren abra abran abrió abrieron abrí abrir abierto abriendo"),
    ("cubrir", "cubre cubren cubra cubran cubrió cubrieron cubrí cubrir cubierto cubriendo"),
    ("romper", "rompe rompen rompa rompan rompió rompieron rompí romper roto rompiendo"),
    ("enviar", "envía envían envíe envíen envió enviaron enviab enviar enviado enviando"),
    ("confiar", "confía confían confíe confíen confió confiaron confiab confiar confiado confiando"),
    ("continuar", "continúa continúan continúe continúen continuó continuaron continuab continuar continuado continuando"),  # noqa: E501
    ("evaluar", "evalúa evalúan evalúe evalúen evaluó evaluaron evaluab evaluar evaluado evaluando"),
)  # fmt: skip
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
    finite = [one, many, sub, subs, past, pasts, *imperfects, doing]
    participles = [done, done[:-1] + "a", done + "s", done[:-1] + "as"]
    out = {
        "": finite + ([done] if active else []),
        "+nominal": [head],
        "+planned": [future + "á", future + "án"],
        "+hypothetical": [future + "ía", future + "ían"],
    }
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
    weak = changed(stem, {"ie": "i", "ue": "u", "i": "i"}.get(change, "")) if ending == "ir" else stem
    return f"{strong}e {strong}en {subj}a {subj}an {weak}ió {weak}ieron {stem}í {head} {stem}ido {weak}iendo"


def changed(stem: str, change: str) -> str:
    if not change:
        return stem
    at = max(stem.rfind(v) for v in ("e", "o", "u"))
    return stem[:at] + change + stem[at + 1 :]


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
