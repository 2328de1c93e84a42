"""A rule as JSON: versioned, stable, diffable, and refused rather than guessed where it is not understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import TypeAdapter, ValidationError

from mimcore.errors import (
    CaptureError,
    RuleError,
    RuleFormatError,
    RuleTypeError,
    UnknownFieldError,
    UnsupportedConditionError,
    nearest,
)
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, default_catalogue
from mimcore.rules.language.limits import MAX_BYTES, check_limits
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind

__all__ = [
    "SCHEMA",
    "VERSION",
    "body_of",
    "check",
    "from_json",
    "is_object",
    "json_schema",
    "load",
    "parse",
    "save",
    "to_json",
]

SCHEMA = "mimcore.rule"
VERSION = "1.0"
_adapter: TypeAdapter[Any] = TypeAdapter(nodes.AnyRule)


def to_json(rule: nodes.Rule) -> str:
    """Write a rule as JSON text; the same rule always gives the same text.

    Args:
        rule: Any rule.

    Returns:
        Indented JSON with the schema's name and version; a rule that would be too large for `from_json` by its
        indentation alone comes without any.

    Raises:
        RuleFormatError: If it is too large even so, or holds a number that is not finite.

    Examples:
        >>> from mimcore import fields as f
        >>> from_json(to_json(f.contact.country == "DK")) == (f.contact.country == "DK")
        True
    """
    document = {"schema": SCHEMA, "version": VERSION, "rule": rule.model_dump(mode="json", exclude_none=True)}
    for indent, separators in ((2, (",", ": ")), (None, (",", ":"))):
        text = _written(document, indent, separators)
        if len(_raw(text)) <= MAX_BYTES:
            return text
    raise _too_large()


def _written(document: dict[str, Any], indent: int | None, separators: tuple[str, str]) -> str:
    try:
        return json.dumps(document, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        pass
    raise RuleFormatError("NaN and infinities are not numbers of a rule")


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _too_large() -> RuleFormatError:
    return RuleFormatError(f"the rule is larger than {MAX_BYTES // 1024} KiB; keep long lists as a static segment")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a rule document, for editors and user interfaces.

    It tells the shape: which keys there are, of which types and ranges. That fields are declared, and that operators
    and literals fit them, is checked by `from_json`.

    Examples:
        >>> json_schema()["properties"]["schema"]
        {'const': 'mimcore.rule'}
    """
    rule = _adapter.json_schema(ref_template="#/$defs/{model}")
    definitions = rule.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A segmentation rule, version {VERSION}",
        "type": "object",
        "properties": {"schema": {"const": SCHEMA}, "version": {"type": "string"}, "rule": {"$ref": "#/$defs/AnyRule"}},
        "required": ["schema", "version", "rule"],
        "additionalProperties": False,
        "$defs": {"AnyRule": rule, **definitions},
    }


def from_json(text: str | bytes, *, catalogue: Catalogue | None = None) -> nodes.Rule:
    """Read a rule from JSON text.

    Args:
        text: What `to_json` wrote, or a user interface did; at most 64 KiB.
        catalogue: Declared fields; the built-in ones unless given.

    Returns:
        The rule, checked against the declared fields.

    Raises:
        RuleFormatError: If it is no rule: with the JSON path and the reason. Nothing is ever skipped.
        UnknownFieldError: If it mentions a field that is not declared.
        RuleTypeError: If an operator or literal does not fit its field.
    """
    rule = from_data(body_of(parse(text)))
    check(rule, catalogue or default_catalogue())
    return rule


def from_data(body: object) -> nodes.Rule:
    """Read a rule from plain Python data (the `rule` part of a document).

    Raises:
        RuleFormatError: With the path of the first thing that is wrong.
    """
    try:
        rule: nodes.Rule = _adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        said = str(first.get("ctx", {}).get("tag", ""))
        problem = RuleFormatError.located(_path(first["loc"])[:200], _reason(first["type"], said))
    except (RecursionError, ValueError, TypeError):
        problem = RuleFormatError("the rule is nested too deeply or is not made of plain JSON values")
    else:
        check_limits(rule)
        return rule
    raise problem


def _path(place: tuple[int | str, ...]) -> str:
    """Return the JSON path of pydantic's place, in which a tag stands after every rule and behind every literal."""
    path, may_be_tag = "rule", True
    for part in place:
        if isinstance(part, int):
            path, may_be_tag = f"{path}[{part}]", True
        elif may_be_tag and part in _OPS:
            may_be_tag = False
        elif not part.isidentifier() or path.rpartition(".")[2].partition("[")[0] in {"value", "values", "low", "high"}:
            break
        else:
            path, may_be_tag = f"{path}.{part}", part in {"rule", "where"}
    return path


def _reason(kind: str, said: str) -> str:
    reasons = {
        "extra_forbidden": "this key is not part of a rule; nothing is ever skipped",
        "missing": "a required key is missing",
        "union_tag_invalid": f"this 'op' is not known{nearest(said, _OPS) or _KNOWN_OPS}",
        "union_tag_not_found": "the key 'op' is missing",
        "too_short": "a group or list must not be empty",
        "too_long": "the list is too long; keep long lists as a static segment",
        "bool_type": "a literal is text, a number, true, false or money; a missing value is asked for by 'is_known'",
        "model_attributes_type": "a rule is a JSON object",
        "string_too_short": "the text must not be empty",
        "string_too_long": "the text is too long",
    }
    return reasons.get(kind, f"the value has the wrong type or range ({kind})")


_OPS = sorted({str(op) for model in nodes.Rule.__subclasses__() for op in model.model_fields["op"].annotation.__args__})  # type: ignore[union-attr]
_KNOWN_OPS = f" (known: {', '.join(_OPS)})"


def parse(text: str | bytes, *, most: int = MAX_BYTES) -> object:
    """Read JSON text as strictly as rules need it: at most 64 KiB, UTF-8, no key twice, only finite numbers.

    Args:
        text: JSON.
        most: Another bound of its size, for what holds more than a rule.

    Returns:
        Plain Python data.

    Raises:
        RuleFormatError: If it is no such text.

    Examples:
        >>> parse('{"op": "everyone"}')
        {'op': 'everyone'}
    """
    raw = _raw(text) if isinstance(text, str) else text
    if len(raw) > most:
        raise _too_large() if most == MAX_BYTES else RuleFormatError(f"the text is larger than {most // 1024} KiB")
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except RuleFormatError:
        raise
    except json.JSONDecodeError as error:
        place = f" (line {error.lineno}, column {error.colno})"
    except UnicodeDecodeError:
        place = " (some bytes are no UTF-8)"
    except (ValueError, RecursionError):
        place = " (it is nested too deeply, or holds a number that is too long)"
    raise RuleFormatError(f"the text is not JSON in UTF-8{place}: give what rule.to_json() or rule.save() wrote")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RuleFormatError("a JSON object has the same key twice")
    return found


def _refuse_constant(_name: str) -> object:
    raise RuleFormatError("NaN and infinities are not numbers of a rule")


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether parsed JSON is an object, whose keys are then text."""
    return isinstance(value, dict)


def body_of(document: object) -> object:
    """Return the `rule` part of a document of this version.

    Raises:
        RuleFormatError: If it is no such document.
    """
    if not is_object(document) or document.get("schema") != SCHEMA:
        raise RuleFormatError(f'the document is not a rule: it needs "schema": "{SCHEMA}"')
    version = document.get("version")
    if not isinstance(version, str) or not re.fullmatch(rf"{VERSION.split('.', maxsplit=1)[0]}\.[0-9]{{1,4}}", version):
        raise RuleFormatError(
            f"the rule was written in another major version; this mimcore reads {VERSION.split('.', maxsplit=1)[0]}.x"
        )
    extra = sorted(set(document) - {"schema", "version", "rule"})
    if extra or "rule" not in document:
        raise RuleFormatError("the document needs exactly the keys schema, version and rule")
    return document["rule"]


def check(rule: nodes.Rule, catalogue: Catalogue) -> None:
    """Check fields, operators and literals without evaluating anything.

    What no store keeps yet, such as scores, is refused when the rule is bound, not here: a document may wait for it.

    Raises:
        RuleError: Naming the JSON path of the first thing that is wrong, and what it is.
    """
    from datetime import UTC, datetime

    anywhere = Binding(
        now=datetime(2000, 1, 1, tzinfo=UTC), catalogue=catalogue, segment=lambda key: SegmentReference(key, None)
    )
    check_limits(rule)
    problem: RuleError | None = None
    for path, condition in _conditions(rule, "rule"):
        try:
            bind(condition, anywhere)
        except UnsupportedConditionError:
            continue
        except (UnknownFieldError, RuleTypeError) as error:
            problem = type(error).located(path, error)
            break
    if problem is not None:
        raise problem


def _conditions(rule: nodes.Rule, path: str) -> Iterator[tuple[str, nodes.Rule]]:
    """Yield the conditions with their JSON paths; what stands inside a condition on events belongs to it."""
    match rule:
        case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
            for index, part in enumerate(rules):
                yield from _conditions(part, f"{path}.rules[{index}]")
        case nodes.Not(rule=inner) | nodes.OrMissing(rule=inner):
            yield from _conditions(inner, f"{path}.rule")
        case _:
            yield path, rule


def save(rule: nodes.Rule, path: str | Path) -> None:
    """Write a rule to a file.

    Raises:
        CaptureError: If the file cannot be written.
    """
    try:
        Path(path).write_text(to_json(rule), encoding="utf-8")
    except OSError as error:
        reason = error.strerror
    except UnicodeError:
        reason = "it holds text that is not Unicode"
    else:
        return
    raise CaptureError(f"the rule cannot be saved to {Path(path).name}: {reason}")


def load(path: str | Path, *, catalogue: Catalogue | None = None) -> nodes.Rule:
    """Read a rule from a file that `save` wrote.

    Raises:
        CaptureError: If the file cannot be read.
        RuleError: As `from_json`.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror
    else:
        return from_json(raw, catalogue=catalogue)
    raise CaptureError(f"the rule in {Path(path).name} cannot be read: {reason} — check the path")
