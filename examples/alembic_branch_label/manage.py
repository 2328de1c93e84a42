"""Alembic's command line with mimcore's revisions beside the shop's own: `python manage.py upgrade heads`."""

from __future__ import annotations

import os
from pathlib import Path

from alembic.config import CommandLine, Config

from mimcore.sql import migrations_path

HERE = Path(__file__).resolve().parent


def config() -> Config:
    """Return Alembic's configuration with both folders of revisions."""
    folders = (HERE / "migrations" / "versions", migrations_path() / "versions")
    made = Config(HERE / "alembic.ini")
    made.set_main_option("version_locations", os.pathsep.join(str(folder).replace("%", "%%") for folder in folders))
    return made


if __name__ == "__main__":
    line = CommandLine(prog="manage.py")
    options, made = line.parser.parse_args(), config()
    made.cmd_opts = options
    line.run_cmd(made, options)
