"""An open store: its back end, clock, zone and key; units of work begin here, and end with the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.freshness import Undated
from mimcore.errors import ClosedError, InvalidValueError, SerializationError, StaleVersionError
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.ports import Backend
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.store.clock import system_clock
from mimcore.store.keys import environment_key, known_key
from mimcore.values.arguments import check_called, whole_number
from mimcore.values.identifiers import check_key
from mimcore.values.instants import as_instant, as_zone
from mimcore.values.unknown_names import SaysWhatItHas

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["OpenStore"]

T = TypeVar("T")
LOCAL_ACTOR = "local"
"""Who writes on a machine of one's own, unless somebody else is named."""


class OpenStore(SaysWhatItHas):
    """Opens units of work over a back end."""

    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("add", "save", "insert", "create"), "with store.begin() as work: work.add(...)"),
        **dict.fromkeys(("change", "update"), "with store.begin() as work: work.change(record, city=…)"),
        **dict.fromkeys(("record", "grant", "withdraw"), "with store.begin() as work: work.record(...)"),
        **dict.fromkeys(("find", "query", "filter", "select"), "store.contacts.find(rule)"),
        **dict.fromkeys(("count", "verdicts"), "store.contacts.count(rule), store.contacts.verdicts(rule)"),
        **dict.fromkeys(("import_csv", "import_file", "load", "read_csv"), "store.plan_import(file, source=…).apply()"),
        "commit": "with store.begin() as work: …, which commits at its end",
    }

    def __init__(
        self,
        backend: Backend,
        *,
        actor: str | None,
        source: str,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        secret: bytes,
    ) -> None:
        """Use a back end.

        Args:
            backend: Open back end; the store closes it.
            actor: Who writes by default.
            source: Source of values by default.
            zone: Zone of the store.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list.
        """
        is_server = backend.name.startswith("postgresql")
        self._backend, self._source = backend, check_key(source, "source")
        if actor is not None and not isinstance(actor, str):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
            raise InvalidValueError("actor", "is not text", "say who writes, such as 'ana@acme.dk'")
        self._actor = actor or (None if is_server else LOCAL_ACTOR)
        self._zone, self._clock, self._secret = zone, clock, secret
        self._is_closed = False

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return self._zone

    def now(self) -> datetime:
        """Return the present instant of the store's clock, in UTC."""
        return as_instant(self._clock(), "clock")

    def __repr__(self) -> str:
        """Which kind of store it is."""
        return f"Store({self._backend.name})"

    def __enter__(self) -> Self:
        """Use the store in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Release files and connections. Closing twice is harmless."""
        if not self._is_closed:
            self._is_closed = True
            self._backend.close()

    def begin(
        self,
        *,
        actor: str | None = None,
        source: str | None = None,
        observed_at: Moment | Undated | None = None,
        import_id: UUID | None = None,
    ) -> UnitOfWork:
        """Open a unit of work: one transaction that commits at the end of the block and rolls back on an error.

        Args:
            actor: Who writes.
            source: Key of the source that the values come from.
            observed_at: When the source saw them; the store's clock unless given, `mim.UNDATED` if nobody knows.
            import_id: The import that writes, if one does.

        Returns:
            The unit of work, for a `with` block.
        """
        now = self.now()
        writer = actor or self._actor
        if writer is None:
            raise InvalidValueError("actor", "is missing", "say who writes: begin(actor=…), or once for all in connect")
        origin = Origin(writer, self._source, now, now, self._zone, import_id).but(
            source=source, observed_at=observed_at
        )
        return self._work(origin, is_read_only=False)

    def read(self) -> UnitOfWork:
        """Open a unit of work that only reads; it neither waits for writers nor blocks them."""
        now = self.now()
        return self._work(Origin(self._actor or "", self._source, now, now, self._zone), is_read_only=True)

    def transact(
        self,
        function: Callable[[UnitOfWork], T],
        *,
        attempts: int = 5,
        actor: str | None = None,
        source: str | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> T:
        """Call a function with a unit of work, and again from the beginning if another transaction came in between.

        Args:
            function: Gets the unit of work; what it returns is returned after the commit. It may be called again, so it
                must read what it changes through the unit of work, and do nothing outside it.
            attempts: At most so many calls, 1 or more.
            actor: Who writes.
            source: Key of the source that the values come from.
            pause: Waits for so many seconds between two attempts: 10 ms, then twice as long each time, 0.64 s at most.

        Raises:
            SerializationError: If the last attempt was refused as well.
            StaleVersionError: The same.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> with store.begin() as work:
            ...     (ana,) = work.add(mim.Contact(city="Odense"))
            >>> moved = store.transact(lambda work: work.change(work.contacts.get(ana.id), city="Aarhus"))
            >>> moved.demographic.city
            'Aarhus'
        """
        check_called(function, "function", "give a function that takes the unit of work")
        attempts = whole_number(attempts, "attempts", "give 1 or more")
        for number in range(attempts - 1):
            try:
                return self._once(function, actor, source)
            except (SerializationError, StaleVersionError):
                pause(0.01 * 2 ** min(number, 6))
        return self._once(function, actor, source)

    def _once(self, function: Callable[[UnitOfWork], T], actor: str | None, source: str | None) -> T:
        with self.begin(actor=actor, source=source) as work:
            return function(work)

    @classmethod
    def using(
        cls,
        connection: Connection,
        *,
        actor: str,
        source: str = "manual",
        zone: str | ZoneInfo = "UTC",
        clock: Callable[[], datetime] = system_clock,
        secret: bytes | None = None,
        tenant: str = "default",
    ) -> UnitOfWork:
        """Work inside a transaction of your application: its rows and mimcore's are committed or rolled back together.

        The unit of work stands over a savepoint: an error inside its block undoes what the block wrote and leaves your
        transaction usable; the commit stays yours.

        Args:
            connection: SQLAlchemy's connection in a transaction, such as `session.connection()`.
            actor: Who writes.
            source: Source of the values.
            zone: Zone in which dates are read.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list; the environment's `MIMCORE_SECRET_KEY` unless given.
            tenant: Whose data.

        Returns:
            The unit of work, for a `with` block.

        Raises:
            SchemaOutOfDateError: If the database has no tables of this version.
            StoreError: If SQLite does not keep foreign keys on this connection (see `prepare_engine`).
            SecretKeyError: If the key is missing, or not the one this database was made with.

        Examples:
            >>> import mimcore as mim
            >>> from sqlalchemy import create_engine
            >>> from mimcore.sql import prepare_engine, upgrade
            >>> engine = create_engine("sqlite://")
            >>> prepare_engine(engine)
            >>> with engine.begin() as connection:
            ...     upgrade(connection)
            ...     with mim.Store.using(connection, actor="shop", secret=b"only-for-examples") as work:
            ...         (ana,) = work.add(mim.Contact(country="DK"))
        """
        from mimcore.sql.backend import guest_transaction

        local, default = as_zone(zone), check_key(source, "source")
        now = as_instant(clock(), "clock")
        origin = Origin(actor, default, now, now, local)
        transaction = guest_transaction(connection, tenant=tenant)
        try:
            key = known_key(transaction, secret or environment_key(), None)
            return UnitOfWork(transaction, origin, secret=key, catalogue=default_catalogue())
        except BaseException:
            transaction.rollback()
            raise

    def _work(self, origin: Origin, *, is_read_only: bool) -> UnitOfWork:
        if self._is_closed:
            raise ClosedError("this store is closed; open it again with mim.connect(...)")
        transaction = self._backend.begin(is_read_only=is_read_only)
        return UnitOfWork(
            transaction, origin, secret=self._secret, catalogue=default_catalogue(), is_reading=is_read_only
        )
