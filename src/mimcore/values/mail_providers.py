"""What mail providers are publicly known to ignore in an address, and which mailboxes belong to no one person.

Facts only: no look-up of mail servers. Companies that host their own domain with a provider (Google Workspace keeps
dots, for instance) are deliberately left alone: a key that is too wide would merge two people.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = [
    "ROLE_NAMES",
    "Provider",
    "disposable_domains",
    "free_domains",
    "is_below",
    "is_disposable",
    "is_free",
    "mailbox",
]


class Provider(NamedTuple):
    """What one provider ignores: dots, everything after a sign, and which domain is the same mailbox."""

    canonical: str
    dots: bool = False
    tag: str = "+"


_MICROSOFT = ("outlook.com", "hotmail.com", "live.com", "msn.com")
_PLAIN_TAGS = ("fastmail.com", "fastmail.fm", "zoho.com", "zohomail.com", "zohomail.eu", "mailbox.org", "posteo.de")
_YANDEX = ("yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "ya.ru")

PROVIDERS: dict[str, Provider] = {
    "gmail.com": Provider("gmail.com", dots=True),
    "googlemail.com": Provider("gmail.com", dots=True),
    "icloud.com": Provider("icloud.com"),
    "me.com": Provider("icloud.com"),
    "mac.com": Provider("icloud.com"),
    "proton.me": Provider("proton.me"),
    "protonmail.com": Provider("proton.me"),
    "pm.me": Provider("proton.me"),
    **{domain: Provider(domain) for domain in (*_MICROSOFT, *_PLAIN_TAGS)},
    **{domain: Provider("yandex.ru") for domain in _YANDEX},
}

_ROLES = """
    abuse accounts admin administrator billing booking bookings career careers contact customerservice
    enquiries finance help helpdesk hello hostmaster hr info information inquiries invoice invoices it jobs kontakt
    legal mail marketing media newsletter no-reply noc noreply office orders payments postmaster pr press privacy
    purchasing reception root sales security service shop support team webmaster www
"""
ROLE_NAMES = frozenset(_ROLES.split())
"""Local parts that name a function; after RFC 2142 and common use."""

_LISTS = files("mimcore.values") / "mail_domains"


@cache
def free_domains() -> frozenset[str]:
    """Return the domains of providers of mail for everybody; absence proves nothing."""
    return _listed("free.txt")


@cache
def disposable_domains() -> frozenset[str]:
    """Return the domains of providers of addresses that live for minutes; absence proves nothing."""
    return _listed("disposable.txt")


def is_free(domain: str) -> bool:
    """Tell whether a folded domain is known to give mailboxes to everybody."""
    return domain in free_domains()


def is_disposable(domain: str) -> bool:
    """Tell whether a folded domain, or one that it is a part of, is known to lend addresses for minutes."""
    return is_below(domain, disposable_domains())


def is_below(domain: str, domains: AbstractSet[str]) -> bool:
    """Tell whether a domain, or one that it is a part of, is among domains.

    Args:
        domain: Folded domain.
        domains: Folded domains.

    Examples:
        >>> is_below("a.mailinator.com", {"mailinator.com"}), is_below("nomailinator.com", {"mailinator.com"})
        (True, False)
    """
    labels = domain.split(".")
    return any(".".join(labels[place:]) in domains for place in range(len(labels) - 1))


def _listed(name: str) -> frozenset[str]:
    lines = (_LISTS / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def mailbox(local: str, domain: str) -> tuple[str, str]:
    """Return the mailbox that a folded address reaches.

    Args:
        local: The folded part before the '@'.
        domain: The folded domain.

    Returns:
        Local part and domain without what the provider ignores. Unchanged for providers that are not in the table,
        and where nothing would be left of the local part.

    Examples:
        >>> mailbox("a.na+x", "gmail.com")
        ('ana', 'gmail.com')
        >>> mailbox("a.na+x", "acme.dk")
        ('a.na+x', 'acme.dk')
    """
    provider = PROVIDERS.get(domain)
    if provider is None:
        return local, domain
    name = local.split(provider.tag, 1)[0]
    name = name.replace(".", "") if provider.dots else name
    return name or local, provider.canonical
