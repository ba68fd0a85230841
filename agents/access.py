"""Why a broker does not let us in: a client says only that it cannot bootstrap."""

import asyncio
import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from agents.settings import Settings

REFUSED = (
    AuthenticationFailedError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
    IllegalSaslStateError,
)
PATIENCE = 15.0  # seconds for one broker


async def trouble(settings: Settings) -> str:
    """Return why a broker that is there does not let us in, and what to set; empty where it is not there.

    No secret stands in the sentence.
    """
    for place in settings.brokers():
        if said := await _of(settings, place):
            return said
    return ""


async def _of(settings: Settings, place: str) -> str:
    host, _, port = place.rpartition(":")
    options = {name: value for name, value in settings.client().items() if name != "bootstrap_servers"}
    try:
        connection = await asyncio.wait_for(create_conn(host, int(port), **options), PATIENCE)
    except ssl.SSLCertVerificationError as exc:
        return (
            f"the certificate of {place} is not trusted ({exc.verify_message}): set CONDOTTA_CA_FILE to the"
            " certificate of the authority that signed it"
        )
    except ssl.SSLError as exc:
        return f"{place} does not speak TLS as asked for ({exc.reason}): is CONDOTTA_SECURITY_PROTOCOL right?"
    except REFUSED:
        return (
            f"{place} refuses the login of {settings.sasl_user!r}: check CONDOTTA_SASL_USER,"
            " CONDOTTA_SASL_PASSWORD and CONDOTTA_SASL_MECHANISM"
        )
    except (OSError, KafkaError, TimeoutError, ValueError):
        return ""
    connection.close()
    return ""
