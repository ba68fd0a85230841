"""The mailer's memory."""

import sqlite3

import pytest

from agents.ledger import VERSION, Group, Ledger, LedgerError, Mail
from tests.alerting import alert, alerts


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "mail.sqlite")
    yield book
    book.close()


def mail(id="m1", **fields):
    told = {
        "subscriber": "desk",
        "theatre": "LY",
        "recipient": "desk@example.org",
        "subject": "S",
        "began": 50.0,
    }
    return Mail(**(told | {"id": id, "content": b"message"} | fields))


def group(ledger):
    """Return the only group."""
    (found,) = ledger.groups()
    return found


def test_an_alert_is_written_once_for_ever(ledger):
    assert ledger.accept(alerts(3), 1.0) == 3
    assert ledger.accept([*alerts(3), alert("SD|RU|arms|")], 2.0) == 1
    assert ledger.counts() == {"PENDING": 4}


def test_the_same_alert_twice_in_one_batch_is_one_row(ledger):
    assert ledger.accept([alert(), alert()], 1.0) == 1


def test_an_alert_comes_back_as_it_was(ledger):
    ledger.accept([alert(rank=4, deltas=("families:2",))], 1.0)
    assert ledger.pending("desk", "LY", 9) == [alert(rank=4, deltas=("families:2",))]


def test_rows_outlive_the_process(tmp_path):
    first = Ledger(tmp_path / "mail.sqlite")
    first.accept(alerts(2), 1.0)
    first.close()
    second = Ledger(tmp_path / "mail.sqlite")
    assert second.counts() == {"PENDING": 2}
    assert second.id == Ledger(tmp_path / "mail.sqlite").id != Ledger(tmp_path / "other.sqlite").id


def test_what_is_committed_is_synced_to_disk(ledger):
    assert ledger._one("PRAGMA journal_mode")[0] == "wal"
    assert ledger._one("PRAGMA synchronous")[0] == 2  # FULL


# Groups


def test_a_group_counts_from_its_first_alert_for_now(ledger):
    ledger.accept([alert("LY|EG|arms|", channel="digest")], 1.0)
    assert ledger.groups() == []
    ledger.accept([alert("LY|RU|arms|")], 2.0)
    ledger.accept([alert("LY|TR|arms|")], 3.0)
    assert group(ledger) == Group(subscriber="desk", theatre="LY", first=2.0, last=None)


def test_a_group_knows_when_its_last_mail_began(ledger):
    first, second = alerts(2)
    ledger.accept([first], 1.0)
    ledger.begin(mail(began=5.0), [first.id])
    ledger.accept([second], 6.0)
    assert group(ledger).last == 5.0


def test_groups_are_by_subscriber_and_theatre_the_longest_waiting_first(ledger):
    ledger.accept([alert("SD|RU|arms|")], 3.0)
    ledger.accept([alert("LY|RU|arms|", subscriber="b")], 2.0)
    ledger.accept([alert("LY|RU|arms|")], 1.0)
    found = [(each.subscriber, each.theatre) for each in ledger.groups()]
    assert found == [("desk", "LY"), ("b", "LY"), ("desk", "SD")]


def test_what_is_for_now_comes_first_and_a_limit_holds(ledger):
    digest, now = alert("LY|EG|arms|", channel="digest"), alert("LY|RU|arms|")
    ledger.accept([digest], 1.0)
    ledger.accept([now], 2.0)
    assert ledger.pending("desk", "LY", 9) == [now, digest]
    assert ledger.pending("desk", "LY", 1) == [now]


# Mails


def begun(ledger, number=2):
    told = alerts(number)
    ledger.accept(told, 1.0)
    ledger.begin(mail(), [each.id for each in told])
    return told


def test_members_are_written_with_their_mail(ledger):
    begun(ledger)
    assert ledger.counts() == {"SENDING": 2}
    assert [each.id for each in ledger.in_doubt()] == ["m1"]
    assert ledger.in_doubt()[0].content == b"message"


def test_an_alert_is_in_one_mail_only_and_a_mail_whole_or_not_at_all(ledger):
    told = begun(ledger)
    other = alert("LY|QA|arms|")
    ledger.accept([other], 2.0)
    with pytest.raises(LedgerError, match="no longer pending"):
        ledger.begin(mail("m2"), [other.id, told[0].id])
    assert ledger.counts() == {"SENDING": 2, "PENDING": 1}
    assert [each.id for each in ledger.open()] == ["m1"]


@pytest.mark.parametrize("state", ["SENT", "DROPPED"])
def test_what_is_over_keeps_its_ids_and_no_content(ledger, state):
    told = begun(ledger)
    ledger.end("m1", state, 60.0, code=250, answer="kept")
    assert ledger.counts() == {state: 2}
    assert ledger.open() == []
    assert ledger._one("SELECT count(*) FROM alerts WHERE record IS NOT NULL")[0] == 0
    assert ledger._one("SELECT content FROM mails")[0] is None
    assert ledger.accept(told, 70.0) == 0


@pytest.mark.parametrize("state", ["FAILED", "PARKED"])
def test_what_failed_or_is_in_doubt_is_kept_whole(ledger, state):
    begun(ledger)
    ledger.end("m1", state, 60.0, answer="why")
    (kept,) = ledger.open()
    assert (kept.state, kept.answer, kept.content) == (state, "why", b"message")
    assert ledger.in_doubt() == []


def test_a_waiting_mail_comes_when_its_time_has_come_and_is_in_doubt_while_it_goes(ledger):
    begun(ledger)
    ledger.end("m1", "WAITING", 60.0, code=451, answer="later", again=100.0)
    assert ledger.waiting(99.0) == []
    assert ledger.next_waiting() == 100.0
    (found,) = ledger.waiting(100.0)
    ledger.resume(found.id)
    assert ledger.counts() == {"SENDING": 2}
    assert ledger.in_doubt()[0].tries == 2
    assert ledger.next_waiting() is None


def test_the_way_of_an_article_can_be_told(ledger):
    told = begun(ledger, 1)
    ledger.accept([alert("LY|RU|arms|side-0", "denied")], 2.0)
    ledger.end("m1", "SENT", 60.0, code=250, answer="kept")
    fates = ledger.of_article(told[0].decision.claim.article.id)
    assert [(each.step, each.state, each.mail, each.ended) for each in fates] == [
        ("new", "SENT", "m1", 60.0),
        ("denied", "PENDING", None, None),
    ]
    assert ledger.of_article("unknown") == []


# Files


def test_a_ledger_of_a_later_release_is_refused(tmp_path):
    Ledger(tmp_path / "mail.sqlite").close()
    with sqlite3.connect(tmp_path / "mail.sqlite") as base:
        base.execute(f"PRAGMA user_version = {VERSION + 1}")
    base.close()
    with pytest.raises(LedgerError, match=f"version {VERSION + 1}; this release knows {VERSION}"):
        Ledger(tmp_path / "mail.sqlite")


def test_a_file_that_is_no_ledger_is_refused_with_its_name(tmp_path):
    (tmp_path / "mail.sqlite").write_text("something else" * 100)
    with pytest.raises(LedgerError, match=r"mail\.sqlite"):
        Ledger(tmp_path / "mail.sqlite")
    with pytest.raises(LedgerError, match="nowhere"):
        Ledger(tmp_path / "nowhere" / "mail.sqlite")


def test_one_process_at_a_time_leads(tmp_path):
    first, second = Ledger(tmp_path / "mail.sqlite"), Ledger(tmp_path / "mail.sqlite")
    assert first.lead()
    assert first.lead()
    assert not second.lead()
    first.close()
    assert second.lead()
    second.close()
