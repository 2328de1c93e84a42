"""The store as Parquet: what is in the files, who can read them, and what happens when something stops the writing."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mimcore as mim
from mimcore.capture.snapshots import files as snapshot_files
from mimcore.capture.snapshots import schema as snapshot_schema
from mimcore.capture.snapshots.snapshot import Snapshot
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.errors import CaptureError, MissingExtraError, UnknownFieldError
from mimcore.rules.language.catalogue import Kind
from mimcore.values.money import Money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LARGEST = 2**63 - 1


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """An empty store of each kind."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, actor="tester", zone="Europe/Copenhagen", clock=lambda: NOW, secret=b"s" * 32) as opened:
        yield opened


def _ana(account: mim.Account) -> mim.Contact:
    return mim.Contact(
        name="Fru Ana Bérg",
        emails=["Ana@example.dk", "old@example.dk"],
        phones=["+4532123456"],
        country="DK",
        city="  STRAßE 🙂 ",
        birth_year=1990,
        annual_income=Money(minor_units=LARGEST, currency="BHD"),
        interests=["ÉLAN", "golf"],
        beliefs=["secret belief"],
        preferred_channels=["email", "sms"],
        devices=[{"kind": "tablet", "browser": "Firefox", "last_seen_at": "2026-02-01T10:00:00.000001Z"}],
        acquired_at="2025-12-31T23:30-02:00",
        account=account,
        external_ids={"crm": "17"},
        custom={"shoe": 42, "plan": "É", "city_folded": "mine", "account_employees": "own"},
    )


@pytest.fixture
def filled(store):
    """Ana with everything, Bo with nothing, and somebody archived; two events in different years."""
    acme = mim.Account(
        name="Acme A/S",
        employees=240,
        annual_revenue=mim.money("12.5", "DKK"),
        stack=["Postgres"],
        custom={"since": "2001-02-03"},
    )
    ana, bo = _ana(acme), mim.Contact()
    gone = mim.Contact(name="Gone Person", status="archived")
    for name, kind in (("shoe", "integer"), ("plan", "text"), ("city_folded", "text"), ("account_employees", "text")):
        store.attributes.declare(mim.attribute(name, kind=kind))
    store.attributes.declare(mim.attribute("faith", is_special_category=True))
    store.attributes.declare(mim.attribute("since", kind="date", entity="account"))
    with store.begin() as work:
        work.add(acme, ana, bo, gone)
        work.transaction.interactions.add(
            [
                mim.Interaction(
                    kind="purchase", at="2025-12-31T23:59:59.999999Z", contact_id=ana, value=mim.money("1200", "JPY")
                ),
                mim.Interaction(kind="visit", at="2026-01-01T00:00Z", contact_id=ana, product="Élan", is_gift=False),
                mim.Interaction(kind="visit", at="2026-01-02T00:00Z", contact_id=gone),
            ]
        )
    store.people = ana, bo, acme
    return store


def _rows(folder, table: str) -> list[dict]:
    return pq.read_table(folder / table).to_pylist()


def _everything(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_every_declared_field_is_a_column_of_its_kind(store, tmp_path) -> None:
    """Short names and Arrow types come from the catalogue; only age, which has bounds instead, and beliefs are not there."""
    types = {
        Kind.TEXT: pa.string(),
        Kind.CODE: pa.string(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.INTEGER: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.MONEY: pa.decimal128(23, 4),
        Kind.DATE: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", "UTC"),
        Kind.LOCATION: pa.string(),
        Kind.TAGS: pa.list_(pa.string()),
        Kind.CODES: pa.list_(pa.string()),
    }
    taken = store.snapshot(tmp_path / "out")
    for table, specs in (("contacts", CONTACT_FIELDS), ("accounts", ACCOUNT_FIELDS), ("events", EVENT_FIELDS)):
        schema = pq.read_schema(taken.files(table)[0])
        assert len(set(schema.names)) == len(schema.names)
        for spec in specs:
            if spec.kind is Kind.AGE or spec.is_special_category:
                assert spec.short not in schema.names
            elif spec.kind is Kind.RECORDS:
                assert {one.name for one in schema.field(spec.short).type.value_type} == {
                    one.short for one in spec.record_fields
                }
            else:
                assert schema.field(spec.short).type == types[spec.kind], spec.name
            folded = f"{spec.short}_folded" in schema.names
            assert folded == (spec.kind in {Kind.TEXT, Kind.TAGS} and not spec.is_special_category), spec.name
            if spec.kind is Kind.MONEY:
                assert schema.field(f"{spec.short}_currency").type == pa.string()
            if spec.kind is Kind.LOCATION:
                assert {schema.field(f"{spec.short}_{axis}").type for axis in "xyz"} == {pa.int64()}


def test_a_contact_with_everything(filled, tmp_path) -> None:
    """Text as it is and folded, money exact, records as structs, instants in UTC, bounds of the birth date."""
    filled.snapshot(tmp_path / "out")
    ana = next(row for row in _rows(tmp_path / "out", "contacts") if row["given_name"] == "Ana")
    contact, _, acme = filled.people
    expected = {
        "id": str(contact.id),
        "version": 1,
        "account_id": str(acme.id),
        "name_title": "mrs",
        "family_name": "Bérg",
        "family_name_folded": "bérg",
        "primary_email": "Ana@example.dk",
        "primary_email_folded": "ana@example.dk",
        "primary_phone": "+4532123456",
        "country": "DK",
        "city": "STRAßE 🙂",
        "city_folded": "strasse 🙂",
        "birth_date": None,
        "born_from": date(1990, 1, 1),
        "born_to": date(1990, 12, 31),
        "annual_income": Decimal("9223372036854775.8070") * 1,
        "annual_income_currency": "BHD",
        "interests": ["golf", "ÉLAN"],
        "interests_folded": ["golf", "élan"],
        "hobbies": [],
        "preferred_channels": ["email", "sms"],
        "acquired_at": datetime(2026, 1, 1, 1, 30, tzinfo=UTC),
        "account_employees": 240,
        "account_stack": ["Postgres"],
        "account_annual_revenue": Decimal("12.5000"),
        "external_ids": [{"source": "crm", "value": "17"}],
        "shoe": 42,
        "plan": "É",
        "plan_folded": "é",
        "contact.custom.city_folded": "mine",
        "contact.custom.account_employees": "own",
        "account_since": date(2001, 2, 3),
    }
    assert {name: ana[name] for name in expected} == expected
    assert ana["devices"] == [
        {
            "kind": "tablet",
            "operating_system": None,
            "browser": "Firefox",
            "app": None,
            "last_seen_at": datetime(2026, 2, 1, 10, 0, 0, 1, tzinfo=UTC),
        }
    ]


def test_a_contact_with_nothing(filled, tmp_path) -> None:
    """Missing values are null, collections are empty lists, and without an account its collections are null."""
    filled.snapshot(tmp_path / "out", include_special_category=True)
    _, bo, _ = filled.people
    row = next(row for row in _rows(tmp_path / "out", "contacts") if row["id"] == str(bo.id))
    known = {name: value for name, value in row.items() if value is not None}
    collections = {spec.short for spec in CONTACT_FIELDS if spec.is_collection} | {"external_ids"}
    tags = {f"{spec.short}_folded" for spec in CONTACT_FIELDS if spec.kind is Kind.TAGS}
    assert known == {"id": str(bo.id), "version": 1, **{name: [] for name in collections | tags}}


def test_events_points_and_links(filled, tmp_path) -> None:
    """Events lie in the folder of their year in UTC; points and links bear the id of their contact and their order."""
    taken = filled.snapshot(tmp_path / "out")
    ana, _, acme = (str(one.id) for one in filled.people)
    assert [path.parent.name for path in taken.files("events")] == ["year=2025", "year=2026"]
    old, new = sorted(_rows(tmp_path / "out", "events"), key=lambda row: row["at"])
    assert (old["year"], old["contact_id"], old["recorded_for"]) == (2025, ana, ana)
    assert (old["value"], old["value_currency"]) == (Decimal(1200), "JPY")
    assert (new["year"], new["product_folded"], new["is_gift"], new["value"]) == (2026, "élan", False, None)
    points = [(row["kind"], row["value"], row["position"]) for row in _rows(tmp_path / "out", "points")]
    assert points == [("email", "Ana@example.dk", 0), ("email", "old@example.dk", 1), ("phone", "+4532123456", 2)]
    first = _rows(tmp_path / "out", "points")[0]
    assert (first["contact_id"], first["match_key"], first["state"]) == (ana, "ana@example.dk", "unverified")
    assert first["is_retired"] is False
    (link,) = _rows(tmp_path / "out", "links")
    assert (link["contact_id"], link["account_id"], link["is_primary"], link["end_on"]) == (ana, acme, True, None)


def test_only_active_records_are_in_it(filled, tmp_path) -> None:
    """What is archived is counted in the manifest; its events are not there either."""
    taken = filled.snapshot(tmp_path / "out")
    assert {name: taken.rows(name) for name in ("contacts", "accounts", "events", "points", "links")} == {
        "contacts": 2,
        "accounts": 1,
        "events": 2,
        "points": 3,
        "links": 1,
    }
    assert taken.manifest.inactive == 1


def test_an_archived_account_is_none(store, tmp_path) -> None:
    """As in rules: the link tells which account it was, and nothing of it is known; an account beside it keeps its own."""
    closed, open_one = mim.Account(name="Closed", status="archived", employees=9), mim.Account(name="Open", stack=["x"])
    with store.begin() as work:
        work.add(closed, open_one, mim.Contact(city="A", account=closed), mim.Contact(city="B", account=open_one))
    store.snapshot(tmp_path / "out")
    rows = {row["city"]: row for row in _rows(tmp_path / "out", "contacts")}
    assert (rows["A"]["account_id"], rows["A"]["account_name"], rows["A"]["account_stack"]) == (
        str(closed.id),
        None,
        None,
    )
    assert (rows["B"]["account_name"], rows["B"]["account_stack"]) == ("Open", ["x"])
    assert [row["account_name"] for row in _rows(tmp_path / "out", "accounts")] == ["Open"]


def test_events_of_a_merged_contact_count_for_the_one_that_is_left(store, tmp_path) -> None:
    """`contact_id` is the golden record, `recorded_for` the record they came under."""
    first, second = mim.Contact(emails=["ana@acme.dk"]), mim.Contact(emails=["ana@acme.dk"])
    with store.begin() as work:
        work.add(first, second)
        for one in (first, second):
            work.transaction.interactions.add([mim.Interaction(kind="visit", at=NOW, contact_id=one)])
    (pair,) = store.duplicates.find()
    store.duplicates.plan(pair).apply()
    store.snapshot(tmp_path / "out")
    (left,) = _rows(tmp_path / "out", "contacts")
    events = _rows(tmp_path / "out", "events")
    assert {row["contact_id"] for row in events} == {left["id"]}
    assert {row["recorded_for"] for row in events} == {str(first.id), str(second.id)}


def test_special_categories_only_on_demand(filled, tmp_path) -> None:
    """Beliefs are left out and named; with the option they are there and marked."""
    plain = filled.snapshot(tmp_path / "plain")
    assert plain.manifest.left_out == ("beliefs", "faith")
    assert b"secret belief" not in b"".join(
        repr(_rows(tmp_path / "plain", name)).encode() for name in ("contacts", "accounts", "events")
    )
    whole = filled.snapshot(tmp_path / "whole", include_special_category=True)
    assert whole.manifest.left_out == ()
    assert ["secret belief"] in [row["beliefs"] for row in _rows(tmp_path / "whole", "contacts")]
    marked = {one.name for one in whole.manifest.tables[0].columns if one.is_special_category}
    assert marked == {"beliefs", "beliefs_folded", "faith", "faith_folded"}


def test_the_manifest_tells_what_is_there(filled, tmp_path) -> None:
    """Format, version, instant, zone, kinds and personal columns; the tenant is not in it."""
    filled.snapshot(tmp_path / "out")
    found = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (found["format"], found["format_version"]) == ("mimcore-snapshot", 1)
    assert (found["mimcore_version"], found["taken_at"]) == (mim.__version__, "2026-03-01T12:00:00Z")
    assert found["zone"] == "Europe/Copenhagen"
    assert "tenant" not in json.dumps(found)
    columns = {one["name"]: one for one in found["tables"][0]["columns"]}
    assert columns["city"] == {
        "name": "city",
        "kind": "text",
        "field": "contact.demographic.city",
        "is_personal": False,
        "is_special_category": False,
    }
    assert all(
        columns[name]["is_personal"] for name in ("given_name_folded", "primary_email", "born_from", "external_ids")
    )
    for table in found["tables"]:
        assert table["rows"] == sum(one["rows"] for one in table["files"])
        names = pq.read_schema(tmp_path / "out" / table["files"][0]["path"]).names
        assert names == [one["name"] for one in table["columns"]]


def test_an_empty_store_has_empty_tables(store, tmp_path) -> None:
    """Each table has one file with all columns and no row, so that every reader can open it."""
    taken = store.snapshot(tmp_path / "out")
    for name in ("contacts", "accounts", "events", "points", "links"):
        assert len(taken.files(name)) == 1
        assert pl.scan_parquet(tmp_path / "out" / name / "**/*.parquet").collect().height == 0
    assert [path.parent.name for path in taken.files("events")] == ["year=2026"]
    Snapshot.open(tmp_path / "out")


def test_all_readers_see_the_same(filled, tmp_path) -> None:
    """Polars, pandas, pyarrow and DuckDB, with the year from the folder's name."""
    filled.snapshot(tmp_path / "out")
    out = tmp_path / "out"
    expected = ["STRAßE 🙂"]
    assert pl.read_parquet(out / "contacts")["city"].drop_nulls().to_list() == expected
    assert pd.read_parquet(out / "contacts")["city"].dropna().tolist() == expected
    assert pq.read_table(out / "contacts")["city"].drop_null().to_pylist() == expected
    with duckdb.connect() as database:
        asked = (
            "select city from read_parquet(?) where city_folded like 'strasse%' and list_contains(interests, 'golf')"
        )
        assert database.execute(asked, [f"{out}/contacts/*.parquet"]).fetchall() == [(expected[0],)]
        asked = 'select year, sum(value), max(epoch_us("at")) from read_parquet(?, hive_partitioning=true) group by 1 order by 1'
        found = database.execute(asked, [f"{out}/events/*/*.parquet"]).fetchall()
        assert [(year, total) for year, total, _ in found] == [(2025, Decimal(1200)), (2026, None)]
        asked = "select devices[1].browser from read_parquet(?) where len(devices) = 1"
        assert database.execute(asked, [f"{out}/contacts/*.parquet"]).fetchall() == [("Firefox",)]
    assert set(pl.read_parquet(out / "events")["year"].cast(pl.Int64)) == {2025, 2026}
    assert {int(one) for one in pd.read_parquet(out / "events")["year"]} == {2025, 2026}


def test_many_rows_come_in_row_groups_and_files(store, tmp_path, monkeypatch) -> None:
    """Nothing is lost or doubled where row groups and files end, and the order is that of the ids."""
    monkeypatch.setattr(snapshot_files, "GROUP_ROWS", 700)
    monkeypatch.setattr(snapshot_files, "FILE_ROWS", 1500)
    monkeypatch.setattr("mimcore.capture.snapshots.snapshot._PORTION", 300)
    people = [mim.Contact(city=f"Town {number}") for number in range(2500)]
    with store.begin() as work:
        work.add(*people)
        work.transaction.interactions.add(
            [
                mim.Interaction(kind="visit", at=f"{1950 + n % 80}-06-01T00:00Z", contact_id=p)
                for n, p in enumerate(people)
            ]
        )
    done: list[int] = []
    taken = store.snapshot(tmp_path / "out", on_progress=done.append)
    assert sum(done) == 2500
    assert len(done) == 9
    assert [path.name for path in taken.files("contacts")] == ["part-00000.parquet", "part-00001.parquet"]
    assert pq.ParquetFile(taken.files("contacts")[0]).num_row_groups == 2
    assert [row["id"] for row in _rows(tmp_path / "out", "contacts")] == sorted(str(one.id) for one in people)
    events = _rows(tmp_path / "out", "events")
    assert sorted(row["contact_id"] for row in events) == sorted(str(one.id) for one in people)
    assert all(row["year"] == row["at"].year for row in events)
    taken.verify()


def test_it_is_one_state_whatever_is_written_meanwhile(store, tmp_path, monkeypatch) -> None:
    """A contact that another unit of work stores during the snapshot is not in it."""
    monkeypatch.setattr("mimcore.capture.snapshots.snapshot._PORTION", 10)
    with store.begin() as work:
        work.add(*(mim.Contact(city="before") for _ in range(30)))

    def add_another(_done: int) -> None:
        with store.begin() as work:
            (one,) = work.add(mim.Contact(city="meanwhile"))
            work.transaction.interactions.add([mim.Interaction(kind="visit", at=NOW, contact_id=one)])

    taken = store.snapshot(tmp_path / "out", on_progress=add_another)
    assert {row["city"] for row in _rows(tmp_path / "out", "contacts")} == {"before"}
    assert (taken.rows("contacts"), taken.rows("events"), store.contacts.count()) == (30, 0, 33)


# --- where it may stand -----------------------------------------------------------------------------------------------


def test_only_an_empty_place_or_an_older_snapshot_is_taken(filled, tmp_path) -> None:
    """Strange folders and files are refused and stay as they are, whatever `replace` says."""
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(CaptureError, match="no snapshot of mimcore"):
            filled.snapshot(strange, replace=replace)
    with pytest.raises(CaptureError, match="no snapshot of mimcore"):
        filled.snapshot(strange / "letter.txt", replace=True)
    assert (strange / "letter.txt").read_text() == "mine"
    with pytest.raises(CaptureError, match="No such file"):
        filled.snapshot(tmp_path / "nowhere" / "out")
    (tmp_path / "empty").mkdir()
    assert filled.snapshot(tmp_path / "empty").rows("contacts") == 2
    with pytest.raises(CaptureError, match="replace=True"):
        filled.snapshot(tmp_path / "empty")


def test_a_snapshot_is_replaced_whole(filled, tmp_path) -> None:
    """The new one has the new state and none of the old files; a file of somebody else's is not destroyed."""
    filled.snapshot(tmp_path / "out")
    with filled.begin() as work:
        work.add(mim.Contact(city="new"))
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(CaptureError, match="1 files that no snapshot wrote"):
        filled.snapshot(tmp_path / "out", replace=True)
    (tmp_path / "out" / "notes.txt").unlink()
    assert filled.snapshot(tmp_path / "out", replace=True).rows("contacts") == 3
    assert Snapshot.open(tmp_path / "out").rows("contacts") == 3
    assert not [one.name for one in tmp_path.iterdir() if one.name.startswith(".out")]


def test_the_folder_is_its_owners_only(filled, tmp_path) -> None:
    """It holds personal data."""
    filled.snapshot(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


# --- when something stops it ------------------------------------------------------------------------------------------


class StopError(Exception):
    """Something that happens in the middle."""


def _stop(_done: int) -> None:
    raise StopError


def test_an_error_in_the_middle_leaves_everything_as_it_was(filled, tmp_path) -> None:
    """No half snapshot under the name; the old one stands, byte for byte."""
    with pytest.raises(StopError):
        filled.snapshot(tmp_path / "out", on_progress=_stop)
    assert not list(tmp_path.glob("*out*"))
    filled.snapshot(tmp_path / "out")
    before = _everything(tmp_path / "out")
    with pytest.raises(StopError):
        filled.snapshot(tmp_path / "out", replace=True, on_progress=_stop)
    assert _everything(tmp_path / "out") == before
    assert not list(tmp_path.glob(".*out*"))


@pytest.mark.parametrize("where", ["writing", "before", "between"])
def test_a_killed_process_leaves_the_old_snapshot(filled, tmp_path, where: str) -> None:
    """Killed while writing, before the first rename, or between the two: a whole snapshot is there or comes back."""
    filled.snapshot(tmp_path / "out")
    before = _everything(tmp_path / "out")
    child = os.fork()
    if child == 0:
        _die_at(where)
        filled.snapshot(tmp_path / "out", replace=True)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    if where == "between":
        with pytest.raises(CaptureError):
            Snapshot.open(tmp_path / "out")
        with pytest.raises(StopError):
            filled.snapshot(tmp_path / "out", replace=True, on_progress=_stop)
    assert _everything(tmp_path / "out") == before
    assert filled.snapshot(tmp_path / "out", replace=True).rows("contacts") == 2


def _die_at(where: str) -> None:
    """Let this process die when the snapshot comes to a point."""
    if where == "writing":
        snapshot_files.sha256_of = lambda *_a, **_k: os._exit(9)
    elif where == "before":
        snapshot_files._put = lambda *_a: os._exit(9)
    else:
        rename = snapshot_files.Path.rename

        def renamed(self, target):
            rename(self, target)
            os._exit(9)

        snapshot_files.Path.rename = renamed


def test_a_failing_second_rename_puts_the_old_one_back(filled, tmp_path, monkeypatch) -> None:
    """The disk's reason is told, and the old snapshot stands."""
    filled.snapshot(tmp_path / "out")
    before = _everything(tmp_path / "out")
    rename = snapshot_files.Path.rename

    def renamed(self, target):
        if self.name.endswith(".partial"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(snapshot_files.Path, "rename", renamed)
    with pytest.raises(CaptureError, match="snapshot out: No space left on device") as caught:
        filled.snapshot(tmp_path / "out", replace=True)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert _everything(tmp_path / "out") == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), pa.ArrowInvalid("CANARY-Zxq")])
def test_errors_of_disk_and_arrow_are_ours(filled, tmp_path, monkeypatch, error) -> None:
    """The message has the reason and no value; nothing is left behind."""

    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(CaptureError, match="snapshot out: ") as caught:
        filled.snapshot(tmp_path / "out")
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert not list(tmp_path.glob("*out*"))


def test_without_pyarrow_the_message_is_the_install_line(store, tmp_path, monkeypatch) -> None:
    """And nothing is written."""
    monkeypatch.setattr(snapshot_schema, "find_spec", lambda name: None if name == "pyarrow" else find_spec(name))
    with pytest.raises(MissingExtraError, match=r"pip install 'mimcore\[frames\]'"):
        store.snapshot(tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


# --- opening ----------------------------------------------------------------------------------------------------------


def test_opening_checks_every_file(filled, tmp_path) -> None:
    """A changed byte, a missing file and a strange version are refused by name."""
    taken = filled.snapshot(tmp_path / "out")
    assert Snapshot.open(tmp_path / "out") == taken
    victim = taken.files("points")[0]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(CaptureError, match=r"1 files are missing or changed, the first is points/part-00000\.parquet"):
        Snapshot.open(tmp_path / "out")
    victim.unlink()
    with pytest.raises(CaptureError, match="damaged"):
        taken.verify()
    with pytest.raises(UnknownFieldError, match="did you mean 'contacts'"):
        taken.files("contact")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found.update(format_version=2), "another format than version 1"),
        (lambda found: found.update(format="other"), "of another kind"),
        (lambda found: found.pop("zone"), r"damaged manifest \(zone\)"),
        (lambda found: found["tables"][0]["files"][0].update(path="../../etc/passwd"), "damaged manifest"),
    ],
)
def test_manifests_of_others_are_refused(filled, tmp_path, change, message: str) -> None:
    """Another version, another kind, a missing part, a path that leads out of the folder."""
    filled.snapshot(tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    change(found)
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(CaptureError, match=message):
        Snapshot.open(tmp_path / "out")


@pytest.mark.parametrize("content", ["", "[1]", "\x00"])
def test_what_is_no_manifest_is_refused(tmp_path, content: str) -> None:
    """Empty, no object, no JSON; a folder without one, too."""
    with pytest.raises(CaptureError, match="No such file"):
        Snapshot.open(tmp_path)
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(CaptureError, match="no JSON"):
        Snapshot.open(tmp_path)


def test_it_prints_itself(filled, tmp_path) -> None:
    """Tables with rows, files and size, and the instant; in notebooks too."""
    taken = filled.snapshot(tmp_path / "out")
    assert str(taken).startswith("Snapshot out, taken 2026-03-01 12:00 UTC")
    assert [line.split()[:2] for line in str(taken).splitlines()[3:]][:3] == [
        ["contacts", "2"],
        ["accounts", "1"],
        ["events", "2"],
    ]
    assert "<table" in taken._repr_html_()
    assert "Ana" not in repr(taken)
    assert taken.taken_at == NOW
