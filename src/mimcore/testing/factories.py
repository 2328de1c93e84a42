"""Valid objects about people who do not exist, the same ones for the same seed.

Addresses end in domains reserved for examples, numbers are reserved for fiction, names are combined by lot. Everything
can be given; what is not given is made up.
"""

from __future__ import annotations

import random  # noqa: TID251 - seeded: the same seed makes the same people
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.vocabularies import Channel, Gender
from mimcore.repositories.facts import linked_accounts
from mimcore.rules.evaluation.facts import Facts
from mimcore.testing.clock import FixedClock
from mimcore.testing.people import AREA_CODES, CITIES, FAMILY_NAMES, GIVEN_NAMES, INTERESTS, MAIL_DOMAINS
from mimcore.values.identifiers import using_ids, uuid7
from mimcore.values.instants import as_instant
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Factory", "current_factory", "using_factory"]

_IDS_FROM = 1_767_225_600_000  # 2026-01-01T00:00Z in milliseconds: ids are ordered by their making

E = TypeVar("E", bound=Entity)
_current: ContextVar[Factory | None] = ContextVar("mimcore_factory", default=None)


class Factory:
    """Makes objects and remembers them, with their interactions.

    Examples:
        >>> factory = Factory(seed=1)
        >>> heavy = factory.contact(purchases=["2026-03-01", "2026-03-09"], country="DK")
        >>> heavy.demographic.country, len(factory.interactions_of(heavy))
        ('DK', 2)
        >>> Factory(seed=1).contact().emails == Factory(seed=1).contact().emails
        True
    """

    def __init__(self, seed: int = 0, *, clock: Callable[[], datetime] | None = None) -> None:
        """Start.

        Args:
            seed: Equal seeds make equal objects in equal order.
            clock: Returns the present instant; a `FixedClock` unless given.
        """
        self._lot = random.Random(seed)  # noqa: S311 - test data, nothing secret
        self._clock = clock or FixedClock()
        self._count = 0
        self._ids = 0
        self._made: dict[UUID, Entity] = {}
        self._events: list[Interaction] = []
        self._lists: dict[UUID, frozenset[str]] = {}

    @property
    def now(self) -> datetime:
        """The present instant of the factory's clock."""
        return self._clock()

    def contact(
        self,
        *,
        purchases: Iterable[datetime | str] = (),
        listed_in: Iterable[str] = (),
        **given: Any,
    ) -> Contact:
        """Make a contact: name, one e-mail address, one phone, town, birth date, gender, an interest.

        Args:
            purchases: When it bought something; a date means the end of that day in UTC. Each is an interaction worth
                100.00 DKK that the factory keeps.
            listed_in: Keys of the static segments that list it, for `facts`.
            **given: Fields of the contact that are not to be made up; None leaves one out.
        """
        made = self._contact_fields()
        with using_ids(self._id):
            contact = Contact(**_chosen(made, given, place={"country", "city", "postal_code"}))
        self._made[contact.id] = contact
        self._lists[contact.id] = frozenset(listed_in)
        for at in purchases:
            self.interaction(contact=contact, at=_instant(at))
        return contact

    def account(self, **given: Any) -> Account:
        """Make an account with name, domain, industry and size.

        Args:
            **given: Fields that are not to be made up.
        """
        number = self._next()
        name = f"{self._lot.choice(FAMILY_NAMES)} {self._lot.choice(('Works', 'Trading', 'Foods', 'Systems'))}"
        made: dict[str, Any] = {
            "name": name,
            "domain": f"company-{number}.example.com",
            "industry": self._lot.choice(("10.71", "46.90", "62.01")),
            "employees": self._lot.randrange(2, 2000),
            "country": self._lot.choice(CITIES)[2],
        }
        return self._kept(Account, made | given)

    def interaction(self, *, contact: Contact | UUID | None = None, **given: Any) -> Interaction:
        """Make an interaction and keep it: a purchase of 100.00 DKK an hour ago, unless told otherwise.

        Args:
            contact: Whose; a new contact unless given.
            **given: Fields that are not to be made up.
        """
        number = self._next()
        made: dict[str, Any] = {
            "kind": "purchase",
            "at": self.now - timedelta(hours=1),
            "contact_id": self.contact() if contact is None else contact,
            "value": Money(minor_units=10_000, currency="DKK") if given.get("kind", "purchase") == "purchase" else None,
            "source": "factory",
            "external_id": f"event-{number}",
        }
        with using_ids(self._id):
            event = Interaction(**{**made, **given})
        self._events.append(event)
        return event

    def segment(self, **given: Any) -> Segment:
        """Make a segment; without `rule=` it is a list kept by hand."""
        number = self._next()
        return self._kept(Segment, {"key": f"segment-{number}", "name": f"Segment {number}", **given})

    def source(self, **given: Any) -> Source:
        """Make a source of information."""
        number = self._next()
        return self._kept(Source, {"key": f"source-{number}", "name": f"Source {number}", **given})

    def campaign(self, **given: Any) -> Campaign:
        """Make a campaign that runs for the thirty days from today."""
        number, today = self._next(), self.now.date()
        made: dict[str, Any] = {
            "key": f"campaign-{number}",
            "name": f"Campaign {number}",
            "runs": (today, today + timedelta(days=29)),
            "budget": Money(minor_units=1_000_000, currency="DKK"),
            "channels": ("email",),
        }
        return self._kept(Campaign, made | given)

    def lead(self, *, contact: Contact | UUID | None = None, **given: Any) -> Lead:
        """Make a new lead, captured a day ago.

        Args:
            contact: Whose; a new contact unless given.
            **given: Fields that are not to be made up.
        """
        made: dict[str, Any] = {
            "contact_id": self.contact() if contact is None else contact,
            "captured_at": self.now - timedelta(days=1),
            "channel": self._lot.choice((Channel.EMAIL, Channel.PAID_SEARCH, Channel.EVENT)),
        }
        return self._kept(Lead, made | given)

    def task(self, **given: Any) -> Task:
        """Make an open task, due in a week."""
        number = self._next()
        made: dict[str, Any] = {
            "title": f"Task {number}",
            "assignee": "team",
            "due_on": self.now.date() + timedelta(days=7),
        }
        return self._kept(Task, made | given)

    def interactions_of(self, contact: Contact | UUID) -> tuple[Interaction, ...]:
        """Return the interactions that were made for a contact, oldest first."""
        wanted = contact if isinstance(contact, UUID) else contact.id
        events = (event for event in self._events if event.contact_id == wanted)
        return tuple(sorted(events, key=lambda event: (event.at, event.id)))

    def facts(self, contact: Contact) -> Facts:
        """Return what the factory knows about a contact: its interactions, account and lists; nothing about freshness.

        Args:
            contact: Made by this factory, or by hand.
        """
        account = self._made.get(contact.primary_account_id) if contact.primary_account_id else None
        return Facts(
            contact=contact,
            events=self.interactions_of(contact),
            account=account,
            accounts=linked_accounts(contact, self._accounts()),
            listed_in=self._lists.get(contact.id, frozenset()),
            now=self.now,
        )

    def add_to(self, work: UnitOfWork) -> None:
        """Store everything made so far, interactions included, and forget it.

        Args:
            work: An open unit of work, such as `store.begin()` gives.
        """
        work.add(*self._made.values())
        for event in self._events:
            work.record(
                event.kind,
                contact=event.contact_id,
                at=event.at,
                value=event.value,
                product=event.product,
                quantity=event.quantity,
                channel=event.channel,
                campaign=event.campaign,
                account=event.account_id,
                gift=event.is_gift,
                refund_of=event.refund_of,
                external_id=event.external_id,
                visitor=event.visitor_id,
                properties=event.properties,
                source=event.source,
            )
        self._made, self._events = {}, []

    def _accounts(self) -> dict[UUID, Account]:
        return {one: made for one, made in self._made.items() if isinstance(made, Account)}

    def _kept(self, kind: type[E], fields: dict[str, Any]) -> E:
        with using_ids(self._id):
            entity = kind(**fields)
        self._made[entity.id] = entity
        return entity

    def _contact_fields(self) -> dict[str, Any]:
        number, lot = self._next(), self._lot
        given, family = lot.choice(GIVEN_NAMES), lot.choice(FAMILY_NAMES)
        city, postal_code, country = lot.choice(CITIES)
        block, line = divmod(number, 100)
        return {
            "name": f"{given} {family}",
            "emails": [f"person-{number}@{lot.choice(MAIL_DOMAINS)}"],
            "phones": [f"+1{AREA_CODES[block % len(AREA_CODES)]}55501{line:02d}"],
            "country": country,
            "city": city,
            "postal_code": postal_code,
            "birth_date": f"{lot.randrange(1940, 2006)}-{lot.randrange(1, 13):02d}-{lot.randrange(1, 29):02d}",
            "gender": lot.choice(tuple(Gender)),
            "interests": [lot.choice(INTERESTS)],
        }

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _id(self) -> UUID:
        self._ids += 1
        return uuid7(_IDS_FROM + self._ids, self._lot.randbytes(10))


def _chosen(made: dict[str, Any], given: dict[str, Any], *, place: set[str]) -> dict[str, Any]:
    """Put what is given over what is made; a given part of the place leaves the made-up rest of it out."""
    kept = {name: value for name, value in made.items() if name not in place or not place & given.keys()}
    return {name: value for name, value in {**kept, **given}.items() if value is not None}


def _instant(at: datetime | str) -> datetime:
    return as_instant(at, "purchases", zone=ZoneInfo("UTC"))


def current_factory() -> Factory | None:
    """Return the factory of the running test, if there is one; see `using_factory`."""
    return _current.get()


@contextmanager
def using_factory(factory: Factory) -> Generator[Factory]:
    """Let `assert_segment` know what a factory knows about its contacts; the fixture `mim_factory` does it for you.

    Args:
        factory: The factory.
    """
    token = _current.set(factory)
    try:
        yield factory
    finally:
        _current.reset(token)
