import pytest
from prometheus_client import CollectorRegistry

from agents import subscribers
from agents.app import _member, app, bind, folder
from agents.metrics import Metrics
from agents.settings import Settings, SettingsError
from agents.topology import ROWS, groups

GROUPS = groups(ROWS)


@pytest.mark.parametrize("group", ["condotta-text", "condotta-novelty", "condotta-alerts"])
def test_each_group_is_an_app_of_its_own(tmp_path, group):
    settings = Settings(prefix="t.", broker="a:1, b:2", pool=1)
    for _ in range(2):  # two apps share a process
        made = app(settings, group, GROUPS[group], tmp_path)
        bind(made, settings, group, GROUPS[group], Metrics.on(CollectorRegistry()))
        assert made.conf.id == f"t.{group}"
        assert [url.host for url in made.conf.broker] == ["a", "b"]
        assert list(made.agents) == [group]


def test_the_table_has_its_permanent_changelog(tmp_path):
    settings = Settings(prefix="t.")
    group = "condotta-novelty"
    made = app(settings, group, GROUPS[group], tmp_path)
    runner, _, _ = bind(made, settings, group, GROUPS[group], Metrics.on(CollectorRegistry()))
    table = runner.table
    assert table.changelog_topic_name == "t.condotta-novelty-pairs-changelog"
    assert (table.key_serializer, table.value_serializer, table.partitions) == ("raw", "raw", 12)


def test_workers_on_one_data_folder_have_each_their_own(tmp_path):
    settings = Settings(data=tmp_path)
    with folder(settings, "g") as first, folder(settings, "g") as second:
        assert (first, second) == (tmp_path / "g" / "1", tmp_path / "g" / "2")
    with folder(settings, "g") as again:
        assert again == first


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SettingsError, match="CONDOTTA_DATA: cannot write to"),
        folder(Settings(data=tmp_path / "file"), "g"),
    ):
        pass


def test_a_change_of_stages_is_another_static_member(tmp_path):
    rows = GROUPS["condotta-text"]
    for settings in (Settings(instance="w1"), Settings()):
        assert _member(settings, "g", rows, tmp_path) != _member(settings, "g", rows[:2], tmp_path)
        assert _member(settings, "g", rows, tmp_path) == _member(settings, "g", rows, tmp_path)


def test_a_folder_is_a_member_of_its_own(tmp_path):
    rows = GROUPS["condotta-text"]
    settings = Settings(data=tmp_path)
    with folder(settings, "g") as first, folder(settings, "g") as second:
        names = {_member(settings, "g", rows, each) for each in (first, second)}
    with folder(settings, "g") as again:
        assert _member(settings, "g", rows, again) in names
    assert len(names) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- {id: a, to: a@x.org}\n- {id: a, to: b@x.org}", "the id 'a' stands there twice"),
        ("- {id: A, to: a@x.org}", "entry A: "),
        ("- {id: a, to: a@x.org, theatre: [LY]}", "entry a: Object contains unknown field `theatre`"),
        ("- {id: a}", "entry a: Object missing required field `to`"),
        ("a: b", "must hold a list"),
        ("- [", "cannot read"),
    ],
)
def test_wrong_subscribers_are_told_in_one_line(tmp_path, text, sentence):
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        subscribers.load(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_subscribers_are_read_in_their_order(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("- {id: b, to: b@x.org, theatres: [LY]}\n- {id: a, to: a@x.org}\n", encoding="utf-8")
    found = subscribers.load(path)
    assert [each.id for each in found] == ["b", "a"]
    assert (found[0].theatres, found[1].theatres) == (("LY",), None)
    assert subscribers.load(None) == ()
