"""The short form of `mail_kills`: a real IMAP server, a real PostgreSQL, a few kills."""

import pytest

from agents.ledger import LOST, Ledger, Stop
from agents.ledger import base as ledger_base
from tests.alerting import alert, alerts
from tests.integration.mail_kills import doubts, two_on_postgres
from tests.integration.servers import Postgres

pytestmark = [pytest.mark.integration, pytest.mark.tools]


async def test_asking_the_archive_loses_nothing_and_mails_nothing_twice(tmp_path):
    found = await doubts(tmp_path, "verify", kills=4, alerts=40, delay=1.0, grace=3.0)
    assert (found["states"], found["twice"], found["mails"] > 10) == ({"SENT": 40}, 0, True)


async def test_two_mailers_on_postgres_paused_and_killed_mail_nothing_twice(tmp_path):
    found = await two_on_postgres(tmp_path, kills=2, alerts=40)
    assert (found["unknown"], found["twice"]) == (0, 0)
    assert set(found["states"]) <= {"SENT", "PARKED"}


def test_a_writer_that_is_stopped_within_a_transaction_does_not_stop_the_others(monkeypatch):
    monkeypatch.setattr(ledger_base, "STOPPED", 1.0)
    with Postgres() as server:
        stopped, other = Ledger(server.address), Ledger(server.address)
        transaction = stopped._writing()
        transaction.__enter__()  # and no more is heard of it
        assert other.accept(alerts(3), 1.0) == 3
        with pytest.raises(LOST):
            stopped.accept(alerts(4), 2.0)
        stopped.close()
        again = Ledger(server.address)
        assert again.accept(alerts(4), 3.0) == 1
        again.close()
        other.close()


def test_the_ledger_means_the_same_in_postgres():
    with Postgres() as base:
        first, second = Ledger(base.address), Ledger(base.address)
        assert (first.id, first.secret) == (second.id, second.secret)
        assert first.lead()
        assert not second.lead()
        assert first.accept([*alerts(2), alert("SD|RU|arms|", channel="digest")], 1.0) == 3
        assert second.accept(alerts(3), 2.0) == 1
        assert [each.theatre for each in first.groups()] == ["LY"]
        assert first.pending("desk", "LY", 9) == alerts(3)
        assert len(first.pending("desk", "SD", 9, along=True)) == 1
        second.stop(Stop(subscriber="desk", story="SD|RU|arms"), 3.0)
        assert first.heed(4.0) == 1
        assert first.counts() == {"PENDING": 3, "MUTED": 1}
        assert first.advance("t", {0: (0, 5)}, 1.0)
        assert not second.advance("t", {0: (0, 5)}, 1.0)
        assert [first.refuse("a@b.example", at) for at in (1.0, 2.0)] == [1, 2]
        assert second.held("desk", 0.0, 9.0) == {"MUTED": 1}
        first.close()
        assert second.lead()
        second.close()
