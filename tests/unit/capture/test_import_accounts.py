"""Imports of accounts: whom a row is about, what stands, once only, rejects, provenance, taking back."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import SECRET, examples

import mimcore as mim
from mimcore.capture import split
from mimcore.domain.versions.changes import flatten
from mimcore.errors import InvalidValueError

MAPPING = {
    "id": "account.external_id",
    "name": "account.name",
    "domain": "account.domain",
    "staff": "account.employees",
    "stack": ("account.stack", split()),
    "seen": "observed_at",
}
HEAD = "id,name,domain,staff,stack,seen\n"
FILE = (
    HEAD
    + "1,Acme A/S,https://www.acme.dk/about,240,Python;SAP,2026-01-05\n"
    + "2,Beta AB,beta.se,12,,2026-01-05\n"
    + "3,,,7,,2026-01-05\n"
    + "4,Gamma,gamma.de,many,,2026-01-05\n"
)


def plan(store, data, **options):
    """Plan an import from the register."""
    return store.plan_import(data, **{"source": "register", "mapping": MAPPING, **options})


def standing(store):
    """Return what an import may touch: accounts without version, and where each value came from."""
    with store.read() as work:
        accounts = {one.id: flatten(one) for one in work.transaction.accounts.all()}
        states = {
            (one.attribute, one.subject_id): (one.source, one.observed_at, one.p_ref)
            for one in work.transaction.freshness.all()
        }
    return accounts, states


def test_rows_make_accounts_once_and_what_does_not_fit_is_refused(import_store, csv_file):
    """A domain is read out of an address on the web; the second run is recognised; another file changes nothing."""
    file = csv_file(FILE)
    planned = plan(import_store, file)
    assert planned.run.kind == "accounts"
    assert planned.mapping.key == "domain"
    assert planned.counts == {"created": 2, "rejected": 2}
    assert [(one["line"], one["column"], one["code"]) for one in planned.rejects.to_rows()] == [
        (4, "domain", "missing_key"),
        (5, "staff", "invalid_value"),
    ]
    assert planned.apply(batch_size=1).counts == {"created": 2, "rejected": 2}
    acme = import_store.accounts.with_domain("acme.dk")
    assert acme == import_store.accounts.with_external_id("register", "1")
    assert (acme.name, acme.firmographic.employees, acme.technology.stack) == ("Acme A/S", 240, ("Python", "SAP"))
    assert plan(import_store, file).is_finished
    again = plan(import_store, csv_file(HEAD + "1,Acme A/S,acme.dk,240,SAP,2026-01-05\n", "again.csv"))
    assert again.counts == {"unchanged": 1}
    assert again.apply().counts == {"unchanged": 1}
    assert import_store.accounts.get(acme).version == 1


@pytest.mark.parametrize(
    ("key", "row", "expected"),
    [
        ("domain", "9,Other name,ACME.dk,1,,", "updated"),
        ("external_id", "1,Acme A/S,acme.com,1,,", "updated"),
        ("external_id", "9,Acme A/S,acme.dk,1,,", "created"),
        ("name", "9,acme  a/s,other.dk,1,,", "updated"),
        ("name", "9,Acme,acme.dk,1,,", "created"),
        ("domain+name", "9,ACME A/S,acme.dk,1,,", "updated"),
        ("domain+name", "9,Acme II,acme.dk,1,,", "created"),
        ("domain+external_id", "1,Acme A/S,acme.dk,1,,", "updated"),
        ("domain+external_id", "2,Acme A/S,acme.dk,1,,", "created"),
    ],
)
def test_a_row_is_about_the_account_of_its_key(import_store, csv_file, key, row, expected):
    """All parts must agree; a name is compared without letter case and with white space collapsed."""
    plan(import_store, csv_file(FILE)).apply()
    found = plan(import_store, csv_file(HEAD + row + "\n", "row.csv"), key=key, observed_at="2026-02-01")
    assert found.counts == {expected: 1}
    found.apply()
    assert len(import_store.accounts.all()) == (2 if expected == "updated" else 3)


def test_rows_of_one_file_find_each_other(import_store, csv_file):
    """The second row of a company changes the account that the first one made, in whatever batch it comes."""
    rows = HEAD + "1,Acme,acme.dk,1,SAP,2026-01-01\n2,Beta,beta.se,,,2026-01-01\n1,Acme,acme.dk,2,Python,2026-01-02\n"
    planned = plan(import_store, csv_file(rows))
    assert planned.counts == {"created": 2, "updated": 1}
    planned.apply(batch_size=2)
    acme = import_store.accounts.with_domain("acme.dk")
    assert (acme.version, acme.firmographic.employees, acme.technology.stack) == (2, 2, ("Python", "SAP"))


def test_a_key_of_several_accounts_refuses_the_row(import_store, csv_file):
    """With the way out."""
    with import_store.begin(source="manual") as work:
        work.add(mim.Account(name="Acme", domain="acme.dk"), mim.Account(name="Acme", domain="acme.com"))
    planned = plan(import_store, csv_file(HEAD + "1,ACME,acme.dk,1,,\n"), key="name")
    (told,) = planned.rejects.to_rows()
    assert (told["code"], told["reason"]) == ("ambiguous_key", "belongs to 2 accounts")
    assert "domain+name" in told["remedy"]
    assert plan(import_store, csv_file(HEAD + "1,ACME,acme.dk,1,,\n"), key="domain+name").counts == {"updated": 1}


@pytest.mark.parametrize(
    ("policy", "seen", "expected"),
    [
        ("newest_wins", "2026-02-01", (9, "Acme", ("Python", "SAP"))),
        ("newest_wins", "2024-02-01", (240, "Acme", ("Python", "SAP"))),
        ("fill_only", "2026-02-01", (240, "Acme", ("SAP",))),
        ("never", "2026-02-01", (240, None, ("SAP",))),
        ("trusted_wins", "2026-02-01", (240, "Acme", ("Python", "SAP"))),
        ({"account.employees": "never"}, "2026-02-01", (240, "Acme", ("Python", "SAP"))),
    ],
)
def test_policies_decide_field_by_field(import_store, csv_file, policy, seen, expected):
    """As for contacts: values that are stored, missing ones, lists."""
    with import_store.begin(source="setup") as work:
        work.add(mim.Source(key="register", reliability=0.5), mim.Source(key="manual", reliability=0.9))
    with import_store.begin(source="manual", observed_at="2025-01-01") as work:
        work.add(mim.Account(domain="acme.dk", employees=240, stack=["SAP"]))
    plan(import_store, csv_file(HEAD + f"1,Acme,acme.dk,9,Python,{seen}\n"), policy=policy).apply()
    acme = import_store.accounts.with_domain("acme.dk")
    assert (acme.firmographic.employees, acme.name, acme.technology.stack) == expected
    kept = [one.value for one in acme.external_ids]
    assert kept == ([] if policy == "never" else ["1"])


def test_values_carry_source_and_time_of_the_row(import_store, csv_file):
    """An import is an observation: each value by its own row's time, and the change set names the import."""
    done = plan(import_store, csv_file(FILE)).apply()
    acme = import_store.accounts.with_domain("acme.dk")
    with import_store.read() as work:
        states = {one.attribute: one for one in work.transaction.freshness.of([acme.id])[acme.id]}
        (change,) = work.transaction.history.of(acme.id)
    assert {states["account.firmographic.employees"].source, change.source} == {"register"}
    assert states["account.firmographic.employees"].observed_at.isoformat().startswith("2026-01-05T22:59")
    assert change.import_id == done.id


def test_an_import_is_taken_back_to_the_letter(import_store, csv_file):
    """What it made is gone, what it changed is as it was with its ages, the ids too; what was used since stays."""
    with import_store.begin(source="manual", observed_at="2025-01-01") as work:
        work.add(mim.Account(name="Acme", domain="acme.dk", employees=240, external_ids={"erp": "x"}))
    before = standing(import_store)
    done = plan(import_store, csv_file(FILE)).apply()
    assert done.counts == {"created": 1, "updated": 1, "rejected": 2}
    report = import_store.imports.undo(done.id)
    assert (report.removed, report.restored, report.conflicts) == (1, 1, ())
    assert standing(import_store) == before
    with import_store.read() as work:
        assert work.transaction.accounts.with_external_ids("register", ["1", "2"]) == {}
    assert import_store.imports.undo(done.id).was_undone


def test_accounts_with_people_and_later_edits_stay(import_store, csv_file):
    """Each is a conflict that says why."""
    done = plan(import_store, csv_file(FILE)).apply()
    acme, beta = import_store.accounts.with_domain("acme.dk"), import_store.accounts.with_domain("beta.se")
    with import_store.begin(source="manual") as work:
        work.add(mim.Contact(emails=["ana@acme.dk"], account=acme))
        work.update(beta.evolve(employees=13))
    report = import_store.imports.undo(done.id)
    assert report.removed == 0
    assert {one.entity_id: one.reason for one in report.conflicts} == {
        acme.id: "has contacts, perhaps former or archived ones; the record stays",
        beta.id: "was changed since; the record stays",
    }


def test_refused_rows_are_mended_and_come_in_again(import_store, csv_file, tmp_path):
    """The columns that were added are passed over."""
    first = plan(import_store, csv_file(FILE))
    first.apply()
    first.rejects.to_csv(tmp_path / "mend.csv")
    with (tmp_path / "mend.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["domain"], rows[1]["staff"] = "three.dk", "9"
    mended = plan(import_store, rows)
    assert mended.counts == {"created": 2}
    mended.apply()
    assert import_store.accounts.with_domain("gamma.de").firmographic.employees == 9


def test_people_meet_the_accounts_that_were_imported(import_store, csv_file):
    """A later file of contacts finds its companies by domain or name, and makes none anew."""
    plan(import_store, csv_file(FILE)).apply()
    rows = [{"mail": "ana@acme.dk", "firm": "", "web": "acme.dk"}, {"mail": "bo@beta.se", "firm": "BETA ab", "web": ""}]
    mapping = {"mail": "contact.emails", "firm": "account.name", "web": "account.domain"}
    import_store.plan_import(rows, source="crm", mapping=mapping).apply()
    assert len(import_store.accounts.all()) == 2
    assert [
        one.value for one in import_store.contacts.in_account(import_store.accounts.with_domain("beta.se"))[0].emails
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"key": "email"}, r"key: is not known.*use external_id, domain, name, country"),
        ({"key": "country"}, r"cannot be looked up"),
        ({"key": "domian"}, r"did you mean 'domain'"),
        ({"key": "name+country"}, r"is country, but no column becomes account\.firmographic\.country"),
        ({"kind": "contacts"}, r"says nothing but accounts, and kind is 'contacts'"),
        ({"kind": "purchases"}, r"says nothing but accounts, and kind is 'purchase'"),
        ({"mapping": {"id": "contact.emails"}, "kind": "accounts"}, r"has targets that are no account's"),
        ({"mapping": {"id": "contact.emails", "name": "account.external_id"}}, r"is for imports of accounts"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(import_store, csv_file, options, said):
    """Before a row is read, with the way out."""
    with pytest.raises(InvalidValueError, match=said):
        plan(import_store, csv_file(FILE), **options)


def test_a_file_said_to_be_of_accounts_is_guessed_as_one(import_store, csv_file):
    """Name, id and address are the company's; a column that only people have is left out, and that is said."""
    file = csv_file("Kundennr,Name,Website,Mitarbeiter,Ort,Telefon\n7,Acme,acme.dk,240,Aarhus,+4532123456\n")
    planned = import_store.plan_import(file, source="club", kind="accounts")
    assert {one.column: one.field for one in planned.proposal.columns} == {
        "Kundennr": "account.external_id",
        "Name": "account.name",
        "Website": "account.domain",
        "Mitarbeiter": "account.firmographic.employees",
        "Ort": "account.firmographic.city",
        "Telefon": None,
    }
    assert "'Telefon' is left out: it is a contact's, and the file is about accounts" in planned.notes
    assert planned.counts == {"created": 1}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a.dk", "b.dk", "c.dk", ""]),
        st.booleans(),
        st.sampled_from(["said", "", "bad"]),
        st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03", ""]),
    ),
    min_size=1,
    max_size=12,
)
COLUMNS = {"domain": "account.domain", "name": "account.name", "staff": "account.employees", "seen": "observed_at"}
LATE = datetime(2026, 3, 1, tzinfo=UTC)


@examples(60)
@given(drawn=ROWS, size=st.integers(1, 5))
def test_any_rows_leave_what_a_fold_of_them_leaves(drawn, size):
    """As many accounts as domains; each value is the newest one said; plan and import count alike."""
    rows = [
        {
            "domain": domain,
            "name": (named and f"N{at}") or "",
            "staff": {"said": str(at), "bad": "x"}.get(staff, ""),
            "seen": seen,
        }
        for at, (domain, named, staff, seen) in enumerate(drawn)
    ]
    with mim.connect("memory:", actor="a", clock=lambda: LATE, secret=SECRET) as store:
        planned = store.plan_import(rows, source="register", mapping=COLUMNS)
        result = planned.apply(batch_size=size)
        assert result.counts == {name: number for name, number in planned.counts.items() if number}
        expected = folded(rows)
        assert {one.domain: (one.name, one.firmographic.employees) for one in store.accounts.all()} == expected
        assert result.counts.get("created", 0) == len(expected)


def folded(rows):
    """Write the rule down: by domain, each field's newest value; of one time the later row; refused rows leave nothing."""
    found = {}
    for row in rows:
        if not row["domain"] or row["staff"] == "x":
            continue
        said = found.setdefault(row["domain"], {"name": (None, ""), "staff": (None, "")})
        at = row["seen"] or "9999"
        if row["name"] and at >= said["name"][1]:
            said["name"] = row["name"], at
        if row["staff"] and at >= said["staff"][1]:
            said["staff"] = int(row["staff"]), at
    return {domain: (said["name"][0], said["staff"][0]) for domain, said in found.items()}
