"""Recency, frequency and monetary value of customers: figures, scores, and the segments that they are named after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any, Generic
from uuid import UUID

from mimcore.display import Table, percent
from mimcore.display.framing import Framer, unframed
from mimcore.repositories.reading import not_found
from mimcore.segments.value.payments import Purchases, left_out_in_words
from mimcore.segments.value.purchases import CustomerT
from mimcore.segments.value.scheme import RfmFigures, RfmScheme, RfmScore
from mimcore.segments.value.showing import Shown, key_of

__all__ = ["Rfm", "rfm_of", "scored"]

_NAMELESS = "–"


@dataclass(frozen=True)
class Rfm(Shown, Generic[CustomerT]):
    """Scores of customers; they print themselves, by segment.

    Attributes:
        figures: What was scored, by customer. Whoever has not bought is not among them.
        scores: The scores.
        scheme: How they were made.
        caption: Currency and day.
        left_out: How much does not count, by currency or reason.
    """

    figures: Mapping[CustomerT, RfmFigures]
    scores: Mapping[CustomerT, RfmScore]
    scheme: RfmScheme
    caption: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def of(self, customer: Any) -> RfmScore | None:
        """Return the score of a customer; None if there is none, which is not 0.

        Args:
            customer: A contact or its id; for a frame, the value of its column.
        """
        return self.scores.get(key_of(customer))

    def segment_of(self, customer: Any) -> str | None:
        """Return the name of the segment that a customer is in; None without a score, or a name for it.

        Args:
            customer: A contact or its id; for a frame, the value of its column.
        """
        score = self.of(customer)
        return None if score is None else self.scheme.name_of(score)

    def members(self, segment: str) -> tuple[CustomerT, ...]:
        """Return who is in a segment.

        Args:
            segment: Its name, such as `champions`, or a code of three scores, such as `555`.

        Raises:
            NotFoundError: If the scheme has no such name, with the nearest one.
        """
        names = set(self.scheme.all_names.values())
        if segment in names:
            return tuple(who for who, score in self.scores.items() if self.scheme.name_of(score) == segment)
        if len(segment) == 3 and segment.isdecimal():
            return tuple(who for who, score in self.scores.items() if score.code == segment)
        raise not_found("segment", segment, sorted(names), where="in this scheme")

    def table(self) -> Table:
        """A line for each segment, the best first; for each code where the scheme has no names."""
        groups: dict[str, list[RfmFigures]] = {name: [] for name in dict.fromkeys(self.scheme.all_names.values())}
        is_named = bool(groups)
        for who, score in sorted(self.scores.items(), key=lambda pair: pair[1].code, reverse=True):
            name = (self.scheme.name_of(score) or _NAMELESS) if is_named else score.code
            groups.setdefault(name, []).append(self.figures[who])
        rows = [_line(name, group, len(self.scores)) for name, group in groups.items() if group]
        said = f"{len(self.scores)} customers, {_words(self.scheme)}"
        notes = [*left_out_in_words(self.left_out), said, *([self.caption] if self.caption else [])]
        return Table.of(
            ("segment" if is_named else "code", "customers", "share", "recency", "frequency", "total"),
            rows,
            title="Recency, frequency, monetary value",
            caption=" · ".join(notes),
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a customer."""
        return [_row(who, figures, self.scores[who], self.scheme) for who, figures in self.figures.items()]


def _line(name: str, group: list[RfmFigures], everybody: int) -> tuple[object, ...]:
    days, times = (median(one.recency for one in group), median(one.frequency for one in group))
    total = sum((Decimal(str(one.monetary)) for one in group), Decimal(0))
    return name, len(group), percent(len(group) / everybody, 0), days, times, total


def _words(scheme: RfmScheme) -> str:
    if scheme.is_fixed:
        return "fixed bands"
    numbers = {one for one in (scheme.recency, scheme.frequency, scheme.monetary) if isinstance(one, int)}
    return f"{'/'.join(map(str, sorted(numbers)))} bands by rank"


def _row(who: object, figures: RfmFigures, score: RfmScore, scheme: RfmScheme) -> dict[str, Any]:
    return {
        "contact": str(who) if isinstance(who, UUID) else who,
        "recency": figures.recency,
        "frequency": figures.frequency,
        "monetary": float(figures.monetary),
        "r": score.recency,
        "f": score.frequency,
        "m": score.monetary,
        "code": score.code,
        "segment": scheme.name_of(score),
    }


def scored(
    figures: Mapping[CustomerT, RfmFigures],
    scheme: RfmScheme | None = None,
    *,
    caption: str = "",
    left_out: Mapping[str, int] | None = None,
    framer: Framer = unframed,
) -> Rfm[CustomerT]:
    """Score figures that are there already.

    Args:
        figures: By customer.
        scheme: How; quintiles by rank unless given.
        caption: What is told with the result.
        left_out: How much does not count, by reason.
        framer: Makes data frames.

    Examples:
        >>> found = scored({"ana": RfmFigures(3, 9, 900), "bo": RfmFigures(90, 1, 20)})
        >>> found.of("ana").code, found.segment_of("bo")
        ('555', 'hibernating')
    """
    used = RfmScheme() if scheme is None else scheme
    return Rfm(figures, used.scores(figures), used, caption, left_out or {}, framer)


def rfm_of(purchases: Purchases[CustomerT], scheme: RfmScheme | None = None) -> Rfm[CustomerT]:
    """Score purchases: days since the last one, purchase days, money spent.

    Args:
        purchases: Of one currency.
        scheme: How; quintiles by rank unless given.
    """
    figures = {
        who: RfmFigures(one.days_since_last, one.purchase_days, one.total) for who, one in purchases.customers.items()
    }
    return scored(figures, scheme, caption=purchases.covered, left_out=purchases.left_out, framer=purchases.framer)
