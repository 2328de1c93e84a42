"""`mim.attribute`: a custom attribute's declaration as the typed handle that builds rules about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack, overload

from mimcore.domain.custom.attributes import CustomAttribute, CustomSpec
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.writing.fields import (
    BooleanField,
    CodeField,
    CodesField,
    DateField,
    Field,
    InstantField,
    IntegerField,
    NumberField,
    TagsField,
    TextField,
)

__all__ = ["AttributeMarks", "attribute", "declaration_of", "handle_of"]

_HANDLES: dict[Kind, type[Field]] = {
    Kind.TEXT: TextField,
    Kind.CODE: CodeField,
    Kind.BOOLEAN: BooleanField,
    Kind.INTEGER: IntegerField,
    Kind.NUMBER: NumberField,
    Kind.DATE: DateField,
    Kind.INSTANT: InstantField,
    Kind.TAGS: TagsField,
    Kind.CODES: CodesField,
}


class AttributeMarks(TypedDict, total=False):
    """What may be said of a custom attribute of any kind; see `CustomAttribute`."""

    entity: Literal["contact", "account"]
    group: str | None
    half_life_days: float | None
    indexed: bool
    description: str
    is_personal: bool
    is_special_category: bool


@overload
def attribute(
    name: str, *, options: Sequence[str], kind: Literal["code"] = "code", **marks: Unpack[AttributeMarks]
) -> CodeField: ...
@overload
def attribute(
    name: str, *, options: Sequence[str], kind: Literal["codes"], **marks: Unpack[AttributeMarks]
) -> CodesField: ...
@overload
def attribute(name: str, *, kind: Literal["text"] = "text", **marks: Unpack[AttributeMarks]) -> TextField: ...
@overload
def attribute(name: str, *, kind: Literal["boolean"], **marks: Unpack[AttributeMarks]) -> BooleanField: ...
@overload
def attribute(name: str, *, kind: Literal["integer"], **marks: Unpack[AttributeMarks]) -> IntegerField: ...
@overload
def attribute(name: str, *, kind: Literal["number"], **marks: Unpack[AttributeMarks]) -> NumberField: ...
@overload
def attribute(name: str, *, kind: Literal["date"], **marks: Unpack[AttributeMarks]) -> DateField: ...
@overload
def attribute(name: str, *, kind: Literal["instant"], **marks: Unpack[AttributeMarks]) -> InstantField: ...
@overload
def attribute(name: str, *, kind: Literal["tags"], **marks: Unpack[AttributeMarks]) -> TagsField: ...


def attribute(
    name: str, *, kind: str | None = None, options: Sequence[str] = (), **marks: Unpack[AttributeMarks]
) -> Any:
    """Describe a custom attribute and return the handle that builds rules about it.

    Nothing is stored: `store.attributes.declare(...)` takes the handle.

    Args:
        name: 1-40 characters of a-z, 0-9 and '_', a letter first; free among the built-in fields of its entity.
        kind: text, code, boolean, integer, number, date, instant, tags or codes; `code` where there are options, else
            `text`, unless given.
        options: Accepted codes, for `code` and `codes`.
        **marks: `entity` (contact or account), `group`, `half_life_days` (days after which half of the values are
            presumed wrong; without it they do not go stale), `indexed`, `description`, `is_personal`,
            `is_special_category`.

    Returns:
        A handle with the operators of its kind; see `mimcore.rules.writing.fields`.

    Raises:
        InvalidValueError: If the name is taken or malformed, or the description contradicts itself.

    Examples:
        >>> tier = attribute("loyalty_tier", options=["none", "silver", "gold"], half_life_days=365)
        >>> tier == "gold"
        Equals(op='equals', field='contact.custom.loyalty_tier', value='gold')
    """
    said: dict[str, Any] = {**marks, "name": name, "kind": kind or ("code" if options else "text"), "options": options}
    said["is_indexed"] = said.pop("indexed", False)
    return handle_of(CustomAttribute(**said))


def handle_of(declaration: CustomAttribute) -> Any:
    """Return the handle of a declaration, with the operators of its kind.

    Examples:
        >>> handle_of(CustomAttribute(name="points", kind="integer")) >= 7
        Compare(op='at_least', field='contact.custom.points', value=7)
    """
    return _HANDLES[declaration.kind](declaration.spec)


def declaration_of(given: Field | CustomAttribute) -> CustomAttribute:
    """Return the declaration that a handle was made from, or the declaration itself.

    Raises:
        InvalidValueError: If it is something else, such as a built-in field.
    """
    if isinstance(given, CustomAttribute):
        return given
    spec: object = getattr(given, "spec", None)
    if isinstance(spec, CustomSpec) and spec.declaration is not None:
        return spec.declaration
    raise InvalidValueError("attribute", "is no custom attribute", "give what mim.attribute(...) returned")
