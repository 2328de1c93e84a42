"""Mappings as plain data: what is accepted, what is refused with which hint, and what cells become."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture import (
    ColumnMapping,
    ImportMapping,
    constant,
    days_before,
    map_values,
    propose_mapping,
    read_csv,
    read_dates,
    read_money,
    split,
    split_name,
)
from mimcore.capture.mapping.cells import CellReader, is_missing, moment_of, yes_or_no
from mimcore.capture.mapping.column_kinds import CHECKS, NO_WORDS, YES_WORDS, ColumnKind, is_placeholder
from mimcore.capture.mapping.import_mapping import as_mapping
from mimcore.capture.mapping.targets import check_target
from mimcore.capture.mapping.transforms import as_transforms
from mimcore.errors import InvalidValueError
from mimcore.values.money import money
from mimcore.values.text import fold

ZONE = ZoneInfo("Europe/Copenhagen")


def read(field, text, *transforms):
    """Read one cell."""
    is_constant = any(one.do == "constant" for one in transforms)
    return CellReader(ColumnMapping(column="" if is_constant else "c", field=field, transforms=transforms), ZONE)(text)


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("contact.contry", "contact.country"), ("contact.emial", "contact.email"), ("consent.newsleter", "newsletter")],
)
def test_an_unknown_target_names_the_nearest_one(written, nearest):
    """A misspelt field is refused when the mapping is made, with the field that was probably meant."""
    with pytest.raises(InvalidValueError, match=nearest):
        ImportMapping.of({"Mail": "contact.emails", "x": written})


def test_a_mapping_survives_json_and_is_the_same_text_each_time():
    """Plain data in, frozen object out, and back: transformations, constants, key and region included."""
    mapping = ImportMapping.of(
        {
            "Mail": "contact.emails",
            "Born": ("contact.birth_date", read_dates("DMY")),
            "Sex": {"field": "contact.gender", "transforms": [{"do": "map", "values": {"K": "female"}}]},
            "Likes": ("contact.interests", [split("|")]),
            "Income": ("contact.annual_income", [read_money("DKK", ",")]),
            "Name": ("contact.name", "split_name"),
            "Age": ("observed_at", days_before("2026-03-01")),
            "": ("contact.country", constant("DK")),
        },
        key="email",
        default_region="DK",
    )
    assert ImportMapping.from_json(mapping.to_json()) == mapping
    assert ImportMapping.of(mapping.to_dict()).to_json() == mapping.to_json()
    assert mapping.of_field("contact.demographic.country")[0].column == ""


def test_one_column_may_become_several_fields():
    """A list of names fans a column out."""
    mapping = ImportMapping.of({"Mail": ["contact.emails", "contact.external_id"]})
    assert [one.field for one in mapping.columns] == ["contact.emails", "contact.external_id"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"Mail": "contact.emails", "a": "contact.city", "b": "contact.city"}, "two columns"),
        ({"City": "contact.city"}, "no column becomes contact.emails"),
        ({"Mail": "contact.emails", "a": "contact.annual_income"}, "needs a currency"),
        ({"Mail": "contact.emails", "a": {"to": "contact.city"}}, "without a target"),
        ({"Mail": "contact.emails", "a": ("contact.city", {"do": "shout"})}, "are not known"),
        ({"columns": {"Mail": "contact.emails"}, "regio": "DK"}, "default_region|unknown part"),
        ({"columns": {"Mail": "contact.emails"}, "default_region": "Narnia"}, "default_region"),
        ({"columns": {"Mail": "contact.emails"}, "key": "emial"}, "did you mean 'email'"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(data, reason):
    """What would fail on every row fails at once."""
    with pytest.raises(InvalidValueError, match=reason):
        ImportMapping.of(data)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"contact.emails"'])
def test_text_that_is_no_mapping_is_refused(text):
    """Only an object of JSON is a mapping."""
    with pytest.raises(InvalidValueError, match="JSON object"):
        ImportMapping.from_json(text)


def test_columns_that_a_file_lacks_are_refused_with_the_nearest():
    """A header that changed is noticed before the first row."""
    with pytest.raises(InvalidValueError, match="did you mean 'E-mail'"):
        ImportMapping.of({"Email": "contact.emails"}).check_columns(("E-mail", "City"))


def test_key_and_region_of_a_call_replace_those_of_the_mapping():
    """The same mapping serves several countries."""
    mapping = ImportMapping.of({"a": "contact.emails", "b": "contact.phones"})
    assert (mapping.key, mapping.default_region) == ("email", None)
    changed = as_mapping(mapping, key="phone", region="SE")
    assert (changed.key, changed.default_region) == ("phone", "SE")


@pytest.mark.parametrize(
    ("field", "text", "transforms", "value"),
    [
        ("contact.birth_date", "1990-05-01", (), date(1990, 5, 1)),
        ("contact.birth_date", "1990-05-01 00:00:00", (), date(1990, 5, 1)),
        ("contact.birth_date", "01.05.1990", (read_dates("DMY"),), date(1990, 5, 1)),
        ("contact.birth_date", "5/1/1990", (read_dates("MDY"),), date(1990, 5, 1)),
        ("contact.children", "2.0", (), 2),
        ("contact.is_decision_maker", "Ja", (), True),
        ("contact.seniority", "Vice President", (), "vice_president"),
        ("contact.gender", "K", (map_values({"k": "female"}),), "female"),
        ("contact.gender", "?", (map_values({"?": ""}),), None),
        ("contact.interests", "a; b;;", (split(),), ("a", "b")),
        ("contact.interests", "a, b", (), ("a, b",)),
        ("contact.annual_income", "1 249,50", (read_money("DKK", ","),), money("1249.50", "DKK")),
        ("contact.annual_income", "1,249.50", (read_money("DKK"),), money("1249.50", "DKK")),
        ("contact.city", "N/A", (), None),
        ("contact.city", "  ", (), None),
        ("contact.country", "NA", (), "NA"),
        ("contact.tags", "", (constant("fair"),), ("fair",)),
        ("observed_at", "30", (days_before("2026-03-31"),), date(2026, 3, 1)),
        ("observed_at", "2026-03-02 09:00", (), datetime(2026, 3, 2, 9, tzinfo=ZONE)),
        ("observed_at", "02/03/2026 09:00", (read_dates("DMY"),), datetime(2026, 3, 2, 9, tzinfo=ZONE)),
    ],
)
def test_a_cell_becomes_the_value_of_its_field(field, text, transforms, value):
    """Hand-computed: text in, value out, None for what is missing."""
    assert read(field, text, *transforms) == value


@pytest.mark.parametrize(
    ("field", "text", "transforms"),
    [
        ("contact.birth_date", "31.02.1990", (read_dates("DMY"),)),
        ("contact.birth_date", "1.5.1990", ()),
        ("contact.children", "two", ()),
        ("contact.children", "2.5", ()),
        ("contact.is_decision_maker", "perhaps", ()),
        ("contact.gender", "zzz", (map_values({"k": "female"}),)),
        ("contact.annual_income", "12 kr", (read_money("DKK"),)),
        ("contact.annual_income", "1.2345", (read_money("DKK"),)),
        ("observed_at", "999999", (days_before("2026-03-31"),)),
        ("observed_at", "-3", (days_before("2026-03-31"),)),
        ("observed_at", "soon", ()),
        ("contact.emails", "zzz", ()),
        ("contact.name", "zzz@zzz.dk", ()),
    ],
)
def test_a_refused_cell_says_why_and_never_what_stood_there(field, text, transforms):
    """Reason and remedy, without the cell."""
    with pytest.raises(InvalidValueError) as caught:
        read(field, text, *transforms)
    assert caught.value.reason
    assert text not in str(caught.value)


def test_names_that_look_like_nothing_are_names():
    """People are called Null and None; elsewhere the words mean that nothing is known."""
    assert read("contact.name.family", "Null") == "Null"
    assert read("contact.city", "NULL") is None
    assert is_missing("n/a", "contact.name.family")


def test_times_without_a_zone_are_the_stores():
    """A file's wall clock is read in the store's zone; a time with an offset keeps it."""
    assert moment_of("2026-07-01 12:00", ZONE).utcoffset().total_seconds() == 7200
    assert moment_of("2026-07-01T12:00:00+00:00", ZONE).utcoffset().total_seconds() == 0
    assert moment_of("2026-07-01", ZONE) == date(2026, 7, 1)


@pytest.mark.parametrize(("word", "answer"), [("nee", False), ("Sì", True), ("NAO", False), ("Tak", True), ("x", True)])
def test_what_an_audit_calls_a_boolean_an_import_reads(word, answer):
    """One list of words: Dutch, Italian and Portuguese words were known to one of the two only."""
    assert CHECKS[ColumnKind.BOOLEAN](f" {word} ")
    assert yes_or_no(word) is answer


@pytest.mark.parametrize("word", ["N/A", "(none)", "(blank)", "null", "---", "nat"])
def test_what_an_import_leaves_out_an_audit_points_out(word):
    """One list of words that say nothing; an audit knows more of them, an import none that an audit does not."""
    assert is_missing(word, "contact.city")
    assert is_placeholder(word)


@given(st.text(max_size=20))
def test_yes_or_no_answers_or_refuses(text):
    """Any text is yes, no, or refused; never anything else."""
    word = fold(text)
    if word in YES_WORDS | NO_WORDS:
        assert yes_or_no(text) is (word in YES_WORDS)
    else:
        with pytest.raises(InvalidValueError):
            yes_or_no(text)


def test_every_short_name_of_a_contact_is_a_target():
    """What the constructor takes, a column can become."""
    assert check_target("contact.title") == "contact.employment.title"
    assert check_target("contact.email") == "contact.emails"
    assert check_target("contact.custom.club") == "contact.custom.club"
    with pytest.raises(InvalidValueError, match="not a target"):
        check_target("contact.age")


def test_transformations_are_read_from_names_and_dicts():
    """A name is enough for one without options."""
    assert as_transforms("split_name", "c") == (split_name(),)
    assert as_transforms(None, "c") == ()
    with pytest.raises(InvalidValueError, match="transforms of 'c'"):
        as_transforms({"do": "date", "order": "XYZ"}, "c")


def test_a_proposal_takes_what_fits_and_says_what_it_leaves(tmp_path):
    """Names propose, cells confirm; ambiguous dates, special categories and unknown columns are left out with the reason."""
    file = tmp_path / "a.csv"
    file.write_text(
        "E-mail,Vorname,Nachname,Geburtsdatum,Land,Religion,Frobnication,Updated,Geschlecht\n"
        "ana@acme.dk,Ana,Berg,03/04/1990,Danmark,x,zz,2026-01-31,w\n"
        "bo@acme.dk,Bo,Holm,04/05/1991,DE,y,zy,2026-01-30,m\n",
        encoding="utf-8",
    )
    source = read_csv(file)
    found = propose_mapping(source.headers, source, zone=ZONE)
    mapping, notes = found.mapping, found.notes
    assert {one.column: one.field for one in mapping.columns} == {
        "E-mail": "contact.emails",
        "Vorname": "contact.name.given",
        "Nachname": "contact.name.family",
        "Land": "contact.demographic.country",
        "Updated": "observed_at",
        "Geschlecht": "contact.demographic.gender",
    }
    told = "\n".join(notes)
    assert "'Geburtsdatum' is left out: its dates may be day first or month first" in told
    assert "'Religion' is left out: it is special-category data" in told
    assert "'Frobnication'" in told


def test_a_file_without_a_key_is_refused():
    """Nobody could be found again."""
    source = read_csv(__import__("io").BytesIO(b"City\nAarhus\n"))
    with pytest.raises(InvalidValueError, match=r"no column becomes contact\.emails"):
        propose_mapping(source.headers, source, zone=ZONE)
