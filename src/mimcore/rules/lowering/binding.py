"""What a rule is bound with: the instant, the zone, half-lives, segments and the declared fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mimcore.errors import MissingFactsError, RuleSyntaxError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, default_catalogue
from mimcore.rules.language.handles import Field
from mimcore.values.instants import as_instant, day_of

__all__ = ["Binding", "SegmentReference"]


@dataclass(frozen=True, slots=True)
class SegmentReference:
    """What a segment key stands for: a rule, or a list kept by hand when `rule` is None."""

    key: str
    rule: nodes.Rule | None


@dataclass(frozen=True, slots=True)
class Binding:
    """The inputs of binding: instant, zone, half-lives, segments, fields."""

    now: datetime | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    half_lives: Mapping[str, float] = field(default_factory=dict[str, float])
    """Half-life in days of every pool present."""
    segment: Callable[[str], SegmentReference] | None = None
    catalogue: Catalogue = field(default_factory=default_catalogue)
    uncollected: Collection[str] = ()
    """Canonical names of fields that nobody collected at the instant: what reads them cannot be decided."""

    def instant(self, what: str) -> datetime:
        """Return `now`, or say which condition needs it.

        Raises:
            MissingFactsError: If there is none.
            InvalidValueError: If it has no time zone.
        """
        if self.now is None:
            raise MissingFactsError(f"{what} depends on the time: give now=")
        return as_instant(self.now, "now")

    def today(self, what: str) -> date:
        """Return the local date of `now`."""
        return day_of(self.instant(what), self.zone, "now")

    def knowing(self, attributes: Iterable[Field]) -> Binding:
        """Return the same with custom attributes beside its fields, for rules that are asked outside a store.

        Args:
            attributes: What `mim.attribute` returned.

        Raises:
            RuleSyntaxError: If one is no field.
        """
        fields: list[object] = list(attributes)
        specs = [one.spec for one in fields if isinstance(one, Field)]
        if len(specs) < len(fields):
            raise RuleSyntaxError("attributes are what mim.attribute(...) returned: attributes=[tier]")
        return replace(self, catalogue=self.catalogue.extended(specs)) if specs else self
