"""E-mail addresses: what is accepted, how they are written, and the key that finds the same mailbox again.

Accepted is what today's mail systems deliver: `local@domain.tld`, international letters included. Refused by policy,
although a standard may allow them: comments and folded white space, quoted local parts, address literals
(`[192.0.2.1]`), display names (`Ana <ana@acme.dk>`), domains without a dot, and special-use domains (`.test`,
`.local`). No DNS look-up is ever made. Surrounding spaces and tabs are removed; line breaks are refused.
Look-alike letters (Cyrillic in a Latin word) are accepted; `mimcore.values.match_keys.skeleton` gives a hint.
"""

from __future__ import annotations

import re
from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from mimcore.errors import InvalidValueError
from mimcore.values.construct import built
from mimcore.values.mail_providers import ROLE_NAMES, is_disposable, is_free, mailbox
from mimcore.values.model import FrozenModel
from mimcore.values.text import fold

__all__ = ["EmailAddress"]

MAX_ADDRESS_OCTETS = 254  # RFC 5321 §4.5.3.1.3 with RFC 3696 erratum 1690
MAX_LOCAL_OCTETS = 64  # RFC 5321 §4.5.3.1.1
_PADDING = " \t\u00a0\u3000\ufeff"
_REMEDY = "write it like 'ana@acme.dk'"

_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ORDINARY = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+([A-Za-z]{{2,63}}))")
# Left to the library: names it lower-cases (RFC 2142) and top-level domains it refuses (RFC 6761).
_RFC_2142 = "info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp"
_LIBRARY_NAMES = frozenset(_RFC_2142.split())
_LIBRARY_TLDS = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})


class EmailAddress(FrozenModel):
    """One e-mail address, checked and in normal form.

    The domain is lower case and in Unicode; the local part keeps its case, as RFC 5321 asks, except for the role
    names of RFC 2142 (`Info@` becomes `info@`). Two spellings of one mailbox have the same `match_key`.

    Args:
        address: The address, at most 254 octets, 64 of them before the '@'. Missing values are refused: use None
            in place of the object.

    Raises:
        InvalidValueError: If it is not a deliverable form; the message never holds the address.

    Examples:
        >>> EmailAddress(address=" Ana.Sorensen@ACME.dk ").address
        'Ana.Sorensen@acme.dk'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"address"})

    address: str

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: object) -> object:
        return {"address": data} if isinstance(data, str) else data

    @field_validator("address", mode="before")
    @classmethod
    def _check(cls, value: object) -> str:
        return normalise_address(value, "")

    @classmethod
    def parse(cls, text: object, *, field: str = "email") -> Self:
        """Check and normalise an address.

        Args:
            text: The address as somebody wrote it.
            field: Name used in an error.

        Returns:
            The address.

        Raises:
            InvalidValueError: If it is missing or not accepted (see the module for the policy).

        Examples:
            >>> EmailAddress.parse("ana@acme.dk").domain
            'acme.dk'
        """
        return built(cls, {"address": normalise_address(text, field)}, {"address"})

    @property
    def local(self) -> str:
        """The part before the '@', with its case."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The part after the '@', lower case, Unicode."""
        return self.address.rpartition("@")[2]

    @property
    def match_key(self) -> str:
        """The mailbox behind the address, for finding duplicates only; never send to it.

        Folded before the '@', with the dots and tags removed that the provider is known to ignore (see
        `mail_providers`). The domain is in one form already: folding would make 'straße.de' somebody else's.

        Examples:
            >>> EmailAddress(address="Ana.Berg+shop@googlemail.com").match_key
            'anaberg@gmail.com'
        """
        local, domain = mailbox(fold(self.local), self.domain)
        return f"{local}@{domain}"

    @property
    def is_role(self) -> bool:
        """Whether it names a function (`info@`, `sales@`), which identifies nobody."""
        return fold(self.local).split("+", 1)[0] in ROLE_NAMES

    @property
    def is_free_mail(self) -> bool:
        """Whether the domain gives mailboxes to everybody (4,200 are known); False means not known to be one."""
        return is_free(self.domain)

    @property
    def is_disposable(self) -> bool:
        """Whether the domain lends addresses for minutes (10,200 are known); False means not known to be one."""
        return is_disposable(self.domain)


def normalise_address(value: object, field: str) -> str:
    """Check an address and return its normal form.

    Args:
        value: The address as somebody wrote it.
        field: Name used in an error.

    Returns:
        The normal form; normalising it again changes nothing.

    Raises:
        InvalidValueError: If it is not accepted.

    Examples:
        >>> normalise_address("ana@ACME.dk", "email")
        'ana@acme.dk'
    """
    text = _within_limits(value, field)
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None:
        local, domain, top = ordinary.groups()
        plain = "--" not in domain and top.lower() not in _LIBRARY_TLDS and local.lower() not in _LIBRARY_NAMES
        if plain:
            return f"{local}@{domain.lower()}"
    return library_normal_form(text, field)


def library_normal_form(text: str, field: str) -> str:
    """Return email-validator's verdict: the slow, complete path behind `normalise_address`.

    Args:
        text: An address within the length limits.
        field: Name used in an error.

    Returns:
        The normal form.

    Raises:
        InvalidValueError: If the library refuses it.

    Examples:
        >>> library_normal_form("bürger@münchen.de", "email")
        'bürger@münchen.de'
    """
    from email_validator import validate_email  # lazily: `import mimcore` must stay light

    try:
        return validate_email(text, check_deliverability=False).normalized
    except ValueError:
        reason = _reason(text)
    raise InvalidValueError(field, reason, _REMEDY)


def _within_limits(value: object, field: str) -> str:
    if value is None:
        raise InvalidValueError(field, "is missing", _REMEDY)
    if not isinstance(value, str):
        raise InvalidValueError(field, "must be text", "give a str")
    text = value.strip(_PADDING) if len(value) <= 2 * MAX_ADDRESS_OCTETS else value
    if not text:
        raise InvalidValueError(field, "is empty", _REMEDY)
    if _octets(text) > MAX_ADDRESS_OCTETS:
        raise InvalidValueError(field, f"is too long (at most {MAX_ADDRESS_OCTETS} octets)", _REMEDY)
    if _octets(text.rpartition("@")[0]) > MAX_LOCAL_OCTETS:
        raise InvalidValueError(field, f"is too long before the '@' (at most {MAX_LOCAL_OCTETS} octets)", _REMEDY)
    return text


def _octets(text: str) -> int:
    return len(text) if text.isascii() or len(text) > MAX_ADDRESS_OCTETS else len(text.encode("utf-8", "replace"))


def _reason(text: str) -> str:
    """Name what is wrong without repeating any of it; the policy's own refusals come first."""
    local, at, domain = text.rpartition("@")
    checks = (
        (not at, "has no '@'"),
        ("<" in text or ">" in text, "has a display name or angle brackets"),
        (text.startswith('"') or '"@' in text, "has a quoted part, which many mail systems refuse"),
        ("(" in text or ")" in text, "has a comment"),
        (domain.startswith("["), "has a numeric address in place of a domain"),
        (any(character.isspace() for character in text), "has white space inside"),
        (not local, "has nothing before the '@'"),
        ("@" in local, "has more than one '@'"),
        ("." not in domain, "has a domain without a dot"),
        (".." in text or local.startswith(".") or local.endswith("."), "has a dot too many"),
        (domain.rpartition(".")[2].lower() in _LIBRARY_TLDS, "has a special-use domain that receives no mail"),
    )
    return next((reason for wrong, reason in checks if wrong), "is not an e-mail address")
