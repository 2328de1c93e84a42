"""Fields that hold any number of values: words, codes, records. A collection is never missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NoReturn

from mimcore.errors import InvalidValueError, RuleSyntaxError, RuleTypeError, UnknownFieldError, nearest
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.language.handles import Field, FrameColumn
from mimcore.rules.language.literals import is_list, scalar, words
from mimcore.rules.language.rule import Rule
from mimcore.rules.writing.measures import WholeMeasure

__all__ = ["CodesField", "CollectionField", "ElementMeasure", "RecordsField", "TagsField"]

Condition = str | int | bool | date | datetime
_COMPARISONS: tuple[Literal["at_least", "more_than", "at_most", "less_than"], ...] = (
    "at_least",
    "more_than",
    "at_most",
    "less_than",
)
_WITHIN = "_within_days"


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

    def is_empty(self) -> Rule:
        """Nothing is known to be in it; the same as `is_missing()`. Never unknown."""
        return self.is_missing()

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

    def contains_none(self, *values: str | Iterable[str]) -> Rule:
        """None of these is in the collection. Never unknown: `& .is_known()` leaves the empty ones out."""
        return ~self.overlaps(*values)

    def count(self) -> ElementMeasure:
        """How many different words it holds; 0 where it is empty. Never unknown."""
        return ElementMeasure(self.spec.name)

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

    def any(self, **conditions: Condition) -> Rule:
        """At least one record has all these values. Never unknown.

        Args:
            **conditions: A field and its value, `kind="laptop"`; with a comparison, `followers_at_least=1000` (and
                `_more_than`, `_at_most`, `_less_than`); for an instant, `seen_within_days=90`.

        Raises:
            RuleSyntaxError: Without a condition; use `.is_known()`.
            UnknownFieldError: If the records have no such field.
        """
        if not conditions:
            raise RuleSyntaxError(f"{self!r}.any() needs a condition; use .is_known() to ask for any record at all")
        return nodes.HasRecord(field=self.spec.name, where=self._where(conditions))

    def none(self, **conditions: Condition) -> Rule:
        """No record has all these values; conditions as in `any`. Never unknown."""
        return ~self.any(**conditions)

    def count(self, **conditions: Condition) -> ElementMeasure:
        """How many records have all these values; conditions as in `any`, none for all records. Never unknown."""
        return ElementMeasure(self.spec.name, self._where(conditions))

    def _where(self, conditions: dict[str, Condition]) -> tuple[nodes.RecordCondition, ...]:
        inner = {spec.short: spec for spec in self.spec.record_fields}
        return tuple(_record(self.spec, inner, *one) for one in sorted(conditions.items()))


@dataclass(frozen=True, eq=False)
class ElementMeasure(WholeMeasure):
    """How many elements a collection holds."""

    name: str
    where: tuple[nodes.RecordCondition, ...] = ()

    def _counted(self, comparison: Any, value: int) -> Rule:
        return nodes.ElementCount(field=self.name, where=self.where, comparison=comparison, value=value)


def _record(spec: FieldSpec, inner: dict[str, FieldSpec], key: str, value: object) -> nodes.RecordCondition:
    if key in inner:
        return nodes.RecordCondition(name=key, value=scalar(inner[key], value))
    for comparison in _COMPARISONS:
        name = key.removesuffix(f"_{comparison}")
        if name != key and name in inner:
            return nodes.RecordCondition(name=name, comparison=comparison, value=scalar(inner[name], value))
    if key.endswith(_WITHIN):
        stem = key.removesuffix(_WITHIN)
        for name in (f"{stem}_at", f"last_{stem}_at"):
            if name in inner:
                days: Any = value
                return nodes.RecordCondition(name=name, comparison="within_last_days", value=days)
    raise UnknownFieldError(f"{spec.name} has no field '{key}'{nearest(key, inner)}")


def _flat(values: Iterable[Any]) -> list[Any]:
    return [word for value in values for word in (value if is_list(value) else [value])]
