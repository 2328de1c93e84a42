"""Trees that show themselves: rules, and the explanation why a rule holds, fails or cannot be decided.

A tree is data; what the labels say and which mark a node has is decided by whoever builds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mimcore.display.markup import clean, element, escape
from mimcore.display.style import fragment
from mimcore.display.widths import wrap
from mimcore.errors import InvalidValueError

__all__ = ["Mark", "Tree"]

_DEEPEST = 100


class Mark(StrEnum):
    """One of the three answers of a condition."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, answer: bool | None) -> Mark:  # noqa: FBT001
        """Return the mark of an answer; `None` is unknown.

        Args:
            answer: What a condition came to.

        Examples:
            >>> Mark.of(None)
            <Mark.UNKNOWN: 'unknown'>
        """
        return cls.UNKNOWN if answer is None else cls.TRUE if answer else cls.FALSE

    @property
    def sign(self) -> str:
        """The sign that stands before the label: ✓, ✗ or ?."""
        return {"true": "✓", "false": "✗", "unknown": "?"}[self.value]


@dataclass(frozen=True)
class Tree:
    """A label with trees under it.

    Args:
        label: What the node says.
        children: The trees under it.
        mark: The answer of the node, or `None` if it has none.

    Raises:
        InvalidValueError: The tree is more than 100 levels deep.

    Examples:
        >>> print(Tree("all of", (Tree("age ≥ 18", mark=Mark.TRUE), Tree("consent", mark=Mark.UNKNOWN)), Mark.UNKNOWN))
        ? all of
        ├─ ✓ age ≥ 18
        └─ ? consent
    """

    label: str
    children: tuple[Tree, ...] = ()
    mark: Mark | None = None
    depth: int = field(init=False, repr=False, compare=False)
    """Levels, at least 1."""

    def __post_init__(self) -> None:
        """Measure the depth, and refuse a tree that could not be walked."""
        depth = 1 + max((child.depth for child in self.children), default=0)
        if depth > _DEEPEST:
            raise InvalidValueError("children", f"must be at most {_DEEPEST} levels deep", "flatten the tree")
        object.__setattr__(self, "depth", depth)

    def text(self, width: int = 80) -> str:
        """Return the tree with box lines; long labels are wrapped under themselves.

        Args:
            width: Terminal columns; a label has at least 20 of them however deep it stands.

        Examples:
            >>> print(Tree("any of", (Tree("city is Oslo"),)).text())
            any of
            └─ city is Oslo
        """
        return "\n".join(_lines(self, "", "", width))

    def html(self) -> str:
        """Return the tree as a nested list whose inner nodes fold; everything escaped, marks readable aloud.

        Examples:
            >>> 'aria-label="false"' in Tree("age ≥ 18", mark=Mark.FALSE).html()
            True
        """
        return element("ul", _item(self), class_="mim-tree")

    def _repr_html_(self) -> str:
        """Show the tree in a notebook."""
        return fragment(self.html())

    def __str__(self) -> str:
        """Return the tree as text, 80 columns wide."""
        return self.text()


def _lines(tree: Tree, first: str, rest: str, width: int) -> Iterator[str]:
    """Yield the lines of a tree; `first` stands before its label, `rest` before what follows it."""
    sign = f"{tree.mark.sign} " if tree.mark else ""
    label, *more = wrap(clean(tree.label), max(20, width - len(first) - 2))
    yield first + sign + label
    for line in more:
        yield rest + ("│ " if tree.children else "  ") + line
    for left, child in zip(range(len(tree.children))[::-1], tree.children, strict=True):
        yield from _lines(child, rest + ("├─ " if left else "└─ "), rest + ("│  " if left else "   "), width)


def _item(tree: Tree) -> str:
    """Return a tree as one list item."""
    label = (_sign(tree.mark) if tree.mark else "") + element("span", escape(tree.label), dir="auto")
    if not tree.children:
        return element("li", label)
    nested = element("ul", *map(_item, tree.children))
    return element("li", element("details", element("summary", label), nested, open="open"))


def _sign(mark: Mark) -> str:
    """Return a mark that is read aloud by its name."""
    return element("span", mark.sign, class_=f"mim-mark mim-{mark}", role="img", aria_label=mark.value)
