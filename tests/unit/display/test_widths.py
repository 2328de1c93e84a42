from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display.markup import clean
from mimcore.display.widths import clusters, fit, has_right_to_left, truncate, width_of, wrap

TEXTS = st.text(max_size=60).map(clean)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("Ana", 3),
        ("東京タワー", 10),
        ("e\u0301", 1),
        ("ｱ", 1),
        ("👍🏽", 2),
        ("👩‍👩‍👧", 2),
        ("❤\ufe0f", 2),
        ("한글", 4),
        ("\u1112\u1161\u11ab", 2),
        ("שלום", 4),
        ("a\u200bb", 2),
        ("12\u202f040", 6),
    ],
)
def test_width_of_known_texts(text, width):
    """East Asian letters and emoji take two columns, marks and joiners none."""
    assert width_of(text) == width


def test_truncate_cuts_between_clusters():
    """A base keeps its marks, and a wide letter that does not fit is left out."""
    assert truncate("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert truncate("東京タワー", 4) == "東…"
    assert truncate("two words", 5) == "two…"
    assert truncate("Ana", 3) == "Ana"


def test_fit_puts_text_on_its_side():
    """Text is padded on the other side, or on both."""
    assert [fit("12", 5, side) for side in ("left", "right", "center")] == ["12   ", "   12", " 12  "]


def test_right_to_left_text_is_closed_by_a_mark():
    """The mark after Hebrew keeps the next cell in its place."""
    assert fit("שלום", 5) == "שלום\u200e "
    assert not has_right_to_left("東京 12")


def test_wrap_breaks_words_only_if_it_must():
    """Words stay whole where they can."""
    assert wrap("has a newsletter consent", 12) == ["has a", "newsletter", "consent"]
    assert wrap("a unbelievable", 5) == ["a", "unbel", "ievab", "le"]
    assert wrap("", 5) == [""]


HARD = st.text(st.sampled_from(" a\u0301\u200d\ufe0f\u200b\u1100\u1161\u11a8❤👩🏽東א1"), max_size=12)


@given(HARD, HARD)
def test_widths_add_up_over_a_space(one, other):
    """What follows a space is as wide as it is alone, so padding and joining can be counted."""
    assert width_of(f"{one} {other}") == width_of(one) + 1 + width_of(other)


@given(TEXTS)
def test_clusters_lose_nothing(text):
    """The clusters joined are the text."""
    assert "".join(clusters(text)) == text


@given(TEXTS | HARD, st.integers(1, 30), st.sampled_from(["left", "right", "center"]))
def test_fit_is_exact(text, width, side):
    """A fitted text is exactly as wide as asked."""
    assert width_of(fit(text, width, side)) == width


@given(TEXTS | HARD, st.integers(2, 30))
def test_wrapped_lines_are_never_too_wide(text, width):
    """No line is wider than asked, and nothing but spaces is lost."""
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
