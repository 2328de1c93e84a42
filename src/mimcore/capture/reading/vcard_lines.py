"""The lines of a vCard file: unfolded, decoded, parted into name, parameters and value (RFC 2426, RFC 6350, vCard 2.1).

Not here: which property becomes which column (`vcard`).
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Property", "logical_lines", "parted", "property_of"]

_NAME = re.compile(r"(?:[\w-]+\.)?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<rest>[;:].*)", re.DOTALL)
_PARAMETER = re.compile(r';([^=;:"]+)(?:=((?:"[^"]*"|[^;:"])*))?')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 64 * 1024
"""Longer values are pictures, sounds and keys, none of which becomes a column; they are cut there."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card.

    Attributes:
        name: In upper case, without its group.
        parameters: Values by name, both in upper case; bare words of vCard 2.1 stand under TYPE.
        value: As written, decoded, still escaped.
    """

    name: str
    parameters: Mapping[str, tuple[str, ...]]
    value: str

    @property
    def rank(self) -> int:
        """How much it is preferred: 1 most, 101 not at all."""
        types = self.parameters.get("TYPE", ())
        ranks = [int(one) for one in self.parameters.get("PREF", ()) if one.isdigit()]
        return ranks[0] if ranks else 1 if "PREF" in types else 101


def logical_lines(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Join folded lines.

    Args:
        lines: Physical lines with their numbers, without line ends.

    Yields:
        Whole lines with the number of their first physical line.
    """
    begun, text = 0, ""
    for number, line in lines:
        is_soft = _is_quoted(text) and text.endswith("=")
        if text and (is_soft or line[:1] in {" ", "\t"}):
            addition = line if is_soft else line[1:]
            text = (text[:-1] if is_soft else text) + addition if len(text) < _LONGEST else text
            continue
        if text:
            yield begun, text
        begun, text = number, line
    if text:
        yield begun, text


def _is_quoted(text: str) -> bool:
    return "QUOTED-PRINTABLE" in text.partition(":")[0].upper()


def property_of(line: str) -> Property | None:
    """Part a whole line, or return None if it is none.

    Args:
        line: The line.

    Examples:
        >>> found = property_of("item1.EMAIL;TYPE=INTERNET,pref:ana@acme.dk")
        >>> found.name, found.parameters, found.value, found.rank
        ('EMAIL', {'TYPE': ('INTERNET', 'PREF')}, 'ana@acme.dk', 1)
    """
    found = _NAME.match(line)
    if found is None:
        return None
    rest, parameters = found["rest"], dict[str, tuple[str, ...]]()
    while (part := _PARAMETER.match(rest)) is not None:
        key, given = ("TYPE", part[1]) if part[2] is None else (part[1], part[2])
        key = key.strip().upper()
        words = tuple(word.strip().upper() for word in given.replace('"', "").split(","))
        parameters[key] = (*parameters.get(key, ()), *words)
        rest = rest[part.end() :]
    if not rest.startswith(":"):
        return None
    return Property(found["name"].upper(), parameters, _decoded(rest[1:], parameters))


def _decoded(value: str, parameters: Mapping[str, tuple[str, ...]]) -> str:
    words = {*parameters.get("ENCODING", ()), *parameters.get("TYPE", ())}
    if "QUOTED-PRINTABLE" not in words:
        return value
    octets = quopri.decodestring(value.encode("utf-8", "replace"))
    for codec in (*parameters.get("CHARSET", ()), "utf-8", "cp1252", "latin-1"):
        try:
            return octets.decode(codec)
        except (LookupError, UnicodeError):
            continue
    return value


def parted(value: str, separator: str) -> list[str]:
    r"""Part a value at a separator that is not escaped, and take the escapes off.

    Args:
        value: The value.
        separator: A semicolon for parts, a comma for values.

    Examples:
        >>> parted(r"Berg;Ana\; Maria;;", ";")
        ['Berg', 'Ana; Maria', '', '']
    """
    parts = _split(value, separator) if "\\" in value else value.split(separator)
    return [_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], part).strip() for part in parts]


def _split(value: str, separator: str) -> Sequence[str]:
    parts, start, place = list[str](), 0, 0
    while place < len(value):
        if value[place] == "\\":
            place += 1
        elif value[place] == separator:
            parts.append(value[start:place])
            start = place + 1
        place += 1
    return [*parts, value[start:]]
