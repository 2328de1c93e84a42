"""What is odd about a set of segments, found without data: doubles, dead rules, segments inside others, lost links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

from mimcore.display import Tree
from mimcore.display.style import fragment
from mimcore.errors import MissingFactsError, RuleError
from mimcore.rules.analysis.questions import STEPS, Question, always, analysis_binding, never, within
from mimcore.rules.analysis.variables import Budget
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import Bound, Leaf, leaves

__all__ = ["Lint", "LintKind", "SegmentLint", "lint_segments"]


class LintKind(StrEnum):
    """What is odd."""

    REFUSED = "refused"
    """The rule cannot be bound: a field, kind or literal is wrong, or segments refer to each other in a circle."""
    DANGLING = "dangling"
    """The rule refers to a segment that is not there."""
    NEVER_TRUE = "never_true"
    ALWAYS_TRUE = "always_true"
    SAME_RULE = "same_rule"
    """Two segments with the same rule, word for word."""
    SAME_MEMBERS = "same_members"
    """Two segments that can never differ."""
    INSIDE = "inside"
    """Everybody in the one is in the other."""


_TEXTS = {
    LintKind.NEVER_TRUE: "can never have a member",
    LintKind.ALWAYS_TRUE: "always has every contact as a member",
    LintKind.SAME_RULE: "has the same rule as",
    LintKind.SAME_MEMBERS: "can never differ from",
    LintKind.INSIDE: "lies wholly inside",
}


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing that is odd.

    Attributes:
        kind: What.
        segment: Key of the segment.
        other: Key of the segment it is compared with, or that is not there.
        reason: Why.
    """

    kind: LintKind
    segment: str
    other: str | None
    reason: str

    def __str__(self) -> str:
        """One line."""
        named = "" if self.other is None else f" “{self.other}”"
        return f"“{self.segment}” {_TEXTS.get(self.kind, f'is {self.kind}:')}{named} — {self.reason}"


@dataclass(frozen=True, slots=True)
class SegmentLint:
    """What is odd about a set of segments.

    Attributes:
        findings: What was found, segment by segment.
        undecided: Segments, or pairs of segments, about which a question stayed open.
    """

    findings: tuple[Lint, ...]
    undecided: tuple[tuple[str, ...], ...] = ()

    def of(self, key: str) -> tuple[Lint, ...]:
        """Return what was found about one segment."""
        return tuple(one for one in self.findings if key in {one.segment, one.other})

    def tree(self) -> Tree:
        """The findings as a tree."""
        lines = [str(one) for one in self.findings] or ["nothing odd"]
        if self.undecided:
            lines.append(f"{len(self.undecided)} questions stayed undecided")
        return Tree("segments", tuple(Tree(line) for line in lines))

    def __str__(self) -> str:
        """The tree as text."""
        return str(self.tree())

    def _repr_html_(self) -> str:
        return fragment(self.tree().html())


def lint_segments(
    segments: Mapping[str, nodes.Rule | None],
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    steps: int = 10 * STEPS,
) -> SegmentLint:
    """Say what is odd about a set of segments, without data.

    Found are rules that cannot be bound, references to segments that are not there, segments that never or always have
    everybody, segments that can never differ from another one, and segments that lie wholly inside another one.

    Args:
        segments: Rules by key; None for a list kept by hand, about whose members nothing is known.
        now: The instant, aware; needed by rules about time, age or events, and then the answers hold for that instant.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        attributes: Custom attributes that the rules may mention, as `mim.attribute` returned them.
        steps: Steps after which what is left stays undecided.

    Returns:
        The findings; they print themselves.

    Raises:
        MissingFactsError: If `now` is needed and not given.

    Examples:
        >>> from mimcore import fields as f
        >>> found = lint_segments({"nordic": f.contact.country.is_in("DK", "SE"), "danes": f.contact.country == "DK"})
        >>> [(one.segment, one.kind.value, one.other) for one in found.findings]
        [('danes', 'inside', 'nordic')]
    """
    return _Linter(segments, analysis_binding(now, zone, segments, attributes), steps).run()


class _Linter:
    def __init__(self, segments: Mapping[str, nodes.Rule | None], binding: Binding, steps: int) -> None:
        self.rules = {key: rule for key, rule in segments.items() if rule is not None}
        self.keys, self.binding, self.budget = frozenset(segments), binding, Budget(steps)
        self.findings: list[Lint] = []
        self.undecided: list[tuple[str, ...]] = []
        self.bounds: dict[str, Bound] = {}

    def run(self) -> SegmentLint:
        for key, rule in self.rules.items():
            self._bind(key, rule)
        plain = [key for key in self.bounds if not self._is_constant(key)]
        doubled = set(self._doubles(plain))
        self._compare([key for key in plain if key not in doubled])
        return SegmentLint(tuple(self.findings), tuple(self.undecided))

    def _bind(self, key: str, rule: nodes.Rule) -> None:
        missing = sorted({inner for inner in _references(rule) if inner not in self.keys})
        self.findings += [
            Lint(LintKind.DANGLING, key, inner, "there is no such segment: name it, or take the condition out")
            for inner in missing
        ]
        if missing or any(inner not in self.keys for inner in self._reached(rule)):
            return
        try:
            self.bounds[key] = bind(rule, self.binding)
        except MissingFactsError:
            raise
        except RuleError as error:
            self.findings.append(Lint(LintKind.REFUSED, key, None, str(error)))

    def _reached(self, rule: nodes.Rule) -> set[str]:
        """Return the keys that a rule refers to, directly and through others."""
        found: set[str] = set()
        todo = [rule]
        while todo:
            for key in _references(todo.pop()):
                if key not in found:
                    found.add(key)
                    todo += [self.rules[key]] if key in self.rules else []
        return found

    def _is_constant(self, key: str) -> bool:
        bound = self.bounds[key]
        asked = Question([bound], self.budget)
        for kind, found in ((LintKind.NEVER_TRUE, never(asked, bound)), (LintKind.ALWAYS_TRUE, always(asked, bound))):
            if found.is_yes:
                self.findings.append(Lint(kind, key, None, found.reason))
                return True
            if found.is_undecided:
                self.undecided.append((key,))
        return False

    def _doubles(self, keys: list[str]) -> Iterator[str]:
        """Yield the segments whose bound rule another one has word for word."""
        first: dict[Bound, str] = {}
        for key in keys:
            other = first.setdefault(self.bounds[key], key)
            if other != key:
                self.findings.append(Lint(LintKind.SAME_RULE, key, other, "keep one of the two"))
                yield key

    def _compare(self, keys: list[str]) -> None:
        inside: dict[str, dict[str, str]] = {key: {} for key in keys}
        subjects = {key: frozenset(map(_subject, leaves(self.bounds[key]))) for key in keys}
        for one, other in combinations(keys, 2):
            if subjects[one] & subjects[other]:  # rules about different things are not inside one another
                self._compare_two(one, other, inside)
        self.findings += _nearest_only(keys, inside)

    def _compare_two(self, one: str, other: str, inside: dict[str, dict[str, str]]) -> None:
        asked = Question([self.bounds[one], self.bounds[other]], self.budget)
        for narrow, wide in ((one, other), (other, one)):
            found = within(asked, self.bounds[narrow], self.bounds[wide])
            if found.is_yes:
                inside[narrow][wide] = found.reason
            elif found.is_undecided:
                self.undecided.append((narrow, wide))


def _nearest_only(keys: list[str], inside: Mapping[str, Mapping[str, str]]) -> Iterator[Lint]:
    """Yield every pair that can never differ once, and what lies inside another only where nothing lies between."""
    places = {key: place for place, key in enumerate(keys)}
    same = {one: {other for other in wider if one in inside[other]} for one, wider in inside.items()}
    first = {one: min((one, *others), key=places.__getitem__) for one, others in same.items()}
    strictly = {one: {other for other in inside[one] if first[other] == other} - same[one] for one in keys}
    for one, wider in inside.items():
        if first[one] != one:
            yield Lint(LintKind.SAME_MEMBERS, one, first[one], wider[first[one]])
            continue
        for other in sorted(strictly[one], key=places.__getitem__):
            if not any(other in strictly[between] for between in strictly[one]):
                yield Lint(LintKind.INSIDE, one, other, wider[other])


def _references(rule: nodes.Rule) -> Iterator[str]:
    if isinstance(rule, nodes.InSegment):
        yield rule.segment
    for part in rule.parts():
        yield from _references(part)


def _subject(leaf: Leaf) -> object:
    """Return what a condition is about, coarsely: its field, its kind of event, else the condition itself."""
    named = getattr(getattr(leaf, "spec", None), "name", None) or getattr(leaf, "kind", None)
    return leaf if named is None else named
