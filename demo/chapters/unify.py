"""One truth: import, kill, resume, repeat, undo, redo, mend; then consent, purchases and visits."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import mimcore as mim
from demo.cast import Cast
from demo.files import Files
from demo.imports import ANSWERS, CONSENTS, CONTACTS, EVENTS, TAYKO, open_store
from demo.teller import GENERATED, Teller
from mimcore.display import Table, count
from mimcore.store.store import Store

__all__ = ["tell"]


def tell(teller: Teller, cast: Cast, files: Files, database: Path) -> Store:
    """Bring every file in; return the store, open."""
    pain = "Two systems know the same people by different facts, and imports die half way or count twice."
    teller.chapter("One truth", pain)
    with open_store(database) as store:
        _add_companies(store, cast)
        _real(teller, store, files)
    _killed(teller, files, database)
    store = open_store(database)
    result = _resumed(teller, store, files)
    redone = _undone(teller, store, files, result.id)
    _mended(teller, store, files, redone)
    _events(teller, store, files)
    return store


def _add_companies(store: Store, cast: Cast) -> None:
    accounts = [
        mim.Account(name=one.name, domain=one.domain, employees=one.employees, stack=one.stack)
        for one in cast.companies
    ]
    with store.begin(source="generated", observed_at="2026-01-01") as work:
        work.add(*accounts)


def _apply(teller: Teller, store: Store, path: Path, options: dict[str, Any], label: str) -> Any:
    plan = store.plan_import(path, **options)
    progress = teller.progress(plan.total, label)
    with progress:
        return plan.apply(on_progress=progress.advance)


def _real(teller: Teller, store: Store, files: Files) -> None:
    result = _apply(teller, store, files.path("tayko.csv"), TAYKO, "Import tayko.csv")
    teller.code(
        'plan = store.plan_import("tayko.csv", source="tayko", mapping=…)\nplan.apply(on_progress=progress.advance)'
    )
    made = teller.measure("import.real", result.counts["created"])
    teller.figure(count(made), "customers from the shop's list", f"{teller.real}: lists, dates, web orders, gender")


def _killed(teller: Teller, files: Files, database: Path) -> None:
    """Let another process import the address book, and let it die."""
    half = len(files.contacts) // 2
    batch = max(1, half // 4)
    command = [
        sys.executable,
        "-m",
        "demo.killed",
        str(database),
        str(files.path("contacts.csv")),
        str(half),
        str(batch),
    ]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2]
    )
    teller.measure("import.was_killed", ended.returncode not in {0, 1})


def _resumed(teller: Teller, store: Store, files: Files) -> Any:
    path = files.path("contacts.csv")
    result = _apply(teller, store, path, CONTACTS, "Resume contacts.csv")
    teller.say("The address book is imported next, and the process is killed half way. The same call goes on.")
    teller.code('store.plan_import("contacts.csv", source="generated", mapping=…).apply()')
    teller.figure(f"{GENERATED} {count(result.resumed_at)}", "rows were safe when the import was killed")
    teller.figure(f"{GENERATED} {count(result.rows_done)}", "rows were left for the same call")
    teller.measure("import.all_rows", result.resumed_at + result.rows_done)
    teller.measure("import.some_were_left", 0 < result.resumed_at < len(files.contacts))
    _show_counts(teller, result.counts)
    for outcome in ("updated", "created", "rejected"):
        teller.measure(f"import.{outcome}", result.counts[outcome])
    teller.measure("import.contacts", store.contacts.count())
    again = store.plan_import(path, **CONTACTS).apply()
    teller.measure("import.second_run_rows", again.rows_done)
    teller.figure(f"{GENERATED} {count(again.rows_done)}", "rows changed when the same file is imported again")
    return result


def _show_counts(teller: Teller, counts: Any) -> None:
    names = ("updated", "created", "unchanged", "rejected")
    table = Table.of(
        ("outcome", "rows"), [(name, counts.get(name, 0)) for name in names], title=f"{GENERATED} contacts.csv"
    )
    teller.table(table)


def _undone(teller: Teller, store: Store, files: Files, import_id: Any) -> Any:
    before = _profile(store)
    report = store.imports.undo(import_id)
    teller.code("store.imports.undo(result.id)    # also next week, in another process")
    left = store.contacts.count(mim.fields.contact.family_name.is_known())
    teller.measure("import.names_after_undo", left)
    teller.measure("import.undone", (report.removed, report.restored, len(report.conflicts)))
    teller.figure(f"{GENERATED} {count(left)}", "names left after the import was taken back")
    redone = _apply(teller, store, files.path("contacts.csv"), CONTACTS, "Redo contacts.csv")
    is_same = teller.measure("import.redone_is_the_same", _profile(store) == before)
    teller.say(
        f"Imported once more: every name, address and number {'is back as it was' if is_same else 'is NOT back'}."
    )
    return redone


def _profile(store: Store) -> list[tuple[Any, ...]]:
    """Return what the address book says, without ids and versions."""
    return sorted(
        (
            sorted(one.value for one in person.external_ids),
            str(person.name and person.name.full),
            sorted(point.value for point in person.emails),
            sorted(point.value for point in person.phones),
            str(person.demographic),
            str(person.psychographic),
            str(person.employment),
            len(person.accounts),
        )
        for person in store.contacts.stream()
    )


def _mended(teller: Teller, store: Store, files: Files, redone: Any) -> None:
    teller.measure("import.refused_rows", redone.rejects.to_csv(files.path("rejects.csv")))
    teller.code('result.rejects.to_csv("rejects.csv")    # reason and remedy beside each')
    teller.table(_reasons(redone))
    result = _apply(teller, store, files.path("mended.csv"), CONTACTS, "Import mended.csv")
    mended = teller.measure("import.mended", result.counts["updated"])
    teller.figure(f"{GENERATED} {count(mended)}", "refused rows, mended and imported")
    names = [person.name.full.upper() for person in store.contacts.stream() if person.name is not None]
    teller.measure("import.names", sorted(name.replace(".", "") for name in names))


def _reasons(redone: Any) -> Table:
    problems = Counter((one["column"], one["reason"]) for one in redone.rejects.to_rows())
    rows = [(column, reason, number) for (column, reason), number in problems.most_common()]
    return Table.of(("column", "reason", "rows"), rows, title=f"{GENERATED} Why rows were refused")


def _events(teller: Teller, store: Store, files: Files) -> None:
    _apply(teller, store, files.path("consents.csv"), CONSENTS, "Import consents.csv")
    answers = _apply(teller, store, files.path("answers.csv"), ANSWERS, "Import answers.csv")
    others = _apply(teller, store, files.path("events.csv"), EVENTS, "Import events.csv")
    teller.measure("events.answers", answers.counts["created"])
    teller.measure("events.others", others.counts["created"])
    teller.figure(
        count(answers.counts["created"]), "purchases in answer to the mailing", f"real amounts, {GENERATED} dates"
    )
    what = "earlier purchases, mailings and page views"
    teller.figure(f"{GENERATED} {count(others.counts['created'])}", what, "first and last day are real")
    with store.read() as work:
        bought = [one for one in work.transaction.interactions.all(kind="purchase") if one.source == "tayko"]
    teller.measure("events.answers_cents", sum(one.value.minor_units for one in bought if one.value is not None))
