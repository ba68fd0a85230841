"""What an outlet takes back: a report that it calls wrong, sentences after it told it."""

from collections.abc import Sequence

from pipeline.claims.scene import Candidate
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.voices import Voice

OPEN = ("asserted", "alleged", "found")  # what an outlet can take back; a denial stays one
OPENING = 2  # sentences of the text, behind the title, in which a page says that all of it is a correction


def take_back(
    sentences: Sequence[Sentence], heard: Sequence[list[Voice]], candidates: list[Candidate]
) -> None:
    """Mark as retracted what an outlet told, and calls wrong in the same paragraph.

    "We reported that Italian soldiers had landed. The report was wrong." On a page that begins as a
    correction it is enough that the outlet's own article is quoted.
    """
    wrong: dict[tuple[str, int], int] = {}  # paragraph -> the last sentence that calls something wrong
    for n, sentence in enumerate(sentences):
        if _is_mistaken(sentence.units, heard[n]):
            wrong[sentence.field, sentence.paragraph] = n
    if not wrong:
        return
    place = {id(sentence): n for n, sentence in enumerate(sentences)}
    page = any(n <= OPENING for n in wrong.values())
    for one in candidates:
        paragraph = one.sentence.field, one.sentence.paragraph
        last = wrong.get(paragraph, -1)
        told = place[id(one.sentence)] <= last and any(
            map(_own, (*one.sentence.units, *sentences[last].units))
        )
        quoted = page and any(_own(u) for voice in one.voices for u in voice.speaker)
        if (told or quoted) and one.epistemic in OPEN:
            one.epistemic = "retracted"


def _is_mistaken(units: list[Unit], heard: list[Voice]) -> bool:
    """Say whether a sentence calls something wrong, and nobody but the outlet says so."""
    if not any("mistaken" in u.tags for u in units) and all(v.kind != "retract" for v in heard):
        return False
    return all(v.kind == "retract" or not v.speaker or any(map(_own, v.speaker)) for v in heard)


def _own(unit: Unit) -> bool:
    """Say whether a unit is the outlet itself or what it printed."""
    return unit.has("outlet") or unit.has("pron", "first") or unit.has("speaker", "media")
