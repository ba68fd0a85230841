"""What comes from outside is shown without the power to move a person's terminal."""

MARK = "�"  # stands for what cannot be shown


def shown(text: str, most: int = 0) -> str:
    r"""Return `text` with control and direction characters replaced; cut to `most` characters, 0 for all.

    >>> shown("red\x1b[31m", 4)
    'red…'
    """
    clean = text if text.replace("\n", "").isprintable() else "".join(map(_one, text))
    return clean if not most or len(clean) <= most else clean[: most - 1] + "…"


def line(text: str, most: int = 0) -> str:
    """Return `text` on one line."""
    return shown(" ".join(text.split()), most)


def _one(sign: str) -> str:
    if sign.isprintable() or sign == "\n":
        return sign
    return " " if sign.isspace() else MARK
