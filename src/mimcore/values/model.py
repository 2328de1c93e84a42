"""The frozen pydantic model under every value and entity: refuses what it does not know, and never tells a value.

pydantic's own errors carry the refused input; they are translated here, at the one place where models are made, into
`InvalidValueError`. A host model that embeds one of ours still sees an ordinary pydantic validation error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Never, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mimcore.errors import InvalidValueError, Problem
from mimcore.values.unknown_names import meant

_REASONS: dict[str, tuple[str, str]] = {
    "missing": ("is required", "give a value"),
    "frozen_instance": ("cannot be assigned: objects are frozen", "use evolve(...)"),
    "frozen_field": ("cannot be assigned: objects are frozen", "use evolve(...)"),
    "string_type": ("must be text", "give a str"),
    "int_type": ("must be a whole number", "give an int"),
    "int_parsing": ("must be a whole number", "give an int"),
    "int_from_float": ("must be a whole number", "give an int"),
    "float_type": ("must be a number", "give a finite float"),
    "float_parsing": ("must be a number", "give a finite float"),
    "finite_number": ("must be finite", "NaN and infinities are refused"),
    "bool_type": ("must be true or false", "give a bool"),
    "bool_parsing": ("must be true or false", "give a bool"),
    "date_type": ("must be a date", "give a date or 'YYYY-MM-DD'"),
    "date_parsing": ("must be a date", "give a date or 'YYYY-MM-DD'"),
    "date_from_datetime_parsing": ("must be a date", "give a date or 'YYYY-MM-DD'"),
    "date_from_datetime_inexact": ("must be a date without a time", "give a date or 'YYYY-MM-DD'"),
    "datetime_type": ("must be an instant", "give an aware datetime or ISO text with a zone"),
    "datetime_parsing": ("must be an instant", "give an aware datetime or ISO text with a zone"),
    "datetime_from_date_parsing": ("must be an instant", "give an aware datetime or ISO text with a zone"),
    "timezone_aware": ("must carry a time zone", "add one, for example '+00:00'"),
    "uuid_type": ("must be an id", "give a UUID"),
    "uuid_parsing": ("must be an id", "give a UUID"),
    "model_type": ("has the wrong type", "give the object or its fields as a dict"),
    "model_attributes_type": ("has the wrong type", "give the object or its fields as a dict"),
    "tuple_type": ("must be a list", "give a list or tuple"),
    "frozen_set_type": ("must be a set", "give a set or list"),
    "none_required": ("must be empty", "leave it out"),
    "json_invalid": ("is not JSON", "give what was written as JSON"),
    "union_tag_not_found": ("does not say what it is", "give its 'kind'"),
}


_OBJECTS: dict[str, str] = {
    "Money": "give mim.money('249.00', 'DKK')",
    "PersonName": "write it as text, like 'Ana Berg', or give its parts",
    "PhonePoint": "write it as text, like '+45 32 12 34 56'",
    "EmailPoint": "write it as text, like 'ana@acme.dk'",
}
"""What to give for objects that have a spelling of their own."""


def _limits(error: ErrorDetails) -> tuple[str, str] | None:
    """Describe errors whose bound or wanted type is ours and therefore safe to print."""
    context = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"must be at least {context['ge']}", ""
        case "greater_than":
            return f"must be more than {context['gt']}", ""
        case "less_than_equal":
            return f"must be at most {context['le']}", ""
        case "less_than":
            return f"must be less than {context['lt']}", ""
        case "string_too_long" | "too_long":
            return f"is too long (at most {context['max_length']})", "shorten it"
        case "string_too_short" | "too_short":
            return f"is too short (at least {context['min_length']})", ""
        case "enum" | "literal_error":
            return f"is not one of {context['expected']}", "use one of the listed values"
        case "union_tag_invalid":
            return f"is not one of {context['expected_tags']}", "use one of the listed kinds"
        case "model_type" | "model_attributes_type" if context.get("class_name") in _OBJECTS:
            return "has the wrong type", _OBJECTS[context["class_name"]]
        case _:
            return None


def _problems(model: type[BaseModel], error: ErrorDetails) -> list[Problem]:
    """Translate one pydantic error; only declared field names and our own texts are let through."""
    known = _declared_names(model)
    path = [str(part) for part in error["loc"] if isinstance(part, int) or part in known]
    field = ".".join(path) or model.__name__
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValueError):
        return [problem.inside(field) if path or not problem.field else problem for problem in cause.problems]
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1]) if error["loc"] else ""
        # The name itself may be a value, such as a cell that was taken for a header: only a declared one is shown.
        is_inside = len(error["loc"]) > 1
        hint = meant(name, sorted(known if is_inside else _arguments(model)))
        field = ".".join(path if not path or path[-1] != name else path[:-1]) or model.__name__
        reason = f"has a field that is not declared{hint}"
        return [Problem(field, reason, "check the spelling, or declare a custom attribute")]
    reason, remedy = _limits(error) or _REASONS.get(
        error["type"], ("is not valid", "see the documentation of this field")
    )
    return [Problem(field, reason, remedy)]


def _declared_names(model: type[BaseModel]) -> set[str]:
    names: set[str] = set()
    seen: set[type[BaseModel]] = set()
    queue: list[type[BaseModel]] = [model]
    while queue:
        current = queue.pop()
        if current in seen:
            continue
        seen.add(current)
        for name, info in current.model_fields.items():
            names.add(name)
            queue += _models_in(info.annotation)
    return names


def _arguments(model: type[BaseModel]) -> set[str]:
    """Return the names of the fields and, since those may be given directly, of the parts of groups."""
    parts = [info.annotation for info in model.model_fields.values() if isinstance(info.annotation, type)]
    inner = {name for part in parts if issubclass(part, BaseModel) for name in part.model_fields}
    return {*model.model_fields, *inner}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def translate(model: type[BaseModel], error: ValidationError) -> InvalidValueError:
    """Turn pydantic's error into ours: field, reason, remedy; no input, no unknown key, no url.

    Args:
        model: The model that was being made.
        error: What pydantic raised.

    Returns:
        The error to raise, `from None`.
    """
    details = error.errors(include_input=False, include_url=False)
    return InvalidValueError.of([problem for one in details for problem in _problems(model, one)])


class FrozenModel(BaseModel):
    """Frozen, hashable, closed against unknown fields; raises `InvalidValueError` only."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    pii_fields: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields whose values are masked in `repr`."""

    def __init__(self, /, *unnamed: Never, **data: Any) -> None:
        """Validate the fields; see the class for their meaning."""
        if unnamed:
            first = next(iter(type(self).model_fields), "")
            example = "name" if "name" in type(self).model_fields else first
            raise InvalidValueError(
                type(self).__name__, "takes its fields by name", f"write {type(self).__name__}({example}=…)"
            )
        try:
            super().__init__(**data)
        except ValidationError as error:
            failure = translate(type(self), error)
        else:
            return
        raise failure

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse: objects are frozen."""
        if name.startswith("_"):
            super().__setattr__(name, value)
            return
        raise InvalidValueError(name, "cannot be assigned: objects are frozen", "use evolve(...)")

    @classmethod
    def _translated(cls, make: Callable[[], Self]) -> Self:
        try:
            return make()
        except ValidationError as error:
            failure = translate(cls, error)
        raise failure

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Validate an object or a mapping; as pydantic's, but raises `InvalidValueError`."""
        return cls._translated(lambda: super(FrozenModel, cls).model_validate(obj, **options))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Validate JSON text; as pydantic's, but raises `InvalidValueError`."""
        return cls._translated(lambda: super(FrozenModel, cls).model_validate_json(json_data, **options))

    @classmethod
    def model_validate_strings(cls, obj: Any, **options: Any) -> Self:
        """Validate a mapping of strings; as pydantic's, but raises `InvalidValueError`."""
        return cls._translated(lambda: super(FrozenModel, cls).model_validate_strings(obj, **options))

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with changes, validated like a new object (pydantic's `model_copy` does not validate).

        Args:
            **changes: New values by field name.

        Returns:
            A new object; this one stays as it is.

        Raises:
            InvalidValueError: If a value is refused or a field is not declared.
        """
        current: Mapping[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**current, **changes})

    def __repr_args__(self) -> Any:
        """Show fields that are set; mask personal ones."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value in (None, (), frozenset()):
                continue
            yield name, (MASK if name in self.pii_fields else value)


class Masked:
    """What stands in `repr` where a personal value would."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Three dots in angle brackets."""
        return "‹…›"


MASK = Masked()
