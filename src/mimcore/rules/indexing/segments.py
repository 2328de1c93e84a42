"""The segments of an index: their rules, what refers to what, and the edits, each of them all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from mimcore.errors import DuplicateKeyError, RuleError, UnknownFieldError, nearest
from mimcore.rules.explaining.needs import mentioned
from mimcore.rules.indexing.atoms import Atom
from mimcore.rules.indexing.conditions import Conditions
from mimcore.rules.indexing.normal_form import Signed, alternatives
from mimcore.rules.indexing.numbering import Numbering
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import Bound
from mimcore.rules.lowering.references import referring

__all__ = ["Segments"]

_SOME_INSTANT = datetime(2001, 1, 3, 12, tzinfo=UTC)
"""Conditions are bound at it to learn their constants; lengths of windows are differences from it."""
_WORTH_PACKING = 4096
Rules = Mapping[str, "nodes.Rule | None"]
Alternatives = list[frozenset[Signed[Atom]]]


class Segments:
    """Rules by key, and all that is made of them."""

    def __init__(self, binding: Binding) -> None:
        """Start with none.

        Args:
            binding: Zone, half-lives and fields.
        """
        self.rules: dict[str, nodes.Rule | None] = {}
        self.conditions = Conditions()
        self.numbering = Numbering()
        self._given = binding
        self.binding = replace(binding, segment=referring(self.rules))
        self._alternatives: dict[str, Alternatives] = {}
        self._mentions: dict[str, tuple[str, ...]] = {}

    def add(self, key: str, rule: nodes.Rule | None) -> None:
        """Add a segment; see `MembershipIndex.add`."""
        if key in self.rules:
            raise DuplicateKeyError(f"the index holds a segment '{key}' already: use replace")
        self._change({**self.rules, key: rule}, [key], [])

    def replace(self, key: str, rule: nodes.Rule | None) -> None:
        """Replace a rule; see `MembershipIndex.replace`."""
        self._known(key)
        self._change({**self.rules, key: rule}, [key], [])

    def remove(self, key: str) -> None:
        """Remove a segment; see `MembershipIndex.remove`."""
        self._known(key)
        wanted = self.rules.copy()
        del wanted[key]
        self._change(wanted, [], [key])

    def _known(self, key: str) -> None:
        if key not in self.rules:
            raise UnknownFieldError(f"the index holds no segment '{key}'{nearest(key, self.rules)}")

    def sync(self, wanted: Rules) -> tuple[str, ...]:
        """Hold exactly these segments; see `MembershipIndex.sync`."""
        known = self.rules
        changed = [key for key, rule in wanted.items() if key not in known or not _is_same(known[key], rule)]
        gone = [key for key in known if key not in wanted]
        if changed or gone:
            self._change(dict(wanted), changed, gone)
        return tuple(sorted([*changed, *gone]))

    def _change(self, wanted: dict[str, nodes.Rule | None], changed: list[str], gone: list[str]) -> None:
        """Check first; then nothing goes wrong any more."""
        mentions = self._mentions.copy()
        for key in gone:
            mentions.pop(key, None)
        for key in changed:
            mentions[key] = _mentioned_by(wanted[key])
        again = self._checked(wanted, {*changed, *gone}, _above(mentions))
        self._mentions = mentions
        self._edit(wanted, [*gone, *again], again)

    # --- checking -----------------------------------------------------------------------------------------------------

    def _checked(self, wanted: Rules, changed: set[str], above: Mapping[str, list[str]]) -> list[str]:
        """Bind what is new and what leads to it; return the segments that are to be taken in again.

        A segment that refers to a list is taken in again when that list gets a rule, and the other way round; a rule
        that is asked as a whole, when a segment inside it changes.
        """
        binding = replace(self._given, now=_SOME_INSTANT, segment=referring(wanted))
        for key in sorted(_reaching(changed, above)):
            if key in wanted:
                _bound(key, wanted, binding)
        turned = {key for key in changed if _is_list(key, self.rules) is not _is_list(key, wanted)}
        wide = {key for key in _reaching(changed, above) if key in self._alternatives and self._is_wide(key)}
        again = changed.union(wide, *(above.get(key, ()) for key in turned))
        return sorted(again.intersection(wanted))

    def _is_wide(self, key: str) -> bool:
        found = self._alternatives[key]
        return len(found) == 1 and any(one.of.node == self.rules[key] for one in found[0])

    # --- editing ------------------------------------------------------------------------------------------------------

    def _edit(self, wanted: dict[str, nodes.Rule | None], old: Iterable[str], new: Iterable[str]) -> None:
        leaving = [key for key in dict.fromkeys(old) if key in self._alternatives]
        gone = {key: self._alternatives.pop(key) for key in leaving}
        self.rules = wanted
        self.binding = replace(self._given, segment=referring(wanted))
        binding = replace(self.binding, now=_SOME_INSTANT)
        for found in gone.values():
            for atom in _atoms(found):
                self.conditions.leave(atom)
        for key in new:
            self._alternatives[key] = self._take(_rule(key, wanted), binding)
        self._number(leaving, new)
        self.conditions.settle(self._mentions)

    def _take(self, rule: nodes.Rule, binding: Binding) -> Alternatives:
        taken: list[Atom] = []

        def condition(node: nodes.Rule) -> Atom:
            taken.append(self.conditions.take(node, binding))
            return taken[-1]

        found = alternatives(rule, condition)
        if found is None:
            found = [frozenset([Signed(self.conditions.take(rule, binding), negated=False, missing=None)])]
        for atom in _atoms(found):
            self.conditions.enter(atom, binding)
        self.conditions.drop_unused(taken)
        return found

    def _number(self, gone: Iterable[str], new: Iterable[str]) -> None:
        keys = list(new)
        self.numbering = self._numbered(self.numbering, gone, keys)
        if self.numbering.size > 2 * self.numbering.used + _WORTH_PACKING:
            self.conditions.forget_bits()
            keys = list(self._alternatives)
            self.numbering = self._numbered(Numbering(), (), keys)
        for key in keys:
            for bit, alternative in zip(self.numbering.bits(key), self._alternatives[key], strict=True):
                for signed in alternative:
                    signed.of.stand_in(1 << bit, negated=signed.negated, missing=signed.missing)

    def _numbered(self, numbering: Numbering, gone: Iterable[str], keys: Iterable[str]) -> Numbering:
        """Give bits to segments: first to those that others refer to, so that these stand in a short number."""
        inner = {key for below in self._mentions.values() for key in below}
        sizes = {key: len(self._alternatives[key]) for key in keys}
        first = {key: size for key, size in sizes.items() if key in inner}
        rest = {key: size for key, size in sizes.items() if key not in inner}
        return numbering.edited(gone, first).edited((), rest)


def _rule(key: str, rules: Rules) -> nodes.Rule:
    """Return a segment's rule; that of a list asks for it."""
    rule = rules[key]
    return nodes.InSegment(segment=key) if rule is None else nodes.as_rule(rule, "segment")


def _bound(key: str, wanted: Rules, binding: Binding) -> Bound:
    """Bind a segment's rule; an error says whose it is."""
    try:
        return bind(_rule(key, wanted), binding)
    except RuleError as error:
        kind, reason = type(error), str(error)
    raise kind(f"segment '{key}': {reason}")


def _is_list(key: str, rules: Rules) -> bool:
    return key in rules and rules[key] is None


def _atoms(found: Alternatives) -> set[Atom]:
    return {signed.of for alternative in found for signed in alternative}


def _is_same(one: nodes.Rule | None, other: nodes.Rule | None) -> bool:
    return one is other or one == other


def _mentioned_by(rule: nodes.Rule | None) -> tuple[str, ...]:
    """Return the keys of the segments that a rule refers to."""
    return () if rule is None else tuple(dict.fromkeys(mentioned(rule)))


def _above(mentions: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return by key which segments refer to it."""
    found: dict[str, list[str]] = {}
    for key, below in mentions.items():
        for inner in below:
            found.setdefault(inner, []).append(key)
    return found


def _reaching(keys: Iterable[str], above: Mapping[str, list[str]]) -> set[str]:
    """Return keys and all that lead to them."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += above.get(key, ())
    return found
