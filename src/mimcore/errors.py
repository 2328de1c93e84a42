"""Every error that leaves mimcore, in one tree.

::

    MimcoreError
    ├── InvalidValueError        (also ValueError)   a value was refused: field, reason, remedy
    ├── RuleError                                    a segmentation rule is wrong
    │   ├── RuleSyntaxError      (also TypeError)    Python's operators used in a way that cannot work
    │   ├── RuleFormatError      (also ValueError)   a serialised rule that is not one
    │   ├── UnknownFieldError    (also LookupError)  a field nobody declared, with the nearest name
    │   │   └── UnknownAttributeError (also AttributeError)  the same, written as `f.contact.…`
    │   ├── RuleTypeError        (also TypeError)    a literal or operator that does not fit the field
    │   ├── MissingFactsError                        data that the rule needs was not given
    │   └── UnsupportedConditionError                this engine cannot do this condition
    ├── NotFoundError            (also LookupError)  no such record
    ├── AmbiguousError           (also LookupError)  more than one record where one was asked for
    ├── ConflictError                                somebody else changed it, or it exists already
    │   ├── StaleVersionError
    │   ├── DuplicateKeyError
    │   └── SerializationError                       another transaction came in between: repeat the unit of work
    ├── TransitionError          (also ValueError)   a step that the life cycle does not allow
    ├── ClosedError                                  the store or unit of work has ended
    ├── ConsentError                                 contacting is not allowed
    ├── CaptureError                                 a file or an import cannot be read, applied or undone
    ├── StoppedError                                 long work was told to stop by its own on_progress
    ├── StoreError                                   the store cannot do its work
    │   ├── SchemaOutOfDateError
    │   ├── StoreUrlError        (also ValueError)
    │   └── SecretKeyError
    └── MissingExtraError        (also ImportError)  an optional library is not installed

A message names the field, the reason and the remedy. It never contains a personal value: constructors here take
names, reasons and remedies, and there is no parameter that a value could travel in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

__all__ = [
    "AmbiguousError",
    "CaptureError",
    "ClosedError",
    "ConflictError",
    "ConsentError",
    "DuplicateKeyError",
    "InvalidValueError",
    "MimcoreError",
    "MissingExtraError",
    "MissingFactsError",
    "NotFoundError",
    "Problem",
    "RuleError",
    "RuleFormatError",
    "RuleSyntaxError",
    "RuleTypeError",
    "SchemaOutOfDateError",
    "SecretKeyError",
    "SerializationError",
    "StaleVersionError",
    "StoppedError",
    "StoreError",
    "StoreUrlError",
    "TransitionError",
    "UnknownAttributeError",
    "UnknownFieldError",
    "UnsupportedConditionError",
    "nearest",
]


class MimcoreError(Exception):
    """The root: `except mim.MimcoreError` catches everything this library raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused value: which field, why, and what would be right. Never the value itself."""

    field: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        """One line, ready for a person to read."""
        return f"{self.field}: {self.reason}" + (f" — {self.remedy}" if self.remedy else "")

    @classmethod
    def read(cls, line: str) -> Problem:
        """Return the problem that was written as a line.

        Examples:
            >>> Problem.read("city: is too long — shorten it").remedy
            'shorten it'
        """
        field, _, said = line.partition(": ")
        reason, _, remedy = said.partition(" — ")
        return cls(field, reason, remedy)

    def inside(self, outer: str) -> Problem:
        """Return the same problem, seen from the object that holds this one."""
        return Problem(f"{outer}.{self.field}" if self.field else outer, self.reason, self.remedy)


class InvalidValueError(MimcoreError, ValueError):
    """A value was refused. `problems` lists each one with field, reason and remedy."""

    def __init__(
        self, field: str, reason: str | None = None, remedy: str = "", *, more: Iterable[Problem] = ()
    ) -> None:
        """Describe the refusal.

        Args:
            field: Name of the field as the caller knows it.
            reason: Why the value is refused, without the value. None where the first line of `field` is a whole
                message: Polars makes an error anew from that, with what it was doing in the lines below.
            remedy: What would be accepted.
            more: Further problems found in the same object.
        """
        first = Problem.read(field.partition("\n")[0]) if reason is None else Problem(field, reason, remedy)
        self.problems = (first, *more)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    @property
    def field(self) -> str:
        """The first refused field."""
        return self.problems[0].field

    @property
    def reason(self) -> str:
        """Why the first one was refused."""
        return self.problems[0].reason

    @property
    def remedy(self) -> str:
        """What would have been accepted instead."""
        return self.problems[0].remedy

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> InvalidValueError:
        """Build one error from several problems (at least one)."""
        first, *rest = problems
        return cls(first.field, first.reason, first.remedy, more=rest)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive pickling between processes."""
        return type(self).of, (self.problems,)


class RuleError(MimcoreError):
    """A segmentation rule is wrong."""

    place: tuple[str | int, ...] = ()
    """Where in the JSON it was read from: keys and indices from the outside in; empty for a rule built in Python."""

    @classmethod
    def located(cls, path: str, reason: object) -> Self:
        """Return the error for a place in JSON.

        Args:
            path: JSON path of declared keys and indices, such as `rule.rules[1].value`; empty for the whole document.
            reason: What is wrong there, and what would be right.

        Examples:
            >>> RuleFormatError.located("rule.rules[1]", "the key 'op' is missing").place
            ('rule', 'rules', 1)
        """
        error = cls(f"at {path or 'the outermost level'}: {reason}")
        parts = path.replace("[", ".").replace("]", "").split(".")
        error.place = tuple(int(part) if part.isdecimal() else part for part in parts if part)
        return error


class RuleSyntaxError(RuleError, TypeError):
    """A Python operator was used on a rule or field in a way that cannot work; the message has the right spelling."""


class RuleFormatError(RuleError, ValueError):
    """A serialised rule is not a rule; the message has the JSON path."""


class UnknownFieldError(RuleError, LookupError):
    """A name that nobody declared. The message has the nearest declared one."""


class UnknownAttributeError(UnknownFieldError, AttributeError):
    """A name that nobody declared, written as an attribute; `hasattr` and `getattr` with a default work as usual."""


class RuleTypeError(RuleError, TypeError):
    """A literal or an operator does not fit the field's kind."""


class MissingFactsError(RuleError):
    """Data that the rule needs (events, account, now …) was not given; absent is never treated as empty."""


class UnsupportedConditionError(RuleError):
    """The chosen engine cannot evaluate a condition; raised when the rule is compiled, never later."""


class NotFoundError(MimcoreError, LookupError):
    """No such record."""


class AmbiguousError(MimcoreError, LookupError):
    """Several records where one was asked for."""


class ConflictError(MimcoreError):
    """The record exists already or was changed by somebody else. The unit of work is dead after it."""


class StaleVersionError(ConflictError):
    """The object at hand is not the newest version of the record."""


class DuplicateKeyError(ConflictError):
    """A record with the same key or id exists."""


class SerializationError(ConflictError):
    """Another transaction came in between, and the database let that one win: nothing was stored.

    Repeat the whole unit of work, what it read included; `store.transact` does that.
    """


class TransitionError(MimcoreError, ValueError):
    """A life cycle does not allow this step."""


class ClosedError(MimcoreError):
    """The store, or the unit of work, has ended."""


class ConsentError(MimcoreError):
    """Contacting is not allowed, or a consent record is incomplete."""


class CaptureError(MimcoreError):
    """A file cannot be read, or an import cannot be applied or undone."""


class StoppedError(MimcoreError):
    """Long work that only reads was told to stop: its `on_progress` returned False."""


class StoreError(MimcoreError):
    """The store cannot do its work (disk, lock, connection, driver)."""


class SchemaOutOfDateError(StoreError):
    """The database was made by another version of mimcore; the message names the command that mends it."""


class StoreUrlError(StoreError, ValueError):
    """The address of a store is not understood."""


class SecretKeyError(StoreError):
    """The key of the suppression list is missing or is not the one this database was made with."""


class MissingExtraError(MimcoreError, ImportError):
    """An optional library is not installed; the message is the `pip install` line."""

    def __init__(self, what: str, extra: str) -> None:
        """Name what needs the library and the extra that brings it.

        Args:
            what: The feature, as the user knows it.
            extra: The name of mimcore's extra.
        """
        self.extra = extra
        super().__init__(f"{what} needs an optional library: pip install 'mimcore[{extra}]'")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint ` (did you mean 'x'?)` with the nearest known name, or an empty string.

    Args:
        name: What was written. It must be a declared kind of name (field, column, key), never a personal value.
        known: What could have been meant.

    Examples:
        >>> nearest("contry", ["country", "city"])
        " (did you mean 'country'?)"
    """
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{matches[0]}'?)" if matches else ""
