"""Synchronising: what is new, late, missing, corrected, undone or broken; and that nothing is taken twice or lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mimcore as mim
from mimcore.testing import FixedClock

START = date(2026, 3, 2)
MAPPING = {"email": "contact.email", "city": "contact.city"}


@pytest.fixture
def clock():
    """Nine o'clock on 5 March 2026."""
    return FixedClock("2026-03-05T09:00Z")


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path, clock):
    """An empty store of each kind."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, actor="tester", clock=clock, secret=b"s" * 32) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    """An empty folder."""
    (tmp_path / "crm").mkdir()
    return tmp_path / "crm"


def put(folder, day, *rows):
    """Deliver a file for a day of March."""
    text = "email,city\n" + "".join(f"{mail}@example.dk,{city}\n" for mail, city in rows)
    (folder / f"crm-2026-03-{day:02}.csv").write_text(text)


def crm(folder, **options):
    """A connector on the folder, expected daily."""
    expected = {"every_days": 1, "starts_on": START, **options}
    return mim.folder_connector(folder, source="crm", mapping=MAPPING, **expected)


def outcomes(done):
    """What became of each delivery, by day."""
    return {one.on.day: one.outcome.value for one in done.deliveries}


def test_deliveries_are_taken_once_in_their_order(store, folder) -> None:
    """The newest day wins; asked again, nothing changes."""
    put(folder, 3, ("ana", "Vejle"))
    put(folder, 2, ("ana", "Odense"), ("bo", "Ribe"))
    done = store.sync(crm(folder))
    assert outcomes(done) == {2: "taken", 3: "taken"}
    assert [dict(one.counts) for one in done.deliveries] == [{"created": 2}, {"updated": 1}]
    assert store.contacts.with_email("ana@example.dk").demographic.city == "Vejle"
    assert (done.since, done.state.watermark) == (None, date(2026, 3, 3))
    again = store.sync(crm(folder))
    assert (again.changed_nothing, outcomes(again)) == (True, {2: "unchanged", 3: "unchanged"})
    assert [one.name for one in done.deliveries] == ["crm-2026-03-02.csv", "crm-2026-03-03.csv"]
    assert "2 created" in str(done)
    assert "Deliveries" in done._repr_html_()


def test_what_is_missing_is_told_and_found_however_late(store, folder, clock) -> None:
    """By days; and a delivery far behind the look-back is asked for while it is missing."""
    put(folder, 2, ("ana", "Odense"))
    put(folder, 4, ("ana", "Vejle"))
    done = store.sync(crm(folder, grace_days=1), lookback_days=0)
    assert [(one.on.day, one.days_late) for one in done.state.missing] == [(3, 1)]
    assert {one.on.day: one.days_late for one in done.deliveries} == {2: 2, 4: 0}
    clock.move_to("2026-03-31T09:00Z")
    put(folder, 3, ("ana", "Ribe"), ("bo", "Ribe"))
    late = store.sync(crm(folder, grace_days=1), lookback_days=0)
    assert (late.since, outcomes(late)) == (date(2026, 3, 3), {3: "taken", 4: "unchanged"})
    assert late.deliveries[0].days_late == 27
    assert store.contacts.with_email("ana@example.dk").demographic.city == "Vejle"
    assert len(late.state.missing) == 26
    assert "missing for 2026-03-05: 25 days late" in str(late)


def test_now_decides_what_is_missing(store, folder) -> None:
    """The state can be asked for any instant, and without the source."""
    weekly = crm(folder, every_days=7)
    assert [one.on.day for one in store.sync_state(weekly, now=datetime(2026, 3, 16, 1, tzinfo=UTC)).missing] == [
        2,
        9,
        16,
    ]
    put(folder, 4, ("ana", "Odense"))
    store.sync(weekly)
    assert [one.on.day for one in store.sync_state(weekly, now=datetime(2026, 3, 15, 1, tzinfo=UTC)).missing] == [9]
    assert str(store.sync_state(crm(folder, every_days=None, starts_on=None))).endswith("2026-03-04, 0 missing")


def test_corrections_are_taken_and_what_was_undone_stays_so(store, folder, clock) -> None:
    """Other rows under the same name are a correction; an import that was taken back is not done again."""
    put(folder, 2, ("ana", "Odense"))
    put(folder, 3, ("bo", "Ribe"))
    first = store.sync(crm(folder))
    put(folder, 2, ("ana", "Odense"), ("cy", "Vejle"))
    clock.move_to("2026-03-05T10:00Z")
    store.imports.undo(first.deliveries[1].import_id)
    again = store.sync(crm(folder))
    assert outcomes(again) == {2: "corrected", 3: "undone"}
    assert dict(again.deliveries[0].counts) == {"created": 1, "unchanged": 1}
    assert store.contacts.count() == 2
    assert [one.on.day for one in again.state.missing] == [3, 4, 5]


def test_what_cannot_be_read_stops_what_comes_after_it(store, folder) -> None:
    """It is told without a value; mended, all goes on."""
    put(folder, 2, ("ana", "Odense"))
    (folder / "crm-2026-03-03.csv").write_text("mail\nx@example.dk\n")
    put(folder, 4, ("bo", "Ribe"))
    done = store.sync(crm(folder))
    assert outcomes(done) == {2: "taken", 3: "failed", 4: "waiting"}
    assert ("x@example.dk" in str(done), "column" in done.failed[0].reason) == (False, True)
    assert done.state.watermark == date(2026, 3, 2)
    put(folder, 3, ("cy", "Vejle"))
    assert outcomes(store.sync(crm(folder))) == {2: "unchanged", 3: "taken", 4: "taken"}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from("ab"), st.sampled_from("xyz")),
        min_size=1, max_size=8, unique_by=lambda one: one[0],
    ),
    st.data(),
)  # fmt: skip
def test_in_whatever_order_they_arrive(arrivals, data) -> None:
    """For any order of arrival, with pulls in between, often saying the same again: what the newest day says stands, and every day is done once."""
    clock = FixedClock("2026-03-20T09:00Z")
    arrived: list[mim.Delivery] = []

    class Arriving:
        source, rhythm, options = "crm", mim.Rhythm(1, START), {"mapping": MAPPING}

        def pull(self, since):
            return list(arrived)

    with mim.connect("memory:", actor="tester", clock=clock) as store:
        for place, (day, who, town) in enumerate(arrivals):
            row = {"email": f"{who}@example.dk", "city": town}
            arrived.append(mim.Delivery("rows", START + timedelta(days=day), [row]))
            if data.draw(st.booleans()) or place == len(arrivals) - 1:
                clock.move_to(clock() + timedelta(minutes=1))
                store.sync(Arriving(), lookback_days=data.draw(st.integers(0, 3)))
        newest = {who: town for _, who, town in sorted(arrivals)}
        assert {who: store.contacts.with_email(f"{who}@example.dk").demographic.city for who in newest} == newest
        assert len(store.imports.all()) == len(arrivals)
        days = {START + timedelta(days=day) for day, *_ in arrivals}
        assert {one.on for one in store.sync_state(Arriving()).missing} == {
            START + timedelta(days=day) for day in range(19)
        } - days


def test_a_late_delivery_does_not_undo_what_was_said_again(store, folder) -> None:
    """Day 2 and day 4 say the same; what day 3 said, and brings late, is older than the newest word."""
    put(folder, 2, ("ana", "Odense"))
    put(folder, 4, ("ana", "Odense"))
    store.sync(crm(folder))
    put(folder, 3, ("ana", "Ribe"), ("bo", "Ribe"))
    store.sync(crm(folder))
    assert store.contacts.with_email("ana@example.dk").demographic.city == "Odense"
    assert store.contacts.with_email("bo@example.dk").demographic.city == "Ribe"


def test_only_the_fields_of_a_newer_file_are_spoken_for(store, folder) -> None:
    """Day 4 says names and no city; what the late day 3 says of the city is the newest word on it. Undone files are silent."""
    put(folder, 2, ("ana", "Odense"))
    store.sync(crm(folder))
    named = [{"email": "ana@example.dk", "name": "Ana Holm"}]
    at = datetime(2026, 3, 4, tzinfo=UTC)
    mapping = {"email": "contact.email", "name": "contact.name"}
    store.plan_import(named, source="fair", mapping=mapping, observed_at=at).apply()
    again = store.plan_import([{**named[0], "x": "1"}], source="fair", mapping=mapping, observed_at=at).apply()
    put(folder, 3, ("ana", "Ribe"))
    store.sync(crm(folder))
    assert store.contacts.with_email("ana@example.dk").demographic.city == "Ribe"

    def rename(name):
        late = [{"email": "ana@example.dk", "name": name}]
        store.plan_import(late, source="crm", mapping=mapping, observed_at=at - timedelta(hours=1)).apply()
        return store.contacts.with_email("ana@example.dk").name.given

    assert rename("Anna Holm") == "Ana"
    for one in store.imports.all():
        if one.source == "fair":
            store.imports.undo(one.id)
    assert rename("Anne Holm") == "Anne"
    assert again.counts["unchanged"] == 1


def test_wrong_connectors_are_refused(store, folder, tmp_path) -> None:
    """Files without a date, folders that are not there, rhythms without a beginning, doubled names."""
    (folder / "crm.csv").write_text("email\n")
    with pytest.raises(mim.CaptureError, match="bears no date"):
        store.sync(crm(folder))
    (folder / "crm.csv").rename(folder / "crm-2026-13-40.csv")
    with pytest.raises(mim.CaptureError, match="bears no date"):
        store.sync(crm(folder))
    with pytest.raises(mim.CaptureError, match="not there"):
        store.sync(crm(tmp_path / "no"))
    with pytest.raises(mim.InvalidValueError, match="starts_on"):
        mim.folder_connector(folder, source="crm", every_days=1)
    with pytest.raises(mim.InvalidValueError, match="rhythm"):
        mim.Rhythm(0, START)
    with pytest.raises(mim.InvalidValueError, match="lookback_days"):
        store.sync(crm(folder), lookback_days=-1)

    class Doubled:
        source, rhythm, options = "crm", None, {}

        def pull(self, since):
            return [mim.Delivery("x", START, [])] * 2

    with pytest.raises(mim.InvalidValueError, match="share a name"):
        store.sync(Doubled())
