"""Strategies: contacts, accounts and interactions in which every declared field may be filled, from its declaration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import strategies as st

from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.location import location
from mimcore.values.money import Money

LETTERS = "aBß İéЖ%_\\\"'σΣﬁ0"
WORDS = st.text(LETTERS, min_size=1, max_size=5).filter(lambda text: text.strip() != "")
SMALL = st.integers(0, 4)
INSTANTS = st.datetimes(datetime(1999, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
DATES = st.dates(date(1900, 1, 1), date(2030, 1, 1))
PLACES = st.sampled_from([location(90, 0), location(55.676, 12.568), location(55.676, 12.569), location(0, -180)])
MONEY = st.builds(Money, minor_units=st.integers(0, 500), currency=st.sampled_from(["DKK", "EUR", "JPY"]))
IDS = st.uuids(version=4)
SPECIAL = {
    "contact.demographic.birth_year": st.integers(1900, 2010),
    "account.firmographic.founded_year": st.integers(1900, 2010),
    "account.key_account.rank": st.integers(1, 9),
    "account.domain": st.sampled_from(["acme.dk", "example.com"]),
    "contact.preferences.time_zone": st.sampled_from(["Europe/Copenhagen", "UTC"]),
    "contact.acquisition.campaign": st.sampled_from(["spring", "x-1"]),
    "event.campaign": st.sampled_from(["spring", "x-1"]),
    "event.kind": st.sampled_from(["purchase", "visit"]),
    "contact.name.title": st.sampled_from(["mrs", "dr"]),
    "account.key_account.fit": st.floats(0, 1),
}


def values(spec: FieldSpec, least: int = 0) -> st.SearchStrategy:  # noqa: C901, PLR0912 - one case a kind
    """Values that a field accepts."""
    if spec.name in SPECIAL:
        return SPECIAL[spec.name]
    match spec.kind:
        case Kind.TEXT:
            return WORDS
        case Kind.CODE:
            return st.sampled_from(sorted(spec.options or ["x"]))
        case Kind.CODES:
            return st.lists(st.sampled_from(sorted(spec.options or ["x"])), max_size=3, unique=True)
        case Kind.TAGS:
            return st.lists(WORDS, max_size=3)
        case Kind.RECORDS:
            return st.lists(
                st.fixed_dictionaries(
                    {inner.short: values(inner) for inner in spec.record_fields if inner.kind is Kind.CODE},
                    optional={
                        inner.short: values(inner) for inner in spec.record_fields if inner.kind is not Kind.CODE
                    },
                ),
                min_size=least,
                max_size=2,
            )
        case Kind.MONEY:
            return MONEY
        case Kind.LOCATION:
            return PLACES
        case Kind.DATE:
            return DATES
        case Kind.INSTANT:
            return INSTANTS
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.NUMBER:
            return st.floats(0, 1)
        case _:
            return SMALL


Chosen = dict[FieldSpec, list]
"""Fields with a few values each: drawn once an example, so that contacts and rules meet."""


@st.composite
def chosen_fields(draw: st.DrawFn, specs: tuple[FieldSpec, ...], least: int, most: int) -> Chosen:
    """Some fields, each with up to three values."""
    own = [spec for spec in specs if not spec.is_derived and not spec.name.startswith("contact.name.")]
    chosen = draw(st.lists(st.sampled_from(own), min_size=least, max_size=most, unique_by=lambda spec: spec.name))
    return {spec: draw(st.lists(values(spec, 1), min_size=1, max_size=3)) for spec in chosen}


@st.composite
def given_fields(draw: st.DrawFn, specs: tuple[FieldSpec, ...], chosen: Chosen | None = None) -> dict:
    """A few fields by short name, with values; of chosen fields, most are filled."""
    if chosen is None:
        chosen = draw(chosen_fields(specs, 0, 12))
    drawn = {spec.short: draw(st.sampled_from([None, *several])) for spec, several in chosen.items()}
    return {short: value for short, value in drawn.items() if value is not None}


CUSTOM = st.dictionaries(
    st.sampled_from(["a", "b", "Ø key"]),
    st.one_of(st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), WORDS,
              st.lists(WORDS, max_size=2).map(tuple)),
)  # fmt: skip


@st.composite
def contacts(draw: st.DrawFn, accounts: tuple[UUID, ...] = (), chosen: Chosen | None = None) -> Contact:
    """Contacts with any fields, points, links and external ids."""
    fields = draw(given_fields(CONTACT_FIELDS, chosen))
    if "age_band" in fields and "age_band_on" not in fields:
        fields["age_band_on"] = draw(DATES)
    name = draw(
        st.none()
        | st.fixed_dictionaries({"family": WORDS}, optional={"given": WORDS, "middle": WORDS, "title": st.just("dr")})
    )
    account = draw(st.sampled_from([None, *accounts]))
    links = (
        []
        if account is None
        else [{"account_id": account, "role": draw(st.none() | WORDS), "start_on": draw(st.none() | DATES)}]
    )
    made = Contact(
        **fields,
        id=draw(IDS),
        version=1,
        status=draw(st.sampled_from(["active", "active", "active", "archived", "merged"])),
        name=name,
        emails=draw(
            st.lists(st.sampled_from(["a@example.com", "B@example.com", "c.d@gmail.com"]), max_size=2, unique=True)
        ),
        phones=draw(st.lists(st.sampled_from(["+4532123456", "+4532123457"]), max_size=2, unique=True)),
        accounts=links,
        external_ids=draw(st.lists(st.tuples(st.sampled_from(["crm", "shop"]), WORDS), max_size=2)),
        custom=draw(CUSTOM),
    )
    if made.emails and draw(st.booleans()):
        first = made.emails[0].evolve(is_retired=True, label="old", state="bounced")
        made = made.model_copy(update={"emails": (first, *made.emails[1:])})
    return made


@st.composite
def account_objects(draw: st.DrawFn, chosen: Chosen | None = None) -> Account:
    """Accounts with any fields."""
    fields = {"account_name": "x", **draw(given_fields(ACCOUNT_FIELDS, chosen))}
    fields["name"] = fields.pop("account_name")
    return Account(
        **fields,
        id=draw(IDS),
        version=1,
        parent_id=draw(st.none() | IDS),
        status=draw(st.sampled_from(["active", "active", "archived"])),
        external_ids=draw(st.lists(st.tuples(st.sampled_from(["crm", "shop"]), WORDS), max_size=2)),
        custom=draw(CUSTOM),
    )


@st.composite
def interactions(draw: st.DrawFn, contact_id: UUID | None = None, chosen: Chosen | None = None) -> Interaction:
    """Interactions with any fields."""
    fields = {"kind": "visit", "at": draw(INSTANTS), **draw(given_fields(EVENT_FIELDS, chosen))}
    if "refund_of" in fields:
        fields["kind"] = "refund"
    return Interaction(
        **fields,
        id=draw(IDS),
        contact_id=contact_id or draw(IDS),
        account_id=draw(st.none() | IDS),
        visitor_id=draw(st.none() | WORDS),
        source=draw(st.sampled_from(["shop", "crm"])),
        properties=draw(st.dictionaries(st.sampled_from(["p", "q"]), st.booleans() | SMALL | WORDS | st.none())),
    )
