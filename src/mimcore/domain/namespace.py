"""What the generated field namespaces share: refusing names that nobody declared, and what is no plain field.

The namespaces themselves are written by `make fields`; the hand-written parts of `f.contact` are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, UnknownAttributeError
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.language.nodes import InSegment, MayReceive, Sample
from mimcore.rules.writing.companion_fields import AccountsField, PointsField, ScoreMeasure
from mimcore.rules.writing.events import Events, EventsField
from mimcore.values.identifiers import check_key
from mimcore.values.unknown_names import meant, shown

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
            raise UnknownAttributeError(f"{self!r} has no field '{shown(name)}'{meant(name, known)}")


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

    emails: Final = PointsField("emails")
    """The e-mail addresses in use: `f.contact.emails.any.freshness() >= 0.7`."""

    phones: Final = PointsField("phones")
    """The phone numbers in use: `f.contact.phones.any.freshness() >= 0.7`."""

    accounts: Final = AccountsField()
    """The active accounts that the contact is linked to: `f.contact.accounts.any(f.account.employees >= 200)`."""

    def may_receive(self, *, channel: Channel | str, purpose: str) -> MayReceive:
        """The one consent decision allows a message now. Never unknown.

        Args:
            channel: Channel that would be used.
            purpose: Declared purpose.

        Raises:
            UnknownFieldError: If channel or purpose is not declared; with the nearest one.
        """
        known = default_catalogue()
        return MayReceive(channel=known.word("channel", str(channel)), purpose=known.word("purpose", purpose))

    def sample(self, *, percent: float, salt: str) -> Sample:
        """A fair share of all contacts: the same people for the same salt, on every engine. Never unknown.

        Args:
            percent: Above 0, up to 100.
            salt: Names the draw; another one draws others, independently.
        """
        return Sample(percent=percent, salt=salt)

    def score(self, name: str) -> ScoreMeasure:
        """A decayed score; no scores are kept yet, so a rule that asks for one is refused when it is bound.

        Args:
            name: Key of the score.
        """
        return ScoreMeasure(check_key(name, "score"))

    def in_segment(self, segment: str | Segment) -> InSegment:
        """The contact is in another segment, as that one's rule stands when this one is bound.

        Args:
            segment: The segment or its key.

        Raises:
            InvalidValueError: If it is not a key.
        """
        return InSegment(segment=check_key(segment.key if isinstance(segment, Segment) else segment, "segment"))
