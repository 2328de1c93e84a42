"""Frames made ready for many questions: text and words folded once, in columns that every engine can compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeVar, cast

from mimcore.errors import InvalidValueError
from mimcore.frames.columns import Columns
from mimcore.frames.naming import Naming
from mimcore.frames.options import binding_of
from mimcore.frames.places import AXES, Places
from mimcore.frames.tables import open_table
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind
from mimcore.rules.writing.fields import Field, FrameColumn

__all__ = ["Entity", "fields_of", "prepare"]

F = TypeVar("F")
Entity = Literal["contact", "account", "event"]
_FOLDED = (Kind.TEXT, Kind.CODE, Kind.TAGS, Kind.CODES)


def prepare(
    frame: F,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    of: Entity = "contact",
    attributes: Iterable[Field] = (),
) -> F:
    """Add the columns that make questions fast, and that DuckDB and Spark need: text and lists of words, folded.

    Beside `city` comes `city_folded`, as a snapshot writes it; beside a code, the code without white space, which costs
    no memory where there is none; beside a location the whole numbers that distances are measured with. Ask again after
    the frame has changed: what is folded is not looked at again.

    Args:
        frame: A Polars DataFrame or LazyFrame, a pandas DataFrame or a PyArrow table; never changed.
        columns: Column name to field, where a column is not named after its field; give the same to the questions.
        of: What a row is: a contact (account fields beside it), a link to an account, or an event.
        attributes: Custom attributes among the columns, as `mim.attribute` returned them.

    Returns:
        The same kind of frame with more columns.

    Raises:
        InvalidValueError: If a column does not fit its field, or the frame is of DuckDB or Spark, which fold no text.
        UnknownFieldError: If a mapped column is missing.

    Examples:
        >>> import polars as pl
        >>> prepare(pl.DataFrame({"city": [" Århus ", None]}))["city_folded"].to_list()
        ['århus', None]
    """
    table = open_table(frame)
    add = getattr(table, "added", None)
    if add is None:
        raise InvalidValueError(
            "frame",
            f"is of {table.engine}, which folds no text",
            "prepare it before it is handed over, or read a snapshot",
        )
    catalogue = binding_of({"columns": columns, "attributes": attributes}).catalogue
    prepared = Columns(table, Naming(table.names, columns, catalogue))
    made = {f"{name}_folded": prepared.folded(name, spec) for name, spec in _foldable(prepared, catalogue, of)}
    for place in _places(prepared, catalogue, of):
        made |= {f"{place.stem}_{axis}": unit for axis, unit in zip(AXES, place.vector, strict=True)}
    return cast("F", add(made)) if made else frame


def _foldable(columns: Columns, catalogue: Catalogue, of: Entity) -> Iterator[tuple[str, FieldSpec]]:
    for name, spec in fields_of(columns.naming, catalogue, of).items():
        is_text = spec.kind in {Kind.TEXT, Kind.CODE}  # a list of nothing has no type to be folded in
        if spec.kind in _FOLDED and (is_text or columns.table.dtype(name) is not None):
            yield name, spec


def _places(columns: Columns, catalogue: Catalogue, of: Entity) -> Iterator[Places]:
    for entity in _entities(of):
        places = (Places(columns, spec) for spec in catalogue.of(entity) if spec.kind is Kind.LOCATION)
        yield from (one for one in places if one.is_here)


def _entities(of: Entity) -> tuple[str, ...]:
    return ("contact", "account") if of == "contact" else (of,)


def fields_of(naming: Naming, catalogue: Catalogue, of: Entity) -> dict[str, FieldSpec]:
    """Return the field of every column that is understood, as `filter` understands it.

    Args:
        naming: The frame's names.
        catalogue: The declared fields.
        of: What a row is.
    """
    specs = [spec for entity in _entities(of) for spec in catalogue.of(entity)]
    found = {naming.find(spec): spec for spec in reversed(specs)}
    return {name: spec for name, spec in reversed(found.items()) if name is not None}
