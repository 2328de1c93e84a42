"""What is odd about addresses and domains of an import without being wrong: counted, never a reason to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import cast

from mimcore.capture.rows import Candidate
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.values.email import EmailAddress
from mimcore.values.mail_providers import disposable_domains, free_domains, is_below
from mimcore.values.text import fold

__all__ = ["AddressFlags"]


class AddressFlags:
    """Counts rows by what their e-mail addresses are, those of accounts by their domain.

    Attributes:
        counts: Rows by flag.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Counter[str] = Counter()

    def look(self, items: Iterable[object]) -> None:
        """Look at rows as an importer has read them; rejects and events have no addresses of their own.

        Args:
            items: The rows.
        """
        for one in items:
            if isinstance(one, Candidate):
                self.counts.update(_odd(cast("Candidate[Contact | Account]", one).record))


def _odd(record: Contact | Account) -> set[str]:
    if isinstance(record, Account):
        domain = fold(record.domain or "")
        is_lent = is_below(domain, disposable_domains())
        flags = {"free-mail domain": domain in free_domains(), "disposable domain": is_lent}
        return {name for name, holds in flags.items() if holds}
    return {flag for point in record.emails for flag in _flags(point.email)}


def _flags(email: EmailAddress) -> list[str]:
    flags = {
        "role mailbox": email.is_role,
        "free-mail domain": email.is_free_mail,
        "disposable domain": email.is_disposable,
    }
    return [name for name, holds in flags.items() if holds]
