"""The account: a company or other organisation that buys, or might."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, Unpack

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.attributes import Attribute, LongText, Tags, Text
from mimcore.domain.contact import Contact, CustomValue, ExternalId
from mimcore.domain.entity import Entity, Reference
from mimcore.domain.groups import AccountTechnology, Firmographic, KeyAccount, SocialProfile
from mimcore.domain.shortcuts import routed
from mimcore.domain.vocabularies import RecordStatus, Seniority
from mimcore.errors import InvalidValueError
from mimcore.values.identifiers import check_domain
from mimcore.values.mapping import FrozenMapping

if TYPE_CHECKING:
    from mimcore.domain.signatures import AccountArguments

__all__ = ["Account"]

_DECIDING = frozenset({Seniority.DIRECTOR, Seniority.VICE_PRESIDENT, Seniority.C_LEVEL, Seniority.OWNER})


def _external_ids(value: object) -> object:
    return tuple(value.items()) if isinstance(value, Mapping) else value


class Account(Entity):
    """An organisation. Firmographic, technology and key-account attributes may be given by their short names.

    Examples:
        >>> Account(name="Acme A/S", domain="https://www.acme.dk", industry="62.01", employees=240).domain
        'acme.dk'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"notes"})

    status: RecordStatus = RecordStatus.ACTIVE
    name: Annotated[Text, Attribute("Name of the company.", short="account_name", pool="company_name")] = None
    domain: Annotated[
        str | None,
        BeforeValidator(lambda value: check_domain(value, "")),
        Attribute("Internet domain.", vocabulary="domain", is_indexed=True),
    ] = None
    firmographic: Firmographic = Firmographic()
    technology: AccountTechnology = AccountTechnology()
    key_account: KeyAccount = KeyAccount()
    social_profiles: Annotated[tuple[SocialProfile, ...], Attribute("Profiles on social networks.")] = ()
    owner: Annotated[Text, Attribute("Who is responsible inside the own company.")] = None
    tags: Annotated[Tags, Attribute("Free tags of the own team.")] = ()
    notes: Annotated[LongText, Attribute("Notes of the own team.")] = None
    parent_id: Reference | None = None
    external_ids: Annotated[tuple[ExternalId, ...], BeforeValidator(_external_ids), Field(max_length=100)] = ()
    custom: FrozenMapping[CustomValue] = FrozenMapping()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[AccountArguments]) -> None: ...

        def evolve(self, **changes: Unpack[AccountArguments]) -> Self: ...  # type: ignore[override]

    else:

        def evolve(self, **changes: Any) -> Self:
            """Return a copy with changes; see `Entity.evolve`."""
            return super().evolve(**routed(type(self), changes, merge=True))

    @model_validator(mode="before")
    @classmethod
    def _shortcuts(cls, data: Any) -> Any:
        return routed(cls, data) if isinstance(data, Mapping) else data

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.name is None and self.domain is None:
            raise InvalidValueError("name", "is required where there is no domain", "give the company's name or its domain")
        if self.parent_id == self.id:
            raise InvalidValueError("parent_id", "points to the account itself", "leave it out, or give another account")
        return self

    def decision_makers(self, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
        """Return the account's contacts who decide on purchases: said to, or director and above; most senior first.

        Args:
            contacts: Candidates; those without a current link to this account are left out.
        """
        order = {level: index for index, level in enumerate(Seniority)}

        def decides(contact: Contact) -> bool:
            work = contact.employment
            linked = any(link.account_id == self.id and link.end_on is None for link in contact.accounts)
            return linked and (work.seniority in _DECIDING if work.is_decision_maker is None else work.is_decision_maker)

        rank = lambda contact: -order.get(contact.employment.seniority, -1)  # noqa: E731 - one expression, used once
        return tuple(sorted(filter(decides, contacts), key=rank))
