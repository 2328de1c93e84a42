"""The published JSON Schema of rules: docs/rule.schema.json."""

from __future__ import annotations

import json


def schema() -> str:
    """Return the schema as stable text."""
    from mimcore.rules.interchange.document import json_schema

    return json.dumps(json_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
