"""The pages behind links in mails, by a plain HTTP client; feeds; webhooks."""

import asyncio
import hashlib
import hmac
import json
import re
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from contextlib import asynccontextmanager
from pathlib import Path

import dkim
import msgspec
import pytest
from aiohttp import web

from agents.hooks import Hook
from agents.mail import Mailer
from agents.pages import Pages
from pipeline.knowledge import load
from tests.alerting import alert, alerts, reader
from tests.claims_builder import article
from tests.integration.test_mail import A_WHILE, free_port, server, settings, states, until

__all__ = ["server"]
pytestmark = pytest.mark.integration
HERE = Path(__file__).parent
SECRET = "a secret of some length"


@asynccontextmanager
async def mailer(settings, *readers):
    running = Mailer(settings, knowledge=load(), readers=readers or [reader()])
    await running.start()
    pages = Pages(settings, running)
    await pages.start()
    try:
        yield running
    finally:
        await pages.stop()
        await running.stop()


@pytest.fixture
def chosen(server, tmp_path):
    return settings(server, tmp_path, public_url="https://news.example/condotta", mail_web_port=free_port())


async def http(settings, address, body=None):
    """Ask for what stands behind `address`; return status and text."""
    path = address.removeprefix(settings.public_url)
    request = urllib.request.Request(f"http://127.0.0.1:{settings.mail_web_port}{path}", data=body)

    def ask():
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as exc:
            return exc.code, exc.read().decode()

    return await asyncio.to_thread(ask)


def text(mail):
    return mail.get_body(("plain",)).get_content()


def link(mail, kind):
    return re.search(rf"https://\S+/{kind}/\S+", text(mail))[0]


async def test_one_click_unsubscribes_and_a_look_does_not_also_across_a_restart(server, chosen):
    async with mailer(chosen) as one:
        await one.accept([alert("LY|RU|arms|")])
        await until(server.mails)
        (mail,) = server.mails()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = mail["List-Unsubscribe"].strip("<>")
        assert address == link(mail, "unsubscribe")
        status, page = await http(chosen, address)
        assert (status, "<button" in page, "desk" in page) == (200, True, True)
        await one.accept([alert("SD|RU|arms|")])
        await until(lambda: len(server.mails()) == 2)  # looking changed nothing
    waiting = msgspec.structs.replace(chosen, group_wait=60.0)
    async with mailer(waiting) as one:
        await one.accept([alert("ML|RU|arms|")])  # grouped already when the click comes
        status, page = await http(chosen, address, b"List-Unsubscribe=One-Click")
        assert (status, "<button" in page) == (200, False)
        await until(lambda: states(chosen) == {"SENT": 2, "UNSUBSCRIBED": 1})
    async with mailer(chosen) as one:
        await one.accept([alert("YE|IR|arms|houthis")])
        await until(lambda: states(chosen) == {"SENT": 2, "UNSUBSCRIBED": 2})
        assert (await http(chosen, address, b"List-Unsubscribe=One-Click"))[0] == 200
    assert len(server.mails()) == 2


async def test_a_story_is_muted_and_a_claim_taken_back_by_links(server, chosen):
    async with mailer(chosen) as one:
        told = alert("LY|RU|arms|")
        await one.accept([told])
        await until(server.mails)
        (mail,) = server.mails()
        for kind in ("mute", "retract"):
            assert "<button" in (await http(chosen, link(mail, kind)))[1]
        assert await one.ask(lambda book: book.outbox()) == []
        for kind in ("mute", "retract", "retract"):
            assert (await http(chosen, link(mail, kind), b""))[0] == 200
        await one.accept([alert("LY|RU|arms|", "denied"), alert("LY|RU|troops|")])
        await until(lambda: states(chosen) == {"SENT": 2, "MUTED": 1})
        kept = [json.loads(value) for _, value in await one.ask(lambda book: book.outbox())]
    claim = told.decision.claim.id
    assert {"kind": "mute", "subscriber": "desk", "story": "LY|RU|arms"} in kept
    assert {"kind": "retract", "claim": claim, "reason": "reported as wrong by desk"} in kept
    assert len(kept) == 2


@pytest.mark.parametrize("change", ["cut", "other", "kind", "long"])
async def test_a_link_that_we_did_not_sign_does_nothing(server, chosen, change):
    async with mailer(chosen) as one:
        address = one.links.unsubscribe("desk")
        token = address.rpartition("/")[2]
        wrong = {
            "cut": address[:-1],
            "other": address.replace(
                token, one.links.token("unsubscribe", "x").partition(".")[0] + "." + "0" * 32
            ),
            "kind": address.replace("/unsubscribe/", "/mute/"),
            "long": address + "0" * 3000,
        }[change]
        assert (await http(chosen, wrong))[0] == 404
        assert (await http(chosen, wrong, b""))[0] == 404
        assert await one.ask(lambda book: book.stops(0.0)) == []


async def test_without_https_mails_name_no_one_click(server, tmp_path):
    plain = settings(server, tmp_path, public_url="http://news.example", mail_web_port=free_port())
    async with mailer(plain) as one:
        await one.accept([alert()])
        await until(server.mails)
    assert server.mails()[0]["List-Unsubscribe"] is None
    assert "http://news.example/unsubscribe/" in text(server.mails()[0])


async def test_a_feed_holds_its_alerts_newest_first_as_atom_and_json(server, chosen):
    readers = [reader(id="open", to="feed", format="feed"), reader()]
    async with mailer(chosen, *readers) as one:
        hostile = alert("LY|RU|arms|lna", subscriber="open", of=article("h", source="<script>&"))
        await one.accept([hostile, alert("SD|AE|arms|rsf", subscriber="open")])
        await until(lambda: states(chosen) == {"SENT": 2})
        status, atom = await http(chosen, "/feeds/open/LY.atom")
        entries = ET.fromstring(atom).findall("{http://www.w3.org/2005/Atom}entry")
        assert (status, len(entries)) == (200, 1)
        assert entries[0][0].text == f"urn:condotta:{hostile.id}"
        feed = json.loads((await http(chosen, "/feeds/open/LY.json"))[1])
        assert feed["version"].endswith("1.1")
        assert feed["items"][0]["title"] == "NEW · Libya · Russia: arms for LNA (asserted)"
        assert (await http(chosen, "/feeds/desk/LY.atom"))[0] == 404
        assert (await http(chosen, "/feeds/open/LY.rss"))[0] == 404
    assert server.mails() == []


class Receiver:
    """A webhook's end: it answers as told, then 200."""

    def __init__(self, *answers):
        self.answers, self.got = list(answers), []

    async def __aenter__(self):
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/hook", self.take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self.runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    async def take(self, request):
        self.got.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang":
            await asyncio.sleep(30)
        return web.Response(status=200 if answer == "hang" else answer)


async def test_a_webhook_gets_signed_json_again_under_the_same_id_until_it_takes_it(
    server, tmp_path, monkeypatch
):
    monkeypatch.setattr("agents.courier.AGAIN", (0.1,))
    async with Receiver(500, 429) as end:
        hook = reader(id="hook", to=end.address, format="json", secret=SECRET)
        async with mailer(settings(server, tmp_path), hook, reader()) as one:
            await one.accept([alert(subscriber="hook"), alert()])
            await until(lambda: states(settings(server, tmp_path)) == {"SENT": 2})
    assert len(end.got) == 3
    assert len({headers["Condotta-Delivery"] for headers, _ in end.got}) == 1
    headers, body = end.got[-1]
    made = hmac.new(SECRET.encode(), f"{headers['Condotta-Timestamp']}.".encode() + body, hashlib.sha256)
    assert headers["Condotta-Signature"] == f"sha256={made.hexdigest()}"
    told = json.loads(body)
    assert (told["schema"], told["subscriber"]) == ("delivery/1", "hook")
    assert [each["decision"]["step"] for each in told["alerts"]] == ["new"]
    assert len(server.mails()) == 1


async def test_a_webhook_that_hangs_holds_up_no_mail_and_gets_it_later(server, tmp_path, monkeypatch):
    monkeypatch.setattr("agents.courier.AGAIN", (0.1,))
    monkeypatch.setitem(Hook.__init__.__kwdefaults__, "timeout", 1.5)
    async with Receiver("hang") as end:
        hook = reader(id="hook", to=end.address, format="json", secret=SECRET)
        chosen = settings(server, tmp_path)
        async with mailer(chosen, hook, reader()) as one:
            await one.accept([alert(subscriber="hook")])
            await until(lambda: end.got)
            await one.accept([alert()])
            await until(lambda: len(server.mails()) == 1)
            assert len(end.got) == 1
            await until(lambda: states(chosen) == {"SENT": 2})
    assert len(end.got) == 2


async def test_a_webhook_that_refuses_for_good_is_failed(server, tmp_path):
    async with Receiver(410) as end:
        hook = reader(id="hook", to=end.address, format="json", secret=SECRET)
        async with mailer(settings(server, tmp_path), hook) as one:
            await one.accept([alert(subscriber="hook")])
            await until(lambda: states(settings(server, tmp_path)) == {"FAILED": 1})
    assert len(end.got) == 1


async def test_a_chat_gets_text_without_markup_of_strangers(server, tmp_path):
    async with Receiver() as end:
        chat = reader(id="chat", to=end.address, format="slack")
        async with mailer(settings(server, tmp_path), chat) as one:
            await one.accept(alerts(2, subscriber="chat", epistemic="alleged"))
            await until(lambda: end.got)
    told = json.loads(end.got[0][1])
    assert set(told) == {"text"}
    assert told["text"].startswith("*NEW · Libya · Russia: arms")
    assert "<" not in told["text"]


async def test_a_mail_is_signed_by_dkim_and_a_changed_one_is_found_out(server, tmp_path):
    record = b"v=DKIM1; k=rsa; p=" + (HERE / "dkim.txt").read_bytes()  # the public half of dkim.pem
    signed = settings(server, tmp_path, dkim_selector="s1", dkim_key=HERE / "dkim.pem")
    async with mailer(signed) as one:
        await one.accept([alert()])
        await until(server.mails)
        await asyncio.sleep(A_WHILE / 3)
    content = next(server.folder.glob("*.eml")).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def dns(name, timeout=5):
        assert name == b"s1._domainkey.news.example."
        return record

    assert dkim.verify(content, dnsfunc=dns)
    assert not dkim.verify(content.replace(b"Russia", b"Norway"), dnsfunc=dns)
