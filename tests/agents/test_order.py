from types import SimpleNamespace

from faust.types import TP

from agents import order as module
from agents.order import Order


def messages(*offsets, topic="t", partition=0):
    return [
        SimpleNamespace(topic=topic, partition=partition, offset=each, tp=TP(topic, partition))
        for each in offsets
    ]


def order(committed=0, asked=None):
    async def stands(places):
        if asked is not None:
            asked.append(set(places))
        return dict.fromkeys(places, (committed, 99))

    return Order(stands, ["compacted"])


async def test_one_after_another_is_well():
    found = order()
    assert await found.broken(messages(0, 1, 2)) == ""
    assert await found.broken(messages(3, 4)) == ""


async def test_a_record_that_was_passed_over_is_seen():
    found = order()
    assert await found.broken(messages(0, 1, 3)) == "t 0: 3 came where 2 was next"


async def test_the_first_record_is_compared_with_where_the_group_stands():
    assert await order(committed=7).broken(messages(8)) == "t 0: 8 came where 7 was next"
    assert await order(committed=7).broken(messages(7)) == ""


async def test_records_may_come_again():
    found = order(committed=5)
    assert await found.broken(messages(3, 4, 5, 6)) == ""
    assert await found.broken(messages(4, 5)) == ""
    assert await found.broken(messages(8)) == "t 0: 8 came where 6 was next"


async def test_the_broker_is_asked_once_for_each_assignment():
    asked = []
    found = order(asked=asked)
    await found.broken(messages(0))
    await found.broken(messages(1) + messages(0, partition=1))
    assert asked == [{TP("t", 0)}, {TP("t", 1)}]
    found.forget()
    assert await found.broken(messages(5)) == "t 0: 5 came where 0 was next"


async def test_holes_of_compaction_are_no_harm():
    assert await order().broken(messages(4, 9, topic="compacted")) == ""


async def test_a_broker_that_is_away_is_asked_again(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    answers = [OSError("away"), {TP("t", 0): (3, 9)}]

    async def stands(places):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await Order(stands).broken(messages(3)) == ""
