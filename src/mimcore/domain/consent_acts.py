"""Acts of consent: what happened, how it was expressed, and what an act means to the one decision."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

__all__ = ["Act", "ActInBrief", "ConsentAction", "ConsentMethod", "LawfulBasis", "Meaning"]


class ConsentAction(StrEnum):
    """What happened."""

    GIVEN = "given"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    EXPIRED = "expired"


class ConsentMethod(StrEnum):
    """How an act was expressed."""

    FORM = "form"
    DOUBLE_OPT_IN = "double_opt_in"
    PAPER = "paper"
    PHONE = "phone"
    IN_PERSON = "in_person"
    API = "api"
    IMPORT = "import"
    PREFERENCE_CENTRE = "preference_centre"


class LawfulBasis(StrEnum):
    """Why processing is lawful (GDPR article 6, and what direct marketing law adds)."""

    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    IMPLIED = "implied"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_OBLIGATION = "legal_obligation"


_PERMITTING = frozenset({ConsentAction.GIVEN, ConsentAction.CONFIRMED})
_FORBIDDING = frozenset({ConsentAction.REFUSED, ConsentAction.WITHDRAWN, ConsentAction.OBJECTED})


class Act(Protocol):
    """What the decision reads of an act of consent: of a whole one, or of one in brief."""

    @property
    def id(self) -> UUID:
        """Id of the act."""
        ...

    @property
    def action(self) -> ConsentAction:
        """What happened."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When."""
        ...

    @property
    def recorded_at(self) -> datetime:
        """When the store learnt of it."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """When it ends by itself."""
        ...

    @property
    def basis(self) -> LawfulBasis:
        """Why processing is lawful."""
        ...

    @property
    def method(self) -> str:
        """How it was expressed."""
        ...

    @property
    def import_id(self) -> UUID | None:
        """The import that brought it."""
        ...

    @property
    def has_evidence(self) -> bool:
        """Whether anything proves it."""
        ...

    @property
    def is_positive(self) -> bool:
        """Whether the act permits contact."""
        ...

    @property
    def is_refusal(self) -> bool:
        """Whether the act forbids contact."""
        ...

    @property
    def is_from_import(self) -> bool:
        """Whether an import brought the act."""
        ...

    @property
    def lifts_refusal(self) -> bool:
        """Whether the act ends a refusal."""
        ...


class Meaning:
    """What an act means, the same for a whole one and for one in brief."""

    __slots__ = ()

    @property
    def is_positive(self: Act) -> bool:
        """Whether the act permits contact."""
        return self.action in _PERMITTING

    @property
    def is_refusal(self: Act) -> bool:
        """Whether the act forbids contact; a consent that merely expired does not."""
        return self.action in _FORBIDDING

    @property
    def is_from_import(self: Act) -> bool:
        """Whether an import brought the act, whatever it says about the method."""
        return self.method == ConsentMethod.IMPORT or self.import_id is not None

    @property
    def lifts_refusal(self: Act) -> bool:
        """Whether the act ends a refusal: the person gave consent anew, provably, and no import says so."""
        is_anew = self.action == ConsentAction.GIVEN and self.basis == LawfulBasis.CONSENT
        return is_anew and self.has_evidence and not self.is_from_import


class _Brief(NamedTuple):
    id: UUID
    action: ConsentAction
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    basis: LawfulBasis
    method: str
    import_id: UUID | None
    has_evidence: bool


class ActInBrief(Meaning, _Brief):
    """An act without what only proves it; a gate reads thousands, so it is a mere tuple."""

    __slots__ = ()
