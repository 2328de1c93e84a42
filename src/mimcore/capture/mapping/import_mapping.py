"""Which column becomes which field: declared as plain data, frozen, and part of an import's identity.

Not here: how a mapping is guessed (`proposal`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Self, cast

from pydantic import BeforeValidator, Field, model_validator

from mimcore.capture.mapping.amounts import check_currencies, with_currency
from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.field_policies import FieldPolicy, Policies, as_policies, as_policy
from mimcore.capture.mapping.match_key import (
    ACCOUNT,
    CONTACT,
    anchor_of,
    as_match_key,
    default_key,
    key_targets,
    spelled_key,
    unmapped_part,
)
from mimcore.capture.mapping.targets import Declared, check_target, spec_of
from mimcore.capture.mapping.transforms import Constant, as_transforms
from mimcore.errors import InvalidValueError, nearest
from mimcore.rules.language.catalogue import COLLECTIONS
from mimcore.values.codes import country
from mimcore.values.model import FrozenModel

__all__ = ["ImportMapping", "about_of", "as_mapping", "with_policies"]

_MANY = frozenset({"contact.emails", "contact.phones"})


class ImportMapping(FrozenModel):
    """How the rows of one file are read.

    Attributes:
        columns: Columns and their targets; columns that are not named are left out.
        key: By what existing contacts are found: `email`, `phone`, `external_id`, or several parts as in `email+name`;
            accounts by `domain`, `external_id` or `name`.
        policy: What values may do to stored ones, for columns without a policy of their own.
        default_region: ISO country of national phone numbers in rows that name no country.
    """

    columns: tuple[ColumnMapping, ...] = Field(min_length=1)
    key: Annotated[str, BeforeValidator(spelled_key)] = "email"
    policy: Annotated[FieldPolicy, BeforeValidator(as_policy)] = FieldPolicy.NEWEST_WINS
    default_region: Annotated[
        str | None, BeforeValidator(lambda one: None if one is None else country(one, "default_region"))
    ] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        fields = [one.field for one in self.columns]
        if lacking := unmapped_part(as_match_key(self.key, self.about), fields, self.about):
            part, target = lacking
            raise InvalidValueError(
                "key", f"is {part}, but no column becomes {target}", "map one, or choose another key"
            )
        for field in set(fields):
            if fields.count(field) > 1 and not _takes_many(field):
                raise InvalidValueError(field, "has two columns", "map one of them")
        check_currencies(self.columns)
        return self

    @classmethod
    def of(cls, data: Mapping[str, Any], **options: Any) -> Self:
        """Read a mapping from plain data.

        Args:
            data: Either the whole (`columns`, `key`, `policy`, `default_region`, as `to_dict` gives it) or only target
                by column: a name, a dict with `field`, `transforms` and `policy`, a pair of the first two, or a list of
                several names.
            **options: `key`, `policy` and `default_region`, where `data` does not have them; `currency` of amounts
                that name none. None is left out.

        Raises:
            InvalidValueError: If a target or transformation is not known, with the nearest one.

        Examples:
            >>> mapping = ImportMapping.of({"Mail": "contact.emails", "Land": "contact.country"}, default_region="DK")
            >>> mapping.key, ImportMapping.from_json(mapping.to_json()) == mapping
            ('email', True)
        """
        if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
            raise InvalidValueError("mapping", "is no mapping", "give {'column': 'contact.city', …} or 'auto'")
        whole = dict(data) if isinstance(data.get("columns"), Mapping | list | tuple) else {"columns": data}
        unknown = [name for name in whole if name not in cls.model_fields]
        if unknown:
            raise InvalidValueError(
                "mapping", f"has an unknown part{nearest(unknown[0], cls.model_fields)}", "see ImportMapping"
            )
        columns = with_currency(_columns(whole.pop("columns")), options.pop("currency", None))
        given = {**{name: value for name, value in options.items() if value is not None}, **whole}
        fields = [one.field for one in columns]
        key = spelled_key(given.pop("key", None) or default_key(fields, about_of(fields)))
        rest: dict[str, Any] = dict(given)
        return cls(columns=columns, key=key, **rest)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` has written.

        Raises:
            InvalidValueError: If it is not such a text.
        """
        try:
            data: Any = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise InvalidValueError("mapping", "is not a JSON object", "give what to_json() has written")
        return cls.of(cast("dict[str, Any]", data))

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping as plain data."""
        return self.model_dump(mode="json")

    def to_json(self) -> str:
        """Return the mapping as JSON text, always the same for the same mapping."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)

    def check_columns(self, headers: tuple[str, ...]) -> None:
        """Refuse a mapping that names columns which a file does not have.

        Raises:
            InvalidValueError: With the nearest column.
        """
        for one in self.columns:
            if one.column and one.column not in headers:
                raise InvalidValueError(
                    "mapping", f"names a column that is not there{nearest(one.column, headers)}", "check the header"
                )

    @cached_property
    def about(self) -> str:
        """What the rows are about and are matched by: `account` if they say nothing but accounts, else `contact`."""
        return about_of(one.field for one in self.columns)

    @property
    def is_of_deals(self) -> bool:
        """Whether the rows are deals."""
        return any(one.field.startswith("deal.") for one in self.columns)

    @property
    def is_of_events(self) -> bool:
        """Whether the rows are events."""
        return any(one.field.startswith("event.") for one in self.columns)

    @cached_property
    def key_field(self) -> str:
        """Target of the part of the key that is looked up."""
        return key_targets(self.about)[anchor_of(self.key)]

    def policies(self) -> Policies:
        """Return which of two values stands, by field."""
        return Policies(self.policy, {one.field: one.policy for one in self.columns if one.policy is not None})

    def of_field(self, field: str) -> tuple[ColumnMapping, ...]:
        """Return the columns that become a field."""
        return tuple(one for one in self.columns if one.field == field)


def as_mapping(
    given: ImportMapping | Mapping[str, Any],
    *,
    key: str | Sequence[str] | None,
    region: str | None,
    currency: str | None = None,
    declared: Declared | None = None,
) -> ImportMapping:
    """Return a mapping given as object or plain data, with key and region replaced where they are given.

    Args:
        given: The mapping.
        key: By what records are found.
        region: ISO country of national phone numbers.
        currency: ISO currency of amounts that name none.
        declared: Custom attributes of the store, which may be amounts.

    Raises:
        InvalidValueError: If something in it is not known.
    """
    if not isinstance(given, ImportMapping):
        given = ImportMapping.of(given, key=key, default_region=region, currency=currency)
    columns = with_currency(given.columns, currency, declared)
    changes = {"key": key, "default_region": region, "columns": None if columns == given.columns else columns}
    changes = {name: value for name, value in changes.items() if value is not None}
    return given.evolve(**changes) if changes else given


def with_policies(mapping: ImportMapping, given: str | Mapping[str, str] | None) -> ImportMapping:
    """Return a mapping with policies replaced where they are given.

    Args:
        mapping: The mapping.
        given: One policy for every field, or policy by field with `*` for all others; None changes nothing.

    Raises:
        InvalidValueError: If a field or policy is not known, or no column becomes the field.
    """
    if given is None:
        return mapping
    default, by_target = as_policies(given)
    for target in by_target:
        if not mapping.of_field(target):
            raise InvalidValueError(
                "policy", f"is for {target}, which no column becomes", "map a column, or leave it out"
            )
    columns = [one.evolve(policy=by_target[one.field]) if one.field in by_target else one for one in mapping.columns]
    return mapping.evolve(columns=tuple(columns), policy=default or mapping.policy)


def about_of(fields: Iterable[str]) -> str:
    """Return what rows are about and are matched by: `account` if their targets are all an account's, else `contact`.

    Args:
        fields: Targets of the columns.
    """
    told = set(fields) - {"observed_at"}
    return ACCOUNT if told and all(field.startswith("account.") for field in told) else CONTACT


def _takes_many(field: str) -> bool:
    spec = spec_of(field)
    return field in _MANY or (spec is not None and spec.kind in COLLECTIONS)


def _columns(given: Any) -> Iterator[ColumnMapping]:
    if not isinstance(given, Mapping):
        for one in given:
            yield one if isinstance(one, ColumnMapping) else _column(_name_of(one), one)
        return
    for column, target in cast("Mapping[str, Any]", given).items():
        several = list(_texts(target))
        if several:
            yield from (_column(column, name) for name in several)
        else:
            yield _column(column, target)


def _texts(target: Any) -> Iterator[str]:
    """Yield the names of a list that holds nothing but names."""
    if isinstance(target, list) and all(isinstance(name, str) for name in cast("Sequence[object]", target)):
        yield from cast("Sequence[str]", target)


def _name_of(given: Any) -> str:
    return str(cast("Mapping[str, Any]", given).get("column", "")) if isinstance(given, Mapping) else ""


def _column(column: str, target: Any) -> ColumnMapping:
    if isinstance(target, str):
        return ColumnMapping(column=column, field=check_target(target))
    if isinstance(target, tuple | list):
        pair = cast("tuple[Any, ...]", target)
        target = {"field": pair[0], "transforms": pair[1]} if len(pair) == 2 else None
    if not isinstance(target, Mapping) or "field" not in target:
        raise InvalidValueError(
            "mapping", "has a column without a target", "give the name of a field, or a dict with 'field'"
        )
    whole = cast("Mapping[str, Any]", target)
    transforms = as_transforms(whole.get("transforms"), column)
    is_constant = any(isinstance(one, Constant) for one in transforms)
    return ColumnMapping(
        column="" if is_constant else column,
        field=check_target(str(whole["field"])),
        transforms=transforms,
        policy=whole.get("policy"),
    )
