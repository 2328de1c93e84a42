"""A question: rules compiled for one frame, with everything that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw

from mimcore.errors import MissingFactsError
from mimcore.frames.account_measures import AccountMeasures
from mimcore.frames.columns import Columns
from mimcore.frames.compiling import Compiler
from mimcore.frames.event_measures import EventMeasures
from mimcore.frames.measures import People, key_column
from mimcore.frames.naming import Naming
from mimcore.frames.options import Options, binding_of, listed_ids
from mimcore.frames.tables import Table, guarded, open_table
from mimcore.rules.language.catalogue import Catalogue
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.bound import AnyAccount, CountAccounts, EventLeaf, Follows, Regular, Restarted

__all__ = ["Question", "ask"]


@dataclass(slots=True)
class Beside:
    """What a question was given beside the frame; opened when a condition first asks for it."""

    columns: Columns
    options: Options
    catalogue: Catalogue
    opened: dict[str, Any] = field(default_factory=dict[str, Any])

    def events(self, leaf: EventLeaf | Follows | Regular | Restarted) -> nw.Expr:
        """Answer a condition on events.

        Raises:
            MissingFactsError: If no events were given.
        """
        given = self.options.get("events")
        if given is None:
            raise MissingFactsError(
                f"the rule reads events{_kind_of(leaf)}: give events=mim.events(orders, contact=…, at=…, kind=…)"
            )
        if "events" not in self.opened:
            people = self._people(given.key, given.contact)
            self.opened["events"] = EventMeasures.opened(given, self.catalogue, people)
        measures: EventMeasures = self.opened["events"]
        return measures.answer(leaf)

    def accounts(self, leaf: AnyAccount | CountAccounts) -> nw.Expr:
        """Answer a condition on all accounts.

        Raises:
            MissingFactsError: If no accounts were given.
        """
        given = self.options.get("accounts")
        if given is None:
            raise MissingFactsError("the rule reads all accounts: give accounts=mim.accounts(links, contact=…)")
        if "accounts" not in self.opened:
            people = self._people(given.key, given.contact)
            self.opened["accounts"] = AccountMeasures.opened(given, self.catalogue, people)
        measures: AccountMeasures = self.opened["accounts"]
        return measures.answer(leaf)

    def _people(self, key: str | None, contact: str) -> People:
        return People(self.columns, key_column(self.columns.table, (key,) if key else ("id", contact)))

    def listed(self, segment: str) -> nw.Expr:
        """Answer whether the row's id stands on a list.

        Raises:
            UnsupportedConditionError: If the list is not at hand.
        """
        ids = listed_ids(self.options, segment)
        return self.columns.id_is_in(key_column(self.columns.table, ("id",)), ids)

    def sample_key(self) -> nw.Expr:
        """The key that samples are drawn by."""
        return self.columns.sample_key("id" if "id" in self.columns.table.names else None)

    def joined(self, working: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Join everything that was opened."""
        for one in self.opened.values():
            working = one.measures.joined(working)
        return working


def _kind_of(leaf: EventLeaf | Follows | Regular | Restarted) -> str:
    match leaf:
        case EventLeaf(kind=kind):
            return f" of kind {kind}"
        case Follows(first=first):
            return f" of kind {first.kind}"
        case Regular(events=events) | Restarted(events=events):
            return f" of kind {events.kind}"


@dataclass(frozen=True, slots=True)
class Question:
    """Rules compiled for one frame: the answers, and what they are computed of."""

    table: Table
    columns: Columns
    beside: Beside
    answers: dict[str, nw.Expr]

    def working(self) -> nw.LazyFrame[Any]:
        """The frame with the prepared columns, and what was joined to it."""
        self.columns.tell_of_gaps()
        return guarded("frame", lambda: self.beside.joined(self.table.prepared(self.columns.made)))


def ask(frame: Any, rules: Mapping[str, Rule], options: Options, to_be: Literal["mask", "verdict"]) -> Question:
    """Compile rules for a frame.

    Args:
        frame: Any frame.
        rules: By the names of the answers.
        options: What the question came with.
        to_be: Whether unknown counts as false.
    """
    table, binding = open_table(frame), binding_of(options)
    columns = Columns(table, Naming(table.names, options.get("columns"), binding.catalogue))
    beside = Beside(columns, options, binding.catalogue)
    compiler = Compiler(columns, None if binding.now is None else binding.today("age"), beside)
    compiled = compiler.members if to_be == "mask" else compiler.verdict
    answers = {name: compiled(bind(as_rule(rule, "rule"), binding)) for name, rule in rules.items()}
    return Question(table, columns, beside, answers)
