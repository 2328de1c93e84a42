"""From what a web form sends to a lead: a pure function for any web framework to call. Nothing is stored here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mimcore.capture.forms.answers import typed_answers
from mimcore.capture.forms.form import Form
from mimcore.capture.forms.questions import ConsentLine
from mimcore.capture.web.channels import Traffic, traffic_of
from mimcore.capture.web.tracking import CLICK_IDS, UTM, Tracking, read_tracking
from mimcore.display.showing import Tabled
from mimcore.display.tables import Table
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_listed, is_mapping
from mimcore.domain.declaring.entity import check_source
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.errors import InvalidValueError, Problem
from mimcore.values.arguments import given_list
from mimcore.values.instants import as_instant, as_zone, day_of
from mimcore.values.mapping import FrozenMapping
from mimcore.values.text import clean

__all__ = ["Captured", "GivenConsent", "capture_lead"]

_NO_KEY = re.compile(r"[^a-z0-9._-]+")
_MAX_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A line that a person ticked, with its evidence.

    Attributes:
        evidence: What proves it, by name; personal.
    """

    line: ConsentLine
    at: datetime
    evidence: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Captured(Tabled):
    """A form that was sent, read and checked, not yet stored: `store.capture(...)` does that.

    Attributes:
        contact: The person as a new contact, with where they came from; personal.
        lead: The chance to win them.
        consents: The lines they ticked.
        interactions: What happened: the sending of the form.
        traffic: Where they came from, and which line of the table says so.
        visitor: Id of the visitor who has now said who it is, or None; personal.
        source: Key of the source under which all this is kept.
        problems: Parameters that were left out, and why.
    """

    contact: Contact = field(repr=False)
    lead: Lead = field(repr=False)
    consents: tuple[GivenConsent, ...]
    interactions: tuple[Interaction, ...] = field(repr=False)
    traffic: Traffic
    visitor: str | None = field(repr=False)
    source: str
    problems: tuple[Problem, ...] = ()

    def table(self) -> Table:
        """Where the lead came from and what was consented to; nothing personal."""
        paid = {True: "paid", False: "organic", None: "neither paid nor organic"}[self.traffic.is_paid]
        rows = [
            ("channel", f"{self.traffic.channel.value} ({self.traffic.group}, {paid})"),
            ("because", self.traffic.rule.when),
            ("campaign", self.lead.campaign or ""),
            ("consents", ", ".join(one.line.purpose for one in self.consents) or "none"),
            *((f"left out: {one.field}", one.reason) for one in self.problems),
        ]
        return Table.of(("what", "found"), rows, title="Captured lead")


def capture_lead(
    form: Form,
    data: object,
    *,
    now: datetime | str,
    url: str | None = None,
    referrer: str | None = None,
    visitor: str | None = None,
    submission: str | None = None,
    evidence: Mapping[str, str] | None = None,
    own_hosts: Iterable[str] = (),
    source: str = "website",
    zone: str = "UTC",
) -> Captured:
    """Read a form that was sent, and where its sender came from.

    UTM parameters and click ids are taken from hidden fields of the form and from the address. Queries of addresses
    are not kept: they may hold anything.

    Args:
        form: The form.
        data: What was sent; see `Form.read`.
        now: When it was sent.
        url: Address of the page, or of the first page that the visitor saw.
        referrer: The page that referred the visitor.
        visitor: Id of the visitor, if your web site gave one.
        submission: Id of this sending: the same one is stored once.
        evidence: What else proves consents, by name, such as `{"ip": …}`; personal, and kept with consents only.
        own_hosts: Hosts that are your own site, beside the one of `url`.
        source: Key of the source under which it is kept.
        zone: Zone whose calendar tells the day of bands of ages.

    Returns:
        Contact, lead, consents and interactions, ready to be stored.

    Raises:
        InvalidValueError: With a problem for each field that is wrong; or if the form itself must not be captured (see
            `Form.lint`).

    Examples:
        >>> from mimcore.capture.forms.form import form as make
        >>> lead = capture_lead(
        ...     make("email", key="demo"),
        ...     {"email": "ana@acme.dk"},
        ...     now="2026-03-01T12:00Z",
        ...     url="https://acme.dk/?utm_source=google&utm_medium=cpc&utm_campaign=Spring+26",
        ... )
        >>> lead.lead.channel.value, lead.traffic.is_paid, lead.lead.campaign
        ('paid_search', True, 'spring-26')
    """
    for odd in form.lint().blocking:
        raise InvalidValueError(odd.field, odd.reason, odd.remedy)
    at = as_instant(now, "now")
    asked, hidden = _parted(data, form)
    read = form.read(asked, today=_day(at, zone))
    tracking = read_tracking(url, referrer, hidden)
    traffic = traffic_of(
        tracking, frozenset(given_list(own_hosts, "own_hosts", "give a list of hosts, such as ['acme.dk']"))
    )
    campaign = _key(tracking.utm.get("utm_campaign"))
    came = {
        "channel": traffic.channel, "medium": tracking.utm.get("utm_medium"), "source": traffic.source,
        "campaign": campaign, "at": at, "referrer": tracking.referrer, "landing_page": tracking.landing_page,
    }  # fmt: skip
    who = read.contact.evolve(acquisition={name: value for name, value in came.items() if value is not None})
    sent = clean(submission, "submission", 200)
    proof = _evidence(evidence, form, tracking, sent)
    key = check_source(source)
    event = Interaction(
        kind="form_submit", at=at, contact_id=who.id, channel=traffic.channel, campaign=campaign, source=key,
        external_id=sent, visitor_id=clean(visitor, "visitor", 200), properties=_properties(form, tracking, traffic),
    )  # fmt: skip
    lead = Lead(contact_id=who.id, captured_at=at, channel=traffic.channel, source=traffic.source, campaign=campaign)
    consents = tuple(GivenConsent(line, at, proof) for line in read.consents)
    return Captured(who, lead, consents, (event,), traffic, event.visitor_id, key, tracking.problems)


def _day(at: datetime, zone: str) -> date:
    return day_of(at, as_zone(zone), "now")


def _parted(data: object, form: Form) -> tuple[object, list[tuple[str, str]]]:
    """Part hidden tracking fields from what the form asks."""
    names = {one.name for one in form.questions}
    pairs: list[Any]
    if is_mapping(data):
        pairs = [(name, one) for name, value in data.items() for one in (value if is_listed(value) else [value])]
    elif isinstance(data, Iterable) and not isinstance(data, str | bytes):
        pairs = [*data]
    else:
        return data, []
    typed_answers(pairs, {"properties": {}}, ())  # refuses what is too large or no form, before it is looked at
    hidden = [one for one in pairs if one[0] not in names and one[0].casefold() in (*UTM, *CLICK_IDS)]
    return [one for one in pairs if one not in hidden], [(name, str(value)) for name, value in hidden]


def _key(campaign: str | None) -> str | None:
    """Bring the name of a campaign to a key: 'Spring Sale' is `spring-sale`."""
    return _NO_KEY.sub("-", (campaign or "").casefold())[:80].strip("-._") or None


def _evidence(
    given: Mapping[str, str] | None, form: Form, tracking: Tracking, submission: str | None
) -> FrozenMapping[str]:
    told = dict(given or {})
    if len(told) > _MAX_EVIDENCE:
        raise InvalidValueError("evidence", f"has too many parts (at most {_MAX_EVIDENCE})", "keep what proves consent")
    checked = {name: clean(value, f"evidence.{name}", 500) for name, value in told.items()}
    own = {"form": form.key, "page": tracking.landing_page, "submission": submission, "privacy_notice": form.notice}
    return FrozenMapping({name: value for name, value in {**own, **checked}.items() if value is not None})


def _properties(form: Form, tracking: Tracking, traffic: Traffic) -> FrozenMapping[Any]:
    told = {"form": form.key, "channel_group": traffic.group, "is_paid": traffic.is_paid}
    return FrozenMapping(
        {name: value for name, value in {**told, **tracking.utm, **tracking.clicks}.items() if value is not None}
    )
