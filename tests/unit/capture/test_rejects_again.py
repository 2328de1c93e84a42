"""Refused rows go to a file, are mended and come in: from every kind of file. Odd addresses are counted, not refused."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mimcore.capture import default
from mimcore.errors import InvalidValueError

RECORDS = [
    {"email": "ana@acme.dk", "stage": "customer", "born": "1990-05-31"},
    {"email": "canary at acme.dk", "stage": "lead", "born": "1991-01-01"},
    {"email": "eva@acme.dk", "stage": "Custmer", "born": "31/31/1990"},
]
MAPPING = {"email": "contact.emails", "stage": "contact.lifecycle_stage", "born": "contact.birth_date"}


def as_csv(path):
    """Write the records as CSV, with a line that is broken."""
    lines = [",".join(record.values()) for record in RECORDS]
    path.write_text("\n".join([",".join(RECORDS[0]), *lines, "x,y", ""]), encoding="utf-8")


def as_jsonl(path):
    """Write them as JSON Lines, with a line that is broken."""
    path.write_text("\n".join([*map(json.dumps, RECORDS), "{broken", ""]), encoding="utf-8")


def as_xlsx(path):
    """Write them as a workbook, with a row that is too wide."""
    book = openpyxl.Workbook()
    for cells in ([*RECORDS[0]], *([*record.values()] for record in RECORDS), ["x", "y", "z", "w"]):
        book.active.append(cells)
    book.save(path)


def as_parquet(path):
    """Write them as Parquet."""
    pq.write_table(pa.Table.from_pylist([*RECORDS, {"email": "", "stage": "", "born": ""}]), path)


WRITERS = {"a.csv": as_csv, "a.jsonl": as_jsonl, "a.xlsx": as_xlsx, "a.parquet": as_parquet}
LINES = {"a.csv": [3, 4, 5], "a.jsonl": [2, 3, 4], "a.xlsx": [3, 4, 5], "a.parquet": [2, 3, 4]}


@pytest.mark.parametrize("name", WRITERS)
def test_refused_rows_are_mended_and_imported(import_store, tmp_path, name):
    """Line, column, reason and remedy stand beside each row; the columns added are passed over the second time."""
    WRITERS[name](tmp_path / name)
    plan = import_store.plan_import(tmp_path / name, source="fair", mapping=MAPPING)
    assert plan.counts == {"created": 1, "rejected": 3}
    assert [one.line for one in plan.rejects] == LINES[name]
    assert plan.apply().counts == {"created": 1, "rejected": 3}
    assert plan.rejects.to_csv(tmp_path / "rejects.csv") == 3
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["mimcore_line"]) for row in rows] == LINES[name]
    assert rows[1]["mimcore_reason"].startswith("is not a value of lifecycle_stage (did you mean 'customer'?)")
    rows[0]["email"], rows[1]["stage"], rows[1]["born"] = "bo@acme.dk", "customer", "1990-12-31"
    with (tmp_path / "mended.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows[:2])
    again = import_store.plan_import(tmp_path / "mended.csv", source="fair", mapping=MAPPING)
    assert again.apply().counts == {"created": 2}
    guessed = import_store.plan_import(tmp_path / "mended.csv", source="other")
    assert {one.column for one in guessed.mapping.columns} <= set(MAPPING)


def test_a_word_of_no_vocabulary_is_refused_with_the_nearest_and_the_cell_is_not_shown(import_store):
    """The vocabulary is public, the cell is personal."""
    rows = [{"mail": "ana@acme.dk", "stage": "Custmer", "sex": "canary", "level": "Seniorr", "land": "Danmrk"}]
    mapping = {"mail": "contact.email", "stage": "contact.lifecycle_stage", "sex": "contact.gender",
               "level": "contact.seniority", "land": "contact.country"}  # fmt: skip
    plan = import_store.plan_import(rows, source="fair", mapping=mapping)
    told = {row["column"]: (row["reason"], row["remedy"]) for row in plan.rejects.to_rows()}
    assert told["stage"][0] == "is not a value of lifecycle_stage (did you mean 'customer'?)"
    assert told["level"][0] == "is not a value of seniority (did you mean 'senior'?)"
    assert told["sex"] == (
        "is not a value of gender", "use one of female, male, non_binary, other, or map the words of the file"
    )  # fmt: skip
    assert told["land"][1] == "did you mean 'DK' (Denmark)?"
    assert "canary" not in str(plan).casefold()


def test_odd_addresses_are_flagged_and_taken(import_store):
    """One row may bear several flags; a row with two such addresses counts once."""
    mails = ["info@acme.dk", "info@gmail.com;ana@gmail.com", "x@mailinator.com", "ana@acme.dk"]
    mapping = {"mail": {"field": "contact.emails", "transforms": [{"do": "split", "separator": ";"}]}}
    plan = import_store.plan_import([{"mail": mail} for mail in mails], source="fair", mapping=mapping)
    assert plan.flags == {"role mailbox": 2, "free-mail domain": 1, "disposable domain": 1}
    assert plan.counts == {"created": 4}
    assert "Flagged, not refused" in str(plan)


def test_a_guess_shows_how_sure_it_is_and_leaves_out_what_could_be_the_key_twice(import_store):
    """Two ids, an id that repeats, somebody else's address: all left out, with the reason."""
    rows = [
        {
            "contact id": str(number),
            "customer id": str(number),
            "email": f"p{number}@acme.dk",
            "manager email": "b@c.dk",
        }
        for number in range(4)
    ]
    plan = import_store.plan_import(rows, source="fair", mapping="auto")
    assert [one.field for one in plan.mapping.columns] == ["contact.emails"]
    told = str(plan)
    assert "'contact id' is left out: 'contact id' and 'customer id' could both be the id of the contact" in told
    assert "'manager email' is left out: its e-mail addresses may be another person's" in told
    assert re.search(r"email +contact\.emails +95\.0.% +its name means email and 100.% of the cells are", told)
    repeated = [{"id": "7", "email": f"p{number}@acme.dk"} for number in range(4)]
    plan = import_store.plan_import(repeated, source="fair")
    assert "'id' is left out: its cells repeat, so that it is no id of a contact" in plan.notes


def test_addresses_under_an_unclear_name_are_taken_only_if_nothing_else_could_be_meant(import_store):
    """One column of unknown name that holds addresses is the key; two, or one called otherwise, are not."""
    assert import_store.plan_import([{"q1": "a@b.dk"}], source="x").mapping.key == "email"
    for row in ({"q1": "a@b.dk", "q2": "c@d.dk"}, {"city": "a@b.dk"}, {"sales rep": "a@b.dk"}):
        with pytest.raises(InvalidValueError, match="no column is understood"):
            import_store.plan_import([row], source="x")


def test_the_key_is_the_column_that_is_filled(import_store):
    """Where few have an address and all have a number, the number is the key."""
    rows = [{"email": "a@b.dk" if number == 0 else "", "Kundennummer": str(number)} for number in range(5)]
    plan = import_store.plan_import(rows, source="fair")
    assert plan.mapping.key == "external_id"
    assert plan.counts == {"created": 5}


@pytest.mark.parametrize(
    ("amounts", "value"),
    [
        (["€ 1.249,50", "€ 2,00"], ("EUR", 124_950)),
        (["12.50 DKK", "3.00 DKK"], ("DKK", 1_250)),
        (["$ 12.50", "$ 3.00"], None),
        (["€ 12.50", "£ 3.00"], None),
        (["12.50", "3.00"], None),
    ],
)
def test_a_currency_is_taken_from_cells_that_all_name_one(import_store, amounts, value):
    """A dollar sign, two currencies or none: the column is left out and the reason said."""
    rows = [{"mail": f"p{number}@b.dk", "Income": amount} for number, amount in enumerate(amounts)]
    plan = import_store.plan_import(rows, source="fair")
    plan.apply()
    income = import_store.contacts.with_email("p0@b.dk").demographic.annual_income
    assert (None if income is None else (income.currency, income.minor_units)) == value
    assert (value is None) == any("'Income' is left out: needs a currency" in note for note in plan.notes)


def test_utf_16_and_other_encodings_go_through_the_same_door(import_store):
    """As a stream, guessed; the letters are right."""
    text = "E-Mail;Vorname;Ort\nana@acme.dk;Åse;Ærøskøbing\n"
    for codec in ("utf-16", "utf-8-sig", "cp1252"):
        import_store.plan_import(io.BytesIO(text.encode(codec)), source=codec).apply()
        assert import_store.contacts.with_email("ana@acme.dk").demographic.city == "Ærøskøbing"


def test_a_default_stands_in_where_the_cell_says_nothing(import_store):
    """Blank and 'n/a' say nothing; a word that is refused is refused all the same."""
    rows = [{"mail": f"p{number}@b.dk", "land": land} for number, land in enumerate(["", "n/a", "Sverige", "zz"])]
    mapping = {"mail": "contact.email", "land": ("contact.country", default("DK"))}
    import_store.plan_import(rows, source="fair", mapping=mapping).apply()
    found = [import_store.contacts.with_email(f"p{number}@b.dk").demographic.country for number in range(3)]
    assert found == ["DK", "DK", "SE"]
    with pytest.raises(LookupError):
        import_store.contacts.with_email("p3@b.dk")
