"""Python source for a bound rule: one function that asks a whole batch, with the answers of `evaluator`.

The source holds attribute names from the declarations, numbered names, and Python's own words. Every constant reaches
the function through its globals, and it has no builtins, so that nothing a user wrote is ever read as Python.

What is not written out here (a kind of leaf that nobody taught the writer, what is nested too deep) calls the closure
that `evaluation` makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from types import CodeType
from typing import Any, Literal

from mimcore.rules.evaluation.evaluator import cost, evaluator, flat, object_test
from mimcore.rules.evaluation.facts import needs
from mimcore.rules.evaluation.generated_leaves import Code, Writer, all_of, any_of, opposite
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.lowering.bound import (
    Bound,
    BoundAll,
    BoundAny,
    Comparison,
    Constant,
    Member,
    TextMatch,
    leaves,
    negate,
)
from mimcore.rules.lowering.bound import Literal as BoundLiteral

__all__ = ["Wanted", "compiled", "generated", "source_of"]

Wanted = Literal["member", "non_member", "unknown", "answer"]
"""Whom a function returns: those for whom the rule is true, false, not to be decided; or everybody's answer."""

_TEXTUAL = (Comparison, Member, TextMatch)
_DEEPEST = 40
"""Groups inside each other that are written out: Python's parser reads 200 brackets."""
_LISTS: dict[Wanted, tuple[str, str]] = {
    "member": ("{who}", " if {true}"),
    "non_member": ("{who}", " if {false}"),
    "unknown": ("{who}", " if not {true} and not {false}"),
    "answer": ("True if {true} else False if {false} else None", ""),
}


def generated(bound: Bound, wanted: Wanted, *, of_facts: bool) -> Callable[[Iterable[Any]], list[Any]]:
    """Return a function that asks a bound rule of many; check the facts with `require` first.

    It costs as much as some 640 answers of `evaluator`, most of it once for all rules of one shape.

    Args:
        bound: What `bind` returned.
        wanted: Whom it returns.
        of_facts: Whether it is given `Facts`; else objects that the rule can be asked of alone.
    """
    source, constants = source_of(bound, wanted, of_facts=of_facts)
    names: dict[str, Any] = {"__builtins__": {}, **constants}
    exec(compiled(source), names)  # noqa: S102 - see the module: the text is ours, word by word
    asked: Callable[[Iterable[Any]], list[Any]] = names["batch"]
    return asked


def source_of(bound: Bound, wanted: Wanted, *, of_facts: bool) -> tuple[str, dict[str, Any]]:
    """Return the source and the constants it names.

    Args:
        bound: What `bind` returned.
        wanted: Whom the function returns.
        of_facts: Whether it is given `Facts`.
    """
    is_both = wanted in {"unknown", "answer"}
    rule = _Rule(bound, times=1 + is_both)
    true = rule.write(bound, frozenset()) if wanted != "non_member" else _UNASKED
    false = rule.write(negate(bound), true.if_false) if wanted != "member" else _UNASKED
    who, contact = ("p", " for c in (p.contact,)") if of_facts else ("c", "")
    told, condition = (part.format(true=true.text, false=false.text, who=who) for part in _LISTS[wanted])
    source = f"def batch(people):\n    return [{told} for {who} in people{contact}{condition}]\n"
    return source, rule.writer.constants


_UNASKED = Code("False", frozenset(), frozenset())


@lru_cache(maxsize=512)
def compiled(source: str) -> CodeType:
    """Compile a source; rules that differ in constants only, `now` among them, share it."""
    return compile(source, "<rule>", "exec")


class _Rule:
    """Writes groups; the leaves are the writer's."""

    def __init__(self, bound: Bound, *, times: int) -> None:
        self.writer = Writer(bound, times=times)

    def write(self, bound: Bound, known: frozenset[str], depth: int = 0) -> Code:
        """Return the expression that is true where a bound rule is."""
        match bound:
            case Constant(value):
                return Code("True" if value else "False", known, known)
            case BoundLiteral():
                return self._literal(bound, known)
            case _ if depth == _DEEPEST:
                return self._called(bound, known)
            case BoundAll(parts):
                return all_of(self._writing(_ordered(parts, BoundAll), depth), known)
            case BoundAny(parts):
                return any_of(self._writing(_ordered(parts, BoundAny), depth), known)

    def _writing(self, parts: list[Bound], depth: int) -> list[Callable[[frozenset[str]], Code]]:
        return [partial(self.write, part, depth=depth + 1) for part in parts]

    def _literal(self, literal: BoundLiteral, known: frozenset[str]) -> Code:
        """What a missing value counts as true for is written as the opposite of "it is false"."""
        is_opposite = literal.missing is True
        written = None
        if not needs(literal):
            written = self.writer.leaf(literal.leaf, known, is_true=literal.negated is is_opposite)
        if written is None:
            return self._called(literal, known)
        return opposite(written) if is_opposite else written

    def _called(self, bound: Bound, known: frozenset[str]) -> Code:
        """Ask a closure."""
        alone = not needs(bound)
        test = self.writer.constant(object_test(bound) if alone else evaluator(bound), "x")
        return Code(f"({test}({'c' if alone else 'p'}) is True)", known, known)


def _ordered(parts: tuple[Bound, ...], group: type[BoundAll | BoundAny]) -> list[Bound]:
    """What reads the contact alone comes first; text to be folded, which is the dearest, comes last among that."""
    return sorted(flat(parts, group), key=lambda part: (bool(needs(part)), _folds(part), cost(part)))


def _folds(bound: Bound) -> bool:
    return any(isinstance(leaf, _TEXTUAL) and leaf.spec.kind is Kind.TEXT for leaf in leaves(bound))
