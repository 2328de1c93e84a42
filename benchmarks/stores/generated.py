"""Very many contacts, written by SQLite itself straight into mimcore's tables: the columns that matter, no events.

Every value is drawn by arithmetic from the contact's number, so that two runs make the same people. Indexes are made
after the rows, as whoever loads ten million would do it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import mimcore as mim
from benchmarks.people import COUNTRIES, INTERESTS
from benchmarks.stores.customers import LATER, SECRET, STAGES, TITLES
from mimcore.values.instants import to_microseconds

__all__ = ["AFTER", "POINTS", "generate", "open_store"]

_KEEP = "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000; pragma temp_store = memory"
_DAY = 86_400_000_000
_FIRST_ID = 0x019D_0000_0000_7000_8000 << 48
POINTS = mim.attribute("points", kind="integer")
AFTER = to_microseconds(LATER)


def open_store(path: Path) -> mim.Store:
    """Open a file as the benchmarks do."""
    return mim.connect(f"sqlite:///{path}", actor="bench", clock=lambda: LATER, secret=SECRET)


def generate(path: Path, count: int, *, has_points: bool) -> None:
    """Make a database of contacts.

    Args:
        path: A new file.
        count: How many contacts.
        has_points: Whether e-mail addresses have rows of their own too, as objects need them.
    """
    with open_store(path) as store:
        store.attributes.declare(POINTS)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(_KEEP)
    raw.create_function("id_of", 1, lambda number: (_FIRST_ID + number).to_bytes(16, "big"), deterministic=True)
    shape = "select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = 'mim_contact'"
    indexes = raw.execute(shape).fetchall()
    for name, _ in indexes:
        raw.execute(f"drop index {name}")
    raw.execute("begin")
    raw.execute(_CONTACTS, {"count": count, "now": AFTER, "day": _DAY})
    if has_points:
        raw.execute(_POINTS)
    raw.execute("commit")
    for _, sql in indexes:
        raw.execute(sql)
    raw.execute("pragma analysis_limit = 400")
    raw.execute("analyze")
    raw.execute("pragma journal_mode = wal")
    raw.close()


def _one_of(words: tuple[str, ...], drawn: str) -> str:
    branches = " ".join(f"when {at} then '{word}'" for at, word in enumerate(words))
    return f"case {drawn} % {len(words)} {branches} end"


_INTERESTS = (
    "'[\"' || " + _one_of(INTERESTS, "h4") + " || '\",\"' || " + _one_of(INTERESTS, "(h4 / 16 + h2)") + " || '\"]'"
)
_CITY = "'Town ' || (h4 / 128 % 300)"
_EMAIL = "'person' || n || '@mail' || (n % 400) || '.example.com'"
_VALUES = {
    "tenant": "'default'",
    "id": "id_of(n)",
    "version": "1",
    "status": "'active'",
    "sample_key": "h1 % 2147483647",
    "primary_email_id": "id_of(n + (1 << 40))",
    "given_name": "'Given ' || (h3 % 900)",
    "given_name_folded": "'given ' || (h3 % 900)",
    "family_name": "'Family ' || (h1 / 32 % 5000)",
    "family_name_folded": "'family ' || (h1 / 32 % 5000)",
    "primary_email": _EMAIL,
    "primary_email_folded": _EMAIL,
    "lifecycle_stage": _one_of(STAGES, "h1"),
    "owner": "'Agent ' || (h3 / 1024 % 40)",
    "owner_folded": "'agent ' || (h3 / 1024 % 40)",
    "acquired_at": ":now - (h2 % 600) * :day",
    "birth_date": "date('1940-01-01', '+' || (h1 / 8 % 25000) || ' days')",
    "born_from": "date('1940-01-01', '+' || (h1 / 8 % 25000) || ' days')",
    "born_to": "date('1940-01-01', '+' || (h1 / 8 % 25000) || ' days')",
    "country": _one_of(COUNTRIES, "(h2 / 8)"),
    "city": _CITY,
    "city_folded": f"lower({_CITY})",
    "postal_code": "1000 + h4 % 9000",
    "postal_code_folded": "1000 + h4 % 9000",
    "interests": _INTERESTS,
    "interests_folded": _INTERESTS,
    "title": _one_of(TITLES, "(h3 / 4)"),
    "title_folded": f"lower({_one_of(TITLES, '(h3 / 4)')})",
    "language": "case h4 / 4 % 3 when 0 then 'de' when 1 then 'fr' else 'en' end",
    "custom": "'{\"points\":' || (h3 / 16 % 100) || '}'",
    "primary_email_pool": "'b2c.email'",
    "primary_email_key": ":now - (h4 / 32 % 1500) * :day",
    "city_pool": "'b2c.address'",
    "city_key": ":now - (h2 / 16 % 1500) * :day",
}
_CONTACTS = f"""
with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < :count - 1),
drawn as (
    select n, (n * 2654435761 + 97) % 4294967291 as h1, (n * 40503000001 + 13) % 4294967279 as h2,
        (n * 69069000017 + 5) % 4294967231 as h3, (n * 12345000029 + 41) % 4294967197 as h4
    from numbers
)
insert into mim_contact ({", ".join(_VALUES)}) select {", ".join(_VALUES.values())} from drawn
"""
_POINTS = """
insert into mim_contact_point (tenant, contact_id, id, kind, value, match_key, state, is_retired, position)
select tenant, id, primary_email_id, 'email', primary_email, primary_email_folded, 'unverified', 0, 0 from mim_contact
"""
