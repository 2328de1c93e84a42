"""When a bound rule is true, and when it is not, as a formula without negation over what its conditions may answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mimcore.rules.analysis.theory import Theory
from mimcore.rules.analysis.variables import ANY, FALSE, TRUE, UNKNOWN, Test, Variable
from mimcore.rules.lowering.bound import Bound, BoundAll, BoundAny, Constant, Literal

__all__ = ["ALWAYS", "NEVER", "Atom", "Every", "Formula", "Some", "opposite", "some", "true", "untrue"]


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One of the tests on a variable holds."""

    variable: Variable
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Every:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Some:
    """At least one part holds."""

    parts: tuple[Formula, ...]
    names: frozenset[str]
    """The variables that it is about."""


Formula = Atom | Every | Some
ALWAYS, NEVER = Every(()), Some((), frozenset())


def true(bound: Bound, theory: Theory) -> Formula:
    """Return when a bound rule is true: for its members."""
    return _when(bound, theory, is_true=True)


def untrue(bound: Bound, theory: Theory) -> Formula:
    """Return when a bound rule is false or unknown: for all others."""
    return _when(bound, theory, is_true=False)


def _when(bound: Bound, theory: Theory, *, is_true: bool) -> Formula:
    match bound:
        case Constant(value):
            return ALWAYS if (value is True) is is_true else NEVER
        case Literal():
            variable, number = theory.find(bound.leaf)
            allowed = _answers(bound)
            return Atom(variable, ((number, allowed if is_true else ANY & ~allowed),))
        case BoundAll(parts) | BoundAny(parts):
            inner = [_when(part, theory, is_true=is_true) for part in parts]
            return _every(inner) if isinstance(bound, BoundAll) is is_true else _some(inner)


def _answers(literal: Literal) -> int:
    """Return the answers of the leaf for which the literal is true."""
    return (FALSE if literal.negated else TRUE) | (UNKNOWN if literal.missing else 0)


def _flat(parts: Iterable[Formula], kind: type[Every | Some]) -> list[Formula]:
    return [one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))]


def _every(parts: Iterable[Formula]) -> Formula:
    flat = _flat(parts, Every)
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def _some(parts: Iterable[Formula]) -> Formula:
    """Join the parts; tests on one variable become one atom where it can take several."""
    joined: dict[Any, list[Test]] = {}
    rest: list[Formula] = []
    for part in _flat(parts, Some):
        if isinstance(part, Every) and not part.parts:
            return ALWAYS
        if isinstance(part, Atom) and part.variable.joins:
            joined.setdefault(part.variable, []).extend(part.tests)
        else:
            rest.append(part)
    flat = [*(Atom(variable, tuple(tests)) for variable, tests in joined.items()), *rest]
    return some(tuple(flat))


def some(parts: tuple[Formula, ...]) -> Formula:
    """Return that at least one part holds; one part alone is that part."""
    return parts[0] if len(parts) == 1 else Some(parts, frozenset(name for part in parts for name in _names(part)))


def _names(formula: Formula) -> Iterable[str]:
    match formula:
        case Atom(variable=variable):
            return (variable.name,)
        case Some(names=names):
            return names
        case Every(parts=parts):
            return {name for part in parts for name in _names(part)}


def opposite(atom: Atom) -> list[Formula]:
    """Return what must hold where an atom does not."""
    return [Atom(atom.variable, ((number, ANY & ~allowed),)) for number, allowed in atom.tests]
