"""Groups by a salted hash: values anybody can compute, even parts, and salts that know nothing of each other."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest

from mimcore.errors import InvalidValueError
from mimcore.segments.audiences.splitting import new_split, place_of
from mimcore.values.identifiers import uuid7

PEOPLE = [uuid7(1_780_000_000_000 + number, bytes(10)) for number in range(20_000)]


def test_places_are_those_of_the_published_hash():
    """FIPS 180's SHA-256, by `printf 'spring:…' | sha256sum`: the first sixteen digits."""
    known = {
        ("spring", 1): 0x28382446CD14D619, ("spring", 2): 0x4353180C0264A13E, ("spring", 3): 0x8B684588160B5098,
        ("winter", 1): 0x6C3BAABB9A75A00A, ("winter", 2): 0x5CC8404AE762ED7E, ("winter", 3): 0x4FA72BD0229C47D9,
    }  # fmt: skip
    assert {(salt, number): place_of(salt, UUID(int=number)) for salt, number in known} == known
    text = "ø salt:00000000-0000-0000-0000-000000000001"
    assert place_of("ø salt", UUID(int=1)) == int(hashlib.sha256(text.encode()).hexdigest()[:16], 16)


def test_groups_by_hand():
    """0.157, 0.263 and 0.545 of the whole: into the parts [0, 0.2), [0.2, 0.5) and [0.5, 1)."""
    split = new_split({"a": 0.2, "b": 0.3, "c": 0.5}, "spring", None)
    assert [split.group(UUID(int=number)) for number in (1, 2, 3)] == ["a", "b", "c"]
    turned = new_split({"c": 0.5, "b": 0.3, "a": 0.2}, "spring", None)
    assert [turned.group(UUID(int=number)) for number in (1, 2, 3)] == ["c", "c", "b"]


def test_every_place_has_a_group():
    """Shares that are not exact in binary leave nobody out."""
    split = new_split({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, "s", None)
    assert split._ends[-1] == 2**64
    assert list(split._ends) == sorted(set(split._ends))
    assert {split.group(one) for one in PEOPLE[:100]} == {"a", "b", "c"}


def test_ten_parts_are_even():
    """Chi squared over ten equal parts of 20 000: below 27.88, the 0.999 quantile of nine degrees of freedom."""
    split = new_split({f"g{number}": 0.1 for number in range(10)}, "even", None)
    counts = dict.fromkeys(split.groups, 0)
    for one in PEOPLE:
        counts[split.group(one)] += 1
    assert sum(counts.values()) == 20_000
    assert sum((seen - 2000) ** 2 / 2000 for seen in counts.values()) < 27.88


def test_a_share_is_kept():
    """A tenth of 20 000 is 2 000 with a standard deviation of √1800 = 42.4: within 3.3 of them, 140."""
    split = new_split({"test": 0.9, "control": 0.1}, "spring-2026", None)
    assert abs(sum(split.group(one) == "control" for one in PEOPLE) - 2000) < 140


def test_two_salts_know_nothing_of_each_other():
    """Of a table of four fields with 5 000 expected in each: chi squared below 10.83, the 0.999 quantile."""
    one, two = (new_split({"a": 0.5, "b": 0.5}, salt, None) for salt in ("spring", "winter"))
    table = {}
    for person in PEOPLE:
        pair = one.group(person), two.group(person)
        table[pair] = table.get(pair, 0) + 1
    rows = {name: sum(n for (a, _), n in table.items() if a == name) for name in "ab"}
    columns = {name: sum(n for (_, b), n in table.items() if b == name) for name in "ab"}
    expected = {(a, b): rows[a] * columns[b] / 20_000 for a in "ab" for b in "ab"}
    assert sum((table[pair] - expected[pair]) ** 2 / expected[pair] for pair in expected) < 10.83


def test_the_greater_test_group_holds_the_smaller_one():
    """Raising a first group's share takes nobody out of it."""
    small, great = (new_split({"test": share, "control": 1 - share}, "s", None) for share in (0.25, 0.5))
    inside = {one for one in PEOPLE[:2000] if small.group(one) == "test"}
    assert inside < {one for one in PEOPLE[:2000] if great.group(one) == "test"}


def test_which_groups_are_handed_over():
    """Control is held out unless others are named; a held-out group, or none, cannot be asked for."""
    split = new_split({"a": 0.5, "b": 0.25, "control": 0.25}, "s", None)
    assert (split.held_out, split.chosen(None), split.chosen(["b"])) == (("control",), ("a", "b"), ("b",))
    assert new_split({"a": 0.5, "control": 0.5}, "s", []).chosen(None) == ("a", "control")
    assert new_split({"a": 0.5, "b": 0.5}, "s", ["b"]).chosen(None) == ("a",)
    with pytest.raises(InvalidValueError, match="held out"):
        split.chosen(["a", "control"])
    with pytest.raises(InvalidValueError, match="use one of a, b, control"):
        split.chosen("c")


@pytest.mark.parametrize(
    ("shares", "salt", "hold_out", "words"),
    [
        ({"test": 0.9, "control": 0.2}, "s", None, "add up to 1"),
        ({"test": 90, "control": 10}, "s", None, "more than 0 and at most 1"),
        ({"test": 1.0, "control": 0.0}, "s", None, "more than 0 and at most 1"),
        ({"test": True}, "s", None, "more than 0"),
        ({"test": float("nan"), "control": 0.5}, "s", None, "more than 0"),
        ({"test": "0.5", "control": 0.5}, "s", None, "more than 0"),
        ({"Test Group": 1.0}, "s", None, "is not a key"),
        ({}, "s", None, "has no group"),
        ({"test": 1.0}, "  ", None, "name the experiment"),
        ({"test": 1.0}, "s", ["control"], "use one of test"),
    ],
)
def test_what_is_no_split_is_refused(shares, salt, hold_out, words):
    """With what would be accepted."""
    with pytest.raises(InvalidValueError, match=words):
        new_split(shares, salt, hold_out)
