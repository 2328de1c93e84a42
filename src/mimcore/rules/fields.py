"""Every typed handle of a field, by the kind of what it holds."""

from __future__ import annotations

from mimcore.rules.collection_fields import CodesField, CollectionField, RecordsField, TagsField
from mimcore.rules.handles import Field, FrameColumn, FreshnessMeasure
from mimcore.rules.moment_fields import DateField, InstantField, MomentField
from mimcore.rules.scalar_fields import (
    AgeField,
    BooleanField,
    CodeField,
    IntegerField,
    KeyField,
    MoneyField,
    NumberField,
    OrderedField,
    ScalarField,
    TextField,
)

__all__ = [
    "AgeField",
    "BooleanField",
    "CodeField",
    "CodesField",
    "CollectionField",
    "DateField",
    "Field",
    "FrameColumn",
    "FreshnessMeasure",
    "InstantField",
    "IntegerField",
    "KeyField",
    "MomentField",
    "MoneyField",
    "NumberField",
    "OrderedField",
    "RecordsField",
    "ScalarField",
    "TagsField",
    "TextField",
]
