"""What is vouched for in the same breath: "Rwanda sent men, and says so"."""

from collections.abc import Sequence
from typing import Final

from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.speakers import hear
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.voices import Voice, speaker_before, speaker_behind

VOUCHED: Final = {"supporter": "acknowledged", "recipient": "acknowledged", "un_panel": "found"}


def vouch(sentences: Sequence[Sentence], candidates: list[Candidate], scene: Scene) -> None:
    """Let who says "it is so" in the same sentence, as a party to it or an inquiry, vouch for it.

    Never for what a sentence before has told: attribution does not run backwards.
    """
    said = {id(s): unit for s in sentences for unit in s.units if "vouching" in unit.tags}
    for one in candidates if said else ():
        here = said.get(id(one.sentence))
        if one.epistemic != "asserted" or one.denied or here is None:
            continue
        if here.at > one.trigger.at:
            _vouch(one, here, scene)


def _vouch(one: Candidate, cue: Unit, scene: Scene) -> None:
    units = one.sentence.units
    speaker = speaker_behind(units, cue.at) or speaker_before(units, cue.at)
    voice = Voice("confirm", cue, speaker, cue.at, cue.at)
    kind = hear(voice, one, scene).kind if speaker else "supporter"
    if kind in VOUCHED:
        one.epistemic = VOUCHED[kind]
        one.voices = [voice] if speaker else one.voices
