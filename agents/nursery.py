"""Imported by the server that forks the text processes: what is loaded here, they share."""

import gc
from contextlib import suppress

import msgspec

import agents.app  # noqa: F401  what a text process imports besides
from agents import chain
from agents.chain import EPOCH, Incoming
from agents.shelf import stock
from agents.stage import Given, chains
from agents.topology import RAW, ROWS
from pipeline.errors import KnowledgeError
from pipeline.knowledge import load
from pipeline.types import RawArticle

ARTICLES = (
    (
        "text/html",
        "<html><body><p>Turkey sent armoured vehicles to Tripoli, a UN panel said.</p></body></html>",
    ),
    ("text/plain", "Turki mengirimkan kendaraan lapis baja kepada pemerintah di Tripoli, kata panel PBB."),
)


def warm() -> None:
    """Load the knowledge, and whatever the stages load when they are first called."""
    with suppress(KnowledgeError):  # told by the process that needs it
        given = Given(load())
        stock(given.knowledge)  # seconds of work, which no article's limit would allow
        for kind, body in ARTICLES:
            raw = RawArticle(body=body, content_type=kind, source="condotta", fetched_at=EPOCH)  # type: ignore[arg-type]
            chain.run(chains(ROWS)[RAW.name], Incoming(topic=RAW.name, value=msgspec.json.encode(raw)), given)
    gc.collect()
    gc.freeze()


warm()
