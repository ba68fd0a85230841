"""Mending of damaged text: wrong encodings, control characters, white space, stray marks, spam at the end.

Each step takes a text and returns it mended with what was removed. The gates before them are there because
healthy text is the rule: ftfy alone would cost 1 to 4 ms an article, the gate 20 microseconds.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from ftfy import TextFixerConfig, fix_text

from pipeline.language import REFUSED
from pipeline.lexicon import any_of, spam
from pipeline.types import Removed

Mended = tuple[str, tuple[Removed, ...]]
Step = Callable[[str], Mended]

KEPT = 500  # code points of what was removed that stay in the record
SPAM_LINE = 90  # code points; a longer line is prose
ROUNDS = 8

_MOJIBAKE = re.compile(
    "[\u00c2-\u00c3][\u0080-\u00bf]|\u00e2[\u0080\u20ac][\u0080-\u00bf\u2018-\u2122\u0153\u02dc]"
    "|(?:[\u00d0\u00d1][\u0080-\u00bf\u2018-\u2122\u0152-\u017e\u02dc\u0192]){2}"
    "|(?:[\u00d8-\u00db][\u0080-\u00bf\u2018-\u2122\u0152-\u017e\u02dc\u0192]){2}|\ufffd"
)
_SUSPECTS = ("Ã", "Â", "â", "Ð", "Ñ", "Ø", "Ù", "\ufffd")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND = re.compile(r" *\n *")
_BLANKS = re.compile(r"\n{3,}")
_STRAY = re.compile(r"(?<=[.!?…]) \.(?=\s|$)")
_FTFY = TextFixerConfig(
    unescape_html=False,
    uncurl_quotes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    explain=False,
)


def mend(text: str) -> Mended:
    """Mend `text` until nothing changes: mending a second time changes nothing.

    >>> mend("as Wagner. .")[0]
    'as Wagner.'
    """
    return until_stable(text, (encoding, characters, spaces, stray_marks))


def until_stable(text: str, steps: tuple[Step, ...], rounds: int = ROUNDS) -> Mended:
    """Apply `steps` in turn until a whole round changes nothing, at most `rounds` times."""
    removed: list[Removed] = []
    for _ in range(rounds):
        before = text
        for step in steps:
            text, gone = step(text)
            removed += gone
        if text == before:
            break
    return text, tuple(removed)


def encoding(text: str) -> Mended:
    """Undo text decoded as the wrong encoding, and compose to NFC. Quotation marks stay as they are."""
    if any(mark in text for mark in _SUSPECTS) and _MOJIBAKE.search(text):
        fixed = fix_text(text, _FTFY)
        if fixed != text:
            return fixed, (note(text, "mojibake"),)
    return unicodedata.normalize("NFC", text), ()


def characters(text: str) -> Mended:
    """Drop control and invisible characters; joiners stay, which Persian and emoji need."""
    if text.replace("\n", "").isprintable():
        return text, ()
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    found = sorted(set(REFUSED.findall(text)))
    text = _INVISIBLE.sub("", REFUSED.sub("", text))
    return text, (
        note(" ".join(f"U+{ord(one):04X}" for one in found), "control-characters"),
    ) if found else ()


def spaces(text: str) -> Mended:
    """Leave single spaces within lines and at most one blank line between them."""
    if "  " in text or not text.replace("\n", "").isprintable():
        text = _SPACES.sub(" ", text)
    if " \n" in text or "\n " in text:
        text = _AROUND.sub("\n", text)
    if "\n\n\n" in text:
        text = _BLANKS.sub("\n\n", text)
    return text.strip(), ()


def stray_marks(text: str) -> Mended:
    """Drop a full stop that stands alone behind the end of a sentence."""
    found = (
        [text[max(0, one.start() - 20) : one.end()] for one in _STRAY.finditer(text)] if " ." in text else []
    )
    return (
        (_STRAY.sub("", text), tuple(note(one, "stray-punctuation") for one in found))
        if found
        else (text, ())
    )


def spam_tail(text: str) -> Mended:
    """Cut advertisements for gambling from the end; the body of an article about gambling stays."""
    lines, removed = text.split("\n"), []
    while lines and (not lines[-1] or _is_spam(lines[-1])):
        if line := lines.pop():
            removed.append(note(line, "spam-tail"))
    return "\n".join(lines), tuple(reversed(removed))


def _is_spam(line: str) -> bool:
    return len(line) <= SPAM_LINE and any(pattern.search(line.casefold()) for pattern in _spam())


@cache
def _spam() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return any_of(spam().words), any_of(spam().bylines, r"^(?:{})$")


def note(text: str, why: str) -> Removed:
    return Removed(text=text[:KEPT], why=why)
