"""Text patterns: what they match, the plainest test they mean, and that none of them can be made to hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.errors import RuleTypeError
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.language.wildcards import Wild, matcher, simplest, tokens

CITY = default_catalogue()["contact.demographic.city"]
CAMPAIGN = default_catalogue()["contact.acquisition.campaign"]


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*c", "abbc", True),
        ("a*c", "ac", True),
        ("a*c", "acb", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("?", "🙂", True),
        ("*b*d", "abcd", True),
        ("*b*b", "ab", False),
        ("a\\*c", "a*c", True),
        ("a\\*c", "abc", False),
        ("a\\?", "ab", False),
        ("a*b", "a\nb", True),
        ("*a*a*", "aa", True),
        ("*.com", "x.com", True),
        ("*.com", "xcom", False),
        ("%_*", "%_x", True),
        ("%_*", "ab", False),
        ("a*bc*cd", "abcd", False),
        ("a*bc*cd", "abccd", True),
    ],
)
def test_what_matches(pattern: str, text: str, fits: bool) -> None:
    """Checked by hand."""
    assert (matcher(pattern).fullmatch(text) is not None) is fits


def _fits(pattern: tuple[object, ...], text: str) -> bool:
    """Brute force."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first is Wild.ANY:
        return any(_fits(rest, text[at:]) for at in range(len(text) + 1))
    if first is Wild.ONE:
        return bool(text) and _fits(rest, text[1:])
    return text.startswith(str(first)) and _fits(rest, text[len(str(first)) :])


@given(st.text("ab*?\\", max_size=8), st.text("ab*", max_size=8))
def test_a_matcher_is_brute_force(pattern: str, text: str) -> None:
    """Any short pattern on any short text."""
    try:
        parts = tokens(pattern)
    except RuleTypeError:
        assert (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1
        return
    assert (matcher(pattern).fullmatch(text) is not None) is _fits(parts, text)


@pytest.mark.parametrize(
    ("pattern", "mode", "needle"),
    [
        ("Berlin", "equals", "berlin"),
        ("New*", "starts_with", "new"),
        ("*HAVN", "ends_with", "havn"),
        ("*ß*", "contains", "ss"),
        ("N?w*", "matches", "n?w*"),
        ("a**b", "matches", "a*b"),
        ("New * City", "matches", "new * city"),
        ("50\\*", "equals", "50*"),
        ("x\\?y*", "starts_with", "x?y"),
        ("x\\?*y", "matches", "x\\?*y"),
    ],
)
def test_the_plainest_test(pattern: str, mode: str, needle: str) -> None:
    """Folded as the field is; spaces beside a wildcard stay."""
    assert simplest(CITY, pattern) == (mode, needle)


def test_a_key_is_compared_letter_by_letter() -> None:
    """No folding where the field has none."""
    assert simplest(CAMPAIGN, "Spring-*") == ("starts_with", "Spring-")


@pytest.mark.parametrize("pattern", ["*", "?", "**?", " * ", "a\\", "*a" * 11])
def test_what_is_refused(pattern: str) -> None:
    """No literal text, a lone backslash, too many stars."""
    with pytest.raises(RuleTypeError):
        simplest(CITY, pattern)


def test_a_hostile_pattern_is_linear() -> None:
    """Ten stars over a long text that never matches: well under a second, where backtracking would take ages."""
    started = time.process_time()
    assert matcher("a*" * 10 + "b").fullmatch("a" * 20_000) is None
    assert time.process_time() - started < 5
