"""Measures that are only known to be ordered: an average, a first instant, a number of elements. Any order will do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from mimcore.rules.analysis.variables import Budget, Cell, Cells
from mimcore.rules.evaluation.value_tests import OPERATORS, Answer

__all__ = ["ranked"]


def ranked(name: str, leaves: Sequence[Any], budget: Budget, *, may_miss: bool, is_account: bool = False) -> Cells:
    """Return the variable of a measure that is compared with constants: it stands on one of them, or between two.

    That there is nothing to measure is all that surely occurs.

    Args:
        name: Its name.
        leaves: The conditions, alike but for `op`, `value` and `scale`.
        budget: Steps that may be taken.
        may_miss: Whether there may be nothing to compare; otherwise it is a number from 0 on.
        is_account: Whether it is of the primary account, and unknown without one.
    """
    fixed: set[Any] = {_constant(leaf) for leaf in leaves}
    fixed |= set[Any]() if may_miss else {Fraction(0)}
    ranks = {value: 2 * place + 1 for place, value in enumerate(sorted(fixed))}
    least = 0 if may_miss else ranks[Fraction(0)]
    linked = True if is_account else None
    cells = [
        Cell(rank, f"{name} 0", is_certain=rank == least and not may_miss, is_linked=linked)
        for rank in range(least, 2 * len(ranks) + 1)
    ]
    if may_miss or is_account:
        cells.append(Cell(None, f"no {name}", is_linked=False if is_account else None))
    tests = [partial(_compared, OPERATORS[leaf.op], ranks[_constant(leaf)]) for leaf in leaves]
    return Cells(name, cells, tests, budget, is_account=is_account)


def _constant(leaf: Any) -> Any:
    return Fraction(leaf.value, getattr(leaf, "scale", 1)) if isinstance(leaf.value, int) else leaf.value


def _compared(holds: Callable[[Any, Any], bool], rank: int, value: Any) -> Answer:
    return None if value is None else holds(value, rank)
