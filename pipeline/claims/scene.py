"""What travels through the reading of an article: the scene so far, and candidates for claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.claims.moments import Calendar
from pipeline.claims.units import Sentence, Unit
from pipeline.claims.voices import Voice
from pipeline.claims.world import Hand, World

AT_HOME = "rule 1: an army at home"  # a reason to hold a candidate back
RECALL = 8  # sentences over which a pronoun or a bare verb finds its actor again


@dataclass(frozen=True, slots=True)
class Context:
    """What an article had told where a candidate stands: by it "the ministry" and "the report" are known."""

    actor: Hand | None = None  # the last one before the sentence
    speaker: Hand | None = None  # for whom the last speaker speaks
    reporter: str = ""  # kind of the last speaker that writes reports


@dataclass(slots=True, eq=False)
class Candidate:
    """A claim in the making. `held` names the rule that keeps it back."""

    sentence: Sentence
    trigger: Unit
    act: str  # class of the act, "" for mere presence
    type: str
    hand: Hand | None
    theatre: str | None
    thing: Unit | None = None
    recipient: str | None = None
    origin: str | None = None
    agent: Unit | None = None
    where: Unit | None = None
    side: Unit | None = None
    sided: bool = False  # some side is told, known or not
    change: str = ""
    realis: str = ""
    epistemic: str = ""
    hedged: bool = False
    denied: bool = False
    fewer: bool = False
    voices: list[Voice] = field(default_factory=list)
    quoted: bool = False  # stands in quotation marks
    second: bool = False  # made by the second reading, see weighing
    context: Context = Context()
    rules: list[str] = field(default_factory=list)
    mods: frozenset[str] = frozenset()  # modal cues whose scope holds the act
    confidence: float = 0.9
    held: str | None = None

    def weigh(self, loss: float, rule: str) -> None:
        self.confidence -= loss
        self.rules.append(f"{rule} (-{loss:.2f})")


@dataclass(slots=True)
class Scene:
    """What the article has told so far: the last theatre, actor and group."""

    world: World
    frames: Mapping[str, Any]
    theatres: list[str]  # by weight, see `weights`
    weights: Mapping[str, int]  # theatre -> how much the article speaks of it
    theatre: str | None = None
    recent: str | None = None  # the last theatre spoken of in this paragraph
    dominant: bool = False  # most of the article is about the first theatre
    actors: list[Hand | None] = field(default_factory=list)  # the first actor of each sentence so far
    missions: frozenset[str] = frozenset()  # theatres whose mandated missions the article names
    contributors: frozenset[str] | None = None  # states that alone can serve in the missions told, None: any
    titled: bool = False  # the title tells of peacekeepers or a mandated force
    peacekeeping: bool = False  # the article tells of peacekeepers or a mandated force
    named: frozenset[str] = frozenset()  # states the article names
    hirers: frozenset[str] = frozenset()  # states whose private military companies the article names
    things: list[Unit | None] = field(default_factory=list)  # the last thing of each of the last sentences
    group: Hand | None = None
    soldiers: Hand | None = None
    speaker: Hand | None = None
    reporter: str = ""  # kind of the last speaker that writes reports: "the report" is theirs
    house: list[Voice] = field(
        default_factory=list
    )  # who speaks in a document of its own, such as a press release
    author: Hand | None = None  # for whom such a document speaks
    dateline: str | None = None  # the land an article is written from
    epoch: int | None = None  # the year a paragraph is set in, None for the article's day
    calendar: Calendar | None = None  # the article's words for time
    bodies: Mapping[str, str] = field(default_factory=dict)  # its title and text
    last: Candidate | None = None  # the last claim of this paragraph
    subject: Hand | None = None  # the first actor of the sentence before, in this paragraph
    units: list[Unit] = field(default_factory=list)
    order: str = "svo"
    outside: frozenset[str] = frozenset()  # lands at war that the article tells of as supporters elsewhere
    without: frozenset[int] = frozenset()  # validity rules that are switched off, to see what they hold back

    def foreign(self, principal: str, theatre: str) -> bool:
        """Rule 1, or anything where it is switched off."""
        return 1 in self.without or self.world.foreign(principal, theatre)
