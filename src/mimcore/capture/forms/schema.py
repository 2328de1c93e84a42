"""A form as JSON Schema (draft 2020-12): vocabularies with titles, labels, limits; nothing else is taken."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mimcore.capture.forms.questions import ConsentLine, Question
from mimcore.domain import vocabularies
from mimcore.domain.custom.attributes import CustomSpec
from mimcore.rules.language.catalogue import COLLECTIONS, FieldSpec, Kind
from mimcore.values.codes import COUNTRY_NAMES, LANGUAGE_NAMES

__all__ = ["CONTROLS", "choices_of", "schema_of"]

CONTROLS = "[\u0000-\u001f\u007f-\u009f\u2028\u2029]"
"""What no answer may hold: line breaks and NUL would end a header or a line of a log."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPELT = {"sms": "SMS", "email": "E-mail", "c_level": "C-level", "non_binary": "Non-binary", "non_profit": "Non-profit"}
_MOST_ITEMS = 50
_LARGEST = 2**53
_TITLES = {"country": COUNTRY_NAMES, "language": LANGUAGE_NAMES}


def schema_of(title: str, questions: Sequence[Question], consents: Sequence[ConsentLine]) -> dict[str, Any]:
    """Return the schema of a form.

    Args:
        title: Title of the form; may be empty.
        questions: The fields that are asked for.
        consents: The lines by which people consent.
    """
    properties = {one.name: _property(one) for one in questions}
    properties |= {one.name: _consent(one) for one in consents}
    head: dict[str, Any] = {"$schema": _DIALECT, **({"title": title} if title else {}), "type": "object"}
    required = [one.name for one in questions if one.is_required]
    return {**head, "properties": properties, "required": required, "additionalProperties": False}


def choices_of(spec: FieldSpec) -> list[tuple[str, str]]:
    """Return the codes of a vocabulary with what people read, in the order in which they are offered.

    Examples:
        >>> from mimcore.domain.catalogue import catalogue
        >>> choices_of(catalogue["contact.demographic.marital_status"])[:2]
        [('single', 'Single'), ('partnered', 'Partnered')]
        >>> choices_of(catalogue["contact.demographic.country"])[:2]
        [('AF', 'Afghanistan'), ('AX', 'Åland Islands')]
    """
    names = _TITLES.get(spec.vocabulary, {})
    titled = [(code, names.get(code) or _title(code)) for code in _ordered(spec)]
    return sorted(titled, key=_by_name) if names else titled


def _by_name(choice: tuple[str, str]) -> str:
    """Åland stands beside Albania."""
    return "".join(one for one in unicodedata.normalize("NFKD", choice[1]).casefold() if not unicodedata.combining(one))


def _ordered(spec: FieldSpec) -> Iterable[str]:
    if isinstance(spec, CustomSpec) and spec.declaration is not None:
        return spec.declaration.options
    vocabulary: Any = getattr(vocabularies, spec.vocabulary, None)
    return sorted(spec.options or ()) if vocabulary is None else [one.value for one in vocabulary]


def _title(code: str) -> str:
    return _SPELT.get(code) or (code.replace("_", " ").capitalize() if code.islower() else code)


def _consent(line: ConsentLine) -> dict[str, Any]:
    mark = {"purpose": line.purpose, "channel": line.channel.value, "notice": line.notice}
    return {"type": "boolean", "title": line.text, "default": False, "x-consent": mark}


def _property(question: Question) -> dict[str, Any]:
    told = {"title": question.label, **({"description": question.help} if question.help else {})}
    return {**_typed(question), **told, "x-field": question.spec.name}


def _typed(question: Question) -> dict[str, Any]:
    spec = question.spec
    if question.is_point:
        is_email = spec.name.endswith("email")
        shape = {"format": "email", "minLength": 3, "maxLength": 254} if is_email else {"minLength": 4, "maxLength": 64}
        return {**_text(), **shape}
    if spec.kind in COLLECTIONS:
        items = _code(spec) if question.options is not None else _text()
        return {"type": "array", "items": items, "maxItems": _MOST_ITEMS, "uniqueItems": True}
    if question.options is not None:
        return _code(spec)
    made = _SCALARS.get(spec.kind)
    return _text() if made is None else made(spec)


def _text(limit: int = 500) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit, "not": {"pattern": CONTROLS}}


def _code(spec: FieldSpec) -> dict[str, Any]:
    return {"type": "string", "oneOf": [{"const": code, "title": title} for code, title in choices_of(spec)]}


def _whole(spec: FieldSpec) -> dict[str, Any]:
    lowest, highest = spec.lowest, spec.highest
    least = (0 if spec.kind is Kind.AGE else -_LARGEST) if lowest is None else int(lowest)
    return {"type": "integer", "minimum": least, "maximum": _LARGEST if highest is None else int(highest)}


def _number(spec: FieldSpec) -> dict[str, Any]:
    bounds = {"minimum": spec.lowest, "maximum": spec.highest}
    return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}


def _pattern(pattern: str, limit: int, **more: Any) -> dict[str, Any]:
    return {**_text(limit), "pattern": pattern, **more}


_SCALARS: dict[Kind, Callable[[FieldSpec], dict[str, Any]]] = {
    Kind.BOOLEAN: lambda _: {"type": "boolean"},
    Kind.INTEGER: _whole,
    Kind.AGE: _whole,
    Kind.NUMBER: _number,
    Kind.MONEY: lambda _: _pattern(r"^[0-9]{1,15}(\.[0-9]{1,4})?$", 20),
    Kind.DATE: lambda _: _pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", 10, format="date"),
    Kind.INSTANT: lambda _: _pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T", 40, format="date-time"),
}
