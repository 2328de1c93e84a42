"""Rules of quality: what share of the contacts must be complete, valid, unique, consistent, within a vocabulary.

A rule is data: it is written as JSON and read again, and says what is asked, of whom, how many must pass, and whose
business it is when fewer do. How it is evaluated is the business of `mimcore.quality.checks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.catalogue import catalogue
from mimcore.domain.declaring.attributes import Text
from mimcore.domain.declaring.entity import Key
from mimcore.domain.segment import RuleValue, Segment
from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.rules.evaluation.value_tests import normal
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.handles import Field as FieldHandle
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.rules.language.pools import PRIMARY_FIELDS
from mimcore.rules.writing.companion_fields import PointsField
from mimcore.values.identifiers import check_key
from mimcore.values.model import FrozenModel
from mimcore.values.text import clean

__all__ = [
    "MAX_WORDS",
    "Check",
    "Complete",
    "Consistent",
    "Dimension",
    "Holds",
    "QualityRule",
    "Severity",
    "Unique",
    "Vocabulary",
    "Working",
    "check_vocabulary",
]

MAX_WORDS = 1000
"""Most different values of something that may still be called a vocabulary."""
_SCALES = frozenset({Kind.TEXT, Kind.CODE, Kind.TAGS, Kind.CODES})
_CUSTOM = ("contact.custom.", "account.custom.")


class Dimension(StrEnum):
    """In which respect data is good or bad."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    VOCABULARY = "vocabulary"


class Severity(StrEnum):
    """How bad something is, from the least."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Severity).index(self)


def _field_name(value: object) -> str:
    """Read the name of a field from its handle or a name; that of all addresses stands for the first one."""
    name = getattr(value, "spec", None) and cast("Any", value).spec.name
    if isinstance(value, PointsField):
        name = f"contact.{value.points}"
    elif isinstance(value, str):
        name = value
    if not isinstance(name, str):
        raise InvalidValueError("", "is not a field", "give a handle such as f.contact.country, or its name")
    known = PRIMARY_FIELDS.get(name if name.startswith("contact.") else f"contact.{name}", name)
    for one in (known, f"contact.{known}"):
        if one in catalogue and not one.startswith("event."):
            return catalogue[one].name
    if known.startswith(_CUSTOM):
        return known
    names = [one for spec in catalogue if spec.entity != "event" for one in (spec.name, f"{spec.entity}.{spec.short}")]
    shown = known if len(known) <= 120 and known.replace(".", "_").isidentifier() else "…"
    raise UnknownFieldError(f"'{shown}' is not a declared field{nearest(known, names)}")


def _words(value: object) -> object:
    given = [value] if isinstance(value, str) else value
    if given is None or not isinstance(given, Iterable):
        return given
    cleaned = {clean(str(one), "", 200) for one in cast("Iterable[object]", given)}
    if None in cleaned:
        raise InvalidValueError("", "hold an empty one", "leave it out")
    return tuple(sorted(one for one in cleaned if one is not None))


FieldNamed = Annotated[str, BeforeValidator(_field_name)]


class Complete(FrozenModel):
    """A field has a value."""

    dimension: ClassVar[Dimension] = Dimension.COMPLETENESS

    kind: Literal["complete"] = "complete"
    field: FieldNamed

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        return (self.field,)


class Holds(FrozenModel):
    """A rule is true; those for whom it cannot be decided are left out."""

    kind: Literal["holds"] = "holds"
    rule: RuleValue
    dimension: Literal[Dimension.VALIDITY, Dimension.CONSISTENCY] = Dimension.VALIDITY

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that the rule mentions."""
        return fields_of(self.rule)


class Working(FrozenModel):
    """No address, or number, in use is known not to work; those without one are left out."""

    dimension: ClassVar[Dimension] = Dimension.VALIDITY

    kind: Literal["working"] = "working"
    points: Literal["email", "phone"]

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        return (f"contact.primary_{self.points}",)


class Unique(FrozenModel):
    """Nobody else has the same address, number, or name with postal code; those without one are left out."""

    dimension: ClassVar[Dimension] = Dimension.UNIQUENESS

    kind: Literal["unique"] = "unique"
    key: Literal["email", "phone", "name"]

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        if self.key == "name":
            return ("contact.name.given", "contact.name.family", "contact.demographic.postal_code")
        return (f"contact.primary_{self.key}",)


class Consistent(FrozenModel):
    """Two fields agree: a number, or a postal code, and the country."""

    dimension: ClassVar[Dimension] = Dimension.CONSISTENCY

    kind: Literal["consistent"] = "consistent"
    pair: Literal["phone_country", "postal_code_country"]

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        one = "contact.primary_phone" if self.pair == "phone_country" else "contact.demographic.postal_code"
        return one, "contact.demographic.country"


class Vocabulary(FrozenModel):
    """All values of a field are among some words; those without a value are left out. Words are compared folded.

    Attributes:
        words: None where every word is accepted, and only new ones are looked for.
        most_new: At most so many values may be new since the check before; None for any number.
    """

    dimension: ClassVar[Dimension] = Dimension.VOCABULARY

    kind: Literal["vocabulary"] = "vocabulary"
    field: FieldNamed
    words: Annotated[tuple[str, ...], BeforeValidator(_words), Field(min_length=1, max_length=MAX_WORDS)] | None = None
    most_new: Annotated[int | None, Field(ge=0)] = None

    @model_validator(mode="after")
    def _of_words(self) -> Self:
        if self.field in catalogue:
            check_vocabulary(catalogue[self.field], self.words or ())
        return self

    def field_names(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        return (self.field,)

    def accepted(self, spec: FieldSpec) -> frozenset[str] | None:
        """Return the words as the field's values are compared; None where every word is accepted.

        Args:
            spec: The field.
        """
        return None if self.words is None else frozenset(map(normal(spec), self.words))


Check = Annotated[Complete | Holds | Working | Unique | Consistent | Vocabulary, Field(discriminator="kind")]


def _scope(value: object) -> object:
    if isinstance(value, Segment):
        return InSegment(segment=value.key)
    return InSegment(segment=check_key(value, "")) if isinstance(value, str) else value


class QualityRule(FrozenModel):
    """A rule of quality; made by `complete`, `valid`, `unique`, `consistent` and `vocabulary`.

    Attributes:
        key: Its name; results and tasks bear it.
        check: What is asked of each contact.
        at_least: The share of the contacts that must pass, above 0, up to 1.
        within: Whom it is about: a rule, a segment or its key; all active contacts unless given.
        owner: Who gets the task when it fails.
        severity: How bad that is.
        description: What it is for.
        version: Counts the changes of the declaration; 0 until it is stored.

    Examples:
        >>> from mimcore import fields as f
        >>> rule = QualityRule.complete("country-known", f.contact.country, at_least=0.95)
        >>> QualityRule.from_json(rule.to_json()) == rule
        True
    """

    key: Key
    check: Check
    at_least: Annotated[float, Field(gt=0, le=1)] = 1.0
    within: Annotated[RuleValue | None, BeforeValidator(_scope)] = None
    owner: Text = None
    severity: Severity = Severity.WARNING
    description: Text = None
    version: Annotated[int, Field(ge=0)] = 0

    @property
    def dimension(self) -> Dimension:
        """The respect in which it judges data."""
        return self.check.dimension

    def field_names(self) -> tuple[str, ...]:
        """Return the canonical names of the fields that it reads, without those of segments it refers to."""
        scope = () if self.within is None else fields_of(self.within)
        return tuple(dict.fromkeys((*self.check.field_names(), *scope)))

    def to_json(self) -> str:
        """Write the rule as JSON text."""
        return self.model_dump_json(exclude_none=True, exclude={"version"})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a rule from JSON text that `to_json` wrote.

        Raises:
            InvalidValueError: If it is none.
        """
        return cls.model_validate_json(text)

    @classmethod
    def complete(cls, key: str, field: FieldHandle | PointsField | str, **options: Any) -> Self:
        """A field has a value.

        Args:
            key: Name of the rule.
            field: A contact's field, or one of its primary account; `f.contact.emails` and `phones` for any address.
            **options: `at_least`, `within`, `owner`, `severity`, `description`.

        Raises:
            UnknownFieldError: If the field is not declared.
            InvalidValueError: If an option is refused.
        """
        return cls(key=key, check=Complete(field=cast("Any", field)), **options)

    @classmethod
    def valid(cls, key: str, what: Rule | PointsField, **options: Any) -> Self:
        """A rule is true of the values, or addresses (numbers) in use are not known to be dead.

        Args:
            key: Name of the rule.
            what: A rule such as `f.contact.age.is_between(0, 115)`; or `f.contact.emails`, `f.contact.phones`.
            **options: `at_least`, `within`, `owner`, `severity`, `description`.
        """
        if isinstance(what, PointsField):
            return cls(key=key, check=Working(points="email" if what.points == "emails" else "phone"), **options)
        return cls(key=key, check=Holds(rule=_rule(what)), **options)

    @classmethod
    def unique(cls, key: str, by: Literal["email", "phone", "name"], **options: Any) -> Self:
        """Nobody else has the same.

        Args:
            key: Name of the rule.
            by: `email`, `phone`, or `name` for name and postal code together.
            **options: `at_least`, `within`, `owner`, `severity`, `description`.
        """
        return cls(key=key, check=Unique(key=by), **options)

    @classmethod
    def consistent(cls, key: str, what: Literal["phone_country", "postal_code_country"] | Rule, **options: Any) -> Self:
        """Values do not contradict each other.

        Args:
            key: Name of the rule.
            what: `phone_country`, `postal_code_country`, or a rule that must be true.
            **options: `at_least`, `within`, `owner`, `severity`, `description`.
        """
        if isinstance(what, str):
            return cls(key=key, check=Consistent(pair=what), **options)
        return cls(key=key, check=Holds(rule=_rule(what), dimension=Dimension.CONSISTENCY), **options)

    @classmethod
    def vocabulary(
        cls,
        key: str,
        field: FieldHandle | str,
        words: Iterable[str] | None = None,
        *,
        most_new: int | None = None,
        **options: Any,
    ) -> Self:
        """Values are among some words.

        Args:
            key: Name of the rule.
            field: A field of text, codes or tags that is not personal.
            words: Accepted words; all where none are given, and only new ones are looked for then.
            most_new: At most so many values may be new since the check before.
            **options: `at_least`, `within`, `owner`, `severity`, `description`.

        Raises:
            InvalidValueError: If the field is personal (its values would stand in results), or has no words.
        """
        check = Vocabulary(field=cast("Any", field), words=cast("Any", words), most_new=most_new)
        if isinstance(field, FieldHandle):
            check_vocabulary(field.spec, check.words or ())
        return cls(key=key, check=check, **options)


def _rule(given: object) -> Rule:
    if isinstance(given, Rule):
        return given
    raise InvalidValueError("what", "is no rule", "give one, such as f.contact.age.is_between(0, 115)")


def check_vocabulary(spec: FieldSpec, words: Iterable[str] = ()) -> None:
    """Refuse a field whose values are no vocabulary, and words that it can never have.

    Args:
        spec: Its declaration.
        words: Words that are to be accepted.

    Raises:
        InvalidValueError: If it is personal, special-category, or not text; or a word is none of its codes.
    """
    if spec.is_personal or spec.is_special_category:
        raise InvalidValueError("field", "is personal: its values would stand in results", "choose another field")
    if spec.kind not in _SCALES or spec.entity != "contact":
        raise InvalidValueError("field", "has no words", "choose a contact's field of text, codes or tags")
    for word in words:
        if spec.options is not None and word not in spec.options:
            hint = nearest(word, spec.options)
            raise InvalidValueError("words", f"hold one that is no code of {spec.name}{hint}", "use its codes")
