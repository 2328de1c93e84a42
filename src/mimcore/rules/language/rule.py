"""What every rule can do, and the groups that rules are combined in; the conditions are in `nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import Field as Described
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr

from mimcore.errors import RuleSyntaxError
from mimcore.values.model import FrozenModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mimcore.rules.language.catalogue import Catalogue
    from mimcore.rules.language.nodes import AnyRule

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparing",
    "Days",
    "Everyone",
    "FieldName",
    "Key",
    "Literals",
    "MoneyLiteral",
    "Node",
    "Not",
    "OrMissing",
    "Rule",
    "Scalar",
    "as_rule",
]

_SPELLING = (
    "a rule has no truth value of its own: write `a & b` instead of `a and b`, `a | b` instead of `a or b`, `~a` "
    "instead of `not a`, `x.is_between(18, 30)` instead of `18 <= x <= 30`, and `mim.evaluate(rule, facts)` instead "
    "of `if rule`"
)


class Node(FrozenModel):
    """A part of a rule; what is wrong deep inside keeps its path."""

    def __init__(self, /, **data: Any) -> None:
        """Validate the fields; see the class for their meaning."""
        super().__init__(**data)

    # Marks the constructor as adding nothing to validation, so that pydantic reports the full path of nested mistakes.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined] # pyright: ignore[reportFunctionMemberAccess]


class MoneyLiteral(Node):
    """An amount of money inside a rule: whole minor units and an ISO 4217 currency."""

    minor_units: StrictInt
    currency: StrictStr


Scalar = StrictBool | StrictInt | StrictFloat | StrictStr | MoneyLiteral
Literals = Annotated[tuple[Scalar, ...], Described(max_length=2000)]
FieldName = Annotated[StrictStr, Described(min_length=1, max_length=120)]
Days = Annotated[StrictInt, Described(ge=0, le=36_525)]
Key = Annotated[StrictStr, Described(min_length=1, max_length=80)]
Comparing = Literal["at_least", "more_than", "at_most", "less_than", "equals"]


class Rule(Node):
    """A segmentation rule. Combine with `&`, `|`, `~`; evaluate on any engine; save as JSON.

    Rules compare by structure and can be keys of a dict. A rule never reads a clock: `now` and the zone are given when
    it is bound.
    """

    @property
    def shape(self) -> str:
        """What tells the shapes of rules apart in JSON, the value of `op`."""
        return str(vars(self)["op"])

    def __and__(self, other: object) -> AllOf:
        """Both must hold (Kleene)."""
        return AllOf(rules=(*_parts(self, AllOf), *_parts(as_rule(other, "&"), AllOf)))

    def __or__(self, other: object) -> AnyOf:
        """At least one must hold (Kleene)."""
        return AnyOf(rules=(*_parts(self, AnyOf), *_parts(as_rule(other, "|"), AnyOf)))

    def __rand__(self, other: object) -> NoReturn:
        """Explain what stands on the left of `&`."""
        as_rule(other, "&")
        raise AssertionError

    __ror__ = __rand__

    def __invert__(self) -> Rule:
        """The opposite; unknown stays unknown."""
        return self.rule if isinstance(self, Not) else Not(rule=_typed(self))

    def or_missing(self) -> Rule:
        """Let unknown count as true: "not false".

        Examples:
            >>> from mimcore import fields as f
            >>> (f.contact.country != "DE").or_missing().op
            'or_missing'
        """
        return self if isinstance(self, OrMissing) else OrMissing(rule=_typed(self))

    def __bool__(self) -> bool:
        """Refuse: see the message for the right spelling."""
        raise RuleSyntaxError(_SPELLING)

    def parts(self) -> tuple[Rule, ...]:
        """Return the rules directly inside this one."""
        return ()

    def needs(self, segments: Mapping[str, Rule | None] | None = None) -> frozenset[str]:
        """Return what the rule needs beside the contact: companions by their names in `Facts`, and `now`.

        Args:
            segments: Rules of the segments that it refers to, by key; None for a list kept by hand.

        Returns:
            Some of account, accounts, events, history, listed_in, now, permissions and states.

        Raises:
            MissingFactsError: If it refers to a segment and `segments` was not given.
            UnknownFieldError: If `segments` does not hold that segment.

        Examples:
            >>> import mimcore as mim
            >>> rule = (mim.fields.contact.purchases.count(within_days=90) >= 3) & mim.fields.account.name.is_known()
            >>> sorted(rule.needs())
            ['account', 'events', 'now']
        """
        from mimcore.rules.explaining.needs import needs_of

        return needs_of(self, segments)

    def fields(self, segments: Mapping[str, Rule | None] | None = None) -> tuple[str, ...]:
        """Return the canonical names of the fields that the rule reads, in its order.

        Args:
            segments: As for `needs`; the fields of those segments' rules are among them.

        Raises:
            MissingFactsError: If it refers to a segment and `segments` was not given.
            UnknownFieldError: If `segments` does not hold that segment.

        Examples:
            >>> from mimcore import fields as f
            >>> ((f.contact.country == "DK") & f.contact.purchases.lapsed(days=90)).fields()
            ('contact.demographic.country',)
        """
        from mimcore.rules.explaining.needs import fields_read

        return fields_read(self, segments)

    def to_json(self) -> str:
        """Write the rule as versioned, stable JSON text; see `mimcore.rules.interchange.document.to_json`."""
        from mimcore.rules.interchange import document

        return document.to_json(self)

    def save(self, path: str | Path) -> None:
        """Write the rule to a JSON file."""
        from mimcore.rules.interchange import document

        document.save(self, path)

    @staticmethod
    def from_json(text: str | bytes, *, catalogue: Catalogue | None = None) -> Rule:
        """Read a rule from JSON text; see `mimcore.rules.interchange.document.from_json`."""
        from mimcore.rules.interchange import document

        return document.from_json(text, catalogue=catalogue)

    @staticmethod
    def load(path: str | Path, *, catalogue: Catalogue | None = None) -> Rule:
        """Read a rule from a JSON file that `save` wrote."""
        from mimcore.rules.interchange import document

        return document.load(path, catalogue=catalogue)

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """Return the JSON Schema of a rule document; see `mimcore.rules.interchange.document.json_schema`."""
        from mimcore.rules.interchange import document

        return document.json_schema()

    def to_query_builder(self, *, catalogue: Catalogue | None = None) -> dict[str, Any]:
        """Write the rule as React Query Builder's JSON; see `query_builder_export.to_query_builder`."""
        from mimcore.rules.interchange import query_builder_export

        return query_builder_export.to_query_builder(self, catalogue=catalogue)

    @staticmethod
    def from_query_builder(
        document: Mapping[str, object] | str | bytes,
        *,
        catalogue: Catalogue | None = None,
        preserve_value_order: bool = True,
    ) -> Rule:
        """Read React Query Builder's JSON; see `mimcore.rules.interchange.query_builder.from_query_builder`."""
        from mimcore.rules.interchange import query_builder

        return query_builder.from_query_builder(
            document, catalogue=catalogue, preserve_value_order=preserve_value_order
        )

    def to_json_logic(self, *, catalogue: Catalogue | None = None, folded_text: bool = False) -> dict[str, Any]:
        """Write the rule as JsonLogic, as far as that means the same; see `json_logic_export.to_json_logic`."""
        from mimcore.rules.interchange import json_logic_export

        return json_logic_export.to_json_logic(self, catalogue=catalogue, folded_text=folded_text)

    @staticmethod
    def from_json_logic(
        document: Mapping[str, object] | str | bytes, *, catalogue: Catalogue | None = None, folded_text: bool = False
    ) -> Rule:
        """Read the part of JsonLogic that means the same; see `json_logic.from_json_logic`."""
        from mimcore.rules.interchange import json_logic

        return json_logic.from_json_logic(document, catalogue=catalogue, folded_text=folded_text)

    def __str__(self) -> str:
        """The rule in plain English."""
        from mimcore.rules.explaining.english import describe

        return describe(self)

    def _repr_html_(self) -> str:
        from mimcore.display.style import fragment
        from mimcore.rules.explaining.english import outline

        return fragment(outline(self).html())


def as_rule(value: object, operator: str) -> Rule:
    """Return a rule, or refuse what is not one with the right spelling.

    Raises:
        RuleSyntaxError: If `value` is a plain truth value, a field or a measure.
    """
    if isinstance(value, Rule):
        return value
    if isinstance(value, bool):
        raise RuleSyntaxError(
            f"a plain {value} stands beside `{operator}` where a rule belongs; use mim.everyone() or ~mim.everyone()"
        )
    if operator not in {"&", "|"}:
        raise RuleSyntaxError(
            f"{operator}: what was given is not a rule ({type(value).__name__}): write one like "
            "f.contact.country == 'DK', or read a stored one with mim.Rule.load or mim.Rule.from_json"
        )
    raise RuleSyntaxError(
        f"what stands beside `{operator}` is not a rule ({type(value).__name__}): Python reads `a {operator} b >= 3` "
        f"as `(a {operator} b) >= 3`; put brackets round each comparison: `a {operator} (b >= 3)`"
    )


def _parts(rule: Rule, group: type[AllOf | AnyOf]) -> tuple[Any, ...]:
    return rule.rules if isinstance(rule, group) else (rule,)


def _typed(rule: Rule) -> Any:
    return rule


class AllOf(Rule):
    """Every rule inside must hold."""

    op: Literal["all"] = "all"
    rules: Annotated[tuple[AnyRule, ...], Described(min_length=1)]

    def parts(self) -> tuple[Rule, ...]:
        """The rules inside."""
        return self.rules


class AnyOf(Rule):
    """At least one rule inside must hold."""

    op: Literal["any"] = "any"
    rules: Annotated[tuple[AnyRule, ...], Described(min_length=1)]

    def parts(self) -> tuple[Rule, ...]:
        """The rules inside."""
        return self.rules


class Not(Rule):
    """The opposite of one rule."""

    op: Literal["not"] = "not"
    rule: AnyRule

    def parts(self) -> tuple[Rule, ...]:
        """The rule inside."""
        return (self.rule,)


class OrMissing(Rule):
    """One rule, with unknown counting as true."""

    op: Literal["or_missing"] = "or_missing"
    rule: AnyRule

    def parts(self) -> tuple[Rule, ...]:
        """The rule inside."""
        return (self.rule,)


class Everyone(Rule):
    """True for every active contact."""

    op: Literal["everyone"] = "everyone"
