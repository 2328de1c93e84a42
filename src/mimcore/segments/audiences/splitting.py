"""Dividing people into groups by a salted hash of their ids: the same today, tomorrow, and in any other program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate
from math import isfinite
from uuid import UUID

from mimcore.errors import InvalidValueError
from mimcore.values.arguments import given_list, given_mapping
from mimcore.values.identifiers import check_key

__all__ = ["ALL", "CONTROL", "Split", "new_split", "place_of"]

ALL = "all"
"""The one group of an audience that is not divided."""

CONTROL = "control"
"""The group that is held out unless others are named."""

_WHOLE = 2**64


def place_of(salt: str, contact_id: UUID) -> int:
    """Return the place of a contact between 0 and 2⁶⁴: the first eight bytes of SHA-256 of `salt:id`.

    Args:
        salt: Names the experiment.
        contact_id: Id of the golden record.

    Examples:
        >>> hex(place_of("spring", UUID(int=1)))
        '0x28382446cd14d619'
    """
    return int.from_bytes(sha256(f"{salt}:{contact_id}".encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class Split:
    """Groups with their shares, in order; a place belongs to the first group whose part it falls into.

    Attributes:
        shares: Name and share of each group, 0-1; together 1.
        salt: What the hash is salted with.
        held_out: Groups that are never handed over.
    """

    shares: tuple[tuple[str, float], ...]
    salt: str
    held_out: tuple[str, ...]
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out where each part ends; the last one takes what rounding leaves."""
        ends = [int(end * _WHOLE) for end in accumulate(Fraction(str(share)) for _, share in self.shares)]
        object.__setattr__(self, "_ends", (*ends[:-1], _WHOLE))

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in order."""
        return tuple(name for name, _ in self.shares)

    def group(self, contact_id: UUID) -> str:
        """Return the group of a contact."""
        if len(self.shares) == 1:
            return self.shares[0][0]
        place = place_of(self.salt, contact_id)
        return next(name for (name, _), end in zip(self.shares, self._ends, strict=True) if place < end)

    def chosen(self, groups: Iterable[str] | None) -> tuple[str, ...]:
        """Return the groups that may be handed over, among those named or of all.

        Raises:
            InvalidValueError: If there is no such group, or one is held out.
        """
        free = tuple(name for name in self.groups if name not in self.held_out)
        if groups is None:
            return free
        wanted = set(self.known([groups] if isinstance(groups, str) else groups))
        if wanted & set(self.held_out):
            raise InvalidValueError("groups", "names a group that is held out", "a control group is never handed over")
        return tuple(name for name in free if name in wanted)

    def known(self, groups: Iterable[str]) -> Sequence[str]:
        """Return names of groups.

        Raises:
            InvalidValueError: If there is no such group.
        """
        listed = given_list(groups, "groups", _GROUPS)
        if set(listed) <= set(self.groups):
            return listed
        raise InvalidValueError("groups", "names a group that is not there", f"use one of {', '.join(self.groups)}")


_GROUPS = "give a list of names of groups, such as ['control']"
_SHARES = "for example {'test': 0.9, 'control': 0.1}"


def new_split(shares: Mapping[str, float] | None, salt: str, hold_out: Iterable[str] | None) -> Split:
    """Check and make a split.

    Args:
        shares: Share of each group, 0-1; one group of everybody unless given.
        salt: What the hash is salted with; any text but an empty one.
        hold_out: Groups that are never handed over; the one called `control` unless given.

    Raises:
        InvalidValueError: If the shares are no shares of 1, or a name or the salt is none.
    """
    given = {ALL: 1.0} if shares is None else given_mapping(shares, "split", _SHARES)
    listed = tuple((check_key(name, "split"), _share(share)) for name, share in given.items())
    if not listed:
        raise InvalidValueError("split", "has no group", "leave it out, or give shares that add up to 1")
    if abs(sum(share for _, share in listed) - 1) > 1e-9:
        raise InvalidValueError("split", "has shares that do not add up to 1", _SHARES)
    if not str(salt).strip():
        raise InvalidValueError("salt", "is empty", "name the experiment, such as 'spring-2026'")
    names = tuple(name for name, _ in listed)
    held = (
        [CONTROL]
        if hold_out is None
        else [hold_out]
        if isinstance(hold_out, str)
        else [*given_list(hold_out, "hold_out", _GROUPS)]
    )
    if hold_out is not None and not set(held) <= set(names):
        raise InvalidValueError("hold_out", "names a group that is not there", f"use one of {', '.join(names)}")
    return Split(listed, salt, tuple(name for name in names if name in held))


def _share(share: object) -> float:
    if isinstance(share, int | float) and not isinstance(share, bool) and isfinite(share) and 0 < share <= 1:
        return float(share)
    raise InvalidValueError("split", "has a share that is none", "give each group more than 0 and at most 1")
