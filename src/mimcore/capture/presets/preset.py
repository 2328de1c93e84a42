"""What a ready mapping is: how an export is recognised, what its columns become, what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mimcore.capture.mapping.column_kinds import NO_WORDS, YES_WORDS
from mimcore.capture.mapping.sniff import header_key
from mimcore.capture.mapping.transform_words import filled, map_values
from mimcore.capture.mapping.transforms import Filled, MapValues
from mimcore.domain.consent import PURPOSES

__all__ = ["OPTED_IN", "OPTED_OUT", "Preset", "Target", "columns", "keys", "left_out"]

_NUMBER = re.compile(r"\d+")
_MAILINGS = tuple(key for key in PURPOSES if key not in {"profiling", "service"})
"""What somebody leaves who unsubscribes from everything: profiling is no mailing, service mail needs no consent."""

Transforms = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a column becomes.

    Attributes:
        fields: Canonical names; several only for consent.
        transforms: What its cells need; the order of dates is found in the cells.
    """

    fields: tuple[str, ...]
    transforms: Transforms = ()

    @property
    def is_consent(self) -> bool:
        """Whether it needs the opt-in of an import."""
        return self.fields[0].startswith("consent.")


@dataclass(frozen=True, slots=True)
class Preset:
    """The export of a program.

    Attributes:
        name: By which it is asked for: `mapping="hubspot-contacts"`.
        title: For people.
        needs: Keys of columns that every such file has.
        typical: Keys of columns of which it has `enough`.
        targets: Target by key of the column; `#` stands for a number.
        left_out: Reason by key, for columns that the domain cannot hold.
        kind: What the rows are: `contacts`, `accounts` or a kind of events.
        prefers: Parts of a key in the order in which they are tried; the usual one unless given.
        advice: Said with every plan.
    """

    name: str
    title: str
    needs: frozenset[str]
    typical: frozenset[str]
    enough: int
    targets: Mapping[str, Target] = field(default_factory=dict[str, Target])
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    kind: str = "contacts"
    prefers: tuple[str, ...] = ()
    advice: str = ""

    @property
    def rows(self) -> str:
        """What its rows are, in words."""
        return {"deal": "deals"}.get(self.kind, self.kind)

    def fits(self, headers: Iterable[str]) -> bool:
        """Tell whether a file is such an export.

        Args:
            headers: Names of its columns.
        """
        keys = {header_key(header) for header in headers}
        return self.needs <= keys and len(self.typical & keys) >= self.enough

    def target(self, header: str) -> Target | None:
        """Return what a column becomes, or None if the export has none of that name."""
        key = header_key(header)
        return self.targets.get(key) or self.targets.get(_NUMBER.sub("#", key))

    def reason(self, header: str) -> str:
        """Return why a column is left out, or an empty text if nothing is known of it."""
        key = header_key(header)
        return self.left_out.get(key) or self.left_out.get(_NUMBER.sub("#", key)) or ""


def columns(text: str, transforms: Mapping[str, Transforms] | None = None) -> dict[str, Target]:
    """Read a table of targets.

    Args:
        text: Lines `target: Name | Other name`; `consent.*` means every kind of mailing that needs consent.
        transforms: Transformations by target.

    Examples:
        >>> columns("contact.emails: E-mail # - Value")["email#value"].fields
        ('contact.emails',)
    """
    found: dict[str, Target] = {}
    for line in filter(str.strip, text.splitlines()):
        target, _, names = line.partition(":")
        target = target.strip()
        fields = tuple(f"consent.{key}" for key in _MAILINGS) if target == "consent.*" else (target,)
        for name in names.split("|"):
            found[_key(name)] = Target(fields, (transforms or {}).get(target, ()))
    return found


def left_out(text: str) -> dict[str, str]:
    """Read a table of reasons.

    Args:
        text: Lines `reason: Name | Other name`.
    """
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        reason, _, names = line.rpartition(":")
        found.update({_key(name): reason.strip() for name in names.split("|")})
    return found


def _key(name: str) -> str:
    """Return the key of a name in a table, where `#` stands for a number."""
    return "#".join(header_key(part) for part in name.split("#"))


def keys(text: str) -> frozenset[str]:
    """Return the keys of names of columns.

    Args:
        text: Names as they stand in the file, parted by bars.

    Examples:
        >>> sorted(keys("Record ID | E-mail"))
        ['email', 'recordid']
    """
    return frozenset(map(header_key, text.split("|")))


_TICKS = (*sorted(YES_WORDS), "opted out", "unsubscribed")
OPTED_OUT: tuple[MapValues, ...] = (map_values({**dict.fromkeys(_TICKS, "no"), **dict.fromkeys(sorted(NO_WORDS), "")}),)
"""A tick at 'opted out' is a withdrawal; no tick is no consent, and says nothing."""
OPTED_IN: tuple[Filled, ...] = (filled("yes"),)
"""An instant of opting in is a consent."""
