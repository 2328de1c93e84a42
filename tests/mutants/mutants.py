"""One safeguard removed at a time: source substitutions that the tests must notice.

Each names a file of the package, the text that goes and the one that comes, and who should notice: engines that are
asked the generated rules (`trial.py`), or tests of pytest.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MUTANTS", "Mutant"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A substitution that must be noticed.

    Attributes:
        name: What is lost.
        file: Path inside `src/mimcore`.
        old: Text that stands there exactly once.
        new: Text in its place.
        engines: Engines that are asked the generated rules, by name.
        tests: Tests of pytest, where no engine is asked.
    """

    name: str
    file: str
    old: str
    new: str
    engines: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


PYTHON, GENERATED, SQLITE, POSTGRESQL = ("python",), ("python, generated",), ("sqlite",), ("postgresql",)
POLARS = ("polars",)
CONSENT = ("tests/unit/domain/test_consent.py",)
FRESH = ("tests/unit/domain/test_freshness.py",)
VALUES, EVENTS, COMPANIONS = (
    "rules/evaluation/value_tests.py",
    "rules/evaluation/event_tests.py",
    "rules/evaluation/companion_tests.py",
)
TIME, OF_VALUES, COLLECTIONS = (
    "rules/lowering/time_conditions.py",
    "rules/lowering/value_conditions.py",
    "rules/lowering/collection_conditions.py",
)
COMPILING = "frames/compiling.py"
LEAVES, COMPILER, QUESTIONS = (
    "sql/conditions/value_leaves.py",
    "sql/conditions/compiler.py",
    "sql/conditions/event_questions.py",
)

_EVALUATION = (
    Mutant(
        "a missing text is false instead of unknown",
        VALUES,
        "None if (value := read(owner)) is None else holds(fold(value))",
        "False if (value := read(owner)) is None else holds(fold(value))",
        PYTHON,
    ),
    Mutant("text is not folded", VALUES, "else holds(fold(value))", "else holds(value)", PYTHON),
    Mutant("words of collections are not folded", VALUES, "any(fold(value) in wanted", "any(value in wanted", PYTHON),
    Mutant("money of any currency is compared", VALUES, "None if money is None or money.currency != currency else", "None if money is None else", PYTHON),
    Mutant("two amounts of different currencies are compared", VALUES, "if one.currency == other.currency else None", "if True else None", PYTHON),
    Mutant("a clock shows UTC whatever the zone", "values/zones.py", "return at + offsets[place][1] * 1_000_000", "return at", PYTHON),
    Mutant("who may be old enough is", VALUES, "True if latest <= cutoff else", "True if earliest <= cutoff else", PYTHON),
    Mutant("a distance forgets one axis", VALUES, "(z - c) ** 2 <= limit", "0 * (z - c) <= limit", PYTHON),
    Mutant("negation is lost", "rules/evaluation/evaluator.py", "return answer is not negated", "return answer", PYTHON),
    Mutant("or_missing is lost", "rules/evaluation/evaluator.py", "            return missing\n", "            return None\n", PYTHON),
    Mutant("an account that cannot be decided is false", COMPANIONS, "None if None in answers else False", "False", PYTHON),
    Mutant("accounts that cannot be decided are counted", COMPANIONS, "holds(account) is True for account", "holds(account) is not False for account", PYTHON),
    Mutant("a correction counts as a change", COMPANIONS, "past.is_change\n", "True\n", PYTHON),
    Mutant("clearing counts as a change", COMPANIONS, "past.after is not None", "True", PYTHON),
    Mutant("an event after now is seen", EVENTS, "event.at <= end and (start is None or event.at >= start) and of_pattern(event)", "(start is None or event.at >= start) and of_pattern(event)", PYTHON),
    Mutant("an event on the edge of its window is not seen", EVENTS, "(start is None or event.at >= start) and of_pattern", "(start is None or event.at > start) and of_pattern", PYTHON),
    Mutant("an event counts if its condition cannot be decided", EVENTS, "condition(event) is True", "condition(event) is not False", PYTHON),
    Mutant("one event at the same instant follows another", EVENTS, "any(bisect_right(later, at) <", "any(bisect_left(later, at) <", PYTHON),
    Mutant("a gap of exactly so many days is a restart", EVENTS, "at - before > leaf.gap_us", "at - before >= leaf.gap_us", tests=("tests/rules/test_semantics.py::test_a_gap_of_exactly_so_many_days_is_no_restart",)),
    Mutant("blocks are closed at the wrong end", EVENTS, "-at // leaf.period_us", "(-at - 1) // leaf.period_us", PYTHON),
    Mutant("averages lose their scale", EVENTS, "sum(found) * leaf.scale", "sum(found)", PYTHON),
    Mutant("generated code counts the unknown as members", "rules/evaluation/generated_leaves.py", '_TRUE = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}', '_TRUE = {"eq": "==", "lt": "<=", "le": "<=", "gt": ">", "ge": ">="}', GENERATED),
)  # fmt: skip
_LOWERING = (
    Mutant("negated conditions let the missing in", "rules/lowering/bind.py", "missing=not negated)", "missing=True)", PYTHON),
    Mutant("all accounts: the condition is not negated", "rules/lowering/bind.py", "[(AnyAccount(negate(where)), True)]", "[(AnyAccount(where), True)]", PYTHON),
    Mutant("the future lies within the last days", TIME, '[(Comparison(spec, "ge", past), False), (Comparison(spec, "le", now), False)]', '[(Comparison(spec, "ge", past), False)]', PYTHON),
    Mutant("the edge of a window is older than it", TIME, 'Comparison(spec, "lt", past)', 'Comparison(spec, "le", past)', PYTHON),
    Mutant("a period holds the first moment of the next one", TIME, 'Comparison(spec, "lt", high)', 'Comparison(spec, "le", high)', PYTHON),
    Mutant("the rule's zone is ignored", TIME, "    if name is None:\n        return scope.binding.zone", "    if True:\n        return scope.binding.zone", PYTHON),
    Mutant("weeks begin on Monday whatever the rule says", TIME, "_WEEKDAYS.index(week_start)", "0", PYTHON),
    Mutant("29 February has no anniversary in common years", TIME, "if first == 301 and not _is_leap(today.year):", "if False:", PYTHON),
    Mutant("today is UTC's day", "rules/lowering/binding.py", 'return day_of(self.instant(what), self.zone, "now")', "return self.instant(what).date()", PYTHON),
    Mutant("contains_all is content with one", COLLECTIONS, 'return ("all", [(Overlap(spec, (word,)), False)', 'return ("any", [(Overlap(spec, (word,)), False)', PYTHON),
    Mutant("29 February turns on 28 February", OF_VALUES, "return date(year, 2, 28)", "return date(year, 3, 1)", tests=("tests/rules/test_semantics.py::test_on_29_february_who_was_born_on_1_march_is_not_older_yet",)),
    Mutant("a circle round more than half of the globe is the one round its antipode", OF_VALUES, "centre, rule.km), is_outside)]", "centre, rule.km), False)]", PYTHON),
    Mutant("an undated value needs no value", OF_VALUES, '"all", [(IsKnown(spec), False), (Dated(spec), True)]', '"all", [(Dated(spec), True)]', PYTHON),
    Mutant("started: an event on the edge of the window came before it", "rules/lowering/event_conditions.py", "count(start - MICROSECOND, 1)", "count(start, 1)", PYTHON),
    Mutant("white space at the end of a pattern decides", "rules/language/wildcards.py", "parts[-1].rstrip()", "parts[-1]", PYTHON),
)  # fmt: skip
_SQL = (
    Mutant("SQL: or_missing is lost", LEAVES, "if self.or_missing else test", "if False else test", SQLITE),
    Mutant("SQL: whose location is missing counts as outside", LEAVES, '    test: Test = signs.compare("le")(x + y + z, literal(leaf.limit, BigInteger()))\n', '    test: Test = signs.compare("le")(x + y + z, literal(leaf.limit, BigInteger())) | (parts[0].is_(None) & literal(signs.negated))\n', SQLITE),
    Mutant("SQL: the currency is ignored", LEAVES, "and_(currency == leaf.currency, test)", "test", SQLITE),
    Mutant("SQL: two currencies are compared", LEAVES, "and_(currency == other_currency, test)", "test", SQLITE),
    Mutant("SQL: ages are decided by the wrong bound", LEAVES, "else latest <= leaf.cutoff", "else earliest <= leaf.cutoff", SQLITE),
    Mutant("SQL: the negation of a condition on the account is lost", COMPILER, "value_test(leaf, inner, signs), columns, signs)", "value_test(leaf, inner, Signs(False, signs.or_missing)), columns, signs)", SQLITE),
    Mutant("SQL: no account is no unknown", COMPILER, "or_(found, not_(columns.on_account(lambda _: true()))) if signs.or_missing else found", "found", SQLITE),
    Mutant("SQL: undecided accounts are false", COMPILER, "compile_rule(negate(where), inner).is_not(true())", "compile_rule(where, inner)", POSTGRESQL),
    Mutant("SQL: an address that is retired is fresh", "sql/conditions/freshness_tests.py", "point.is_retired.is_(false())", "point.is_retired.is_not(None)", SQLITE),
    Mutant("SQL: all half-life pools share one cutoff", "sql/conditions/freshness_tests.py", "and_(pool.in_(pools), compare(key, cutoff))", "compare(key, cutoff)", SQLITE),
    Mutant("SQL: events at the same instant follow each other", QUESTIONS, "then.at > first.at", "then.at >= first.at", SQLITE),
    Mutant("SQL: events after now are seen", QUESTIONS, "            event.at <= end,\n", "", SQLITE),
    Mutant("SQL: sums mix currencies", "sql/conditions/column_map.py", "return self.table.c.value_currency == currency", "return self.table.c.value_currency == self.table.c.value_currency", SQLITE),
    Mutant("SQL: the gap of a restart is open at the wrong end", QUESTIONS, "between.at >= gap", "between.at > gap", tests=("tests/rules/test_semantics.py::test_a_gap_of_exactly_so_many_days_is_no_restart",)),
    Mutant("SQL: text is compared as it was written", "sql/tables/columns.py", 'return f"{spec.short}_folded" if spec.kind in _FOLDED else stored_column(spec)', "return stored_column(spec)", SQLITE),
    Mutant("SQL: NOT IN stands before IS without brackets", "sql/expressions/elements.py", "negate=_NOT_IN)", "negate=None)", tests=("tests/rules/test_semantics.py::test_long_lists_leave_the_missing_unknown",)),
    Mutant("SQL: records on PostgreSQL hold instants as text", "sql/rows/blocks.py", "shown[inner.short] = to_microseconds(value)", "shown[inner.short] = value", POSTGRESQL),
)  # fmt: skip
_FRAMES = (
    Mutant("frames: or_missing is lost", COMPILING, "answer if missing is None else answer.fill_null(value=missing)", "answer", POLARS),
    Mutant("frames: or_missing of a negation lets the missing in", COMPILING, "answer.fill_null(value=missing)", "answer.fill_null(value=True)", POLARS),
    Mutant("frames: without an account its collections are empty", COMPILING, 'nw.when(self.columns.is_given(spec)).then(found) if spec.entity == "account" else found', "found", POLARS),
    Mutant("frames: two currencies are compared", COMPILING, "nw.when(currency == its_currency).then(compared(one, leaf.op, other))", "compared(one, leaf.op, other)", POLARS),
    Mutant("frames: the currency is ignored", "frames/columns.py", "self._say.where_equal(self._currency(spec), currency, units)", "units", POLARS),
    Mutant("frames: whose location is missing counts as outside", "frames/places.py", "return x + y + z <= limit", "return (x + y + z <= limit).fill_null(value=False)", POLARS),
    Mutant("frames: every pool has every cutoff", "frames/ages.py", "own.is_in(pools) & compared", "compared", POLARS),
    Mutant("frames: a clock shows UTC", "frames/polars_notation.py", "= instants + ahead.gather(place.clip(0))", "= instants", POLARS),
    Mutant("frames: events after now are seen", "frames/event_measures.py", "tests = [self._is_kind(pattern.kind), at <= to_microseconds(end)]", "tests = [self._is_kind(pattern.kind)]", POLARS),
    Mutant("frames: text is not folded", "frames/polars_text.py", "folded = [fold(value) or None for value in values]", "folded = [value or None for value in values]", ("polars unprepared",)),
)  # fmt: skip
_GATES = (
    Mutant("a value that was written long ago is as fresh as today's", "domain/freshness.py", "round(half_life_days * DAY_US * min(0.0, exponent))", "0", tests=FRESH),
    Mutant("the freshness key grows with doubt", "domain/freshness.py", "return to_microseconds(ref_at) + round(half", "return to_microseconds(ref_at) - round(half", tests=FRESH),
    Mutant("freshness is compared at the wrong threshold", OF_VALUES, "math.log2(threshold)", "-math.log2(threshold)", PYTHON),
    Mutant("consent: a withdrawal is forgotten", "domain/consent.py", "refusal = current = event", "current = event", tests=CONSENT),
    Mutant("consent: suppression is not asked", "domain/consent.py", "    if is_suppressed:\n", "    if False:\n", tests=CONSENT),
    Mutant("consent: acts of the future count", "domain/consent.py", "in events if one.occurred_at <= at]", "in events]", tests=CONSENT),
    Mutant("consent: none is needed", "domain/consent.py", "elif deciding is None and purpose(purpose_key).needs_consent:", "elif False:", tests=CONSENT),
    Mutant("consent: no end ever comes", "domain/consent.py", "event.expires_at is not None and event.expires_at <= at", "False", tests=CONSENT),
    Mutant("a key of a document twice: the last one wins", "rules/interchange/document.py", "if len(found) != len(pairs):", "if False:", tests=("tests/rules/test_document.py",)),
    Mutant("an unknown key of a document is skipped", "rules/interchange/document.py", "if extra or", "if", tests=("tests/rules/test_document.py",)),
    Mutant("a refusal tells the number of a zone that is none", "rules/language/literals.py", '"{spec.name}: the literal is not a code of', '"{spec.name}: {value} is not a code of', tests=("tests/rules/test_hostile.py",)),
)  # fmt: skip
MUTANTS = (*_EVALUATION, *_LOWERING, *_SQL, *_FRAMES, *_GATES)
