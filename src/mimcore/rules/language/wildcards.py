"""Text patterns: `*` stands for any text, `?` for one character, a backslash takes the next one literally.

No regular expressions: engines disagree about them, and some can be made to hang.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Literal

from mimcore.errors import RuleTypeError
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import primitive

__all__ = ["MAX_STARS", "Wild", "matcher", "simplest", "tokens"]

MAX_STARS = 10
Mode = Literal["equals", "contains", "starts_with", "ends_with", "matches"]


class Wild(Enum):
    """What is no literal text."""

    ANY = "*"
    ONE = "?"


Token = str | Wild
_WILD: dict[str, Wild] = {one.value: one for one in Wild}
_QUOTED = str.maketrans({one: f"\\{one}" for one in "*?\\"})


def tokens(pattern: str) -> tuple[Token, ...]:
    """Take a pattern apart into literal text and wildcards.

    Args:
        pattern: As a rule or a bound leaf holds it.

    Raises:
        RuleTypeError: If it ends with a lone backslash.

    Examples:
        >>> tokens("a*b")
        ('a', <Wild.ANY: '*'>, 'b')
    """
    found: list[Token] = []
    characters = iter(pattern)
    for one in characters:
        if one in _WILD:
            token: Token = _WILD[one]
        elif one == "\\":
            token = next(characters, "")
            if not token:
                raise RuleTypeError("a pattern ends with a lone backslash: write two of them for one")
        else:
            token = one
        if isinstance(token, str) and found and isinstance(found[-1], str):
            found[-1] += token
        elif not (token is Wild.ANY and found and found[-1] is Wild.ANY):
            found.append(token)
    return tuple(found)


def simplest(spec: FieldSpec, pattern: str) -> tuple[Mode, str]:
    """Return the plainest test that a pattern means, with its needle folded as the field is.

    Args:
        spec: Field of text, or of codes without a vocabulary.
        pattern: As the rule holds it.

    Raises:
        RuleTypeError: If there is no literal text in it, or it has too many stars.
    """
    parts = _trimmed([_normal(spec, one) if isinstance(one, str) else one for one in tokens(pattern)])
    if sum(one is Wild.ANY for one in parts) > MAX_STARS:
        raise RuleTypeError(f"{spec.name}: a pattern has at most {MAX_STARS} stars")
    if not any(isinstance(one, str) and one.strip() for one in parts):
        raise RuleTypeError(f"{spec.name}: a pattern needs some literal text; use .is_known() for any text at all")
    match parts:
        case [str(text)]:
            return "equals", str(primitive(spec, text))
        case [str(text), Wild.ANY]:
            return "starts_with", text
        case [Wild.ANY, str(text)]:
            return "ends_with", text
        case [Wild.ANY, str(text), Wild.ANY]:
            return "contains", text
        case _:
            return "matches", "".join(one.value if isinstance(one, Wild) else _quoted(one) for one in parts)


def _trimmed(parts: list[Token]) -> list[Token]:
    """Take the white space from both ends: no stored text begins or ends with any."""
    if parts and isinstance(parts[0], str):
        parts[:1] = filter(None, [parts[0].lstrip()])
    if parts and isinstance(parts[-1], str):
        parts[-1:] = filter(None, [parts[-1].rstrip()])
    return parts


def _normal(spec: FieldSpec, text: str) -> str:
    """Fold a piece of literal text; a space at its edge stays, since a wildcard may stand beside it."""
    folded = str(primitive(spec, text)) if text.strip() else ""  # refuses what no stored text holds
    if spec.kind is not Kind.TEXT:
        return text
    return f"{' ' * text[:1].isspace()}{folded}{' ' * (text[-1:].isspace() and bool(folded))}"


def _quoted(text: str) -> str:
    return text.translate(_QUOTED)


def matcher(pattern: str) -> re.Pattern[str]:
    """Compile a bound pattern for Python; atomic groups keep it linear in the length of the text.

    Args:
        pattern: Needle of a bound leaf.

    Examples:
        >>> bool(matcher("a*c?").fullmatch("abbcd"))
        True
    """
    pieces = [""]
    for token in tokens(pattern):
        if token is Wild.ANY:
            pieces.append("")
        else:
            pieces[-1] += "." if token is Wild.ONE else re.escape(str(token))
    if len(pieces) == 1:
        return re.compile(pieces[0], re.DOTALL)
    first, *middle, last = pieces
    return re.compile(first + "".join(f"(?>.*?{one})" for one in middle) + ".*" + last, re.DOTALL)
