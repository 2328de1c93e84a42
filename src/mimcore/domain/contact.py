"""The contact: a person, with the ways to reach them and everything known about them, by group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, Unpack
from uuid import UUID

from pydantic import BeforeValidator, model_validator

from mimcore.domain.declaring.attributes import Attribute, LongText, Records, Tags, Text, is_mapping
from mimcore.domain.declaring.entity import CLEAR, Clear, Entity, Reference, given
from mimcore.domain.declaring.shortcuts import elsewhere, routed
from mimcore.domain.external_ids import ExternalId, ExternalIds, merged_ids
from mimcore.domain.groups import (
    Acquisition,
    Demographic,
    Employment,
    Preferences,
    Psychographic,
    SocialProfile,
    Technology,
)
from mimcore.domain.points import ContactPoint, EmailPoint, PhonePoint, merged_points, read_emails, read_phones
from mimcore.domain.vocabularies import LifecycleStage, RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.values.address import PostalAddress
from mimcore.values.codes import country
from mimcore.values.identifiers import as_id
from mimcore.values.instants import LocalDate
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel
from mimcore.values.names import PersonName

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures import ContactArguments
    from mimcore.domain.generated.signatures_groups import AccountLinkArguments

__all__ = ["AccountLink", "Contact", "ExternalId"]

CustomValue = bool | int | float | str | tuple[str, ...] | datetime | date | None


class AccountLink(FrozenModel):
    """A contact's place in an account: role and period; exactly one link is primary."""

    account_id: Reference
    role: Text = None
    is_primary: bool = True
    start_on: LocalDate | None = None
    end_on: LocalDate | None = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[AccountLinkArguments]) -> None:
            """Take the fields by name; see the class."""


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

    pii_fields: ClassVar[frozenset[str]] = frozenset(
        {"name", "emails", "phones", "social_profiles", "notes", "external_ids", "custom"}
    )

    status: RecordStatus = RecordStatus.ACTIVE
    name: Annotated[
        PersonName | None,
        BeforeValidator(lambda value: PersonName.parse(value, field="") if isinstance(value, str) else value),
    ] = None
    emails: tuple[EmailPoint, ...] = ()
    phones: tuple[PhonePoint, ...] = ()
    accounts: Annotated[tuple[AccountLink, ...], Records] = ()
    acquisition: Acquisition = Acquisition()
    demographic: Demographic = Demographic()
    psychographic: Psychographic = Psychographic()
    technology: Technology = Technology()
    employment: Employment = Employment()
    preferences: Preferences = Preferences()
    social_profiles: Annotated[
        tuple[SocialProfile, ...], Records, Attribute("Profiles on social networks.", pool="survey", is_personal=True)
    ] = ()
    lifecycle_stage: Annotated[
        LifecycleStage | None, Attribute("Stage between visitor and advocate.", is_indexed=True)
    ] = None
    owner: Annotated[Text, Attribute("Who is responsible inside the own company.", is_indexed=True)] = None
    tags: Annotated[Tags, Attribute("Free tags of the own team.", is_indexed=True)] = ()
    notes: Annotated[LongText, Attribute("Notes of the own team.", is_personal=True)] = None
    external_ids: ExternalIds = ()
    custom: FrozenMapping[CustomValue] = FrozenMapping()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[ContactArguments]) -> None:
            """Make a contact; see the class."""

        def evolve(self, **changes: Unpack[ContactArguments]) -> Self:  # type: ignore[override]
            """Return a copy with changes."""
            ...

    else:

        def __getattr__(self, name: str) -> Any:
            """Say where a value stands that is asked for by its short name."""
            if name.startswith("_"):
                return super().__getattr__(name)
            raise elsewhere(self, name)

        def evolve(self, **changes: Any) -> Self:
            """Return a copy with changes; see `Entity.evolve`.

            Points equal by key keep their id and state, those left out are retired. `account` becomes the primary one
            beside the other accounts; `CLEAR` takes the primary one away. Ids given as a mapping are added.
            """
            prepared = _read_points(changes, self.demographic.country)
            for kind in ("emails", "phones"):
                if isinstance(prepared.get(kind), tuple):
                    prepared[kind] = merged_points(getattr(self, kind), prepared[kind], kind)
            prepared = _linked(prepared, self.accounts)
            if is_mapping(prepared.get("external_ids")):
                prepared["external_ids"] = merged_ids(self.external_ids, prepared["external_ids"])
            return super().evolve(**routed(type(self), prepared, merge=True))

    @model_validator(mode="before")
    @classmethod
    def _shortcuts(cls, data: Any) -> Any:
        if not is_mapping(data):
            return data
        return routed(cls, _linked(_read_points(given(data), None), ()))

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
        for point in self.emails:  # a generator for `next` takes three times as long, and every row asks
            if not point.is_retired:
                return point
        return None

    @property
    def primary_phone(self) -> PhonePoint | None:
        """The first active phone number, or None."""
        for point in self.phones:
            if not point.is_retired:
                return point
        return None

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
        """Return the age in whole years on a day; None where bounds do not decide, nothing is known, or before birth.

        Somebody born on 29 February turns a year older on 1 March in common years.

        Args:
            day: A local date.
        """
        bounds = self.demographic.birth_bounds
        if bounds is None:
            return None
        ages = {day.year - born.year - ((day.month, day.day) < (born.month, born.day)) for born in bounds}
        age = ages.pop() if len(ages) == 1 else None
        return None if age is None or age < 0 else age


def _read_points(data: Mapping[str, Any], known_country: str | None) -> dict[str, Any]:
    """Read e-mail addresses and phone numbers, national numbers in the region of the country."""
    prepared = dict(data)
    if not isinstance(prepared.get("emails", CLEAR), Clear):
        prepared["emails"] = read_emails(prepared["emails"])
    if not isinstance(prepared.get("phones", CLEAR), Clear):
        prepared["phones"] = read_phones(prepared["phones"], _country_in(data) or known_country)
    return prepared


def _country_in(data: Mapping[str, Any]) -> str | None:
    home = data.get("demographic")
    inside = home.get("country") if is_mapping(home) else getattr(home, "country", None)
    named = data.get("country") or inside
    return country(named, "country") if isinstance(named, str) and named.strip() else None


def _linked(data: dict[str, Any], links: tuple[AccountLink, ...]) -> dict[str, Any]:
    """Turn `account` into links: it becomes the primary one, the others stay; `CLEAR` removes the primary one."""
    account = data.pop("account", None)
    if account is None:
        return data
    if data.get("accounts"):
        raise InvalidValueError("account", "is given beside accounts", "give one of the two")
    data["accounts"] = _without_primary(links) if isinstance(account, Clear) else _with_primary(links, account)
    return data


def _without_primary(links: tuple[AccountLink, ...]) -> tuple[AccountLink, ...]:
    rest = [link for link in links if link.end_on is not None or not link.is_primary]
    heir = next((index for index, link in enumerate(rest) if link.end_on is None), None)
    return tuple(link.evolve(is_primary=True) if index == heir else link for index, link in enumerate(rest))


def _with_primary(links: tuple[AccountLink, ...], account: object) -> tuple[AccountLink, ...]:
    wanted = as_id(account, "account")
    present = [link for link in links if link.end_on is None]
    known = next((link for link in present if link.account_id == wanted), AccountLink(account_id=wanted))
    others = (link.evolve(is_primary=False) if link in present else link for link in links if link is not known)
    return (known.evolve(is_primary=True), *others)
