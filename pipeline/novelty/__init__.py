"""Is a claim new? A fold over the reports of one pair (theatre, principal).

What is remembered is a join of facts: the highest rank of a day, the earliest report, sets of bits, marks
and reports. So the end state is the same for any order and any repetition of the same reports, as long as
no cap is met; beyond a cap it stays bounded, and nothing that was told is told again. What is decided does
depend on the order: it is the difference that a report makes to what is known when it comes.

How the parts answer to one another:

    mention.py   what one claim brings, read from the claim alone: rank, bits, day, facets, its report
    spells.py    runs of activity, read from the days on which a key had events
    memory.py    the stored layout, the join, the caps; which report is a copy of which
    corrections.py   what a person takes back, as a mention like any other
    background.py    what everyone knows, as claims that are remembered and never told
    views.py     which key a claim is judged under, and what is known of it
    steps.py     the difference as steps

Every mention is stored under its own key, also where it is judged under another: a vaguer claim under the
more specific key, a named recipient under the key where it was unknown, a sister under her sister. Thus the
place where it is stored never depends on what came before it. The keys concerned are joined when read.

Spells are not stored but read. Of the days 1, 100 and 300 (arms, window 90 days) no two lie within 90 days,
and there are three spells. A late report of day 50 joins the first two, as it would have had it come first:
[1 .. 100], [300]. An end (day 380) belongs to the spell it closes; a start after it (day 410) opens the next
at once, though the window is not over. Should the end be learned after the start, the days part at the same
place. What a spell knows (rank, disputed, ended …) is what its days know:

    day    1        50     100        300       380       410
           alleged  found  denied     asserted  ended     asserted
           [----------------]         [------------]      [--------
           rank 4, disputed           rank 3, ended       rank 3; REACTIVATED; its period is day 410

Independent families are counted over the remembered reports that are no copy of an older one (same id,
content, URL, or near-duplicate text), "older" by publication and not by arrival. A report is marked as a
copy as soon as both are known, whichever came first.

What the rules leave open, and what is done:

* Something that occurred is not later than its article: an event's date is cut at the publication date.
* A denial, a retraction and a mere possibility corroborate nothing: they add no family, facet or quantity.
* A vaguer claim reaches every step but NEW of the more specific key; mere support reaches there only a
  denial or an end, for being acknowledged as a backer is not being acknowledged as arming.
* A retraction of what was never heard of is BACKGROUND; a retraction never reactivates.
* A revision that brings an unseen key is judged by the rank it brings, since it is never NEW.
* An increase after an end is a start.
* Four spells of a key are remembered. An event not later than a forgotten one reaches nothing.
"""

from pipeline.errors import NewerVersion
from pipeline.knowledge import Knowledge
from pipeline.novelty import memory
from pipeline.novelty.background import background
from pipeline.novelty.corrections import withdrawn
from pipeline.novelty.memory import Pair
from pipeline.novelty.mention import Mention, read
from pipeline.novelty.verdict import Case, Known, Past, decide
from pipeline.novelty.views import VAGUE, Match, View, general_denials, look, match, type_of
from pipeline.types import Claim, Decision

__all__ = ["NewerVersion", "background", "judge", "withdrawn"]

CLAIM_MAJOR = 1


def judge(claim: Claim, state: bytes | None, knowledge: Knowledge) -> tuple[Decision, bytes]:
    """Decide whether `claim` is news to the pair's `state` (None: empty); return the state after it as well.

    Raises NewerVersion where the state or the claim was made by a release that is not understood here.
    """
    memory.require(claim.schema, CLAIM_MAJOR)
    pair = memory.decode(state)
    case = _entered(pair, claim, read(claim), knowledge)
    return decide(case, knowledge.made_by), memory.encode(pair)


def _entered(pair: Pair, claim: Claim, mention: Mention, knowledge: Knowledge) -> Case:
    """Join the mention into `pair`, and put side by side what was known before and is known after."""
    found = match(pair, claim, mention)
    window, own_window = _window(knowledge, found.name), _window(knowledge, claim.key)
    twins = memory.twins(pair, mention.source, claim.key, found.name)
    versions = memory.versions(pair, mention.source)
    revision = any(one.content != mention.source.content for one in versions)
    past = Past(
        told=_told(claim, mention, found, twins, revision=revision),
        revision=revision,
        marked=memory.only_marked(pair, claim.key),
    )
    denials = general_denials(pair, found.name)
    before = Known(*_views(pair, claim, found, window, own_window), denials)
    memory.remember(pair, claim.key, mention, own_window, twins + versions)
    if type_of(claim.key) == VAGUE:
        denials = general_denials(pair, found.name)
    after = Known(*_views(pair, claim, found, window, own_window), denials)
    return Case(claim, mention, found, past, before, after, window, own_window)


def _window(knowledge: Knowledge, name: str) -> int:
    return knowledge.involvements[type_of(name)].window_days


def _views(pair: Pair, claim: Claim, found: Match, window: int, own_window: int) -> tuple[View, View]:
    """Return what is known of the matched key, and for a claim of mere support of its own."""
    matched = look(pair, found.names, window)
    return matched, look(pair, (claim.key,), own_window) if found.kind == "parent" else matched


def _told(
    claim: Claim, mention: Mention, found: Match, twins: list[memory.Report], *, revision: bool
) -> bool:
    """Tell whether the same report is remembered for the claim's key, or for the more specific one."""
    names = (claim.key, found.name) if found.kind in ("vaguer", "parent") else (claim.key,)
    return any(memory.has_told(name, mention.source, twins, revision=revision) for name in names)
