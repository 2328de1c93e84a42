"""Who reads which data: live segments, rules of quality, and whoever is named by the caller.

A room that keeps readers of its own (KPIs, scores, reports) adds a `ReaderSource` where the store is put together
(`mimcore.store.stewardship.READERS`); nothing here has to change for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mimcore.domain.catalogue import catalogue
from mimcore.domain.quality_rules import QualityRule
from mimcore.domain.vocabularies import Channel
from mimcore.errors import MimcoreError
from mimcore.quality.memberships import values_behind
from mimcore.repositories.consenting import uses
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.needs import fields_of, fields_read
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.rules.writing.companion_fields import PointsField
from mimcore.values.arguments import given_list

__all__ = ["Reader", "ReaderSource", "attributes_of", "quality_rules", "reader_of_rule", "segments"]

_TOLD_WITH = {"contact.demographic.age": ("contact.demographic.age_band_on",)}
"""What a field is read with, though no answer changes it by itself."""
_POINTS_OF = {one.value: f"contact.{kind}s" for one in Channel if (kind := uses(one)) is not None}


@dataclass(frozen=True)
class Reader:
    """Something that reads data.

    Attributes:
        kind: What it is: segment, quality rule, form, report …
        name: Its key or name.
        fields: Handles or names of the fields that it reads.
        event_kinds: Kinds of interactions that it reads.
        sources: Sources whose values it reads, whichever they are.

    Examples:
        >>> sorted(Reader("report", "board", fields=["contact.age"]).attributes)[0]
        'contact.demographic.age_band'
    """

    kind: str
    name: str
    fields: Iterable[Field | PointsField | str] = ()
    event_kinds: Iterable[str] = ()
    sources: Iterable[str] = ()

    def __post_init__(self) -> None:
        """Take the lists as they are now."""
        for name in ("fields", "event_kinds", "sources"):
            object.__setattr__(self, name, given_list(getattr(self, name), name))

    @property
    def attributes(self) -> frozenset[str]:
        """The stored attributes behind the fields."""
        return frozenset(one for field in self.fields for one in attributes_of(field))


ReaderSource = Callable[[UnitOfWork], Iterable[Reader]]
"""Tells which readers of some kind a store keeps."""


def attributes_of(field: Field | PointsField | str) -> tuple[str, ...]:
    """Return the attributes that are stored of a field; of a form's or a rule's one as of one that is named.

    Args:
        field: Handle or name.

    Raises:
        UnknownFieldError: If a name is not declared; names of custom attributes are taken as they are.
    """
    if isinstance(field, PointsField):
        return (f"contact.{field.points}",)
    name = field.spec.name if isinstance(field, Field) else field.replace("any_account.", "account.", 1)
    if name in {"contact.emails", "contact.phones"} or ".custom." in name:
        return (name,)
    name = catalogue[name if name in catalogue else f"contact.{name}"].name
    return (*values_behind(name), *_TOLD_WITH.get(name, ()))


def reader_of_rule(kind: str, name: str, rules: Iterable[Rule], known: Mapping[str, Rule | None]) -> Reader:
    """Return what rules read, the segments that they refer to included.

    Args:
        kind: Kind of the reader.
        name: Its name.
        rules: What it evaluates.
        known: Rules of the store's segments by key.
    """
    given = tuple(rules)
    fields = [field for rule in given for field in _fields(rule, known)]
    walked = [node for rule in given for node in _walked(rule)]
    fields += [f"contact.{node.points}" for node in walked if isinstance(node, nodes.AnyFreshness)]
    fields += [
        _POINTS_OF[node.channel] for node in walked if isinstance(node, nodes.MayReceive) and node.channel in _POINTS_OF
    ]
    return Reader(kind, name, dict.fromkeys(fields), dict.fromkeys(one for node in walked for one in _kinds(node)))


def _fields(rule: Rule, known: Mapping[str, Rule | None]) -> tuple[str, ...]:
    try:
        return tuple(name for name in fields_read(rule, known) if not name.startswith("event."))
    except MimcoreError:  # a segment that it refers to is gone, or refers back
        return tuple(name for name in fields_of(rule) if not name.startswith("event."))


def _walked(rule: Rule) -> Iterator[Rule]:
    yield rule
    for part in rule.parts():
        yield from _walked(part)


def _kinds(node: Any) -> Iterator[str]:
    """Yield the kinds of events that one node asks for."""
    holders = (node, *(getattr(node, name, None) for name in ("first", "then", "events")))
    yield from (kind for one in holders if isinstance(kind := getattr(one, "kind", None), str))


def segments(work: UnitOfWork) -> Iterator[Reader]:
    """Yield the live segments; one without a rule reads no field."""
    stored = work.segments.all()
    known = {one.key: one.rule for one in stored}
    for one in stored:
        if not one.is_archived:
            yield reader_of_rule("segment", one.key, () if one.rule is None else (one.rule,), known)


def quality_rules(work: UnitOfWork) -> Iterator[Reader]:
    """Yield the rules of quality; a field that only they read is watched, see `Use.is_only_watched`."""
    known = {one.key: one.rule for one in work.segments.all()}
    for one in work.transaction.quality.rules():
        yield _of_quality_rule(one, known)


def _of_quality_rule(rule: QualityRule, known: Mapping[str, Rule | None]) -> Reader:
    given = [one for one in (rule.within, getattr(rule.check, "rule", None)) if one is not None]
    read = reader_of_rule("quality rule", rule.key, given, known)
    return Reader(read.kind, read.name, (*read.fields, *rule.check.field_names()), read.event_kinds)
