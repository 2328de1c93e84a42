"""What to ask one person next: the fields whose answers decide most for the trouble of asking, and nothing else.

A value that is fresh is never asked for again, and nothing is asked for that has no use: a field has one if the answer
decides whether the person is in a live segment, or if somebody declared it. What needs a lawful basis of its own
(beliefs) is left out, and so is what cannot be answered in one line of a form: records, places, amounts of money.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mimcore.display import Table, number, percent
from mimcore.display.showing import Tabled
from mimcore.domain.catalogue import catalogue
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.errors import InvalidValueError
from mimcore.quality.profiling.reasons import ASKED_AS, Reasons, decided_by, with_uses
from mimcore.repositories.facts import states_by_field
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule

__all__ = ["FRESH", "NextQuestion", "NextQuestions", "next_questions"]

FRESH = 0.8
"""From which probability on a value is fresh: it is not asked for again."""

_NOT_ASKED = frozenset({Kind.RECORDS, Kind.LOCATION, Kind.MONEY, Kind.AGE})
_WAYS_TO_AGE = ("contact.demographic.birth_date", "contact.demographic.birth_year", "contact.demographic.age_band")
_ASKED_FOR = {asked: read for read, asked in ASKED_AS.items()}


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A field worth asking for.

    Attributes:
        field: Handle of the field, as `mim.ask` and `mim.form` take it.
        reason: Why, in words without any value.
        gain: How much the answer is good for: uses, times how doubtful the known value is.
        cost: What asking costs.
        freshness: Probability that the known value is right; None where none is known, or nobody knows since when.
        segments: Names of the segments whose membership the answer decides.
    """

    field: Field
    reason: str
    gain: float
    cost: float
    freshness: float | None
    segments: tuple[str, ...]

    @property
    def name(self) -> str:
        """Canonical name of the field."""
        return self.field.spec.name


@dataclass(frozen=True, slots=True)
class NextQuestions(Tabled):
    """What to ask one person next, the most useful for its cost first; `mim.form(*found.fields)` asks it.

    Attributes:
        contact_id: The person.
        at: Instant.
        questions: The questions.
    """

    contact_id: UUID
    at: datetime
    questions: tuple[NextQuestion, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Handles of the fields, in order: what `mim.form` is made of."""
        return tuple(one.field for one in self.questions)

    def __len__(self) -> int:
        """How many questions there are."""
        return len(self.questions)

    def __iter__(self) -> Iterator[NextQuestion]:
        """The questions in order."""
        return iter(self.questions)

    def table(self) -> Table:
        """Fields with reason and gain; no value is shown."""
        rows = [
            (one.field.spec.short.replace("_", " "), one.reason, percent(one.freshness), number(one.gain))
            for one in self.questions
        ]
        return Table.of(("field", "why", "still right", "gain"), rows, title="What to ask next")


def next_questions(
    work: UnitOfWork,
    contact: Contact,
    rules: Mapping[str, Rule],
    at: datetime,
    *,
    uses: Iterable[tuple[str, str]] = (),
    limit: int = 3,
    fresh: float = FRESH,
    costs: Mapping[str, float] | None = None,
) -> NextQuestions:
    """Choose what to ask a person next.

    gain = (segments that the answer decides + declared uses) · doubt, where doubt is 1 for a value that is missing or
    undated, and 1 − p otherwise; the best gain for its cost comes first.

    Args:
        work: Open unit of work.
        contact: A stored contact.
        rules: Rules of segments by name.
        at: Instant.
        uses: Canonical names of fields with a use that was declared.
        limit: How many questions.
        fresh: From which probability on a value is not asked for again, 0-1.
        costs: Of asking, by canonical name; 1 unless given.

    Raises:
        InvalidValueError: If a number makes no sense.
    """
    priced = costs or {}
    _refuse(limit, fresh, priced)
    reasons: dict[str, Reasons] = {}
    for name, segment in decided_by(work, contact, rules, at):
        reasons.setdefault(name, Reasons()).segments.append(segment)
    half_lives = work.transaction.freshness.half_lives()
    states = states_by_field(contact, work.transaction.freshness.of([contact.id]).get(contact.id, ()))
    asked: list[NextQuestion] = []
    for name, why in with_uses(reasons, uses).items():
        spec = work.catalogue[name]
        if _is_askable(spec):
            known = _known_now(contact, spec, states, half_lives, at)
            if known is None or known < fresh:
                asked.append(_question(spec, why, known, priced.get(name, 1.0), is_missing=_is_missing(contact, spec)))
    asked.sort(key=lambda one: (-one.gain / one.cost, one.name))
    return NextQuestions(contact.id, at, tuple(asked[:limit]))


def _refuse(limit: int, fresh: float, costs: Mapping[str, float]) -> None:
    if limit < 1:
        raise InvalidValueError("limit", "must be positive", "say how many questions are bearable, such as 3")
    if not 0 < fresh <= 1:
        raise InvalidValueError("fresh", "is no probability", "say from which one on a value is fresh, such as 0.8")
    if any(not 0 < cost < float("inf") for cost in costs.values()):
        raise InvalidValueError("costs", "must be positive", "give what asking costs compared with other questions")


def _is_askable(spec: FieldSpec) -> bool:
    is_plain = not spec.is_derived or spec.name in _ASKED_FOR
    return spec.entity == "contact" and is_plain and not spec.is_special_category and spec.kind not in _NOT_ASKED


def _sources_of(spec: FieldSpec) -> tuple[str, ...]:
    """Return the fields of which any one answers the question."""
    return _WAYS_TO_AGE if spec.name == ASKED_AS["contact.demographic.age"] else (spec.name,)


def _is_missing(contact: Contact, spec: FieldSpec) -> bool:
    read = (spec if name == spec.name else catalogue[name] for name in _sources_of(spec))
    return all(one.read(contact) in (None, ()) for one in read)


def _known_now(
    contact: Contact,
    spec: FieldSpec,
    states: Mapping[str, FreshnessState],
    half_lives: Mapping[str, float],
    at: datetime,
) -> float | None:
    """Return how probable it is that what is known is right; None where nothing is known, or undated."""
    if _is_missing(contact, spec):
        return None
    dated = (one for name in _sources_of(spec) if (one := states.get(name)) is not None)
    found = [freshness_at(one.key, at, half_lives[one.pool]) for one in dated if one.key is not None]
    return max(found, default=None)


def _question(spec: FieldSpec, why: Reasons, known: float | None, cost: float, *, is_missing: bool) -> NextQuestion:
    state = (
        "not known" if is_missing else "nobody knows since when" if known is None else f"{percent(known)} still right"
    )
    gain = why.count * (1.0 if known is None else 1.0 - known)
    return NextQuestion(Field(spec), f"{state}; {why.words()}", gain, cost, known, tuple(why.segments))
