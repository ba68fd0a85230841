"""`python -m tests.standin worker`: the true command over the stand-in stages of `fakes.py`.

A process of a pool imports this module again, and so has the same stand-ins. The knowledge is not loaded:
nothing takes longer at the start of a worker.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import msgspec

import agents.pool
import agents.worker
from agents.__main__ import main
from agents.stage import Given
from pipeline.types import Article
from tests import fakes


class Mailer:
    """Writes the id of every alert to <data>/mails."""

    def __init__(self, settings, **_):
        self.path = Path(settings.data) / "mails"

    async def start(self): ...

    async def accept(self, alerts):
        with self.path.open("a", encoding="utf-8") as file:
            for alert in alerts:
                file.write(json.dumps({"id": alert.id, "story": alert.story}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    async def stop(self): ...


async def claim(settings, ledger):
    """Take a ledger for the only one."""


def stand_in(name, **functions):
    """Put `functions` in the place of a module's own; what else it holds stays."""
    module = ModuleType(name)
    if name.startswith("pipeline."):
        vars(module).update(vars(import_module(name)))
    vars(module).update(functions)
    sys.modules[name] = module


stand_in("pipeline.knowledge", load=fakes.NoKnowledge)
stand_in("pipeline.clean", clean=lambda raw, know: fakes.clean(raw, Given(know))[0])
stand_in("pipeline.language", label=lambda article, know: fakes.label(article, None)[0], ASKED=["en"])
stand_in("pipeline.entities", find=lambda article, know: fakes.find(article, None)[0])
stand_in("pipeline.claims", extract=lambda article, know: fakes.extract(article, None))
stand_in("pipeline.novelty", judge=lambda claim, state, know: fakes.judge(claim, state, None))
stand_in("pipeline.alerts", decide=lambda decision, who, know, *_: fakes.decide(decision, Given(know, who)))
stand_in("agents.mail", Mailer=Mailer)
stand_in("agents.liaison", Liaison=lambda settings, mailer: mailer, claim=claim)
stand_in(
    "pipeline.sources",
    article_id=lambda record: record.get("id") if isinstance(record.get("id"), str) else None,
)


class NextArticle(Article, frozen=True, kw_only=True):
    """An article of a release that does not exist yet."""

    future: str = "kept"


def next_clean(raw, know):
    return NextArticle(**msgspec.structs.asdict(fakes.clean(raw, Given(know))[0]))


if os.environ.get("STANDIN_RELEASE") == "2":
    stand_in("pipeline.clean", clean=next_clean)
agents.worker.OURSELVES = ("-m", "tests.standin")
agents.pool.PRELOADED = ["agents.app", "tests.standin"]

if __name__ == "__main__":
    main()
