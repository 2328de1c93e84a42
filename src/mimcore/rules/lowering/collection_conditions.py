"""Conditions on what a collection holds."""

from __future__ import annotations

from mimcore.errors import RuleTypeError, UnknownFieldError, nearest
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import codes, primitive
from mimcore.rules.lowering.bound import Elements, Op, Overlap, Primitive, RecordMatch
from mimcore.rules.lowering.scope import ORDERED, Leaves, Scope, single

__all__ = ["collection"]

_ABILITIES = ORDERED - {Kind.MONEY, Kind.AGE}


def collection(rule: nodes.Overlaps | nodes.HasRecord | nodes.ElementCount, scope: Scope) -> bool | Leaves:
    """Lower a condition on a collection.

    Args:
        rule: One condition.
        scope: Whose values.

    Raises:
        RuleError: If it does not fit its field.
    """
    match rule:
        case nodes.Overlaps(op="overlaps", field=name, values=values):
            spec = scope.spec(name, Kind.TAGS, Kind.CODES)
            return single(Overlap(spec, codes(spec, values)))
        case nodes.Overlaps(field=name, values=values):
            spec = scope.spec(name, Kind.TAGS, Kind.CODES)
            return ("all", [(Overlap(spec, (word,)), False) for word in codes(spec, values)]) if values else True
        case nodes.HasRecord(field=name, where=where):
            spec = scope.spec(name, Kind.RECORDS)
            return single(RecordMatch(spec, _asked(spec, where, scope)))
        case nodes.ElementCount(field=name, where=where):
            spec = scope.spec(name, Kind.TAGS, Kind.CODES, Kind.RECORDS)
            if where and spec.kind is not Kind.RECORDS:
                raise RuleTypeError(f"{spec.name} holds words: only records are counted by conditions")
            counted = _asked(spec, where, scope)
            return single(Elements(spec, counted, scope.op(rule.comparison), scope.number(rule.value)))


def _asked(
    spec: FieldSpec, where: tuple[nodes.RecordCondition, ...], scope: Scope
) -> tuple[tuple[FieldSpec, Op, Primitive], ...]:
    named = {inner.short: inner for inner in spec.record_fields}
    asked: list[tuple[FieldSpec, Op, Primitive]] = []
    for one in where:
        inner = named.get(one.name)
        if inner is None:
            shown = one.name if one.name.isidentifier() else "…"
            raise UnknownFieldError(f"{spec.name} has no field '{shown}'{nearest(one.name, named)}")
        asked += _compared(spec, inner, one, scope)
    return tuple(asked)


def _compared(
    spec: FieldSpec, inner: FieldSpec, one: nodes.RecordCondition, scope: Scope
) -> list[tuple[FieldSpec, Op, Primitive]]:
    what = f"{spec.name}.{inner.short}"
    if one.comparison == "within_last_days":
        if inner.kind is not Kind.INSTANT:
            raise RuleTypeError(f"{what} is of kind {inner.kind.value}; 'within_last_days' needs instant")
        days = scope.number(one.value, "a number of days")
        if not 0 <= days <= 36_525:
            raise RuleTypeError(f"{what}: give 0 to 36 525 days")
        return [(inner, "ge", scope.since(what, days)), (inner, "le", scope.binding.instant(what))]
    if one.comparison != "equals" and inner.kind not in _ABILITIES:
        raise RuleTypeError(f"{what} is of kind {inner.kind.value}, which has no order: compare it for equality")
    return [(inner, scope.op(one.comparison), primitive(inner, one.value))]
