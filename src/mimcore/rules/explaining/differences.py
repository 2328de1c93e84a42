"""How two rules differ, condition by condition, each with its place in the JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mimcore.display import Table
from mimcore.display.style import fragment
from mimcore.rules.explaining.english import describe
from mimcore.rules.language import nodes

__all__ = ["RuleDifference", "RuleEdit", "difference_of"]

_SIGNS = {"added": "+", "removed": "−", "changed": "~"}
_Group = nodes.AllOf | nodes.AnyOf


@dataclass(frozen=True, slots=True)
class RuleEdit:
    """One condition or group that is in one rule only, or not the same in both.

    Attributes:
        kind: added, removed or changed.
        path: Its place in the JSON document of the new rule; of the old one, where it was removed.
        old: What it was; None where it was added.
        new: What it is; None where it was removed.
        above: The `not` and `or_missing` that stand above it, the outermost first.
        group: How it is joined with what stands beside it, the rule being read without its negations.
    """

    kind: Literal["added", "removed", "changed"]
    path: str
    old: nodes.Rule | None
    new: nodes.Rule | None
    above: tuple[Literal["not", "or_missing"], ...] = ()
    group: Literal["all", "any"] = "all"

    @property
    def text(self) -> str:
        """The edit in plain English."""
        old, new = ("" if one is None else describe(one) for one in (self.old, self.new))
        said = f"{old} → {_rest(old, new)}" if self.kind == "changed" else old or new
        return f"{_SIGNS[self.kind]} {said}"

    def turning(self, *, is_entering: bool) -> nodes.Rule:
        """Return the rule that is true for those whom this edit alone lets in, or shuts out.

        Args:
            is_entering: Whether those who come in are wanted.
        """
        old, new = self._seen(self.old), self._seen(self.new)
        before, after = (old, new) if is_entering else (new, old)
        return after & (~before).or_missing()

    def _seen(self, part: nodes.Rule | None) -> nodes.Rule:
        """A part as it stands under what is above it; one that is absent decides nothing."""
        if part is None:
            return nodes.Everyone() if self.group == "all" else ~nodes.Everyone()
        for one in reversed(self.above):
            part = ~part if one == "not" else part.or_missing()
        return part


def _rest(old: str, new: str) -> str:
    """What is new in a sentence, without the words that it begins with as before.

    Examples:
        >>> _rest("age is at least 18", "age is at least 21")
        '21'
    """
    before, after = old.split(), new.split()
    pairs = enumerate(zip(before, after, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(before), len(after)) - 1)
    return " ".join(after[same:])


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """What was added, removed and changed between two rules; it prints itself as text and HTML."""

    old: nodes.Rule
    new: nodes.Rule
    edits: tuple[RuleEdit, ...]

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.edits)

    def table(self) -> Table:
        """The edits as a table."""
        rows = [(one.text, one.path) for one in self.edits]
        caption = "" if rows else "The rules are the same."
        return Table.of(("change", "place"), rows, title="What changes in the rule", caption=caption)

    def __str__(self) -> str:
        """One line for each edit, with its place."""
        if not self.edits:
            return "The rules are the same."
        return "\n".join(f"{one.text}  ({one.path})" for one in self.edits)

    def _repr_html_(self) -> str:
        return fragment(self.table().html())


def difference_of(old: nodes.Rule, new: nodes.Rule) -> RuleDifference:
    """Compare two rules. The order of conditions in a group makes no difference.

    Args:
        old: One rule.
        new: The other.

    Examples:
        >>> from mimcore import fields as f
        >>> dk, adult = f.contact.country == "DK", f.contact.age >= 18
        >>> print(difference_of(dk, dk & adult))
        + age is at least 18  (rule.rules[1])
    """
    return RuleDifference(old, new, tuple(_edits(_Place(old, "rule"), _Place(new, "rule"), (), "all")))


@dataclass(frozen=True, slots=True)
class _Place:
    rule: nodes.Rule
    path: str

    def inside(self) -> list[_Place]:
        if isinstance(self.rule, nodes.AllOf | nodes.AnyOf):
            return [_Place(part, f"{self.path}.rules[{index}]") for index, part in enumerate(self.rule.rules)]
        return [_Place(part, f"{self.path}.rule") for part in self.rule.parts()]


Above = tuple[Literal["not", "or_missing"], ...]


def _edits(old: _Place, new: _Place, above: Above, group: Literal["all", "any"]) -> Iterator[RuleEdit]:
    if old.rule == new.rule:
        return
    kind = _common_group(old.rule, new.rule)
    if kind is not None:
        is_all = (kind is nodes.AllOf) is (above.count("not") % 2 == 0)
        yield from _in_group(_members(old, kind), _members(new, kind), above, "all" if is_all else "any")
    elif isinstance(old.rule, nodes.Not) and isinstance(new.rule, nodes.Not):
        yield from _edits(old.inside()[0], new.inside()[0], (*above, "not"), group)
    elif isinstance(old.rule, nodes.OrMissing) and isinstance(new.rule, nodes.OrMissing):
        yield from _edits(old.inside()[0], new.inside()[0], (*above, "or_missing"), group)
    else:
        yield RuleEdit("changed", new.path, old.rule, new.rule, above, group)


def _common_group(old: nodes.Rule, new: nodes.Rule) -> type[_Group] | None:
    """The group that both are, or that one is and holds the other as it stands."""
    for kind in (nodes.AllOf, nodes.AnyOf):
        if isinstance(old, kind) and isinstance(new, kind):
            return kind
        for one, other in ((old, new), (new, old)):
            if isinstance(one, kind) and other in one.rules:
                return kind
    return None


def _members(place: _Place, kind: type[_Group]) -> list[_Place]:
    return place.inside() if isinstance(place.rule, kind) else [place]


def _in_group(old: list[_Place], new: list[_Place], above: Above, group: Literal["all", "any"]) -> Iterator[RuleEdit]:
    gone, come = list(old), list(new)
    for one in old:
        same = next((other for other in come if other.rule == one.rule), None)
        if same is not None:
            gone.remove(one)
            come.remove(same)
    for one in list(gone):
        like = _likest(one, come)
        if like is not None:
            gone.remove(one)
            come.remove(like)
            yield from _edits(one, like, above, group)
    yield from (RuleEdit("removed", one.path, one.rule, None, above, group) for one in gone)
    yield from (RuleEdit("added", one.path, None, one.rule, above, group) for one in come)


def _likest(one: _Place, others: Sequence[_Place]) -> _Place | None:
    """What one most likely became: a condition on the same, or a group that shares a part."""
    subject = _subject(one.rule)
    for other in others:
        if subject and _subject(other.rule) == subject:
            return other
    parts = set(_flat(one.rule))
    alike = [other for other in others if other.rule.shape == one.rule.shape and parts & set(_flat(other.rule))]
    return max(alike, key=lambda other: len(parts & set(_flat(other.rule))), default=None)


def _subject(rule: nodes.Rule) -> tuple[str, ...]:
    """What a condition asks about: a field, the events of a kind, a segment."""
    if isinstance(rule, nodes.Not | nodes.OrMissing):
        return _subject(rule.rule)
    for name in ("field", "kind", "segment"):
        found = getattr(rule, name, None)
        if isinstance(found, str):
            return ("events" if name == "kind" else name, found)
    return ()


def _flat(rule: nodes.Rule) -> Iterator[nodes.Rule]:
    if rule.shape not in {"all", "any", "not", "or_missing"}:
        yield rule
        return
    for part in rule.parts():
        yield from _flat(part)
