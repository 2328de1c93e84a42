"""A plan that sets rows aside on disk counts what one that keeps everything counts, and what applying then does."""

from __future__ import annotations

import random

import pytest

import mimcore as mim
from mimcore.capture import ConsentColumns, plan_import
from mimcore.capture.importing import interactions_import, record_import, reject_pile
from mimcore.capture.importing import plan as import_plan
from mimcore.capture.importing.reject_pile import RejectPile
from mimcore.capture.importing.rejects import Reject, RejectList, RowProblem
from mimcore.capture.importing.shelf import Shelf
from mimcore.errors import CaptureError

MAPPING = {
    "mail": "contact.emails",
    "other": "contact.emails",
    "id": "contact.external_id",
    "city": "contact.city",
    "likes": "contact.interests",
    "since": "contact.custom.since",
    "firm": "account.name",
    "news": "consent.newsletter",
    "seen": "observed_at",
}


@pytest.fixture
def tight(monkeypatch):
    """Memory for next to nothing: three rows at once, and all of them are set aside after each batch."""
    monkeypatch.setattr(import_plan, "BATCH", 3)
    for module in (record_import, interactions_import, reject_pile):
        monkeypatch.setattr(module, "KEPT", 0)


def people(seed):
    """Rows of a few people, each many times, some of whom share an address or lack one."""
    dice = random.Random(seed)
    lines = [",".join(MAPPING)]
    for _ in range(40):
        who = dice.randrange(9)
        mail = dice.choice([f"p{who}@acme.dk", f"P{who}@acme.dk", f"p{who}@acme.dk", "", "bad"])
        other = dice.choice(["", "", "", f"p{dice.randrange(9)}@acme.dk", f"q{who}@acme.dk"])
        cells = [mail, other, f"C{who}", dice.choice(["", "Odense", "Vejle"]), dice.choice(["", "chess", "opera"])]
        cells += [dice.choice(["", "2020-01-02", "2021-03-04"]), dice.choice(["", "", "Acme", "Beta"])]
        cells += [dice.choice(["", "yes", "no"]), dice.choice(["2024-01-01", "2025-01-01", ""])]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def prepared(store):
    """Three of the people are stored, one refused our letters, one is suppressed."""
    store.attributes.declare(mim.attribute("since", kind="date"))
    with store.begin(source="crm", observed_at="2024-06-01") as work:
        for who in range(3):
            work.add(mim.Contact(emails=[f"p{who}@acme.dk"], city="Aarhus", external_ids={"list": f"C{who}"}))
        work.suppress("p3@acme.dk")


def planned(store, file, key):
    """Plan with everything that a file of contacts may bring."""
    consent = ConsentColumns(notice="v1")
    return plan_import(store, file, source="list", mapping=MAPPING, key=key, consent=consent)


@pytest.mark.parametrize("key", ["email", "external_id", "email+external_id"])
@pytest.mark.parametrize("seed", range(4))
def test_setting_rows_aside_changes_no_count(import_store, csv_file, request, seed, key):
    """Rows that meet again much later: created once, then changed or not, by the very rules of a plan in memory."""
    prepared(import_store)
    file = csv_file(people(seed))
    whole = planned(import_store, file, key)
    request.getfixturevalue("tight")
    spilled = planned(import_store, file, key)
    assert spilled.counts == whole.counts
    assert list(spilled.rejects) == list(whole.rejects)
    assert spilled.apply(batch_size=3).counts == {name: number for name, number in whole.counts.items() if number}


def test_events_meet_their_doubles_again(import_store, csv_file, request):
    """An event twice in a file is one; the same id with another content is refused, however far apart they are."""
    with import_store.begin(source="crm") as work:
        work.add(mim.Contact(emails=["ana@acme.dk"]))
    lines = [f"ana@acme.dk,E{number % 7},2026-01-0{1 + number % 7}T10:00:00Z" for number in range(20)]
    file = csv_file("mail,id,at\n" + "\n".join([*lines, "ana@acme.dk,E1,2026-02-01T10:00:00Z"]) + "\n")
    mapping = {"mail": "contact.emails", "id": "event.external_id", "at": "event.at"}
    whole = plan_import(import_store, file, source="shop", kind="purchases", mapping=mapping)
    request.getfixturevalue("tight")
    spilled = plan_import(import_store, file, source="shop", kind="purchases", mapping=mapping)
    assert dict(spilled.counts) == dict(whole.counts) == {"created": 7, "unchanged": 13, "rejected": 1}
    assert list(spilled.rejects) == list(whole.rejects)


def reject(number):
    """A refused row with two problems."""
    problems = (RowProblem("mail", "invalid_value", "has no '@'", "write it"), RowProblem("", "x", "y"))
    return Reject(number, number + 2, problems)


def test_a_pile_of_rejects_is_a_sequence_of_them(monkeypatch):
    """In memory or not, one by one, by slices and all at once."""
    monkeypatch.setattr(reject_pile, "KEPT", 4)
    pile, plain = RejectPile(), [reject(number) for number in range(11)]
    for start in (0, 3, 3, 9):
        pile.add(plain[len(pile) : start])
    pile.add(plain[9:])
    assert list(pile) == plain
    assert len(pile) == 11
    assert [pile[at] for at in range(-11, 11)] == plain + plain
    assert pile[2:9:3] == tuple(plain[2:9:3])
    assert pile[::-1] == tuple(plain[::-1])
    with pytest.raises(IndexError):
        pile[11]


def test_refused_rows_from_the_pile_are_written_for_mending(import_store, csv_file, tmp_path, tight):
    """Each with its own cells and reasons, in order; the table shows the first ones and counts the rest."""
    rows = [f"bad{number}," if number % 2 else f"a{number}@acme.dk,x" for number in range(30)]
    plan = plan_import(
        import_store,
        csv_file("mail,city\n" + "\n".join(rows) + "\n"),
        source="list",
        mapping={"mail": "contact.emails", "city": "contact.city"},
    )
    assert plan.counts == {"created": 15, "rejected": 15}
    assert plan.rejects.to_csv(tmp_path / "mend.csv") == 15
    written = (tmp_path / "mend.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in written] == [f'"bad{number}"' for number in range(1, 30, 2)]
    assert "5 more" in str(plan.rejects.table())
    assert RejectList((reject(1) for _ in range(2)), [], [])[0] == reject(1)


def test_a_shelf_without_room_says_so():
    """No exception of SQLite's own, and no cell in the words."""
    shelf = Shelf()
    shelf._database.close()
    with pytest.raises(CaptureError, match="make room") as caught:
        shelf.put([("ana@acme.dk", b"1")], [])
    assert "ana" not in str(caught.value)
