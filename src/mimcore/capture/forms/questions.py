"""What a form asks: fields of a contact with label and help, and lines by which people consent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mimcore.domain.catalogue import catalogue
from mimcore.domain.consent import purpose as declared_purpose
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, nearest
from mimcore.repositories.reaching import point_kind
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.handles import Field
from mimcore.values.currencies import currency_code
from mimcore.values.text import clean

__all__ = ["POINTS", "ConsentLine", "Question", "as_question", "ask", "consent_line"]

POINTS: Mapping[str, str] = {"contact.primary_email": "email", "contact.primary_phone": "phone"}
"""Fields of a contact that are its first address and number, with the names they have in a form."""

_LABELS: Mapping[str, str] = {"contact.primary_email": "E-mail address", "contact.primary_phone": "Phone number"}
_TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Question:
    """One field that a form asks for.

    Attributes:
        name: Its name in the form.
        spec: The field's declaration.
        label: What people read beside it.
        help: What they read below it; may be empty.
        is_free_text: Whether text is taken although the field has a vocabulary.
        currency: Of an amount of money.
    """

    name: str
    spec: FieldSpec = field(repr=False)
    label: str
    help: str = ""
    is_required: bool = False
    is_free_text: bool = False
    currency: str = ""

    @property
    def is_point(self) -> bool:
        """Whether it asks for an address or a number."""
        return self.spec.name in POINTS

    @property
    def options(self) -> frozenset[str] | None:
        """The vocabulary that it offers, or None."""
        return None if self.is_free_text else self.spec.options


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A line that people tick to consent: for one purpose, on one channel, with the text they read.

    Attributes:
        purpose: Declared purpose, such as `newsletter`.
        text: What people read.
        notice: Id of that text.
        channel: Channel on which they may be contacted then.
        version: Version of the text.
        language: Language of the text.
    """

    purpose: str
    text: str
    notice: str
    channel: Channel = Channel.EMAIL
    version: str | None = None
    language: str | None = None

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"consent_{self.purpose}" + ("" if self.channel is Channel.EMAIL else f"_{self.channel.value}")

    @property
    def sha256(self) -> str:
        """SHA-256 of the text: the proof of what the person was shown."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def ask(
    target: Field | str,
    *,
    label: str | None = None,
    help: str = "",  # noqa: A002 - what everybody calls it
    required: bool = False,
    free_text: bool = False,
    currency: str | None = None,
) -> Question:
    """Ask for a field of a contact.

    Args:
        target: A handle such as `f.contact.city`, its name, or `email` and `phone`.
        label: What people read beside it; from the field's description unless given.
        help: What they read below it.
        required: Whether it must be filled in.
        free_text: Whether text is taken although the field has a vocabulary; the lint reports it.
        currency: ISO 4217 code, for an amount of money.

    Raises:
        UnknownFieldError: If there is no such field, with the nearest one.
        InvalidValueError: If it cannot be asked in one answer: records, or money without a currency.

    Examples:
        >>> ask("city").label, ask("email", required=True).is_required
        ('Town or city', True)
    """
    spec = _spec(target)
    if spec.entity != "contact" or spec.kind is Kind.RECORDS:
        raise InvalidValueError(spec.short, "cannot be asked in one answer", "ask for single values of a contact")
    if (spec.kind is Kind.MONEY) is (currency is None):
        remedy = "give currency='DKK'" if currency is None else "leave it out"
        raise InvalidValueError(spec.short, "is an amount" if currency is None else "is no amount of money", remedy)
    told = label or _LABELS.get(spec.name) or spec.description.rstrip(".") or spec.short.replace("_", " ").capitalize()
    code = "" if currency is None else currency_code(currency, "currency")
    name = POINTS.get(spec.name, spec.short)
    return Question(name, spec, _shown(told, "label"), _shown(help, "help"), required, free_text, code)


def _spec(target: Field | str) -> FieldSpec:
    if isinstance(target, Field):
        return target.spec
    points = {name: canonical for canonical, name in POINTS.items()}
    if target in points:
        return catalogue[points[target]]
    return catalogue[target if target in catalogue else f"contact.{target}"]


def _shown(text: str, field: str) -> str:
    return clean(text, field, _TEXT_LIMIT) or ""


def as_question(given: Question | Field | str, *, is_required: bool) -> Question:
    """Return a question given as it is, as a handle or as a name.

    Args:
        given: What `form` was given.
        is_required: Whether the form says that it must be filled in.
    """
    question = given if isinstance(given, Question) else ask(given)
    return replace(question, is_required=True) if is_required else question


def consent_line(
    purpose: str,
    text: str,
    *,
    notice: str,
    channel: Channel | str = Channel.EMAIL,
    version: str | None = None,
    language: str | None = None,
) -> ConsentLine:
    """Let people consent by ticking a line. It is never ticked before, and never required.

    Args:
        purpose: Declared purpose, such as `newsletter`, or `profiling` for what visitors did before they said who
            they are.
        text: What people read; its SHA-256 is kept as evidence.
        notice: Id of that text.
        channel: email, sms or phone.
        version: Version of the text.
        language: Language of the text.

    Raises:
        InvalidValueError: If the purpose is not declared, no consent is needed for it, or the text is empty.

    Examples:
        >>> consent_line("newsletter", "Send me the newsletter.", notice="signup", version="3").name
        'consent_newsletter'
    """
    if not declared_purpose(purpose).needs_consent:
        raise InvalidValueError("purpose", "needs no consent", "leave the line out")
    if channel not in set(Channel):
        raise InvalidValueError(
            "channel", f"is not declared{nearest(str(channel), Channel)}", "use email, sms or phone"
        )
    used = Channel(channel)
    point_kind(used)
    said, named = clean(text, "text", 2_000), clean(notice, "notice", 200)
    if said is None or named is None:
        raise InvalidValueError("text", "and notice are required", "say what people read, and which text it is")
    return ConsentLine(purpose, said, named, used, clean(version, "version", 100), clean(language, "language", 20))
