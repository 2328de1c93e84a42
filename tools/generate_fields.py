"""Write what is generated from the declarations: typed fields, constructors' arguments, docs page, schema of rules.

Run by `make fields`. The declarations in `mimcore.domain` are the only input, so that nothing is declared twice.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.constructor_arguments import argument_files
from tools.declarations import ROOT, load
from tools.field_namespaces import namespace_files
from tools.fields_page import page
from tools.language_page import page as language
from tools.rule_schema import schema


def formatted(path: Path, text: str) -> str:
    """Return a Python file as ruff sets it, and any other as it is."""
    if path.suffix != ".py":
        return text
    for command in (["check", "--select", "I,F401,RUF022", "--fix", "--quiet"], ["format", "--quiet"]):
        line = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(ROOT / path), "-"]
        done = subprocess.run(line, input=text, capture_output=True, check=True, cwd=ROOT, encoding="utf-8")
        text = done.stdout
    return text


def generated() -> dict[Path, str]:
    """Return the text of every generated file, by its path in the checkout."""
    catalogue = load()
    texts = {**dict(namespace_files(catalogue)), **dict(argument_files(catalogue))}
    texts[Path("docs/fields.md")] = page(catalogue)
    texts[Path("docs/rule.schema.json")] = schema()
    texts[Path("docs/language.md")] = language()
    return {path: formatted(path, text) for path, text in texts.items()}


def main() -> None:
    """Write the files that have changed and say which."""
    for path, text in generated().items():
        target = ROOT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
