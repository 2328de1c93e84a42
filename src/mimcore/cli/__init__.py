"""The command line: `mimcore audit`, `import`, `quality`, `segments`, `run-due`, `doctor`, `db`.

It ends with 0, or with 1 and a line that says why.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence

from mimcore.cli.database import add_commands
from mimcore.cli.quality import add_quality
from mimcore.cli.segments import add_segments
from mimcore.display.progress import Progress
from mimcore.errors import MimcoreError
from mimcore.values.identifiers import as_id

__all__ = ["main"]


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
    load = commands.add_parser("import", help="bring a file into a store, or take an import back")
    load.add_argument("file", nargs="?")
    load.add_argument("--source", default="file", help="key of the source the rows come from")
    load.add_argument("--url", default="sqlite:///marketing.db", help="the store")
    load.add_argument("--region", help="two-letter country in which national phone numbers are read")
    load.add_argument("--mapping", default="auto", help="auto, or a ready mapping such as hubspot-contacts")
    load.add_argument("--kind", help="contacts, accounts, deals, or a kind of events; found out unless given")
    load.add_argument("--currency", help="three letters: the currency of amounts that name none")
    load.add_argument("--key", help="how contacts are found: email, phone, external_id, or parts as in email+name")
    load.add_argument("--policy", help="what rows may do to stored values: newest_wins, fill_only, trusted_wins, never")
    load.add_argument("--dry-run", action="store_true", help="plan only; nothing is written")
    load.add_argument("--rejects", help="write refused rows to this CSV file")
    load.add_argument("--undo", metavar="ID", help="take an import back")
    load.add_argument("--list", action="store_true", help="imports so far, with those that stopped midway")
    load.set_defaults(run=_import)
    add_quality(commands.add_parser("quality", help="how good the data is, what nobody uses, what waits for a person"))
    add_segments(commands.add_parser("segments", help="segments as files for git: pull them, push them back by a plan"))
    doctor = commands.add_parser("doctor", help="Python, extras, database, schema, key")
    doctor.add_argument("--url", help="also look at this store")
    doctor.set_defaults(run=_doctor)
    due = commands.add_parser("run-due", help="do what is due in a store: refresh segments; call it from a scheduler")
    due.add_argument("--url", default="sqlite:///marketing.db", help="the store")
    due.set_defaults(run=_run_due)
    add_commands(commands.add_parser("db", help="the tables of a store: upgrade, verify, history"))
    return parser


def _doctor(options: argparse.Namespace) -> int:
    from mimcore.cli.doctor import doctor

    return doctor(options)


def _run_due(options: argparse.Namespace) -> int:
    from mimcore import connect

    with connect(options.url) as store:
        report = store.run_due()
    print(report)
    return int(report.has_failed)


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
        if options.list:
            print(store.imports.all())
            return 0
        if not options.file:
            print("mimcore: give a file, --list, or --undo ID", file=sys.stderr)
            return 1
        told = {name: getattr(options, name) for name in ("mapping", "kind", "region", "currency", "key", "policy")}
        with _progress(None, "Read") as reading:
            plan = store.plan_import(options.file, source=options.source, on_progress=reading.advance, **told)
        print(plan)
        if options.rejects:
            plan.rejects.to_csv(options.rejects)
        if not options.dry_run:
            with _progress(plan.total, "Import") as writing:
                result = plan.apply(on_progress=writing.advance)
            print(result)
    return 0


def _progress(total: int | None, label: str) -> Progress:
    """Tell rate and time left on a terminal; elsewhere only what comes out is told."""
    stream = sys.stderr if sys.stderr.isatty() else io.StringIO()
    return Progress(total, label, stream=stream, clock=time.monotonic)
