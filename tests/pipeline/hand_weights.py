"""Weights made by hand, for tests of what likelihood does with them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from pipeline.knowledge import Knowledge, Weights
from pipeline.types import Article
from tests import evaluation

DAY: Final = "2023-03-01"
REST: Final = " It rained. Nobody came. The sun set."  # behind one sentence, enough for a text to be weighed
UNSURE: Final = "The men who patrol Bangui answer to Moscow, and Moscow pays them."
NEWS: Final = (
    "Rwanda sent soldiers to Mozambique on Monday. Russia did not send weapons to Libya. "
    "Turkey may have sent drones to Libya. Iran gave missiles to the Houthis in Yemen, a UN panel said. "
    "The Syrian army deployed soldiers in Aleppo. Chad denied that it armed the RSF in Sudan."
)


def made(*trees: Sequence[Any], base: float = 0.0, bias: float = 0.0, **marks: float) -> Weights:
    return Weights(
        source="by hand",
        least=0.5,
        fresh=0.5,
        bias=bias,
        marks=marks,
        base=base,
        trees=tuple(map(tuple, trees)),
    )


def known(weights: Weights | None) -> Knowledge:
    """Return the knowledge with other weights; what is compiled from its sheets is kept."""
    know = evaluation.knowledge()
    out = msgspec.structs.replace(know, weights=weights)
    out.__dict__.update(know.__dict__)
    return out


def article(text: str, lang: str = "en", day: str = DAY) -> Article:
    return evaluation.sentence_article(text, lang, day)
