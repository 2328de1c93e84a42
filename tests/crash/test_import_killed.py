"""An import of many rows that dies: at every step on PostgreSQL, at any moment by SIGKILL, at each of its statements.

Three ways of dying. On PostgreSQL a child leaves with `os._exit` before the n-th statement or commit. By SIGKILL a child
dies somewhere after its first batch, at moments drawn from a fixed seed. For 5,000 rows on SQLite (`make heavy`) the files
are copied before every statement and commit, as a power cut would leave them, and each copy goes on by itself. What is
there at the end is compared with an import that nothing befell.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from tests.crash.steps import KILLED, Steps, ended, in_child, leaving_at
from tests.postgres import tables

import mimcore as mim
from mimcore.capture import ConsentColumns, plan_import, split

MAPPING = {
    "mail": "contact.emails",
    "city": "contact.city",
    "likes": ("contact.interests", split()),
    "news": "consent.newsletter",
    "firm": "account.domain",
}


def rows(count):
    """Write people: every seventh row changes one of before, every eleventh is refused, the rest are new."""
    for number in range(count):
        who = number - 3 if number % 7 == 6 else number
        mail = "bad" if number % 11 == 10 else f"p{who}@example.com"
        yield [mail, f"Town {number % 9}", "chess;opera" if number % 2 else "", "yes" if number % 5 == 0 else "", ""]


@pytest.fixture
def file(tmp_path):
    """Return a way to write so many rows."""

    def write(count):
        path = tmp_path / f"{count}.csv"
        lines = [",".join(MAPPING), *(",".join(row) for row in rows(count))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def connect(url, tenant="default"):
    """Open a store with a fixed clock and key."""
    return mim.connect(
        url,
        actor="tester",
        tenant=tenant,
        clock=lambda: datetime(2026, 3, 1, tzinfo=UTC),
        secret=b"s" * 32,
        durability="normal",
    )


def bring(store, file, batch, on_progress=None):
    """Plan and apply: the same call begins and goes on."""
    plan = plan_import(store, file, source="fair", mapping=MAPPING, consent=ConsentColumns(notice="v1"))
    return plan.apply(batch_size=batch, on_progress=on_progress)


QUESTIONS = {
    "people": "select primary_email, version, city, interests from mim_contact where tenant = :t order by 1",
    "points": "select value, kind from mim_contact_point where tenant = :t order by 1",
    "history": "select kind, version, count(*) from mim_change_set where tenant = :t group by 1, 2 order by 1, 2",
    "states": "select attribute, source, count(*) from mim_attribute_state where tenant = :t group by 1, 2 order by 1, 2",
    "consent": "select action, import_row from mim_consent_event where tenant = :t order by 2, 1",
    "outbox": "select kind, version, count(*) from mim_outbox where tenant = :t group by 1, 2 order by 1, 2",
    "outcomes": "select row_number, line, outcome, code from mim_import_row where tenant = :t order by 1",
    "imports": "select status, next_row, failure from mim_import where tenant = :t order by 2, 1",
    "people without owner": "select count(*) from mim_contact_point p left join mim_contact c"
    " on c.tenant = p.tenant and c.id = p.contact_id where p.tenant = :t and c.id is null",
}


def content(url, tenant="default"):
    """Everything that an import leaves behind, without ids."""
    engine = create_engine(url)
    with engine.begin() as connection:
        found = {
            name: [tuple(map(str, row)) for row in connection.execute(text(question), {"t": tenant})]
            for name, question in QUESTIONS.items()
        }
    engine.dispose()
    return found


def test_an_import_that_dies_at_every_step_on_postgresql_goes_on(shared_postgres_url, file):
    """Before each statement and each commit; at least 60 places."""
    path, url = file(33), shared_postgres_url

    def steps(tenant, act):
        with connect(url, tenant) as store:
            with Steps(act) as taken:
                bring(store, path, batch=11)
            return taken.count

    whole = steps("whole", None)
    expected = content(url, "whole")
    assert whole >= 60
    assert (expected["imports"], len(expected["outcomes"])) == ([("finished", "33", "")], 33)
    for place in range(1, whole + 1):
        tenant = f"dies{place}"
        dying = in_child(lambda tenant=tenant, place=place: steps(tenant, leaving_at(place)))
        assert ended(dying) == KILLED
        steps(tenant, None)
        assert content(url, tenant) == expected, f"step {place}"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_import_that_is_killed_at_any_moment_goes_on(request, tmp_path, file, database):
    """SIGKILL behind the marker of the first batch, seven times; then one run is left alone."""
    path, draw = file(1500), random.Random(20260301)
    if database == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("whole", "killed")]
    else:
        server = request.getfixturevalue("postgres_server")
        urls = [request.getfixturevalue("empty_postgres_url"), request.getfixturevalue("postgres_url")]
        assert server
        tables(urls[0])
    with connect(urls[0]) as store:
        bring(store, path, batch=20)
    expected = content(urls[0])
    connect(urls[1]).close()
    deaths = sum(killed_after_marker(urls[1], path, draw.uniform(0, 0.1)) for _ in range(7))
    assert deaths >= 3
    with connect(urls[1]) as store:
        bring(store, path, batch=20)
    assert content(urls[1]) == expected


def killed_after_marker(url, path, delay):
    """Import in a child and kill it so long after its first batch; tell whether it was killed."""
    marker, write = os.pipe()

    def work():
        with connect(url) as store:
            bring(store, path, batch=20, on_progress=lambda _: os.write(write, b"."))

    child = in_child(work)
    os.close(write)
    os.read(marker, 1)  # returns too when the child has ended
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.close(marker)
    code = ended(child)
    assert code in {0, -signal.SIGKILL}
    return code != 0


@pytest.mark.heavy
def test_five_thousand_rows_cut_off_at_every_statement_and_commit(tmp_path, file):
    """Every image of the files goes on to the same database; 0 rows lost, 0 doubled."""
    path, base, images = file(5000), tmp_path / "whole.db", tmp_path / "images"
    images.mkdir()
    connect(f"sqlite:///{base}").close()

    def copy(count, _):
        for suffix in ("", "-wal"):
            source = base.with_name(base.name + suffix)
            if source.exists():
                shutil.copy(source, images / f"{count}.db{suffix}")

    with connect(f"sqlite:///{base}") as store, Steps(copy) as taken:
        bring(store, path, batch=1000)
    steps = taken.count
    expected = content(f"sqlite:///{base}")
    assert (steps >= 80, len(expected["outcomes"])) == (True, 5000)
    for place in range(1, steps + 1):
        url = f"sqlite:///{images / str(place)}.db"
        with connect(url) as store:
            bring(store, path, batch=1000)
        assert content(url) == expected, f"step {place}"
        for suffix in ("", "-wal", "-shm"):
            (images / f"{place}.db{suffix}").unlink(missing_ok=True)
