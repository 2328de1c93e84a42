"""Reading inside a unit of work: pages, streams and counts by rule, and the questions that services ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.entity import Entity
from mimcore.errors import AmbiguousError, InvalidValueError, NotFoundError
from mimcore.repositories.ports import ContactRepository, Query, Repository
from mimcore.rules.bound import Bound, negate
from mimcore.rules.nodes import Rule
from mimcore.values.email import EmailAddress
from mimcore.values.identifiers import as_id
from mimcore.values.phone import PhoneNumber

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Contacts", "Page", "Records", "Verdicts"]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of results, ordered by id.

    Attributes:
        items: The records.
        next: Give it as `after=` for the next page; None on the last one.
    """

    items: tuple[T, ...]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How a rule divides the active contacts. The three numbers add up to everyone."""

    members: int
    non_members: int
    unknown: int


class Records(Generic[E]):
    """Reading one aggregate by id or key."""

    def __init__(self, work: UnitOfWork, kind: type[E], repository: Repository[E]) -> None:
        """Read through a unit of work.

        Args:
            work: The open unit of work.
            kind: The aggregate.
            repository: Its port.
        """
        self._work, self._kind, self._repository = work, kind, repository

    def get(self, reference: E | UUID | str) -> E:
        """Return the stored record of an object, an id, or a key.

        Raises:
            NotFoundError: If there is none.
        """
        found = self.find_one(reference)
        if found is None:
            raise NotFoundError(f"there is no {self._kind.__name__.lower()} of that id or key in this store")
        return found

    def find_one(self, reference: E | UUID | str) -> E | None:
        """Return the stored record of an object, an id or a key, or None."""
        self._work.alive()
        with_key: Callable[[str], E | None] | None = getattr(self._repository, "with_key", None)
        if isinstance(reference, str) and with_key is not None:
            return with_key(reference)
        wanted = as_id(reference, self._kind.__name__.lower())
        return self._repository.get_many([wanted]).get(wanted)

    def get_all(self, references: Iterable[E | UUID | str]) -> tuple[E, ...]:
        """Return the stored records of objects or ids, in the given order, read at once.

        Raises:
            NotFoundError: If one of them is not stored.
        """
        self._work.alive()
        ids = [as_id(one, self._kind.__name__.lower()) for one in references]
        found = self._repository.get_many(ids)
        if any(one not in found for one in ids):
            raise NotFoundError(f"there is no {self._kind.__name__.lower()} of one of these ids in this store")
        return tuple(found[one] for one in ids)

    def all(self) -> tuple[E, ...]:
        """All records, ordered by id."""
        self._work.alive()
        return tuple(self._repository.all())


class Contacts(Records[Contact]):
    """Reading contacts."""

    def __init__(self, work: UnitOfWork, kind: type[Contact], repository: ContactRepository) -> None:
        """Read through a unit of work.

        Args:
            work: The open unit of work.
            kind: The aggregate.
            repository: Its port.
        """
        super().__init__(work, kind, repository)
        self._port = repository

    def find(
        self, rule: Rule | None = None, *, limit: int = 100, after: UUID | None = None, now: datetime | None = None
    ) -> Page[Contact]:
        """Return a page of active contacts for whom a rule is true, ordered by id.

        Args:
            rule: Any rule; None for everyone.
            limit: Page size, 1 to 10 000.
            after: `next` of the page before.
            now: Instant of evaluation; the store's clock unless given.
        """
        if not 1 <= limit <= 10_000:
            raise InvalidValueError("limit", "is out of range", "give 1 to 10 000, or use stream()")
        ids = self._port.find(Query(self._bound(rule, now), limit + 1, after))
        found = self._port.get_many(ids[:limit])
        return Page(tuple(found[one] for one in ids[:limit]), ids[limit - 1] if len(ids) > limit else None)

    def ids(self, rule: Rule | None = None, *, now: datetime | None = None) -> list[UUID]:
        """Return the ids of all active contacts for whom a rule is true, ordered."""
        return self._port.find(Query(self._bound(rule, now)))

    def stream(self, rule: Rule | None = None, *, now: datetime | None = None) -> Iterator[Contact]:
        """Yield the active contacts for whom a rule is true now, ordered by id.

        Who they are is decided by this call; the contacts themselves are read a few hundred at a time, so that only
        ids are held. One that is removed meanwhile is passed over.

        Args:
            rule: Any rule; None for everyone.
            now: Instant of evaluation; the store's clock unless given.
        """
        return self._in_portions(self.ids(rule, now=now))

    def _in_portions(self, ids: Sequence[UUID]) -> Iterator[Contact]:
        for start in range(0, len(ids), _CHUNK):
            self._work.alive()
            yield from self._in_order(ids[start : start + _CHUNK])

    def count(self, rule: Rule | None = None, *, now: datetime | None = None) -> int:
        """Count the active contacts for whom a rule is true."""
        return self._port.count(self._bound(rule, now))

    def verdicts(self, rule: Rule, *, now: datetime | None = None) -> Verdicts:
        """Count members, non-members and those for whom the rule cannot be decided."""
        self._work.alive()
        bound = self._work.bind(rule, now)
        members, non_members = self._port.count(bound), self._port.count(negate(bound))
        return Verdicts(members, non_members, self._port.count() - members - non_members)

    def with_email(self, address: str) -> Contact:
        """Return the one active contact with an e-mail address.

        Raises:
            NotFoundError: If nobody has it.
            AmbiguousError: If several have it; `all_with_email` returns them.
        """
        return _only(self.all_with_email(address), "this e-mail address", "all_with_email")

    def all_with_email(self, address: str) -> tuple[Contact, ...]:
        """Return the active contacts with an e-mail address, ordered by id."""
        return self._with_point("email", EmailAddress.parse(address).match_key)

    def with_phone(self, number: str, *, region: str | None = None) -> Contact:
        """Return the one active contact with a phone number.

        Raises:
            NotFoundError: If nobody has it.
            AmbiguousError: If several have it; `all_with_phone` returns them.
        """
        return _only(self.all_with_phone(number, region=region), "this phone number", "all_with_phone")

    def all_with_phone(self, number: str, *, region: str | None = None) -> tuple[Contact, ...]:
        """Return the active contacts with a phone number, ordered by id.

        Args:
            number: Phone number.
            region: Country in which a national number is read, such as DK.
        """
        return self._with_point("phone", PhoneNumber.parse(number, region=region).match_key)

    def with_external_id(self, source: str, value: str) -> Contact:
        """Return the one active contact with an id in another system.

        Raises:
            NotFoundError: If nobody has it.
            AmbiguousError: If several have it; `all_with_external_id` returns them.
        """
        return _only(self.all_with_external_id(source, value), "this external id", "all_with_external_id")

    def all_with_external_id(self, source: str, value: str) -> tuple[Contact, ...]:
        """Return the active contacts with an id in another system, ordered by id."""
        self._work.alive()
        return self._in_order(self._port.with_external_ids(source, [value]).get(value, ()))

    def in_account(self, account: Account | UUID | str) -> tuple[Contact, ...]:
        """Return the active contacts with a current link to an account, ordered by id."""
        self._work.alive()
        return self._in_order(self._port.in_account(as_id(account, "account")))

    def _bound(self, rule: Rule | None, now: datetime | None) -> Bound | None:
        self._work.alive()
        return None if rule is None else self._work.bind(rule, now)

    def _with_point(self, kind: str, key: str) -> tuple[Contact, ...]:
        self._work.alive()
        return self._in_order(self._port.with_points(kind, [key]).get(key, ()))

    def _in_order(self, ids: Iterable[UUID]) -> tuple[Contact, ...]:
        wanted = list(ids)
        found = self._port.get_many(wanted)
        return tuple(found[one] for one in wanted if one in found)


def _only(found: tuple[Contact, ...], what: str, instead: str) -> Contact:
    if len(found) > 1:
        raise AmbiguousError(f"{len(found)} active contacts have {what}; use {instead}() to see them")
    for contact in found:
        return contact
    raise NotFoundError(f"no active contact has {what}")
