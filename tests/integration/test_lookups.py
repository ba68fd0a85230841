"""What people ask of a real IMAP server and a real PostgreSQL: doctor, trace, and the mails at rest."""

import msgspec
import pytest
from click.testing import CliRunner

from agents import doctor
from agents.ledger import Ledger, Mail
from agents.mailroom import command as mailroom
from agents.settings import Settings
from agents.trace import mails
from tests.alerting import alert
from tests.integration.servers import Dovecot, Postgres

pytestmark = [pytest.mark.integration, pytest.mark.tools]


async def test_the_archive_is_logged_into():
    with Dovecot() as box:
        settings = Settings(
            mail_archive="archive@x.example", imap_host="127.0.0.1", imap_port=box.port, imap_tls="none",
            imap_user="archive", imap_password="geheim",
        )  # fmt: skip
        well = await doctor._guarded("archive", doctor.archive, settings)
        assert (well.remedy, "0 mails in INBOX" in well.says) == (None, True)
        wrong = msgspec.structs.replace(settings, imap_password="falsch")
        refused = await doctor._guarded("archive", doctor.archive, wrong)
        assert refused.remedy == doctor.REMEDIES["archive"]
        assert "falsch" not in refused.says


async def test_a_ledger_in_postgres_is_looked_at_and_not_made(monkeypatch):
    with Postgres() as base:
        settings = Settings(ledger=base.address)
        assert "none yet" in (await doctor._guarded("ledger", doctor.ledger, settings)).says
        assert mails(base.address, ["a1"]) is None
        book = Ledger(base.address)
        book.accept([alert()], 1.0)
        told = {"theatre": "LY", "recipient": "desk@x.example", "subject": "S", "began": 2.0}
        book.begin(Mail(id="m1", subscriber="desk", content=b"x", **told), [alert().id])
        book.end("m1", "PARKED", 3.0, answer="nobody knows")
        book.close()
        assert "version 2" in (await doctor._guarded("ledger", doctor.ledger, settings)).says
        (fate,) = mails(base.address, ["a1"])
        assert (fate.state, fate.mail, fate.answer) == ("PARKED", "m1", "nobody knows")
        monkeypatch.setenv("CONDOTTA_LEDGER", base.address)
        assert "m1" in CliRunner().invoke(mailroom, ["list"]).output
        assert "dropped" in CliRunner().invoke(mailroom, ["drop", "m1"]).output
        assert mails(base.address, ["a1"])[0].state == "DROPPED"
