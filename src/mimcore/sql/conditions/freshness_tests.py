"""Where freshness is asked for: of the keys that stand on the contact, else of the states; by the index where it pays.

Half-lives differ, so that a threshold is one range of keys for each pool. SQLite reads one range from the index, but of
several it reads the whole table, however few values lie in them; and of states it looks up everybody's. So it is asked
first whether they are few, which takes no longer than reading these few; if so, the ranges are read from the index one
after the other, and the contacts found by what they hold. PostgreSQL knows how many there are, and chooses by itself.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, false, literal_column, or_, select, text
from sqlalchemy.sql.selectable import FromClause

from mimcore.rules.language.catalogue import FieldSpec
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import ONE
from mimcore.sql.tables import schema
from mimcore.sql.tables.columns import KEYED_FIELDS

__all__ = ["Compare", "Cutoffs", "Few", "FreshnessTests", "KeyTest", "few_in", "in_any"]

Test = ColumnElement[bool]
KeyTest = Callable[[ColumnElement[Any], ColumnElement[Any]], Test]
"""A test of a pool and a key."""
Cutoffs = Sequence[tuple[str, int]]
"""Pools, each with the key that a threshold means there."""
Compare = Callable[[Any, Any], Any]
"""`operator.ge` or `operator.lt`."""
Few = Callable[["_Ranges", str], bool]
"""Tells of ranges, given as JSON, whether few values lie in them."""

_FEW = 0.05
"""Share of the contacts up to which the index is read first, though another condition may leave fewer."""


def in_any(cutoffs: Cutoffs, compare: Compare) -> KeyTest:
    """Return the test whether a key lies in its pool's range; pools that share a cutoff share a branch.

    Args:
        cutoffs: Pools and keys.
        compare: Whether keys from the cutoff on are meant, or those below it.
    """
    by_cutoff: dict[int, list[str]] = {}
    for pool, cutoff in cutoffs:
        by_cutoff.setdefault(cutoff, []).append(pool)
    branches = list(by_cutoff.items())
    return lambda pool, key: or_(false(), *(and_(pool.in_(pools), compare(key, cutoff)) for cutoff, pools in branches))


def few_in(wire: Wire, *, is_alone: bool) -> Few | None:
    """Return what tells whether values are few; None on an engine that chooses indexes by itself.

    Args:
        wire: The transaction.
        is_alone: Whether nothing else is asked, so that the index is faster than the table for any number of values.
    """
    if wire.has_many_writers:
        return None
    if is_alone:
        return lambda ranges, cutoffs: True  # noqa: ARG005

    def is_few(ranges: _Ranges, cutoffs: str) -> bool:
        most = int((wire.rows(_HIGHEST)[0][0] or 0) * _FEW)
        if most == 0:  # a handful of people
            return False
        return int(wire.rows(ranges.probe, ranges=cutoffs, attribute=ranges.attribute, most=most + 1)[0][0]) <= most

    return is_few


class FreshnessTests:
    """Tests of pools and keys of a contact's values."""

    def __init__(
        self,
        tenant: str,
        table: FromClause,
        pools: Callable[[FieldSpec], frozenset[str]] | None = None,
        few: Few | None = None,
    ) -> None:
        """Look into a tenant's contacts.

        Args:
            tenant: Whose records count.
            table: `mim_contact` or an alias of it.
            pools: Tells which half-life pools occur among a field's values, so that no other is asked for.
            few: Tells whether values are few enough to read them from the index; None leaves that to the engine.
        """
        self._tenant, self._table, self._pools, self._few = tenant, table, pools, few

    def of(self, spec: FieldSpec, test: KeyTest) -> Test:
        """Test the value of a field.

        Args:
            spec: The field.
            test: Of its pool and key.
        """
        if spec.name in KEYED_FIELDS:
            return test(self._table.c[f"{spec.short}_pool"], self._table.c[f"{spec.short}_key"])
        state = _STATE.c
        own = (state.tenant == self._tenant) & (state.attribute == spec.name) & (state.subject_id == self._table.c.id)
        return exists(select(ONE).select_from(_STATE).where(own, test(state.pool, state.key)))

    def in_ranges(self, spec: FieldSpec, cutoffs: Cutoffs, compare: Compare) -> Test:
        """Test whether the key of a field's value lies in the range of its pool.

        Args:
            spec: The field.
            cutoffs: Pools and keys.
            compare: Whether keys from the cutoff on are meant, or those below it.
        """
        if self._few is not None and cutoffs:
            ranges, written = _ranges(spec, is_below=compare is operator.lt), json.dumps(cutoffs)
            if self._few(ranges, written):
                return ranges.holds(self._table, self._tenant, written)
        present = None if self._pools is None else self._pools(spec)
        return self.of(spec, in_any([one for one in cutoffs if present is None or one[0] in present], compare))

    def of_points(self, points: str, test: KeyTest) -> Test:
        """Test the states of the contact points that are not retired: whether one of them passes.

        Args:
            points: `contact.emails` or `contact.phones`.
            test: Of pool and key.
        """
        state, point = _STATE.c, _POINT.c
        current = and_(
            point.tenant == self._tenant, point.contact_id == self._table.c.id, point.is_retired.is_(false())
        )
        of_point = and_(state.tenant == self._tenant, state.attribute == points, state.subject_id == point.id)
        return exists(
            select(ONE).select_from(_POINT.join(_STATE, of_point)).where(current, test(state.pool, state.key))
        )


class _Ranges:
    """What SQLite reads the ranges of a field with: pools and keys travel as one parameter.

    CROSS JOIN keeps the order: each range is read from the index. SQLite would rather read everything once.
    """

    def __init__(self, spec: FieldSpec, *, is_below: bool) -> None:
        self.attribute, self._is_keyed = spec.name, spec.name in KEYED_FIELDS
        pool, key = (f"{spec.short}_{part}" if self._is_keyed else part for part in ("pool", "key"))
        contacts, states = schema.contact.name, schema.attribute_state.name
        whole, own = (contacts, "") if self._is_keyed else (states, " AND ranged.attribute = :attribute")
        owner = f"CROSS JOIN {contacts} AS owner ON owner.tenant = :tenant AND owner.id = ranged.subject_id"
        self._sql = (
            f"SELECT {'ranged' if self._is_keyed else 'owner'}.rowid FROM json_each(:ranges) AS one"  # noqa: S608 - names of ours only
            f" CROSS JOIN {whole} AS ranged ON ranged.tenant = :tenant{own}"
            f" AND ranged.{pool} = json_extract(one.value, '$[0]')"
            f" AND ranged.\"{key}\" {'<' if is_below else '>='} json_extract(one.value, '$[1]')"
            f" {'' if self._is_keyed else owner}"
        )
        self.probe = Prepared(text(f"SELECT count(*) FROM ({self._sql} LIMIT :most)"))  # noqa: S608 - names of ours only

    def holds(self, table: Any, tenant: str, cutoffs: str) -> Test:
        """Return the test whether a contact's value lies in the ranges."""
        given = {"ranges": cutoffs, "tenant": tenant, **({} if self._is_keyed else {"attribute": self.attribute})}
        binds: list[BindParameter[Any]] = [bindparam(name, value, unique=True) for name, value in given.items()]
        named = text(self._sql).bindparams(*binds)
        column: ColumnElement[Any] = literal_column(f"{table.name}.rowid")
        return column.in_(named.columns(column))


@cache
def _ranges(spec: FieldSpec, *, is_below: bool) -> _Ranges:
    return _Ranges(spec, is_below=is_below)


# Made once: an alias makes an object for every column. Subqueries may share one, since none stands inside another.
_POINT, _STATE = schema.contact_point.alias(), schema.attribute_state.alias()
_HIGHEST = Prepared(text(f"SELECT max(rowid) FROM {schema.contact.name}"))  # noqa: S608 - names of ours only
