"""Fields that this release does not know: kept where a record is written on, for the release that does.

In a rolling upgrade records and states pass through both releases, in any order.
"""

from functools import cache
from typing import Any

import msgspec
import orjson
from msgspec import Raw, Struct

_STATE = msgspec.json.Decoder(dict[str, Raw])


def beyond(raw: Any, value: Struct) -> dict[str, Any]:
    """Return what the parsed JSON `raw` holds beyond the fields of `value`, nested as it stands there.

    >>> beyond({"a": 1, "in": {"b": 2, "c": 3}}, Outer(a=1, **{"in": Inner(b=2)}))
    {'in': {'c': 3}}
    """
    if not isinstance(raw, dict):
        return {}
    known = _names(type(value))
    found = {}
    for name, each in raw.items():
        if name not in known:
            found[name] = each
        elif isinstance(inner := getattr(value, known[name]), Struct) and (more := beyond(each, inner)):
            found[name] = more
    return found


@cache
def _names(kind: type[Struct]) -> dict[str, str]:
    """Return name in JSON -> attribute; msgspec reads the annotations anew each time it is asked."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(kind)}


def graft(target: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Add to `target` what `kept` has besides; what `target` says stands."""
    for name, each in kept.items():
        if name not in target:
            target[name] = each
        elif isinstance(each, dict) and isinstance(target[name], dict):
            graft(target[name], each)
    return target


def written_on(body: bytes, value: Struct, source: Struct, kept: dict[str, Any]) -> bytes:
    """Return `body`, the JSON of `value`, with what was unknown in its `source`, where that stands in it."""
    fields = msgspec.structs.asdict(value)
    place = next((name for name, each in fields.items() if type(each) is type(source)), None)
    if type(value) is not type(source) and place is None:
        return body
    written = orjson.loads(body)
    graft(written if place is None else written[place], kept)
    try:
        return orjson.dumps(written)
    except TypeError:  # nested deeper than it writes: nobody's field
        return body


def state(before: bytes | None, after: bytes) -> bytes:
    """Return the state `after` with the top-level fields that it lost: those this release does not know."""
    try:
        old, new = _STATE.decode(before or b"{}"), _STATE.decode(after)
    except msgspec.DecodeError:  # a state of another form
        return after
    lost = {name: each for name, each in old.items() if name not in new}
    return msgspec.json.encode(new | lost) if lost else after
