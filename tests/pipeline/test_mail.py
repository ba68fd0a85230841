"""What a subscriber reads."""

import re
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import envelope
from pipeline import mail
from pipeline.errors import KnowledgeError
from pipeline.knowledge import load
from pipeline.mail import safe, wording
from pipeline.mail.telling import Teller, mode
from pipeline.types import Change, Epistemic, InvolvementType, Realis, Speaker
from tests.alerting import alert, decision
from tests.claims_builder import article, claim

KNOWLEDGE = load()
WORDINGS = mail.load()
ORIGIN = envelope.sender("Condotta <alerts@news.example>")
BIG = 2**20


def compose(*alerts, language="en"):
    return mail.compose(alerts, language, KNOWLEDGE, WORDINGS)


def teller(language="en"):
    return Teller(WORDINGS[language], KNOWLEDGE, language)


def message(*alerts, language="en", began=1_767_247_500.0):
    letter = compose(*alerts, language=language)
    return message_from_bytes(
        envelope.message(letter, alerts, ORIGIN, "desk@example.org", began), policy=default
    )


# The subject


def test_the_subject_of_one_story_says_it_all():
    one = alert("LY|RU|mercenaries|lna", epistemic="alleged", rank=2)
    assert compose(one).subject == "NEW · Libya · Russia: mercenaries for LNA (alleged)"
    assert compose(one, language="id").subject == "BARU · Libya · Rusia: tentara bayaran untuk LNA (diduga)"


def test_the_subject_leaves_out_who_benefits_where_it_is_not_said():
    assert compose(alert("SD|AE|arms|", epistemic="found")).subject == "NEW · Sudan · UAE: arms (confirmed)"


def test_a_government_as_a_side_is_called_one():
    assert (
        compose(alert("ML|RU|troops|ML")).subject
        == "NEW · Mali · Russia: troops for the government of Mali (asserted)"
    )


def test_the_subject_of_an_update_says_what_happened():
    denial = alert("LY|RU|mercenaries|lna", "denied", epistemic="denied")
    assert compose(denial).subject == "DENIED · Libya · Russia: mercenaries for LNA"
    assert compose(alert(step="families:2")).subject.startswith("UPDATE · ")


def test_the_subject_of_several_stories_counts_them_and_names_who():
    three = [alert(f"LY|{who}|arms|") for who in ("RU", "TR", "AE")]
    assert compose(*three).subject == "Libya: 3 new (UAE, Russia, Turkey)"
    assert (
        compose(*three, alert("LY|QA|arms|", "denied")).subject
        == "Libya: 3 new, 1 updated (UAE, Russia, Turkey, Qatar)"
    )


def test_a_story_that_helps_several_sides_names_none_of_them_in_the_subject():
    several = [alert("LY|RU|arms|lna"), alert("LY|RU|arms|gna")]
    assert compose(*several).subject == "NEW · Libya · Russia: arms (asserted)"


def test_many_names_are_counted():
    told = compose(*[alert(f"LY|{who}|arms|") for who in ("RU", "TR", "AE", "EG", "QA", "FR")]).subject
    assert told.endswith(", 2 more)")


def test_the_subject_speaks_of_what_goes_at_once():
    told = compose(alert("LY|RU|arms|"), alert("LY|EG|unspecified_support|lna", channel="digest"))
    assert told.subject == "NEW · Libya · Russia: arms (asserted)"


# The first line


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Russia is reported to have sent mercenaries to Libya in support of the LNA."),
        ("id", "Rusia dilaporkan mengirim tentara bayaran ke Libya untuk mendukung LNA."),
    ],
)
def test_the_first_line_is_made_from_the_frame(language, line):
    one = alert("LY|RU|mercenaries|lna", epistemic="alleged")
    assert compose(one, language=language).text.splitlines()[0] == line


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (claim("LY|AE|arms|lna", epistemic="found"), "An inquiry or inspection has found that the"
         " United Arab Emirates has supplied arms to the LNA in Libya."),
        (claim("LY|TR|troops|gna", realis="planned"), "Turkey is reported to plan to deploy troops in Libya"
         " in support of the GNA."),
        (claim("LY|TR|pact|gna"), "Turkey has signed a military pact with the GNA that concerns Libya,"
         " reports a1.example."),
        (claim("ML|RU|training|ML", executor="wagner-group", epistemic="acknowledged"), "It is"
         " acknowledged that Russia has provided military training or advisers for the conflict in Mali"
         " in support of its government, through the Wagner Group."),
        (claim("ML|RU|troops|ML", change="end"), "Russia is reported to have ended its part in"
         " the conflict in Mali: troops in support of its government."),
        (claim("ML|RU|troops|", change="end", realis="planned"), "Russia is reported to plan an end"
         " of its part in the conflict in Mali: troops."),
        (claim("SD|AE|arms|rsf", epistemic="denied"), "It is denied that the United Arab Emirates has"
         " supplied arms to the RSF in Sudan."),
        (claim("SD|AE|arms|rsf", change="interdicted"), "An attempt by the United Arab Emirates to supply"
         " arms to the RSF in Sudan is reported to have been stopped."),
        (claim("LB|IR|funding|hezbollah"), "Iran has funded Hezbollah in Lebanon, reports a1.example."),
    ],
)  # fmt: skip
def test_the_sentence_says_how_sure_it_is(told, line):
    assert teller().sentence(told) == line


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("type", get_args(InvolvementType))
def test_every_frame_has_a_sentence(type, language):
    frames = product(
        get_args(Epistemic), get_args(Realis), get_args(Change), ("", "lna", "LY"), (None, "wagner-group")
    )
    for epistemic, realis, change, recipient, executor in frames:
        one = claim(
            f"LY|RU|{type}|{recipient}", epistemic=epistemic, realis=realis, change=change, executor=executor
        )
        line = teller(language).sentence(one)
        assert line[0].isupper()
        assert line.endswith(".")
        assert "{" not in line
        assert "  " not in line
        assert mode(one) in wording.MODES


def test_what_is_not_known_is_shown_by_its_id():
    one = claim("XX|some-new-group|arms|other-group")
    line = teller().sentence(one)
    assert "XX" in line
    assert "ome-new-group" in line
    assert "other-group" in line


# Body


def full():
    """Return an alert with all there is to tell."""
    told = alert(
        "LY|RU|mercenaries|lna", "reactivated", epistemic="alleged", executor="wagner-group",
        quantity=(1200, "people"), deltas=("rank:4", "quantity:people:1000", "facet:equipment:no-such-gun",
        "facet:embargo", "families:2"),
        personnel_origin="SY", equipment=("no-such-gun",), embargo_violation=True, disputed=True,
        of=article(url="https://a.example/1?x=1&y=2", title="A <b>title</b>", language="id",
                   source="a.example"),
    )  # fmt: skip
    return msgspec.structs.replace(told, decision=msgspec.structs.replace(told.decision, families=3))


@pytest.mark.parametrize("part", ["text", "html"])
def test_the_mail_shows_quote_speaker_outlet_link_time_and_facts(part):
    shown = getattr(compose(full()), part)
    for wanted in (
        "“arms were sent there”", "(Indonesian)", "a minister (a third state)", "a.example",
        "published 2026-01-01 06:00 UTC", "1,200 people", "no-such-gun", "Syria", "an embargo is broken",
        "denies it", "Independent publishers so far",
    ):  # fmt: skip
        assert wanted in shown, wanted
    assert ("https://a.example/1?x=1&y=2" if part == "text" else "https://a.example/1?x=1&amp;y=2") in shown


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_mail_says_why_it_is_new_in_words(language):
    text = compose(full(), language=language).text
    told = teller(language).why(full().decision)
    assert len(told) == 6
    assert all(sentence in text for sentence in told)
    assert "180" in told[0]
    assert "facet" not in text
    assert ":" not in "".join(re.findall(r"\w+:\w+", " ".join(told)))


def test_numbers_are_written_the_readers_way():
    assert "1,000" in " ".join(teller("en").why(full().decision))
    assert "1.000" in " ".join(teller("id").why(full().decision))


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize(
    "step", [*wording.STEPS, "rank:4", "recipient:lna", "sister:arms", "families:5", "some:thing"]
)
def test_every_step_has_its_words(step, language):
    assert teller(language).step(step, claim()).endswith(".")


def test_the_outlets_own_voice_is_named():
    assert "Said by: the outlet itself" in compose(alert(own=True)).text


def test_many_speakers_are_counted():
    many = tuple(Speaker(speaker=f"s{n}", kind="expert") for n in range(9))
    one = decision()
    told = msgspec.structs.replace(one.claim, attribution=many)
    assert teller().speakers(told).endswith("s3 (an expert); 5 more")


def test_what_waits_for_the_digest_stands_under_also_reported():
    now, later = alert("LY|RU|arms|"), alert("LY|EG|unspecified_support|lna", channel="digest")
    letter = compose(later, now)
    for part in (letter.text, letter.html):
        assert (
            part.index("Russia has supplied")
            < part.index("Also reported")
            < part.index("Egypt has supported")
        )
    assert "Also reported" not in compose(now).text


def test_several_stories_are_parted():
    text = compose(alert("LY|RU|arms|"), alert("LY|TR|arms|")).text
    assert text.startswith("2 new about Libya.\n")
    assert text.count("\n----\n") == 1


def test_the_order_of_arrival_changes_nothing():
    several = [alert("LY|RU|arms|"), alert("LY|TR|arms|", "denied"), alert("LY|AE|base|", rank=5)]
    assert compose(*several) == compose(*reversed(several))


def test_an_undated_article_is_shown_as_such():
    assert "undated" in compose(alert(of=article(published_at=None))).text


# HTML


class Page(HTMLParser):
    """What a mail program would see: tags, their attributes, the text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.data = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]

    def handle_data(self, data):
        self.data += data


def test_the_page_is_readable_in_light_and_dark_and_fetches_nothing():
    html = compose(full()).html
    page = Page(html)
    assert "prefers-color-scheme: dark" in html
    assert ("meta", "content", "light dark") in page.attributes
    assert not {"img", "link", "script", "iframe", "object", "form", "video", "base"} & set(page.tags)
    assert not any(
        name in ("src", "srcset", "background", "style") or name.startswith("on")
        for _, name, _ in page.attributes
    )
    assert not re.search(r"url\(|@import", html)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd",
        "mailto:a@b.example", "//a.example/x", "/x", "https://", "http:///x",
        "https://a.example/\r\nBcc: x@y.example", "https://a .example", 'https://a.example/"onmouseover="x',
        "https://a.example/<script>", "https://[", "x" * 3000,
        "https://a.example/\u202egpj.exe", "https://a.example/" + "x" * 3000, "",
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url):
    told = compose(alert(of=article(url=url)))
    assert not any(name == "href" for _, name, _ in Page(told.html).attributes)
    assert "Bcc" not in told.text


# Strangers' text


HOSTILE = [
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "\x00\x01\x7f\x85\u2028\u2029\ud800",
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}{supporter.__class__}",
    "=?utf-8?q?=0d=0aBcc:_x@y.example?=",
    "😀🏴‍☠️👩‍👩‍👧 مرحبا \u202eevil\u202c",
    "x" * BIG,
    "\n" * BIG,
    "é\u0301" * (BIG // 2),
]
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "References", "List-Id", "Auto-Submitted", "MIME-Version",
    "Content-Type",
}  # fmt: skip
stranger = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))


def hostile_alert(title, source, speaker, quote, url):
    one = alert(of=article(title=title, source=source, url=url, language=quote[:5], text="t"))
    evil = msgspec.structs.replace(
        one.decision.claim,
        attribution=(Speaker(speaker=speaker, kind="media"),),
        evidence=msgspec.structs.replace(one.decision.claim.evidence, quote=quote),
    )
    return msgspec.structs.replace(one, decision=msgspec.structs.replace(one.decision, claim=evil))


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(stranger, stranger, stranger, stranger, stranger, st.sampled_from(wording.LANGUAGES))
def test_no_strangers_text_breaks_headers_or_page(title, source, speaker, quote, url, language):
    evil = hostile_alert(title, source, speaker, quote, url)
    raw = envelope.message(compose(evil, language=language), [evil], ORIGIN, "desk@example.org", 0.0)
    told = message_from_bytes(raw, policy=default)
    assert set(told.keys()) == HEADERS
    assert told["To"] == "desk@example.org"
    assert len(told["Subject"]) <= mail.MAX_SUBJECT
    assert len(raw) < 100_000
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert set(Page(told.get_body(("html",)).get_content()).tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "article", "p", "blockquote",
        "table", "tr", "th", "td", "div", "a", "strong", "footer",
    }  # fmt: skip


@given(st.text(max_size=400), st.integers(2, 60))
def test_a_line_is_one_short_line(text, limit):
    line = safe.line(text, limit)
    assert len(line) <= limit
    assert line.isprintable() or not set(line) & set("\r\n\0\u2028\u2029\u202e")
    assert len(line.splitlines()) <= 1
    assert safe.line(line, limit) == line


def test_a_subject_with_hostile_names_is_still_one_header():
    evil = alert("LY|RU\r\nBcc: x@y.example|arms|lna\n\n<b>")
    told = message(evil)
    assert "Bcc" not in told
    assert told["Subject"].startswith("NEW · Libya · RU Bcc: x@y.example: arms")


# Headers


def test_updates_land_under_the_first_mail():
    first, later = message(alert()), message(alert(step="denied"))
    assert first["References"] == later["References"]
    assert first["Message-ID"] != later["Message-ID"]
    assert message(alert(subscriber="other"))["References"] != first["References"]


def test_a_mail_of_several_stories_refers_to_all_their_roots():
    one, two = alert("LY|RU|arms|"), alert("LY|TR|arms|")
    roots = message(one, two)["References"].split()
    assert set(roots) == {message(one)["References"], message(two)["References"]}


def test_the_message_id_is_made_of_the_alerts_in_any_order():
    one, two = alert("LY|RU|arms|"), alert("LY|TR|arms|")
    assert message(one, two)["Message-ID"] == message(two, one)["Message-ID"] != message(one)["Message-ID"]


def test_the_same_mail_is_the_same_bytes():
    letter = compose(full())
    first, second = (envelope.message(letter, [full()], ORIGIN, "a@b.example", 5.0) for _ in range(2))
    assert first == second


def test_the_headers_say_what_the_mail_is():
    told = message(full())
    assert told["From"] == "Condotta <alerts@news.example>"
    assert told["Date"] == "Thu, 01 Jan 2026 06:05:00 +0000"
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["List-Id"] == "<ly.condotta.news.example>"
    assert told["Message-ID"].endswith("@news.example>")
    assert told.get_content_type() == "multipart/alternative"


def test_ids_survive_a_long_domain_and_many_stories():
    origin = envelope.sender(f"a@{'x' * 60}.example")
    several = [alert(f"LY|RU|arms|side-{n}", subscriber="s" * 64) for n in range(3)]
    several += [alert(f"LY|{a}{b}|arms|") for a in "ABCDEFGHIJKL" for b in "ABCDEFGHIJ"]
    told = message_from_bytes(
        envelope.message(compose(*several), several, origin, "a@b.example", 0.0), policy=default
    )
    assert re.fullmatch(r"<[0-9a-f]{32}@condotta\.invalid>", told["Message-ID"])
    assert len(told["References"].split()) == envelope.MAX_ROOTS
    assert all(re.fullmatch(r"<[0-9a-f]{32}@condotta\.invalid>", root) for root in told["References"].split())


@pytest.mark.parametrize("wrong", ["", "nobody", "a@b@c", "a b@c", "<>"])
def test_a_wrong_sender_is_refused_at_the_start(wrong):
    with pytest.raises(Exception, match="CONDOTTA_SMTP_FROM"):
        envelope.sender(wrong)


# Wording


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_names_in_the_wording_are_those_of_the_gazetteer(language):
    one = WORDINGS[language]
    known = {entry.id for entry in KNOWLEDGE.entries.values()}
    assert {*one.names, *one.short, *one.article.ids} <= known


def test_wording_that_lacks_an_entry_or_fills_nothing_is_refused_by_name(tmp_path):
    for code in wording.LANGUAGES:
        content = (wording.FOLDER / f"{code}.yaml").read_text("utf-8")
        (tmp_path / f"{code}.yaml").write_text(content.replace(", witness: a witness", ""), "utf-8")
    with pytest.raises(KnowledgeError, match=r"mail/en\.yaml: speakers: witness: missing"):
        wording.load(tmp_path)
    wrong = (wording.FOLDER / "en.yaml").read_text("utf-8").replace("promised to {do}", "promised to {dont}")
    (tmp_path / "en.yaml").write_text(wrong, "utf-8")
    wording.load.cache_clear()
    with pytest.raises(KnowledgeError, match=r"modes\.promised: nothing fills \{dont\}"):
        wording.load(tmp_path)
