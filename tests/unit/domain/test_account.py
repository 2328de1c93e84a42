"""The account: its name or domain, and who decides there."""

from __future__ import annotations

from uuid import UUID

import pytest

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.declaring.entity import CLEAR
from mimcore.domain.vocabularies import Seniority
from mimcore.errors import InvalidValueError
from mimcore.values.money import money

ACME = Account(name="Acme A/S", domain="https://www.Acme.dk/about", industry="62.01", employees=240)


def test_short_names_reach_the_groups() -> None:
    """As in the guide; a domain is normalised."""
    full = ACME.evolve(annual_revenue=money(5_000_000, "DKK"), stack=["salesforce"], key_account_rank=3)
    assert full.domain == "acme.dk"
    assert (full.firmographic.industry, full.firmographic.employees) == ("62.01", 240)
    assert full.firmographic.annual_revenue == money(5_000_000, "DKK")
    assert full.technology.stack == ("salesforce",)
    assert full.key_account.rank == 3
    assert full.evolve(employees=CLEAR).firmographic.employees is None
    assert full.evolve(external_ids={"crm": "7"}).evolve(external_ids={"web": "8"}).external_ids[0].value == "7"


@pytest.mark.parametrize("fields", [{}, {"name": " "}, {"employees": 7}])
def test_an_account_has_a_name_or_a_domain(fields: dict[str, object]) -> None:
    """Without either nobody could tell which company it is."""
    with pytest.raises(InvalidValueError, match="name"):
        Account(**fields)
    with pytest.raises(InvalidValueError, match="name"):
        ACME.evolve(name=CLEAR, domain=CLEAR)


@pytest.mark.parametrize("employees", [-1, 2.5, "240", True, 2**53 + 1])
def test_employees_are_a_whole_number(employees: object) -> None:
    """Not below 0, nothing that only looks like a number."""
    with pytest.raises(InvalidValueError, match=r"firmographic\.employees"):
        Account(name="Acme", employees=employees)


def test_an_account_is_not_its_own_parent() -> None:
    """The tree of companies has no circle of one."""
    with pytest.raises(InvalidValueError, match="parent_id"):
        ACME.evolve(parent_id=ACME)
    assert Account(name="Acme Sverige", parent_id=ACME).parent_id == ACME.id


def _person(name: str, number: int, *links: AccountLink, **fields: object) -> Contact:
    return Contact(id=UUID(int=number), name=name, accounts=links, **fields)


def test_decision_makers_are_the_senior_people_of_this_account() -> None:
    """Director and above, or said to decide; most senior first; no former staff, nobody from elsewhere."""
    here = AccountLink(account_id=ACME.id)
    people = [
        _person("Dora Director", 1, here, seniority="director"),
        _person("Chris Chief", 2, here, seniority="c_level"),
        _person("Mona Manager", 3, here, seniority="manager"),
        _person("Ida Intern", 4, here, seniority="intern", is_decision_maker=True),
        _person("Noah Nothing", 5, here, is_decision_maker=True),
        _person("Olga Owner", 6, here, seniority="owner", is_decision_maker=False),
        _person("Fred Former", 7, here.evolve(end_on="2020-01-01"), seniority="owner"),
        _person("Ella Elsewhere", 8, AccountLink(account_id=UUID(int=99)), seniority="owner"),
        _person("Bo Board", 9, AccountLink(account_id=UUID(int=99)), here.evolve(is_primary=False), seniority="owner"),
        _person("Una Unlinked", 10, seniority="owner"),
    ]
    names = [contact.name.family for contact in ACME.decision_makers(people)]
    assert names == ["Board", "Chief", "Director", "Intern", "Nothing"]


def test_levels_stand_in_order() -> None:
    """`decision_makers` sorts by the order of the vocabulary."""
    assert [level.value for level in Seniority] == [
        "intern", "junior", "senior", "lead", "manager", "director", "vice_president", "c_level", "owner",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("straße.de", "xn--strae-oqa.de"),
        ("strasse.de", "strasse.de"),
        ("https://www.MÜNCHEN.de/kontakt", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("日本.jp", "xn--wgv71a.jp"),
    ],
)
def test_domains_that_can_be_registered_apart_stay_apart(given: str, kept: str) -> None:
    """IDNA 2008, as e-mail addresses are read: published forms, by the registries' own converters."""
    assert Account(domain=given).domain == kept


@pytest.mark.parametrize("given", ["☃.de", "a..de", "ü", "ex\u0378.dk"])
def test_what_is_no_domain_outside_ascii_is_refused(given: str) -> None:
    """By our error, without the text."""
    with pytest.raises(InvalidValueError, match="is not a domain name") as caught:
        Account(domain=given)
    assert given not in str(caught.value)
