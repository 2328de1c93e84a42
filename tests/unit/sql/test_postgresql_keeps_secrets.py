"""What PostgreSQL says of values stays with us: it names them in the detail of an error, and rows whole."""

from __future__ import annotations

import logging
import traceback
from uuid import UUID

import pytest
from sqlalchemy import make_url

import mimcore as mim
from mimcore.domain.contact import Contact
from mimcore.domain.evidence import Trigger
from mimcore.errors import ConflictError, DuplicateKeyError, MimcoreError, StoreError
from mimcore.repositories.records import OutboxEvent, Verification
from mimcore.sql.backend import SqlBackend
from mimcore.sql.connection.driver_errors import guarded
from mimcore.testing.factories import Factory

WORD = "zqxcanary"
SECRET = b"only-for-tests-0"
CANARY = UUID("0badcafe-0bad-7afe-8bad-0badcafe0bad")
TRACES = (WORD, "0badcafe")


def told(error):
    """Everything that an error tells: text, arguments, attributes, cause, context, and its printed traceback's end."""
    assert error.__cause__ is None
    assert error.__context__ is None
    return f"{error!s}{error!r}{error.args!r}{vars(error)!r}{traceback.format_exception_only(error)}".lower()


@pytest.fixture
def backend(postgres_url):
    """An empty database."""
    backend = SqlBackend.connect(postgres_url, wait_seconds=2)
    yield backend
    backend.close()


def person(**given):
    """Somebody full of canaries."""
    return Contact(name=WORD, emails=[f"{WORD}@example.com"], city=WORD, notes=WORD, version=1, **given)


def same_person(work):
    """DETAIL: Key (tenant, id)=(…) already exists."""
    work.contacts.add([person(id=CANARY)])
    work.contacts.add([person(id=CANARY)])


def same_source(work):
    """DETAIL: Key (tenant, key)=(…) already exists."""
    work.sources.add([mim.Source(key=WORD, version=1)])
    work.sources.add([mim.Source(key=WORD, version=1)])


def unknown_contact(work):
    """DETAIL: Key (tenant, contact_id)=(…) is not present."""
    work.interactions.add([Factory().interaction(contact=CANARY, product=WORD)])
    work.commit()


def nul(work):
    """A text with a NUL."""
    work.outbox.append([OutboxEvent(f"{WORD}\0", "contact", CANARY, 1, Factory().now)])


def nul_in_json(work):
    """A NUL inside a document."""
    work.outbox.append([OutboxEvent("kind", "contact", CANARY, 1, Factory().now, {WORD: f"{WORD}\0"})])


def surrogate(work):
    """Half a character."""
    work.outbox.append([OutboxEvent(f"{WORD}\ud800", "contact", CANARY, 1, Factory().now)])


def too_large(work):
    """A number that fits no column."""
    work.outbox.append([OutboxEvent(WORD, "contact", CANARY, 2**70, Factory().now)])


def too_large_for_the_column(work):
    """A number that fits 64 bits and not 32."""
    work.outbox.append([OutboxEvent(WORD, "contact", CANARY, 2**40, Factory().now)])


def missing(work):
    """DETAIL: Failing row contains (…)."""
    now = Factory().now
    rates = {"sensitivity": 0.9, "false_confirmation": 0.1, "trigger": Trigger.EVENT, "since": None}
    event = Verification(WORD, CANARY, CANARY, None, True, now, now, WORD, WORD, pool=WORD, value_source=WORD, **rates)
    work.freshness.verified([event])


def too_long(work):
    """A key that fits no page of an index."""
    work.settings = work.set_setting(WORD + "".join(f"{number:x}" for number in range(100_000)), WORD)


def no_table(work):
    """A table that somebody has dropped."""
    connection = work._wire.connection
    connection.exec_driver_sql("DROP TABLE mim_contact CASCADE")
    work.contacts.add([person()])


def bad_statement(work):
    """A value that is no number, in a statement of ours."""
    connection = work._wire.connection
    guarded(connection.exec_driver_sql, "SELECT CAST(%s AS integer)", (WORD,))


CASES = {
    same_person: DuplicateKeyError,
    same_source: DuplicateKeyError,
    unknown_contact: ConflictError,
    nul: StoreError,
    nul_in_json: StoreError,
    surrogate: StoreError,
    too_large: StoreError,
    too_large_for_the_column: StoreError,
    missing: StoreError,
    too_long: StoreError,
    no_table: StoreError,
    bad_statement: StoreError,
}


@pytest.mark.parametrize("fail", CASES, ids=lambda one: one.__name__)
def test_no_refused_statement_tells_a_value(backend, fail, caplog, capfd):
    """In str, repr, args, attributes, cause, context, logs and on the terminal."""
    caplog.set_level(logging.INFO)
    work = backend.begin()
    with pytest.raises(CASES[fail]) as refused:
        fail(work)
    if work._wire.is_open:
        work.rollback()
    said = told(refused.value) + caplog.text.lower() + "".join(capfd.readouterr()).lower()
    assert not any(trace in said for trace in TRACES), said
    with_life = backend.begin()
    with_life.rollback()


@pytest.mark.parametrize("part", ["nobody listens", "user", "database", "parameter", "socket", "scheme"])
def test_no_refused_connection_tells_its_address(postgres_url, part, caplog, capfd):
    """Neither password nor user, host, database or options."""
    caplog.set_level(logging.INFO)
    url = make_url(postgres_url)
    addresses = {
        "nobody listens": f"postgresql://{WORD}:{WORD}@127.0.0.1:9/{WORD}",
        "user": url.set(username=WORD, password=WORD).render_as_string(hide_password=False),
        "database": url.set(database=WORD, password=WORD).render_as_string(hide_password=False),
        "parameter": url.update_query_dict({WORD: WORD}).render_as_string(hide_password=False),
        "socket": f"postgresql://u:{WORD}@/{WORD}?host=/nowhere/{WORD}",
        "scheme": f"postgresql+{WORD}://u:{WORD}@host/{WORD}",
    }
    with pytest.raises(MimcoreError) as refused:
        mim.connect(addresses[part], actor="t", secret=SECRET)
    said = told(refused.value) + caplog.text.lower() + "".join(capfd.readouterr()).lower()
    assert WORD not in said
