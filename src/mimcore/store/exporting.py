"""Taking records out of a store: as files and as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from mimcore.capture.exporting.records import accounts_as_arrow, contacts_as_arrow, export_accounts, export_contacts
from mimcore.capture.exporting.writing import Exported
from mimcore.domain.segment import Segment
from mimcore.repositories.origin import Moment
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["AccountExports", "ContactExports"]


class ContactExports:
    """Taking contacts out."""

    _store: Store

    def export(
        self,
        path: str | PathLike[str],
        rule: Rule | Segment | str | None = None,
        *,
        fields: Iterable[Field | str] = (),
        for_: Literal["spreadsheet", "machine"] | None = None,
        delimiter: str = ",",
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Exported:
        """Write contacts to a file, one row a contact, ordered by id; whole or not at all, for its owner's eyes.

        This asks for no consent: for people who shall be written to, export an audience.

        Args:
            path: `.csv`, `.jsonl`, `.parquet` or `.arrow`; an existing file is replaced at the end, in one step.
            rule: Any rule, a segment or its key; None for everyone.
            fields: Handles or names of fields: the contact's, its primary account's as `account_…`; `emails`, `phones`,
                `external_ids` for all of them. Everything neither personal, special-category nor derived unless given.
            for_: `spreadsheet` guards cells that would be run as formulas; `machine` is exact. A CSV file is for
                spreadsheets unless given, everything else for machines.
            delimiter: Of a CSV file; spreadsheets in most of Europe expect ";".
            now: Instant of evaluation; the store's clock unless given.
            as_of: Ask the past instead, see `Store.as_of`.
            hindsight: With `as_of`, whether later knowledge counts.

        Returns:
            The file, with its columns and which of them are personal.

        Raises:
            UnknownFieldError: If a field is not declared.
            InvalidValueError: If the name tells no form, or a field is asked for twice.
            MissingExtraError: If Parquet or Arrow is wanted without pyarrow.
            CaptureError: If the system refuses; an older file is then untouched.

        Examples:
            >>> import tempfile, mimcore as mim
            >>> store = mim.connect("memory:")
            >>> with store.begin() as work:
            ...     _ = work.add(mim.Contact(name="Ana Berg", country="DK"))
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(store.contacts.export(f"{folder}/all.csv", fields=["given_name", "country"]))
            all.csv: 1 contact, 3 columns, for spreadsheets
            personal: given_name
        """
        store = self._store.then(as_of, hindsight=hindsight)
        return export_contacts(store, path, rule, fields=fields, for_=for_, delimiter=delimiter, now=now)

    def to_arrow(
        self,
        rule: Rule | Segment | str | None = None,
        *,
        fields: Iterable[Field | str] = (),
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Any:
        """Return contacts as an Arrow table, with the columns of `export`.

        Args:
            rule: Any rule, a segment or its key; None for everyone.
            fields: Handles or names of fields, as for `export`.
            now: Instant of evaluation; the store's clock unless given.
            as_of: Ask the past instead, see `Store.as_of`.
            hindsight: With `as_of`, whether later knowledge counts.

        Returns:
            A table of pyarrow. Shape: (contacts, columns); money is a decimal beside its currency, missing is null.

        Raises:
            UnknownFieldError: If a field is not declared.
            MissingExtraError: If pyarrow is not installed.
        """
        return contacts_as_arrow(self._store.then(as_of, hindsight=hindsight), rule, fields=fields, now=now)


class AccountExports:
    """Taking accounts out."""

    _store: Store

    def export(
        self,
        path: str | PathLike[str],
        *,
        fields: Iterable[Field | str] = (),
        for_: Literal["spreadsheet", "machine"] | None = None,
        delimiter: str = ",",
    ) -> Exported:
        """Write the active accounts to a file, one row an account, ordered by id; see the export of contacts.

        Args:
            path: `.csv`, `.jsonl`, `.parquet` or `.arrow`.
            fields: Handles or names of the account's fields; all that are neither personal nor derived unless given.
            for_: `spreadsheet` or `machine`.
            delimiter: Of a CSV file.

        Raises:
            UnknownFieldError: If a field is not declared.
            InvalidValueError: If the name tells no form, or a field is asked for twice.
            MissingExtraError: If Parquet or Arrow is wanted without pyarrow.
            CaptureError: If the system refuses; an older file is then untouched.
        """
        return export_accounts(self._store, path, fields=fields, for_=for_, delimiter=delimiter)

    def to_arrow(self, *, fields: Iterable[Field | str] = ()) -> Any:
        """Return the active accounts as an Arrow table, with the columns of `export`.

        Args:
            fields: Handles or names of the account's fields.

        Raises:
            UnknownFieldError: If a field is not declared.
            MissingExtraError: If pyarrow is not installed.
        """
        return accounts_as_arrow(self._store, fields=fields)
