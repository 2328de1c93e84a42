"""Freshness in frames: from the key and the pool that stand beside a column, as a store gives them with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from mimcore.errors import InvalidValueError, MissingFactsError
from mimcore.frames.columns import Columns
from mimcore.frames.forms import compared, joined
from mimcore.frames.notation import Native
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.language.pools import FRESH_KEY, FRESH_POOL

__all__ = ["Ages"]

_WORDS = (nw.String, nw.Categorical, nw.Enum)


@dataclass(frozen=True, slots=True)
class Ages:
    """How fresh the values of one field are.

    Attributes:
        columns: Where the prepared columns go.
        spec: The field.
    """

    columns: Columns
    spec: FieldSpec

    def fresh(self, cutoffs: Sequence[tuple[str, int]]) -> nw.Expr:
        """Return whether the key reaches the cutoff of its pool: unknown where there is no key.

        Args:
            cutoffs: Every pool whose half-life is known, with the key that the threshold means there.

        Raises:
            MissingFactsError: If one of the two columns is missing.
            InvalidValueError: If one of them is of a type that does not fit.
        """
        by_cutoff: dict[int, list[str]] = {}
        for pool, cutoff in cutoffs:
            by_cutoff.setdefault(cutoff, []).append(pool)
        key, own = self._prepared_key(), self._prepared_pool(tuple(pool for pool, _ in cutoffs))
        reached = [own.is_in(pools) & compared(key, "ge", cutoff) for cutoff, pools in by_cutoff.items()]
        return joined(reached, nw.any_horizontal)

    def is_dated(self) -> nw.Expr:
        """Tell whether there is a key; never unknown.

        Raises:
            MissingFactsError: If the column of keys is missing.
            InvalidValueError: If it does not hold whole numbers.
        """
        return ~self._prepared_key().is_null()

    def _prepared_key(self) -> nw.Expr:
        return self.columns.prepared((self.spec.name, FRESH_KEY), self._key)

    def _prepared_pool(self, known: tuple[str, ...]) -> nw.Expr:
        return self.columns.prepared((self.spec.name, FRESH_POOL), lambda: self._pool(known))

    def _key(self) -> Native:
        name, say = self._column(FRESH_KEY), self.columns.table.notation
        dtype = self.columns.table.dtype(name)
        if dtype is None:
            return say.null("integer")
        if isinstance(dtype, nw.Float64):  # what pandas makes of whole numbers with gaps
            return say.whole(say.finite(say.column(name)))
        if dtype.is_integer():
            return say.whole(say.column(name))
        raise InvalidValueError(f"column '{name}'", f"is of type {dtype}", "give keys as whole numbers of 64 bits")

    def _pool(self, known: tuple[str, ...]) -> Native:
        name, say = self._column(FRESH_POOL), self.columns.table.notation
        dtype = self.columns.table.dtype(name)
        if dtype is not None and not isinstance(dtype, _WORDS):
            raise InvalidValueError(f"column '{name}'", f"is of type {dtype}", "give names of half-life pools as text")
        pool = say.null("text") if dtype is None else say.text(say.column(name))
        return say.known_pool(pool, self._key(), known, name)

    def _column(self, suffix: str) -> str:
        found = self.columns.naming.beside(self.spec, suffix)
        if found is None:
            expected = f"{self.columns.naming.find(self.spec) or self.spec.short}{suffix}"
            raise MissingFactsError(
                f"the frame has no column '{expected}', which tells how fresh {self.spec.name} is: read the frame with "
                f"store.contacts.to_frame(columns=['{self.spec.short}', …], freshness=True)"
            )
        return found
