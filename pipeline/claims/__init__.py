"""Stage 4, Article -> Claims: who is said to have a hand in whose war.

    sentences -> units -> voices -> frames -> judgement -> validity -> weighing -> claims

`extract` is the stage; `examine` also returns what was held back and why, and `accounts` tells it to people.
"""

from pipeline.claims.extraction import Examined, examine, extract

__all__ = ["Examined", "examine", "extract"]
