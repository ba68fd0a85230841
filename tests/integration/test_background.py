"""What everyone knows, put into the memory of the true rows on a real Kafka, and made anew by a rebuild."""

import shutil

import pytest

from tests.claims_builder import article, claim, day
from tests.integration.harness import System, stop
from tests.integration.test_corrections import condotta, memory, tell

pytestmark = pytest.mark.integration
LOAD = ("knowledge", "background", "--theatre", "LY", "--date", "2026-01-01")
KNOWN = claim(
    "LY|RU|mercenaries|lna", of=article("a", published_at=day(1)), realis="ongoing", executor="wagner-group"
)
UNKNOWN = claim("LY|RU|strikes|lna", of=article("b", published_at=day(1)))


async def test_what_everyone_knows_alerts_nobody_and_outlives_a_rebuild(kafka, prefix, tmp_path):
    async with System(kafka.address, prefix, tmp_path, module="agents") as system:
        worker = system.start("--stages", "novelty,alerts")
        said = condotta(system, *LOAD)
        number = int(said.split()[0])
        assert number > 20, said
        await tell(system, KNOWN, UNKNOWN)
        await system.until(lambda s: len(s.seen["news.decisions"]) == number + 2)
        await system.until(lambda s: s.seen["news.alerts"])
        assert condotta(system, *LOAD) == said
        await system.until(lambda s: len(s.seen["news.decisions"]) == 2 * number + 2)
        stop(worker)
        decisions = [each["decision"] for each in system.values("news.decisions")]
        assert decisions.count("BACKGROUND") == 2 * number
        assert [each["story"] for each in system.values("news.alerts")] == ["LY|RU|strikes"]
        ids = [each["id"] for each in system.values("news.claims")]
        assert len(set(ids)) == number + 2
        before = await memory(system)
        shutil.rmtree(tmp_path / "data")
        assert f"{2 * number + 2} records in" in condotta(system, "novelty", "rebuild")
        assert await memory(system) == before
        worker = system.start("--stages", "novelty,alerts")
        await tell(system, KNOWN)
        await system.until(lambda s: len(s.seen["news.decisions"]) == 2 * number + 3)
        stop(worker)
        assert len(system.seen["news.alerts"]) == 1
