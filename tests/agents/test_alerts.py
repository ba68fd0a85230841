"""`condotta alerts preview`: the mails that a file would give."""

from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner

from agents.alerts import command, grouped
from tests.alerting import DUE, alert, decision
from tests.claims_builder import DAY_ONE, article

RAW = {
    "body": "TRIPOLI - Turkey has sent 200 Syrian mercenaries to Libya to defend the government in Tripoli, a"
    " militia commander said on Sunday. The men were flown to the capital at night, he said.",
    "content_type": "text/plain",
    "source": "daily.example",
    "url": "https://daily.example/1",
    "published_at": "2026-02-01T06:00:00Z",
    "fetched_at": "2026-02-01T06:05:00Z",
}


def at(seconds, **fields):
    """Return an alert whose article was fetched `seconds` after the first day began."""
    moment = DAY_ONE + timedelta(seconds=seconds)
    return alert(f"LY|RU|arms|side-{seconds}", of=article(f"a{seconds}", fetched_at=moment), **fields)


@pytest.fixture
def preview(tmp_path):
    def preview(*records, options=()):
        path = tmp_path / "in.jsonl"
        path.write_bytes(b"\n".join(msgspec.json.encode(each) for each in records))
        out = tmp_path / "out"
        env = {"CONDOTTA_ENV_FILE": ""}
        result = CliRunner().invoke(command, ["preview", "--to", str(out), *options, str(path)], env=env)
        assert result.exit_code == 0, result.output
        return result.output, {each.name: each.read_text() for each in out.glob("*")}

    return preview


def test_decisions_become_mails_in_a_folder(preview):
    output, files = preview(
        decision("LY|RU|arms|lna"), decision("SD|AE|arms|rsf"), decision("LY|RU|arms|", "repeat")
    )
    assert "001 preview: NEW · Libya · Russia: arms for LNA (asserted)" in output
    mails = ("001-preview-ly", "002-preview-sd")
    assert set(files) == {f"{name}.{kind}" for name in mails for kind in ("eml", "html", "txt")}
    assert files["001-preview-ly.txt"].startswith("Russia has supplied arms")
    assert files["001-preview-ly.eml"].startswith("From: ")


def test_raw_articles_run_through_the_whole_pipeline(preview):
    output, files = preview(RAW, options=("--language", "id"))
    assert "Turki" in output
    assert "daily.example" in files["001-preview-ly.html"]


def test_subscribers_get_their_own(preview, tmp_path):
    (tmp_path / "subscribers.yaml").write_text("- {id: sudan, to: a@b.example, theatres: [SD]}")
    output, _ = preview(
        decision(), decision("SD|AE|arms|rsf"), options=("--subscribers", str(tmp_path / "subscribers.yaml"))
    )
    assert output.startswith("001 sudan: NEW · Sudan")
    assert "Libya" not in output


def test_what_is_for_the_digest_becomes_one(preview):
    output, files = preview(decision(step="families:2"), decision("SD|AE|arms|rsf", step="families:2"))
    assert output == "001 preview: Daily digest · 2026-01-01: 2 updated\n"
    assert {name.split(".")[0] for name in files} == {"001-preview-daily"}
    assert "Sudan" in files["001-preview-daily.txt"]


def test_a_test_mail_needs_an_address_and_a_server():
    env = {"CONDOTTA_ENV_FILE": "", "CONDOTTA_SMTP_PORT": "1"}
    assert CliRunner().invoke(command, ["test", "a@b.example\nBcc: x@y.example"], env=env).exit_code == 2
    result = CliRunner().invoke(command, ["test", "a@b.example"], env=env)
    assert (result.exit_code, result.output[:15]) == (1, "Error: not sent")


def test_alerts_are_grouped_as_the_mailer_would():
    told = [at(0), at(20), at(31), at(200), at(331), at(362), at(700)]
    found = [[round((each.decision.claim.article.fetched_at - DAY_ONE).total_seconds()) for each in mail]
             for mail in grouped(told, 30, 300)]  # fmt: skip
    assert found == [[0, 20], [31, 200], [331, 362], [700]]


def test_the_digest_waits_for_a_mail_of_its_theatre():
    digest, now = at(0, channel="digest"), at(100)
    assert list(grouped([digest, now], 30, 300)) == [[digest, now]]
    assert list(grouped([digest], 30, 300)) == []
    assert digest.due == DUE
