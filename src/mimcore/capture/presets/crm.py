"""The people of HubSpot and Salesforce.

Names of columns were compared with the public documentation on 2026-11-26:

- HubSpot: an export has the labels of the properties, with `Record ID` first; labels after
  https://knowledge.hubspot.com/properties/hubspots-default-contact-properties, stages after https://knowledge.hubspot.com/contacts/use-lifecycle-stages.
- Salesforce: the data export has the names of the API (`MailingCity`), a report has labels (`Mailing City`); both after
  https://developer.salesforce.com/docs/platform/field-reference/references/field-reference/salesforce-field-reference-contact.html
  (and the page of Lead beside it).
"""

from __future__ import annotations

from mimcore.capture.mapping.transform_words import map_values, split
from mimcore.capture.presets.preset import OPTED_OUT, Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_STAGES = map_values(
    {
        "Subscriber": "subscriber",
        "Lead": "lead",
        "Marketing Qualified Lead": "marketing_qualified",
        "marketingqualifiedlead": "marketing_qualified",
        "Sales Qualified Lead": "sales_qualified",
        "salesqualifiedlead": "sales_qualified",
        "Opportunity": "opportunity",
        "Customer": "customer",
        "Evangelist": "advocate",
        "Other": "",
    }
)
_HUBSPOT = Preset(
    name="hubspot-contacts",
    title="HubSpot, contacts",
    needs=keys("Record ID | Email"),
    typical=keys(
        "First Name | Last Name | Phone Number | Contact owner | Lifecycle Stage | Lead Status | Create Date | "
        "Associated Company | Marketing contact status | Last Activity Date | Last Modified Date"
    ),
    enough=2,
    targets=columns(
        """
contact.external_id: Record ID
contact.emails: Email | Work email | Additional email addresses
contact.name.given: First Name
contact.name.family: Last Name
contact.name.title: Salutation
contact.phones: Phone Number | Mobile Phone Number | Mobile Phone
contact.employment.title: Job Title
contact.employment.employer: Company name | Company
contact.employment.industry: Industry
contact.demographic.street: Street Address
contact.demographic.city: City
contact.demographic.region: State/Region
contact.demographic.postal_code: Postal Code
contact.demographic.country: Country/Region | Country
contact.demographic.birth_date: Date of birth
contact.demographic.gender: Gender
contact.preferences.language: Preferred language
contact.lifecycle_stage: Lifecycle Stage
contact.owner: Contact owner
contact.acquisition.source: Original Source | Original Traffic Source
contact.acquisition.at: Create Date
contact.social_profiles.linkedin: LinkedIn URL
account.name: Associated Company | Primary Associated Company
account.domain: Website URL
observed_at: Last Modified Date
consent.*: Unsubscribed from all email
""",
        {"contact.lifecycle_stage": (_STAGES,), "contact.emails": (split(";"),), "consent.*": OPTED_OUT},
    ),
    left_out=left_out(
        """
says who may be billed, no consent of the person: Marketing contact status
a contact has a life cycle; leads are records of their own (store.leads): Lead Status
ids of records that are not in this store: Associated Company IDs | Primary Associated Company ID | Associated Deal IDs
interactions are imported as events: Last Activity Date | Last Contacted | Number of Pageviews
"""
    ),
)
_PERSON = """
contact.emails: Email
contact.name.title: Salutation
contact.name.given: FirstName
contact.name.middle: MiddleName
contact.name.family: LastName
contact.name.suffix: Suffix
contact.phones: Phone | Business Phone | MobilePhone | Mobile | HomePhone | OtherPhone
contact.employment.title: Title
contact.employment.department: Department
contact.acquisition.source: LeadSource
contact.acquisition.at: CreatedDate
contact.notes: Description | Contact Description | Lead Description
contact.owner: Contact Owner | Lead Owner | Owner Name
observed_at: LastModifiedDate
consent.*: HasOptedOutOfEmail | Email Opt Out
"""
_SALESFORCE_LEFT_OUT = """
an id of a record that is not in this store: AccountId | OwnerId | ReportsToId | CreatedById | LastModifiedById \
| MasterRecordId | IndividualId | RecordTypeId | ConvertedAccountId | ConvertedOpportunityId
a second address; a contact has one: OtherStreet | OtherCity | OtherState | OtherPostalCode | OtherCountry
fax numbers are no phones: Fax
another person's number: AssistantPhone | Asst. Phone | AssistantName
leads are records of their own (store.leads): Status | Lead Status | Rating | IsConverted | ConvertedDate
"""
_SALESFORCE_CONTACTS = Preset(
    name="salesforce-contacts",
    title="Salesforce, contacts",
    needs=keys("LastName | Email"),
    typical=keys(
        "MailingStreet | MailingCity | MailingState | Mailing State/Province | MailingPostalCode | Mailing "
        "Zip/Postal Code | MailingCountry | HasOptedOutOfEmail | Email Opt Out | ReportsToId | AccountId | "
        "Account Name | Contact ID | Contact Owner"
    ),
    enough=2,
    targets=columns(
        _PERSON
        + """
contact.external_id: Id | Contact ID
contact.demographic.street: MailingStreet
contact.demographic.city: MailingCity
contact.demographic.region: MailingState | Mailing State/Province
contact.demographic.postal_code: MailingPostalCode | Mailing Zip/Postal Code
contact.demographic.country: MailingCountry | MailingCountryCode
contact.demographic.birth_date: Birthdate
account.name: Account Name
""",
        {"consent.*": OPTED_OUT},
    ),
    left_out=left_out(_SALESFORCE_LEFT_OUT),
)
_SALESFORCE_LEADS = Preset(
    name="salesforce-leads",
    title="Salesforce, leads (taken over as contacts)",
    needs=keys("LastName | Email | Company"),
    typical=keys(
        "Status | Lead Status | LeadSource | Rating | IsConverted | Lead ID | Lead Owner | ConvertedDate | "
        "NumberOfEmployees | HasOptedOutOfEmail"
    ),
    enough=2,
    targets=columns(
        _PERSON
        + """
contact.external_id: Id | Lead ID
contact.employment.employer: Company | Company / Account
contact.employment.industry: Industry
contact.demographic.street: Street
contact.demographic.city: City
contact.demographic.region: State | State/Province
contact.demographic.postal_code: PostalCode | Zip/Postal Code
contact.demographic.country: Country | CountryCode
""",
        {"consent.*": OPTED_OUT},
    ),
    left_out=left_out(_SALESFORCE_LEFT_OUT),
)
PRESETS = (_HUBSPOT, _SALESFORCE_CONTACTS, _SALESFORCE_LEADS)
