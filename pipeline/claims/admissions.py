"""What is vouched for afterwards: "Rwanda sent men, and says so"; "This was announced by the ministry"."""

from collections.abc import Sequence
from typing import Final

from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.speakers import hear
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.voices import Voice, speaker_before, speaker_behind

OPENING: Final = 4  # units at the beginning of a sentence where "this" is what the sentence before told
VOUCHED: Final = {"supporter": "acknowledged", "recipient": "acknowledged", "un_panel": "found"}


def vouch(sentences: Sequence[Sentence], candidates: list[Candidate], scene: Scene) -> None:
    """Let who says "it is so" of something just told, as a party to it or an inquiry, vouch for it."""
    said = {n: unit for n, s in enumerate(sentences) for unit in s.units if "vouching" in unit.tags}
    if not said:
        return
    place = {id(sentence): n for n, sentence in enumerate(sentences)}
    for one in candidates:
        if one.epistemic != "asserted" or one.denied:
            continue
        n = place[id(one.sentence)]
        here, after = said.get(n), said.get(n + 1)
        if here is not None and here.at > one.trigger.at and here.at > OPENING:
            _vouch(one, here, one.sentence.units, scene)
        elif after is not None and after.at <= OPENING and sentences[n + 1].field == one.sentence.field:
            _vouch(one, after, sentences[n + 1].units, scene)


def _vouch(one: Candidate, cue: Unit, units: list[Unit], scene: Scene) -> None:
    speaker = speaker_behind(units, cue.at) or speaker_before(units, cue.at)
    voice = Voice("confirm", cue, speaker, cue.at, cue.at)
    kind = hear(voice, one, scene).kind if speaker else "supporter"
    if kind in VOUCHED:
        one.epistemic = VOUCHED[kind]
        one.voices = [voice] if speaker else one.voices
