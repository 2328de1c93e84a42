"""Files that bear another source's ids; identities that belong to one row; keys that keep their spelling."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore.store.connecting import connect


@pytest.fixture
def store():
    """An in-memory store with one customer, who is known to the source crm as 17."""
    with connect("memory:") as opened:
        rows = [{"number": "17", "land": "DK"}]
        opened.plan_import(
            rows, source="crm", mapping={"number": "contact.external_id", "land": "contact.country"}
        ).apply()
        yield opened


NAMES = {"number": "contact.external_id", "name": "contact.name", "mail": "contact.emails"}


def test_an_agency_may_send_back_our_numbers(store):
    """With `id_source`, a file finds the contacts by the ids that another source knows them by."""
    rows = [{"number": "17", "name": "Ana Berg", "mail": ""}]
    result = store.plan_import(rows, source="agency", key="external_id", id_source="crm", mapping=NAMES).apply()
    (ana,) = store.contacts.find().items
    assert (result.counts, ana.name.family, ana.demographic.country) == ({"updated": 1}, "Berg", "DK")
    assert [(one.source, one.value) for one in ana.external_ids] == [("crm", "17")]


def test_without_it_the_ids_are_the_sources_own(store):
    """The same file without `id_source` is about somebody else."""
    rows = [{"number": "17", "name": "Ana Berg", "mail": ""}]
    result = store.plan_import(rows, source="agency", key="external_id", mapping=NAMES).apply()
    assert (result.counts, store.contacts.count()) == ({"created": 1}, 2)


def test_the_id_source_is_part_of_an_imports_identity(store):
    """The same rows under other ids are another import, and not done before."""
    rows = [{"number": "17", "name": "Ana Berg", "mail": ""}]
    store.plan_import(rows, source="agency", key="external_id", mapping=NAMES).apply()
    plan = store.plan_import(rows, source="agency", key="external_id", id_source="crm", mapping=NAMES)
    assert not plan.is_finished


def test_events_find_contacts_by_another_sources_ids(store):
    """Events of one source may bear the customer numbers of another one."""
    rows = [{"number": "17", "id": "o-1", "day": "2026-03-01", "campaign": "winter-mailing"}]
    mapping = {
        "number": "contact.external_id",
        "id": "event.external_id",
        "day": "event.at",
        "campaign": "event.campaign",
    }
    result = store.plan_import(rows, source="shop", id_source="crm", kind="purchases", mapping=mapping).apply()
    (ana,) = store.contacts.find().items
    (bought,) = store.card(ana).interactions
    assert (result.counts, bought.source, bought.external_id) == ({"created": 1}, "shop", "o-1")


def test_a_campaigns_key_keeps_its_hyphen(store):
    """Only the words of our own vocabularies are brought to their spelling; keys are the user's."""
    rows = [{"number": "17", "day": "2026-03-01", "campaign": "winter-mailing"}]
    mapping = {"number": "contact.external_id", "day": "event.at", "campaign": "event.campaign"}
    store.plan_import(rows, source="crm", kind="purchase", mapping=mapping).apply()
    of_campaign = mim.fields.contact.purchases.where(mim.fields.event.campaign == "winter-mailing")
    assert store.contacts.count(of_campaign.count() >= 1) == 1


def test_two_people_with_one_address_have_a_point_each(store):
    """A contact point belongs to one contact, though its cell is spelt as in another row."""
    rows = [{"number": str(number), "name": "Bo Berg", "mail": "bo@acme.dk"} for number in (1, 2)]
    store.plan_import(rows, source="agency", key="external_id", mapping=NAMES).apply()
    points = [point.id for one in store.contacts.stream() for point in one.emails]
    assert len(points) == 2
    assert len(set(points)) == 2


def test_devices_are_read_in_any_spelling(store):
    """Devices are words of our own vocabulary."""
    rows = [{"number": "17", "devices": "Feature Phone"}]
    mapping = {"number": "contact.external_id", "devices": "contact.devices"}
    store.plan_import(rows, source="crm", mapping=mapping).apply()
    assert store.contacts.count(mim.fields.contact.devices.any(kind="feature_phone")) == 1
