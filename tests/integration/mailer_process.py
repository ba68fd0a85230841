"""A mailer in a process of its own, to be killed: alerts in on stdin, the ids it accepted out."""

import asyncio
import logging
import sys

import msgspec

from agents.mail import Mailer
from agents.settings import Settings
from pipeline.types import Alert


async def main():
    mailer = Mailer(Settings.read())
    await mailer.start()
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        alert = msgspec.json.decode(line, type=Alert)
        await mailer.accept([alert])
        print(alert.id, flush=True)
    await mailer.stop()


if __name__ == "__main__":
    logging.basicConfig(level="INFO", stream=sys.stderr)
    asyncio.run(main())
