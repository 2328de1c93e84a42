"""The command line: `mimcore audit`, `import`, `quality`, `segments`, `run-due`, `doctor`, `db`.

It ends with 0, or with 1 and a line that says why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from mimcore.cli.database import add_commands, require_file
from mimcore.cli.importing import add_import
from mimcore.cli.quality import add_quality
from mimcore.cli.segments import add_segments
from mimcore.errors import MimcoreError

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
    add_import(commands.add_parser("import", help="bring a file into a store, or take an import back"))
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

    require_file(options.url)
    with connect(options.url) as store:
        report = store.run_due()
    print(report)
    return int(report.has_failed)


def _audit(options: argparse.Namespace) -> int:
    from mimcore import audit

    print(audit(options.file))
    return 0
