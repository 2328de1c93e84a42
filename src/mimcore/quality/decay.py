"""The decay report: how much of the database is presumed wrong, and what checks have found.

Three things are called "decay rate" elsewhere; they keep their names here. The *annual decay rate* 1 − 2^(−365.25/h) is
the share of values that become wrong in a year if nothing is refreshed. The *decayed share* D = 1 − Σ w·p / Σ w is what
is presumed wrong now; the 5 % target is about it. The *observed decay* is what a random sample of checks found wrong.
Half-lives are learnt in `learning`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from mimcore.display import Svg, Table, bars, count, percent
from mimcore.display.style import fragment
from mimcore.domain.freshness import FreshnessState
from mimcore.errors import InvalidValueError
from mimcore.quality.observed import ObservedDecay, Sample, observed_decay
from mimcore.quality.tallies import AGE_BANDS, UNDATED_BAND, Ages, Cell, Tally, tallied, weight_of

__all__ = [
    "TARGET",
    "By",
    "Completeness",
    "DecayGroup",
    "DecayReport",
    "annual_decay_rate",
    "decay_report",
    "weight_of",
]

TARGET = 0.05
"""The share of the database that may be wrong."""
By = Literal["attribute", "source", "pool", "segment", "age"]
_YEAR = 365.25


def annual_decay_rate(half_life_days: float) -> float:
    """Return the share of values that become wrong in a year if nothing is refreshed.

    Args:
        half_life_days: Positive.

    Examples:
        >>> round(annual_decay_rate(993.0), 3)
        0.225
    """
    return float(1 - 2 ** (-_YEAR / half_life_days))


@dataclass(frozen=True, slots=True)
class DecayGroup:
    """The values of one attribute, source, pool, segment or age.

    Attributes:
        name: The group.
        values: Number of values.
        undated: Values of which nobody knows since when; they are no part of the share.
        decayed_share: Share presumed wrong, 0-1; None where every value is undated.
        median_age_days: Days since the values were last seen or confirmed; None where every value is undated.
        observed: What random checks found; None where there were none.
    """

    name: str
    values: int
    undated: int
    decayed_share: float | None
    median_age_days: float | None
    observed: ObservedDecay | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """Of how many contacts an attribute is known.

    Attributes:
        attribute: Canonical field name.
        known: Contacts with a value.
        contacts: Active contacts.
    """

    attribute: str
    known: int
    contacts: int

    @property
    def share(self) -> float | None:
        """Share of the contacts, 0-1; None without contacts."""
        return self.known / self.contacts if self.contacts else None


@dataclass(frozen=True, slots=True)
class DecayReport:
    """What is presumed wrong at an instant: as a whole, and by attribute, source, pool, segment and age.

    Attributes:
        at: The instant.
        whole: All values together.
        by_age: In order of age; the other groups stand worst first.
        annual_decay_rates: By pool, of the pools that occur.
        completeness: Of how many contacts each attribute is known, the best known first.
        target: Decayed share that is aimed at.
    """

    at: datetime
    whole: DecayGroup
    by_attribute: tuple[DecayGroup, ...]
    by_source: tuple[DecayGroup, ...]
    by_pool: tuple[DecayGroup, ...]
    by_segment: tuple[DecayGroup, ...] = ()
    by_age: tuple[DecayGroup, ...] = ()
    annual_decay_rates: Mapping[str, float] = field(default_factory=dict[str, float])
    completeness: tuple[Completeness, ...] = ()
    target: float = TARGET

    @property
    def decayed_share(self) -> float | None:
        """Share of the whole database presumed wrong, 0-1; None for a database without dated values."""
        return self.whole.decayed_share

    @property
    def observed_decay(self) -> ObservedDecay | None:
        """What random checks found wrong, with a Wilson interval; None without any."""
        return self.whole.observed

    @property
    def is_on_target(self) -> bool:
        """Whether the decayed share is within the target; false where it is not known."""
        return self.decayed_share is not None and self.decayed_share <= self.target

    @property
    def complete_share(self) -> float | None:
        """Σ w·known / Σ w·contacts over the attributes that count, 0-1; None without any."""
        total = sum(weight_of(one.attribute) * one.contacts for one in self.completeness)
        known = sum(weight_of(one.attribute) * one.known for one in self.completeness)
        return known / total if total else None

    def groups(self, by: By = "attribute") -> tuple[DecayGroup, ...]:
        """Return the groups of one kind.

        Args:
            by: attribute, source, pool, segment or age.

        Raises:
            InvalidValueError: If it is none of these.
        """
        found: Mapping[str, tuple[DecayGroup, ...]] = {
            "attribute": self.by_attribute,
            "source": self.by_source,
            "pool": self.by_pool,
            "segment": self.by_segment,
            "age": self.by_age,
        }
        if by not in found:
            raise InvalidValueError("by", "is no kind of group", f"use one of {', '.join(found)}")
        return found[by]

    def table(self, by: By = "attribute") -> Table:
        """The groups as a table.

        Args:
            by: attribute, source, pool, segment or age.
        """
        groups = (*self.groups(by), self.whole)
        if by == "pool":
            name, last = "annual decay rate", [percent(self.annual_decay_rates.get(group.name)) for group in groups]
        else:
            name, last = "observed decay", ["–" if one.observed is None else one.observed.words for one in groups]
        has_last = by == "pool" or (by != "age" and self.observed_decay is not None)
        columns = (by, "values", "undated", "decayed share", "median age", *([name] if has_last else []))
        rows = [(*_row(group), *([text] if has_last else [])) for group, text in zip(groups, last, strict=True)]
        return Table.of(columns, rows, title="How much is presumed wrong", caption=self._caption())

    def completeness_table(self) -> Table:
        """Of how many contacts each attribute is known."""
        rows = [(one.attribute.removeprefix("contact."), one.known, percent(one.share)) for one in self.completeness]
        caption = f"complete: {percent(self.complete_share)}, each attribute by its weight"
        return Table.of(("attribute", "contacts", "share"), rows, title="How much is known", caption=caption)

    def chart(self, by: By = "attribute") -> Svg:
        """The decayed share of each group as a bar, with the target as a line.

        Args:
            by: attribute, source, pool, segment or age.
        """
        shown = [(one.name.removeprefix("contact."), one.decayed_share or 0.0) for one in self.groups(by)]
        return bars(f"Decayed share by {by}", shown, shown=percent, target=self.target)

    def __str__(self) -> str:
        """The table by attribute."""
        return str(self.table())

    def _repr_html_(self) -> str:
        kinds: tuple[By, ...] = ("attribute", "source", "age", "segment")
        tables = [self.table(kind).html() for kind in kinds if self.groups(kind)]
        complete = self.completeness_table().html() if self.completeness else ""
        return fragment(self.chart().html() + "".join(tables) + complete)

    def _caption(self) -> str:
        sample = "" if self.observed_decay is None else f" · {count(self.observed_decay.checks)} random checks"
        return f"target: a decayed share of at most {percent(self.target)}{sample} · {self.at:%Y-%m-%d} UTC"


def _row(group: DecayGroup) -> tuple[object, ...]:
    name = group.name.removeprefix("contact.")
    return name, group.values, group.undated, percent(group.decayed_share), _age(group.median_age_days)


def _age(days: float | None) -> str:
    return "–" if days is None else f"{count(round(days))} days"


def decay_report(
    states: Iterable[FreshnessState],
    half_lives: Mapping[str, float],
    now: datetime,
    *,
    segments: Mapping[str, frozenset[UUID]] | None = None,
    samples: Sequence[Sample] = (),
    contacts: int = 0,
    required: Sequence[str] | None = None,
    target: float = TARGET,
) -> DecayReport:
    """Compute the decay report of values at an instant.

    D = 1 − Σ w·p(now) / Σ w over dated values; undated values are counted on their own. What is held in memory does not
    grow with the number of values beyond 50 000 of a kind.

    Args:
        states: States of the values, contact by contact.
        half_lives: Half-life in days by pool.
        now: Aware instant.
        segments: Ids of the contacts in each segment.
        samples: Random checks.
        contacts: Number of active contacts, for the completeness.
        required: Attributes that count for the completeness; all that occur unless given.
        target: Decayed share that is aimed at.

    Examples:
        >>> from datetime import UTC
        >>> decay_report([], {}, datetime(2026, 3, 1, tzinfo=UTC)).decayed_share is None
        True
    """
    inside = segments or {}
    cells, known = tallied(states, half_lives, now, inside)
    found = observed_decay(samples, inside)
    pools = {cell.pool for cell in cells}
    bands = _grouped(cells, lambda cell: (cell.band,))
    in_order = [name for name in (*(name for _, name in AGE_BANDS), UNDATED_BAND) if name in bands]
    return DecayReport(
        now,
        _group("all", cells.values(), found.get(("all", "all"))),
        _worst_first(cells, found, "attribute"),
        _worst_first(cells, found, "source"),
        _worst_first(cells, found, "pool"),
        _worst_first(cells, found, "segment", inside),
        tuple(_group(name, bands[name], None) for name in in_order),
        {pool: annual_decay_rate(half_lives[pool]) for pool in sorted(pools)},
        _completeness(known, contacts, required) if contacts else (),
        target,
    )


_NAMES: Mapping[str, Callable[[Cell], tuple[str, ...]]] = {
    "attribute": lambda cell: (cell.attribute,),
    "source": lambda cell: (cell.source,),
    "pool": lambda cell: (cell.pool,),
    "segment": lambda cell: cell.segments,
}


def _worst_first(
    cells: Mapping[Cell, Tally], found: Mapping[tuple[str, str], ObservedDecay], kind: str, also: Iterable[str] = ()
) -> tuple[DecayGroup, ...]:
    parts = {**{name: [] for name in also}, **_grouped(cells, _NAMES[kind])}
    made = [_group(name, tallies, found.get((kind, name))) for name, tallies in parts.items()]
    return tuple(sorted(made, key=lambda group: (-(group.decayed_share or 0.0), group.name)))


def _grouped(cells: Mapping[Cell, Tally], names: Callable[[Cell], tuple[str, ...]]) -> dict[str, list[Tally]]:
    groups: dict[str, list[Tally]] = {}
    for cell, tally in cells.items():
        for name in names(cell):
            groups.setdefault(name, []).append(tally)
    return groups


def _group(name: str, tallies: Iterable[Tally], observed: ObservedDecay | None) -> DecayGroup:
    parts = list(tallies)
    weight = sum(one.weight for one in parts)
    share = sum(one.wrong for one in parts) / weight if weight else None
    values, undated = sum(one.values for one in parts), sum(one.undated for one in parts)
    return DecayGroup(name, values, undated, share, Ages.median(one.ages for one in parts), observed)


def _completeness(known: Counter[str], contacts: int, required: Sequence[str] | None) -> tuple[Completeness, ...]:
    names = list(known) if required is None else list(dict.fromkeys(required))
    made = [Completeness(name, known[name], contacts) for name in names]
    return tuple(sorted(made, key=lambda one: (-one.known, one.attribute)))
