"""A decision told to people, in the words of one language."""

from collections.abc import Mapping

from pipeline.knowledge import Entry, Knowledge
from pipeline.mail.safe import line
from pipeline.mail.wording import Wording, Words
from pipeline.types import Claim, Decision, EntityKind, Quantity, Speaker

KINDS: tuple[EntityKind, ...] = ("group", "body", "company", "mission", "weapon", "leader")
MAX_NAME = 100  # characters
MAX_SPEAKERS = 4
MAX_NAMES = 6  # of equipment
INTENDED = frozenset({"planned", "promised", "threatened", "requested", "authorised"})
TAGGED = {"denied": "denied", "ended": "ended", "retracted": "retracted"}  # tags that say the status already


class Teller:
    """Tells decisions in the words of `wording`; a name that is not known is shown as its id."""

    def __init__(self, wording: Wording, knowledge: Knowledge, language: str) -> None:
        self.wording = wording
        self.knowledge = knowledge
        self.language = language

    # Names

    def name(self, ident: str) -> str:
        """Return the usual name: "Libya", "Wagner Group"."""
        return line(self.wording.names.get(ident) or self._known(ident) or ident, MAX_NAME)

    def short(self, ident: str) -> str:
        """Return the name for subjects: "UAE", "LNA"."""
        return line(self.wording.short.get(ident) or self._initials(ident) or self.name(ident), MAX_NAME)

    def called(self, ident: str) -> str:
        """Return the name in a sentence, with its article: "the LNA", "the United States", "Hezbollah"."""
        name = self.wording.names.get(ident) or self._initials(ident) or self.name(ident)
        return f"{self.wording.article.word} {name}" if self._has_article(ident, name) else name

    def _known(self, ident: str) -> str | None:
        entry = self._entry(ident)
        if entry is None:
            return None
        return (
            entry.name
            if self.language == "en"
            else next(iter(entry.names.get(self.language, ())), entry.name)
        )

    def _entry(self, ident: str) -> Entry | None:
        if len(ident) == 2 and ident.isupper():
            return self.knowledge.entry("country", ident)
        return next((found for kind in KINDS if (found := self.knowledge.entry(kind, ident))), None)

    def _initials(self, ident: str) -> str | None:
        """Return the id in capitals where that is one of its names: LNA, RSF, M23."""
        entry = self._entry(ident)
        if entry is None or entry.kind == "country":
            return None
        named = {name for names in (*entry.names.values(), *entry.weak.values()) for name in names}
        return ident.upper() if ident.upper() in named else None

    def _has_article(self, ident: str, name: str) -> bool:
        rule = self.wording.article
        if not rule.word or name in rule.bare:
            return False
        initials = rule.initials and name == self._initials(ident)
        return initials or ident in rule.ids or name.split()[-1] in rule.last_words

    # The claim

    def sentence(self, claim: Claim) -> str:
        """Tell the frame in one sentence."""
        told = self.wording.modes[mode(claim)].format_map(self._places(claim))
        return told[:1].upper() + told[1:]

    def what(self, claim: Claim) -> str:
        return self.wording.types[claim.type].noun

    def status(self, claim: Claim) -> str:
        return self.wording.statuses[claim.status]

    def side(self, claim: Claim) -> str:
        """Return who benefits, for a subject; nothing where it is not said."""
        if claim.recipient is None:
            return ""
        name = self.short(claim.recipient)
        return self.wording.government.format(name=name) if len(claim.recipient) == 2 else name

    def _places(self, claim: Claim) -> Mapping[str, str]:
        theatre = self.called(claim.theatre)
        words, side, clause = self.wording.types[claim.type], self._recipient(claim), self._clause(claim)
        do, done, own = _forms(words, claim)
        behind = ("" if own else clause) + self._executor(claim)
        return {
            "supporter": self.called(claim.supporter.principal),
            "theatre": theatre,
            "do": do.format(theatre=theatre, recipient=side) + behind,
            "done": done.format(theatre=theatre, recipient=side) + behind,
            "noun": words.noun,
            "recipient": clause,
            "executor": self._executor(claim),
            "source": line(claim.article.source, MAX_NAME),
        }

    def _recipient(self, claim: Claim) -> str:
        if claim.recipient is None:
            return ""
        called = self.called(claim.recipient)
        return self.wording.government.format(name=called) if len(claim.recipient) == 2 else called

    def _clause(self, claim: Claim) -> str:
        if claim.recipient is None:
            return ""
        clause = self.wording.clause_home if _home(claim) else self.wording.clause
        return clause.format(recipient=self._recipient(claim))

    def _executor(self, claim: Claim) -> str:
        executor = claim.supporter.executor
        return self.wording.clause_executor.format(executor=self.called(executor)) if executor else ""

    def speakers(self, claim: Claim) -> str:
        """Return who said it, as the article names them, with what they are."""
        if not claim.attribution:
            return self.wording.labels["outlet_itself"]
        told = [self._speaker(each) for each in claim.attribution[:MAX_SPEAKERS]]
        if left := len(claim.attribution) - len(told):
            told.append(self.wording.labels["more_speakers"].format(number=left))
        return "; ".join(told)

    def _speaker(self, speaker: Speaker) -> str:
        kind = self.wording.speakers[speaker.kind]
        name = line(speaker.speaker, MAX_NAME)
        return f"{name} ({kind})" if name else kind

    def facts(self, decision: Decision) -> list[tuple[str, str]]:
        """Return (label, value) of what else is known."""
        claim, labels = decision.claim, self.wording.labels
        found = {
            "number": self._quantity(claim.quantity),
            "equipment": ", ".join(self.name(each) for each in claim.equipment[:MAX_NAMES]),
            "origin": self.name(claim.personnel_origin) if claim.personnel_origin else "",
            "embargo": labels["embargo_text"] if claim.embargo_violation else "",
            "disputed": labels["disputed_text"] if claim.disputed or decision.disputed else "",
            "families": str(decision.families) if decision.families else "",
        }
        return [(labels[name], value) for name, value in found.items() if value]

    def _quantity(self, quantity: Quantity | None) -> str:
        if quantity is None:
            return ""
        span = self._span(quantity.min, quantity.max)
        return f"{span} {self._unit(quantity.unit)} (“{line(quantity.raw, MAX_NAME)}”)"

    def _span(self, least: int | None, most: int | None) -> str:
        if least is None or most is None:
            bound = most if least is None else least
            return "" if bound is None else f"{'≤' if least is None else '≥'} {self._number(bound)}"
        return self._number(least) if least == most else f"{self._number(least)}–{self._number(most)}"

    def _number(self, number: int) -> str:
        return f"{number:,}".replace(",", self.wording.thousands)

    def _unit(self, unit: str) -> str:
        return self.wording.units.get(unit) or line(unit, MAX_NAME)

    # The decision

    def tag(self, decision: Decision) -> str:
        """Return the first word of a subject: NEW, DENIED, UPDATE."""
        return self.wording.tags.get(decision.step.partition(":")[0]) or self.wording.tags["update"]

    def headline(self, decision: Decision, *, side: bool = True) -> str:
        """Return "NEW · Libya · Russia: arms for LNA (alleged)", without the LNA where `side` is false."""
        claim, form = decision.claim, self.wording.subject
        helped, step = self.side(claim) if side else "", decision.step
        return form.one.format(
            tag=self.tag(decision),
            theatre=self.short(claim.theatre),
            supporter=self.short(claim.supporter.principal),
            what=self.what(claim),
            recipient=form.recipient.format(recipient=helped) if helped else "",
            status="" if TAGGED.get(step) == claim.status else form.status.format(status=self.status(claim)),
        )

    def why(self, decision: Decision) -> list[str]:
        """Tell the step and the deltas, one sentence each."""
        return [self.step(step, decision.claim) for step in dict.fromkeys((decision.step, *decision.deltas))]

    def step(self, step: str, claim: Claim) -> str:
        head, _, rest = step.partition(":")
        if head == "facet":
            kind, _, rest = rest.partition(":")
            head = f"facet:{kind}"
        form = self.wording.steps.get(head) or self.wording.steps["other"]
        return form.format_map(self._step_places(head, rest, claim) | {"step": line(step, MAX_NAME)})

    def _step_places(self, head: str, rest: str, claim: Claim) -> dict[str, str]:
        unit, _, number = rest.rpartition(":")
        types = self.wording.types
        return {
            "days": str(self.knowledge.involvements[claim.type].window_days),
            "rank": self.wording.ranks.get(rest, rest),
            "name": self.name(rest) if rest else "",
            "type": next((words.noun for name, words in types.items() if name == rest), rest),
            "number": self._number(int(number)) if number.isdecimal() else number,
            "unit": self._unit(unit) if unit else "",
        }


def mode(claim: Claim) -> str:
    """Name the pattern of the sentence: what the status, the realis and the change leave to be said first."""
    if claim.epistemic in ("retracted", "denied"):
        return claim.epistemic
    if claim.realis in ("historical", "hypothetical"):
        return claim.realis
    if claim.change == "end":
        return "ending" if claim.realis in INTENDED else "ended"
    if claim.change in ("interdicted", "decrease"):
        return claim.change
    return claim.realis if claim.realis in INTENDED else claim.epistemic


def _home(claim: Claim) -> bool:
    """Tell whether the side that benefits is the theatre's government."""
    return claim.recipient == claim.theatre


def _forms(words: Words, claim: Claim) -> tuple[str, str, bool]:
    """Return `do` and `done`, and whether they name the recipient themselves."""
    if _home(claim) and words.do_home and words.done_home:
        return words.do_home, words.done_home, True
    if claim.recipient and not _home(claim) and words.do_for and words.done_for:
        return words.do_for, words.done_for, True
    return words.do, words.done, False
