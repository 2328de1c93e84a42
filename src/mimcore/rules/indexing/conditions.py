"""All conditions of an index: each once, in its group, with the order in which they are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property

from mimcore.rules.evaluation.evaluator import cost
from mimcore.rules.explaining.needs import needs_of
from mimcore.rules.indexing.atoms import Atom, Effect, joined
from mimcore.rules.indexing.groups import Alone, Group, Parts, Together
from mimcore.rules.indexing.numbering import Numbering
from mimcore.rules.indexing.question import Question
from mimcore.rules.indexing.references import Level, Reference, levels
from mimcore.rules.indexing.sorting import place_of
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import Bound, BoundAny, Literal

__all__ = ["Conditions"]


class Conditions:
    """Conditions in groups."""

    def __init__(self) -> None:
        """Start with none."""
        self._atoms: dict[nodes.Rule, Atom] = {}
        self._groups: dict[Hashable, Group] = {}
        self._group_of: dict[Atom, Group] = {}
        self._touched: dict[Group, None] = {}
        self._references: dict[Reference, None] = {}
        self._levels: list[Level] = []
        self._needing: Counter[str] = Counter()
        self._needs: frozenset[str] = frozenset()

    # --- conditions come and go ---------------------------------------------------------------------------------------

    def take(self, node: nodes.Rule, binding: Binding) -> Atom:
        """Return the condition of a node, a new one if there is none yet.

        Args:
            node: A condition, or a rule that is too wide.
            binding: With the index's own instant and its segments.
        """
        found = self._atoms.get(node)
        if found is None:
            found = self._atoms[node] = _made(node, binding)
        return found

    def enter(self, atom: Atom, binding: Binding) -> None:
        """Notice that one more segment uses a condition; the first one puts it into its group."""
        atom.uses += 1
        if isinstance(atom, Reference):
            self._references[atom] = None
            return
        group = self._group_of.get(atom)
        if group is None:
            group = self._group_of[atom] = self._group(atom, binding)
            group.add(atom)
            self._needing.update(_needed(atom))
            self._needs = frozenset(+self._needing)
        self._touched[group] = None

    def leave(self, atom: Atom) -> None:
        """Notice that one segment less uses a condition; after the last one it is gone."""
        atom.uses -= 1
        if atom.uses:
            return
        del self._atoms[atom.node]
        if isinstance(atom, Reference):
            del self._references[atom]
            return
        self._needing.subtract(_needed(atom))
        self._needs = frozenset(+self._needing)
        group = self._group_of.pop(atom)
        group.drop(atom)
        if not group.atoms:
            del self._groups[group.key]
            self._touched.pop(group, None)

    def drop_unused(self, atoms: Iterable[Atom]) -> None:
        """Forget conditions that were taken for a rule that turned out to be too wide."""
        for atom in atoms:
            if not atom.uses:
                self._atoms.pop(atom.node, None)

    def _group(self, atom: Atom, binding: Binding) -> Group:
        place = place_of(atom, binding, binding.instant("a membership index"))
        key: Hashable = ("alone", atom.node) if place is None else place[0]
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = Alone(key) if place is None else Together(key, place[1]())
        return found

    def settle(self, mentions: Mapping[str, tuple[str, ...]]) -> None:
        """Make ready for questions after a change.

        Args:
            mentions: By key of a segment the keys that its rule refers to.
        """
        for group in self._touched:
            group.touch()
        self._touched.clear()
        self._levels = levels(self._references, mentions)
        for name in ("companions", "_in_order"):
            self.__dict__.pop(name, None)

    def forget_bits(self) -> None:
        """Let no condition stand in any alternative, before all are numbered anew."""
        for atom in self._atoms.values():
            atom.leave_all()
        self._touched.update(dict.fromkeys(self._groups.values()))

    # --- questions ----------------------------------------------------------------------------------------------------

    @property
    def needs(self) -> frozenset[str]:
        """Companions that the conditions read, and `now`."""
        return self._needs

    @cached_property
    def companions(self) -> Bound:
        """A bound rule with the leaves that read companions."""
        asked = (atom for atom in self._atoms.values() if atom.needs and not isinstance(atom, Reference))
        return BoundAny(tuple(Literal(leaf) for leaf in dict.fromkeys(one for atom in asked for one in atom.leaves)))

    @cached_property
    def _in_order(self) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
        """What is looked up, and what is asked: the cheap before the dear."""
        together = [group for group in self._groups.values() if isinstance(group, Together)]
        alone = [group for group in self._groups.values() if isinstance(group, Alone)]
        return tuple(together), tuple(sorted(alone, key=lambda group: cost(group.atoms[0].bound)))

    def asked(self, question: Question, kept: Mapping[Group, Effect], numbering: Numbering) -> tuple[Effect, Parts]:
        """Return what the contact's answers do to all alternatives, and what each group does.

        Args:
            question: The contact.
            kept: What is known of some groups.
            numbering: Which bits are whose.
        """
        together, alone = self._in_order
        if kept:
            effects = [kept.get(group) or group.effect(question) for group in together]
        else:
            effects = [group.effect(question) for group in together]
        not_true, false = joined([(numbering.unused, numbering.unused), *effects])
        still_open = tuple(group for group in alone if group.mentions & ~false)
        for group in still_open:
            one = kept.get(group) or group.effect(question)
            effects.append(one)
            not_true |= one[0]
            false |= one[1]
        for level in self._levels:
            more = level.effect(not_true, false, numbering)
            not_true |= more[0]
            false |= more[1]
        return (not_true, false), Parts(together + still_open, effects)


def _needed(atom: Atom) -> frozenset[str]:
    return atom.needs | {"now"} if atom.is_timed else atom.needs


def _made(node: nodes.Rule, binding: Binding) -> Atom:
    if isinstance(node, nodes.InSegment) and binding.segment is not None:
        rule = binding.segment(node.segment).rule
        if rule is not None:
            return Reference(node, bind(nodes.Everyone(), binding))
    segments = _Rules(binding)
    return Atom(node, bind(node, binding), is_timed="now" in needs_of(node, segments))


class _Rules(dict[str, "nodes.Rule | None"]):
    """The rules of segments, looked up in a binding."""

    def __init__(self, binding: Binding) -> None:
        super().__init__()
        self._binding = binding

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __missing__(self, key: str) -> nodes.Rule | None:
        if self._binding.segment is None:
            raise AssertionError(key)
        return self._binding.segment(key).rule
