"""The key columns of contacts are those of the states, however people were written."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.stores import START, examples, opened

import mimcore as mim
from mimcore.sql.repositories.freshness_keys import key_columns, refresh_keys
from mimcore.sql.tables.schema import contact
from mimcore.testing import FixedClock
from mimcore.testing.strategies import contacts

ADDRESSES = ("a@acme.dk", "b@acme.dk", "c@acme.dk")


def people():
    """Two ids, few addresses: primary points come, go, change places and come back."""
    return contacts(
        id=st.integers(1, 2).map(lambda number: UUID(int=number)),
        emails=st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True),
        title=st.sampled_from(["buyer", "seller"]),
    )


def keys(work):
    """The key columns of everyone."""
    columns = (contact.c[name] for name in ("id", *key_columns()))
    return [tuple(row) for row in work.transaction.contacts._wire.ask(select(*columns).order_by(contact.c.id))]


@examples(80)
@given(drawn=st.lists(people(), min_size=1, max_size=6))
def test_key_columns_follow_the_states(drawn, tmp_path_factory):
    """What bulk writes leave in the columns is what copying all states anew leaves there."""
    clock = FixedClock(START)
    with opened("sqlite", tmp_path_factory.mktemp("keys"), clock) as store:
        for one in drawn:
            clock.advance(days=1)
            with store.begin() as work:
                known = work.contacts.find_one(one.id)
                wanted = [point.value for point in one.emails]
                if known is None:
                    work.upsert_many([one])
                else:
                    title = one.employment.title or mim.CLEAR
                    work.upsert_many([known.evolve(emails=wanted, city=one.demographic.city or mim.CLEAR, title=title)])
                before = keys(work)
                refresh_keys(work.transaction.contacts._wire, [one.id for one in drawn])
                assert keys(work) == before
