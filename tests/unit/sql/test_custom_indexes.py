"""Indexes of custom attributes: made when declared, used by rules, unknown to migrations; and their tenants apart."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, event, text

import mimcore as mim
from mimcore.domain.custom.fields import declaration_of
from mimcore.repositories.ports import Query
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.sql.backend import SqlBackend
from mimcore.sql.migrating import migrate
from mimcore.testing.contract_setup import NOW, reading, writing

TIER = mim.attribute("tier", options=["none", "gold"], indexed=True)
MOTTO = mim.attribute("motto", indexed=True)
POINTS = mim.attribute("points", kind="integer", indexed=True)
RATIO = mim.attribute("ratio", kind="number", indexed=True)
JOINED = mim.attribute("joined_on", kind="date", indexed=True)
SEEN = mim.attribute("seen_at", kind="instant", indexed=True)
VIP = mim.attribute("is_vip", kind="boolean", indexed=True)
CLUBS = mim.attribute("clubs", kind="tags", indexed=True)
GRADE = mim.attribute("grade", entity="account", options=["a"], indexed=True)
ALL = (TIER, MOTTO, POINTS, RATIO, JOINED, SEEN, VIP, CLUBS, GRADE)
RULES = {
    "tier": TIER == "gold",
    "motto": MOTTO == "ÉLAN 7",
    "points": POINTS.is_between(1, 3),
    "ratio": RATIO < 0.5,
    "joined_on": JOINED >= "2098-01-01",
    "seen_at": SEEN >= "2098-01-01T00:00Z",
    "is_vip": VIP.is_true(),
}


def _filled(backend, *attributes):
    with writing(backend) as work:
        for one in attributes:
            work.attributes.put(declaration_of(one).evolve(version=1, declared_at=NOW))
        work.contacts.add([_person(number) for number in range(2000)])


def _person(number):
    day = f"20{number % 99:02}-01-01"
    custom = {
        "tier": "gold" if number % 97 == 0 else "none", "motto": f"Élan {number % 400}", "points": number % 500,
        "ratio": number / 7, "joined_on": JOINED.spec.declaration.value(day), "is_vip": number % 500 == 0,
        "seen_at": SEEN.spec.declaration.value(f"{day}T00:00Z"), "clubs": (f"Club {number % 400}",),
    }  # fmt: skip
    return mim.Contact(version=1, custom=custom)


def _plan(backend, rule, how):
    """Return how the engine finds whom a rule selects, with the statement and the parameters that were really run."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        seen.append((statement, parameters))

    event.listen(backend.engine, "before_cursor_execute", note)
    with reading(backend) as work:
        assert work.contacts.find(Query(bind(rule, Binding(now=NOW).knowing(ALL))))
    event.remove(backend.engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if "custom" in one[0])
    with backend.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{how} {statement}", parameters).fetchall()
    return " ".join(str(row[-1]) for row in rows)


@pytest.fixture
def sqlite(tmp_path):
    """An empty database on a file."""
    backend = SqlBackend.connect(f"sqlite:///{tmp_path / 'custom.db'}")
    yield backend
    backend.close()


@pytest.mark.parametrize("name", RULES)
def test_sqlite_seeks_in_the_index(sqlite, name):
    """SEARCH … USING INDEX with a constraint on the expression; without the declaration it scans."""
    _filled(sqlite)
    assert "ix_mim_contact_custom" not in _plan(sqlite, RULES[name], "EXPLAIN QUERY PLAN")
    with writing(sqlite) as work:
        for one in ALL:
            work.attributes.put(declaration_of(one).evolve(version=1, declared_at=NOW))
    plan = _plan(sqlite, RULES[name], "EXPLAIN QUERY PLAN")
    assert f"SEARCH mim_contact USING INDEX ix_mim_contact_custom_{name} (tenant=? AND <expr>" in plan


def test_postgresql_seeks_in_the_index(postgres_url):
    """Every kind, collections through GIN; the same rules find the same people as without indexes."""
    backend = SqlBackend.connect(postgres_url)
    _filled(backend, *ALL)
    with backend.engine.begin() as connection:
        connection.execute(text("ANALYZE mim_contact"))
    rules = {**RULES, "clubs": CLUBS.overlaps("CLUB 7")}
    assert [
        name for name in rules if f"ix_mim_contact_custom_{name}" not in _plan(backend, rules[name], "EXPLAIN")
    ] == []
    with reading(backend) as work:
        counted = [work.contacts.count(bind(rule, Binding(now=NOW).knowing(ALL))) for rule in rules.values()]
    assert counted == [21, 5, 12, 4, 20, 20, 4, 5]
    backend.close()


def test_tenants_of_one_database_may_disagree_about_a_name(postgres_url):
    """A text of one tenant does not stop another one from asking about numbers, nor from having an index of them."""
    one, other = (SqlBackend.connect(postgres_url, tenant=tenant) for tenant in ("one", "other"))
    words = mim.attribute("points")
    with writing(other) as work:
        work.attributes.put(declaration_of(words).evolve(version=1))
        work.contacts.add([mim.Contact(version=1, custom={"points": text}) for text in ("gold", "1.5", "true")])
    _filled(one, POINTS, VIP)
    rule = bind(POINTS >= 499, Binding().knowing([POINTS]))
    with reading(one) as work:
        assert work.contacts.count(rule) == 4
        assert [attribute.kind for attribute in work.attributes.all()] == ["boolean", "integer"]
    with reading(other) as work:
        assert work.contacts.count(bind(words == "GOLD", Binding().knowing([words]))) == 1
        assert [attribute.kind for attribute in work.attributes.all()] == ["text"]
    one.close()
    other.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_migrations_do_not_mind_the_indexes(engine, tmp_path, request):
    """Tables compare equal to the declared schema with every index there is; verifying them passes."""
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else f"sqlite:///{tmp_path / 'm.db'}"
    backend = SqlBackend.connect(url)
    with writing(backend) as work:
        for one in ALL:
            work.attributes.put(declaration_of(one).evolve(version=1))
    backend.close()
    plain = create_engine(url)
    with plain.begin() as connection:
        connection.execute(text("DROP TABLE mimcore_alembic_version"))
        migrate.verify(connection)
    plain.dispose()


def test_a_host_with_our_metadata_keeps_the_indexes():
    """The filter lets everything else pass."""
    names = ["ix_mim_contact_custom_tier", "ix_mim_account_custom_grade", "ix_mim_contact_status", "ix_orders", None]
    assert [migrate.exclude_declared_indexes(None, name, "index", True, None) for name in names] == [
        False, False, True, True, True,
    ]  # fmt: skip
    assert migrate.exclude_declared_indexes(None, names[0], "table", True, None) is True
