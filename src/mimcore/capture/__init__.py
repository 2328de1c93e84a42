"""How data come in and go out: files, the audit of what is in them, and imports that can be undone."""

from __future__ import annotations

from mimcore.capture.audit import Audit, audit
from mimcore.capture.csv_reader import read_csv
from mimcore.capture.csv_writer import write_csv
from mimcore.capture.import_apply import ImportResult
from mimcore.capture.import_consent import ConsentColumns
from mimcore.capture.import_plan import ImportPlan, plan_import
from mimcore.capture.mapping import ColumnMapping, ImportMapping
from mimcore.capture.proposal import ColumnProposal, Proposal, propose_mapping
from mimcore.capture.reading.columnar import read_parquet
from mimcore.capture.reading.excel import read_excel
from mimcore.capture.reading.json_lines import read_json_lines
from mimcore.capture.reading.query import read_query
from mimcore.capture.reading.vcard import read_vcards
from mimcore.capture.rejects import Reject, RejectList, RowProblem
from mimcore.capture.transform_words import (
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
from mimcore.capture.undo import UndoConflict, UndoReport, undo_import

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
