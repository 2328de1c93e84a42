"""Google Contacts (both layouts) and vCards.

Names of columns were compared on 2026-11-26: Google's present layout (`E-mail 1 - Label`, `Organization Name`) and the
older one (`E-mail 1 - Type`, `Given Name`) with headers of exported files in public repositories, since
https://support.google.com/contacts/answer/7199294 describes the export and lists no columns; several values of one
label stand in one cell, parted by ` ::: `. The columns of vCards are those of `reading.vcard`.
"""

from __future__ import annotations

from mimcore.capture.mapping.transform_words import map_values, split
from mimcore.capture.presets.preset import Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_SEVERAL = (split(" ::: "),)
_GENDER = (map_values({"F": "female", "M": "male", "O": "other", "N": "", "U": ""}),)

_GOOGLE = Preset(
    name="google-contacts",
    title="Google Contacts",
    needs=keys("E-mail 1 - Value"),
    typical=keys(
        "First Name | Given Name | Last Name | Family Name | E-mail 1 - Label | E-mail 1 - Type | Phone 1 - Value "
        "| Organization Name | Organization 1 - Name | Labels | File As"
    ),
    enough=3,
    targets=columns(
        """
contact.emails: E-mail # - Value
contact.phones: Phone # - Value
contact.name: Name
contact.name.title: Name Prefix
contact.name.given: First Name | Given Name
contact.name.middle: Middle Name | Additional Name
contact.name.family: Last Name | Family Name
contact.name.suffix: Name Suffix
contact.employment.employer: Organization Name | Organization 1 - Name
contact.employment.title: Organization Title | Organization 1 - Title
contact.employment.department: Organization Department | Organization 1 - Department
contact.demographic.birth_date: Birthday
contact.demographic.street: Address 1 - Street
contact.demographic.city: Address 1 - City
contact.demographic.region: Address 1 - Region
contact.demographic.postal_code: Address 1 - Postal Code
contact.demographic.country: Address 1 - Country
contact.tags: Labels | Group Membership
contact.notes: Notes
""",
        {"contact.emails": _SEVERAL, "contact.phones": _SEVERAL, "contact.tags": _SEVERAL},
    ),
    left_out=left_out(
        """
says only what kind of entry the next column has: E-mail # - Label | E-mail # - Type | Phone # - Label \
| Phone # - Type | Address # - Label | Address # - Type | Website # - Label | Event # - Label | Relation # - Label
stands in parts in the columns beside it: Address # - Formatted
a second address; a contact has one: Address # - Street | Address # - City | Address # - Region \
| Address # - Postal Code | Address # - Country | Address # - PO Box | Address # - Extended Address
another person: Relation # - Value
"""
    ),
)
_VCARD = Preset(
    name="vcard",
    title="vCards",
    needs=keys("FN | N.family | N.given | EMAIL | TEL"),
    typical=keys("CATEGORIES | REV | ADR.street | BDAY"),
    enough=3,
    targets=columns(
        """
contact.external_id: UID
contact.emails: EMAIL
contact.phones: TEL
contact.name: FN
contact.name.title: N.prefix
contact.name.given: N.given
contact.name.middle: N.middle
contact.name.family: N.family
contact.name.suffix: N.suffix
contact.employment.employer: ORG
contact.employment.title: TITLE
contact.demographic.birth_date: BDAY
contact.demographic.gender: GENDER
contact.demographic.street: ADR.street
contact.demographic.city: ADR.city
contact.demographic.region: ADR.region
contact.demographic.postal_code: ADR.postal_code
contact.demographic.country: ADR.country
contact.preferences.language: LANG
contact.tags: CATEGORIES
contact.notes: NOTE
observed_at: REV
""",
        {
            "contact.emails": (split(";"),),
            "contact.phones": (split(";"),),
            "contact.tags": (split(";"),),
            "contact.demographic.gender": _GENDER,
        },
    ),
    left_out=left_out("may be the person's or the company's; map it to account.domain if it is the latter: URL"),
)

PRESETS = (_GOOGLE, _VCARD)
