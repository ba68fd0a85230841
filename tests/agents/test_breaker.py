from agents.breaker import ARTICLES, PAUSE, WINDOW, Breaker


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def broken(clock=None, faults=ARTICLES, well=0):
    found = Breaker(clock or Clock())
    for n in range(well):
        found.saw(f"w{n}", fault=False)
    for n in range(faults):
        found.saw(f"a{n}", fault=True)
    return found


def test_faults_in_twenty_articles_and_most_records_stop_a_worker():
    assert broken().open
    assert not broken(faults=ARTICLES - 1).open
    assert broken(well=ARTICLES - 1).open
    assert not broken(well=ARTICLES).open


def test_one_article_alone_stops_nobody():
    found = Breaker(Clock())
    for _ in range(1000):
        found.saw("a", fault=True)
    assert not found.open


def test_old_faults_are_forgotten():
    clock = Clock()
    found = broken(clock, faults=ARTICLES - 1)
    clock.now += WINDOW + 1
    found.saw("last", fault=True)
    assert not found.open


def test_one_record_a_minute_is_tried_until_one_passes():
    clock = Clock()
    found = broken(clock)
    assert found.wait() == PAUSE
    clock.now += PAUSE
    assert found.wait() == 0
    found.saw("still", fault=True)
    assert (found.open, found.wait()) == (True, PAUSE)
    clock.now += PAUSE
    found.saw("well", fault=False)
    assert (found.open, found.wait()) == (False, 0)
