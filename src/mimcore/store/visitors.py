"""Visitors of a store: what they did, and to whom it counts once they say who they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import Channel
from mimcore.identity.visitors import Stitch, history_of, identify_visitor, record_visit
from mimcore.repositories.origin import Moment

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["VisitorsAccessor"]


class VisitorsAccessor:
    """Visitors of whom nobody knows who they are. `store.merges.undo` takes a stitch back.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:", actor="web")
        >>> _ = store.visitors.record("v-1", "page_view", permission="cookies/1", product="/prices")
        >>> with store.begin() as work:
        ...     (ana,) = work.add(mim.Contact(emails=["ana@acme.dk"]))
        >>> store.visitors.identify("v-1", ana).outcome.value, len(store.visitors.history("v-1"))
        ('no_permission', 1)
    """

    def __init__(self, store: Store) -> None:
        """Work on a store.

        Args:
            store: An open store.
        """
        self._store = store

    def record(
        self,
        visitor: str,
        kind: str,
        *,
        permission: str,
        at: Moment | None = None,
        channel: Channel | str | None = None,
        campaign: str | None = None,
        product: str | None = None,
        external_id: str | None = None,
        properties: Mapping[str, Any] | None = None,
        source: str = "website",
    ) -> Interaction:
        """Record what a visitor did, who may be anybody.

        It counts for nobody, until the visitor is known; from then on for that contact, at once.

        Args:
            visitor: Id of the visitor, as your web site gave it.
            kind: Declared kind of event, such as `page_view`.
            permission: Id of the notice under which the visitor let itself be recognised.
            at: When; the store's clock unless given.
            channel: Channel.
            campaign: Key of the campaign.
            product: Product or content.
            external_id: Id in the source; the same id is recorded once.
            properties: Anything else, by name.
            source: Key of the source.

        Raises:
            InvalidValueError: If visitor or permission are missing.
            UnknownFieldError: If the kind is not declared.
        """
        with self._store.begin(source=source) as work:
            return record_visit(
                work,
                visitor,
                kind,
                permission=permission,
                at=work.origin.recorded_at if at is None else at,
                channel=channel,
                campaign=campaign,
                product=product,
                external_id=external_id,
                properties=properties,
            )

    def history(self, visitor: str) -> tuple[Interaction, ...]:
        """Return what a visitor did that counts for nobody yet, oldest first."""
        with self._store.read() as work:
            return tuple(history_of(work, visitor))

    def identify(self, visitor: str, contact: Contact | UUID, *, purpose: str = "profiling") -> Stitch:
        """Let what a visitor did count for a contact, if the contact has consented to the purpose.

        Args:
            visitor: Id of the visitor.
            contact: Who it turned out to be, or its id.
            purpose: Declared purpose to which one of the contact's addresses must have consented.

        Returns:
            What became of the history; its `merge_id` takes it back with `store.merges.undo`.

        Raises:
            NotFoundError: If there is no such contact.
        """
        with self._store.begin() as work:
            return identify_visitor(work, visitor, work.contacts.get(contact), purpose=purpose)
