"""Ordinary rows read column by column say what the same rows say when every object is made and checked from scratch."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import mimcore as mim
from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.field_judges import checks_of, judge_of
from mimcore.capture.importing.rejects import Reject
from mimcore.capture.importing.rows import RowReader
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.targets import check_target, spec_of
from mimcore.capture.mapping.transforms import as_transforms
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError
from mimcore.repositories.origin import Origin

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORIGIN = Origin("tester", "list", NOW, NOW, ZoneInfo("Europe/Copenhagen"))
NOBODY = UUID(int=0)

WORDS = [
    "",
    " ",
    "n/a",
    "NULL",
    "-",
    "Odense",
    " \u00c5rhus ",
    "x" * 501,
    "a\x00b",
    "\u202ehidden",
    "DK",
    "Denmark",
    "Tyskland",
    "XX",
    "0",
    "7",
]
CELLS = {
    "contact.emails": ["ana@acme.dk", "Ana@ACME.dk", "ana+x@gmail.com", "a.na@gmail.com", "bad", "info@acme.dk", "", "b\u00fcrger@m\u00fcnchen.de"],
    "contact.phones": ["32 12 34 56", "+45 32 12 34 56", "020 7946 0018", "+1 650-253-0000", "12", "", "0045 32123456", "abc"],
    "contact.external_id": ["C1", "C2", " 7 ", "", "x" * 201, "x\ty", "'=1"],
    "contact.name": ["Ana Berg", "Fru ANA BERG", "Null", "Acme Ltd", "Berg, Ana", "", "7", "Dr. Bo van der Lund, PhD"],
    "contact.name.given": ["Ana", "  Bo  Emil ", "", "x" * 101, "None"],
    "contact.name.family": ["Berg", "van  der Lund", "", "NULL"],
    "contact.name.title": ["Mrs", "fru", "Lord High Admiral", ""],
    "contact.name.suffix": ["PhD", "jr.", "", "III, esq"],
    "contact.demographic.country": ["DK", "denmark", "Tyskland", "GB", "XX", "", "usa"],
    "contact.demographic.birth_date": ["1990-05-01", "1990-05-01T00:00:00", "1.5.1990", "", "1850-01-01"],
    "contact.demographic.birth_year": ["1990", "1990.0", "1700", "x", ""],
    "contact.demographic.gender": ["female", "Non binary", "MALE", "other", "", "unknown"],
    "contact.demographic.household_size": ["3", "-1", "3.0", "3.5", ""],
    "contact.acquisition.at": ["2024-01-02T03:04:05+01:00", "2024-01-02 03:04", "2026-03-01", "2030-01-01", "", "soon"],
    "contact.acquisition.channel": ["email", "Paid search", "pigeon", ""],
    "contact.acquisition.campaign": ["spring-2026", "Spring 2026", ""],
    "contact.psychographic.interests": ["chess", " opera", "chess", "", "x" * 201],
    "contact.employment.is_decision_maker": ["ja", "nej", "perhaps", "", "1"],
    "contact.preferences.language": ["da", "Danish", "xx", ""],
    "contact.preferences.time_zone": ["Europe/Copenhagen", "Mars/Base", ""],
    "contact.preferences.channels": ["email", "sms", "smoke", ""],
    "contact.lifecycle_stage": ["lead", "Marketing qualified", "nothing", ""],
    "contact.tags": ["web", "summer", "", " web "],
    "contact.notes": ["one\ntwo", "", "a\x07b"],
    "observed_at": ["2026-01-01", "2026-02-30", "2031-01-01", "", "2026-01-01T00:00:00Z"],
    "contact.custom.since": ["2020-01-01", "", "x" * 501, "a\x00b"],
    "contact.custom.points": ["7", "", " 8 "],
    "contact.social_profiles.linkedin": ["ana-berg", "https://linkedin.example/in/ana", "", "x" * 501],
    "contact.social_profiles.x": ["@ana", ""],
    "consent.newsletter": ["yes", "nej", "perhaps", ""],
    "account.name": ["Acme", " Beta ", "", "x" * 501],
    "account.domain": ["acme.dk", "ACME.DK", "no domain", ""],
    "account.firmographic.country": ["DK", "Sweden", "XX", ""],
    "account.firmographic.employees": ["12", "-1", ""],
}  # fmt: skip
KEYS = {"contact.emails": "email", "contact.phones": "phone", "contact.external_id": "external_id"}
FIELDS = sorted({one.name for one in CONTACT_FIELDS if not one.is_derived} - {"contact.social_profiles"} - CELLS.keys())


def without_ids(candidate):
    """Return all that a candidate says, its fresh ids replaced, each value with its type."""
    if isinstance(candidate, Reject):
        return candidate
    contact, account = candidate.record, candidate.account
    points = {
        kind: [one.model_copy(update={"id": NOBODY}) for one in getattr(contact, kind)] for kind in ("emails", "phones")
    }
    own = contact.model_copy(update={"id": NOBODY, "emails": (), "phones": ()})
    rest = (
        candidate.number,
        candidate.line,
        candidate.key,
        candidate.key_column,
        candidate.observed_at,
        candidate.consents,
    )
    firm = None if account is None else dict(account.model_copy(update={"id": NOBODY}))
    return typed(dict(own)), typed(points), typed(firm), rest


def typed(value):
    """Return a value in which equal things of different types differ."""
    if isinstance(value, BaseModel):
        return type(value), {name: typed(one) for name, one in dict(value).items()}
    if isinstance(value, dict):
        return {name: typed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [typed(one) for one in value]
    return type(value), value


def both(mapping, headers, cells):
    """Read a row the short way and the long way."""
    reader = RowReader(mapping, headers, ORIGIN.zone, "list")
    row = Row(5, tuple(cells))
    values = reader.values(3, row, ORIGIN.moment, NOW)
    long = values if isinstance(values, Reject) else reader.candidate(values)
    again = [reader.read(3, row, ORIGIN.moment, NOW) for _ in range(2)]
    return long, again, reader._ordinary is not None and reader._ordinary.read(row, ORIGIN.moment, NOW) is not None


@st.composite
def messy(draw):
    """A mapping with a key, and a row of cells that are mostly in order."""
    key = draw(st.sampled_from(sorted(KEYS)))
    targets = [key, *draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=9))]
    single = {
        one
        for one in CELLS
        if one not in {"contact.emails", "contact.phones"} and not one.endswith(("interests", "tags", "channels"))
    }
    targets = [one for at, one in enumerate(targets) if one not in single or one not in targets[:at]]
    if "account.name" not in targets and "account.domain" not in targets:
        targets = [one for one in targets if not one.startswith("account.")]
    columns = [{"column": f"c{at}", "field": one} for at, one in enumerate(targets)]
    mapping = ImportMapping.of({"columns": columns}, key=KEYS[key], default_region=draw(st.sampled_from([None, "DK"])))
    usual = [st.sampled_from(CELLS[one]) if draw(st.integers(0, 9)) else st.sampled_from(WORDS) for one in targets]
    return mapping, [f"c{at}" for at in range(len(targets))], [draw(one) for one in usual]


@given(messy())
def test_a_messy_row_says_the_same_both_ways(made):
    """Candidate or reject, to the type of every value and the words of every reason; twice, since texts are remembered."""
    long, again, _ = both(*made)
    assert [without_ids(one) for one in again] == [without_ids(long)] * 2


@pytest.mark.parametrize("target", FIELDS)
def test_every_field_of_a_contact_says_the_same_both_ways(target):
    """One column a field, with words that fit a few of them and many that do not."""
    spec = spec_of(target)
    words = [
        *WORDS,
        *sorted(spec.options or ())[:3],
        "2020-01-01",
        "yes",
        "3",
        "1.5",
        "email",
        "a, b",
        "2020-01-01T00:00:00Z",
    ]
    column = {"column": "b", "field": target}
    if spec.kind.value == "money":
        column["transforms"] = as_transforms([{"do": "money", "currency": "DKK"}], "b")
    mapping = ImportMapping.of({"columns": [{"column": "a", "field": "contact.emails"}, column]})
    ways = Counter()
    for word in words:
        long, again, is_short = both(mapping, ["a", "b"], ["ana@acme.dk", word])
        assert [without_ids(one) for one in again] == [without_ids(long)] * 2, (target, word)
        ways[is_short] += 1
    assert ways[True] or "age_band" in target, "no word goes the short way"


def test_ordinary_rows_go_the_short_way():
    """All kinds of targets at once; only what is refused, doubtful or twice there goes the long one."""
    targets = ["contact.emails", "contact.emails", "contact.phones", "contact.external_id", "contact.given_name", "contact.country",
               "contact.birth_date", "contact.interests", "contact.tags", "contact.acquired_at", "account.name", "consent.newsletter", "observed_at", "contact.custom.since"]  # fmt: skip
    columns = [{"column": str(at), "field": check_target(one)} for at, one in enumerate(targets)]
    mapping, headers = ImportMapping.of({"columns": columns}), [str(at) for at in range(len(targets))]
    cells = [
        "a@acme.dk",
        "b@acme.dk",
        "32 12 34 56",
        "7",
        "Ana",
        "Danmark",
        "1990-01-01",
        "chess",
        "web",
        "2024-01-01",
        "Acme",
        "ja",
        "2026-01-01",
        "2020",
    ]
    assert both(mapping, headers, cells)[2]
    assert both(mapping, headers, [cells[0]] + [""] * 13)[2]
    assert not both(mapping, headers, ["a@acme.dk", "A@ACME.dk", *cells[2:]])[2]
    assert not both(mapping, headers, [*cells[:5], "XX", *cells[6:]])[2]
    assert not both(mapping, headers, ["", "", *cells[2:]])[2]
    assert (
        RowReader(mapping, headers, ORIGIN.zone, "list")._ordinary.read(Row(5, tuple(cells[:-1])), ORIGIN.moment, NOW)
        is None
    )


def test_rows_of_one_text_share_no_identity():
    """Contacts, points and accounts are new in each row."""
    mapping = ImportMapping.of({"mail": "contact.emails", "firm": "account.name"})
    reader = RowReader(mapping, ["mail", "firm"], ORIGIN.zone, "list")
    one, other = (reader.read(at, Row(2, ("a@acme.dk", "Acme")), ORIGIN.moment, NOW) for at in range(2))
    assert one.record.id != other.record.id
    assert one.record.emails[0].id != other.record.emails[0].id
    assert one.account.id != other.account.id
    assert dict(one.account) | {"id": 0} == dict(other.account) | {"id": 0}


def test_what_a_model_checks_of_several_values_is_still_checked():
    """The band that needs its day is such a check; whoever transforms values together cannot be asked alone."""
    (check,) = checks_of(type(mim.Contact(country="DK").demographic))
    band = mim.Contact(age_band="18-24", age_band_on="2020-01-01").demographic.model_copy(update={"age_band_on": None})
    with pytest.raises(InvalidValueError, match="no day"):
        check(band)
    assert checks_of(Contact) is None
    assert judge_of(Contact, "tags")(["b", "a", "b"]) == ("a", "b")
