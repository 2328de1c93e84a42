"""The command line: `mimcore audit`, `import`, `doctor`, `db`. It ends with 0, or with 1 and a line that says why."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from mimcore.display import Table
from mimcore.errors import MimcoreError
from mimcore.values.identifiers import as_id

__all__ = ["main"]

_EXTRAS = {
    "frames": "polars",
    "postgres": "psycopg",
    "async": "aiosqlite",
    "testing": "pytest",
    "notebook": "IPython",
    "match": "rapidfuzz",
}
_CORE = ("pydantic", "sqlalchemy", "alembic", "phonenumbers", "email-validator", "narwhals", "python-dateutil")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Words of the command line; those of the process unless given.

    Returns:
        0, or 1 after an error that was printed in one line.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except MimcoreError as error:
        print(f"mimcore: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mimcore", description="Marketing information management.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    audit = commands.add_parser(
        "audit", help="what is in a file, how good, how old, what could be segmented; no store needed"
    )
    audit.add_argument("file")
    audit.set_defaults(run=_audit)
    load = commands.add_parser("import", help="bring a CSV file into a store, or take an import back")
    load.add_argument("file", nargs="?")
    load.add_argument("--source", default="file", help="key of the source the rows come from")
    load.add_argument("--url", default="sqlite:///marketing.db", help="the store")
    load.add_argument("--region", help="two-letter country in which national phone numbers are read")
    load.add_argument("--dry-run", action="store_true", help="plan only; nothing is written")
    load.add_argument("--rejects", help="write refused rows to this CSV file")
    load.add_argument("--undo", metavar="ID", help="take an import back")
    load.set_defaults(run=_import)
    doctor = commands.add_parser("doctor", help="Python, extras, database, schema, key")
    doctor.add_argument("--url", help="also look at this store")
    doctor.set_defaults(run=_doctor)
    database = commands.add_parser("db", help="the schema of a store")
    database.add_argument("action", choices=["upgrade", "verify"])
    database.add_argument("--url", required=True)
    database.set_defaults(run=_database)
    return parser


def _audit(options: argparse.Namespace) -> int:
    from mimcore import audit

    print(audit(options.file))
    return 0


def _import(options: argparse.Namespace) -> int:
    from mimcore import connect

    with connect(options.url) as store:
        if options.undo:
            print(store.imports.undo(as_id(options.undo, "--undo")))
            return 0
        if not options.file:
            print("mimcore: give a file, or --undo ID", file=sys.stderr)
            return 1
        plan = store.plan_import(options.file, source=options.source, region=options.region)
        print(plan)
        if options.rejects:
            plan.rejects.to_csv(options.rejects)
        if not options.dry_run:
            print(plan.apply())
    return 0


def _doctor(options: argparse.Namespace) -> int:
    rows = [("Python", platform.python_version(), "ok"), ("SQLite", sqlite3.sqlite_version, _sqlite_verdict())]
    rows += [(name, _version(name), "ok") for name in ("mimcore", *_CORE)]
    rows += [
        (
            f"extra {name}",
            "installed" if find_spec(module) else "–",
            "" if find_spec(module) else f"pip install 'mimcore[{name}]'",
        )
        for name, module in _EXTRAS.items()
    ]
    if options.url:
        rows.append(("store", *_store_verdict(options.url)))
    print(Table.of(("what", "found", "verdict"), rows, title="mimcore doctor"))
    return 0 if all("ok" in row[2] or row[0].startswith("extra") for row in rows) else 1


def _sqlite_verdict() -> str:
    return "ok" if sqlite3.sqlite_version_info >= (3, 38) else "too old: 3.38 or newer is needed (JSON functions)"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _store_verdict(url: str) -> tuple[str, str]:
    from mimcore import connect

    try:
        with connect(url, schema="verify") as store:
            return f"{store.contacts.count()} contacts", "ok"
    except MimcoreError as error:
        return "cannot be opened", str(error)


def _database(options: argparse.Namespace) -> int:
    from mimcore import connect

    with connect(options.url, schema=options.action):
        print("the schema is up to date")
    return 0
