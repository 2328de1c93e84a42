"""Opening stores, the key of the suppression list, streams, events, frames, and what answers on its own."""

from __future__ import annotations

import gc
import stat
from datetime import UTC, datetime

import pytest
from tests.stores import SECRET, START, added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import ClosedError, InvalidValueError, NotFoundError, SecretKeyError, StoreError, StoreUrlError
from mimcore.testing import FixedClock


def people(number):
    """Contacts in two countries by turns."""
    return [
        mim.Contact(name=f"Ana Berg{n}", emails=[f"p{n}@acme.dk"], country="DK" if n % 2 else "SE")
        for n in range(number)
    ]


# --- opening ---


@pytest.mark.parametrize("url", ["", "memory", "mysql://x/y", "/tmp/x.db", "sqlite"])
def test_unknown_addresses_say_what_is_known(url):
    """The message shows both forms, and not the address: it may hold a password."""
    with pytest.raises(StoreUrlError, match=r"'memory:', 'sqlite:///path/to/file.db' or 'postgresql://"):
        mim.connect(url)


def test_the_key_of_the_suppression_list(tmp_path, monkeypatch):
    """Made beside a new database, readable for the owner only; found again; without it, or with another, nothing opens."""
    monkeypatch.delenv("MIMCORE_SECRET_KEY", raising=False)
    url, key = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "a.db.key"
    with mim.connect(url) as store, store.begin() as work:
        work.suppress("ana@acme.dk")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = key.read_bytes()
    assert len(made) >= 32
    with mim.connect(url) as store, store.begin() as work:
        ana = work.add(mim.Contact(emails=["ana@ACME.dk"]))[0]
        assert work.can_contact(ana.primary_email, channel="email", purpose="service").reasons == ("suppressed",)
    with pytest.raises(SecretKeyError, match="not the one"):
        mim.connect(url, secret=b"x" * 32)
    key.unlink()
    with pytest.raises(SecretKeyError, match="MIMCORE_SECRET_KEY"):
        mim.connect(url)
    with mim.connect(url, secret=made):
        pass
    assert not key.exists()
    gc.collect()


def test_the_key_from_the_environment(tmp_path, monkeypatch):
    """Taken instead of a file, which is then not made; too short a key is refused, in memory too."""
    monkeypatch.setenv("MIMCORE_SECRET_KEY", "k" * 16)
    with mim.connect(f"sqlite:///{tmp_path / 'a.db'}"):
        assert not (tmp_path / "a.db.key").exists()
    for url in ("memory:", f"sqlite:///{tmp_path / 'b.db'}"):
        with pytest.raises(SecretKeyError, match="at least 16 bytes"):
            mim.connect(url, secret=b"short")
    gc.collect()


@pytest.mark.parametrize("option", [{"zone": "Mars/Olympus"}, {"source": "Trade Fair"}])
def test_wrong_options_are_refused_and_leave_nothing_open(tmp_path, option):
    """A misspelt zone, a source that is no key: an error that names it, and no connection is left behind."""
    with pytest.raises(InvalidValueError):
        mim.connect(f"sqlite:///{tmp_path / 'a.db'}", **option)
    gc.collect()


def test_clocks_are_aware(tmp_path):
    """A clock without a zone is refused where it is read."""
    with (
        mim.connect("memory:", clock=lambda: datetime(2026, 1, 1)) as store,
        pytest.raises(InvalidValueError, match="clock: has no time zone"),
    ):  # noqa: DTZ001, RUF100
        store.begin()


def test_defaults_and_overrides(store, clock):
    """Actor, source and time are the store's unless a unit of work says otherwise."""
    with store.begin() as work:
        assert (work.origin.actor, work.origin.source, work.origin.observed_at) == ("tester", "manual", clock())
    with store.begin(actor="maria", source=mim.Source(key="fair"), observed_at="2026-04-01") as work:
        assert (work.origin.actor, work.origin.source) == ("maria", "fair")
        assert work.origin.observed_at == datetime(2026, 4, 1, 21, 59, 59, 999999, UTC)
    assert (str(store.zone), store.now()) == ("Europe/Copenhagen", clock())


def test_reading_does_not_write(store):
    """A unit of work that only reads refuses to write."""
    with pytest.raises(StoreError), store.read() as work:
        work.add(mim.Contact())
    assert store.contacts.count() == 0


def test_readers_see_one_state(store):
    """What is committed meanwhile is not seen by a reader that began before."""
    added(store, *people(3))
    with store.read() as before:
        assert before.contacts.count() == 3
        added(store, *people(1))
        assert before.contacts.count() == 3
        with store.read() as after:
            assert after.contacts.count() == 4


# --- streams ---


def test_a_stream_is_one_state_and_blocks_nobody(store):
    """Writing while a stream is read neither waits nor shows in it."""
    added(store, *people(5))
    seen = 0
    for one in store.contacts.stream(f.contact.country == "SE"):
        seen += 1
        with store.begin() as work:
            work.change(one, country="DK")
            work.add(mim.Contact(country="SE"))
    assert seen == 3
    assert store.contacts.count(f.contact.country == "SE") == 3


def test_streams_fail_early_and_may_be_left(store):
    """An unknown segment is an error at the call; a stream that is left, or never begun, holds nothing up."""
    added(store, *people(5))
    with pytest.raises(NotFoundError):
        store.contacts.stream(f.contact.in_segment("nobody"))
    left = store.contacts.stream()
    next(left)
    left.close()
    never_begun = store.contacts.stream()
    del never_begun
    gc.collect()
    added(store, *people(1))
    store.close()
    with pytest.raises(ClosedError):
        store.contacts.stream(f.contact.country == "DK")


# --- answers ---


def test_accessors_answer_like_a_unit_of_work(store):
    """The same names on `store` and on `work`."""
    stored = added(store, *people(7))
    rule = f.contact.country == "DK"
    with store.read() as work:
        assert store.contacts.count(rule) == work.contacts.count(rule) == 3
        assert store.contacts.ids(rule) == work.contacts.ids(rule)
        assert store.contacts.find(rule, limit=2) == work.contacts.find(rule, limit=2)
        assert store.contacts.verdicts(rule) == work.contacts.verdicts(rule)
        assert list(store.contacts.stream(rule)) == list(work.contacts.stream(rule)) == list(store.members(rule))
        assert store.contacts.with_email("p3@acme.dk") == work.contacts.with_email("p3@acme.dk") == stored[3]
        assert store.contacts.all_with_email("p3@acme.dk") == (stored[3],)
        assert store.contacts.get(stored[0].id) == stored[0]


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_hold_what_the_contacts_hold(store, kind):
    """One row a contact; named columns in order; special-category data only when it is asked for."""
    stored = added(
        store,
        mim.Contact(name="Ana Berg", beliefs=["x"], interests=["tea"], birth_date="1990-05-02"),
        mim.Contact(children=0),
    )
    frame = store.contacts.to_frame(kind=kind)
    assert "beliefs" not in frame.columns
    chosen = store.contacts.to_frame(columns=["given_name", "beliefs", "children", "age"], kind=kind)
    assert list(chosen.columns) == ["id", "given_name", "beliefs", "children", "age"]
    rows = chosen.to_dict("records") if kind == "pandas" else chosen.to_dicts()
    assert [row["id"] for row in rows] == [str(one.id) for one in stored]
    assert (rows[0]["given_name"], list(rows[0]["beliefs"]), rows[1]["children"], rows[0]["age"]) == (
        "Ana",
        ["x"],
        0,
        35,
    )
    with pytest.raises(InvalidValueError, match="pandas"):
        store.contacts.to_frame(kind="excel")


def test_events_come_until_they_are_done(store):
    """At least once, oldest first, in the transaction of what they tell of."""
    ana = added(store, mim.Contact(name="Ana"))
    with store.begin() as work:
        work.change(ana, city="Ribe")
    kinds = [one.event.kind for one in store.events.pending()]
    assert kinds == ["source_created", "contact_created", "contact_changed"]
    first = store.events.pending(limit=1)[0]
    assert first == store.events.pending(limit=1)[0]
    first.done()
    first.done()
    changed = store.events.pending()[-1].event
    assert [one.event.kind for one in store.events.pending()] == kinds[1:]
    assert (changed.entity_id, changed.version, dict(changed.data)) == (
        ana.id,
        2,
        {"fields": ["contact.demographic.city"]},
    )


def test_a_segment_is_named_by_object_key_or_rule(store):
    """An unknown key is not found; explaining a stranger neither."""
    ana, segment = added(store, mim.Contact(country="DK"), mim.Segment(key="danes", rule=f.contact.country == "DK"))
    for one in (segment, "danes", segment.rule):
        assert store.members(one) == (ana,)
        assert store.explain(one, ana.id).answer is True
    with pytest.raises(NotFoundError, match="danse"):
        store.members("danse")
    with pytest.raises(NotFoundError):
        store.explain("danes", mim.Contact())


def test_two_stores_share_nothing():
    """Each memory store is its own; two openings of it do not exist."""
    clock = FixedClock(START)
    with (
        mim.connect("memory:", clock=clock, secret=SECRET) as one,
        mim.connect("memory:", clock=clock, secret=SECRET) as two,
    ):
        added(one, mim.Contact())
        assert (one.contacts.count(), two.contacts.count()) == (1, 0)
