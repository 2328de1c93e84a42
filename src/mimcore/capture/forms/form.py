"""A form: questions and lines to consent, its JSON Schema, its lint, its look; and reading what people send."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from mimcore.capture.forms.answers import Answers, check_answers, contact_of, typed_answers
from mimcore.capture.forms.linting import FormLint, lint_form
from mimcore.capture.forms.preview import preview_of
from mimcore.capture.forms.questions import ConsentLine, Question, as_question
from mimcore.capture.forms.schema import schema_of
from mimcore.errors import InvalidValueError, Problem, nearest
from mimcore.rules.language.handles import Field
from mimcore.values.identifiers import check_key
from mimcore.values.text import clean

__all__ = ["Form", "form"]


@dataclass(frozen=True)
class Form:
    """A form made from fields of the model. It shows itself in a notebook.

    Attributes:
        key: Short name; the event of sending it bears it.
        questions: The fields that are asked for.
        consents: The lines by which people consent.
        title: What people read above it.
        notice: Id of the privacy notice that is shown, or None.
        ignored: Names that a web framework adds, such as `csrf_token`.
    """

    key: str
    questions: tuple[Question, ...]
    consents: tuple[ConsentLine, ...] = ()
    title: str = ""
    notice: str | None = None
    ignored: tuple[str, ...] = ()

    @cached_property
    def _schema(self) -> dict[str, Any]:
        return schema_of(self.title, self.questions, self.consents)

    def schema(self) -> dict[str, Any]:
        """Return the form as JSON Schema (draft 2020-12): labels as titles, vocabularies as constants with titles."""
        copied: dict[str, Any] = json.loads(json.dumps(self._schema))
        return copied

    def lint(self) -> FormLint:
        """Return what is odd about the form; true if nothing is."""
        return lint_form(self.questions, self.consents, self.notice)

    def check(self, data: object, *, today: date | None = None) -> tuple[Problem, ...]:
        """Return what is wrong with answers, by field and without any answer; empty if nothing is.

        Args:
            data: What was sent: a mapping of names to text, lists or JSON values, or pairs of names and text.
            today: The day on which a band of ages is right.
        """
        try:
            self.read(data, today=today)
        except InvalidValueError as error:
            return error.problems
        return ()

    def read(self, data: object, *, today: date | None = None) -> Answers:
        """Read answers: typed, checked by the schema, and then by the fields themselves.

        Args:
            data: What was sent, as for `check`.
            today: The day on which a band of ages is right.

        Raises:
            InvalidValueError: With a problem for each field; no answer is repeated.
        """
        answers, problems = typed_answers(data, self._schema, self.ignored)
        found = {one.field: one for one in (*problems, *check_answers(answers, self._schema))}
        if found:
            raise InvalidValueError.of(found.values())
        contact = contact_of(answers, self.questions, today)
        ticked = tuple(one for one in self.consents if answers.get(one.name) is True)
        return Answers(contact, ticked, tuple(answers))

    def __str__(self) -> str:
        """The questions and lines, one each."""
        asked = [f"{one.name}: {one.label}{' (required)' if one.is_required else ''}" for one in self.questions]
        return "\n".join([self.title or self.key, *asked, *(f"{one.name}: {one.text}" for one in self.consents)])

    def _repr_html_(self) -> str:
        return preview_of(self.title, self.key, self.questions, self.consents, self.notice)


def form(
    *asked: Question | ConsentLine | Field | str,
    key: str = "form",
    required: Iterable[str] | None = None,
    title: str = "",
    notice: str | None = None,
    ignored: Iterable[str] = (),
) -> Form:
    """Make a form from fields of a contact.

    Args:
        *asked: In their order: handles such as `f.contact.city`, names (`email` and `phone` among them), what `mim.ask`
            makes of one, and what `mim.consent_line` makes.
        key: Short name of the form.
        required: Names of the questions that must be answered; the address or number that is asked first unless given.
        title: What people read above it.
        notice: Id of the privacy notice that is shown beside it.
        ignored: Names that a web framework adds to what is sent, such as `csrf_token`.

    Raises:
        UnknownFieldError: If a field is not declared, with the nearest one.
        InvalidValueError: If nothing is asked, something is asked twice, or a name is required that is not asked.

    Examples:
        >>> from mimcore.capture.forms.questions import consent_line
        >>> news = consent_line("newsletter", "Send me the newsletter.", notice="signup")
        >>> signup = form("given_name", "email", news, key="signup", notice="privacy-4")
        >>> print(signup)
        signup
        given_name: Given name
        email: E-mail address (required)
        consent_newsletter: Send me the newsletter.
        >>> [str(problem) for problem in signup.check({"email": "ana@", "consent_newsletter": "on"})]
        ["email: has a domain without a dot — write it like 'ana@acme.dk'"]
    """
    consents = tuple(one for one in asked if isinstance(one, ConsentLine))
    questions = [as_question(one, is_required=False) for one in asked if not isinstance(one, ConsentLine)]
    wanted = tuple(required) if required is not None else tuple(one.name for one in questions if one.is_point)[:1]
    names = [one.name for one in questions] + [one.name for one in consents]
    for name in wanted:
        if name not in names[: len(questions)]:
            raise InvalidValueError("required", f"names what is not asked{nearest(name, names)}", "ask for it first")
    if not questions or len(set(names)) < len(names):
        raise InvalidValueError("form", "asks for nothing, or for something twice", "name every field once")
    return Form(
        check_key(key, "key"),
        tuple(as_question(one, is_required=one.name in wanted) for one in questions),
        consents,
        clean(title, "title", 200) or "",
        clean(notice, "notice", 200),
        tuple(ignored),
    )
