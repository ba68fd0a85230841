"""Novelty: what is permanent (ids, periods, the state), each rule by itself, and the caps."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from pipeline.ids import derive
from pipeline.knowledge import load
from pipeline.novelty import NewerVersion, judge, memory
from pipeline.novelty.memory import LIMIT, REPORTS
from pipeline.novelty.mention import mark, read
from pipeline.novelty.spells import DAYS, DISPUTED, ENDED, START, add, bounded, runs, spells
from tests.claims_builder import MADE_BY, article, claim, day


def fold(*several, state=None):
    """Return the decisions on `several`, one after another, and the state after them."""
    made = []
    for one in several:
        decision, state = judge(one, state, load())
        made.append(decision)
    return made, state


def last(*several):
    return fold(*several)[0][-1]


def at(number, id=None, **fields):
    return article(id or f"a{number}", published_at=day(number), **fields)


def signature(changed=0):
    """Return a signature that differs from `signature()` in `changed` of 64 values."""
    values = [(number * 7 + (number < changed)) % 256 for number in range(64)]
    return base64.b64encode(b"".join(value.to_bytes(4, "little") for value in values)).decode()


# What others rely on


def test_a_decision_id_is_made_of_claim_key_period_and_step():
    one = claim(of=at(0))
    decision = last(one)
    assert decision.id == derive(one.id, "LY|RU|arms|lna", "2026-01-01", "new")


def test_a_decision_carries_what_alerts_need():
    decision = last(
        claim(of=at(0)), claim(of=at(1), epistemic="found", quantity=(14, "items"), disputed=True)
    )
    assert decision.made_by == load().made_by != MADE_BY
    assert (decision.decision, decision.step) == ("UPDATE", "denied")
    assert decision.deltas == ("rank:4", "quantity:items:10", "families:2")
    assert (decision.rank, decision.disputed, decision.families) == (4, True, 2)
    assert (decision.story, decision.key, decision.matched_key) == ("LY|RU|arms", *["LY|RU|arms|lna"] * 2)
    assert decision.first_seen == day(0)
    assert "rank 3 to 4" in decision.reason


def test_first_seen_is_the_oldest_publication_to_the_microsecond():
    precise = datetime(2026, 1, 1, 5, 4, 3, 210987, tzinfo=timezone(timedelta(hours=7)))
    decision = last(claim(of=at(0)), claim(of=article("b", published_at=precise)))
    assert decision.first_seen == precise.astimezone(UTC)


def test_an_update_of_another_key_names_that_key():
    decision = last(claim("LY|TR|mercenaries|gna", of=at(0)), claim("LY|TR|foreign_fighters|gna", of=at(3)))
    assert decision.step == "sister:foreign_fighters"
    assert (decision.key, decision.matched_key) == ("LY|TR|foreign_fighters|gna", "LY|TR|mercenaries|gna")
    assert decision.story == "LY|TR|foreign_fighters"


def test_steps_stand_in_the_order_of_the_contract():
    decision = last(
        claim("LY|TR|troops|", of=at(0), realis="planned"),
        claim(
            "LY|TR|troops|gna",
            of=at(1),
            disputed=True,
            epistemic="acknowledged",
            quantity=(35, "people"),
            equipment=("bayraktar-tb2",),
        ),
    )
    steps = (decision.step, *decision.deltas)
    assert [step.partition(":")[0] for step in steps] == [
        "occurred", "denied", "rank", "recipient", "quantity", "facet", "families",
    ]  # fmt: skip


def test_the_period_is_the_first_event_of_the_spell_the_claim_falls_into():
    first = claim(of=at(0))
    assert last(first).period == "2026-01-01"
    assert last(first, claim(of=at(90), epistemic="found")).period == "2026-01-01"
    assert last(first, claim(of=at(91))).period == "2026-04-02"
    assert last(claim(of=at(20)), claim(of=at(9), epistemic="found")).period == "2026-01-10"


def test_the_period_of_an_undated_article_is_that_of_the_latest_spell():
    undated = claim(of=article("u", published_at=None))
    assert last(undated).period is None
    assert last(claim(of=at(5)), undated).period == "2026-01-06"


# Rules that the streams do not single out


@pytest.mark.parametrize(
    ("quantity", "band"),
    [
        (1, 1),
        (2, 1),
        (3, 3),
        (29, 10),
        (30, 30),
        (999, 300),
        (1000, 1000),
        (9_999, 3000),
        (10**30, 3 * 10**15),
    ],
)
def test_bands_are_one_and_three_of_each_power_of_ten(quantity, band):
    assert read(claim(quantity=(quantity, "people"))).band == ("people", band)


def test_no_quantity_is_no_band():
    assert read(claim(quantity=(0, "people"))).band is None


@pytest.mark.parametrize(
    ("epistemic", "realis", "rank"),
    [
        ("alleged", "occurred", 2),
        ("asserted", "ongoing", 3),
        ("found", "occurred", 4),
        ("acknowledged", "occurred", 5),
        ("acknowledged", "authorised", 1),
        ("found", "hypothetical", 0),
        ("found", "historical", 0),
        ("denied", "occurred", 0),
        ("retracted", "occurred", 0),
    ],
)
def test_rank_follows_realis_first(epistemic, realis, rank):
    assert read(claim(epistemic=epistemic, realis=realis)).rank == rank


def test_a_denial_corroborates_nothing():
    decision = last(claim(of=at(0)), claim(of=at(1), epistemic="denied", quantity=(500, "people")))
    assert (decision.step, decision.deltas, decision.families) == ("denied", (), 1)


def test_what_occurred_is_not_later_than_its_article():
    assert last(claim(of=at(2), event=("2026-01-01", "2026-01-31"))).period == "2026-01-03"


@pytest.mark.parametrize(("changed", "decision"), [(12, "REPEAT"), (13, "UPDATE")])
def test_52_of_64_equal_values_are_the_same_report(changed, decision):
    one, other = at(0, signature=signature()), at(1, signature=signature(changed))
    assert last(claim(of=one), claim(of=other)).decision == decision


def test_a_reprint_with_a_key_of_its_own_is_new_for_that_key():
    text = "one two three four five six seven eight"
    decision = last(claim(of=at(0, text=text)), claim("LY|RU|training|lna", of=at(1, text=text)))
    assert decision.decision == "NEW"


def test_the_family_counted_is_that_of_the_oldest_print_whichever_came_first():
    text = "one two three four five six seven eight"
    original, reprint = claim(of=at(0, text=text)), claim(of=at(1, text=text))
    other = claim(of=at(2, source="a1.example"))  # the reprinting outlet, now with a report of its own
    assert last(original, reprint, other).families == 2
    assert last(reprint, other, original).families == 2


def test_own_reporting_counts_within_one_spell():
    near = [claim(of=at(number), own=True) for number in (0, 50)]
    far = [claim(of=at(number), own=True) for number in (0, 200)]
    assert last(*near).rank == 4
    assert last(*far).rank == 3


def test_own_reporting_that_is_reprinted_is_one_report():
    text = "one two three four five six seven eight"
    assert last(*(claim(of=at(number, text=text), own=True) for number in (0, 1))).rank == 3


def test_a_late_end_parts_a_spell_where_it_would_have_parted():
    start, end, again = claim(of=at(0)), claim(of=at(9), change="end"), claim(of=at(20))
    in_order, out_of_order = fold(start, end, again), fold(start, again, end)
    assert in_order[1] == out_of_order[1]
    assert in_order[0][-1].decision == "REACTIVATED"
    assert out_of_order[0][-1].step == "ended"


def test_a_stronger_report_of_an_older_spell_is_told_under_its_own_period():
    decision = last(claim(of=at(200)), claim(of=at(0), epistemic="found"))
    assert (decision.decision, decision.step, decision.period) == ("UPDATE", "rank:4", "2026-01-01")


def test_a_denial_of_all_support_disputes_the_specific_key():
    arms, denial = claim(of=at(0)), claim("LY|RU|unspecified_support|lna", of=at(1), epistemic="denied")
    assert last(arms, denial, claim(of=at(2), epistemic="found")).disputed
    assert not last(arms, denial, claim(of=at(300))).disputed


def test_a_key_first_seen_in_a_denial_enters_at_rank_two_disputed():
    decision = last(claim(of=at(0), epistemic="denied"))
    assert (decision.decision, decision.rank, decision.disputed, decision.families) == ("NEW", 2, True, 0)


def test_an_event_has_its_own_date_only_where_it_occurred():
    assert last(claim(of=at(30), event=("2026-01-02", "2026-01-05"))).period == "2026-01-05"
    assert last(claim(of=at(30), event=("2026-01-02", None))).period == "2026-01-02"
    assert last(claim(of=at(30), event="2026-01-02", realis="ongoing")).period == "2026-01-31"


def test_dates_are_of_utc():
    early = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=7)))
    assert last(claim(of=article(published_at=early))).period == "2026-01-01"


def test_an_edit_at_the_same_url_with_nearly_the_same_text_may_still_bring_a_denial():
    first = at(0, "a", url="https://a.example/1", text="one two three four five six seven eight")
    edit = at(0, "a", url="https://a.example/1", text="one two three four five six seven eight. He denied it")
    assert last(claim(of=first), claim(of=edit, epistemic="denied")).step == "denied"


def test_a_reprint_is_a_repeat_whatever_it_is_read_as():
    text = "one two three four five six seven eight"
    told = last(
        claim(of=at(0, text=text), epistemic="alleged"), claim(of=at(1, text=text), epistemic="found")
    )
    assert (told.decision, told.rank) == ("REPEAT", 4)


def test_what_one_article_says_vaguely_again_is_a_repeat():
    of = at(0)
    assert last(claim(of=of), claim("LY|RU|arms|", of=of, at=50, quantity=(9, "items"))).decision == "REPEAT"


def test_a_retraction_is_told_of_the_key_that_was_told():
    support, arms = claim("LY|RU|unspecified_support|lna", of=at(0)), claim(of=at(1))
    back = last(support, arms, claim("LY|RU|unspecified_support|lna", of=at(2), epistemic="retracted"))
    assert (back.step, back.matched_key) == ("retracted", "LY|RU|unspecified_support|lna")


@pytest.mark.parametrize(
    "fact", [{"epistemic": "retracted"}, {"change": "interdicted"}, {"epistemic": "found"}]
)
def test_mere_support_says_little_of_the_specific_key(fact):
    assert last(claim(of=at(0)), claim("LY|RU|unspecified_support|", of=at(1), **fact)).decision == "REPEAT"


# Versions


@pytest.mark.parametrize("state", [b'{"schema":"pair/2","nodes":{}}', b'{"schema": "pair/10.4"}'])
def test_a_state_of_a_newer_release_is_left_alone(state):
    with pytest.raises(NewerVersion, match=r"pair/(2|10\.4)"):
        judge(claim(), state, load())


def test_a_claim_of_a_newer_release_waits():
    with pytest.raises(NewerVersion, match="claim/2"):
        judge(claim(schema="claim/2"), None, load())


def test_a_state_with_additions_of_a_minor_version_is_read():
    _, state = fold(claim(of=at(0)))
    newer = state.replace(b'"schema":"pair/1"', b'"schema":"pair/1","muted":["x"]')
    assert judge(claim(of=at(0)), newer, load())[0].decision == "REPEAT"


# The stored layout


def test_the_state_is_json_in_its_final_layout():
    one = claim(
        of=article("a", published_at=day(1), url="https://one.example/x", text="a b c d e f g"), own=True
    )
    state = msgspec.json.decode(fold(one)[1])
    ((at_, id, content, url, family, low, keys),) = state["reports"]
    assert state["schema"] == "pair/1"
    assert (at_, id, content) == (1767333600000000, "a", one.article.content_hash[:16])
    assert url == mark("https://one.example/x")
    assert family == mark("a.example")
    assert base64.b64decode(low) == base64.b64decode(one.article.signature)[::4]
    assert keys == {mark(one.key): 4 * 739618 + 2}
    assert state["keys"] == [[mark(one.key), one.key, [at_, [[739618, 0, 3, 129]], [], {}, [], [], 0]]]
    assert state["others"] == []


def test_long_article_ids_are_kept_by_their_hash():
    _, state = fold(claim(of=article("i" * 200)))
    assert len(state) < 400


# Caps


def many(number, **fields):
    return [claim(of=at(index, source=f"o{index}.example"), **fields) for index in range(number)]


def test_the_newest_reports_are_remembered():
    _, state = fold(*reversed(many(REPORTS + 10)))
    reports = memory.decode(state).reports
    assert [one.id for one in reports] == [f"a{index}" for index in reversed(range(10, REPORTS + 10))]


def test_families_of_reports_that_fell_out_still_count():
    several = [claim(of=at(0, source="old.example")), *many(REPORTS, epistemic="denied")]
    text = "one two three four five six seven eight"
    unique = [claim(of=at(500 + index, f"n{index}", source="new.example", text=text)) for index in range(2)]
    assert last(*several, unique[0]).families == 2
    assert last(*several, *unique).families == 2


def test_a_reprint_older_than_all_that_is_remembered_adds_no_family():
    text = "one two three four five six seven eight"
    reprints = [claim(of=at(0, f"r{index}", source=f"r{index}.example", text=text)) for index in range(4)]
    later = [
        claim("LY|RU|troops|lna", of=at(index + 1, source="o.example", text=str(index)))
        for index in range(REPORTS)
    ]
    _, state = fold(*reprints, *later)
    made, after = fold(*reprints, state=state)
    assert {one.decision for one in made} == {"REPEAT"}
    assert {one.families for one in made} == {1}
    assert after == state


def test_four_spells_are_remembered_and_older_events_are_no_news():
    several = [claim(of=at(100 * index)) for index in range(6)]
    assert [one.decision for one in fold(*several)[0]] == ["NEW", *["REACTIVATED"] * 5]
    (key,) = memory.decode(fold(*several)[1]).keys
    assert len(memory.body(memory.decode(fold(*several)[1]), key.name).days) == 4
    assert last(*several, claim(of=at(1), epistemic="acknowledged")).decision == "REPEAT"


@pytest.mark.long
def test_keys_shrink_to_their_marks_and_are_never_new_again():
    keys = [f"LY|RU|arms|group-{index}" for index in range(900)]
    weapons = tuple(f"weapon-{index}" for index in range(16))
    several = [
        claim(key, of=at(index % 300, f"a{index}"), equipment=weapons) for index, key in enumerate(keys)
    ]
    made, state = fold(*several)
    assert {one.decision for one in made} == {"NEW"}
    pair = memory.decode(state)
    assert len(state) <= LIMIT
    assert len(pair.keys) > 20
    assert len(pair.keys) + len(pair.others) == len(keys)
    assert pair.keys[-1].mark < pair.others[0]
    later = [claim(one.key, of=at(900 + index % 5, f"b{index}")) for index, one in enumerate(several)]
    again = fold(*later, state=state)[0]
    assert "NEW" not in {one.decision for one in again}
    assert (
        "forgotten"
        in {one.key: one.reason for one in again}[next(k for k in keys if mark(k) == pair.others[-1])]
    )


def test_more_keys_than_marks_are_kept_are_taken_as_known(monkeypatch):
    monkeypatch.setattr(memory, "LIMIT", 4096)
    monkeypatch.setattr(memory, "OTHERS", 40)
    several = [claim(f"LY|RU|arms|group-{index}", of=at(0, f"a{index % 5}")) for index in range(120)]
    _, state = fold(*several)
    assert len(state) <= 4096
    assert len(memory.decode(state).others) == 40
    assert {one.decision for one in fold(*several, state=state)[0]} == {"REPEAT"}


def test_a_state_of_the_largest_facts_stays_within_its_limit():
    state = None
    for index in range(300):
        key = f"LY|RU|{('arms', 'troops', 'funding')[index % 3]}|group-{index % 40}"
        of = article(
            f"{index:03}" * 60,
            published_at=day(index),
            url=f"https://one.example/{index}",
            text=f"{index} " * 9,
        )
        weapons = tuple(f"w{index}-{number}" for number in range(40))
        made = claim(
            key, of=of, own=True, equipment=weapons, executor=f"x{index}", quantity=(index, f"u{index}")
        )
        _, state = judge(made, state, load())
        assert len(state) <= LIMIT


# Spells


def test_a_gap_of_just_the_window_is_no_gap():
    assert len(runs([(0, 0, 2, 0), (90, 0, 2, 0)], 90)) == 1
    assert len(runs([(0, 0, 2, 0), (91, 0, 2, 0)], 90)) == 2


def test_a_start_on_the_day_of_the_end_is_part_of_what_ended():
    assert len(runs([(5, 0, 2, START | ENDED), (6, 0, 2, 0)], 90)) == 1
    assert len(runs([(5, 0, 2, START | ENDED), (6, 0, 2, START)], 90)) == 2


def test_a_spell_known_from_a_denial_alone_has_rank_two():
    assert spells([(5, 0, 0, DISPUTED)], 90)[0].rank == 2
    assert spells([(5, 0, 0, DISPUTED), (6, 0, 1, 0)], 90)[0].rank == 1


def test_a_long_spell_blurs_its_oldest_days_and_keeps_its_bounds():
    days = []
    for number in range(1, 3 * DAYS):
        days, _ = bounded(add(days, 2 * number, number % 4, ENDED if number == 7 else 0), 14)
    (spell,) = spells(days, 14)
    assert len(days) == DAYS
    assert (spell.first, spell.last, spell.rank, spell.bits) == (2, 6 * DAYS - 2, 3, ENDED)
    assert add(days, 4, 0, 0) == days
