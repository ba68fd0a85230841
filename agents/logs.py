r"""Log lines: one JSON object each, so that nothing a stranger wrote can begin a line or move a terminal.

{"at": "2026-03-01T12:00:00.123Z", "level": "error", "group": "text", "says": "dead letter of clean: …"}
"""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType

log = logging.getLogger(__name__)

UNSAFE = re.compile(  # control, direction and separator characters, lone surrogates
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
MOST = 4000  # characters of one message
KINDS = 1000  # lines of libraries that are told apart
PAUSE = 10.0  # seconds between lines of a library that say the same


class Lines(logging.Formatter):
    """Writes each record as one line of JSON; `group` names the consumer group that speaks."""

    def __init__(self, group: str = "") -> None:
        super().__init__()
        self.group = group

    def format(self, record: logging.LogRecord) -> str:
        told = {"level": record.levelname.lower(), "group": self.group, "says": record.getMessage()[:MOST]}
        if not record.name.startswith(("agents", "pipeline")):
            told["from"] = record.name
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)[-MOST:]
        return line(record.created, **told)


def line(at: float, **told: str) -> str:
    r"""Return one log line; `at` is in seconds since 1970, and what is empty is left out.

    >>> line(0.0, says="red\x1b[31m\n\u202eand more", group="")
    '{"at": "1970-01-01T00:00:00.000Z", "says": "red\\u001b[31m\\n\\u202eand more"}'
    """
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"at": stamp} | {name: text for name, text in told.items() if text}
    return UNSAFE.sub(_escaped, json.dumps(fields, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


class Sparing(logging.Filter):
    """Lets a library say the same thing once in a while: without Kafka, aiokafka says 300 lines a second.

    Lines of our own pass, as do different ones: the same is what has the same words but for their values.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}  # when last, and how often kept back since

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(("agents", "pipeline")):
            return True
        key = record.name, str(record.msg)[:MOST]
        last, kept = self._told.get(key, (0.0, 0))
        if record.created - last < PAUSE:
            self._told[key] = last, kept + 1
            return False
        if len(self._told) >= KINDS:
            self._told.clear()
        self._told[key] = record.created, 0
        if kept:
            record.msg = f"{record.msg} ({kept} more like it)"
        return True


def start(level: str, group: str) -> None:
    """Have everything that this process logs go to stderr as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(group.removeprefix("condotta-")))
    handler.addFilter(Sparing())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    threading.excepthook = _thread_ended
    sys.excepthook = _process_ended
    sys.unraisablehook = _unraisable


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "a thread"
        log.error("%s ended by %s", name, args.exc_type.__name__, exc_info=args.exc_value or True)


def _process_ended(kind: type[BaseException], value: BaseException, _: TracebackType | None) -> None:
    log.critical("ended by %s", kind.__name__, exc_info=value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    log.error("%s in %r", args.err_msg or "exception ignored", args.object, exc_info=args.exc_value or True)
