"""Text and lists of words in Polars, whole columns at a time: nothing is rewritten that is in its form already.

A column of few different values is looked at through those; one of many is changed by Polars where that is the same as
Python's folding, which for ASCII it is (a test holds it), and in Python, value by value, where it is not.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from mimcore.frames.notation import WHITE_SPACE, Change
from mimcore.values.text import fold

__all__ = ["fold_column", "strip_column", "unless_empty", "words_of", "words_with_content", "words_within"]

_LOOKED_AT, _FEW = 4096, 512
_ASCII_SPACE = r"[\t-\r\x1c-\x1f ]+"
_OTHER_SPACE = r"[\t-\r\x1c-\x1f]"


def strip_column(column: pl.Series) -> pl.Series:
    """Strip text; what has no content becomes missing.

    Args:
        column: Text.
    """
    few = _distinct(column)
    if few is not None and all(one and one == one.strip() for one in few):
        return column
    return unless_empty(column.str.strip_chars(WHITE_SPACE))


def fold_column(column: pl.Series) -> pl.Series:
    """Fold text; what has no content becomes missing.

    Args:
        column: Text.
    """
    few = _distinct(column)
    if few is not None:
        return _replaced(column, few)
    is_ascii = column.str.len_bytes() == column.str.len_chars()
    if is_ascii.all():
        return unless_empty(_folded_ascii(column))
    others = column.filter(~is_ascii).drop_nulls().unique().to_list()
    both = pl.DataFrame({"a": _folded_ascii(column), "o": _replaced(column, others), "is": is_ascii})
    return unless_empty(both.select(pl.when("is").then("a").otherwise("o")).to_series())


def _distinct(column: pl.Series) -> list[str] | None:
    """Return the values of a column that has few, judged by its beginning; else None."""
    if column.head(_LOOKED_AT).n_unique() > _FEW:
        return None
    return column.unique().drop_nulls().to_list()


def _replaced(column: pl.Series, values: list[str]) -> pl.Series:
    folded = [fold(value) or None for value in values]
    if folded == values:
        return column
    if not values:
        return pl.Series(column.name, [None] * len(column), dtype=pl.String)
    new = pl.Series(folded, dtype=pl.String)
    return column.replace_strict(pl.Series(values), new, default=None, return_dtype=pl.String)


def _folded_ascii(column: pl.Series) -> pl.Series:
    lowered = column.str.to_lowercase()
    if lowered.str.contains(" ", literal=True).any() or lowered.str.contains(_OTHER_SPACE).any():
        return lowered.str.replace_all(_ASCII_SPACE, " ").str.strip_chars(" ")
    return lowered


def unless_empty(column: pl.Series) -> pl.Series:
    """Return a column of text with what is empty missing; as it is, if nothing is.

    Args:
        column: Text in its comparable form.
    """
    if not (column == "").any():
        return column
    return column.to_frame("one").select(pl.when(pl.col("one") != "").then("one")).to_series()


_CHANGES: dict[str, Callable[[str], str]] = {"fold": fold, "strip": str.strip}


def _spellings(lists: pl.Series, fits: Callable[[str], bool]) -> list[str]:
    """Return the words of all lists for which something is true."""
    return [one for one in lists.explode().drop_nulls().unique().to_list() if fits(one)]


def words_within(lists: pl.Series, words: tuple[str, ...], change: Change) -> pl.Series:
    """Tell for each list whether it holds one of these words, however it is spelt there.

    Args:
        lists: Lists of text; a missing one holds none.
        words: In their comparable form.
        change: What brings a word to that form.
    """
    wanted, normal = frozenset(words), _CHANGES[change]
    spelt = _spellings(lists, lambda one: normal(one) in wanted)
    return lists.to_frame("one").select(any_of("one", spelt)).to_series()


def any_of(name: str, words: list[str]) -> pl.Expr:
    """Return the expression that tells whether a list holds one of these words as they stand."""
    return pl.col(name).list.eval(pl.element().is_in(words)).list.any().fill_null(value=False)


def words_with_content(lists: pl.Series) -> pl.Series:
    """Tell for each list whether any word has content."""
    blank = _spellings(lists, lambda one: not one.strip())
    counts = pl.element().is_not_null() & ~pl.element().is_in(blank) if blank else pl.element().is_not_null()
    found = pl.col("one").list.eval(counts).list.any().fill_null(value=False)
    return lists.to_frame("one").select(found).to_series()


def words_of(lists: pl.Series, change: Change) -> pl.Series:
    """Return lists of the words in their comparable form, those without content left out; of a missing list, none.

    Args:
        lists: Lists of text.
        change: What brings a word to that form.
    """
    spelt, normal = _spellings(lists, lambda _: True), _CHANGES[change]
    form = [normal(one) or None for one in spelt]
    one = pl.col("one")
    if form != spelt:
        old, new = pl.Series(spelt, dtype=pl.String), pl.Series(form, dtype=pl.String)
        one = one.list.eval(pl.element().replace_strict(old, new, default=None, return_dtype=pl.String))
    kept = one.list.drop_nulls().fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return lists.to_frame("one").select(kept.alias(lists.name)).to_series()
