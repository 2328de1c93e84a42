"""What an export writes for machines, and for people, comes back exactly through an import into another store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mimcore as mim
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.testing.strategies import instants, money
from mimcore.values.codes import COUNTRY_NAMES, LANGUAGE_NAMES

NOW = datetime(2027, 1, 1, tzinfo=UTC)
IMPORTABLE = tuple(spec for spec in CONTACT_FIELDS if not spec.is_derived)
CUSTOM = ("tier", "shoe", "seen", "words", "likes_it")
FORMS = (("a.csv", "machine"), ("a.csv", "spreadsheet"), ("a.jsonl", "machine"), ("a.parquet", "machine"))
TEXTS = st.text(
    st.sampled_from([*"=+-@'\"|,;[]{}: aZ5\\", "å", "ß", "＝", "\u00a0", "\u0301"]), min_size=1, max_size=12
)
WORDS = ("unknown", "n/a", "-", "null", "None", "nan", "'=x", "''", "[]", "true", "0012", "1e5", "=1+1", "a; b", "; ")


def texts():
    """Text that is not blank, words among it that an ordinary import takes for nothing."""
    return (
        (st.sampled_from(WORDS) | TEXTS)
        .map(lambda text: f"a{text}" if text.startswith("\u0301") else text)
        .filter(str.strip)
    )


def lists():
    """Lists of such text."""
    return st.lists(texts(), max_size=3)


def contacts():
    """Contacts with every field that can be imported."""
    parts = {
        "name": st.fixed_dictionaries({"given": texts(), "family": texts()}, optional={"middle": texts(), "suffix": texts()}),
        "phones": st.just(["+4532123456", "+46701740605"]),
        "country": st.sampled_from(sorted(COUNTRY_NAMES)),
        "language": st.sampled_from(sorted(LANGUAGE_NAMES)),
        "time_zone": st.sampled_from(["Europe/Copenhagen", "UTC"]),
        "notes": st.builds("{}\n{}\t{}".format, texts(), texts(), texts()),
        "annual_income": money() | st.builds(mim.money, st.integers(-(2**62), 2**62), st.just("JPY")),
        "acquired_at": instants(), "birth_date": st.dates(datetime(1900, 1, 1).date(), datetime(2020, 1, 1).date()),
        "is_decision_maker": st.booleans(), "children": st.integers(0, 2**53), "lifecycle_stage": st.just("lead"),
        "preferred_channels": st.lists(st.sampled_from(["email", "sms"]), max_size=2), "beliefs": lists(),
        "devices": st.lists(st.fixed_dictionaries({"kind": st.just("tablet")}, optional={
            "browser": texts(), "last_seen_at": instants()}), max_size=2),
        "social_profiles": st.just([{"network": "x", "handle": "'=ana", "followers": 7}]),
        "acquisition_campaign": st.just("spring-2026"),
    }  # fmt: skip
    parts |= dict.fromkeys(("city", "region", "street", "postal_code", "title", "owner", "acquisition_medium"), texts())
    parts |= dict.fromkeys(("interests", "tags", "brands", "browsers"), lists())
    custom = st.fixed_dictionaries({}, optional={
        "tier": st.sampled_from(["Gold", "n/a"]), "shoe": st.floats(allow_nan=False, allow_infinity=False), "words": lists(),
        "seen": instants(), "likes_it": st.booleans()})  # fmt: skip
    return st.fixed_dictionaries({"custom": custom}, optional=parts).map(lambda fields: mim.Contact(**fields))


def opened():
    """An empty store that knows the custom attributes."""
    store = mim.connect("memory:", actor="tester", clock=lambda: NOW, zone="Europe/Copenhagen")
    for name, kind, options in (("tier", "code", ["Gold", "n/a"]), ("shoe", "number", ()), ("seen", "instant", ()),
                                ("words", "tags", ()), ("likes_it", "boolean", ())):  # fmt: skip
        store.attributes.declare(mim.attribute(name, kind=kind, options=options))
    return store


def values(contact):
    """Everything an import can bring, by field."""
    plain = {spec.name: spec.read(contact) for spec in IMPORTABLE}
    points = ([one.value for one in contact.emails], [one.value for one in contact.phones])
    return plain, points, dict(contact.custom)


@pytest.mark.parametrize(("name", "form"), FORMS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(people=st.lists(contacts(), min_size=1, max_size=4))
def test_what_goes_out_comes_back(tmp_path, name, form, people) -> None:
    """For any contacts and each form: the same values, field by field; and a second import finds nothing to do."""
    one, two = opened(), opened()
    people = [who.evolve(emails=[f"p{place}@example.com", f"q{place}@example.dk"]) for place, who in enumerate(people)]
    with one.begin() as work:
        people = work.add(*people)
    fields = ["emails", "phones", *(spec.name for spec in IMPORTABLE), *CUSTOM]
    done = one.contacts.export(tmp_path / name, fields=fields, for_=form)
    back = mim.read_export(done)
    result = two.plan_import(back.rows, source="backup", mapping=back.mapping).apply()
    assert (back.left_out, result.counts) == ((), {"created": len(people)})
    for who in people:
        assert values(two.contacts.with_email(who.emails[0].value)) == values(who)
    again = one.plan_import(back.rows, source="backup", mapping=back.mapping)
    assert again.counts == {"unchanged": len(people)}


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_who_has_no_address_comes_back_by_id(tmp_path, name, form) -> None:
    """The id of the record is the key then, and is kept as an external id of the import's source."""
    one, two = opened(), opened()
    with one.begin() as work:
        (bo,) = work.add(mim.Contact(city="'=Odense", custom={"tier": "n/a"}))
    back = mim.read_export(one.contacts.export(tmp_path / name, fields=["city", "tier"], for_=form))
    assert back.mapping.key == "external_id"
    two.plan_import(back.rows, source="backup", mapping=back.mapping).apply()
    found = two.contacts.with_external_id("backup", str(bo.id))
    assert (found.demographic.city, dict(found.custom)) == ("'=Odense", {"tier": "n/a"})


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_people_who_share_an_address_are_not_made_one_unasked(tmp_path, name, form) -> None:
    """A family mailbox: refused unless a key is given; by id all come back."""
    one = opened()
    with one.begin() as work:
        ana, bo, _ = work.add(
            mim.Contact(name="Ana Berg", emails=["ana@acme.dk", "berg@home.dk"]),
            mim.Contact(name="Bo Berg", emails=["BERG@home.dk"]),
            mim.Contact(name="Cy Holm"),
        )
    file = one.contacts.export(tmp_path / name, fields=["emails", "given_name", "family_name"], for_=form)
    with pytest.raises(
        mim.InvalidValueError, match=r"key: is not given, and 1 records share their email.*key='external_id'"
    ):
        mim.read_export(file)
    by_id, two = mim.read_export(file, key="external_id"), opened()
    assert two.plan_import(by_id.rows, source="backup", mapping=by_id.mapping).apply().counts == {"created": 3}
    for who in (ana, bo):
        assert two.contacts.with_external_id("backup", str(who.id)).name == who.name
    assert mim.read_export(file, key="email").mapping.key == "email"  # said is said


def test_an_account_comes_back_beside_its_contact(tmp_path) -> None:
    """Columns of the primary account make the account anew."""
    one, two = opened(), opened()
    acme = mim.Account(name="-Acme", domain="acme.dk", employees=7, annual_revenue=mim.money("1.50", "EUR"))
    with one.begin() as work:
        work.add(acme, mim.Contact(emails=["ana@acme.dk"], account=acme))
    fields = ["emails", "account_name", "account_domain", "account_employees", "account_annual_revenue"]
    back = mim.read_export(one.contacts.export(tmp_path / "a.csv", fields=fields))
    two.plan_import(back.rows, source="backup", mapping=back.mapping).apply()
    found = two.accounts.with_domain("acme.dk")
    assert (found.name, found.firmographic) == (acme.name, acme.firmographic)


def test_what_cannot_be_imported_is_named(tmp_path) -> None:
    """An age is derived and ids in other systems are those systems' business: both are left out, visibly."""
    one = opened()
    with one.begin() as work:
        work.add(mim.Contact(emails=["ana@acme.dk"], birth_date="1990-01-01", external_ids={"crm": "7"}))
    back = mim.read_export(one.contacts.export(tmp_path / "a.csv", fields=["emails", "age", "external_ids"]))
    assert back.left_out == ("age", "external_ids")
    assert back.rows.headers == ("emails",)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.jsonl", "", "has no line"),
        ("a.jsonl", "[1]\n", "line 1: is not a JSON object"),
        ("a.jsonl", '{"emails":["a@b.dk"]}\n{"city":"x"}\n', "line 2: has other columns"),
        ("a.parquet", "no", "is not a Parquet file"),
        ("a.csv", "emails,city\na@b.dk\n", "line 2"),
    ],
)
def test_broken_files_are_refused_with_their_place(tmp_path, name, text, reason) -> None:
    """A file that no export wrote tells what is wrong, without a value."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(mim.CaptureError, match=reason):
        list(mim.read_export(tmp_path / name).rows)


def test_files_that_are_not_there_and_keys_that_are_not_in_it(tmp_path) -> None:
    """The reasons are told."""
    for name in ("no.csv", "no.jsonl", "no.parquet"):
        with pytest.raises(mim.CaptureError, match="No such file"):
            mim.read_export(tmp_path / name)
    (tmp_path / "a.csv").write_text("city\nOdense\n")
    with pytest.raises(mim.InvalidValueError, match="export phones"):
        mim.read_export(tmp_path / "a.csv", key="phone")
    with pytest.raises(mim.InvalidValueError, match=r"\.parquet or \.jsonl"):
        mim.read_export(tmp_path / "a.arrow")


@pytest.mark.parametrize(
    ("header", "cell"),
    [("is_decision_maker", "ja"), ("children", "two"), ("shoe", "big"), ("annual_income", "5"), ("interests", "[1]"),
     ("interests", "[x"), ("devices", "{}"), ("birth_date", "1 May"), ("acquired_at", "2026-01-01")],
)  # fmt: skip
def test_a_cell_that_was_changed_by_hand_rejects_its_row(tmp_path, header, cell) -> None:
    """Nothing is guessed: the row is refused, with column and remedy and without the cell."""
    (tmp_path / "a.csv").write_text(f"emails,{header}\na@example.dk,{cell}\n")
    back = mim.read_export(tmp_path / "a.csv")
    plan = opened().plan_import(back.rows, source="backup", mapping=back.mapping)
    (problem,) = plan.rejects[0].problems
    assert (problem.column, bool(problem.remedy), cell in str(problem)) == (header, True, False)
