"""The account: a company or other organisation that buys, or might."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, Unpack

from pydantic import BeforeValidator, model_validator

from mimcore.domain.contact import Contact, CustomValue
from mimcore.domain.declaring.attributes import Attribute, LongText, Records, Tags, Text, is_mapping
from mimcore.domain.declaring.entity import Entity, Reference, given
from mimcore.domain.declaring.shortcuts import elsewhere, routed
from mimcore.domain.external_ids import ExternalIds, merged_ids
from mimcore.domain.groups import AccountTechnology, Firmographic, KeyAccount, SocialProfile
from mimcore.domain.vocabularies import RecordStatus, Seniority
from mimcore.errors import InvalidValueError
from mimcore.values.identifiers import check_domain
from mimcore.values.mapping import FrozenMapping

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures import AccountArguments

__all__ = ["Account"]

_DECIDING = frozenset({Seniority.DIRECTOR, Seniority.VICE_PRESIDENT, Seniority.C_LEVEL, Seniority.OWNER})


class Account(Entity):
    """An organisation. Firmographic, technology and key-account attributes may be given by their short names.

    Examples:
        >>> Account(name="Acme A/S", domain="https://www.acme.dk", industry="62.01", employees=240).domain
        'acme.dk'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"notes", "custom"})

    status: RecordStatus = RecordStatus.ACTIVE
    name: Annotated[
        Text, Attribute("Name of the company.", short="account_name", pool="company_name", is_indexed=True)
    ] = None
    domain: Annotated[
        str | None,
        BeforeValidator(lambda value: check_domain(value, "")),
        Attribute("Internet domain.", vocabulary="domain", is_indexed=True),
    ] = None
    firmographic: Firmographic = Firmographic()
    technology: AccountTechnology = AccountTechnology()
    key_account: KeyAccount = KeyAccount()
    social_profiles: Annotated[tuple[SocialProfile, ...], Records, Attribute("Profiles on social networks.")] = ()
    owner: Annotated[Text, Attribute("Who is responsible inside the own company.")] = None
    tags: Annotated[Tags, Attribute("Free tags of the own team.")] = ()
    notes: Annotated[LongText, Attribute("Notes of the own team.")] = None
    parent_id: Reference | None = None
    external_ids: ExternalIds = ()
    custom: FrozenMapping[CustomValue] = FrozenMapping()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[AccountArguments]) -> None:
            """Make an account; see the class."""

        def evolve(self, **changes: Unpack[AccountArguments]) -> Self:  # type: ignore[override]
            """Return a copy with changes."""
            ...

    else:

        def __getattr__(self, name: str) -> Any:
            """Say where a value stands that is asked for by its short name."""
            if name.startswith("_"):
                return super().__getattr__(name)
            raise elsewhere(self, name)

        def evolve(self, **changes: Any) -> Self:
            """Return a copy with changes; see `Entity.evolve`."""
            if is_mapping(changes.get("external_ids")):
                changes["external_ids"] = merged_ids(self.external_ids, changes["external_ids"])
            return super().evolve(**routed(type(self), changes, merge=True))

    @model_validator(mode="before")
    @classmethod
    def _shortcuts(cls, data: Any) -> Any:
        return routed(cls, given(data)) if is_mapping(data) else data

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.name is None and self.domain is None:
            raise InvalidValueError(
                "name", "is required where there is no domain", "give the company's name or its domain"
            )
        if self.parent_id == self.id:
            raise InvalidValueError(
                "parent_id", "points to the account itself", "leave it out, or give another account"
            )
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
            return linked and (
                work.seniority in _DECIDING if work.is_decision_maker is None else work.is_decision_maker
            )

        def rank(contact: Contact) -> int:
            level = contact.employment.seniority
            return 1 if level is None else -order[level]

        return tuple(sorted(filter(decides, contacts), key=rank))
