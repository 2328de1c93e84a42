"""Exports of contacts, accounts and audiences: whom, which columns, in which form, and never half a file."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.exporting import arrow_tables
from mimcore.capture.exporting.columns import ExportColumn, columns_of
from mimcore.capture.exporting.writing import write_rows
from mimcore.domain.catalogue import CONTACT_FIELDS, catalogue
from mimcore.repositories.portions import portions

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = ("id", "emails", "given_name", "city", "age", "annual_income", "annual_income_currency", "interests",
              "preferred_channels", "devices", "acquired_at", "birth_date", "is_decision_maker", "children", "shoe",
              "external_ids", "account_name", "account_employees")  # fmt: skip


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """Ana with everything, Bo with nothing but a country, somebody archived; Acme; and a segment."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, actor="tester", zone="Europe/Copenhagen", clock=lambda: NOW, secret=b"s" * 32) as opened:
        opened.attributes.declare(mim.attribute("shoe", kind="number"))
        acme = mim.Account(name="=Acme", employees=240)
        ana = mim.Contact(
            name="Ana Bérg", emails=["Ana@example.dk", "b@example.dk"], city="＝Århus", country="DK",
            birth_date="1990-05-01", annual_income=mim.money("-1.50", "BHD"), interests=["golf", "a; b"],
            preferred_channels=["email", "sms"], devices=[{"kind": "tablet", "last_seen_at": "2026-02-01T10:00:00.000001Z"}],
            acquired_at="2025-12-31T23:30-02:00", is_decision_maker=True, children=2, custom={"shoe": 41.5}, account=acme,
            external_ids={"crm": "17"}, beliefs=["secret"],
        )  # fmt: skip
        with opened.begin() as work:
            _, stored, _, gone = work.add(acme, ana, mim.Contact(country="DK"), mim.Contact(country="SE"))
            work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
            work.grant(stored.primary_email, channel="email", purpose="newsletter", method="paper", notice="n1")
            work.remove(gone)
        yield opened


def fields():
    """What is asked for: everything but the id and the currency, which come by themselves."""
    return [name for name in EVERYTHING if name not in {"id", "annual_income_currency"}]


def test_json_lines_hold_every_kind_exactly(store, tmp_path) -> None:
    """Money and instants are text, lists are lists, missing is null; the hand-made line is the whole truth."""
    done = store.contacts.export(tmp_path / "a.jsonl", "danes", fields=fields())
    lines = [json.loads(line) for line in done.path.read_text("utf-8").splitlines()]
    ana = next(line for line in lines if line["given_name"])
    assert tuple(ana) == EVERYTHING
    assert list(ana.values())[1:] == [
        ["Ana@example.dk", "b@example.dk"], "Ana", "＝Århus", 35, "-1.500", "BHD", ["a; b", "golf"], ["email", "sms"],
        [{"kind": "tablet", "operating_system": None, "browser": None, "app": None,
          "last_seen_at": "2026-02-01T10:00:00.000001+00:00"}],
        "2026-01-01T01:30:00+00:00", "1990-05-01", True, 2, 41.5, [{"source": "crm", "value": "17"}], "=Acme", 240,
    ]  # fmt: skip
    (bo,) = [line for line in lines if line is not ana]
    assert {name for name, value in bo.items() if value not in (None, [])} == {"id"}
    assert (done.rows, done.for_) == (2, "machine")


def test_csv_for_both(store, tmp_path) -> None:
    """For people: guarded, quoted, marked; for machines: exact text, JSON lists."""
    chosen = ["city", "annual_income", "interests", "children", "is_decision_maker", "account_name"]
    safe = store.contacts.export(tmp_path / "s.csv", f.contact.city.is_known(), fields=chosen, delimiter=";")
    exact = store.contacts.export(tmp_path / "m.csv", f.contact.city.is_known(), fields=chosen, for_="machine")
    person = store.contacts.ids(f.contact.city.is_known())[0]
    assert safe.path.read_bytes().startswith(b'\xef\xbb\xbf"id";"city";')
    assert safe.path.read_text("utf-8-sig").splitlines()[1] == (
        f'"{person}";"\'＝Århus";"-1.500";"BHD";"[""a; b"",""golf""]";"2";"true";"\'=Acme"'
    )
    assert exact.path.read_text("utf-8").splitlines()[1] == (
        f'{person},＝Århus,-1.500,BHD,"[""a; b"",""golf""]",2,true,=Acme'
    )


def test_arrow_parquet_and_a_table_agree(store, tmp_path) -> None:
    """One schema; decimals, dates and instants are typed; the three hold the same rows as each other."""
    table = store.contacts.to_arrow(fields=fields())
    types = [str(table.schema.field(name).type) for name in ("annual_income", "acquired_at", "birth_date", "shoe")]
    assert types == ["decimal128(23, 4)", "timestamp[us, tz=UTC]", "date32[day]", "double"]
    ana = next(row for row in table.to_pylist() if row["given_name"])
    assert (ana["annual_income"], ana["birth_date"]) == (Decimal("-1.5000"), date(1990, 5, 1))
    parquet = store.contacts.export(tmp_path / "a.parquet", fields=fields())
    arrow = store.contacts.export(tmp_path / "a.arrow", fields=fields())
    assert pl.read_parquet(parquet.path).to_dicts() == pl.from_arrow(table).to_dicts()
    with pa.ipc.open_file(str(arrow.path)) as file:
        assert file.read_all().equals(table)
    assert store.contacts.to_arrow(f.contact.city == "nowhere").num_rows == 0


def test_personal_and_special_fields_only_by_name(store, tmp_path) -> None:
    """Without a list of fields no personal one is written; with one, the answer names them."""
    done = store.contacts.export(tmp_path / "a.csv")
    closed = {one.short for one in CONTACT_FIELDS if one.is_personal or one.is_special_category}
    assert {one.name for one in done.columns} & closed == set()
    assert {"city", "country", "shoe"} <= {one.name for one in done.columns}
    assert (done.personal, "secret" in done.path.read_text("utf-8-sig")) == ((), False)
    asked = store.contacts.export(tmp_path / "a.csv", fields=[f.contact.psychographic.beliefs, "emails"])
    assert (asked.personal, asked.special_category) == (("beliefs", "emails"), ("beliefs",))
    assert str(asked).splitlines()[1:] == ["personal: beliefs, emails", "special category: beliefs"]
    assert "special category" in asked._repr_html_()


def test_a_file_is_for_its_owner_alone_and_stands_for_its_path(store, tmp_path) -> None:
    """Mode 0600, also where an open file stood before; the answer can be given to `open`."""
    (tmp_path / "a.csv").write_text("old")
    (tmp_path / "a.csv").chmod(0o644)
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        done = store.contacts.export(tmp_path / name)
        assert done.path.stat().st_mode & 0o777 == 0o600
        with open(done, "rb") as file:  # noqa: PTH123 - it is the function that takes it
            assert file.read(1)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.arrow"])
def test_what_breaks_off_leaves_the_old_file_and_no_other(tmp_path, name) -> None:
    """Whole or not at all, in every form."""
    (tmp_path / name).write_text("old")

    def broken():
        yield [["1"]]
        raise KeyError

    with pytest.raises(KeyError):
        write_rows(tmp_path / name, [ExportColumn("a", "text", lambda *_: None)], broken())
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(name, "old")]


def test_accounts_and_audiences(store, tmp_path) -> None:
    """Accounts have columns of their own; an audience goes through the gate, in any form."""
    done = store.accounts.export(tmp_path / "a.csv", fields=["account_name", f.account.employees])
    assert done.path.read_text("utf-8-sig").splitlines()[1].endswith(',"\'=Acme","240"')
    assert str(done) == "a.csv: 1 account, 3 columns, for spreadsheets"
    assert store.accounts.to_arrow(fields=["employees"]).column("employees").to_pylist() == [240]
    audience = store.audience("danes", channel="email", purpose="newsletter")
    place = audience.export(tmp_path / "a.jsonl", fields=["city"])
    (line,) = map(json.loads, place.read_text("utf-8").splitlines())
    assert (line["email"], line["city"]) == ("Ana@example.dk", "＝Århus")
    assert pl.read_parquet(audience.export(tmp_path / "a.parquet")).columns == ["contact_id", "email"]


def test_the_past_is_exported_as_it_was(store, tmp_path) -> None:
    """`as_of` asks the past here, too."""
    assert store.contacts.export(tmp_path / "a.csv", as_of="2026-02-01").rows == 0


def test_what_is_wrong_is_told_before_anything_is_written(store, tmp_path) -> None:
    """Unknown fields, fields of others, doubled ones, suffixes and forms that do not go together."""
    export = store.contacts.export
    with pytest.raises(mim.UnknownFieldError, match="did you mean"):
        export(tmp_path / "a.csv", fields=["cty"])
    for wrong in ([f.event.product], ["city", "contact.demographic.city"], [f.contact.any_account.employees]):
        with pytest.raises(mim.InvalidValueError, match="fields"):
            export(tmp_path / "a.csv", fields=wrong)
    with pytest.raises(mim.InvalidValueError, match=r"did you mean '\.jsonl'"):
        export(tmp_path / "a.json")
    with pytest.raises(mim.InvalidValueError, match=r"name it \.csv"):
        export(tmp_path / "a.parquet", for_="spreadsheet")
    with pytest.raises(mim.InvalidValueError, match="for_"):
        export(tmp_path / "a.csv", for_="printer")
    with pytest.raises(mim.NotFoundError, match="no segment"):
        export(tmp_path / "a.csv", "nobody")
    with pytest.raises(mim.CaptureError, match="No such file"):
        export(tmp_path / "no" / "a.jsonl")
    assert [one.name for one in tmp_path.iterdir() if one.suffix in {".csv", ".parquet"}] == []


def test_custom_attributes_keep_a_name_of_their_own() -> None:
    """One that would look like an account's column, or like a currency, bears its canonical name."""
    names = ("account_size", "pay_currency", "size")
    known = catalogue.extended([mim.CustomAttribute(name=name).spec for name in names])
    columns = columns_of("contact", [f"contact.custom.{name}" for name in names], known, NOW.date())
    assert [one.name for one in columns[1:]] == ["contact.custom.account_size", "contact.custom.pay_currency", "size"]


def test_without_pyarrow_the_error_names_the_extra(store, tmp_path, monkeypatch) -> None:
    """CSV and JSON Lines need nothing; Parquet says what to install."""
    monkeypatch.setattr(arrow_tables, "find_spec", lambda _name: None)
    assert store.contacts.export(tmp_path / "a.jsonl").rows == 2
    with pytest.raises(mim.MissingExtraError, match=r"mimcore\[frames\]"):
        store.contacts.export(tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_memory_does_not_grow_with_the_rows(tmp_path, name) -> None:
    """Five times the rows: not half as much memory again."""
    columns = [ExportColumn("a", "text", lambda *_: None)]
    peaks = []
    for size in (20_000, 20_000, 100_000):
        rows = ([f"some text of row {number}"] for number in range(size))
        tracemalloc.start()
        write_rows(tmp_path / name, columns, portions(rows, 5_000))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1]
