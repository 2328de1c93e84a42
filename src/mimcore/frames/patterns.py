"""Patterns of wildcards as regular expressions of the engines: literals, any text, any one character; nothing else."""

from __future__ import annotations

import re

from mimcore.rules.language.wildcards import Wild, tokens

__all__ = ["pattern"]

_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")


def pattern(needle: str, *, backtracks: bool) -> str:
    r"""Return the expression that a whole text must match.

    Args:
        needle: Needle of a bound leaf.
        backtracks: Whether the engine backtracks; there, atomic groups keep it linear in the length of the text.

    Examples:
        >>> pattern("a*b?", backtracks=False)
        '(?s)\\Aa.*b.\\z'
    """
    pieces = [""]
    for token in tokens(needle):
        if token is Wild.ANY:
            pieces.append("")
        else:
            pieces[-1] += "." if token is Wild.ONE else _SPECIAL.sub(r"\\\1", str(token))
    if len(pieces) == 1:
        return rf"(?s)\A{pieces[0]}\z"
    first, *middle, last = pieces
    between = "".join(f"(?>.*?{one})" if backtracks else f".*{one}" for one in middle)
    return rf"(?s)\A{first}{between}.*{last}\z"
