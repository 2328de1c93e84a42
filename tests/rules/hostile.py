"""Documents that mean harm: valid rules, mutated as data and as text, and texts that were never rules.

Every foreign value holds `CANARY`, which no message may repeat.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.rules import generate

from mimcore.rules.interchange.document import to_json

CANARY = "c@nary-7f3a"
NAMES = (
    "__class__.__init__.__globals__",
    "contact.__class__",
    "contact.demographic.__dict__",
    "contact.demographic.country; DROP TABLE mim_contact --",
    "any_account.any_account.name",
    "any_account.",
    "account.firmographic",
    "event.value",
    "contact.custom.loyalty_tier",
    "contact",
    "",
    ".",
    "contact." * 20,
    "\u202econtact.country",
    "contact.country\x00",
)
OPS = ("regex", "sql", "eval", "EQUALS", "equals ", "", "__import__", "script", "all", "not", "or_missing", "everyone")
ZONES = (
    "../../etc/passwd",
    "/etc/localtime",
    "Europe/Copenhagen\x00",
    "europe/copenhagen",
    "UTC+25",
    "posixrules",
    ".",
    "",
)
MOMENTS = (
    "0000-00-00", "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+23:59", "2026-02-30", "2026-01-01T00:00",
    "2026-01-01T24:00:00Z", "2026-W01-1", "now", "1e3", "2026-01-01T00:00:00+99:99", "٢٠٢٦-٠١-٠١",
)  # fmt: skip
PATTERNS = ("*" * 400, "?" * 400, "a*" * 200, "\\", "a\\", "(a+)+$", "\\d" * 200, "*a" * 11, " * ", "*")
NUMBERS: tuple[Any, ...] = (
    0, -1, 1, True, False, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, -0.0, 0.1, 5e-324, 1.7e308, 36_526, 367,
)  # fmt: skip
RAW = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "9" * 4301,
    "0x10",
    "01",
    "1.",
    "'a'",
    "undefined",
    "nul",
    "\ufeff1",
)
"""Texts that stand where JSON has a value."""


def values(rng: random.Random) -> Any:  # noqa: C901 - one line for each kind of value
    """Any foreign value."""
    text = f"{CANARY} {rng.randrange(9)}"
    match rng.randrange(12):
        case 0 | 1:
            return rng.choice(NUMBERS)
        case 2:
            return None
        case 3:
            return text
        case 4:
            return (
                rng.choice(("\ud800", "\udfff", "a\x00b", "\u202e", "\x1b[31m", "é" * 300, "x" * 5000, " ", ""))
                + CANARY
            )
        case 5:
            return rng.choice((*NAMES, *OPS, *ZONES, *MOMENTS, *PATTERNS))
        case 6:
            return [text, rng.choice(NUMBERS)]
        case 7:
            return {rng.choice(("op", "field", "value", CANARY)): text}
        case 8:
            return {
                "minor_units": rng.choice((*NUMBERS, "1", None)),
                "currency": rng.choice(("DKK", "dkk", CANARY, 1, "XXX")),
            }
        case 9:
            return nested(rng.choice((2, 2, 40, 200)), text, is_list=rng.random() < 0.5)
        case 10:
            return [text] * rng.choice((0, 25, 25, 2100))
        case _:
            return list(NUMBERS)


def nested(levels: int, core: Any, *, is_list: bool) -> Any:
    """A value deep inside lists or negations."""
    for _ in range(levels):
        core = [core] if is_list else {"op": "not", "rule": core}
    return core


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every owner and key inside a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(inner)


def _damaged(rng: random.Random, document: Any) -> None:
    """Change one place of a document."""
    owner, key = rng.choice(list(places(document)))
    match rng.randrange(9):
        case 0 | 1 | 2:
            owner[key] = values(rng)
        case 3:
            del owner[key]
        case 4 if isinstance(owner, dict):
            owner[rng.choice((CANARY, "extra", "value", "where", "negated", "__class__", "op"))] = values(rng)
        case 5 if isinstance(owner, dict):
            owner[f"{key} " if rng.random() < 0.5 else key.upper()] = owner.pop(key)
        case 6 if isinstance(owner, list):
            owner[:] = owner * rng.choice((2, 2, 30, 300))
        case 7 if key in {"field", "other", "name", "kind", "segment"}:
            owner[key] = rng.choice(NAMES)
        case 8 if key == "op":
            owner[key] = rng.choice(OPS)
        case _:
            special = {"zone": ZONES, "value": (*MOMENTS, *PATTERNS, *NUMBERS), "days": NUMBERS, "op": OPS}
            owner[key] = rng.choice(special.get(key, NUMBERS))


def _as_text(rng: random.Random, text: str) -> str | bytes:
    """Change the text, as no program that writes JSON would."""
    at = rng.randrange(len(text))
    match rng.randrange(9):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + rng.choice((*RAW, CANARY, "\x00", "\ud800", "}", "[", '"', ",", "//")) + text[at:]
        case 2:
            return text.encode(rng.choice(("utf-16", "utf-32", "latin-1")), "replace")
        case 3:
            return (
                text[:at].encode("utf-8", "surrogatepass")
                + bytes([rng.randrange(128, 256)])
                + text[at:].encode("utf-8", "surrogatepass")
            )
        case 4:
            return text.replace('"op":', f'"op": "{CANARY}", "op":', 1)
        case 5:
            return text.replace('"rule":', '"rule": ' + '{"op":"not","rule":' * rng.choice((30, 30, 200, 3000)), 1)
        case 6:
            return text + text
        case 7:
            return text.replace(": 1", f": {rng.choice(RAW)}", 1) if ": 1" in text else "[" * 5000
        case _:
            return text + " " * rng.choice((1, 1, 70_000))


def documents(seed: int, how_many: int) -> Iterator[str | bytes]:
    """Hostile documents for one seed; a few may still be rules."""
    rng = random.Random(seed)
    maker = generate.Rules(rng, generate.NOWS[0])
    for _ in range(how_many):
        document = json.loads(to_json(maker.rule(1)))
        for _ in range(rng.choice((0, 1, 1, 2))):
            _damaged(rng, document)
        if not document or rng.random() < 0.02:
            document = values(rng)
        text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
        yield _as_text(rng, text) if rng.random() < 0.3 else text


def heavy() -> Iterator[tuple[str, str]]:
    """Documents that ask for as much work as the limits allow, and somewhat more."""
    from zoneinfo import available_timezones

    def wide(part: Any, times: int = 490) -> Any:
        return {"op": "any", "rules": [part(at) if callable(part) else part for at in range(times)]}

    zones = sorted(available_timezones())
    equals = {"op": "equals", "field": "contact.city", "value": "é"}
    yield "wide", _written(wide(equals))
    yield "wide texts", _written(wide(lambda at: {**equals, "value": "é" * 60 + str(at)}, 400))
    yield "long list", _written({"op": "is_in", "field": "contact.city", "values": [f"ß{at}" for at in range(2000)]})
    yield "unknown fields", _written(wide(lambda at: {**equals, "field": f"contact.countr{at}"}))
    yield "unknown code", _written({"op": "is_in", "field": "contact.country", "values": ["é" * 50] * 600})
    yield "a long unknown name", _written({**equals, "field": "contact." + "x" * 112})
    yield "a long unknown kind", _written({"op": "events_started", "events": {"kind": "x" * 80}, "within_days": 1})
    yield "patterns", _written(wide({"op": "matches", "field": "contact.city", "value": "a*b?" * 9 + "c"}, 480))
    yield "a long pattern", _written({"op": "matches", "field": "contact.city", "value": "?" * 499 + "a"})
    yield (
        "anniversaries",
        _written(wide({"op": "anniversary_within_days", "field": "contact.birth_date", "days": 364}, 480)),
    )
    yield "zones", _written(wide(lambda at: _clock(zones[at]), 450))
    yield "calendars", _written(wide(lambda at: _calendar(zones[at % 10]), 400))
    yield "deep", _written(nested(31, equals, is_list=False))
    yield "too deep", _written(nested(900, equals, is_list=False))
    yield (
        "records",
        _written({"op": "has_record", "field": "contact.devices", "where": [{"name": "browser", "value": "é"}] * 600}),
    )
    yield (
        "counted records",
        _written(
            {
                "op": "element_count",
                "field": "contact.devices",
                "where": [{"name": "browser", "value": "é"}] * 600,
                "comparison": "equals",
                "value": 1,
            }
        ),
    )
    yield "many keys", _written({f"key{at}": at for at in range(4000)})
    yield "a long text", _written({**equals, "value": "ﷺ" * 20_000})
    yield "too large", _written({**equals, "value": "x" * 1_000_000})
    yield "brackets", "[" * 60_000
    yield "samples", _written(wide(lambda at: {"op": "sample", "percent": 1, "salt": f"{at}"}))


def _clock(zone: str) -> dict[str, Any]:
    return {"op": "hour_is_in", "field": "contact.acquired_at", "values": [1], "zone": zone}


def _calendar(zone: str) -> dict[str, Any]:
    return {"op": "in_calendar", "field": "contact.acquired_at", "period": "this", "unit": "year", "zone": zone}


def _written(rule: Any) -> str:
    return json.dumps({"schema": "mimcore.rule", "version": "1.0", "rule": rule}, ensure_ascii=False)
