"""The companies of HubSpot and the accounts of Salesforce.

Names of columns were compared with the public documentation on 2026-11-26:

- HubSpot: labels after https://knowledge.hubspot.com/properties/hubspot-crm-default-company-properties.
- Salesforce: names of the API and labels after
  https://developer.salesforce.com/docs/platform/field-reference/references/field-reference/salesforce-field-reference-account.html.
"""

from __future__ import annotations

from mimcore.capture.mapping.transform_words import map_values, split
from mimcore.capture.presets.preset import Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_LISTED = map_values({"true": "public", "yes": "public", "false": "", "no": ""})
_OWNERSHIP = map_values({"Public": "public", "Private": "private", "Subsidiary": "", "Other": ""})

_HUBSPOT = Preset(
    name="hubspot-companies",
    title="HubSpot, companies",
    needs=keys("Record ID | Company name"),
    typical=keys(
        "Company owner | Company Domain Name | Website URL | Industry | Number of Employees | Annual Revenue | "
        "Create Date | Last Activity Date"
    ),
    enough=2,
    kind="accounts",
    targets=columns(
        """
account.external_id: Record ID
account.name: Company name
account.domain: Company Domain Name | Website URL
account.firmographic.industry: Industry
account.firmographic.employees: Number of Employees
account.firmographic.annual_revenue: Annual Revenue
account.firmographic.ownership: Is Public
account.firmographic.founded_year: Year Founded
account.firmographic.street: Street Address
account.firmographic.city: City
account.firmographic.region: State/Region
account.firmographic.postal_code: Postal Code
account.firmographic.country: Country/Region | Country
account.technology.stack: Web Technologies
account.social_profiles.linkedin: LinkedIn Company Page
account.social_profiles.facebook: Facebook Company Page
account.social_profiles.x: Twitter Handle
account.owner: Company owner
account.notes: Description | About Us
observed_at: Last Modified Date
""",
        {"account.technology.stack": (split(";"),), "account.firmographic.ownership": (_LISTED,)},
    ),
    left_out=left_out(
        """
numbers belong to people; an account has none: Phone Number
a contact has a life cycle, an account has none: Lifecycle Stage | Lead Status
parent companies are not linked by an import: Parent Company | Parent Company ID
people and deals name their company, not the other way round: Associated Contact | Associated Contact IDs \
| Associated Deal | Associated Deal IDs
interactions are imported as events: Last Activity Date | Last Contacted | Number of Pageviews
"""
    ),
)
_SALESFORCE = Preset(
    name="salesforce-accounts",
    title="Salesforce, accounts",
    needs=frozenset(),
    typical=keys(
        "BillingStreet | BillingCity | Billing State/Province | BillingState | BillingCountry | BillingPostalCode "
        "| Billing Zip/Postal Code | NumberOfEmployees | Account Owner"
    ),
    enough=3,
    kind="accounts",
    prefers=("external_id", "domain", "name"),  # several accounts may well share a website
    targets=columns(
        """
account.external_id: Id | Account ID
account.name: Name | Account Name
account.domain: Website
account.firmographic.industry: Industry
account.firmographic.employees: NumberOfEmployees | Employees
account.firmographic.annual_revenue: AnnualRevenue
account.firmographic.ownership: Ownership
account.firmographic.founded_year: YearStarted
account.firmographic.street: BillingStreet
account.firmographic.city: BillingCity
account.firmographic.region: BillingState | Billing State/Province
account.firmographic.postal_code: BillingPostalCode | Billing Zip/Postal Code
account.firmographic.country: BillingCountry | BillingCountryCode
account.firmographic.location.latitude: BillingLatitude
account.firmographic.location.longitude: BillingLongitude
account.owner: Account Owner
account.notes: Description | Account Description
observed_at: LastModifiedDate
""",
        {"account.firmographic.ownership": (_OWNERSHIP,)},
    ),
    left_out=left_out(
        """
an id of a record that is not in this store: OwnerId | CreatedById | LastModifiedById | MasterRecordId | RecordTypeId
parent accounts are not linked by an import: ParentId | Parent Account
a second address; an account has one: ShippingStreet | ShippingCity | ShippingState | ShippingPostalCode \
| ShippingCountry | Shipping State/Province | Shipping Zip/Postal Code
numbers belong to people; an account has none: Phone | Account Phone | Fax | Account Fax
"""
    ),
)

PRESETS = (_HUBSPOT, _SALESFORCE)
