"""What is odd about the addresses of an import without being wrong: counted in the plan, never a reason to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mimcore.capture.rows import Candidate
from mimcore.values.email import EmailAddress

__all__ = ["AddressFlags"]


class AddressFlags:
    """Counts rows by what their e-mail addresses are.

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
                self.counts.update({flag for point in one.contact.emails for flag in _flags(point.email)})


def _flags(email: EmailAddress) -> list[str]:
    flags = {
        "role mailbox": email.is_role,
        "free-mail domain": email.is_free_mail,
        "disposable domain": email.is_disposable,
    }
    return [name for name, holds in flags.items() if holds]
