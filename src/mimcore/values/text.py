"""Text at the boundary: what is refused, what counts as missing, and the one folding that comparisons use."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from mimcore.errors import InvalidValueError

__all__ = ["clean", "fold", "is_absent", "squeezed"]

_KEPT_CONTROLS = "\t\n"
_OF_PANDAS = frozenset({"NAType", "NaTType"})
"""What pandas calls missing values of its own, which answer no comparison; by name, so that pandas is not loaded."""


def fold(text: str) -> str:
    """Fold text for comparison: NFKC, case folding, white space collapsed.

    The only folding in the library. Stored beside the original and compared byte for byte on every engine, because
    no two engines agree on `lower()`.

    Args:
        text: Any text.

    Returns:
        The folded text; idempotent; empty for white space.

    Examples:
        >>> fold("  STRASSE ") == fold("Straße")
        True
    """
    if text.isascii():  # normal forms change no ASCII, and folding it is lowering it
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def squeezed(text: str | None) -> str:
    """Return the letters and digits of a text, folded: what is left where spaces and punctuation do not count.

    Args:
        text: Any text, or None.

    Examples:
        >>> squeezed("Jean-Pierre"), squeezed("1234 AB"), squeezed(None)
        ('jeanpierre', '1234ab', '')
    """
    return "".join(character for character in fold(text or "") if character.isalnum())


def is_absent(value: object) -> bool:
    """Tell whether a cell of a frame or a document holds nothing: None, blank text, NaN, or NA and NaT of pandas.

    Args:
        value: Anything that stands in a cell.

    Examples:
        >>> [is_absent(value) for value in (None, " ", float("nan"), Decimal("nan"), 0, False, "nan")]
        [True, True, True, True, False, False, False]
    """
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - the one value that differs from itself
    return value is None or type(value).__name__ in _OF_PANDAS


def clean(value: object, field: str, max_length: int = 500, *, multiline: bool = False) -> str | None:
    """Check text and strip it; empty or white-space text is missing.

    Args:
        value: Text, or None.
        field: Name used in an error.
        max_length: Longest text accepted, in characters.
        multiline: Whether tabs and line breaks are allowed inside.

    Returns:
        The stripped text in NFC, or None if there is none.

    Raises:
        InvalidValueError: If it is not text, too long, or holds control, bidirectional or unpaired characters.

    Examples:
        >>> clean("  Aarhus ", "city")
        'Aarhus'
        >>> clean("   ", "city") is None
        True
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidValueError(field, "must be text", "give a str")
    if len(value) > max_length + 100:
        raise InvalidValueError(field, f"is too long (at most {max_length} characters)", "shorten it")
    text = value.strip()
    if not text:
        return None
    if not text.isascii() or not text.isprintable():
        _refuse_characters(text, field, _KEPT_CONTROLS if multiline else "")
        text = unicodedata.normalize("NFC", text)
    if len(text) > max_length:
        raise InvalidValueError(field, f"is too long (at most {max_length} characters)", "shorten it")
    return text


def _refuse_characters(text: str, field: str, kept: str) -> None:
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            raise InvalidValueError(field, "holds an unpaired surrogate", "decode the text as UTF-8 first")
        if category == "Cc" and character not in kept:
            raise InvalidValueError(field, "holds a control character", "remove line breaks, tabs and NUL")
        if unicodedata.bidirectional(character) in _BIDI_CONTROLS:
            raise InvalidValueError(field, "holds a bidirectional control character", "remove invisible characters")


_BIDI_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
