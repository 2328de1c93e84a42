"""One segment as text: JSON with sorted keys and one condition a line, so that a review shows what was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError, Problem, RuleError, RuleFormatError
from mimcore.rules.interchange import document as rule_document
from mimcore.rules.interchange.document import check, from_data, is_object, parse
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue

__all__ = ["SegmentFile", "content_of", "fingerprint_of", "read_segment", "references", "written"]

SCHEMA = "mimcore.segment"
VERSION = "1.0"
MAX_BYTES = 1024 * 1024
_FIELDS = ("description", "key", "name", "rule", "tags", "team", "visibility")
_KEYS = frozenset({*_FIELDS, "base", "schema", "version"})
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """What a file says.

    Attributes:
        segment: The segment, as a new one.
        base: Fingerprint of what the store held when it was pulled or pushed; None in a file that was never.
    """

    segment: Segment
    base: str | None


def content_of(segment: Segment) -> dict[str, Any]:
    """Return what of a segment stands in its file; what is missing is left out, and so is who is in or out by hand.

    Args:
        segment: A segment.
    """
    rule = None if segment.rule is None else json.loads(rule_document.to_json(segment.rule))
    told: dict[str, Any] = {
        "description": segment.description,
        "key": segment.key,
        "name": segment.name,
        "rule": rule,
        "tags": list(segment.tags),
        "team": segment.team,
        "visibility": segment.visibility.value,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def fingerprint_of(segment: Segment) -> str:
    """Return the hash of what stands in a segment's file.

    Examples:
        >>> one, other = Segment(key="danes", team="crm"), Segment(key="danes", team="crm", version=3)
        >>> fingerprint_of(one) == fingerprint_of(other)
        True
    """
    text = json.dumps(content_of(segment), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def written(segment: Segment, base: str | None) -> str:
    """Return the text of a segment's file; the same segment always gives the same text.

    Args:
        segment: The segment.
        base: Fingerprint of what the store holds.

    Examples:
        >>> print(written(Segment(key="guests", tags=["spring"]), "0123456789abcdef"), end="")
        {
          "base": "0123456789abcdef",
          "key": "guests",
          "schema": "mimcore.segment",
          "tags": ["spring"],
          "version": "1.0",
          "visibility": "everyone"
        }
    """
    told = {**content_of(segment), "schema": SCHEMA, "version": VERSION}
    return _opened({**told, "base": base} if base is not None else told, "") + "\n"


def _opened(value: Mapping[str, Any], indent: str) -> str:
    """Write an object with a line for each key."""
    inner = indent + _INDENT
    lines = (f"{inner}{json.dumps(key)}: {_value(key, value[key], inner)}" for key in sorted(value))
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _value(key: str, value: Any, indent: str) -> str:
    if key == "rules":
        inner = indent + _INDENT
        return "[\n" + ",\n".join(f"{inner}{_part(one, inner)}" for one in value) + f"\n{indent}]"
    return _part(value, indent)


def _part(value: Any, indent: str) -> str:
    """Write a condition on one line, and open what holds several."""
    is_open = isinstance(value, dict) and ("schema" in value or _has_several(value))
    return _opened(value, indent) if is_open else json.dumps(value, sort_keys=True, ensure_ascii=False)  # pyright: ignore[reportUnknownArgumentType]


def _has_several(rule: Any) -> bool:
    op = rule.get("op")
    return op in {"all", "any"} or (op in {"not", "or_missing"} and _has_several(rule["rule"]))


def read_segment(raw: bytes, name: str, catalogue: Catalogue) -> SegmentFile:
    """Read a file, refusing rather than guessing.

    Args:
        raw: What is in it.
        name: Its name, for errors.
        catalogue: The fields that rules may mention.

    Raises:
        InvalidValueError: Naming the file, the place in it, the reason, and what would be right.
    """
    problems: list[Problem] = []
    try:
        found = parse(raw, most=MAX_BYTES)
    except RuleFormatError as error:
        problems = [Problem(name, str(error), "resolve what git left in it, or pull it again")]
    else:
        problems = list(_shape(found, name))
        if not problems and is_object(found):
            return SegmentFile(_segment(found, name, catalogue), _base(found))
    raise InvalidValueError.of(problems)


def _shape(found: object, name: str) -> Iterator[Problem]:
    if not is_object(found) or found.get("schema") != SCHEMA:
        yield Problem(name, "is not a segment", f'it needs "schema": "{SCHEMA}"')
        return
    version = found.get("version")
    if not isinstance(version, str) or version.partition(".")[0] != VERSION.partition(".")[0]:
        yield Problem(f"{name}, version", "is another major version", f'this mimcore reads "{VERSION}"')
    for key in sorted(set(found) - _KEYS):
        shown = key if key.isidentifier() and len(key) <= 40 else "…"
        yield Problem(f"{name}, {shown}", "is not part of a segment", f"use only {', '.join(sorted(_KEYS))}")
    if found.get("key") != name.removesuffix(".json"):
        yield Problem(f"{name}, key", "is not the name of the file", "a segment stands in <key>.json")
    if not isinstance(found.get("base", ""), str):
        yield Problem(f"{name}, base", "is not text", "leave it as it was pulled, or out")


def _base(found: Mapping[str, object]) -> str | None:
    base = found.get("base")
    return base if isinstance(base, str) else None


def _segment(found: Mapping[str, Any], name: str, catalogue: Catalogue) -> Segment:
    told = {key: found[key] for key in _FIELDS if key != "rule" and key in found}
    rule = _rule(found["rule"], name, catalogue) if "rule" in found else None
    try:
        return Segment(**told, rule=rule)
    except InvalidValueError as error:
        problems = [Problem(f"{name}, {one.field}", one.reason, one.remedy) for one in error.problems]
    raise InvalidValueError.of(problems)


def _rule(found: object, name: str, catalogue: Catalogue) -> nodes.Rule:
    try:
        rule = from_data(rule_document.body_of(found))
        check(rule, catalogue)
    except RuleError as error:
        path = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in error.place)
        reason = str(error).partition(": ")[2] if error.place else str(error)
        problem = Problem(f"{name}, rule{path}", reason, "correct it there, or pull the file again")
    else:
        return rule
    raise InvalidValueError.of([problem])


def references(rule: nodes.Rule, path: str = "rule.rule") -> Iterator[tuple[str, str]]:
    """Yield the keys of the segments that a rule refers to, each with its place in the file.

    Args:
        rule: The rule.
        path: Where it stands.
    """
    match rule:
        case nodes.InSegment(segment=key):
            yield key, f"{path}.segment"
        case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
            yield from _among(rules, path)
        case _:
            for part in rule.parts():
                yield from references(part, f"{path}.rule")


def _among(rules: Sequence[nodes.Rule], path: str) -> Iterator[tuple[str, str]]:
    for index, part in enumerate(rules):
        yield from references(part, f"{path}.rules[{index}]")
