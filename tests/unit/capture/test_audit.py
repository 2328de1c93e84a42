"""The audit counts what a generator put in: errors of known truth, found by brute force over what was written."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from mimcore.capture.auditing.audit import Audit, audit
from mimcore.capture.files.csv_writer import write_csv
from mimcore.errors import CaptureError, InvalidValueError

NOW = date(2026, 3, 1)
GIVEN = ["Ana", "Bo", "Cy", "Dorte", "Emil", "Freja", "Gerda", "Hans"]
FAMILY = ["Berg", "Ek", "Holm", "Lund", "Madsen", "Nørgaard", "Østergaard"]


@dataclass
class Truth:
    """What the generator knows."""

    rows: list[list[str]]
    counts: Counter[str]
    emails: Counter[str]
    phones: Counter[str]
    names: Counter[str]


HEADERS = ["Vorname", "Nachname", "E-Mail", "Telefon", "Land", "Religion", "last_updated", "points", "internal note"]


def generate(size: int = 400, seed: int = 7) -> Truth:
    """Make rows with injected errors, noting each as it is made."""
    draw = random.Random(seed)
    truth = Truth([], Counter(), Counter(), Counter(), Counter())
    for number in range(size):
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        truth.names[f"{given}|{family}".casefold()] += 1
        row = [given.upper() if draw.random() < 0.2 else given, family]
        row += [_email(draw, truth, number), _phone(draw, truth, number)]
        row += [_country(draw, truth), draw.choice(["protestant", "catholic", ""]), _updated(draw, truth)]
        row += [str(draw.randrange(1000)), f"secret-{number} long remark"]
        truth.counts["religion"] += bool(row[5])
        truth.rows.append(row)
    return truth


def _email(draw: random.Random, truth: Truth, number: int) -> str:
    kind = draw.choice(["good", "good", "good", "twin", "bad", "blank", "placeholder"])
    truth.counts[f"email {kind}"] += 1
    if kind == "blank":
        return draw.choice(["", "  "])
    if kind in {"bad", "placeholder"}:
        return {"bad": f"canary{number}(at)acme.dk", "placeholder": draw.choice(["n/a", "NULL"])}[kind]
    key = f"person{number if kind == 'good' else draw.randrange(20)}@acme.dk"
    truth.emails[key] += 1
    return key.replace("@acme", "@ACME") if draw.random() < 0.5 else key


def _phone(draw: random.Random, truth: Truth, number: int) -> str:
    kind = draw.choice(["plus", "national", "bad", "blank"])
    truth.counts[f"phone {kind}"] += 1
    digits = f"3212{number % 300:04d}"
    if kind in {"plus", "national"}:
        truth.phones[digits] += 1
    return {"plus": f"+45 {digits[:4]} {digits[4:]}", "national": digits, "bad": "+45 123", "blank": ""}[kind]


def _country(draw: random.Random, truth: Truth) -> str:
    text = draw.choice(["DK", "Danmark", "Dänemark", "Atlantis"])
    truth.counts[f"country {text}"] += 1
    return text


def _updated(draw: random.Random, truth: Truth) -> str:
    days = draw.choice([-5, 0, 100, 365, 366, 900, None])
    if days is None:
        truth.counts["date bad"] += 1
        return "31.02.2025"
    day = NOW - timedelta(days=days)
    truth.counts["date old"] += days > 365
    truth.counts["date future"] += days < 0
    truth.counts["date good"] += 1
    return f"{day:%d.%m.%Y}"


@pytest.fixture(scope="module")
def truth() -> Truth:
    """The generated rows."""
    return generate()


@pytest.fixture(scope="module")
def found(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The audit of the rows, written as a spreadsheet file with three ragged lines at the end."""
    path = tmp_path_factory.mktemp("audit") / "people.csv"
    write_csv(path, HEADERS, truth.rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("only,three,values\n" * 3)
    return audit(path, now=NOW, region="DK")


def doubled(keys: Counter[str]) -> tuple[int, int]:
    """Count groups and rows of keys that occur more than once."""
    more = [rows for rows in keys.values() if rows > 1]
    return len(more), sum(more)


def test_rows_and_refused_rows(found: Audit, truth: Truth) -> None:
    """All rows are counted, the ragged ones as refused with their lines."""
    assert (found.rows, found.refused) == (403, 3)
    assert found.refused_lines == (402, 403, 404)
    assert [column.name for column in found.columns] == HEADERS
    assert not found.is_sample


def test_kinds_and_fields(found: Audit) -> None:
    """Each column is what the generator made it."""
    assert [(column.guess.kind.value, column.guess.field) for column in found.columns] == [
        ("given_name", "contact.name.given"),
        ("family_name", "contact.name.family"),
        ("email", "contact.emails"),
        ("phone", "contact.phones"),
        ("country", "contact.demographic.country"),
        ("free_text", "contact.psychographic.beliefs"),
        ("date", None),
        ("number", None),
        ("free_text", None),
    ]


def test_completeness_and_validity(found: Audit, truth: Truth) -> None:
    """Filled, missing, placeholder, valid and invalid cells are the injected ones."""
    _, _, email, phone, country, religion, updated, points, _ = found.columns
    counts = truth.counts
    good = counts["email good"] + counts["email twin"]
    assert (email.missing, email.placeholders) == (counts["email blank"], counts["email placeholder"])
    assert (email.valid, email.invalid, email.unchecked) == (good, counts["email bad"], 0)
    assert email.completeness == (good + counts["email bad"]) / 400
    assert email.valid_rate == good / (good + counts["email bad"])
    assert (phone.valid, phone.invalid) == (counts["phone plus"] + counts["phone national"], counts["phone bad"])
    assert (country.valid, country.invalid) == (400 - counts["country Atlantis"], counts["country Atlantis"])
    assert (religion.filled, religion.valid, religion.valid_rate) == (counts["religion"], None, None)
    assert (updated.valid, updated.invalid) == (counts["date good"], counts["date bad"])
    assert points.distinct == len({row[7] for row in truth.rows})
    assert email.distinct == len({row[2] for row in truth.rows if row[2].strip() and row[2] not in {"n/a", "NULL"}})


def test_ages(found: Audit, truth: Truth) -> None:
    """A year is 365 days; day 366 is over it, tomorrow is the future."""
    updated = found.columns[6]
    assert (updated.over_a_year, updated.future) == (truth.counts["date old"], truth.counts["date future"])
    assert [column.over_a_year for column in found.columns if column is not updated] == [None] * 8


def test_duplicates(found: Audit, truth: Truth) -> None:
    """Groups by e-mail (case ignored in the domain), phone (spelling ignored) and name (case ignored)."""
    expected = [doubled(truth.emails), doubled(truth.phones), doubled(truth.names)]
    assert [(one.groups, one.rows) for one in found.duplicates] == expected
    assert [one.by for one in found.duplicates] == ["e-mail", "phone", "name"]
    assert found.duplicates[0].surplus == sum(truth.emails.values()) - len(truth.emails)


def test_sensitivity_and_use(found: Audit) -> None:
    """Names and contact points are personal, religion is special and never offered for segments."""
    assert [column.sensitivity.value for column in found.columns] == [
        *["personal"] * 4,
        "none",
        "special category",
        *["none"] * 3,
    ]
    assert dict(found.segmentable) == {
        "Land": "one of 4",
        "last_updated": "how long ago",
        "points": "more or less than",
    }


def test_it_shows_counts_and_never_a_cell(found: Audit, truth: Truth) -> None:
    """Text, HTML and repr hold column names and figures; no generated cell of any personal or free column."""
    shown = f"{found}\n{found._repr_html_()}\n{found!r}"
    assert "people.csv" in shown
    assert "rows that do not fit" in shown
    assert "<table" in shown
    words = set(re.findall(r"[\w@.+()-]+", shown))
    for row in truth.rows:
        for place in (0, 1, 2, 3, 8):
            assert row[place] not in words or not row[place].strip() or row[place] in {"n/a", "NULL"}
        assert row[2].strip() in {"", "NULL", "n/a"} or row[2] not in shown
    assert "canary" not in shown
    assert "secret-" not in shown
    assert "protestant" not in shown


def test_every_source_gives_the_same_figures(truth: Truth) -> None:
    """A file, text and binary streams, pandas, Polars and dicts are audited alike."""
    text = "\n".join(",".join(row) for row in [HEADERS, *truth.rows]) + "\n"
    records = [dict(zip(HEADERS, row, strict=True)) for row in truth.rows]
    pandas_frame = pd.DataFrame(records).replace({"": None})
    sources = [
        io.BytesIO(text.encode()),
        io.StringIO(text),
        records,
        iter(records),
        pandas_frame,
        pl.DataFrame(records),
    ]
    audits = [audit(source, now=datetime(2026, 3, 1, 12, tzinfo=UTC), region="DK") for source in sources]
    assert {one.columns for one in audits} == {audits[0].columns}
    assert {one.duplicates for one in audits} == {audits[0].duplicates}
    assert {one.rows for one in audits} == {400}


def test_frames_with_typed_cells() -> None:
    """Integers with gaps, dates, instants, booleans and NaN of pandas and Polars are what they mean."""
    days = [datetime(2026, 1, 1), None, datetime(2024, 1, 1)]
    typed = {"customer_id": [1, 2, 3], "n": [1.0, None, 45.5], "optin": [True, False, None], "updated_at": days}
    for frame in (pd.DataFrame(typed), pl.DataFrame(typed)):
        result = audit(frame, now=NOW)
        assert [(column.guess.kind.value, column.filled) for column in result.columns] == [
            ("external_id", 3),
            ("number", 2),
            ("boolean", 2),
            ("instant", 2),
        ]
        assert (result.columns[3].over_a_year, result.columns[3].future) == (1, 0)


def test_the_country_of_a_row_reads_its_national_phone() -> None:
    """The same digits are valid in Denmark and not in the United States; without a country they are not judged."""
    rows = [{"land": "DK", "tlf": "32123456"}, {"land": "USA", "tlf": "32123456"}, {"land": "", "tlf": "32123456"}]
    column = audit(rows).columns[1]
    assert (column.valid, column.invalid, column.unchecked) == (1, 1, 1)
    assert any("pass region=" in note for note in audit(rows).notes)
    assert audit(rows, region="DK").columns[1].unchecked == 0


def test_days_since_are_an_age_without_a_clock() -> None:
    """A column of days since the last update tells ages by itself, as mail-order lists have them."""
    rows = [{"last_update_days_ago": days} for days in (3662, 366, 365, 0, -1, "soon", None)]
    column = audit(rows).columns[0]
    assert (column.guess.kind.value, column.guess.field) == ("days_ago", None)
    assert (column.over_a_year, column.future, column.valid, column.invalid) == (2, 1, 5, 1)
    assert column.use == "how long ago"
    assert not [note for note in audit(rows).notes if "how old" in note]


def test_birth_dates_have_no_record_age() -> None:
    """A birth date over a year ago is nothing stale; it gives an age to segment by."""
    rows = [{"born": "1990-05-01"}, {"born": "1981-12-31"}]
    column = audit(rows, now=NOW).columns[0]
    assert (column.over_a_year, column.use, column.sensitivity.value) == (None, "age", "personal")


def test_guarded_cells_of_a_spreadsheet_export_are_read_through(tmp_path: Path) -> None:
    """The quote before +45… does not make a phone invalid."""
    path = tmp_path / "phones.csv"
    write_csv(path, ["phone"], [["+4532123456"], ["+4532123457"]])
    assert audit(path).columns[0].valid == 2


def test_padding_makes_no_new_value() -> None:
    """'gold' and ' gold ' are one value, 'Gold' is another."""
    assert audit([{"tier": "gold"}, {"tier": " gold "}, {"tier": "Gold"}]).columns[0].distinct == 2


def test_a_sample_says_that_it_is_one() -> None:
    """Only the first rows are counted and a note says so; a sample as large as the file is no sample."""
    rows = [{"email": f"a{i}@acme.dk"} for i in range(10)]
    part = audit(rows, sample=4)
    assert (part.rows, part.is_sample, part.columns[0].filled) == (4, True, 4)
    assert any("first 4 rows" in note for note in part.notes)
    assert not audit(rows, sample=10).is_sample


def test_notes_point_at_what_is_open() -> None:
    """Ambiguous dates, no clock, doubled fields and renamed columns are said."""
    text = "email,email,born,born_on\na@acme.dk,b@acme.dk,03/04/1990,x\n"
    notes = audit(io.StringIO(text)).notes
    assert "column 2 repeats the name 'email'; it is called 'email (2)'" in notes
    assert "'born': day and month could stand either way round; read as day first" in notes
    assert "pass now=... to see how old the dates are" in notes
    assert "2 columns fit contact.emails" in notes
    assert "no date tells how old the rows are" in audit(io.StringIO("a\n1\n")).notes


def test_a_header_alone_is_audited() -> None:
    """No rows give no shares and no division by zero."""
    result = audit(io.StringIO("email,name\n"), now=NOW)
    assert (result.rows, result.columns[0].completeness, result.columns[0].valid_rate) == (0, None, None)
    assert "email" in str(result)


@pytest.mark.parametrize("source", [42, None, {"a": 1}, ["x"], [{"a": 1}, 2], []])
def test_what_has_no_rows_is_refused(source: object) -> None:
    """Anything that is no table raises our error."""
    with pytest.raises(CaptureError):
        audit(source)


def test_column_names_that_are_people_are_refused() -> None:
    """Frames read without a header line have a person as a column name."""
    with pytest.raises(CaptureError, match="looks like data") as caught:
        audit(pd.DataFrame({"canary@acme.dk": ["bo@acme.dk"]}))
    assert "canary" not in str(caught.value)


def test_wrong_parameters_are_refused() -> None:
    """A naive time and an empty sample raise an error that says what would be right."""
    with pytest.raises(InvalidValueError, match="now: has no time zone"):
        audit([{"a": 1}], now=datetime(2026, 3, 1))
    with pytest.raises(InvalidValueError, match="sample"):
        audit([{"a": 1}], sample=0)


def test_the_same_name_is_what_an_import_takes_for_it():
    """Accents and case do not part a name, as in the key that finds a person by name and birthday."""
    rows = [{"Given name": given, "Family name": "Berg"} for given in ("José", "JOSE", "Søren", "Soren", "Ana")]
    (names,) = (one for one in audit(rows).duplicates if one.by == "name")
    assert (names.groups, names.rows) == (2, 4)


def test_cells_that_do_not_fit_are_told_beside_rows() -> None:
    """A file whose rows are all as wide as the header may still have cells that an import refuses."""
    shown = str(
        audit([{"email": "no address"}, {"email": "ana@acme.dk"}, {"email": "neither"}, {"email": "bo@acme.dk"}])
    )
    assert re.search(r"rows that do not fit the header +0 of 4", shown)
    assert re.search(r"cells that do not fit their column +2: email 2", shown)


def test_a_folder_is_no_file() -> None:
    """Even one whose path has no name."""
    with pytest.raises(CaptureError, match=r"^\. cannot be read: Is a directory"):
        audit(".")
