"""Records as data frames: a row each, and beside the columns how fresh their values are, where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeGuard

from mimcore.domain.contact import Contact
from mimcore.frames.making import frame_maker
from mimcore.repositories.facts import states_by_field
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.pools import FRESH_KEY, FRESH_POOL
from mimcore.values.location import Location

__all__ = ["contact_frame"]

_PAGE = 2000


def contact_frame(
    work: UnitOfWork,
    contacts: Iterable[Contact],
    specs: Sequence[FieldSpec],
    names: Sequence[str],
    *,
    kind: str,
    today: date,
    freshness: bool,
) -> Any:
    """Return contacts as a data frame with their ids and the columns of fields.

    Args:
        work: The open transaction, which knows how fresh values are.
        contacts: The contacts, read as they come.
        specs: Fields.
        names: Names of their columns.
        kind: pandas or polars.
        today: The local date for ages.
        freshness: Whether the key and the pool of every value stand beside; an age follows from others and has none.

    Raises:
        InvalidValueError: If it is another kind.
        MissingExtraError: If the library is not installed.
    """
    made, aged = frame_maker(kind), [spec for spec in specs if freshness and spec.kind is not Kind.AGE]
    rows, ages = list[tuple[Any, ...]](), [_Ages() for _ in aged]
    for page in portions(contacts, _PAGE):
        rows += [(str(one.id), *(_value(spec, one, today) for spec in specs)) for one in page]
        if aged:
            _read_ages(work, page, aged, ages)
    frame = made(rows, ["id", *names])
    if not aged:
        return frame
    stems = [name for name, spec in zip(names, specs, strict=True) if spec.kind is not Kind.AGE]
    return _with_ages(frame, kind, dict(zip(stems, ages, strict=True)))


class _Ages:
    """Keys and pools of one column."""

    def __init__(self) -> None:
        self.keys: list[int | None] = []
        self.pools: list[str | None] = []


def _read_ages(work: UnitOfWork, page: Sequence[Contact], specs: Sequence[FieldSpec], ages: Sequence[_Ages]) -> None:
    found = work.transaction.freshness.of([one.id for one in page])
    for contact in page:
        states = states_by_field(contact, found.get(contact.id, ()))
        for spec, column in zip(specs, ages, strict=True):
            state = states.get(spec.name)
            column.keys.append(None if state is None else state.key)
            column.pools.append(None if state is None else state.pool)


def _with_ages(frame: Any, kind: str, ages: dict[str, _Ages]) -> Any:
    """Put typed columns beside: keys of 64 bits are no floats, whatever a library makes of gaps."""
    if kind == "polars":
        import polars as pl

        more = [
            series
            for name, one in ages.items()
            for series in (
                pl.Series(f"{name}{FRESH_KEY}", one.keys, pl.Int64),
                pl.Series(f"{name}{FRESH_POOL}", one.pools, pl.String),
            )
        ]
        return frame.with_columns(more)
    import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

    columns: dict[str, Any] = {}
    for name, one in ages.items():
        columns[f"{name}{FRESH_KEY}"] = pd.array(one.keys, dtype="Int64")
        columns[f"{name}{FRESH_POOL}"] = one.pools
    return pd.concat([frame, pd.DataFrame(columns)], axis=1)


def _value(spec: FieldSpec, contact: Contact, today: date) -> Any:
    return contact.age_on(today) if spec.kind is Kind.AGE else _cell(spec.read(contact))


def _is_many(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _cell(value: Any) -> Any:
    if _is_many(value):
        return [_cell(one) for one in value]
    amount = getattr(value, "amount", None)
    if amount is not None:
        return float(amount)
    if isinstance(value, Location):
        return value.text
    return getattr(value, "value", value) if not hasattr(value, "model_dump") else value.model_dump(mode="json")
