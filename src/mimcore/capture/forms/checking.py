"""Checking an answer by a form's own JSON Schema: just the keywords that such a schema uses, with our words.

What a validator library says and what is said here is the same; a test holds it against `jsonschema`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mimcore.domain.declaring.attributes import is_listed, is_mapping
from mimcore.errors import Problem, nearest

__all__ = ["Failure", "failures", "problem_of"]

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """One keyword of the schema that an answer does not fulfil.

    Attributes:
        path: Where in the answer, from the outside in.
        keyword: Which keyword.
        bound: What the schema says there.
    """

    path: tuple[str | int, ...]
    keyword: str
    bound: Any


def failures(schema: Schema, value: object, path: tuple[str | int, ...] = ()) -> Iterator[Failure]:
    """Find what an answer does not fulfil.

    Args:
        schema: A schema made by `schema_of`, or a part of one.
        value: JSON values.
        path: Where that value stands.

    Yields:
        One failure a keyword and place.
    """
    for keyword, bound in schema.items():
        holds = _CHECKS.get(keyword)
        if holds is not None and not holds(bound, value, schema):
            yield Failure(path, keyword, bound)
    if is_mapping(value):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from failures(part, value[name], (*path, name))
    if is_listed(value) and "items" in schema:
        for place, one in enumerate(value):
            yield from failures(schema["items"], one, (*path, place))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or bool(value.is_integer())


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and _is_whole(value),
    "array": lambda value: isinstance(value, list),
    "object": is_mapping,
}


def _is_distinct(value: Sequence[Any]) -> bool:
    kinds = [(isinstance(one, bool), one) for one in value]
    return all(one not in kinds[:place] for place, one in enumerate(kinds))


def _is_choice(bound: Sequence[Schema], value: object, _: Schema) -> bool:
    return [one["const"] for one in bound].count(value) == 1


_CHECKS: Mapping[str, Callable[[Any, Any, Schema], bool]] = {
    "type": lambda bound, value, _: _TYPES[bound](value),
    "minLength": lambda bound, value, _: not isinstance(value, str) or len(value) >= bound,
    "maxLength": lambda bound, value, _: not isinstance(value, str) or len(value) <= bound,
    "pattern": lambda bound, value, _: not isinstance(value, str) or re.search(bound, value) is not None,
    "not": lambda bound, value, _: isinstance(value, str) and re.search(bound["pattern"], value) is None,
    "oneOf": _is_choice,
    "minimum": lambda bound, value, _: not (_is_number(value) and value < bound),
    "maximum": lambda bound, value, _: not (_is_number(value) and value > bound),
    "maxItems": lambda bound, value, _: not isinstance(value, list) or len(value) <= bound,  # pyright: ignore[reportUnknownArgumentType]
    "uniqueItems": lambda _, value, __: not isinstance(value, list) or _is_distinct(value),  # pyright: ignore[reportUnknownArgumentType]
    "required": lambda bound, value, _: not is_mapping(value) or all(name in value for name in bound),
    "additionalProperties": lambda _, value, schema: (
        not is_mapping(value) or not set(value) - set(schema["properties"])
    ),
}

_TYPE_WORDS = {
    "string": ("must be text", "write words"),
    "boolean": ("must be yes or no", "tick it or leave it"),
    "number": ("must be a number", "write digits"),
    "integer": ("must be a whole number", "write digits only"),
    "array": ("must be a list", "give several answers"),
    "object": ("must be named answers", "give them by name"),
}


def problem_of(failure: Failure, value: object, schema: Schema) -> list[Problem]:
    """Tell a failure to people: field, reason and remedy; never the answer.

    Args:
        failure: What is not fulfilled.
        value: The whole answer.
        schema: The whole schema.
    """
    answers: Mapping[str, Any] = value if is_mapping(value) else {}
    if failure.keyword == "required":
        return [Problem(name, "is required", "fill it in") for name in failure.bound if name not in answers]
    if failure.keyword == "additionalProperties":
        unknown = next(name for name in answers if name not in schema["properties"])
        reason = f"has an answer that was not asked for{nearest(str(unknown)[:80], schema['properties'])}"
        return [Problem("form", reason, "send the fields of the form only")]
    field = ".".join(map(str, failure.path)) or "form"
    return [Problem(field, *_words(failure))]


def _words(failure: Failure) -> tuple[str, str]:
    bound = failure.bound
    match failure.keyword:
        case "type":
            return _TYPE_WORDS[bound]
        case "minLength":
            return f"is too short (at least {bound})", "write more"
        case "maxLength":
            return f"is too long (at most {bound})", "shorten it"
        case "minimum":
            return f"must be at least {bound}", "check the number"
        case "maximum":
            return f"must be at most {bound}", "check the number"
        case "maxItems":
            return f"has too many answers (at most {bound})", "choose fewer"
        case "uniqueItems":
            return "holds an answer twice", "choose each once"
        case "not":
            return "holds a line break or another control character", "write it on one line"
        case "oneOf":
            codes = [one["const"] for one in bound]
            return "is not one of the choices", f"use {', '.join(codes) if len(codes) <= 12 else 'a code of the list'}"
        case _:
            return "is not written as asked", "write a date like 2026-03-01, an amount like 249.50"
