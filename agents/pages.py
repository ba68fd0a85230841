"""The mailer's own pages: unsubscribe, mute, retract behind signed links, and the feeds.

GET shows what a button would do and changes nothing, for mail programs and scanners open links by themselves.
POST does it: a durable row, which counts from the next mail on. RFC 8058 posts to the same address.
"""

import logging
import time

import msgspec
from aiohttp import web

from agents.ledger import Ledger, Stop
from agents.mail import Mailer
from agents.settings import Settings
from pipeline import mail as letters
from pipeline.ids import derive
from pipeline.knowledge import load
from pipeline.mail import feed
from pipeline.types import Subscriber

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
KINDS = ("unsubscribe", "mute", "retract")
MAX_BODY = 4096  # bytes of a POST
ENTRIES = 50  # of a feed


class Pages:
    """A small server on the mailer's loop; none where CONDOTTA_MAIL_WEB_PORT is empty."""

    def __init__(self, settings: Settings, mailer: Mailer) -> None:
        self._settings = settings
        self._mailer = mailer
        app = web.Application(client_max_size=MAX_BODY)
        for kind in KINDS:
            app.router.add_get(f"/{kind}/{{token}}", self._show)
            app.router.add_post(f"/{kind}/{{token}}", self._do)
        app.router.add_get("/feeds/{subscriber}/{theatre}.{form}", self._feed)
        self._runner = web.AppRunner(app, access_log=None)
        self._serving = False

    async def start(self) -> str:
        """Listen, and return the address; empty where there are no pages. Raises OSError."""
        if self._settings.mail_web_port is None:
            return ""
        await self._runner.setup()
        self._serving = True
        await web.TCPSite(self._runner, self._settings.mail_web_host, self._settings.mail_web_port).start()
        bound = self._runner.addresses[0]
        log.info("mail: pages at http://%s:%s", *bound[:2])
        return f"http://{bound[0]}:{bound[1]}"

    async def stop(self) -> None:
        if self._serving:
            await self._runner.cleanup()

    async def _show(self, request: web.Request) -> web.Response:
        return self._page(request, done=False)

    async def _do(self, request: web.Request) -> web.Response:
        kind, parts = self._asked(request)
        if parts:
            await self._mailer.ask(lambda book: apply(book, kind, parts, time.time()))
            self._mailer.wake()
            log.info("mail: %s by link: %s", kind, ", ".join(parts))
        return self._page(request, done=True)

    def _asked(self, request: web.Request) -> tuple[str, tuple[str, ...]]:
        kind = request.path.split("/")[1]
        return kind, self._mailer.links.read(kind, request.match_info["token"]) or ()

    def _page(self, request: web.Request, *, done: bool) -> web.Response:
        kind, parts = self._asked(request)
        reader = self._reader(parts[0]) if parts else None
        wording = letters.load()[reader.language if reader else "en"]
        what = parts[0] if kind == "unsubscribe" and parts else "".join(parts[-1:])
        html = letters.page(kind, what, wording, done=done, known=bool(parts))
        status = 200 if parts else 404
        return web.Response(text=html, status=status, content_type="text/html", headers=HEADERS)

    def _reader(self, subscriber: str) -> Subscriber | None:
        return next((each for each in self._mailer.readers if each.id == subscriber), None)

    async def _feed(self, request: web.Request) -> web.Response:
        name, theatre, form = (request.match_info[each] for each in ("subscriber", "theatre", "form"))
        reader = self._reader(name)
        if reader is None or reader.format != "feed" or form not in feed.FORMS:
            raise web.HTTPNotFound
        alerts = [
            each
            for each in await self._mailer.ask(lambda book: book.feed(name))
            if each.decision.claim.theatre == theatre
        ][:ENTRIES]
        base = self._settings.public_url.rstrip("/")
        body = feed.render(
            form,
            alerts,
            reader.language,
            load(),
            letters.load(),
            address=f"{base}/feeds/{name}/{theatre}.{form}",
            theatre=theatre,
        )
        headers = {"X-Content-Type-Options": "nosniff"}
        return web.Response(text=body, content_type=feed.FORMS[form], charset="utf-8", headers=headers)


def apply(book: Ledger, kind: str, parts: tuple[str, ...], at: float) -> None:
    """Write what a signed link asks for; twice is once."""
    if kind == "unsubscribe":
        return book.stop(Stop(subscriber=parts[0]), at)
    if kind == "mute":
        subscriber, story = parts
        record = {"kind": "mute", "subscriber": subscriber, "story": story}
        key = derive("mute", subscriber, story, int(at))
        return book.stop(Stop(subscriber=subscriber, story=story), at, msgspec.json.encode(record), key)
    subscriber, claim, _ = parts
    record = {"kind": "retract", "claim": claim, "reason": f"reported as wrong by {subscriber}"}
    book.post(derive("retract", claim), msgspec.json.encode(record))
