"""Time travel by hand: what was known at an instant, and what hindsight makes of it."""

from __future__ import annotations

import pytest
from tests.stores import opened

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, NotFoundError, StoreError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.rules.language.nodes import InSegment
from mimcore.testing import FixedClock

ODENSE, AARHUS, RIBE = (f.contact.city == city for city in ("Odense", "Aarhus", "Ribe"))


@pytest.fixture
def clock():
    """A clock that stands at noon in Copenhagen on 1 February 2026."""
    return FixedClock("2026-02-01T11:00Z")


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path, clock):
    """An empty store of each kind."""
    with opened(request.param, tmp_path, clock) as store:
        yield store


def add(store, *entities, **given):
    """Store records and return them."""
    with store.begin(**given) as work:
        return work.add(*entities)


def change(store, record, **changes):
    """Change a record and return it."""
    with store.begin() as work:
        return work.change(record, **changes)


@pytest.fixture
def ana(store, clock):
    """Ana, added in Odense on 1 February; in March she is said to have moved to Aarhus, in April to Ribe in mid-February."""
    (ana,) = add(store, mim.Contact(name="Ana Berg", emails=["ana@acme.dk"], city="Odense"))
    clock.move_to("2026-03-01T11:00Z")
    change(store, ana.id, city="Aarhus")
    clock.move_to("2026-04-01T11:00Z")
    change(store, ana.id, city="Ribe", observed_at="2026-02-15")
    return ana


@pytest.mark.parametrize(
    ("at", "hindsight", "city"),
    [
        ("2026-02-10", False, "Odense"),
        ("2026-02-20", False, "Odense"),  # that she was in Ribe by then was not known
        ("2026-03-10", False, "Aarhus"),
        ("2026-04-10", False, "Ribe"),  # what was recorded last
        ("2026-02-10", True, "Odense"),
        ("2026-02-14", True, "Odense"),
        ("2026-02-15", True, "Ribe"),  # observed by the end of that day
        ("2026-02-28", True, "Ribe"),
        ("2026-03-10", True, "Aarhus"),  # observed later than Ribe
        ("2026-04-10", True, "Aarhus"),
    ],
)
def test_what_was_known_and_what_hindsight_knows(store, ana, clock, at, hindsight, city):
    """As known then, the change recorded last by then; with hindsight, the one observed last by then."""
    clock.move_to("2026-05-01T11:00Z")
    then = store.as_of(at, hindsight=hindsight)
    assert then.contacts.get(ana).demographic.city == city
    rule = f.contact.city == city
    assert [one.id for one in store.members(rule, as_of=at, hindsight=hindsight)] == [ana.id]
    assert store.contacts.count(rule, as_of=at, hindsight=hindsight) == 1


def test_the_value_has_the_age_of_its_observation(store, ana):
    """With hindsight Ribe was seen on 15 February, not in April; as known on 10 March, Aarhus was seen on 1 March."""
    with store.as_of("2026-02-28", hindsight=True).read() as work:
        states = {one.attribute: one for one in work.transaction.freshness.of([ana.id])[ana.id]}
    assert states["contact.demographic.city"].observed_at.isoformat() == "2026-02-15T22:59:59.999999+00:00"
    card = store.as_of("2026-03-10T11:00Z").card(ana)
    (value,) = (one for one in card.values if one.field == "contact.demographic.city")
    assert (value.value, value.observed_at.isoformat()) == ("Aarhus", "2026-03-01T11:00:00+00:00")
    # 9 days at a half-life of 2173 days from the default reliability 0.98
    assert value.freshness == pytest.approx(0.98 * 2 ** (-9 / 2173), abs=1e-6)


def test_of_the_same_time_of_observation_the_last_recorded_wins(store, clock):
    """Two words about one day: with hindsight the later word."""
    (one,) = add(store, mim.Contact(city="Odense"), observed_at="2026-01-10")
    for city in ("Ribe", "Aarhus"):
        clock.advance(days=1)
        change(store, one.id, city=city, observed_at="2026-01-20")
    assert store.as_of("2026-01-25", hindsight=True).contacts.get(one).demographic.city == "Aarhus"
    assert store.as_of("2026-01-15", hindsight=True).contacts.get(one).demographic.city == "Odense"


def test_undated_observations_count_from_their_recording(store, clock):
    """Nobody knows when it was seen, so before it was recorded it is not there, hindsight or not."""
    (one,) = add(store, mim.Contact(city="Odense"), observed_at="2026-01-10")
    clock.move_to("2026-03-01T11:00Z")
    change(store, one.id, city="Ribe", observed_at=mim.UNDATED)
    assert store.as_of("2026-02-20", hindsight=True).contacts.get(one).demographic.city == "Odense"
    assert store.as_of("2026-03-01", hindsight=True).contacts.get(one).demographic.city == "Ribe"


def test_a_date_means_the_end_of_the_local_day(store, clock):
    """Copenhagen's 1 February ends at 23:00 UTC: what is recorded then belongs to the next day."""
    clock.move_to("2026-02-01T22:59:59Z")
    add(store, mim.Contact(city="Odense"))
    clock.move_to("2026-02-01T23:00Z")
    add(store, mim.Contact(city="Odense"))
    clock.move_to("2026-03-01T11:00Z")
    assert store.contacts.count(as_of="2026-02-01") == 1
    assert store.contacts.count(as_of="2026-02-02") == 2


def test_the_future_is_refused_and_before_the_first_record_there_is_nothing(store, ana):
    """No prophecy; an empty store has no contacts, segments, sources or interactions."""
    with pytest.raises(InvalidValueError, match="lies in the future"):
        store.as_of("2026-04-02")
    then = store.as_of("2025-12-31")
    with then.read() as work:
        inside = work.transaction
        assert [
            list(part.all()) for part in (inside.contacts, inside.sources, inside.interactions, inside.segments)
        ] == [[]] * 4
    with pytest.raises(NotFoundError):
        then.contacts.get(ana)


def test_the_past_only_reads(store, ana):
    """Every door to writing is closed, and says why."""
    then = store.as_of("2026-03-10")
    attempts = (
        then.begin,
        lambda: then.imports.undo(ana.id),
        lambda: then.merges.undo(ana.id),
        lambda: then.attributes.declare(mim.attribute("points", kind="integer")),
        lambda: then.plan_import([{"email": "bo@acme.dk"}], source="crm").apply(),
    )
    for attempt in attempts:
        with pytest.raises(StoreError, match="the past only reads"):
            attempt()
    assert store.contacts.count() == 1


def test_the_past_says_what_it_is(store, ana):
    """Instant and mode stand in the store's name and under every preview."""
    then = store.as_of("2026-02-20T10:00Z", hindsight=True)
    assert (
        repr(then)
        == f"Store({'memory' if 'memory' in repr(store) else 'sqlite'}, as of 2026-02-20 10:00 UTC, with hindsight)"
    )
    assert "as of 2026-02-20 10:00 UTC, with hindsight" in str(then.preview(RIBE))
    assert "as of 2026-02-20 22:59 UTC, as known then" in str(store.preview(RIBE, as_of="2026-02-20"))
    assert then.now().isoformat() == "2026-02-20T10:00:00+00:00"


def test_hindsight_belongs_to_the_past(store, ana):
    """Without an instant it is refused, and a past with hindsight has no past; a past without has one."""
    with pytest.raises(InvalidValueError, match="belongs to the past"):
        store.contacts.count(hindsight=True)
    with pytest.raises(StoreError, match="no past of its own"):
        store.as_of("2026-03-10", hindsight=True).as_of("2026-02-10")
    earlier = store.as_of("2026-03-10").as_of("2026-02-10")
    assert earlier.contacts.get(ana).demographic.city == "Odense"
    with pytest.raises(InvalidValueError, match="lies in the future"):
        store.as_of("2026-02-10").as_of("2026-03-10")


def test_a_segment_has_the_rule_of_then(store, ana, clock):
    """By key or as an object, hindsight or not; a rule object is asked as it is."""
    clock.move_to("2026-04-02T11:00Z")
    (towns,) = add(store, mim.Segment(key="towns", rule=ODENSE))
    clock.move_to("2026-04-04T11:00Z")
    towns = change(store, towns, rule=RIBE)
    for hindsight, members in ((False, 0), (True, 0)):
        assert len(store.members("towns", as_of="2026-04-03", hindsight=hindsight)) == members
        assert len(store.members(towns, as_of="2026-04-03", hindsight=hindsight)) == members
    assert len(store.members("towns", as_of="2026-04-04")) == 1
    assert len(store.members(RIBE, as_of="2026-04-03")) == 1
    with pytest.raises(NotFoundError, match="towns"):
        store.members("towns", as_of="2026-04-01")
    assert bool(store.explain(RIBE, ana, as_of="2026-04-03").answer) is True


def test_a_list_has_the_members_of_then(store, ana, clock):
    """Put on on 2 April, taken off on 4 April; a second putting on tells nothing new."""
    add(store, mim.Segment(key="vip"))
    for day, is_on in (("02", True), ("03", True), ("04", False)):
        clock.move_to(f"2026-04-{day}T12:00Z")
        with store.begin() as work:
            (work.put_on if is_on else work.take_off)("vip", ana)
    found = {day: len(store.members("vip", as_of=f"2026-04-{day}")) for day in ("01", "02", "03", "04")}
    assert found == {"01": 0, "02": 1, "03": 1, "04": 0}
    with store.read() as work:
        kinds = [one.kind.value for one in work.history(work.segments.get("vip"))]
    assert kinds == ["created", "listed", "unlisted"]


def test_memberships_of_then(store, ana, clock):
    """By the log, up to the instant: who was a member, how many, which moves, when it had been refreshed."""
    (bo,) = add(store, mim.Contact(name="Bo Holm", city="Ribe"))
    add(store, mim.Segment(key="ribe", rule=RIBE), mim.Segment(key="vip"))
    store.segments.refresh()
    first = clock()
    clock.move_to("2026-05-01T11:00Z")
    change(store, bo.id, city="Odense")
    with store.begin() as work:
        work.put_on("vip", bo)
    store.segments.refresh()
    then = store.as_of("2026-04-15")
    assert set(then.segments.members("ribe").ids) == {ana.id, bo.id}
    assert then.segments.members("ribe").refreshed_at == first
    assert (then.segments.count("ribe"), store.segments.count("ribe")) == (2, 1)
    assert [move.has_entered for move in then.segments.moves("ribe")] == [True, True]
    assert [move.segment for move in then.segments.history(bo)] == ["ribe"]
    assert [move.has_entered for move in store.segments.history(bo)] == [True, True, False]
    assert len(then.segments.members("ribe", at="2026-03-20").ids) == 0
    early = store.as_of("2026-04-01T10:00Z")
    assert (list(early.segments.all()), early.segments.history(ana)) == ([], ())


def test_events_consents_and_checks_of_then(store, ana, clock):
    """As known: by recorded time; with hindsight: by when they happened."""
    clock.move_to("2026-04-10T11:00Z")
    with store.begin() as work:
        email = work.contacts.get(ana).primary_email
        work.record("purchase", contact=ana, at="2026-02-10")
        work.grant(email, channel="email", purpose="newsletter", method="form", notice="v1", at="2026-02-12")
        work.confirm(email, by="mailbox_check", at="2026-02-14")
    bought = f.contact.purchases.count() >= 1
    for at, hindsight, known in (
        ("2026-03-01", False, False),
        ("2026-04-10", False, True),
        ("2026-02-09", True, False),
        ("2026-02-20", True, True),
    ):
        then = store.as_of(at, hindsight=hindsight)
        assert (then.contacts.count(bought) == 1) is known
        with then.read() as work:
            assert bool(work.can_contact(email, channel="email", purpose="newsletter")) is known
            assert (len(work.transaction.freshness.verifications_of(ana.id)) == 1) is known


def test_a_merge_counts_as_long_as_it_stood(store, clock):
    """Two people until March, one until April, two again since; their visits go with them."""
    one, two = add(
        store, mim.Contact(emails=["a@acme.dk"], city="Odense"), mim.Contact(emails=["b@acme.dk"], owner="ole")
    )
    with store.begin() as work:
        work.record("visit", contact=two, at="2026-01-20")
    clock.move_to("2026-03-01T11:00Z")
    merge = store.duplicates.plan(DuplicatePair(one.id, two.id, 0.9, ("said so",))).apply()
    clock.move_to("2026-04-01T11:00Z")
    store.merges.undo(merge.id)
    clock.move_to("2026-05-01T11:00Z")
    visited = f.contact.events("visit").count() >= 1
    for at, people, visitor, owner in (
        ("2026-02-15", 2, two, None),
        ("2026-03-15", 1, one, "ole"),
        ("2026-04-15", 2, two, None),
    ):
        then = store.as_of(at)
        assert then.contacts.count() == people
        assert then.contacts.ids(visited) == [visitor.id]
        assert then.contacts.get(one).owner == owner


def test_an_undone_import_was_known_as_long_as_it_stood(store, clock):
    """As known then its people and purchases are there; with hindsight they never were."""
    (ana,) = add(store, mim.Contact(emails=["ana@acme.dk"]))
    people = store.plan_import([{"email": "bo@acme.dk", "city": "Ribe"}], source="crm").apply()
    rows = [{"email": "ana@acme.dk", "ordered at": "2026-01-15T10:00Z", "order": "1"}]
    mapping = {"email": "contact.emails", "ordered at": "event.at", "order": "event.external_id"}
    orders = store.plan_import(rows, source="shop", kind="purchases", mapping=mapping).apply()
    clock.move_to("2026-03-01T11:00Z")
    for made in (people, orders):
        assert store.imports.undo(made.id).was_undone is False
    clock.move_to("2026-04-01T11:00Z")
    bought = f.contact.purchases.count() >= 1
    then, hindsight, now = (
        store.as_of("2026-02-20"),
        store.as_of("2026-02-20", hindsight=True),
        store.as_of("2026-03-20"),
    )
    assert [(one.contacts.count(), one.contacts.ids(bought)) for one in (then, hindsight, now)] == [
        (2, [ana.id]),
        (1, []),
        (1, []),
    ]
    assert [one.status.value for one in then.imports.all()] == ["finished", "finished"]
    assert [one.status.value for one in now.imports.all()] == ["undone", "undone"]


def test_whoever_bought_was_there(store, clock):
    """With hindsight a contact of whom nothing was observed yet is there with the purchase and nothing else."""
    clock.move_to("2026-03-01T11:00Z")
    acme = add(store, mim.Account(name="Acme A/S"))[0]
    (ana,) = add(store, mim.Contact(city="Odense", accounts=[mim.AccountLink(account_id=acme.id)]))
    with store.begin() as work:
        work.record("purchase", contact=ana, at="2026-02-10")
    assert store.contacts.count(as_of="2026-02-20") == 0
    then = store.as_of("2026-02-20", hindsight=True)
    (found,) = then.contacts.stream(f.contact.purchases.count() >= 1)
    assert (found.id, found.demographic.city, found.accounts) == (ana.id, None, ())
    assert store.contacts.count(as_of="2026-02-09", hindsight=True) == 0


def test_what_makes_sense_together_waits_for_it(store, clock):
    """A title seen in January, a name seen in March: with hindsight in February there is no title without a name."""
    clock.move_to("2026-03-01T11:00Z")
    (ana,) = add(store, mim.Contact(city="Odense"), observed_at="2026-01-05")
    ana = change(store, ana, name="Ana Berg")
    with store.begin() as work:
        ana = work.update(ana.evolve(name=ana.name.evolve(title="Dr")), observed_at="2026-01-20")
    then = store.as_of("2026-01-25", hindsight=True).contacts.get(ana)
    assert (then.name, then.demographic.city) == (None, "Odense")
    found = store.as_of("2026-03-01T11:00Z", hindsight=True).contacts.get(ana)
    assert (found.name.title, found.name.family) == ("dr", "Berg")


def test_an_attribute_declared_later_was_not_collected(store, clock):
    """As known then everybody is unknown on it, in a row that says why; with hindsight it is recomputed."""
    ana, bo = add(store, mim.Contact(city="Odense"), mim.Contact(city="Ribe"))
    clock.move_to("2026-06-01T11:00Z")
    tier = mim.attribute("loyalty_tier", kind="code", options=["gold", "silver"])
    store.attributes.declare(tier)
    clock.move_to("2026-06-02T11:00Z")
    change(store, ana.id, custom={"loyalty_tier": "gold"}, observed_at="2026-02-20")
    change(store, bo.id, custom={"loyalty_tier": "silver"})
    line = "not collected then: loyalty_tier, declared 1 June 2026"
    for rule in (tier == "gold", tier != "gold", tier.is_known(), tier.is_missing(), (tier == "gold").or_missing()):
        verdicts = store.contacts.verdicts(rule, as_of="2026-03-01")
        assert (verdicts.members, verdicts.non_members, verdicts.unknown, verdicts.not_collected) == (0, 0, 2, (line,))
    preview = store.preview((tier == "gold") & ODENSE, as_of="2026-03-01")
    assert line in str(preview)
    assert (preview.members, preview.non_members, preview.unknown) == (0, 1, 1)  # Ribe is not Odense, whatever the tier
    later = store.contacts.verdicts(tier == "gold", as_of="2026-03-01", hindsight=True)
    assert (later.members, later.non_members, later.unknown, later.not_collected) == (1, 0, 1, ())
    assert store.contacts.verdicts(tier == "gold", as_of="2026-06-01").not_collected == ()


def test_a_segment_inside_a_segment_is_not_collected_either(store, clock):
    """The row names what a mentioned segment reads."""
    add(store, mim.Contact(city="Odense"))
    add(store, mim.Segment(key="gold", rule=ODENSE), mim.Segment(key="all", rule=InSegment(segment="gold")))
    clock.move_to("2026-06-01T11:00Z")
    store.attributes.declare(tier := mim.attribute("tier", kind="text"))
    then = store.as_of("2026-03-01")
    assert then.contacts.verdicts(InSegment(segment="all")).not_collected == ()
    verdicts = then.contacts.verdicts(InSegment(segment="all") & (tier == "a"))
    assert (verdicts.unknown, verdicts.not_collected) == (1, ("not collected then: tier, declared 1 June 2026",))


def test_clocks_that_disagree_do_not_disturb_the_past(store, ana, clock):
    """A writer whose clock is behind records version 5 before version 4: each counts from its own recorded time."""
    clock.move_to("2026-04-10T12:00Z")
    change(store, ana.id, city="Skagen", owner="ole")
    clock.move_to("2026-04-10T11:00Z")
    change(store, ana.id, city="Vejle")
    clock.move_to("2026-04-11T11:00Z")
    then = store.as_of("2026-04-10T11:30Z").contacts.get(ana)
    assert (then.demographic.city, then.owner) == ("Vejle", None)
    assert store.as_of("2026-04-10T12:30Z").contacts.get(ana).owner == "ole"


def test_the_past_outlives_further_writing(store, ana, clock):
    """What was recalled stays as it is while the present goes on, and ends with its own close only."""
    then = store.as_of("2026-03-10")
    change(store, ana.id, city="Skagen")
    assert then.contacts.get(ana).demographic.city == "Aarhus"
    with then.read() as work:
        assert len(work.history(ana.id)) == 2
    then.close()
    assert store.contacts.get(ana).demographic.city == "Skagen"
