"""Every typed handle of a field, by the kind of what it holds."""

from __future__ import annotations

from mimcore.rules.language.handles import Field, FrameColumn, FreshnessMeasure
from mimcore.rules.writing.collection_fields import CodesField, CollectionField, RecordsField, TagsField
from mimcore.rules.writing.location_fields import LocationField
from mimcore.rules.writing.moment_fields import DateField, InstantField, MomentField
from mimcore.rules.writing.scalar_fields import (
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
    "LocationField",
    "MomentField",
    "MoneyField",
    "NumberField",
    "OrderedField",
    "RecordsField",
    "ScalarField",
    "TagsField",
    "TextField",
]
