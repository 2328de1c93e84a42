"""The unit of work on both stores: one transaction, versions, change sets, conflicts, and how it ends."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from tests.stores import START, added, state_of, states

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.versions.changes import restored
from mimcore.errors import (
    ClosedError,
    ConflictError,
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    StaleVersionError,
    TransitionError,
    UnknownFieldError,
)


def ana(**given):
    """A contact."""
    return mim.Contact(
        **{"name": "Fru Ana Berg", "emails": ["ana@acme.dk"], "country": "DK", "city": "Aarhus", **given}
    )


def history(store, record):
    """The changes of a record."""
    with store.read() as work:
        return work.history(record)


def pending(store):
    """Kinds of the events that wait."""
    return [one.event.kind for one in store.events.pending()]


# --- how it ends ---


def test_an_error_rolls_everything_back(store):
    """Nothing of a block that failed is stored: no record, no history, no event, no source."""

    def fail():
        with store.begin(source="fair") as work:
            work.add(ana())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (store.contacts.count(), pending(store)) == (0, [])
    with store.read() as work:
        assert work.sources.find_one("fair") is None


def test_after_the_end_it_says_how_it_ended(store):
    """Each way to end has its own words, and every method refuses."""
    with store.begin() as work:
        stored = work.add(ana())[0]
    with pytest.raises(ClosedError, match="it was committed; open another one with store"):
        work.change(stored, city="Odense")
    with store.begin() as work:
        work.rollback()
    with pytest.raises(ClosedError, match="it was rolled back;"):
        work.contacts.find()
    with pytest.raises(KeyError), store.begin() as work:
        raise KeyError
    for call in (
        lambda: work.add(ana()),
        lambda: work.update(stored),
        lambda: work.remove(stored),
        lambda: work.record("visit", contact=stored, at=START),
        lambda: work.confirm(stored.primary_email, by="owner"),
        lambda: work.withdraw(stored.primary_email, channel="email", purpose="offers"),
        lambda: work.suppress("x@y.dk"),
        lambda: work.can_contact(None, channel="email", purpose="offers"),
        lambda: work.history(stored),
        work.binding,
        lambda: work.bind(f.contact.age >= 18),
        lambda: work.put_on("x", stored),
        lambda: work.contacts.get(stored),
        work.contacts.stream,
        lambda: work.contacts.verdicts(f.contact.age >= 18),
        lambda: work.contacts.with_email("a@b.dk"),
        work.commit,
    ):
        with pytest.raises(ClosedError, match="after an error"):
            call()


def test_a_conflict_kills_it_and_says_so(store):
    """After a conflict nothing more can be done, and what was done before is gone."""
    stored = added(store, ana())
    work = store.begin()
    work.add(ana(emails=["bo@acme.dk"]))
    with pytest.raises(DuplicateKeyError):
        work.add(stored)
    with pytest.raises(ClosedError, match="it ended with a conflict"):
        work.contacts.count()
    assert store.contacts.count() == 1


def test_a_swallowed_conflict_does_not_look_like_a_commit(store):
    """Whoever catches the conflict inside the block learns at its end that nothing was stored."""
    stored = added(store, ana())

    def swallow():
        with store.begin() as work:
            work.add(ana(emails=["bo@acme.dk"]))
            with suppress(ConflictError):
                work.add(stored)

    with pytest.raises(ClosedError, match="conflict and nothing was stored"):
        swallow()
    assert store.contacts.count() == 1


def test_a_commit_that_fails_does_not_count_as_one(store):
    """A contact of an account that is not there fails at the latest when it is committed."""
    with pytest.raises(ConflictError), store.begin() as work:
        work.add(ana(account=uuid4()))
    with pytest.raises(ClosedError, match="nothing was stored"):
        work.alive()
    assert store.contacts.count() == 0


def test_an_explicit_commit_or_rollback_ends_the_block_quietly(store):
    """Ending by hand inside a block is no error."""
    with store.begin() as work:
        work.add(ana())
        work.commit()
    with store.begin() as work:
        work.add(ana())
        work.rollback()
    assert store.contacts.count() == 1


def test_a_closed_store_opens_nothing(store):
    """The error names what to do; closing twice is harmless."""
    store.close()
    store.close()
    with pytest.raises(ClosedError, match="connect"):
        store.begin()
    with pytest.raises(ClosedError):
        store.contacts.count()


# --- adding ---


def test_records_of_all_kinds_in_one_call(store):
    """Order does not matter: accounts are stored before the contacts that link to them; versions begin at 1."""
    acme = mim.Account(name="Acme")
    person = ana(account=acme)
    given = (person, acme, mim.Lead(contact_id=person, captured_at=START, channel="email"), mim.Segment(key="s"),
             mim.Campaign(key="c"), mim.Task(title="Call"), mim.Source(key="fair"))  # fmt: skip
    stored = added(store, *given)
    assert [one.id for one in stored] == [one.id for one in given]
    assert {one.version for one in stored} == {1}
    assert [one.evolve(version=0) for one in stored] == list(given)
    with store.read() as work:
        for one, room in zip(
            stored, ("contacts", "accounts", "leads", "segments", "campaigns", "tasks", "sources"), strict=True
        ):
            assert getattr(work, room).get(one.id) == one
            assert [change.kind for change in work.history(one)] == ["created"]


def test_what_is_no_aggregate_is_refused_before_anything_is_written(store):
    """One wrong object among right ones: nothing is stored, and the unit of work lives on."""
    with store.begin() as work:
        with pytest.raises(InvalidValueError, match="PersonName: is not an aggregate"):
            work.add(ana(), mim.PersonName(given="Bo"))
        work.add(ana())
    assert store.contacts.count() == 1


def test_a_source_can_be_described_where_it_writes(store):
    """The source of the unit of work may be among the records; its reliability counts at once."""
    with store.begin(source="fair") as work:
        source, person = work.add(mim.Source(key="fair", reliability=0.6), ana())
    assert state_of(store, person, "contact.demographic.city").p_ref == 0.6
    with store.begin(source="fair") as work:
        work.change(work.sources.get("fair"), reliability=0.5)
        work.change(person, city="Odense")
    assert state_of(store, person, "contact.demographic.city").p_ref == 0.5
    assert source.key == "fair"


def test_a_source_nobody_described_enters_the_catalogue_once(store):
    """With a history of its own, and the default reliability."""
    for mail in ("a@acme.dk", "b@acme.dk"):
        added(store, ana(emails=[mail]), source="call-centre")
    with store.read() as work:
        found = work.sources.get("call-centre")
        assert [one.key for one in work.sources.all()] == ["call-centre"]
        assert len(work.history(found)) == 1
    assert pending(store).count("source_created") == 1


# --- changing ---


def test_part_of_a_group_changes_and_the_rest_stays(store):
    """A change set has the fields that differ, with source, times, actor, and the way back."""
    old = added(store, ana())
    with store.begin(source="call-centre", actor="maria") as work:
        new = work.change(old, city="Odense", observed_at="2026-04-01")
    assert (new.version, new.demographic.city, new.demographic.country) == (2, "Odense", "DK")
    change = history(store, new)[-1]
    assert (change.before, change.after) == (
        {"contact.demographic.city": "Aarhus"},
        {"contact.demographic.city": "Odense"},
    )
    assert (change.kind, change.actor, change.source, change.version) == ("changed", "maria", "call-centre", 2)
    assert change.observed_at == datetime(2026, 4, 1, 21, 59, 59, 999999, UTC)
    assert change.recorded_at == store.now()
    assert restored(new, change.before).evolve(version=1) == old


def test_a_clear_is_recorded_as_a_clear(store):
    """CLEAR erases: None after, the state of the value gone; None is no erasure of what was there."""
    old = added(store, ana())
    with store.begin() as work:
        new = work.change(old, city=mim.CLEAR)
    assert history(store, new)[-1].after == {"contact.demographic.city": None}
    assert "contact.demographic.city" not in {one.attribute for one in states(store, new)[0]}


def test_whoever_changes_anything_is_in_the_catalogue(store):
    """A source that only erases, archives or marks is entered as well; one that changed nothing is not."""
    old = added(store, ana())
    for source, act in (
        ("eraser", lambda work, one: work.change(one, city=mim.CLEAR)),
        ("checker", lambda work, one: work.confirm(one.primary_email, by="delivered")),
        ("archivist", lambda work, one: work.remove(one)),
    ):
        with store.begin(source=source) as work:
            act(work, work.contacts.get(old))
            assert work.sources.find_one(source) is not None


def test_saving_an_equal_value_is_nothing(store, clock):
    """No write, no version, no event, no confirmation, not even a new source."""
    old = added(store, ana())
    before, told = states(store, old), pending(store)
    clock.advance(days=10)
    with store.begin(source="other") as work:
        assert work.change(old, city="Aarhus", country="DK") == old
        assert work.update(old) == old
        assert work.change(old, emails=["ana@ACME.dk"]) == old
        assert work.sources.find_one("other") is None
    assert (states(store, old), pending(store), len(history(store, old))) == (before, told, 1)


def test_stale_versions_are_refused_by_id(store):
    """The object at hand must be the newest version; the message names the id and no value."""
    old = added(store, ana())
    with store.begin() as work:
        work.change(old, city="Odense")
    for write in (
        lambda w: w.change(old, city="Vejle"),
        lambda w: w.update(old.evolve(city="Vejle")),
        lambda w: w.remove(old),
    ):
        with pytest.raises(StaleVersionError, match=str(old.id)), store.begin() as work:
            write(work)
    assert store.contacts.get(old).demographic.city == "Odense"


def test_a_stale_object_with_nothing_new_is_no_conflict(store):
    """Two writers who wrote the same: the second one gets the stored version."""
    old = added(store, ana())
    with store.begin() as work:
        new = work.change(old, city="Odense")
        assert work.change(old, city="Odense") == new
        assert work.update(old.evolve(city="Odense")) == new


def test_history_tells_the_whole_difference(store):
    """An object that was evolved before the change brings all its differences into the change set."""
    old = added(store, ana())
    with store.begin() as work:
        new = work.change(old.evolve(owner="maria"), city="Odense")
    change = history(store, new)[-1]
    assert set(change.after) == {"contact.owner", "contact.demographic.city"}
    assert restored(new, change.before).evolve(version=1) == old
    assert {one.attribute for one in states(store, new)[0]} >= set(change.after)


def test_a_contact_can_be_named_by_its_id(store):
    """The id stands for the newest version."""
    old = added(store, ana())
    with store.begin() as work:
        work.change(old.id, city="Odense")
        assert work.change(old.id, owner="maria").version == 3


def test_unknown_records_and_fields_are_refused(store):
    """What was never stored cannot be changed; a misspelt field gets a hint, and nothing is written."""
    with store.begin() as work:
        with pytest.raises(NotFoundError, match="add it first"):
            work.change(ana(), city="Odense")
        old = work.add(ana())[0]
        with pytest.raises(InvalidValueError, match="did you mean 'city'"):
            work.change(old, citty="Odense")
        with pytest.raises(InvalidValueError, match="country"):
            work.change(old, country="Denmarkia")
        assert work.contacts.get(old) == old


def test_all_other_aggregates_change_alike(store):
    """Accounts by short name, segments, campaigns, leads and tasks by field."""
    acme, segment, task = added(store, mim.Account(name="Acme"), mim.Segment(key="s"), mim.Task(title="Call"))
    with store.begin() as work:
        assert work.change(acme, employees=7).firmographic.employees == 7
        assert work.change(segment, rule=f.contact.age >= 18).is_dynamic
        assert work.change(task, title="Call back").version == 2
    change = history(store, segment)[-1]
    assert restored(store.read().segments.get("s"), change.before).rule is None
    assert restored(segment, change.after).rule == (f.contact.age >= 18)


def test_removal_archives_and_comes_back(store):
    """An archived contact leaves everyone; the record, its history and its values stay."""
    old = added(store, ana())
    with store.begin() as work:
        gone = work.remove(old)
        assert work.contacts.count() == 0
        with pytest.raises(NotFoundError):
            work.contacts.with_email("ana@acme.dk")
        assert work.contacts.get(old).status == "archived"
        back = work.change(gone, status="active")
        assert work.contacts.with_email("ana@acme.dk") == back
        assert [one.kind for one in work.history(old)] == ["created", "archived", "changed"]


def test_nobody_is_merged_or_erased_by_a_change(store):
    """Those have plans of their own, which keep what is needed to undo or to prove."""
    old = added(store, ana())
    with store.begin() as work:
        for status in ("merged", "erased"):
            with pytest.raises(TransitionError):
                work.change(old, status=status)


def test_history_is_in_order(store, clock):
    """Oldest first, versions count up, and folding the changes gives the record."""
    record = added(store, ana())
    for city in ("Odense", "Vejle", "Ribe"):
        clock.advance(days=1)
        with store.begin() as work:
            record = work.change(record, city=city)
    changes = history(store, record)
    assert [one.version for one in changes] == [1, 2, 3, 4]
    assert [one.recorded_at for one in changes] == sorted(one.recorded_at for one in changes)
    folded = mim.Contact(id=record.id)
    for one in changes:
        folded = restored(folded, one.after)
    assert folded.evolve(version=4) == record
    assert history(store, record.id) == changes


# --- times ---


def test_dates_mean_the_end_of_the_local_day(store):
    """In the store's zone, for begin, change, record and checks alike; today's date means now."""
    with store.begin(observed_at="2026-04-01") as work:
        person = work.add(ana())[0]
        event = work.record("visit", contact=person, at=date(2026, 3, 28))
    assert state_of(store, person, "contact.emails").observed_at == datetime(2026, 4, 1, 21, 59, 59, 999999, UTC)
    assert event.at == datetime(2026, 3, 28, 22, 59, 59, 999999, UTC)
    with store.begin(observed_at="2026-05-01") as work:
        assert work.origin.observed_at == store.now()


def test_undated_values(store):
    """Nobody knows when they were seen: provenance says so, and a later observation dates them."""
    person = added(store, ana(), observed_at=mim.UNDATED)
    state = state_of(store, person, "contact.demographic.city")
    assert (state.observed_at, state.ref_at, state.key, state.source) == (None, None, None, "manual")
    with store.begin() as work:
        person = work.change(person, city="Odense")
        person = work.change(person, owner="maria", observed_at=mim.UNDATED)
    assert state_of(store, person, "contact.demographic.city").observed_at == store.now()
    assert state_of(store, person, "contact.owner").observed_at is None
    assert history(store, person)[0].observed_at is None


@pytest.mark.parametrize("late", ["2026-05-01T10:05:00Z", datetime(2026, 5, 1, 10, 0, 1, tzinfo=UTC)])
def test_small_clock_skew_counts_as_now(store, late):
    """Up to five minutes ahead of the clock."""
    with store.begin(observed_at=late) as work:
        person = work.add(ana())[0]
        assert work.record("visit", contact=person, at=late).at == store.now()
    assert state_of(store, person, "contact.emails").observed_at == store.now()


@pytest.mark.parametrize("late", ["2026-05-01T10:05:00.000001Z", "2026-05-01T21:00Z", "2026-05-02", date(2026, 5, 3)])
def test_the_future_is_refused(store, late):
    """Beyond five minutes nothing was observed yet, later the same day neither; the message says what to give."""
    with pytest.raises(InvalidValueError, match="lies in the future"):
        store.begin(observed_at=late)
    person = added(store, ana())
    with store.begin() as work:
        for call in (
            lambda: work.record("visit", contact=person, at=late),
            lambda: work.confirm(person.primary_email, by="delivered", at=late),
            lambda: work.change(person, city="Ribe", observed_at=late),
        ):
            with pytest.raises(InvalidValueError, match="lies in the future"):
                call()
    assert history(store, person)[-1].kind == "created"


def test_naive_times_are_refused(store):
    """A time without a zone is ambiguous."""
    with pytest.raises(InvalidValueError, match="has no time zone"):
        store.begin(observed_at=datetime(2026, 4, 1, 12))


# --- interactions ---


def purchase(work, person, **given):
    """Record the same order."""
    details = {
        "at": "2026-03-09T10:12Z",
        "value": mim.money("249.00", "DKK"),
        "product": "helmet-x",
        "external_id": "ord-991",
    }
    return work.record("purchase", contact=person, **{**details, **given})


def test_recording_is_idempotent_by_external_id(store):
    """The same order twice is one order; another source's order of that number is another one."""
    person = added(store, ana())
    with store.begin() as work:
        first = purchase(work, person, gift=True)
        assert purchase(work, person.id, gift=True) == first
        assert purchase(work, person, gift=True, source="shop-2").id != first.id
    with store.begin() as work:
        assert purchase(work, str(person.id), gift=True) == first
    assert pending(store).count("interaction_recorded") == 2
    with store.read() as work:
        assert len(work.transaction.interactions.of([person.id])[person.id]) == 2


@pytest.mark.parametrize("other", [{"value": mim.money("1.00", "DKK")}, {"product": None}, {"at": "2026-03-09T10:13Z"}])
def test_another_event_under_the_same_external_id_is_a_conflict(store, other):
    """A correction is an event of its own; the unit of work is dead."""
    person = added(store, ana())
    with store.begin() as work:
        purchase(work, person)
    work = store.begin()
    with pytest.raises(DuplicateKeyError, match="a correction is an event of its own"):
        purchase(work, person, **other)
    with pytest.raises(ClosedError, match="conflict"):
        work.contacts.count()


def test_an_order_of_somebody_else_is_not_mine(store):
    """The same order for another contact is a conflict, not the first one's order."""
    one, two = added(store, ana(), ana(emails=["bo@acme.dk"]))
    with store.begin() as work:
        purchase(work, one)
    with pytest.raises(DuplicateKeyError), store.begin() as work:
        purchase(work, two)


def test_misspelt_kinds_channels_and_fields_get_a_hint(store):
    """Never an empty segment because of a typing error."""
    person = added(store, ana())
    with store.begin() as work:
        with pytest.raises(UnknownFieldError, match="did you mean 'purchase'"):
            work.record("purchse", contact=person, at=START)
        with pytest.raises(InvalidValueError, match="did you mean 'email'"):
            work.record("visit", contact=person, at=START, channel="emial")
        with pytest.raises(NotFoundError):
            work.record("visit", contact=uuid4(), at=START)
        with pytest.raises(InvalidValueError, match="is negative"):
            purchase(work, person, value=mim.money("-1.00", "DKK"))


def test_refunds_name_the_purchase(store):
    """A refund is an event of its own, with a positive value; other kinds refund nothing."""
    person = added(store, ana())
    with store.begin() as work:
        purchase(work, person)
        refund = work.record(
            "refund",
            contact=person,
            at="2026-03-20T09:00Z",
            value=mim.money("100.00", "DKK"),
            refund_of="ord-991",
            external_id="ref-1",
        )
        with pytest.raises(InvalidValueError, match="belongs to events of kind 'refund'"):
            purchase(work, person, external_id="x", refund_of="ord-991")
    assert refund.refund_of == "ord-991"
    assert store.contacts.count(f.contact.events("refund").count() == 1) == 1


def test_campaigns_and_accounts_are_named_by_object_or_key(store):
    """Everything that an event belongs to."""
    acme = mim.Account(name="Acme")
    _, person, spring = added(store, acme, ana(account=acme), mim.Campaign(key="spring"))
    with store.begin() as work:
        one = work.record("visit", contact=person, at=START, campaign=spring, account=acme, channel="email")
        two = work.record(
            "visit", contact=person, at=START, campaign="spring", account=acme.id, properties={"page": "/x"}
        )
    assert one.campaign == two.campaign == "spring"
    assert one.account_id == two.account_id == acme.id
    assert two.properties["page"] == "/x"


# --- segments ---


def test_static_segments_are_lists(store):
    """People are put on and taken off by hand; twice changes nothing."""
    one, two, vips = added(store, ana(), ana(emails=["bo@acme.dk"]), mim.Segment(key="vips"))
    with store.begin() as work:
        work.put_on("vips", one, two.id)
        work.put_on(vips, one)
        assert work.contacts.ids(f.contact.in_segment("vips")) == [one.id, two.id]
        work.take_off("vips", one, one)
    assert [one.id for one in store.members("vips")] == [two.id]
    with store.begin() as work, pytest.raises(NotFoundError):
        work.put_on("vips", uuid4())


def test_dynamic_segments_are_no_lists(store):
    """Who follows a rule is not put on by hand; an unknown key is an error."""
    person, _ = added(store, ana(), mim.Segment(key="danes", rule=f.contact.country == "DK"))
    with store.begin() as work:
        with pytest.raises(InvalidValueError, match="follows a rule"):
            work.put_on("danes", person)
        with pytest.raises(NotFoundError):
            work.take_off("daens", person)


def test_segments_nest_and_misspelt_ones_are_named(store):
    """A reference is resolved when the rule is bound; an unknown key is an error with the nearest one."""
    added(store, ana(), mim.Segment(key="danes", rule=f.contact.country == "DK"))
    assert store.contacts.count(f.contact.in_segment("danes")) == 1
    with pytest.raises(NotFoundError, match=r"'daens'.*did you mean 'danes'"):
        store.contacts.count(f.contact.in_segment("daens"))


def test_circles_of_segments_are_named(store):
    """A refers to B, B to A: an error that names the way round."""
    added(
        store,
        mim.Segment(key="a", rule=f.contact.in_segment("b")),
        mim.Segment(key="b", rule=f.contact.in_segment("c") | (f.contact.age >= 18)),
        mim.Segment(key="c", rule=~f.contact.in_segment("a")),
    )
    with pytest.raises(mim.RuleError, match=r"a.*b.*c"):
        store.contacts.count(f.contact.in_segment("a"))
