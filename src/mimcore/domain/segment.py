"""Segments: a named rule, or a list kept by hand."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Unpack

from pydantic import SerializeAsAny, model_validator
from pydantic.functional_validators import BeforeValidator

from mimcore.domain.declaring.attributes import LongText, Tags, Text, is_mapping
from mimcore.domain.declaring.entity import Entity, Key
from mimcore.errors import InvalidValueError, RuleFormatError
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.interchange.document import from_data
from mimcore.rules.language.nodes import InSegment, Rule

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import SegmentArguments

__all__ = ["ListKind", "RuleValue", "Segment", "Visibility", "list_name", "listed_as"]


class Visibility(StrEnum):
    """Who is meant to find a segment in lists and menus; a store tells it, and leaves it to the application."""

    EVERYONE = "everyone"
    TEAM = "team"
    PRIVATE = "private"


ListKind = Literal["list", "include", "exclude"]
"""Which list of a segment: who is on it, or who is in or out by hand whatever the rule says."""

_PINS: tuple[ListKind, ListKind] = ("include", "exclude")


def list_name(key: str, kind: ListKind) -> str:
    """Return the name under which rules ask for a list of a segment.

    Examples:
        >>> list_name("vips", "list"), list_name("vips", "exclude")
        ('vips', 'vips:exclude')
    """
    return key if kind == "list" else f"{key}:{kind}"


def listed_as(name: str) -> tuple[str, ListKind]:
    """Return key and kind of a list's name.

    Examples:
        >>> listed_as("vips:include"), listed_as("vips")
        (('vips', 'include'), ('vips', 'list'))
    """
    key, _, kind = name.partition(":")
    return key, "include" if kind == "include" else "exclude" if kind == "exclude" else "list"


def _rule(value: object) -> object:
    if value is None or isinstance(value, Rule):
        return value
    if not is_mapping(value):
        raise InvalidValueError("", "is not a rule", "write one like f.contact.country == 'DK', or read a stored one")
    try:
        return from_data(value)
    except RuleFormatError as error:
        reason = str(error)
    raise InvalidValueError("", f"is not a rule: {reason}", "give a rule, or what Rule.to_json wrote under 'rule'")


RuleValue = Annotated[SerializeAsAny[Rule], BeforeValidator(_rule)]
"""A rule as a field of a model: given as a rule, or as what it was written as."""


class Segment(Entity):
    """A segment. With a rule it is dynamic; without one it is a list that people are put on by hand.

    Examples:
        >>> from mimcore import fields as f
        >>> Segment(key="danes", name="Danes", rule=f.contact.country == "DK").field_names()
        ('contact.demographic.country',)
    """

    key: Key
    name: Text = None
    description: LongText = None
    rule: RuleValue | None = None
    team: Text = None
    visibility: Visibility = Visibility.EVERYONE
    tags: Tags = ()
    is_archived: bool = False
    is_pinned: bool = False
    """Whether people were included or excluded by hand; `store.segments.include` and `exclude` say so."""

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[SegmentArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        if self.rule is not None and self.key in self.referred_segments():
            raise InvalidValueError("rule", "refers to the segment itself", "name the common part as another segment")
        return self

    @property
    def is_dynamic(self) -> bool:
        """Whether membership follows from a rule."""
        return self.rule is not None

    @property
    def effective_rule(self) -> Rule | None:
        """The rule together with who was included and excluded by hand; None for a list kept by hand."""
        if self.rule is None or not self.is_pinned:
            return self.rule
        included, excluded = (_listed(name) for name in self.list_names())
        return (self.rule & ~excluded) | included

    def list_names(self) -> tuple[str, ...]:
        """Return the names under which rules ask who is in or out by hand."""
        return tuple(list_name(self.key, kind) for kind in _PINS)

    def field_names(self) -> tuple[str, ...]:
        """Return the canonical names of the fields that the rule mentions."""
        return () if self.rule is None else fields_of(self.rule)

    def referred_segments(self) -> tuple[str, ...]:
        """Return the keys of the segments that the rule mentions."""
        return () if self.rule is None else tuple(dict.fromkeys(_references(self.rule)))


def _listed(name: str) -> Rule:
    """Ask for a list; its name is longer than a key may be."""
    return InSegment.model_construct(op="in_segment", segment=name)


def _references(rule: Any) -> list[str]:
    own = [rule.segment] if isinstance(rule, InSegment) else []
    return own + [key for part in rule.parts() for key in _references(part)]
