"""A rule in the body of a request: a pydantic model for FastAPI and its like, which never repeats what was refused."""

from __future__ import annotations

import json
from typing import Any, LiteralString, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    InstanceOf,
    ModelWrapValidatorHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic import GetJsonSchemaHandler as SchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from mimcore.errors import RuleError, RuleFormatError, RuleTypeError, UnknownFieldError
from mimcore.rules.interchange.document import SCHEMA, VERSION, from_json, is_object, to_json
from mimcore.rules.interchange.query_builder import from_query_builder
from mimcore.rules.language.nodes import Rule

__all__ = ["RuleDocument"]

_KINDS: dict[type[RuleError], LiteralString] = {
    RuleFormatError: "rule_format",
    RuleTypeError: "rule_type",
    UnknownFieldError: "unknown_field",
}


class RuleDocument(BaseModel):
    """A rule as JSON, mimcore's own or React Query Builder's; `rule` is the rule itself.

    It is an ordinary pydantic model, so that it can be the body of a request or a field of one. A wrong document is
    pydantic's `ValidationError` (FastAPI answers 422): `loc` is the JSON path inside the document, `msg` says which
    field, why, and what would be right, and `input` is always null: no literal of the rule is repeated.

    Examples:
        >>> import mimcore as mim
        >>> class Body(BaseModel):
        ...     name: str
        ...     rule: mim.RuleDocument
        >>> danes = {"combinator": "and", "rules": [{"field": "country", "operator": "=", "value": "DK"}]}
        >>> str(Body.model_validate({"name": "Danes", "rule": danes}).rule.rule)
        'country is DK'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    rule: InstanceOf[Rule]

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        if is_object(data) and isinstance(data.get("rule"), Rule) and len(data) == 1:
            return handler(data)
        try:
            rule = _rule(data)
        except RuleError as error:
            refusal = _refusal(error)
        else:
            return handler({"rule": rule})
        raise refusal

    @model_serializer
    def _written(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(to_json(self.rule))
        return document

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: SchemaHandler) -> dict[str, Any]:
        """Describe both documents for OpenAPI."""
        del core_schema, handler
        own = {
            "type": "object",
            "required": ["schema", "version", "rule"],
            "properties": {
                "schema": {"const": SCHEMA},
                "version": {"type": "string", "examples": [VERSION]},
                "rule": {"type": "object", "required": ["op"], "properties": {"op": {"type": "string"}}},
            },
            "title": "mimcore's rule",
        }
        builder = {
            "type": "object",
            "required": ["rules"],
            "properties": {
                "combinator": {"enum": ["and", "or"]},
                "not": {"type": "boolean"},
                "rules": {"type": "array", "minItems": 1},
            },
            "title": "React Query Builder's query",
        }
        return {"title": "RuleDocument", "description": "A segmentation rule.", "anyOf": [own, builder]}


def _rule(data: object) -> Rule:
    if is_object(data) and "schema" in data:
        return from_json(_text(data))
    if is_object(data) and "rules" in data:
        return from_query_builder(data)
    raise RuleFormatError(
        f'the document is not a rule: it has either "schema": "{SCHEMA}" (mimcore\'s own JSON) or "rules" (React Query '
        "Builder's)"
    )


def _text(data: object) -> str:
    try:
        return json.dumps(data, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        pass
    raise RuleFormatError("the rule is nested too deeply or is not made of plain JSON values")


def _refusal(error: RuleError) -> ValidationError:
    """Return pydantic's error for ours; pydantic puts the place inside the host's model in front of it."""
    reason = PydanticCustomError(_KINDS.get(type(error), "rule"), "{reason}", {"reason": str(error)})
    detail = InitErrorDetails(type=reason, loc=error.place, input=None)
    return ValidationError.from_exception_data("RuleDocument", [detail], hide_input=True)
