"""`mimcore quality`: how good the data of a store is, which of it nobody uses, and what waits for a person."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mimcore.cli.database import require_file

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["add_quality"]


def add_quality(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mimcore quality` to its parser.

    Args:
        parser: The parser of `mimcore quality`.
    """
    parser.add_argument(
        "what", nargs="?", choices=("check", "use", "queue"), default="check", help="check unless given"
    )
    parser.add_argument("--url", default="sqlite:///marketing.db", help="the store")
    parser.add_argument("--defaults", action="store_true", help="declare the default rules first")
    parser.add_argument("--record", action="store_true", help="store the results, open and close tasks")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a rule fails")
    parser.add_argument("--owner", help="of the queue: only what is this person's")
    parser.add_argument("--actor", help="who records; needed on a server")
    parser.set_defaults(run=_quality)


def _quality(options: argparse.Namespace) -> int:
    from mimcore import connect

    require_file(options.url)
    with connect(options.url, actor=options.actor) as store:
        if options.what == "use":
            print(store.quality.use())
        elif options.what == "queue":
            print(store.quality.queue(owner=options.owner))
        else:
            return _check(store, options)
    return 0


def _check(store: Store, options: argparse.Namespace) -> int:
    from mimcore import default_quality_rules

    if options.defaults:
        known = {one.key for one in store.quality.rules()}
        store.quality.declare(*(one for one in default_quality_rules() if one.key not in known))
    report = store.quality.check(record=options.record)
    if not report.results:
        print("mimcore: no rules of quality are declared: give --defaults", file=sys.stderr)
        return 1
    print(report)
    return 1 if options.strict and not report.has_passed else 0
