"""What a rule asks in vain of a frame: columns that are not there, words that never occur, conditions nobody meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mimcore.display import Table as ShownTable
from mimcore.display.showing import Tabled
from mimcore.errors import InvalidValueError, RuleError
from mimcore.frames.codes import strays
from mimcore.frames.columns import Columns
from mimcore.frames.companions import AccountFrame, EventFrame
from mimcore.frames.options import Options, Segment
from mimcore.frames.questions import Question, ask
from mimcore.rules.explaining.english import describe
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.writing.fields import Field, FrameColumn
from mimcore.values.text import fold

__all__ = ["Finding", "Findings", "lint"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is asked in vain.

    Attributes:
        about: `refused` (a column is missing or does not fit, or the engine cannot answer), `codes` (a column holds
            what is no code of its field, and so equals none), `literal` (a word that never occurs), `never` (a
            condition that is true of no row), or `always` (one that is true of every row).
        condition: The condition in plain English.
        message: What is wrong, and the nearest that occurs.
    """

    about: Literal["refused", "codes", "literal", "never", "always"]
    condition: str
    message: str


@dataclass(frozen=True, slots=True)
class Findings(Tabled):
    """What was found; prints itself; as a condition, whether anything was."""

    rule: Rule
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        """The findings, in the order of the rule."""
        return iter(self.findings)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.findings)

    def table(self) -> ShownTable:
        """As a table."""
        rows = [(one.about, one.condition, one.message) for one in self.findings]
        caption = f"{len(rows)} findings" if rows else "nothing is asked in vain"
        return ShownTable.of(("about", "condition", "finding"), rows, title=describe(self.rule), caption=caption)


def lint(
    rule: Rule,
    frame: Any,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
) -> Findings:
    """Look for what a rule asks in vain of a frame; a lazy frame is read for the counts.

    Args:
        rule: Any rule.
        frame: Any frame that `filter` takes.
        columns: As in `filter`.
        events: As in `filter`.
        accounts: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        half_lives: As in `filter`.

    Returns:
        The findings: none if every condition can be asked, every word occurs, and no condition is true of nobody.

    Raises:
        InvalidValueError: If it is no frame.
        RuleSyntaxError: If it is no rule.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> people = pl.DataFrame({"city": ["Aarhus", "Odense"]})
        >>> [one.message for one in lint(f.contact.city == "Arhus", people)]
        ["'arhus' never occurs in contact.demographic.city (did you mean 'aarhus'?)"]
    """
    options: Options = {
        "columns": columns,
        "events": events,
        "accounts": accounts,
        "segments": segments,
        "now": now,
        "zone": zone,
        "attributes": attributes,
        "half_lives": half_lives,
    }
    ask(frame, {"everyone": nodes.Everyone()}, options, "mask")  # what is no frame is refused here
    asked = list(dict.fromkeys(_conditions(as_rule(rule, "rule"))))
    refused = _refused(frame, asked, options)
    possible = [(condition, negated) for condition, negated in asked if condition not in refused]
    try:
        vain = list(_in_vain(frame, possible, options))
    except (RuleError, InvalidValueError):  # some values are refused only when they are read
        refused |= _refused(frame, possible, options, reads=True)
        vain = list(_in_vain(frame, [one for one in possible if one[0] not in refused], options))
    found = [Finding("refused", describe(one), message) for one, message in refused.items()]
    return Findings(rule, (*found, *_no_codes(frame, asked, options), *vain))


def _conditions(rule: Rule, *, negated: bool = False) -> Iterator[tuple[Rule, bool]]:
    """Every condition, with whether it is negated where it stands."""
    match rule:
        case nodes.Not(rule=inner):
            yield from _conditions(inner, negated=not negated)
        case nodes.OrMissing(rule=inner):
            yield from _conditions(inner, negated=negated)
        case nodes.AllOf(rules=parts) | nodes.AnyOf(rules=parts):
            for part in parts:
                yield from _conditions(part, negated=negated)
        case _:
            yield rule, negated


def _refused(frame: Any, asked: list[tuple[Rule, bool]], options: Options, *, reads: bool = False) -> dict[Rule, str]:
    found = {condition: _refusal(frame, condition, options, reads=reads) for condition, _ in asked}
    return {condition: message for condition, message in found.items() if message is not None}


def _refusal(frame: Any, condition: Rule, options: Options, *, reads: bool) -> str | None:
    try:
        question = ask(frame, {"it": condition}, options, "mask")
        if reads:
            question.table.numbers(question.working(), question.answers)
    except (RuleError, InvalidValueError) as error:
        return str(error)
    return None


def _no_codes(frame: Any, asked: list[tuple[Rule, bool]], options: Options) -> Iterator[Finding]:
    """Count what the columns of codes hold that is none; told once for each column, with the first that reads it."""
    told = set[tuple[str, str]]()
    for condition, _ in asked:
        try:
            question = ask(frame, {"it": condition}, options, "mask")
        except (RuleError, InvalidValueError):
            continue  # told as refused
        for columns in _all_columns(question):
            for one in strays(columns, columns.asked.values(), question.beside.catalogue):
                if (one.field, one.column) not in told:
                    told.add((one.field, one.column))
                    yield Finding("codes", describe(condition), f"column '{one.column}': {one}")


def _all_columns(question: Question) -> tuple[Columns, ...]:
    """The columns of the people, and of what was opened beside them."""
    return (question.columns, *(one.measures.columns for one in question.beside.opened.values()))


def _in_vain(frame: Any, asked: list[tuple[Rule, bool]], options: Options) -> Iterator[Finding]:
    """Count in one pass of how many rows each condition, and each of its words, is true."""
    literals = [(condition, word, part) for condition, _ in asked for word, part in _words(condition)]
    rules: dict[str, Rule] = {"rows": nodes.Everyone()}
    rules |= {f"word_{at}": part for at, (_, _, part) in enumerate(literals)}
    rules |= {f"true_{at}": ~one if negated else one for at, (one, negated) in enumerate(asked)}
    question = ask(frame, rules, options, "mask")
    counts = question.table.numbers(question.working(), question.answers)
    absent = [one for at, one in enumerate(literals) if counts["rows"] and not counts[f"word_{at}"]]
    for condition, word, part in absent:
        yield Finding("literal", describe(condition), _never_occurs(question, word, part))
    explained = [condition for condition, _, _ in absent]
    for at, (condition, negated) in enumerate(asked):
        yield from _extreme(condition, counts[f"true_{at}"], counts["rows"], negated=negated, explained=explained)


def _extreme(condition: Rule, true: int, rows: int, *, negated: bool, explained: list[Rule]) -> Iterator[Finding]:
    stands = ~condition if negated else condition
    if rows and not true and condition not in explained:
        yield Finding("never", describe(stands), f"is true of none of {rows} rows")
    elif rows and true == rows and not isinstance(condition, nodes.Everyone):
        yield Finding("always", describe(stands), f"is true of all {rows} rows")


def _words(condition: Rule) -> Iterator[tuple[str, Rule]]:
    """Every word that a condition compares with, and the condition for that word alone."""
    match condition:
        case nodes.Equals(field=field, value=str(word)):
            yield word, condition
        case nodes.IsIn(field=field, values=values):
            for one in values:
                if isinstance(one, str):
                    yield one, nodes.Equals(field=field, value=one)
        case nodes.Overlaps(field=field, values=values):
            for one in values:
                yield str(one), nodes.Overlaps(op="overlaps", field=field, values=(one,))
        case _:
            return


def _never_occurs(question: Question, word: str, part: Any) -> str:
    spec = question.beside.catalogue[part.field]
    normal = fold(word) if spec.kind in {Kind.TEXT, Kind.TAGS} else word
    columns = question.columns
    if spec.entity == "any_account":
        spec = question.beside.catalogue[spec.name.removeprefix("any_")]
        columns = question.beside.opened["accounts"].measures.columns
    close = [] if spec.is_personal else get_close_matches(normal, columns.table.words(columns.words(spec)))
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return f"'{normal}' never occurs in {spec.name}{hint}"
