"""From an article to its claims: sentences are read in order, candidates judged, held back or written."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain

from pipeline.claims import (
    admissions,
    credence,
    epochs,
    frames,
    gate,
    judgement,
    pronouns,
    retractions,
    siting,
    voices,
    weighing,
)
from pipeline.claims.mentions import settle
from pipeline.claims.reading import (
    carried_voice,
    dateline_of,
    house_voice,
    lead_voice,
    quotations,
    quoted_voice,
    remember,
    reporter_of,
    scene_of,
    sentences_of,
    speaking_hand,
    vocabulary_of,
)
from pipeline.claims.scene import AT_HOME, Candidate, Scene
from pipeline.claims.times import calendar_of
from pipeline.claims.units import Sentence
from pipeline.claims.validity import (
    distinct,
    hirers_only,
    hold_civilian,
    one_contingent,
    one_way,
    outdo,
    specific_only,
    sponsored_only,
    validate,
    waive,
)
from pipeline.claims.vocabulary import Vocabulary
from pipeline.claims.voices import Voice
from pipeline.claims.writing import write
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim


@dataclass(slots=True)
class Examined:
    """What became of an article: its claims, and the candidates with the reason why they were held."""

    claims: tuple[Claim, ...] = ()
    candidates: list[Candidate] = field(default_factory=list)
    scene: Scene | None = None  # None where nothing was read


@dataclass(slots=True)
class Read:
    """An article as it was read: what the frames bound in it, and what a second look may add."""

    sentences: list[Sentence]
    scene: Scene
    candidates: list[Candidate]
    second: weighing.Reading
    kept: list[Candidate] = field(default_factory=list)  # those that are claims


def extract(article: Article, knowledge: Knowledge) -> tuple[Claim, ...]:
    """Return the claims of an article, in text order."""
    vocabulary = vocabulary_of(knowledge, article.language.code if article.language else "und")
    if vocabulary is None or not gate.may_claim(article, knowledge, vocabulary):
        return ()
    return examine(article, knowledge).claims


def examine(article: Article, knowledge: Knowledge, without: Collection[int] = ()) -> Examined:
    """Return the claims of an article and every candidate, also the held ones.

    `without` names validity rules of ontology.md (1 to 5) that hold nothing back this time; what they would
    have held is then shown as the frames bound it, and nothing is weighed.
    """
    vocabulary = vocabulary_of(knowledge, article.language.code if article.language else "und")
    if vocabulary is None:
        return Examined()
    if all(e.kind in gate.NOT_ACTORS for e in article.entities):
        return Examined()  # nobody there who could be a supporter
    read = bound(article, knowledge, vocabulary, without)
    if not without and knowledge.weights is not None:
        place_again(read, knowledge.weights.sited)
    kept = read.kept
    if read.second.weights is not None:
        kept = weighing.reweigh(read.candidates, kept, read.second, read.sentences, read.scene)
        kept = _told_best(_distinct(one_contingent(kept)))
    kept = outdo(kept, one_way(kept), "it is told the other way round")
    if not without and knowledge.weights is not None and knowledge.weights.credence:
        credence.judge_again(kept, read.sentences, read.scene, knowledge.weights.credence)
    told = [*read.candidates, *read.second.worth_telling(kept)]
    return Examined(settle(_rows(kept, article, knowledge, read.scene)), told, read.scene)


def place_again(read: Read, weights: Mapping[str, float]) -> None:
    """Move the candidates to where they belong by all that the article tells, and choose claims again."""
    if weights:
        siting.site(
            chain(read.candidates, read.second.candidates), read.kept, read.sentences, read.scene, weights
        )
        read.kept = _kept(read.candidates)


def bound(
    article: Article, knowledge: Knowledge, vocabulary: Vocabulary, without: Collection[int] = ()
) -> Read:
    """Return what the frames bind in an article, before anything is weighed."""
    read = _read(article, knowledge, vocabulary, without, frozenset())
    if outside := helpers(read.candidates, read.scene):
        read = _read(article, knowledge, vocabulary, without, outside)
    read.kept = _kept(read.candidates)
    return read


def _read(
    article: Article,
    knowledge: Knowledge,
    vocabulary: Vocabulary,
    without: Collection[int],
    outside: frozenset[str],
) -> Read:
    sentences = list(sentences_of(article, vocabulary))
    scene = scene_of(article, sentences, knowledge)
    scene.order, scene.without = vocabulary.order, frozenset(without)
    scene.outside = outside
    scene.theatres = [t for t in scene.theatres if t not in outside]
    scene.house = house_voice(sentences, scene)
    scene.author = speaking_hand(scene.house, scene)
    scene.calendar = calendar_of(vocabulary, article.language.code if article.language else "")
    scene.bodies = {"title": article.title, "text": article.text}
    scene.dateline = dateline_of(article, sentences, scene.world)
    second = weighing.Reading(None if without else knowledge.weights, len(sentences))
    candidates = _candidates(sentences, scene, second)
    for found in (candidates, second.candidates):
        hold_civilian(sentences, found)
        validate(found, scene, sentences)
    return Read(sentences, scene, candidates, second)


def helpers(candidates: list[Candidate], scene: Scene) -> frozenset[str]:
    """Return the lands at war that help in another war of the article, by most of what it tells.

    None where nothing was placed in such a land or taken for its army at home: it would be read the same.
    """
    if len(scene.weights) < 2:
        return frozenset()
    helps: Counter[str] = Counter()
    helped: Counter[str] = Counter()
    for one in candidates:
        if one.held is None and one.hand is not None and one.theatre and one.theatre in scene.weights:
            weight = 3 if one.sentence.lead else 1
            helps[one.hand.principal] += weight
            helped[one.theatre] += weight * (2 if one.where is not None else 1)
    out = frozenset(t for t in scene.weights if helps[t] > helped[t])
    placed = {one.theatre for one in candidates if one.held is None}
    at_home = {one.hand.principal for one in candidates if one.held == AT_HOME and one.hand is not None}
    return out if out & (placed | at_home) else frozenset()


def _kept(candidates: list[Candidate]) -> list[Candidate]:
    free = [c for c in candidates if c.held is None]
    return _told_best(_distinct(one_contingent(_distinct(free))))


def _distinct(free: list[Candidate]) -> list[Candidate]:
    return outdo(free, distinct(free), "the sentence tells it better")


def _told_best(free: list[Candidate]) -> list[Candidate]:
    specific = outdo(free, specific_only(free), "something more specific is told")
    return outdo(specific, hirers_only(sponsored_only(specific)), "it is told who hired or sent them")


def _rows(
    kept: list[Candidate], article: Article, knowledge: Knowledge, scene: Scene
) -> list[tuple[Claim, Candidate]]:
    rows = []
    for one in kept:
        claim = write(one, article, knowledge, scene)
        if claim is None:
            one.held = "rule 3: no quote that is long enough"
        else:
            rows.append((claim, one))
    return rows


def _candidates(sentences: list[Sentence], scene: Scene, second: weighing.Reading) -> list[Candidate]:
    out: list[Candidate] = []
    heard = [voices.find(s, scene.order) for s in sentences]
    voices.name_pronouns(heard)
    quotes = quotations(sentences)
    carried: list[Voice] = []
    for n, sentence in enumerate(sentences):
        scene.units = sentence.units
        fresh = n > 0 and sentence.paragraph != sentences[n - 1].paragraph
        scene.epoch = epochs.epoch_of(sentence, scene, fresh)
        if fresh:
            scene.recent = scene.last = scene.subject = None
        quoting = quoted_voice(sentences, heard, n)
        carried = carried_voice(sentences, heard, n, carried) or lead_voice(sentences, heard, n)
        scene.speaker = speaking_hand(heard[n] or quoting, scene) or scene.speaker
        scene.reporter = reporter_of(sentence) or scene.reporter
        pronouns.stand_for_things(sentence, scene)
        for one in chain(frames.bind(sentence, scene), second.add(sentence, n, scene)):
            inside = any(a <= one.trigger.start < b for a, b in quotes[n])
            one.quoted = inside
            judgement.judge(one, heard[n], scene, quoting if inside else carried)
            if inside and one.act != "compound" and any(u.has("caption") for u in sentence.units):
                one.held = one.held or "a caption"
            waive(one, scene)
            if not one.second:
                out.append(one)
        remember(sentence, out, scene)
        pronouns.remember_things(sentence, scene)
    for found in (out, second.candidates):
        admissions.vouch(sentences, found, scene)
        retractions.take_back(sentences, heard, found)
    return out
