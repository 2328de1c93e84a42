"""Personal values of bad rows appear nowhere but in the file for mending: errors, plan, reasons, logs, outbox, database file."""

from __future__ import annotations

import logging
import traceback

import pytest

from mimcore.capture import ConsentColumns, plan_import, read_dates, split, undo_import
from mimcore.errors import MimcoreError

CANARY = "Zqxcanary"
MAPPING = {
    "mail": "contact.emails",
    "name": "contact.name",
    "phone": "contact.phones",
    "born": ("contact.birth_date", read_dates("DMY")),
    "kids": "contact.children",
    "sex": "contact.gender",
    "land": "contact.country",
    "tongue": "contact.language",
    "zone": "contact.time_zone",
    "likes": ("contact.interests", split()),
    "stage": "contact.lifecycle_stage",
    "camp": "contact.acquisition_campaign",
    "seen": "observed_at",
    "at": "contact.acquired_at",
    "news": "consent.newsletter",
    "firm": "account.name",
    "site": "account.domain",
    "staff": "account.employees",
    "title": "contact.name.title",
    "boss": "contact.is_decision_maker",
}
GOOD = dict.fromkeys(MAPPING, "")


def bad_rows():
    """One row for each column, bad in that column alone, every value of it a canary."""
    rows = []
    for column in MAPPING:
        row = {**GOOD, "mail": f"good-{column}@acme.dk", "name": "Ana Berg"}
        row[column] = f"{CANARY}@{CANARY}@{column}" if column == "mail" else f"{CANARY}\x07{column}"
        rows.append(row)
    return [*rows, {**GOOD, "mail": f"{CANARY}.dk", "phone": f"{CANARY}12"}, {**GOOD, "name": CANARY}]


@pytest.fixture
def bad_file(csv_file):
    """The rows as a file, and one that is torn."""
    lines = [",".join(MAPPING), *(",".join(row.values()) for row in bad_rows()), f"{CANARY},{CANARY}"]
    return csv_file("\n".join(lines) + "\n", f"{CANARY[:3].lower()}.csv")


def plan(store, data, **options):
    """Plan an import with every column mapped."""
    settings = {"source": "fair", "mapping": MAPPING, "consent": ConsentColumns(notice="v1"), **options}
    return plan_import(store, data, **settings)


def test_no_value_of_a_bad_row_is_told_anywhere(import_store, bad_file, tmp_path, caplog, capsys):
    """Plan, HTML, reasons, result, outcomes, outbox, logs, output, undo report, and the database file itself."""
    caplog.set_level(logging.DEBUG)
    planned = plan(import_store, bad_file)
    assert planned.counts == {"rejected": len(MAPPING) + 3}
    result = planned.apply(batch_size=4)
    with import_store.read() as work:
        stored = [list(work.transaction.imports.outcomes(result.id)), work.transaction.outbox.pending(1000)]
    told = [
        str(planned), repr(planned), planned._repr_html_(), planned.rejects.to_rows(), repr(planned.rejects), list(planned.rejects),
        str(result), repr(result), result._repr_html_(), stored, str(undo_import(import_store, result.id)),
        caplog.text, capsys.readouterr(),
    ]  # fmt: skip
    assert CANARY.lower() not in str(told).lower()
    for file in tmp_path.glob("store.db*"):
        assert CANARY.encode() not in file.read_bytes()


def test_every_reject_says_which_column_why_and_what_would_be_right(import_store, bad_file):
    """Twenty bad columns, each named by its own header."""
    rejects = plan(import_store, bad_file).rejects
    assert [one.problems[0].column for one in rejects[: len(MAPPING)]] == list(MAPPING)
    assert all(problem.reason for one in rejects for problem in one.problems)


def test_the_file_for_mending_holds_the_rows_and_is_private(import_store, bad_file, tmp_path):
    """It is the user's own data: there they stand, readable by the writer only."""
    path = tmp_path / "rejects.csv"
    plan(import_store, bad_file).rejects.to_csv(path)
    assert CANARY in path.read_text(encoding="utf-8-sig")
    assert path.stat().st_mode & 0o077 == 0


def test_errors_of_a_failing_store_hold_no_value(import_store, csv_file, monkeypatch):
    """Whatever breaks while rows are written: the error, its causes and its traceback are free of them."""
    file = csv_file(f"mail,name\n{CANARY}@acme.dk,{CANARY} Berg\n")
    planned = plan(import_store, file, mapping={"mail": "contact.emails", "name": "contact.name"}, consent=None)
    import_store.close()
    with pytest.raises(MimcoreError) as caught:
        planned.apply()
    told = "".join(traceback.format_exception(caught.value))
    assert CANARY.lower() not in told.lower()


def test_candidates_and_writes_keep_their_values_out_of_repr(import_store):
    """What stands in memory while an import runs is masked when it is printed."""
    run = plan(import_store, [{**GOOD, "mail": f"{CANARY}@acme.dk", "name": f"{CANARY} Berg", "phone": ""}]).run
    with import_store.read() as work:
        importer = run.importer(run.reader(work))
    origin, at = run.observed(import_store.now())
    items = [importer.read(number, row, origin.moment, at) for number, row in enumerate(run.rows)]
    with import_store.read() as work:
        settled = importer.settle(work, items)
    assert CANARY.lower() not in repr([items, settled, importer._writes]).lower()
