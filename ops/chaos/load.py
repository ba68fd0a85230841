"""The load of the chaos runs: articles about many pairs, with reprints, denials, ends; always the same."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

COUNTRIES = (
    "Russia", "Turkey", "Iran", "Egypt", "France", "China", "Qatar", "Jordan", "Belarus", "Serbia",
    "Bulgaria", "Pakistan", "India", "Algeria", "Kenya", "Uganda", "Chad", "Greece", "Italy", "Germany",
    "Saudi Arabia", "South Africa", "North Korea", "Eritrea",
)  # fmt: skip
WARS = (
    "the forces of Khalifa Haftar in Libya",
    "the Rapid Support Forces in Sudan",
    "the M23 rebels in eastern Congo",
    "the Houthis in Yemen",
    "the government of Mali against the jihadists of JNIM in Mali",
    "the army of Myanmar in its war with the rebels in Myanmar",
)
TOLD = (
    "{country} sent weapons to {side}, a UN panel of experts said in a report on Tuesday.",
    "{country} has supplied drones and ammunition to {side}, according to two diplomats.",
    "{country} sent 300 soldiers to support {side}, an official said on Monday.",
    "{country} trained fighters of {side}, the newspaper reported.",
    "{country} gave money to {side}, a minister said.",
)
DENIED = "{country} denied that it had sent weapons to {side}, calling the reports false."
ENDED = "{country} has stopped sending weapons to {side}, its foreign ministry said."
FILLER = (
    "The council met on Tuesday to discuss the budget for schools and roads in the coming year.",
    "Residents of the port said that prices of bread and cooking oil had risen again this month.",
    "The minister told reporters that talks on the new railway would go on after the holidays.",
    "Heavy rain closed two bridges in the north, and the harvest of maize began later than usual.",
    "The bank expects growth of three per cent if the price of oil stays where it is now.",
    "Doctors at the central hospital asked for more beds and for fuel for the generators.",
)
FIRST = datetime(2026, 2, 1, 6, tzinfo=UTC)
QUIET = 6  # articles without any claim for each that has one


def articles(count: int) -> Iterator[bytes]:
    """Yield `count` raw articles as JSON."""
    dice = random.Random(20260201)
    told: list[dict[str, object]] = []
    pairs = [(country, side) for country in COUNTRIES for side in WARS]
    dice.shuffle(pairs)
    for number in range(count):
        if told and number % 25 == 24:  # a reprint: another outlet, the same text
            yield _written(dice.choice(told) | {"source": f"copy-{number % 7}.example.net"}, number)
            continue
        lines = dice.sample(FILLER, 4)
        if number % (QUIET + 1) == 0:
            lines.insert(dice.randrange(3), _claim(dice, *pairs[number // (QUIET + 1) % len(pairs)], number))
        article = _article(lines, number)
        if number % (QUIET + 1) == 0:
            told.append(article)
        yield _written(article, number)


def _claim(dice: random.Random, country: str, side: str, number: int) -> str:
    form = {0: DENIED, 1: ENDED}.get(number // (QUIET + 1) % 9) or dice.choice(TOLD)
    return form.format(country=country, side=side)


def _article(lines: list[str], number: int) -> dict[str, object]:
    text = [*lines, f"This is report number {number} of the day."]
    html = number % 4 == 0
    page = "".join(f"<p>{line}</p>" for line in text)
    at = FIRST + timedelta(minutes=number)
    return {
        "source": f"outlet-{number % 40}.example.org",
        "title": f"Notes of the day, part {number}",
        "content_type": "text/html" if html else "text/plain",
        "body": f"<html><body><article>{page}</article></body></html>" if html else "\n\n".join(text),
        "published_at": at.isoformat(),
        "fetched_at": (at + timedelta(hours=1)).isoformat(),
    }


def _written(article: dict[str, object], number: int) -> bytes:
    return orjson.dumps(article | {"id": f"chaos-{number}"})
