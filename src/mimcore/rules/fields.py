"""Fields as typed handles: what a condition on each kind of field may be, so that nonsense cannot be written.

A field is not a rule: `==` on a field *builds* a rule, `==` on rules compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Generic, NoReturn, TypeGuard, TypeVar

from mimcore.errors import InvalidValueError, RuleSyntaxError, RuleTypeError
from mimcore.rules import nodes
from mimcore.rules.catalogue import FieldSpec
from mimcore.rules.handles import Field, FrameColumn, FreshnessMeasure
from mimcore.rules.literals import scalar, words
from mimcore.rules.nodes import Rule
from mimcore.rules.ordering import FieldKey, SortKey
from mimcore.values.money import Money

__all__ = [
    "AgeField",
    "BooleanField",
    "CodeField",
    "CodesField",
    "DateField",
    "Field",
    "FrameColumn",
    "FreshnessMeasure",
    "InstantField",
    "IntegerField",
    "MoneyField",
    "NumberField",
    "RecordsField",
    "TagsField",
    "TextField",
]

V = TypeVar("V")


def _is_list(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, list | tuple | set | frozenset)


class ScalarField(Field, Generic[V]):
    """A field with at most one value; it can be compared, and sorted by."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def sort_key(self) -> SortKey:
        """Return it as something to sort by, the smallest value first."""
        return SortKey(FieldKey(self.spec))

    def descending(self) -> SortKey:
        """Return it as something to sort by, the greatest value first; missing values come last all the same."""
        return -self.sort_key()

    __neg__ = descending

    def __eq__(self, value: V) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """The value is this one; unknown where it is missing."""
        return nodes.Equals(field=self.spec.name, value=scalar(self.spec, value))

    def __ne__(self, value: V) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """The value is another one; unknown where it is missing."""
        return ~(self == value)

    def is_not(self, value: V, *, or_missing: bool = False) -> Rule:
        """The value is another one; with `or_missing`, or there is none."""
        rule = self != value
        return rule.or_missing() if or_missing else rule

    def is_in(self, *values: V | Iterable[V]) -> Rule:
        """The value is one of these, given one by one or as one list; unknown where it is missing."""
        given: list[Any] = []
        for value in values:
            given += value if _is_list(value) else [value]
        return nodes.IsIn(field=self.spec.name, values=words(self.spec, given))


class OrderedField(ScalarField[V]):
    """A field whose values have an order. Write a range as `is_between`, not as a chained comparison."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def _compare(self, op: Any, value: object) -> Rule:
        return nodes.Compare(op=op, field=self.spec.name, value=scalar(self.spec, value))

    def __ge__(self, value: V) -> Rule:
        """At least this."""
        return self._compare("at_least", value)

    def __gt__(self, value: V) -> Rule:
        """More than this."""
        return self._compare("more_than", value)

    def __le__(self, value: V) -> Rule:
        """At most this."""
        return self._compare("at_most", value)

    def __lt__(self, value: V) -> Rule:
        """Less than this."""
        return self._compare("less_than", value)

    def is_between(self, low: V, high: V) -> Rule:
        """From `low` to `high`, both included; unknown where the value is missing."""
        return nodes.Between(field=self.spec.name, low=scalar(self.spec, low), high=scalar(self.spec, high))


class TextField(ScalarField[str]):
    """Free text, compared folded: without regard to case, width or repeated spaces."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def _text(self, op: Any, piece: str) -> Rule:
        return nodes.TextTest(op=op, field=self.spec.name, value=str(scalar(self.spec, piece)))

    def contains(self, piece: str) -> Rule:
        """The text contains this piece; an empty piece is refused."""
        return self._text("contains", piece)

    def starts_with(self, piece: str) -> Rule:
        """The text starts with this piece."""
        return self._text("starts_with", piece)

    def ends_with(self, piece: str) -> Rule:
        """The text ends with this piece."""
        return self._text("ends_with", piece)


class CodeField(ScalarField[str]):
    """One value of a controlled vocabulary; a code outside it is refused with the nearest one."""

    __slots__ = ()
    __hash__ = Field.__hash__


class BooleanField(ScalarField[bool]):
    """Yes or no. Use `is_true()` and `is_false()`; a missing value is neither."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def is_true(self) -> Rule:
        """Known, and yes."""
        return self == True  # noqa: E712 - builds a rule

    def is_false(self) -> Rule:
        """Known, and no."""
        return self == False  # noqa: E712 - builds a rule


class IntegerField(OrderedField[int]):
    """A whole number (64 bits)."""

    __slots__ = ()
    __hash__ = Field.__hash__


class NumberField(OrderedField[float]):
    """A finite number."""

    __slots__ = ()
    __hash__ = Field.__hash__


class AgeField(OrderedField[int]):
    """Age in whole years at `now`; decided from a birth date, a birth year or an age band where that is enough."""

    __slots__ = ()
    __hash__ = Field.__hash__


class MoneyField(OrderedField[Money]):
    """An amount of money; compared only with the same currency, otherwise unknown."""

    __slots__ = ()
    __hash__ = Field.__hash__


class MomentField(OrderedField[V]):
    """A date or an instant, with rolling windows round `now`."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def _window(self, op: Any, days: int) -> Rule:
        return nodes.Window(op=op, field=self.spec.name, days=days)

    def within_days(self, days: int) -> Rule:
        """In `[now − days, now]`, both included."""
        return self._window("within_last_days", days)

    def older_than_days(self, days: int) -> Rule:
        """Before `now − days`."""
        return self._window("older_than_days", days)

    def within_next_days(self, days: int) -> Rule:
        """In `(now, now + days]`."""
        return self._window("within_next_days", days)


class DateField(MomentField[date | str]):
    """A date without a time; windows count local days in the rule's zone."""

    __slots__ = ()
    __hash__ = Field.__hash__


class InstantField(MomentField[datetime | str]):
    """An instant; windows count days of 86 400 seconds."""

    __slots__ = ()
    __hash__ = Field.__hash__


class CollectionField(Field):
    """A field with any number of values; never missing."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def __eq__(self, value: object) -> NoReturn:
        """Refuse: a collection is asked what it holds."""
        raise RuleTypeError(
            f"{self!r} is a collection: use .overlaps(...), .contains_all(...), .any(...) or .is_missing()"
        )

    __ne__ = __eq__

    def __neg__(self) -> NoReturn:
        """Refuse: people are sorted by single values."""
        raise RuleTypeError(f"{self!r} is a collection: people are sorted by single values")


class TagsField(CollectionField):
    """A collection of words, compared folded; never missing: no known word is an empty collection."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def overlaps(self, *values: str | Iterable[str]) -> Rule:
        """At least one of these is in the collection. Never unknown: `& .is_known()` leaves the empty ones out."""
        return nodes.Overlaps(op="overlaps", field=self.spec.name, values=words(self.spec, _flat(values)))

    def contains_all(self, *values: str | Iterable[str]) -> Rule:
        """All of these are in the collection. Never unknown."""
        return nodes.Overlaps(op="contains_all", field=self.spec.name, values=words(self.spec, _flat(values)))

    def split(self, separator: str) -> FrameColumn:
        """Say that a frame's column holds this collection as one text, such as `cycling; running`.

        Args:
            separator: What stands between the words; white space round them is dropped.

        Returns:
            What `columns={"Hobbies": …}` of `mim.filter` takes.

        Raises:
            InvalidValueError: If the separator is empty.

        Examples:
            >>> import mimcore as mim
            >>> mim.fields.contact.interests.split(";").separator
            ';'
        """
        if not separator:
            raise InvalidValueError("separator", "is empty", "give the text between the words, such as ';'")
        return FrameColumn(self.spec, separator)


class CodesField(TagsField):
    """A collection of vocabulary values, compared exactly."""

    __slots__ = ()
    __hash__ = Field.__hash__


class RecordsField(CollectionField):
    """A collection of small records, such as devices; never missing."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def any(self, **conditions: str | int | bool | date | datetime) -> Rule:
        """At least one record has all these values. Never unknown.

        Raises:
            RuleSyntaxError: Without a condition; use `.is_known()`.
            UnknownFieldError: If the records have no such field.
        """
        if not conditions:
            raise RuleSyntaxError(f"{self!r}.any() needs a condition; use .is_known() to ask for any record at all")
        inner = {spec.short: spec for spec in self.spec.record_fields}
        return nodes.HasRecord(
            field=self.spec.name, where=tuple(_record(self.spec, inner, *one) for one in sorted(conditions.items()))
        )


def _record(spec: FieldSpec, inner: dict[str, FieldSpec], name: str, value: object) -> nodes.RecordCondition:
    if name not in inner:
        from mimcore.errors import UnknownFieldError, nearest

        raise UnknownFieldError(f"{spec.name} has no field '{name}'{nearest(name, inner)}")
    return nodes.RecordCondition(name=name, value=scalar(inner[name], value))


def _flat(values: Iterable[str | Iterable[str]]) -> list[str]:
    return [word for value in values for word in ([value] if isinstance(value, str) else value)]
