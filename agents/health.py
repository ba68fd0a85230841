"""What a worker tells over HTTP: /metrics, /healthz (the loop turns) and /readyz."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

STUCK = 30.0  # seconds without a turn of the loop until /healthz says so
TICK = 1.0


class Health:
    """A small read-only server on the worker's own loop."""

    def __init__(
        self,
        registry: CollectorRegistry,
        waits_for: Callable[[], str],
        late: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.registry = registry
        self.waits_for = waits_for  # what is missing to be ready; empty when nothing is
        self.late = late  # is told by how many seconds the loop woke up late
        self.turned = time.monotonic()
        self._ticker: asyncio.Task[None] | None = None
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self.metrics),
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str, port: int) -> str:
        """Listen, and return the address; port 0 takes any free one. Raises OSError."""
        self._ticker = asyncio.create_task(self._tick())
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0]
        return f"http://{bound[0]}:{bound[1]}"

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        await self._runner.cleanup()

    async def metrics(self, _: web.Request) -> web.Response:
        body = generate_latest(self.registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def healthz(self, _: web.Request) -> web.Response:
        late = time.monotonic() - self.turned
        return web.Response(text=f"{late:.1f} s since the last turn\n", status=200 if late < STUCK else 503)

    async def readyz(self, _: web.Request) -> web.Response:
        missing = self.waits_for()
        return web.Response(
            text=f"waits for {missing}\n" if missing else "ready\n", status=503 if missing else 200
        )

    async def _tick(self) -> None:
        while True:
            self.turned = time.monotonic()
            await asyncio.sleep(TICK)
            self.late(max(0.0, time.monotonic() - self.turned - TICK))
