"""The same question on five engines: Python facts, the in-memory store, SQLite, Polars and pandas."""

from __future__ import annotations

from typing import Any

import mimcore as mim
from demo.cast import NOW
from demo.segments import COLUMNS
from mimcore import frames
from mimcore.repositories.facts import facts_of
from mimcore.store.store import Store

__all__ = ["Engines"]


class Engines:
    """One store's people, ready for every engine."""

    names = ("Python", "memory", "SQLite", "Polars", "pandas")

    def __init__(self, store: Store) -> None:
        """Copy the people of a store to the other engines."""
        self._store = store
        with store.read() as work:
            people = list(work.contacts.stream())
            accounts = {one.id: one for one in work.accounts.all()}
            events = list(work.transaction.interactions.all())
            self._facts = list(facts_of(work.transaction, people, NOW).values())
        self._memory = mim.connect("memory:", clock=lambda: NOW)
        with self._memory.begin() as work:
            work.add(*accounts.values(), *people)
            work.transaction.interactions.add(events)
        happened = [
            {
                "id": str(one.contact_id),
                "at": one.at,
                "kind": one.kind,
                "value": None if one.value is None else one.value.minor_units / 100,
                "campaign": one.campaign,
            }
            for one in events
        ]
        self._frames = [_frame(store, kind, accounts, people, happened) for kind in ("polars", "pandas")]

    def counts(self, rule: mim.Rule) -> dict[str, int]:
        """Return the number of members by engine."""
        python = sum(mim.evaluate(rule, facts) is True for facts in self._facts)
        in_frames = [frames.count(people, rule, events=events, now=NOW) for people, events in self._frames]
        found = (python, self._memory.contacts.count(rule), self._store.contacts.count(rule), *in_frames)
        return dict(zip(self.names, found, strict=True))


def _frame(store: Store, kind: str, accounts: Any, people: Any, happened: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return a frame of people, with what their primary accounts add, and one of events."""
    frame = store.contacts.to_frame(columns=COLUMNS, kind=kind)
    own = [accounts.get(one.primary_account_id) for one in people]
    employees = [None if one is None else one.firmographic.employees for one in own]
    stack = [None if one is None else list(one.technology.stack) for one in own]
    if kind == "polars":
        import polars as pl

        people_frame = frame.with_columns(
            pl.Series("account_employees", employees, pl.Int64), pl.Series("account_stack", stack, pl.List(pl.String))
        )
        events = pl.DataFrame(
            happened, schema_overrides={"at": pl.Datetime("us", "UTC"), "value": pl.Float64}, infer_schema_length=None
        )
    else:
        import pandas as pd

        people_frame = frame.assign(account_employees=pd.array(employees, dtype="Int64"), account_stack=stack)
        events = pd.DataFrame(happened)
    return people_frame, frames.events(
        events, contact="id", at="at", kind="kind", value="value", currency="USD", campaign="campaign"
    )
