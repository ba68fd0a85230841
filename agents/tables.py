"""Faust tables whose changelog can be waited for, written from inside a batch."""

import asyncio
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faust.tables.table  # `faust.tables` alone is lazy
from faust.streams import _current_event


class DurableTable(faust.tables.table.Table[bytes, bytes]):
    """A table of bytes by bytes; `remember` returns when the broker has the changelog record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sent: Any = None

    def send_changelog(self, *args: Any, **kwargs: Any) -> Any:
        self._sent = super().send_changelog(*args, **kwargs)
        return self._sent

    def recall(self, event: Any, key: bytes) -> bytes | None:
        """Return what is kept for `key` in the partition of `event`."""
        with _inside(event):
            found: bytes | None = self.get(key)
            return found

    async def remember(self, event: Any, key: bytes, value: bytes) -> None:
        """Keep `value` for `key`; raises where the changelog record could not be delivered."""
        with _inside(event):
            self[key] = value
            sent, self._sent = self._sent, None
        await asyncio.shield(sent)


@contextmanager
def _inside(event: Any) -> Iterator[None]:
    """Set the event that Faust takes the partition from: inside a batch it is another one's or none."""
    token = _current_event.set(weakref.ref(event))
    try:
        yield
    finally:
        _current_event.reset(token)
