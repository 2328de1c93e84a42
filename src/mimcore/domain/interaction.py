"""Interactions: what a contact did, or what was done with them: purchases first, but visits, mailings and calls too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self, Unpack
from uuid import UUID

from pydantic import Field, model_validator

from mimcore.domain.declaring.attributes import Attribute, Text
from mimcore.domain.declaring.entity import Key, Reference
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.values.identifiers import new_id
from mimcore.values.instants import Instant
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import InteractionArguments

__all__ = ["Interaction"]

PropertyValue = bool | int | float | str | None


class Interaction(FrozenModel):
    """One event in the life of a contact. It never changes; a correction is another event.

    A refund is an event of kind `refund` whose `refund_of` names the purchase; its value is positive. `external_id`
    makes recording idempotent: the same id from the same source is stored once. `recorded_at` is when a store learnt of
    it: the store writes it, whatever was given.
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"properties"})

    id: UUID = Field(default_factory=new_id)
    kind: Annotated[Key, Attribute("Kind of event, such as purchase or visit.", vocabulary="event_kind")]
    at: Annotated[Instant, Attribute("When it happened.")]
    contact_id: Reference
    account_id: Reference | None = None
    visitor_id: Text = None
    channel: Annotated[Channel | None, Attribute("Channel through which it happened.")] = None
    campaign: Annotated[Key | None, Attribute("Key of the campaign it belongs to.", vocabulary="key")] = None
    product: Annotated[Text, Attribute("Product, service or content.")] = None
    quantity: Annotated[int | None, Field(ge=0, le=2**53), Attribute("How many.")] = None
    value: Annotated[Money | None, Attribute("Money that moved; positive, for refunds too.")] = None
    is_gift: Annotated[bool | None, Attribute("Bought for somebody else.")] = None
    refund_of: Annotated[Text, Attribute("External id of the refunded purchase.")] = None
    source: Key = "unknown"
    external_id: Annotated[Text, Attribute("Id of the event in its source.")] = None
    properties: FrozenMapping[PropertyValue] = FrozenMapping()
    recorded_at: Instant | None = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[InteractionArguments]) -> None:
            """Take the fields by name; see the class."""

    def tells_of_the_same(self, other: Interaction) -> bool:
        """Whether two records tell of one event: all that differs is the id, whom it was recorded under, and when."""
        own = {"id": self.id, "contact_id": self.contact_id, "recorded_at": self.recorded_at}
        return other.model_copy(update=own) == self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.value is not None and self.value.minor_units < 0:
            raise InvalidValueError(
                "value", "is negative", "record money back as an event of kind 'refund' with a positive value"
            )
        if self.refund_of is not None and self.kind != "refund":
            raise InvalidValueError("refund_of", "belongs to events of kind 'refund'", "set kind='refund'")
        return self
