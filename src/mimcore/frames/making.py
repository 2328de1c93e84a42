"""Making data frames of rows, of the kind that somebody asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from mimcore.errors import InvalidValueError, MissingExtraError

__all__ = ["frame_maker", "framed"]


def frame_maker(kind: str) -> Callable[[Any, Any], Any]:
    """Return what makes a data frame of rows and names.

    Args:
        kind: pandas or polars.

    Raises:
        InvalidValueError: If it is another kind.
        MissingExtraError: If the library is not installed.
    """
    if kind not in {"pandas", "polars"}:
        raise InvalidValueError("kind", "is not a kind of frame", "use 'pandas' or 'polars'")
    if find_spec(kind) is None:
        raise MissingExtraError(f"a {kind} frame", "frames")
    if kind == "polars":
        import polars as pl

        return lambda rows, names: pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

    return lambda rows, names: pd.DataFrame(rows, columns=names)


def framed(rows: Sequence[Mapping[str, Any]], kind: str) -> Any:
    """Make a data frame of rows.

    Args:
        rows: All with the same names.
        kind: pandas or polars.
    """
    names = list(rows[0]) if rows else []
    return frame_maker(kind)([tuple(row.values()) for row in rows], names)
