"""Companies and deals of HubSpot and Salesforce: recognised, taken over as accounts and events, repeated without doubles."""

from __future__ import annotations

import pytest
from tests.unit.capture.test_presets import FILES

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.presets.known import preset_named
from mimcore.errors import InvalidValueError

COMPANIES = (
    "Record ID,Company name,Company owner,Company Domain Name,Website URL,Industry,Number of Employees,Annual Revenue,"
    "Is Public,Year Founded,Street Address,City,State/Region,Postal Code,Country/Region,Web Technologies,"
    "LinkedIn Company Page,Description,Phone Number,Lifecycle Stage,Parent Company,Create Date,Last Modified Date,Shoe\n"
    "501,Acme A/S,Eva,acme.dk,https://www.acme.dk,COMPUTER_SOFTWARE,240,1500000,true,1999,Gade 1,Aarhus,Midt,8000,Denmark,"
    "Python;SAP,https://www.linkedin.com/company/acme,Maker of things,+4532123456,Customer,,2024-03-12 09:14,"
    "2026-01-05 10:00,38\n"
    "502,Beta AB,Eva,beta.se,,,,,false,,,,,,Sweden,,,,,,,2024-03-12 09:14,2026-01-06 10:00,\n"
)
ACCOUNTS = (
    "Id,Name,Type,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,BillingLatitude,"
    "BillingLongitude,ShippingCity,Phone,Website,Industry,AnnualRevenue,NumberOfEmployees,Ownership,YearStarted,"
    "LastModifiedDate\n"
    "001A,Acme,Customer,,Gade 1,Aarhus,Midt,8000,Denmark,56.15,10.2,Odense,+4532123456,http://www.acme.dk/,Technology,"
    "1500000,240,Public,1999,2026-01-05T10:00:00.000Z\n"
    "001B,Acme Sweden,Customer,001A,,,,,Sweden,,,,,http://www.acme.dk/,,,,Subsidiary,,2026-01-05T10:00:00.000Z\n"
)
DEALS = (
    "Record ID,Deal Name,Deal Stage,Deal owner,Amount,Close Date,Pipeline,Associated Contact IDs,Last Modified Date\n"
)
HUBSPOT_DEALS = (
    DEALS
    + "9,Big,Closed Won,Eva,1200.50,2026-02-01 10:00,Sales,101;102,2026-02-02 10:00\n"
    + "10,Small,Contract Sent,Eva,12,2026-05-01 10:00,Sales,101,2026-02-02 10:00\n"
    + "11,Open,Contract Sent,Eva,,2026-05-01 10:00,Sales,102,2026-02-02 10:00\n"
    + "12,Lost,Closed Lost,Eva,7,2026-02-01 10:00,Sales,101,2026-02-02 10:00\n"
    + "13,Nobody,Contract Sent,Eva,12,2026-05-01 10:00,Sales,,2026-02-02 10:00\n"
    + "14,Stranger,Contract Sent,Eva,12,2026-05-01 10:00,Sales,999,2026-02-02 10:00\n"
)
OPPORTUNITIES = (
    "Id,AccountId,Name,StageName,Amount,CurrencyIsoCode,Probability,CloseDate,Type,IsWon,ContactId,CreatedDate,"
    "LastModifiedDate,LastStageChangeDate\n"
    "006A,001A,Big,Gewonnen,1200,JPY,100,2026-02-01,New,true,101,2026-01-01T10:00:00.000Z,2026-02-20T10:00:00.000Z,"
    "2026-02-01T09:00:00.000Z\n"
    "006B,001A,Small,Prospecting,12.5,EUR,10,2026-09-01,New,false,101,2026-01-01T10:00:00.000Z,"
    "2026-02-20T10:00:00.000Z,2026-01-15T09:00:00.000Z\n"
)


@pytest.fixture
def people(import_store):
    """Two people with the ids of the program that the files come from."""
    with import_store.begin(source="crm") as work:
        ana, bo = work.add(
            mim.Contact(emails=["ana@acme.dk"], external_ids={"crm": "101"}),
            mim.Contact(emails=["bo@acme.dk"], external_ids={"crm": "102"}),
        )
    return ana, bo


def events(store):
    """Return the events of a store by external id."""
    with store.read() as work:
        return {one.external_id: one for one in work.transaction.interactions.all()}


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("hubspot-companies", COMPANIES, "accounts"),
        ("salesforce-accounts", ACCOUNTS, "accounts"),
        ("hubspot-deals", HUBSPOT_DEALS, "deals"),
        ("salesforce-opportunities", OPPORTUNITIES, "deals"),
    ],
)
def test_an_export_is_recognised_by_plan_and_audit(import_store, people, csv_file, name, text, rows):
    """Without a word of mapping or kind; asked for by name it is the same import."""
    path = csv_file(text)
    plan = import_store.plan_import(path, source="crm", currency="EUR")
    assert (plan.proposal.preset, preset_named(name).rows) == (name, rows)
    assert f"(mapping='{name}')" in str(plan)
    plan.apply()
    assert import_store.plan_import(path, source="crm", mapping=name, currency="EUR").is_finished
    audit = mim.audit(path)
    assert f"it is imported as {rows} ('{name}')" in "\n".join(audit.notes)
    targets = {one.column: one.field for one in plan.mapping.columns}
    assert {one.name: one.guess.field for one in audit.columns if one.name in targets} == targets


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_people_is_taken_for_one_of_companies_or_deals(import_store, csv_file, name):
    """The columns of the two programs overlap."""
    assert import_store.plan_import(csv_file(FILES[name]), source="crm").run.kind == "contacts"


def test_hubspot_companies(import_store, csv_file):
    """Every field that an account has; what it cannot hold is said."""
    plan = import_store.plan_import(csv_file(COMPANIES), source="crm", currency="EUR")
    assert plan.mapping.key == "domain"
    plan.apply()
    acme = import_store.accounts.with_domain("acme.dk")
    assert acme == import_store.accounts.with_external_id("crm", "501")
    firm = acme.firmographic
    assert (acme.name, acme.owner, acme.notes) == ("Acme A/S", "Eva", "Maker of things")
    assert (firm.industry, firm.employees, firm.annual_revenue) == (
        "COMPUTER_SOFTWARE",
        240,
        mim.money("1500000", "EUR"),
    )
    assert (firm.ownership.value, firm.founded_year, firm.country, firm.city) == ("public", 1999, "DK", "Aarhus")
    assert acme.technology.stack == ("Python", "SAP")
    assert acme.social_profiles[0].url == "https://www.linkedin.com/company/acme"
    told = "\n".join(plan.notes)
    assert "'Phone Number' is left out: numbers belong to people" in told
    assert "'Website URL' is left out: another column is account.domain already" in told
    assert "left out, which this export has not always: 'Create Date', 'Shoe'" in told


def test_revenue_of_no_currency_is_left_out(import_store, csv_file):
    """With what is missing."""
    plan = import_store.plan_import(csv_file(COMPANIES), source="crm")
    assert any("'Annual Revenue' is left out: needs a currency" in one for one in plan.notes)
    assert plan.counts == {"created": 2}


def test_salesforce_accounts(import_store, csv_file):
    """Found by id, since a subsidiary may share the website; the place of the head office comes along."""
    plan = import_store.plan_import(csv_file(ACCOUNTS), source="crm", currency="EUR")
    assert plan.mapping.key == "external_id"
    assert plan.apply().counts == {"created": 2}
    acme, sweden = (import_store.accounts.with_external_id("crm", one) for one in ("001A", "001B"))
    assert (acme.domain, sweden.domain) == ("acme.dk", "acme.dk")
    assert acme.firmographic.location == mim.location(56.15, 10.2)
    assert (acme.firmographic.ownership.value, sweden.firmographic.ownership) == ("public", None)


def test_hubspot_deals(import_store, people, csv_file):
    """A stage is an event of its contact, a deal that is won a purchase on the day it was closed; else it is refused."""
    ana, bo = people
    plan = import_store.plan_import(csv_file(HUBSPOT_DEALS), source="crm", currency="EUR")
    assert plan.counts == {"created": 4, "rejected": 2}
    assert [(one["line"], one["code"]) for one in plan.rejects.to_rows()] == [
        (6, "missing_key"),
        (7, "unknown_contact"),
    ]
    assert "never with a company alone" in plan.rejects.to_rows()[0]["reason"]
    plan.apply()
    found = events(import_store)
    assert {name: (one.kind, one.contact_id, one.value, one.at.isoformat()[:16]) for name, one in found.items()} == {
        "9:Closed Won": ("purchase", ana.id, mim.money("1200.50", "EUR"), "2026-02-01T09:00"),
        "10:Contract Sent:12.00 EUR": ("deal", ana.id, mim.money("12", "EUR"), "2026-02-02T09:00"),
        "11:Contract Sent": ("deal", bo.id, None, "2026-02-02T09:00"),
        "12:Closed Lost:7.00 EUR": ("deal", ana.id, mim.money("7", "EUR"), "2026-02-02T09:00"),
    }
    assert dict(found["9:Closed Won"].properties) == {
        "deal": "9",
        "stage": "Closed Won",
        "name": "Big",
        "pipeline": "Sales",
    }
    assert import_store.contacts.ids(f.contact.purchases.total() >= mim.money("1000", "EUR")) == [ana.id]
    assert import_store.contacts.count(f.contact.events("deal").count() >= 1) == 2


def test_a_repeated_export_adds_only_what_moved(import_store, people, csv_file):
    """The same stage is the same event whatever else was edited; a stage or a value that changed adds one."""
    first = import_store.plan_import(csv_file(HUBSPOT_DEALS), source="crm", currency="EUR").apply()
    later = (
        DEALS
        + "9,Big,Closed Won,Bo,1200.50,2026-02-01 10:00,Sales,101;102,2026-02-20 10:00\n"
        + "10,Small renamed,Contract Sent,Eva,12,2026-06-01 10:00,Sales,101,2026-02-20 10:00\n"
        + "11,Open,Closed Won,Eva,99,2026-02-19 10:00,Sales,102,2026-02-20 10:00\n"
        + "12,Lost,Closed Lost,Eva,8,2026-02-01 10:00,Sales,101,2026-02-20 10:00\n"
    )
    plan = import_store.plan_import(csv_file(later, "later.csv"), source="crm", currency="EUR")
    assert plan.counts == {"unchanged": 2, "created": 2}
    second = plan.apply()
    assert events(import_store).keys() >= {"11:Contract Sent", "11:Closed Won", "12:Closed Lost:8.00 EUR"}
    assert import_store.imports.undo(second.id).events_removed == 2
    assert import_store.imports.undo(first.id).events_removed == 4
    assert events(import_store) == {}


def test_money_that_was_counted_is_not_counted_twice(import_store, people, csv_file):
    """Another amount for a deal that is won is refused, and the purchase stays."""
    import_store.plan_import(csv_file(HUBSPOT_DEALS), source="crm", currency="EUR").apply()
    row = "9,Big,Closed Won,Eva,1300,2026-02-01 10:00,Sales,101,2026-02-20 10:00\n"
    plan = import_store.plan_import(csv_file(DEALS + row, "later.csv"), source="crm", currency="EUR")
    assert [one["code"] for one in plan.rejects.to_rows()] == ["conflicting_event"]


def test_a_deal_won_today_is_the_same_tomorrow(import_store, people, csv_file, import_clock):
    """A day without a time is known to the minute only once."""
    row = "Id,Name,StageName,Amount,CloseDate,Probability,ContactId\n006A,Big,Closed Won,10,2026-03-01,100,101\n"
    assert import_store.plan_import(csv_file(row), source="crm", currency="EUR").apply().counts == {"created": 1}
    import_clock.forward(days=2)
    again = import_store.plan_import(csv_file(row.replace("Big", "Big deal")), source="crm", currency="EUR")
    assert again.counts == {"unchanged": 1}


def test_salesforce_opportunities(import_store, people, csv_file):
    """A column says what is won, whatever the stage is called; each amount is of its row's own currency."""
    plan = import_store.plan_import(csv_file(OPPORTUNITIES), source="crm")
    plan.apply()
    assert {name: (one.kind, one.value, one.at.isoformat()) for name, one in events(import_store).items()} == {
        "006A:Gewonnen": ("purchase", mim.money("1200", "JPY"), "2026-02-01T22:59:59.999999+00:00"),
        "006B:Prospecting:12.50 EUR": ("deal", mim.money("12.5", "EUR"), "2026-01-15T09:00:00+00:00"),
    }


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (HUBSPOT_DEALS, {}, r"currency: of 'Amount' is not said by the file.*currency='EUR'"),
        (
            "Record ID,Deal Name,Deal Stage,Amount\n9,Big,Closed Won,7\n",
            {"currency": "EUR"},
            r"no column names the contact of a deal.*export its id or e-mail",
        ),
        (HUBSPOT_DEALS, {"kind": "purchases", "mapping": "hubspot-deals", "currency": "EUR"}, "is of deals"),
        (
            HUBSPOT_DEALS,
            {"mapping": {"Record ID": "deal.id", "Associated Contact IDs": "contact.external_id"}},
            "deal.stage",
        ),
    ],
)
def test_deals_that_lack_what_they_need_are_refused_as_a_whole(import_store, csv_file, text, options, said):
    """Before anything is stored that could not be mended later."""
    with pytest.raises(InvalidValueError, match=said):
        import_store.plan_import(csv_file(text), source="crm", **options)


def test_deals_of_any_program_are_declared(import_store, people, csv_file):
    """By e-mail; which stage is won is said by a map; an amount of no currency refuses the row alone."""
    rows = [
        {"no": "1", "step": "Gewonnen", "sum": "7", "unit": "DKK", "mail": "ana@acme.dk", "day": "2026-02-01"},
        {"no": "2", "step": "Angebot", "sum": "7", "unit": "", "mail": "bo@acme.dk", "day": "2026-02-01"},
        {"no": "", "step": "Angebot", "sum": "7", "unit": "DKK", "mail": "bo@acme.dk", "day": "2026-02-01"},
        {"no": "3", "step": "Angebot", "sum": "-7", "unit": "DKK", "mail": "bo@acme.dk", "day": "2026-02-01"},
    ]
    columns = [
        {"column": "no", "field": "deal.id"},
        {"column": "step", "field": "deal.stage"},
        {
            "column": "step",
            "field": "deal.is_won",
            "transforms": [{"do": "map", "values": {"Gewonnen": "yes", "Angebot": "no"}}],
        },
        {"column": "sum", "field": "deal.value"},
        {"column": "unit", "field": "deal.currency"},
        {"column": "mail", "field": "contact.emails"},
        {"column": "day", "field": "deal.closed_at"},
    ]
    plan = import_store.plan_import(rows, source="erp", mapping={"columns": columns})
    assert plan.counts == {"created": 1, "rejected": 3}
    assert [(one["line"], one["column"], one["reason"]) for one in plan.rejects.to_rows()] == [
        (2, "sum", "is an amount without a currency"),
        (3, "no", "is empty, and a deal is known by its id and stage"),
        (4, "sum", "is negative"),
    ]
    plan.apply()
    assert [one.kind for one in events(import_store).values()] == ["purchase"]
