"""A personal value never travels inside an error, its arguments, its causes or its traceback's locals of the error chain."""

from __future__ import annotations

import pickle

import pytest
from pydantic import BaseModel, ValidationError

from mimcore.errors import InvalidValueError, MimcoreError
from mimcore.values import (
    EmailAddress,
    Money,
    PersonName,
    PhoneNumber,
    PostalAddress,
    as_title,
    country,
    currency_code,
    language,
    money,
)

CANARY = "Zqxcanary"
FAILURES = {
    "email parse": lambda: EmailAddress.parse(f"{CANARY} @acme"),
    "email library": lambda: EmailAddress.parse(f"{CANARY}@-acme-.dk"),
    "email idna": lambda: EmailAddress.parse(f"ana@{CANARY}\u0378.dk"),
    "email field": lambda: EmailAddress(address=f"{CANARY}<"),
    "email extra": lambda: EmailAddress(address="ana@acme.dk", **{CANARY: 1}),
    "email validate": lambda: EmailAddress.model_validate({"address": [CANARY]}),
    "email json": lambda: EmailAddress.model_validate_json(f'{{"address": "{CANARY}"}}'),
    "email evolve": lambda: EmailAddress(address="ana@acme.dk").evolve(address=CANARY),
    "email assign": lambda: setattr(EmailAddress(address="ana@acme.dk"), "address", CANARY),
    "phone parse": lambda: PhoneNumber.parse(CANARY, region="DK"),
    "phone long": lambda: PhoneNumber.parse(CANARY * 40, region="DK"),
    "phone region": lambda: PhoneNumber.parse("32123456", region=CANARY),
    "phone field": lambda: PhoneNumber(e164=CANARY),
    "phone text": lambda: PhoneNumber.model_validate(CANARY),
    "name company": lambda: PersonName.parse(f"{CANARY} Inc"),
    "name couple": lambda: PersonName.parse(f"{CANARY} & Berg"),
    "name address": lambda: PersonName.parse(f"{CANARY}@acme.dk"),
    "name text": lambda: PersonName.model_validate(f"{CANARY} GmbH"),
    "name title": lambda: PersonName(title=CANARY, given="Ana"),
    "name type": lambda: PersonName(given=[CANARY]),
    "name long": lambda: PersonName(given=CANARY * 20),
    "title": lambda: as_title(CANARY),
    "address country": lambda: PostalAddress(street="x", country=CANARY),
    "address long": lambda: PostalAddress(street=CANARY * 40),
    "country": lambda: country(CANARY),
    "language": lambda: language(CANARY),
    "currency": lambda: currency_code(CANARY),
    "money amount": lambda: money(CANARY, "DKK"),
    "money currency": lambda: money(1, CANARY),
    "money units": lambda: Money(minor_units=CANARY, currency="DKK"),
}


def chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and everything it says it came from."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize("name", FAILURES)
def test_no_error_holds_the_value(name: str) -> None:
    """Text, repr, arguments, problems, causes, contexts and the pickled error are free of it; a field and a remedy are named."""
    with pytest.raises(MimcoreError) as caught:
        FAILURES[name]()
    for error in chain(caught.value):
        shown = f"{error!s} {error!r} {error.args!r} {vars(error)!r}"
        assert CANARY.lower() not in shown.lower()
    assert CANARY.encode() not in pickle.dumps(caught.value)
    assert isinstance(caught.value, InvalidValueError)
    assert all(problem.reason and problem.remedy for problem in caught.value.problems)


class Host(BaseModel):
    """A user's own model that embeds our values."""

    email: EmailAddress
    name: PersonName


def test_a_host_model_sees_an_ordinary_validation_error() -> None:
    """Embedding keeps pydantic's behaviour, and texts are read in place."""
    host = Host.model_validate({"email": "ana@acme.dk", "name": "Fru Ana Sørensen"})
    assert (host.email.domain, host.name.title) == ("acme.dk", "mrs")
    with pytest.raises(ValidationError) as caught:
        Host.model_validate({"email": "ana", "name": "Ana"})
    assert [error["loc"] for error in caught.value.errors()] == [("email", "address")]
