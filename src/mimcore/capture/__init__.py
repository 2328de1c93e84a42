"""How data come in and go out: files, the audit of what is in them, and imports that can be undone."""

from __future__ import annotations

from mimcore.capture.audit import Audit, audit
from mimcore.capture.csv_reader import read_csv
from mimcore.capture.csv_writer import write_csv
from mimcore.capture.import_apply import ImportResult
from mimcore.capture.import_consent import ConsentColumns
from mimcore.capture.import_plan import ImportPlan, plan_import
from mimcore.capture.mapping import ColumnMapping, ImportMapping
from mimcore.capture.proposal import propose_mapping
from mimcore.capture.rejects import Reject, RejectList, RowProblem
from mimcore.capture.transforms import (
    constant,
    days_before,
    map_values,
    read_dates,
    read_money,
    split,
    split_name,
)
from mimcore.capture.undo import UndoConflict, UndoReport, undo_import

__all__ = [
    "Audit",
    "ColumnMapping",
    "ConsentColumns",
    "ImportMapping",
    "ImportPlan",
    "ImportResult",
    "Reject",
    "RejectList",
    "RowProblem",
    "UndoConflict",
    "UndoReport",
    "audit",
    "constant",
    "days_before",
    "map_values",
    "plan_import",
    "propose_mapping",
    "read_csv",
    "read_dates",
    "read_money",
    "split",
    "split_name",
    "undo_import",
    "write_csv",
]
