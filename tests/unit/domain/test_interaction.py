"""Interactions: what happened, never changed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.errors import InvalidValueError
from mimcore.values.money import money

ANA = Contact()
PURCHASE = {"kind": "purchase", "contact_id": ANA, "at": "2026-03-09T10:12+01:00"}


def test_the_example_of_the_guide() -> None:
    """A purchase as a gift, in its own time zone, with the shop's number."""
    bought = Interaction(
        **PURCHASE, value=money("249.00", "DKK"), product="helmet-x", is_gift=True, external_id="ord-991"
    )
    assert bought.contact_id == ANA.id
    assert bought.at == datetime(2026, 3, 9, 9, 12, tzinfo=UTC)
    assert bought.value.minor_units == 24_900
    assert (bought.is_gift, bought.source, bought.quantity) == (True, "unknown", None)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"value": money(-1, "DKK")}, "value"),
        ({"refund_of": "ord-991"}, "refund_of"),
        ({"at": "2026-03-09"}, "at"),
        ({"at": datetime(2026, 3, 9)}, "at"),
        ({"at": None}, "at"),
        ({"kind": "Bought something"}, "kind"),
        ({"contact_id": None}, "contact_id"),
        ({"quantity": -1}, "quantity"),
        ({"source": "Our shop"}, "source"),
        ({"properties": {"x": object()}}, "properties"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], place: str) -> None:
    """Negative money, refunds of nothing, times without a zone."""
    with pytest.raises(InvalidValueError) as caught:
        Interaction(**{**PURCHASE, **fields})
    assert caught.value.field == place


def test_money_back_is_an_event_of_its_own() -> None:
    """Kind `refund`, a positive value, and the purchase it belongs to."""
    back = Interaction(
        kind="refund", contact_id=ANA, at="2026-03-20T00:00Z", value=money(249, "DKK"), refund_of="ord-991"
    )
    assert back.value == money(249, "DKK")


def test_events_are_values_with_an_identity() -> None:
    """Equal, hashable, stored and read back; two events are two even where everything else agrees."""
    one = Interaction(id=UUID(int=7), **PURCHASE, properties={"page": "/tea", "seconds": 12})
    assert one == Interaction(id=UUID(int=7), **PURCHASE, properties={"seconds": 12, "page": "/tea"})
    assert hash(one) == hash(Interaction.model_validate_json(one.model_dump_json()))
    assert Interaction.model_validate(one.model_dump(mode="json")) == one
    assert Interaction(**PURCHASE) != Interaction(**PURCHASE)
    assert "/tea" not in repr(one)
