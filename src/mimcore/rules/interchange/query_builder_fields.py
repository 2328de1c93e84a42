"""What a user interface built on React Query Builder offers: fields, their operators, editors and options.

Here is the configuration and the table of operators. Reading and writing its documents is in `query_builder`.
"""

from __future__ import annotations

from typing import Any

from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.values.codes import country_name, language_name

__all__ = ["OPERATORS", "query_builder_fields"]

_LABELS = {
    "=": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "contains": "contains",
    "doesNotContain": "does not contain",
    "beginsWith": "begins with",
    "doesNotBeginWith": "does not begin with",
    "endsWith": "ends with",
    "doesNotEndWith": "does not end with",
    "in": "in",
    "notIn": "not in",
    "between": "between",
    "notBetween": "not between",
    "null": "is missing",
    "notNull": "is known",
}
_EQUAL = ("=", "!=")
_LIST = ("in", "notIn")
_ORDER = ("<", "<=", ">", ">=", "between", "notBetween")
_TEXT = ("contains", "doesNotContain", "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith")
_KNOWN = ("null", "notNull")

OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: (*_EQUAL, *_TEXT, *_LIST, *_KNOWN),
    Kind.CODE: (*_EQUAL, *_LIST, *_KNOWN),
    Kind.BOOLEAN: (*_EQUAL, *_KNOWN),
    Kind.INTEGER: (*_EQUAL, *_ORDER, *_LIST, *_KNOWN),
    Kind.NUMBER: (*_EQUAL, *_ORDER, *_LIST, *_KNOWN),
    Kind.MONEY: (*_EQUAL, *_ORDER, *_LIST, *_KNOWN),
    Kind.DATE: (*_EQUAL, *_ORDER, *_LIST, *_KNOWN),
    Kind.INSTANT: (*_EQUAL, *_ORDER, *_LIST, *_KNOWN),
    Kind.AGE: (*_EQUAL, *_ORDER, *_KNOWN),
    Kind.TAGS: (*_LIST, "contains", "doesNotContain", *_KNOWN),
    Kind.CODES: (*_LIST, "contains", "doesNotContain", *_KNOWN),
    Kind.RECORDS: _KNOWN,
    Kind.LOCATION: _KNOWN,
}
"""React Query Builder's names of the operators that each kind of field understands."""

_INPUTS = {Kind.INTEGER: "number", Kind.NUMBER: "number", Kind.AGE: "number", Kind.DATE: "date"}
_PLACEHOLDERS = {Kind.MONEY: "100.00 DKK", Kind.INSTANT: "2026-03-01T00:00Z"}


def query_builder_fields(catalogue: Catalogue | None = None) -> list[dict[str, Any]]:
    """Return the `fields` property of React Query Builder's component: every field of contacts and their account.

    What the component then exports is what `mim.Rule.from_query_builder` and `mim.RuleDocument` read.

    Args:
        catalogue: Declared fields; the built-in ones unless given.

    Returns:
        Plain JSON data, one object a field: `name` (canonical), `label`, `operators`, `valueEditorType`, `inputType`,
        and, where the field has them, `values` (options, by label) and `placeholder`.

    Examples:
        >>> import mimcore as mim
        >>> country = next(one for one in mim.query_builder_fields() if one["label"] == "Country")
        >>> country["name"], country["valueEditorType"], country["values"][0]
        ('contact.demographic.country', 'select', {'name': 'AF', 'label': 'Afghanistan'})
    """
    return [_field(spec) for spec in catalogue or default_catalogue() if spec.entity != "event"]


def _field(spec: FieldSpec) -> dict[str, Any]:
    words = spec.short.replace("_", " ")
    shown: dict[str, Any] = {
        "name": spec.name,
        "label": f"Account: {words}" if spec.entity == "account" else words.capitalize(),
        "operators": [{"name": name, "label": _LABELS[name]} for name in OPERATORS[spec.kind]],
        "valueEditorType": _editor(spec),
        "inputType": _INPUTS.get(spec.kind, "text"),
    }
    if spec.options:
        options = [{"name": code, "label": _option(spec, code)} for code in spec.options]
        shown["values"] = sorted(options, key=lambda option: (option["label"], option["name"]))
    if spec.kind in _PLACEHOLDERS:
        shown["placeholder"] = _PLACEHOLDERS[spec.kind]
    return shown


def _editor(spec: FieldSpec) -> str:
    if spec.kind is Kind.BOOLEAN:
        return "checkbox"
    if not spec.options:
        return "text"
    return "multiselect" if spec.is_collection else "select"


def _option(spec: FieldSpec, code: str) -> str:
    match spec.vocabulary:
        case "country":
            return country_name(code)
        case "language":
            return language_name(code)
        case _:
            return code.replace("_", " ").capitalize()
