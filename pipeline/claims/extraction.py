"""From an article to its claims: sentences are read in order, candidates judged, held back or written."""

from dataclasses import dataclass, field
from typing import Final

from pipeline.claims import frames, judgement, voices
from pipeline.claims.mentions import settle
from pipeline.claims.reading import (
    carried_voice,
    house_voice,
    quotations,
    quoted_voice,
    remember,
    scene_of,
    sentences_of,
    speaking_hand,
    vocabulary_of,
)
from pipeline.claims.scene import Candidate, Scene
from pipeline.claims.units import Sentence
from pipeline.claims.validity import distinct, hold_civilian, specific_only, sponsored_only, validate
from pipeline.claims.writing import write
from pipeline.knowledge import Knowledge
from pipeline.types import Article, Claim

NOT_ACTORS: Final = frozenset({"weapon", "place"})


@dataclass(slots=True)
class Examined:
    """What became of an article: its claims, and the candidates with the reason why they were held."""

    claims: tuple[Claim, ...] = ()
    candidates: list[Candidate] = field(default_factory=list)


def extract(article: Article, knowledge: Knowledge) -> tuple[Claim, ...]:
    """Return the claims of an article, in text order."""
    return examine(article, knowledge).claims


def examine(article: Article, knowledge: Knowledge) -> Examined:
    """Return the claims of an article and every candidate, also the held ones."""
    vocabulary = vocabulary_of(knowledge, article.language.code if article.language else "und")
    if vocabulary is None:
        return Examined()
    if all(e.kind in NOT_ACTORS for e in article.entities) or not any(
        map(vocabulary.tells, (article.title, article.text))
    ):
        return Examined()  # nobody there who could be a supporter, or nothing told
    sentences = list(sentences_of(article, vocabulary))
    scene = scene_of(article, sentences, knowledge)
    scene.order = vocabulary.order
    scene.house = house_voice(sentences, scene)
    candidates = _candidates(sentences, scene)
    hold_civilian(sentences, candidates)
    validate(candidates, scene, sentences)
    kept = distinct([c for c in candidates if c.held is None])
    kept = sponsored_only(specific_only(kept))
    claims = [write(c, article, knowledge, scene) for c in kept]
    return Examined(settle([(c, k) for c, k in zip(claims, kept, strict=True) if c is not None]), candidates)


def _candidates(sentences: list[Sentence], scene: Scene) -> list[Candidate]:
    out: list[Candidate] = []
    heard = [voices.find(s, scene.order) for s in sentences]
    quotes = quotations(sentences)
    for n, sentence in enumerate(sentences):
        scene.units = sentence.units
        if n and sentence.paragraph != sentences[n - 1].paragraph:
            scene.recent = None
        quoting = quoted_voice(sentences, heard, n)
        scene.speaker = speaking_hand(heard[n] or quoting, scene) or scene.speaker
        for one in frames.bind(sentence, scene):
            inside = any(a <= one.trigger.start < b for a, b in quotes[n])
            judgement.judge(one, heard[n], scene, quoting if inside else carried_voice(sentences, heard, n))
            out.append(one)
        remember(sentence, out, scene)
    return out
