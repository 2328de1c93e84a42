"""Write the table of channels into docs/web-capture.md, from the code that decides by it.

`python tools/channels_page.py` rewrites the page; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from mimcore.capture.web.channels import channel_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "web-capture.md"
BEGIN = "<!-- channels: made by tools/channels_page.py -->\n"
END = "<!-- end of channels -->\n"


def table() -> str:
    """Return the table as Markdown."""
    found = channel_table()
    rows = [[one.name for one in found.columns], ["---"] * len(found.columns), *found.rows]
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows)


def written(page: str) -> str:
    """Return a page with the table of now between its marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{table()}{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
