"""What lowering asks about: a contact, one of its events or one of its accounts; and the checks that all share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mimcore.errors import RuleTypeError
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import INT64
from mimcore.rules.lowering.belonging import asks_for_more, mentions_others
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import Leaf, Op
from mimcore.values.instants import EARLIEST

__all__ = ["ORDERED", "Leaves", "Scope", "single"]

Leaves = tuple[str, list[tuple[Leaf, bool]]]
"""`all` or `any` of leaves, each with whether it is negated."""

ORDERED = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.AGE})
_OPS: dict[str, Op] = {"at_least": "ge", "more_than": "gt", "at_most": "le", "less_than": "lt", "equals": "eq"}
_REACH = {
    "contact": frozenset({"contact", "account"}),
    "event": frozenset({"event"}),
    "account": frozenset({"account"}),
}
_INSTEAD = {
    "event": "write f.contact.events(kind).where(...)",
    "any_account": "it is a condition of its own",
}


def single(leaf: Leaf) -> Leaves:
    """Return one leaf as it stands."""
    return "all", [(leaf, False)]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose fields a condition may mention, and what it is bound with."""

    binding: Binding
    entity: str = "contact"

    def inside(self, entity: str) -> Scope:
        """Return the scope of a condition on one event or one account.

        Raises:
            RuleTypeError: If this is such a condition already.
        """
        if self.entity != "contact":
            raise asks_for_more(self.entity)
        return replace(self, entity=entity)

    def spec(self, name: str, *kinds: Kind) -> FieldSpec:
        """Return a field that may be mentioned here, of one of the kinds.

        Raises:
            UnknownFieldError: If it is not declared.
            RuleTypeError: If it belongs elsewhere or is of another kind.
        """
        spec = self.binding.catalogue[name]
        if spec.entity not in _REACH[self.entity]:
            if self.entity == "contact":
                raise RuleTypeError(f"{spec.name} belongs to {spec.entity}s: {_INSTEAD[spec.entity]}")
            raise mentions_others(self.entity)
        if kinds and spec.kind not in kinds:
            wanted = " or ".join(sorted(kind.value for kind in kinds))
            raise RuleTypeError(f"{spec.name} is of kind {spec.kind.value}; this condition needs {wanted}")
        return spec

    def single_valued(self, name: str) -> FieldSpec:
        """Return a field with one value.

        Raises:
            RuleTypeError: If it is a collection.
        """
        spec = self.spec(name)
        if spec.is_collection:
            raise RuleTypeError(f"{spec.name} is a collection: use .overlaps(...), .contains_all(...) or .any(...)")
        if spec.kind is Kind.LOCATION:
            raise RuleTypeError(f"{spec.name} is a location: use .within_km(mim.location(latitude, longitude), km)")
        return spec

    def op(self, comparison: str) -> Op:
        """Return the operator of a comparison."""
        return _OPS[comparison]

    def number(self, value: object, what: str = "a count") -> int:
        """Return a whole number of 64 bits.

        Raises:
            RuleTypeError: If it is none.
        """
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleTypeError(f"{what} is compared with a whole number")
        if abs(value) > INT64:
            raise RuleTypeError(f"{what} is compared with a number that fits 64 bits")
        return value

    def since(self, what: str, days: int) -> datetime:
        """Return `now − days`; a window that would begin before the calendar begins with it."""
        now = self.binding.instant(what)
        try:
            return now - timedelta(days=days)
        except OverflowError:
            return EARLIEST
