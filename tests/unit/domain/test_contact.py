"""The contact: short names, points, accounts, ages, the address."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.declaring.entity import CLEAR
from mimcore.domain.groups import Acquisition, Demographic, Device
from mimcore.domain.points import EmailPoint, PointState
from mimcore.domain.vocabularies import AgeBand, Channel, Gender
from mimcore.errors import InvalidValueError

ACME, BETA, GAMMA = (
    Account(id=UUID(int=number), name=name) for number, name in enumerate(["Acme", "Beta", "Gamma"], 1)
)


def age_of(born: date, day: date) -> int:
    """Count birthdays one by one; 29 February is celebrated on 1 March in common years."""
    age = -1
    for year in range(born.year, day.year + 1):
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        birthday = date(year, 3, 1) if (born.month, born.day) == (2, 29) and not leap else born.replace(year=year)
        age += birthday <= day
    return age


# --- short names ----------------------------------------------------------------------------------------------------


def test_the_example_of_the_guide() -> None:
    """Short names reach their groups, and text is parsed."""
    ana = Contact(
        name="Fru Ana Sørensen",
        emails=["Ana.Sorensen@acme.dk"],
        phones=["32 12 34 56"],
        country="DK",
        birth_date="1990-05-01",
        city="Aarhus",
        interests=["cycling"],
        account=ACME,
        title="Head of IT",
        acquired=Acquisition(channel="paid_search", campaign="spring", at="2026-03-02T09:00Z"),
    )
    assert (ana.name.title, ana.name.given, ana.name.family) == ("mrs", "Ana", "Sørensen")
    assert [point.value for point in ana.points] == ["Ana.Sorensen@acme.dk", "+4532123456"]
    assert (ana.demographic.country, ana.demographic.city, ana.demographic.birth_date) == (
        "DK",
        "Aarhus",
        date(1990, 5, 1),
    )
    assert ana.psychographic.interests == ("cycling",)
    assert ana.employment.title == "Head of IT"
    assert ana.primary_account_id == ACME.id
    assert (ana.acquisition.channel, ana.acquisition.campaign) == (Channel.PAID_SEARCH, "spring")
    assert ana.acquisition.at.isoformat() == "2026-03-02T09:00:00+00:00"


def test_short_names_and_groups_are_the_same() -> None:
    """A value may be given by its short name, in a mapping, or in a group object."""
    short = Contact(id=UUID(int=7), country="DK", gender="female")
    assert short == Contact(id=UUID(int=7), demographic={"country": "DK", "gender": "female"})
    assert short == Contact(id=UUID(int=7), demographic=Demographic(country="DK"), gender=Gender.FEMALE)


def test_clear_in_a_constructor_counts_as_left_out() -> None:
    """There is nothing to erase in a new object."""
    everything = {"city": CLEAR, "emails": CLEAR, "account": CLEAR, "name": CLEAR, "demographic": CLEAR, "tags": CLEAR}
    assert Contact(id=UUID(int=7), **everything) == Contact(id=UUID(int=7))


@pytest.mark.parametrize("given_country", ["DK", "dk", "Denmark", "Danmark"])
def test_national_numbers_are_read_in_the_contacts_country(given_country: str) -> None:
    """However the country was written and wherever it stands."""
    assert Contact(phones=["32 12 34 56"], country=given_country).primary_phone.value == "+4532123456"
    inside = Contact(phones=["32 12 34 56"], demographic={"country": given_country})
    assert inside.primary_phone.value == "+4532123456"
    later = Contact(country=given_country).evolve(phones="32 12 34 56")
    assert later.primary_phone.value == "+4532123456"
    moved = Contact(country="SE").evolve(phones="32 12 34 56", demographic={"country": given_country})
    assert moved.primary_phone.value == "+4532123456"


def test_a_national_number_without_a_country_is_refused() -> None:
    """No country is guessed."""
    with pytest.raises(InvalidValueError, match=r"phones\.0"):
        Contact(phones=["32 12 34 56"])


def test_one_record_alone_is_a_list_of_one() -> None:
    """Devices, profiles, channels, words and points accept one, a list, or nothing."""
    alone = Contact(devices=Device(kind="tablet"), preferred_channels="email", interests="tea", emails="ana@acme.dk")
    assert [device.kind.value for device in alone.technology.devices] == ["tablet"]
    assert alone.preferences.channels == (Channel.EMAIL,)
    assert alone.psychographic.interests == ("tea",)
    assert len(alone.emails) == 1
    nothing = Contact(
        devices=None, preferred_channels=None, interests=None, emails=None, phones="", social_profiles=None
    )
    assert (nothing.technology.devices, nothing.preferences.channels, nothing.emails) == ((), (), ())


def test_preferred_channels_keep_their_order_and_count_once() -> None:
    """The first is the most liked."""
    channels = Contact(preferred_channels=["sms", "email", "sms"]).preferences.channels
    assert channels == (Channel.SMS, Channel.EMAIL)
    assert Contact(preferred_channels={"sms", "email"}).preferences.channels == (Channel.EMAIL, Channel.SMS)


def test_white_space_is_a_missing_value() -> None:
    """In text and codes alike: no country, zone or language is made up from an empty cell."""
    empty = Contact(city=" ", country="", language=" ", time_zone="", interests=["", " "], owner="\t")
    assert empty.evolve(id=UUID(int=7)) == Contact(id=UUID(int=7))


# --- points ---------------------------------------------------------------------------------------------------------


def test_points_keep_id_and_state_when_they_are_given_again() -> None:
    """A verified address in another spelling stays the same, verified point; its consent stays with it."""
    ana = Contact(emails=["ana@acme.dk"], phones=["+45 32 12 34 56"])
    point = ana.primary_email.evolve(state=PointState.VERIFIED, label="work")
    ana = ana.evolve(emails=[point])
    assert ana.emails == (point,)
    assert ana.evolve(emails=["ANA@Acme.dk"]).emails == (point,)
    assert ana.evolve(phones=["+4532123456"]).phones == ana.phones


def test_points_left_out_are_retired_and_come_back() -> None:
    """No address is deleted by a change; given again it is the same point."""
    ana = Contact(emails=["ana@acme.dk", "ana@home.dk"])
    first, second = ana.emails
    moved = ana.evolve(emails=["ana@home.dk", "ana@new.dk"])
    assert [(point.value, point.is_retired) for point in moved.emails] == [
        ("ana@home.dk", False),
        ("ana@new.dk", False),
        ("ana@acme.dk", True),
    ]
    assert moved.primary_email == second
    none = moved.evolve(emails=[])
    assert none.primary_email is None
    assert len(none.emails) == 3
    assert none.evolve(emails="ana@acme.dk").primary_email == first


def test_clear_erases_points() -> None:
    """Only `CLEAR` takes points away."""
    assert Contact(emails=["ana@acme.dk"], phones=["+4532123456"]).evolve(emails=CLEAR, phones=CLEAR).points == ()


def test_the_list_at_hand_changes_nothing() -> None:
    """Giving back all points, retired ones included, is no change."""
    ana = Contact(emails=["ana@acme.dk", "ana@home.dk"]).evolve(emails=["ana@home.dk"])
    assert ana.evolve(emails=ana.emails) == ana


def test_consent_cannot_move_to_another_address() -> None:
    """A known point's id never gets a new address."""
    ana = Contact(emails=["ana@acme.dk"])
    other = EmailPoint(id=ana.primary_email.id, email="eve@acme.dk")
    with pytest.raises(InvalidValueError, match="consent does not move"):
        ana.evolve(emails=[other])


def test_spellings_of_one_mailbox_are_one_point() -> None:
    """As text the first counts; two point objects are refused, since one of their ids would be lost."""
    assert len(Contact(emails=["a.berg@gmail.com", "aberg+shop@googlemail.com"]).emails) == 1
    with pytest.raises(InvalidValueError, match=r"emails\.1"):
        Contact(emails=[EmailPoint(email="ana@acme.dk"), EmailPoint(email="ana@acme.dk")])


# --- accounts and ids -----------------------------------------------------------------------------------------------


def test_a_new_primary_account_stands_beside_the_old_one() -> None:
    """Links are not lost by a change of employer."""
    ana = Contact(account=ACME).evolve(account=BETA)
    assert ana.primary_account_id == BETA.id
    assert [(link.account_id, link.is_primary) for link in ana.accounts] == [(BETA.id, True), (ACME.id, False)]
    back = ana.evolve(account=ACME.id)
    assert [(link.account_id, link.is_primary) for link in back.accounts] == [(ACME.id, True), (BETA.id, False)]


def test_the_role_in_an_account_stays_when_it_becomes_primary() -> None:
    """The link is kept, not made anew."""
    links = [AccountLink(account_id=ACME.id), AccountLink(account_id=BETA.id, role="board", is_primary=False)]
    assert Contact(accounts=links).evolve(account=BETA).accounts[0].role == "board"


def test_clearing_the_account_takes_the_primary_link_away() -> None:
    """The next present link becomes the primary one; ended ones stay as they are."""
    links = [
        AccountLink(account_id=ACME.id),
        AccountLink(account_id=BETA.id, is_primary=True, end_on="2020-01-01"),
        AccountLink(account_id=GAMMA.id, is_primary=False),
    ]
    left = Contact(accounts=links).evolve(account=CLEAR)
    assert [(link.account_id, link.is_primary, link.end_on) for link in left.accounts] == [
        (BETA.id, True, date(2020, 1, 1)),
        (GAMMA.id, True, None),
    ]
    assert left.primary_account_id == GAMMA.id
    assert Contact(account=ACME).evolve(account=CLEAR).accounts == ()


def test_account_links_are_consistent() -> None:
    """One link per account, exactly one of them primary, and one way of giving them."""
    acme, beta = AccountLink(account_id=ACME.id), AccountLink(account_id=BETA.id)
    for wrong in ([acme, acme], [acme, beta], [acme.evolve(is_primary=False)]):
        with pytest.raises(InvalidValueError, match="accounts"):
            Contact(accounts=wrong)
    with pytest.raises(InvalidValueError, match="beside accounts"):
        Contact(accounts=[acme], account=BETA)
    again = Contact(accounts=[acme.evolve(end_on="2020-01-01"), acme])
    assert again.primary_account_id == ACME.id


def test_external_ids_are_added_and_never_replaced() -> None:
    """A mapping adds, a list replaces, `CLEAR` as a value removes one source."""
    ana = Contact(external_ids={"crm": "7"}).evolve(external_ids={"web": "x", "crm": "8"})
    assert [(one.source, one.value) for one in ana.external_ids] == [("crm", "7"), ("web", "x"), ("crm", "8")]
    assert ana.evolve(external_ids={"web": "x"}) == ana
    assert [one.source for one in ana.evolve(external_ids={"crm": CLEAR}).external_ids] == ["web"]
    assert [one.value for one in ana.evolve(external_ids=[("crm", "9")]).external_ids] == ["9"]
    with pytest.raises(InvalidValueError, match="key"):
        Contact(external_ids={"Our CRM": "7"})


# --- ages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "bounds"),
    [
        ({}, None),
        ({"birth_date": "1990-05-01"}, (date(1990, 5, 1), date(1990, 5, 1))),
        ({"birth_year": 1990}, (date(1990, 1, 1), date(1990, 12, 31))),
        # 25-34 on 15 June 2020: at least 25 means born by 15 June 1995, not yet 35 means born after 15 June 1985.
        ({"age_band": "25-34", "age_band_on": "2020-06-15"}, (date(1985, 6, 16), date(1995, 6, 15))),
        # 0-17 on 28 February 2026: not yet 18 means born after 28 February 2008; 29 February 2008 turns 18 on 1 March.
        ({"age_band": "0-17", "age_band_on": "2026-02-28"}, (date(2008, 2, 29), date(2026, 2, 28))),
        # 18-24 on 29 February 2024: 18 by then means born by 28 February 2006 (2006 has no 29 February).
        ({"age_band": "18-24", "age_band_on": "2024-02-29"}, (date(1999, 3, 1), date(2006, 2, 28))),
        # The better knowledge wins.
        ({"birth_date": "1990-05-01", "birth_year": 1990, "age_band": "25-34", "age_band_on": "2020-06-15"},
         (date(1990, 5, 1), date(1990, 5, 1))),
        ({"birth_year": 1990, "age_band": "25-34", "age_band_on": "2020-06-15"}, (date(1990, 1, 1), date(1990, 12, 31))),
    ],
)  # fmt: skip
def test_birth_bounds(fields: dict[str, object], bounds: tuple[date, date] | None) -> None:
    """Bounds of the birth date, computed by hand."""
    assert Demographic(**fields).birth_bounds == bounds


@given(st.sampled_from(AgeBand), st.dates(date(1960, 1, 1), date(2040, 12, 31)))
def test_bounds_of_a_band_are_exact(band: AgeBand, day: date) -> None:
    """Those born at the bounds are in the band on that day, those born a day outside are not."""
    earliest, latest = Demographic(age_band=band, age_band_on=day).birth_bounds
    youngest, oldest = band.years
    assert age_of(earliest, day) == oldest
    assert age_of(latest, day) == youngest
    assert age_of(earliest - timedelta(days=1), day) == oldest + 1
    assert age_of(latest + timedelta(days=1), day) == youngest - 1


def test_a_band_needs_its_day() -> None:
    """A band without a day would stay young for ever; a day that cannot be is refused."""
    with pytest.raises(InvalidValueError, match="age_band_on"):
        Contact(age_band="25-34")
    with pytest.raises(InvalidValueError, match="1900"):
        Contact(age_band="65-120", age_band_on="0050-01-01")


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1990-05-01", "2026-04-30", 35),
        ("1990-05-01", "2026-05-01", 36),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-05-01", "2026-04-30", None),
    ],
)
def test_age_on_a_day(born: str, day: str, age: int | None) -> None:
    """Whole years; 29 February turns on 1 March in common years; nobody has an age before birth."""
    assert Contact(birth_date=born).age_on(date.fromisoformat(day)) == age


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.dates(date(2020, 12, 31), date(2060, 12, 31)))
def test_age_counts_birthdays(born: date, day: date) -> None:
    """The age is the number of birthdays, counted one by one."""
    assert Contact(birth_date=born).age_on(day) == age_of(born, day)


def test_age_from_a_year_is_known_only_where_it_is_certain() -> None:
    """On the last day of a year everybody of one birth year has the same age, before that nobody knows."""
    born_1990 = Contact(birth_year=1990)
    assert born_1990.age_on(date(2026, 12, 31)) == 36
    assert born_1990.age_on(date(2026, 12, 30)) is None
    assert Contact().age_on(date(2026, 1, 1)) is None


# --- the rest -------------------------------------------------------------------------------------------------------


def test_the_address_is_read_from_the_demographic_group() -> None:
    """A country alone is an address; nothing at all is none."""
    assert Contact().address is None
    address = Contact(country="DK", city="Aarhus", postal_code="8000", street="Vestergade 7").address
    assert (address.street, address.postal_code, address.city, address.country) == (
        "Vestergade 7",
        "8000",
        "Aarhus",
        "DK",
    )


def test_a_stored_contact_reads_back_as_it_was() -> None:
    """Through plain values and through JSON."""
    ana = Contact(
        name="Fru Ana Sørensen",
        emails=["ana@acme.dk", "ana@home.dk"],
        phones=["+4532123456"],
        account=ACME,
        country="DK",
        birth_date="1990-05-01",
        devices=[{"kind": "tablet", "last_seen_at": "2026-03-02T09:00Z"}],
        social_profiles=[{"network": "linkedin", "handle": "ana"}],
        acquired={"channel": "email", "at": "2026-03-02T09:00Z"},
        preferred_channels=["sms", "email"],
        interests=["tea", "cycling"],
        external_ids={"crm": "7"},
        custom={"tier": "gold", "points": 7, "vip": True, "share": 0.5, "seen": ("a", "b")},
    ).evolve(emails=["ana@home.dk"])
    assert Contact.model_validate(ana.model_dump()) == ana
    assert Contact.model_validate(ana.model_dump(mode="json", exclude_defaults=True) | {"id": ana.id}) == ana
    assert Contact.model_validate_json(ana.model_dump_json()) == ana
    assert hash(Contact.model_validate_json(ana.model_dump_json())) == hash(ana)
