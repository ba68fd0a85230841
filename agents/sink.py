"""The demo's SMTP server: takes every mail on loopback and keeps it as a file, sends nothing on.

`python -m agents.sink FOLDER` prints its port and serves until a signal ends it.
"""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MAIL = 32 * 2**20  # bytes


class Keep:
    """Keeps mails as 0001.eml, 0002.eml … in `folder`; a file is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(len(mails(folder)) + 1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        assert isinstance(content, bytes)  # noqa: S101  decode_data is off
        name = f"{next(self._numbers):04}.eml"
        new = self._folder / f".{name}"
        new.write_bytes(content)
        new.rename(self._folder / name)
        return f"250 kept as {name}"


def mails(folder: Path) -> list[Path]:
    """Return the mails kept so far, in order of arrival."""
    return sorted(folder.glob("[0-9]*.eml"))


async def serve(folder: Path) -> None:
    """Listen on a free loopback port, print it, and keep what comes."""
    folder.mkdir(parents=True, exist_ok=True)
    keep = Keep(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keep, hostname="localhost", data_size_limit=MAX_MAIL, enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        0,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    os.umask(0o077)
    try:
        asyncio.run(serve(Path(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(0)
