"""Starting: what `import mimcore` costs in a fresh interpreter, beside what it rests on."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from tempfile import TemporaryDirectory

from benchmarks.timing import Line, line

__all__ = ["measure"]
STARTS = 15
STATEMENTS = {
    "python": "pass",
    "mimcore": "import mimcore",
    "pydantic": "import pydantic",
    "contact": "from mimcore import Contact, fields",
    "model": "from pydantic import BaseModel, Field, field_validator",
    "connect": "import mimcore; mimcore.connect('memory:').close()",
}


def measure(scale: float) -> list[Line]:
    """Start interpreters in turn; processor time of the children. Byte code is kept, as it is for users."""
    starts = max(3, int(STARTS * scale))
    seconds: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    with TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONPYCACHEPREFIX": folder}
        for statement in STATEMENTS.values():
            _start(statement, environment)  # writes the byte code
        for _ in range(starts):
            for name, statement in STATEMENTS.items():
                seconds[name].append(_start(statement, environment))
    model = "from pydantic import BaseModel, …"
    return [
        line("import mimcore", "import pydantic", 1, seconds["mimcore"], seconds["pydantic"]),
        line("import mimcore", "python -c pass", 1, seconds["mimcore"], seconds["python"]),
        line("from mimcore import Contact, fields", model, 1, seconds["contact"], seconds["model"]),
        line("open a store in memory", model, 1, seconds["connect"], seconds["model"]),
    ]


def _start(statement: str, environment: dict[str, str]) -> float:
    before = _children()
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
