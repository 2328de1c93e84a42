"""The unit of work: one transaction that commits at the end and rolls back on an error; provenance on every write.

Entities, interactions and lists are written here; checks of values stand in `checking`, what rules are bound with in
`rule_binding`, consent in `permissions`, the end of it all in `transactional`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import Undated
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.repositories.bulk import Upserted, UpsertKey, add_in_batches, finder_by, upsert_in_batches
from mimcore.repositories.checking import Checking
from mimcore.repositories.consenting import as_channel
from mimcore.repositories.declared import StoreCatalogue
from mimcore.repositories.listing import put_on_list, refuse_pinned, static, take_off_list
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.paging import Cursors
from mimcore.repositories.ports import Transaction
from mimcore.repositories.queries import Contacts
from mimcore.repositories.questions import Accounts, Campaigns, Leads, Tasks
from mimcore.repositories.reading import Records
from mimcore.repositories.recording import Recorder, record_once
from mimcore.rules.language.catalogue import Catalogue
from mimcore.values.mapping import FrozenMapping
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures import AccountArguments, ContactArguments

__all__ = ["UnitOfWork"]

E = TypeVar("E", bound=Entity)
Party = TypeVar("Party", Contact, Account)
Plain = TypeVar("Plain", Lead, Segment, Source, Campaign, Task)


class UnitOfWork(Checking):
    """Work inside one transaction. Use it as a context manager; see `Store.begin`.

    Attributes:
        contacts: Reading contacts by rule, by e-mail, by page …
        accounts: Reading accounts; `leads`, `segments`, `sources`, `campaigns` and `tasks` alike.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin(source="call-centre") as work:
        ...     (ana,) = work.add(mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]))
        ...     ana = work.change(ana, city="Odense", observed_at="2026-04-01")
        >>> store.contacts.with_email("ana@acme.dk").demographic.city
        'Odense'
    """

    def __init__(
        self,
        transaction: Transaction,
        origin: Origin,
        *,
        secret: bytes,
        catalogue: Catalogue,
        is_reading: bool = False,
    ) -> None:
        """Work through a transaction; `Store.begin` does this.

        Args:
            transaction: Open transaction; this unit of work ends it.
            origin: Provenance of writes.
            secret: Key of the suppression list and of cursors.
            catalogue: Declared fields.
            is_reading: Whether the transaction only reads.
        """
        recorder = Recorder(transaction)
        super().__init__(recorder, origin, secret, StoreCatalogue(catalogue, recorder.declared))
        self.contacts = Contacts(self, transaction.contacts, cursors=Cursors(secret), is_reading=is_reading)
        self.accounts = Accounts(self, transaction.accounts)
        self.leads = Leads(self, transaction.leads)
        self.segments = Records(self, Segment, transaction.segments)
        self.sources = Records(self, Source, transaction.sources)
        self.campaigns = Campaigns(self, transaction.campaigns)
        self.tasks = Tasks(self, transaction.tasks)

    def add(self, *entities: E) -> tuple[E, ...]:
        """Store new records of any kind, in one call; sources and accounts are stored before contacts.

        Args:
            *entities: New objects.

        Returns:
            The stored objects, as version 1, in the given order.

        Raises:
            DuplicateKeyError: If an id or a key exists; the unit of work is dead then.
        """
        self.alive()
        return tuple(self._guarded(lambda: self.recorder.created(entities, self.origin)))

    def add_many(self, entities: Iterable[Entity]) -> int:
        """Store any number of new records of any kind, a few thousand at a time.

        The result is that of `add`; accounts must come before the contacts that link to them, or in the same thousands.

        Args:
            entities: New objects; they are taken one after the other, so a generator needs no memory.

        Returns:
            How many were stored.

        Raises:
            MimcoreError: Whatever is wrong with one of them, and whatever else `entities` raises: the unit of work is
                dead then, and nothing is stored.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> with store.begin() as work:
            ...     work.add_many(mim.Contact(city=f"Town {number}") for number in range(12_000))
            12000
        """
        self.alive()
        return self._all_or_nothing(lambda: add_in_batches(self.recorder, entities, self.origin))

    def upsert_many(self, contacts: Iterable[Contact], *, key: UpsertKey = "id") -> Upserted:
        """Store any number of contacts, each on top of the one that is there already, or as a new one.

        By `id`, a known contact is replaced, as by `update`: the given version must be the stored one, unless what is
        given is stored already. By another key,
        an active contact with the same address, number or id is found, and what is given is laid over it: single
        values are replaced, lists grow, what is missing erases nothing. Contacts that share a key are taken in the
        given order. What is equal already is left alone: no version, no change set, no event.

        Args:
            contacts: Taken one after the other, a few thousand at a time.
            key: `id`, `email`, `phone` or `("external_id", source)`; a contact without that key is new.

        Returns:
            How many were created, updated and left as they were.

        Raises:
            StaleVersionError: If a contact was changed since the given version was read.
            AmbiguousError: If a given contact has the keys of several stored ones.
            InvalidValueError: If the key is none of these; the unit of work goes on then.
            MimcoreError: Whatever is wrong with one of them, and whatever else `contacts` raises: the unit of work is
                dead then, and nothing is stored.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> people = [mim.Contact(emails=["ana@acme.dk"], city="Odense"), mim.Contact(emails=["bo@acme.dk"])]
            >>> with store.begin() as work:
            ...     first = work.upsert_many(people, key="email")
            ...     again = work.upsert_many([mim.Contact(emails=["ANA@acme.dk"], country="DK")], key="email")
            >>> first.created, again.updated, store.contacts.with_email("ana@acme.dk").demographic.city
            (2, 1, 'Odense')
        """
        self.alive()
        finder = finder_by(self.recorder, key)
        return self._all_or_nothing(lambda: upsert_in_batches(self.recorder, contacts, finder, self.origin))

    @overload
    def change(
        self,
        record: Contact | UUID,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Unpack[ContactArguments],
    ) -> Contact: ...

    @overload
    def change(
        self,
        record: Account,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Unpack[AccountArguments],
    ) -> Account: ...

    @overload
    def change(
        self,
        record: Plain,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Any,
    ) -> Plain: ...

    def change(
        self,
        record: Any,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Any,
    ) -> Any:
        """Change a record; a part of a group changes and the rest stays, `mim.CLEAR` erases.

        Args:
            record: The newest version at hand, or the id of a contact.
            source: Source of this change, if it is not the unit of work's.
            observed_at: When the source saw the new values; a date means the end of that day in the store's zone.
            **changes: New values by field name or short name.

        Returns:
            The stored object with version + 1; the stored one if nothing differs (that is no confirmation).

        Raises:
            StaleVersionError: If somebody changed the record meanwhile; the unit of work is dead then.
            NotFoundError: If it was never stored.
            TransitionError: If it was merged into another record.
            InvalidValueError: If a value is refused; nothing is written.
        """
        self.alive()
        origin = self.origin.but(source=source, observed_at=observed_at)
        held: Entity = self.contacts.get(record) if isinstance(record, UUID) else record
        return self._save(held.evolve(**changes), origin)

    def update(
        self, record: E, *, source: Source | str | None = None, observed_at: Moment | Undated | None = None
    ) -> E:
        """Store a changed object, made with `evolve` from the newest version; see `change`.

        Args:
            record: The changed object; its version is the one it was made from.
            source: Source of this change, if it is not the unit of work's.
            observed_at: When the source saw the new values.

        Returns:
            The stored object with version + 1; the object passed in is then stale.
        """
        self.alive()
        return self._save(record, self.origin.but(source=source, observed_at=observed_at))

    def remove(self, record: Party) -> Party:
        """Archive a contact or an account: it leaves "everyone".

        It can come back through `change(record, status="active")`.

        Args:
            record: The newest version at hand.

        Returns:
            The stored object with version + 1.
        """
        self.alive()
        archived = record.model_copy(update={"status": RecordStatus.ARCHIVED})
        return self._save(archived, self.origin, ChangeKind.ARCHIVED)

    def record(
        self,
        kind: str,
        *,
        contact: Contact | UUID | str,
        at: Moment,
        value: Money | None = None,
        product: str | None = None,
        quantity: int | None = None,
        channel: Channel | str | None = None,
        campaign: Campaign | str | None = None,
        account: Account | UUID | None = None,
        gift: bool | None = None,
        refund_of: str | None = None,
        external_id: str | None = None,
        visitor: str | None = None,
        properties: Mapping[str, Any] | None = None,
        source: Source | str | None = None,
    ) -> Interaction:
        """Record what a contact did, or what was done with them.

        Args:
            kind: Declared kind of event, such as `purchase`.
            contact: The contact, or its id.
            at: When it happened; not in the future.
            value: Money that moved; positive.
            product: Product or content.
            quantity: How many.
            channel: Channel.
            campaign: Campaign or its key.
            account: Account it happened for.
            gift: Whether it was bought for somebody else.
            refund_of: External id of the refunded purchase, for a refund.
            external_id: Id in the source; the same id is recorded once.
            visitor: Id of an anonymous visitor.
            properties: Anything else, by name.
            source: Source, if it is not the unit of work's.

        Returns:
            The interaction; the stored one if the source's id is known with the same content.

        Raises:
            UnknownFieldError: If the kind is not declared.
            DuplicateKeyError: If the source's id is known with another content.
        """
        self.alive()
        origin = self.origin.but(source=source)
        new = Interaction(
            kind=self._catalogue.event_kind(kind),
            at=origin.moment(at, "at"),
            contact_id=self.contacts.get(contact).id,
            account_id=None if account is None else self.accounts.get(account).id,
            visitor_id=visitor,
            channel=None if channel is None else as_channel(channel),
            campaign=campaign.key if isinstance(campaign, Campaign) else campaign,
            product=product,
            quantity=quantity,
            value=value,
            is_gift=gift,
            refund_of=refund_of,
            source=origin.source,
            external_id=external_id,
            properties=FrozenMapping(properties or {}),
        )
        return self._guarded(lambda: record_once(self.recorder, new, origin))

    def put_on(self, segment: Segment | str, *contacts: Contact | UUID) -> None:
        """Put contacts on the list of a static segment; those already on it stay.

        Args:
            segment: A segment without a rule, or its key.
            *contacts: Contacts, or their ids.

        Raises:
            InvalidValueError: If the segment follows a rule, or one of them was excluded from it by hand.
        """
        listed, ids = static(self.segments.get(segment)), [one.id for one in self.contacts.get_all(contacts)]
        refuse_pinned(self.transaction, listed, ids, is_on=True)
        self._guarded(lambda: put_on_list(self.transaction, listed, ids, self.origin))

    def take_off(self, segment: Segment | str, *contacts: Contact | UUID) -> None:
        """Take contacts off the list of a static segment; see `put_on`."""
        listed, ids = static(self.segments.get(segment)), [one.id for one in self.contacts.get_all(contacts)]
        refuse_pinned(self.transaction, listed, ids, is_on=False)
        self._guarded(lambda: take_off_list(self.transaction, listed, ids, self.origin))

    def history(self, record: Entity | UUID) -> tuple[ChangeSet, ...]:
        """Return every change of a record, oldest first, with source, observed and recorded time."""
        self.alive()
        return tuple(self.transaction.history.of(record if isinstance(record, UUID) else record.id))

    def _save(self, new: E, origin: Origin, kind: ChangeKind = ChangeKind.CHANGED) -> E:
        return self._guarded(lambda: self.recorder.saved(new, origin, kind))
