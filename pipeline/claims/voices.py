"""Who says it: the voices of a sentence, how far each reaches, and what kind of speaker it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.claims.units import Sentence, Unit
from pipeline.claims.vocabulary import Tag

QUOTES = frozenset('"“”„«»‘')
NAMING = (
    ("role",),
    ("speaker",),
    ("telling",),
    ("pron", "state"),
    ("thing", "fighter"),
    ("thing", "trainer"),
)
RECANTED = 7  # units behind a verb in which the words that are taken back are named
RECANTED_BEHIND_SUBJECT = 16  # the same where the subject stands between
FLOOR = 14  # units before a colon that can name who has the floor
RECALLED = 5  # sentences over which a pronoun still stands for the last speaker
SPEAKING = ("say", "confirm", "accuse", "deny", "according", "retract")


@dataclass(slots=True, eq=False)
class Voice:
    """A speaker and the units it speaks for: sentence.units[start:end]."""

    kind: str  # a class of `voices` in the language's file
    cue: Unit
    speaker: list[Unit]
    start: int
    end: int
    carried: bool = False  # from an earlier sentence

    def reaches(self, i: int) -> bool:
        return self.start <= i < self.end


def find(sentence: Sentence, order: str = "svo") -> list[Voice]:
    """Return the voices of a sentence in text order, and mark the units that only name speakers."""
    units = sentence.units
    read = {"sov": _last, "vso": _first}.get(order, _voice)
    cues = [(i, unit) for i, unit in enumerate(units) if "voice" in unit.tags]
    found = [voice for i, unit in cues if (voice := read(units, i, unit)) is not None]
    found += [v for i, u in enumerate(units) if "recant" in u.tags and (v := _recanted(units, i, order))]
    if (headed := _headline(units) if sentence.field == "title" else _floor(units)) is not None:
        found.insert(0, headed)
    for n, voice in enumerate(found):
        if n and not _names(voice.speaker) and voice.kind != "according":
            voice.speaker = found[n - 1].speaker  # "first denied and later admitted"
        reports = any(u.has("telling") or u.has("speaker") for u in voice.speaker)
        if voice.kind == "say" and voice.cue.has("act", "cease") and reports:
            voice.cue.tags.pop("act")  # "concludes the report"
        for unit in voice.speaker:
            unit.speaking = True
    return found


def _recanted(units: list[Unit], i: int, order: str) -> Voice | None:
    """Read who takes own words back: "withdrew his claim that", "iddiasını geri çekti", no troops."""
    within = RECANTED_BEHIND_SUBJECT if order == "vso" else RECANTED
    ahead = units[max(0, i - 3) : i][::-1] if order == "sov" else units[i + 1 : i + within]
    for one in ahead:
        if one.has("telling") or one.has("utterance"):
            for kind in ("act", "deed"):
                units[i].tags.pop(kind, None)
            if order == "sov":
                return Voice("retract", units[i], [], _opening(units, i), i)
            return Voice("retract", units[i], _left(units, i), one.at + 1, _reach(units, one.at + 1))
        if one.punct or one.has("bound") or one.has("thing") or one.has("deed") or one.has("act"):
            return None
        if one.actor and order != "vso":
            return None
    return None


def _headline(units: list[Unit]) -> Voice | None:
    """Read "Pentagon: Russia sent jets": in a headline a colon gives the floor."""
    for i, unit in enumerate(units[:10]):
        if unit.verb:
            return None
        if unit.low == ":":
            speaker = units[:i]
            return Voice("say", unit, speaker, i + 1, len(units)) if _names(speaker) and i <= 7 else None
    return None


def _floor(units: list[Unit]) -> Voice | None:
    """Read "09.40 The Pentagon: our jets struck": an office or a leader before a colon has the floor."""
    for i, unit in enumerate(units[:FLOOR]):
        if unit.low == ":":
            speaker = [u for u in units[:i] if not u.punct and not u.low.isdecimal()]
            spoken = any(u.verb or u.noun for u in units[i + 1 :])
            return Voice("say", unit, speaker, i + 1, len(units)) if spoken and _holds(speaker) else None
        if unit.verb or unit.low in QUOTES or unit.has("bound"):
            return None
    return None


def _holds(speaker: list[Unit]) -> bool:
    """Say whether units name nothing but who can hold the floor: an office, a spokesman, a leader."""
    if any(u.has("thing") or u.has("deed") for u in speaker):
        return False
    return any(
        u.has("role", "state") or u.has("speaker") or u.of_kind("leader", "government") for u in speaker
    )


def speaker_behind(units: list[Unit], i: int) -> list[Unit]:
    """Return who is named right behind the cue at `i`, nobody where it is no speaker."""
    found = _right(units, i)
    return found if any(u.actor or u.has("role") or u.has("speaker") for u in found) else []


def speaker_before(units: list[Unit], i: int) -> list[Unit]:
    """Return who is named before the cue at `i`, nobody where it is no speaker."""
    found = _left(units, i)
    return found if any(u.actor or u.has("role") or u.has("speaker") for u in found) else []


def _voice(units: list[Unit], i: int, unit: Unit) -> Voice | None:
    kind = unit.value("voice")
    if not kind or not (unit.verb or kind in ("according", "retract")):
        return None
    if kind == "according":
        return _according(units, i, unit)
    if kind == "deny" and any(u.has("mod", "negative") for u in units[max(0, i - 3) : i]):
        kind = "confirm"  # "did not dispute that"
    right = _right(units, i)
    behind = i > 1 and (units[i - 1].low == "," or units[i - 1].low in QUOTES)
    if unit.has("inverted"):
        return _inverted(units, i, kind, right) if behind or not i else None
    inverted = behind and kind in ("say", "confirm", "accuse") and _names(right) and not _clausal(units, i)
    inverted = inverted and not _addressed(units, i, right)
    left = [] if inverted else _left(units, i)
    if _passive(units, i):
        by = next((j for j in range(i + 1, min(len(units), i + 4)) if units[j].has("rel", "by")), None)
        if by is None:
            if kind in ("say", "accuse"):
                unit.tags["mod"] = (*unit.tags.get("mod", ()), Tag("mod", "hedge"))
            return None
        speaker = _right(units, by)
        end = by + 1 + len(speaker)
        return Voice(kind, unit, speaker, end, _reach(units, end))
    if _names(left):
        if _closes(units, i, left):
            start = left[0].at if left else i
            return Voice(kind, unit, left, _opening(units, start), start)
        return Voice(kind, unit, left, i + 1, _reach(units, i + 1))
    if (kind in ("say", "confirm") or (behind and kind == "accuse")) and _names(right):
        end = i + 1 + len(right)
        told = end < len(units) and units[end].has("bound", "complement")
        if (behind or i > 2) and not told:
            return Voice(kind, unit, right, _opening(units, i), max(i, _reach(units, end)))
        return Voice(kind, unit, right, end, _reach(units, end))
    if not left and not right:
        return None
    return Voice(kind, unit, left, i + 1, _reach(units, i + 1))


def _addressed(units: list[Unit], i: int, right: list[Unit]) -> bool:
    """Say whether who stands behind a voice is spoken to: "the minister, …, told the Council that"."""
    end = i + 1 + len(right)
    return end < len(units) and units[end].has("bound", "complement") and _names(_left(units, i))


def _clausal(units: list[Unit], i: int) -> bool:
    """Say whether what follows a voice is a clause, no name: "Lisbon, …, says it has instructors there"."""
    for one in units[i + 1 : i + 14]:
        if one.low in QUOTES or one.punct or one.has("bound"):
            return False
        if one.has("aux") or (one.verb and one.has("act") and one.finite):
            return True
    return False


def _inverted(units: list[Unit], i: int, kind: str, right: list[Unit]) -> Voice:
    """Read a voice that stands before its speaker: "…, kata juru bicara"; alone it is the last speaker's."""
    speaker = right if _names(right) else [units[i]]
    end = i + 1 + len(right)
    if units[i].aside:
        return Voice(kind, units[i], speaker, 0, len(units))
    return Voice(kind, units[i], speaker, 0 if i else end, max(i, _reach(units, end)))


def name_pronouns(heard: list[list[Voice]]) -> None:
    """Give a voice that names its speaker by a pronoun or not at all the last speaker named.

    So "katanya", "he added" and "a-t-il précisé" are heard, and so is an office without a land that is the
    one before: "kementerian itu", "the spokesman".
    """
    last: list[Unit] = []
    age = 0
    for voices in heard:
        age += 1
        for voice in voices:
            if voice.kind not in SPEAKING or not voice.speaker:
                continue
            recalled = bool(last) and age <= RECALLED
            if recalled and _same_office(voice.speaker, last):
                voice.speaker = last
            elif any(u.actor or u.has("role") or u.has("speaker") or u.has("telling") for u in voice.speaker):
                last, age = voice.speaker, 0
            elif recalled and (voice.speaker == [voice.cue] or any("pron" in u.tags for u in voice.speaker)):
                voice.speaker = last


def _same_office(speaker: list[Unit], last: list[Unit]) -> bool:
    """Say whether a speaker without a name is the office of the last one, who had a name or a land."""
    if any(u.actor or u.has("poss") or u.has("pron", "own") for u in speaker):
        return False
    offices = [u for u in speaker if u.has("role", "state") or u.has("speaker")]
    if not offices or not any(u.actor for u in last):
        return False
    if any(u.text[:1].isupper() and not u.tags for u in speaker):
        return False
    return all(any(_alike(u, other) for other in last) for u in offices)


def _alike(one: Unit, other: Unit) -> bool:
    """Say whether two words are one office: the same word, or one with an article glued on."""
    parts = one.low.endswith(other.low) or other.low.startswith(one.low)
    return one.low == other.low or (parts and min(len(one.low), len(other.low)) >= 4)


def _passive(units: list[Unit], i: int) -> bool:
    """Say whether a voice is passive: "was accused (by X) of"."""
    voice = units[i].voice("voice")
    if voice == "pass":
        return True
    return voice in ("both", "part") and any(u.has("aux", "be") for u in units[max(0, i - 3) : i])


def _last(units: list[Unit], i: int, unit: Unit) -> Voice | None:
    """Read a voice where the verb comes last: "X, Y'nin … gönderdiğini açıkladı"; "X'e göre"."""
    kind = unit.value("voice")
    if not kind or not (unit.verb or kind in ("according", "retract")):
        return None
    if unit.has("telling") and kind == "accuse":
        return None  # "suçlamaları reddetti"
    if unit.has("outlet"):
        return Voice(kind, unit, [unit], _opening(units, i), i)  # "yazmıştık": the writers themselves
    if unit.voice("voice") == "pass":
        if kind == "accuse":
            unit.tags["mod"] = (*unit.tags.get("mod", ()), Tag("mod", "hedge"))
        return None
    if kind == "according":
        start = next(
            (j + 1 for j in range(i - 1, -1, -1) if units[j].low in (",", ";") or units[j].low in QUOTES), 0
        )
        return (
            Voice(kind, unit, units[start:i], i + 1, len(units))
            if start < 2
            else (Voice(kind, unit, units[start:i], 0, start))
        )
    opening = _opening(units, i)
    end = opening
    for j in range(opening, i):
        if units[j].low == "," or units[j].low in QUOTES or units[j].verb:
            break
        end = j + 1
        if (
            (units[j].actor or units[j].has("role") or units[j].has("speaker"))
            and units[j].case != "of"
            and (j + 1 >= len(units) or not (units[j + 1].has("role") or units[j + 1].has("speaker")))
        ):
            break
    if not _names(units[opening:end]):
        before = units[max(opening, i - 5) : i]
        return Voice(kind, unit, before if _names(before) else [], opening, i)
    return Voice(kind, unit, units[opening:end], end, i)


def _first(units: list[Unit], i: int, unit: Unit) -> Voice | None:
    """Read a voice where the verb comes first: "نفت إيران أنها أرسلت …"; else as elsewhere."""
    kind = unit.value("voice")
    if not unit.verb or kind in ("according", "retract"):
        return _voice(units, i, unit)
    speaker: list[Unit] = []
    for j, one in enumerate(units[i + 1 : i + 18], i + 1):
        if one.low == "," and speaker and _titled(units, j):
            speaker.append(one)
            continue  # "أكد العقيد الشامي، الناطق باسم الجيش، أن"
        if one.has("rel") or one.has("bound") or one.punct or one.verb or one.has("deed"):
            break
        if speaker and speaker[-1].actor and not (one.actor and one.head in speaker):
            break  # "accused" has its object behind its subject
        speaker.append(one)
    if not _names(speaker):
        return _voice(units, i, unit)
    end = i + 1 + len(speaker)
    return Voice(kind, unit, speaker, end, _reach(units, end))


def _titled(units: list[Unit], j: int) -> bool:
    """Say whether the comma at `j` opens what a speaker is: a role and no new verb behind it."""
    behind = next((u for u in units[j + 1 : j + 3] if u.tags or u.entity is not None), None)
    return behind is not None and (behind.has("role") or behind.has("speaker")) and not behind.verb


def _according(units: list[Unit], i: int, unit: Unit) -> Voice:
    speaker = _right(units, i)
    end = i + 1 + len(speaker)
    if unit.aside:
        return Voice("according", unit, speaker, 0, len(units))
    if i <= 2:
        return Voice("according", unit, speaker, end, _reach(units, end))
    return Voice("according", unit, speaker, _opening(units, i), i)


def _names(units: Sequence[Unit]) -> bool:
    """Say whether units can name a speaker."""
    if units and units[0].has("rel") and not any(u.actor or u.has("role") or u.has("speaker") for u in units):
        return False
    return any(u.actor or u.text[:1].isupper() or any(u.has(*cue) for cue in NAMING) for u in units)


def _left(units: list[Unit], i: int) -> list[Unit]:
    """Return the units before a voice that name its speaker."""
    out: list[Unit] = []
    for j in range(i - 1, -1, -1):
        one = units[j]
        if one.low in QUOTES and 0 < i - j <= 3 and not any(u.actor or u.noun for u in out):
            continue  # 'the ministry "categorically rejected" this'
        if one.low == "." and _abbreviates(units, j):
            out.append(one)
            continue
        if one.low in QUOTES or one.low in (";", ":", "—", "–", "…", ".") or one.has("bound", "complement"):
            break
        if one.has("bound") and not one.has("bound", "relative"):
            break
        if one.has("bound", "clausal") and _names(out):
            break  # "…, ce que Téhéran dément"
        if one.has("voice") and one.verb:
            break
        if one.verb and one.has("act") and not one.glued and not _reduced(units, j):
            break
        if one.low == "," and j < i - 1 and any(_told(u) for u in units[:j]):
            break
        out.append(one)
    if i and units[i - 1].has("pron") and (i < 2 or units[i - 2].punct or units[i - 2].has("bound")):
        return [units[i - 1]]  # "…, he told us, …"
    out.reverse()
    while out and (out[0].punct or out[0].has("conj")):
        out.pop(0)
    if out and out[0].has("rel") and out[-1].has("pron", "state"):
        return out[-1:]  # "to Addis Ababa over what they believe"
    inside = bool(out) and out[0].has("bound", "relative")
    speaks = (("pron", "state"), ("pron", "first"), ("role",), ("speaker",))
    if inside or not any(u.actor or any(u.has(*cue) for cue in speaks) for u in out):
        return _before_relative(units, i) or out
    return out


def _abbreviates(units: list[Unit], j: int) -> bool:
    """Say whether the stop at `j` only shortens a title: "Capt. Chris Magezi"."""
    if not 0 < j < len(units) - 1:
        return False
    short, name = units[j - 1], units[j + 1]
    return short.text[:1].isupper() and len(short.text) <= 5 and name.text[:1].isupper()


def _before_relative(units: list[Unit], i: int) -> list[Unit]:
    """Return who is told of in "Sudan, whose camps took in refugees, denies": the head of the relative."""
    for j in range(i - 1, 0, -1):
        if units[j].low in (";", ":", "—", "–") or units[j].low in QUOTES:
            return []
        if units[j].has("bound", "relative") and units[j - 1].low == ",":
            head = _left(units, j - 1)
            return head if _names(head) else []
    return []


def _reduced(units: list[Unit], j: int) -> bool:
    """Say whether a verb only describes a noun: "fighters backed by Turkey", "troops deployed in Mali"."""
    after = units[j + 1] if j + 1 < len(units) else None
    return units[j].voice() in ("both", "part", "pass") and (
        after is None or after.has("rel") or after.has("voice")
    )


def _told(unit: Unit) -> bool:
    """Say whether a unit is part of something told, no mere name."""
    return (unit.verb and (unit.has("act") or unit.has("voice"))) or unit.has("deed") or unit.has("thing")


def _right(units: list[Unit], i: int) -> list[Unit]:
    out: list[Unit] = []
    telling = [u.has("telling") for u in units[i + 1 : i + 3]]
    near = i + 2 + telling.index(True) if True in telling else 0  # "according to that report"
    for one in units[i + 1 : i + 25]:
        if one.low in QUOTES or one.low in (",", ";", ":", ".", "—", "–", "("):
            break
        if (one.has("bound") or (one.verb and (one.has("act") or one.has("voice")))) and one.at >= near:
            break
        out.append(one)
    return out


def _closes(units: list[Unit], i: int, left: list[Unit]) -> bool:
    """Say whether "…, X said" stands behind what is said."""
    first = left[0].at if left else i
    if first == 0:
        return False
    before = units[first - 1]
    if not (before.low in QUOTES or before.low == ","):
        return False
    if not any(u.has("thing") or u.has("deed") or (u.verb and u.has("act")) for u in units[:first]):
        return False
    for one in units[i + 1 : i + 14]:
        if one.has("bound", "complement") or (one.verb and one.has("act")):
            return False
        if one.low in (",", ".", ";") or one.low in QUOTES:
            return True
    return True


def _opening(units: list[Unit], end: int) -> int:
    """Return where the part before `end` begins: behind the last contrast."""
    for j in range(end - 1, -1, -1):
        if units[j].low == ";":
            return j + 1
    return 0


def _reach(units: list[Unit], start: int) -> int:
    """Return how far a voice in front reaches: to the next contrast with a subject of its own."""
    for j in range(start, len(units)):
        if units[j].low == ";" or (units[j].has("bound", "contrast") and j > start + 2):
            return j
    return len(units)


def is_foretold(units: list[Unit], voices: Sequence[Voice], i: int) -> bool:
    """Say whether a conditional stands behind "that": "a annoncé qu'il enverrait", "dijo que enviaría"."""
    if not voices or voices[0].kind not in ("say", "confirm") or voices[0].cue.at >= i:
        return False
    bent = units[i].has("mood", "hedge") or units[i].has("mood", "hypothetical")
    return bent and any(u.has("bound", "complement") for u in units[voices[0].cue.at + 1 : i])


@dataclass(slots=True)
class Heard:
    """What is known of a speaker once the claim is known."""

    text: str
    kind: str
    hedged: bool = False
    units: list[Unit] = field(default_factory=list)
