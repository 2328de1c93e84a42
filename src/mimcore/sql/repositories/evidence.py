"""What is known about values and people over time, in SQL: states, checks, history, consent, suppression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, delete, literal_column, or_, select

from mimcore.domain.consent import ConsentAction, ConsentEvent, LawfulBasis, Suppression
from mimcore.domain.consent_acts import ActInBrief
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.vocabularies import Channel
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.upsert import insert_or_ignore, insert_or_replace
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids, in_words
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.repositories.freshness_keys import KEYED_ATTRIBUTES, refresh_keys
from mimcore.sql.repositories.half_lives import SqlHalfLives
from mimcore.sql.repositories.state_rows import STATE_COLUMNS, STATE_ROW, state_rows, states_of
from mimcore.sql.repositories.value_checks import SqlValueChecks
from mimcore.sql.rows.brief_acts import BRIEF_COLUMNS, in_brief
from mimcore.sql.rows.held import Held
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables import schema, schema_work
from mimcore.values.construct import built, template
from mimcore.values.mapping import FrozenMapping

__all__ = ["SqlConsentRepository", "SqlFreshnessRepository"]

R = TypeVar("R")
_state, _change = schema.attribute_state, schema_work.change_set
_consent, _suppression = schema_work.consent_event, schema_work.suppression
ANY_CHANNEL = "*"


class SqlFreshnessRepository(SqlValueChecks, SqlHalfLives):
    """How trustworthy every stored value is."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        SqlValueChecks.__init__(self, wire)
        SqlHalfLives.__init__(self, wire)

    def put(self, states: Sequence[FreshnessState]) -> None:
        """Store states, replacing those of the same attribute and subject, under whichever contact they stand."""
        self.put_rows({(one.attribute, one.subject_id): one for one in states}.values())
        refresh_keys(self._wire, [one.contact_id for one in states if one.attribute in KEYED_ATTRIBUTES])

    def put_rows(self, states: Iterable[FreshnessState]) -> None:
        """Store states, each attribute of a subject once; the caller lets the contacts' own key columns follow."""
        self._wire.write_many(_PUT_STATE, list(state_rows(states, self._wire)))

    def drop(self, subjects: Iterable[tuple[str, UUID]]) -> None:
        """Remove states by attribute and subject; those that do not exist are let be."""
        wanted, wire = list(dict.fromkeys(subjects)), self._wire
        owners = wire.rows_of_ids(_OWNERS, [subject for name, subject in wanted if name in KEYED_ATTRIBUTES])
        contacts = [wire.codec.get_id(row[0]) for row in owners]
        self.drop_rows(wanted)
        refresh_keys(wire, contacts)

    def drop_rows(self, subjects: Iterable[tuple[str, UUID]]) -> None:
        """Remove states; whoever calls sees to it that the contacts' own key columns follow."""
        wire = self._wire
        wire.write_many(_DROP_STATE, [(wire.tenant, attribute, wire.codec.put_id(one)) for attribute, one in subjects])

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[FreshnessState]]:
        """Return the states of contacts' values and contact points; an empty list where there are none."""
        wanted = list(contact_ids)
        found: dict[UUID, list[FreshnessState]] = {one: [] for one in wanted}
        for state in states_of(self._wire.rows_of_ids(_STATES_OF, wanted), self._wire.codec):
            found[state.contact_id].append(state)
        return found

    def held(self, contact_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[FreshnessState]]:
        """Return the states of contacts' own values, not of their points, by attribute, as they stand now for later."""
        codec = self._wire.codec
        rows: dict[UUID, list[Any]] = {one: [] for one in contact_ids}
        for owner, own in groupby(self._wire.rows_of_ids(_OWN_STATES_OF, rows), key=itemgetter(2)):
            rows[codec.get_id(owner)] = list(own)
        return Held(rows, lambda own: sorted(states_of(own, codec), key=itemgetter(0)))

    def all(self) -> Iterator[FreshnessState]:
        """All states of active contacts' values, in order of the contacts' ids; read in pages."""
        after = self._wire.codec.put_id(UUID(int=0))
        while owners := self._wire.rows(_ACTIVE, after=after, size=PORTION):
            ids = [self._wire.codec.get_id(row[0]) for row in owners]
            yield from states_of(self._wire.rows_of_ids(_STATES_OF, ids), self._wire.codec)
            after = owners[-1][0]


_in_order = (_state.c.contact_id, _state.c.attribute, _state.c.subject_id)
_contact = schema.contact
_PUT_STATE = Prepared(insert_or_replace(_state), STATE_ROW)
_OWNERS = Prepared(
    select(_state.c.contact_id).where(
        owned(
            _state,
            # One IN, not an OR of equals: SQLite then seeks each pair in the key instead of scanning whole attributes.
            _state.c.attribute.in_([literal_column(f"'{name}'") for name in sorted(KEYED_ATTRIBUTES)]),
            in_ids(_state.c.subject_id, "ids"),
        )
    )
)  # no DISTINCT: for it SQLite would rather walk an index of owners than seek the subjects
_DROP_STATE = Prepared(
    delete(_state).where(
        owned(_state, _state.c.attribute == bindparam("attribute"), _state.c.subject_id == bindparam("subject"))
    )
)
_STATES_OF = Prepared(
    select(*STATE_COLUMNS).where(owned(_state, in_ids(_state.c.contact_id, "ids"))).order_by(*_in_order)
)
_OWN_STATES_OF = Prepared(
    select(*STATE_COLUMNS)
    .where(owned(_state, in_ids(_state.c.contact_id, "ids"), _state.c.subject_id == _state.c.contact_id))
    .order_by(_state.c.contact_id)  # by attribute as well, whatever is read would be sorted before
)
_ACTIVE = Prepared(
    select(_contact.c.id)
    .where(owned(_contact, _contact.c.status == "active", _contact.c.id > bindparam("after")))
    .order_by(_contact.c.id)
    .limit(bindparam("size"))
)


class SqlConsentRepository:
    """Consent acts (append-only) and the suppression list."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        enums = {"channel": Channel, "action": ConsentAction, "basis": LawfulBasis}
        self._mapping: RecordMapping[ConsentEvent] = record_mapping(_consent, _act, wire.codec, enums=enums)

    def append(self, events: Sequence[ConsentEvent]) -> None:
        """Append consent acts."""
        append_numbered(self._wire, _ADD_ACT, self._mapping, events)

    def of(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> dict[str, list[ConsentEvent]]:
        """Return acts by identifier for a channel and a purpose, oldest first; an empty list where there are none."""
        wanted = list(identifiers)
        found: dict[str, list[ConsentEvent]] = {one: [] for one in wanted}
        for row in self._wire.rows_of_words(_ACTS_FOR, wanted, channel=channel.value, purpose=purpose):
            act = self._mapping.record(row)
            found[act.identifier].append(act)
        return found

    def acts(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> dict[str, list[ActInBrief]]:
        """Return what the gate reads of acts, by identifier, oldest first; who has none for it is left out."""
        found: defaultdict[str, list[ActInBrief]] = defaultdict(list)
        rows = self._wire.rows_of_words(_BRIEF_FOR, identifiers, channel=channel.value, purpose=purpose)
        for identifier, act in in_brief(rows, self._wire.codec):
            found[identifier].append(act)
        return dict(found)

    def of_identifier(self, identifier: str) -> list[ConsentEvent]:
        """Return all acts of one identifier, oldest first."""
        return [self._mapping.record(row) for row in self._wire.rows_of_words(_ACTS_OF, [identifier])]

    def of_import(self, import_id: UUID) -> list[ConsentEvent]:
        """Return the acts that an import brought, and those that ended them, as recorded."""
        rows = self._wire.rows(_ACTS_OF_IMPORT, of_import=self._wire.codec.put_id(import_id))
        return list(map(self._mapping.record, rows))

    def all(self) -> Iterator[ConsentEvent]:
        """All acts in the order of recording; read in pages."""
        last = -1
        while rows := self._wire.rows(_ALL_ACTS, number=last, size=PORTION):
            yield from (self._mapping.record(row[1:]) for row in rows)
            last = rows[-1][0]

    def suppress(self, entries: Sequence[Suppression]) -> None:
        """Put identifiers on the suppression list; entries that exist stay as they are."""
        tenant, put_instant = self._wire.tenant, self._wire.codec.put_instant
        rows = [
            (tenant, one.identifier, _channel(one.channel), one.key_id, one.reason, put_instant(one.since))
            for one in entries
        ]
        self._wire.write_many(_SUPPRESS, rows)

    def suppressed(self, identifiers: Iterable[str], *, channel: Channel | None) -> frozenset[str]:
        """Return which identifiers are suppressed for a channel, or for any with None.

        An entry without a channel is for all channels.
        """
        if channel is None:
            rows = self._wire.rows_of_words(_SUPPRESSED, identifiers)
        else:
            rows = self._wire.rows_of_words(_SUPPRESSED_FOR, identifiers, channel=channel.value)
        return frozenset(row[0] for row in rows)

    def suppressions(self) -> Iterator[Suppression]:
        """The whole suppression list."""
        get = self._wire.codec.get_instant
        for identifier, channel, key_id, reason, since in self._wire.rows(_ALL_SUPPRESSIONS):
            yield Suppression(
                identifier, key_id, None if channel == ANY_CHANNEL else Channel(channel), reason, get(since)
            )


def _channel(channel: Channel | None) -> str:
    return ANY_CHANNEL if channel is None else channel.value


_ACT_DEFAULTS = template(ConsentEvent)


def _act(**values: Any) -> ConsentEvent:
    evidence = values["evidence"]
    values["evidence"] = FrozenMapping() if evidence is None else FrozenMapping(evidence)
    return built(ConsentEvent, {**_ACT_DEFAULTS, **values}, set(values))


_ADD_ACT = Append(_consent)
_acts, _acts_in_brief = (
    select(*columns)
    .where(owned(_consent, in_words(_consent.c.identifier, "words")))
    .order_by(_consent.c.occurred_at, _consent.c.recorded_at, _consent.c.id)
    for columns in (read_columns(_consent), BRIEF_COLUMNS)
)
_for = (_consent.c.channel == bindparam("channel"), _consent.c.purpose == bindparam("purpose"))
_ACTS_OF = Prepared(_acts)
_ACTS_FOR, _BRIEF_FOR = (Prepared(one.where(*_for)) for one in (_acts, _acts_in_brief))
_ACTS_OF_IMPORT = Prepared(
    select(*read_columns(_consent))
    .where(owned(_consent, _consent.c.import_id == bindparam("of_import")))
    .order_by(_consent.c.sequence)
)
_ALL_ACTS = Prepared(
    select(_consent.c.sequence, *read_columns(_consent))
    .where(owned(_consent, _consent.c.sequence > bindparam("number")))
    .order_by(_consent.c.sequence)
    .limit(bindparam("size"))
)
_ALL_SUPPRESSIONS = Prepared(
    select(*(_suppression.c[name] for name in ("identifier", "channel", "key_id", "reason", "since")))
    .where(owned(_suppression))
    .order_by(_suppression.c.identifier, _suppression.c.channel)
)
_SUPPRESS = Prepared(insert_or_ignore(_suppression), tuple(_suppression.c.keys()))
_suppressed = select(_suppression.c.identifier).where(owned(_suppression, in_words(_suppression.c.identifier, "words")))
_SUPPRESSED = Prepared(_suppressed)
_SUPPRESSED_FOR = Prepared(
    _suppressed.where(or_(_suppression.c.channel == bindparam("channel"), _suppression.c.channel == ANY_CHANNEL))
)
