"""Imports of custom attributes: proposed by name, typed per row, refused per row, newest wins, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import mimcore as mim
from mimcore.capture.importing.plan import plan_import

ATTRIBUTES = (
    mim.attribute("loyalty_tier", options=["none", "Silver", "gold"]),
    mim.attribute("points", kind="integer"),
    mim.attribute("ratio", kind="number"),
    mim.attribute("is_vip", kind="boolean"),
    mim.attribute("member_since", kind="date"),
    mim.attribute("entered_at", kind="instant"),
    mim.attribute("clubs", kind="tags"),
    mim.attribute("topics", kind="codes", options=["art", "sport"]),
    mim.attribute("motto"),
    mim.attribute("grade", entity="account", options=["a", "b"]),
)
MAP = {"mail": "contact.emails"}


@pytest.fixture
def declared(import_store):
    """A store that knows the attributes."""
    import_store.attributes.declare(*ATTRIBUTES)
    return import_store


def _custom(store, mail="a@x.dk"):
    return dict(store.contacts.with_email(mail).custom)


def test_columns_named_after_attributes_are_found_and_typed(declared):
    """Spelling of the header does not count, nor letter case of an option; 'none' is an option here, not a missing cell."""
    rows = [
        {"e-mail": "a@x.dk", "Loyalty Tier": "SILVER", "points": "7", "Ratio": "0.5", "is vip": "ja", "motto": "Carpe  diem",
         "Member since": "2026-01-02", "entered_at": "2026-01-01T10:00", "clubs": "golf;chess", "topics": "sport;art"},
        {"e-mail": "b@x.dk", "Loyalty Tier": "none", "points": "", "Ratio": "n/a", "is vip": "", "motto": "",
         "Member since": "2026-01-03", "entered_at": "2026-01-02T10:00", "clubs": "golf", "topics": ""},
    ]  # fmt: skip
    plan = plan_import(declared, rows, source="crm")
    assert {one.field for one in plan.mapping.columns if ".custom." in one.field} == {
        one.spec.name for one in ATTRIBUTES if one.spec.entity == "contact"
    }
    plan.apply()
    first = _custom(declared)
    assert first.pop("entered_at").astimezone(UTC) == datetime(2026, 1, 1, 10, tzinfo=declared.zone).astimezone(UTC)
    assert first == {
        "loyalty_tier": "Silver", "points": 7, "ratio": 0.5, "is_vip": True, "motto": "Carpe  diem",
        "member_since": date(2026, 1, 2), "clubs": ("chess", "golf"), "topics": ("art", "sport"),
    }  # fmt: skip
    assert set(_custom(declared, "b@x.dk")) == {"loyalty_tier", "member_since", "entered_at", "clubs"}
    assert _custom(declared, "b@x.dk")["loyalty_tier"] == "none"


def test_what_does_not_fit_refuses_its_row_only(declared):
    """With column, reason and remedy; the cell is not repeated."""
    rows = [{"mail": f"p{place}@x.dk", "t": cell} for place, cell in enumerate(["gold", "Jane-Doe", ""])]
    plan = plan_import(declared, rows, source="crm", mapping={**MAP, "t": "contact.custom.loyalty_tier"})
    assert (plan.counts["created"], plan.counts["rejected"]) == (2, 1)
    assert "Jane-Doe" not in str(plan)
    assert "not one of the options" in str(plan.rejects.table())
    plan.apply()
    assert declared.contacts.count(ATTRIBUTES[0] == "gold") == 1


@pytest.mark.parametrize(
    ("target", "cell"),
    [("points", "7.5"), ("ratio", "half"), ("is_vip", "perhaps"), ("member_since", "soon"), ("topics", "music")],
)
def test_each_kind_refuses_what_it_is_not(declared, target, cell):
    """Whole numbers, finite numbers, words for yes and no, dates, options."""
    plan = plan_import(
        declared, [{"mail": "a@x.dk", "c": cell}], source="crm", mapping={**MAP, "c": f"contact.custom.{target}"}
    )
    assert plan.counts == {"rejected": 1}


def test_an_undeclared_target_is_refused_before_a_row_is_read(declared):
    """With the nearest declared name and the way to declare it."""
    with pytest.raises(mim.InvalidValueError, match=r"did you mean 'contact\.custom\.points'.*attributes\.declare"):
        plan_import(
            declared, [{"mail": "a@x.dk", "p": "1"}], source="crm", mapping={**MAP, "p": "contact.custom.pionts"}
        )


def test_the_newest_observation_wins_and_lists_unite(declared):
    """A later import with an older observation replaces nothing, as for built-in fields."""
    mapping = {**MAP, "t": "contact.custom.loyalty_tier", "c": "contact.custom.clubs"}
    for tier, club, day in (("gold", "golf", "2026-03-01"), ("none", "chess", "2026-01-01")):
        rows = [{"mail": "a@x.dk", "t": tier, "c": club}]
        plan_import(declared, rows, source="crm", mapping=mapping, observed_at=day).apply()
    assert _custom(declared) == {"loyalty_tier": "gold", "clubs": ("chess", "golf")}


def test_an_import_is_taken_back_with_types(declared):
    """The value before is there again, as the date that it was."""
    mapping = {**MAP, "d": "contact.custom.member_since"}
    done = [
        plan_import(declared, [{"mail": "a@x.dk", "d": day}], source="crm", mapping=mapping).apply()
        for day in ("2026-01-01", "2026-02-02")
    ]
    assert _custom(declared) == {"member_since": date(2026, 2, 2)}
    declared.imports.undo(done[1].id)
    assert _custom(declared) == {"member_since": date(2026, 1, 1)}


def test_accounts_have_them_too(declared):
    """On the account that the row names."""
    mapping = {**MAP, "company": "account.name", "g": "account.custom.grade"}
    plan_import(declared, [{"mail": "a@x.dk", "company": "Acme", "g": "B"}], source="crm", mapping=mapping).apply()
    assert declared.contacts.count(ATTRIBUTES[-1] == "b") == 1
