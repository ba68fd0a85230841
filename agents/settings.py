"""Everything the environment may change: read once, at start-up, from CONDOTTA_* and a `.env` file."""

import difflib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

NAME = "CONDOTTA_"
ENV_FILE = "CONDOTTA_ENV_FILE"  # which file to read besides the environment; empty: none

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0)]


class SettingsError(Exception):
    """A setting is unknown or wrong; the message names it in one line."""


class Settings(Struct, frozen=True, kw_only=True):
    """`CONDOTTA_BROKER=kafka:9092 condotta worker`: each field is the name after CONDOTTA_."""

    broker: str = "127.0.0.1:9092"  # host:port, several with commas
    prefix: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{0,60}$")] = ""  # before every topic and group
    stages: str = ""  # the rows a worker runs, with commas; empty: all
    data: Path = Path("data")  # state of the workers: one folder for each that runs at a time
    subscribers: Path | None = None  # the YAML file of who gets mail
    learning_until: datetime | None = None  # of articles fetched before it only rank rises alert
    instance: str = ""  # static group membership: a name that no other running worker has
    pool: Annotated[int, Meta(ge=0, le=64)] = 2  # processes for text work; 0: in the worker itself
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    http_host: str = "127.0.0.1"
    http_port: Port = 0  # of the first group; the next group has the next port. 0: any free one
    public_url: str = ""  # where mail readers reach us

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_from: str = "condotta@localhost"
    mail_in_doubt: Literal["", "verify", "park", "resend"] = ""  # empty: verify where IMAP is set, else park
    mail_archive: str = ""  # the address that gets a copy of every mail
    mail_grace: Seconds = 60.0  # seconds until a mail that is not in the archive goes again
    mail_web_host: str = "127.0.0.1"
    mail_web_port: Port | None = None  # of the pages behind the links in mails; empty: none
    imap_host: str = ""  # where the archive is read
    imap_port: Port = 993
    imap_user: str = ""
    imap_password: str = ""
    imap_tls: Literal["none", "starttls", "tls"] = "tls"
    imap_mailbox: str = "INBOX"
    dkim_selector: str = ""
    dkim_key: Path | None = None  # a private key, PEM
    ledger: str = ""  # of the mailers: an address like postgresql://…; empty: a file in `data`
    group_wait: Seconds = 30.0  # seconds an alert waits for others of its subscriber and theatre
    group_interval: Seconds = 300.0  # seconds between two mails of one group

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_user: str = ""
    sasl_password: str = ""
    ca_file: Path | None = None

    replication: Annotated[int, Meta(ge=1)] = 1  # copies of each topic, for `topics create`
    session_timeout: Annotated[float, Meta(ge=1)] = 15.0  # seconds until a dead worker's partitions move
    watchdog: Annotated[float, Meta(ge=2)] = 120.0  # seconds without progress until a worker ends itself
    stop_timeout: Annotated[float, Meta(ge=1)] = 20.0  # seconds a stopping worker may take

    @classmethod
    def read(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Take the CONDOTTA_* names of `env` and of its `.env` file; `env` wins. Raises SettingsError."""
        env = os.environ if env is None else env
        ours = _with_secrets(_ours(_file(env)) | _ours(env))
        return cls(**{name: _convert(name, text) for name, text in ours.items()})

    def __repr__(self) -> str:
        """Tell the settings without their secrets."""
        told = msgspec.structs.asdict(self).items()
        shown = (f"{name}={'***' if name in SECRETS and value else repr(value)}" for name, value in told)
        return f"Settings({', '.join(shown)})"

    def brokers(self) -> list[str]:
        return [each.strip() for each in self.broker.split(",") if each.strip()]

    def topic(self, name: str) -> str:
        return self.prefix + name

    def client(self) -> dict[str, Any]:
        """Return how any aiokafka client reaches the broker."""
        found: dict[str, Any] = {
            "bootstrap_servers": self.brokers(),
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            found["sasl_mechanism"] = self.sasl_mechanism
            found["sasl_plain_username"] = self.sasl_user
            found["sasl_plain_password"] = self.sasl_password
        if self.security_protocol.endswith("SSL"):
            found["ssl_context"] = self._ssl()
        return found

    def _ssl(self) -> Any:
        from aiokafka.helpers import create_ssl_context

        return create_ssl_context(cafile=str(self.ca_file) if self.ca_file else None)


FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
SECRETS = (
    "smtp_password",
    "sasl_password",
    "imap_password",
    "ledger",
)  # each also as NAME_FILE, a file that holds it
KNOWN = {*FIELDS, *(f"{name}_file" for name in SECRETS)}


def _file(env: Mapping[str, str]) -> dict[str, str]:
    """Read the `.env` file: NAME=VALUE lines, `#` comments, quotes allowed."""
    path = env.get(ENV_FILE, ".env")
    if not path or not Path(path).is_file():
        return {}
    lines = (line.strip() for line in Path(path).read_text("utf-8").splitlines())
    return dict(_line(line) for line in lines if "=" in line and not line.startswith("#"))


def _line(line: str) -> tuple[str, str]:
    name, value = line.removeprefix("export ").split("=", 1)
    value = value.strip()
    if value[:1] in ("'", '"') and value.endswith(value[:1]) and len(value) > 1:
        return name.strip(), value[1:-1]
    return name.strip(), value.split(" #", 1)[0].rstrip()


def _ours(env: Mapping[str, str]) -> dict[str, str]:
    named = {name: value for name, value in env.items() if name.startswith(NAME) and name != ENV_FILE}
    for name in named:
        if name.removeprefix(NAME).lower() not in KNOWN or not name.isupper():
            raise SettingsError(f"unknown setting {name}{_nearest(name)}")
    return {name.removeprefix(NAME).lower(): value for name, value in named.items()}


def _nearest(name: str) -> str:
    known = [NAME + field.upper() for field in KNOWN] + [ENV_FILE]
    near = difflib.get_close_matches(name.upper(), known, 1, cutoff=0)
    return f": did you mean {near[0]}?" if near else ""


def _with_secrets(ours: dict[str, str]) -> dict[str, str]:
    for name in SECRETS:
        path = ours.pop(f"{name}_file", "")
        if path and name in ours:
            raise SettingsError(f"{_name(name)} and {_name(name)}_FILE are both set: keep one")
        if path:
            ours[name] = _secret(f"{_name(name)}_FILE", Path(path))
    return ours


def _secret(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{name}: cannot read {path}: {exc}") from None


def _convert(name: str, text: str) -> Any:
    if text == "" and FIELDS[name].default in ("", None):
        return FIELDS[name].default
    kind = FIELDS[name].type
    if kind in (Path, Path | None):
        return Path(text).expanduser()
    if kind == datetime | None:
        return _moment(name, text)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as exc:
        shown = "***" if name in SECRETS else repr(text)
        raise SettingsError(f"{_name(name)}={shown}: {_plain(str(exc), kind)}") from None


def _moment(name: str, text: str) -> datetime:
    """Read a date, which means its first moment in UTC, or a time with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or (found.tzinfo is None and len(text) > len("2026-01-01")):
        raise SettingsError(f"{_name(name)}={text!r}: must be like 2026-03-01 or 2026-03-01T06:00:00Z")
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(error: str, kind: Any) -> str:
    choices = getattr(kind, "__args__", None)
    if choices and all(isinstance(choice, str) for choice in choices):
        return "must be one of " + ", ".join(choices)
    return error.split(" - at ")[0].replace("`", "").lower()


def _name(field: str) -> str:
    return NAME + field.upper()
