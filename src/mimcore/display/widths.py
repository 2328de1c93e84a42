"""How wide text is on a terminal, and fitting it: truncate, pad and wrap by columns, not by characters.

Wide East Asian characters and emoji take two columns, combining marks none (Unicode Standard Annex 11, and the
clusters of Annex 29 as far as a fixed-pitch terminal follows them). How wide text is in a chart is told in `svg`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal

__all__ = ["Side", "clusters", "fit", "has_right_to_left", "truncate", "width_of", "wrap"]

Side = Literal["left", "right", "center"]
"""Where text stands in the room that it has."""

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_ZERO = frozenset({"Mn", "Me", "Cf", "Cc"})


def clusters(text: str) -> Iterator[str]:
    """Yield what a reader sees as one character each: a base with the marks and joined emoji that follow it.

    Args:
        text: Cleaned text.

    Examples:
        >>> [len(part) for part in clusters("e\u0301a")]
        [2, 1]
    """
    held = ""
    for character in text:
        if held and _joins(held, character):
            held += character
        else:
            if held:
                yield held
            held = character
    if held:
        yield held


def width_of(text: str) -> int:
    """Return how many columns the text takes on a terminal.

    Args:
        text: Cleaned text.

    Examples:
        >>> width_of("Ana"), width_of("東京"), width_of("e\u0301")
        (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_cluster_width, clusters(text)))


def truncate(text: str, width: int) -> str:
    """Return the text, shortened to `width` columns and ended by `…` if it is longer.

    Args:
        text: Cleaned text.
        width: Columns, at least 1.

    Examples:
        >>> truncate("Copenhagen", 6)
        'Copen…'
    """
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for cluster in clusters(text):
        used += _cluster_width(cluster)
        if used > width - 1:
            break
        kept += cluster
    return kept.rstrip() + "…"


def fit(text: str, width: int, side: Side = "left") -> str:
    """Return the text, truncated or padded to exactly `width` columns.

    Args:
        text: Cleaned text.
        width: Columns, at least 1.
        side: Where the text stands.

    Examples:
        >>> fit("12", 5, "right")
        '   12'
    """
    short = truncate(text, width)
    # The mark keeps a right-to-left cell from pulling the next cell to its other side; it takes no column.
    shown = short + "\u200e" if has_right_to_left(short) else short
    room = width - width_of(short)
    before = {"left": 0, "right": room, "center": room // 2}[side]
    return " " * before + shown + " " * (room - before)


def wrap(text: str, width: int) -> list[str]:
    """Return the text as lines of at most `width` columns, broken at spaces, and inside a word only if it must be.

    Args:
        text: Cleaned text.
        width: Columns, at least 2 (a wide character needs two).

    Examples:
        >>> wrap("has a newsletter consent", 12)
        ['has a', 'newsletter', 'consent']
    """
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(joined) <= width:
            lines[-1] = joined
        else:
            lines.extend(_pieces(word, width))
    return [line for line in lines if line] or [""]


def has_right_to_left(text: str) -> bool:
    """Tell whether the text has letters that are written from right to left.

    Args:
        text: Any text.

    Examples:
        >>> has_right_to_left("שלום"), has_right_to_left("Ana")
        (True, False)
    """
    return not text.isascii() and any(unicodedata.bidirectional(one) in {"R", "AL"} for one in text)


def _pieces(word: str, width: int) -> Iterator[str]:
    """Cut one word into pieces of at most `width` columns."""
    held, used = "", 0
    for cluster in clusters(word):
        wide = _cluster_width(cluster)
        if held and used + wide > width:
            yield held
            held, used = "", 0
        held, used = held + cluster, used + wide
    yield held


def _joins(held: str, character: str) -> bool:
    """Tell whether the character belongs to the cluster before it; a space takes nothing that has a width."""
    if character.isascii():
        return False
    if unicodedata.category(character) in _ZERO:
        return True
    return _is_picture(held) and (
        held.endswith(_JOINER)
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\u1160" <= character <= "\u11ff"  # the vowels and finals of a Hangul syllable
    )


def _is_picture(cluster: str) -> bool:
    """Tell whether the cluster takes two columns: a wide base, or one that is shown as an emoji."""
    base = cluster[0]
    if unicodedata.east_asian_width(base) in {"W", "F"}:
        return True
    return _EMOJI_STYLE in cluster and base != " " and unicodedata.category(base) not in _ZERO


def _cluster_width(cluster: str) -> int:
    """Return the columns of one cluster."""
    return 2 if _is_picture(cluster) else 0 if unicodedata.category(cluster[0]) in _ZERO else 1
