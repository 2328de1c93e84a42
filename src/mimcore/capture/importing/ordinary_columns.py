"""The columns of a file by what they become, each with a memory of what its texts became."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import BaseModel

from mimcore.capture.importing.field_judges import Judge, checks_of, judge_of
from mimcore.capture.mapping.cells import CellReader
from mimcore.capture.mapping.targets import LOCATION_HALVES
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact, ExternalId
from mimcore.values.codes import country
from mimcore.values.construct import built, template
from mimcore.values.names import PersonName

__all__ = ["Column", "Columns", "Gathered", "Holder", "columns_of"]

Cells = Sequence[tuple[int, CellReader]]
"""Columns of one target: their places in a row (-1 for a constant), and what reads them."""

_REMEMBERED = 10_000
_MOMENTS = ("contact.acquisition.at", "observed_at")
_GATHERED = ("custom", "social_profiles")
_NEIGHBOURLY = ("contact.demographic.age_band", "contact.demographic.age_band_on")


class _Memory(dict[Any, Any]):
    """What the texts of a column became; a text that is new is read, and remembered while there is room."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Any) -> Any:
        value = self._read(text)
        if len(self) < _REMEMBERED:
            self[text] = value
        return value


class Column(NamedTuple):
    """One target of a row: what it is called, which cells it takes, and what their texts become."""

    name: str
    pick: Callable[[Sequence[str]], Any]
    known: Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Holder:
    """An object inside a contact that several columns fill: a group of attributes, or the name."""

    name: str
    model: type[BaseModel]
    parts: tuple[Column, ...]
    defaults: dict[str, Any]
    given: set[str]
    checks: tuple[Callable[[Any], Any], ...]
    needs: tuple[str, ...]

    def made(self, values: Mapping[str, Any]) -> Any:
        """Return the object of some values, or None if it lacks what it needs.

        Raises:
            InvalidValueError: If they do not fit together.
        """
        whole = {**self.defaults, **values}
        if self.needs and not any(whole[name] for name in self.needs):
            return None
        one = built(self.model, whole, self.given)
        for check in self.checks:
            check(one)
        return one


class Gathered(NamedTuple):
    """A field of a contact that gathers what several columns say: custom values, profiles."""

    name: str
    parts: tuple[Column, ...]
    made: Callable[[Mapping[str, Any]], Any]
    """Makes the field of values by the names of the columns; raises a ValueError if they are refused."""


@dataclass
class Columns:
    """The columns of a file by what they become.

    Attributes:
        own: Fields of the contact that are known from their texts alone, groups of a single column among them.
        given: Names of the contact's fields that may be filled.
        clamp: Reads an instant that must not lie in the future.
    """

    own: list[Column] = field(default_factory=list[Column])
    holders: list[Holder | Gathered] = field(default_factory=list[Holder | Gathered])
    emails: list[Column] = field(default_factory=list[Column])
    phones: list[Column] = field(default_factory=list[Column])
    consents: list[Column] = field(default_factory=list[Column])
    external_id: Column | None = None
    observed_at: Column | None = None
    account: Column | None = None
    given: set[str] = field(default_factory=lambda: {"id"})
    clamp: Callable[[Any, str], datetime] | None = None


def columns_of(
    cells: Iterable[tuple[int, CellReader]], account_of: Callable[[Mapping[str, Any]], Account | None]
) -> Columns | None:
    """Sort columns by what they become; None if one of them must be read with its neighbours.

    Args:
        cells: Columns with their places.
        account_of: Makes an account of values by target.
    """
    by_target: dict[str, list[tuple[int, CellReader]]] = {}
    for place, cell in cells:
        by_target.setdefault(cell.column.field, []).append((place, cell))
    sorting = _Sorting(by_target)
    is_whole = all(sorting.takes(target) for target in by_target if not target.startswith("account."))
    if not is_whole or not sorting.holds_all():
        return None
    sorting.take_account(account_of)
    return sorting.columns


class _Sorting:
    """Puts each target where it belongs."""

    def __init__(self, by_target: Mapping[str, Cells]) -> None:
        self.columns = Columns()
        self._by_target = by_target
        self._held: dict[str, dict[str, Column]] = {}
        self._gathered: dict[str, list[Column]] = {}

    def takes(self, target: str) -> bool:
        """Put one target where it belongs; False if it cannot be read alone."""
        cells, (first, _, rest) = self._by_target[target], target.partition(".")
        head, _, part = rest.partition(".")
        if (
            target in _NEIGHBOURLY
            or target.endswith(LOCATION_HALVES)
            or first not in {"contact", "consent", "observed_at"}
        ):
            return False
        if first == "consent":
            self.columns.consents.append(_column(rest, cells, None))
        elif target == "observed_at":
            self.columns.observed_at = self._moment(target, cells)
        elif target in {"contact.emails", "contact.phones"}:
            several = self.columns.emails if head == "emails" else self.columns.phones
            several += [_column(head, [one], None) for one in cells]
            self.columns.given.add(head)
        elif target == "contact.external_id":
            self.columns.external_id = _column("value", cells, judge_of(ExternalId, "value"))
            self.columns.given.add("external_ids")
        elif target == "contact.name":
            self.columns.own.append(_column("name", cells, None))
        else:
            return self._takes_field(target, cells, head, part)
        return True

    def _takes_field(self, target: str, cells: Cells, head: str, part: str) -> bool:
        if head in _GATHERED:
            self._gathered.setdefault(head, []).append(_column(part, cells, None))
            return True
        model = PersonName if head == "name" else Contact.model_fields[head].annotation if part else Contact
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            return False
        judge = judge_of(model, part or head)
        if judge is None:
            return False
        column = self._moment(target, cells, judge) if target in _MOMENTS else _column(part or head, cells, judge)
        if target.endswith(".country"):
            column = _column(part, cells, lambda value: judge(country(value, "")))
        if part:
            self._held.setdefault(head, {})[part] = column
        else:
            self.columns.own.append(column)
            self.columns.given.add(head)
        return True

    def _moment(self, target: str, cells: Cells, judge: Judge | None = None) -> Column:
        """Return a column of instants, which must not lie in the future of the moment at which they are read."""
        columns = self.columns

        def read(value: Any) -> Any:
            found = value if columns.clamp is None else columns.clamp(value, "")
            return found if judge is None else judge(found)

        return _column(target.rpartition(".")[2], cells, read)

    def holds_all(self) -> bool:
        """Make the objects that several columns fill; False if one of them does more than check its values."""
        if "name" in self._held and any(one.name == "name" for one in self.columns.own):
            return False
        for name, parts in self._held.items():
            model: Any = PersonName if name == "name" else Contact.model_fields[name].annotation
            checks = () if name == "name" else checks_of(model)
            if checks is None:
                return False
            needs = ("given", "family") if name == "name" else ()
            held = Holder(name, model, tuple(parts.values()), template(model), {*parts}, checks, needs)
            if len(parts) == 1:
                self.columns.own.append(_single(held))
            else:
                self.columns.holders.append(held)
            self.columns.given.add(name)
        return all(self._gathers(name, parts) for name, parts in self._gathered.items())

    def _gathers(self, name: str, parts: Sequence[Column]) -> bool:
        judge = judge_of(Contact, name)
        if judge is None:
            return False

        def made(values: Mapping[str, Any]) -> Any:
            return judge(values if name == "custom" else tuple(chain.from_iterable(values.values())))

        self.columns.holders.append(Gathered(name, tuple(parts), made))
        self.columns.given.add(name)
        return True

    def take_account(self, account_of: Callable[[Mapping[str, Any]], Account | None]) -> None:
        """Read the cells about an account together: most accounts come in many rows."""
        targets = [target for target in self._by_target if target.startswith("account.")]
        if not targets:
            return
        parts = [(target, place, cell) for target in targets for place, cell in self._by_target[target]]

        def read(texts: Any) -> Account | None:
            found: dict[str, Any] = {}
            for (target, _, cell), text in zip(parts, texts, strict=True):
                value = cell.fresh(text)
                if value is not None:
                    value = country(value, "") if target.endswith(".country") else value
                    found[target] = (*found[target], *value) if target in found else value
            return account_of(found)

        places = [place for _, place, _ in parts]
        self.columns.account = Column("account", _picker(places, is_many=True), _Memory(read))


def _single(holder: Holder) -> Column:
    """Return the column of a holder that has only one: rows of one text share the object."""
    (part,) = holder.parts

    def read(text: Any) -> Any:
        value = part.known[text]
        return None if value is None else holder.made({part.name: value})

    return Column(holder.name, part.pick, _Memory(read))


def _column(name: str, cells: Cells, judge: Judge | None) -> Column:
    """Return a column; several cells of one target are one value."""
    places = [place for place, _ in cells]
    readers = [cell for _, cell in cells]

    def read_one(text: Any) -> Any:
        value = readers[0].fresh(text)
        return value if value is None or judge is None else judge(value)

    def read_many(texts: Any) -> Any:
        found = (cell.fresh(text) for cell, text in zip(readers, texts, strict=True))
        values = [value for value in found if value is not None]
        if not values:
            return None
        whole = values[0] if len(values) == 1 else tuple(one for value in values for one in value)
        return whole if judge is None else judge(whole)

    is_many = len(cells) > 1
    return Column(name, _picker(places, is_many=is_many), _Memory(read_many if is_many else read_one))


def _picker(places: Sequence[int], *, is_many: bool) -> Callable[[Sequence[str]], Any]:
    """Return what takes cells out of a row; a constant has none."""
    if not is_many:
        return itemgetter(places[0]) if places[0] >= 0 else lambda _: ""
    if len(places) > 1 and min(places) >= 0:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] if place >= 0 else "" for place in places)
