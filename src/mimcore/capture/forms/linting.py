"""What is odd about a form, found without data: too much asked, free text, no way to consent, special categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mimcore.capture.forms.questions import ConsentLine, Question
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.rules.language.catalogue import Kind

__all__ = ["MOST_QUESTIONS", "MOST_REQUIRED", "FormFinding", "FormLint", "FormLintKind", "lint_form"]

MOST_REQUIRED = 3
"""More required questions than these are reported: every one of them costs answers."""
MOST_QUESTIONS = 8
"""More questions than these are reported."""

_WORDS = ("country", "language", "gender", "seniority", "education", "income", "age", "channel", "marital", "currency")
_OF_THE_TEAM = frozenset({"contact.owner", "contact.tags", "contact.notes", "contact.lifecycle_stage"})


class FormLintKind(StrEnum):
    """What is odd. The first two keep a form from being captured."""

    DERIVED = "derived"
    """It asks for what is worked out from other answers."""
    SPECIAL_WITHOUT_NOTICE = "special_without_notice"
    """It asks for special-category data (GDPR, article 9) and shows no notice."""
    NOT_FOR_PEOPLE = "not_for_people"
    """It asks people for what the own team or the web site knows."""
    TOO_MANY_REQUIRED = "too_many_required"
    TOO_MANY_QUESTIONS = "too_many_questions"
    FREE_TEXT = "free_text"
    """It takes free text where there is a vocabulary."""
    NO_CONSENT_LINE = "no_consent_line"
    """It asks for an address or a number and lets nobody say what it may be used for."""
    NO_ADDRESS = "no_address"
    """It asks for neither address nor number, so that nobody can be found again."""
    NO_NOTICE = "no_notice"
    """It asks for personal data and shows no notice (GDPR, article 13)."""

    @property
    def is_blocking(self) -> bool:
        """Whether such a form cannot be captured."""
        return self in {FormLintKind.DERIVED, FormLintKind.SPECIAL_WITHOUT_NOTICE}


@dataclass(frozen=True, slots=True)
class FormFinding:
    """One thing that is odd.

    Attributes:
        field: Name of the question, or `form`.
        reason: What is odd.
        remedy: What would be better.
    """

    kind: FormLintKind
    field: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        """One line, ready for a person to read."""
        return f"{self.field}: {self.reason} — {self.remedy}"


@dataclass(frozen=True, slots=True)
class FormLint:
    """All that is odd about a form; empty and true if nothing is.

    Attributes:
        findings: The worst first.
    """

    findings: tuple[FormFinding, ...]

    def __bool__(self) -> bool:
        """Whether nothing is odd."""
        return not self.findings

    @property
    def blocking(self) -> tuple[FormFinding, ...]:
        """What keeps the form from being captured."""
        return tuple(one for one in self.findings if one.kind.is_blocking)

    def table(self) -> Table:
        """The findings as a table."""
        rows = [(one.field, one.reason, one.remedy) for one in self.findings]
        return Table.of(("field", "what is odd", "better"), rows, title="Form")

    def __str__(self) -> str:
        """The findings, a line each."""
        return "\n".join(map(str, self.findings)) or "nothing is odd about this form"

    def _repr_html_(self) -> str:
        return fragment(self.table().html())


def lint_form(questions: Sequence[Question], consents: Sequence[ConsentLine], notice: str | None) -> FormLint:
    """Find what is odd about a form.

    Args:
        questions: The fields that are asked for.
        consents: The lines by which people consent.
        notice: Id of the privacy notice that is shown, or None.
    """
    found = [*_of_questions(questions, notice), *_of_the_whole(questions, consents, notice)]
    order = list(FormLintKind)
    return FormLint(tuple(sorted(found, key=lambda one: order.index(one.kind))))


def _of_questions(questions: Sequence[Question], notice: str | None) -> Iterator[FormFinding]:
    for one in questions:
        if one.spec.is_derived and not one.is_point:
            remedy = "ask for birth_year or birth_date" if one.spec.kind is Kind.AGE else "ask for what it comes from"
            yield FormFinding(FormLintKind.DERIVED, one.name, "is derived from other answers", remedy)
        if one.spec.is_special_category and notice is None:
            remedy = "give notice=, or leave it out"
            reason = "is special-category data, and no notice is shown"
            yield FormFinding(FormLintKind.SPECIAL_WITHOUT_NOTICE, one.name, reason, remedy)
        if one.spec.name in _OF_THE_TEAM or one.spec.name.startswith("contact.acquisition."):
            remedy = "leave it out: capturing fills in where people came from, and the team the rest"
            yield FormFinding(FormLintKind.NOT_FOR_PEOPLE, one.name, "is nothing that people can tell", remedy)
        if _is_free(one):
            reason, remedy = "takes free text where there is a vocabulary", "offer the choices: free text rots"
            yield FormFinding(FormLintKind.FREE_TEXT, one.name, reason, remedy)


def _is_free(question: Question) -> bool:
    if question.is_free_text and question.spec.options:
        return True
    is_own = question.spec.name.startswith("contact.custom.") and question.spec.kind in {Kind.TEXT, Kind.TAGS}
    return is_own and bool(set(question.spec.short.split("_")) & set(_WORDS))


def _of_the_whole(
    questions: Sequence[Question], consents: Sequence[ConsentLine], notice: str | None
) -> Iterator[FormFinding]:
    required = sum(one.is_required for one in questions)
    if required > MOST_REQUIRED:
        reason = f"has {required} required questions, where {MOST_REQUIRED} are enough for most"
        yield FormFinding(FormLintKind.TOO_MANY_REQUIRED, "form", reason, "ask for the rest later")
    if len(questions) > MOST_QUESTIONS:
        reason = f"has {len(questions)} questions, where people fill in {MOST_QUESTIONS}"
        yield FormFinding(FormLintKind.TOO_MANY_QUESTIONS, "form", reason, "leave out what no segment needs")
    has_point = any(one.is_point for one in questions)
    if has_point and not consents:
        reason = "asks for an address or a number, but for no consent to use it"
        yield FormFinding(FormLintKind.NO_CONSENT_LINE, "form", reason, 'add mim.consent_line("newsletter", …)')
    if not has_point:
        reason, remedy = "asks for no address and no number", "add email: nobody could be found again"
        yield FormFinding(FormLintKind.NO_ADDRESS, "form", reason, remedy)
    if notice is None and any(one.spec.is_personal for one in questions):
        reason, remedy = "asks for personal data and shows no notice", "give notice= with the id of your privacy notice"
        yield FormFinding(FormLintKind.NO_NOTICE, "form", reason, remedy)
