"""Reading inside a unit of work: pages, streams and counts by rule, and the questions that services ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, get_args
from uuid import UUID

from mimcore.display.numbers import count
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.errors import AmbiguousError, InvalidValueError, NotFoundError
from mimcore.repositories.paging import Cursor, Cursors, Page
from mimcore.repositories.ports import ContactRepository, Query, Verdict
from mimcore.repositories.reading import Records
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bound import Bound
from mimcore.rules.ordering import Order, Place, Sort, bind_order, sort_keys
from mimcore.values.arguments import whole_number
from mimcore.values.email import EmailAddress
from mimcore.values.identifiers import as_id
from mimcore.values.instants import as_instant
from mimcore.values.phone import PhoneNumber

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Contacts", "Page", "Verdicts"]

_CHUNK = 500
_BEGIN_AGAIN = "begin again with the first page, or read all pages within one store.read()"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How a rule divides the active contacts. The three numbers add up to everyone.

    Attributes:
        not_collected: In the past, a line for each custom attribute that the rule reads and that was declared later.
    """

    members: int
    non_members: int
    unknown: int
    not_collected: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The three numbers in words."""
        return f"{count(self.members)} in · {count(self.non_members)} out · {count(self.unknown)} cannot be decided"


class Contacts(Records[Contact]):
    """Reading contacts."""

    def __init__(
        self, work: UnitOfWork, repository: ContactRepository, *, cursors: Cursors, is_reading: bool = False
    ) -> None:
        """Read through a unit of work.

        Args:
            work: The open unit of work.
            repository: Its port.
            cursors: Makes and reads cursors.
            is_reading: Whether nothing is written in this unit of work.
        """
        super().__init__(work, Contact, repository)
        self._port, self._cursors, self._is_reading = repository, cursors, is_reading

    def find(
        self,
        rule: Rule | None = None,
        *,
        sort: Sort | Sequence[Sort] | None = None,
        limit: int = 100,
        after: str | UUID | None = None,
        verdict: Verdict = "member",
        now: datetime | None = None,
    ) -> Page[Contact]:
        """Return a page of active contacts: by default those for whom a rule is true, ordered by id.

        All pages that are reached through `next` are evaluated at the instant of the first one.

        Args:
            rule: Any rule; None for everyone.
            sort: One key or several, the most important first: `f.contact.city`, `-f.contact.purchases.count()`.
                Missing values come last in both directions, ties are broken by id. Text is sorted folded, in code
                point order; money by currency (A to Z) and then by amount; age by the earliest possible birth date.
            limit: Page size, 1 to 10 000.
            after: `next` of the page before; or the id of a contact to go on behind.
            verdict: `member` (the rule is true), `non_member` (it is false) or `unknown` (it cannot be decided).
            now: Instant of evaluation; the cursor's, else the store's clock unless given.

        Raises:
            InvalidValueError: If `limit` is out of range, or `after` is a cursor of another rule, verdict, sort or
                instant, or the contact at which the page before ended is gone, or its place in the sort has changed:
                begin again with the first page, or read all pages within one `store.read()`.
            RuleTypeError: If people cannot be sorted by a key.
        """
        limit = whole_number(limit, "limit", "give 1 to 10 000, or use stream()", most=10_000)
        self._work.alive()
        keys = sort_keys(sort)
        question = self._cursors.question(rule, _verdict(verdict), keys)
        cursor = self._cursors.read(after, question) if isinstance(after, str) else None
        at = _instant(now, cursor) or self._work.origin.recorded_at
        order = bind_order(keys, self._work.binding(at), self._port.currencies)
        last = cursor.last if cursor is not None else None if after is None else as_id(after, "after")
        place = self._place(order, last, None if cursor is None else cursor.place)
        ids = self._port.find(Query(self._bound(rule, at), limit + 1, last, order, place, verdict))
        if len(ids) <= limit:
            return Page(self._in_order(ids), None)
        ended = ids[limit - 1]
        end = self._port.place(ended, order) if order else None
        return Page(self._in_order(ids[:limit]), Cursor(ended, at, question, self._cursors.place(end or ())).text())

    def _place(self, order: Order, last: UUID | None, known: bytes | None) -> Place:
        """Return where the contact stands that the page before ended at."""
        if last is None or not order:
            return ()
        place = self._port.place(last, order)
        if place is None:
            raise InvalidValueError("after", "points to a contact that is not stored", _BEGIN_AGAIN)
        if known is not None and not compare_digest(known, self._cursors.place(place)):
            raise InvalidValueError("after", "points to a contact that stands somewhere else now", _BEGIN_AGAIN)
        return place

    def ids(self, rule: Rule | None = None, *, verdict: Verdict = "member", now: datetime | None = None) -> list[UUID]:
        """Return the ids of all active contacts for whom a rule is true, ordered.

        Args:
            rule: Any rule; None for everyone.
            verdict: `member`, `non_member` or `unknown`.
            now: Instant of evaluation; the store's clock unless given.
        """
        return self._port.find(Query(self._bound(rule, now), verdict=_verdict(verdict)))

    def stream(
        self, rule: Rule | None = None, *, verdict: Verdict = "member", now: datetime | None = None
    ) -> Iterator[Contact]:
        """Yield the active contacts for whom a rule is true now, ordered by id, a few thousand held at a time.

        In a unit of work that only reads, they are read page by page from its one committed state. In one that writes,
        who they are is decided by this call, 16 bytes held for each, and one that is removed meanwhile is passed over.

        Args:
            rule: Any rule; None for everyone.
            verdict: `member`, `non_member` or `unknown`.
            now: Instant of evaluation; the store's clock unless given.
        """
        query = Query(self._bound(rule, now), verdict=_verdict(verdict))
        return self._pages(query) if self._is_reading else self._decided(packed(self._port.find(query)))

    def _pages(self, query: Query) -> Iterator[Contact]:
        for contact in self._port.stream(query):
            self._work.alive()
            yield contact

    def _decided(self, ids: bytes) -> Iterator[Contact]:
        for start in range(0, len(ids), _CHUNK * 16):
            self._work.alive()
            yield from self._in_order(unpacked(ids[start : start + _CHUNK * 16]))

    def count(self, rule: Rule | None = None, *, verdict: Verdict = "member", now: datetime | None = None) -> int:
        """Count the active contacts for whom a rule is true.

        Args:
            rule: Any rule; None for everyone.
            verdict: `member`, `non_member` or `unknown`.
            now: Instant of evaluation; the store's clock unless given.
        """
        return self._port.count(self._bound(rule, now), _verdict(verdict))

    def verdicts(self, rule: Rule, *, now: datetime | None = None) -> Verdicts:
        """Count members, non-members and those for whom the rule cannot be decided."""
        self._work.alive()
        bound = self._work.question(rule, now)
        members, non_members = self._port.count(bound), self._port.count(bound, "non_member")
        unknown = self._port.count() - members - non_members
        return Verdicts(members, non_members, unknown, self._work.not_collected(rule))

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
        return None if rule is None else self._work.question(rule, now)

    def _with_point(self, kind: str, key: str) -> tuple[Contact, ...]:
        self._work.alive()
        return self._in_order(self._port.with_points(kind, [key]).get(key, ()))

    def _in_order(self, ids: Iterable[UUID]) -> tuple[Contact, ...]:
        wanted = list(ids)
        found = self._port.get_many(wanted)
        return tuple(found[one] for one in wanted if one in found)


def _verdict(verdict: Verdict) -> Verdict:
    if verdict not in get_args(Verdict):
        raise InvalidValueError("verdict", "is not a verdict", f"use one of {', '.join(get_args(Verdict))}")
    return verdict


def _instant(now: datetime | None, cursor: Cursor | None) -> datetime | None:
    given = None if now is None else as_instant(now, "now")
    if cursor is None:
        return given
    if given not in {None, cursor.now}:
        raise InvalidValueError("after", "is a cursor of another instant", "leave `now` out: the cursor knows it")
    return cursor.now


def packed(ids: Iterable[UUID]) -> bytes:
    """Return ids as 16 bytes each."""
    return b"".join(one.bytes for one in ids)


def unpacked(ids: bytes) -> Iterator[UUID]:
    """Return the ids that were packed."""
    return (UUID(bytes=ids[at : at + 16]) for at in range(0, len(ids), 16))


def _only(found: tuple[Contact, ...], what: str, instead: str) -> Contact:
    if len(found) > 1:
        raise AmbiguousError(f"{len(found)} active contacts have {what}; use {instead}() to see them")
    for contact in found:
        return contact
    raise NotFoundError(f"no active contact has {what}")
