"""Whatever object of mimcore is alive after a story shows no personal value when it is printed: logs and tracebacks do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.testing import FixedClock

WORD = "zqxcanary"
MAIL = f"{WORD}@acme.example"
NEWS = {"channel": "email", "purpose": "newsletter"}
MEANT = {("Card", "str"), ("FrozenMapping", "repr"), ("FrozenMapping", "str")}
"""A card is made to be read. `contact.custom` by itself is plain values, as `contact.notes` is; no record prints it."""


@contextmanager
def only_what_comes_now() -> Iterator[None]:
    """Let the collector forget what is alive already, for as long as the block runs."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def tellers(word: str) -> set[tuple[str, str]]:
    """Return the classes of mimcore, and how, whose living objects tell a word."""
    found: set[tuple[str, str]] = set()
    for one in gc.get_objects():
        kind = type(one)
        if str(kind.__module__).startswith("mimcore"):
            found |= {(kind.__qualname__, how.__name__) for how in (repr, str) if word in how(one).lower()}
    return found


def told(store: mim.Store, clock: FixedClock, folder: Path) -> list[object]:
    """Live through a story full of canaries, and return what a caller would hold in the end."""
    store.attributes.declare(mim.attribute("nick", is_personal=True))
    twin = mim.Contact(name=f"Ana {WORD}", emails=[MAIL], phones=["+45 20 30 40 50"])
    with store.begin() as work:
        ana, _ = work.add(
            twin.evolve(
                id=mim.Contact().id, notes=WORD, street=WORD, custom={"nick": WORD}, external_ids={"crm": WORD}
            ),
            twin,
        )
        held: list[object] = [work.grant(ana.primary_email, **NEWS, method="form", notice="1", evidence={"at": WORD})]
        held += [work.record("purchase", contact=ana, at="2026-03-01", product="tea", properties={"said": WORD})]
        held += [work.confirm(ana.primary_email, by="delivered"), work.can_contact(ana.primary_email, **NEWS)]
        work.suppress(f"other{MAIL}")
    clock.advance(days=1)
    with store.begin() as work:
        ana = work.change(ana, name=f"Anne {WORD}", city="Odense")
        held += [work.history(ana), work.contacts.find(f.contact.city == "Odense"), work]
    (pair,) = store.duplicates.find()
    plan = store.duplicates.plan(pair)
    merge = plan.apply()
    with store.read() as work:
        held += [list(work.transaction.merges.all())]
    held += [pair, plan, merge, store.merges.undo(merge.id), store.card(ana), store.events.claim()]
    file = folder / "people.csv"
    file.write_text(
        "e-mail;first name;city\n" + "".join(f"{i}{MAIL};Bo {WORD};Ribe\n" for i in range(9)) + f"{WORD};;\n",
        encoding="utf-8",
    )
    coming = store.plan_import(file, source="fair")
    done = coming.apply()
    held += [coming, done, store.imports.rows(done.id), store.imports.all()]
    form = mim.form("email", "family_name", key="signup", notice="privacy")
    lead = mim.capture_lead(form, {"email": f"new{MAIL}", "family_name": WORD}, now=store.now(), evidence={"ip": WORD})
    held += [lead, store.capture(lead), store.quality.report(), store.segments, store.as_of("2026-03-02T10:00Z")]
    with store.begin() as work:
        work.add(mim.Segment(key="odense", rule=f.contact.city == "Odense"))
    held += [store.explain(f.contact.city == "Odense", ana), store.preview(f.contact.city == "Odense")]
    held += [store.audience("odense", **NEWS), store.audiences.freeze("spring", "odense", **NEWS)]
    return [*held, list(store.members("odense")), store.snapshot(folder / "snapshot")]


@pytest.mark.parametrize("place", ["memory:", "sqlite"])
def test_nothing_alive_tells_a_personal_value(place: str, tmp_path: Path) -> None:
    """Records, plans, results, pages, rows that were read: by `repr` and by `str`."""
    clock = FixedClock("2026-03-02T09:00Z")
    url = place if place == "memory:" else f"sqlite:///{tmp_path / 'people.db'}"
    with only_what_comes_now(), mim.connect(url, clock=clock, actor="anna", source="shop", secret=b"k" * 16) as store:
        held = told(store, clock, tmp_path)
        assert len(held) > 20
        assert {kind for kind, _ in tellers("anna")} >= {"ChangeSet", "ConsentEvent"}  # the sweep sees what is held
        assert tellers(WORD) - MEANT == set()


def test_a_change_says_what_changed_but_not_to_what() -> None:
    """Fields, who, when and from where; the values are asked for by name."""
    clock = FixedClock("2026-03-02T09:00Z")
    with mim.connect("memory:", clock=clock, actor="anna", source="shop") as store:
        with store.begin() as work:
            (ana,) = work.add(mim.Contact(name="Ana Berg"))
        clock.advance(hours=1)
        with store.begin() as work:
            work.change(ana, city="Odense")
            last = work.history(ana)[-1]
    assert str(last) == "2026-03-02 10:00 UTC contact changed by anna (shop), version 2: contact.demographic.city"
    assert "Odense" not in repr(last)
    assert last.after == {"contact.demographic.city": "Odense"}
