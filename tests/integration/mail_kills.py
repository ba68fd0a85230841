"""Kill mailers at random moments and count what arrived.

    python -m tests.integration.mail_kills verify --kills 100 --alerts 500
    python -m tests.integration.mail_kills park|resend …
    python -m tests.integration.mail_kills postgres --kills 20 --alerts 500

`verify`, `park` and `resend` say what becomes of a mail in doubt. The SMTP server refuses one of ten mails
for now and drops the line of two of ten after DATA; an IMAP server (Dovecot) holds the archive, up to
`--delay` seconds late. `postgres`: two mailers on one PostgreSQL, by turns one is paused and one killed.
"""

import argparse
import asyncio
import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from agents.ledger import Ledger
from agents.mail import ledger_place
from tests.alerting import alert
from tests.integration.servers import Dovecot, Postgres
from tests.integration.test_mail import Process, Server, settings

THEATRES = ("LY", "SD", "ML", "YE", "SY", "UA", "CD", "CF", "SO", "ET", "NE", "BF", "AZ", "PS", "LB", "IQ")
SETTLE = 300.0  # seconds until everything must have its end


def told(number):
    """Return alerts on many theatres, so that they come in many mails."""
    return [alert(f"{THEATRES[place % len(THEATRES)]}|RU|arms|side-{place}") for place in range(number)]


def states(chosen):
    book = Ledger(ledger_place(chosen))
    try:
        return book.counts()
    finally:
        book.close()


async def settled(chosen, process, alerts, final):
    """Have every alert accepted once more, and wait until each has its end."""
    for each in alerts:
        assert process.accept(each)
    end = time.monotonic() + SETTLE
    while not set(states(chosen)) <= final:
        assert time.monotonic() < end, states(chosen)
        await asyncio.sleep(0.5)


def outcome(server, chosen, alerts, kills):
    ids = Counter(server.ids())
    found = states(chosen)
    return {
        "kills": kills,
        "alerts": len(alerts),
        "states": found,
        "mails": len(ids),
        "twice": sum(times - 1 for times in ids.values()),
        "unknown": len(alerts) - sum(found.values()),
    }


async def doubts(folder, policy, *, kills, alerts, delay, grace, seed=7):
    """Kill one mailer `kills` times while `alerts` alerts are told; return what arrived."""
    chance, list_, place = random.Random(seed), told(alerts), 0
    with Dovecot() as box, Server(folder / "mails", f"--archive={box.maildir},{delay}") as server:
        fields = {
            "mail_in_doubt": policy, "mail_archive": "archive@x.example", "mail_grace": str(grace),
            "imap_host": "127.0.0.1", "imap_port": str(box.port), "imap_tls": "none", "imap_user": "archive",
            "imap_password": "geheim",
        }  # fmt: skip
        chosen = settings(server, folder)
        for kill in range(kills):
            process = Process(server, folder, "unsure@x.example", **fields)
            end = time.monotonic() + chance.uniform(0.1, 1.0)
            goal = len(list_) * (kill + 1) // kills
            while time.monotonic() < end or place < goal:
                if place < len(list_):
                    assert process.accept(list_[place])
                    place += 1
                await asyncio.sleep(0.01)
            process.kill()
            place = max(0, place - 3)  # the last offsets were not committed
        process = Process(server, folder, "unsure@x.example", **fields)
        await settled(chosen, process, list_, {"SENT"} if policy != "park" else {"SENT", "PARKED"})
        process.finish()
        return outcome(server, chosen, list_, kills)


async def two_on_postgres(folder, *, kills, alerts, seed=7):
    """Have two mailers share a PostgreSQL; by turns pause one and kill the other."""
    chance, list_, place = random.Random(seed), told(alerts), 0
    with Postgres() as base, Server(folder / "mails") as server:
        fields = {"ledger": base.address, "mail_in_doubt": "park"}
        chosen = settings(server, folder, ledger=base.address)
        pair = [Process(server, folder, **fields) for _ in range(2)]
        for turn in range(kills):
            paused, killed = pair[turn % 2], pair[(turn + 1) % 2]
            paused.process.send_signal(signal.SIGSTOP)
            goal = len(list_) * (2 * turn + 1) // (2 * kills)
            assert all(killed.accept(each) for each in list_[place:goal])
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            paused.process.send_signal(signal.SIGCONT)
            killed.kill()
            place, goal = max(0, goal - 3), len(list_) * (2 * turn + 2) // (2 * kills)
            assert all(paused.accept(each) for each in list_[place:goal])
            place = goal
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            pair[(turn + 1) % 2] = Process(server, folder, **fields)
        await settled(chosen, pair[0], list_, {"SENT", "PARKED"})
        for each in pair:
            each.finish()
        return outcome(server, chosen, list_, kills)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["verify", "park", "resend", "postgres"])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--alerts", type=int, default=500)
    parser.add_argument("--delay", type=float, default=5.0, help="seconds until the archive has its copy")
    parser.add_argument("--grace", type=float, default=8.0, help="CONDOTTA_MAIL_GRACE")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pytest-condotta-") as name:
        folder, many = Path(name), {"kills": args.kills, "alerts": args.alerts}
        run = (
            two_on_postgres(folder, **many)
            if args.what == "postgres"
            else doubts(folder, args.what, delay=args.delay, grace=args.grace, **many)
        )
        print(args.what, asyncio.run(run))


if __name__ == "__main__":
    main()
