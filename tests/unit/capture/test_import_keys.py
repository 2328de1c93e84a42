"""Whom a row is about: keys of several parts, the same whether people stand in the store or earlier in the file."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mimcore as mim
from mimcore.capture import plan_import
from mimcore.errors import InvalidValueError

FAMILY = {
    "mail": "contact.emails",
    "given": "contact.given_name",
    "family": "contact.family_name",
    "born": "contact.birth_date",
    "no": "contact.external_id",
    "city": "contact.city",
}


def done(store, rows, key, **options):
    """Import rows from the fair, planned and applied, and return the counts; both must agree."""
    plan = plan_import(store, rows, source="fair", mapping=FAMILY, key=key, **options)
    counts = dict(plan.counts)
    assert dict(plan.apply().counts) == counts
    return counts


def row(mail="", given="", family="", born="", no="", city=""):
    """One row of the file."""
    return {"mail": mail, "given": given, "family": family, "born": born, "no": no, "city": city}


def people(store):
    """Everybody as (given name, city)."""
    return sorted((one.name.given, one.demographic.city) for one in store.contacts.stream())


def test_a_family_that_shares_a_mailbox_stays_several_people(import_store):
    """By e-mail alone the second row would rename the first person; with the name there are two people."""
    rows = [row("berg@example.com", "Ana", "Berg", city="Vejle"), row("berg@example.com", "Bo", "Berg", city="Ribe")]
    assert done(import_store, rows, "email+name") == {"created": 2}
    again = [row("Berg@example.com", "ÀNA", "berg", city="Skagen")]
    assert done(import_store, again, ["name", "email"]) == {"updated": 1}
    assert people(import_store) == [("Bo", "Ribe"), ("ÀNA", "Skagen")]


def test_rows_of_one_file_find_each_other_by_the_same_key(import_store):
    """Both rows in one batch: one person, and the later row wins."""
    rows = [row("berg@example.com", "Ana", "Berg", city="Vejle"), row("berg@example.com", "Ana", "Berg", city="Ribe")]
    assert done(import_store, rows, "email+name") == {"created": 1, "updated": 1}
    assert people(import_store) == [("Ana", "Ribe")]


def test_a_row_without_a_part_of_the_key_is_refused(import_store):
    """Half a name is no name; nothing is guessed."""
    plan = plan_import(import_store, [row("berg@example.com", "Ana")], source="fair", mapping=FAMILY, key="email+name")
    (reject,) = plan.rejects.to_rows()
    assert (reject["code"], reject["column"]) == ("missing_key", "mail")
    assert "has no name" in reject["reason"]


def test_a_stored_contact_without_a_part_is_not_the_same(import_store):
    """Who has no name in the store is not taken for the person of the row."""
    done(import_store, [row("berg@example.com", city="Vejle")], "email")
    assert done(import_store, [row("berg@example.com", "Ana", "Berg")], "email+name") == {"created": 1}


def test_an_external_id_counts_within_its_source(import_store):
    """The same number from another source is another number; `id_source` says whose numbers they are."""
    done(import_store, [row(mail="ana@example.com", no="7", given="Ana", family="Berg")], "external_id")
    assert done(import_store, [row(no="7", mail="x@example.com")], "external_id", id_source="shop") == {"created": 1}
    assert done(import_store, [row(no="7", city="Ribe")], "external_id", id_source="fair") == {"updated": 1}
    both = [row(no="7", born="1990-05-01")]
    assert done(import_store, both, "external_id+birth_date") == {"created": 1}, "the stored one has no birth date"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("emial", "is not known (did you mean 'email'?)"),
        ("email+nmae", "did you mean 'name'?"),
        ("name", "cannot be looked up"),
        ("name+birth_date", "cannot be looked up"),
        ("phone", "no column becomes contact.phones"),
    ],
)
def test_a_key_that_cannot_work_is_refused_before_anything_is_read(import_store, key, said):
    """The error names the part and the remedy."""
    with pytest.raises(InvalidValueError) as raised:
        done(import_store, [row("a@example.com")], key)
    assert said in str(raised.value)


def test_events_take_one_part(import_store):
    """An event names its contact by one thing."""
    mapping = {"mail": "contact.emails", "given": "contact.given_name", "at": "event.at"}
    with pytest.raises(InvalidValueError, match="of events has one part"):
        plan_import(
            import_store,
            [{"mail": "a@example.com", "given": "Ana", "family": "Berg", "at": "2026-01-01"}],
            source="fair",
            kind="purchases",
            mapping=mapping | {"family": "contact.family_name"},
            key="email+name",
        )


_MAILS, _GIVEN, _BORN = ("a@example.com", "b@example.com"), ("Ana", "ÁNA", "Bo"), ("1990-05-01", "1991-01-01")
_ROWS = st.lists(
    st.builds(
        row,
        mail=st.sampled_from(_MAILS),
        given=st.sampled_from(_GIVEN),
        family=st.just("Berg"),
        born=st.sampled_from(_BORN),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(rows=_ROWS, key=st.sampled_from(["email", "email+name", "email+birth_date", "email+name+birth_date"]))
def test_there_are_as_many_people_as_different_keys(rows, key):
    """Brute force: count the distinct keys; any split into files and batches gives the same people."""
    plain = {"email": "mail", "name": "given", "birth_date": "born"}

    def of(one):
        return tuple(one[plain[part]].casefold().replace("á", "a") for part in key.split("+"))

    expected = len({of(one) for one in rows})
    for size, batch in itertools.product((1, len(rows)), (1, 500)):
        with mim.connect("memory:", actor="tester", secret=b"s" * 32) as store:
            for start in range(0, len(rows), size):
                part = rows[start : start + size]
                plan_import(store, part, source=f"fair{start}", mapping=FAMILY, key=key).apply(batch_size=batch)
            assert store.contacts.count() == expected
