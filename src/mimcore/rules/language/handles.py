"""What every field handle can do, whatever its kind; and why a handle has no truth value.

A field is not a rule: `==` on a field *builds* a rule, `==` on rules compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn

from mimcore.errors import RuleSyntaxError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, default_catalogue
from mimcore.rules.language.nodes import Rule
from mimcore.values.unknown_names import SaysWhatItHas

__all__ = ["Field", "FrameColumn", "FreshnessMeasure", "Handle", "probability"]


@dataclass(frozen=True, slots=True)
class FrameColumn:
    """A field as a frame's column brings it: a collection as one text with a separator, one half of a location."""

    spec: FieldSpec
    separator: str | None = None
    part: Literal["latitude", "longitude"] | None = None


_SPELLINGS: Mapping[str, str] = {
    "between": ".is_between(low, high)",
    "isin": ".is_in(...)",
    "one_of": ".is_in(...)",
    "startswith": ".starts_with(...)",
    "endswith": ".ends_with(...)",
    "like": ".matches(...) with * and ?, or .contains(...)",
    "ilike": ".matches(...) with * and ?: case never matters",
    "lower": "the comparison alone: case never matters",
    "upper": "the comparison alone: case never matters",
    "eq": "==",
    "equals": "==",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "desc": "sort=-field",
    **dict.fromkeys(("is_null", "isnull", "isna", "is_na", "is_none", "is_nan"), ".is_missing()"),
    **dict.fromkeys(("is_not_null", "notnull", "notna", "not_null", "exists"), ".is_known()"),
}
"""What other libraries call it."""


class Handle(SaysWhatItHas):
    """Something that builds rules and has no truth value itself."""

    _instead: ClassVar[Mapping[str, str]] = _SPELLINGS
    _comparing: ClassVar[str] = ".is_known() or .is_missing()"
    """How it is compared, for an error."""

    def __bool__(self) -> NoReturn:
        """Refuse: see the message for the right spelling."""
        raise RuleSyntaxError(
            f"{self!r} has no truth value: compare it (`>= 3`, `.is_known()`), write `a & b` instead of `a and b`, and "
            "`.is_between(18, 30)` instead of `18 <= x <= 30`"
        )

    def _bare(self, _other: object) -> NoReturn:
        raise RuleSyntaxError(
            f"{self!r} is not a rule: Python reads `rule & field >= 3` as `(rule & field) >= 3`; put brackets round "
            "each comparison: `rule & (field >= 3)`"
        )

    __and__ = __rand__ = __or__ = __ror__ = _bare

    def __invert__(self) -> NoReturn:
        """Refuse: only rules have an opposite."""
        raise RuleSyntaxError(f"{self!r} is not a rule: compare it first, or write .is_missing()")

    def _incomparable(self) -> RuleTypeError:
        return RuleTypeError(f"{self!r} cannot be compared like this: use {self._comparing}")

    if not TYPE_CHECKING:  # a checker that saw these would accept every comparison

        def _unordered(self, _other: object) -> NoReturn:
            raise self._incomparable()

        __lt__ = __le__ = __gt__ = __ge__ = _unordered
        __eq__ = __ne__ = _unordered  # Python's own would be a silent False
        __hash__ = object.__hash__

        def __contains__(self, _value: object) -> NoReturn:
            """Refuse: Python makes a truth value of whatever `in` returns."""
            raise RuleSyntaxError(
                f"Python's `in` cannot build a rule: write {self!r}.is_in(...), of a collection .overlaps(...), "
                "of text .contains(...)"
            )


class Field(Handle):
    """A declared field. `.is_known()` and `.is_missing()` work on every kind.

    Attributes:
        spec: The field's declaration.
    """

    __slots__ = ("spec",)

    _comparing: ClassVar[str] = "==, != or .is_in(...): its values have no order"

    def __init__(self, spec: FieldSpec | str) -> None:
        """Refer to a declared field.

        Args:
            spec: The declaration, or the canonical name of a built-in field.
        """
        self.spec = spec if isinstance(spec, FieldSpec) else default_catalogue()[spec]

    def __repr__(self) -> str:
        """The field's canonical name."""
        return f"f.{self.spec.name}"

    def __hash__(self) -> int:
        """Fields are keys of column maps."""
        return hash(self.spec.name)

    def _called(self) -> str:
        return repr(self)

    def same_as(self, other: object) -> bool:
        """Tell whether both are handles of one field; `==` would build a rule."""
        return isinstance(other, Field) and other.spec.name == self.spec.name

    def is_known(self) -> Rule:
        """The field has a value; a collection: at least one. Never unknown."""
        return nodes.Known(field=self.spec.name)

    def is_missing(self) -> Rule:
        """The field has no value. Never unknown."""
        return ~self.is_known()

    def freshness(self) -> FreshnessMeasure:
        """The probability that the value is still right; compare with `>=` or `<` and a number in (0, 1]."""
        return FreshnessMeasure(self.spec)

    def is_undated(self) -> Rule:
        """There is a value, and nobody knows since when it has been right. Never unknown."""
        return nodes.Undated(field=self.spec.name)


class FreshnessMeasure(Handle):
    """Freshness of one field's value; compared with `>=` or `<`."""

    _comparing: ClassVar[str] = ">= or <"

    def __init__(self, spec: FieldSpec) -> None:
        """Measure a field.

        Args:
            spec: The field.
        """
        self.spec = spec

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.{self.spec.name}.freshness()"

    def __ge__(self, threshold: float) -> Rule:
        """At least this fresh; unknown where the value is absent or undated."""
        return nodes.FreshnessTest(field=self.spec.name, value=probability(threshold))

    def __lt__(self, threshold: float) -> Rule:
        """Less fresh than this; unknown where the value is absent or undated."""
        return ~(self >= threshold)


def probability(threshold: object) -> float:
    """Return what a freshness may be compared with.

    Raises:
        RuleTypeError: If it is no number in (0, 1].
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 < threshold <= 1:
        raise RuleTypeError("a freshness is compared with a probability in (0, 1]")
    return float(threshold)
