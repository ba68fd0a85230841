"""The gate before the claims stage: whether an article can hold a claim at all, by its names and words alone.

Rule 2 asks for a conflict. Where no name is one of a land that ever was at war, an armed group, a company,
a mission or a weapon, and no word tells of war, every candidate would be held back: no sentence is read.
"""

from typing import Final

from pipeline.claims.vocabulary import PLAIN, Tag, Vocabulary, fold
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Entity

WANTING: Final = frozenset({  # acts that tell nothing without a thing beside them: "give", "sell", "keep"
    "transfer", "carry", "pledge", "sell", "receive", "deploy", "arrive", "present", "lose", "breach",
    "conduct", "enter", "survey", "launch", "extend", "share", "treat", "settle", "build", "sign", "run",
    "lend", "cease", "reduce", "raise", "seize", "allow", "use",
})  # fmt: skip
TELLING: Final = frozenset({"thing", "deed", "backer", "war"})
NOT_ACTORS: Final = frozenset({"weapon", "place"})
WARLIKE: Final = frozenset({"group", "mission", "company", "weapon"})


def may_claim(article: Article, knowledge: Knowledge, vocabulary: Vocabulary) -> bool:
    """Say, quickly, whether `article` may hold a claim; False is certain."""
    if all(e.kind in NOT_ACTORS for e in article.entities):
        return False  # nobody there who could be a supporter
    if vocabulary.parted_words:
        return True  # words may be written onto each other
    if any(e.kind in WARLIKE for e in article.entities):
        return True
    lands = warring(knowledge)
    at_war = any(_land(e, knowledge) in lands for e in article.entities)
    found = {*PLAIN.findall(fold(article.title)), *PLAIN.findall(fold(article.text))}
    return vocabulary.may_hold(found, substantial if at_war else warlike)


def substantial(tag: Tag) -> bool:
    """Say whether a word may tell a claim by itself: not "give" or "sell", that want a thing beside them."""
    if tag.kind == "act" or (tag.kind == "deed" and tag.value != "deploy"):  # "its deployment is over"
        return tag.value not in WANTING
    return tag.kind in TELLING


def warlike(tag: Tag) -> bool:
    """Say whether a word tells of war."""
    return tag.kind == "war"


def warring(knowledge: Knowledge) -> frozenset[str]:
    """Return the lands of all wars and the states that are parties to one; kept on the knowledge."""
    kept: frozenset[str] | None = knowledge.__dict__.get("_warring")
    if kept is None:
        lands = {war.theatre for war in knowledge.conflicts}
        parties = {party.id for war in knowledge.conflicts for party in war.parties}
        kept = knowledge.__dict__["_warring"] = frozenset(lands | parties)
    return kept


def _land(entity: Entity, knowledge: Knowledge) -> str | None:
    entry = knowledge.entries.get(f"{entity.kind}:{entity.id}")
    return entity.id if entry is None or entry.country is None else entry.country
