"""Folding plain ASCII by its short way gives what the long way gives."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mimcore.values.text import fold


def _long_way(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_letters_fold_alike_on_both_ways(text: str) -> None:
    """Every ASCII text, control characters included."""
    assert fold(text) == _long_way(text)


@given(st.text(max_size=40))
def test_any_text_folds_by_the_definition(text: str) -> None:
    """NFKC, case folding, NFKC, white space collapsed."""
    assert fold(text) == _long_way(text)
