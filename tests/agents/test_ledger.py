"""The mailer's memory."""

import sqlite3
from datetime import UTC, datetime

import msgspec
import pytest

from agents.ledger import VERSION, Count, Group, Ledger, LedgerError, Mail, Stop
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


def back(key="LY|RU|arms|lna", **fields):
    return alert(key, "retracted", rank=0, epistemic="retracted", **fields)


def test_a_retraction_is_for_those_who_got_what_it_takes_back(ledger):
    ledger.accept([alert(), back(), back(subscriber="other"), back("SD|RU|arms|saf")], 1.0)
    assert ledger.counts() == {"PENDING": 2, "UNTOLD": 2}
    assert [(each.subscriber, each.step) for each in ledger.pending("desk", "LY", 9)] == [
        ("desk", "new"), ("desk", "retracted"),
    ]  # fmt: skip
    assert ledger.held("other", 0.0, 9.0) == {}


@pytest.mark.parametrize(
    ("state", "got"), [("SENT", True), ("PARKED", True), ("FAILED", False), ("DROPPED", False)]
)
def test_a_retraction_follows_what_may_have_been_read(ledger, state, got):
    ledger.accept([alert()], 1.0)
    ledger.begin(mail(), [alert().id])
    ledger.end("m1", state, 2.0)
    ledger.accept([back()], 3.0)
    assert ledger.counts().get("UNTOLD", 0) == (not got)


def test_a_retraction_of_what_was_muted_is_not_told(ledger):
    ledger.accept([alert()], 1.0)
    ledger.stop(Stop(subscriber="desk", story=alert().story, until=2.5), 2.0)
    ledger.heed(2.0)
    ledger.accept([back()], 3.0)
    assert ledger.counts() == {"MUTED": 1, "UNTOLD": 1}


def test_the_same_retraction_twice_is_one_row_and_no_proof_of_itself(ledger):
    ledger.accept([back(), back()], 1.0)
    ledger.accept([back()], 2.0)
    assert ledger.counts() == {"UNTOLD": 1}


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
    assert ledger._one("PRAGMA journal_mode")["journal_mode"] == "wal"
    assert ledger._one("PRAGMA synchronous")["synchronous"] == 2  # FULL


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


def test_what_is_for_now_and_what_is_for_the_digest_are_kept_apart_and_a_limit_holds(ledger):
    digest, now, later = alert("LY|EG|arms|", channel="digest"), alert("LY|RU|arms|"), alert("LY|TR|arms|")
    due = digest.due.timestamp()
    ledger.accept([digest], 1.0)
    ledger.accept([now], 2.0)
    ledger.accept([later], 3.0)
    assert ledger.pending("desk", "LY", 9) == [now, later]
    assert ledger.pending("desk", "LY", 1) == [now]
    assert ledger.digest("desk", due, 9) == [digest]
    assert ledger.digest("desk", due - 1, 9) == []
    assert (ledger.digests(due), ledger.digests(due - 1)) == ({"desk": [due]}, {})


@pytest.mark.parametrize(("ends", "next_end"), [("06:00", 3_600.0), ("00:00", 86_400.0)])
def test_what_comes_after_its_digest_goes_into_the_next(ledger, ends, next_end):
    late = msgspec.structs.replace(
        alert(channel="digest"), due=datetime.fromisoformat(f"2026-01-02T{ends}:00+00:00")
    )
    at = datetime(2026, 5, 1, tzinfo=UTC).timestamp()
    ledger.accept([late], at + 5)
    assert ledger.digests(at + 1e6) == {"desk": [at + next_end]}


# What is not to be told


def test_an_unsubscribed_reader_gets_nothing_that_waits(ledger):
    ledger.accept([alert(), alert(subscriber="b"), alert("SD|RU|arms|", channel="digest")], 1.0)
    ledger.stop(Stop(subscriber="desk"), 2.0)
    assert ledger.heed(3.0) == 2
    assert ledger.counts() == {"UNSUBSCRIBED": 2, "PENDING": 1}
    assert [each.subscriber for each in ledger.groups()] == ["b"]


def test_a_muted_story_is_silent_until_its_time_is_over(ledger):
    told = [alert("LY|RU|arms|"), alert("LY|RU|troops|"), alert("LY|RU|arms|", "denied", subscriber="b")]
    ledger.accept(told, 1.0)
    ledger.stop(Stop(subscriber="", story="LY|RU|arms", until=100.0), 2.0)
    ledger.heed(3.0)
    assert ledger.counts() == {"MUTED": 2, "PENDING": 1}
    ledger.accept([alert("LY|RU|arms|", "ended")], 101.0)
    ledger.heed(101.0)
    assert ledger.counts() == {"MUTED": 2, "PENDING": 2}
    ledger.stop(Stop(subscriber="", story="LY|RU|arms", until=50.0), 102.0)
    assert ledger.stops(60.0) == []


def test_a_waiting_mail_of_a_muted_story_is_dropped_and_a_mixed_one_goes(ledger):
    ledger.accept([alert("LY|RU|arms|"), alert("LY|TR|arms|"), alert("SD|RU|arms|")], 1.0)
    for name, theatre in (("m1", "LY"), ("m2", "SD")):
        ledger.begin(mail(name, theatre=theatre), [each.id for each in ledger.pending("desk", theatre, 9)])
        ledger.end(name, "WAITING", 2.0, again=9.0)
    for story in ("LY|RU|arms", "SD|RU|arms"):
        ledger.stop(Stop(subscriber="desk", story=story), 3.0)
    assert ledger.heed(4.0) == 1
    assert [each.id for each in ledger.waiting(10.0)] == ["m1"]


# Caps, addresses, figures


def test_what_is_above_the_cap_goes_into_the_digest_and_says_so(ledger):
    ledger.accept([alert("LY|RU|arms|"), alert("SD|RU|arms|")], 10.0)
    assert ledger.overflow("desk", "LY", 3_600.0) == 1
    assert [each.theatre for each in ledger.groups()] == ["SD"]
    assert ledger.digests(3_600.0) == {"desk": [3_600.0]}
    assert ledger.held("desk", 0.0, 20.0) == {"cap": 1}


def test_refusals_in_a_row_are_counted_until_one_mail_arrives(ledger):
    assert [ledger.refuse("a@b.example", at) for at in (1.0, 2.0, 3.0)] == [1, 2, 3]
    assert ledger.suspended(3) == {"a@b.example": 3.0}
    assert ledger.welcome("a@b.example")
    assert not ledger.welcome("a@b.example")
    assert ledger.suspended(1) == {}


def test_figures_and_offsets_are_written_together_and_once(ledger):
    one = Count(day="2026-01-01", source="a.example", language="id", articles=2)
    assert ledger.advance("t", {3: (0, 5)}, 1.0, counts=[one, one])
    assert not ledger.advance("t", {3: (0, 5)}, 1.0, counts=[one])  # another has read it
    assert ledger.advance("t", {3: (5, 7)}, 1.0, counts=[one])
    assert ledger.offsets("t") == {3: 7}
    assert [each.articles for each in ledger.readings("2026-01-01", "2026-01-01")] == [6]
    ledger.prune("2026-01-02")
    assert ledger.readings("2026-01-01", "2026-01-09") == []


def test_a_reader_is_met_once(ledger):
    assert (ledger.meet("desk", 5.0), ledger.meet("desk", 9.0)) == (5.0, 5.0)


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
    assert ledger._one("SELECT count(*) FROM alerts WHERE record IS NOT NULL")["count(*)"] == 0
    assert ledger._one("SELECT content FROM mails")["content"] is None
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


OLD = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mails (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL DEFAULT 'group', subscriber TEXT NOT NULL, theatre TEXT NOT NULL,
  recipient TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('SENDING', 'SENT')),
  began REAL NOT NULL, ended REAL, tries INTEGER NOT NULL DEFAULT 1, again REAL, code INTEGER, answer TEXT,
  content BLOB);
CREATE TABLE alerts (
  id TEXT PRIMARY KEY, subscriber TEXT NOT NULL, theatre TEXT NOT NULL, story TEXT NOT NULL,
  key TEXT NOT NULL, period TEXT, step TEXT NOT NULL, type TEXT NOT NULL, rank INTEGER NOT NULL,
  channel TEXT NOT NULL,
  due REAL NOT NULL, article TEXT NOT NULL, claim TEXT NOT NULL, accepted REAL NOT NULL,
  mail TEXT REFERENCES mails (id), record BLOB);
CREATE INDEX alerts_pending ON alerts (subscriber, theatre, channel, accepted) WHERE mail IS NULL;
CREATE INDEX alerts_of_mail ON alerts (mail) WHERE mail IS NOT NULL;
CREATE INDEX alerts_of_article ON alerts (article);
CREATE INDEX alerts_of_story ON alerts (story, subscriber);
CREATE INDEX mails_of_group ON mails (subscriber, theatre, began);
CREATE INDEX mails_open ON mails (state) WHERE state NOT IN ('SENT', 'DROPPED');
CREATE VIEW rows AS SELECT alerts.*, coalesce(mails.state, 'PENDING') AS state
  FROM alerts LEFT JOIN mails ON mails.id = alerts.mail;
INSERT INTO about VALUES ('id', 'the-old-id');
INSERT INTO mails (id, subscriber, theatre, recipient, subject, state, began) VALUES
  ('m1', 'desk', 'LY', 'desk@example.org', 'S', 'SENT', 5);
INSERT INTO alerts VALUES
  ('a1', 'desk', 'LY', 's', 'k', NULL, 'new', 'arms', 3, 'now', 1, 'x', 'c', 1, 'm1', NULL);
PRAGMA user_version = 1;
"""


def test_a_ledger_of_the_first_version_is_upgraded_with_all_it_knows(tmp_path):
    with sqlite3.connect(tmp_path / "mail.sqlite") as base:
        base.executescript(OLD)
    base.close()
    for known in ({"SENT": 1}, {"SENT": 1, "PENDING": 1}):
        book = Ledger(tmp_path / "mail.sqlite")
        assert (book.id, book.counts()) == ("the-old-id", known)
        book.accept(alerts(1), 2.0)
        book.close()
