"""What the generated field namespaces share: refusing names that nobody declared, and what is no plain field.

The namespaces themselves are written by `make fields`; the hand-written parts of `f.contact` are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError, UnknownAttributeError, nearest
from mimcore.rules.events import Events, EventsField
from mimcore.rules.nodes import InSegment
from mimcore.values.identifiers import check_key

__all__ = ["ContactSpace", "FieldSpace"]


class FieldSpace:
    """A set of fields, reached as attributes. It holds no data and never changes."""

    path: ClassVar[str] = ""
    """What the fields' canonical names start with."""

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.{self.path}"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: fields are declared, not assigned."""
        raise InvalidValueError(self.path, "cannot be assigned: fields are declared", "compare it to build a rule")

    if not TYPE_CHECKING:  # a checker that saw this would accept every name

        def __getattr__(self, name: str) -> NoReturn:
            """Refuse a name that nobody declared.

            Raises:
                UnknownAttributeError: With the nearest declared name.
            """
            known = [one for one in dir(type(self)) if not one.startswith("_") and one != "path"]
            shown = name if name.isprintable() and len(name) <= 80 else "…"
            raise UnknownAttributeError(f"{self!r} has no field '{shown}'{nearest(name, known)}")


class ContactSpace(FieldSpace):
    """What a rule may ask of a contact besides its fields: its events, and the segments it is in.

    Examples:
        >>> from mimcore.domain import fields as f
        >>> rule = (f.contact.purchases.count(within_days=90) >= 3) & ~f.contact.in_segment("do-not-disturb")
        >>> rule.op
        'all'
    """

    events: Final = EventsField()
    """Events of a declared kind: `f.contact.events("download").count(within_days=30) >= 2`."""

    purchases: Final = Events("purchase")
    """Events of kind `purchase`, for counts, totals and lapses."""

    def in_segment(self, segment: str | Segment) -> InSegment:
        """The contact is in another segment, as that one's rule stands when this one is bound.

        Args:
            segment: The segment or its key.

        Raises:
            InvalidValueError: If it is not a key.
        """
        return InSegment(segment=check_key(segment.key if isinstance(segment, Segment) else segment, "segment"))
