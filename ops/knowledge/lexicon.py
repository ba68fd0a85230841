"""Write `pipeline/knowledge/lexicon/CODE.txt`: the frequent words of the languages that clean mends.

    pip install wordfreq==3.1.1
    python ops/knowledge/lexicon.py

wordfreq is needed here alone. It has no list for Swahili (it answers silently with English): there is none.
"""

import math
from collections import defaultdict
from pathlib import Path
from textwrap import wrap

from wordfreq import get_frequency_dict

OUT = Path(__file__).parents[2] / "pipeline" / "knowledge" / "lexicon"
LISTS = {"id": "id", "ms": "ms", "en": "en", "es": "es", "fr": "fr", "pt": "pt", "it": "it", "tl": "fil"}
LEAST = 3.2  # zipf: 1.6 in a million words; leaves 21,000 to 27,000 words a language

HEAD = """\
# Frequent words ({code}), from wordfreq 3.1.1 by Robyn Speer, list "{name}", words of letters only.
# Licence of this file: Creative Commons Attribution-ShareAlike 4.0. Made by ops/knowledge/lexicon.py.
# A line: ten times the zipf frequency, rounded down, then the words.
"""


def frequent(name: str) -> dict[int, list[str]]:
    """Return the words of list `name` by ten times their zipf frequency, rounded down."""
    found = defaultdict(list)
    for word, frequency in get_frequency_dict(name, "best").items():
        zipf = round(math.log10(frequency) + 9, 2)
        if word.isalpha() and len(word) > 1 and zipf >= LEAST:
            found[math.floor(zipf * 10 + 1e-9)].append(word)
    return found


def write(code: str, name: str) -> None:
    rows = [
        f"{zipf} {part}"
        for zipf, words in sorted(frequent(name).items(), reverse=True)
        for part in wrap(" ".join(sorted(words)), 1000)
    ]
    (OUT / f"{code}.txt").write_text(
        HEAD.format(code=code, name=name) + "\n".join(rows) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    for code, name in LISTS.items():
        write(code, name)
