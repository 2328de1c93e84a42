"""The deals of HubSpot and the opportunities of Salesforce.

Names of columns were compared with the public documentation on 2026-11-26:

- HubSpot: labels after https://knowledge.hubspot.com/crm-deals/hubspots-default-deal-properties; the contacts of a deal
  stand in `Associated Contact IDs` where associations are exported as well.
- Salesforce: names of the API and labels after
  https://developer.salesforce.com/docs/platform/field-reference/references/field-reference/salesforce-field-reference-opportunity.html;
  reports call them `Stage`, `Opportunity ID`, `Contact ID`.
"""

from __future__ import annotations

from mimcore.capture.mapping.deals import DEAL_KIND
from mimcore.capture.mapping.transform_words import first
from mimcore.capture.presets.preset import Preset, columns, keys, left_out

__all__ = ["PRESETS"]

_ADVICE = (
    "every stage and value in which a deal is seen is an event, a deal that is won is a purchase; a deal of several "
    "contacts is recorded with the first of them"
)

_HUBSPOT = Preset(
    name="hubspot-deals",
    title="HubSpot, deals",
    needs=keys("Record ID | Deal Name"),
    typical=keys("Deal Stage | Close Date | Deal owner | Amount | Pipeline"),
    enough=1,
    kind=DEAL_KIND,
    advice=_ADVICE,
    targets=columns(
        """
deal.id: Record ID
deal.stage: Deal Stage
deal.is_won: Is Closed Won
deal.value: Amount
deal.currency: Currency
deal.closed_at: Close Date
deal.entered_at: Date entered current stage
deal.modified_at: Last Modified Date
deal.created_at: Create Date
deal.name: Deal Name
deal.pipeline: Pipeline
deal.type: Deal Type
contact.external_id: Associated Contact IDs | Associated Contact ID
""",
        {"contact.external_id": (first(";"),)},
    ),
    left_out=left_out(
        """
an event has no owner: Deal owner
the amount in the deal's own currency is taken: Amount in company currency
the contact of a deal is found by its id: Associated Contact
the contact of a deal tells its company: Associated Company | Associated Company IDs | Associated Company ID
"""
    ),
)
_SALESFORCE = Preset(
    name="salesforce-opportunities",
    title="Salesforce, opportunities",
    needs=keys("CloseDate"),
    typical=keys(
        "StageName | Stage | Opportunity Name | Opportunity ID | Probability | Probability (%) | ForecastCategory "
        "| IsWon"
    ),
    enough=2,
    kind=DEAL_KIND,
    advice=_ADVICE,
    targets=columns(
        """
deal.id: Id | Opportunity ID
deal.stage: StageName | Stage
deal.is_won: IsWon | Won
deal.value: Amount
deal.currency: CurrencyIsoCode | Amount Currency | Opportunity Currency
deal.closed_at: CloseDate
deal.entered_at: LastStageChangeDate
deal.modified_at: LastModifiedDate
deal.created_at: CreatedDate
deal.name: Name | Opportunity Name
deal.type: Type | Opportunity Type
contact.external_id: ContactId | Primary Contact ID
contact.emails: Email | Contact: Email
"""
    ),
    left_out=left_out(
        """
an id of a record that is not in this store: OwnerId | CreatedById | LastModifiedById | CampaignId | Pricebook2Id \
| RecordTypeId
an event has no owner: Opportunity Owner
the contact of a deal tells its account: AccountId | Account Name | Account ID
the stage tells: IsClosed | Closed | Probability | Probability (%) | ForecastCategory | ForecastCategoryName
"""
    ),
)

PRESETS = (_HUBSPOT, _SALESFORCE)
