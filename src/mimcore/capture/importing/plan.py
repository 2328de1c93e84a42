"""Planning an import and applying it: what would become of every row, found by resolving them against the store.

The plan reads only. Applying goes in batches, each one transaction with rows, provenance, outcomes, events and
checkpoint; killed anywhere, the same plan made again goes on from the checkpoint, and an import that is finished is
never done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mimcore.capture.importing.address_flags import AddressFlags
from mimcore.capture.importing.apply import BATCH, ImportResult, apply_import, status_of
from mimcore.capture.importing.choosing import choose_mapping
from mimcore.capture.importing.consent import ConsentColumns
from mimcore.capture.importing.kinds import as_kind, check_fits, kind_of, unused_keys
from mimcore.capture.importing.reject_pile import RejectPile
from mimcore.capture.importing.rejects import RejectList
from mimcore.capture.importing.run import ImportRun
from mimcore.capture.mapping.import_mapping import ImportMapping, with_policies
from mimcore.capture.mapping.proposal import Proposal
from mimcore.capture.reading.tabular import as_text_rows
from mimcore.display.markup import element, escape
from mimcore.display.numbers import count
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.domain.declaring.entity import check_source
from mimcore.domain.freshness import Undated
from mimcore.repositories.collecting import uncollected
from mimcore.repositories.origin import Moment
from mimcore.repositories.records import ImportRecord, ImportStatus, Outcome
from mimcore.repositories.workspace import Workspace
from mimcore.values.codes import country
from mimcore.values.currencies import currency_code

__all__ = ["ImportPlan", "plan_import"]


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do. Prints itself; `apply()` does it.

    Attributes:
        counts: Rows by outcome, among those that are still to be done.
        rejects: Rows that would be refused, with the reasons.
        notes: What was assumed, and which columns are left out.
        resumed: The import of the same file that was begun or finished before, or None.
        proposal: What was guessed for each column, how surely and why; None if the mapping was declared.
        flags: Rows by what is odd about their e-mail address without being wrong: role mailbox, free-mail domain,
            disposable domain.
    """

    run: ImportRun = field(repr=False)
    counts: Mapping[str, int]
    rejects: RejectList
    notes: tuple[str, ...]
    resumed: ImportRecord | None
    proposal: Proposal | None = None
    flags: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def mapping(self) -> ImportMapping:
        """Which column becomes what."""
        return self.run.mapping

    @property
    def total(self) -> int:
        """Number of rows that are still to be done; the counts add up to it."""
        return sum(self.counts.values())

    @property
    def is_finished(self) -> bool:
        """Whether this file was imported before with this mapping, so that nothing is left to do."""
        return self.resumed is not None and self.resumed.status is ImportStatus.FINISHED

    def apply(self, *, batch_size: int = BATCH, on_progress: Callable[[int], object] | None = None) -> ImportResult:
        """Do it, in batches of one transaction each.

        Args:
            batch_size: Rows a transaction, 1 to 10 000.
            on_progress: Called with the number of rows done since the last call, for example `Progress(...).advance`.

        Returns:
            What was done.

        Raises:
            CaptureError: If the file was changed since it was planned, or another process applies the same import.
        """
        return apply_import(self.run, batch_size=batch_size, on_progress=on_progress)

    def __str__(self) -> str:
        """Return the plan as text: what becomes of the rows, of the columns, and why rows are refused."""
        refused = str(self.rejects) if self.rejects and not self.is_finished else ""
        parts = (self._title(), *map(str, self._tables()), refused, "\n".join(self.notes))
        return "\n\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        """Show the plan in a notebook."""
        notes = "".join(element("p", escape(note)) for note in (self._title(), *self.notes))
        refused = [self.rejects.table()] if self.rejects and not self.is_finished else []
        return fragment(notes + "".join(table.html() for table in (*self._tables(), *refused)))

    def _title(self) -> str:
        name = f"Import of {self.run.rows.name} from '{self.run.source}'"
        if self.is_finished:
            return f"{name}: done before, with this mapping. Nothing would change."
        begun = "" if self.resumed is None else f", going on after {count(self.resumed.next_row)} rows"
        return f"{name}: {count(self.total)} {'row' if self.total == 1 else 'rows'}{begun}"

    def _tables(self) -> list[Table]:
        outcomes = Table.of(
            ["outcome", "rows"],
            [(name.value, self.counts.get(name, 0)) for name in Outcome],
            title="What becomes of the rows",
        )
        if self.is_finished:
            return [self._mapped()]
        told = (
            [Table.of(["flag", "rows"], list(self.flags.items()), title="Flagged, not refused")] if self.flags else []
        )
        return [outcomes, self._mapped(), *told]

    def _mapped(self) -> Table:
        if self.proposal is not None:
            return self.proposal.table()
        columns = [(one.column or "(constant)", one.field, _steps(one.transforms)) for one in self.mapping.columns]
        return Table.of(["column", "field", "transformations"], columns, title="What becomes of the columns")


def plan_import(
    workspace: Workspace,
    data: object,
    *,
    source: str,
    mapping: ImportMapping | Mapping[str, Any] | str | None = None,
    key: str | Sequence[str] | None = None,
    policy: str | Mapping[str, str] | None = None,
    id_source: str | None = None,
    kind: str | None = None,
    observed_at: Moment | Undated | None = None,
    region: str | None = None,
    currency: str | None = None,
    consent: ConsentColumns | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    on_progress: Callable[[int], object] | None = None,
) -> ImportPlan:
    """Plan an import: read every row and resolve it against the store; nothing is written.

    Contacts, or accounts, are found by the key; several with the same key refuse the row. A row with a suppressed
    address or number is left alone. What a row says about a record that exists is taken over by the policy of each
    field; missing cells clear nothing.

    Args:
        workspace: The store.
        data: Path of a file (CSV, Excel, JSON Lines, Parquet, vCards), a stream, what `mim.read_…` has opened, a pandas
            or Polars frame, an Arrow table, or a list of dicts.
        source: Key of the source that the rows come from.
        mapping: Field by column (see `ImportMapping.of`), the name of a ready mapping such as `hubspot-contacts`, or
            `auto`, the default: the export of a well-known program is recognised, any other file is guessed.
        key: email, phone or external_id, or several parts that must all agree, such as `email+name`; for accounts
            domain, external_id or name. Guessed unless given here or in the mapping.
        policy: What a row may do to stored values: `newest_wins` (the default), `fill_only`, `trusted_wins`, `never`;
            one for every field, or by field with `*` for the others. See `FieldPolicy`.
        id_source: Key of the source whose ids the rows bear, such as `crm` for an agency's file with our customer
            numbers; the import's own source unless given.
        kind: `contacts`, `accounts`, `deals`, a kind of events such as `purchases`, or `events` where a column says the
            kind of each; unless given, what the mapping says: accounts if it has targets of accounts only, deals or
            events if it has targets of theirs, else contacts.
        observed_at: When the source saw the values: the start of the import unless given here or by a column that
            becomes `observed_at`; `mim.UNDATED` if nobody knows.
        region: Country of national phone numbers in rows that name no country.
        currency: ISO currency of amounts that name none.
        consent: Declaration without which consent columns are refused.
        encoding: Python codec of the file; found out unless given.
        delimiter: Delimiter of the file; found out unless given.
        on_progress: Called with the number of rows read since the last call.

    Returns:
        The plan.

    Raises:
        CaptureError: If the file cannot be read.
        InvalidValueError: If the mapping names what does not exist, or what rows of this kind do not have.
    """
    rows = as_text_rows(data, encoding=encoding, delimiter=delimiter)
    asked = None if kind is None else as_kind(kind)
    options: dict[str, Any] = {
        "kind": asked,
        "key": key,
        "region": None if region is None else country(region, "region"),
        "currency": None if currency is None else currency_code(currency, "currency"),
    }
    chosen, proposal = choose_mapping(mapping, rows, workspace, **options, with_consent=consent is not None)
    kind = asked or kind_of(chosen)
    chosen = with_policies(chosen, policy)
    chosen.check_columns(tuple(rows.headers))
    check_fits(chosen, consent, kind)
    ids = None if id_source is None else check_source(id_source)
    run = ImportRun(workspace, rows, chosen, check_source(source), kind, observed_at, consent, ids).identified()
    return _planned(run, proposal, on_progress)


def _planned(run: ImportRun, proposal: Proposal | None, on_progress: Callable[[int], object] | None) -> ImportPlan:
    counts: Counter[str] = Counter()
    rejects = RejectPile()
    flags = AddressFlags()
    with run.workspace.read() as work:
        importer, record = run.importer(run.reader(work)), status_of(work, run)
        if record is None or record.status is not ImportStatus.FINISHED:
            origin, observed_at = run.observed(run.workspace.now() if record is None else record.started_at)
            for batch, _ in run.batches(0 if record is None else record.next_row, BATCH):
                with uncollected():
                    items = [importer.read(number, row, origin.moment, observed_at) for number, row in batch]
                    flags.look(items)
                    settled = importer.settle(work, items)
                    counts.update(one.outcome.value for one in settled)
                    rejects.add(one.reject for one in settled if one.reject is not None)
                    importer.set_aside()
                    del items, settled
                if on_progress is not None:
                    on_progress(len(batch))
    notes = (*run.rows.notes, *(() if proposal is None else proposal.notes), *unused_keys(run.mapping, run.kind))
    listed = RejectList(rejects, run.rows, run.rows.headers)
    return ImportPlan(run, dict(counts), listed, notes, record, proposal, dict(flags.counts))


def _steps(transforms: tuple[Any, ...]) -> str:
    return ", ".join(one.do for one in transforms)
