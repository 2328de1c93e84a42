"""Assertions about segments that say, when they fail, which condition decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import DEFAULT_HALF_LIVES
from mimcore.domain.segment import Segment
from mimcore.errors import NotFoundError, nearest
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.explaining.explanation import explain
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.rules.lowering.bind import Binding, SegmentReference
from mimcore.testing.factories import Factory, current_factory

__all__ = ["assert_segment"]

_WORDS: Mapping[bool | None, str] = {True: "in the segment", False: "not in the segment", None: "undecided"}


def assert_segment(
    rule: Rule | Segment,
    *,
    includes: Iterable[Contact | Facts] = (),
    excludes: Iterable[Contact | Facts] = (),
    undecided: Iterable[Contact | Facts] = (),
    now: datetime | None = None,
    zone: str = "UTC",
    segments: Iterable[Segment] = (),
    factory: Factory | None = None,
) -> None:
    """Assert for whom a rule is true, false, and unknown. All that fails is told at once, with the explanation.

    Args:
        rule: A rule or a segment.
        includes: For these it must be true.
        excludes: For these it must be false: known not to belong.
        undecided: For these it must be unknown, for lack of data.
        now: Instant of evaluation, aware; the facts' own, else the factory's, unless given.
        zone: Time zone of dates, an IANA name.
        segments: What the rule's references to segments stand for.
        factory: Knows the interactions, accounts and lists of the contacts; that of `mim_factory` unless given.

    Raises:
        AssertionError: If somebody is elsewhere; contacts are named by their place in your lists and their id.
        MissingFactsError: If the rule reads what is not known about a bare contact: give `Facts` for it.

    Examples:
        >>> import mimcore as mim
        >>> dane, unknown = mim.Contact(country="DK"), mim.Contact()
        >>> assert_segment(mim.fields.contact.country == "DK", includes=[dane], undecided=[unknown])
    """
    factory = current_factory() if factory is None else factory
    wanted: tuple[tuple[str, bool | None, Iterable[Contact | Facts]], ...] = (
        ("includes", True, includes),
        ("excludes", False, excludes),
        ("undecided", None, undecided),
    )
    resolve, failures = _resolver(segments), list[str]()
    asked = InSegment(segment=rule.key) if isinstance(rule, Segment) and rule.rule is None else rule
    plain = asked.rule if isinstance(asked, Segment) else asked
    assert plain is not None
    for name, answer, people in wanted:
        for index, person in enumerate(people):
            facts = _facts(person, factory, now)
            binding = Binding(now=facts.now, zone=ZoneInfo(zone), half_lives=DEFAULT_HALF_LIVES, segment=resolve)
            failures += _failure(plain, facts, binding, answer, f"{name}[{index}]")
    if failures:
        raise AssertionError(
            "\n".join([f"{len(failures)} not where the test wants them, for the rule: {plain}", *failures])
        )


def _failure(rule: Rule, facts: Facts, binding: Binding, wanted: bool | None, place: str) -> list[str]:  # noqa: FBT001
    found = explain(rule, facts, binding=binding)
    if found.answer is wanted:
        return []
    name = f"{place}, contact {getattr(facts.contact, 'id', '')}"
    why = "\n".join(f"    {line}" for line in str(found.tree(has_values=False)).splitlines())
    return [f"\n  {name}: wanted {_WORDS[wanted]}, is {_WORDS[found.answer]}\n{why}"]


def _facts(person: Contact | Facts, factory: Factory | None, now: datetime | None) -> Facts:
    if isinstance(person, Facts):
        return person if now is None else replace(person, now=now)
    facts = Facts(contact=person, now=now) if factory is None else factory.facts(person)
    return facts if now is None else replace(facts, now=now)


def _resolver(segments: Iterable[Segment]) -> Callable[[str], SegmentReference]:
    known = {segment.key: segment for segment in segments}

    def resolve(key: str) -> SegmentReference:
        if key not in known:
            return _static(key, known)
        return SegmentReference(key, known[key].rule)

    return resolve


def _static(key: str, known: Mapping[str, Segment]) -> SegmentReference:
    """A key that was not given may only be a list that somebody is on: everything else is probably a misspelling."""
    if known:
        raise NotFoundError(f"segments= holds no segment '{key}'{nearest(key, known)}")
    return SegmentReference(key, None)
