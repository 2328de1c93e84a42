from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.values import EmailAddress, email_key
from mimcore.values.email import library_normal_form, normalise_address
from mimcore.values.mail_providers import PROVIDERS, disposable_domains, free_domains, is_below
from mimcore.values.text import fold


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ana@acme.dk", "ana@acme.dk"), ("Ana.Sorensen@ACME.DK", "Ana.Sorensen@acme.dk"), ("  ana@acme.dk\t", "ana@acme.dk"),
        ("\u00a0ana@acme.dk", "ana@acme.dk"), ("INFO@acme.dk", "info@acme.dk"), ("a+b@acme.dk", "a+b@acme.dk"),
        ("o'neill@acme.ie", "o'neill@acme.ie"), ("ana@münchen.de", "ana@münchen.de"), ("ana@XN--MNCHEN-3YA.de", "ana@münchen.de"),
        ("jøran@blåbær.no", "jøran@blåbær.no"), ("jo\u0308rg@acme.de", "jörg@acme.de"), ("ana@sub.acme.co.uk", "ana@sub.acme.co.uk"),
    ],
)  # fmt: skip
def test_addresses_are_stored_in_normal_form(written: str, stored: str) -> None:
    """Both ways of making an address give the same normal form, which is a fixed point."""
    assert EmailAddress.parse(written).address == stored
    assert EmailAddress(address=written) == EmailAddress.parse(stored)
    assert EmailAddress.model_validate(written).address == stored


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"), ("   ", "empty"), ("ana", "no '@'"), ("@acme.dk", "nothing before"), ("ana@acme", "without a dot"),
        ("Ana <ana@acme.dk>", "display name"), ("<ana@acme.dk>", "display name"), ('"ana b"@acme.dk', "quoted"),
        ("ana(work)@acme.dk", "comment"), ("ana@[192.0.2.1]", "numeric address"), ("ana b@acme.dk", "white space"),
        ("ana@acme.dk\r\nBcc: x@y.dk", "white space"), ("ana@acme.dk\n", "white space"), ("ana..b@acme.dk", "dot too many"),
        (".ana@acme.dk", "dot too many"), ("ana@acme..dk", "dot too many"), ("ana@b@acme.dk", "more than one"),
        ("ana@acme.test", "special-use"), ("ana@localhost", "without a dot"), ("ana@-acme.dk", "not an e-mail"),
        ("a" * 65 + "@acme.dk", "before the '@'"), ("ana@" + "a" * 60 + ".b" * 120 + ".dk", "254"), ("x" * 10_000_000, "254"),
        (" " * 10_000_000, "254"), ("ana\ud800@acme.dk", "not an e-mail"), ("ana\x00@acme.dk", "not an e-mail"), ("ø" * 33 + "@acme.dk", "64"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(written: str, reason: str) -> None:
    """The reason is named; the address is not."""
    with pytest.raises(InvalidValueError, match=reason) as caught:
        EmailAddress.parse(written, field="work_email")
    assert caught.value.field == "work_email"
    assert caught.value.remedy == "write it like 'ana@acme.dk'"


@pytest.mark.parametrize("value", [None, 5, b"ana@acme.dk", ["ana@acme.dk"]])
def test_only_text_is_an_address(value: object) -> None:
    """Other types and None are refused by both constructors."""
    with pytest.raises(InvalidValueError, match=r"^email: (must be text|is missing)"):
        EmailAddress.parse(value)
    with pytest.raises(InvalidValueError, match=r"^address: (must be text|is missing)"):
        EmailAddress(address=value)


def test_the_parts_of_an_address() -> None:
    """Local part with its case, domain in lower case."""
    address = EmailAddress(address="Ana.Berg+x@Acme.dk")
    assert (address.local, address.domain) == ("Ana.Berg+x", "acme.dk")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ana.Berg@gmail.com", "anaberg@gmail.com"), ("a.n.a+shop@googlemail.com", "ana@gmail.com"),
        ("Ana+x@outlook.com", "ana@outlook.com"), ("ana.b+x@hotmail.com", "ana.b@hotmail.com"), ("ana+x@me.com", "ana@icloud.com"),
        ("ana@mac.com", "ana@icloud.com"), ("ana+1@pm.me", "ana@proton.me"), ("ana+1@protonmail.com", "ana@proton.me"),
        ("ana+t@fastmail.com", "ana@fastmail.com"), ("ana+t@ya.ru", "ana@yandex.ru"), ("ana+t@zoho.com", "ana@zoho.com"),
        ("ana+t@yahoo.com", "ana+t@yahoo.com"), ("Ana.Berg+t@acme.dk", "ana.berg+t@acme.dk"), ("+tag@gmail.com", "+tag@gmail.com"),
        ("STRASSE@acme.de", "strasse@acme.de"),
    ],
)  # fmt: skip
def test_the_match_key_ignores_what_the_provider_ignores(written: str, key: str) -> None:
    """Dots and tags go where the provider is known to drop them, nowhere else."""
    assert EmailAddress(address=written).match_key == key


def test_domains_of_two_owners_are_two_keys() -> None:
    """'straße.de' and 'strasse.de' are registered apart; however the first is written, it is one."""
    keys = [EmailAddress.parse(f"Ana@{domain}").match_key for domain in ("straße.de", "XN--STRAE-OQA.de", "strasse.de")]
    assert keys == ["ana@straße.de", "ana@straße.de", "ana@strasse.de"]


@pytest.mark.parametrize("domain", PROVIDERS)
def test_match_keys_are_fixed_points(domain: str) -> None:
    """The key of a key is the key."""
    key = EmailAddress(address=f"A.b+c@{domain}").match_key
    assert EmailAddress(address=key).match_key == key


@pytest.mark.parametrize(
    ("written", "role", "free"),
    [
        ("info@acme.dk", True, False),
        ("Sales+eu@acme.dk", True, False),
        ("ana@gmail.com", False, True),
        ("infoana@acme.dk", False, False),
    ],
)
def test_role_and_free_mailboxes_are_known(written: str, role: bool, free: bool) -> None:
    """A role mailbox identifies nobody: it has no identity key."""
    address = EmailAddress(address=written)
    assert (address.is_role, address.is_free_mail) == (role, free)
    assert (email_key(address) is None) == role


@pytest.mark.parametrize(
    ("domain", "free", "disposable"),
    [
        ("yahoo.dk", True, False),
        ("GMX.at", True, False),
        ("free.fr", True, False),
        ("qq.com", True, False),
        ("mailinator.com", False, True),
        ("box.mailinator.com", False, True),
        ("nomailinator.com", False, False),
        ("box.gmail.com", False, False),
        ("ibm.com", False, False),
        ("maersk.com", False, False),
        ("xn--bcher-kva.example.org", False, False),
    ],
)
def test_free_and_disposable_domains_are_flagged(domain: str, free: bool, disposable: bool) -> None:
    """Everybody's mailboxes by the domain itself, addresses for minutes below it too; companies are neither."""
    address = EmailAddress(address=f"ana@{domain}")
    assert (address.is_free_mail, address.is_disposable) == (free, disposable)


def test_the_lists_are_whole_folded_and_apart() -> None:
    """As many as were published, in the form that they are looked up in, none on both."""
    free, disposable = free_domains(), disposable_domains()
    assert (len(free), len(disposable)) == (4242, 10183)
    assert not any(is_below(one, disposable) for one in free)
    assert all(fold(one) == one.strip() and "." in one for one in free | disposable)


def test_the_repr_masks_the_address() -> None:
    """Neither repr nor str shows it."""
    address = EmailAddress(address="ana@acme.dk")
    assert "ana" not in repr(address) + str(address)


LOCALS = [
    "ana",
    "Ana.Berg",
    "a+b",
    "o'neill",
    "info",
    "Sales",
    "a..b",
    ".a",
    "a.",
    "",
    "ø",
    "a b",
    '"a"',
    "{x}",
    "a@b",
    "x" * 63,
    "x" * 64,
    "x" * 65,
]
DOMAINS = [
    "acme.dk", "ACME.DK", "a-b.co.uk", "ab--cd.com", "xn--mnchen-3ya.de", "münchen.de", "acme", "acme.d", "1.2.3.4", "a.b.c.museum",
    "-a.dk", "a-.dk", "a..dk", ".dk", "acme.dk.", "x.test", "x.LOCAL", "a.onion", "a_b.dk", "l" * 63 + ".dk", "l" * 64 + ".dk", "acme.c0m",
    "acme.dk1", "a.xn--p1ai", "ex\u2024ample.com", "ａcme.dk", "acme。dk", "home.arpa", "foo.test.dk",
]  # fmt: skip


def verdict(judge: object, text: str) -> str | None:
    """Return the normal form, or None if it is refused."""
    try:
        return judge(text, "email")
    except InvalidValueError:
        return None


def within_limits(text: str) -> bool:
    """Whether the caps before the library let the text through unchanged."""
    octets = len(text.encode("utf-8", "replace"))
    return (
        bool(text)
        and text == text.strip(" \t\u00a0\u3000\ufeff")
        and octets <= 254
        and len(text.rpartition("@")[0].encode("utf-8", "replace")) <= 64
    )


def test_the_fast_path_gives_exactly_the_library_answer() -> None:
    """20,000 seeded mutations of addresses: fast path and email-validator never differ."""
    dice = random.Random(20260309)
    alphabet = "ab.@-_+AZ09 \"'(){}<>ø\u0430，,;:\\/[]!"
    for _ in range(20_000):
        text = list(f"{dice.choice(LOCALS)}@{dice.choice(DOMAINS)}")
        for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
            place = dice.randrange(len(text) + 1)
            text[place : place + dice.choice([0, 1])] = dice.choice(alphabet)
        written = "".join(text)
        if within_limits(written):
            assert verdict(normalise_address, written) == verdict(library_normal_form, written), written


@given(st.one_of(st.emails(), st.text(max_size=80), st.text(alphabet="ab.@-+A1 ø", max_size=20)))
@example("a@b.c")
@example("a@b--c.de")
def test_any_text_gets_the_library_answer_and_normal_forms_stay(text: str) -> None:
    """On arbitrary text: same answer as the library, and normalising twice changes nothing."""
    if not within_limits(text):
        return
    found = verdict(normalise_address, text)
    assert found == verdict(library_normal_form, text)
    if found is not None and within_limits(found):
        assert normalise_address(found, "email") == found


def test_hostile_input_is_judged_quickly() -> None:
    """No length makes one address take more than a fraction of a second."""
    hostile = [
        "a" * 10_000_000,
        "a." * 126 + "@",
        "a@" + "a-" * 120 + ".",
        "(" * 250 + "@a.dk",
        "a@" + "a." * 120 + "1",
        "\u0308" * 200 + "@a.dk",
    ]
    start = time.perf_counter()
    assert [verdict(normalise_address, text) for text in hostile] == [None] * len(hostile)
    assert time.perf_counter() - start < 1.0
