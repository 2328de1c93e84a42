"""Declaring rules of quality, and running them: evaluated on one committed state, recorded in one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mimcore.display import count, percent, plural
from mimcore.display.framing import Framer
from mimcore.domain.quality_rules import Complete, QualityRule, Vocabulary, check_vocabulary
from mimcore.errors import ConflictError, InvalidValueError, MimcoreError, NotFoundError, StaleVersionError, nearest
from mimcore.quality.checks.evaluating import Findings, evaluate
from mimcore.quality.checks.report import QualityReport
from mimcore.quality.checks.tasks import cancel_tasks, tell_tasks
from mimcore.repositories.quality_port import QualityResult
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.values.arguments import given_list

__all__ = ["declare_rules", "report_of", "rule_named", "run_checks", "withdraw_rule"]

_ATTEMPTS = 5
_NOTHING = Findings(0, 0, 0)


def declare_rules(workspace: Workspace, rules: Sequence[QualityRule]) -> tuple[QualityRule, ...]:
    """Store rules, all or none; one that is stored as it is stays as it is.

    Args:
        workspace: The store.
        rules: In the order of the answer.

    Raises:
        InvalidValueError: If two have one key.
        UnknownFieldError: If a rule mentions a field that the store does not know.
        NotFoundError: If it mentions a segment that is not stored.
        ConflictError: If others kept changing the same rules.
    """
    if len({one.key for one in rules}) < len(rules):
        raise InvalidValueError("rules", "have the same key twice", "give every rule a key of its own")
    for _ in range(_ATTEMPTS):
        try:
            return _declared(workspace, rules)
        except StaleVersionError:
            continue
    raise ConflictError("others keep changing these rules of quality: declare again")


def _declared(workspace: Workspace, rules: Sequence[QualityRule]) -> tuple[QualityRule, ...]:
    with workspace.begin(actor="declaration") as work:
        port = work.transaction.quality
        stored = {one.key: one for one in port.rules()}
        for one in rules:
            _require_known(work, one)
            known = stored.get(one.key)
            new = one.evolve(version=1 if known is None else known.version)
            if new != known:
                new = new.evolve(version=1 if known is None else known.version + 1)
                port.put_rule(new)
            stored[one.key] = new
    return tuple(stored[one.key] for one in rules)


def _require_known(work: UnitOfWork, rule: QualityRule) -> None:
    """Refuse a rule that mentions what the store does not have, by its key."""
    if isinstance(rule.check, Complete | Vocabulary):
        spec = work.catalogue[rule.check.field]
        if isinstance(rule.check, Vocabulary):
            check_vocabulary(spec, rule.check.words or ())
    for part in (rule.within, getattr(rule.check, "rule", None)):
        if part is not None:
            work.bind(part)


def withdraw_rule(workspace: Workspace, key: str) -> QualityRule:
    """Remove a rule and cancel its open tasks; its results stay.

    Raises:
        NotFoundError: If there is none of that key.
    """
    with workspace.begin() as work:
        work.transaction.quality.lock()
        rule = rule_named(work, key)
        cancel_tasks(work, rule)
        work.transaction.quality.drop_rule(key)
    return rule


def rule_named(work: UnitOfWork, key: str) -> QualityRule:
    """Return a stored rule.

    Raises:
        NotFoundError: If there is none of that key, with the nearest one.
    """
    rules = {one.key: one for one in work.transaction.quality.rules()}
    if key not in rules:
        raise NotFoundError(f"there is no rule of quality of that key in this store{nearest(key, rules)}")
    return rules[key]


_KEYS = "give a list of keys of rules, such as ['known-country']"


def run_checks(
    workspace: Workspace,
    *,
    only: Iterable[str] | None,
    is_recorded: bool,
    now: datetime | None,
    keep_days: int | None,
    framer: Framer,
) -> QualityReport:
    """Evaluate the stored rules, and record what came out.

    Args:
        workspace: The store.
        only: Keys of the rules to evaluate; all unless given.
        is_recorded: Whether results are stored, and tasks follow from them.
        now: Instant of evaluation; the store's clock unless given.
        keep_days: Older results are removed; None keeps all.
        framer: Makes frames of the report.
    """
    if keep_days is not None and keep_days < 1:
        raise InvalidValueError("keep_days", "is out of range", "give 1 or more, or None to keep all results")
    with workspace.read() as work:
        at = work.origin.asked_at(now)
        port = work.transaction.quality
        rules = port.rules() if only is None else [rule_named(work, key) for key in given_list(only, "only", _KEYS)]
        before = {one.rule: one for one in port.latest(until=at)}
        judged = [_judged(work, rule, at, before.get(rule.key)) for rule in rules]
    results = [one.result for one in judged]
    new = {one.result.rule: one.new_words for one in judged if one.new_words}
    told = _record(workspace, results, at, keep_days) if is_recorded else _Told(0, 0, 0)
    return report_of(results, at, framer, is_recorded=is_recorded, new_words=new, told=told)


def report_of(
    results: Iterable[QualityResult],
    at: datetime,
    framer: Framer,
    *,
    is_recorded: bool = True,
    new_words: Mapping[str, tuple[str, ...]] | None = None,
    told: _Told | None = None,
) -> QualityReport:
    """Put results into a report, the worst first."""
    ordered = sorted(results, key=lambda one: (one.passed, 0 if one.passed else -one.severity.rank, one.rule))
    opened, closed, forgotten = (0, 0, 0) if told is None else (told.opened, told.closed, told.forgotten)
    return QualityReport(at, tuple(ordered), is_recorded, new_words or {}, opened, closed, forgotten, framer)


@dataclass(frozen=True, slots=True)
class _Told:
    opened: int
    closed: int
    forgotten: int


@dataclass(frozen=True, slots=True)
class _Judged:
    result: QualityResult
    new_words: tuple[str, ...] = ()


def _judged(work: UnitOfWork, rule: QualityRule, at: datetime, before: QualityResult | None) -> _Judged:
    try:
        found, problem = evaluate(work, rule, at), ""
    except MimcoreError as error:
        found, problem = _NOTHING, f"cannot be evaluated: {error}"
    known = None if before is None or not before.checked else before.words.keys()
    new = () if known is None or problem else tuple(sorted(found.words.keys() - known))
    note = problem or _shortfall(rule, found, new)
    return _Judged(_result(rule, found, at, note), new)


def _shortfall(rule: QualityRule, found: Findings, new: Sequence[str]) -> str:
    """Return why a rule fails, in words without values; empty if it does not."""
    reasons: list[str] = []
    if found.checked and found.good / found.checked < rule.at_least:
        bad = found.checked - found.good
        do = "does" if bad == 1 else "do"
        reasons.append(
            f"{count(bad)} of {count(found.checked)} {do} not pass, at least {percent(rule.at_least)} should"
        )
    most = rule.check.most_new if isinstance(rule.check, Vocabulary) else None
    if most is not None and len(new) > most:
        reasons.append(f"{plural(len(new), 'new value')} since the check before")
    return "; ".join(reasons)


def _result(rule: QualityRule, found: Findings, at: datetime, note: str) -> QualityResult:
    return QualityResult(
        rule.key,
        at,
        rule.dimension,
        found.checked,
        found.good,
        found.undecided,
        not note,
        rule.at_least,
        rule.severity,
        rule.owner,
        note,
        found.words,
    )


def _record(workspace: Workspace, results: Sequence[QualityResult], at: datetime, keep_days: int | None) -> _Told:
    """Store results, and let tasks follow from those that nobody has overtaken meanwhile."""
    with workspace.begin() as work:
        port = work.transaction.quality
        port.lock()
        newest = {one.rule: one.at for one in port.latest()}
        declared = {one.key for one in port.rules()}
        port.add_results(results)
        current = [one for one in results if one.rule in declared and newest.get(one.rule, at) <= at]
        opened, closed = tell_tasks(work, current)
        forgotten = 0 if keep_days is None else port.forget_results(at - timedelta(days=keep_days))
    return _Told(opened, closed, forgotten)
