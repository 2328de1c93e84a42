"""`mim.select` and `mim.answers`: one rule, asked of many people at once, in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, cast, get_args

from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.rules.evaluation.batches import Verdict, answered, those
from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.evaluation.facts import ABSENT, Absent, Facts, needs, require
from mimcore.rules.evaluation.objects import ObjectFields
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import Bound, Sampled, leaves

__all__ = ["answers", "select"]

T = TypeVar("T")


def select(
    rule: Rule,
    people: Iterable[T],
    *,
    verdict: Verdict = "member",
    now: datetime | None = None,
    objects: ObjectFields[Any] | None = None,
    binding: Binding | None = None,
    attributes: Iterable[Field] = (),
) -> list[T]:
    """Return those of many people for whom a rule is true, in their order: as fast as a loop written by hand.

    Args:
        rule: Any rule.
        people: Contacts; or `Facts`, for rules that read more than the contact; or objects of your own, with `objects`.
        verdict: `member` (the rule is true), `non_member` (it is false) or `unknown` (it cannot be decided).
        now: Instant of the question, aware; else the binding's, else that of the facts. Only rules about time need it.
        objects: What `mim.objects` returned, for objects of your own.
        binding: Zone, half-lives, segments; as in `evaluate`.
        attributes: Custom attributes that the rule may mention, as `mim.attribute` returned them.

    Returns:
        Those asked for. The three verdicts always add up to all people.

    Raises:
        RuleError: If the rule does not fit the fields, or something that it needs is absent.
        InvalidValueError: If the people are no such list, the facts are of different instants, or an own object holds
            what does not fit its field.

    Examples:
        >>> import mimcore as mim
        >>> people = [mim.Contact(country="DK"), mim.Contact(country="SE"), mim.Contact()]
        >>> is_dane = mim.fields.contact.country == "DK"
        >>> [len(mim.select(is_dane, people, verdict=one)) for one in ("member", "non_member", "unknown")]
        [1, 1, 1]
    """
    if verdict not in get_args(Verdict):
        raise InvalidValueError("verdict", "is not a verdict", f"use one of {', '.join(get_args(Verdict))}")
    question = _Question.of(rule, people, now, objects, binding, attributes)
    return question.run(partial(those, question.bound, verdict))


def answers(
    rule: Rule,
    people: Iterable[object],
    *,
    now: datetime | None = None,
    objects: ObjectFields[Any] | None = None,
    binding: Binding | None = None,
    attributes: Iterable[Field] = (),
) -> list[Answer]:
    """Return the answer for each of many people, in their order: True, False, or None where it cannot be decided.

    Args:
        rule: Any rule.
        people: As in `select`.
        now: As in `select`.
        objects: As in `select`.
        binding: As in `select`.
        attributes: As in `select`.

    Raises:
        RuleError: As `select`.
        InvalidValueError: As `select`.

    Examples:
        >>> import mimcore as mim
        >>> mim.answers(mim.fields.contact.country == "DK", [mim.Contact(country="SE"), mim.Contact()])
        [False, None]
    """
    question = _Question.of(rule, people, now, objects, binding, attributes)
    return question.run(partial(answered, question.bound))


_NOBODY = frozenset({str, bytes, int, float, bool, tuple, list, dict, type(None)})
"""What is nobody: the columns of a frame, the parts of one contact, rows and ids."""


@dataclass(frozen=True, slots=True)
class _Question:
    bound: Bound
    people: Sequence[Any]
    of_facts: bool
    objects: ObjectFields[Any] | None

    @classmethod
    def of(  # noqa: PLR0917
        cls,
        rule: Rule,
        people: Iterable[Any],
        now: datetime | None,
        objects: ObjectFields[Any] | None,
        binding: Binding | None,
        attributes: Iterable[Field],
    ) -> _Question:
        asked = _listed(people, objects)
        of_facts = objects is None and _are_facts(asked)
        inputs = (binding or Binding()).knowing(attributes)
        at = now or inputs.now or (_instant(asked) if of_facts else None)
        inputs = replace(inputs, now=at)
        bound = bind(rule, inputs if objects is None else replace(inputs, catalogue=objects.catalogue))
        _require(bound, asked, of_facts=of_facts)
        if objects is not None:
            _refuse_samples(bound)
        return cls(bound, asked, of_facts, objects)

    def run(self, ask: Callable[..., list[Any]]) -> list[Any]:
        """Ask; what an own object holds in the wrong kind is named where Python stumbles over it."""
        if self.objects is None:
            return ask(self.people, of_facts=self.of_facts)
        self.objects.check(self.people)
        try:
            return ask(self.people, of_facts=False)
        except (AttributeError, TypeError):
            self.objects.check(self.people, all_of_them=True)
            raise


def _listed(people: object, objects: ObjectFields[Any] | None) -> Sequence[Any]:
    if isinstance(people, list | tuple):
        return cast("Sequence[Any]", people)
    is_frame = objects is None and hasattr(type(people), "columns")  # read of a lazy frame, it would warn
    if is_frame or not isinstance(people, Iterable):
        raise _no_people()
    return list(cast("Iterable[object]", people))


def _no_people() -> InvalidValueError:
    remedy = (
        "give a list of contacts or of mim.Facts, one contact as [contact]; of a data frame ask mim.filter(frame, rule)"
    )
    return InvalidValueError("people", "are not contacts", remedy)


def _are_facts(people: Sequence[Any]) -> bool:
    kinds = set(map(type, people))
    if not kinds.isdisjoint(_NOBODY):
        raise _no_people()
    if Facts in kinds and len(kinds) > 1:
        raise InvalidValueError("people", "are facts and others together", "give each one as mim.Facts(contact=…)")
    return Facts in kinds


def _instant(facts: Sequence[Facts]) -> datetime | None:
    """Return the instant of facts: a rule is asked at one."""
    instants = {one.now for one in facts}
    if len(instants) > 1:
        raise InvalidValueError("now", "differs between the facts", "give now=")
    return instants.pop() if instants else None


def _refuse_samples(bound: Bound) -> None:
    """A sample is drawn by the id of a contact, which an object of somebody else has not."""
    if any(isinstance(leaf, Sampled) for leaf in leaves(bound)):
        raise UnsupportedConditionError("objects of your own have no id to draw a sample by: give contacts")


def _require(bound: Bound, people: Sequence[Any], *, of_facts: bool) -> None:
    """Refuse people of whom something is absent that the rule reads."""
    needed = needs(bound)
    if not of_facts and needed:
        require(bound, Facts(contact=None))
    for name in needed:
        read = attrgetter(name)
        if Absent in set(map(type, map(read, people))):
            require(bound, next(one for one in people if read(one) is ABSENT))
