"""Reading everybody: against hand-written code that builds the same objects, against tuples, and ids against ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, select

import mimcore as mim
from benchmarks.stores.customers import NOW, SECRET, SOURCE, accounts, contact, dicts
from benchmarks.stores.server_clock import both_clock
from benchmarks.timing import Line, line, race
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.contact import AccountLink
from mimcore.domain.groups import Acquisition, Demographic, Employment, Preferences, Psychographic
from mimcore.domain.points import EmailPoint, PhonePoint, PointState
from mimcore.domain.vocabularies import LifecycleStage
from mimcore.sql.tables import schema
from mimcore.sql.tables.columns import stored_column
from mimcore.testing import PostgresServer
from mimcore.values.construct import built, template
from mimcore.values.email import EmailAddress
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber

__all__ = ["measure"]
CUSTOMERS = 50_000
PAGE = 2000
own, point, link = schema.contact.c, schema.contact_point.c, schema.contact_account.c
EVERYONE = (own.tenant == "default") & (own.status == "active")


def measure(scale: float) -> list[Line]:
    """Measure on both databases."""
    made = int(CUSTOMERS * scale)
    with TemporaryDirectory() as folder:
        lines = _read("SQLite", f"sqlite:///{Path(folder) / 'people.db'}", made, process_time)
    with PostgresServer() as server:
        return lines + _read("PostgreSQL", server.new_database(), made, both_clock(server.url))


def _read(name: str, url: str, made: int, clock: Callable[[], float]) -> list[Line]:
    companies = accounts(made)
    engine = create_engine(url)
    with mim.connect(url, actor="bench", clock=lambda: NOW, secret=SECRET) as store:
        with store.begin(source=SOURCE) as work:
            work.add(*companies)
            work.add_many(contact(one) for one in dicts(made, companies))
        with engine.begin() as connection:
            connection.exec_driver_sql("analyze")
        with engine.connect() as connection:
            lines = _lines(name, store, connection, made, clock)
    engine.dispose()
    return lines


def _lines(name: str, store: mim.Store, connection: Connection, made: int, clock: Callable[[], float]) -> list[Line]:
    assert list(store.contacts.stream()) == list(_objects(connection))
    assert store.contacts.ids() == _ids(connection)
    seconds = race(
        {
            "stream": lambda: sum(1 for _ in store.contacts.stream()),
            "objects": lambda: sum(1 for _ in _objects(connection)),
            "tuples": lambda: sum(1 for _ in _tuples(connection)),
        },
        5,
        clock=clock,
    )
    ids = race({"ours": store.contacts.ids, "hand": lambda: _ids(connection)}, clock=clock)
    told = "processor time" if clock is process_time else "processor time of client and server"
    stream = f"{name}: stream of everybody"
    return [
        line(stream, "hand-written code, same objects", made, seconds["stream"], seconds["objects"], told),
        line(stream, "Core tuples of the same tables", made, seconds["stream"], seconds["tuples"], told),
        line(f"{name}: ids of everybody", "the driver's own rows to ids", made, ids["ours"], ids["hand"], told),
    ]


def _ids(connection: Connection) -> list[UUID]:
    raw: Any = connection.connection.cursor()
    raw.execute("select id from mim_contact where tenant = 'default' and status = 'active' order by id")
    rows = raw.fetchall()
    raw.close()
    return [UUID(bytes=one) for (one,) in rows] if connection.dialect.name == "sqlite" else [one for (one,) in rows]


_READ = [own[stored_column(spec)] for spec in CONTACT_FIELDS if not spec.is_derived]
_WIDE = select(own.id, own.version, own.status, own.custom, *_READ).where(EVERYONE).order_by(own.id)
_POINTS = select(
    point.contact_id, point.kind, point.id, point.value, point.label, point.state, point.is_retired
).order_by(point.contact_id, point.position)
_LINKS = select(link.contact_id, link.account_id, link.role, link.is_primary, link.start_on, link.end_on).order_by(
    link.contact_id, link.position
)
_NAMES = (
    "given_name", "family_name", "country", "city", "postal_code", "birth_date", "language", "interests", "title",
    "lifecycle_stage", "owner", "acquired_at",
)  # fmt: skip
_FILLED = select(own.id, own.version, *(own[name] for name in _NAMES)).where(EVERYONE).order_by(own.id)


def _pages(connection: Connection, query: Any) -> Iterator[tuple[list[Any], dict[str, list[Any]]]]:
    """Read a page of contacts at a time, with what belongs to them."""
    after: UUID | None = None
    while True:
        page = (query if after is None else query.where(own.id > after)).limit(PAGE)
        rows = list(connection.execute(page))
        if not rows:
            return
        first, after = rows[0][0], rows[-1][0]
        children = {}
        for name, table, asked in (("points", point, _POINTS), ("links", link, _LINKS)):
            inside = (table.tenant == "default") & table.contact_id.between(first, after)
            children[name] = list(connection.execute(asked.where(inside)))
        yield rows, children


def _tuples(connection: Connection) -> Iterator[Any]:
    for rows, children in _pages(connection, _WIDE):
        yield from rows
        del children


_CONTACT, _DEMOGRAPHIC, _NAME = template(mim.Contact), template(Demographic), template(PersonName)
_EMPLOYMENT, _PREFERENCES = template(Employment), template(Preferences)
_PSYCHOGRAPHIC, _ACQUISITION = template(Psychographic), template(Acquisition)
_STATES = {one.value: one for one in PointState}
_STAGES = {one.value: one for one in LifecycleStage}


def _objects(connection: Connection) -> Iterator[mim.Contact]:
    """Build contacts as fast as anybody could who knows which columns are filled."""
    for rows, children in _pages(connection, _FILLED):
        emails: defaultdict[UUID, list[EmailPoint]] = defaultdict(list)
        phones: defaultdict[UUID, list[PhonePoint]] = defaultdict(list)
        links: defaultdict[UUID, list[AccountLink]] = defaultdict(list)
        for owner, kind, own_id, value, label, state, is_retired in children["points"]:
            shared = {"id": own_id, "label": label, "state": _STATES[state], "is_retired": is_retired}
            if kind == "email":
                email = built(EmailAddress, {"address": value}, {"address"})
                emails[owner].append(built(EmailPoint, {**shared, "kind": kind, "email": email}, {"id", "email"}))
            else:
                phone = built(PhoneNumber, {"e164": value}, {"e164"})
                phones[owner].append(built(PhonePoint, {**shared, "kind": kind, "phone": phone}, {"id", "phone"}))
        for owner, account_id, role, is_primary, start_on, end_on in children["links"]:
            cells = {"account_id": account_id, "role": role, "is_primary": is_primary}
            cells |= {"start_on": start_on, "end_on": end_on}
            links[owner].append(built(AccountLink, cells, {"account_id"}))
        yield from (_contact(row, emails, phones, links) for row in rows)


def _contact(row: Any, emails: Any, phones: Any, links: Any) -> mim.Contact:
    own_id, version, given, family, country, city, postal_code, born, language, interests, title, stage, owner, at = row
    home = {"birth_date": born, "country": country, "city": city, "postal_code": postal_code}
    found = {
        "id": own_id,
        "version": version,
        "name": built(PersonName, {**_NAME, "given": given, "family": family}, {"given", "family"}),
        "emails": tuple(emails[own_id]),
        "phones": tuple(phones[own_id]),
        "accounts": tuple(links[own_id]),
        "lifecycle_stage": _STAGES[stage],
        "owner": owner,
        "acquisition": built(Acquisition, {**_ACQUISITION, "at": at}, {"at"}),
        "demographic": built(Demographic, {**_DEMOGRAPHIC, **home}, set(home)),
        "psychographic": built(Psychographic, {**_PSYCHOGRAPHIC, "interests": tuple(interests)}, {"interests"}),
        "employment": built(Employment, {**_EMPLOYMENT, "title": title}, {"title"}),
        "preferences": built(Preferences, {**_PREFERENCES, "language": language}, {"language"}),
    }
    return built(mim.Contact, {**_CONTACT, **found}, set(found))
