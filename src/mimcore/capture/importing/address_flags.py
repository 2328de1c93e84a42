"""What is odd about addresses and domains of an import without being wrong: counted, never a reason to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import cast

from mimcore.capture.importing.rows import Candidate
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.values.mail_providers import is_disposable, is_free
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
        return set() if record.domain is None else _of_domain(record.domain)
    emails = [point.email for point in record.emails]
    roles = {"role mailbox" for email in emails if email.is_role}
    return roles.union(*(_of_domain(email.domain) for email in emails))


def _of_domain(domain: str) -> set[str]:
    folded = fold(domain)
    flags = {"free-mail domain": is_free(folded), "disposable domain": is_disposable(folded)}
    return {name for name, holds in flags.items() if holds}
