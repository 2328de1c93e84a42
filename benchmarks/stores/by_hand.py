"""The same rows for a new contact, converted by hand from the same dict: what somebody would write for these fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.stores.customers import LATER, SOURCE
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, freshness_key
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.values.identifiers import new_id

__all__ = ["COLUMNS", "ByHand", "micros"]

COLUMNS = {
    "mim_contact": [
        "tenant",
        "id",
        "version",
        "status",
        "sample_key",
        "primary_account_id",
        "primary_email_id",
        "primary_phone_id",
        "name_key",
        "born_from",
        "born_to",
        "given_name",
        "given_name_folded",
        "family_name",
        "family_name_folded",
        "primary_email",
        "primary_email_folded",
        "primary_phone",
        "primary_phone_folded",
        "lifecycle_stage",
        "owner",
        "owner_folded",
        "acquired_at",
        "birth_date",
        "country",
        "city",
        "city_folded",
        "postal_code",
        "postal_code_folded",
        "interests",
        "interests_folded",
        "title",
        "title_folded",
        "language",
        "primary_email_pool",
        "primary_email_key",
        "primary_phone_pool",
        "primary_phone_key",
        "title_pool",
        "title_key",
        "city_pool",
        "city_key",
    ],
    "mim_contact_point": [
        "tenant",
        "contact_id",
        "id",
        "kind",
        "value",
        "match_key",
        "state",
        "is_retired",
        "position",
    ],
    "mim_contact_account": ["tenant", "contact_id", "position", "account_id", "is_primary"],
    "mim_attribute_state": [
        "tenant",
        "attribute",
        "subject_id",
        "contact_id",
        "pool",
        "source",
        "observed_at",
        "p_ref",
        "ref_at",
        "key",
    ],
    "mim_change_set": [
        "tenant",
        "id",
        "sequence",
        "entity",
        "entity_id",
        "version",
        "kind",
        "actor",
        "source",
        "observed_at",
        "recorded_at",
        "before",
        "after",
    ],
    "mim_outbox": ["tenant", "id", "sequence", "kind", "entity", "entity_id", "version", "at", "data"],
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = "default"
_STATES = (
    ("contact.name.given", "person_name"),
    ("contact.name.family", "person_name"),
    ("contact.lifecycle_stage", "permanent"),
    ("contact.owner", "permanent"),
    ("contact.acquisition.at", "permanent"),
    ("contact.demographic.birth_date", "permanent"),
    ("contact.demographic.country", "address"),
    ("contact.demographic.city", "address"),
    ("contact.demographic.postal_code", "address"),
    ("contact.psychographic.interests", "survey"),
    ("contact.employment.title", "job_title"),
    ("contact.preferences.language", "permanent"),
)
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def micros(at: datetime) -> int:
    """Return an instant as SQLite's tables hold it."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True)
class ByHand:
    """Conversion for one engine."""

    put_id: Callable[[UUID], Any]
    put_at: Callable[[datetime], Any]
    put_day: Callable[[Any], Any]
    put_json: Callable[[Any], Any] = _dump

    def rows(self, people: Iterable[dict[str, Any]], first: int) -> dict[str, list[tuple[Any, ...]]]:
        """Return rows by table, for the columns in `COLUMNS`; numbers in the order of recording start at `first`."""
        found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        pools = {is_business: _pools(is_business=is_business) for is_business in (False, True)}
        seen = self.put_at(LATER)
        some = list(people)
        for number, one in enumerate(some):
            self._one(
                one, found, pools[one["account_id"] is not None], seen, (first + number, first + len(some) + number)
            )
        return found

    def _one(self, one: dict[str, Any], found: Any, pools: Any, seen: Any, numbers: tuple[int, int]) -> None:
        put, key = self.put_id, self.put_id(one["id"])
        email_id, phone_id = new_id(), new_id()
        account = None if one["account_id"] is None else put(one["account_id"])
        email, phone = one["email"], one["phone"]
        address = email.rpartition("@")[0] + "@" + email.rpartition("@")[2].lower()
        match = address.casefold()
        born, interests = self.put_day(one["birth_date"]), sorted(one["interests"])
        given, family, city, postal = one["given"], one["family"], one["city"], one["postal_code"]
        folded_given, folded_family, title = given.casefold(), family.casefold(), one["title"]
        found["mim_contact"].append(
            (
                *(_T, key, 1, "active", one["id"].int % 2147483647, account, put(email_id), put(phone_id)),
                f"{folded_given}|{folded_family}|{one['country'].lower()}|{postal}",
                *(born, born, given, folded_given, family, folded_family, address, match, phone, phone),
                *(one["lifecycle_stage"], one["owner"], one["owner"].casefold(), self.put_at(one["acquired_at"]), born),
                *(one["country"], city, city.casefold(), postal, postal.casefold()),
                *(self.put_json(interests), self.put_json([word.casefold() for word in interests])),
                *(title, title.casefold(), one["language"]),
                *(*pools["email"], *pools["phone"], *pools["job_title"], *pools["address"]),
            )
        )
        found["mim_contact_point"] += (
            (_T, key, put(email_id), "email", address, match, "unverified", False, 0),
            (_T, key, put(phone_id), "phone", phone, phone, "unverified", False, 1),
        )
        if account is not None:
            found["mim_contact_account"].append((_T, key, 0, account, True))
        states = found["mim_attribute_state"]
        for name, base in _STATES:
            pool, fresh = pools[base]
            states.append((_T, name, key, key, pool, SOURCE, seen, DEFAULT_RELIABILITY, seen, fresh))
        for name, point, base in (("contact.emails", email_id, "email"), ("contact.phones", phone_id, "phone")):
            pool, fresh = pools[base]
            states.append((_T, name, put(point), key, pool, SOURCE, seen, DEFAULT_RELIABILITY, seen, fresh))
        after = _after(one, address, email_id, phone_id)
        fields = sorted(after)
        found["mim_change_set"].append(
            (
                *(_T, put(new_id()), numbers[0], "contact", key, 1, "created", "bench", SOURCE, seen, seen),
                *(self.put_json(dict.fromkeys(fields)), self.put_json(after)),
            )
        )
        data = self.put_json({"fields": fields})
        event = (_T, put(new_id()), numbers[1], "contact_created", "contact", key, 1, seen, data)
        found["mim_outbox"].append(event)


def _pools(*, is_business: bool) -> dict[str, tuple[str, int]]:
    found = {}
    for base in ("person_name", "permanent", "address", "survey", "job_title", "email", "phone"):
        pool = f"{'b2b' if is_business else 'b2c'}.{base}"
        pool = pool if pool in DEFAULT_HALF_LIVES else base
        found[base] = (pool, freshness_key(DEFAULT_RELIABILITY, LATER, DEFAULT_HALF_LIVES[pool]))
    return found


def _after(one: dict[str, Any], address: str, email_id: UUID, phone_id: UUID) -> dict[str, Any]:
    links = {} if one["account_id"] is None else {"contact.accounts": [{"account_id": str(one["account_id"])}]}
    return {
        **links,
        "contact.name.given": one["given"],
        "contact.name.family": one["family"],
        "contact.emails": [{"email": {"address": address}, "id": str(email_id)}],
        "contact.phones": [{"phone": {"e164": one["phone"]}, "id": str(phone_id)}],
        "contact.lifecycle_stage": one["lifecycle_stage"],
        "contact.owner": one["owner"],
        "contact.acquisition.at": one["acquired_at"].isoformat()[:-6] + "Z",
        "contact.demographic.birth_date": one["birth_date"].isoformat(),
        "contact.demographic.country": one["country"],
        "contact.demographic.city": one["city"],
        "contact.demographic.postal_code": one["postal_code"],
        "contact.psychographic.interests": sorted(one["interests"]),
        "contact.employment.title": one["title"],
        "contact.preferences.language": one["language"],
    }
