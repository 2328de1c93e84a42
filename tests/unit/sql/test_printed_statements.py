"""A statement with a condition of a rule can be printed without a database, and no other database is given half of one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from benchmarks.own_tables import COLUMNS, CUSTOMER, RULES
from benchmarks.people import NOW
from sqlalchemy import select
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.sql.functions import FunctionElement

import mimcore as mim
import mimcore.sql
from mimcore.sql.expressions.construct import Construct

ID = CUSTOMER.c.id


def constructs(of: type) -> Iterator[type]:
    """Yield all subclasses that are ours."""
    for one in of.__subclasses__():
        yield from constructs(one)
        if one.__module__.startswith("mimcore"):
            yield one


def test_every_construct_can_be_printed() -> None:
    """Each of ours is a `Construct` and has a name to be printed by."""
    for module in walk_packages(mimcore.sql.__path__, "mimcore.sql."):
        import_module(module.name)
    ours = set(constructs(FunctionElement)) - {Construct}
    assert len(ours) > 30
    assert {one for one in ours if not issubclass(one, Construct)} == set()
    named = {one for one in ours if not any(one in other.__mro__[1:] for other in ours)}  # the others stand for several
    assert {one.__qualname__ for one in named if one.name == Construct.name} == set()


@pytest.mark.parametrize("name", RULES)
def test_a_statement_can_be_printed(name: str) -> None:
    """As people do who want to see what they made; values are parameters."""
    printed = str(select(ID).where(mim.where(RULES[name], COLUMNS, now=NOW)))
    assert printed.startswith("SELECT customer.id")
    assert "WHERE" in printed
    assert "cycling" not in printed


def test_what_is_printed_names_the_construct() -> None:
    """With the columns and parameters it is about."""
    printed = " ".join(str(mim.where(rule, COLUMNS, now=NOW)) for rule in RULES.values())
    assert "mim_is_nan(customer.score)" in printed


@pytest.mark.parametrize("dialect", [mysql.dialect(), mssql.dialect(), oracle.dialect()], ids=lambda one: one.name)
def test_other_databases_are_refused_by_name(dialect: mysql.dialect) -> None:
    """Rather by our error than by SQLAlchemy's, and never by SQL that means something else."""
    refused = 0
    for rule in RULES.values():
        asked = select(ID).where(mim.where(rule, COLUMNS, now=NOW))
        try:
            asked.compile(dialect=dialect)
        except mim.UnsupportedConditionError as error:
            assert f"for SQLite and PostgreSQL, not for {dialect.name}" in str(error)  # noqa: PT017 - some rules need none
            refused += 1
    assert refused >= 3
