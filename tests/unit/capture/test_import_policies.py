"""Which of two values stands: every policy against hand-made cases, and against a fold over all pieces of evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mimcore as mim
from mimcore.capture import ImportMapping, plan_import
from mimcore.errors import InvalidValueError

COLUMNS = {
    "mail": "contact.emails",
    "phone": "contact.phones",
    "name": "contact.name",
    "city": "contact.city",
    "likes": "contact.interests",
    "tier": "contact.custom.tier",
    "firm": "account.name",
    "staff": "account.employees",
}
FIRST = {
    "mail": "ana@example.com",
    "phone": "+4532123456",
    "name": "Ana Berg",
    "city": "Vejle",
    "likes": "chess",
    "tier": "gold",
    "firm": "Acme",
    "staff": "12",
}
SECOND = FIRST | {
    "phone": "+4532123457",
    "name": "Ane Bjerg",
    "city": "Ribe",
    "likes": "opera",
    "tier": "silver",
    "staff": "20",
}


def bring(store, row, source="fair", **options):
    """Import one row and return its outcome."""
    plan = plan_import(store, [row], source=source, mapping=COLUMNS, key="email", **options)
    (outcome,) = plan.apply().counts
    return outcome


def card(store):
    """What is stored of Ana and her account."""
    ana = store.contacts.with_email("ana@example.com")
    (link,) = ana.accounts
    with store.read() as work:
        acme = work.transaction.accounts.get_many([link.account_id])[link.account_id]
    return (
        f"{ana.name.given} {ana.name.family}",
        ana.demographic.city,
        ana.psychographic.interests,
        ana.custom["tier"],
        len(ana.phones),
        acme.firmographic.employees,
    )


@pytest.fixture
def two_sources(import_store):
    """A store that trusts the CRM more than a fair, and that has an attribute of its own."""
    import_store.attributes.declare(mim.attribute("tier", options=["silver", "gold"]))
    with import_store.begin() as work:
        work.add(mim.Source(key="crm", reliability=0.97), mim.Source(key="fair", reliability=0.7))
    return import_store


OLD = ("Ana Berg", "Vejle", ("chess",), "gold", 1, 12)
NEW = ("Ane Bjerg", "Ribe", ("chess", "opera"), "silver", 2, 20)


@pytest.mark.parametrize(
    ("policy", "first", "second", "stands", "outcome"),
    [
        ("newest_wins", "crm", "fair", NEW, "updated"),
        ("fill_only", "fair", "crm", OLD, "unchanged"),
        ("never", "fair", "crm", OLD, "unchanged"),
        ("trusted_wins", "fair", "crm", NEW, "updated"),
        ("trusted_wins", "crm", "fair", ("Ana Berg", "Vejle", ("chess", "opera"), "gold", 2, 12), "updated"),
        ("trusted_wins", "crm", "crm", NEW, "updated"),
    ],
)
def test_one_policy_for_every_field(two_sources, import_clock, policy, first, second, stands, outcome):
    """Two rows a day apart: lists only grow, single values follow the policy, for contact, custom and account alike."""
    bring(two_sources, FIRST, first)
    assert card(two_sources) == OLD
    import_clock.forward(days=1)
    assert bring(two_sources, SECOND, second, policy=policy) == outcome
    assert card(two_sources) == stands


def test_an_older_row_of_a_better_source_wins_and_of_an_equal_source_does_not(two_sources):
    """Trust goes before time; time decides among equals."""
    bring(two_sources, FIRST, "fair", observed_at="2026-02-01")
    bring(two_sources, SECOND | {"city": "Skagen"}, "fair", policy="trusted_wins", observed_at="2026-01-01")
    assert card(two_sources)[1] == "Vejle"
    bring(two_sources, SECOND | {"city": "Skagen"}, "crm", policy="trusted_wins", observed_at="2026-01-01")
    assert card(two_sources)[1] == "Skagen"


def test_policies_by_field_with_a_star_for_the_rest(two_sources, import_clock):
    """The name is never touched, lists are only filled where empty, the city takes the newest."""
    bring(two_sources, FIRST | {"likes": ""})
    import_clock.forward(days=1)
    policy = {"*": "fill_only", "contact.name": "never", "contact.city": "newest_wins"}
    bring(two_sources, SECOND, policy=policy)
    assert card(two_sources) == ("Ana Berg", "Ribe", ("opera",), "gold", 1, 12)


def test_never_leaves_empty_fields_empty_and_still_fills_new_contacts(two_sources):
    """`never` is about contacts that exist."""
    bring(two_sources, FIRST | {"city": ""})
    bring(two_sources, SECOND, policy="never")
    assert card(two_sources)[1] is None
    bring(two_sources, SECOND | {"mail": "new@example.com", "firm": ""}, policy="never")
    assert two_sources.contacts.with_email("new@example.com").demographic.city == "Ribe"


def test_policies_are_part_of_the_declared_mapping_and_of_its_identity():
    """Plain data and back; another policy is another import."""
    mapping = ImportMapping.of(
        {"mail": "contact.emails", "city": {"field": "contact.city", "policy": "fill_only"}}, policy="trusted_wins"
    )
    assert ImportMapping.from_json(mapping.to_json()) == mapping
    assert [one.policy for one in mapping.columns] == [None, "fill_only"]
    assert mapping.policy == "trusted_wins"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("fil_only", "did you mean 'fill_only'?"),
        ({"contact.city": "newest"}, "is not known"),
        ({"contact.citty": "never"}, "did you mean 'contact.city'?"),
        ({"contact.gender": "never"}, "no column becomes"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(two_sources, policy, said):
    """A misspelt policy would otherwise overwrite what it should have kept."""
    with pytest.raises(InvalidValueError) as raised:
        bring(two_sources, FIRST, policy=policy)
    assert said in str(raised.value)


_EVIDENCE = st.lists(
    st.tuples(
        st.sampled_from(["Vejle", "Ribe", "Skagen"]),
        st.sampled_from(["crm", "fair"]),
        st.integers(1, 5),
        st.sampled_from(["newest_wins", "fill_only", "trusted_wins", "never"]),
    ),
    min_size=1,
    max_size=6,
)
_TRUST = {"crm": 0.97, "fair": 0.7}


def _expected(evidence):
    """The city that stands, by the words of the policies alone."""
    city, trust, day, spoken = None, 0.0, 0, 0
    for number, (new, source, seen_on, policy) in enumerate(evidence):
        newer = seen_on >= max(day, spoken)
        takes = {
            "newest_wins": newer,
            "fill_only": city is None,
            "never": False,
            "trusted_wins": _TRUST[source] > trust or (_TRUST[source] == trust and newer),
        }[policy]
        if number == 0 or (takes and new != city):
            city, trust, day = new, _TRUST[source], seen_on
        if policy == "newest_wins":  # taken, said again, or too late: newer words on the field have been spoken
            spoken = max(spoken, seen_on)
    return city


@settings(max_examples=80, deadline=None)
@given(evidence=_EVIDENCE)
def test_any_sequence_of_rows_leaves_what_the_policies_say(evidence):
    """A fold written down from the documentation gives the same city."""
    with mim.connect("memory:", actor="t", secret=b"s" * 32, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as store:
        with store.begin() as work:
            work.add(*(mim.Source(key=key, reliability=rate) for key, rate in _TRUST.items()))
        for number, (city, source, day, policy) in enumerate(evidence):
            rows = [{"mail": "ana@example.com", "city": city, "n": str(number)}]
            mapping = {"mail": "contact.emails", "city": "contact.city"}
            seen = f"2026-02-0{day}"
            plan_import(store, rows, source=source, mapping=mapping, policy=policy, observed_at=seen).apply()
        assert store.contacts.with_email("ana@example.com").demographic.city == _expected(evidence)
