"""A store on SQLite: loading, asking and reading against hand-written SQL on the same database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import dialect

import mimcore as mim
from benchmarks.hand_sql import MEMBERS, OPPOSITE, OR_MISSING, PARAMETERS, Copy
from benchmarks.memory import peak_megabytes
from benchmarks.people import NOW, contacts
from benchmarks.the_rule import BINDING, THRESHOLD, WANTED_COUNTRIES, WANTED_INTERESTS
from benchmarks.timing import Line, compare, race, report
from benchmarks.timing import line as line_of
from mimcore import fields as f
from mimcore.domain.interaction import Interaction
from mimcore.rules.lowering.bind import bind
from mimcore.sql.conditions.column_map import ContactMap
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.tables import schema

__all__ = ["measure"]
PEOPLE = 50_000
LOADED = 5_000
BATCH = 1_000
HAND = "hand-written SQL"
RULE = (
    f.contact.country.is_in(*sorted(WANTED_COUNTRIES))
    & f.contact.interests.overlaps(*sorted(WANTED_INTERESTS))
    & (f.contact.primary_email.freshness() >= THRESHOLD)
    & (f.contact.purchases.count(within_days=90) >= 1)
)
DE = f.contact.country == "DE"


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        people = contacts(int(PEOPLE * scale))
        lines = _loading(folder, people[: int(LOADED * scale)])
        path = folder / "people.db"
        store = _open(path)
        _add(store, people)
        _record_purchases(store, people)
        raw = sqlite3.connect(path)
        raw.execute("analyze")
        raw.commit()
        lines += [*_questions(store, raw), *_plans(raw), *_reading(store, raw, path)]
        store.close()
        raw.close()
        return lines


def _open(path: Path) -> mim.Store:
    return mim.connect(f"sqlite:///{path}", clock=lambda: NOW)


def _add(store: mim.Store, people: list[mim.Contact]) -> None:
    random = Random(5)
    for start in range(0, len(people), BATCH):
        with store.begin(source="list", observed_at=f"{2022 + random.randrange(5)}-01-15") as work:
            work.add(*people[start : start + BATCH])


def _record_purchases(store: mim.Store, people: list[mim.Contact]) -> None:
    random = Random(6)
    with store.begin(source="shop") as work:
        for one in people:
            bought = [_purchase(one, NOW - timedelta(days=random.randrange(600))) for _ in range(random.randrange(4))]
            work.transaction.interactions.add(bought)


def _purchase(one: mim.Contact, at: datetime) -> Interaction:
    return Interaction(kind="purchase", at=at, contact_id=one.id, source="shop")


def _loading(folder: Path, people: list[mim.Contact]) -> list[Line]:
    numbers = count()
    first = folder / "first.db"
    with _open(first) as store:
        _add(store, people)
    copy = Copy(first)

    def ours() -> None:
        with _open(folder / f"ours{next(numbers)}.db") as fresh:
            _add(fresh, people)

    def everything() -> Path:
        return copy.write(folder / f"raw{next(numbers)}.db")

    def contacts_only() -> Path:
        return copy.write(folder / f"raw{next(numbers)}.db", ("mim_contact",))

    def in_memory() -> None:
        with mim.connect("memory:", clock=lambda: NOW) as fresh:
            _add(fresh, people)

    seconds = race({"ours": ours, "all": everything, "one": contacts_only, "memory": in_memory}, 5)
    made = len(people)
    return [
        line_of(
            "load contacts",
            "raw executemany of the same rows",
            made,
            seconds["ours"],
            seconds["all"],
            copy.written,
        ),
        line_of("load contacts", "raw executemany, contact table alone", made, seconds["ours"], seconds["one"]),
        line_of(
            "load contacts into memory",
            "raw executemany of the same rows",
            made,
            seconds["memory"],
            seconds["all"],
        ),
    ]


def _questions(store: mim.Store, raw: sqlite3.Connection) -> list[Line]:
    everyone = store.contacts.count()
    asked = [
        ("count: list, freshness, events, vocabulary", RULE, MEMBERS),
        ("count its opposite", ~RULE, OPPOSITE),
        ("count its opposite, or missing", (~RULE).or_missing(), OR_MISSING),
    ]
    return [*(_counted(store, raw, case, rule, sql) for case, rule, sql in asked), _ids(store, raw, everyone)]


def _counted(store: mim.Store, raw: sqlite3.Connection, case: str, rule: mim.Rule, sql: str) -> Line:
    everyone = store.contacts.count()

    def hand() -> int:
        return int(raw.execute(f"select count(*) {sql}", PARAMETERS).fetchone()[0])

    assert store.contacts.count(rule) == hand()
    note = f"{hand()} of {everyone} fit"
    return compare(case, HAND, everyone, ours=lambda: store.contacts.count(rule), hand=hand, note=note)


def _ids(store: mim.Store, raw: sqlite3.Connection, everyone: int) -> Line:
    def hand() -> list[UUID]:
        return [UUID(bytes=one) for (one,) in raw.execute(f"select c.id {MEMBERS} order by c.id", PARAMETERS)]

    assert store.contacts.ids(RULE) == hand()
    return compare("ids of the members", HAND, everyone, ours=lambda: store.contacts.ids(RULE), hand=hand)


def _plans(raw: sqlite3.Connection) -> list[Line]:
    return [
        Line(f"plan: {case}", "", 0, None, None, None, note=_plan(raw, rule))
        for case, rule in (
            ("one vocabulary", DE),
            ("4 conditions", RULE),
            ("opposite, or missing", (~RULE).or_missing()),
        )
    ]


def _plan(raw: sqlite3.Connection, rule: mim.Rule) -> str:
    own = schema.contact.c
    where = compile_rule(bind(rule, BINDING), ContactMap("default"))
    asked = (
        select(func.count()).select_from(schema.contact).where(own.tenant == "default", own.status == "active", where)
    )
    compiled = asked.compile(dialect=dialect(), compile_kwargs={"render_postcompile": True})
    stored: Any = compiled._bind_processors
    values = [stored.get(name, _same)(compiled.params[name]) for name in compiled.positiontup or ()]
    steps = raw.execute(f"explain query plan {compiled}", values).fetchall()
    return " · ".join(str(step[3]) for step in steps)


def _same(value: object) -> object:
    return value


_DE = "from mim_contact c where c.tenant = 'default' and c.status = 'active' and c.country = 'DE' order by c.id"
_POINTS = (
    "from mim_contact_point p join mim_contact c on c.tenant = p.tenant and c.id = p.contact_id"
    " where c.tenant = 'default' and c.status = 'active' and c.country = 'DE' order by c.id, p.position"
)


def _reading(store: mim.Store, raw: sqlite3.Connection, path: Path) -> list[Line]:
    some = store.contacts.count(DE)

    def ours() -> list[mim.Contact]:
        return list(store.contacts.stream(DE))

    def hand() -> list[tuple[object, ...]]:
        return [*raw.execute(f"select c.* {_DE}").fetchall(), *raw.execute(f"select p.* {_POINTS}").fetchall()]

    everyone = store.contacts.count()
    peaks = f"stream {peak_megabytes(streamed, path):.0f} MB, list {peak_megabytes(listed, path):.0f} MB"
    return [
        compare("read contacts as objects", "raw rows as tuples, contacts and points", some, ours=ours, hand=hand),
        report(
            "first page of 100 contacts",
            1,
            lambda: store.contacts.find(RULE, limit=100),
            note="the 4 conditions",
        ),
        Line(f"peak memory, all {everyone} contacts", "", everyone, None, None, None, note=peaks),
    ]


def streamed(path: Path) -> Callable[[], object]:
    """Read everybody once, keeping nobody."""
    store = _open(path)
    store.contacts.count()
    return lambda: sum(1 for _ in store.contacts.stream())


def listed(path: Path) -> Callable[[], object]:
    """Read everybody and keep them."""
    store = _open(path)
    store.contacts.count()
    return lambda: list(store.contacts.stream())
