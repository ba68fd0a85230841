"""A mail server that misbehaves as told: `python -m ops.chaos.sink FOLDER PORT`.

It appends the alerts of each mail it took to FOLDER/mails (JSON lines) before it answers. FOLDER/mode says
what it does besides: `slow` waits two seconds before its 250, `refuse` answers 451, `drop` keeps the mail and
drops the line.
"""

import asyncio
import json
import os
import sys
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.smtp import SMTP

SLOW = 2.0


class Handler:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mode(self) -> str:
        path = self.folder / "mode"
        return path.read_text("utf-8").strip() if path.exists() else ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode() == "refuse":
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        self.keep(envelope.content)
        if self.mode() == "slow":
            await asyncio.sleep(SLOW)
        if self.mode() == "drop":
            server.transport.abort()
        return "250 kept"

    def keep(self, content: bytes) -> None:
        mail = message_from_bytes(content)
        told = {
            "id": mail["Message-ID"].strip("<> "),
            "alerts": [each.strip() for each in mail.get_all("X-Alert", [])],
        }
        with (self.folder / "mails").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
            file.flush()
            os.fsync(file.fileno())


async def serve(folder: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(folder), hostname="localhost", loop=loop), "127.0.0.1", port
    )
    print(port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
