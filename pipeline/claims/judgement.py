"""How sure a claim is: modality, denial and attribution give the three axes, and these the status."""

from collections.abc import Iterable

from pipeline.claims import epochs
from pipeline.claims.hands import last_actor
from pipeline.claims.objects import is_pronominal, leftward
from pipeline.claims.phrases import apart
from pipeline.claims.scene import Candidate, Context, Scene
from pipeline.claims.speakers import hear
from pipeline.claims.subjects import BLAMED
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.voices import SPEAKING, Heard, Voice, is_foretold
from pipeline.types import Change, Epistemic, Realis, SpeakerKind, Status

OPENING = 6  # units at the beginning of a sentence that tell when all of it was
ENDS = ("withdraw", "cease")
COURSE = ("cease", "withdraw", "reduce", "raise", "seize")  # acts that say how another one goes on
RANK: dict[str, int] = {"alleged": 2, "asserted": 3, "found": 4, "acknowledged": 5}
EPISTEMIC: dict[SpeakerKind, Epistemic] = {
    "supporter": "acknowledged", "recipient": "acknowledged", "un_panel": "found", "opponent": "alleged",
    "anonymous_official": "alleged", "third_state": "asserted", "igo": "asserted", "ngo": "asserted",
    "expert": "asserted", "media": "asserted", "witness": "asserted",
}  # fmt: skip
UNREAL = ("hypothetical", "threatened", "promised", "requested", "authorised", "planned")


def status(epistemic: Epistemic, realis: Realis, change: Change) -> Status:
    """Return the one label for people: the first row of ontology.md that fits."""
    if epistemic in ("retracted", "denied"):
        return epistemic
    if realis in ("historical", "hypothetical"):
        return realis
    if realis in ("planned", "promised", "threatened", "requested", "authorised"):
        return "planned"
    if change == "end":
        return "ended"
    if epistemic == "alleged":
        return "alleged"
    return "asserted" if epistemic == "asserted" else "confirmed"


def judge(one: Candidate, voices: list[Voice], scene: Scene, before: list[Voice]) -> None:
    """Fill the axes of a candidate, or hold it back with the rule it fails."""
    units = one.sentence.units
    i = one.trigger.at
    mods = set(modality_of(one.sentence, i, scene.order))
    if one.thing is not None and i < one.thing.at and _is_none(units, i, one.thing.at):
        mods |= {"negative"}
    if one.thing is not None and one.thing is not one.trigger:
        mods |= {m for m in modality(units, one.thing.at) if m in ("more", "fewer", "nomore")}
    one.mods = frozenset(mods)
    one.voices = governing(voices, i) or before or scene.house
    one.context = Context(last_actor(scene), scene.speaker, scene.reporter)
    if "negative" not in mods:
        _backing(one, scene)
    _opposite(one, mods)
    _realis(one, mods, scene)
    if one.theatre in scene.world.past:
        one.held = one.held if one.realis not in UNREAL else one.held or "rule 2: no conflict any more"
        one.realis = "historical"
    _change(one, mods, scene)
    _epistemic(one, mods, scene)


def _is_none(units: list[Unit], i: int, at: int) -> bool:
    """Say whether a determiner of the thing at `at` negates the act at `i`: "has sent no soldiers"."""
    for unit in units[max(i + 1, at - 5) : at][::-1]:
        if unit.has("none"):
            return True
        if unit.verb or unit.punct or unit.has("rel") or unit.has("bound") or unit.has("conj"):
            return False
    return False


def modality_of(sentence: Sentence, i: int, order: str) -> frozenset[str]:
    """Return the modality of the act at `i`, which is asked for by each claim it may tell of."""
    if i not in sentence.modal:
        sentence.modal[i] = frozenset(modality(sentence.units, i, order))
    return sentence.modal[i]


def modality(units: list[Unit], i: int, order: str = "svo") -> set[str]:
    """Return the modal cues whose scope holds the act at `i`."""
    out: set[str] = set(units[i].values("mod")) if units[i].has("act", "pledge") else set()
    out |= set(units[i].values("mood"))
    inner = units[i]
    out |= {"past" for j in range(min(OPENING, len(units))) if epochs.is_past(units, j)}
    for j in leftward(units, i):
        one = units[j]
        if apart(one, units[i]):
            continue
        ends = one.low in (";", "—", "–") or one.has("bound", "contrast") or one.has("bound", "time")
        if ends and not (one.has("mod") and j > 0):
            break
        if one.verb and one.has("voice") and not one.has("mod"):
            break
        if one.has("condition"):
            out.add("hypothetical" if _is_main(units[j:i]) else "conditional")
        if one.has("bound", "complement"):
            continue
        told = one.values("mood") if order != "sov" or not one.verb else ()  # "haber vermeden asker yolladı"
        for mod in (*one.values("mod"), *told):
            if mod == "opposite" and one.has("embargo") and _breached(units, j):
                continue
            if mod == "past" and not epochs.is_past(units, j):
                continue
            if mod == "lacking":
                out |= {"negative"} if i - j <= 2 else set()
            elif mod != "negative" or i - j <= 8:
                out.add(mod)
        if one.verb and one.has("act") and not one.glued and not _governs(units, j, inner.at):
            break
        if one.verb and one.has("act"):
            inner = one
    out |= _right_mods(units, i) | (
        _governing_mods(units, i) if order == "sov" or units[i].has("fronted") else set()
    )
    return out | {"negative"} if "refused" in out else out


def _breached(units: list[Unit], j: int) -> bool:
    """Say whether the embargo at `j` is broken: "Violating the embargo, Turkey sent"."""
    return any(u.has("act", "breach") or u.has("breach") for u in units[max(0, j - 4) : j])


def _governing_mods(units: list[Unit], i: int) -> set[str]:
    """Return the cues of what governs the act from behind: "göndermeyi planlıyor"."""
    out: set[str] = set()
    for one in units[i + 1 : i + 8]:
        if one.low in (",", ";") or one.has("bound"):
            break
        out.update(one.values("mod"))
        if one.verb and one.has("act"):
            out.update(one.values("mood"))
    return out


def _is_main(units: list[Unit]) -> bool:
    """Say whether units that begin with a condition end behind it: "if they lose, Moscow …"."""
    comma = next((n for n, u in enumerate(units) if u.low == ","), None)
    return comma is not None and any(u.actor or u.has("role") or u.has("pron") for u in units[comma:])


def _governs(units: list[Unit], j: int, i: int) -> bool:
    """Say whether the act at `j` governs or is joined with the one at `i`."""
    between = units[j + 1 : i]
    if units[j].has("act", "allow") or units[j].has("act", "back"):
        return True
    if not between and units[j].has("act", "cease"):
        return True  # "meminta semua pihak berhenti memasok"
    if any(u.has("conj") or u.low == "," for u in between):
        return not any(u.actor and u.head is None for u in between)
    return any(u.has("rel", "to") or u.has("rel", "for") for u in between) or not units[i].verb


def _right_mods(units: list[Unit], i: int) -> set[str]:
    out: set[str] = set()
    for j, one in enumerate(units[i + 1 : i + 25], i + 1):
        if one.low == ";" or one.has("bound", "contrast") or one.has("bound", "relative"):
            break
        if one.verb and (one.has("act") or one.has("voice")):
            break
        if one.has("condition"):
            out.add("hypothetical")
        if one.has("mod", "shelved"):
            out.add("nomore")  # "put its deliveries on hold"
        if epochs.is_past(units, j):
            out.add("past")
    return out


def governing(voices: Iterable[Voice], i: int) -> list[Voice]:
    """Return the voices that reach unit `i`, the nearest first."""
    reached = [v for v in voices if v.reaches(i)]
    return sorted(reached, key=lambda v: (v.start > i, -v.start if v.start <= i else 0))


def _backing(one: Candidate, scene: Scene) -> None:
    """Read support that the supporter itself declares, or for a right or a cause, as an act of words."""
    if one.type != "unspecified_support" or one.act != "back" or not one.trigger.verb or one.hand is None:
        return
    own = any(hear(v, one, scene).kind == "supporter" for v in one.voices[:1] if v.kind in ("say", "confirm"))
    after = one.sentence.units[one.trigger.at : one.trigger.at + 10]
    told = one.trigger.finite and one.trigger.voice() == "act"
    if (own and told) or any(u.has("cause") for u in after):
        one.type = "political_backing"


def _opposite(one: Candidate, mods: set[str]) -> None:
    if "conditional" in mods:
        one.held = "in a condition"
    if _ending(one) and "requested" in mods:
        one.held = "rule 4: asked to end"
    if "opposite" in mods and one.change not in ("end", "interdicted"):
        one.held = "rule 4: warned, urged or banned"
    if _unsaid(one):
        one.held = "rule 4: not found or not said"
    urged = [v for v in one.voices if v.kind in ("urge", "warn")]
    if urged and urged[0] is one.voices[0]:
        complement = any(
            u.has("bound", "complement") for u in one.sentence.units[urged[0].start : urged[0].start + 2]
        )
        if not (complement and urged[0].kind == "warn"):
            one.held = "rule 4: warned, urged or banned"
        else:
            urged[0].kind = "say"
    if one.sentence.field and "negative" in mods:
        one.denied = True


def _unsaid(one: Candidate) -> bool:
    """Say whether what would vouch is itself negated: "found no evidence that", "did not confirm"."""
    units = one.sentence.units
    for voice in one.voices:
        at = voice.cue.at
        said = voice.kind in ("confirm", "say") and voice.cue.has("voice", voice.kind)
        said = said and voice.cue in units and voice.start > at
        if said and any(u.has("mod", "negative") for u in units[max(0, at - 2) : at]):
            return True
    return False


def _realis(one: Candidate, mods: set[str], scene: Scene) -> None:
    units = one.sentence.units
    if is_foretold(units, one.voices, one.trigger.at) and hear(one.voices[0], one, scene).kind == "supporter":
        mods ^= (mods & {"hedge", "hypothetical"}) | {"planned"}  # what its speaker will do
    past = one.trigger.voice() in ("both", "pass") or one.act in ("withdraw", "cease")
    found = next(
        (
            m
            for m in ("hypothetical", "threatened", "requested", "promised", "authorised", "planned")
            if m in mods
        ),
        "",
    )
    if "reported" in mods and not found:
        said = bool(one.voices) and "conditional" not in mods
        found = "planned" if said else "hypothetical"  # "said it would send" is a plan
    if _question(one.sentence):
        found = "hypothetical"
    if not found and one.act == "pledge":
        found = "planned"
    if one.type == "political_backing" and found == "promised":
        found = ""  # who offers to stand behind somebody does so
    if found == "hypothetical" and {"authorised", "promised"} & mods:
        found = "authorised" if "authorised" in mods else "promised"
    if not found and _headline_future(one):
        found = "planned"
    if found:
        one.realis = found
    elif epochs.is_history(one, mods, scene, _ending(one)):
        one.realis = "historical"
    else:
        lasting = one.act in LASTING and (not past or "continuing" in mods) and not _on_arrival(one)
        lasts = lasting or one.act == "extend"  # what is extended goes on
        one.realis = "ongoing" if lasts and "nomore" not in mods else "occurred"


STAYING = ("troops", "training", "mercenaries", "peace_operation", "base")  # what is there until it leaves
LASTING = frozenset({"", "present", "fight", "compound", "back", "train", "fund", "raise", "share"})
COMING = ("arrive", "enter", "transfer", "deploy", "carry")


def _on_arrival(one: Candidate) -> bool:
    """Say whether an act is only why somebody came: "arrived on Friday to advise", "crossed to join"."""
    units, i = one.sentence.units, one.trigger.at
    if not one.trigger.verb or i < 2 or not units[i - 1].has("aux") or not units[i - 1].has("rel"):
        return False
    verb = next((u for u in units[max(0, i - 14) : i - 1][::-1] if u.verb and u.has("act")), None)
    return verb is not None and any(verb.has("act", act) for act in COMING) and verb.voice() == "both"


def _question(sentence: Sentence) -> bool:
    return sentence.field == "title" and any(u.low in ("?", "؟") for u in sentence.units)


def _headline_future(one: Candidate) -> bool:
    """Read "Germany to send tanks": a bare infinitive behind the actor announces."""
    units = one.sentence.units
    i = one.trigger.at
    if i < 2 or not units[i].verb or units[i].voice() != "act" or any(u.has("aux", "be") for u in units[:i]):
        return False
    if any(u.verb and u.finite and u.has("act") for u in units[:i]):
        return False  # "crossed into Congo to join"
    return (
        units[i - 1].has("aux")
        and units[i - 1].has("rel", "to")
        and (units[i - 2].actor or units[i - 2].has("role"))
    )


def _change(one: Candidate, mods: set[str], scene: Scene) -> None:
    one.change = "" if _on_arrival(one) else scene.frames["change"].get(one.act, "")
    if "nomore" in mods or _is_closed(one):
        one.change = "end"  # "no longer trains"
        return
    governor = "seize" if _seized_before(one) else _governor(one)
    if governor in ("cease", "withdraw"):
        one.change = "end"
    elif governor in ("reduce", "raise", "seize"):
        one.change = scene.frames["change"][governor]
    if one.change == "end" and "fewer" in mods:
        one.change = "decrease"
    if not one.change or one.change == "continue":
        if "more" in mods:
            one.change = "increase"
        elif not one.change:
            one.change = "continue" if one.realis == "ongoing" or "continuing" in mods else "start"


def _is_closed(one: Candidate) -> bool:
    """Say whether a presence is told to be over: "putting an end to nine years of presence"."""
    units, i = one.sentence.units, one.trigger.at
    closing = next((u.at for u in units if u.has("closing")), None)
    if closing is None or one.type not in STAYING:
        return False
    if not one.trigger.verb and closing < i <= closing + 8:
        return True
    return one.thing is not None and any(
        u.has("mod", "every") for u in units[max(0, one.thing.at - 6) : one.thing.at]
    )


def _seized_before(one: Candidate) -> bool:
    """Say whether what was sent is what a verb before it seizes: "seized rifles that Iran had sent"."""
    if one.thing is None or one.thing.at > one.trigger.at or not one.trigger.verb:
        return False
    for unit in one.sentence.units[max(0, one.thing.at - 6) : one.thing.at][::-1]:
        if unit.verb and unit.has("act"):
            return unit.has("act", "seize")
        if unit.punct or unit.has("bound") or unit.has("rel"):
            return False
    return False


def _ending(one: Candidate) -> bool:
    """Say whether an end is told: "withdrew", "stopped training"."""
    return one.act in ENDS or _governor(one) in ENDS


def _governor(one: Candidate) -> str:
    """Return the class of the act that takes this one as its object ("suspended deliveries of")."""
    units = one.sentence.units
    i = one.trigger.at
    bare = i > 0 and units[i - 1].has("aux") and units[i - 1].has("rel", "to")
    nominal = one.trigger.has("mood", "nominal") and one.trigger.voice() == "act"  # "a cessé de livrer"
    if i and one.trigger.verb and units[i - 1].verb and units[i - 1].has("act", "cease"):
        return "cease"  # "berhenti memasok"
    if one.trigger.verb and one.trigger.finite and not (bare or nominal):
        return ""
    if not one.trigger.verb and _is_over(units, i):
        return "cease"
    for j in range(i - 1 - bare, max(-1, i - (4 if nominal else 8)), -1):
        unit = units[j]
        if (unit.verb and unit.has("act")) or (unit.has("deed") and unit is not one.trigger):
            told = unit.values("act") or unit.values("deed")
            return next((act for act in told if act in COURSE), told[0])
        if unit.has("bound") or unit.low in (";", ","):
            return ""
    return ""


def _is_over(units: list[Unit], i: int) -> bool:
    """Say whether what a noun tells is itself said to end: "its deployment in X is over"."""
    for unit in units[i + 1 : i + 10]:
        if unit.verb and (unit.has("act") or unit.has("voice")):
            return unit.has("act", "cease") and unit.finite and unit.voice() in ("act", "both")
        if unit.punct or unit.has("bound") or unit.has("conj"):
            return False
    return False


def _epistemic(one: Candidate, mods: set[str], scene: Scene) -> None:
    heard = [hear(v, one, scene) for v in one.voices]
    if heard and one.voices[0].kind == "deny":
        own = heard[0]
        if own.kind in ("supporter", "recipient"):
            one.epistemic, one.denied = "denied", False
        else:
            one.held = one.held or "denied by a third party"
        return
    if any(v.kind == "retract" for v in one.voices):
        one.epistemic = "retracted"
        return
    if heard and heard[0].kind in ("supporter", "recipient") and _is_fiction(one):
        one.epistemic, one.denied = "denied", False
        return
    if one.denied:
        told = one.thing is not None or one.side is not None
        told = told or is_pronominal(one.sentence.units, one.trigger.at)
        if (
            told
            and heard
            and (heard[0].kind in ("supporter", "recipient") or _own_word(one, scene))
            and one.realis in ("occurred", "ongoing")
            and "refused" not in mods
        ):
            one.epistemic = "denied"
        else:
            one.held = one.held or "rule 4: negated"
            one.epistemic = "denied"
        return
    one.epistemic = _rank(one, heard)
    if not heard and any(rule.startswith(BLAMED) for rule in one.rules):
        one.epistemic = "alleged"
    if "hedge" in mods and one.epistemic not in ("found", "acknowledged"):
        one.epistemic = "alleged"


def _is_fiction(one: Candidate) -> bool:
    """Say whether what is told is called made up: "claims that X sent soldiers are pure fantasy"."""
    units, i = one.sentence.units, one.trigger.at
    if not any(u.has("fiction") for u in units[i + 1 :]):
        return False
    return any(u.has("telling") or u.has("utterance") or u.has("mod", "hedge") for u in units)


def _own_word(one: Candidate, scene: Scene) -> bool:
    """Say whether a pronoun speaks for whom the act is told of: "X, he says, never sent"."""
    pronoun = any(u.has("pron") or u.shaped("person") for u in one.voices[0].speaker)
    mine = scene.speaker is not None and one.hand is not None
    return pronoun and mine and scene.speaker == one.hand


def _rank(one: Candidate, heard: list[Heard]) -> str:
    if not heard:
        return "asserted"
    first, voice = heard[0], one.voices[0]
    if voice.kind == "accuse" and first.kind not in ("un_panel", "supporter"):
        return "alleged"
    return EPISTEMIC.get(first.kind, "asserted")  # type: ignore[call-overload, no-any-return]


__all__ = ["SPEAKING", "governing", "hear", "judge", "modality", "status"]
