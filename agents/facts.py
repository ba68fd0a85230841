"""What metrics tell of a record, in words of fixed sets: a scrape must not grow with what is sent to us."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim, Decision

OTHER = "other"
UNSURE = "und"
ALWAYS = ("CN", "FR", "GB", "RU", "US")  # permanent members of the Security Council
BACKS = 2  # groups of the gazetteer that a state backs, to be a supporter by name


class Facts(Struct, frozen=True, kw_only=True):
    """Nothing here names a source, an article or a place that is not in the knowledge files."""

    fetched: float | None = None  # seconds since 1970; None: a backfill
    language: str | None = None
    family: str | None = None
    claims: tuple[tuple[str, str, str], ...] = ()  # theatre, type, status
    pair: tuple[str, str] | None = None  # supporter, theatre
    repeated: bool = False  # the same report once more
    corroborated: bool = False  # a further family of publishers


class Words(Struct, frozen=True):
    """The fixed sets, as the knowledge has them."""

    languages: frozenset[str]
    families: frozenset[str]
    theatres: frozenset[str]
    supporters: frozenset[str]

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Words":
        """Return the sets; kept on the knowledge."""
        kept = vars(knowledge)
        if "_words" not in kept:
            kept["_words"] = cls._from(knowledge)
        found: Words = kept["_words"]
        return found

    @classmethod
    def _from(cls, knowledge: Knowledge) -> "Words":
        from pipeline.language import ASKED

        backs = Counter(state for entry in knowledge.entries.values() for state in set(entry.sponsors))
        states = {state for state, groups in backs.items() if groups >= BACKS and len(state) == 2}
        return cls(
            frozenset([*ASKED, UNSURE]),
            frozenset(knowledge.families.values()),
            frozenset(war.theatre for war in knowledge.conflicts if war.end is None),
            frozenset(states.union(ALWAYS)),
        )


def of_article(article: Article | None, claims: Iterable[Claim], knowledge: Knowledge) -> Facts:
    """Tell of an article that left the pipeline; None: it never became one."""
    if article is None:
        return Facts()
    words = Words.of(knowledge)
    told = tuple((_in(each.theatre, words.theatres), each.type, each.status) for each in claims)
    return Facts(
        fetched=None if article.backfill else article.fetched_at.timestamp(),
        language=_in(article.language.code, words.languages) if article.language else None,
        family=_in(article.family, words.families),
        claims=told,
    )


def of_decision(decision: Decision, knowledge: Knowledge) -> Facts:
    from pipeline.novelty.verdict import SAME_REPORT

    words = Words.of(knowledge)
    claim = decision.claim
    return Facts(
        fetched=None if claim.article.backfill else claim.article.fetched_at.timestamp(),
        pair=(_in(claim.supporter.principal, words.supporters), _in(claim.theatre, words.theatres)),
        repeated=decision.reason == SAME_REPORT,
        corroborated=any(step.startswith("families:") for step in (decision.step, *decision.deltas)),
    )


def _in(word: str, known: frozenset[str]) -> str:
    return word if word in known else OTHER
