"""The contact: a person, with the ways to reach them and everything known about them, by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, Unpack
from uuid import UUID

from pydantic import BeforeValidator, model_validator

from mimcore.domain.attributes import Attribute, LongText, Tags, Text
from mimcore.domain.entity import Entity, Reference
from mimcore.domain.groups import Acquisition, Demographic, Employment, Preferences, Psychographic, SocialProfile, Technology
from mimcore.domain.points import ContactPoint, EmailPoint, PhonePoint, merged_points
from mimcore.domain.shortcuts import routed
from mimcore.domain.vocabularies import LifecycleStage, RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.values.address import PostalAddress
from mimcore.values.instants import LocalDate
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber
from mimcore.values.text import clean

if TYPE_CHECKING:
    from mimcore.domain.signatures import ContactArguments

__all__ = ["AccountLink", "Contact", "ExternalId"]

CustomValue = bool | int | float | str | tuple[str, ...] | None


class AccountLink(FrozenModel):
    """A contact's place in an account: role and period; exactly one link is primary."""

    account_id: Reference
    role: Text = None
    is_primary: bool = True
    start_on: LocalDate | None = None
    end_on: LocalDate | None = None


class ExternalId(FrozenModel):
    """The id of a record in another system."""

    source: str
    value: str

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if isinstance(given, tuple | list) and len(given) == 2:  # noqa: PLR2004 - a pair
            return {"source": given[0], "value": given[1]}
        return given


def _external_ids(value: object) -> object:
    return tuple(value.items()) if isinstance(value, Mapping) else value


class Contact(Entity):
    """A person.

    Attributes of the groups may be given directly by their short names: `Contact(country="DK")` sets
    `demographic.country`, `title=` the job title, `account=` a primary account link. `name`, `emails` and `phones` are
    parsed; a national phone number is read in the region of `country`.

    Examples:
        >>> ana = Contact(name="Fru Ana Berg", emails=["Ana@example.dk"], phones=["32 12 34 56"], country="DK")
        >>> ana.name.title, ana.phones[0].phone.region
        ('mrs', 'DK')
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"name", "emails", "phones", "social_profiles", "notes", "external_ids"})

    status: RecordStatus = RecordStatus.ACTIVE
    name: Annotated[PersonName | None, BeforeValidator(lambda value: PersonName.parse(value, field="") if isinstance(value, str) else value)] = None
    emails: tuple[EmailPoint, ...] = ()
    phones: tuple[PhonePoint, ...] = ()
    accounts: tuple[AccountLink, ...] = ()
    acquisition: Acquisition = Acquisition()
    demographic: Demographic = Demographic()
    psychographic: Psychographic = Psychographic()
    technology: Technology = Technology()
    employment: Employment = Employment()
    preferences: Preferences = Preferences()
    social_profiles: Annotated[tuple[SocialProfile, ...], Attribute("Profiles on social networks.", pool="survey", is_personal=True)] = ()
    lifecycle_stage: Annotated[LifecycleStage | None, Attribute("Stage between visitor and advocate.", is_indexed=True)] = None
    owner: Annotated[Text, Attribute("Who is responsible inside the own company.", is_indexed=True)] = None
    tags: Annotated[Tags, Attribute("Free tags of the own team.", is_indexed=True)] = ()
    notes: Annotated[LongText, Attribute("Notes of the own team.", is_personal=True)] = None
    external_ids: Annotated[tuple[ExternalId, ...], BeforeValidator(_external_ids)] = ()
    custom: FrozenMapping[CustomValue] = FrozenMapping()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[ContactArguments]) -> None: ...

        def evolve(self, **changes: Unpack[ContactArguments]) -> Self: ...  # type: ignore[override]

    else:

        def evolve(self, **changes: Any) -> Self:
            """Return a copy with changes; see `Entity.evolve`. Points equal by key keep their id and state."""
            region = changes.get("country") or self.demographic.country
            prepared = _prepared(dict(changes), region if isinstance(region, str) else None)
            for kind in ("emails", "phones"):
                if isinstance(prepared.get(kind), tuple):
                    prepared[kind] = merged_points(getattr(self, kind), prepared[kind])
            return super().evolve(**routed(type(self), prepared, merge=True))

    @model_validator(mode="before")
    @classmethod
    def _shortcuts(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        demographic = data.get("demographic")
        inside = demographic.get("country") if isinstance(demographic, Mapping) else getattr(demographic, "country", None)
        region = data.get("country") or inside
        return routed(cls, _prepared(dict(data), region if isinstance(region, str) else None))

    @model_validator(mode="after")
    def _one_primary_account(self) -> Self:
        links = [link for link in self.accounts if link.end_on is None]
        if len({link.account_id for link in links}) < len(links):
            raise InvalidValueError("accounts", "link the same account twice", "give one link per account and period")
        if links and sum(link.is_primary for link in links) != 1:
            raise InvalidValueError("accounts", "must have exactly one primary link", "set is_primary on one of them")
        return self

    @property
    def primary_email(self) -> EmailPoint | None:
        """The first active e-mail address, or None."""
        return next((point for point in self.emails if not point.is_retired), None)

    @property
    def primary_phone(self) -> PhonePoint | None:
        """The first active phone number, or None."""
        return next((point for point in self.phones if not point.is_retired), None)

    @property
    def points(self) -> tuple[ContactPoint, ...]:
        """All contact points, retired ones included."""
        return (*self.emails, *self.phones)

    @property
    def primary_account_id(self) -> UUID | None:
        """Id of the primary account, or None."""
        return next((link.account_id for link in self.accounts if link.is_primary and link.end_on is None), None)

    @property
    def address(self) -> PostalAddress | None:
        """The postal address, or None where no part of it is known."""
        home = self.demographic
        parts = {"street": home.street, "postal_code": home.postal_code, "city": home.city, "region": home.region}
        return PostalAddress(**parts, country=home.country) if any(parts.values()) or home.country else None

    def age_on(self, day: date) -> int | None:
        """Return the age in whole years on a day, or None where only bounds are known or nothing is.

        Args:
            day: A local date.
        """
        bounds = self.demographic.birth_bounds
        if bounds is None:
            return None
        ages = {day.year - born.year - ((day.month, day.day) < (born.month, born.day)) for born in bounds}
        return ages.pop() if len(ages) == 1 else None


def _prepared(data: dict[str, Any], region: str | None) -> dict[str, Any]:
    """Parse contact points and the account given in short form."""
    if "emails" in data:
        data["emails"] = tuple(_email_point(index, value) for index, value in enumerate(_listed(data["emails"])))
    if "phones" in data:
        data["phones"] = tuple(_phone_point(index, value, region) for index, value in enumerate(_listed(data["phones"])))
    if data.get("account") is not None:
        data["accounts"] = (AccountLink(account_id=data.pop("account")),)
    data.pop("account", None)
    return data


def _listed(value: object) -> Iterable[Any]:
    if value is None or isinstance(value, str):
        return () if not value else (value,)
    return value if isinstance(value, list | tuple) else (value,)


def _email_point(index: int, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    from mimcore.values.email import EmailAddress  # noqa: PLC0415 - its library loads on first use only

    return EmailPoint(email=EmailAddress.parse(value, field=f"emails.{index}"))


def _phone_point(index: int, value: Any, region: str | None) -> Any:
    if not isinstance(value, str):
        return value
    known = region.upper() if region and len(clean(region, "country") or "") == 2 else None  # noqa: PLR2004 - ISO alpha-2
    return PhonePoint(phone=PhoneNumber.parse(value, region=known, field=f"phones.{index}"))
