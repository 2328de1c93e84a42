"""Fifty segments, each as a rule and as a condition written by hand; every third one asks for events."""

from __future__ import annotations

import mimcore as mim
from benchmarks.people import COUNTRIES
from benchmarks.stores.customers import STAGES
from mimcore import fields as f

__all__ = ["PARAMETERS", "RULES", "WHERE"]
c = f.contact

PARAMETERS = {"since": 30, "recent": 90}
"""Instants that conditions name, as days before the refresh."""

RULES: dict[str, mim.Rule] = {}
"""Rules by key."""

WHERE: dict[str, str] = {}
"""The same by hand: `c` is the contact, `:at` the instant, `:since` and `:recent` what `PARAMETERS` says."""


def _event(kind: str, since: str) -> str:
    known = "SELECT 1 FROM mim_interaction i WHERE i.tenant = 'default' AND i.contact_id = c.id"
    return f"EXISTS ({known} AND i.kind = '{kind}' AND i.at <= :at AND i.at >= :{since})"


def _more_than_once(kind: str) -> str:
    count = "SELECT count(*) FROM mim_interaction i WHERE i.tenant = 'default' AND i.contact_id = c.id"
    return f"({count} AND i.kind = '{kind}' AND i.at <= :at) >= 2"


def _fill() -> None:
    for at in range(10):
        country, stage, town = COUNTRIES[at], STAGES[at % 5], f"Town {at * 7}"
        RULES[f"stage-{at}"] = (c.country == country) & (c.lifecycle_stage == stage)
        WHERE[f"stage-{at}"] = f"c.country = '{country}' AND c.lifecycle_stage = '{stage}'"
        RULES[f"town-{at}"] = (c.city == town) | (c.owner == f"Agent {at}")
        WHERE[f"town-{at}"] = f"(c.city_folded = '{town.lower()}' OR c.owner_folded = 'agent {at}')"
        RULES[f"buyers-{at}"] = (c.country == country) & (c.purchases.count(within_days=30) >= 1)
        WHERE[f"buyers-{at}"] = f"c.country = '{country}' AND {_event('purchase', 'since')}"
        RULES[f"lapsed-{at}"] = (
            (c.lifecycle_stage == stage) & (c.city != town) & (c.purchases.count() >= 2)
            & ~(c.purchases.count(within_days=90) >= 1) & (c.country == country)
        )  # fmt: skip
        WHERE[f"lapsed-{at}"] = (
            f"c.lifecycle_stage = '{stage}' AND c.city_folded <> '{town.lower()}' AND c.country = '{country}'"
            f" AND {_more_than_once('purchase')} AND NOT {_event('purchase', 'recent')}"
        )
        RULES[f"visitors-{at}"] = (
            c.title.is_in("Buyer", "Engineer")
            & (c.country != country)
            & (c.primary_email.ends_with(f"{at}.example.com"))
        )
        WHERE[f"visitors-{at}"] = (
            "c.title_folded IN ('buyer', 'engineer')"
            f" AND c.country <> '{country}' AND c.primary_email_folded LIKE '%{at}.example.com'"
        )


_fill()
