"""The expressions of leaves: when they are true, when they are false, and which values have been read by then.

A field is read, and its text folded, at most once per person, and only if it is asked for: `(v0 := c.owner)` where it
is needed first, `v0` where that must have happened before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.paths import steps
from mimcore.rules.lowering.bound import (
    BornBy,
    Bound,
    BoundAll,
    BoundAny,
    Comparison,
    Constant,
    IsKnown,
    Leaf,
    Literal,
    Member,
    Overlap,
    TextMatch,
)
from mimcore.values.text import fold

__all__ = ["Code", "Writer", "all_of", "any_of", "opposite"]

Known = frozenset[str]
_TRUE = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_FALSE = {"eq": "!=", "lt": ">=", "le": ">", "gt": "<=", "ge": "<"}
_METHODS = {"contains": "", "starts_with": "startswith", "ends_with": "endswith"}
_BORN = {True: "1] <=", False: "0] >"}
"""Of the bounds of a birth date: the latest one is early enough, or not even the earliest one is."""
_BLANKS = frozenset({Kind.TEXT, Kind.CODE, Kind.NUMBER})
"""Kinds with values that count as missing in unchecked objects: blank text, NaN."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression, and the names that have a value (`v0`), and not None (`v0!`), once it is true or false.

    Folded text counts as having a value where there is no text: whoever reads it asks for that first.
    """

    text: str
    if_true: Known
    if_false: Known


@dataclass(frozen=True, slots=True)
class _Test:
    """What is asked of a value.

    Attributes:
        of: Writes the question; its argument is used once where the value may be None.
        is_false_of_none: Whether None needs no check of its own.
        is_exact: Whether it is false of blank text and NaN.
    """

    of: Callable[[str], str]
    is_false_of_none: bool = False
    is_exact: bool = False


def opposite(code: Code) -> Code:
    """Return the negation."""
    return Code(f"(not {code.text})", code.if_false, code.if_true)


def all_of(parts: Sequence[Callable[[Known], Code]], known: Known) -> Code:
    """Join by `and`: each part is asked only after all before it were true."""
    texts: list[str] = []
    sides: list[Known] = []
    for part in parts:
        code = part(known)
        texts.append(code.text)
        sides.append(code.if_false)
        known = code.if_true
    return Code(f"({' and '.join(texts)})", known, sides[0].intersection(*sides[1:]))


def any_of(parts: Sequence[Callable[[Known], Code]], known: Known) -> Code:
    """Join by `or`: each part is asked only after none before it was true."""
    texts: list[str] = []
    sides: list[Known] = []
    for part in parts:
        code = part(known)
        texts.append(code.text)
        sides.append(code.if_true)
        known = code.if_false
    return Code(f"({' or '.join(texts)})", sides[0].intersection(*sides[1:]), known)


class Folds(dict[str, str]):
    """Folded words by the word: tags repeat, so each is folded once."""

    _LIMIT = 10_000

    def __missing__(self, word: str) -> str:
        """Fold a new word; a vocabulary without end starts again."""
        if len(self) >= self._LIMIT:
            self.clear()
        folded = self[word] = fold(word)
        return folded


class Writer:
    """Writes leaves that read one object, `c`, and keeps the constants they name."""

    def __init__(self, bound: Bound, *, times: int) -> None:
        """Prepare for a rule.

        Args:
            bound: The rule: what several fields go through, or what is asked more than once, is worth a name.
            times: How often the rule is written.
        """
        fields = [*_fields(bound)] * times
        self.constants: dict[str, Any] = {}
        self._named: dict[object, str] = {}
        self._functions: dict[object, str] = {}
        self._fold_word = Folds().__getitem__
        self._uses = Counter(spec.name for spec in fields)
        self._within = Counter(part for path in {*_paths(fields)} for part in _prefixes(path))

    def constant(self, value: object, letter: str = "k") -> str:
        """Return the name of a constant.

        Args:
            value: Anything.
            letter: What its name begins with.
        """
        name = f"{letter}{len(self.constants)}"
        self.constants[name] = value
        return name

    def leaf(self, leaf: Leaf, known: Known, *, is_true: bool) -> Code | None:
        """Return the expression for "the leaf is true", or for "it is false"; None for a leaf that is not written here.

        Args:
            leaf: Any leaf.
            known: Names that have a value.
            is_true: Which of the two.
        """
        match leaf:
            case Comparison(spec):
                return self._comparison(leaf, spec, (_TRUE if is_true else _FALSE)[leaf.op], known)
            case Member(spec, values):
                constant, sign = self.constant(frozenset(values)), "in" if is_true else "not in"
                return self._scalar(spec, _Test(lambda v: f"{v} {sign} {constant}", is_true, is_true), known)
            case TextMatch(spec, mode) if mode in _METHODS:
                return self._text_match(leaf, spec, known, is_true=is_true)
            case BornBy(spec, cutoff):
                constant = self.constant(cutoff)
                return self._scalar(spec, _Test(lambda v: f"{v}[{_BORN[is_true]} {constant}"), known)
            case Overlap(spec, values):
                return self._overlap(spec, self.constant(frozenset(values)), known, is_true=is_true)
            case IsKnown(spec) if not spec.is_unchecked:
                return self._known(spec, known, is_true=is_true)
            case _:
                return None

    def _comparison(self, leaf: Comparison, spec: FieldSpec, sign: str, known: Known) -> Code:
        constant = self.constant(leaf.value)
        if leaf.currency is None:
            test = _Test(lambda v: f"{v} {sign} {constant}", sign == "==", sign != "!=")
        else:
            currency = self.constant(leaf.currency)
            test = _Test(lambda v: f"{v}.currency == {currency} and {v}.minor_units {sign} {constant}")
        return self._scalar(spec, test, known)

    def _text_match(self, leaf: TextMatch, spec: FieldSpec, known: Known, *, is_true: bool) -> Code:
        needle, no = self.constant(leaf.needle), "" if is_true else "not "
        if leaf.mode == "contains":
            return self._scalar(spec, _Test(lambda v: f"{needle} {no}in {v}", is_exact=is_true), known)
        method = _METHODS[leaf.mode]
        return self._scalar(spec, _Test(lambda v: f"{no}{v}.{method}({needle})", is_exact=is_true), known)

    def _scalar(self, spec: FieldSpec, test: _Test, known: Known) -> Code:
        """Test a value that is there."""
        checked = not test.is_exact and spec.is_unchecked and spec.kind in _BLANKS
        if test.is_false_of_none and spec.kind is not Kind.TEXT and self._uses[spec.name] == 1:
            text, known = self._value(spec, known, checked=checked)
            return Code(f"({test.of(text)})", known, known)
        read, name, known = self._read(spec, known, checked=checked)
        if spec.kind is Kind.TEXT:
            return self._folded(test, read, name, known)
        present = known | {name, f"{name}!"}
        if f"{name}!" in known:
            return Code(f"({test.of(name)})", known, known)
        if test.is_false_of_none:
            return Code(f"({test.of(read)})", present, known | {name})
        guarded = test.of(name)
        return Code(f"({read} is not None and {guarded})", present, known | {name})

    def _folded(self, test: _Test, read: str, name: str, known: Known) -> Code:
        """Test text that is there, folded: the first time it is asked for, and kept."""
        folded, is_there = self._name(("folded", name), "w"), f"{name}!" in known
        word = folded if folded in known else f"({folded} := {self._shared(fold, 'f')}({name}))"
        after = known | {name, folded}
        if is_there:
            return Code(f"({test.of(word)})", after, after)
        return Code(f"({read} is not None and {test.of(word)})", after | {f"{name}!"}, after)

    def _overlap(self, spec: FieldSpec, wanted: str, known: Known, *, is_true: bool) -> Code:
        """A collection that is None, which only unchecked objects hold, is an empty one."""
        read, name, known = self._read(spec, known)
        words = f"{self._shared(map, 'm')}({self._folds()}, {name})" if spec.kind is Kind.TAGS else name
        code = Code(f"({read} is not None and not {wanted}.isdisjoint({words}))", known | {name}, known | {name})
        return code if is_true else opposite(code)

    def _known(self, spec: FieldSpec, known: Known, *, is_true: bool) -> Code:
        read, name, known = self._read(spec, known)
        text = read if spec.is_collection else f"({read} is not None)"
        code = Code(text, known | {name, f"{name}!"}, known | {name})
        return code if is_true else opposite(code)

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, spec: FieldSpec, known: Known, *, checked: bool = False) -> tuple[str, str, Known]:
        """Return what gives a field's value, the name that holds it, and what has a value by then."""
        name = self._name((spec.name, checked), "v")
        if name in known:
            return name, name, known
        text, known = self._value(spec, known, checked=checked)
        return f"({name} := {text})", name, known

    def _value(self, spec: FieldSpec, known: Known, *, checked: bool) -> tuple[str, Known]:
        if spec.exact_path is None:
            return self._reached(spec, known, checked=checked)
        born = self._name((spec.name, "exact"), "b")
        exact, known = self._walk(spec.exact_path, known)
        text, _ = self._reached(spec, known, checked=checked)
        return f"({born}, {born}) if ({born} := {exact}) is not None else {text}", known

    def _reached(self, spec: FieldSpec, known: Known, *, checked: bool) -> tuple[str, Known]:
        if spec.path is None or checked or spec.path.count("?") > 1:
            return f"{self._shared(spec.read, 'r')}(c)", known
        return self._walk(spec.path, known)

    def _walk(self, path: str, known: Known) -> tuple[str, Known]:
        """Write a declared path; a part that several fields go through, or that may be None, is kept in a name."""
        text, passed = "c", ""
        parts = steps(path)
        for number, (part, is_optional) in enumerate(parts):
            text, passed = f"{text}.{part}", f"{passed}.{part}"
            if is_optional or self._within[passed] > 1:
                held = self._name(("part", passed), "g")
                text = held if held in known else f"({held} := {text})"
                known |= {held}
                if is_optional:
                    rest = ".".join([held, *(name for name, _ in parts[number + 1 :])])
                    return f"(None if {text} is None else {rest})", known
        return text, known

    def _name(self, what: object, letter: str) -> str:
        """Return the local name of something, the same one each time."""
        return self._named.setdefault(what, f"{letter}{len(self._named)}")

    def _shared(self, function: object, letter: str) -> str:
        """Return the constant that holds a function, the same one each time."""
        if function not in self._functions:
            self._functions[function] = self.constant(function, letter)
        return self._functions[function]

    def _folds(self) -> str:
        return self._shared(self._fold_word, "d")


def _fields(bound: Bound) -> Iterator[FieldSpec]:
    """Yield the fields that one object is asked for, as often as it is."""
    match bound:
        case Literal(leaf):
            spec: object = getattr(leaf, "spec", None)
            if isinstance(spec, FieldSpec):
                yield spec
        case BoundAll(parts) | BoundAny(parts):
            for part in parts:
                yield from _fields(part)
        case Constant():
            return


def _paths(fields: Iterable[FieldSpec]) -> Iterator[str]:
    for spec in fields:
        yield from (path for path in (spec.path, spec.exact_path) if path is not None)


def _prefixes(path: str) -> Iterator[str]:
    """Yield what a path goes through, without its end."""
    passed = ""
    for part, _ in steps(path)[:-1]:
        passed = f"{passed}.{part}"
        yield passed
