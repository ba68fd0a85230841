from contextlib import closing

from click.testing import CliRunner

from agents.chain import Incoming
from agents.ledger import Ledger
from agents.replay import Replay
from agents.trace import _says, command, mails, names
from pipeline.ids import derive
from tests.alerting import alert
from tests.fakes import GIVEN, ROWS, raw


def told(*values, ids):
    machine = Replay(GIVEN, ROWS)
    sent = [record for value in values for record in machine.carry(value)]
    written = [one.encode() for one in ids]
    records = [Incoming(topic=one.topic, key=one.key, value=one.value, headers=one.headers) for one in sent]
    return {one.topic: _says(one, ids, written) for one in records if _says(one, ids, written)}


def test_every_record_of_an_article_is_found():
    found = told(raw("RU"), raw("TR", id="a2"), ids={"a1"})
    assert set(found) == {
        "news.clean", "news.labelled", "news.tagged", "news.claims", "news.decisions", "news.alerts",
        "news.outcomes",
    }  # fmt: skip
    assert found["news.outcomes"].startswith("ok in claims: 1 claims")
    assert found["news.decisions"].startswith("NEW (new): ")


def test_an_id_inside_another_article_is_not_meant():
    assert told(raw("about a1", id="a2"), ids={"a1"}) == {}


def test_a_dead_article_says_where_and_why():
    found = told(raw("a bug"), ids={"a1"})
    assert found["news.dead"].startswith("dead in claims, from news.raw 0:0: ZeroDivisionError")


def test_an_address_means_its_article():
    assert names("https://news.example/a?utm_source=x") == {
        "https://news.example/a?utm_source=x",
        derive("https://news.example/a"),
    }
    assert names("seed") == {"seed"}


def test_without_a_ledger_there_are_no_mails(tmp_path):
    assert mails(tmp_path / "mail.sqlite", ["a1"]) is None
    assert not (tmp_path / "mail.sqlite").exists()


def test_a_ledger_tells_what_became_of_an_article(tmp_path):
    with closing(Ledger(tmp_path / "mail.sqlite")) as book:
        book.accept([alert()], 1.0)
    (fate,) = mails(tmp_path / "mail.sqlite", ["a1"])
    assert (fate.subscriber, fate.step, fate.state) == ("desk", "new", "PENDING")
    assert mails(tmp_path / "mail.sqlite", ["a2"]) == []


def test_one_article_is_needed():
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 2
    assert "Missing argument 'ID|URL'" in done.output
