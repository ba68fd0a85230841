#!/usr/bin/env python3
"""Measure the fold of novelty: time of one claim, with the decoding and encoding of its state.

    python ops/bench/novelty.py [--reports 100000] [--keys 3]
    python ops/bench/novelty.py --memory 10000,100000,1000000 [--copies 50]

Folds that many reports of one pair one after another. Prints, as the memory fills, median, quartiles and the
99th percentile in milliseconds of wall time, that of processor time, and the size of the state in bytes.
Every report differs from the others in text, day and outlet; one of four is a reprint of the one before it.

With --memory: as many keys, one report each, in pairs of about twenty, kept in the table that the workers use
(RocksDB): microseconds of processor time a claim, megabytes of the process and on disk, and the seconds in
which a new table takes all states over, as after a restart without a disk. With --copies N one key of N is
folded, and each state is kept under N names: what is kept, and what is taken over, is as much.
"""

import argparse
import base64
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rocksdict

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline.ids import derive
from pipeline.knowledge import load
from pipeline.novelty import judge
from pipeline.types import ArticleRef, Claim, Evidence, MadeBy, Quantity, Speaker, Supporter

START = datetime(2020, 1, 1, tzinfo=UTC)
TYPES = ("arms", "troops", "mercenaries", "strikes", "training", "materiel", "funding", "base")
CODES = ("LY", "SD", "ML", "YE", "SY", "UA", "CD", "CF", "SO", "ET")
MADE_BY = MadeBy(version="0", knowledge="bench")


def signature(source):
    return base64.b64encode(source.randbytes(256)).decode()


def claims(reports, keys, source):
    """Yield one claim a report, over `keys` keys."""
    sign = signature(source)
    for number in range(reports):
        reprint = number % 4 == 3
        sign = sign if reprint else signature(source)
        published = START + timedelta(minutes=25 * number)
        key = source.randrange(keys)
        yield claim(
            number, f"LY|RU|{TYPES[key % len(TYPES)]}|group-{key // len(TYPES)}", published, sign, source
        )


def claim(number, key, published, sign, source):
    theatre, principal, type, recipient = key.split("|")
    identity = derive(number)
    return Claim(
        made_by=MADE_BY,
        id=identity,
        key=key,
        theatre=theatre,
        type=type,
        supporter=Supporter(principal=principal, executor=source.choice((None, "wagner-group"))),
        recipient=recipient,
        quantity=Quantity(min=source.randrange(1, 2000), max=2000, unit="people", raw=""),
        equipment=tuple(f"weapon-{source.randrange(40)}" for _ in range(source.randrange(3))),
        epistemic=source.choice(("alleged", "asserted", "found", "acknowledged", "denied")),
        realis=source.choice(("occurred", "planned", "ongoing")),
        change=source.choice(("start", "continue", "continue", "continue", "end")),
        status="asserted",
        attribution=(Speaker(speaker="a minister", kind="third_state"),),
        evidence=Evidence(field="text", quote="q", start=0, end=1),
        confidence=0.9,
        article=ArticleRef(
            id=identity, url=f"https://outlet{number % 500}.example/{number}", source="x", title="",
            wire=None, family=f"outlet{number % 500}", language="en", published_at=published,
            backfill=False, fetched_at=published, content_hash=derive("text", number), signature=sign,
        ),
    )  # fmt: skip


def show(upto, spent, state):
    times = [wall for wall, _ in spent]
    processor = statistics.median(own for _, own in spent)
    low, median, high = statistics.quantiles(times, n=4)
    slow = statistics.quantiles(times, n=100)[98]
    print(f"{upto:>9} {median:7.3f} {low:7.3f} {high:7.3f} {slow:7.3f} {processor:7.3f} {len(state):>8}")


def memory(sizes, copies, knowledge):
    """Show the curve of the memory over the number of keys."""
    print("     keys  us/claim  RSS MB   disk MB  recovery s")
    for keys in sizes:
        with tempfile.TemporaryDirectory() as folder:
            remembered(keys, copies, Path(folder), knowledge)


def remembered(keys, copies, folder, knowledge):
    source, table = random.Random(2), rocksdict.Rdict(str(folder / "a"), raw())
    spent = 0.0
    folded = keys // copies
    for number in range(folded):
        pair = f"{CODES[number % len(CODES)]}|g{number // 20 // len(CODES)}"
        key = f"{pair}|{TYPES[number // len(CODES) % len(TYPES)]}|side-{number // len(CODES) % 20}"
        name = pair.encode()
        told = claim(number, key, START + timedelta(minutes=number % 500_000), signature(source), source)
        begin = time.thread_time()
        _, state = judge(told, table.get(name), knowledge)
        table[name] = state
        spent += time.thread_time() - begin
    for name, state in list(table.items()):
        for copy in range(1, copies):
            table[name + b"-%d" % copy] = state
    rss = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    again, begin = rocksdict.Rdict(str(folder / "b"), raw()), time.perf_counter()
    for name, state in table.items():
        again[name] = state
    again.flush()
    recovery = time.perf_counter() - begin
    again.close()
    table.close()
    disk = sum(path.stat().st_size for path in (folder / "a").rglob("*") if path.is_file()) / 1e6
    print(f"{keys:>9} {spent / folded * 1e6:>9.0f} {rss:>7.0f} {disk:>9.1f} {recovery:>11.1f}", flush=True)


def raw():
    return rocksdict.Options(raw_mode=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=3, help="keys of the pair")
    parser.add_argument("--memory", help="numbers of keys, with commas")
    parser.add_argument("--copies", type=int, default=1, help="names that each state is kept under")
    args = parser.parse_args()
    if args.memory:
        return memory([int(each) for each in args.memory.split(",")], args.copies, load())
    knowledge, state, times, mark = load(), None, [], 100
    print(f"one pair, {args.keys} keys\n  reports  median    25 %    75 %    99 %     CPU  state B")
    for number, one in enumerate(claims(args.reports, args.keys, random.Random(1)), 1):
        begin, own = time.perf_counter(), time.thread_time()
        _, state = judge(one, state, knowledge)
        times.append(((time.perf_counter() - begin) * 1000, (time.thread_time() - own) * 1000))
        if number in (mark, args.reports):
            show(number, times[-mark:], state)
            mark, times = mark * 10, []


if __name__ == "__main__":
    main()
