"""From what a browser or a program sends to the values of a contact: typed by the schema, then read by the fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mimcore.capture.forms.checking import failures, problem_of
from mimcore.capture.forms.questions import ConsentLine, Question
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_listed, is_mapping
from mimcore.errors import InvalidValueError, Problem
from mimcore.rules.language.catalogue import COLLECTIONS, Kind
from mimcore.values.instants import LocalDate
from mimcore.values.money import money

__all__ = ["MAX_ANSWERS", "MAX_CHARACTERS", "Answers", "check_answers", "contact_of", "typed_answers"]

MAX_ANSWERS = 200
"""Most answers of one form, repeated ones included."""
MAX_CHARACTERS = 65_536
"""Most characters of all answers together."""

_YES = frozenset({"on", "true", "1", "yes"})
_NO = frozenset({"off", "false", "0", "no"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person answered, read and checked.

    Attributes:
        contact: The person as a new contact; personal.
        consents: The lines that were ticked.
        answered: Names of the questions that have an answer.
    """

    contact: Contact = field(repr=False)
    consents: tuple[ConsentLine, ...]
    answered: tuple[str, ...]


def typed_answers(
    given: object, schema: Mapping[str, Any], ignored: Iterable[str]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Bring answers to the types of the schema: forms send text only, and lists as repeated names.

    An empty text is no answer. A name that is given twice where one answer belongs is refused, since programs disagree
    on which one counts.

    Args:
        given: A mapping of names to text, lists or JSON values, or pairs of names and text.
        schema: The form's schema.
        ignored: Names that a web framework adds.

    Returns:
        The answers, and what is wrong already.

    Raises:
        InvalidValueError: If it is no set of answers, or too large.
    """
    collected = _collected(given)
    _check_size(collected)
    problems: list[Problem] = []
    answers: dict[str, Any] = {}
    for name, values in collected.items():
        if name in ignored:
            continue
        kept = [one for one in values if one is not None and one != ""]
        part = schema["properties"].get(name, {})
        if part.get("type") == "array":
            answers |= {name: [_typed(one, part["items"]) for one in kept]} if kept else {}
        elif len(kept) > 1:
            problems.append(Problem(name if part else "form", "is given twice", "send one answer"))
        elif kept:
            answers[name] = _typed(kept[0], part)
    return answers, tuple(problems)


def _collected(given: object) -> dict[str, list[Any]]:
    if is_mapping(given):
        return {str(name): list(value) if is_listed(value) else [value] for name, value in given.items()}
    pairs: Sequence[Any] = [*given] if isinstance(given, Iterable) else [None]
    collected: dict[str, list[Any]] = {}
    for pair in pairs:
        if not is_listed(pair) or len(pair) != 2 or not isinstance(pair[0], str):
            raise InvalidValueError("form", "is no set of answers", "give a mapping, or pairs of name and answer")
        collected.setdefault(pair[0], []).append(pair[1])
    return collected


def _check_size(collected: Mapping[str, Sequence[Any]]) -> None:
    if sum(map(len, collected.values())) + len(collected) > MAX_ANSWERS:
        raise InvalidValueError("form", f"has too many answers (at most {MAX_ANSWERS})", "send the form's fields only")
    size = sum(len(name) + sum(len(str(one)) for one in values) for name, values in collected.items())
    if size > MAX_CHARACTERS:
        raise InvalidValueError("form", f"is too large (at most {MAX_CHARACTERS} characters)", "shorten the answers")


def _typed(value: Any, part: Mapping[str, Any]) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    match part.get("type"):
        case "boolean" if text.casefold() in _YES | _NO:
            return text.casefold() in _YES
        case "integer" if _WHOLE.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case _:
            return value


def check_answers(answers: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Problem]:
    """Check typed answers by the schema; one problem a field.

    Args:
        answers: Typed answers.
        schema: The form's schema.
    """
    found: dict[str, Problem] = {}
    for failure in failures(schema, answers):
        for problem in problem_of(failure, answers, schema):
            found.setdefault(problem.field, problem)
    return list(found.values())


def contact_of(answers: Mapping[str, Any], questions: Sequence[Question], today: LocalDate | None) -> Contact:
    """Make a contact of answers that fit the schema.

    Args:
        answers: Typed answers.
        questions: The questions.
        today: The day on which a band of ages is right.

    Raises:
        InvalidValueError: If a field refuses an answer; the problems bear the names of the questions.
    """
    asked = {one.name: one for one in questions if one.name in answers and (one.is_point or not one.spec.is_derived)}
    problems: list[Problem] = []
    try:
        return Contact(**_arguments({one: answers[name] for name, one in asked.items()}, today))
    except InvalidValueError as error:
        problems += [Problem(_asked(one.field, asked.values()), one.reason, one.remedy) for one in error.problems]
    raise InvalidValueError.of(problems)


def _arguments(answers: Mapping[Question, Any], today: LocalDate | None) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for question, answer in answers.items():
        name = question.spec.name
        if question.is_point:
            arguments["emails" if name.endswith("email") else "phones"] = [answer]
        elif name.startswith("contact.name."):
            arguments.setdefault("name", {})[name.rpartition(".")[2]] = answer
        elif name.startswith("contact.custom."):
            arguments.setdefault("custom", {})[question.spec.short] = answer
        elif question.spec.kind is Kind.MONEY:
            arguments[question.spec.short] = money(answer, question.currency)
        else:
            arguments[question.spec.short] = tuple(answer) if question.spec.kind in COLLECTIONS else answer
    if "age_band" in arguments and today is not None:
        arguments.setdefault("age_band_on", today)
    return arguments


def _asked(path: str, questions: Iterable[Question]) -> str:
    """Return the name of the question behind a field as an entity names it, `emails.0` among them."""
    places = {"emails": "email", "phones": "phone"}
    first = path.partition(".")[0]
    if first in places:
        return places[first]
    for one in questions:
        inner = one.spec.name.removeprefix("contact.")
        if path in {inner, one.spec.short} or f"{path}.".startswith(f"{inner}."):
            return one.name
    return path
