"""`mimcore segments`: the segments of a store as files for git, and back."""

from __future__ import annotations

import argparse

from mimcore.cli.database import require_file

__all__ = ["add_segments"]


def add_segments(parser: argparse.ArgumentParser) -> None:
    """Add `pull` and `push` to the parser of `mimcore segments`.

    Args:
        parser: The parser of `mimcore segments`.
    """
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    pull = actions.add_parser("pull", help="write a file for each segment into a folder")
    pull.add_argument("--overwrite", action="store_true", help="also files that were edited since they were pulled")
    pull.set_defaults(run=_pull)
    push = actions.add_parser("push", help="bring the files of a folder into the store, all or none")
    push.add_argument("--dry-run", action="store_true", help="print the plan only; nothing is written")
    push.add_argument("--archive-missing", action="store_true", help="archive segments that have no file")
    push.add_argument("--overwrite", action="store_true", help="also segments that were changed in the store since")
    push.add_argument("--actor", help="who pushes; needed on a server")
    push.set_defaults(run=_push)
    for action in (pull, push):
        action.add_argument("folder")
        action.add_argument("--url", default="sqlite:///marketing.db", help="the store")


def _pull(options: argparse.Namespace) -> int:
    from mimcore import connect

    require_file(options.url)
    with connect(options.url) as store:
        print(store.segments.pull(options.folder, overwrite=options.overwrite))
    return 0


def _push(options: argparse.Namespace) -> int:
    from mimcore import connect

    require_file(options.url)
    with connect(options.url, actor=options.actor) as store:
        plan = store.segments.plan_push(
            options.folder, archive_missing=options.archive_missing, overwrite=options.overwrite
        )
        print(plan)
        if not options.dry_run:
            print("nothing to push" if plan.changes_nothing else plan.apply())
    return 0
