"""What all entities share: frozen, hashable, changed by `evolve`, erased by `CLEAR`."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import CLEAR, check_source
from mimcore.domain.groups import Demographic
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.errors import InvalidValueError
from mimcore.values.identifiers import using_ids
from mimcore.values.mapping import FrozenMapping

ID = UUID(int=7)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MADE = {
    Contact: {},
    Account: {"name": "Acme"},
    Lead: {"contact_id": ID, "captured_at": NOW},
    Segment: {"key": "danes"},
    Source: {"key": "crm"},
    Campaign: {"key": "spring"},
    Task: {"title": "Call"},
}


@pytest.mark.parametrize("model", MADE, ids=lambda model: model.__name__)
def test_every_entity_is_a_frozen_value_with_an_identity(model) -> None:
    """Equal objects hash equally, an id is made once and kept, nothing can be assigned, unknown names are refused."""
    one = model(id=ID, **MADE[model])
    assert one == model(id=ID, **MADE[model])
    assert hash(one) == hash(model(id=ID, **MADE[model]))
    assert one != model(**MADE[model])
    assert one.version == 0
    assert one.evolve(version=3).id == ID
    for refused in (
        lambda: setattr(one, "version", 2),
        lambda: model(nope=1, **MADE[model]),
        lambda: one.evolve(nope=1),
    ):
        with pytest.raises(InvalidValueError):
            refused()
    with pytest.raises(InvalidValueError, match="version"):
        one.evolve(version=-1)


@pytest.mark.parametrize("model", MADE, ids=lambda model: model.__name__)
def test_every_entity_survives_storage(model) -> None:
    """Plain values and JSON read back as the same object."""
    one = model(**MADE[model])
    assert model.model_validate(one.model_dump(mode="json")) == one
    assert model.model_validate_json(one.model_dump_json()) == one


def test_ids_come_from_one_source() -> None:
    """Objects made inside `using_ids` take their ids from it."""
    with using_ids(lambda: ID):
        assert Contact().id == Task(title="Call").id == ID


def test_a_mapping_merges_into_a_group_and_a_group_replaces_it() -> None:
    """A part of a group changes and the rest stays, unless a whole group is given."""
    ana = Contact(country="DK", city="Aarhus")
    assert ana.evolve(demographic={"city": "Odense"}).demographic == Demographic(country="DK", city="Odense")
    assert ana.evolve(city="Odense").demographic == Demographic(country="DK", city="Odense")
    assert ana.evolve(demographic=Demographic(city="Odense")).demographic == Demographic(city="Odense")
    assert ana.evolve(demographic=Demographic(city="Odense"), country="SE").demographic.country == "SE"
    assert ana.evolve(demographic={"city": "Odense"}, country="SE").demographic == Demographic(
        country="SE", city="Odense"
    )
    assert ana.demographic == Demographic(country="DK", city="Aarhus")


def test_clear_erases() -> None:
    """A field, a part of a group, a group, and what is required cannot be erased."""
    ana = Contact(name="Ana Berg", country="DK", city="Aarhus", tags=["vip"], interests=["tea"])
    assert ana.evolve(city=CLEAR).demographic == Demographic(country="DK")
    assert ana.evolve(demographic={"city": CLEAR}).demographic == Demographic(country="DK")
    assert ana.evolve(demographic=CLEAR).demographic == Demographic()
    assert ana.evolve(tags=CLEAR, interests=CLEAR, name=CLEAR) == Contact(id=ana.id, country="DK", city="Aarhus")
    assert ana.demographic.evolve(city=CLEAR) == Demographic(country="DK")
    with pytest.raises(InvalidValueError, match="title"):
        Task(title="Call").evolve(title=CLEAR)
    assert repr(CLEAR) == "CLEAR"


def test_named_values_merge_too() -> None:
    """One custom attribute changes and the others stay; a frozen mapping replaces them all."""
    ana = Contact(custom={"tier": "gold", "points": 7})
    assert dict(ana.evolve(custom={"points": 8}).custom) == {"points": 8, "tier": "gold"}
    assert dict(ana.evolve(custom={"points": CLEAR}).custom) == {"tier": "gold"}
    assert dict(ana.evolve(custom=FrozenMapping({"vip": True})).custom) == {"vip": True}
    assert dict(ana.evolve(custom=CLEAR).custom) == {}
    assert dict(Account(name="Acme", custom={"a": 1}).evolve(custom={"b": 2}).custom) == {"a": 1, "b": 2}
    assert dict(Campaign(key="x", expects={"orders": 300}).evolve(expects={"leads": 9}).expects) == {
        "leads": 9,
        "orders": 300,
    }


def test_custom_values_keep_their_types() -> None:
    """Truth values, numbers, text and lists stay what they are; anything else is refused."""
    kept = Contact(custom={"a": True, "b": 1, "c": 1.5, "d": "x", "e": ["x", "y"], "f": None}).custom
    assert [kept[name] for name in "abcdef"] == [True, 1, 1.5, "x", ("x", "y"), None]
    assert isinstance(kept["a"], bool)
    assert isinstance(kept["b"], int)
    for wrong in ({"a": object()}, {"a": float("nan")}, {"a": {"b": 1}}, {"": 1}, {"x" * 81: 1}, [1]):
        with pytest.raises(InvalidValueError):
            Contact(custom=wrong)


def test_a_source_is_given_as_object_or_key() -> None:
    """Both mean its key."""
    assert check_source(Source(key="crm")) == check_source("crm") == "crm"
    with pytest.raises(InvalidValueError, match="source"):
        check_source("Our CRM")
