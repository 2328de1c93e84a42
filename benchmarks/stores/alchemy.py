"""The same work beside advanced-alchemy: a repository over a mapped class with the same columns, in one table.

It is no dependency of the project: `pip install advanced-alchemy` to see its lines. It keeps no contact points, no
states of values, no history and no outbox; ours writes all of them.
"""

# The library is rarely installed.
# mypy: disable-error-code="import-not-found,misc,no-any-return"

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Column, Engine, MetaData, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Session

import mimcore as mim
from benchmarks.stores.by_hand import COLUMNS, ByHand
from benchmarks.stores.customers import NOW, SECRET, SOURCE, accounts, contact, dicts
from benchmarks.timing import Line, line, race
from mimcore.sql import prepare_engine
from mimcore.sql.tables import schema

__all__ = ["measure"]
CUSTOMERS = 5_000
ASKED = 300
ROUNDS = 3


def measure(scale: float) -> list[Line]:
    """Measure on SQLite, or say that there is nothing to measure with."""
    if find_spec("advanced_alchemy") is None:
        return [Line("advanced-alchemy", "", 0, None, None, None, note="not installed: nothing was measured")]
    with TemporaryDirectory() as folder:
        return _Peers(Path(folder), int(CUSTOMERS * scale)).measured()


class _Peers:
    def __init__(self, folder: Path, made: int) -> None:
        self._folder, self._numbers = folder, count()
        self._companies = accounts(made)
        self._given = list(dicts(made, self._companies))
        self._model = _model()
        self._baseline = f"advanced-alchemy {version('advanced-alchemy')}"

    def measured(self) -> list[Line]:
        """Race both, then read what the first of each has written."""
        store, engine = self._store(), self._engine()
        self._ours(store)
        self._theirs(engine)
        made = len(self._given)
        assert store.contacts.count() == made == len(self._listed(engine))
        written = race(
            {"ours": lambda: self._ours(self._store()), "theirs": lambda: self._theirs(self._engine())},
            ROUNDS,
            is_warmed_up=False,
        )
        ids = Random(4).sample([one["id"] for one in self._given], min(ASKED, made))
        gotten = race(
            {
                "ours": lambda: [store.contacts.get(one) for one in ids],
                "theirs": lambda: [self._gotten(engine, one) for one in ids],
            },
            ROUNDS,
        )
        listed = race({"ours": lambda: list(store.contacts.stream()), "theirs": lambda: self._listed(engine)}, ROUNDS)
        store.close()
        engine.dispose()
        note = "theirs writes one table; ours also points, links, states, history, outbox"
        return [
            self._line("upsert_many of dicts, insert", made, written, note),
            self._line("get one by id", len(ids), gotten, "a session or transaction each; ours with points and links"),
            self._line("list everybody", made, listed, "ours with points and links"),
        ]

    def _line(self, case: str, items: int, seconds: dict[str, list[float]], note: str) -> Line:
        return line(f"SQLite: {case}", self._baseline, items, seconds["ours"], seconds["theirs"], note)

    def _store(self) -> mim.Store:
        url = f"sqlite:///{self._folder / f'ours{next(self._numbers)}.db'}"
        store = mim.connect(url, actor="bench", clock=lambda: NOW, secret=SECRET)
        with store.begin(source=SOURCE) as work:
            work.add(*self._companies)
        return store

    def _ours(self, store: mim.Store) -> None:
        with store.begin(source=SOURCE) as work:
            work.upsert_many(contact(one) for one in self._given)

    def _engine(self) -> Engine:
        engine = create_engine(f"sqlite:///{self._folder / f'theirs{next(self._numbers)}.db'}")
        prepare_engine(engine)
        self._model.metadata.create_all(engine)
        return engine

    def _theirs(self, engine: Engine) -> None:
        hand = ByHand(_same, _same, _same, _same)
        with Session(engine) as session:
            rows = hand.rows(self._given, 1)["mim_contact"]
            people = [self._model(**dict(zip(COLUMNS["mim_contact"], row, strict=True))) for row in rows]
            _repository(self._model)(session=session, auto_refresh=False).upsert_many(people, auto_commit=True)

    def _gotten(self, engine: Engine, one: Any) -> Any:
        with Session(engine) as session:
            return _repository(self._model)(session=session).get(one)

    def _listed(self, engine: Engine) -> Any:
        with Session(engine) as session:
            return _repository(self._model)(session=session).list()


def _model() -> Any:
    class Base(DeclarativeBase):
        metadata = MetaData()

    columns = [
        Column(one.name, one.type, primary_key=one.name == "id", nullable=one.nullable) for one in schema.contact.c
    ]
    table = Table("customer", Base.metadata, *columns)

    class Customer(Base):
        __table__ = table

    return Customer


def _repository(model: Any) -> Callable[..., Any]:
    from advanced_alchemy.repository import SQLAlchemySyncRepository

    if model not in _MADE:
        _MADE[model] = type("Customers", (SQLAlchemySyncRepository,), {"model_type": model})
    return _MADE[model]


_MADE: dict[Any, Any] = {}


def _same(value: Any) -> Any:
    return value
