"""Plain values written by hand are what pydantic writes, for every aggregate and whatever is known of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.versions.changes import differences, flatten
from mimcore.domain.versions.plain import changed_parts, parts_of, plain, same
from mimcore.rules.language.nodes import Rule
from mimcore.testing.factories import Factory
from mimcore.testing.strategies import contacts
from mimcore.values.mapping import FrozenMapping

KINDS = ("contact", "account", "campaign", "lead", "task", "segment", "source", "interaction")


def dumped(entity):
    """What pydantic writes."""
    return entity.model_dump(mode="json", exclude_defaults=True)


def flattened(entity):
    """Parts of groups on their own, from what pydantic writes: the slow way."""
    prefix, flat, rule = type(entity).__name__.lower(), {}, getattr(entity, "rule", None)
    values = dumped(entity) | (
        {"rule": rule.model_dump(mode="json", exclude_none=True)} if isinstance(rule, Rule) else {}
    )
    for name, value in values.items():
        if name in {"id", "version"}:
            continue
        if isinstance(value, dict) and name != "rule":
            flat |= {f"{prefix}.{name}.{part}": inner for part, inner in value.items()}
        else:
            flat[f"{prefix}.{name}"] = value
    return flat


def made(kind, seed):
    """One of the factory's records."""
    make = Factory(seed=seed)
    return getattr(make, kind)(**({"contact": make.contact()} if kind in {"lead", "interaction"} else {}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(10))
def test_every_aggregate_as_pydantic_writes_it(kind, seed):
    """Nothing is left out, added or written otherwise."""
    entity = made(kind, seed)
    assert plain(entity) == dumped(entity)
    assert flatten(entity) == flattened(entity)


def test_the_corners_of_a_contact():
    """Fractions of seconds, custom values of every kind, devices, links, a name alone, points in every state."""
    whole = Contact(
        name="Ana Berg",
        emails=[{"email": "ana@acme.dk", "state": "bounced", "label": "work"}],
        phones=["+4532123456"],
        accounts=(AccountLink(account_id=Contact().id, role="buyer", start_on="2020-01-01"),),
        acquired_at=datetime(2020, 1, 1, 1, 1, 1, 100_000, tzinfo=UTC),
        devices=[{"kind": "smartphone", "last_seen_at": "2020-01-01T00:00Z"}],
        preferred_channels=["sms", "email"],
        external_ids={"crm": "7"},
        custom=FrozenMapping({"a": ("x", "y"), "b": 1.5, "c": None, "d": True, "e": ()}),
        is_decision_maker=False,
        household_size=0,
    )
    assert plain(whole) == dumped(whole)
    assert flatten(whole) == flattened(whole)
    assert parts_of(Contact(id=whole.id)) == {"id": whole.id}


@settings(max_examples=200, deadline=None)
@given(one=contacts(), other=contacts())
def test_differences_are_those_of_the_whole_records(one, other):
    """Comparing only what differs gives what comparing everything gives."""
    before, after = flattened(one), flattened(other)
    names = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    wanted = {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
    assert differences(one, other) == wanted
    assert differences(None, other) == (dict.fromkeys(after), after)
    assert plain(one) == dumped(one)


@settings(max_examples=200, deadline=None)
@given(one=contacts(), name=st.sampled_from(["demographic", "psychographic", "tags", "emails", "status", "version"]))
def test_same_is_equal(one, name):
    """Of a contact with another one's part, exactly that part differs, if it does."""
    again = Contact.model_validate(one.model_dump())
    assert changed_parts(one, again) == []
    assert same(one, again)
    other = again.model_copy(update={name: getattr(Contact(city="Elsewhere", tags=["else"], version=9), name)})
    assert changed_parts(one, other) == ([name] if getattr(one, name) != getattr(other, name) else [])
