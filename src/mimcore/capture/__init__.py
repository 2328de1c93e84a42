"""How data come in and go out: files, the audit of what is in them, and imports that can be undone."""

from __future__ import annotations

from mimcore.capture.auditing.audit import Audit, audit
from mimcore.capture.files.csv_reader import read_csv
from mimcore.capture.files.csv_writer import write_csv
from mimcore.capture.importing.apply import ImportResult
from mimcore.capture.importing.consent import ConsentColumns
from mimcore.capture.importing.plan import ImportPlan, plan_import
from mimcore.capture.importing.rejects import Reject, RejectList, RowProblem
from mimcore.capture.importing.undo import UndoConflict, UndoReport, undo_import
from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.proposal import ColumnProposal, Proposal, propose_mapping
from mimcore.capture.mapping.transform_words import (
    as_key,
    constant,
    days_before,
    default,
    filled,
    first,
    map_values,
    read_dates,
    read_money,
    split,
    split_name,
    without,
)
from mimcore.capture.reading.columnar import read_parquet
from mimcore.capture.reading.excel import read_excel
from mimcore.capture.reading.json_lines import read_json_lines
from mimcore.capture.reading.query import read_query
from mimcore.capture.reading.vcard import read_vcards

__all__ = [
    "Audit",
    "ColumnMapping",
    "ColumnProposal",
    "ConsentColumns",
    "ImportMapping",
    "ImportPlan",
    "ImportResult",
    "Proposal",
    "Reject",
    "RejectList",
    "RowProblem",
    "UndoConflict",
    "UndoReport",
    "as_key",
    "audit",
    "constant",
    "days_before",
    "default",
    "filled",
    "first",
    "map_values",
    "plan_import",
    "propose_mapping",
    "read_csv",
    "read_dates",
    "read_excel",
    "read_json_lines",
    "read_money",
    "read_parquet",
    "read_query",
    "read_vcards",
    "split",
    "split_name",
    "undo_import",
    "without",
    "write_csv",
]
