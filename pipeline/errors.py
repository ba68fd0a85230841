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
