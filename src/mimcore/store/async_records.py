"""Reading records asynchronously: the questions of a unit of work, and those of a store, awaited.

Nothing is asked here that is not asked in `repositories` and `store`: the methods are the same ones, lifted.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.lead import Lead
from mimcore.domain.task import Task
from mimcore.repositories.queries import Contacts
from mimcore.repositories.questions import Accounts, Campaigns, Leads, Tasks
from mimcore.repositories.reading import Records
from mimcore.store.accessors import StoredContacts
from mimcore.store.lifting import Driven, Lifted, Streamed
from mimcore.store.reading import Stored, StoredAccounts, StoredCampaigns, StoredLeads, StoredTasks

__all__ = [
    "AsyncAccounts",
    "AsyncCampaigns",
    "AsyncContacts",
    "AsyncLeads",
    "AsyncRecords",
    "AsyncStored",
    "AsyncStoredAccounts",
    "AsyncStoredCampaigns",
    "AsyncStoredContacts",
    "AsyncStoredLeads",
    "AsyncStoredTasks",
    "AsyncTasks",
]

E = TypeVar("E", bound=Entity)


class AsyncRecords(Driven, Generic[E]):
    """Reading one aggregate by id or key; see `Records`."""

    get = Lifted(Records[E].get)
    find_one = Lifted(Records[E].find_one)
    get_all = Lifted(Records[E].get_all)
    get_many = Lifted(Records[E].get_many)
    all = Lifted(Records[E].all)


class AsyncContacts(AsyncRecords[Contact]):
    """Reading contacts inside a unit of work; see `Contacts`."""

    find = Lifted(Contacts.find)
    ids = Lifted(Contacts.ids)
    count = Lifted(Contacts.count)
    verdicts = Lifted(Contacts.verdicts)
    stream = Streamed(Contacts.stream)
    with_email = Lifted(Contacts.with_email)
    all_with_email = Lifted(Contacts.all_with_email)
    with_phone = Lifted(Contacts.with_phone)
    all_with_phone = Lifted(Contacts.all_with_phone)
    with_external_id = Lifted(Contacts.with_external_id)
    all_with_external_id = Lifted(Contacts.all_with_external_id)
    in_account = Lifted(Contacts.in_account)


class AsyncAccounts(AsyncRecords[Account]):
    """Reading accounts inside a unit of work."""

    with_domain = Lifted(Accounts.with_domain)
    with_external_id = Lifted(Accounts.with_external_id)


class AsyncLeads(AsyncRecords[Lead]):
    """Reading leads inside a unit of work."""

    in_stage = Lifted(Leads.in_stage)
    of_contact = Lifted(Leads.of_contact)


class AsyncCampaigns(AsyncRecords[Campaign]):
    """Reading campaigns inside a unit of work."""

    active_on = Lifted(Campaigns.active_on)


class AsyncTasks(AsyncRecords[Task]):
    """Reading tasks inside a unit of work."""

    due_before = Lifted(Tasks.due_before)


class AsyncStored(Driven, Generic[E]):
    """Reading one aggregate of a store, each call a short transaction of its own; see `Stored`."""

    get = Lifted(Stored[E, Records[E]].get)
    find_one = Lifted(Stored[E, Records[E]].find_one)
    get_many = Lifted(Stored[E, Records[E]].get_many)
    all = Lifted(Stored[E, Records[E]].all)


class AsyncStoredContacts(Driven):
    """Reading contacts of a store, each call a short transaction of its own; see `StoredContacts`."""

    get = Lifted(StoredContacts.get)
    get_many = Lifted(StoredContacts.get_many)
    find = Lifted(StoredContacts.find)
    count = Lifted(StoredContacts.count)
    verdicts = Lifted(StoredContacts.verdicts)
    ids = Lifted(StoredContacts.ids)
    stream = Streamed(StoredContacts.stream)
    with_email = Lifted(StoredContacts.with_email)
    all_with_email = Lifted(StoredContacts.all_with_email)
    with_phone = Lifted(StoredContacts.with_phone)
    all_with_phone = Lifted(StoredContacts.all_with_phone)
    with_external_id = Lifted(StoredContacts.with_external_id)
    all_with_external_id = Lifted(StoredContacts.all_with_external_id)
    in_account = Lifted(StoredContacts.in_account)
    to_frame = Lifted(StoredContacts.to_frame)
    export = Lifted(StoredContacts.export)
    to_arrow = Lifted(StoredContacts.to_arrow)


class AsyncStoredAccounts(AsyncStored[Account]):
    """Reading accounts of a store."""

    with_domain = Lifted(StoredAccounts.with_domain)
    with_external_id = Lifted(StoredAccounts.with_external_id)
    export = Lifted(StoredAccounts.export)
    to_arrow = Lifted(StoredAccounts.to_arrow)


class AsyncStoredLeads(AsyncStored[Lead]):
    """Reading leads of a store."""

    in_stage = Lifted(StoredLeads.in_stage)
    of_contact = Lifted(StoredLeads.of_contact)


class AsyncStoredCampaigns(AsyncStored[Campaign]):
    """Reading campaigns of a store."""

    active_on = Lifted(StoredCampaigns.active_on)


class AsyncStoredTasks(AsyncStored[Task]):
    """Reading tasks of a store."""

    due_before = Lifted(StoredTasks.due_before)
