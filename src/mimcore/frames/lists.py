"""Columns of lists and of text: folded once over the distinct values, matched once over the flattened elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import polars as pl

from mimcore.values.text import fold

__all__ = ["any_element", "folded", "plain"]


def folded(column: pl.Series) -> pl.Series:
    """Fold a text column in Python, once for each distinct value; text without content becomes missing."""
    return _replaced(column, fold)


def plain(column: pl.Series) -> pl.Series:
    """Strip a column of codes, once for each distinct value; text without content becomes missing."""
    return _replaced(column, str.strip)


def _replaced(column: pl.Series, change: Callable[[str], str]) -> pl.Series:
    distinct = column.drop_nulls().unique()
    values = [change(value) or None for value in distinct.to_list()]
    if not values:
        return pl.Series(column.name, [None] * len(column), dtype=pl.String)
    return column.replace_strict(distinct, pl.Series(values, dtype=pl.String), default=None, return_dtype=pl.String)


def any_element(expression: pl.Expr, holds: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """Tell for each list whether any element satisfies a test; a missing list has none.

    Args:
        expression: A column of lists.
        holds: Maps the flattened elements, none of them missing, to booleans; missing answers count as false.
    """
    return expression.map_batches(partial(_any_element, holds=holds), return_dtype=pl.Boolean)


def _any_element(column: pl.Series, holds: Callable[[pl.Series], pl.Series]) -> pl.Series:
    rows = pl.int_range(len(column), eager=True)
    flat = pl.DataFrame({"row": rows, "one": column}).explode("one").drop_nulls("one")
    hits = flat["row"].filter(holds(flat["one"]).fill_null(value=False)).unique() if len(flat) else flat["row"]
    return (
        pl.repeat(value=False, n=len(column), dtype=pl.Boolean, eager=True)
        .scatter(hits, values=True)
        .alias(column.name)
    )


def is_one_of(words: Iterable[str], change: Callable[[pl.Series], pl.Series]) -> Callable[[pl.Series], pl.Series]:
    """Return a test for `any_element`: the element, folded or stripped, is one of these words."""
    wanted = pl.Series(list(words), dtype=pl.String)
    return lambda elements: change(elements).is_in(wanted.implode())
