"""Finding duplicates by exact keys: what is sure, what is for review, what is never proposed."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.stores import added

import mimcore as mim
from mimcore.identity.duplicates import AUTOMATIC, MODEL, compare_names
from mimcore.repositories.records import LinkAction, MergeLink

HOME = {"postal_code": "8000", "street": "Nygade 1", "country": "DK"}


def pair(store, one, two):
    """Return the pair that is found between two contacts, or None."""
    first, second = added(store, mim.Contact(**one), mim.Contact(**two))
    found = store.duplicates.find()
    assert len(found) <= 1
    assert all((one.first_id, one.second_id) == (first.id, second.id) for one in found)
    return found[0] if found else None


MAIL, PHONE = {"emails": ["family@home.dk"]}, {"phones": ["+4532123456"]}


@pytest.mark.parametrize(
    ("one", "two", "score"),
    [
        ({"name": "Mrs Ana Berg", **MAIL}, {"name": "Mrs. Ana Berg", **MAIL}, 0.99),
        ({"name": "Fru Ana Berg", **MAIL}, {"name": "ana BERG", **MAIL}, 0.99),
        ({"name": "Ana Berg", "emails": ["a.na@gmail.com"]}, {"name": "Ana Berg", "emails": ["Ana+x@googlemail.com"]}, 0.99),
        ({"name": "A. Berg", **MAIL}, {"name": "Ana Berg", **MAIL}, 0.96),
        ({"name": "Bo Berg", **MAIL}, {"name": "Ana Berg", **MAIL}, 0.40),
        ({"name": "Ana Holm", **MAIL}, {"name": "Ana Berg", **MAIL}, 0.40),
        ({**MAIL}, {"name": "Ana Berg", **MAIL}, 0.80),
        ({"name": mim.PersonName(family="Berg"), **MAIL}, {"name": "Ana Berg", **MAIL}, 0.80),
        ({"name": "Ana Berg", **PHONE}, {"name": "Ana Berg", **PHONE}, 0.97),
        ({"name": "A Berg", **PHONE}, {"name": "Ana Berg", **PHONE}, 0.80),
        ({"name": "Bo Berg", **PHONE}, {"name": "Ana Berg", **PHONE}, 0.20),
        ({**PHONE}, {"name": "Ana Berg", **PHONE}, 0.50),
        ({"name": "Ana Berg", **HOME}, {"name": "ana berg", **HOME, "street": "NYGADE 1"}, 0.90),
        ({"name": "Ana Berg", **HOME}, {"name": "Ana Berg", **HOME, "street": "Nygade 2"}, None),
        ({"name": "Ana Berg", **HOME}, {"name": "Bo Berg", **HOME}, None),
        ({"name": "Ana Berg", "postal_code": "8000"}, {"name": "Ana Berg", "postal_code": "8000"}, None),
        ({"name": "Ana Berg"}, {"name": "Ana Berg"}, None),
        ({"name": "Ana Berg", "emails": ["info@acme.dk"]}, {"name": "Ana Berg", "emails": ["info@acme.dk"]}, None),
        ({"name": "Ana Berg", "emails": ["sales@acme.dk"], **PHONE}, {"name": "Ana Berg", "emails": ["sales@acme.dk"], **PHONE}, 0.97),
        ({"name": "Ana Berg", "birth_date": "1960-05-01", **PHONE}, {"name": "Ana Berg", "birth_date": "1990-05-01", **PHONE}, 0.60),
        ({"name": "Ana Berg", "birth_year": 1990, **MAIL}, {"name": "Ana Berg", "birth_date": "1990-05-01", **MAIL}, 0.99),
        ({"name": "Bo Berg Sr", **MAIL}, {"name": "Bo Berg Jr", **MAIL}, 0.60),
        ({"name": "Bo Berg", **MAIL}, {"name": "Bo Berg Jr", **MAIL}, 0.99),
    ],
)  # fmt: skip
def test_pairs_by_hand(store, one, two, score):
    """Titles do not count; a shared mailbox or phone alone never merges; roles, birth dates and Jr are heeded."""
    found = pair(store, one, two)
    assert (None if found is None else found.score) == score
    if found is not None:
        assert found.is_automatic is (score >= AUTOMATIC)
        assert "%" in str(found)
        assert not any(text in str(found) for text in ("Berg", "home.dk", "3212"))


def test_generic_keys_propose_nothing(store):
    """An address that more than 50 records share is an office line, whoever they are; 50 of them are still compared."""
    people = [mim.Contact(name="Ana Berg", phones=["+4532123456"]) for _ in range(50)]
    added(store, *people)
    assert len(store.duplicates.find()) == 50 * 49 // 2
    added(store, mim.Contact(name="Ana Berg", phones=["+4532123456"]))
    assert store.duplicates.find() == ()


def test_retired_points_and_archived_people_propose_nothing(store):
    """Only what is in use identifies."""
    one, two, three = added(store, *(mim.Contact(name="Ana Berg", emails=["a@acme.dk"]) for _ in range(3)))
    with store.begin() as work:
        work.change(one, emails=["new@acme.dk"])
        work.remove(two)
    assert store.duplicates.find() == ()
    assert store.contacts.get(three).status == "active"


def test_the_surest_come_first_and_a_pair_comes_once(store):
    """Two shared keys are one pair with both as evidence; `limit` cuts the doubtful ones."""
    both = {"emails": ["a@acme.dk"], "phones": ["+4532123456"]}
    added(
        store,
        mim.Contact(name="Ana Berg", **both),
        mim.Contact(name="Ana Berg", **both),
        mim.Contact(name="Bo Holm", phones=["+4532123456"]),
    )
    found = store.duplicates.find()
    assert [one.score for one in found] == [0.99, 0.2, 0.2]
    assert found[0].evidence == ("the same e-mail address", "the same phone number", "names same")
    assert store.duplicates.find(limit=1) == found[:1]


def test_declared_differences_are_remembered(store):
    """Also for what has been merged with one of the two since."""
    ana, bo, ida = added(store, *(mim.Contact(name="Ana Berg", emails=["a@acme.dk"]) for _ in range(3)))
    with store.begin() as work:
        work.transaction.merges.append(
            [MergeLink(LinkAction.CANNOT_LINK, ida.id, bo.id, "said so", None, MODEL, "maria", store.now())]
        )
    found = store.duplicates.find()
    assert {(one.first_id, one.second_id) for one in found} == {(ana.id, bo.id), (ana.id, ida.id)}
    store.duplicates.plan(next(one for one in found if one.second_id == bo.id)).apply()
    assert store.duplicates.find() == ()


@pytest.mark.parametrize(
    ("one", "two", "answer"),
    [
        ("Ana Berg", "ana  berg", "same"),
        ("Ana Berg", "A. Berg", "compatible"),
        ("Ana Berg", "Anna Berg", "different"),
        ("Ana Berg", "B. Berg", "different"),
        ("Ana Berg", None, "unknown"),
        ("Søren Åberg", "søren ÅBERG", "same"),
    ],
)
def test_names_compare(one, two, answer):
    """In both directions."""
    first, second = mim.Contact(name=one), mim.Contact(name=two)
    assert compare_names(first, second) == compare_names(second, first) == answer


def test_a_pair_declared_different_is_not_proposed_again(store):
    """The answer is remembered, in either order of the two; other pairs are still found; unknown records are refused."""
    found = pair(store, {"name": "Bo Berg", **MAIL}, {"name": "Ana Berg", **MAIL})
    store.duplicates.not_same(found)
    assert store.duplicates.find() == ()
    added(store, mim.Contact(name="Ana Berg", **MAIL))
    assert {(one.first_id, one.second_id) == (found.first_id, found.second_id) for one in store.duplicates.find()} == {
        False
    }
    assert len(store.duplicates.find()) == 2
    stranger = replace(found, first_id=uuid4())
    with pytest.raises(mim.NotFoundError):
        store.duplicates.not_same(stranger)
