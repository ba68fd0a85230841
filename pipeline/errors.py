"""Errors, named by what happens next."""

from typing import Literal, get_args

Reason = Literal["too-short", "no-letters", "oversized", "not-an-article"]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Rejected(Exception):
    """The record is valid but its content is of no use: counted, told in an outcome, dropped."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class KnowledgeError(Exception):
    """A knowledge file cannot be used; the message names the file and the entry."""


class NewerVersion(Exception):
    """A state or record was made by a newer release: wait for that release, change nothing."""

    def __init__(self, schema: str) -> None:
        super().__init__(f"{schema} is newer than what this release reads; it needs one that knows {schema}")
        self.schema = schema
