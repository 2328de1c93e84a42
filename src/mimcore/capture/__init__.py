"""How data come in and go out: reading and writing files, and the audit of what is in them."""

from __future__ import annotations

from mimcore.capture.audit import Audit, audit
from mimcore.capture.csv_reader import read_csv
from mimcore.capture.csv_writer import write_csv

__all__ = ["Audit", "audit", "read_csv", "write_csv"]
