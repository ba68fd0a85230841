#!/usr/bin/env python3
"""Measure the claims stage: processor time without and with military words, and over the length.

    python ops/bench/claims.py [--runs 5] [--longest 1000000]

Prints the median, the least and the most of the runs in milliseconds: for an English article of 3 kB
without a military word, once with names of lands that never were at war and once with some that are;
for one made of the sentences of tests/cases/frames, nearly each of which holds a claim; and the median
of the English and Indonesian articles of the blind sets, scaled to 3 kB. Then the curve over the length
of the third, in milliseconds and in microseconds a kilobyte: it stays level where the time is linear.
"""

import argparse
import statistics
import sys
import time
from itertools import cycle
from pathlib import Path

import yaml
from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline import claims
from tests import evaluation

KILO = 1000
SIZE = 3 * KILO  # characters of an article
CIVIL = (
    "The city council met on Tuesday to discuss the budget for the coming year.",
    "Residents of the northern districts asked for two more bus lines and a new library.",
    "A spokeswoman said the plans would be published before the end of the month.",
    "Rain is expected in the east, while the coast stays dry and mild until Sunday.",
    "The museum of Lisbon lends forty paintings to a gallery in Vienna next spring.",
)


def article(text):
    """Return a text as an article that comes to the claims stage."""
    return evaluation.sentence_article(text, "en", "2024-06-01")


def filled(sentences, size):
    """Join sentences, five a paragraph, until the text is `size` characters long."""
    out, length = [], 0
    for number, sentence in enumerate(cycle(sentences)):
        if length >= size:
            return "".join(out)[:size].rpartition(" ")[0]
        out.append(sentence + ("\n\n" if number % 5 == 4 else " "))
        length += len(out[-1])


def spent(one, runs):
    """Return the processor time of each run, in milliseconds; the first fills the caches and is left out."""
    times = []
    for _ in range(runs + 1):
        begin = time.process_time()
        claims.extract(one, evaluation.knowledge())
        times.append((time.process_time() - begin) * 1000)
    return times[1:]


def blind(runs):
    """Return, for each run, the median over the blind sets' articles of the time for 3 kB."""
    sets = [name for name in evaluation.scored() if name.startswith(("en", "id"))]
    raws = [raw for name in sets for raw in evaluation.score.raw(evaluation.read(PLACE / f"{name}.yaml"))]
    read = [one for raw in track(raws, "reading the blind sets", transient=True)
            if len((one := evaluation.through(raw)).text) > SIZE // 2]  # fmt: skip
    table = [[time * SIZE / len(one.text) for time in spent(one, runs)]
             for one in track(read, "their claims", transient=True)]  # fmt: skip
    return [statistics.median(run) for run in zip(*table, strict=True)]


PLACE = evaluation.HERE / "blind"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--longest", type=int, default=1_000_000, help="characters of the longest text")
    args = parser.parse_args()
    cases = yaml.safe_load((evaluation.HERE / "cases" / "frames" / "en.yaml").read_text("utf-8"))
    dense = [case["text"] for case in cases]
    table = Table("article of 3 kB", "median, ms", "least", "most", "claims")
    warring = [sentence.replace("Vienna", "Kyiv").replace("Lisbon", "Damascus") for sentence in CIVIL]
    for name, sentences in (
        ("no military word, no land at war", CIVIL),
        ("no military word, lands at war", warring),
        ("a claim in each sentence", dense),
    ):
        one = article(filled(sentences, SIZE))
        times = spent(one, args.runs)
        found = str(len(claims.extract(one, evaluation.knowledge())))
        table.add_row(name, *(f"{f(times):.2f}" for f in (statistics.median, min, max)), found)
    times = blind(args.runs)
    table.add_row(
        "the median of the blind sets", *(f"{f(times):.2f}" for f in (statistics.median, min, max)), ""
    )
    Console().print(table)
    curve = Table("characters", "ms", "µs a kB", "")
    size = SIZE
    while size <= args.longest:
        one = article(filled(dense, size))
        took = statistics.median(spent(one, 1 if size > 100 * KILO else 3))
        each = took * KILO / (size / KILO)
        curve.add_row(f"{size:,}", f"{took:,.1f}", f"{each:,.0f}", "█" * round(each / 1000))
        size = min(size * 10 // 3, args.longest) if size < args.longest else args.longest + 1
    Console().print(curve)


if __name__ == "__main__":
    main()
