"""Checks of values inside a unit of work: what was found right, and what was found wrong."""

from __future__ import annotations

from datetime import datetime

from mimcore.domain.contact import Contact
from mimcore.domain.evidence import Trigger
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.points import ContactPoint
from mimcore.domain.source import Source
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.recording import Recorder
from mimcore.repositories.rule_binding import RuleBinding
from mimcore.repositories.verifying import Finding, check_value
from mimcore.rules.language.catalogue import Catalogue
from mimcore.rules.writing.fields import Field

__all__ = ["Checking"]


class Checking(RuleBinding):
    """What a unit of work does about checks."""

    def __init__(self, recorder: Recorder, origin: Origin, secret: bytes, catalogue: Catalogue) -> None:
        """Work through a transaction.

        Args:
            recorder: Writes through the open transaction.
            origin: Provenance of writes.
            secret: Key of the suppression list.
            catalogue: The fields of the store.
        """
        super().__init__(recorder.transaction, origin, secret, catalogue)
        self.recorder = recorder

    def confirm(
        self,
        target: ContactPoint | Contact,
        field: Field | str | None = None,
        *,
        by: str,
        at: Moment | None = None,
        trigger: Trigger | str | None = None,
        external_id: str | None = None,
        source: Source | str | None = None,
    ) -> FreshnessState:
        """Record that a value was found right: by its owner, a delivered message, a mailbox check.

        Args:
            target: A contact point, or a contact together with `field`.
            field: Which value of the contact.
            by: Declared kind of check (owner, double_opt_in, delivered, mailbox_check, opened, vendor, survey, call).
                The first two and a mailbox check mark a contact point as verified: a new version of the contact.
            at: When; the store's clock unless given.
            trigger: Why it was made: planned, random (a sample), or event; what is usual for the kind unless given.
                Half-lives are learnt from the first two, the observed decay from random ones.
            external_id: Id of the check in its source; the same id is recorded once.
            source: Who made the check, if it is not the unit of work's source. Its own rates, if it has any, stand in
                place of those of the kind.

        Returns:
            The value's new state. The same check given twice counts once.

        Raises:
            InvalidValueError: If the kind of check is not declared, or cannot confirm.
            NotFoundError: If there is no such value.
            DuplicateKeyError: If the source's id stands for another check.
        """
        origin = self._origin_of(source)
        return self._checked(origin, target, field, Finding(by, True, self._moment(origin, at), trigger, external_id))

    def refute(
        self,
        target: ContactPoint | Contact,
        field: Field | str | None = None,
        *,
        by: str,
        at: Moment | None = None,
        trigger: Trigger | str | None = None,
        external_id: str | None = None,
        source: Source | str | None = None,
        is_correction: bool = False,
        incident: str = "",
    ) -> FreshnessState:
        """Record that a value was found wrong: a hard bounce, an unreachable number, the owner says so.

        Args:
            target: A contact point, or a contact together with `field`.
            field: Which value of the contact.
            by: Declared kind of check. A hard bounce marks a contact point as bounced; an unreachable number, a
                mailbox check and its owner mark it as invalid: the gate lets neither pass. A soft bounce is kept and
                moves nothing.
            at: When; the store's clock unless given.
            trigger: Why it was made, see `confirm`.
            external_id: Id of the check in its source; the same id is recorded once.
            source: Who made the check, if it is not the unit of work's source.
            is_correction: Whether the value was never right, such as a typing error: nothing has decayed then.
            incident: Name of what befell many values at once, such as a company's domain that is gone: for the
                half-life that is one change, not as many as there are values.

        Returns:
            The value's new state.

        Raises:
            InvalidValueError: If the kind of check is not declared.
            NotFoundError: If there is no such value.
            DuplicateKeyError: If the source's id stands for another check.
        """
        origin = self._origin_of(source)
        moment = self._moment(origin, at)
        finding = Finding(by, False, moment, trigger, external_id, is_correction, incident)
        return self._checked(origin, target, field, finding)

    def _origin_of(self, source: Source | str | None) -> Origin:
        self.alive()
        return self.origin.but(source=source)

    def _moment(self, origin: Origin, at: Moment | None) -> datetime:
        return origin.recorded_at if at is None else origin.moment(at, "at")

    def _checked(
        self, origin: Origin, target: ContactPoint | Contact, field: Field | str | None, finding: Finding
    ) -> FreshnessState:
        return check_value(self.recorder, origin, target, field, finding)
