import aiohttp
from prometheus_client import CollectorRegistry

from agents.health import STUCK, Health
from agents.metrics import Metrics


async def get(address, path):
    async with aiohttp.ClientSession() as session, session.get(address + path) as answer:
        return answer.status, await answer.text()


async def test_a_worker_tells_how_it_is():
    metrics = Metrics.on(CollectorRegistry())
    metrics.records.labels("clean", "ok").inc()
    missing = ["partitions"]
    health = Health(metrics.registry, lambda: missing[0])
    address = await health.start("127.0.0.1", 0)
    try:
        assert await get(address, "/readyz") == (503, "waits for partitions\n")
        missing[0] = ""
        assert await get(address, "/readyz") == (200, "ready\n")
        status, text = await get(address, "/metrics")
        assert status == 200
        assert 'condotta_records_total{outcome="ok",stage="clean"} 1.0' in text
        assert (await get(address, "/healthz"))[0] == 200
        health.turned -= STUCK + 1
        assert (await get(address, "/healthz"))[0] == 503
        assert (await get(address, "/"))[0] == 404
    finally:
        await health.stop()


def test_two_apps_share_a_process_and_every_metric_is_ours():
    for _ in range(2):
        registry = Metrics.on(CollectorRegistry()).registry
        names = {metric.name for metric in registry.collect()}
        assert names
        assert all(name.startswith("condotta_") for name in names)
        assert all(metric.documentation.endswith(".") for metric in registry.collect())
