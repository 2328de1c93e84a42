"""Text without data: one of the texts that are named, or another one that contains, starts and ends as it must."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mimcore.rules.analysis.plausible import REQUIRED, plausible
from mimcore.rules.analysis.representatives import constants, tests_of_values
from mimcore.rules.analysis.variables import FALSE, TRUE, Budget, Lazy, State, bit
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import IsKnown, Leaf, TextMatch

__all__ = ["Texts"]

Piece = tuple[str, str]
"""Mode and needle of a text condition."""


class Other(NamedTuple):
    """A text that is none of the named ones: what it has, and what it has not."""

    has: frozenset[Piece]
    lacks: frozenset[Piece]


class TextState(NamedTuple):
    """What a text may be: absent with its account, missing, one of the named texts (as bits), another one."""

    no_account: bool
    missing: bool
    named: int
    other: Other | None


class Texts(Lazy):
    """A text field."""

    def __init__(self, spec: FieldSpec, leaves: Sequence[Leaf], budget: Budget) -> None:
        """Take the field and all conditions on it."""
        super().__init__(spec.name, leaves, budget, is_account=spec.entity == "account")
        self._spec = spec
        self._texts: list[str] = constants(leaves)
        self._tests = tests_of_values(spec, leaves)
        self._rare = _rare("".join([*self._texts, *(leaf.needle for leaf in leaves if isinstance(leaf, TextMatch))]))

    def start(self) -> State:
        """Anything."""
        return TextState(self.is_account, True, (1 << len(self._texts)) - 1, Other(frozenset(), frozenset()))

    def reason(self, state: TextState, number: int, allowed: int) -> State | None:
        """Ask every possibility."""
        absent = bool(bit(self._tests[number](None)) & allowed)
        named = sum(
            1 << index
            for index, text in enumerate(self._texts)
            if state.named >> index & 1 and bit(self._tests[number](text)) & allowed
        )
        left = TextState(
            state.no_account and absent,
            state.missing and absent,
            named,
            state.other and self._other(state.other, self.leaves[number], allowed & (TRUE | FALSE)),
        )
        return left if any((left.no_account, left.missing, left.named, left.other is not None)) else None

    def _other(self, other: Other, leaf: Leaf, allowed: int) -> Other | None:
        if not isinstance(leaf, TextMatch):
            return other if allowed & (TRUE if isinstance(leaf, IsKnown) else FALSE) else None
        if allowed == TRUE | FALSE or not allowed:
            return other if allowed else None
        piece = (leaf.mode, leaf.needle)
        more = Other(other.has | {piece}, other.lacks) if allowed == TRUE else Other(other.has, other.lacks | {piece})
        return more if _is_possible(more) else None

    def effort(self, state: TextState) -> int:
        """Every named text is asked, and every piece is held against every other."""
        pieces = 0 if state.other is None else len(state.other.has) * (len(state.other.lacks) + 2)
        return 1 + (len(self._texts) + pieces) // 20

    def with_account(self, state: TextState, *, is_linked: bool) -> State | None:
        """Leave out the other possibility."""
        if not self.is_account:
            return state
        if not is_linked:
            return TextState(True, False, 0, None) if state.no_account else None
        return _unless_empty(state._replace(no_account=False))

    def with_value(self, state: TextState, *, is_known: bool) -> State | None:
        """Leave out missing, or all else."""
        if is_known:
            return _unless_empty(TextState(False, False, state.named, state.other))
        return _unless_empty(TextState(state.no_account, state.missing, 0, None))

    def is_certain(self, state: TextState) -> bool:
        """Whether an entity surely accepts one of the possibilities."""
        if state.no_account or (state.missing and self.name not in REQUIRED):
            return True
        return self._example(state) is not None

    def _example(self, state: TextState) -> str | None:
        named = (text for index, text in enumerate(self._texts) if state.named >> index & 1)
        made = self._made(state.other) if state.other is not None else ()
        return next((text for text in (*made, *named) if plausible(self._spec, text)), None)

    def _made(self, other: Other) -> Iterator[str]:
        """Put together texts that have what they must and, checked, nothing that they must not."""
        start, end = (max(_needles(other.has, mode), key=len, default="") for mode in ("starts_with", "ends_with"))
        rare = self._rare
        middle = rare.join(["", *sorted(_needles(other.has, "contains")), ""]) or rare
        for text in (f"{start}{middle}{end}", f"{start}{middle}@{rare}{end}", f"{start}{middle}@{rare}{end}.com"):
            if (
                rare
                and all(_holds(one, text) for one in other.has)
                and not any(_holds(one, text) for one in other.lacks)
            ):
                yield text

    def say(self, state: TextState) -> str:
        """An example."""
        words = self._spec.short.replace("_", " ")
        if state.no_account:
            return "no account"
        example = None if state.missing and self.name not in REQUIRED else self._example(state)
        return f"no {words}" if example is None else f"{words} “{example}”"


def _unless_empty(state: TextState) -> TextState | None:
    return state if state.no_account or state.missing or state.named or state.other is not None else None


def _needles(pieces: Iterable[Piece], mode: str) -> list[str]:
    return [needle for one, needle in pieces if one == mode]


def _holds(piece: Piece, text: str) -> bool:
    mode, needle = piece
    return {"contains": needle in text, "starts_with": text.startswith(needle), "ends_with": text.endswith(needle)}[
        mode
    ]


def _is_possible(other: Other) -> bool:
    """Tell whether the pieces do not contradict each other: two starts, or something that is had and lacked."""
    starts, ends = _needles(other.has, "starts_with"), _needles(other.has, "ends_with")
    start, end = max(starts, key=len, default=""), max(ends, key=len, default="")
    if not all(start.startswith(one) for one in starts) or not all(end.endswith(one) for one in ends):
        return False
    parts = [start, end, *_needles(other.has, "contains")]
    return not (
        any(needle in part for needle in _needles(other.lacks, "contains") for part in parts)
        or any(start.startswith(needle) for needle in _needles(other.lacks, "starts_with"))
        or any(end.endswith(needle) for needle in _needles(other.lacks, "ends_with"))
    )


def _rare(used: str) -> str:
    """Return a letter that no condition mentions, or nothing."""
    return next((letter for letter in "zqxjkvbwyfghmnpcdlrusoitea" if letter not in used), "")
