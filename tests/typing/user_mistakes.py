"""Mistakes that a type checker tells a user about; the marked lines must be reported."""

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, MissingExtraError, Problem, nearest

Problem("age")  # E: the reason is required
Problem("age", "is negative").field = "years"  # E: problems are frozen
InvalidValueError("age", 3)  # E: a reason is text
InvalidValueError("age", "is negative", value=-3)  # E: there is no parameter that a value could travel in
InvalidValueError("age", "is negative").value  # E: an error holds no value
MissingExtraError("plots")  # E: which extra?
hint: int = nearest("contry", ["country"])  # E: a hint is text

# --- fields and rules ---
f.contact.contry  # E: no such field
f.contact.demographic.contry  # E: no such field
f.account.age  # E: accounts have no age
f.contact.age >= "x"  # E: an age is a number
f.contact.age.is_between(18)  # E: both bounds
f.contact.age.contains("3")  # E: numbers contain no text
f.contact.city >= "A"  # E: text has no order
f.contact.interests.is_in("tea")  # E: a collection overlaps
f.contact.annual_income >= 1000  # E: money has a currency
f.contact.birth_date >= 1990  # E: a date is no number
f.contact.purchases.count() >= "3"  # E: a count is a number
f.contact.purchases.total() >= 1000  # E: money has a currency
f.contact.purchases.count(30) >= 3  # E: which days? within_days=30
f.contact.primary_email.freshness() >= "high"  # E: a probability
f.contact.in_segment(7)  # E: a key or a segment
f.contact.country = f.contact.city  # E: fields are not assigned
rule: mim.Rule = f.contact.country  # E: a field is not a rule

# --- custom attributes ---
mim.attribute("tier", options=["gold"]) >= "gold"  # E: codes have no order
mim.attribute("points", kind="integer").contains("7")  # E: numbers contain no text
mim.attribute("tier", kind="money")  # E: no kind of custom attribute
mim.attribute("clubs", kind="codes")  # E: codes have options

# --- contacts and accounts ---
mim.Contact(contry="DK")  # E: no such argument
mim.Contact(gender="femal")  # E: not in the vocabulary
mim.Contact(birth_date=1990)  # E: not a date
mim.Contact(emails=[7])  # E: not an address
mim.Contact(household_size="two")  # E: a number
mim.Contact(account="Acme", age=36)  # E: age is computed
mim.Contact(annual_income=500_000)  # E: which currency?
mim.Account(employees="240")  # E: a number
mim.Contact().evolve(citty="Odense")  # E: no such argument
mim.Contact().evolve(preferred_channels=["carrier_pigeon"])  # E: not in the vocabulary
mim.Acquisition(channel="carrier_pigeon")  # E: not in the vocabulary
mim.Device()  # E: which kind?
mim.Segment(name="Loyal")  # E: the key is required
mim.Segment(key="x", rule=f.contact.age)  # E: a field is not a rule
mim.Campaign(key="x", runs="2026-03-01")  # E: first and last day
mim.Lead(contact_id=7, captured_at="2026-03-01T00:00Z")  # E: a contact or its id
employees: int = mim.Account(name="Acme").firmographic.employees  # E: may be missing
mim.Contact().primary_email.value  # E: may be missing


def mistakes(work: mim.UnitOfWork, ana: mim.Contact, acme: mim.Account, store: mim.Store) -> None:
    work.change(ana, citty="Odense")  # E: no such argument
    work.change(ana, gender="femal")  # E: not in the vocabulary
    work.change(ana, employees=7)  # E: that is an account's
    work.change(acme, city=7)  # E: a city is text
    work.change(ana, city="Odense", observed_at=2026)  # E: not an instant
    work.change("ana", city="Odense")  # E: the object or its id
    work.remove(mim.Segment(key="x"))  # E: contacts and accounts
    work.record("visit", at="2026-01-01")  # E: of whom?
    work.record("purchase", contact=ana, at="2026-01-01", value=249)  # E: which currency?
    work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form")  # E: which notice?
    work.confirm(ana.primary_email)  # E: by what?
    work.contacts.find("country == 'DK'")  # E: a rule, not text
    store.audience(mim.everyone(), channel="email")  # E: for what purpose?
    work.change(ana, city="Odense").demographic.city.upper()  # E: may be missing


async def async_mistakes(work: mim.AsyncUnitOfWork, ana: mim.Contact, store: mim.AsyncStore) -> None:
    await work.change(ana, citty="Odense")  # E: no such argument
    await work.record("visit", at="2026-01-01")  # E: of whom?
    await work.contacts.find("country == 'DK'")  # E: a rule, not text
    await work.contacts.find(limit="50")  # E: a number
    work.remove(ana)  # E: nobody awaits it
    store.contacts.count()  # E: nobody awaits it
    for _ in store.contacts.stream():  # E: async for
        pass
    (await store.accounts.with_domain("acme.dk")).demographic  # E: that is a contact's
    await store.audience(mim.everyone(), channel="email")  # E: for what purpose?
    await store.run(lambda plain: plain.nothing())  # E: no such method
