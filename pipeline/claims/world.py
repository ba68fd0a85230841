"""What the knowledge files say of wars, homes and sides on one day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from pipeline.knowledge import Conflict, Entry, Knowledge
from pipeline.types import Entity

AFTERMATH = timedelta(days=365)  # a war's end does not end the news of who leaves it
ARMISTICE = timedelta(days=90)  # how long a party counts as a belligerent after its war
WIDE = 2  # theatres; a group with more is a movement, and the text says where it is meant
HIRED = frozenset({"pmc", "army", "service"})  # groups that act for their home state


@dataclass(frozen=True)
class Hand:
    """Who is behind an act: the principal, and who carries it out for it."""

    principal: str
    executor: str | None = None


class World:
    """The wars and parties of one day. Cheap to make: about 100 conflicts are looked through."""

    def __init__(self, knowledge: Knowledge, day: date, past: Iterable[str] = ()) -> None:
        """Make the world of a day; `past` names lands whose ended wars are told of as history."""
        self.knowledge = knowledge
        self.day = day
        self.wars: dict[str, list[Conflict]] = defaultdict(list)
        self.parties: dict[str, set[str]] = defaultdict(set)  # theatre -> who fights there as a party
        self.fronts: dict[str, list[str]] = defaultdict(list)  # party -> theatres
        for war in knowledge.conflicts:
            if war.start <= day and (war.end is None or day <= war.end + AFTERMATH):
                self._add(war)
        self.past = frozenset(past) - self.wars.keys()
        for war in knowledge.conflicts:
            if war.theatre in self.past:
                self._add(war, history=True)

    def _add(self, war: Conflict, history: bool = False) -> None:
        self.wars[war.theatre].append(war)
        for party in war.parties:
            end = party.end or war.end
            ended = end is not None and self.day > end + ARMISTICE
            if (party.start is None or party.start <= self.day) and (history or not ended):
                self.parties[war.theatre].add(party.id)
                self.fronts[party.id].append(war.theatre)

    @cached_property
    def split(self) -> Mapping[str, tuple[str, ...]]:
        """Theatres where two sides claim the state; the country's code is no recipient there."""
        out = {}
        if self.day >= date(2014, 5, 1):
            out["LY"] = ("gna", "lna")
        if self.day >= date(2023, 4, 15):
            out["SD"] = ("saf", "rsf")
        return out

    def entry(self, kind: str, ident: str) -> Entry | None:
        return self.knowledge.entries.get(f"{kind}:{ident}")

    def group(self, ident: str) -> Entry | None:
        return self.entry("group", ident) or self.entry("company", ident)

    def hand(self, entity: Entity) -> Hand | None:
        """Say for whom a mention acts; None for one that stands for nobody."""
        ident = entity.id
        match entity.kind:
            case "country" | "demonym" | "capital" | "government":
                return Hand(ident)
            case "body":
                entry = self.entry("body", ident)
                return Hand(entry.of if entry and entry.of else ident)
            case "mission":
                entry = self.entry("mission", ident)
                return Hand(entry.of) if entry and entry.of else None
            case "leader":
                entry = self.entry("leader", ident)
                return self._spoken_for(entry) if entry else None
            case "group":
                return self._group_hand(ident)
            case "company":
                entry = self.entry("company", ident)
                return (
                    Hand(entry.country, ident) if entry and entry.nature == "pmc" and entry.country else None
                )
        return None

    def _spoken_for(self, leader: Entry) -> Hand | None:
        if leader.of is None:
            return None
        return Hand(leader.of) if leader.of.isupper() else self._group_hand(leader.of)

    def _group_hand(self, ident: str) -> Hand:
        entry = self.group(ident)
        if entry and entry.nature in HIRED and entry.country and ident not in ("saf", "lna", "gna", "sna"):
            return Hand(entry.country, ident)
        return Hand(ident)

    def abroad_for(self, hand: Hand, theatre: str) -> Hand:
        """Return for whom a hand acts in a war: a government's army, a party at home, is its state."""
        entry = self.entry("group", hand.principal)
        if entry is None or entry.nature != "army" or entry.country in (None, theatre):
            return hand
        rival = entry.country in self.split and self.split[entry.country][0] != hand.principal
        return hand if rival or entry.country is None else Hand(entry.country)

    def home(self, ident: str) -> str | None:
        """Return the home country of a state, group or body; None for bodies."""
        if len(ident) == 2 and ident.isupper():
            return ident
        entry = self.group(ident)
        return entry.country if entry else None

    def is_state(self, ident: str) -> bool:
        return len(ident) == 2 and ident.isupper()

    def theatre_of(self, ident: str, named: Iterable[str] = (), loose: bool = True) -> str | None:
        """Return the war that help to `ident` is for: its own country's, else one it is a party to.

        A state that fights abroad counts only for a war in `named`, or, if `loose`, for its only one.
        """
        named = tuple(named)
        if ident in self.wars and self.is_state(ident) and (home := self.enemy_home(ident)) in named:
            return home
        if ident in self.wars and not (self.is_state(ident) and self.abroad(ident)):
            return ident
        fronts = [t for t in dict.fromkeys(self.fronts.get(ident, [])) if t != ident]
        ours = [*(t for t in named if t in fronts), *(fronts if loose and len(fronts) == 1 else ())]
        if ours:
            return str(ours[0])
        if ident in self.wars:
            return str(fronts[0]) if loose and fronts and self.is_state(ident) else ident
        entry = None if self.is_state(ident) else self.group(ident)
        if entry:
            wide = len(entry.theatres) > WIDE  # such a group may be anywhere
            theatres = (*(t for t in named if wide or t in entry.theatres), *entry.theatres, entry.country)
            return next((t for t in theatres if t is not None and t in self.wars), None)
        return None

    def theatre_at_home(self, ident: str, named: Iterable[str]) -> str | None:
        """Return a group's own land, where it is at war and no other of its fronts is named."""
        home = self.home(ident)
        if (
            self.is_state(ident)
            or home not in self.wars
            or any(t in self.fronts.get(ident, ()) for t in named)
        ):
            return None
        return home if ident in self.parties.get(home or "", ()) else None

    def enemy_home(self, state: str) -> str | None:
        """Return the land at war from which a state is attacked, where nobody else fights on its own soil."""
        if self.abroad(state):
            return None
        enemies = {p.id for w in self.wars.get(state, ()) for p in w.parties if p.id != state}
        homes = {h for e in enemies if (h := self.home(e)) is not None}
        if len(homes) != 1:
            return None
        home = next(iter(homes))
        if any(self.is_state(e) for e in enemies):
            return None
        return home if home != state and home in self.wars else None

    def sponsored(self, state: str) -> int:
        """Count the armed groups elsewhere that a state is commonly said to stand behind."""
        return sum(
            state in entry.sponsors and entry.country != state
            for entry in self.knowledge.entries.values()
            if entry.kind == "group"
        )

    def is_firm(self, hand: Hand | None) -> bool:
        """Say whether a company of mercenaries acts."""
        firm = self.group(hand.executor) if hand is not None and hand.executor else None
        return firm is not None and firm.nature == "pmc"

    def everywhere(self, ident: str) -> bool:
        """Say whether a group is a movement with fronts in many countries."""
        entry = self.group(ident)
        return entry is not None and entry.nature == "jihadist" and len(entry.theatres) > WIDE

    def abroad(self, state: str) -> bool:
        """Say whether help to a state is for its wars elsewhere: none of its own people fights it."""
        fronts = [t for t in self.fronts.get(state, ()) if t != state]
        return bool(fronts) and not any(
            not self.is_state(p.id) and self.home(p.id) == state
            for w in self.wars.get(state, ())
            for p in w.parties
        )

    def enemies(self, one: str, other: str) -> bool:
        """Say whether two fight each other as parties of one war."""
        for wars in self.wars.values():
            for war in wars:
                sides = {p.id: p.side for p in war.parties if p.start is None or p.start <= self.day}
                if one in sides and other in sides and sides[one] != sides[other]:
                    return True
        return False

    def known(self, principal: str, theatre: str) -> frozenset[str]:
        """Return the types of what a principal is commonly known to have done in a war, up to this day."""
        return self._known.get((principal, theatre), frozenset())

    @cached_property
    def _known(self) -> Mapping[tuple[str, str], frozenset[str]]:
        out: dict[tuple[str, str], frozenset[str]] = {}
        for fact in self.knowledge.background:
            if fact.since <= self.day.year:
                key = fact.principal, fact.theatre
                out[key] = out.get(key, frozenset()) | {fact.type}
        return out

    def belligerent(self, ident: str, theatre: str) -> bool:
        """Say whether `ident` is a party to a war there, not an outsider."""
        return ident in self.parties.get(theatre, ())

    def foreign(self, principal: str, theatre: str) -> bool:
        """Rule 1: the principal's home is not the theatre and it is no party there."""
        if self.is_state(principal) and self.belligerent(principal, theatre):
            return False
        return self.home(principal) != theatre

    def armed(self, ident: str) -> bool:
        """Say whether `ident` is a known armed party."""
        return not self.is_state(ident) and self.group(ident) is not None

    def recipient(self, entity: Entity, theatre: str) -> str | None:
        """Return the side of `theatre` that a mention stands for, None where it is none."""
        hand = self.hand(entity)
        if hand is None:
            return None
        if hand.executor and (group := self.group(hand.executor)) and theatre in group.theatres:
            return None
        ident = hand.principal
        if self.is_state(ident):
            if ident == theatre and ident in self.split:
                claimed = entity.kind in ("capital", "government", "leader")
                return self.split[ident][0] if claimed else None
            return ident if ident == theatre or theatre in self.fronts.get(ident, ()) else None
        entry = self.group(ident)
        if entry and (theatre in entry.theatres or entry.country == theatre):
            return ident
        return None
