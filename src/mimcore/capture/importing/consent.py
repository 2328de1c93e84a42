"""Consent columns of an import: opt-in only, and never able to lift a refusal that is known.

A word for yes records a consent where nothing is known; a word for no records a withdrawal unless the person consented
later than the file was observed. After a refusal, withdrawal or objection a yes is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.capture.importing.rows import Candidate
from mimcore.capture.importing.shelf import Shelf
from mimcore.domain.consent import ConsentAction, ConsentEvent, LawfulBasis, fold_consent
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import Text
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.model import FrozenModel

__all__ = ["ConsentBook", "ConsentColumns"]


class ConsentColumns(FrozenModel):
    """The declaration that consent columns may be taken over, and on what ground.

    Attributes:
        notice: Id or version of the text that the people in the file were shown.
        channel: Channel that the consent is for; e-mail addresses for `email`, numbers for the others.
        basis: Lawful basis.

    Examples:
        >>> ConsentColumns(notice="fair-2026-v2").channel.value
        'email'
    """

    notice: Text
    channel: Channel = Channel.EMAIL
    basis: LawfulBasis = LawfulBasis.CONSENT


@dataclass(frozen=True, slots=True)
class _Act:
    point: ContactPoint = field(repr=False)
    action: ConsentAction
    occurred_at: datetime
    contact_id: UUID
    purpose: str
    row: int


class ConsentBook:
    """What is known about consent for the rows at hand, and what they add."""

    def __init__(self, declared: ConsentColumns) -> None:
        """Begin empty.

        Args:
            declared: The opt-in.
        """
        self._declared = declared
        self._known: dict[tuple[str, str], tuple[bool, datetime] | None] = {}
        self._said: set[tuple[str, str]] = set()
        self._acts: list[_Act] = []

    def fetch(self, work: UnitOfWork, candidates: Iterable[Candidate[Contact]], shelf: Shelf | None = None) -> None:
        """Look up what is known about the addresses of rows.

        Args:
            work: The open unit of work.
            candidates: The rows.
            shelf: Where the answers of earlier rows were set aside.
        """
        wanted: dict[str, set[str]] = {}
        for one in candidates:
            point = self._point(one)
            for purpose in one.consents if point is not None else ():
                identifier = work.gate.identifier(point)  # type: ignore[arg-type]
                if (identifier, purpose) not in self._known:
                    wanted.setdefault(purpose, set()).add(identifier)
        for purpose, identifiers in wanted.items():
            acts = work.transaction.consents.of(identifiers, channel=self._declared.channel, purpose=purpose)
            for identifier in identifiers:
                deciding = fold_consent(acts.get(identifier, ()), work.origin.recorded_at)
                known = None if deciding is None else (deciding.is_positive, deciding.occurred_at)
                self._known[identifier, purpose] = known
            if shelf is not None:
                asked = {_named(one, purpose): (one, purpose) for one in identifiers}
                for name, packed in shelf.records(asked).items():
                    is_yes, at = json.loads(packed)
                    self._known[asked[name]] = is_yes, datetime.fromisoformat(at)

    def set_aside(self, shelf: Shelf) -> None:
        """Put what the rows so far have said on a shelf, and forget everything.

        Args:
            shelf: Where `fetch` will look for it.
        """
        said = ((key, known) for key in self._said if (known := self._known[key]) is not None)
        shelf.put((), ((_named(*key), json.dumps((one[0], one[1].isoformat())).encode()) for key, one in said))
        self._known.clear()
        self._said.clear()
        self._acts.clear()

    def settle(self, work: UnitOfWork, row: Candidate[Contact], contact_id: UUID) -> bool:
        """Decide what a row adds.

        Args:
            work: The open unit of work.
            row: The row; it must have been fetched.
            contact_id: The contact that it is about.

        Returns:
            Whether it adds anything.
        """
        point, before = self._point(row), len(self._acts)
        for purpose, is_yes in row.consents.items() if point is not None else ():
            at = row.observed_at or work.origin.recorded_at
            key = work.gate.identifier(point), purpose  # type: ignore[arg-type]
            known = self._known[key]
            is_news = known is None if is_yes else known is None or (known[0] and at >= known[1])
            if is_news:
                action = ConsentAction.GIVEN if is_yes else ConsentAction.WITHDRAWN
                self._acts.append(_Act(point, action, at, contact_id, purpose, row.number))  # type: ignore[arg-type]
                self._known[key] = (is_yes, at)
                self._said.add(key)
        return len(self._acts) > before

    def store(self, work: UnitOfWork) -> None:
        """Append the acts.

        Args:
            work: The open unit of work.
        """
        work.gate.append([(self._made(work, act), act.point) for act in self._acts])

    def _made(self, work: UnitOfWork, act: _Act) -> ConsentEvent:
        details: dict[str, Any] = {"purpose": act.purpose, "occurred_at": act.occurred_at, "import_row": act.row}
        return work.gate.act(
            act.point, act.action, work.origin, act.contact_id, method="import", **details, **dict(self._declared)
        )

    def _point(self, row: Candidate[Contact]) -> ContactPoint | None:
        is_mail = self._declared.channel is Channel.EMAIL
        return row.record.primary_email if is_mail else row.record.primary_phone


def _named(identifier: str, purpose: str) -> bytes:
    return f"{identifier} {purpose}".encode()
