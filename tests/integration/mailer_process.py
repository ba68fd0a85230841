"""A mailer in a process of its own, to be killed: alerts in on stdin, the ids it accepted out."""

import asyncio
import logging
import sys

import msgspec

from agents.ledger import LOST
from agents.mail import Mailer
from agents.settings import Settings
from pipeline.types import Alert


async def accepted(mailer, alert):
    """Tell whether the ledger has it; a worker tries again as well when the ledger's connection is lost."""
    try:
        await mailer.accept([alert])
    except LOST as exc:
        logging.warning("the alert waits: %r", exc)
        return False
    return True


async def main():
    mailer = Mailer(Settings.read())
    await mailer.start()
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        alert = msgspec.json.decode(line, type=Alert)
        while not await accepted(mailer, alert):
            await asyncio.sleep(0.1)
        print(alert.id, flush=True)
    await mailer.stop()


if __name__ == "__main__":
    logging.basicConfig(level="INFO", stream=sys.stderr)
    asyncio.run(main())
