"""`python -m ops.chaos.worker worker …`: the true command, with what CHAOS_* variables change.

    always                 each mail names its alerts in headers X-Alert, so that the sink can count them
    CHAOS_CLOCK=86400      this worker's clock is so many seconds ahead
    CHAOS_TRANSPORT=stock  Faust's own transport, eight records at once, one in twenty takes three seconds
    CHAOS_LEDGER=off       mails go out as alerts come in, with no memory of what was sent

The last two take away what protects us: they show that the harness would see it.
"""

import asyncio
import os
import time
from typing import Any

CLOCK = float(os.environ.get("CHAOS_CLOCK", "0"))
if CLOCK:
    _true = time.time
    time.time = lambda: _true() + CLOCK  # before anything takes a reference to it

import agents.envelope  # noqa: E402  after the clock
import agents.mail  # noqa: E402
import agents.runner  # noqa: E402
import agents.transport  # noqa: E402
import agents.worker  # noqa: E402
from agents.__main__ import main  # noqa: E402
from agents.post import Post  # noqa: E402
from pipeline import mail as letters  # noqa: E402

_message = agents.envelope.message
UNEVEN = 20  # one record in so many takes LONG
LONG = 3.0


def message(letter: Any, alerts: Any, *rest: Any, **more: Any) -> bytes:
    """Name the alerts of a mail in a header."""
    made = _message(letter, alerts, *rest, **more)
    names = "".join(f"X-Alert: {each.id}\r\n" for each in alerts)
    return names.encode() + made


agents.envelope.message = message


def stock() -> None:
    """Run the text stages as a Faust program does that nobody hardened."""
    agents.transport.install = lambda: None
    bind = agents.runner.Runner.bind

    def side_by_side(self: Any, group: str) -> None:
        if not isinstance(self, agents.runner.ChainRunner):
            return bind(self, group)
        names = [self.settings.topic(name) for name in self.sources]
        raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
        return self.app.agent(self.app.topic(*names, **raw), name=group, concurrency=8)(self.one_by_one)

    async def one_by_one(self: Any, stream: Any) -> None:
        async for event in stream.events():
            await asyncio.sleep(LONG if event.message.offset % UNEVEN == 7 else 0.005)
            await self.batch([event])

    agents.runner.Runner.bind = side_by_side  # type: ignore[method-assign]
    agents.runner.ChainRunner.one_by_one = one_by_one  # type: ignore[attr-defined]


async def forgetful(self: Any, alerts: Any) -> None:
    """Send a mail for each alert and remember nothing: the offsets alone say what was mailed."""
    for alert in alerts:
        reader = next(each for each in self.readers if each.id == alert.subscriber)
        letter = letters.compose([alert], reader.language, self._office.knowledge, self._office.wordings)
        content = message(letter, [alert], self._origin, reader.to, self._clock())
        async with Post(self._settings, self._origin.addr_spec) as post:
            await post.reach(reader.to)
            await post.send(reader.to, alert.id, content)


if os.environ.get("CHAOS_TRANSPORT") == "stock":
    stock()
if os.environ.get("CHAOS_LEDGER") == "off":
    agents.mail.Mailer.accept = forgetful  # type: ignore[method-assign,assignment]
agents.worker.OURSELVES = ("-m", "ops.chaos.worker")

if __name__ == "__main__":
    main()
