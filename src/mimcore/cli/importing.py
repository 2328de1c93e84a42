"""`mimcore import`: a file into a store, and back out of it."""

from __future__ import annotations

import argparse
import io
import sys
import time
from typing import TYPE_CHECKING
from uuid import UUID

from mimcore.cli.database import missing_file, require_file
from mimcore.display.progress import Progress
from mimcore.errors import CaptureError, InvalidValueError, MimcoreError
from mimcore.values.identifiers import as_id

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["add_import"]


def add_import(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mimcore import` to its parser.

    Args:
        parser: The parser of `mimcore import`.
    """
    parser.add_argument("file", nargs="?")
    parser.add_argument("--source", default="file", help="key of the source the rows come from")
    parser.add_argument("--url", default="sqlite:///marketing.db", help="the store")
    parser.add_argument("--region", help="two-letter country in which national phone numbers are read")
    parser.add_argument("--mapping", default="auto", help="auto, or a ready mapping such as hubspot-contacts")
    parser.add_argument("--kind", help="contacts, accounts, deals, or a kind of events; found out unless given")
    parser.add_argument("--currency", help="three letters: the currency of amounts that name none")
    parser.add_argument("--key", help="how contacts are found: email, phone, external_id, or parts as in email+name")
    parser.add_argument(
        "--policy", help="what rows may do to stored values: newest_wins, fill_only, trusted_wins, never"
    )
    parser.add_argument("--dry-run", action="store_true", help="plan only; nothing is written")
    parser.add_argument("--rejects", help="write refused rows to this CSV file")
    parser.add_argument("--undo", metavar="ID", help="take an import back")
    parser.add_argument("--list", action="store_true", help="imports so far, with those that stopped midway")
    parser.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    if options.undo or options.list:
        return _look_back(options)
    if not options.file:
        print("mimcore: give a file, --list, or --undo ID", file=sys.stderr)
        return 1
    from mimcore import connect

    new = missing_file(options.url)
    is_made = new is not None and not options.dry_run
    with connect(options.url if new is None or is_made else "memory:") as store:
        try:
            _bring_in(store, options)
        except MimcoreError as error:
            if not is_made:
                raise
            raise CaptureError(f"{error} ({_made(new)})") from error
    if new is not None:
        print(_made(new) if is_made else f"{new} is not there yet: this is the plan for an empty store")
    return 0


def _made(name: str | None) -> str:
    return f"{name} was not there: a new store was made"


def _look_back(options: argparse.Namespace) -> int:
    from mimcore import connect

    undone = _id_of(options.undo) if options.undo else None
    require_file(options.url)
    with connect(options.url) as store:
        print(store.imports.all() if undone is None else store.imports.undo(undone))
    return 0


def _id_of(given: str) -> UUID:
    try:
        return as_id(given, "--undo")
    except InvalidValueError as error:
        reason = error.reason
    raise InvalidValueError("--undo", reason, "give one of those that `mimcore import --list` shows")


def _bring_in(store: Store, options: argparse.Namespace) -> None:
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


def _progress(total: int | None, label: str) -> Progress:
    """Tell rate and time left on a terminal; elsewhere only what comes out is told."""
    stream = sys.stderr if sys.stderr.isatty() else io.StringIO()
    return Progress(total, label, stream=stream, clock=time.monotonic)
