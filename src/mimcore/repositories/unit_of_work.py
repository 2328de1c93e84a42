"""The unit of work: one transaction that commits at the end and rolls back on an error; provenance on every write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.changes import ChangeKind, ChangeSet
from mimcore.domain.consent import ConsentAction, ConsentEvent, Decision, LawfulBasis, purpose
from mimcore.domain.contact import Contact
from mimcore.domain.entity import Entity
from mimcore.domain.freshness import FreshnessState, Undated
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.points import ContactPoint
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.errors import ClosedError, ConflictError, DuplicateKeyError, InvalidValueError, NotFoundError
from mimcore.repositories.consenting import Gate, as_channel
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.ports import Transaction
from mimcore.repositories.queries import Contacts, Records
from mimcore.repositories.recording import Recorder, repository_of
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.verifying import check_value, owner_of
from mimcore.rules.bound import Bound
from mimcore.rules.catalogue import Catalogue
from mimcore.rules.fields import Field
from mimcore.rules.lowering import Binding, SegmentReference, bind
from mimcore.rules.nodes import Rule
from mimcore.values.mapping import FrozenMapping
from mimcore.values.money import Money

__all__ = ["UnitOfWork"]

E = TypeVar("E", bound=Entity)


class UnitOfWork:
    """Work inside one transaction. Use it as a context manager; see `Store.begin`.

    Attributes:
        origin: Actor, source and times that every write carries unless a call says otherwise.
        contacts: Reading contacts by rule, by e-mail, by page …
    """

    def __init__(self, transaction: Transaction, origin: Origin, *, secret: bytes, catalogue: Catalogue) -> None:
        """Work through a transaction; `Store.begin` does this.

        Args:
            transaction: Open transaction; this unit of work ends it.
            origin: Provenance of writes.
            secret: Key of the suppression list.
            catalogue: Declared fields.
        """
        self.transaction, self.origin, self._catalogue = transaction, origin, catalogue
        self._recorder = Recorder(transaction)
        self.gate = Gate(transaction, secret)
        self._ended = ""
        self.contacts = Contacts(self, Contact, transaction.contacts)
        self.accounts = Records(self, Account, transaction.accounts)
        self.leads = Records(self, Lead, transaction.leads)
        self.segments = Records(self, Segment, transaction.segments)
        self.sources = Records(self, Source, transaction.sources)
        self.campaigns = Records(self, Campaign, transaction.campaigns)
        self.tasks = Records(self, Task, transaction.tasks)

    def __enter__(self) -> Self:
        """Start working."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or roll back if an error passes."""
        if self._ended:
            return
        if kind is None:
            self.commit()
        else:
            self.rollback("it was rolled back after an error")

    def commit(self) -> None:
        """Make everything durable; the unit of work is over."""
        self.alive()
        self._ended = "it was committed"
        self.transaction.commit()

    def rollback(self, why: str = "it was rolled back") -> None:
        """Undo everything; the unit of work is over."""
        if not self._ended:
            self._ended = why
            self.transaction.rollback()

    def alive(self) -> None:
        """Refuse to work after the end.

        Raises:
            ClosedError: Saying how it ended.
        """
        if self._ended:
            raise ClosedError(f"this unit of work is over: {self._ended}; open another one with store.begin()")

    def add(self, *entities: Entity) -> tuple[Entity, ...]:
        """Store new records of any kind, in one call; accounts are stored before contacts.

        Args:
            *entities: New objects.

        Returns:
            The stored objects, as version 1, in the given order.

        Raises:
            DuplicateKeyError: If an id or a key exists; the unit of work is dead then.
        """
        self.alive()
        return tuple(self._guarded(lambda: self._recorder.created(entities, self.origin)))

    def change(
        self, record: E, *, source: str | None = None, observed_at: Moment | Undated | None = None, **changes: Any
    ) -> E:
        """Change a record; a part of a group changes and the rest stays, `mim.CLEAR` erases.

        Args:
            record: The newest version at hand, or an id or key of a contact.
            source: Source of this change, if it is not the unit of work's.
            observed_at: When the source saw the new values.
            **changes: New values by field name or short name.

        Returns:
            The stored object with version + 1; the same object if nothing differs (that is no confirmation).

        Raises:
            StaleVersionError: If somebody changed the record meanwhile; the unit of work is dead then.
            InvalidValueError: If a value is refused; nothing is written.
        """
        self.alive()
        return self._save(record, record.evolve(**changes), self.origin.but(source=source, observed_at=observed_at))

    def update(self, record: E, *, source: str | None = None, observed_at: Moment | Undated | None = None) -> E:
        """Store a changed object (made with `evolve` from the newest version) and return it with version + 1."""
        self.alive()
        stored = self._stored(record)
        return self._save(
            stored.model_copy(update={"version": record.version}),
            record,
            self.origin.but(source=source, observed_at=observed_at),
        )

    def remove(self, record: Contact | Account) -> Contact | Account:
        """Archive a contact or an account: it leaves "everyone" and can come back through `change(status="active")`."""
        self.alive()
        new = record.model_copy(update={"status": RecordStatus.ARCHIVED})
        return self._guarded(lambda: self._recorder.changed([(record, new)], self.origin, ChangeKind.ARCHIVED))[0]

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
        source: str | None = None,
    ) -> Interaction:
        """Record what a contact did, or what was done with them.

        Args:
            kind: Declared kind of event, such as `purchase`.
            contact: The contact.
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
        self._recorder.source(origin)
        new = Interaction(
            kind=self._catalogue.event_kind(kind),
            at=origin.moment(at, "at"),
            contact_id=self.contacts.get(contact).id,
            account_id=account if account is None else self.accounts.get(account).id,
            visitor_id=visitor,
            channel=None if channel is None else as_channel(channel),
            campaign=getattr(campaign, "key", campaign),
            product=product,
            quantity=quantity,
            value=value,
            is_gift=gift,
            refund_of=refund_of,
            source=origin.source,
            external_id=external_id,
            properties=FrozenMapping(properties or {}),
        )
        return self._record_once(new)

    def confirm(
        self, target: ContactPoint | Contact, field: Field | str | None = None, *, by: str, at: Moment | None = None
    ) -> FreshnessState:
        """Record that a value was found right: by its owner, a delivered message, a mailbox check …

        Args:
            target: A contact point, or a contact together with `field`.
            field: Which value of the contact.
            by: Declared kind of check (owner, double_opt_in, delivered, mailbox_check, opened, vendor, survey).
            at: When; the store's clock unless given.

        Returns:
            The value's new state. The same check given twice counts once.
        """
        return self._checked(target, field, by=by, is_valid=True, at=at)

    def refute(
        self, target: ContactPoint | Contact, field: Field | str | None = None, *, by: str, at: Moment | None = None
    ) -> FreshnessState:
        """Record that a value was found wrong: a hard bounce, an unreachable number, the owner says so."""
        return self._checked(target, field, by=by, is_valid=False, at=at)

    def grant(
        self,
        point: ContactPoint | None,
        *,
        channel: Channel | str,
        purpose: str,
        method: str,
        notice: str,
        at: Moment | None = None,
        basis: LawfulBasis | str = LawfulBasis.CONSENT,
        evidence: Mapping[str, str] | None = None,
        expires_at: Moment | None = None,
    ) -> ConsentEvent:
        """Record that a person consented to be contacted at a point, on a channel, for a purpose.

        Args:
            point: E-mail address or phone of a contact.
            channel: Channel.
            purpose: Declared purpose.
            method: form, double_opt_in, paper, phone, api, import or preference_centre.
            notice: Id or version of the text that was shown.
            at: When; the store's clock unless given.
            basis: Lawful basis.
            evidence: What proves it, by name; personal.
            expires_at: When the consent ends by itself.
        """
        ends = None if expires_at is None else {"expires_at": expires_at}
        details = {
            "method": method,
            "notice": notice,
            "basis": LawfulBasis(basis),
            "evidence": FrozenMapping(evidence or {}),
            **(ends or {}),
        }
        return self._consent(point, ConsentAction.GIVEN, channel, purpose, at, details)

    def withdraw(
        self,
        point: ContactPoint | None,
        *,
        channel: Channel | str,
        purpose: str,
        method: str = "preference_centre",
        at: Moment | None = None,
    ) -> ConsentEvent:
        """Record that a consent was withdrawn. It takes effect at once, everywhere; an import never lifts it."""
        return self._consent(point, ConsentAction.WITHDRAWN, channel, purpose, at, {"method": method})

    def suppress(
        self, target: ContactPoint | str, *, channel: Channel | str | None = None, reason: str = "requested"
    ) -> None:
        """Put an address or number on the suppression list, for one channel or for all; no contact need exist."""
        self.alive()
        self.gate.suppress(target, None if channel is None else as_channel(channel), reason, self.origin.recorded_at)

    def can_contact(self, point: ContactPoint | None, *, channel: Channel | str, purpose: str) -> Decision:
        """Ask the gate about one contact point, now."""
        self.alive()
        if point is None:
            return Decision(allowed=False)
        decided = self.gate.decide(
            [point], channel=as_channel(channel), purpose_key=purpose, at=self.origin.recorded_at
        )
        return decided[point.id]

    def put_on(self, segment: Segment | str, *contacts: Contact | UUID) -> None:
        """Put contacts on the list of a static segment.

        Raises:
            InvalidValueError: If the segment follows a rule.
        """
        self.transaction.segments.put_on(self._static(segment).id, [self.contacts.get(one).id for one in contacts])

    def take_off(self, segment: Segment | str, *contacts: Contact | UUID) -> None:
        """Take contacts off the list of a static segment."""
        self.transaction.segments.take_off(self._static(segment).id, [self.contacts.get(one).id for one in contacts])

    def history(self, record: Entity | UUID) -> tuple[ChangeSet, ...]:
        """Return every change of a record, oldest first, with source, observed and recorded time."""
        self.alive()
        return tuple(self.transaction.history.of(record if isinstance(record, UUID) else record.id))

    def binding(self, now: datetime | None = None, zone: ZoneInfo | None = None) -> Binding:
        """Return what rules are bound with here: instant, zone, half-lives, segments, fields."""
        return Binding(
            now=self.origin.recorded_at if now is None else now,
            zone=zone or self.origin.zone,
            half_lives=self.transaction.freshness.half_lives(),
            segment=self._segment,
            catalogue=self._catalogue,
        )

    def bind(self, rule: Rule, now: datetime | None = None) -> Bound:
        """Bind a rule to this store."""
        return bind(rule, self.binding(now))

    def _segment(self, key: str) -> SegmentReference:
        found = self.transaction.segments.with_key(key)
        if found is None:
            raise NotFoundError(f"there is no segment '{key}' in this store")
        return SegmentReference(key, found.rule)

    def _static(self, segment: Segment | str) -> Segment:
        found = self.segments.get(segment)
        if found.is_dynamic:
            raise InvalidValueError(
                "segment", "follows a rule", "only a segment without a rule is a list that people are put on"
            )
        return found

    def _stored(self, record: E) -> E:
        return Records(self, type(record), repository_of(self.transaction, type(record))).get(record)

    def _save(self, old: E, new: E, origin: Origin) -> E:
        self._recorder.source(origin)
        return self._guarded(lambda: self._recorder.changed([(old, new)], origin))[0]

    def _guarded(self, write: Any) -> Any:
        """After a conflict the transaction's state differs between engines: the unit of work ends."""
        try:
            return write()
        except ConflictError:
            self.rollback("it ended with a conflict; read again and repeat")
            raise

    def _record_once(self, new: Interaction) -> Interaction:
        if new.external_id is not None:
            known = self.transaction.interactions.known(new.source, [new.external_id]).get(new.external_id)
            if known is not None:
                if known.model_copy(update={"id": new.id, "contact_id": new.contact_id}) == new:
                    return known
                raise DuplicateKeyError(
                    f"the source '{new.source}' recorded another event under this external id; a correction is an event of its own"
                )
        self.transaction.interactions.add([new])
        event = OutboxEvent(
            "interaction_recorded", "interaction", new.id, 1, self.origin.recorded_at, {"kind": new.kind}
        )
        self.transaction.outbox.append([event])
        return new

    def _checked(
        self, target: ContactPoint | Contact, field: Field | str | None, *, by: str, is_valid: bool, at: Moment | None
    ) -> FreshnessState:
        self.alive()
        moment = self.origin.recorded_at if at is None else self.origin.moment(at, "at")
        return check_value(self._recorder, self.origin, target, field, by=by, is_valid=is_valid, at=moment)

    def _consent(
        self,
        point: ContactPoint | None,
        action: ConsentAction,
        channel: Channel | str,
        for_purpose: str,
        at: Moment | None,
        details: dict[str, Any],
    ) -> ConsentEvent:
        self.alive()
        purpose(for_purpose)
        if point is None:
            raise InvalidValueError("point", "is missing", "the contact has no such address; add one first")
        moment = self.origin.recorded_at if at is None else self.origin.moment(at, "at")
        owner = owner_of(self.transaction, point)
        return self.gate.record(
            point,
            action,
            self.origin,
            owner.id,
            channel=as_channel(channel),
            purpose=for_purpose,
            occurred_at=moment,
            **details,
        )
