"""The attribute groups of contacts and accounts: each attribute declared once, with type, age and marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Unpack

from pydantic import Field, model_validator

from mimcore.domain.declaring.attributes import (
    Attribute,
    Codes,
    CountryCode,
    LanguageCode,
    LongText,
    Place,
    Records,
    Tags,
    Text,
    ZoneName,
)
from mimcore.domain.declaring.entity import Group, Key
from mimcore.domain.vocabularies import (
    AgeBand,
    Channel,
    DeviceKind,
    Education,
    Gender,
    IncomeBand,
    MaritalStatus,
    Ownership,
    Seniority,
    SocialNetwork,
)
from mimcore.errors import InvalidValueError
from mimcore.values.instants import Instant, LocalDate
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_groups import (
        AccountTechnologyArguments,
        AcquisitionArguments,
        DemographicArguments,
        DeviceArguments,
        EmploymentArguments,
        FirmographicArguments,
        KeyAccountArguments,
        PreferencesArguments,
        PsychographicArguments,
        SocialProfileArguments,
        TechnologyArguments,
    )

__all__ = [
    "AccountTechnology",
    "Acquisition",
    "Demographic",
    "Device",
    "Employment",
    "Firmographic",
    "KeyAccount",
    "Preferences",
    "Psychographic",
    "SocialProfile",
    "Technology",
]

EARLIEST_BAND_YEAR = 1900
"""Of a day on which somebody's age band was noted."""

WholeNumber = Annotated[int | None, Field(ge=0, le=2**53, strict=True)]


class Acquisition(Group):
    """Where a contact came from, and when."""

    pii_fields = frozenset({"referrer"})

    channel: Annotated[Channel | None, Attribute("Channel that brought the contact.", short="acquisition_channel")] = (
        None
    )
    medium: Annotated[Text, Attribute("Medium, as in utm_medium.", short="acquisition_medium")] = None
    source: Annotated[
        Text, Attribute("Source, as in utm_source: a site, list or partner.", short="acquisition_source")
    ] = None
    campaign: Annotated[
        Key | None, Attribute("Key of the campaign.", short="acquisition_campaign", vocabulary="key")
    ] = None
    at: Annotated[Instant | None, Attribute("When the contact was acquired.", short="acquired_at")] = None
    referrer: Annotated[Text, Attribute("Page or person that referred the contact.", is_personal=True)] = None
    landing_page: Annotated[Text, Attribute("First page that was seen.")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[AcquisitionArguments]) -> None:
            """Take the fields by name; see the class."""


class Demographic(Group):
    """Who somebody is as a person."""

    pii_fields = frozenset({"birth_date", "street", "postal_code", "location", "annual_income"})

    birth_date: Annotated[LocalDate | None, Attribute("Date of birth.", is_personal=True)] = None
    birth_year: Annotated[
        int | None, Field(ge=1850, le=2200), Attribute("Year of birth, where the date is not known.")
    ] = None
    age_band: Annotated[AgeBand | None, Attribute("Age band on `age_band_on`, where no birth year is known.")] = None
    age_band_on: Annotated[LocalDate | None, Attribute("The day on which the age band was right.")] = None
    gender: Annotated[Gender | None, Attribute("Gender as stated.")] = None
    country: Annotated[
        CountryCode, Attribute("Country of residence.", vocabulary="country", pool="address", is_indexed=True)
    ] = None
    region: Annotated[Text, Attribute("State, province or region.", pool="address")] = None
    city: Annotated[Text, Attribute("Town or city.", pool="address")] = None
    postal_code: Annotated[Text, Attribute("Postal code.", pool="address", is_personal=True)] = None
    street: Annotated[Text, Attribute("Street and number.", pool="address", is_personal=True)] = None
    location: Annotated[
        Place, Attribute("Where the home is, in degrees (WGS 84).", pool="address", is_personal=True)
    ] = None
    income_band: Annotated[IncomeBand | None, Attribute("Household income band.")] = None
    annual_income: Annotated[Money | None, Attribute("Yearly household income.", is_personal=True)] = None
    marital_status: Annotated[MaritalStatus | None, Attribute("Household situation.")] = None
    education: Annotated[Education | None, Attribute("Highest education.")] = None
    occupation: Annotated[Text, Attribute("Occupation.", pool="job_title")] = None
    household_size: Annotated[WholeNumber, Attribute("People in the household.")] = None
    children: Annotated[WholeNumber, Attribute("Children in the household.")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[DemographicArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _band_needs_day(self) -> Demographic:
        if self.age_band is not None and self.age_band_on is None:
            raise InvalidValueError("age_band", "has no day", "give age_band_on: a band moves with the years")
        if self.age_band_on is not None and self.age_band_on.year < EARLIEST_BAND_YEAR:
            raise InvalidValueError(
                "age_band_on", f"is before {EARLIEST_BAND_YEAR}", "give the day on which the band was right"
            )
        return self

    @property
    def birth_bounds(self) -> tuple[date, date] | None:
        """Earliest and latest possible birth date; None where nothing is known."""
        born = self.birth_date
        if born is not None:
            return born, born
        if self.birth_year is not None:
            return date(self.birth_year, 1, 1), date(self.birth_year, 12, 31)
        if self.age_band is None or self.age_band_on is None:
            return None
        youngest, oldest = self.age_band.years
        return _back(self.age_band_on, oldest + 1) + timedelta(days=1), _back(self.age_band_on, youngest)


def _back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


class Psychographic(Group):
    """What moves somebody."""

    pii_fields = frozenset({"beliefs"})

    interests: Annotated[Tags, Attribute("Subjects of interest.", pool="survey", is_indexed=True)] = ()
    hobbies: Annotated[Tags, Attribute("What is done in spare time.", pool="survey")] = ()
    beliefs: Annotated[
        Tags, Attribute("Beliefs that influence a purchase.", pool="survey", is_special_category=True, is_personal=True)
    ] = ()
    lifestyle: Annotated[Tags, Attribute("Ways of life.", pool="survey")] = ()
    motivations: Annotated[Tags, Attribute("What motivates a purchase.", pool="survey")] = ()
    objections: Annotated[Tags, Attribute("What repels or holds back.", pool="survey")] = ()
    brands: Annotated[Tags, Attribute("Brands that are liked.", pool="survey")] = ()
    competitors_considered: Annotated[Tags, Attribute("Competitors that are considered.", pool="survey")] = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[PsychographicArguments]) -> None:
            """Take the fields by name; see the class."""


class Device(FrozenModel):
    """One device on which a contact was seen."""

    kind: Annotated[DeviceKind, Attribute("Kind of device.")]
    operating_system: Annotated[Text, Attribute("Operating system.")] = None
    browser: Annotated[Text, Attribute("Browser.")] = None
    app: Annotated[Text, Attribute("App of ours.")] = None
    last_seen_at: Annotated[Instant | None, Attribute("When it was last seen.")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[DeviceArguments]) -> None:
            """Take the fields by name; see the class."""


class Technology(Group):
    """With which devices and programs somebody interacts."""

    devices: Annotated[tuple[Device, ...], Records, Attribute("Devices, as records.", pool="device")] = ()
    browsers: Annotated[Tags, Attribute("Browsers in use.", pool="device")] = ()
    operating_systems: Annotated[Tags, Attribute("Operating systems in use.", pool="device")] = ()
    apps: Annotated[Tags, Attribute("Apps in use.", pool="device")] = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[TechnologyArguments]) -> None:
            """Take the fields by name; see the class."""


class Employment(Group):
    """What somebody does at work."""

    title: Annotated[Text, Attribute("Job title.", pool="job_title", is_indexed=True)] = None
    seniority: Annotated[Seniority | None, Attribute("Level of the position.", pool="job_title")] = None
    department: Annotated[Text, Attribute("Department or function.", pool="job_title")] = None
    employer: Annotated[Text, Attribute("Company name, where there is no account.", pool="employer")] = None
    industry: Annotated[Text, Attribute("Industry of work, where there is no account.", pool="employer")] = None
    is_decision_maker: Annotated[bool | None, Attribute("Decides on purchases.", pool="job_title")] = None
    started_on: Annotated[
        LocalDate | None, Attribute("Start of the present position.", short="job_started_on", pool="job_title")
    ] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[EmploymentArguments]) -> None:
            """Take the fields by name; see the class."""


class Preferences(Group):
    """How somebody likes to be addressed."""

    language: Annotated[LanguageCode, Attribute("Preferred language.", vocabulary="language")] = None
    channels: Annotated[
        tuple[Channel, ...],
        Codes,
        Attribute("Channels that are liked and used.", short="preferred_channels", pool="survey"),
    ] = ()
    time_zone: Annotated[ZoneName, Attribute("Time zone, an IANA name.", vocabulary="zone", pool="address")] = None
    contact_hours: Annotated[Text, Attribute("When to be contacted, in words.", pool="survey")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[PreferencesArguments]) -> None:
            """Take the fields by name; see the class."""


class SocialProfile(FrozenModel):
    """A profile on a social network."""

    pii_fields = frozenset({"handle", "url"})

    network: Annotated[SocialNetwork, Attribute("The network.")]
    handle: Annotated[Text, Attribute("Name there.", is_personal=True)] = None
    url: Annotated[Text, Attribute("Address of the profile.", is_personal=True)] = None
    followers: Annotated[WholeNumber, Attribute("Number of followers.")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[SocialProfileArguments]) -> None:
            """Take the fields by name; see the class."""


class Firmographic(Group):
    """What a company is."""

    industry: Annotated[Text, Attribute("Industry, as a NACE code or in words.", is_indexed=True)] = None
    employees: Annotated[WholeNumber, Attribute("Number of employees.", is_indexed=True)] = None
    annual_revenue: Annotated[Money | None, Attribute("Estimated annual revenue.")] = None
    market: Annotated[Text, Attribute("Market the company serves.")] = None
    ownership: Annotated[Ownership | None, Attribute("Who owns it.")] = None
    founded_year: Annotated[int | None, Field(ge=1000, le=2200), Attribute("Year of foundation.")] = None
    country: Annotated[CountryCode, Attribute("Country of the head office.", vocabulary="country", pool="address")] = (
        None
    )
    region: Annotated[Text, Attribute("State, province or region.", pool="address")] = None
    city: Annotated[Text, Attribute("Town or city.", pool="address")] = None
    postal_code: Annotated[Text, Attribute("Postal code.", pool="address")] = None
    street: Annotated[Text, Attribute("Street and number.", pool="address")] = None
    location: Annotated[Place, Attribute("Where the head office is, in degrees (WGS 84).", pool="address")] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[FirmographicArguments]) -> None:
            """Take the fields by name; see the class."""


class AccountTechnology(Group):
    """What a company works with, and whom."""

    stack: Annotated[Tags, Attribute("Products in the technology stack.", pool="survey", is_indexed=True)] = ()
    partnerships: Annotated[Tags, Attribute("Co-marketing partnerships.")] = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[AccountTechnologyArguments]) -> None:
            """Take the fields by name; see the class."""


class KeyAccount(Group):
    """How an account is treated in account-based marketing."""

    rank: Annotated[
        int | None,
        Field(ge=1, le=100_000),
        Attribute("Rank among the key accounts, 1 first.", short="key_account_rank"),
    ] = None
    strategy: Annotated[LongText, Attribute("Individual strategy for this account.", short="key_account_strategy")] = (
        None
    )
    fit: Annotated[
        float | None,
        Field(ge=0, le=1),
        Attribute("Fit with the ideal customer profile, 0-1.", short="ideal_customer_fit"),
    ] = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[KeyAccountArguments]) -> None:
            """Take the fields by name; see the class."""
