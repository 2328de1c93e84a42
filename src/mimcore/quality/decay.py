"""The decayed share: how much of the database is presumed wrong now.

Three things are called "decay rate"; they keep their names here. The *annual decay rate* is 1 − 2^(−365/h). The
*decayed share* D = 1 − Σ w·p / Σ w is what this report measures and what the 5 % target means. The *observed decay* is
what a random sample of checks finds. Half-lives are not learnt here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from mimcore.display import Table, count, percent
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.rules.language.catalogue import default_catalogue

__all__ = ["TARGET", "DecayGroup", "DecayReport", "decay_report", "weight_of"]

TARGET = 0.05
"""The share of the database that may be wrong."""


@dataclass(frozen=True, slots=True)
class DecayGroup:
    """The values of one attribute, source or pool.

    Attributes:
        name: The group.
        values: Number of values.
        undated: Values of which nobody knows since when; they are no part of the share.
        wrong_share: Decayed share, 0-1; None where every value is undated.
        median_age_days: Days since the values were last seen or confirmed; None where every value is undated.
    """

    name: str
    values: int
    undated: int
    wrong_share: float | None
    median_age_days: float | None


@dataclass(frozen=True, slots=True)
class DecayReport:
    """The decayed share at an instant, as a whole and by attribute, source and pool."""

    at: datetime
    whole: DecayGroup
    by_attribute: tuple[DecayGroup, ...]
    by_source: tuple[DecayGroup, ...]
    by_pool: tuple[DecayGroup, ...]
    target: float = TARGET

    @property
    def wrong_share(self) -> float | None:
        """Decayed share of the whole database, 0-1; None for a database without dated values."""
        return self.whole.wrong_share

    @property
    def is_on_target(self) -> bool:
        """Whether the decayed share is within the target; false where it is not known."""
        return self.wrong_share is not None and self.wrong_share <= self.target

    def table(self, by: str = "attribute") -> Table:
        """The groups as a table, the worst first.

        Args:
            by: attribute, source or pool.
        """
        groups: tuple[DecayGroup, ...] = {
            "attribute": self.by_attribute,
            "source": self.by_source,
            "pool": self.by_pool,
        }[by]
        rows = [
            (one.name, one.values, one.undated, _share(one.wrong_share), _age(one.median_age_days)) for one in groups
        ]
        whole = self.whole
        rows.append(("all", whole.values, whole.undated, _share(whole.wrong_share), _age(whole.median_age_days)))
        caption = f"target: at most {percent(self.target)} presumed wrong · {self.at:%Y-%m-%d} UTC"
        return Table.of(
            (by, "values", "undated", "presumed wrong", "median age"),
            rows,
            title="How much is presumed wrong",
            caption=caption,
        )

    def __str__(self) -> str:
        """The table by attribute."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().html() + self.table("source").html()


def _share(share: float | None) -> str:
    return "–" if share is None else percent(share)


def _age(days: float | None) -> str:
    return "–" if days is None else f"{count(round(days))} days"


def weight_of(attribute: str) -> float:
    """Return the weight of an attribute's values in the decayed share."""
    aliases = {"contact.emails": "contact.primary_email", "contact.phones": "contact.primary_phone"}
    name = aliases.get(attribute, attribute)
    catalogue = default_catalogue()
    return catalogue[name].weight if name in catalogue else 1.0


def decay_report(states: Iterable[FreshnessState], half_lives: Mapping[str, float], now: datetime) -> DecayReport:
    """Compute the decayed share of values at an instant.

    D = 1 − Σ w·p(now) / Σ w over dated values; undated values are counted on their own.

    Args:
        states: States of the values.
        half_lives: Half-life in days by pool.
        now: Aware instant.

    Examples:
        >>> from datetime import UTC
        >>> decay_report([], {}, datetime(2026, 3, 1, tzinfo=UTC)).wrong_share is None
        True
    """
    listed = [(state, _probability(state, half_lives, now)) for state in states]
    return DecayReport(
        now,
        _group("all", listed, now),
        _by(listed, now, lambda state: state.attribute),
        _by(listed, now, lambda state: state.source),
        _by(listed, now, lambda state: state.pool),
    )


Weighed = tuple[FreshnessState, float | None]


def _probability(state: FreshnessState, half_lives: Mapping[str, float], now: datetime) -> float | None:
    return None if state.key is None else freshness_at(state.key, now, half_lives[state.pool])


def _by(listed: list[Weighed], now: datetime, name: Callable[[FreshnessState], str]) -> tuple[DecayGroup, ...]:
    groups: dict[str, list[Weighed]] = {}
    for one in listed:
        groups.setdefault(name(one[0]), []).append(one)
    made = [_group(key, values, now) for key, values in groups.items()]
    return tuple(sorted(made, key=lambda group: (-(group.wrong_share or 0.0), group.name)))


def _group(name: str, listed: list[Weighed], now: datetime) -> DecayGroup:
    dated = [(weight_of(state.attribute), p, state) for state, p in listed if p is not None]
    total = sum(weight for weight, _, _ in dated)
    wrong = sum(weight * (1 - p) for weight, p, _ in dated) / total if total else None
    ages = [(now - seen).total_seconds() / 86_400 for _, _, state in dated if (seen := _last_seen(state))]
    return DecayGroup(name, len(listed), len(listed) - len(dated), wrong, median(ages) if ages else None)


def _last_seen(state: FreshnessState) -> datetime | None:
    """Return when a value was last seen or confirmed; being found doubtful is neither."""
    return state.confirmed_at or state.observed_at or state.ref_at
