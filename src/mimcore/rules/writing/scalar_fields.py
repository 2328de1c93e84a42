"""Fields as typed handles: what a condition on each kind of field may be, so that nonsense cannot be written.

A field is not a rule: `==` on a field *builds* a rule, `==` on rules compares them. Here are those with one value;
moments are in `moment_fields`, collections in `collection_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.language.literals import is_list, scalar, words
from mimcore.rules.language.nodes import Rule
from mimcore.rules.ordering import FieldKey, SortKey
from mimcore.values.money import Money

__all__ = [
    "AgeField",
    "BooleanField",
    "CodeField",
    "IntegerField",
    "KeyField",
    "MoneyField",
    "NumberField",
    "OrderedField",
    "ScalarField",
    "TextField",
]

V = TypeVar("V")


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

    def __eq__(self, value: V | ScalarField[V]) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """The value is this one, or that of another field; unknown where one is missing."""
        if isinstance(value, Field):
            return self._paired("equals", value)
        return nodes.Equals(field=self.spec.name, value=scalar(self.spec, value))

    def __ne__(self, value: V | ScalarField[V]) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """The value is another one; unknown where it is missing."""
        return ~(self == value)

    def _paired(self, comparison: Any, other: Field) -> Rule:
        return nodes.CompareFields(field=self.spec.name, comparison=comparison, other=other.spec.name)

    def changed(self, *, within_days: int) -> Rule:
        """A known value was replaced by a different one, observed in `[now − within_days, now]`. Never unknown.

        The first value, clearing it, the correction of a typing error and merging records are no changes.
        """
        return nodes.ChangedWithin(field=self.spec.name, days=within_days)

    def has_ever_been(self, value: V) -> Rule:
        """The value or any recorded one before it is this one; unknown where none was ever recorded."""
        return nodes.EverBeen(field=self.spec.name, value=scalar(self.spec, value))

    def has_never_been(self, value: V) -> Rule:
        """No recorded value is this one; unknown where none was ever recorded."""
        return ~self.has_ever_been(value)

    def is_not(self, value: V, *, or_missing: bool = False) -> Rule:
        """The value is another one; with `or_missing`, or there is none."""
        rule = self != value
        return rule.or_missing() if or_missing else rule

    def is_in(self, *values: V | Iterable[V]) -> Rule:
        """The value is one of these, given one by one or as one list; unknown where it is missing."""
        given: list[Any] = []
        for value in values:
            given += value if is_list(value) else [value]
        return nodes.IsIn(field=self.spec.name, values=words(self.spec, given))


class OrderedField(ScalarField[V]):
    """A field whose values have an order. Write a range as `is_between`, not as a chained comparison."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def _compare(self, op: Any, value: object) -> Rule:
        if isinstance(value, Field):
            return self._paired(op, value)
        return nodes.Compare(op=op, field=self.spec.name, value=scalar(self.spec, value))

    def __ge__(self, value: V | ScalarField[V]) -> Rule:
        """Compared by size or time; `>=` and `<=` include the value itself; unknown where one is missing."""
        return self._compare("at_least", value)

    def __gt__(self, value: V | ScalarField[V]) -> Rule:
        """More than this."""
        return self._compare("more_than", value)

    def __le__(self, value: V | ScalarField[V]) -> Rule:
        """At most this."""
        return self._compare("at_most", value)

    def __lt__(self, value: V | ScalarField[V]) -> Rule:
        """Less than this."""
        return self._compare("less_than", value)

    def is_between(self, low: V, high: V) -> Rule:
        """From `low` to `high`, both included; unknown where the value is missing."""
        return nodes.Between(field=self.spec.name, low=scalar(self.spec, low), high=scalar(self.spec, high))


class TextTests(Field):
    """What can be asked of a piece of text, folded or exact."""

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

    def matches(self, pattern: str) -> Rule:
        """The whole text matches a pattern.

        Args:
            pattern: `*` is any text, `?` one character, and a backslash takes the next character literally.
        """
        return self._text("matches", pattern)


class TextField(TextTests, ScalarField[str]):
    """Free text, compared folded: without regard to case, width or repeated spaces."""

    __slots__ = ()
    __hash__ = Field.__hash__


class CodeField(ScalarField[str]):
    """One value of a controlled vocabulary; a code outside it is refused with the nearest one."""

    __slots__ = ()
    __hash__ = Field.__hash__


class KeyField(TextTests, CodeField):
    """Text that is a key, such as a campaign's: no vocabulary, and compared exactly, letter by letter."""

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
