"""Signed links: what they ask for stands in them, and nobody else can make or bend one."""

import pytest

from agents.links import Links
from tests.alerting import alert

OURS = Links(b"key", "https://news.example/c/")
TOKEN = OURS.token("mute", "desk", "LY|RU|arms")


def test_a_link_carries_what_it_asks_for():
    assert OURS.read("mute", TOKEN) == ("desk", "LY|RU|arms")


@pytest.mark.parametrize(
    "token",
    [
        OURS.token("mute", "other", "LY|RU|arms").partition(".")[0] + "." + TOKEN.partition(".")[2],
        TOKEN.partition(".")[0],
        TOKEN.partition(".")[0] + ".",
        TOKEN[:-1],
        TOKEN + "0",
        Links(b"another key", "").token("mute", "desk", "LY|RU|arms"),
        "é" + TOKEN,
        "a" * 3_000,
        "",
    ],
)
def test_a_link_that_we_did_not_sign_asks_for_nothing(token):
    assert OURS.read("mute", token) is None


def test_a_link_to_mute_does_not_unsubscribe():
    assert OURS.read("unsubscribe", OURS.token("mute", "desk")) is None


def test_without_an_address_there_are_no_links():
    none = Links(b"key", "")
    assert (none.unsubscribe("desk"), none.actions("desk", alert())) == (None, {})


@pytest.mark.parametrize(("base", "there"), [("https://a.example", True), ("http://a.example", False)])
def test_one_click_needs_https(base, there):
    assert (Links(b"key", base).one_click("desk") is not None) == there


def test_every_alert_can_be_muted_and_taken_back():
    actions = OURS.actions("desk", alert())
    tokens = {name: address.rpartition("/")[2] for name, address in actions.items()}
    assert OURS.read("mute", tokens["mute"]) == ("desk", "LY|RU|arms")
    assert OURS.read("retract", tokens["retract"])[0] == "desk"
