"""What the knowledge files hold, and how a wrong one is refused."""

import importlib.util
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ops.knowledge import forms
from pipeline.errors import KnowledgeError
from pipeline.knowledge import HERE, Knowledge, load
from pipeline.knowledge.compact import merge, parse

OPS = HERE.parent.parent / "ops/knowledge"


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load()


LITTLE = {
    "countries": "source: x\ncountries: {LY: 'Libya | ru: Ливия', RU: Russia}\n",
    "demonyms": "source: x\ndemonyms: {RU: Russian}\n",
    "metonyms": "source: x\ncapitals: {RU: Moscow}\ngovernments:\n  RU: Kremlin\n",
    "places": "source: x\nplaces:\n  LY: ['Benghazi | fr: Benghazi']\n",
    "matching": "source: x\n",
    **{
        name: f"- {{id: a-{kind}, kind: {kind}, name: A, source: x}}"
        for name, kind in {
            "bodies": "body",
            "companies": "company",
            "groups": "group",
            "leaders": "leader",
            "missions": "mission",
            "weapons": "weapon",
        }.items()
    },
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with the real small files and a gazetteer of two countries."""
    (tmp_path / "gazetteer").mkdir()
    for name, text in LITTLE.items():
        (tmp_path / "gazetteer" / f"{name}.yaml").write_text(text, "utf-8")
    for name in ("involvements.yaml", "frames.yaml"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "wires.yaml").write_text("reuters: [Reuters]\n", "utf-8")
    (tmp_path / "publishers.yaml").write_text("antara: [antara]\n", "utf-8")
    war = "- {id: w, name: W, theatre: LY, start: 2014-05-16, parties: [{id: a-group}], source: x}\n"
    (tmp_path / "conflicts.yaml").write_text(war, "utf-8")
    return tmp_path


def test_the_little_folder_is_sound(copy: Path) -> None:
    little = load.__wrapped__(copy)
    assert little.countries == {"LY", "RU"}
    assert [name.text for name in little.names if name.kind == "government"] == ["Kremlin"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, OPS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_the_generated_file_is_what_the_raw_extracts_give() -> None:
    assert script("countries").build() == (HERE / "gazetteer/countries.yaml").read_text("utf-8")


@pytest.mark.long
@pytest.mark.parametrize("code", sorted(path.stem for path in HERE.glob("forms/*.txt")))
def test_the_forms_of_a_language_are_what_its_sheet_gives(code: str) -> None:
    assert forms.build(code) == (HERE / f"forms/{code}.txt").read_text("utf-8")


def test_the_names_in_their_cases_are_what_the_raw_extracts_give() -> None:
    assert forms.names() == (HERE / "names/ru.txt").read_text("utf-8")


def test_every_state_has_a_name_a_demonym_and_a_capital(known: Knowledge) -> None:
    states = {entry.id for entry in known.entries.values() if entry.kind == "demonym"}
    assert len(states) > 170
    assert states <= known.countries
    without = {code for code in states if known.entry("capital", code) is None}
    assert without == set()
    assert {"LY", "RU", "NO", "XK", "EH", "PS", "TW"} <= known.countries


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("LY", "any", "Libya"),
        ("US", "id", "AS"),
        ("US", "ru", "США"),
        ("US", "tr", "ABD"),
        ("TR", "any", "Turkey"),
        ("RU", "id", "Uni Soviet"),
        ("CD", "any", "Zaire"),
        ("RS", "any", "Yugoslavia"),
        ("ZW", "any", "Rhodesia"),
        ("MM", "any", "Burma"),
        ("KR", "id", "Korsel"),
        ("LY", "ru", "Ливию"),
        ("BA", "uk", "Боснією і Герцеговиною"),
        ("SY", "ar", "سورية"),
    ],
)
def test_countries_go_by_names_the_press_uses(known: Knowledge, code: str, language: str, name: str) -> None:
    entry = known.entry("country", code)
    assert entry
    assert name in entry.names[language]


def test_english_names_are_looked_for_in_every_language(known: Knowledge) -> None:
    languages = {name.languages for name in known.names if name.text == "Russian" and name.kind == "demonym"}
    assert languages == {frozenset()}


def test_there_are_places_enough(known: Knowledge) -> None:
    places = {name.text for name in known.names if name.kind == "place" and not name.languages}
    assert len(places) >= 400


def test_an_outlet_belongs_to_one_family(known: Knowledge) -> None:
    assert known.families["antaranews.com"] == known.families["antara"]
    assert "Reuters" in known.wires["reuters"]


def test_loading_is_quick_and_done_once() -> None:
    start = time.process_time()
    first = load.__wrapped__(HERE)
    assert time.process_time() - start < 5  # 0.3 s on a quiet machine
    assert load() is load()
    assert first.made_by == load().made_by


def test_a_changed_file_changes_the_hash(copy: Path) -> None:
    before = load.__wrapped__(copy).made_by.knowledge
    assert load.__wrapped__(copy).made_by.knowledge == before
    path = copy / "gazetteer/places.yaml"
    path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
    assert load.__wrapped__(copy).made_by.knowledge != before


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    return change


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def unmeasured(folder: Path) -> None:
    (folder / "languages").mkdir()
    (folder / "languages" / "tr.yaml").write_text("name: Turkish\n", "utf-8")


def weighed(trees: str, least: str = "least: 0.5, fresh: 0.5,") -> Callable[[Path], None]:
    """Return a change that adds weights of these trees."""

    def change(folder: Path) -> None:
        text = f"{{source: x, {least} bias: 0, marks: {{near: 0.5}}, base: 0, trees: {trees}}}\n"
        (folder / "weights.yaml").write_text(text, "utf-8")

    return change


GROUP = "\n- {id: ghosts, kind: group, name: Ghosts, source: none"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (append("gazetteer/groups.yaml", GROUP + ", colour: red}\n"), r"groups\.yaml: ghosts: .*colour"),
        (
            append("gazetteer/groups.yaml", GROUP + "}" + GROUP + "}\n"),
            r"groups\.yaml: ghosts: there is another",
        ),
        (append("gazetteer/groups.yaml", GROUP + ", sponsors: [QQ]}\n"), r"ghosts: nothing is known of 'QQ'"),
        (
            append("gazetteer/groups.yaml", GROUP + ", country: moon}\n"),
            r"ghosts: nothing is known of 'moon'",
        ),
        (
            append("gazetteer/groups.yaml", GROUP + ", names: {en: ['']}}\n"),
            r"groups\.yaml: ghosts: an empty name",
        ),
        (
            append("gazetteer/groups.yaml", GROUP + ", names: {en: ['2']}}\n"),
            r"ghosts: a name without a letter",
        ),
        (append("gazetteer/groups.yaml", GROUP + ", names: {english: [G]}}\n"), r"ghosts: no language code"),
        (append("gazetteer/groups.yaml", "\n- {kind: group}\n"), r"groups\.yaml: entry \d+: no id"),
        (append("gazetteer/groups.yaml", "\n- {id: [\n"), r"groups\.yaml: "),
        (replace("gazetteer/places.yaml", "  LY:", "  QQ:"), r"places\.yaml: QQ: no such country"),
        (
            replace("gazetteer/places.yaml", "| fr: Benghazi", "| Benghazi"),
            r"places\.yaml: LY: 'Benghazi' does not",
        ),
        (
            replace("gazetteer/metonyms.yaml", "governments:", "rulers:"),
            r"metonyms\.yaml: rulers: no such section",
        ),
        (replace("gazetteer/demonyms.yaml", "source:", "sauce:"), r"demonyms\.yaml: no source"),
        (replace("involvements.yaml", "\narms:", "\nalms:"), r"involvements\.yaml: alms: "),
        (append("conflicts.yaml", "\n- {id: x, name: X, theatre: LY}\n"), r"conflicts\.yaml: x: .*missing"),
        (append("publishers.yaml", "\nother: [antara]\n"), r"publishers\.yaml: other: 'antara' belongs to"),
        (lambda folder: (folder / "wires.yaml").unlink(), r"wires\.yaml: missing"),
        (unmeasured, r"measures/tr\.yaml: missing"),
        (weighed("[[1.5, [times]]]"), r"weights\.yaml: .*trees"),
        (weighed("[[[times, 2, 1], 0.5]]"), r"weights\.yaml: .*trees"),
        (weighed("[[[times, many, 1, 2], 0.5, 1.5]]"), r"weights\.yaml: .*trees"),
        (weighed("[[[3, 2, 1, 2], 0.5, 1.5]]"), r"weights\.yaml: .*trees"),
        (weighed("[[yes]]"), r"weights\.yaml: .*trees"),
        (weighed("{leaf: 0.5}"), r"weights\.yaml: .*trees"),
        (weighed("[[0.5]]", least="fresh: 0.5,"), r"weights\.yaml: .*least"),
        (weighed("[[0.5]]", least="least: 0.5, fresh: 0.5, most: 1,"), r"weights\.yaml: .*most"),
    ],
)
def test_a_bad_entry_is_named(copy: Path, change: Callable[[Path], None], message: str) -> None:
    change(copy)
    with pytest.raises(KnowledgeError, match=message):
        load.__wrapped__(copy)


def test_weights_may_be_there_or_not(copy: Path) -> None:
    assert load.__wrapped__(copy).weights is None
    weighed("[[[times, 2, 1, 2], -0.5, 1.5], [0.25]]")(copy)
    found = load.__wrapped__(copy).weights
    assert found is not None
    assert found.trees == ((("times", 2.0, 1, 2), -0.5, 1.5), (0.25,))


@pytest.mark.parametrize("trees", ["[[]]", "[[[times, 2, 1, 9], 0.5]]", "[[[times, 2, 0, 0], 0.5]]"])
def test_a_tree_that_leads_nowhere_is_refused(copy: Path, trees: str) -> None:
    weighed(trees)(copy)
    with pytest.raises(KnowledgeError, match=r"weights\.yaml: "):
        load.__wrapped__(copy)


def test_a_short_line_spells_out_its_endings() -> None:
    line = parse("Moscow | ru: Москв#; столица? | id: Moskwa", {"ru": {"#": "а ы"}})
    assert line.label == "Moscow"
    assert line.strong == {"ru": ("Москва", "Москвы"), "id": ("Moskwa",)}
    assert line.weak == {"ru": ("столица",)}


def test_lines_join_under_the_first_label() -> None:
    line = merge([parse("Sirte | ru: Сирт", {}), parse("Zawiya? | any: Zawia", {})])
    assert line.label == "Sirte"
    assert line.strong == {"any": ("Sirte", "Zawia"), "ru": ("Сирт",)}
    assert line.weak == {"any": ("Zawiya",)}


@pytest.mark.parametrize(
    "text", ["A | B", "A | en:", "A | en: x; ; y", "A | en: x | en: y", "A | English: x"]
)
def test_a_malformed_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"name|language|begin"):
        parse(text, {})
