"""What custom attributes make of the text of a cell: the option that it names, or a value of their kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.domain.custom.attributes import CustomSpec
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.instants import as_instant
from mimcore.values.text import fold

__all__ = ["custom_reader"]

Reader = Callable[[Any], Any]


def custom_reader(spec: FieldSpec | None, read: Reader, zone: ZoneInfo) -> Reader | None:
    """Return what reads the cells of a custom attribute, or None for another field.

    An option is found without regard to letter case. A date where an instant belongs means the end of that local day.

    Args:
        spec: The field, if it is one.
        read: What its kind makes of text.
        zone: The store's zone.

    Examples:
        >>> from mimcore.domain.custom.attributes import CustomAttribute
        >>> tier = CustomAttribute(name="tier", kind="code", options=["Gold", "silver"]).spec
        >>> custom_reader(tier, str, ZoneInfo("UTC"))(" GOLD")
        'Gold'
    """
    if not isinstance(spec, CustomSpec) or spec.declaration is None:
        return None
    declaration, options = spec.declaration, {fold(one): one for one in spec.declaration.options}

    def reader(value: Any) -> Any:
        if isinstance(value, str) and options:
            return declaration.value(options.get(fold(value), value))
        if spec.kind is Kind.INSTANT:
            return declaration.value(as_instant(read(value), zone=zone))
        return declaration.value(value if spec.kind is Kind.TEXT else read(value))

    return reader
