"""What the files about the world must hold: enough of it, ids as the ontology settles them, no loose ends."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

import pytest
import yaml

from pipeline.knowledge import HERE, Conflict, Entry, Knowledge, load
from pipeline.types import EntityKind, InvolvementType

BODIES = "un nato eu au ecowas sadc eac csto anti-isis-coalition saudi-led-coalition"
GROUPS = (
    "wagner-group africa-corps hezbollah houthis islamic-state al-qaeda taliban hamas al-shabaab sdf ypg pkk "
    "m23 fdlr rsf saf lna gna tplf hts sna quds-force"
)
CLASSES = (
    "armoured-vehicle tank artillery rocket-artillery mortar air-defence-system manpads anti-tank-missile "
    "ballistic-missile cruise-missile anti-ship-missile missile combat-aircraft attack-helicopter helicopter "
    "transport-aircraft combat-drone drone loitering-munition small-arms ammunition explosives mine warship "
    "patrol-boat submarine radar electronic-warfare bomb machine-gun"
)
LEAST: dict[EntityKind, int] = {
    "group": 250, "company": 40, "leader": 350, "weapon": 300, "body": 20, "mission": 80,
}  # fmt: skip
NATURES = {"rebel", "government", "militia", "pmc", "jihadist", "party", "army", "service"}


@pytest.fixture(scope="module")
def world() -> Knowledge:
    return load()


def listed(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))


def of_kind(world: Knowledge, kind: EntityKind) -> list[Entry]:
    return [entry for entry in world.entries.values() if entry.kind == kind]


def actors(world: Knowledge) -> set[str]:
    """Every id that can stand for somebody: states, groups, companies, bodies."""
    return {e.id for e in world.entries.values() if e.kind in ("country", "group", "company", "body")}


def conflict(world: Knowledge, ident: str) -> Conflict:
    return next(c for c in world.conflicts if c.id == ident)


def at_war(war: Conflict, day: date) -> set[str]:
    return {
        party.id
        for party in war.parties
        if (party.start or war.start) <= day <= (party.end or war.end or date.max)
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "least"), LEAST.items())
def test_there_is_enough_of_each_kind(world: Knowledge, kind: EntityKind, least: int) -> None:
    assert len(of_kind(world, kind)) >= least


def test_at_least_ninety_wars_are_known(world: Knowledge) -> None:
    assert len(world.conflicts) >= 90
    assert len({war.id for war in world.conflicts}) == len(world.conflicts)


@pytest.mark.parametrize("ident", BODIES.split())
def test_a_settled_body_has_its_id(world: Knowledge, ident: str) -> None:
    assert world.entry("body", ident)


@pytest.mark.parametrize("ident", GROUPS.split())
def test_a_settled_group_has_its_id(world: Knowledge, ident: str) -> None:
    assert world.entry("group", ident)


def test_a_company_has_its_settled_id(world: Knowledge) -> None:
    company = world.entry("company", "sadat")
    assert company is not None
    assert (company.nature, company.country) == ("pmc", "TR")


@pytest.mark.parametrize("ident", CLASSES.split())
def test_a_weapon_class_has_no_class_and_no_maker(world: Knowledge, ident: str) -> None:
    entry = world.entry("weapon", ident)
    assert entry is not None
    assert (entry.of, entry.country) == (None, None)


def test_ids_are_lower_case_with_hyphens(world: Knowledge) -> None:
    loose = [
        e.id
        for kind in LEAST
        for e in of_kind(world, kind)
        if not e.id.replace("-", "").isalnum() or e.id != e.id.lower()
    ]
    assert loose == []


def test_every_reference_leads_somewhere(world: Knowledge) -> None:
    assert list(_lost(world)) == []


def _lost(world: Knowledge) -> Iterator[str]:
    known, states = actors(world), world.countries
    for entry in (e for kind in LEAST for e in of_kind(world, kind)):
        there = {"weapon"} if entry.kind == "weapon" else {"country", "group", "company", "body"}
        targets = {e.id for e in world.entries.values() if e.kind in there}
        if entry.of is not None and entry.of not in targets:
            yield f"{entry.kind} {entry.id}: of {entry.of}"
        if entry.country is not None and entry.country not in states:
            yield f"{entry.kind} {entry.id}: country {entry.country}"
        yield from (f"{entry.id}: sponsor {one}" for one in entry.sponsors if one not in known)
        yield from (f"{entry.id}: theatre {one}" for one in entry.theatres if one not in states)


def test_every_party_of_a_war_is_known(world: Knowledge) -> None:
    known, states = actors(world), world.countries
    lost = [(war.id, party.id) for war in world.conflicts for party in war.parties if party.id not in known]
    assert lost == []
    assert [war.id for war in world.conflicts if war.theatre not in states] == []


def test_every_war_has_parties_and_days_in_order(world: Knowledge) -> None:
    for war in world.conflicts:
        assert war.parties, war.id
        assert war.end is None or war.start <= war.end, war.id
        for party in war.parties:
            start, end = party.start or war.start, party.end or war.end or date.max
            assert war.start <= start <= end <= (war.end or date.max), (war.id, party.id)


def test_a_group_says_what_it_is_and_where_it_fights(world: Knowledge) -> None:
    for entry in of_kind(world, "group"):
        assert entry.nature in NATURES, entry.id
        assert entry.country, entry.id
        assert entry.theatres, entry.id


def test_a_leader_speaks_for_somebody(world: Knowledge) -> None:
    assert [e.id for e in of_kind(world, "leader") if not e.of] == []


def test_a_system_has_a_class_and_a_maker(world: Knowledge) -> None:
    systems = [e for e in of_kind(world, "weapon") if e.of]
    assert len(systems) >= 300
    for entry in systems:
        parent = world.entry("weapon", entry.of or "")
        assert parent is not None, entry.id
        assert parent.of is None, entry.id
        assert entry.country, entry.id


def test_every_entry_can_be_found_by_a_name(world: Knowledge) -> None:
    nameless = [e.id for kind in LEAST for e in of_kind(world, kind) if not e.names and not e.weak]
    assert nameless == []


def test_a_strong_name_means_one_thing_within_a_kind(world: Knowledge) -> None:
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in world.names:
        if not name.weak and name.kind in LEAST:
            meant[name.kind, name.text].add(name.id)
    assert {text: ids for text, ids in meant.items() if len(ids) > 1} == {}


def test_entries_say_who_knows_it(world: Knowledge) -> None:
    assert all(e.source.strip() for kind in LEAST for e in of_kind(world, kind))
    assert all(war.source.strip() for war in world.conflicts)


def test_russia_is_a_belligerent_in_ukraine_from_the_invasion_on(world: Knowledge) -> None:
    war = conflict(world, "ukraine")
    day = date(2022, 2, 24)
    assert "RU" in at_war(war, day)
    assert "RU" not in at_war(war, day - timedelta(days=1))
    assert {"UA", "donetsk-peoples-republic"} <= at_war(war, day - timedelta(days=1))


@pytest.mark.parametrize(
    ("ident", "sides", "outside"),
    [
        ("libya-2014", {"gna", "lna"}, {"TR", "RU", "AE", "LY"}),
        ("sudan", {"saf", "rsf"}, {"AE", "EG", "SD"}),
        ("yemen", {"houthis"}, {"saudi-led-coalition", "SA", "IL", "US"}),
        ("gaza-war", {"IL", "hamas"}, {"IR", "US", "houthis"}),
        ("syria", {"sdf"}, {"RU", "TR", "IL", "US", "IR"}),
        ("m23-war", {"CD", "m23"}, {"RW", "UG"}),
        ("turkey-pkk", {"TR", "pkk"}, set()),
        ("iraq-islamic-state", {"IQ", "islamic-state"}, {"TR", "US", "IR"}),
    ],
)
def test_sides_and_outsiders_of_a_war_of_today(
    world: Knowledge, ident: str, sides: set[str], outside: set[str]
) -> None:
    parties = at_war(conflict(world, ident), date(2025, 6, 1))
    assert sides <= parties
    assert parties.isdisjoint(outside)


def test_armenia_is_no_outsider_in_karabakh_nor_eritrea_a_party_in_tigray(world: Knowledge) -> None:
    assert {"AZ", "AM"} <= at_war(conflict(world, "karabakh"), date(2020, 10, 1))
    assert "ER" not in at_war(conflict(world, "tigray"), date(2021, 1, 1))


def test_help_to_israel_is_for_gaza_unless_a_text_says_otherwise(world: Knowledge) -> None:
    first = next(war for war in world.conflicts if "IL" in at_war(war, date(2024, 6, 1)))
    assert first.theatre == "PS"


def test_two_sides_that_claim_a_state_are_not_that_state(world: Knowledge) -> None:
    for ident, state in (("lna", "LY"), ("gna", "LY"), ("saf", "SD"), ("rsf", "SD")):
        group = world.entry("group", ident)
        assert group is not None
        assert (group.country, group.of) == (state, None)


def test_all_fifteen_types_have_the_settled_windows(world: Knowledge) -> None:
    windows: dict[InvolvementType, int] = {
        "strikes": 14, "political_backing": 30, "unspecified_support": 30, "intelligence": 60, "arms": 90,
        "materiel": 90, "training": 90, "troops": 180, "mercenaries": 180, "foreign_fighters": 180,
        "funding": 180, "sanctuary": 180, "base": 180, "peace_operation": 180, "pact": 365,
    }  # fmt: skip
    assert {kind: one.window_days for kind, one in world.involvements.items()} == windows
    assert set(windows) == set(get_args(InvolvementType))


def test_only_hard_support_goes_out_at_once(world: Knowledge) -> None:
    never = {kind for kind, one in world.involvements.items() if one.at_once == "never"}
    assert never == {"peace_operation", "political_backing", "unspecified_support"}
    assert {kind for kind, one in world.involvements.items() if one.at_once == "signed"} == {"pact"}


def test_an_outlet_belongs_to_one_family() -> None:
    families = listed("publishers")
    assert len(families) >= 120
    outlets = [outlet for group in families.values() for outlet in group]
    assert len(set(outlets)) == len(outlets)
    assert [o for o in outlets if o != o.casefold().strip().removeprefix("www.")] == []


def test_an_agency_has_forms_of_credit_of_its_own() -> None:
    wires = listed("wires")
    assert {
        "reuters", "afp", "ap", "antara", "dpa", "efe", "ansa", "anadolu", "tass", "ria", "interfax",
        "xinhua", "kyodo", "yonhap", "bernama", "pti", "wam", "spa", "sana", "sputnik", "bbc-monitoring",
    } <= set(wires)  # fmt: skip
    forms = [form for group in wires.values() for form in group]
    assert len(set(forms)) == len(forms)
    assert all(len(form) >= 2 for form in forms)
