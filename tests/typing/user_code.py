"""Code as a user writes it; clean under mypy --strict and pyright strict."""

from datetime import date
from typing import Any
from uuid import UUID

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, MimcoreError, MissingExtraError, Problem, nearest


def reasons(error: InvalidValueError) -> dict[str, str]:
    return {problem.field: problem.reason for problem in error.problems}


def first(problems: list[Problem]) -> str:
    try:
        raise InvalidValueError.of(problems)
    except MimcoreError as error:
        return str(error)


def what_to_install(error: MissingExtraError) -> str:
    return f"pip install 'mimcore[{error.extra}]'"


hint: str = nearest("contry", ["country", "city"])

# --- fields and rules ---

best: mim.Rule = f.contact.purchases.total(within_days=365) >= mim.money(5_000, "DKK")
nordic_cyclists = (
    f.contact.country.is_in("DK", "SE", "NO")
    & f.contact.age.is_between(25, 45)
    & f.contact.interests.overlaps("cycling", "running")
    & ~f.contact.devices.any(kind="feature_phone")
)
same_field: bool = f.contact.country.same_as(f.contact.demographic.country)

c = f.contact
frequent: mim.Rule = c.purchases.count(within_days=90) >= 3
big = c.events("purchase").where(f.event.value >= mim.money(100, "DKK")).total(within_days=365) >= mim.money(
    1_000, "DKK"
)
lapsed: mim.Rule = c.purchases.lapsed(days=180)
b2b = (c.account.employees >= 200) & c.account.stack.overlaps(["salesforce"])
fresh: mim.Rule = c.primary_email.freshness() >= 0.7
nested: mim.Rule = c.in_segment("loyal-nordics") & ~c.in_segment("do-not-disturb")
not_german = c.country.is_not("DE", or_missing=True)
everything = [
    best | nordic_cyclists | frequent | big | lapsed | b2b | fresh | nested | not_german,
    c.name.family.starts_with("Sø") & (c.family_name != "Berg"),
    c.age >= 18,
    (c.birth_date >= date(1990, 1, 1)) | (c.birth_date < "1980-01-01"),
    c.acquired_at.within_days(30) & c.acquisition.at.is_known(),
    c.is_decision_maker.is_true() & c.employment.seniority.is_in("director", "owner"),
    (c.annual_income > mim.money(1, "DKK")) & c.preferred_channels.overlaps("email"),
    f.account.firmographic.annual_revenue >= mim.money(1_000_000, "EUR"),
    f.account.ideal_customer_fit >= 0.5,
]
by_rule: dict[mim.Rule, str] = {rule: str(rule) for rule in everything}


# --- contacts and accounts ---

acme = mim.Account(name="Acme A/S", domain="acme.dk", industry="62.01", employees=240, stack={"salesforce"})
ana = mim.Contact(
    name="Fru Ana Sørensen",
    emails=["Ana.Sorensen@acme.dk"],
    phones=["32 12 34 56"],
    country="DK",
    birth_date="1990-05-01",
    city="Aarhus",
    interests=["cycling"],
    account=acme,
    title="Head of IT",
    gender="female",
    preferred_channels=["email", "sms"],
    external_ids={"crm": "7"},
    custom={"loyalty_tier": "gold", "points": 7},
    acquired=mim.Acquisition(channel="paid_search", campaign="spring", at="2026-03-02T09:00Z"),
)
moved: mim.Contact = ana.evolve(city="Odense", country=mim.CLEAR, birth_date=date(1990, 5, 1))
joined: mim.Contact = ana.evolve(
    demographic={"city": "Odense"}, account=UUID(int=7), devices=[mim.Device(kind="tablet")]
)
grown: mim.Account = acme.evolve(employees=300, annual_revenue=mim.money(5, "EUR"), parent_id=acme)
city: str | None = moved.demographic.city
email: str = ana.primary_email.value if ana.primary_email else ""
deciding: tuple[mim.Contact, ...] = acme.decision_makers([ana, moved, joined])
segment = mim.Segment(
    key="loyal-nordics", name="Loyal Nordics", rule=nordic_cyclists & frequent, team="crm", tags=["nordic"]
)
campaign = mim.Campaign(key="spring", goal="more-good-leads", channels=["email"], runs=("2026-03-01", "2026-04-15"))


def from_row(row: dict[str, Any]) -> mim.Contact:
    return mim.Contact(**row)


# --- custom attributes ---

tier = mim.attribute("loyalty_tier", options=["none", "gold"], group="acquisition", half_life_days=365, indexed=True)
points = mim.attribute("points", kind="integer", description="Of the club.")
since = mim.attribute("member_since", kind="date")
clubs = mim.attribute("clubs", kind="tags", is_personal=True)
vip = mim.attribute("is_vip", kind="boolean", entity="account")
loyal: mim.Rule = (tier == "gold") & (points >= 7) & since.within_days(30) & clubs.overlaps("golf") & vip.is_true()
loyal_now: mim.Rule = (tier.freshness() >= 0.5) & tier.is_in("none", "gold")
dated = mim.Contact(custom={"member_since": date(2026, 3, 1), "clubs": {"golf"}})
cleared: mim.Contact = dated.evolve(custom={"clubs": mim.CLEAR})


def declare(store: mim.Store) -> mim.CustomAttribute:
    declared: tuple[mim.CustomAttribute, ...] = store.attributes.declare(tier, points)
    again: mim.CustomAttribute = store.attributes.get("loyalty_tier")
    again.evolve(description="x")
    return declared[0]


# --- a store and its units of work ---


def call_centre(store: mim.Store, person: mim.Contact, company: mim.Account) -> mim.Contact:
    with store.begin(source="call-centre", observed_at="2026-04-01") as work:
        added: tuple[mim.Account | mim.Contact, ...] = work.add(company, person)
        found: mim.Contact = work.contacts.with_email("ana.sorensen@acme.dk")
        changed: mim.Contact = work.change(found, city="Odense", observed_at="2026-04-01")
        changed = work.change(
            changed.id, city=mim.CLEAR, interests={"cycling"}, observed_at=mim.UNDATED, source="letters"
        )
        bigger: mim.Account = work.change(company, employees=300, annual_revenue=mim.money(5, "EUR"))
        renamed: mim.Segment = work.change(segment, name="Nordics", rule=frequent)
        archived: mim.Account = work.remove(bigger)
        work.record(
            "purchase",
            contact=changed,
            at=date(2026, 3, 9),
            value=mim.money("249.00", "DKK"),
            gift=True,
            external_id="991",
        )
        work.confirm(changed, f.contact.city, by="owner")
        work.grant(changed.primary_email, channel="email", purpose="newsletter", method="double_opt_in", notice="v3")
        decision: mim.Decision = work.can_contact(changed.primary_email, channel="email", purpose="newsletter")
        page: mim.Page[mim.Contact] = work.contacts.find(nordic_cyclists, limit=100)
        print(len(added), renamed.key, archived.version, bool(decision), [one.name for one in page.items])
    return changed


def send(store: mim.Store) -> int:
    audience: mim.Audience = store.audience(
        segment, channel="email", purpose="newsletter", fallbacks={"salutation": "Hello"}
    )
    audience.export("spring.csv", fields=["salutation", "given_name"])
    merged = [store.duplicates.plan(pair).apply() for pair in store.duplicates.find() if pair.is_automatic]
    back: list[mim.Contact] = [store.merges.undo(one.id).survivor for one in merged]
    share: float | None = store.quality.report().decayed_share
    plan: float = store.quality.refresh_plan(budget=mim.money("500.00", "EUR"), costs=mim.money("0.10", "EUR")).after
    learnt: mim.HalfLifePlan = store.quality.fit_half_lives()
    learnt.apply()
    return len(audience) + len(back) + sum(1 for _ in store.contacts.stream(frequent)) + int(plan > (share or 0))


# --- an asynchronous store ---


async def call_centre_async(store: mim.AsyncStore, person: mim.Contact, company: mim.Account) -> mim.Contact:
    async with store.begin(source="call-centre", observed_at="2026-04-01") as work:
        added: tuple[mim.Account | mim.Contact, ...] = await work.add(company, person)
        found: mim.Contact = await work.contacts.with_email("ana.sorensen@acme.dk")
        changed: mim.Contact = await work.change(found, city="Odense", observed_at="2026-04-01")
        bigger: mim.Account = await work.change(company, employees=300, annual_revenue=mim.money(5, "EUR"))
        renamed: mim.Segment = await work.change(segment, name="Nordics", rule=frequent)
        archived: mim.Account = await work.remove(bigger)
        await work.record("purchase", contact=changed, at=date(2026, 3, 9), value=mim.money("249.00", "DKK"))
        await work.confirm(changed, f.contact.city, by="owner")
        decision: mim.Decision = await work.can_contact(changed.primary_email, channel="email", purpose="newsletter")
        page: mim.Page[mim.Contact] = await work.contacts.find(nordic_cyclists, limit=100)
        stored: mim.Segment = await work.segments.get("loyal-nordics")
        names = [one.name async for one in work.contacts.stream(frequent)]
        number: int = await work.run(lambda plain: plain.contacts.count(frequent))
        print(len(added), renamed.key, archived.version, bool(decision), page.next, stored.key, names, number)
    return changed


async def raised(work: mim.AsyncUnitOfWork) -> int:
    stored = await work.accounts.with_domain("acme.dk")
    return (await work.change(stored, employees=7)).version


async def ask_async(url: str) -> int:
    async with await mim.connect_async(url, actor="maria") as store:
        version: int = await store.transact(raised, attempts=3)
        preview: mim.Preview = await store.preview(segment)
        people: tuple[mim.Contact, ...] = await store.members("loyal-nordics")
        share: float | None = await store.run(lambda plain: plain.quality.report().decayed_share)
        waiting = [one.event.kind for one in await store.events.pending(limit=10)]
        then: mim.Contact = await (await store.as_of("2026-01-01")).contacts.with_email("ana@acme.dk")
        async for contact in store.contacts.stream(frequent):
            print(contact.name)
        return version + preview.members + len(people) + int(share or 0) + len(waiting) + then.version
