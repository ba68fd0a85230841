"""The subscribers' file: what it may say, and how it is refused."""

from datetime import UTC, datetime

import msgspec
import pytest
from click.testing import CliRunner

from agents.rehearsal import command
from agents.settings import SettingsError
from agents.subscribers import Roster, load
from tests.alerting import decision


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "subscribers.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path)

    return read


def test_no_file_means_nobody():
    assert load(None) == ()


@pytest.mark.parametrize("text", ["", "# nobody yet\n", "[]", "subscribers:\n", "subscribers: []"])
def test_an_empty_file_means_nobody(read, text):
    assert read(text) == ()


def test_what_is_left_out_matches_all(read):
    (one,) = read("- {id: desk, to: desk@example.org}")
    assert (one.theatres, one.actors, one.types, one.since) == (None, None, None, None)
    assert (one.min_rank, one.min_confidence, one.language) == (1, 0.6, "en")


def test_every_field_is_read(read):
    (one,) = read("""
    - id: desk-2
      to: o'neil+alerts@news.example
      since: 2026-01-01T06:00:00+01:00
      theatres: [LY, NO]
      actors: [RU, wagner-group]
      types: [arms, base]
      min_rank: 3
      min_confidence: 0.8
      language: id
    """)
    assert one.since == datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert one.theatres == ("LY", "NO")  # Norway, not false
    assert one.actors == ("RU", "wagner-group")
    assert (one.types, one.min_rank, one.min_confidence, one.language) == (("arms", "base"), 3, 0.8, "id")


def test_a_bare_date_means_its_first_moment(read):
    assert read("- {id: a, to: a@b.example, since: 2026-01-02}")[0].since == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_list_may_stand_under_its_name(read):
    assert read("subscribers:\n- {id: a, to: a@b.example}\n")[0].id == "a"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{id: a, to: a@b.example, theatre: [LY]}", "entry a.*unknown field `theatre`"),
        ("{id: a, to: a@b.example, types: [weapons]}", "entry a.*weapons"),
        ("{id: a, to: a@b.example, language: fr}", "entry a.*fr"),
        ("{id: a, to: a@b.example, min_rank: high}", "entry a.*min_rank"),
        ("{id: a, to: a@b.example, min_rank: 6}", "entry a.*min_rank"),
        ("{id: a, to: a@b.example, min_confidence: 60}", "entry a.*min_confidence"),
        ("{id: a, to: a@b.example, theatres: [Libya]}", "entry a.*'Libya'"),
        ("{id: a, to: a@b.example, actors: [Wagner Group]}", "entry a.*'Wagner Group'"),
        ("{id: a, to: a@b.example, theatres: []}", "entry a.*theatres.*match nothing"),
        ("{id: a, to: a@b.example, since: soon}", "entry a.*since"),
        ("{id: a, to: a@b.example, since: 2026-01-01T00:00:00}", "entry a.*since"),  # which clock?
        ("{id: A B, to: a@b.example}", "entry A B"),
        ("{to: a@b.example}", "entry number 1.*`id`"),
        ("{id: a}", "entry a.*`to`"),
        ("just words", "entry number 1"),
    ],
)
def test_a_wrong_entry_is_named(read, entry, says):
    with pytest.raises(SettingsError, match=f"(?s)subscribers.yaml.*{says}"):
        read(f"- {entry}\n- {{id: fine, to: b@b.example}}")


@pytest.mark.parametrize(
    "address",
    [
        "", "nobody", "a@", "@b.example", "a@b@c.example", "a b@c.example", "a@b.example, c@d.example",
        "<a@b.example>", r"a@b.example\nBcc: x@y.example", r"a\r@b.example", r"a\0@b.example", "é@b.example",
        "a@-b.example", ".a@b.example", "a..b@c.example", "a@b.example.",
        "x" * 65 + "@b.example", "a@" + "b." * 130 + "example", "https://hooks.example/x",
    ],
)  # fmt: skip
def test_only_one_plain_address_can_get_mail(read, address):
    with pytest.raises(SettingsError, match=r"entry a.*no mail address"):
        read(f'- {{id: a, to: "{address}"}}')


def test_an_id_stands_once(read):
    with pytest.raises(SettingsError, match="'a' stands there twice"):
        read("- {id: a, to: a@b.example}\n- {id: a, to: c@d.example}")


@pytest.mark.parametrize(
    "text", ["- {id: a", "id: a", "- a\n b: c", b"\xff\xfe\x00", "!!python/object:os.system {}"]
)
def test_a_file_that_cannot_be_read_is_named(read, text):
    with pytest.raises(SettingsError, match=r"subscribers\.yaml"):
        read(text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


# When and how


def test_rules_quiet_hours_and_caps_are_read(read):
    (one,) = read("""
    - id: desk
      to: a@b.example
      send: [{when: hourly, steps: [families, quantity]}, {when: never, types: [political_backing]}]
      quiet: {start: "22:00", end: "07:00", zone: Asia/Jakarta}
      per_hour: 5
    """)
    assert [rule.when for rule in one.send] == ["hourly", "never"]
    assert (one.quiet.zone, one.per_hour, one.empty_digest) == ("Asia/Jakarta", 5, True)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("quiet: {start: '22:00', end: '07:00', zone: Mars/Base}", "no time zone"),
        ("quiet: {start: '22:00', end: '22:00'}", "are the same"),
        ("quiet: {start: '25:00', end: '07:00'}", "quiet"),
        ("per_hour: 0", "per_hour"),
        ("send: [{when: later}]", "when"),
        ("send: [{when: now, steps: [familys]}]", "'familys' is none of"),
        ("format: json", "no https address"),
    ],
)
def test_what_would_never_work_is_refused(read, entry, says):
    with pytest.raises(SettingsError, match=says):
        read(f"- {{id: desk, to: a@b.example, {entry}}}")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("to: 'https://a.example/hook', format: json", "needs a `secret`"),
        ("to: 'https://a.example/hook'", "no mail address"),
        ("to: 'ftp://a.example/hook', format: slack", "no https address"),
        ("to: a@b.example, format: feed", "must be `feed`"),
        ('to: "a@b.example\\nBcc: c@d.example"', "no mail address"),
    ],
)
def test_an_end_that_cannot_be_reached_is_refused(read, entry, says):
    with pytest.raises(SettingsError, match=says):
        read(f"- {{id: hook, {entry}}}")


# Reload


class Clock:
    at = 0.0

    def __call__(self):
        return self.at


def test_a_changed_file_counts_after_ten_seconds_and_a_broken_one_never(tmp_path, caplog):
    path, clock = tmp_path / "s.yaml", Clock()
    path.write_text("- {id: a, to: a@b.example}")
    found = Roster(path, clock=clock)
    before = found.number()
    assert before > 0
    path.write_text("- {id: a, to: a@b.example}\n- {id: b, to: b@b.example}")
    assert len(found) == 1
    clock.at = 10.0
    assert [each.id for each in found] == ["a", "b"]
    assert found.number() != before
    after = found.number()
    for content in ("- {id: a, to: nowhere}", "{"):
        path.write_text(content)
        clock.at += 10
        assert [each.id for each in found] == ["a", "b"]
        assert found.problem
    path.unlink()
    clock.at += 10
    assert (len(found), found.number()) == (2, after)
    path.write_text("- {id: c, to: c@b.example}")
    clock.at += 10
    assert (found[0].id, found.problem) == ("c", "")


def test_without_a_file_nobody_is_ever_subscribed():
    assert (list(Roster(None)), Roster(None).number()) == ([], 0.0)


# The command


def test_the_check_says_what_each_would_have_got(tmp_path):
    (tmp_path / "s.yaml").write_text(
        "- {id: a, to: a@b.example}\n- {id: b, to: b@b.example, theatres: [SD], send: [{when: hourly}]}"
    )
    (tmp_path / "d.jsonl").write_bytes(
        b"\n".join(msgspec.json.encode(each) for each in (decision(), decision("SD|AE|arms|rsf")))
    )
    options = ["check", "--subscribers", str(tmp_path / "s.yaml")]
    result = CliRunner().invoke(command, [*options, str(tmp_path / "d.jsonl")])
    assert result.output.splitlines()[:2] == [
        "a (a@b.example): 2 at once, 0 in digests",
        "b (b@b.example): 0 at once, 1 in digests",
    ]
    (tmp_path / "s.yaml").write_text("- {id: a}")
    assert CliRunner().invoke(command, options).exit_code == 1
