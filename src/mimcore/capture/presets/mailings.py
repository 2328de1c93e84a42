"""Mailchimp's export of an audience.

Names of columns were compared on 2026-11-26 with https://mailchimp.com/help/view-export-contacts/ ("About your export
file") and with headers of exported files in public repositories. Names of merge fields are the owner's; the defaults
are known here. The archive holds one file each for subscribed, unsubscribed and cleaned people: in the second,
`UNSUB_TIME` is filled, and only that column speaks of consent there.
"""

from __future__ import annotations

from mimcore.capture.mapping.transform_words import filled, split
from mimcore.capture.presets.preset import OPTED_IN, Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_WITHDRAWN = "consent.*: UNSUB_TIME"
_MEMBER = """
contact.emails: Email Address | Email
contact.name.given: First Name | FNAME
contact.name.family: Last Name | LNAME
contact.phones: Phone Number | PHONE
contact.demographic.country: CC | Country
contact.demographic.region: REGION
contact.demographic.postal_code: Zip Code
contact.employment.employer: Company | Company Name
contact.preferences.time_zone: TIMEZONE
contact.external_id: EUID
contact.tags: TAGS
contact.notes: NOTES
observed_at: LAST_CHANGED
"""
_TRANSFORMS = {"contact.tags": (split(","),)}
_LEFT_OUT = """
an address of a machine, which is personal and of no use here: OPTIN_IP | CONFIRM_IP | LATITUDE | LONGITUDE
a number of Mailchimp's own: MEMBER_RATING | LEID | GMTOFF | DSTOFF | UNSUB_CAMPAIGN_ID | CLEAN_CAMPAIGN_ID
one text of street, city and postcode; map it yourself if it is wanted: Address | ADDRESS
a day without a year: Birthday | BIRTHDAY
the instant of signing up; the one of confirming counts as consent: OPTIN_TIME
the address bounced; the point is not retired by an import: CLEAN_TIME | CLEAN_CAMPAIGN_TITLE
"""
_NEEDS = keys("Email Address | MEMBER_RATING")
_TYPICAL = keys("OPTIN_TIME | OPTIN_IP | CONFIRM_TIME | CONFIRM_IP | LAST_CHANGED | LEID | EUID | TAGS")

_SUBSCRIBED = Preset(
    name="mailchimp-audience",
    title="Mailchimp, subscribed people of an audience",
    needs=_NEEDS,
    typical=_TYPICAL,
    enough=2,
    targets=columns(_MEMBER + "consent.newsletter: CONFIRM_TIME", {**_TRANSFORMS, "consent.newsletter": OPTED_IN}),
    left_out=left_out(_LEFT_OUT),
)
_UNSUBSCRIBED = Preset(
    name="mailchimp-unsubscribed",
    title="Mailchimp, people who unsubscribed from an audience",
    needs=_NEEDS | keys("UNSUB_TIME"),
    typical=_TYPICAL,
    enough=2,
    targets=columns(_MEMBER + _WITHDRAWN, {**_TRANSFORMS, "consent.*": (filled("no"),)}),
    left_out=left_out(_LEFT_OUT)
    | left_out("they have unsubscribed since: CONFIRM_TIME\nsays why they left: UNSUB_REASON | UNSUB_REASON_OTHER"),
)
_CLEANED = Preset(
    name="mailchimp-cleaned",
    title="Mailchimp, people whose address bounced",
    needs=_NEEDS | keys("CLEAN_TIME"),
    typical=_TYPICAL,
    enough=2,
    targets=columns(_MEMBER, _TRANSFORMS),
    left_out=left_out(_LEFT_OUT) | left_out("the address bounced since: CONFIRM_TIME"),
)

PRESETS = (_SUBSCRIBED, _UNSUBSCRIBED, _CLEANED)
