"""The five questions of the demo, as rules. Their plain-Python twins, which hold them to account, are in `figures`."""

from __future__ import annotations

import mimcore as mim
from mimcore import fields as f

__all__ = ["COLUMNS", "SEGMENTS"]

c = f.contact

SEGMENTS: dict[str, tuple[str, mim.Rule]] = {
    "list-buyers": (
        "Won by a rented list, and bought twice or ordered on the web",
        c.acquisition_source.is_known() & ((c.purchases.count() >= 2) | c.tags.overlaps("web-order")),
    ),
    "active-commuters": (
        "Cyclists and runners from 25 to 50 in the US or the UK who are not on an old phone",
        c.country.is_in("US", "GB")
        & c.age.is_between(25, 50)
        & c.interests.overlaps("cycling", "running")
        & ~c.devices.any(kind="feature_phone"),
    ),
    "upsell-free-plan": (
        "The heaviest users of the free plan, for an upgrade",
        c.tags.overlaps("free-plan") & (c.events("page_view").count(within_days=90) >= 5),
    ),
    "frequent-travellers": (
        "Travellers over 30 with a solid purchase history, for a new loyalty programme",
        c.interests.overlaps("travel") & (c.age >= 30) & (c.purchases.total(within_days=1825) >= mim.money(150, "USD")),
    ),
    "deciders": (
        "Deciders at larger companies that run Salesforce or SAP",
        (c.account.employees >= 200)
        & c.account.stack.overlaps("salesforce", "sap")
        & c.seniority.is_in("director", "c_level", "manager"),
    ),
}

COLUMNS = ("acquisition_source", "tags", "country", "birth_date", "interests", "devices", "seniority")
"""What the frames need to answer them."""
