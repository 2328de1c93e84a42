"""All built-in fields, read from the declarations in the models and registered for rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mimcore.domain.account import Account
from mimcore.domain.consent import PURPOSES
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import specs_of
from mimcore.domain.declaring.entity import Group
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import EVENT_KINDS, Channel
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.rules.language.paths import reader

__all__ = ["ACCOUNT_FIELDS", "CONTACT_FIELDS", "EVENT_FIELDS", "catalogue"]


def _groups(model: type[Contact | Account], entity: str) -> Iterator[FieldSpec]:
    yield from specs_of(model, entity)
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Group):
            yield from specs_of(info.annotation, f"{entity}.{name}", name)


def _declared(name: str, kind: Kind, short: str, path: str, **marks: Any) -> FieldSpec:
    return FieldSpec(name, kind, short, reader(path), path=path, **marks)


def _name(part: str, short: str, description: str, *, pool: str = "person_name") -> FieldSpec:
    return _declared(
        f"contact.name.{part}",
        Kind.TEXT,
        short,
        f"name?.{part}",
        pool=pool,
        is_personal=part != "title",
        description=description,
    )


def _point(short: str, attribute: str, pool: str, description: str) -> FieldSpec:
    return _declared(
        f"contact.{short}",
        Kind.TEXT,
        short,
        f"{attribute}?.value",
        pool=pool,
        weight=2.0,
        is_personal=True,
        is_derived=True,
        description=description,
    )


def _contact_fields() -> Iterator[FieldSpec]:
    yield _name("title", "name_title", "Form of address, such as mrs or dr.")
    yield _name("given", "given_name", "Given name.")
    yield _name("middle", "middle_name", "Middle names.")
    yield _name("family", "family_name", "Family name.")
    yield _name("suffix", "name_suffix", "Suffix, such as Jr or PhD.")
    yield _point("primary_email", "primary_email", "email", "First active e-mail address.")
    yield _point("primary_phone", "primary_phone", "phone", "First active phone number.")
    yield _declared(
        "contact.demographic.age",
        Kind.AGE,
        "age",
        "demographic.birth_bounds",
        exact_path="demographic.birth_date",
        is_derived=True,
        description="Age in whole years, from birth date, birth year or age band.",
    )
    yield from _groups(Contact, "contact")


def _catalogue() -> Catalogue:
    catalogue = default_catalogue()
    for spec in (*_contact_fields(), *_groups(Account, "account"), *specs_of(Interaction, "event")):
        catalogue.register(spec)
    catalogue.register_event_kinds(EVENT_KINDS)
    catalogue.register_words("channel", Channel)
    catalogue.register_words("purpose", PURPOSES)
    return catalogue


catalogue = _catalogue()
CONTACT_FIELDS = catalogue.of("contact")
ACCOUNT_FIELDS = catalogue.of("account")
EVENT_FIELDS = catalogue.of("event")
