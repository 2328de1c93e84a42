"""A rule on somebody else's table against SQL written by hand for it, on SQLite and PostgreSQL.

The rule has six conditions; the hand-written SQL is null-safe and returns the same ids, which is compared first. Both
go through the same connection: as text through the driver, and as a select through SQLAlchemy. What is measured is
processor time, on PostgreSQL that of its process beside ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Double,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

import mimcore as mim
from benchmarks.people import COUNTRIES, ENDINGS, INTERESTS, NOW
from benchmarks.the_rule import BORN_AFTER, BORN_BY, SINCE, WANTED_COUNTRIES, WANTED_INTERESTS
from benchmarks.timing import Line, line, race
from mimcore import fields as f
from mimcore.sql.types import UtcMicroseconds
from mimcore.testing import PostgresServer
from mimcore.values.instants import to_microseconds

__all__ = ["COLUMNS", "CUSTOMER", "HAND", "RULES", "fill", "measure"]
PEOPLE = 200_000
ROUNDS = 11
PORTION = 10_000
SCORE = mim.attribute("score", kind="number")

CUSTOMER = Table(
    "customer",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("country", Text, index=True),
    Column("born", Date),
    Column("interests", JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
    Column("seen", UtcMicroseconds),
    Column("email", Text),
    Column("score", Double),
)
"""A table as a shop might have it; its texts went through `mim.fold`."""
COLUMNS = mim.columns(
    CUSTOMER,
    {
        f.contact.country: CUSTOMER.c.country,
        f.contact.age: CUSTOMER.c.born,
        f.contact.interests: CUSTOMER.c.interests,
        f.contact.acquired_at: CUSTOMER.c.seen,
        f.contact.primary_email: CUSTOMER.c.email,
        SCORE: CUSTOMER.c.score,
    },
    stored_as={f.contact.interests: "folded", f.contact.primary_email: "folded"},
)
_RULE = (
    f.contact.country.is_in(*sorted(WANTED_COUNTRIES))
    & f.contact.age.is_between(25, 54)
    & (f.contact.interests.overlaps(*sorted(WANTED_INTERESTS)) | f.contact.acquired_at.within_days(30))
    & f.contact.primary_email.ends_with(".com")
    & (SCORE >= 0.7)
)
RULES = {"6 conditions": _RULE, "its opposite": ~_RULE, "its opposite, or missing": (~_RULE).or_missing()}

_LAND = ", ".join(f"'{one}'" for one in sorted(WANTED_COUNTRIES))
_WORDS = ", ".join(f"'{one}'" for one in sorted(WANTED_INTERESTS))


def _hand(overlap: str, tail: str, since: str, now: str) -> dict[str, str]:
    """Empty text is missing, as NULL is: that is what the rule says."""
    return {
        "6 conditions": (
            f"country in ({_LAND}) and born > '{BORN_AFTER}' and born <= '{BORN_BY}'"
            f" and ({overlap} or (seen >= {since} and seen <= {now})) and {tail} = '.com' and score >= 0.7"
        ),
        "its opposite": (
            f"(country not in ({_LAND}) and trim(country) <> '') or born <= '{BORN_AFTER}' or born > '{BORN_BY}'"
            f" or (not coalesce({overlap}, false) and (seen < {since} or seen > {now}))"
            f" or ({tail} <> '.com' and email <> '') or score < 0.7"
        ),
        "its opposite, or missing": (
            f"country is null or country not in ({_LAND})"
            f" or born is null or born <= '{BORN_AFTER}' or born > '{BORN_BY}'"
            f" or (not coalesce({overlap}, false) and (seen is null or seen < {since} or seen > {now}))"
            f" or email is null or {tail} <> '.com' or score is null or score < 0.7"
        ),
    }


HAND = {
    "sqlite": _hand(
        f"exists (select 1 from json_each(interests) as e where e.value in ({_WORDS}))",
        "substr(email, -4)",
        str(to_microseconds(SINCE)),
        str(to_microseconds(NOW)),
    ),
    "postgresql": _hand(
        f"(interests ?| array[{_WORDS}])", "right(email, 4)", f"timestamptz '{SINCE}'", f"timestamptz '{NOW}'"
    ),
}


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    people = int(PEOPLE * scale)
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'own.db'}")
        fill(engine, people)
        lines = [*_of_engine(engine, people, "SQLite")]
        engine.dispose()
    with PostgresServer() as server:
        engine = create_engine(server.new_database())
        fill(engine, people)
        lines += _of_engine(engine, people, "PostgreSQL")
        engine.dispose()
    return lines


def fill(engine: Engine, people: int) -> None:
    """Make the table, with one value in twenty missing, as NULL or as blank text."""
    CUSTOMER.metadata.create_all(engine)
    random = Random(11)
    with engine.begin() as connection:
        for start in range(0, people, PORTION):
            numbers = range(start, min(start + PORTION, people))
            connection.execute(insert(CUSTOMER), [_row(random, number) for number in numbers])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze" if engine.dialect.name == "sqlite" else "vacuum analyze customer"))


_BLANK: dict[str, tuple[str | None, ...]] = {"country": (None, "", "  "), "email": (None, "")}
"""Empty text and spaces are missing in codes; folding leaves no spaces."""


def _row(random: Random, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "country": random.choice(COUNTRIES),
        "born": date(1940, 1, 1) + timedelta(days=random.randrange(25_000)),
        "interests": random.sample(INTERESTS, random.randrange(5)),
        "seen": NOW - timedelta(minutes=random.randrange(60 * 24 * 600)),
        "email": f"person{number}@mail{number % 400}.example.{random.choice(ENDINGS)}",
        "score": random.random(),
    }
    for name in ("country", "born", "interests", "seen", "email", "score"):
        if random.random() < 0.05:
            row[name] = random.choice(_BLANK.get(name, (None,)))
    return row


Ids = Callable[[], list[int]]


def _of_engine(engine: Engine, people: int, name: str) -> Iterator[Line]:
    with engine.connect() as connection:
        clock = process_time
        if engine.dialect.name == "postgresql":
            connection.execute(text("set max_parallel_workers_per_gather = 0"))
            clock = _both(connection)
        for asked, rule in RULES.items():
            hand = f"select id from customer where {HAND[engine.dialect.name][asked]}"
            for way, contenders in (
                ("to_sql", _by_driver(connection, rule, hand)),
                ("where", _by_select(connection, rule, hand)),
            ):
                yield from _lines(f"{name}: {asked}, {way}", contenders, people, clock)


def _both(connection: Connection) -> Callable[[], float]:
    """Return processor time of this process and its server's, where the system tells; else time on the wall."""
    pid = connection.scalar(text("select pg_backend_pid()"))
    spent = Path(f"/proc/{pid}/schedstat")
    if not spent.exists():
        return perf_counter
    return lambda: process_time() + int(spent.read_text(encoding="ascii").split()[0]) / 1e9


def _by_driver(connection: Connection, rule: mim.Rule, hand: str) -> dict[str, Ids]:
    raw: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect.name

    def built() -> tuple[str, list[Any]]:
        condition, values = mim.to_sql(rule, COLUMNS, dialect=dialect, now=NOW)
        return f"select id from customer where {condition}", values

    def ids(statement: str, values: object = ()) -> list[int]:
        return [one for (one,) in raw.execute(statement, values).fetchall()]

    ready = built()
    return {"hand": lambda: ids(hand), "built": lambda: ids(*built()), "ready": lambda: ids(*ready)}


def _by_select(connection: Connection, rule: mim.Rule, hand: str) -> dict[str, Ids]:
    def built() -> Any:
        return select(CUSTOMER.c.id).where(mim.where(rule, COLUMNS, now=NOW))

    def ids(statement: Any) -> list[int]:
        return list(connection.execute(statement).scalars())

    ready, written = built(), text(hand)
    return {"hand": lambda: ids(written), "built": lambda: ids(built()), "ready": lambda: ids(ready)}


def _lines(case: str, contenders: dict[str, Ids], people: int, clock: Callable[[], float]) -> Iterator[Line]:
    wanted = sorted(contenders["hand"]())
    assert sorted(contenders["built"]()) == sorted(contenders["ready"]()) == wanted
    seconds = race(contenders, ROUNDS, clock=clock)
    note = f"{len(wanted)} of {people} fit"
    for told, name in (("built each time", "built"), ("built before", "ready")):
        yield line(f"{case}, {told}", "hand-written SQL", people, seconds[name], seconds["hand"], note)
