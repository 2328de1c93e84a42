"""Pages and their cursors: where the next page begins, as text that may stand in an address and tells no value.

A cursor holds the id of the last contact, the instant that all pages are evaluated at, a keyed digest of the question
and one of the values that the contact was sorted by. The values themselves, which may be personal, are read again; if
they have changed, the place is lost, and that is said instead of leaving people out.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar
from uuid import UUID

from mimcore.display.numbers import plural
from mimcore.errors import InvalidValueError
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.ordering import Place, SortKey, order_text
from mimcore.values.instants import from_microseconds, to_microseconds

__all__ = ["Cursor", "Cursors", "Page"]

T = TypeVar("T")
_VERSION = 1
_DIGEST = 8
_LENGTH = 1 + 8 + 16 + 2 * _DIGEST


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of results.

    Attributes:
        items: The records, in the order that was asked for; by id unless something was.
        next: Give it as `after=` for the next page; None on the last one. It holds no personal value.
    """

    items: tuple[T, ...]
    next: str | None

    def __str__(self) -> str:
        """How many there are here, and whether more follow."""
        more = "more follow: after=page.next" if self.next else "no more follow"
        return f"{plural(len(self.items), 'record')} on this page, {more}"

    if not TYPE_CHECKING:  # what would stop after the first hundred without a word

        def _refused(self, *_: object) -> NoReturn:
            raise InvalidValueError(
                "page", "is no list", "page.items are its records, store.contacts.stream(rule) yields all there are"
            )

        __iter__ = __len__ = __getitem__ = __contains__ = _refused


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a cursor says.

    Attributes:
        last: The last contact of the page before.
        now: The instant at which the pages are evaluated.
        question: Digest of rule, verdict and sort.
        place: Digest of the values by which the last contact was sorted.
    """

    last: UUID
    now: datetime
    question: bytes
    place: bytes

    def text(self) -> str:
        """Return it as 55 letters of A-Z, a-z, 0-9, - and _."""
        moment = to_microseconds(self.now).to_bytes(8, "big", signed=True)
        whole = bytes([_VERSION]) + moment + self.last.bytes + self.question + self.place
        return urlsafe_b64encode(whole).decode().rstrip("=")


class Cursors:
    """Makes and reads cursors; the digests are keyed, so that nobody can try out which values made them.

    Examples:
        >>> from mimcore.values.instants import as_instant
        >>> cursors = Cursors(b"0123456789abcdef")
        >>> question = cursors.question(None, "member", ())
        >>> cursor = Cursor(UUID(int=7), as_instant("2026-04-01T12:00Z"), question, cursors.place(("Aarhus",)))
        >>> cursors.read(cursor.text(), question) == cursor
        True
    """

    def __init__(self, secret: bytes) -> None:
        """Use a key.

        Args:
            secret: The store's secret.
        """
        self._secret = secret

    def question(self, rule: Rule | None, verdict: str, keys: tuple[SortKey, ...]) -> bytes:
        """Return the digest of what is asked."""
        asked = "" if rule is None else as_rule(rule, "rule").model_dump_json(exclude_none=True)
        return self._digest("question", verdict, order_text(keys), asked)

    def place(self, place: Place) -> bytes:
        """Return the digest of the values that a contact is sorted by."""
        return self._digest("place", *map(repr, place))

    def read(self, text: str, question: bytes) -> Cursor:
        """Read a cursor that was made for the same question.

        Raises:
            InvalidValueError: If it is no cursor, or one of another rule, verdict or sort.
        """
        whole = _decoded(text)
        if len(whole) != _LENGTH or whole[0] != _VERSION:
            raise InvalidValueError("after", "is not a cursor", "give `next` of the page before, as it was")
        cursor = Cursor(
            last=UUID(bytes=whole[9:25]),
            now=from_microseconds(int.from_bytes(whole[1:9], "big", signed=True)),
            question=whole[25 : 25 + _DIGEST],
            place=whole[25 + _DIGEST :],
        )
        if not hmac.compare_digest(cursor.question, question):
            raise InvalidValueError(
                "after", "is a cursor of another rule, verdict or sort", "ask for every page with the same ones"
            )
        return cursor

    def _digest(self, *parts: str) -> bytes:
        return hmac.new(self._secret, "\0".join(("cursor", *parts)).encode(), sha256).digest()[:_DIGEST]


def _decoded(text: str) -> bytes:
    """Return the bytes of a cursor; empty if it is not one, an instant out of range included."""
    try:
        whole = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if text.isascii() else b""
        from_microseconds(int.from_bytes(whole[1:9], "big", signed=True))
    except (ValueError, OverflowError):
        return b""
    return whole if urlsafe_b64encode(whole).decode().rstrip("=") == text else b""
