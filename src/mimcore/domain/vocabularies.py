"""Controlled vocabularies: the codes that stand where free text would rot."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "EVENT_KINDS",
    "AgeBand",
    "Channel",
    "DeviceKind",
    "Education",
    "Gender",
    "IncomeBand",
    "LifecycleStage",
    "MaritalStatus",
    "Ownership",
    "RecordStatus",
    "Seniority",
    "SocialNetwork",
]


class Gender(StrEnum):
    """Gender as the person states it."""

    FEMALE = "female"
    MALE = "male"
    NON_BINARY = "non_binary"
    OTHER = "other"


class AgeBand(StrEnum):
    """Age in bands, for people whose birth date is not known; whole years, both ends included."""

    UNDER_18 = "0-17"
    FROM_18 = "18-24"
    FROM_25 = "25-34"
    FROM_35 = "35-44"
    FROM_45 = "45-54"
    FROM_55 = "55-64"
    FROM_65 = "65-120"

    @property
    def years(self) -> tuple[int, int]:
        """Youngest and oldest age of the band."""
        low, high = self.value.split("-")
        return int(low), int(high)


class IncomeBand(StrEnum):
    """Yearly household income relative to the country's median."""

    LOW = "low"
    LOWER_MIDDLE = "lower_middle"
    MIDDLE = "middle"
    UPPER_MIDDLE = "upper_middle"
    HIGH = "high"


class MaritalStatus(StrEnum):
    """Household situation."""

    SINGLE = "single"
    PARTNERED = "partnered"
    MARRIED = "married"
    SEPARATED = "separated"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


class Education(StrEnum):
    """Highest completed education."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    VOCATIONAL = "vocational"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class Seniority(StrEnum):
    """Level of a position."""

    INTERN = "intern"
    JUNIOR = "junior"
    SENIOR = "senior"
    LEAD = "lead"
    MANAGER = "manager"
    DIRECTOR = "director"
    VICE_PRESIDENT = "vice_president"
    C_LEVEL = "c_level"
    OWNER = "owner"


class LifecycleStage(StrEnum):
    """Where a contact stands between stranger and advocate."""

    VISITOR = "visitor"
    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    MARKETING_QUALIFIED = "marketing_qualified"
    SALES_QUALIFIED = "sales_qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    ADVOCATE = "advocate"
    FORMER_CUSTOMER = "former_customer"


class Channel(StrEnum):
    """Marketing channels: where people come from and where they are addressed."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    POST = "post"
    PUSH = "push"
    PAID_SEARCH = "paid_search"
    ORGANIC_SEARCH = "organic_search"
    PAID_SOCIAL = "paid_social"
    ORGANIC_SOCIAL = "organic_social"
    DISPLAY = "display"
    AFFILIATE = "affiliate"
    REFERRAL = "referral"
    DIRECT = "direct"
    CATALOGUE = "catalogue"
    LIST_RENTAL = "list_rental"
    EVENT = "event"
    STORE = "store"
    PARTNER = "partner"
    PUBLIC_RELATIONS = "public_relations"
    BROADCAST = "broadcast"
    PRINT = "print"
    OTHER = "other"


class DeviceKind(StrEnum):
    """Kinds of devices."""

    SMARTPHONE = "smartphone"
    FEATURE_PHONE = "feature_phone"
    TABLET = "tablet"
    LAPTOP = "laptop"
    DESKTOP = "desktop"
    TELEVISION = "television"
    WATCH = "watch"
    SPEAKER = "speaker"
    OTHER = "other"


class SocialNetwork(StrEnum):
    """Social networks on which a person or company has a profile."""

    LINKEDIN = "linkedin"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    XING = "xing"
    GITHUB = "github"
    OTHER = "other"


class Ownership(StrEnum):
    """Who owns a company."""

    PRIVATE = "private"
    PUBLIC = "public"
    STATE = "state"
    NON_PROFIT = "non_profit"
    COOPERATIVE = "cooperative"
    FAMILY = "family"


class RecordStatus(StrEnum):
    """Whether a record counts: only active golden records are part of "everyone"."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    MERGED = "merged"
    ERASED = "erased"


EVENT_KINDS = frozenset(
    {
        "app_open",
        "call",
        "deal",
        "demo_request",
        "download",
        "email_bounced",
        "email_clicked",
        "email_delivered",
        "email_opened",
        "event_attended",
        "form_submit",
        "login",
        "mailing_response",
        "mailing_sent",
        "meeting",
        "page_view",
        "purchase",
        "redemption",
        "referral",
        "refund",
        "subscription_cancelled",
        "subscription_started",
        "support_ticket",
        "survey_answer",
        "trial_started",
        "visit",
    }
)
"""Kinds of interactions that every store knows; a store may declare more."""
