"""The files of user code are read by type checkers here, not collected or run by pytest."""

from __future__ import annotations

collect_ignore = ["user_code.py", "user_mistakes.py"]
