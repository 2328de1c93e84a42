"""A freshness filter reads the ranges of its pools from the index, on both engines; its answers are those of the formula."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, text
from tests.postgres import tables
from tests.stores import SECRET, START

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.freshness import freshness_at
from mimcore.repositories.rekeying import keep_half_lives
from mimcore.testing import FixedClock

NOW = FixedClock(START)()
DAYS = {
    "b2c.email/contact.emails@web": 200.0,
    "b2c.email/contact.emails@fair": 400.0,
    "b2c.email/contact.emails@list": 1500.0,
    "b2c.person_name/contact.name.given": 900.0,
    "b2c.person_name/contact.name.given@list": 5000.0,
}
HOW = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
EMAIL, GIVEN = f.contact.primary_email, f.contact.given_name


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('index') / 'store.db'}"
    else:
        with request.getfixturevalue("postgres_server").database(tables) as made:
            yield made


@pytest.fixture(scope="module")
def store(url):
    """1200 people of four sources, seen on sixty days; half-lives of three of the sources were learnt."""
    with mim.connect(url, actor="tester", clock=FixedClock(START), zone="UTC", secret=SECRET) as store:
        dice = Random(4)
        for number in range(60):
            seen = NOW - timedelta(days=dice.randrange(1500), hours=number)
            with store.begin(source=("web", "fair", "list", "shop")[number % 4], observed_at=seen) as work:
                work.add(*(mim.Contact(name=f"Ana B{n}", emails=[f"p{number}.{n}@acme.dk"]) for n in range(20)))
        with store.begin(source="shop", observed_at=mim.UNDATED) as work:
            work.add(mim.Contact(name="Bo Undated", emails=["bo@acme.dk"]))
        with store.begin() as work:
            assert keep_half_lives(work.transaction, DAYS) == 1200 * 3 // 4 + 1201
        with store._backend.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        yield store


def probabilities(store, attribute):
    """The probability of every value, by the formula."""
    with store.read() as work:
        half_lives = work.transaction.freshness.half_lives()
        states = [one for one in work.transaction.freshness.all() if one.attribute == attribute and one.key is not None]
        return {one.contact_id: freshness_at(one.key, NOW, half_lives[one.pool]) for one in states}, states


def plan(store, rule):
    """How the engine finds whom a rule selects: the statement is the one that was really run."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        seen.append((statement, parameters))

    engine = store._backend.engine
    event.listen(engine, "before_cursor_execute", note)
    store.contacts.count(rule)
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if "status" in one[0])
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{HOW[engine.dialect.name]} {statement}", parameters).fetchall()
    return "\n".join(str(row[-1]) for row in rows)


def seeks(store, rule, index, columns):
    """Whether the index is sought in by its columns up to the range of keys."""
    found = plan(store, rule)
    if store._backend.engine.dialect.name == "sqlite":
        return f"INDEX {index} ({columns}" in found
    return index in found and "Index Cond" in found


def test_every_pool_is_there(store):
    """Sources with a half-life of their own are pools, the fourth source is in the whole one; undated values too."""
    _, states = probabilities(store, "contact.emails")
    assert {one.pool for one in states} == {*[pool for pool in DAYS if "emails" in pool], "b2c.email"}


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5, 1.0])
@pytest.mark.parametrize(("field", "attribute"), [(EMAIL, "contact.emails"), (GIVEN, "contact.name.given")])
def test_the_same_people_at_any_rate(store, field, attribute, share):
    """Below and above the threshold, alone and with another condition, in counts and in ids."""
    known, _ = probabilities(store, attribute)
    ordered = sorted(known.values())
    least = ordered[min(len(ordered) - 1, int(share * len(ordered)))] if share < 1 else 1.0
    below = {one for one, p in known.items() if p < least}
    for rule, expected in ((field.freshness() < least, below), (field.freshness() >= least, known.keys() - below)):
        assert set(store.contacts.ids(rule)) == expected
        assert store.contacts.count(rule) == len(expected)
        assert store.contacts.count(rule & f.contact.given_name.is_known()) == len(expected)
        assert store.contacts.count(rule.or_missing()) == len(expected) + 1
        assert store.contacts.count(~rule) == len(known) - len(expected)
    assert store.contacts.count(field.is_undated()) == 1


def test_the_index_is_sought_in(store):
    """One range for each pool, of the contact's own key, and of the states of any other attribute."""
    on_contact = "ix_mim_contact_primary_email_key", "tenant=? AND primary_email_pool=? AND primary_email_key"
    of_states = "ix_mim_attribute_state_key", "tenant=? AND attribute=? AND pool=? AND key"
    few = sorted(probabilities(store, "contact.emails")[0].values())[3]
    assert seeks(store, EMAIL.freshness() < few, *on_contact)
    assert seeks(store, (EMAIL.freshness() < few) & (f.contact.family_name != "berg"), *on_contact)
    few = sorted(probabilities(store, "contact.name.given")[0].values())[3]
    assert seeks(store, GIVEN.freshness() < few, *of_states)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_beside_another_condition_only_few_are_read_from_the_index(store):
    """Where most values are meant, the other condition may leave fewer; SQLite is told so, PostgreSQL reckons itself."""
    assert "json_each" not in plan(store, (EMAIL.freshness() >= 0.01) & (f.contact.family_name == "b7"))
    assert "VIRTUAL TABLE" in plan(store, EMAIL.freshness() >= 0.01)
    assert "VIRTUAL TABLE" not in plan(store, (EMAIL.freshness() >= 0.01) & (f.contact.family_name == "b7"))
