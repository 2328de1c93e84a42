"""Making text safe to show: cleaning, escaping, and one builder for every HTML and SVG element.

Everything the display room writes goes through here, so that no text from outside can become markup, steer a
terminal or turn the direction of the text around it. There is no parser and no template language here.
"""

from __future__ import annotations

import re
from html import escape as _escape

__all__ = ["REPLACEMENT", "clean", "element", "escape"]

REPLACEMENT = "\ufffd"
"""Stands where a character was that must not be shown (NUL, escape sequences, direction overrides …)."""

_BREAKS = re.compile("\r\n|[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
# Refused by XML (controls, lone surrogates, U+FFFE/F), obeyed by terminals (C0, C1), or able to reorder what
# follows them (embeddings, overrides, isolates). Non-characters are an HTML parse error.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_VOID = frozenset({"br", "circle", "hr", "input", "line", "meta", "path", "rect"})


def clean(text: str, *, keep_lines: bool = False) -> str:
    r"""Return text that is safe on a terminal and valid in HTML and XML, on one line unless told otherwise.

    Line breaks and tabs become spaces. Control characters, lone surrogates, non-characters and the controls that
    override or embed a text direction become `REPLACEMENT`. Right-to-left letters and joiners stay.

    Args:
        text: Any text.
        keep_lines: Keep line breaks (as `\n`); a tab becomes four spaces.

    Examples:
        >>> clean("two\r\nlines")
        'two lines'
        >>> clean("\x1b[31mred") == REPLACEMENT + "[31mred"
        True
    """
    if keep_lines:
        lines = text.replace("\t", "    ").splitlines()
        return "\n".join(_FORBIDDEN.sub(REPLACEMENT, line) for line in lines)
    return _FORBIDDEN.sub(REPLACEMENT, _BREAKS.sub(" ", text))


def escape(text: str, *, keep_lines: bool = False) -> str:
    """Return cleaned text with `& < > " '` escaped, fit for the content and the attributes of HTML and SVG.

    Args:
        text: Any text.
        keep_lines: As in `clean`.

    Examples:
        >>> escape("<b>5 & more</b>")
        '&lt;b&gt;5 &amp; more&lt;/b&gt;'
    """
    return _escape(clean(text, keep_lines=keep_lines), quote=True)


def element(name: str, /, *content: str, **attributes: str | float | None) -> str:
    """Return one element as markup that HTML and XML parsers both accept.

    Args:
        name: The element; a name of the program, never text from outside.
        *content: Markup, escaped already.
        **attributes: Attributes, escaped here. `class_` becomes `class`, any other `_` becomes `-`; a number is
            written with at most two decimals; an attribute that is `None` is left out.

    Examples:
        >>> element("p", escape("a < b"), class_="note", data_n=2.5)
        '<p class="note" data-n="2.5">a &lt; b</p>'
        >>> element("hr")
        '<hr/>'
    """
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    head = "".join(f' {key}="{_attribute(value)}"' for key, value in pairs)
    if name in _VOID:
        return f"<{name}{head}/>"
    return f"<{name}{head}>{''.join(content)}</{name}>"


def _attribute(value: str | float) -> str:
    """Write one attribute's value."""
    return escape(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
