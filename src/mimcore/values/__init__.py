"""Value objects: small frozen things that check themselves and know how to find their like again."""

from __future__ import annotations

from mimcore.values.address import PostalAddress
from mimcore.values.codes import country, country_name, language, language_name
from mimcore.values.currencies import CURRENCIES, currency_code, exponent
from mimcore.values.email import EmailAddress
from mimcore.values.identifiers import as_id, check_domain, check_key, new_id, using_ids
from mimcore.values.instants import Instant, LocalDate, as_date, as_instant, as_zone
from mimcore.values.location import Location, location
from mimcore.values.match_keys import (
    email_key,
    name_phone_key,
    name_postal_key,
    phone_key,
    plain_letters,
    skeleton,
)
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money, money
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber
from mimcore.values.text import clean, fold
from mimcore.values.titles import as_title, title_of

__all__ = [
    "CURRENCIES",
    "EmailAddress",
    "FrozenModel",
    "Instant",
    "LocalDate",
    "Location",
    "Money",
    "PersonName",
    "PhoneNumber",
    "PostalAddress",
    "as_date",
    "as_id",
    "as_instant",
    "as_title",
    "as_zone",
    "check_domain",
    "check_key",
    "clean",
    "country",
    "country_name",
    "currency_code",
    "email_key",
    "exponent",
    "fold",
    "language",
    "language_name",
    "location",
    "money",
    "name_phone_key",
    "name_postal_key",
    "new_id",
    "phone_key",
    "plain_letters",
    "skeleton",
    "title_of",
    "using_ids",
]
