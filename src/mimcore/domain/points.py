"""Contact points: an e-mail address or a phone number with its own identity, verification state and consent."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from mimcore.domain.attributes import Text
from mimcore.values.email import EmailAddress
from mimcore.values.identifiers import new_id
from mimcore.values.model import FrozenModel
from mimcore.values.phone import PhoneNumber

__all__ = ["ContactPoint", "EmailPoint", "PhonePoint", "PointState", "merged_points"]


class PointState(StrEnum):
    """What is known about whether a contact point works."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    BOUNCED = "bounced"
    INVALID = "invalid"


class ContactPoint(FrozenModel):
    """A way to reach one person. Consent belongs to the point, never to the row of the person."""

    id: UUID = Field(default_factory=new_id)
    label: Text = None
    state: PointState = PointState.UNVERIFIED
    is_retired: bool = False

    @property
    def value(self) -> str:
        """The normalised address or number; personal."""
        raise AssertionError

    @property
    def match_key(self) -> str:
        """What two spellings of the same point share; for matching only."""
        raise AssertionError


def _email(value: object) -> object:
    return EmailAddress.parse(value, field="") if isinstance(value, str) else value


def _phone(value: object) -> object:
    return PhoneNumber.parse(value, field="") if isinstance(value, str) else value


class EmailPoint(ContactPoint):
    """An e-mail address of one contact."""

    kind: Literal["email"] = "email"
    email: Annotated[EmailAddress, BeforeValidator(_email)]

    @property
    def value(self) -> str:
        """The normalised address."""
        return self.email.address

    @property
    def match_key(self) -> str:
        """The address without what its provider ignores."""
        return self.email.match_key


class PhonePoint(ContactPoint):
    """A phone number of one contact."""

    kind: Literal["phone"] = "phone"
    phone: Annotated[PhoneNumber, BeforeValidator(_phone)]

    @property
    def value(self) -> str:
        """The number in E.164."""
        return self.phone.e164

    @property
    def match_key(self) -> str:
        """The number in E.164."""
        return self.phone.match_key


P = TypeVar("P", EmailPoint, PhonePoint)


def merged_points(current: Iterable[P], wanted: Iterable[Any]) -> tuple[P, ...]:
    """Combine the points at hand with the list that is wanted.

    Points equal by key keep their id, state and label; those no longer wanted are retired, not deleted; the wanted order
    leads, so the first wanted point becomes the primary one.

    Args:
        current: The points so far, retired ones included.
        wanted: The points that shall be active, in order of preference.
    """
    by_key = {point.match_key: point for point in current}
    active: dict[str, P] = {}
    for point in wanted:
        known = by_key.get(point.match_key)
        kept = point if known is None else known.evolve(is_retired=False, label=point.label or known.label)
        active.setdefault(point.match_key, kept)
    retired = [point.evolve(is_retired=True) for key, point in by_key.items() if key not in active]
    return (*active.values(), *retired)
