"""What the rows of an import are: no mapping lists a target that the import then does not write."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore.capture import ConsentColumns, ImportMapping, plan_import, read_money
from mimcore.errors import InvalidValueError

NOTICE = ConsentColumns(notice="fair-v2")
PURCHASE = {
    "nr": "event.external_id",
    "k": "contact.emails",
    "d": "event.at",
    "was": "event.kind",
    "b": ("event.value", read_money("EUR", ",")),
}
DEAL = {"nr": "deal.id", "was": "deal.stage", "k": "contact.emails"}
ROW = {"nr": "B1", "k": "ana@acme.dk", "d": "2026-01-01T10:00Z", "was": "purchase", "b": "10,00", "x": "x"}


@pytest.fixture
def shop(import_store):
    """A store that has Ana."""
    with import_store.begin(source="crm") as work:
        work.add(mim.Contact(emails=["ana@acme.dk"]))
    return import_store


def planned(store, mapping, rows=(ROW,), **options):
    """Plan an import of rows from the shop."""
    return plan_import(store, list(rows), **{"source": "shop", "mapping": mapping, **options})


def events(store):
    """Return all events."""
    with store.read() as work:
        return list(work.transaction.interactions.all())


def values(store, source="shop"):
    """Return the amounts of a source as text."""
    return sorted(str(one.value) for one in events(store) if one.source == source)


def test_a_column_of_kinds_makes_the_rows_events(shop):
    """Nobody said kind=, and the purchase is stored; the row without a kind is refused."""
    plan = planned(shop, PURCHASE, [ROW, {**ROW, "nr": "B2", "was": ""}])
    assert plan.apply().counts == {"created": 1, "rejected": 1}
    assert plan.rejects[0].problems[0].reason == "is empty, and kind= is not given"
    (found,) = events(shop)
    assert (found.kind, found.external_id, found.value) == ("purchase", "B1", mim.money("10.00", "EUR"))
    assert shop.contacts.count() == 1


def test_a_kind_that_nothing_tells_is_asked_for(shop):
    """Neither an argument nor a column: refused before anything is read, with both remedies."""
    without = {name: target for name, target in PURCHASE.items() if name != "was"}
    with pytest.raises(InvalidValueError, match=r"kind: is not given.*event\.kind"):
        planned(shop, without)
    with pytest.raises(InvalidValueError, match=r"has no column for event\.kind"):
        planned(shop, without, kind="events")
    assert planned(shop, without, kind="purchases").counts == {"created": 1}


@pytest.mark.parametrize(
    ("mapping", "options", "said"),
    [
        (PURCHASE, {"kind": "contacts"}, "is of events, and kind is 'contacts'"),
        (PURCHASE, {"kind": "accounts"}, "no account's"),
        (DEAL, {"kind": "contacts"}, "is of deals"),
        ({**PURCHASE, "x": "contact.name"}, {}, r"contact\.name: is not written by an import of events"),
        ({**PURCHASE, "x": "account.name"}, {"kind": "purchases"}, r"account\.name: is not written"),
        ({**PURCHASE, "x": "consent.newsletter"}, {"consent": NOTICE}, r"consent\.newsletter: is not written"),
        ({**PURCHASE, "x": "observed_at"}, {}, "observed_at: is not written"),
        ({**DEAL, "x": "contact.city"}, {}, "is not written by an import of deals"),
        ({**DEAL, "x": "event.product"}, {}, r"event\.product: is not written by an import of deals"),
        ({**DEAL, "x": "consent.newsletter"}, {"consent": NOTICE}, "is not written by an import of deals"),
        ({"k": "contact.emails", "x": "account.industry"}, {}, "no column tells which account"),
    ],
)
def test_a_target_that_would_not_be_written_is_refused(shop, mapping, options, said):
    """Whatever the kind, said or found out."""
    with pytest.raises(InvalidValueError, match=said):
        planned(shop, mapping, **options)


def test_a_key_that_is_not_used_is_noted(shop):
    """Two columns tell whose an event is; one of them finds the contact."""
    plan = planned(shop, {**PURCHASE, "x": "contact.external_id"}, key="email")
    assert plan.notes == ("'x' is not used: the contact of an event is found by email",)


AMOUNTS = {"nr": "event.external_id", "k": "contact.emails", "d": "event.at", "b": "event.value", "c": "event.currency"}


def amounts(*pairs):
    """Return rows of purchases by amount and currency."""
    return [{**ROW, "nr": f"C{place}", "b": amount, "c": name} for place, (amount, name) in enumerate(pairs)]


PAIRS = (("10.50", "EUR"), ("5", " dkk "), ("6", ""), ("7", "XXY"), ("", ""), ("10,00", "EUR"), ("1,000", "JPY"))


def test_a_row_names_the_currency_of_its_amount(shop):
    """No code, or none at all, refuses the row; so does a comma that parts no thousands."""
    plan = planned(shop, AMOUNTS, amounts(*PAIRS), kind="purchases")
    assert plan.apply().counts == {"created": 4, "rejected": 3}
    told = [(one.line, one.problems[0].column, one.problems[0].reason) for one in plan.rejects]
    assert told == [
        (3, "b", "is an amount without a currency"),
        (4, "c", "is not a known currency"),
        (6, "b", "is not an amount"),
    ]
    assert {one.external_id: one.value for one in events(shop)} == {
        "C0": mim.money("10.50", "EUR"),
        "C1": mim.money("5", "DKK"),
        "C4": None,
        "C6": mim.money("1000", "JPY"),
    }


def test_the_currency_of_the_import_stands_in(shop):
    """Where the row names none, and where no column does; in a mapping given as data or as an object."""
    plan = planned(shop, AMOUNTS, amounts(("6", ""), ("7", "DKK")), kind="purchases", currency="SEK")
    plan.apply()
    assert values(shop) == ["DKK 7.00", "SEK 6.00"]
    bare = {name: target for name, target in AMOUNTS.items() if name != "c"}
    with pytest.raises(InvalidValueError, match="needs a currency"):
        planned(shop, bare, kind="purchases")
    plan = planned(shop, bare, amounts(("8", "")), kind="purchases", currency="sek", source="other")
    plan.apply()
    assert values(shop, "other") == ["SEK 8.00"]
    whole = ImportMapping.of({**bare, "b": ("event.value", read_money(decimal=","))}, currency="NOK")
    planned(shop, whole, amounts(("9,50", "")), kind="purchases", source="third", currency="EUR").apply()
    assert values(shop, "third") == ["NOK 9.50"]
    with pytest.raises(InvalidValueError, match="currency: is not a known currency"):
        planned(shop, bare, kind="purchases", currency="EURO")


def test_two_currencies_for_one_amount_are_refused(shop):
    """One would silently win."""
    with pytest.raises(InvalidValueError, match=r"becomes event\.currency as well"):
        planned(shop, {**AMOUNTS, "b": ("event.value", read_money("EUR"))}, kind="purchases")


def test_a_guessed_file_has_a_column_of_currencies(shop):
    """Amounts with a decimal comma, and the currency beside them."""
    rows = [
        {"order id": "G1", "email": "ana@acme.dk", "date": "2026-01-01", "amount": "1.010,50", "currency": "EUR"},
        {"order id": "G2", "email": "ana@acme.dk", "date": "2026-01-03", "amount": "10,50", "currency": "DKK"},
    ]
    planned(shop, None, rows, kind="purchases").apply()
    assert values(shop) == ["DKK 10.50", "EUR 1,010.50"]


@pytest.mark.parametrize("name", ["consent", "contact.consent", "consents"])
def test_consent_is_near_to_its_target(shop, name):
    """The error proposes it, and says where the targets that are no fields stand."""
    with pytest.raises(InvalidValueError, match=r"did you mean 'consent\.newsletter'.*docs/importing\.md"):
        planned(shop, {"k": "contact.emails", "x": name})


@pytest.mark.parametrize("region", ["Denmark", "DNK", "dk"])
def test_a_region_is_read_as_a_country_is(shop, region):
    """Once, up front, in imports and audits alike."""
    rows = [{"mail": "bo@acme.dk", "phone": "32123456"}]
    columns = {"mail": "contact.emails", "phone": "contact.phones"}
    assert planned(shop, columns, rows, region=region).counts == {"created": 1}
    assert planned(shop, ImportMapping.of(columns, default_region=region), rows).counts == {"created": 1}
    assert mim.audit(rows, region=region).columns[1].valid == 1


def test_a_region_that_is_no_country_is_refused_under_its_own_name(shop):
    """A guessed plan, a declared one, and an audit."""
    rows = [{"mail": "bo@acme.dk", "phone": "32123456"}]
    for refused in (
        lambda: planned(shop, None, rows, region="XX"),
        lambda: planned(shop, {"mail": "contact.emails"}, rows, region="XX"),
        lambda: mim.audit(rows, region="XX"),
    ):
        with pytest.raises(InvalidValueError, match=r"^region: is not a known country"):
            refused()


@pytest.mark.parametrize(
    ("yes", "no"),
    [("WAHR", "FALSCH"), ("sand", "falsk"), ("SANT", "FALSKT"), ("sann", "usann"), ("vrai", "faux"), ("VERDADERO", "FALSO"),
     ("vero", "falso"), ("waar", "onwaar"), ("verdadeiro", "falso"), ("PRAWDA", "FAŁSZ"), ("tosi", "epätosi")],
)  # fmt: skip
def test_true_and_false_are_read_as_spreadsheets_write_them(shop, yes, no):
    """In each of the languages whose yes and no are read."""
    rows = [{"mail": "bo@acme.dk", "news": yes}, {"mail": "eva@acme.dk", "news": no}]
    columns = {"mail": "contact.emails", "news": "consent.newsletter"}
    planned(shop, columns, rows, consent=NOTICE).apply()
    with shop.read() as work:
        told = [
            work.can_contact(work.contacts.with_email(one).primary_email, channel="email", purpose="newsletter")
            for one in ("bo@acme.dk", "eva@acme.dk")
        ]
    assert [bool(one) for one in told] == [True, False]
