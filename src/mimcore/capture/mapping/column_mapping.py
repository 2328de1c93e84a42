"""One column of a file and what it becomes: plain data.

Not here: what the columns of one file say together (`import_mapping`), what currency amounts are of (`amounts`).
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from mimcore.capture.mapping.field_policies import FieldPolicy, as_policy
from mimcore.capture.mapping.targets import check_target
from mimcore.capture.mapping.transforms import Constant, Transform
from mimcore.errors import InvalidValueError
from mimcore.values.model import FrozenModel

__all__ = ["ColumnMapping"]


class ColumnMapping(FrozenModel):
    """One column and what it becomes.

    Attributes:
        column: Name in the file; empty for a constant.
        field: Target, see `mimcore.capture.mapping.targets.check_target`.
        transforms: Applied in order, before the field reads the value.
        policy: What it may do to a value that is stored; the mapping's own policy unless given.
    """

    column: str = ""
    field: Annotated[str, BeforeValidator(check_target)]
    transforms: tuple[Transform, ...] = ()
    policy: Annotated[FieldPolicy | None, BeforeValidator(lambda one: None if one is None else as_policy(one))] = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        is_constant = any(isinstance(one, Constant) for one in self.transforms)
        if bool(self.column) == is_constant:
            raise InvalidValueError("column", "and a constant exclude each other", "give one of them")
        return self
