"""An SMTP server: `python -m tests.integration.smtp_server FOLDER PORT [--tls|--starttls] [--login]`.

It keeps each mail it took as N.eml and prints its port. What it does besides is up to the recipient's name:

    nobody@   550 to RCPT          rejects@  554 to the content
    grey@     451 to the first RCPT          later@  451 to the first content
    slow@     keeps the mail, then waits for a file named `go` before its 250
    drop@     keeps the mail, then drops the line instead of its 250
"""

import asyncio
import ssl
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

CERTIFICATE = Path(__file__).parent / "localhost.pem"
USER, PASSWORD = b"condotta", b"geheim"


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.numbers = count(len(list(folder.glob("*.eml"))))
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 no such user here"
        if name == "grey" and self.first(("RCPT", address)):
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "rejects":
            return "554 not wanted"
        if name == "later" and self.first(("DATA", envelope.content)):
            return "451 not now"
        self.keep(envelope.content)
        if name == "slow":
            while not (self.folder / "go").exists():
                await asyncio.sleep(0.01)
        if name == "drop":
            server.transport.abort()
        return "250 kept"

    def first(self, what):
        fresh = what not in self.seen
        self.seen.add(what)
        return fresh

    def keep(self, content):
        new = self.folder / ".new"
        new.write_bytes(content)
        new.rename(self.folder / f"{next(self.numbers):04}.eml")


def authenticate(server, session, envelope, mechanism, login):
    return AuthResult(success=(login.login, login.password) == (USER, PASSWORD), handled=False)


async def serve(folder, port, *flags):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    handler, login = Handler(folder), "--login" in flags

    def protocol():
        return SMTP(
            handler,
            hostname="localhost",
            loop=asyncio.get_running_loop(),
            tls_context=context if "--starttls" in flags else None,
            require_starttls="--starttls" in flags,
            authenticator=authenticate if login else None,
            auth_required=login,
            auth_require_tls=False,
        )

    tls = context if "--tls" in flags else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
