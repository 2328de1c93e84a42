"""Merging on both stores: field by field, with consent, events and lists; and taking it back to the last byte."""

from __future__ import annotations

import pytest
from tests.stores import added, states

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.versions.changes import flatten
from mimcore.errors import ConflictError, NotFoundError, StaleVersionError, TransitionError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.values.identifiers import new_id

NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {**NEWS, "method": "form", "notice": "v3"}


def merge(store, one, two):
    """Merge the second contact into the first."""
    return store.duplicates.plan(DuplicatePair(one.id, two.id, 0.99, ("the same e-mail address", "names same"))).apply()


def snapshot(store, *contacts):
    """Return everything stored about contacts: values, states, events, lists, links."""
    ids = [one.id for one in contacts]
    with store.read() as work:
        stored = work.contacts.get_all(ids)
        events, lists = work.transaction.interactions.of(ids), work.transaction.segments.lists_of(ids)
        leads = [tuple(work.transaction.leads.of_contact(one)) for one in ids]
    return [
        (flatten(one), found, [event.id for event in events.get(one.id, [])], lists.get(one.id, frozenset()), own)
        for one, found, own in zip(stored, states(store, *contacts), leads, strict=True)
    ]


OLD, NEW = "2026-01-01T10:00Z", "2026-03-01T10:00Z"


@pytest.fixture
def two(store):
    """An older record, seen in January, and a newer one, seen in March, which know different things."""
    store.attributes.declare(
        mim.attribute("tier"), *(mim.attribute(one, kind="integer") for one in ("points", "extra"))
    )
    acme, beta = added(store, mim.Account(name="Acme"), mim.Account(name="Beta"))
    ana = mim.Contact(
        name="Ana Berg", emails=["ana@acme.dk"], phones=["+4532123456"], city="Aarhus", interests=["tea"], tags=["a", "both"],
        account=acme, title="CTO", external_ids={"crm": "7"}, custom={"tier": "gold"}, preferred_channels=["sms", "email"],
    )  # fmt: skip
    copy = mim.Contact(
        name="Fru A. Berg", emails=["ANA@acme.dk", "ana@home.dk"], city="Odense", country="DK", interests=["bikes"], tags=["b", "both"],
        account=beta, external_ids={"crm": "8"}, custom={"tier": "silver", "points": 7}, notes="met twice", preferred_channels=["post"],
    )  # fmt: skip
    first, second = added(store, ana, observed_at=OLD), added(store, copy, observed_at=NEW)
    return store.contacts.get(first), store.contacts.get(second)


def test_the_golden_record_field_by_field(store, two):
    """Newest wins, custom values as well; empty never wins, nor an initial; lists unite, points and links are kept."""
    ana, copy = two
    golden = merge(store, ana, copy).contact
    assert (golden.id, golden.version, golden.status) == (ana.id, 2, "active")
    assert (golden.name.title, golden.name.given, golden.name.family) == ("mrs", "Ana", "Berg")
    assert (golden.demographic.city, golden.demographic.country, golden.employment.title) == ("Odense", "DK", "CTO")
    assert (golden.psychographic.interests, golden.tags) == (("bikes", "tea"), ("a", "b", "both"))
    assert [str(one) for one in golden.preferences.channels] == ["sms", "email", "post"]
    assert [one.value for one in golden.emails] == ["ana@acme.dk", "ana@home.dk"]
    assert [one.id for one in golden.emails] == [ana.emails[0].id, copy.emails[1].id]
    assert [one.is_primary for one in golden.accounts] == [True, False]
    assert [one.value for one in golden.external_ids] == ["7", "8"]
    assert dict(golden.custom) == {"tier": "silver", "points": 7}
    assert golden.notes == "met twice"
    merged = store.contacts.get(copy)
    assert (merged.status, merged.emails, merged.notes) == ("merged", (), "met twice")
    assert store.contacts.count() == 1


def test_the_plan_says_why_and_shows_no_values(store, two):
    """Field, record, rule; nothing is written by planning or printing."""
    before = snapshot(store, *two)
    plan = store.duplicates.plan(DuplicatePair(two[0].id, two[1].id, 0.99, ("names same",)))
    why = {one.field: (one.from_other, one.why) for one in plan.decided}
    assert why["contact.demographic.city"] == (True, "seen more recently")
    assert why["contact.demographic.country"] == (True, "only this record has a value")
    assert why["contact.tags"] == (True, "both lists, united")
    assert "contact.employment.title" not in why
    shown = f"{plan} {plan._repr_html_()} {plan!r}"
    assert not any(text in shown for text in ("Odense", "home.dk", "met twice", "Berg"))
    assert snapshot(store, *two) == before


@pytest.mark.parametrize(
    ("older", "newer", "given", "why"),
    [
        ("Ana Berg", "A. Berg", "Ana", "the same name, written out"),
        ("A. Berg", "Ana Berg", "Ana", "the same name, written out"),
        ("A Berg", "Ana Berg", "Ana", "the same name, written out"),
        ("Åse Berg", "å Berg", "Åse", "the same name, written out"),
        ("Ana Berg", "Anna Berg", "Anna", "seen more recently"),
        ("Ana Berg", "B. Berg", "B.", "seen more recently"),
        ("A. Berg", "B. Berg", "B.", "seen more recently"),
        ("Ana Berg", "An Berg", "An", "seen more recently"),
    ],
)
def test_an_initial_is_no_news(store, older, newer, given, why):
    """Whichever came later, the name that is written out stands; another name that is newer does."""
    one = added(store, mim.Contact(name=older), observed_at=OLD)
    two = added(store, mim.Contact(name=newer), observed_at=NEW)
    plan = store.duplicates.plan(DuplicatePair(one.id, two.id, 0.99, ("by hand",)))
    assert [one.why for one in plan.decided if one.field == "contact.name.given"] == [why]
    merge = plan.apply()
    assert merge.contact.name.given == given
    undone = store.merges.undo(merge.id)
    assert (undone.survivor.name, undone.other.name) == (one.name, two.name)


def test_ties_stay_with_the_survivor_and_confirmations_count_as_seen(store):
    """Equal times: the survivor's. A value confirmed later than the other was seen wins. Undated loses against dated."""
    one = added(store, mim.Contact(city="Aarhus", owner="x", notes="a"), observed_at=NEW)
    two = added(store, mim.Contact(city="Odense", owner="y", notes="b"), observed_at=NEW)
    three = added(store, mim.Contact(city="Ribe", owner="z"), observed_at=mim.UNDATED)
    with store.begin() as work:
        work.confirm(two, f.contact.owner, by="owner")
    golden = merge(store, one, two).contact
    assert (golden.demographic.city, golden.owner, golden.notes) == ("Aarhus", "y", "a")
    assert merge(store, golden, three).contact.demographic.city == "Aarhus"
    assert (
        merge(
            store,
            added(store, mim.Contact(city="Vejle"), observed_at=mim.UNDATED),
            added(store, mim.Contact(city="Ribe")),
        ).contact.demographic.city
        == "Ribe"
    )


def test_an_age_band_goes_with_its_day(store):
    """The day of the band comes from the record that the band comes from."""
    one = added(store, mim.Contact(age_band_on="2020-01-01"), observed_at=NEW)
    two = added(store, mim.Contact(age_band="25-34", age_band_on="2015-01-01"), observed_at=OLD)
    golden = merge(store, one, two).contact
    assert (golden.demographic.age_band, str(golden.demographic.age_band_on)) == ("25-34", "2015-01-01")


def test_values_keep_their_age_and_source(store, two):
    """A merge is no observation: every value of the golden record has the state it had where it came from."""
    ana, copy = two
    old, new = ({(one.attribute, one.subject_id): one for one in found} for found in states(store, ana, copy))
    golden = merge(store, ana, copy).contact
    (found,) = states(store, golden)
    for one in found:
        there = (
            new
            if one.attribute
            in {
                "contact.demographic.city",
                "contact.notes",
                "contact.custom.tier",
                "contact.custom.points",
                "contact.demographic.country",
                "contact.name.title",
            }
            or one.subject_id == copy.emails[1].id
            else old
        )
        known = there.get((one.attribute, one.subject_id)) or there[one.attribute, copy.id]
        assert (one.source, one.observed_at, one.p_ref, one.key) == (
            known.source,
            known.observed_at,
            known.p_ref,
            known.key,
        )
        assert one.contact_id == golden.id
    assert store.quality.report().whole.values == len(found)


def test_events_leads_and_lists_follow_and_return(store, two, clock):
    """Purchases of both count for the golden record; after undo each has its own, later ones stay where they were recorded."""
    ana, copy = two
    vips, quiet = added(store, mim.Segment(key="vips"), mim.Segment(key="do-not-disturb"))
    with store.begin() as work:
        mine = work.record("purchase", contact=ana, at="2026-03-01T10:00Z")
        theirs = work.record("purchase", contact=copy, at="2026-02-01T10:00Z")
        lead = work.add(mim.Lead(contact_id=copy, captured_at="2026-02-01T10:00Z", channel="email"))[0]
        work.put_on(vips, ana)
        work.put_on(quiet, copy)
    before = snapshot(store, ana, copy)
    done = merge(store, ana, copy)
    golden, merged = snapshot(store, ana, copy)
    assert (golden[2], golden[3], golden[4]) == ([theirs.id, mine.id], {"vips", "do-not-disturb"}, (lead,))
    assert (merged[2], merged[4]) == ([], ())
    assert store.contacts.count(f.contact.purchases.count() == 2) == 1
    assert store.contacts.count(f.contact.in_segment("do-not-disturb")) == 1
    store.merges.undo(done.id)
    assert snapshot(store, ana, copy) == before
    done = merge(store, ana, copy)
    with store.begin() as work:
        later = work.record("purchase", contact=ana, at=clock())
        under_the_old_id = work.record("purchase", contact=copy.id, at=clock())
    assert snapshot(store, ana)[0][2] == [theirs.id, mine.id, later.id, under_the_old_id.id]
    store.merges.undo(done.id)
    assert [one[2] for one in snapshot(store, ana, copy)] == [[mine.id, later.id], [theirs.id, under_the_old_id.id]]


def allowed(store):
    """Return every (identifier, channel, purpose) that may be used through an active contact."""
    found = set()
    with store.read() as work:
        for contact in work.contacts.all():
            for point in contact.points if contact.status == "active" else ():
                for channel in ("email", "sms"):
                    for purpose in ("newsletter", "offers"):
                        if work.can_contact(point, channel=channel, purpose=purpose):
                            found.add((work.gate.identifier(point), channel, purpose))
    return found


def test_consent_does_not_move(store, two, clock):
    """What may be used before is what may be used after merging and after undoing, a withdrawal included."""
    ana, copy = two
    with store.begin() as work:
        work.grant(ana.emails[0], **FORM)
        work.grant(copy.emails[1], **{**FORM, "purpose": "offers"})
    clock.advance(days=1)
    with store.begin() as work:
        work.withdraw(copy.emails[0], **NEWS)
    before = allowed(store)
    assert len(before) == 1
    done = merge(store, ana, copy)
    assert allowed(store) == before
    store.merges.undo(done.id)
    assert allowed(store) == before


@pytest.mark.parametrize(("one", "two", "golden"), [
    ("unverified", "bounced", "bounced"), ("bounced", "verified", "bounced"), ("verified", "unverified", "verified"), ("invalid", "bounced", "invalid"),
])  # fmt: skip
def test_an_address_of_both_is_as_doubtful_as_anywhere(store, one, two, golden):
    """A bounce that one record knows of is not forgotten by the golden record, and each has its own again after undo."""
    people = added(store, *(mim.Contact(emails=["a@acme.dk"]) for _ in (one, two)))
    with store.begin() as work:
        people = [work.change(p, emails=[p.emails[0].evolve(state=s)]) for p, s in zip(people, (one, two), strict=True)]
    before = snapshot(store, *people)
    done = merge(store, *people)
    assert done.contact.emails[0].state == golden
    store.merges.undo(done.id)
    assert snapshot(store, *people) == before


def test_an_address_in_use_anywhere_stays_in_use(store):
    """Retired here and active there: the golden record can still be reached."""
    one, two = added(store, mim.Contact(emails=["a@acme.dk", "b@acme.dk"]), mim.Contact(emails=["a@acme.dk"]))
    with store.begin() as work:
        one = work.change(one, emails=["b@acme.dk"])
    before = snapshot(store, one, two)
    done = merge(store, one, two)
    assert [(p.value, p.is_retired) for p in done.contact.emails] == [("b@acme.dk", False), ("a@acme.dk", False)]
    store.merges.undo(done.id)
    assert snapshot(store, one, two) == before


def test_undo_restores_every_byte(store, two):
    """Values, points, links, ids, states of both; versions count on, history tells of it, and nothing is unread."""
    before = snapshot(store, *two)
    done = merge(store, *two)
    undone = store.merges.undo(done.id)
    assert snapshot(store, *two) == before
    assert (undone.survivor, undone.other, undone.kept) == (store.contacts.get(two[0]), store.contacts.get(two[1]), ())
    assert undone.survivor.evolve(version=1) == two[0]
    with store.read() as work:
        assert [one.kind for one in work.history(two[0])] == ["created", "merged", "unmerged"]
        assert [one.action.value for one in work.transaction.merges.all()] == ["link", "unlink"]


def test_what_was_changed_since_stays(store, two):
    """A scalar that was edited keeps the edit and is reported; of an edited list only the merge's part goes."""
    ana, copy = two
    done = merge(store, ana, copy)
    with store.begin() as work:
        work.change(
            done.contact,
            city="Vejle",
            tags=["a", "b", "both", "new"],
            custom={"points": 8, "extra": 1},
            emails=["ana@home.dk", "ana@acme.dk", "new@acme.dk"],
        )
    undone = store.merges.undo(done.id)
    assert undone.kept == ("contact.custom.points", "contact.demographic.city")
    assert (undone.survivor.demographic.city, undone.survivor.tags) == ("Vejle", ("a", "both", "new"))
    assert [point.value for point in undone.survivor.emails] == ["ana@acme.dk", "new@acme.dk"]
    assert dict(undone.survivor.custom) == {"tier": "gold", "points": 8, "extra": 1}
    assert undone.survivor.demographic.country is None
    assert flatten(undone.other) == flatten(copy)


def test_an_edited_name_stays_whole(store):
    """A name of which a part was edited is not torn apart by undo."""
    one, two = added(store, mim.Contact(city="Ribe"), mim.Contact(name="Fru Ana Berg"))
    done = merge(store, one, two)
    with store.begin() as work:
        work.change(done.contact, name=done.contact.name.evolve(title="dr"))
    undone = store.merges.undo(done.id)
    assert (undone.survivor.name.title, undone.survivor.name.family) == ("dr", "Berg")
    assert "contact.name.title" in undone.kept
    assert undone.other.name == two.name


def test_a_switched_primary_account_survives_undo(store):
    """If the edited primary link was the merge's, another current one becomes primary: the record stays valid."""
    acme, beta = added(store, mim.Account(name="Acme"), mim.Account(name="Beta"))
    one, two = added(store, mim.Contact(account=acme), mim.Contact(account=beta))
    done = merge(store, one, two)
    with store.begin() as work:
        work.change(done.contact, account=beta)
    undone = store.merges.undo(done.id)
    assert undone.survivor.primary_account_id == acme.id
    assert undone.other.primary_account_id == beta.id


def test_what_was_learnt_about_an_address_since_is_kept(store, two):
    """A bounce after the merge stays with the address in both records, its evidence too."""
    ana, copy = two
    done = merge(store, ana, copy)
    with store.begin() as work:
        for point in done.contact.emails:
            learnt = work.refute(work.contacts.get(ana).emails[done.contact.emails.index(point)], by="hard_bounce")
    undone = store.merges.undo(done.id)
    assert [point.state.value for point in undone.survivor.emails] == ["bounced"]
    assert [point.state.value for point in undone.other.emails] == ["bounced", "bounced"]
    (moved,) = [one for one in states(store, copy)[0] if one.subject_id == copy.emails[1].id]
    assert (moved.p_ref, moved.contact_id) == (learnt.p_ref, copy.id)


def test_an_address_dropped_since_is_still_the_others(store, two):
    """Taking an address off the golden record, perhaps because it was not hers, does not take it from its owner."""
    ana, copy = two
    done = merge(store, ana, copy)
    with store.begin() as work:
        work.change(done.contact, emails=["ana@acme.dk"])
    undone = store.merges.undo(done.id)
    assert [point.value for point in undone.survivor.emails] == ["ana@acme.dk"]
    assert flatten(undone.other) == flatten(copy)


def test_merges_come_back_once_and_only_if_they_were_made(store, two):
    """Twice is a conflict, an unknown id is not found, and a merge can be made again."""
    done = merge(store, *two)
    store.merges.undo(done.id)
    with pytest.raises(ConflictError, match="taken back before"):
        store.merges.undo(done.id)
    with pytest.raises(NotFoundError):
        store.merges.undo(new_id())
    again = merge(store, *(store.contacts.get(one) for one in two))
    store.merges.undo(again.id)


def test_plans_grow_stale(store, two):
    """A record that changed since, or was merged, is not merged by an old plan; nothing is written."""
    pair = DuplicatePair(two[0].id, two[1].id, 0.99, ())
    plan = store.duplicates.plan(pair)
    with store.begin() as work:
        work.change(two[1], city="Ribe")
    with pytest.raises(StaleVersionError, match="plan it again"):
        plan.apply()
    done = store.duplicates.plan(pair).apply()
    with pytest.raises(ConflictError, match="no longer active"):
        store.duplicates.plan(pair)
    with pytest.raises(TransitionError, match="merged into another"), store.begin() as work:
        work.change(work.contacts.get(two[1].id), city="Vejle")
    assert done.contact.demographic.city == "Ribe"
    with pytest.raises(NotFoundError):
        store.duplicates.plan(DuplicatePair(two[0].id, new_id(), 0.9, ()))


# --- merges on merges ---


@pytest.fixture
def three(store):
    """A without a city, B with one, C with a newer one; each with something of its own."""
    a = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk"], tags=["a"]), observed_at=OLD)
    b = added(
        store, mim.Contact(emails=["b@acme.dk"], city="Aarhus", tags=["b"], owner="bo"), observed_at="2026-02-01T10:00Z"
    )
    c = added(store, mim.Contact(emails=["c@acme.dk"], city="Odense", tags=["c"], notes="n"), observed_at=NEW)
    with store.begin() as work:
        for one in (a, b, c):
            work.record("visit", contact=one, at=OLD)
    return a, b, c


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_merges_into_one_come_back_in_both_orders(store, three, order):
    """A←B, A←C: whichever is undone first, the other still holds, and in the end all three stand as before."""
    a, b, c = three
    before = snapshot(store, *three)
    merges = [merge(store, a, b)]
    merges.append(merge(store, merges[0].contact, c))
    assert merges[1].contact.demographic.city == "Odense"
    store.merges.undo(merges[order[0]].id)
    left = store.contacts.get(a)
    assert left.demographic.city == ("Odense" if order[0] == 0 else "Aarhus")
    assert left.tags == (("a", "c") if order[0] == 0 else ("a", "b"))
    assert left.owner == (None if order[0] == 0 else "bo")
    assert len(snapshot(store, a)[0][2]) == 2
    store.merges.undo(merges[order[1]].id)
    assert snapshot(store, *three) == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_golden_record_merged_into_another_comes_back_in_both_orders(store, three, order):
    """(A←B) then C←A: taking B out of A while A is inside C leaves C with what A alone brings."""
    a, b, c = three
    before = snapshot(store, *three)
    first = merge(store, a, b)
    second = merge(store, c, first.contact)
    assert second.contact.tags == ("a", "b", "c")
    assert len(snapshot(store, c)[0][2]) == 3
    merges = [first, second]
    store.merges.undo(merges[order[0]].id)
    if order[0] == 0:
        assert store.contacts.get(c).tags == ("a", "c")
        assert store.contacts.get(a).status == "merged"
        assert flatten(store.contacts.get(b)) == before[1][0]
    else:
        assert store.contacts.get(a).tags == ("a", "b")
    store.merges.undo(merges[order[1]].id)
    assert snapshot(store, *three) == before


def test_edits_on_top_survive_an_undo_below(store, three):
    """A city written by hand over both merges stays, and so does a tag that was taken off."""
    a, b, c = three
    first = merge(store, a, b)
    second = merge(store, first.contact, c)
    with store.begin() as work:
        work.change(second.contact, city="Vejle", observed_at="2025-01-01", tags=["a", "b"])
    store.merges.undo(first.id)
    golden = store.contacts.get(a)
    assert (golden.demographic.city, golden.tags, golden.notes, golden.owner) == ("Vejle", ("a",), "n", None)
    undone = store.merges.undo(second.id)
    assert undone.survivor.demographic.city == "Vejle"
    assert flatten(undone.other) == flatten(c)
