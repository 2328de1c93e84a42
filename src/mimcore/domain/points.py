"""Contact points: an e-mail address or a phone number with its own identity, verification state and consent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from mimcore.domain.declaring.attributes import Text, is_listed
from mimcore.errors import InvalidValueError
from mimcore.values.email import EmailAddress
from mimcore.values.identifiers import new_id
from mimcore.values.model import FrozenModel
from mimcore.values.phone import PhoneNumber

__all__ = ["ContactPoint", "EmailPoint", "PhonePoint", "PointState", "merged_points", "read_emails", "read_phones"]


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


P = TypeVar("P", bound=ContactPoint)


def read_emails(given: object) -> tuple[EmailPoint, ...]:
    """Read e-mail points from addresses, points or mappings of their parts; one alone counts as a list of one.

    Two spellings of one mailbox are one point, the first; two *points* with one mailbox are refused.

    Args:
        given: What a constructor was given.

    Raises:
        InvalidValueError: If one is refused; the field is its place in the list, such as `emails.0`.

    Examples:
        >>> [point.value for point in read_emails(["ana@acme.dk", "ana@ACME.dk"])]
        ['ana@acme.dk']
    """

    def read(value: object) -> EmailPoint:
        if isinstance(value, str | EmailAddress):
            return EmailPoint(email=value if isinstance(value, EmailAddress) else EmailAddress.parse(value, field=""))
        return value if isinstance(value, EmailPoint) else EmailPoint.model_validate(value)

    return _read(given, "emails", read)


def read_phones(given: object, region: str | None) -> tuple[PhonePoint, ...]:
    """Read phone points from numbers, points or mappings of their parts; one alone counts as a list of one.

    Args:
        given: What a constructor was given.
        region: Country in which a national number is read.

    Raises:
        InvalidValueError: If one is refused; the field is its place in the list, such as `phones.0`.

    Examples:
        >>> [point.value for point in read_phones("32 12 34 56", "DK")]
        ['+4532123456']
    """

    def read(value: object) -> PhonePoint:
        if isinstance(value, str | PhoneNumber):
            parsed = value if isinstance(value, PhoneNumber) else PhoneNumber.parse(value, region=region, field="")
            return PhonePoint(phone=parsed)
        return value if isinstance(value, PhonePoint) else PhonePoint.model_validate(value)

    return _read(given, "phones", read)


def _read(given: object, field: str, read: Callable[[object], P]) -> tuple[P, ...]:
    if given is None or given == "":
        return ()
    values = given if is_listed(given) else (given,)
    first: dict[str, P] = {}
    for index, value in enumerate(values):
        point = _placed(f"{field}.{index}", read, value)
        if point.match_key in first and isinstance(value, ContactPoint | Mapping):
            raise InvalidValueError(
                f"{field}.{index}", "is the same address or number as another point", "keep one of them"
            )
        first.setdefault(point.match_key, point)
    return tuple(first.values())


def _placed(place: str, read: Callable[[object], P], value: object) -> P:
    try:
        return read(value)
    except InvalidValueError as error:
        problems = [problem.inside(place) for problem in error.problems]
    raise InvalidValueError.of(problems)


def merged_points(current: Iterable[P], wanted: Iterable[P], field: str) -> tuple[P, ...]:
    """Combine the points at hand with the list that is wanted.

    A new spelling of a known point keeps that point's id, state and label; a point with a known id is taken as it is
    given, which is how its state changes. Points no longer wanted are retired, not deleted. The wanted order leads, so
    the first active point becomes the primary one.

    Args:
        current: The points so far, retired ones included.
        wanted: The points that shall be active, in order of preference.
        field: Name used in an error.

    Raises:
        InvalidValueError: If a known id comes with another address or number: consent does not move to it.
    """
    by_key = {point.match_key: point for point in current}
    ids = {point.id for point in by_key.values()}
    kept: dict[str, P] = {}
    for point in wanted:
        known = by_key.get(point.match_key)
        if point.id in ids and (known is None or known.id != point.id):
            remedy = "give the new one as text: it becomes a point of its own, and consent does not move to it"
            raise InvalidValueError(field, "give a known point another address or number", remedy)
        kept.setdefault(point.match_key, _kept(known, point))
    retired = [point.evolve(is_retired=True) for key, point in by_key.items() if key not in kept]
    return (*kept.values(), *retired)


def _kept(known: P | None, wanted: P) -> P:
    if known is None or known.id == wanted.id:
        return wanted
    return known.evolve(is_retired=False, label=wanted.label or known.label)
