from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.settings import Settings, SettingsError


def read(tmp_path, file="", **env):
    (tmp_path / "env").write_text(file, encoding="utf-8")
    names = {f"CONDOTTA_{name}": value for name, value in env.items()}
    return Settings.read({"CONDOTTA_ENV_FILE": str(tmp_path / "env"), "HOME": "/x", **names})


def test_nothing_set_is_a_broker_on_this_machine(tmp_path):
    assert read(tmp_path) == Settings()


def test_values_take_their_types(tmp_path):
    settings = read(tmp_path, POOL="2", GROUP_WAIT="0.5", DATA="/srv/x", SUBSCRIBERS="s.yaml")
    assert (settings.pool, settings.group_wait) == (2, 0.5)
    assert (settings.data, settings.subscribers) == (Path("/srv/x"), Path("s.yaml"))


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"BROKR": "x"}, "unknown setting CONDOTTA_BROKR: did you mean CONDOTTA_BROKER?"),
        ({"SMTPHOST": "x"}, "unknown setting CONDOTTA_SMTPHOST: did you mean CONDOTTA_SMTP_HOST?"),
        ({"broker": "x"}, "unknown setting CONDOTTA_broker: did you mean CONDOTTA_BROKER?"),
        ({"POOL": "many"}, "CONDOTTA_POOL='many': expected int"),
        ({"POOL": "-1"}, "CONDOTTA_POOL='-1': expected int >= 0"),
        ({"HTTP_PORT": "70000"}, "CONDOTTA_HTTP_PORT='70000': expected int <= 65535"),
        ({"LEARNING_UNTIL": "soon"}, "CONDOTTA_LEARNING_UNTIL='soon': must be like 2026-03-01"),
        ({"LEARNING_UNTIL": "2026-03-01T06:00"}, "CONDOTTA_LEARNING_UNTIL='2026-03-01T06:00': must be"),
        ({"SMTP_TLS": "yes"}, "CONDOTTA_SMTP_TLS='yes': must be one of none, starttls, tls"),
        ({"SMTP_PASSWORD_FILE": "/nowhere"}, "CONDOTTA_SMTP_PASSWORD_FILE: cannot read /nowhere"),
        ({"SASL_PASSWORD": "a", "SASL_PASSWORD_FILE": "b"}, "CONDOTTA_SASL_PASSWORD and"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path, env, sentence):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **env)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_the_file_counts_and_the_environment_wins(tmp_path):
    file = (
        "# ours\nexport CONDOTTA_BROKER='kafka:1'\nCONDOTTA_POOL=3 # cores\nOTHER=1\nCONDOTTA_PREFIX=\"t.\"\n"
    )
    settings = read(tmp_path, file, BROKER="kafka:2")
    assert (settings.broker, settings.pool, settings.prefix) == ("kafka:2", 3, "t.")


def test_an_unknown_name_in_the_file_stops_too(tmp_path):
    with pytest.raises(SettingsError, match="CONDOTTA_POOLS: did you mean CONDOTTA_POOL"):
        read(tmp_path, "CONDOTTA_POOLS=3\n")


def test_a_password_can_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    assert read(tmp_path, SMTP_PASSWORD_FILE=str(tmp_path / "secret")).smtp_password == "s3cret"


def test_an_empty_value_is_none_set(tmp_path):
    assert read(tmp_path, SUBSCRIBERS="", SMTP_USER="") == Settings()


def test_a_client_knows_how_to_log_in(tmp_path):
    client = read(tmp_path, SECURITY_PROTOCOL="SASL_PLAINTEXT", SASL_USER="app", SASL_PASSWORD="x").client()
    assert client["sasl_plain_username"] == "app"
    assert "ssl_context" not in client
    assert "ssl_context" in read(tmp_path, SECURITY_PROTOCOL="SSL").client()


def test_learning_ends_at_a_time_or_with_the_first_moment_of_a_day(tmp_path):
    assert read(tmp_path, LEARNING_UNTIL="2026-03-01").learning_until == datetime(2026, 3, 1, tzinfo=UTC)
    moment = read(tmp_path, LEARNING_UNTIL="2026-03-01T06:00:00+01:00").learning_until
    assert moment == datetime(2026, 3, 1, 5, tzinfo=UTC)
