"""Accounts that rows about contacts name: found by domain, else by name, and made where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mimcore.capture.importing.row_changes import Reliability, Seen, seen_in, seen_of, updated
from mimcore.capture.importing.writes import Write
from mimcore.capture.mapping.field_policies import Policies, Sight
from mimcore.domain.account import Account
from mimcore.errors import InvalidValueError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.text import fold

__all__ = ["AccountBook"]


class AccountBook:
    """The accounts that the rows at hand name."""

    def __init__(self, policies: Policies) -> None:
        """Begin empty.

        Args:
            policies: What rows may do to accounts that are stored.
        """
        self._policies = policies
        self._accounts: dict[UUID, Account] = {}
        self._seen: dict[UUID, Seen] = {}
        self._by_domain: dict[str, UUID] = {}
        self._by_name: dict[str, UUID] = {}
        self._looked_up: set[tuple[str, str]] = set()

    def fetch(self, work: UnitOfWork, named: Iterable[Account], reliability: Reliability) -> None:
        """Look accounts up, by name only where a row gives no domain.

        Args:
            work: The open unit of work.
            named: Accounts as the rows describe them.
            reliability: Of each source.
        """
        asked = {_key(one) for one in named} - self._looked_up
        self._looked_up |= asked
        accounts = work.transaction.accounts
        found = (
            *accounts.with_domains(sorted(word for kind, word in asked if kind == "domain")).values(),
            *accounts.with_names(sorted(word for kind, word in asked if kind == "name")).values(),
        )
        new = {ids[0] for ids in found} - self._accounts.keys()
        states = work.transaction.freshness.of(new)
        for account in accounts.get_many(new).values():
            self._remember(account, seen_of(states.get(account.id, ()), account.id, reliability))

    def settle(self, named: Account, sight: Sight, writes: list[Write]) -> tuple[UUID, bool]:
        """Find or make the account that a row names.

        Args:
            named: The account as the row describes it.
            sight: Who says the row, and when it was observed.
            writes: Where a new or changed account is noted.

        Returns:
            Its id, and whether anything is written.
        """
        stored = self._find(named)
        if stored is None:
            writes.append(Write(None, named, sight.at))
            self._remember(named.model_copy(update={"version": 1}), seen_in(named, sight))
            return named.id, True
        seen = dict(self._seen[stored.id])
        try:
            account = updated(stored, named, seen, sight, self._policies)
        except InvalidValueError:  # what does not fit the stored account is the account's matter, not the contact's
            return stored.id, False
        if account == stored:
            return stored.id, False
        writes.append(Write(stored, account, sight.at))
        self._remember(account.model_copy(update={"version": stored.version + 1}), seen)
        return stored.id, True

    def _find(self, named: Account) -> Account | None:
        kind, word = _key(named)
        account_id = (self._by_domain if kind == "domain" else self._by_name).get(word)
        return None if account_id is None else self._accounts[account_id]

    def _remember(self, account: Account, seen: Seen) -> None:
        self._accounts[account.id], self._seen[account.id] = account, seen
        if account.domain is not None:
            self._by_domain.setdefault(account.domain, account.id)
        if account.name is not None:
            self._by_name.setdefault(fold(account.name), account.id)


def _key(named: Account) -> tuple[str, str]:
    """Return by what an account is looked for; it has a domain or a name."""
    return ("name", fold(named.name or "")) if named.domain is None else ("domain", named.domain)
