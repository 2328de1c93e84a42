"""How the demo's files are read: which column becomes which field. For the story and the process that is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mimcore as mim
from demo.cast import NOW
from mimcore.capture.importing.consent import ConsentColumns
from mimcore.store.store import Store

__all__ = ["ANSWERS", "CONSENTS", "CONTACTS", "EVENTS", "TAYKO", "open_store"]

_SECRET = b"only for the demo: a real store makes its own key"

TAYKO: dict[str, Any] = {
    "source": "tayko",
    "key": "external_id",
    "mapping": {
        "customer": "contact.external_id",
        "list": "contact.acquisition_source",
        "country": "contact.country",
        "gender": "contact.gender",
        "tags": {"field": "contact.tags", "transforms": [{"do": "split", "separator": ";"}]},
        "first update": "contact.acquired_at",
        "last update": "observed_at",
    },
}
_SEMICOLONS = [{"do": "split", "separator": ";"}]
_CONTACT_COLUMNS: dict[str, Any] = {
    "customer": "contact.external_id",
    "name": "contact.name",
    "e-mail": "contact.emails",
    "phone": "contact.phones",
    "country": "contact.country",
    "city": "contact.city",
    "street": "contact.street",
    "postal code": "contact.postal_code",
    "born": {"field": "contact.birth_date", "transforms": [{"do": "date", "order": "DMY"}]},
    "interests": {"field": "contact.interests", "transforms": _SEMICOLONS},
    "devices": {"field": "contact.devices", "transforms": _SEMICOLONS},
    "job title": "contact.title",
    "seniority": "contact.seniority",
    "company": "account.name",
    "company domain": "account.domain",
    "tags": {"field": "contact.tags", "transforms": _SEMICOLONS},
    "last update": "observed_at",
}
_OWN_IDS: dict[str, Any] = {"source": "generated", "key": "external_id", "id_source": "tayko", "region": "US"}
CONTACTS: dict[str, Any] = {**_OWN_IDS, "mapping": _CONTACT_COLUMNS}
CONSENTS: dict[str, Any] = {
    **_OWN_IDS,
    "mapping": {
        "customer": "contact.external_id",
        "e-mail": "contact.emails",
        "newsletter": "consent.newsletter",
        "last update": "observed_at",
    },
    "consent": ConsentColumns(notice="demo-form-v1"),
}
AGAIN: dict[str, Any] = {**CONSENTS, "mapping": {**_CONTACT_COLUMNS, "newsletter": "consent.newsletter"}}
_PURCHASE_COLUMNS: dict[str, Any] = {
    "id": "event.external_id",
    "customer": "contact.external_id",
    "kind": "event.kind",
    "at": "event.at",
    "amount": {"field": "event.value", "transforms": [{"do": "money", "currency": "USD"}]},
    "gift": "event.is_gift",
    "campaign": "event.campaign",
}
EVENTS: dict[str, Any] = {
    "source": "generated",
    "key": "external_id",
    "id_source": "tayko",
    "kind": "purchase",
    "mapping": _PURCHASE_COLUMNS,
}
ANSWERS: dict[str, Any] = {"source": "tayko", "key": "external_id", "kind": "purchase", "mapping": _PURCHASE_COLUMNS}


def open_store(path: Path, **options: Any) -> Store:
    """Open the demo's database; its clock stands still, so that every run gives the same figures."""
    return mim.connect(f"sqlite:///{path}", actor="demo", clock=lambda: NOW, secret=_SECRET, **options)
