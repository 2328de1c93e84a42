"""Age in frames: from dates of birth, years of birth, age bands or a ready age, whichever a row has, in that order."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw

from mimcore.domain.vocabularies import AgeBand
from mimcore.frames.columns import Columns
from mimcore.rules.language.catalogue import FieldSpec, Kind, default_catalogue

__all__ = ["Births"]


_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class _Source:
    """One thing that an age may follow from."""

    known: nw.Expr
    answer: nw.Expr


@dataclass(frozen=True, slots=True)
class Births:
    """Whether somebody was born on or before a date, from what the frame holds about it.

    Attributes:
        columns: Where the prepared columns go.
        spec: The derived field `age`.
        today: The local date of the question.
    """

    columns: Columns
    spec: FieldSpec
    today: date | None

    def born_by(self, cutoff: date) -> nw.Expr:
        """Return the three-valued answer: unknown where the bounds of the birth lie on both sides of the date."""
        *others, last = self._sources(cutoff)
        answer = last.answer
        for one in reversed(others):
            answer = nw.when(one.known).then(one.answer).otherwise(answer)
        return answer

    def is_known(self) -> nw.Expr:
        """Tell whether anything is known about the age."""
        return nw.any_horizontal(*(one.known for one in self._sources(_ANY_DAY)), ignore_nulls=False)

    def _sources(self, cutoff: date) -> list[_Source]:
        found = [
            one
            for one in (
                self._date(cutoff),
                self._bounds(cutoff),
                self._year(cutoff),
                self._band(cutoff),
                self._age(cutoff),
            )
            if one is not None
        ]
        if not found:
            raise self.columns.naming.absent(self.spec, "age")
        return found

    def _column(self, short: str) -> nw.Expr | None:
        spec = _spec(short)
        return None if self.columns.naming.find(spec) is None else self.columns.scalar(spec)

    def _date(self, cutoff: date) -> _Source | None:
        born = self._column("birth_date")
        return None if born is None else _Source(~born.is_null(), self.columns.compared(born, "le", cutoff))

    def _bounds(self, cutoff: date) -> _Source | None:
        """The earliest and latest birth, as a snapshot holds them."""
        if not {"born_from", "born_to"} <= set(self.columns.table.names):
            return None
        earliest, latest = self._bound("born_from"), self._bound("born_to")
        return _Source(
            ~earliest.is_null() & ~latest.is_null(),
            _between(self.columns.compared(latest, "le", cutoff), self.columns.compared(earliest, "gt", cutoff)),
        )

    def _bound(self, name: str) -> nw.Expr:
        born = _spec("birth_date")
        return self.columns.prepared(name, lambda: self.columns.raw(name, born, born.kind))

    def _year(self, cutoff: date) -> _Source | None:
        year = self._column("birth_year")
        if year is None:
            return None
        last_day = (cutoff.month, cutoff.day) == (12, 31)
        return _Source(~year.is_null(), _between(year <= cutoff.year - (not last_day), year > cutoff.year))

    def _band(self, cutoff: date) -> _Source | None:
        band, on = self._column("age_band"), self._column("age_band_on")
        if band is None or on is None:
            return None
        before = max(cutoff, date(2, 1, 1)) - timedelta(days=1)
        yes = [(band == one.value) & self.columns.compared(on, "le", _latest(cutoff, one.years[0])) for one in AgeBand]
        no = [
            (band == one.value) & self.columns.compared(on, "gt", _latest(before, one.years[1] + 1)) for one in AgeBand
        ]
        return _Source(~band.is_null() & ~on.is_null(), _between(_any(yes), _any(no)))

    def _age(self, cutoff: date) -> _Source | None:
        spec = _spec("age")
        name = self.columns.naming.find(spec)
        if name is None:
            return None
        age = self.columns.prepared("ready age", lambda: self.columns.raw(name, spec, Kind.INTEGER))
        # The cutoff lies whole years before today, so it stands for one age.
        years = 0 if self.today is None else self.today.year - cutoff.year
        return _Source(~age.is_null(), age >= years)


def _any(answers: list[nw.Expr]) -> nw.Expr:
    return nw.any_horizontal(*answers, ignore_nulls=False)


def _between(yes: nw.Expr, no: nw.Expr) -> nw.Expr:
    """Return true where `yes` is, false where `no` is, else unknown."""
    return nw.when(yes | no).then(yes)


def _latest(day: date, years: int) -> date:
    """Return the latest date whose date so many years before is not after `day`; 29 February goes back to the 28th."""
    try:
        later = day.replace(year=day.year + years)
    except ValueError:
        return date.max if day.year + years > 9999 else date(day.year + years, 2, 28)
    falls_back = (later.month, later.day) == (2, 28) and isleap(later.year) and not isleap(day.year)
    return later + timedelta(days=1) if falls_back else later


def _spec(short: str) -> FieldSpec:
    return default_catalogue()[f"contact.{short}"]
