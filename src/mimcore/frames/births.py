"""Age in frames: from dates of birth, years of birth, age bands or a ready age, whichever a row has, in that order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import narwhals as nw
import polars as pl

from mimcore.domain.vocabularies import AgeBand
from mimcore.frames.columns import Cell, Columns, normal_form
from mimcore.rules.catalogue import FieldSpec, Kind, default_catalogue

__all__ = ["Births"]


@dataclass(frozen=True, slots=True)
class Births:
    """The earliest and the latest possible date of birth, and the ready age of rows that have neither.

    Attributes:
        columns: Where the prepared columns go.
        spec: The derived field `age`.
        today: The local date of the question.
    """

    columns: Columns
    spec: FieldSpec
    today: date | None

    def born_by(self, cutoff: date) -> tuple[nw.Expr, nw.Expr]:
        """Return who was certainly born on or before a date, and who certainly was not."""
        earliest, latest, age = self._prepared()
        # The cutoff lies whole years before today, so it stands for one age.
        years = 0 if self.today is None else self.today.year - cutoff.year
        ready = earliest.is_null()
        yes = nw.any_horizontal(
            (latest <= cutoff).fill_null(value=False), ready & (age >= years).fill_null(value=False), ignore_nulls=True
        )
        no = nw.any_horizontal(
            (earliest > cutoff).fill_null(value=False), ready & (age < years).fill_null(value=False), ignore_nulls=True
        )
        return yes, no

    def is_known(self) -> nw.Expr:
        """Tell whether anything is known about the age."""
        earliest, _latest, age = self._prepared()
        return ~earliest.is_null() | ~age.is_null()

    def _prepared(self) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
        self._require_one()
        prepared = self.columns.prepared
        return (
            prepared("earliest birth", lambda: pl.coalesce(part[0] for part in self._bounds())),
            prepared("latest birth", lambda: pl.coalesce(part[1] for part in self._bounds())),
            prepared("ready age", self._age),
        )

    def _require_one(self) -> None:
        sources = [_spec(short) for short in ("age", "birth_date", "birth_year", "age_band")]
        if not any(self.columns.naming.find(spec) for spec in sources):
            raise self.columns.naming.absent(self.spec, "age")

    def _column(self, short: str, kind: Kind) -> pl.Expr | None:
        spec = _spec(short)
        name = self.columns.naming.find(spec)
        if name is None:
            return None
        return normal_form(pl.col(name), self.columns.table.dtype(name), kind, Cell(self.columns.table, name, spec))

    def _age(self) -> pl.Expr:
        ready = self._column("age", Kind.INTEGER)
        return pl.lit(None, dtype=pl.Int64) if ready is None else ready

    def _bounds(self) -> list[tuple[pl.Expr, pl.Expr]]:
        never = pl.lit(None, dtype=pl.Date)
        found = [(never, never)]
        born, year = self._column("birth_date", Kind.DATE), self._column("birth_year", Kind.INTEGER)
        if born is not None:
            found.append((born, born))
        if year is not None:
            whole = year.cast(pl.Int32)
            found.append((pl.date(whole, 1, 1), pl.date(whole, 12, 31)))
        return [*found, *self._bands()]

    def _bands(self) -> list[tuple[pl.Expr, pl.Expr]]:
        band, on = self._column("age_band", Kind.CODE), self._column("age_band_on", Kind.DATE)
        if band is None or on is None:
            return []
        return [_band_bounds(band, on, option) for option in AgeBand]


def _band_bounds(band: pl.Expr, on: pl.Expr, option: AgeBand) -> tuple[pl.Expr, pl.Expr]:
    youngest, oldest = option.years
    day = pl.when(band == option.value).then(on).otherwise(None)
    return day.dt.offset_by(f"-{oldest + 1}y") + pl.duration(days=1), day.dt.offset_by(f"-{youngest}y")


def _spec(short: str) -> FieldSpec:
    return default_catalogue()[f"contact.{short}"]
