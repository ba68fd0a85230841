"""Kafka with TLS and SCRAM, as in production: we get in, strangers do not, and nobody learns a password."""

import asyncio
import os
import subprocess
import sys

import pytest

from agents import topics
from agents.broker import Broker, free_port
from agents.guard import Guard
from agents.settings import Settings
from tests.integration.harness import System
from tests.integration.test_delivery import articles

pytestmark = pytest.mark.tools  # openssl

ADMIN, PASSWORD = "of the broker alone", "geheim-und-lang"
MECHANISM = "SCRAM-SHA-512"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def authority(folder, name):
    """Make an authority of our own; return its certificate and key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
            "-keyout", key, "-out", certificate)  # fmt: skip
    return certificate, key


def signed(folder, certificate, key):
    """Make a key and a certificate for this machine; return them in one file, as Kafka wants them."""
    request, own = folder / "broker.csr", folder / "broker.key"
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", own, "-out", request)
    more = folder / "more"
    more.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl("x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-CAcreateserial",
            "-days", 2, "-extfile", more, "-out", folder / "broker.crt")  # fmt: skip
    whole = folder / "broker.pem"
    whole.write_text("".join(path.read_text() for path in (own, folder / "broker.crt", certificate)))
    return whole


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """Return a Kafka that speaks TLS and wants SCRAM, the right authority and a wrong one."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = authority(folder, "ours")
    other, _ = authority(folder, "theirs")
    scram = [("admin", ADMIN), ("app", PASSWORD)]
    options = [f"{MECHANISM}=[name={name},password={password}]" for name, password in scram]
    with Guard() as guard:
        broker = Broker(
            guard.folder,
            port=free_port(),
            spawn=guard.spawn,
            format_with=[word for each in options for word in ("--add-scram", each)],
        )
        broker._properties |= {
            "listeners": f"SASL_SSL://{broker.address},CONTROLLER://127.0.0.1:{broker.controller_port}",
            "advertised.listeners": f"SASL_SSL://{broker.address}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f'{LOGIN} username="admin" password="{ADMIN}";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(signed(folder, certificate, key)),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(certificate),
            "ssl.client.auth": "none",
        }
        with broker:
            yield broker, certificate, other


def told(secured, tmp_path, password=PASSWORD, ca=None):
    """Return the environment of a client; its password is in a file."""
    broker, certificate, _ = secured
    (tmp_path / "password").write_text(password + "\n")
    return {
        "CONDOTTA_BROKER": broker.address,
        "CONDOTTA_SECURITY_PROTOCOL": "SASL_SSL",
        "CONDOTTA_SASL_USER": "app",
        "CONDOTTA_SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "CONDOTTA_CA_FILE": str(ca or certificate),
        "CONDOTTA_ENV_FILE": "",
        "CONDOTTA_DATA": str(tmp_path / "data"),
    }


def condotta(env, *arguments):
    command = [sys.executable, "-m", "agents", *arguments]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=90)


async def test_a_worker_works_over_tls_and_scram_and_tells_no_secret(secured, prefix, tmp_path):
    system = System(secured[0].address, prefix, tmp_path)
    system.env |= told(secured, tmp_path)
    system.settings = Settings.read(system.env)
    async with system:
        worker = system.start()
        await system.publish(*articles(range(10)))
        await system.until(lambda s: len(s.outcomes()) == 10)
        doctor = await asyncio.to_thread(condotta, system.env, "doctor")
        assert "ok    broker" in doctor.stdout
        worker.terminate()
        worker.wait(30)
        for said in (system.logs(), doctor.stdout, doctor.stderr):
            assert PASSWORD not in said


@pytest.mark.parametrize("command", [["topics", "check"], ["dead", "list"], ["doctor"]])
def test_a_wrong_password_is_told_plainly(secured, tmp_path, command):
    done = condotta(told(secured, tmp_path, password="wrong-and-secret"), *command)
    assert done.returncode == 1
    assert "refuses the login of 'app': check CONDOTTA_SASL_USER" in done.stdout + done.stderr
    assert "wrong-and-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [["topics", "check"], ["dead", "list"], ["doctor"]])
def test_an_untrusted_authority_is_told_plainly(secured, tmp_path, command):
    done = condotta(told(secured, tmp_path, ca=secured[2]), *command)
    assert done.returncode == 1
    assert "is not trusted" in done.stdout + done.stderr
    assert "CONDOTTA_CA_FILE" in done.stdout + done.stderr


def test_a_client_without_tls_does_not_get_in(secured, tmp_path):
    env = told(secured, tmp_path) | {"CONDOTTA_SECURITY_PROTOCOL": "PLAINTEXT"}
    assert condotta(env, "topics", "check").returncode == 1


def test_no_setting_shows_a_secret(tmp_path):
    settings = Settings(smtp_password="geheim-1", sasl_password="geheim-2")
    assert "geheim" not in repr(settings)
    assert topics.wanted(settings)
