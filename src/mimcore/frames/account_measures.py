"""Conditions on all accounts of a contact, computed over a frame with one row for each link."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from mimcore.frames.columns import Columns
from mimcore.frames.companions import AccountFrame
from mimcore.frames.compiling import Compiler
from mimcore.frames.forms import compared
from mimcore.frames.measures import Measures, People
from mimcore.frames.naming import Naming
from mimcore.frames.tables import open_table
from mimcore.rules.language.catalogue import Catalogue, FieldSpec
from mimcore.rules.lowering.bound import AnyAccount, CountAccounts

__all__ = ["AccountMeasures"]


@dataclass(frozen=True, slots=True)
class AccountMeasures:
    """Compiles conditions on accounts.

    Attributes:
        measures: Where it is collected what is computed.
    """

    measures: Measures

    @classmethod
    def opened(cls, companion: AccountFrame, catalogue: Catalogue, people: People) -> AccountMeasures:
        """Open a frame of accounts for the people that are asked."""
        table = open_table(companion.frame, "accounts")
        naming = _AccountNaming(table.names, companion.columns, catalogue, "the frame of accounts")
        return cls(Measures(Columns(table, naming, prefix="a"), companion.contact, people, "account"))

    def answer(self, leaf: AnyAccount | CountAccounts) -> nw.Expr:
        """Return the answer to a condition over the people's joined columns."""
        holds = Compiler(self.measures.columns).verdict(leaf.where)
        true = self.measures.of(holds.fill_null(value=False).cast(nw.Int64), "sum").fill_null(0)
        if isinstance(leaf, CountAccounts):
            return compared(true, leaf.op, leaf.value)
        unknown = self.measures.of(holds.is_null().cast(nw.Int64), "sum").fill_null(0)
        return nw.when((true > 0) | (unknown == 0)).then(true > 0)


class _AccountNaming(Naming):
    """Every column is of an account: short names need no prefix."""

    def candidates(self, spec: FieldSpec) -> tuple[str, ...]:
        return (spec.name, f"account.{spec.short}", spec.short, f"account_{spec.short}")
