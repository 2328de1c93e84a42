"""Segments as files: what is in them, what a pull keeps, what a push would do, does, refuses and takes back."""

from __future__ import annotations

import json

import pytest
from tests.stores import _ids_count_up, added, clock, everywhere, store

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.segment_files.document import read_segment, written
from mimcore.errors import CaptureError, ConflictError, InvalidValueError
from mimcore.rules.language.catalogue import default_catalogue

__all__ = ["_ids_count_up", "clock", "everywhere", "store"]

c = f.contact
DANES = """{
  "base": "BASE",
  "description": "Of legal age; for the spring letter.",
  "key": "adult-danes",
  "name": "Adult Danes",
  "rule": {
    "rule": {
      "op": "all",
      "rules": [
        {"field": "contact.demographic.country", "op": "equals", "value": "DK"},
        {
          "op": "any",
          "rules": [
            {"field": "contact.demographic.age", "op": "at_least", "value": 18},
            {"field": "contact.tags", "op": "overlaps", "values": ["adult", "æld"]}
          ]
        }
      ]
    },
    "schema": "mimcore.rule",
    "version": "1.0"
  },
  "schema": "mimcore.segment",
  "tags": ["spring"],
  "team": "crm",
  "version": "1.0",
  "visibility": "team"
}
"""


@pytest.fixture
def folder(tmp_path):
    """Where the files are."""
    return tmp_path / "segments"


@pytest.fixture
def peopled(everywhere):
    """Four people; two segments that follow a rule, one of them another one's; and a list."""
    dk, _dk2, se, _ = added(everywhere, *(mim.Contact(country=land) for land in ("DK", "DK", "SE", None)))
    added(
        everywhere,
        mim.Segment(key="danes", name="Danes", rule=c.country == "DK"),
        mim.Segment(key="others", rule=c.country.is_known() & ~c.in_segment("danes")),
        mim.Segment(key="guests", team="crm"),
    )
    everywhere.segments.include("danes", se, reason="asked to be")
    with everywhere.begin() as work:
        work.put_on("guests", dk)
    return everywhere


def edit(folder, file, **changes):
    """Edit a file as somebody with an editor would: what is None is taken out."""
    path = folder / f"{file}.json"
    told = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps({name: value for name, value in told.items() if value is not None}), encoding="utf-8")


def rule_of(rule):
    """A rule as it stands in a file."""
    return json.loads(rule.to_json())


def files(folder):
    """What is in every file."""
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_a_file_to_the_letter():
    """Keys sorted, a line for each condition, what is missing left out; and it reads back."""
    segment = mim.Segment(
        key="adult-danes",
        name="Adult Danes",
        description="Of legal age; for the spring letter.",
        rule=(c.country == "DK") & ((c.age >= 18) | c.tags.overlaps("adult", "æld")),
        team="crm",
        visibility="team",
        tags=["spring"],
    )
    text = written(segment, "BASE")
    assert json.loads(text)["rule"] == json.loads(segment.rule.to_json())
    assert text == DANES
    read = read_segment(text.encode(), "adult-danes.json", default_catalogue())
    assert read.base == "BASE"
    assert written(read.segment, "BASE") == text


def test_pull_twice_writes_once(peopled, folder):
    """Three files; the second time nothing; pins and lists are not in them."""
    done = peopled.segments.pull(folder)
    assert (done.written, done.unchanged) == (("danes", "guests", "others"), 0)
    assert not any(b"asked" in raw or b"include" in raw or b"pinned" in raw for raw in files(folder).values())
    before = files(folder)
    again = peopled.segments.pull(folder)
    assert (again.written, again.unchanged, again.removed) == ((), 3, ())
    assert files(folder) == before
    assert "3 unchanged" in str(again)
    assert peopled.segments.plan_push(folder).changes_nothing


def test_pull_brings_what_changed_and_removes_what_is_archived(peopled, folder):
    """Other files in the folder stay, and so do new ones that were never pushed."""
    peopled.segments.pull(folder)
    (folder / "README.md").write_text("by hand", encoding="utf-8")
    (folder / "new.json").write_text(written(mim.Segment(key="new"), None), encoding="utf-8")
    with peopled.begin() as work:
        work.change(work.segments.get("danes"), name="All Danes")
        work.change(work.segments.get("guests"), is_archived=True)
    done = peopled.segments.pull(folder)
    assert (done.written, done.removed, done.kept, done.unchanged) == (("danes",), ("guests",), ("new",), 1)
    assert set(files(folder)) == {"README.md", "danes.json", "new.json", "others.json"}


def test_pull_overwrites_no_edit(peopled, folder):
    """What was edited stays, whether the store has changed or not; unless it is said that it may go."""
    peopled.segments.pull(folder)
    edit(folder, "danes", name="Edited")
    (folder / "guests.json").write_text("<<<<<<< HEAD", encoding="utf-8")
    before = files(folder)
    with pytest.raises(ConflictError, match=r"danes\.json, guests\.json; push them first"):
        peopled.segments.pull(folder)
    assert files(folder) == before
    assert peopled.segments.pull(folder, overwrite=True).written == ("danes", "guests")
    edit(folder, "danes", name="Danes", base="of long ago")  # says what the store says: no edit
    assert peopled.segments.pull(folder).written == ("danes",)


def test_a_push_by_hand(peopled, folder):
    """Danes become Danes and Swedes: one more, who was in by hand before. The others, who refer to them, lose nobody."""
    peopled.segments.pull(folder)
    edit(folder, "danes", rule=rule_of(c.country.is_in("SE", "NO")), name="Northerners", tags=["a"], team=None)
    (folder / "swedes.json").write_text(
        json.dumps(
            {"schema": "mimcore.segment", "version": "1.0", "key": "swedes", "rule": rule_of(c.country == "SE")}
        ),
        encoding="utf-8",
    )
    (folder / "guests.json").unlink()
    plan = peopled.segments.plan_push(folder)
    told = {
        one.key: (one.kind, one.moves and (one.moves.before, one.moves.entering, one.moves.leaving)) for one in plan
    }
    assert told == {
        "danes": ("changed", (3, 0, 2)),
        "swedes": ("new", (0, 1, 0)),
        "others": ("moved", (0, 2, 0)),
        "guests": ("missing", None),
    }
    text = str(plan)
    for line in ("name: Danes → Northerners", "tags: – → a", "moves with others", "has no file", "0 unchanged"):
        assert line in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "<table" in plan._repr_html_()
    before = peopled.segments.all()
    assert before == peopled.segments.all()  # planning wrote nothing
    assert str(plan.apply()) == "pushed: 1 new, 1 changed, 0 archived"
    for key, (_, moves) in told.items():
        if moves is not None:
            assert len(peopled.members(key)) == moves[0] + moves[1] - moves[2], key
    assert peopled.segments.get("danes").is_pinned
    assert peopled.segments.get("swedes").visibility == "everyone"
    assert not peopled.segments.get("guests").is_archived


def test_pull_after_push_changes_no_byte(peopled, folder):
    """The push notes what the store holds now, and writes files by hand in the one form."""
    peopled.segments.pull(folder)
    edit(folder, "danes", name="  Danes   of  Denmark ", tags=["b", "a", "b"])
    plan = peopled.segments.plan_push(folder)
    plan.apply()
    after = files(folder)
    assert peopled.segments.pull(folder).unchanged == 3
    assert files(folder) == after
    assert peopled.segments.plan_push(folder).changes_nothing


def test_archiving_what_has_no_file(peopled, folder):
    """Only if it is asked for."""
    peopled.segments.pull(folder)
    (folder / "guests.json").unlink()
    plan = peopled.segments.plan_push(folder, archive_missing=True)
    assert [(one.key, one.kind) for one in plan] == [("guests", "archived")]
    assert str(plan.apply()) == "pushed: 0 new, 0 changed, 1 archived"
    assert peopled.segments.get("guests").is_archived
    plan.undo()
    assert not peopled.segments.get("guests").is_archived


def test_a_file_brings_an_archived_segment_back(peopled, folder):
    """One that was never pulled; one that was pulled while it was alive is in conflict."""
    peopled.segments.pull(folder)
    with peopled.begin() as work:
        work.change(work.segments.get("guests"), is_archived=True)
    with pytest.raises(ConflictError, match="guests"):
        peopled.segments.plan_push(folder)
    edit(folder, "guests", base=None)
    plan = peopled.segments.plan_push(folder)
    assert [(one.key, one.kind, one.details) for one in plan] == [("guests", "changed", ("back from the archive",))]
    plan.apply()
    assert not peopled.segments.get("guests").is_archived


def test_undo_is_byte_for_byte(peopled, folder):
    """Segments as before, files as before; what was new is archived. Once."""
    peopled.segments.pull(folder)
    edit(folder, "danes", rule=rule_of(c.country == "NO"), name=None)
    (folder / "new.json").write_text(written(mim.Segment(key="new"), None), encoding="utf-8")
    before, members = files(folder), peopled.members("danes")
    plan = peopled.segments.plan_push(folder)
    with pytest.raises(InvalidValueError, match="not applied"):
        plan.undo()
    plan.apply()
    assert peopled.members("danes") != members
    plan.undo()
    assert files(folder) == before
    assert peopled.members("danes") == members
    assert peopled.segments.get("danes").name == "Danes"
    assert peopled.segments.get("new").is_archived
    with pytest.raises(InvalidValueError, match="not applied"):
        plan.undo()
    peopled.segments.plan_push(folder).apply()  # and it can be pushed again
    assert not peopled.segments.get("new").is_archived


def test_undo_takes_back_nothing_that_somebody_built_on(peopled, folder):
    """A segment that was changed since stays, and so does everything else."""
    peopled.segments.pull(folder)
    edit(folder, "danes", name="Northerners")
    edit(folder, "guests", name="Guests")
    plan = peopled.segments.plan_push(folder)
    plan.apply()
    with peopled.begin() as work:
        work.change(work.segments.get("guests"), team="sales")
    after = files(folder)
    with pytest.raises(ConflictError, match="since it was pushed: guests"):
        plan.undo()
    assert peopled.segments.get("danes").name == "Northerners"
    assert files(folder) == after


def test_what_was_changed_in_the_store_is_a_conflict(peopled, folder):
    """By name; none where both say the same; the files win only if it is asked for."""
    peopled.segments.pull(folder)
    with peopled.begin() as work:
        work.change(work.segments.get("danes"), name="By Maria")
        work.change(work.segments.get("guests"), name="By Maria")
    edit(folder, "danes", name="By Ole")
    edit(folder, "guests", name="By Maria")
    with pytest.raises(ConflictError, match=r"since they were pulled: danes;"):
        peopled.segments.plan_push(folder)
    peopled.segments.plan_push(folder, overwrite=True).apply()
    assert peopled.segments.get("danes").name == "By Ole"
    (folder / "others.json").write_text(written(mim.Segment(key="others", rule=mim.everyone()), None), encoding="utf-8")
    with pytest.raises(ConflictError, match="others"):  # there is one of that key, and this file never saw it
        peopled.segments.plan_push(folder)


def test_a_plan_that_is_out_of_date_writes_nothing(peopled, folder):
    """Where the store or a file was changed after planning, all stays as it is."""
    peopled.segments.pull(folder)
    edit(folder, "danes", name="Northerners")
    edit(folder, "others", name="Others")
    plan = peopled.segments.plan_push(folder)
    with peopled.begin() as work:
        work.change(work.segments.get("others"), team="sales")
    before, held = files(folder), peopled.segments.all()
    with pytest.raises(ConflictError, match="since this was planned: others"):
        plan.apply()
    assert (files(folder), peopled.segments.all()) == (before, held)
    edit(folder, "danes", name="Southerners")
    with pytest.raises(CaptureError, match=r"changed since they were read: danes\.json"):
        plan.apply()
    assert peopled.segments.all() == held


WRONG = {
    "no JSON": (b"<<<<<<< HEAD\n", "danes.json: the text is not JSON"),
    "a key twice": (b'{"key": "danes", "key": "danes"}', "danes.json: a JSON object has the same key twice"),
    "another document": (b'{"schema": "mimcore.rule"}', 'danes.json: is not a segment — it needs "schema"'),
    "no object": (b"[]", "danes.json: is not a segment"),
    "a later version": ({"version": "2.0"}, "danes.json, version: is another major version"),
    "an unknown key": ({"colour": "red"}, "danes.json, colour: is not part of a segment"),
    "another name": ({"key": "dames"}, "danes.json, key: is not the name of the file"),
    "a base that is none": ({"base": 3}, "danes.json, base: is not text"),
    "a visibility that is none": ({"visibility": "nobody"}, "danes.json, visibility: "),
    "tags that are none": ({"tags": 3}, "danes.json, tags: "),
    "no rule document": ({"rule": {"op": "everyone"}}, "danes.json, rule: the document is not a rule"),
    "an unknown operator": (
        {"rule": {"schema": "mimcore.rule", "version": "1.0", "rule": {"op": "all", "rules": [{"op": "is"}]}}},
        "danes.json, rule.rule.rules[0]",
    ),
    "an unknown field": (
        {
            "rule": {
                "schema": "mimcore.rule",
                "version": "1.0",
                "rule": {"op": "not", "rule": {"op": "is_known", "field": "contact.demographic.land"}},
            }
        },
        "danes.json, rule.rule.rule: 'contact.demographic.land' is not a declared field",
    ),
    "itself": ({"rule": rule_of(c.in_segment("danes"))}, "danes.json, rule: refers to the segment itself"),
    "nobody knows": (
        {"rule": rule_of((c.country == "DK") & ~c.in_segment("gests"))},
        (
            "danes.json, rule.rule.rules[1].rule.segment: refers to a segment that is neither in the folder nor in the "
            "store (did you mean 'guests'?) — add its file, or correct the key"
        ),
    ),
    "a circle": (
        {"rule": rule_of(c.in_segment("others"))},
        "danes.json, rule: refers to itself through others: ",
    ),
    "a list": ({"rule": None}, "danes.json, rule: is missing, and the segment has one"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(peopled_once, folder, change, message):
    """File, place, reason, remedy; and nothing is written."""
    peopled_once.segments.pull(folder)
    if isinstance(change, bytes):
        (folder / "danes.json").write_bytes(change)
    else:
        edit(folder, "danes", **change)
    held = peopled_once.segments.all()
    with pytest.raises(InvalidValueError) as caught:
        peopled_once.segments.plan_push(folder)
    assert message in str(caught.value)
    assert caught.value.remedy
    assert peopled_once.segments.all() == held


@pytest.fixture
def peopled_once():
    """The same segments in memory: mistakes in files are the same everywhere."""
    with mim.connect("memory:") as store:
        added(
            store,
            mim.Segment(key="danes", rule=c.country == "DK"),
            mim.Segment(key="others", rule=~c.in_segment("danes")),
            mim.Segment(key="guests"),
        )
        yield store


def test_every_mistake_is_named_at_once(peopled_once, folder):
    """In all files."""
    peopled_once.segments.pull(folder)
    edit(folder, "danes", colour="red", version="9.0")
    (folder / "guests.json").write_bytes(b"")
    with pytest.raises(InvalidValueError) as caught:
        peopled_once.segments.plan_push(folder)
    assert [one.field for one in caught.value.problems] == [
        "danes.json, version",
        "danes.json, colour",
        "guests.json",
    ]


def test_a_rule_for_a_list_is_refused(peopled_once, folder):
    """Those on the list would be lost."""
    peopled_once.segments.pull(folder)
    edit(folder, "guests", rule=rule_of(mim.everyone()))
    with pytest.raises(InvalidValueError, match="is given, and the segment is a list"):
        peopled_once.segments.plan_push(folder)


def test_folders_that_are_none(peopled_once, tmp_path):
    """An error of this library, with the system's reason."""
    with pytest.raises(CaptureError, match="cannot be read: No such file"):
        peopled_once.segments.plan_push(tmp_path / "nowhere")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for call in (peopled_once.segments.pull, peopled_once.segments.plan_push):
        with pytest.raises(CaptureError, match=r"cannot be (read|made)"):
            call(tmp_path / "file")


def test_new_segments_may_refer_to_each_other(peopled_once, folder):
    """In either order, and to a new list, which holds nobody yet."""
    peopled_once.segments.pull(folder)
    added(peopled_once, mim.Contact(country="DK"))
    for segment in (
        mim.Segment(key="a", rule=c.in_segment("b") & ~c.in_segment("z")),
        mim.Segment(key="b", rule=c.country == "DK"),
        mim.Segment(key="z"),
    ):
        (folder / f"{segment.key}.json").write_text(written(segment, None), encoding="utf-8")
    plan = peopled_once.segments.plan_push(folder)
    assert {one.key: one.moves.entering for one in plan} == {"a": 1, "b": 1, "z": 0}
    plan.apply()
    assert len(peopled_once.members("a")) == 1
