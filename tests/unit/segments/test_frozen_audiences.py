"""Audiences that are kept: what was frozen, what may still be handed over, and what both add up to."""

from __future__ import annotations

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stores import SECRET, added, everywhere

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.audience import Fate
from mimcore.domain.consent import Reason
from mimcore.errors import (
    CaptureError,
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    StoreError,
    UnknownFieldError,
)
from mimcore.identity.duplicates import DuplicatePair

__all__ = ["everywhere"]

NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {**NEWS, "method": "form", "notice": "v3"}
HALVES = {"test": 0.5, "control": 0.5}


def rows(path):
    """Read a CSV file."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def crowd(store, number=12, *, consent=True):
    """People with one address each, who consented."""
    with store.begin() as work:
        people = work.add(
            *(mim.Contact(name=f"Ana Berg{n}", emails=[f"p{n}@acme.dk"], country="DK") for n in range(number))
        )
        for one in people if consent else ():
            work.grant(one.primary_email, **FORM)
    return people


def fates(audience):
    """What became of each, by id."""
    return {one.contact_id: one.fate for one in audience.members()}


def steps(audience):
    """Lost at each step, by its first word."""
    return {step.label: step.lost for step in audience.waterfall}


def merged(store, survivor, other):
    """Merge one contact into another."""
    pair = DuplicatePair(survivor, other, 1.0, ())
    return store.duplicates.plan(pair).apply()


# --- freezing ---


def test_everybody_has_one_fate(everywhere, clock):
    """One person for each step: every one leaves where it should, and the waterfall adds up."""
    store = everywhere
    people = crowd(store, 9)
    plain, press, capped, withdrawn, suppressed, bounced, silent, stale, _ = people
    with store.begin() as work:
        nobody, old = work.add(
            mim.Contact(country="DK"),
            mim.Contact(country="DK", emails=["old@acme.dk"]),
        )
        work.grant(old.primary_email, **FORM)
        work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"), mim.Segment(key="press"))
        work.put_on("press", press, nobody)
        work.withdraw(withdrawn.primary_email, **NEWS)
        work.suppress(suppressed.primary_email)
        work.refute(bounced.primary_email, by="hard_bounce")
        work.record("mailing_sent", contact=capped, at=clock() - timedelta(days=2), channel="email")
        (never,) = work.add(mim.Contact(country="DK", emails=["never@acme.dk"]))
    del silent, stale
    audience = store.audiences.freeze(
        "spring", "danes", **NEWS, exclude=["press"], caps=[mim.FrequencyCap(1, days=7)], least_freshness=0.1
    )
    found = fates(audience)
    assert found[plain.id] is Fate.CHOSEN
    assert {found[one.id] for one in (press, nobody)} == {Fate.EXCLUDED}
    assert (found[capped.id], found[withdrawn.id], found[suppressed.id]) == (
        Fate.CAPPED, Fate.WITHDRAWN, Fate.SUPPRESSED,
    )  # fmt: skip
    assert (found[bounced.id], found[never.id]) == (Fate.UNDELIVERABLE, Fate.NO_CONSENT)
    assert [step.left for step in audience.waterfall] == [12, 10, 10, 9, 8, 7, 6, 6, 5, 5]
    assert (audience.waterfall[-1].left, len(audience), audience.groups) == (5, 5, {"all": 5})
    reasons = {one.because for one in audience.members()}
    assert reasons == {"", "press", "at most 1 in 7 days"}


def test_a_member_tells_by_which_consent(store):
    """The act that decided, the point that was allowed; nothing personal, in whatever form it is shown."""
    (person,) = crowd(store, 1)
    with store.begin() as work:
        second = work.grant(person.primary_email, **FORM)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS)
    (member,) = audience.members()
    assert (member.consent_id, member.point_id) == (second.id, person.primary_email.id)
    shown = f"{audience} {audience!r} {audience._repr_html_()} {member} {audience.rows(['given_name'])!r}"
    assert "acme.dk" not in shown
    assert "Berg" not in shown
    assert (audience.terms.segment, audience.terms.rule, audience.actor) == ("", mim.everyone(), "tester")


def test_what_is_frozen_stays(everywhere, clock):
    """The same request returns it whatever has changed; another one is refused; nothing is told twice."""
    store = everywhere
    people = crowd(store, 6)
    with store.begin() as work:
        (segment,) = work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
    asked = {**NEWS, "split": HALVES, "salt": "s", "caps": [mim.FrequencyCap(3, days=7)], "fallbacks": {"city": "x"}}
    first = store.audiences.freeze("spring", "danes", **asked)
    clock.advance(days=3)
    with store.begin() as work:
        work.withdraw(people[0].primary_email, **NEWS)
        work.change(people[1], country="SE")
        segment = work.change(segment, name="Danes")
    again = store.audiences.freeze("spring", segment, **asked)
    assert again == first == store.audiences.get("spring")
    assert again.members() == first.members()
    assert (again.at, again.terms.segment_version) == (first.at, 1)
    told = [one.event.kind for one in store.events.pending() if one.event.entity == "audience"]
    assert told == ["audience_frozen"]
    others = [
        {**asked, "channel": "sms"}, {**asked, "split": {"control": 0.5, "test": 0.5}}, {**asked, "salt": "t"},
        {**asked, "least_freshness": 0.5}, {**asked, "caps": []}, {**asked, "exclude": ["danes"]},
        {**asked, "fallbacks": {}}, {**asked, "hold_out": []}, {**asked, "campaign": "c"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(DuplicateKeyError, match="'spring' already, frozen 2026-05-01 10:00 UTC"):
            store.audiences.freeze("spring", "danes", **other)
    with store.begin() as work:
        work.change(segment, rule=f.contact.country == "SE")
    with pytest.raises(DuplicateKeyError):
        store.audiences.freeze("spring", "danes", **asked)
    assert [one.key for one in store.audiences.all()] == ["spring"]


def test_another_process_reads_the_same(tmp_path, clock):
    """Written by one store, read by another over the same file."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with mim.connect(url, actor="tester", clock=clock, secret=SECRET) as store:
        crowd(store, 8)
        rule = f.contact.country == "DK"
        caps = [mim.FrequencyCap(2, days=0.5, channels=["sms", "email"], kinds=["call", "mailing_sent"])]
        frozen = store.audiences.freeze("a", rule, **NEWS, split=HALVES, exclude=[~rule], caps=caps, salt="ø")
        members, shown = frozen.members(), str(frozen)
    with mim.connect(url, actor="other", clock=clock, secret=SECRET) as store:
        read = store.audiences.get("a")
        assert (read.members(), str(read), read.terms) == (members, shown, frozen.terms)
        assert read == frozen


def test_two_at_once_freeze_once(everywhere):
    """Whoever comes second gets what the first one stored; there is one event."""
    crowd(everywhere, 5)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(everywhere.audiences.freeze, "a", mim.everyone(), **NEWS, split=HALVES) for _ in range(4)]
        found = [one.result() for one in asked]
    assert {one.id for one in found} == {everywhere.audiences.get("a").id}
    assert [one.event.kind for one in everywhere.events.pending() if one.event.entity == "audience"] == [
        "audience_frozen"
    ]


def test_segments_by_hand_and_lists(store):
    """Who was included or excluded by hand is; a list without a rule can be frozen and read."""
    one, two, three = crowd(store, 3)
    with store.begin() as work:
        work.add(mim.Segment(key="swedes", rule=f.contact.country == "SE"), mim.Segment(key="list"))
        work.put_on("list", one, two)
    store.segments.include("swedes", one, three, reason="asked")
    assert set(fates(store.audiences.freeze("a", "swedes", **NEWS))) == {one.id, three.id}
    assert set(fates(store.audiences.freeze("b", "list", **NEWS))) == {one.id, two.id}
    assert (store.audiences.get("b").terms.rule_hash, len(store.audiences.get("a"))) == ("", 2)


def test_who_is_excluded(store):
    """Segments, rules, and whole audiences, held out or not; undecidable people are not excluded."""
    one, two, three, four = crowd(store, 4)
    with store.begin() as work:
        work.change(one, city="Odense")
        work.add(mim.Segment(key="press"))
        work.put_on("press", two)
    wave = store.audiences.freeze("wave", "press", **NEWS)
    rule = f.contact.city == "Odense"
    found = store.audiences.freeze("a", mim.everyone(), **NEWS, exclude=["press", rule])
    assert {key for key, fate in fates(found).items() if fate is Fate.CHOSEN} == {three.id, four.id}
    found = store.audiences.freeze("b", mim.everyone(), **NEWS, exclude=rule, exclude_audiences=wave)
    assert {key for key, fate in fates(found).items() if fate is Fate.EXCLUDED} == {one.id, two.id}
    halves = store.audiences.freeze("c", mim.everyone(), **NEWS, split=HALVES, salt="c")
    assert min(halves.groups.values()) > 0
    assert len(store.audiences.freeze("d", mim.everyone(), **NEWS, exclude_audiences=["c"])) == 0


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"channel": "post"}, InvalidValueError, "use one of email, sms, phone"),
        ({"channel": "emial"}, InvalidValueError, "did you mean 'email'"),
        ({"purpose": "newsleter"}, InvalidValueError, "did you mean 'newsletter'"),
        ({"least_freshness": 1.1}, InvalidValueError, "between 0 and 1"),
        ({"split": {"a": 0.4, "b": 0.4}}, InvalidValueError, "add up to 1"),
        ({"salt": ""}, InvalidValueError, "salt: is empty"),
        ({"exclude": ["pres"]}, NotFoundError, "no segment 'pres'"),
        ({"exclude_audiences": ["winter"]}, NotFoundError, "no audience 'winter'"),
        ({"campaign": "Spring Sale"}, InvalidValueError, "campaign: is not a key"),
    ],
)
def test_what_cannot_be_asked_for(store, asked, error, words):
    """Field, reason and remedy; nothing is stored."""
    with pytest.raises(error, match=words):
        store.audiences.freeze("a", mim.everyone(), **{**NEWS, **asked})
    with pytest.raises(InvalidValueError, match="is not a key"):
        store.audiences.freeze("Spring Sale", mim.everyone(), **NEWS)
    with pytest.raises(NotFoundError, match="no segment 'nobody'"):
        store.audiences.freeze("a", "nobody", **NEWS)
    with pytest.raises(NotFoundError, match="no audience 'a'"):
        store.audiences.get("a")
    assert store.audiences.all() == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"most": 0, "days": 7}, "1 or more"),
        ({"most": 1.5, "days": 7}, "1 or more"),
        ({"most": True, "days": 7}, "1 or more"),
        ({"most": 1, "days": 0}, "more than 0"),
        ({"most": 1, "days": float("inf")}, "more than 0"),
        ({"most": 1, "days": 7, "channels": ["letter"]}, "is not a channel"),
        ({"most": 1, "days": 7, "kinds": "mailing_sent"}, "no list of kinds"),
    ],
)
def test_what_is_no_cap(given, words):
    """Refused when it is made."""
    with pytest.raises(InvalidValueError, match=words):
        mim.FrequencyCap(**given)


# --- handing over ---


def test_an_export_asks_again(everywhere, clock, tmp_path):
    """Whoever withdrew, was suppressed or archived since is not in the file; the report and the log say how many."""
    store = everywhere
    people = crowd(store, 10)
    audience = store.audiences.freeze("spring", mim.everyone(), **NEWS)
    first = audience.export(tmp_path / "a.csv")
    assert (len(first), dict(first.removed), str(first)) == (10, {}, "a.csv: 10 handed over")
    clock.advance(days=1)
    with store.begin() as work:
        work.withdraw(people[0].primary_email, **NEWS)
        work.suppress("p1@acme.dk")
        work.suppress("p2@acme.dk", channel="sms")
        work.remove(people[3])
        work.change(people[4], country="SE", emails=[])
    then = audience.export(tmp_path / "b.csv", for_="machine")
    gone = {"withdrawn": 1, "suppressed": 1, "not_active": 1, "no_address": 1}
    assert dict(then.removed) == gone
    assert then.done.rows + sum(gone.values()) + then.done.merged == len(audience)
    kept = {row["contact_id"] for row in rows(tmp_path / "b.csv")}
    assert kept == {str(people[at].id) for at in (2, 5, 6, 7, 8, 9)}
    assert "4 removed since: 1 no address, 1 not active, 1 suppressed, 1 withdrawn" in str(then)
    assert [one.rows for one in audience.hand_overs()] == [10, 6]
    assert fates(audience) == {one.id: Fate.CHOSEN for one in people}
    clock.advance(days=1)
    with store.begin() as work:
        work.grant(people[0].primary_email, **FORM, evidence={"form": "7"})
    assert len(audience.export(tmp_path / "c.csv")) == 7


def test_another_address_takes_over(store, tmp_path):
    """The frozen point while it may be used, whatever stands before it; then another one that may."""
    person = added(store, mim.Contact(emails=["a@acme.dk", "b@acme.dk"]))
    with store.begin() as work:
        work.grant(person.emails[1], **FORM)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS)
    with store.begin() as work:
        work.grant(person.emails[0], **FORM)
    assert [one.address for one in audience.rows()] == ["b@acme.dk"]
    with store.begin() as work:
        work.withdraw(person.emails[1], **NEWS)
    assert [one.address for one in audience.rows()] == ["a@acme.dk"]


def test_the_control_group_is_never_handed_over(store, tmp_path):
    """Its people are in no file, and asking for it is refused before one is begun."""
    crowd(store, 20)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS, split=HALVES, salt="a")
    out = audience.export(tmp_path / "a.csv")
    assert {row["contact_id"] for row in rows(out)} == set(map(str, audience.group("test")))
    assert {row["group"] for row in rows(out)} == {"test"}
    assert audience.groups == {"test": len(audience.group("test")), "control": len(audience.group("control"))}
    assert Counter(fates(audience).values()) == {Fate.CHOSEN: len(out), Fate.HELD_OUT: 20 - len(out)}
    for groups, words in ((["control"], "held out"), (["contrl"], "use one of test, control")):
        with pytest.raises(InvalidValueError, match=words):
            audience.export(tmp_path / "b.csv", groups=groups)
        with pytest.raises(InvalidValueError, match=words):
            audience.rows(groups=groups)
    with pytest.raises(InvalidValueError, match="use one of"):
        audience.group("contrl")
    assert not (tmp_path / "b.csv").exists()


def test_a_file_that_cannot_be_written_is_no_hand_over(store, tmp_path):
    """Nothing is noted; nothing counts for caps."""
    crowd(store, 2)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS)
    with pytest.raises(CaptureError):
        audience.export(tmp_path / "no such folder" / "a.csv")
    for name, error in (("ctiy", UnknownFieldError), ("beliefs", InvalidValueError)):
        with pytest.raises(error):
            audience.export(tmp_path / "a.csv", fields=[name])
    with pytest.raises(InvalidValueError):
        audience.export(tmp_path / "a.doc")
    assert audience.hand_overs() == ()
    assert [one.event.kind for one in store.events.pending() if one.event.entity == "audience"] == ["audience_frozen"]


# --- merges ---


def test_merged_people_count_once(everywhere, tmp_path):
    """Both frozen in one group: one row, and one merged; taken back, two again."""
    store = everywhere
    one, two, _ = crowd(store, 3)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS)
    before = audience.members()
    merge = merged(store, one, two)
    out = audience.export(tmp_path / "a.csv")
    assert (len(out), out.done.merged, out.done.mixed, dict(out.removed)) == (2, 1, 0, {})
    assert audience.members() == before
    assert str(out).splitlines()[1:] == ["1 merged into others since"]
    store.merges.undo(merge.id)
    assert len(audience.export(tmp_path / "b.csv")) == 3


def test_a_survivor_keeps_its_own_group(store):
    """Or that of the merged record with the lowest id; who was frozen in two groups is told as mixed."""
    people = {one.id: one for one in crowd(store, 30)}
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS, split=HALVES, salt="a", hold_out=[])
    test, control = audience.group("test"), audience.group("control")
    assert control[0].int < test[-1].int
    merged(store, people[test[-1]], people[control[0]])
    assert (audience.group("test"), audience.group("control")) == (test, control[1:])
    assert audience.mixed() == (test[-1],)
    new = added(store, mim.Contact(name="Eva Dam"))
    first, second = sorted((test[0], control[1]), key=lambda one: one.int)
    merged(store, new, people[second])
    merged(store, store.contacts.get(new), people[first])
    assert new.id in audience.group("test" if first == test[0] else "control")
    assert set(audience.mixed()) == {test[-1], new.id}
    done = audience.handed_over()
    assert (len(done), done.done.merged, done.done.mixed) == (28, 2, 2)
    assert "2 with records that were frozen in different groups" in str(done)
    again = store.audiences.freeze("b", mim.everyone(), **NEWS, split=HALVES, salt="a", hold_out=[])
    assert set(again.group("test")) - {new.id} == set(test[1:])


def test_a_merge_brings_no_excluded_person_back(store, tmp_path):
    """Who was left out by decision as one record is not handed over as another."""
    one, two, three = crowd(store, 3)
    with store.begin() as work:
        work.add(mim.Segment(key="press"))
        work.put_on("press", two)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS, exclude="press")
    merged(store, one, two)
    out = audience.export(tmp_path / "a.csv")
    assert (len(out), dict(out.removed)) == (1, {"excluded": 1})
    assert rows(out)[0]["contact_id"] == str(three.id)


def test_people_who_are_gone_are_told(store, tmp_path):
    """A contact that is not stored any more: the frozen line stays, and the report says that one is missing."""
    (one,) = crowd(store, 1)
    two = added(store, mim.Contact(country="DK"))
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS)
    before = audience.members()
    with store.begin() as work:
        work.transaction.contacts.remove([one.id, two.id])
    out = audience.export(tmp_path / "a.csv")
    assert (len(out), dict(out.removed), audience.members()) == (0, {"not_active": 1}, before)


def test_every_reason_of_the_gate_is_a_fate():
    """In the order of the gate, between who was excluded and who is capped."""
    assert [one.value for one in Fate] == [
        "excluded", *(one.value for one in Reason), "capped", "held_out", "chosen",
    ]  # fmt: skip


# --- caps ---


def sent(store, person, at, **details):
    """Record a send."""
    with store.begin() as work:
        work.record("mailing_sent", contact=person, at=at, **details)


def test_sends_count_within_the_window(everywhere, clock):
    """Both ends of the window, the channel, a send without one, another kind: counted by hand."""
    store = everywhere
    people = crowd(store, 7)
    day = timedelta(days=1)
    sent(store, people[0], clock() - 7 * day, channel="email")
    sent(store, people[1], clock() - 7 * day - timedelta(seconds=1), channel="email")
    sent(store, people[2], clock(), channel="email")
    sent(store, people[3], clock() - day, channel="sms")
    sent(store, people[4], clock() - day)
    with store.begin() as work:
        work.record("email_opened", contact=people[5], at=clock() - day, channel="email")
    freeze = store.audiences.freeze
    found = fates(freeze("a", mim.everyone(), **NEWS, caps=[mim.FrequencyCap(1, days=7)]))
    assert {at for at in range(7) if found[people[at].id] is Fate.CAPPED} == {0, 2, 4}
    found = fates(freeze("b", mim.everyone(), **NEWS, caps=[mim.FrequencyCap(1, days=7, channels=["email", "sms"])]))
    assert {at for at in range(7) if found[people[at].id] is Fate.CAPPED} == {0, 2, 3, 4}
    found = fates(freeze("c", mim.everyone(), **NEWS, caps=[mim.FrequencyCap(1, days=7, kinds=["email_opened"])]))
    assert {at for at in range(7) if found[people[at].id] is Fate.CAPPED} == {5}
    sent(store, people[0], clock() - day, channel="email")
    found = fates(
        freeze("d", mim.everyone(), **NEWS, caps=[mim.FrequencyCap(2, days=7), mim.FrequencyCap(1, days=0.1)])
    )
    assert {at for at in range(7) if found[people[at].id] is Fate.CAPPED} == {0, 2}


def test_hand_overs_count_until_the_send_is_recorded(store, clock, tmp_path):
    """Frozen alone counts for nothing; handed over counts once; with the recorded send still once."""
    people = crowd(store, 3)
    caps = [mim.FrequencyCap(2, days=7)]

    def late(key):
        found = fates(store.audiences.freeze(key, mim.everyone(), **NEWS, caps=caps))
        return {at for at in range(3) if found[people[at].id] is Fate.CAPPED}

    wave = store.audiences.freeze("wave", mim.everyone(), **NEWS, campaign="spring")
    sent(store, people[0], clock(), channel="email")
    assert late("a") == set()
    clock.advance(hours=1)
    wave.export(tmp_path / "a.csv")
    wave.export(tmp_path / "b.csv")
    assert late("b") == {0}
    clock.advance(hours=1)
    for one in people[1:]:
        sent(store, one, clock(), channel="email", campaign="spring")
    assert late("c") == {0}
    sent(store, people[2], clock(), channel="email", campaign="other")
    assert late("d") == {0, 2}
    clock.advance(days=7, hours=-1)
    assert late("e") == {2}
    clock.advance(hours=2)
    assert late("f") == set()


def test_an_export_asks_the_caps_again(store, clock, tmp_path):
    """Another audience that was handed over in between counts, its own hand-overs and sends do not."""
    people = crowd(store, 4)
    caps = [mim.FrequencyCap(1, days=7)]
    one = store.audiences.freeze("one", mim.everyone(), **NEWS, caps=caps)
    with store.begin() as work:
        work.add(mim.Segment(key="two"))
        work.put_on("two", *people[:2])
    two = store.audiences.freeze("two", "two", **NEWS, caps=caps)
    clock.advance(hours=1)
    assert len(two.export(tmp_path / "two.csv")) == 2
    out = one.export(tmp_path / "one.csv")
    assert (len(out), dict(out.removed)) == (2, {"capped": 2})
    sent(store, people[2], clock(), channel="email", campaign="one")
    assert dict(one.export(tmp_path / "again.csv").removed) == {"capped": 2}
    assert len(two.export(tmp_path / "two.csv")) == 0


def test_only_the_groups_that_were_handed_over_count(store, clock):
    """The control group was not contacted; nor was a group that was left for later; merged people were."""
    crowd(store, 40)
    split = {"a": 0.4, "b": 0.4, "control": 0.2}
    wave = store.audiences.freeze("wave", mim.everyone(), **NEWS, split=split, salt="w")
    wave.handed_over(groups=["b"])
    clock.advance(hours=1)
    survivor = added(store, mim.Contact(name="Eva Dam"))
    merged(store, survivor, store.contacts.get(wave.group("b")[0]))
    found = fates(store.audiences.freeze("next", mim.everyone(), **NEWS, caps=mim.FrequencyCap(1, days=7)))
    assert {one for one, fate in found.items() if fate is Fate.CAPPED} == set(wave.group("b"))
    assert survivor.id in wave.group("b")


# --- overlap, printing, the outbox, the past ---


def test_overlap_by_book_keeping(everywhere):
    """The table is what counting person by person gives, merged records once."""
    store = everywhere
    people = crowd(store, 30)
    with store.begin() as work:
        work.add(mim.Segment(key="some"))
        work.put_on("some", *people[:20])
    one = store.audiences.freeze("one", "some", **NEWS, split=HALVES, salt="one")
    two = store.audiences.freeze("two", mim.everyone(), **NEWS, split={"x": 0.3, "y": 0.7}, salt="two")
    merged(store, people[0], people[25])
    found = store.audiences.overlap(one, "two")
    groups = [{who: name for name in each.groups for who in each.group(name)} for each in (one, two)]
    counted = Counter((groups[0].get(who), groups[1].get(who)) for who in {*groups[0], *groups[1]})
    assert dict(found.counts) == dict(counted)
    assert (found.shared, found[None, "x"] + found[None, "y"], sum(found.counts.values())) == (20, 9, 29)
    back = store.audiences.overlap("two", "one")
    assert {(b, a): number for (a, b), number in back.counts.items()} == dict(found.counts)
    assert "not in two" in str(found)
    with pytest.raises(NotFoundError):
        store.audiences.overlap("one", "three")


def test_rows_tell_source_and_age(store, clock, tmp_path):
    """Of what is printed and of what gave way to the fallback, with the reason; the share is that of the file."""
    old, new = clock() - timedelta(days=5000), clock() - timedelta(days=3)
    for name, seen, city in (("Bo Holm", old, "Ribe"), ("Ida Friis", new, "Vejle"), ("Eva Dam", mim.UNDATED, "Aars")):
        person = added(
            store,
            mim.Contact(name=name, emails=[f"{city.lower()}@acme.dk"], city=city),
            observed_at=seen,
            source="fair",
        )
        with store.begin() as work:
            work.grant(person.primary_email, **FORM)
    with store.begin() as work:
        (person,) = work.add(mim.Contact(emails=["x@acme.dk"]))
        work.grant(person.primary_email, **FORM)
    audience = store.audiences.freeze("a", mim.everyone(), **NEWS, fallbacks={"city": "your town"})
    told = [one.values["city"] for one in audience.rows(["city"])]
    assert [(one.text, one.doubt, one.source, one.age_days(clock())) for one in told] == [
        ("your town", "stale", "fair", 5000),
        ("Vejle", None, "fair", 3),
        ("your town", "undated", "fair", None),
        ("your town", "missing", "", None),
    ]
    assert [one.is_fallback for one in told] == [True, False, True, True]
    assert 0 < told[0].freshness < 0.5 < told[1].freshness
    assert "Vejle" not in repr(told)
    assert audience.fallback_share(["city", "salutation"]) == {"city": 0.75, "salutation": 0.5}
    assert audience.fallback_table(["city"]).rows[0][:5] == ("city", 1, 1, 1, 1)
    assert audience.fallback_table(["city"]).rows[0][5].endswith("%")
    out = audience.export(tmp_path / "a.csv", fields=["city"], provenance=True)
    assert [tuple(row.values())[1:] for row in rows(out)] == [
        ("ribe@acme.dk", "your town", "fair", f"{old:%Y-%m-%d}", "stale"),
        ("vejle@acme.dk", "Vejle", "fair", f"{new:%Y-%m-%d}", ""),
        ("aars@acme.dk", "your town", "fair", "", "undated"),
        ("x@acme.dk", "your town", "", "", "missing"),
    ]
    assert audience.rows(["city"], fallbacks={"city": "home"})[0].values["city"].text == "home"
    plain = store.audience(mim.everyone(), **NEWS, fallbacks={"city": "your town"})
    assert rows(plain.export(tmp_path / "b.csv", fields=["city"], provenance=True)) == rows(out)
    assert str(plain.fallback_table(["city"])) == str(audience.fallback_table(["city"]))


def test_one_event_until_it_is_delivered(everywhere, clock, tmp_path):
    """It comes again until it is done, before the hand-over; counts and no personal data."""
    store = everywhere
    crowd(store, 5)
    audience = store.audiences.freeze("spring", mim.everyone(), **NEWS, split=HALVES, salt="s", campaign="sale")
    out = audience.export(tmp_path / "a.csv")
    store.events.done([one for one in store.events.pending() if one.event.entity != "audience"])
    for _ in range(2):
        assert [one.event.kind for one in store.events.claim(seconds=60)] == ["audience_frozen", "audience_handed_over"]
        assert store.events.claim() == ()
        clock.advance(minutes=2)
    frozen, handed = (one.event for one in store.events.pending())
    assert frozen.data["counts"] == {"chosen": len(audience), "held_out": 5 - len(audience)}
    assert (frozen.data["members"], frozen.data["groups"]) == (5, audience.groups)
    assert (frozen.entity_id, frozen.data["key"], frozen.data["campaign"]) == (audience.id, "spring", "sale")
    assert (handed.data["rows"], handed.data["groups"]) == (len(out), ["test"])
    assert "acme.dk" not in f"{frozen.data} {handed.data}"
    store.events.done(store.events.pending())
    assert store.events.claim() == ()


def test_a_refresh_is_not_troubled_by_audiences(store):
    """Their events concern no membership."""
    crowd(store, 3)
    with store.begin() as work:
        work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
    store.segments.refresh()
    store.audiences.freeze("a", "danes", **NEWS).handed_over()
    assert store.segments.refresh().asked == 0


def test_the_past_knows_the_audiences_of_then(store, clock):
    """An audience that was frozen later is not there; the past hands nothing over."""
    people = crowd(store, 4)
    store.audiences.freeze("early", mim.everyone(), **NEWS)
    clock.advance(days=1)
    then = clock()
    clock.advance(days=1)
    store.audiences.freeze("late", mim.everyone(), **NEWS)
    with store.begin() as work:
        work.withdraw(people[0].primary_email, **NEWS)
    past = store.as_of(then)
    assert [one.key for one in past.audiences.all()] == ["early"]
    assert (len(past.audiences.get("early").rows()), len(store.audiences.get("early").rows())) == (4, 3)
    assert past.audiences.get("early").members() == store.audiences.get("early").members()
    with pytest.raises(NotFoundError):
        past.audiences.get("late")
    with pytest.raises(StoreError):
        past.audiences.get("early").handed_over()
