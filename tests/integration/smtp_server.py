"""An SMTP server: `python -m tests.integration.smtp_server FOLDER PORT [--tls|--starttls] [--login]`.

It keeps each mail it took as N.eml and prints its port. What it does besides is up to the recipient's name:

    nobody@   550 to RCPT          rejects@  554 to the content
    grey@     451 to the first RCPT          later@  451 to the first content
    slow@     keeps the mail, then waits for a file named `go` before its 250
    drop@     keeps the mail, then drops the line instead of its 250
    unsure@   of ten, refuses one for now at RCPT and drops the line of two after DATA, keeping one of them

With `--archive=MAILDIR,SECONDS` the recipient archive@ gets its copy there, up to so many seconds later.
"""

import asyncio
import random
import ssl
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

CERTIFICATE = Path(__file__).parent / "localhost.pem"
USER, PASSWORD = b"condotta", b"geheim"


class Handler:
    def __init__(self, folder, archive=""):
        self.folder = folder
        self.archive, _, self.delay = archive.partition(",")
        self.chance = random.Random(3)
        self.tasks = set()
        self.numbers = count(len(list(folder.glob("*.eml"))))
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 no such user here"
        if name == "grey" and self.first(("RCPT", address)):
            return "451 come back later"
        if name == "unsure" and self.chance.random() < 0.1:
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "rejects":
            return "554 not wanted"
        if name == "later" and self.first(("DATA", envelope.content)):
            return "451 not now"
        luck = self.chance.random() if name == "unsure" else 1.0
        if luck >= 0.1:
            self.keep(envelope.content)
            if self.archive and any(each.startswith("archive@") for each in envelope.rcpt_tos):
                task = asyncio.create_task(self.file(envelope.content))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        if luck < 0.2:
            server.transport.abort()
        if name == "slow":
            while not (self.folder / "go").exists():
                await asyncio.sleep(0.01)
        if name == "drop":
            server.transport.abort()
        return "250 kept"

    async def file(self, content):
        """Put the copy into the archive, some time after the 250."""
        await asyncio.sleep(self.chance.uniform(0, float(self.delay)))
        name = f"{next(self.numbers)}.condotta"
        new = Path(self.archive) / "tmp" / name
        new.write_bytes(content)
        new.chmod(0o666)
        new.rename(Path(self.archive) / "new" / name)

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
    archive = next((each.partition("=")[2] for each in flags if each.startswith("--archive=")), "")
    handler, login = Handler(folder, archive), "--login" in flags

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
