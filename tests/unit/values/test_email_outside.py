"""The isemail test set (see tests/outside/isemail) against mimcore's policy."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mimcore.errors import InvalidValueError
from mimcore.values import EmailAddress

DATA = Path(__file__).parents[2] / "outside" / "isemail" / "isemail_tests.xml"

# category: (what mimcore does, the ids that it treats otherwise, why)
POLICY = {
    "ISEMAIL_ERR": ("refuse", set(), "no standard allows them"),
    "ISEMAIL_DEPREC": ("refuse", set(), "obsolete forms that mail systems reject"),
    "ISEMAIL_RFC5322": ("refuse", set(), "fit for a message header, not for delivery"),
    "ISEMAIL_RFC5321": ("refuse", set(), "quoted parts, address literals and bare or numeric top-level domains"),
    "ISEMAIL_CFWS": ("refuse", {"157", "158"}, "comments and folding; one surrounding space is removed and accepted"),
    "ISEMAIL_DNSWARN": ("accept", set(), "syntax is right and nothing is looked up"),
    "ISEMAIL_VALID_CATEGORY": ("accept", {"5"}, "except a domain without a dot (test@io)"),
}


def cases() -> list[tuple[str, str, str]]:
    """Return id, category and address; the file writes control characters as their symbols."""
    symbols = {0x2400 + number: chr(number) for number in range(0x21)}
    tests = ET.parse(DATA).getroot().iter("test")
    return [
        (str(test.get("id")), str(test.findtext("category")), (test.findtext("address") or "").translate(symbols))
        for test in tests
    ]


def accepted(address: str) -> bool:
    """Whether mimcore takes the address."""
    try:
        EmailAddress.parse(address)
    except InvalidValueError:
        return False
    return True


def test_the_set_is_complete() -> None:
    """164 addresses, 66 of them in the category of errors, every category with a policy."""
    categories = [category for _, category, _ in cases()]
    assert (len(categories), categories.count("ISEMAIL_ERR")) == (164, 66)
    assert set(categories) == set(POLICY)


@pytest.mark.parametrize(("number", "category", "address"), cases(), ids=[number for number, _, _ in cases()])
def test_the_policy_holds_for_every_address(number: str, category: str, address: str) -> None:
    """Each address is taken or refused as the table says."""
    action, exceptions, _ = POLICY[category]
    assert accepted(address) == ((action == "accept") != (number in exceptions))
