"""Ids are derived, never random: the same input gives the same id, so any replay is harmless."""

import hashlib

import orjson


def derive(*parts: str | int | None) -> str:
    """Return the first 32 hex digits of sha256 over the JSON array of `parts`.

    >>> derive("a", 1, None)
    'f0d8a0f9d2bd4fa0b8f0c7d3d3f4b7c1'
    """
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]
