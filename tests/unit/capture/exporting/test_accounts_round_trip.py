"""What an export of accounts writes comes back exactly through an import of accounts into another store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import SECRET, examples
from tests.unit.capture.exporting.test_round_trip import FORMS, lists, texts

import mimcore as mim
from mimcore.domain.catalogue import ACCOUNT_FIELDS
from mimcore.errors import InvalidValueError
from mimcore.testing.strategies import money
from mimcore.values.codes import COUNTRY_NAMES

NOW = datetime(2027, 1, 1, tzinfo=UTC)
IMPORTABLE = tuple(spec for spec in ACCOUNT_FIELDS if not spec.is_derived)


def accounts():
    """Accounts with every field that can be imported; each has a domain of its own in the test."""
    parts = {
        "employees": st.integers(0, 2**53), "annual_revenue": money(), "ownership": st.just("family"),
        "founded_year": st.integers(1000, 2200), "country": st.sampled_from(sorted(COUNTRY_NAMES)),
        "location": st.just(mim.location(55.676, 12.568)), "key_account_rank": st.integers(1, 9),
        "ideal_customer_fit": st.floats(0, 1), "notes": st.builds("{}\n{}\t{}".format, texts(), texts(), texts()),
        "social_profiles": st.just([{"network": "x", "handle": "'=acme", "followers": 7}]),
    }  # fmt: skip
    parts |= dict.fromkeys(("name", "industry", "market", "region", "city", "street", "postal_code", "owner"), texts())
    parts |= dict.fromkeys(("tags", "stack", "partnerships"), lists())
    custom = st.fixed_dictionaries({}, optional={"grade": st.sampled_from(["A", "n/a"]), "score": st.floats(-9, 9)})
    return st.fixed_dictionaries({"custom": custom}, optional=parts)


def opened():
    """An empty store that knows the custom attributes of accounts."""
    store = mim.connect("memory:", actor="tester", clock=lambda: NOW, zone="Europe/Copenhagen", secret=SECRET)
    store.attributes.declare(mim.attribute("grade", kind="code", options=["A", "n/a"], entity="account"))
    store.attributes.declare(mim.attribute("score", kind="number", entity="account"))
    return store


def values(account):
    """Everything an import can bring, by field."""
    return {spec.name: spec.read(account) for spec in IMPORTABLE}, dict(account.custom)


@pytest.mark.parametrize(("name", "form"), FORMS)
@examples(15)
@given(drawn=st.lists(accounts(), min_size=1, max_size=4))
def test_what_goes_out_comes_back(tmp_path, name, form, drawn) -> None:
    """For any accounts and each form: the same values, field by field; and a second import finds nothing to do."""
    one, two = opened(), opened()
    with one.begin() as work:
        stored = work.add(*(mim.Account(domain=f"d{place}.dk", **given) for place, given in enumerate(drawn)))
    fields = [*(spec.name for spec in IMPORTABLE), "grade", "score"]
    back = mim.read_export(one.accounts.export(tmp_path / name, fields=fields, for_=form), kind="accounts")
    plan = two.plan_import(back.rows, source="backup", mapping=back.mapping)
    assert (back.left_out, plan.run.kind, plan.mapping.key) == ((), "accounts", "domain")
    assert plan.apply().counts == {"created": len(stored)}
    for account in stored:
        assert values(two.accounts.with_domain(account.domain)) == values(account)
    assert one.plan_import(back.rows, source="backup", mapping=back.mapping).counts == {"unchanged": len(stored)}


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_accounts_without_a_domain_come_back_by_id(tmp_path, name, form) -> None:
    """The id of the record is kept as an external id of the import's source."""
    one, two = opened(), opened()
    with one.begin() as work:
        (acme,) = work.add(mim.Account(name="'=Acme", employees=7))
    file = one.accounts.export(tmp_path / name, fields=["account_name", "employees"], for_=form)
    back = mim.read_export(file, kind="accounts")
    two.plan_import(back.rows, source="backup", mapping=back.mapping).apply()
    found = two.accounts.with_external_id("backup", str(acme.id))
    assert (found.name, found.firmographic.employees) == ("'=Acme", 7)
    by_name = mim.read_export(file, kind="accounts", key="name")
    assert one.plan_import(by_name.rows, source="backup", mapping=by_name.mapping).counts == {"unchanged": 1}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "acounts"}, "did you mean 'accounts'"),
        ({"kind": "accounts", "key": "domain"}, "is domain, but the file has no such column"),
        ({"kind": "accounts", "key": "email"}, "is not known"),
    ],
)
def test_a_wrong_key_or_kind_is_refused(tmp_path, options, said) -> None:
    """With the nearest one, or what to export."""
    one = opened()
    with one.begin() as work:
        work.add(mim.Account(name="Acme"))
    file = one.accounts.export(tmp_path / "a.csv", fields=["account_name"])
    with pytest.raises(InvalidValueError, match=said):
        mim.read_export(file, **options)
