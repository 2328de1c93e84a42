"""Lead forms of Meta (Facebook, Instagram) and LinkedIn.

Compared on 2026-11-26. Meta: names of a lead's fields after
https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving (the download has the same names, and puts
`l:`, `f:`, `c:` … before ids and `p:` before phone numbers). LinkedIn: names of the questions after
https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync; the columns that Campaign Manager adds to a
download are not documented in public, so that only names of questions are taken, and the others are left out by name.
"""

from __future__ import annotations

from mimcore.capture.mapping.transform_words import as_key, map_values, without
from mimcore.capture.presets.preset import Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_PLATFORM = (
    map_values(
        {"fb": "facebook", "ig": "instagram", "msg": "messenger", "an": "audience network", "wa": "whatsapp"},
        is_closed=False,
    ),
)

_META = Preset(
    name="meta-lead-ads",
    title="Meta, leads of a form",
    needs=keys("created_time | form_id"),
    typical=keys(
        "ad_id | ad_name | adset_id | adset_name | campaign_id | campaign_name | form_name | is_organic | platform"
    ),
    enough=3,
    targets=columns(
        """
contact.external_id: id
contact.emails: email | work_email
contact.phones: phone_number | work_phone_number
contact.name: full_name
contact.name.given: first_name
contact.name.family: last_name
contact.demographic.birth_date: date_of_birth
contact.demographic.gender: gender
contact.demographic.marital_status: marital_status
contact.demographic.street: street_address
contact.demographic.city: city
contact.demographic.region: state | province
contact.demographic.postal_code: post_code | zip_code
contact.demographic.country: country
contact.employment.employer: company_name
contact.employment.title: job_title
contact.acquisition.at: created_time
contact.acquisition.campaign: campaign_name
contact.acquisition.source: platform
""",
        {
            "contact.external_id": (without("l:"),),
            "contact.phones": (without("p:"),),
            "contact.demographic.postal_code": (without("z:"),),
            "contact.acquisition.source": _PLATFORM,
            "contact.acquisition.campaign": (as_key(),),
        },
    ),
    left_out=left_out(
        """
an id of Meta's own: ad_id | adset_id | campaign_id | form_id
the campaign is kept: ad_name | adset_name | form_name
paid or organic follows from the campaign: is_organic
the lead's stage at Meta; leads are records of their own (store.leads): lead_status
"""
    ),
)
_LINKEDIN = Preset(
    name="linkedin-lead-gen",
    title="LinkedIn, leads of a form",
    needs=keys("Email Address | First Name | Last Name"),
    typical=keys(
        "Form Name | Campaign Name | Campaign ID | Creative ID | Lead Type | Test Lead | Form ID | Account Name | "
        "LinkedIn Profile | Job Function | Company Size"
    ),
    enough=3,
    targets=columns(
        """
contact.emails: Email Address | Work Email | Email
contact.name.given: First Name
contact.name.family: Last Name
contact.phones: Phone Number | Work Phone Number
contact.employment.employer: Company Name
contact.employment.title: Job Title
contact.employment.department: Job Function
contact.employment.industry: Industry
contact.demographic.city: City
contact.demographic.region: State | State/Province
contact.demographic.postal_code: Postal Code | Zip Code
contact.demographic.country: Country | Country/Region
contact.demographic.gender: Gender
contact.social_profiles.linkedin: LinkedIn Profile | LinkedIn Profile URL
contact.acquisition.campaign: Campaign Name
""",
        {"contact.acquisition.campaign": (as_key(),)},
    ),
    left_out=left_out(
        """
the advertiser's own account, not the lead's company: Account Name | Account ID
an id of LinkedIn's own: Campaign ID | Creative ID | Form ID | Lead ID
the campaign is kept: Form Name | Creative Name | Campaign Group Name | Lead Type
leave rows of tests out before the import: Test Lead
a band such as 51-200; the account takes a number: Company Size
"""
    ),
)

PRESETS = (_META, _LINKEDIN)
