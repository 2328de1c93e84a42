"""Ready mappings: recognised by the columns, taken over as the program means them, consent only by opt-in and stricter."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore.capture import ConsentColumns
from mimcore.capture.mapping.targets import check_target
from mimcore.capture.presets.known import PRESETS, preset_named, recognised
from mimcore.errors import InvalidValueError

HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,Contact owner,Job Title,"
    "Country/Region,Create Date,Last Modified Date,Original Source,Associated Company,Unsubscribed from all email,Shoe\n"
    "101,Ana,Berg,ana@acme.dk,+45 20 12 34 56,Marketing Qualified Lead,NEW,Eva,CTO,Denmark,2024-03-12 09:14,"
    "2026-01-05 10:00,ORGANIC_SEARCH,Acme A/S,true,38\n"
    "102,Bo,Holm,bo@acme.dk;bo@home.dk,,Evangelist,OPEN,Eva,,Sweden,2024-03-13 09:14,2026-01-06 10:00,,,false,45\n"
)
SALESFORCE = (
    "Id,Salutation,FirstName,LastName,Email,Phone,MailingStreet,MailingCity,MailingCountry,Title,Department,LeadSource,"
    "HasOptedOutOfEmail,OtherCity,Birthdate\n"
    "003A,Mrs.,Ana,Berg,ana@acme.dk,+4532123456,Gade 1,Aarhus,Denmark,CTO,IT,Web,1,Odense,1990-05-31\n"
)
REPORT = (
    "Contact ID,First Name,Last Name,Email,Account Name,Mailing State/Province,Mailing Zip/Postal Code,Email Opt Out,"
    "Created Date\n"
    '003A,Ana,Berg,ana@acme.dk,Acme,Midt,8000,0,"3/15/2024, 2:30 PM"\n'
)
MAILCHIMP = (
    "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,"
    "CONFIRM_IP,CC,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    "ana@acme.dk,Ana,Berg,,,,4,2024-01-02 10:00:00,1.2.3.4,2024-01-02 10:05:00,1.2.3.4,DK,2026-01-05 10:00:00,1,abc,,"
    '"""VIP"",""Fair"""\n'
    "bo@acme.dk,Bo,,,,,2,,,,,,2026-01-05 10:00:00,2,def,,\n"
)
UNSUBSCRIBED = (
    "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME,UNSUB_REASON,LAST_CHANGED,LEID,EUID\n"
    "ana@acme.dk,Ana,4,2024-01-02 10:00:00,2024-01-02 10:05:00,2026-02-01 08:00:00,,2026-02-01 08:00:00,1,abc\n"
)
GOOGLE = (
    "First Name,Middle Name,Last Name,File As,Organization Name,Organization Title,Birthday,Notes,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - City,"
    "Address 1 - Formatted,Address 2 - City\n"
    "Ana,Maria,Berg,,Acme,CTO,1990-05-31,,* myContacts ::: VIP,Work,ana@acme.dk ::: ana@home.dk,ana@third.dk,Mobile,"
    '+45 20 12 34 56,Aarhus,"Gade 1, Aarhus",Odense\n'
)
META = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,"
    "email,full_name,phone_number,lead_status\n"
    "l:1,2026-01-02T10:00:00+0100,ag:1,Ad,as:1,Set,c:1,Spring,f:1,Form,false,fb,ana@acme.dk,Ana Berg,p:+4520123456,"
    "CREATED\n"
)
LINKEDIN = (
    "First Name,Last Name,Email Address,Company Name,Job Title,Country,Campaign Name,Form Name,Account Name,Test Lead\n"
    "Ana,Berg,ana@acme.dk,Acme,CTO,Denmark,Spring,Form,Our own account,false\n"
)
FILES = {
    "hubspot-contacts": HUBSPOT,
    "salesforce-contacts": SALESFORCE,
    "mailchimp-audience": MAILCHIMP,
    "mailchimp-unsubscribed": UNSUBSCRIBED,
    "google-contacts": GOOGLE,
    "meta-lead-ads": META,
    "linkedin-lead-gen": LINKEDIN,
}


def ana_of(store):
    """Return the contact that every file has."""
    return store.contacts.with_email("ana@acme.dk")


@pytest.mark.parametrize("name", FILES)
def test_an_export_is_recognised_named_and_taken_over(import_store, csv_file, name):
    """Without a word of mapping; asked for by name it is the same import."""
    path = csv_file(FILES[name])
    plan = import_store.plan_import(path, source="crm")
    assert plan.proposal.preset == name
    assert f"(mapping='{name}')" in str(plan)
    assert not plan.rejects
    assert plan.apply().counts["created"] == plan.total
    assert import_store.plan_import(path, source="crm", mapping=name).is_finished
    assert ana_of(import_store).name.given == "Ana"


def test_every_ready_mapping_names_targets_that_exist():
    """A misspelt field would fail only when somebody has such a column."""
    fields = [field for one in PRESETS for target in one.targets.values() for field in target.fields]
    assert [check_target(field) for field in fields] == fields
    assert len({one.name for one in PRESETS}) == len(PRESETS)
    assert all(one.targets for one in PRESETS)


def test_hubspot(import_store, csv_file):
    """Stages, several addresses, the time of the record; what it cannot hold is said."""
    plan = import_store.plan_import(csv_file(HUBSPOT), source="crm")
    plan.apply()
    ana, bo = ana_of(import_store), import_store.contacts.with_email("bo@home.dk")
    assert (ana.lifecycle_stage.value, bo.lifecycle_stage.value) == ("marketing_qualified", "advocate")
    assert ana.demographic.country == "DK"
    assert ana.owner == "Eva"
    assert ana.acquisition.at.isoformat() == "2024-03-12T08:14:00+00:00"
    assert [one.email.address for one in bo.emails] == ["bo@acme.dk", "bo@home.dk"]
    told = "\n".join(plan.notes)
    assert "'Lead Status' is left out: a contact has a life cycle" in told
    assert "'Unsubscribed from all email' is left out: consent needs consent=ConsentColumns" in told
    assert "1 further columns are left out, which this export has not always: 'Shoe'" in told


def test_salesforce_by_names_of_the_api_and_by_labels(import_store, csv_file):
    """The data export and a report; American dates with a clock of two halves are found by the cells."""
    import_store.plan_import(csv_file(SALESFORCE), source="crm").apply()
    plan = import_store.plan_import(csv_file(REPORT, "b.csv"), source="crm")
    assert plan.proposal.preset == "salesforce-contacts"
    plan.apply()
    ana = ana_of(import_store)
    assert (ana.name.title, ana.demographic.city, ana.demographic.region) == ("mrs", "Aarhus", "Midt")
    with import_store.read() as work:
        assert [one.name for one in work.transaction.accounts.all()] == ["Acme"]
    assert ana.acquisition.at.isoformat() == "2024-03-15T13:30:00+00:00"
    assert "'OtherCity' is left out: a second address" in "\n".join(
        import_store.plan_import(csv_file(SALESFORCE), source="x").notes
    )


def test_google_and_meta(import_store, csv_file):
    """` ::: ` parts values, further numbers are further addresses; marks before ids and numbers are taken off."""
    import_store.plan_import(csv_file(GOOGLE), source="google").apply()
    ana = ana_of(import_store)
    assert [one.email.address for one in ana.emails] == ["ana@acme.dk", "ana@home.dk", "ana@third.dk"]
    assert set(ana.tags) == {"* myContacts", "VIP"}
    assert ana.demographic.city == "Aarhus"
    with mim.connect("memory:", actor="t", clock=import_store.now) as other:
        other.plan_import(csv_file(META, "m.csv"), source="meta").apply()
        lead = ana_of(other)
        assert lead.phones[0].phone.e164 == "+4520123456"
        assert [(one.source, one.value) for one in lead.external_ids] == [("meta", "1")]
        assert (lead.acquisition.campaign, lead.acquisition.source) == ("spring", "facebook")


def may(store, address, purpose="newsletter"):
    """Ask the gate about the newsletter."""
    with store.read() as work:
        point = work.contacts.with_email(address).primary_email
        return bool(work.can_contact(point, channel="email", purpose=purpose))


def test_consent_is_taken_only_with_the_opt_in(import_store, csv_file):
    """Mailchimp's CONFIRM_TIME: filled is a yes, empty says nothing."""
    import_store.plan_import(csv_file(MAILCHIMP), source="mc").apply()
    assert not may(import_store, "ana@acme.dk")
    import_store.plan_import(csv_file(MAILCHIMP), source="mc", consent=ConsentColumns(notice="n1")).apply()
    assert may(import_store, "ana@acme.dk")
    assert not may(import_store, "bo@acme.dk")


@pytest.mark.parametrize("text", [UNSUBSCRIBED, HUBSPOT, SALESFORCE])
def test_somebody_who_unsubscribed_anywhere_is_withdrawn_and_nothing_lifts_it(import_store, csv_file, text):
    """The older consent of the first file, imported again, changes nothing."""
    notice = ConsentColumns(notice="n1")
    import_store.plan_import(csv_file(MAILCHIMP), source="mc", consent=notice).apply()
    assert may(import_store, "ana@acme.dk")
    import_store.plan_import(csv_file(text, "b.csv"), source="crm", consent=notice, observed_at="2026-02-20").apply()
    assert [may(import_store, "ana@acme.dk", what) for what in ("newsletter", "offers", "survey")] == [False] * 3
    import_store.plan_import(csv_file(MAILCHIMP + "\n", "c.csv"), source="mc2", consent=notice).apply()
    assert not may(import_store, "ana@acme.dk")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("hubspot-companies", "Record ID,Company name,Company owner,Industry"),
        ("hubspot-deals", "Record ID,Deal Name,Deal Stage,Amount,Close Date"),
        ("salesforce-accounts", "Id,Name,BillingStreet,BillingCity,BillingCountry"),
        ("salesforce-opportunities", "Id,Name,StageName,CloseDate,Amount,Probability"),
    ],
)
def test_lists_of_companies_and_deals_are_recognised(name, header):
    """A company or a deal guessed into a contact would be worse than an error; of people only, they are not."""
    assert recognised(header.split(",")).name == name
    assert recognised(header.split(","), "contacts") is None
    assert recognised(header.split(","), preset_named(name).kind).name == name


@pytest.mark.parametrize(
    "header",
    ["email,first name,last name,city", "id,name,phone", "Record ID,Email", "created_time,email,phone_number"],
)
def test_an_ordinary_file_is_nobodys_export(header):
    """A name or two in common is not enough."""
    assert recognised(header.split(",")) is None


def test_a_misspelt_ready_mapping_names_the_nearest():
    """All names are listed."""
    with pytest.raises(InvalidValueError, match=r"did you mean 'hubspot-contacts'.*mailchimp-audience"):
        preset_named("hubspot-contact")


def test_vcards_are_imported_like_any_file(import_store, tmp_path):
    """Recognised by their columns; the revision is when they were observed."""
    path = tmp_path / "people.vcf"
    path.write_text(
        "BEGIN:VCARD\nVERSION:3.0\nN:Berg;Ana;;;\nFN:Ana Berg\nEMAIL:ana@acme.dk\nTEL:+45 20 12 34 56\n"
        "CATEGORIES:vip,fair\nREV:2026-02-01T10:00:00Z\nEND:VCARD\n",
        encoding="utf-8",
    )
    plan = import_store.plan_import(path, source="phone")
    assert plan.proposal.preset == "vcard"
    assert plan.apply().counts == {"created": 1}
    ana = ana_of(import_store)
    assert (ana.name.family, ana.tags) == ("Berg", ("fair", "vip"))
