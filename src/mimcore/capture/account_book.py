"""Accounts that rows about contacts name: found by domain, else by name, and made where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mimcore.capture.field_policies import Policies, Sight
from mimcore.capture.import_writes import Write
from mimcore.capture.row_changes import Reliability, Seen, seen_in, seen_of, updated
from mimcore.domain.account import Account
from mimcore.domain.vocabularies import RecordStatus
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
        self._by_name: dict[str, UUID] | None = None
        self._looked_up: set[str] = set()

    def fetch(self, work: UnitOfWork, named: Iterable[Account], reliability: Reliability) -> None:
        """Look accounts up; names are looked through only if a row gives no domain.

        Args:
            work: The open unit of work.
            named: Accounts as the rows describe them.
            reliability: Of each source.
        """
        named = list(named)
        found = [
            account
            for domain in sorted({one.domain for one in named if one.domain} - self._looked_up)
            if (account := work.transaction.accounts.with_domain(domain)) is not None
        ]
        self._looked_up |= {one.domain for one in named if one.domain}
        if self._by_name is None and any(one.domain is None for one in named):
            self._by_name = {fold(one.name): one.id for one in self._accounts.values() if one.name is not None}
            found += [one for one in work.transaction.accounts.all() if one.status is RecordStatus.ACTIVE]
        new = {one.id: one for one in found if one.id not in self._accounts}
        states = work.transaction.freshness.of(new)
        for account in new.values():
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
        account_id = self._by_domain.get(named.domain) if named.domain else None
        if account_id is None and named.domain is None and named.name is not None:
            account_id = (self._by_name or {}).get(fold(named.name))
        return None if account_id is None else self._accounts[account_id]

    def _remember(self, account: Account, seen: Seen) -> None:
        self._accounts[account.id], self._seen[account.id] = account, seen
        if account.domain is not None:
            self._by_domain.setdefault(account.domain, account.id)
        if account.name is not None and self._by_name is not None:
            self._by_name.setdefault(fold(account.name), account.id)
