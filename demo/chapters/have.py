"""What you have: an audit of the files, before anything is stored."""

from __future__ import annotations

from demo.cast import NOW
from demo.files import Files
from demo.teller import GENERATED, Teller
from mimcore.capture import audit
from mimcore.capture.auditing.audit import Audit, ColumnAudit
from mimcore.display import Table, count, percent

__all__ = ["tell"]


def tell(teller: Teller, files: Files) -> None:
    """Audit the real list and the generated address book."""
    teller.chapter("What you have", "A list arrives, and nobody knows how old, how complete or how double it is.")
    real, book = (audit(files.path(name), now=NOW, region="US") for name in ("tayko.csv", "contacts.csv"))
    teller.code('print(mim.audit("contacts.csv", now=now, region="US"))')
    updated, email = _column(real, "last update"), _column(book, "e-mail")
    doubled = next(one for one in book.duplicates if one.by == "e-mail")
    old = teller.measure("audit.old_rows", updated.over_a_year)
    teller.figure(percent(old / real.rows), "of the customers were last updated over a year ago", teller.real)
    invalid = teller.measure("audit.invalid_emails", email.invalid)
    teller.figure(f"{GENERATED} {count(invalid)}", "e-mail addresses that cannot exist", "injected typing errors")
    surplus = teller.measure("audit.surplus", doubled.surplus)
    teller.figure(f"{GENERATED} {count(surplus)}", "rows too many: the same address again", "injected duplicates")
    teller.measure("audit.rows", book.rows)
    teller.table(_shown(book))


def _column(found: Audit, name: str) -> ColumnAudit:
    return next(one for one in found.columns if one.name == name)


def _shown(book: Audit) -> Table:
    rows = [
        (
            one.name,
            one.guess.kind.value.replace("_", " "),
            percent(one.completeness),
            one.distinct,
            percent(one.valid_rate),
        )
        for one in book.columns
    ]
    title = f"{GENERATED} contacts.csv, {count(book.rows)} rows"
    return Table.of(("column", "is", "filled", "distinct", "valid"), rows, title=title)
